"""The roster: who is in the class, from what Canvas, Moodle or a spreadsheet export."""

import os
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Student

from lstm_grade.run.collect.place import bad_folder
from lstm_grade.run.course import open_course
from lstm_grade.run.errors import CannotGradeError
from lstm_grade.run.folder import shown
from lstm_grade.run.registered import opened
from lstm_grade.run.tables import Table, TableError, read_table

FIELDS = ("id", "first_name", "last_name", "email", "lms_user_id")
# What each field's column is called, the best first; compared without case, spaces and signs.
_COLUMNS = {
    "id": (
        *("id", "studentid", "sisloginid", "username", "login", "loginid", "anmeldename"),
        *("benutzername", "nomdutilisateur", "nombredeusuario", "netid", "uni", "userid"),
        *("idnumber", "idnummer", "sisuserid", "sid", "studentnumber", "studentnummer"),
        *("matrikelnummer", "matrikelnr", "matrnr", "matriculationnumber", "matricola"),
        *("numerodetudiant", "numerodidentification", "numerodeid", "numerodeidentificacao"),
        *("matricula", "kennung"),
    ),
    "first_name": (
        *("firstname", "first", "givenname", "forename", "vorname", "prenom", "nombre", "nome"),
        *("firstnames", "preferredname", "voornaam", "fornavn", "fornamn", "imie"),
    ),
    "last_name": (
        *("lastname", "last", "surname", "familyname", "nachname", "familienname", "nom"),
        *("nomdefamille", "apellidos", "apellido", "cognome", "sobrenome", "apelido"),
        *("achternaam", "etternavn", "efternamn", "nazwisko"),
    ),
    "name": (
        *("student", "name", "fullname", "studentname", "vollstandigername", "nomcomplet"),
        *("nombrecompleto", "nomecompleto", "volledigenaam"),
    ),
    "email": (
        *("emailaddress", "email", "mail", "emailadresse", "adressedecourriel", "courriel"),
        *("direcciondecorreo", "correoelectronico", "enderecodeemail", "indirizzoemail"),
        *("emailadres", "epost"),
    ),
    "lms_user_id": ("lmsuserid", "canvasid", "canvasuserid"),
}
# How a spreadsheet shows a long number; what it was is lost.
_SHORTENED = re.compile(r"\d[.,]\d+E\+\d+", re.I)


