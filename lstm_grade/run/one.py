"""Grade one submission, without a class and without a gradebook: for other systems to stand on."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat

from lstm_grade.box.sandbox import SandboxError
from lstm_grade.box.seeds import read_secret
from lstm_grade.run.assignment import Assignment, read_assignment, signs
from lstm_grade.run.classrun import UNREAD
from lstm_grade.run.course import LstmGrade, open_course
from lstm_grade.run.errors import CannotGradeError, NotGradedError
from lstm_grade.run.folder import read_file, read_folder
from lstm_grade.run.recognise import grade_id
from lstm_grade.run.repair import read_notebook
from lstm_grade.run.submission import Graded, Submission
from lstm_grade.run.worker import alone

VERSION = 1
BY_HAND = "a person gives the points of this"


def grade_one(
    file: str,
    *,
    assignment: str | None = None,
    student: str | None = None,
    unsafe: bool = False,
    user: bool = False,
) -> dict[str, Any]:
    """Grade a notebook, or a folder with one, and return what ``one.schema.json`` describes.

    Parameters
    ----------
    file : str
    assignment : str, optional
        A folder in solutions/; found out from the cells unless given.
    student : str, optional
        Whose work it is: the numbers that tests draw depend on it.
    unsafe : bool
        Run student code without a sandbox.
    user : bool
        Where namespaces are refused, a user of its own will do. Let the doctor try it before.
    """
    result: dict[str, Any] = {
        **{"version": VERSION, "assignment": assignment, "student": student},
        **{"status": "not graded", "reason": None, "points": None, "max_points": None},
        **{"tests": [], "odd": [], "seconds": 0.0},
    }
    try:
        app = open_course()
        settings = LstmGrade(parent=app)
        files, odd = _read(Path(file))
        name = assignment or _guess(app, files)
        result["assignment"] = name
        secret = Path(app.coursedir.root, settings.secret_file)
        told = read_assignment(app, name, read_secret(secret) if secret.exists() else None)
        if len(files) == 1 and len(told.notebooks) == 1 and not Path(file).is_dir():
            # Whoever names one file says which it is: what it is called does not matter.
            files = dict(zip([f"{next(iter(told.notebooks))}.ipynb"], files.values(), strict=True))
        told = replace(told, user=user)
        graded = alone(told, Submission(student or "", files), unsafe or settings.unsafe)
    except (CannotGradeError, NotGradedError, SandboxError) as error:
        return result | {"reason": str(error)}
    tests = [
        test for stem in told.notebooks for test in _tests(told, stem, graded, len(told.notebooks))
    ]
    waiting = any(test["status"] == "waiting" for test in tests)
    return result | {
        "status": "waiting" if waiting else "marked",
        "points": sum(test["points"] or 0.0 for test in tests),
        "max_points": sum(test["max_points"] for test in tests),
        "tests": tests,
        "odd": [*odd, *graded.odd],
        "seconds": round(graded.seconds, 2),
    }


def _read(path: Path):
    if path.is_dir():
        return read_folder(path, UNREAD)
    return {path.name: read_file(path)}, []


def _guess(app, files) -> str:
    """Return the assignment to which the cells of a notebook belong."""
    coursedir = app.coursedir
    best, most = "", 0
    folder = Path(coursedir.format_path(coursedir.source_directory, ".", "x")).parent
    known = {}
    for source in sorted(folder.glob("*/*.ipynb")):
        notebook, _ = read_notebook(source.read_bytes())
        if notebook:
            known.setdefault(source.parent.name, set()).update(_signs(notebook))
    common = {sign for signs in known.values() for sign in signs}
    common = {sign for sign in common if sum(sign in of for of in known.values()) > 1}
    for content in files.values():
        notebook, _ = read_notebook(content)
        here = _signs(notebook) if notebook else frozenset()
        for name, of in known.items():
            if (score := len(here & of - common)) > most:
                best, most = name, score
    if not best:
        raise CannotGradeError(
            f"it is of none of the assignments here: {', '.join(known) or 'there are none'}. "
            "Say which one it should be: --assignment NAME"
        )
    return best


def _signs(notebook):
    return signs((cell["id"], grade_id(cell), cell["source"]) for cell in notebook["cells"])


def _tests(told: Assignment, stem: str, graded: Graded, notebooks: int):
    original = told.notebooks[stem]
    executed = nbformat.reads(graded.files[f"{stem}.ipynb"].decode(), 4)
    cells = {grade_id(cell): cell for cell in executed.cells}
    for name in original.graded:
        most = original.cells[name].points
        points, waits = graded.grades[stem].get(name, (None, True))
        cell = cells.get(name)
        status = "waiting" if waits else "passed" if points >= most else "partly"
        yield {
            "name": f"{stem}: {name}" if notebooks > 1 else name,
            "status": "failed" if points == 0 and most else status,
            "points": None if waits else points,
            "max_points": most,
            "messages": _messages(cell) if cell else [],
            "mistake": cell.metadata.get("lstm_grade") if cell else None,
            "why": graded.waits.get(name, BY_HAND) if waits else None,
        }


def _messages(cell) -> list[str]:
    """Return what a test printed and said, in this order."""
    said = []
    for output in cell.get("outputs", ()):
        if output.output_type == "stream":
            said.append(output.text)
        elif output.output_type == "error":
            said.append("\n".join(output.traceback) or f"{output.ename}: {output.evalue}")
        elif "text/plain" in output.get("data", {}):
            said.append(output.data["text/plain"])
    return [text.strip("\n") for text in said if text.strip()]


def one(file: str, *, as_json: bool = False, **options) -> bool:
    """Grade one submission and print it; return whether it was graded."""
    result = grade_one(file, **options)
    if as_json:
        print(json.dumps(result, indent=2, ensure_ascii=False))
    else:
        print("\n".join(_lines(result)))
    return result["status"] != "not graded"


def _lines(result):
    if result["status"] == "not graded":
        return [f"not graded: {result['reason']}"]
    lines = []
    width = max((len(test["name"]) for test in result["tests"]), default=0)
    for test in result["tests"]:
        points = "waits" if test["points"] is None else f"{test['points']:g}"
        lines.append(f"{test['name']:{width}}  {points} / {test['max_points']:g}")
        if test["status"] != "passed":
            lines += [f"    {line}" for text in test["messages"] for line in text.splitlines()]
        if test["why"]:
            lines.append(f"    {test['why']}")
    lines += [f"- {remark}" for remark in result["odd"]]
    total = f"{result['points']:g} / {result['max_points']:g}"
    return [*lines, f"{result['assignment']}: {total}, {result['status']}"]
