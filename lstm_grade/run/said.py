"""What a run says: a line a student, what was odd, and which marks moved."""

from collections.abc import Callable, Mapping

from lstm_grade.run.folder import shown
from lstm_grade.run.gradebook import Mark

Marks = Mapping[str, Mapping[str, Mark]]


def said_of_class(name: str, folders, points: Mapping[str, str], run) -> list[str]:
    """Return one line a student, then what was odd, then how many were graded.

    Parameters
    ----------
    name : str
        Of the assignment.
    folders : mapping
        By student.
    points : mapping of str to str
        What the gradebook has for each.
    run : lstm_grade.run.classrun.Run
    """
    names = {student: shown(student) for student in folders}
    width = max(map(len, names.values()))
    lines = []
    for student, called in names.items():
        if student in run.failed:
            as_before = f" (as before: {points[student]})" if student in points else ""
            line = f"not graded: {run.failed[student]}{as_before}"
        else:
            line = points[student] + "; graded before" * (student in run.before)
        lines.append(f"{called:{width}}  {line}")
    students: dict[str, list[str]] = {}
    for student in folders:
        for remark in run.odd.get(student, []):
            students.setdefault(remark, []).append(names[student])
    if students:
        lines.append("\nOdd:")
    for remark, who in sorted(students.items()):
        more = f" and {len(who) - 5} more" if len(who) > 5 else ""
        lines.append(f"- {remark}: {', '.join(who[:5])}{more}")
    graded = len(folders) - len(run.failed)
    return [*lines, f"\n{name}: {graded} of {len(folders)} graded."]


def reasons(changed: list[str], again: set[str]) -> Callable[[str, str], str]:
    """Return a function that says why the mark of a student's cell has moved.

    Parameters
    ----------
    changed : list of str
        What is new in the assignment, as `lstm_grade.run.registered.register` says it.
    again : set of str
        Students who have handed in something else.
    """
    of_cell: dict[str, list[str]] = {}
    for each in changed:
        of_cell.setdefault(each.split(" is ")[0].split(" has ")[0], []).append(each)

    def why(student: str, cell: str) -> str:
        told = ["handed in again"] if student in again else []
        told += [each.removeprefix(f"{cell} ") for each in of_cell.get(cell, ())]
        return "; ".join(told) or ("the assignment has changed" if changed else "graded again")

    return why


def moved(before: Marks, after: Marks, why: Callable[[str, str], str]) -> list[str]:
    """Return a table of the marks that moved; nothing if none did, or nobody was graded before.

    Parameters
    ----------
    before, after : mapping of str to mapping of str to Mark
        By student and cell.
    why : callable
        ``why(student, cell)`` returns the reason.
    """
    rows = []
    for student in sorted(before):
        now = after.get(student, {})
        for cell in sorted({*before[student], *now}):
            old, new = before[student].get(cell), now.get(cell)
            if _told(old, "new") != _told(new, "gone"):
                rows.append(
                    (
                        shown(student),
                        cell,
                        _told(old, "new"),
                        _told(new, "gone"),
                        why(student, cell),
                    )
                )
    if not rows:
        return []
    head = ("student", "cell", "before", "after", "why")
    widths = [max(len(row[at]) for row in [head, *rows]) for at in range(4)]
    lines = ["\nMarks that moved:"]
    for row in [head, *rows]:
        columns = [f"{text:{width}}" for text, width in zip(row, widths, strict=False)]
        lines.append("  ".join([*columns, row[4]]))
    return lines


def _told(mark, missing):
    if mark is None:
        return missing
    points = "" if mark.points is None else f"{mark.points:g}"
    return " ".join(filter(None, [points, "waits" * mark.waits])) or "none"
