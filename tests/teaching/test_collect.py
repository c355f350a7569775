"""Archives of Moodle, Canvas, Gradescope and others: whose work it is, what counts, and when."""

import io
import tarfile
import zipfile

import pytest

from lstm_grade.run.collect.names import identify
from tests.teaching.conftest import DONE, LATER, RELEASED, packed

pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")


@pytest.mark.parametrize(
    ("path", "key", "file", "late"),
    [
        ("Bert Brecht_1327628_assignsubmission_file/gates.ipynb", "1327628", "gates.ipynb", False),
        ("Ada Byron_1327627_assignsubmission_file_/gates.ipynb", "1327627", "gates.ipynb", False),
        ("Ada Byron_1327627_assignsubmission_file_gates.ipynb", "1327627", "gates.ipynb", False),
        ("Hugo Ha_7_assignsubmission_file/my work/g.ipynb", "7", "my work/g.ipynb", False),
        ("s12_Ada Byron_7_assignsubmission_file/g.ipynb", "7", "g.ipynb", False),
        ("Participant_87681_assignsubmission_file/g.ipynb", "87681", "g.ipynb", False),
        ("course-gates-17/איימן שפסו_7085_assignsubmission_file_/g.py", "7085", "g.py", False),
        ("Ada_Maria Byron_7_assignsubmission_file_/g.ipynb", "7", "g.ipynb", False),
        ("Group_B 2_31_assignsubmission_file/g.ipynb", "31", "g.ipynb", False),
        ("Group1_31_assignsubmission_file/g.ipynb", "31", "g.ipynb", False),
        ("Default group_assignsubmission_file/g.ipynb", "Default group", "g.ipynb", False),
        ("Teilnehmerin_87681_assignsubmission_file/g.ipynb", "87681", "g.ipynb", False),
        ("Ada B_7_assignsubmission_onlinetext/x.html", "7", "onlinetext/x.html", False),
        ("byronada_4711_98765_gates.ipynb", "4711", "gates.ipynb", False),
        ("mu\u0308llerada_4711_98765_gates.ipynb", "4711", "gates.ipynb", False),
        ("कुमारअदिति_LATE_4711_98765_g.ipynb", "4711", "g.ipynb", True),
        ("حسنعلي_4711_98765_تمرين.ipynb", "4711", "تمرين.ipynb", False),
        ("12345_4711_98765_gates.ipynb", "4711", "gates.ipynb", False),
        ("byronada_4711_98765_2026_11_20_g.ipynb", "4711", "2026_11_20_g.ipynb", False),
        ("byronada_LATE_4711_text.html", "4711", "text.html", True),
        ("LATE_4711_98765_g.ipynb", "4711", "g.ipynb", True),
        ("byronada_LATE_4711_98765_gates-2.ipynb", "4711", "gates-2.ipynb", True),
        ("anon_Ab3dE_98765_gates.ipynb", "anon_Ab3dE", "gates.ipynb", False),
        ("LATE_anon_Ab3dE_98765_gates.ipynb", "anon_Ab3dE", "gates.ipynb", True),
        ("smith_jones_4711_98765_my_gates_1.ipynb", "4711", "my_gates_1.ipynb", False),
        ("gates_s12_attempt_2026-11-20-18-05-33_g.ipynb", "s12", "g.ipynb", False),
    ],
)
def test_names_that_systems_give(path, key, file, late):
    found = identify(path)
    assert (found.key, found.path, found.late) == (key, file, late)


def test_moodle_and_canvas_as_their_archives_are(course):
    done = course.collect(
        {
            "Bert Brecht_28_assignsubmission_file/gates.ipynb": DONE,
            "Cleo Müller-Łukasz_29_assignsubmission_file/gates.ipynb": DONE,
            "Fritz Fu_32_assignsubmission_file_/gates_fritz_final.ipynb": DONE,
            "Hugo Ha_34_assignsubmission_file/my work/gates.ipynb": DONE,
            "Gina Gu_33_assignsubmission_file/gates (1).ipynb": DONE,
            "Gina Gu_33_assignsubmission_file/gates.ipynb": RELEASED,
            "Paul Pu_43_assignsubmission_file_/43.ipynb": DONE,
            "__MACOSX/Paul Pu_43_assignsubmission_file_/._43.ipynb": b"x",
        },
        {
            "eulerleonhard_4716_98771_gates_euler.ipynb": DONE,
            "obrienconan_4714_98768_gates-3.ipynb": DONE,
            "obrienconan_4714_98770_gates-4.ipynb": LATER,
        },
    )
    assert done, course.said
    assert course.students() == {"28", "29", "32", "33", "34", "43", "4714", "4716"}
    for student in course.students():
        content = LATER if student == "4714" else DONE
        assert course.files(student) == {"gates.ipynb": content}, student
    assert "taken: gates (1).ipynb; not taken: gates.ipynb" in course.said
    assert "taken: gates-4.ipynb; not taken: gates-3.ipynb" in course.said
    assert "called by Moodle's number, which is another one in each assignment: 28" in course.said