@dataclass
class Understood:
    """What a file is taken for.

    Attributes
    ----------
    columns : dict of str to str
        By field, the column it comes from.
    students : list of dict of str to str
        By field; those that are empty are left out.
    skipped : list of str
        Rows that are nobody's, and why.
    """

    columns: dict[str, str]
    students: list[dict[str, str]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def import_roster(
    file: str, *, columns=(), db_url: str | None = None, dry_run: bool = False
) -> None:
    """Put the students of a file into the gradebook, and print what was understood.

    Parameters
    ----------
    file : str
        A CSV of Canvas, Moodle or a spreadsheet.
    columns : sequence of str
        What is to be taken otherwise than guessed, such as ``id=Matrikelnummer``.
    db_url : str, optional
        The gradebook.
    dry_run : bool
        Only print it.

    Raises
    ------
    CannotGradeError
        If the file cannot be understood. Nothing is written then.
    """
    try:
        table = read_table(Path(file))
    except TableError as error:
        raise CannotGradeError(f"{error}.") from error
    app = open_course(db_url)
    known = _known(app, dry_run)
    found = understand(table, dict(map(_asked, columns)), known, file)
    print("\n".join(_told(file, table, found)))
    if dry_run:
        print(
            "\nNothing was written. If a column is wrong, say so: --column id='…'. "
            "If all is right, give the command again without --dry-run."
        )
        return
    with opened(app.coursedir) as gradebook:
        counts = _write(gradebook, found.students)
        names = {student["id"] for student in found.students}
        others = sorted(student.id for student in gradebook.students if student.id not in names)
    print(f"\n{', '.join(f'{count} {what}' for what, count in counts.items())}.")
    if others:
        some = ", ".join(map(shown, others[:10])) + f" and {len(others) - 10} more" * (
            len(others) > 10
        )
        print(f"In the gradebook, and not in the file: {some}. They stay.")


def _known(app, dry_run):
    """Return how students are called so far: in the gradebook, and in submitted/."""
    url = app.coursedir.db_url
    known = set()
    if not (url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists()):
        with opened(app.coursedir) as gradebook:
            known = {student.id for student in gradebook.students}
    folder = Path(app.coursedir.root, app.coursedir.submitted_directory)
    return known | ({name for name in os.listdir(folder)} if folder.is_dir() else set())


def _asked(text):
    name, equals, column = text.partition("=")
    if not equals or name not in (*FIELDS, "name"):
        raise CannotGradeError(
            f"--column {text}: expected FIELD=COLUMN, where FIELD is one of "
            f"{', '.join((*FIELDS, 'name'))}."
        )
    return name, column


def _plain(column):
    return re.sub(r"[^a-z]", "", unicodedata.normalize("NFKD", column.lower()))


def understand(table: Table, asked: dict[str, str], known=frozenset(), file="it") -> Understood:
    """Find out what the columns of a table are, and who is in its rows.

    Parameters
    ----------
    table : Table
    asked : dict of str to str
        By field, the column that is to be taken.
    known : collection of str
        How students are called so far: the column that agrees is taken as id.
    file : str
        What the table is called in an error.

    Raises
    ------
    CannotGradeError
        If nothing in it names students, or does not name them uniquely.
    """
    for column in asked.values():
        if column not in table.columns:
            raise CannotGradeError(
                f"{file} has no column {column!r}. It has: {', '.join(table.columns)}."
            )
    columns = {}
    for name, called in _COLUMNS.items():
        found = [c for best in called for c in table.columns if _plain(c) == best]
        if found:
            columns[name] = found[0]
            if name == "id":
                # Moodle exports a column for numbers that few sites fill.
                columns[name] = next((c for c in found if _full(table, c)), found[0])
    if "email" in columns and not ("id" in columns and _full(table, columns["id"])):
        if "id" not in columns or _full(table, columns["email"]):
            columns["id"] = columns["email"]
    if "first_name" in columns and "last_name" not in columns and "name" in columns:
        columns["last_name"] = columns.pop("name")
    plain = {_plain(column): column for column in table.columns}
    if "student" in plain and "id" in plain and {"sisloginid", "sisuserid", "section"} & set(plain):
        # Canvas's own number is in "ID"; people are called otherwise.
        columns["lms_user_id"] = plain["id"]
        columns["id"] = next(
            (
                plain[each]
                for each in ("sisloginid", "sisuserid")
                if each in plain and any(row[plain[each]] for row in table.rows)
            ),
            plain["id"],
        )
    columns |= asked
    if "id" not in asked and known:
        agree = {c: sum(row[c] in known for row in table.rows) for c in table.columns}
        best = max(table.columns, key=lambda column: agree[column])
        if agree[best] > agree.get(columns.get("id", ""), 0):
            columns["id"] = best
    if "id" not in columns:
        raise CannotGradeError(
            f"nothing in {file} names students: no column is called id, username, login, student "
            f"number or e-mail. It has: {', '.join(table.columns)}. Say it: --column id='…'"
        )
    found = Understood({name: columns[name] for name in (*FIELDS, "name") if name in columns})
    for number, row in table.numbered:
        _add(found, number, row)
    _refuse_doubles(found, file)
    if not found.students:
        why = "".join(f" {each}." for each in found.skipped[:3])
        raise CannotGradeError(f"{file} has columns, and no students in them.{why}")
    return found


def _full(table: Table, column: str) -> bool:
    return all(row[column] for row in table.rows)


def _add(found: Understood, number: int, row: dict[str, str]) -> None:
    columns = found.columns
    name = row[columns["name"]] if "name" in columns else ""
    student = {each: row[columns[each]] for each in FIELDS if each in columns}
    if re.fullmatch(r"\s*points possible\s*", name, re.I):
        return  # Canvas's second line
    if re.fullmatch(r"(student, test|test student|teststudent)", name, re.I):
        found.skipped.append(f"line {number}: {name} is nobody")
        return
    if not student["id"]:
        found.skipped.append(f"line {number}: nothing in column {columns['id']!r}")
        return
    if _SHORTENED.fullmatch(student["id"]):
        found.skipped.append(
            f"line {number}: {student['id']} is a number that a spreadsheet has cut short; "
            "export it anew with that column as text"
        )
        return
    if why := bad_folder(student["id"]):
        found.skipped.append(f"line {number}: {why}")
        return
    if name and not (student.get("first_name") or student.get("last_name")):
        last, comma, first = name.partition(",")
        if not comma:
            first, _, last = name.rpartition(" ")
        student |= {"first_name": first.strip(), "last_name": last.strip()}
    found.students.append({each: value for each, value in student.items() if value})


def _refuse_doubles(found: Understood, file: str) -> None:
    counts = Counter(student["id"].casefold() for student in found.students)
    doubles = [name for name, count in counts.items() if count > 1]
    if doubles:
        some = ", ".join(map(shown, doubles[:5]))
        raise CannotGradeError(
            f"column {found.columns['id']!r} of {file} does not tell students apart: {some} "
            f"{'is' if len(doubles) == 1 else 'are'} there more than once. "
            "Say another one: --column id='…'"
        )


def _told(file, table: Table, found: Understood):
    lines = [f"{file}: {table.read_as}; students: {len(found.students)}."]
    ids = {student["id"] for student in found.students}
    rows = [row for row in table.rows if row[found.columns["id"]] in ids]
    for name, column in found.columns.items():
        what = "first and last name" if name == "name" else name
        examples = [row[column] for row in rows if row[column]][:3]
        lines.append(f"- {what} is column {column!r}: {', '.join(map(shown, examples)) or 'empty'}")
    unused = [column for column in table.columns if column not in found.columns.values()]
    if unused:
        lines.append(f"- not used: {', '.join(unused[:8])}{' …' if len(unused) > 8 else ''}")
    return [*lines, *(f"- left out, {each}" for each in found.skipped)]


def _write(gradebook, students) -> Counter:
    """Write all of them, or none."""
    session, counts = gradebook.db, Counter()
    for told in students:
        student = session.get(Student, told["id"])
        if student is None:
            session.add(Student(**told))
            counts["new"] += 1
            continue
        changed = {key: value for key, value in told.items() if getattr(student, key) != value}
        for key, value in changed.items():
            setattr(student, key, value)
        counts["changed" if changed else "as before"] += 1
    session.commit()
    return counts
