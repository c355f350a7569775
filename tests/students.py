"""What students have written elsewhere, run through the checks: seen by them, and graded.

    python tests/students.py [ID …]

The answers are in answers/<assignment>.md. Below the heading of each stands what it should get:

* ``full marks``;
* ``named NAME``, with `` + `` between two: so is the mistake called;
* ``says TEXT``: the message has it;
* ``keeps FUNCTION, …``: these lose no points, though they use it.
"""

import builtins
import contextlib
import functools
import io
import linecache
import re
import sys
from dataclasses import dataclass

import nbformat

from lstm_check import CheckError
from lstm_grade.box.rules import Rules
from lstm_grade.box.split import Executor
from lstm_grade.box.trusted import HIDDEN
from notebooks import ROOT, read, tested

CASE = re.compile(
    r"^## (\w+), (\w+): ([^\n]+)\n\n([^\n]+)\n\n```python\n(.*?)```\n", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Answer:
    """What somebody wrote for a function, and what is expected of the check."""

    number: str
    slug: str
    function: str
    about: str
    expected: str
    code: str

    def wanted(self, kind):
        """Return what is expected of a kind, such as "named"; "" if nothing is."""
        found = [part for part in self.expected.split("; ") if part.startswith(kind)]
        return found[0].removeprefix(kind).strip() if found else ""

    def right(self):
        """Return whether it should get full marks."""
        return self.expected == "full marks"


def answers():
    """Return all answers."""
    found = []
    for path in sorted((ROOT / "tests/answers").glob("*.md")):
        text = path.read_text("utf-8")
        cases = [Answer(c[1], path.stem, *c.group(2, 3, 4, 5)) for c in CASE.finditer(text)]
        assert len(cases) == text.count("\n## "), path
        found += cases
    return found


@dataclass
class Outcome:
    """What the checks of a notebook made of an answer: by test, "" or what is wrong."""

    mistakes: dict
    messages: dict

    def of(self, function, found):
        """Return what was found in the tests of a function, without repeating it."""
        tests = [test for test in found if test.startswith(f"test_{function}")]
        return list(dict.fromkeys(found[test] for test in tests if found[test]))

    def lost(self):
        """Return the tests that failed."""
        return {test for test, mistake in self.mistakes.items() if mistake}


def seen(answer):
    """Run the checks as the student does, in one namespace, without what is hidden."""
    outcome = Outcome({}, {})
    space = {"__name__": "__main__", "__builtins__": builtins}
    for cell in tested(answer.slug):
        test = cell.metadata.nbgrader.grade
        source = answer.code if cell.id == answer.function else HIDDEN.sub("", cell.source)
        name = f"<{answer.number} {cell.id}>"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(source, name, "exec"), space)
            if test:
                outcome.mistakes[cell.id] = outcome.messages[cell.id] = ""
        except CheckError as error:
            outcome.mistakes[cell.id], outcome.messages[cell.id] = error.mistake, error.message
        except Exception as error:
            if not test and cell.id != answer.function:
                continue  # a cell that uses what is wrong
            outcome.mistakes[cell.id], outcome.messages[cell.id] = type(error).__name__, str(error)
    return outcome


@functools.cache
def rules(slug):
    """Return how an assignment is graded."""
    return Rules.of(read(slug))


def graded(executor, answer):
    """Grade it, as `make autograde` does."""
    notebook = nbformat.from_dict({**read(answer.slug), "cells": tested(answer.slug)})
    for cell in notebook.cells:
        if cell.id == answer.function:
            cell.source = answer.code
    options = {"student": answer.number, "assignment": answer.slug, "secret": b"students"}
    report = executor.run(notebook, rules(answer.slug), **options)
    outcome = Outcome({}, {})
    for cell in report.notebook.cells:
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade"):
            errors = [output for output in cell.outputs if output.output_type == "error"]
            told = cell.metadata.get("lstm_grade", {})
            outcome.mistakes[cell.id] = told.get("mistake", errors[0].ename) if errors else ""
            text = errors[0].evalue if errors else ""
            outcome.messages[cell.id] = told.get("message", text) if errors else ""
    return outcome


def verdict(answer, outcome):
    """Return "", or what is not as it should be."""
    mistakes = outcome.of(answer.function, outcome.mistakes)
    if answer.right():
        return f"loses points: {mistakes}" if outcome.lost() else ""
    if not mistakes:
        return "is accepted"
    kept = {test for test in outcome.lost() if not test.startswith(f"test_{answer.function}")}
    for function in filter(None, answer.wanted("keeps").split(", ")):
        if any(test.startswith(f"test_{function}") for test in kept):
            return f"{function} loses points"
    name = answer.wanted("named")
    if name and not any(name in mistake.split(" or ") for mistake in mistakes):
        return f"is called {mistakes}"
    text = answer.wanted("says")
    said = " ".join("\n".join(outcome.of(answer.function, outcome.messages)).split())
    return f"reads {said}" if text not in said else ""


def table(only=()):
    """Print what became of each answer; return whether all is as it should be."""
    wrong = 0
    with Executor() as executor:
        for answer in answers():
            if only and answer.number not in only:
                continue
            verdicts = verdict(answer, seen(answer)), verdict(answer, graded(executor, answer))
            wrong += any(verdicts)
            for how, said in zip(("seen", "graded"), verdicts, strict=True):
                if said:
                    print(f"{answer.number} {answer.function}, {answer.expected}; {how}: {said}")
    print(f"{wrong} of {len(only) or len(answers())} answers are not what they should be")
    return not wrong


if __name__ == "__main__":
    sys.exit(0 if table(sys.argv[1:]) else 1)