def test_moodles_worksheet_says_who_they_are_and_when(course):
    course.gradebook([{"id": "ada", "email": "Ada@example.org"}], "2026-11-20 17:00 UTC")
    worksheet = course.path / "Grades.csv"
    worksheet.write_text(
        "\ufeffIdentifier,Full name,Email address,Status,Last modified (submission)\n"
        'Participant 27,Ada B,ada@example.org,Submitted,"Friday, 20 November 2026, 5:30 PM"\n'
        "Participant 28,Bert B,bert@example.org,Submitted - 3 mins 31 secs late - ,-\n"
    )
    archive = {f"X Y_{n}_assignsubmission_file/gates.ipynb": DONE for n in (27, 28)}
    assert course.collect(archive, worksheet, zone="Europe/Berlin"), course.said
    assert course.students() == {"ada", "bert@example.org"}
    assert course.files("ada")["timestamp.txt"] == b"2026-11-20 16:30:00 UTC\n"
    late = course.files("bert@example.org")["timestamp.txt"]
    assert late == b"2026-11-20 17:03:31 UTC\n"


def test_a_groups_work_is_each_members(course):
    worksheet = course.path / "Grades.csv"
    worksheet.write_text(
        "Identifier,Full name,Email address,Status,Group\n"
        "Participant 27,Ada B,ada@x,Submitted for grading,Team A\n"
        "Participant 28,Bert B,bert@x,Submitted for grading,Team A\n"
        "Participant 29,Cleo C,cleo@x,Submitted for grading,Default group\n"
    )
    archive = {
        "Team A_900_assignsubmission_file/gates.ipynb": DONE,
        "Default group_assignsubmission_file/gates.ipynb": LATER,
    }
    assert course.collect(archive, worksheet), course.said
    assert course.students() == {"ada@x", "bert@x", "cleo@x"}
    assert course.files("bert@x") == {"gates.ipynb": DONE}
    assert course.files("cleo@x") == {"gates.ipynb": LATER}


def test_a_worksheet_in_another_language_is_no_reason_to_be_on_time(course):
    course.gradebook(due="2026-11-20 17:00 UTC")
    worksheet = course.path / "Bewertungen.csv"
    worksheet.write_text(
        "ID;Vollständiger Name;E-Mail-Adresse;Status;Zuletzt geändert (Abgabe)\n"
        "Teilnehmer/in27;Ada B;ada@x;Zur Bewertung abgegeben;Freitag, 20. November 2026, 16:59\n"
        "Teilnehmer/in28;Bert B;bert@x;Abgegeben - 3 Minuten verspätet;-\n"
    )
    archive = {f"X Y_{n}_assignsubmission_file/gates.ipynb": DONE for n in (27, 28)}
    assert course.collect(archive, worksheet), course.said
    assert course.students() == {"ada@x", "bert@x"}
    said = "when it came is in another language: "
    assert f"{said}Freitag, 20. November 2026, 16:59" in course.said
    assert f"{said}Abgegeben - 3 Minuten verspätet" in course.said


def test_the_time_is_that_of_the_attempt_that_is_taken(course):
    attempts = {
        "gates_s12_attempt_2026-11-20-18-05-33_g.ipynb": DONE,
        "gates_s12_attempt_2026-11-22-09-00-00_g.ipynb": LATER,
        "gates_s13_attempt_2026-11-20-18-05-33_g.ipynb": DONE,
        "gates_s13_attempt_2026-11-22-09-00-00_g.ipynb": RELEASED,
    }
    assert course.collect(attempts, zone="UTC"), course.said
    assert course.files("s12")["timestamp.txt"] == b"2026-11-22 09:00:00 UTC\n"
    assert course.files("s13")["timestamp.txt"] == b"2026-11-20 18:05:33 UTC\n"


@pytest.mark.parametrize(
    "folder",
    ["Byron, Ada(s77)", "Byron_Ada_s77_4711", "Ada Byron", "ada byron", "Byron, Ada", "s77",
     "ada.byron", "gates-s77", "12345-67890 - Ada Byron - 20 November, 2026 530 PM"],
)  # fmt: skip
def test_a_folder_that_names_one_of_the_roster(course, folder):
    course.gradebook(
        [
            {"id": "s77", "first_name": "Ada", "last_name": "Byron", "email": "ada.byron@x.org"},
            {"id": "s78", "first_name": "Bert", "last_name": "O'Brien", "email": "bert@x.org"},
        ]
    )
    archive = {f"{folder}/gates.ipynb": DONE, f"{folder}/.git/objects/aa": b"x"}
    assert course.collect({**archive, "OBrien Bert/gates.ipynb": LATER}), course.said
    assert course.students() == {"s77", "s78"}
    assert course.files("s77") == {"gates.ipynb": DONE}


