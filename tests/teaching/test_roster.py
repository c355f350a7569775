"""Rosters as Canvas, Moodle and spreadsheets write them, and what is refused."""

import pytest
from nbgrader.api import Gradebook

from lstm_grade.run.errors import CannotGradeError
from lstm_grade.run.roster import import_roster, understand
from lstm_grade.run.tables import read_table

pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,gates (123)\r\n"
    "    Points Possible,,,,,32\r\n"
    '"Byron, Ada",4711,S1,ada,A,\r\n"Müller, Cleo",4712,S2,cleo,A,\r\n"Student, Test",99,,x,A,\r\n'
)
MOODLE = (
    "First name,Last name,Username,ID number,Email address\n"
    "Ada,Byron,ada,S1,ada@example.org\nCleo,Müller,cleo,S2,cleo@example.org\n"
)
GERMAN = (
    "Vorname;Nachname;Anmeldename;E-Mail-Adresse\r\n"
    "Ada;Byron;ada;ada@example.org\r\nCleo;Müller;cleo;cleo@example.org\r\n"
)
PLAIN = "id,first_name,last_name\nada,Ada,Byron\ncleo,Cleo,Müller\n"


@pytest.fixture
def imported(new_course, tmp_path, monkeypatch):
    """Return a function that imports a file and returns who is in the gradebook."""
    course = new_course()
    monkeypatch.chdir(course.path)

    def imported(content, **options):
        path = tmp_path / "roster.csv"
        path.write_bytes(content)
        import_roster(str(path), **options)
        if not course.path.joinpath("gradebook.db").exists():
            return None
        with Gradebook(f"sqlite:///{course.path}/gradebook.db", "lstm") as gradebook:
            return {s.id: (s.first_name, s.last_name, s.lms_user_id) for s in gradebook.students}

    return imported


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("text", [CANVAS, MOODLE, GERMAN, PLAIN])
def test_each_is_understood(imported, text, encoding):
    found = imported(text.encode(encoding))
    assert {who: told[:2] for who, told in found.items()} == {
        "ada": ("Ada", "Byron"),
        "cleo": ("Cleo", "Müller"),
    }
    assert found["ada"][2] == ("4711" if text == CANVAS else None)


@pytest.mark.parametrize(
    "text",
    [
        "Vorname;Nachname;ID-Nummer;Abteilung;E-Mail-Adresse\nAda;Byron;s77;;ada@x.org\n",
        "Vorname;Nachname;ID-Nummer;E-Mail-Adresse\nAda;Byron;;s77\n",
        "Prénom,Nom de famille,Numéro d'identification,Adresse de courriel\nAda,Byron,s77,a@x\n",
        "Nombre,Apellido(s),Número de ID,Dirección de correo\nAda,Byron,s77,ada@x.org\n",
        "Nome;Sobrenome;Número de identificação;Endereço de email\nAda;Byron;s77;ada@x.org\n",
        "Cognome;Nome;Matricola;Email\nByron;Ada;s77;a@x\n",
        "Studentnummer\tVoornaam\tAchternaam\ns77\tAda\tByron\n",
        "Matrikelnummer;Name;Vorname\ns77;Byron;Ada\n",
        "First Name,Last Name,SID,Email,Sections\nAda,Byron,s77,ada@x.org,\n",
        "Course: LSTM 101\nExported 2026-11-20\n\nid,first_name,last_name\ns77,Ada,Byron\n",
        "sep=;\nid;first_name;last_name\ns77;Ada;Byron\n",
    ],
    ids=["de", "de, no numbers", "fr", "es", "pt", "it", "nl", "a university's", "Gradescope",
         "a title above", "Excel's sep"],
)  # fmt: skip
def test_columns_in_other_languages_and_of_other_systems(imported, text):
    assert {who: told[:2] for who, told in imported(text.encode()).items()} == {
        "s77": ("Ada", "Byron")
    }


def test_a_number_that_a_spreadsheet_cut_short_is_nobodys(imported):
    with pytest.raises(CannotGradeError, match="a spreadsheet has cut short"):
        imported(b"id,name\n1.23457E+11,Ada Byron\n")


def test_a_dry_run_shows_it_and_writes_nothing(imported, capsys):
    assert imported(CANVAS.encode("utf-8-sig"), dry_run=True) is None
    said = capsys.readouterr().out
    assert "- id is column 'SIS Login ID': ada, cleo" in said
    assert "- left out, line 5: Student, Test is nobody" in said
    assert "Nothing was written." in said


def test_the_column_that_agrees_with_what_was_collected_is_taken(imported, monkeypatch, tmp_path):
    found = imported(PLAIN.replace("id", "student").encode(), columns=["id=student"])
    assert found.keys() == {"ada", "cleo"}
    table = tmp_path / "x.csv"
    table.write_text(CANVAS)
    understood = understand(read_table(table), {}, {"4711", "4712"})
    assert understood.columns["id"] == "ID"


def test_again_changes_only_what_is_new(imported, capsys):
    imported(PLAIN.encode())
    found = imported(b"id,last_name,first_name\nada,Lovelace,\ndora,D,D\n")
    assert found["ada"] == ("Ada", "Lovelace", None)
    assert found["cleo"][:2] == ("Cleo", "Müller")
    said = capsys.readouterr().out
    assert "1 changed, 1 new." in said
    assert "In the gradebook, and not in the file: cleo. They stay." in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"colour,size\nred,3\n", "nothing in .* names students.* It has: colour, size"),
        (b"id,name\nada,A\nada,B\n", "column 'id' of .* does not tell students apart: ada is"),
        (b"id,name\n", "has columns, and no students in them"),
        (b"PK\x03\x04", "is an Excel workbook; save it as CSV"),
        (b"", "is empty"),
    ],
)
def test_what_cannot_be_understood_is_said_and_nothing_written(imported, content, said):
    with pytest.raises(CannotGradeError, match=said):
        imported(content)


@pytest.mark.parametrize("name", ["../evil", ".hidden", "a/b", "x" * 200, "a*b"])
def test_a_name_that_no_folder_can_have_is_left_out(imported, name, capsys):
    found = imported(f"id,first_name\n{name},X\nada,A\n".encode())
    assert found.keys() == {"ada"}
    assert "left out, line 2" in capsys.readouterr().out


def test_a_column_that_is_not_there_is_said(imported):
    with pytest.raises(CannotGradeError, match="has no column 'nope'"):
        imported(PLAIN.encode(), columns=["id=nope"])
    with pytest.raises(CannotGradeError, match="expected FIELD=COLUMN"):
        imported(PLAIN.encode(), columns=["nonsense"])
