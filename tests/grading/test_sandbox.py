"""A sandbox starts, or says why not; the seeds' secret; the rules of an assignment."""

import contextlib
import copy
import dataclasses
import io
import os
import stat
import subprocess
import sys

import nbformat
import pytest
from nbformat import v4

from lstm_grade.box import sandbox, seccomp, seeds, visible
from lstm_grade.box.doctor import ANSWERS, ATTACKS, doctor
from lstm_grade.box.examiner import Examiner
from lstm_grade.box.rules import Limits, Rules
from lstm_grade.box.split import SandboxError
from tests.grading.conftest import POINTS, RULES, SOURCE, points


def test_without_bubblewrap_it_is_said_what_to_do(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxError, match="apt-get install bubblewrap"):
        Examiner().warm(RULES)


def test_where_bubblewrap_is_refused_its_reason_is_said(monkeypatch, tmp_path):
    refusing = tmp_path / "bwrap"
    refusing.write_text("#!/bin/sh\necho 'setting up uid map: Permission denied' >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(sandbox.os, "getuid", lambda: 1000)
    with pytest.raises(SandboxError, match="Permission denied") as error:
        Examiner().warm(RULES)
    assert "--unsafe" in str(error.value)


def test_a_module_that_is_not_installed_is_said():
    with pytest.raises(SandboxError, match="no_such_module here, but it is not installed"):
        Examiner().warm(dataclasses.replace(RULES, modules=("numpy", "no_such_module")))


def test_neighbours_of_a_module_are_not_seen(monkeypatch, tmp_path):
    """A fresh editable install leaves such a folder, which names all of the source tree."""
    egg_info = tmp_path / "lstm_course.egg-info"
    egg_info.mkdir()
    (egg_info / "PKG-INFO").write_text("Name: lstm-course\nVersion: 0.1.0\n")
    (egg_info / "SOURCES.txt").write_text("lstm_check/__init__.py\nlstm_ref/__init__.py\n")
    (egg_info / "top_level.txt").write_text("lstm_check\nlstm_grade\nlstm_ref\n")
    for package in ("lstm_check", "lstm_ref"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    seen = visible.visible.__wrapped__(("numpy", "lstm_ref"))
    assert "/packages/lstm_ref" in seen
    assert not [place for place in seen if "lstm_check" in place]


def test_unsafe_needs_no_bubblewrap(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with contextlib.closing(Examiner(unsafe=True)) as executor:
        for _ in range(2):
            report = executor.run(SOURCE, RULES, student="ada", assignment="gates")
            assert points(report) == POINTS
            assert report.odd == []


def test_unsafe_has_right_parts_on_any_machine(monkeypatch):
    """There is no filter of system calls then, and nothing that it would protect."""
    monkeypatch.setattr(seccomp.platform, "machine", lambda: "aarch64")
    test = "assert quadruple.given(double=lambda x: 2 * x)(3.0) == 12.0"
    cells = ["def double(x): pass", "def quadruple(x): return double(double(x))"]
    notebook = v4.new_notebook(cells=[v4.new_code_cell(each) for each in [*cells, test]])
    notebook.cells[-1].metadata["nbgrader"] = {"grade_id": "t"}
    rules = Rules(tests={"t": test}, exports=("double", "quadruple"))
    with contextlib.closing(Examiner(unsafe=True)) as executor:
        report = executor.run(notebook, rules, student="ada", assignment="a")
    assert report.notebook.cells[-1].outputs == []
    assert report.bounds == "--unsafe: a submission could do whatever you can"


def test_doctor_finds_no_hole(sandboxed, capsys):
    assert doctor()
    printed = capsys.readouterr().out
    assert printed.count(" refused ") == len(ATTACKS) + len(ANSWERS)
    assert "HOLE" not in printed


def test_doctor_says_when_there_is_no_sandbox(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "/nowhere")
    assert not doctor()
    assert "apt-get install bubblewrap" in capsys.readouterr().out


def test_secret_is_made_once_and_is_private(tmp_path):
    path = tmp_path / "secret"
    secret = seeds.read_secret(path)
    assert len(secret) >= 32
    assert seeds.read_secret(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["secret"]
    path.write_text("\n")
    with pytest.raises(ValueError, match="is empty"):
        seeds.read_secret(path)


def test_a_secret_that_many_make_at_once_is_one(tmp_path):
    code = (
        "import sys; from lstm_grade.box.seeds import *; print(read_secret(sys.argv[1]).decode())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "secret")]
    asked = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    assert len({one.communicate()[0] for one in asked}) == 1
    assert os.listdir(tmp_path) == ["secret"]


def test_seeds_differ_by_everything_they_come_from():
    words = [("gates", "ada", "f"), ("gates", "adaf", ""), ("gates", "bob", "f")]
    found = [seeds.seed(secret, *word) for secret in (b"1", b"2") for word in words]
    assert len(set(found)) == 6
    assert all(0 <= seed < 2**63 for seed in found)
    assert found[0] == seeds.seed(b"1", "gates", "ada", "f")


def test_rules_of_gates():
    rules = Rules.of(SOURCE)
    assert rules.exports == tuple(POINTS)
    assert rules.modules == ("numpy", "matplotlib")
    assert rules.preload == ("numpy",)
    assert [name.removeprefix("test_") for name in rules.tests] == list(POINTS)
    assert all("HIDDEN" in source for source in rules.tests.values())
    assert rules.limits == Limits()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "lstm_grade.exports is missing"),
        ({"export": ["f"]}, "lstm_grade: export is unknown; known: exports, modules, limits."),
        ({"exports": ["f g"]}, "lstm_grade.exports: expected a list of names"),
        ({"exports": [], "modules": [1]}, "lstm_grade.modules: expected a list of names"),
        ({"exports": [], "limits": {"ram": 1}}, "lstm_grade.limits: ram is unknown"),
        ({"exports": [], "limits": {"cell": 0}}, "lstm_grade.limits.cell: expected a number"),
        ({"exports": [], "limits": {"cell": "1"}}, "lstm_grade.limits.cell: expected a number"),
    ],
)
def test_wrong_metadata_is_said(given, said):
    notebook = copy.deepcopy(SOURCE)
    notebook.metadata["lstm_grade"] = nbformat.from_dict(given)
    with pytest.raises(ValueError, match="lstm_grade") as error:
        Rules.of(notebook)
    assert str(error.value).startswith(said)


def test_limits_of_an_assignment():
    notebook = nbformat.read(io.StringIO(nbformat.writes(SOURCE)), 4)
    notebook.metadata["lstm_grade"]["limits"] = {"cell": 2.5}
    assert Rules.of(notebook).limits == Limits(cell=2.5)


def test_a_machine_whose_system_calls_are_not_known_is_refused(monkeypatch):
    monkeypatch.setattr(seccomp.platform, "machine", lambda: "aarch64")
    with pytest.raises(SandboxError, match="This machine is aarch64; the sandbox was tried on x86"):
        Examiner().warm(RULES)


def test_a_machine_that_refuses_the_namespaces_of_a_submission(sandboxed, monkeypatch):
    """AppArmor takes the capability: bubblewrap starts, and a submission's process does not."""
    plain = sandbox.bubblewrap

    def without_capability(*arguments):
        command = plain(*arguments)
        at = command.index("CAP_SYS_ADMIN")
        return [*command[: at - 1], *command[at + 1 :]]

    monkeypatch.setattr(sandbox, "bubblewrap", without_capability)
    with pytest.raises(SandboxError, match="unshare: Operation not permitted"):
        Examiner().warm(RULES)
