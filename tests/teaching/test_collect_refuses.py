"""What is no archive, and what tricks one plays: it is named, and all others are collected."""

import io
import stat
import zipfile

import pytest

from lstm_grade.run.errors import CannotGradeError
from tests.teaching.conftest import DONE, packed

pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")


def link():
    info = zipfile.ZipInfo("A B_1_assignsubmission_file/gates.ipynb")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(info, "/etc/passwd")
        archive.writestr("C D_2_assignsubmission_file/gates.ipynb", DONE)
    return content.getvalue()


TRICKS = {
    "out of it": ({"../A B_1_assignsubmission_file/gates.ipynb": DONE}, "leads out of the archive"),
    "absolute": ({"/A B_1_assignsubmission_file/gates.ipynb": DONE}, "leads out of the archive"),
    "a drive": ({"C:\\A B_1_assignsubmission_file\\g.ipynb": DONE}, "leads out of the archive"),
    "a bomb": (
        {"A B_1_assignsubmission_file/gates.ipynb": bytes(64 << 20)},
        "bytes that unpack to 67108864",
    ),
    "a bomb within": (
        {"A B_1_assignsubmission_file/x.zip": packed({"gates.ipynb": bytes(64 << 20)})},
        "bytes that unpack to 67108864",
    ),
    "no zip": ({"A B_1_assignsubmission_file/x.zip": b"PK\x03\x04 no"}, "is a damaged zip"),
}


@pytest.mark.parametrize("name", TRICKS)
def test_tricks_are_named_and_refused_and_others_collected(course, name):
    archive, said = TRICKS[name]
    assert not course.collect({**archive, "C D_2_assignsubmission_file/gates.ipynb": DONE})
    assert said in course.said
    assert course.files("2") == {"gates.ipynb": DONE}
    assert not list(course.path.parent.glob("*assignsubmission*"))


def test_links_are_named_and_refused(course):
    assert not course.collect(link())
    assert "gates.ipynb: is a link" in course.said
    assert course.students() == {"2"}


def test_students_whom_some_disks_take_for_the_same_are_refused(course):
    names = ["ada", "Ada", "M\u00fcller", "Mu\u0308ller", "bert"]
    assert not course.collect({f"{name}/gates.ipynb": DONE for name in names})
    assert course.students() == {"bert"}
    assert course.said.count("cannot be told from") == 4


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"hello", "is no archive"),
        (b"PK\x03\x04 cut", "is a damaged zip"),
        (b"7z\xbc\xaf\x27\x1c", "is a 7z or RAR archive"),
        (packed({"readme.txt": b"hello"}), "no submission found"),
    ],
    ids=["empty", "text", "cut", "7z", "nothing in it"],
)
def test_what_is_no_archive_is_said(course, content, said):
    with pytest.raises(CannotGradeError, match=said):
        course.collect(content)
    assert course.students() == set()


def test_bad_input_is_said(course):
    with pytest.raises(CannotGradeError, match=r"there is no nosuch\.zip"):
        course.collect("nosuch.zip")
    with pytest.raises(CannotGradeError, match="--zone: PST is not one time zone"):
        course.collect({"x_4711_98768_g.ipynb": DONE}, zone="PST")
    course.path.joinpath("w.csv").write_text("colour,size\nred,1\n")
    with pytest.raises(CannotGradeError, match="is no grading worksheet of Moodle"):
        course.collect({"x_4711_98768_g.ipynb": DONE}, worksheet="w.csv")
