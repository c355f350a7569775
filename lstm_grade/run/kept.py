"""Tables of our own in nbgrader's gradebook: what points by hand are for, released texts, reasons.

They lie in the gradebook so that they are written in the same transaction as
the marks they belong to, and go where it goes.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    Column,
    DateTime,
    Float,
    MetaData,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
)

_TABLES = MetaData()
# By nbgrader's id of a grade: a number that changes with what the points are for.
ANSWERS = Table(
    "lstm_grade_answer",
    _TABLES,
    Column("grade_id", String(32), primary_key=True),
    Column("text", String(64), nullable=False),
)
RELEASES = Table(
    "lstm_grade_release",
    _TABLES,
    Column("assignment", String(128), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("text", Text, nullable=False),
)
REASONS = Table(
    "lstm_grade_reason",
    _TABLES,
    Column("time", DateTime, nullable=False),
    Column("assignment", String(128), nullable=False),
    Column("student", String(128), nullable=False),
    Column("cell", String(128), nullable=False),
    Column("before", Float),
    Column("after", Float),
    Column("reason", Text, nullable=False),
)


def make(connection) -> None:
    """Make the tables where they are missing."""
    _TABLES.create_all(connection, checkfirst=True)


def answers(connection, grade_ids) -> dict[str, str]:
    """Return what the points of these grades were for."""
    rows = select(ANSWERS).where(ANSWERS.c.grade_id.in_(list(grade_ids)))
    return dict(map(tuple, connection.execute(rows)))


def keep_answers(connection, texts: dict[str, str]) -> None:
    """Keep what the points of some grades are for."""
    if texts:
        connection.execute(delete(ANSWERS).where(ANSWERS.c.grade_id.in_(list(texts))))
        rows = [{"grade_id": key, "text": text} for key, text in texts.items()]
        connection.execute(insert(ANSWERS), rows)


def keep_releases(connection, assignment: str, texts: dict[str, str]) -> frozenset[str]:
    """Keep the texts of locked cells, by their digest; return all of this assignment so far."""
    of_this = RELEASES.c.assignment == assignment
    known = dict(
        map(tuple, connection.execute(select(RELEASES.c.digest, RELEASES.c.text).where(of_this)))
    )
    new = [
        {"assignment": assignment, "digest": digest, "text": text}
        for digest, text in texts.items()
        if digest not in known
    ]
    if new:
        connection.execute(insert(RELEASES), new)
    return frozenset([*known.values(), *texts.values()])


def keep_reason(connection, assignment, student, cell, before, after, reason) -> None:
    """Keep why a mark was changed by hand."""
    time = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    row = {"time": time, "assignment": assignment, "student": student, "cell": cell}
    row |= {"before": before, "after": after, "reason": reason}
    connection.execute(insert(REASONS), [row])


def reasons(connection, assignment: str, student: str | None = None) -> list:
    """Return the reasons of an assignment, the first first; of one student if one is named."""
    rows = select(REASONS).where(REASONS.c.assignment == assignment).order_by(REASONS.c.time)
    if student is not None:
        rows = rows.where(REASONS.c.student == student)
    return list(connection.execute(rows))


def forget(connection, student: str, grade_ids) -> None:
    """Remove what is kept of a student."""
    connection.execute(delete(REASONS).where(REASONS.c.student == student))
    connection.execute(delete(ANSWERS).where(ANSWERS.c.grade_id.in_(list(grade_ids))))
