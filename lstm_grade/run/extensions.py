"""Extensions: who has time until when, in one file that grading reads."""

import csv
import io
from datetime import datetime
from pathlib import Path

from lstm_grade.run.errors import CannotGradeError
from lstm_grade.run.tables import read_table
from lstm_grade.run.times import TimeError, parse

FILE = "extensions.csv"
COLUMNS = ("assignment", "student", "until", "reason")


def read(root: Path) -> dict[tuple[str, str], datetime]:
    """Return to when each student has time for an assignment; empty without a file.

    Parameters
    ----------
    root : Path
        The course's folder, with ``extensions.csv``.

    Raises
    ------
    CannotGradeError
        If the file says something that cannot be understood. It would be
        unfair to grade without it.
    """
    path = Path(root, FILE)
    if not path.exists():
        return {}
    table = read_table(path)
    missing = [name for name in COLUMNS[:3] if name not in table.columns]
    if missing:
        raise CannotGradeError(
            f"{FILE} has no column {', '.join(missing)}; it has {', '.join(table.columns)}. "
            f"Expected: {','.join(COLUMNS)}."
        )
    found = {}
    for number, row in table.numbered:
        try:
            until = parse(row["until"])
        except TimeError as error:
            raise CannotGradeError(f"{FILE}, line {number}: {error}.") from error
        found[row["assignment"].strip(), row["student"].strip()] = until
    return found


def add(root: Path, assignment: str, student: str, until: str, reason: str = "") -> datetime:
    """Add a line to the file; a later line replaces an earlier one. Return the time in UTC."""
    when = parse(until)
    read(root)  # nothing is added to a file that cannot be read
    path = Path(root, FILE)
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [COLUMNS] * new + [(assignment, student, until.strip(), reason)]
        )
    return when


def remove(root: Path, student: str) -> None:
    """Take the lines of a student out of the file; it is written whole or not at all."""
    path = Path(root, FILE)
    table = read_table(path)
    kept = [row for row in table.rows if row["student"].strip() != student]
    text = io.StringIO(newline="")
    rows = [table.columns, *([row[column] for column in table.columns] for row in kept)]
    csv.writer(text, lineterminator="\n").writerows(rows)
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text.getvalue(), "utf-8")
    beside.replace(path)
