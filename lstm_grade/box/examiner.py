"""Execute a submission: its cells in a sandbox, the tests here, in the process that tests.

The one rule that matters: no line of a submission is executed here. Tests come
from the source notebook, whatever the submission says; they see the submission
through proxies, which pass data.
"""

from __future__ import annotations

import copy
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from nbformat import NotebookNode

from lstm_grade.box.outputs import failure
from lstm_grade.box.rules import Rules
from lstm_grade.box.sandbox import Sandbox, SandboxError
from lstm_grade.box.sitting import Sitting
from lstm_grade.box.trusted import Tests


@dataclass
class Report:
    """An executed notebook, what was odd about it, and how long it took.

    Attributes
    ----------
    notebook : NotebookNode
    odd : list of str
    seconds : float
    starved : bool
        Whether the clock on the wall ended something, and not its own time: the
        machine was too busy, and the report says nothing about the student.
    bounds : str
        How a submission is bounded on this machine.
    """

    notebook: NotebookNode
    odd: list[str] = field(default_factory=list)
    seconds: float = 0.0
    starved: bool = False
    bounds: str = ""


class Examiner:
    """Executes submissions one after the other, in this process.

    Parameters
    ----------
    unsafe : bool
        Execute without a sandbox. A submission can then do whatever you can.
    """

    def __init__(self, unsafe: bool = False) -> None:
        self.unsafe = unsafe
        self.sandbox: Sandbox | None = None

    def close(self) -> None:
        """End the sandbox; a further `run` makes a new one."""
        if self.sandbox:
            self.sandbox.close()
        self.sandbox = None

    def warm(self, rules: Rules) -> Sandbox:
        """Return the sandbox for these rules; make one if there is none.

        Raises
        ------
        SandboxError
            If there can be none.
        """
        key = (rules.modules, rules.preload, rules.limits, self.unsafe)
        if self.sandbox and self.sandbox.key != key:
            self.close()
        if not self.sandbox:
            try:
                self.sandbox = Sandbox(*key)
            except SandboxError as refused:
                if not rules.user:
                    raise
                try:
                    self.sandbox = Sandbox(*key, user=True)
                except SandboxError as error:
                    raise SandboxError(f"{refused}\n{error}") from None
        return self.sandbox

    def run(
        self,
        notebook: NotebookNode,
        rules: Rules,
        *,
        student: str,
        assignment: str,
        secret: bytes | None = None,
        files: Sequence[tuple[str, bytes]] = (),
    ) -> Report:
        """Return the executed notebook as a `Report`; the one that is given is not changed.

        Parameters
        ----------
        notebook : NotebookNode
            The submission, sanitised.
        rules : Rules
            Of the source notebook.
        student, assignment : str
            Whose work it is, of what: the seeds come from them.
        secret : bytes, optional
            The instructor's. Without it the tests use the notebook's own seeds.
        files : sequence of (str, bytes)
            Data files of the assignment, by their name relative to it.

        Raises
        ------
        SandboxError
            If no sandbox can be made.
        """
        began = time.monotonic()
        report = Report(copy.deepcopy(notebook))
        tests = Tests(rules, secret, assignment, student)
        with Sitting(self, rules, files) as sitting:
            count = itertools.count(1)
            for cell in report.notebook.cells:
                cell.metadata.pop("lstm_grade", None)
                if cell.cell_type != "code":
                    continue
                cell.execution_count = next(count)
                name = test_name(cell, rules)
                if name:
                    if cell.source != rules.tests[name]:
                        sitting.odd.append(f"test {name} was changed; its own text was used")
                        cell.source = rules.tests[name]
                    cell.outputs, metadata = tests.run(name, sitting)
                    if metadata is not None:
                        cell.metadata["lstm_grade"] = metadata
                else:
                    cell.outputs = sitting.execute(cell.source, cell.execution_count)
                if sitting.broken:
                    raise sitting.broken
        report.odd, report.starved = list(dict.fromkeys(sitting.odd)), sitting.starved
        report.bounds = self.sandbox.said if self.sandbox else ""
        report.seconds = time.monotonic() - began
        return report


def test_name(cell: NotebookNode, rules: Rules) -> str | None:
    """Return the name of the test that a cell is, or None."""
    about = cell.metadata.get("nbgrader", {})
    name = about.get("grade_id") if isinstance(about, dict) else None
    return name if isinstance(name, str) and name in rules.tests else None


def lost(notebook: NotebookNode, rules: Rules, why: str) -> Report:
    """Return the report of a submission that twice ended the process that tests it."""
    report = Report(copy.deepcopy(notebook))
    text = "The process that tests ended on this submission, twice."
    count = itertools.count(1)
    for cell in report.notebook.cells:
        cell.metadata.pop("lstm_grade", None)
        if cell.cell_type != "code":
            continue
        cell.execution_count, cell.outputs = next(count), []
        name = test_name(cell, rules)
        if name:
            cell.source = rules.tests[name]
            cell.outputs = [failure("DeadKernelError", text, [f"DeadKernelError: {text}"])]
    report.odd = [f"ended the process that tests, twice: 0 points ({why})"]
    return report
