"""What a source notebook says about grading it: its tests, exports, modules and limits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from nbformat import NotebookNode

MODULES = ("numpy", "matplotlib")
KEYS = ("exports", "modules", "limits")


@dataclass(frozen=True)
class Limits:
    """What a submission may use. Sizes are in bytes, times in seconds.

    `memory`, `cpu` and `file_size` hold for each process; `memory` and
    `processes` for all together where control groups are delegated. `memory`
    is what a process may take beyond the interpreter and the modules that it starts with.
    """

    memory: int = 512 << 20
    cpu: int = 60
    file_size: int = 32 << 20
    processes: int = 16
    scratch: int = 64 << 20
    output: int = 1 << 20  # characters of a cell, or of a call
    # Seconds of its own: those in which it waits for a processor do not count, unless
    # `patience` times as many have passed on the wall.
    cell: float = 30
    call: float = 10
    notebook: float = 120  # all cells and calls together
    patience: float = 6
    # In all, over a submission:
    cells: int = 1_000
    outputs: int = 4 << 20  # characters
    images: int = 16 << 20
    answers: int = 200_000
    bytes: int = 2 << 30
    values: int = 20_000_000
    keys: int = 200_000
    starts: int = 50  # of its processes


@dataclass(frozen=True)
class Rules:
    """How submissions of one notebook are executed.

    Attributes
    ----------
    tests : mapping of str to str
        Sources of the locked cells with points, by grade_id. Only these ever
        run outside the sandbox.
    exports : tuple of str
        Names of a submission that the tests see.
    modules : tuple of str
        What a submission may import besides the standard library.
    preload : tuple of str
        Those of the modules that the source notebook itself imports.
    limits : Limits
    user : bool
        Whether a user of its own will do for a submission where namespaces are refused
        (`user.py`). No notebook says that, but whoever grades.
    """

    tests: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    exports: tuple[str, ...] = ()
    modules: tuple[str, ...] = MODULES
    preload: tuple[str, ...] = ()
    limits: Limits = Limits()
    user: bool = False

    @classmethod
    def of(cls, notebook: NotebookNode) -> Rules:
        """Read the rules of a source notebook, from its cells and ``metadata["lstm_grade"]``.

        Parameters
        ----------
        notebook : NotebookNode
            Of solutions/, never a submission.

        Raises
        ------
        ValueError
            If the metadata is not what it should be; it says what is.
        """
        given = notebook.metadata.get("lstm_grade", {})
        _refuse_unknown("lstm_grade", given, KEYS)
        for key in ("exports", "modules"):
            names = given.get(key, ())
            if not all(isinstance(name, str) and name.isidentifier() for name in names):
                raise ValueError(f"lstm_grade.{key}: expected a list of names, got {names!r}.")
        limits = given.get("limits", {})
        _refuse_unknown("lstm_grade.limits", limits, [limit.name for limit in fields(Limits)])
        for name, value in limits.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
                raise ValueError(
                    f"lstm_grade.limits.{name}: expected a number above 0, got {value!r}."
                )
        codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
        tests = [cell for cell in codes if _is_test(cell.metadata.get("nbgrader", {}))]
        if tests and "exports" not in given:
            raise ValueError(
                "lstm_grade.exports is missing in the metadata of the source notebook: "
                "list the names of a submission that its tests use."
            )
        modules = tuple(given.get("modules", MODULES))
        text = "\n".join(cell.source for cell in codes if cell not in tests)
        return cls(
            tests=MappingProxyType(
                {cell.metadata.nbgrader.grade_id: cell.source for cell in tests}
            ),
            exports=tuple(given.get("exports", ())),
            modules=modules,
            preload=tuple(name for name in modules if _imports(text, name)),
            limits=Limits(**limits),
        )


def _imports(text: str, name: str) -> bool:
    return bool(re.search(rf"^\s*(import|from)\s+{name}\b", text, re.MULTILINE))


def _is_test(nbgrader: Mapping[str, Any]) -> bool:
    # Without nbgrader's own functions: a worker would import all of nbgrader for them.
    return bool(nbgrader.get("grade")) and not nbgrader.get("solution")


def _refuse_unknown(where: str, given: Iterable[str], known: Iterable[str]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValueError(f"{where}: {', '.join(unknown)} is unknown; known: {', '.join(known)}.")
