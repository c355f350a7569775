"""Gradescope: grade what it has put beside this course, and write the results as it reads them.

The form is that of https://gradescope-autograders.readthedocs.io/en/latest/specs/.
"""

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from lstm_grade.box.doctor import doctor
from lstm_grade.box.rules import Rules
from lstm_grade.box.split import Executor, SandboxError
from lstm_grade.run.one import grade_one

# Who may see a test, and when: Gradescope's words.
VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")


def results(graded: dict[str, Any], visibility: str = "visible") -> dict[str, Any]:
    """Return ``results.json`` of a graded submission.

    Points that a person gives are not in it: in Gradescope they are a question of their own.

    Parameters
    ----------
    graded : dict
        As ``one.schema.json`` describes it.
    visibility : str
        One of `VISIBILITIES`, for each test.
    """
    tests = []
    remarks = list(graded["odd"])
    for test in graded["tests"]:
        if test["points"] is None:
            remarks.append(f"{test['name']}, {test['max_points']:g} points: {test['why']}")
            continue
        tests.append(
            {
                "name": test["name"],
                "score": test["points"],
                "max_score": test["max_points"],
                "status": "passed" if test["status"] == "passed" else "failed",
                "output": "\n".join(test["messages"]),
                "output_format": "text",
                "visibility": visibility,
            }
        )
    return {
        "output": "\n".join(remarks),
        "output_format": "text",
        "stdout_visibility": "hidden",
        "execution_time": graded["seconds"],
        "extra_data": {"mistakes": _mistakes(graded)},
        "tests": tests,
    }


def _mistakes(graded):
    return {test["name"]: test["mistake"] for test in graded["tests"] if test["mistake"]}


def main() -> int:
    """Grade ``submission``; return the exit status, 0 only if it was graded.

    What failed on this side is no mark: then there are no results, and
    Gradescope says that the autograder failed. The reason is in its output,
    which only instructors see.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("assignment")
    parser.add_argument("--root", type=Path, default=Path("/autograder"))
    parser.add_argument("--visibility", choices=VISIBILITIES, default="visible")
    given = parser.parse_args()
    target = given.root / "results/results.json"
    target.unlink(missing_ok=True)
    try:
        user = not _namespaces()
    except SandboxError as error:
        print(f"Not graded: {error}", file=sys.stderr)
        return 1
    student = _student(given.root / "submission_metadata.json")
    graded = grade_one(
        str(given.root / "submission"), assignment=given.assignment, student=student, user=user
    )
    found = results(graded, given.visibility)
    if not found["tests"]:
        print(f"Not graded: {graded['reason'] or found['output']}", file=sys.stderr)
        return 1
    beside = target.with_name(".results.json.new")
    beside.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    os.replace(beside, target)
    print(f"{graded['points']:g} of {graded['max_points']:g} points")
    return 0


def _namespaces() -> bool:
    """Return whether this container allows namespaces; else a user of its own has to do.

    Raises
    ------
    SandboxError
        If that cannot be had either, or one of the doctor's attacks succeeds there.
    """
    rules = Rules(modules=("numpy",))
    with Executor() as executor:
        try:
            executor.warm(rules)
            return True
        except SandboxError as error:
            print(error)
        # Who is no root hears so at once, and the attacks are not tried.
        executor.warm(replace(rules, user=True))
    if not doctor(user=True):
        raise SandboxError(
            "namespaces are refused here, and as a user of its own, without them, a submission "
            "could do what it must not: the lines with HOLE above say what."
        )
    return False


def _student(path: Path) -> str:
    """Return whose work it is, the first of a group: tests draw other numbers for each."""
    try:
        users = json.loads(path.read_text("utf-8"))["users"]
        return min(str(user.get("email") or user["id"]) for user in users)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""


if __name__ == "__main__":
    sys.exit(main())
