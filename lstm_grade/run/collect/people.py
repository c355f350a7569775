"""From what a system calls a student to the name of their folder."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from dateutil import parser as dates

from lstm_grade.run.collect.names import Found, folded
from lstm_grade.run.errors import CannotGradeError
from lstm_grade.run.tables import Table, TableError, read_table
from lstm_grade.run.times import TimeError, in_zone

_NUMBER = re.compile(r"\D*(\d+)")
# What a column of Moodle's grading worksheet can be called; its name is translated.
_COLUMNS = {
    "number": r"identifier|id|teilnehmer.*|identifiant|identificador|kennung",
    "id": r"id number|idnumber|id-nummer|matrikelnummer|matriculation.*|student id",
    "user": r"username|user name|anmeldename|nom d.utilisateur|nombre de usuario",
    "email": r"e-?mail.*|adresse de courriel|dirección de correo|correo.*",
    "status": r"status|statut|estado|stato",
    "group": r"groups?|gruppe|groupe|grupo|gruppo|groep",
    "when": r"last modified \(submission\)|zuletzt geändert \((abgabe|einreichung)\)",
}
_LATE = re.compile(r"((?:\d+ \w+ ?)+) late", re.I)
_ENGLISH = re.compile(r"(no submission|not submitted|draft|submitted|reopened)", re.I)
_SPAN = re.compile(r"(\d+) (day|hour|min|sec)", re.I)


@dataclass(frozen=True)
class Person:
    """A student of the roster."""

    id: str
    first: str = ""
    last: str = ""
    email: str = ""
    lms: str = ""


@dataclass
class Row:
    """A student of Moodle's grading worksheet."""

    ids: list[str] = field(default_factory=list)
    late: timedelta | None = None
    when: datetime | None = None
    group: str = ""
    unread: str = ""


class People:
    """Who is who: the gradebook's roster, and Moodle's worksheet where there is one.

    Parameters
    ----------
    roster : list of Person
    worksheet : Path, optional
    """

    def __init__(self, roster: list[Person], worksheet: Path | None = None):
        self.roster = {person.id: person for person in roster}
        self.rows = read_worksheet(worksheet) if worksheet else {}
        self._by: dict[str, set[str]] = {}
        for person in roster:
            keys = {person.id, person.email, person.lms, person.email.partition("@")[0]}
            self._add(person.id, keys)
        self._names: dict[str, set[str]] = {}
        for person in roster:
            for name in (f"{person.first} {person.last}", f"{person.last} {person.first}"):
                self._names.setdefault(_squeezed(name), set()).add(person.id)
        # Without a roster all are called by the same column, the best that names everybody.
        ids = [row.ids for row in self.rows.values()]
        self._column = next(
            (at for at in range(3) if ids and all(each[at] for each in ids) and _differ(ids, at)),
            None,
        )

        self._groups: dict[str, list[str]] = {}
        for number, row in self.rows.items():
            if row.group:
                self._groups.setdefault(_squeezed(row.group), []).append(number)

    def each(self, found: Found) -> list[Found]:
        """Return whose it is: of each member, if Moodle's worksheet knows a group of that name."""
        if found.system == "Moodle" and found.key not in self.rows:
            members = self._groups.get(_squeezed(found.name), ())
            if members:
                return [replace(found, key=number, name="", user="") for number in members]
        return [found]

    def _add(self, student, keys):
        for key in filter(None, keys):
            self._by.setdefault(folded(key), set()).add(student)

    def who(self, found: Found) -> tuple[str, str]:
        """Return the name of a student's folder, and a remark if it is one to be wary of."""
        row = self.rows.get(found.key) if found.system == "Moodle" else None
        given = [found.email, found.user, *(row.ids if row else ())]
        if found.system != "Moodle":
            given.insert(0, found.key)
        for key in filter(None, given):
            if len(students := self._by.get(folded(key), ())) == 1:
                return next(iter(students)), ""
        if row and self._column is not None:
            return row.ids[self._column], self._unknown()
        for name in _names(found):
            if len(students := self._names.get(_squeezed(name), ())) == 1:
                return next(iter(students)), ""
        if not found.system and len(students := self._in_parts(found.key)) == 1:
            return next(iter(students)), ""
        if found.system == "Moodle":
            if found.user:
                return found.user, self._unknown()
            said = "called by Moodle's number, which is another one in each assignment"
            if self.rows and not row:
                said = f"not in the worksheet, and {said}"
            return found.key, said
        if found.key.startswith("anon_"):
            return found.key, "anonymous: Canvas calls them otherwise in each assignment"
        return found.email if found.system == "Gradescope" and not found.key else found.key, (
            self._unknown()
        )

    def _in_parts(self, key) -> set[str]:
        """Return who is named by a part of a folder's name: Byron, Ada(s77), Byron_Ada_s77_4711."""
        parts = [part for part in re.split(r"[\s_,;()\[\]]+", key) if len(part) > 2]
        return set().union(*(self._by.get(folded(part), ()) for part in parts))

    def _unknown(self):
        return "not in the roster" if self.roster else ""

    def when(self, found: Found, due: datetime | None, zone: str | None):
        """Return when a student handed in, in UTC, or None; and a remark, or "".

        Parameters
        ----------
        found : Found
        due : datetime or None
            In UTC.
        zone : str or None
            Of times that come without one.

        Raises
        ------
        TimeError
            If the zone's clocks do not show that time once.
        """
        row = self.rows.get(found.key) if found.system == "Moodle" else None
        when = found.when or (row.when if row else None)
        if when is not None and when.tzinfo is None:
            if zone is None and not (row and row.late):
                return None, "has a time without a zone: say --zone, such as Europe/Berlin"
            when = in_zone(when, zone) if zone else None
        if when is not None:
            return when, ""
        if row and row.unread:
            return None, f"when it came is in another language: {row.unread}"
        if row and row.late is not None:
            return (due + row.late, "") if due else (None, _NO_DUE_DATE)
        if found.late:
            return (due + timedelta(seconds=1), _HOW_LATE) if due else (None, _NO_DUE_DATE)
        return None, ""


