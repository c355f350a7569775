"""Execute submissions: their cells in a sandbox, the tests in a process that can be lost."""

from __future__ import annotations

import json
from typing import Any

from nbformat import NotebookNode, from_dict

from lstm_grade.box.examiner import Examiner, Report, lost
from lstm_grade.box.rules import Limits, Rules
from lstm_grade.box.sandbox import SandboxError
from lstm_grade.box.workers import Lost, Worker

__all__ = ["Executor", "Limits", "Report", "Rules", "SandboxError", "lost"]

# Seconds beyond a submission's own limits, which end it long before.
GRACE = 60


class Executor:
    """Executes submissions one after the other; a context manager.

    It is a handle for an `Examiner`: sandbox and tests have a process of
    their own, which is replaced when it is lost.
    """

    def __init__(self, unsafe: bool = False) -> None:
        self.unsafe = unsafe
        self.worker: Worker | None = None

    def __enter__(self) -> Executor:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()

    def close(self) -> None:
        """End the process and its sandbox; a further `run` makes new ones."""
        if self.worker:
            self.worker.close()
        self.worker = None

    def warm(self, rules: Rules) -> str:
        """Make the sandbox for these rules, or raise a `SandboxError`; return what bounds it."""
        return self._do("warm", (_plain(rules),), 300)

    def run(self, notebook: NotebookNode, rules: Rules, **whose: Any) -> Report:
        """Return the executed notebook as a `Report`, as `Examiner.run` does with the same.

        Raises
        ------
        SandboxError
            If no sandbox can be made.
        FailedError
            If the tests cannot be run at all.
        """
        task = (json.dumps(notebook), _plain(rules), whose)
        limits = rules.limits
        try:
            told = self._do("run", task, limits.patience * limits.notebook + GRACE, limits.notebook)
        except Lost as error:
            return lost(notebook, rules, str(error))
        return Report(**{**told, "notebook": from_dict(json.loads(told["notebook"]))})

    def _do(self, function: str, task: tuple, seconds: float, cpu: float | None = None) -> Any:
        """Ask the process; one that is lost is replaced, once."""
        for attempt in (1, 2):
            if not self.worker:
                self.worker = Worker(self.unsafe)
            try:
                return self.worker.do(f"{__name__}:{function}", task, seconds, cpu)
            except Lost:
                self.worker = None
                if attempt == 2:
                    raise
            except BaseException:
                if self.worker.sock.fileno() < 0:  # killed, because it was interrupted
                    self.worker = None
                raise
        raise AssertionError


# What the process does.


def warm(examiner: Examiner, rules: dict[str, Any]) -> str:
    """Make a sandbox; return how a submission is bounded in it."""
    return examiner.warm(_rules(rules)).said


def run(
    examiner: Examiner, notebook: str, rules: dict[str, Any], options: dict[str, Any]
) -> dict[str, Any]:
    """Run a submission; return the report as plain data."""
    report = examiner.run(from_dict(json.loads(notebook)), _rules(rules), **options)
    return {**vars(report), "notebook": json.dumps(report.notebook)}


def _plain(rules: Rules) -> dict[str, Any]:
    return {**vars(rules), "tests": dict(rules.tests)}  # a mapping proxy is not pickled


def _rules(rules: dict[str, Any]) -> Rules:
    return Rules(**rules)
