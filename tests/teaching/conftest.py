"""A course into which archives are collected, and what lies in these."""

import io
import zipfile

import nbformat
import pytest
from nbgrader.api import Gradebook

from lstm_grade.run.collect.command import collect
from tests.conftest import ROOT

RELEASED = (ROOT / "exercises/gates/gates.ipynb").read_bytes()


def answered(text="def hidden_state(o, c):\n    return o * np.tanh(c)"):
    notebook = nbformat.reads(RELEASED.decode(), 4)
    for cell in notebook.cells:
        cell.source = text if cell.id == "hidden_state" else cell.source
    return nbformat.writes(notebook).encode()


DONE, LATER = answered(), answered("def hidden_state(o, c):\n    return np.tanh(c) * o")


def packed(files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


class Course:
    """A course in whose folder this process is."""

    def __init__(self, path, capsys):
        self.path, self.capsys, self.said = path, capsys, ""

    def collect(self, *archives, **options):
        """Collect archives; what was said is kept."""
        paths = []
        for number, archive in enumerate(archives):
            if isinstance(archive, dict | bytes):
                content = packed(archive) if isinstance(archive, dict) else archive
                archive = self.path / f"archive{number}.zip"
                archive.write_bytes(content)
            paths.append(str(archive))
        done = collect("gates", paths, **options)
        self.said = self.capsys.readouterr().out
        return done

    def files(self, student):
        """Return what lies in a student's folder."""
        folder = self.path / "submitted" / student / "gates"
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}

    def students(self):
        """Return whose folders there are."""
        base = self.path / "submitted"
        return {each.name for each in base.iterdir()} if base.exists() else set()

    def gradebook(self, students=(), due=None):
        """Make a gradebook with a roster and a due date."""
        with Gradebook(f"sqlite:///{self.path}/gradebook.db", "lstm") as gradebook:
            for told in students:
                gradebook.add_student(told.pop("id"), **told)
            if due:
                gradebook.update_or_create_assignment("gates", duedate=due)


@pytest.fixture
def course(new_course, monkeypatch, capsys):
    made = new_course()
    monkeypatch.chdir(made.path)
    return Course(made.path, capsys)