_HOW_LATE = "came late; how late is not in the archive: counted as one second"
_NO_DUE_DATE = (
    "came late, but late for what? Say when it was due and collect again: python -m lstm_grade due"
)


def _names(found: Found) -> list[str]:
    """Return what may be a student's name."""
    if found.system:
        return [found.name] if found.name else []
    return [found.key, *re.split(r" - |\(", found.key)]


def _differ(ids, at):
    return len({folded(each[at]) for each in ids}) == len(ids)


def _squeezed(name):
    return re.sub(r"\W|_", "", folded(name))


def is_worksheet(path: Path) -> bool:
    """Whether a file given among the archives is Moodle's grading worksheet."""
    return Path(path).suffix.lower() in (".csv", ".txt", ".tsv")


def read_worksheet(path: Path) -> dict[str, Row]:
    """Read Moodle's grading worksheet: by number, who it is and when they handed in.

    Raises
    ------
    CannotGradeError
        If it is another file; it says what was expected.
    """
    try:
        table = read_table(path)
    except TableError as error:
        raise CannotGradeError(f"{error}.") from error
    columns = _find_columns(table)
    if "number" not in columns:
        raise CannotGradeError(
            f"{path} is no grading worksheet of Moodle: it has no column 'Identifier', but "
            f"{', '.join(table.columns[:8])}. In Moodle: *Download grading worksheet*."
        )
    rows = {}
    for row in table.rows:
        number = _NUMBER.fullmatch(row[columns["number"]])
        if not number:
            continue
        ids = [row[columns[key]] if key in columns else "" for key in ("id", "user", "email")]
        told = Row(ids, group=row.get(columns.get("group", ""), ""))
        status, when = (row.get(columns.get(key, ""), "") for key in ("status", "when"))
        if late := _LATE.search(status):
            spans = {unit.lower(): int(n) for n, unit in _SPAN.findall(late[1])}
            told.late = timedelta(
                days=spans.get("day", 0),
                hours=spans.get("hour", 0),
                minutes=spans.get("min", 0),
                seconds=spans.get("sec", 0),
            )
        elif re.search(r"\d", status) and not _ENGLISH.match(status):
            told.unread = status
        told.when = _date(when)
        if told.when is None and re.search(r"\d:\d\d", when):
            told.unread = when
        rows[number[1]] = told
    return rows


def _find_columns(table: Table) -> dict[str, str]:
    found = {}
    for key, pattern in _COLUMNS.items():
        for column in table.columns:
            if re.fullmatch(pattern, column, re.I) and column not in found.values():
                found.setdefault(key, column)
    first = [_NUMBER.fullmatch(row[table.columns[0]]) for row in table.rows]
    # The first column's name depends on the language; what is in it does not.
    if "number" not in found and first and all(first) and len(table.columns) > 3:
        found["number"] = table.columns[0]
    return found


def _date(text: str) -> datetime | None:
    """Return a time as Moodle writes it in English, None if it is another language or none."""
    if not re.search(r"[A-Za-z]{3}", text) or not re.search(r"\d:\d\d", text):
        return None
    try:
        return dates.parse(text)
    except (ValueError, OverflowError):
        return None


__all__ = ["People", "Person", "TimeError", "is_worksheet", "read_worksheet"]
