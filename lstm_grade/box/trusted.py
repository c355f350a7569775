"""Tests: they run here, in the grading process, and see a submission through proxies only."""

from __future__ import annotations

import ast
import builtins
import contextlib
import functools
import io
import json
import linecache
import math
import os
import re
import sys
import traceback
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from nbformat import NotebookNode, v4

from lstm_grade.box import seeds
from lstm_grade.box.outputs import bounded, clean, failure
from lstm_grade.box.rules import Rules
from lstm_grade.box.sitting import Sitting

HIDDEN = re.compile(
    r"^[ \t]*### BEGIN HIDDEN TESTS.*?(?:^[ \t]*### END HIDDEN TESTS[^\n]*|\Z)", re.M | re.S
)


class Tests:
    """The tests of a notebook: they share a namespace, as in a notebook."""

    def __init__(self, rules: Rules, secret: bytes | None, assignment: str, student: str) -> None:
        self.rules, self.secret, self.whose = rules, secret, (assignment, student)
        self.module = types.ModuleType("__main__")
        self.namespace = vars(self.module)
        self.namespace["__builtins__"] = builtins

    def run(self, name: str, sitting: Sitting) -> tuple[list[NotebookNode], Any]:
        """Run a test; return its outputs and the metadata that its exception carries."""
        source = self.rules.tests[name]
        for export in self.rules.exports:
            self.namespace.pop(export, None)
        self.namespace.update(sitting.exports())
        printed = Printed(min(self.rules.limits.output, max(sitting.room, 0)))
        outputs, metadata = [], None
        with (
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
            warnings.catch_warnings(),
            self.seeded(name),
        ):
            warnings.simplefilter("default")
            warnings.showwarning = show_warning
            try:
                value = self.execute(source, f"<{name}>")
                if value is not None:
                    data = {"text/plain": credit(value)}
                    outputs.append(v4.new_output("execute_result", data, execution_count=None))
            except (Exception, SystemExit) as error:
                metadata = as_json(getattr(error, "metadata", None))
                outputs.append(failure(type(error).__name__, str(error), told(error, name)))
            finally:
                sitting.end_test()
        if printed.getvalue():
            # nbgrader takes whatever is on stderr in a test for an error.
            outputs.insert(0, v4.new_output("stream", name="stdout", text=printed.getvalue()))
        # What a test says itself, the submission cannot crowd out.
        sitting.room -= bounded(outputs, self.rules.limits.output)
        return outputs, metadata

    def execute(self, source: str, name: str) -> Any:
        """Execute a cell here; return the value of its last expression."""
        shown, body, last = compiled(source, name)
        linecache.cache[name] = (len(shown), None, shown.splitlines(True), name)
        exec(body, self.namespace)
        return eval(last, self.namespace) if last else None

    @contextlib.contextmanager
    def seeded(self, name: str) -> Iterator[None]:
        """Set the seed of a test in the environment, or none."""
        before = os.environ.pop(seeds.VARIABLE, None)
        if self.secret is not None:
            os.environ[seeds.VARIABLE] = str(seeds.seed(self.secret, *self.whose, name))
        try:
            yield
        finally:
            os.environ.pop(seeds.VARIABLE, None)
            if before is not None:
                os.environ[seeds.VARIABLE] = before


@functools.cache
def compiled(source: str, name: str) -> tuple[str, types.CodeType, types.CodeType | None]:
    """Return a cell's source without hidden lines, its code, and that of its last expression."""
    shown = HIDDEN.sub(lambda hidden: re.sub(r"(?m)^.+$", "# hidden", hidden[0]), source)
    body, last = ast.parse(source, name), None
    end = body.body[-1] if body.body else None
    if isinstance(end, ast.Expr):
        body.body.pop()
        last = compile(ast.Expression(end.value), name, "eval")
    return shown, compile(body, name, "exec"), last


def credit(value: object) -> str:
    """Return the text of a test's last value: of a number the points, as nbgrader reads them.

    Raises
    ------
    ValueError
        If it is a number that is not finite: no points are made of it.
    """
    if isinstance(value, np.generic):
        value = value.item()  # nbgrader would take its text for no number, and give all points
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"The last line of this test is {value}, which is no number of points.")
    return repr(value)


def show_warning(
    message: Any, category: type, filename: str, lineno: int, file: Any = None, line: Any = None
) -> None:
    """Print a warning without the folders of this machine."""
    print(f"{Path(filename).name}:{lineno}: {category.__name__}: {message}", file=sys.stderr)


class Printed(io.StringIO):
    """Keeps what is printed, up to a limit."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def write(self, text: str) -> int:
        """Keep it while there is room."""
        super().write(text[: max(self.limit - self.tell(), 0)])
        return len(text)


def told(error: BaseException, name: str) -> list[str]:
    """Return the lines that tell of a test's exception: hidden lines are not among them."""
    if hasattr(error, "_render_traceback_"):
        return [str(line) for line in error._render_traceback_()]
    lines = [
        f"line {frame.lineno}: {frame.line}"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == f"<{name}>"
    ]
    return [*lines, *traceback.format_exception_only(error)]


def as_json(metadata: object) -> Any:
    """Return an exception's metadata as JSON values, or None."""
    if not isinstance(metadata, dict):
        return None
    return json.loads(clean(json.dumps(metadata, ensure_ascii=False, default=str)))
