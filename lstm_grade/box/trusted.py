"""Tests: they run here, in the grading process, and see a submission through proxies only."""

import ast
import builtins
import contextlib
import functools
import io
import json
import linecache
import os
import re
import sys
import traceback
import types
import warnings
from pathlib import Path

from nbformat import v4

from lstm_grade.box import seeds
from lstm_grade.box.outputs import bounded, clean, failure

HIDDEN = re.compile(
    r"^[ \t]*### BEGIN HIDDEN TESTS.*?(?:^[ \t]*### END HIDDEN TESTS[^\n]*|\Z)", re.M | re.S
)


class Tests:
    """The tests of a notebook: they share a namespace, as in a notebook."""

    def __init__(self, rules, secret, assignment, student):
        self.rules, self.secret, self.whose = rules, secret, (assignment, student)
        self.module = types.ModuleType("__main__")
        self.namespace = vars(self.module)
        self.namespace["__builtins__"] = builtins

    def run(self, name, submission):
        """Run a test; return its outputs and the metadata that its exception carries."""
        source = self.rules.tests[name]
        for export in self.rules.exports:
            self.namespace.pop(export, None)
        self.namespace.update(submission.exports())
        printed = Printed(self.rules.limits.output)
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
                    outputs.append(v4.new_output("execute_result", {"text/plain": repr(value)}))
            except (Exception, SystemExit) as error:
                metadata = as_json(getattr(error, "metadata", None))
                outputs.append(failure(type(error).__name__, str(error), told(error, name)))
        if printed.getvalue():
            # nbgrader takes whatever is on stderr in a test for an error.
            outputs.insert(0, v4.new_output("stream", name="stdout", text=printed.getvalue()))
        for output in outputs:
            if output.output_type == "execute_result":
                output.execution_count = None
        return bounded(outputs, self.rules.limits.output), metadata

    def execute(self, source, name):
        """Execute a cell here; return the value of its last expression."""
        shown, body, last = compiled(source, name)
        linecache.cache[name] = (len(shown), None, shown.splitlines(True), name)
        exec(body, self.namespace)
        return last and eval(last, self.namespace)

    @contextlib.contextmanager
    def seeded(self, name):
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
def compiled(source, name):
    """Return a cell's source without hidden lines, its code, and that of its last expression."""
    shown = HIDDEN.sub(lambda hidden: re.sub(r"(?m)^.+$", "# hidden", hidden[0]), source)
    body, last = ast.parse(source, name), None
    if body.body and isinstance(body.body[-1], ast.Expr):
        last = compile(ast.Expression(body.body.pop().value), name, "eval")
    return shown, compile(body, name, "exec"), last


def show_warning(message, category, filename, lineno, file=None, line=None):
    """Print a warning without the folders of this machine."""
    print(f"{Path(filename).name}:{lineno}: {category.__name__}: {message}", file=sys.stderr)


class Printed(io.StringIO):
    """Keeps what is printed, up to a limit."""

    def __init__(self, limit):
        super().__init__()
        self.limit = limit

    def write(self, text):
        """Keep it while there is room."""
        super().write(text[: max(self.limit - self.tell(), 0)])
        return len(text)


def told(error, name):
    """Return the lines that tell of a test's exception: hidden lines are not among them."""
    if hasattr(error, "_render_traceback_"):
        return [str(line) for line in error._render_traceback_()]
    lines = [
        f"line {frame.lineno}: {frame.line}"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == f"<{name}>"
    ]
    return [*lines, *traceback.format_exception_only(error)]


def as_json(metadata):
    """Return an exception's metadata as JSON values, or None."""
    if not isinstance(metadata, dict):
        return None
    return json.loads(clean(json.dumps(metadata, ensure_ascii=False, default=str)))