def test_a_file_called_as_canvas_does_is_its_students(course):
    folders = {f"{who}/gates.ipynb": DONE for who in ("ada", "bert", "cleo")}
    assert course.collect({**folders, "bert/run_12_3456_losses.csv": b"1,2"}), course.said
    assert course.students() == {"ada", "bert", "cleo"}
    assert course.files("bert") == {"gates.ipynb": DONE, "run_12_3456_losses.csv": b"1,2"}


def test_an_archive_of_windows(course):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in ("A B_1_assignsubmission_file_", "C D_2_assignsubmission_file_"):
            info = zipfile.ZipInfo("x")
            info.filename = info.orig_filename = f"{name}\\gates.ipynb"
            info.create_system = 0
            archive.writestr(info, DONE)
    assert course.collect(content.getvalue()), course.said
    assert course.students() == {"1", "2"}


def test_canvas_late_marks_are_times(course):
    archive = {"byronada_LATE_4711_98765_gates.ipynb": DONE}
    course.collect(archive)
    assert "came late, but late for what?" in course.said
    assert "timestamp.txt" not in course.files("4711")
    course.gradebook(due="2026-11-20 17:00 UTC")
    course.collect(archive)
    assert course.files("4711")["timestamp.txt"] == b"2026-11-20 17:00:01 UTC\n"
    assert "counted as one second" in course.said


def test_gradescopes_export(course):
    metadata = """
submission_100:
  :submitters:
  - :name: Ada Byron
    :sid: '77'
    :email: ada@example.org
  :created_at: 2026-11-20 16:40:22.117155000 Z
submission_200:
  :submitters:
  - {":name": Pair One, ":sid": '1', ":email": one@x}
  - {":name": Pair Two, ":email": two@x}
"""
    assert course.collect(
        {
            "assignment_9_export/submission_metadata.yml": metadata,
            "assignment_9_export/submission_100/gates.ipynb": DONE,
            "assignment_9_export/submission_200/gates.ipynb": LATER,
        }
    )
    assert course.students() == {"77", "1", "two@x"}
    assert course.files("77")["timestamp.txt"] == b"2026-11-20 16:40:22 UTC\n"
    assert course.files("1") == course.files("two@x") == {"gates.ipynb": LATER}


@pytest.mark.parametrize(
    "path",
    ["ada.ipynb", "gates_ada.ipynb", "ada-gates.ipynb", "ada/any.ipynb", "ada/gates/gates.ipynb",
     "submitted/ada/gates/gates.ipynb", "all/of/ada/gates.ipynb"],
)  # fmt: skip
def test_a_plain_folder(course, path):
    folder = course.path / "handed in"
    for student in ("ada", "bert"):
        file = folder / path.replace("ada", student)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(DONE)
    assert course.collect(folder), course.said
    assert course.students() == {"ada", "bert"}
    assert course.files("ada") == {"gates.ipynb": DONE}


def test_archives_in_archives(course):
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as archive:
        member = tarfile.TarInfo("work/gates.ipynb")
        member.size = len(LATER)
        archive.addfile(member, io.BytesIO(LATER))
    moodle = packed(
        {
            "A B_1_assignsubmission_file/work.zip": packed(
                {"deep/x.zip": packed({"g.ipynb": DONE})}
            ),
            "C D_2_assignsubmission_file/work.tar.gz": tar.getvalue(),
        }
    )
    assert course.collect({"section 1/moodle.zip": moodle}), course.said
    assert course.files("1") == {"gates.ipynb": DONE}
    assert course.files("2") == {"gates.ipynb": LATER}


def test_a_second_archive_updates_what_changed_and_keeps_times(course):
    archive = {f"x_{n}_{n}000_gates.ipynb": DONE for n in (4711, 4712)}
    course.collect(archive)
    stamp = course.path / "submitted/4711/gates/timestamp.txt"
    stamp.write_text("2026-11-20 16:00:00 UTC\n")
    before = stamp.stat().st_mtime_ns
    archive["x_4712_4712001_gates-1.ipynb"] = LATER
    assert course.collect(archive)
    assert course.files("4712") == {"gates.ipynb": LATER}
    assert stamp.read_text() == "2026-11-20 16:00:00 UTC\n"
    assert stamp.stat().st_mtime_ns == before
    assert "gates: 1 as before, 1 updated." in course.said


def test_an_untouched_later_attempt_does_not_hide_the_work(course):
    course.collect({"x_4711_98768_g.ipynb": DONE, "x_4711_98770_g-1.ipynb": RELEASED})
    assert course.files("4711") == {"gates.ipynb": DONE}


def test_a_students_own_timestamp_is_nobodys_word(course):
    course.collect(
        {
            "A B_1_assignsubmission_file/gates.ipynb": DONE,
            "A B_1_assignsubmission_file/timestamp.txt": "2020-01-01 00:00:00 UTC",
        }
    )
    assert course.files("1") == {"gates.ipynb": DONE}


def test_a_dry_run_writes_nothing(course):
    assert course.collect({"x_4711_98768_g.ipynb": DONE}, dry_run=True)
    assert course.students() == set()
    assert "nothing was written" in course.said
