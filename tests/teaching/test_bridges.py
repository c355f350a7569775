"""What Gradescope and GitHub Classroom get is built, and run as these systems run it."""

import hashlib
import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
import yaml

from lstm_grade.box.doctor import ANSWERS, ATTACKS
from notebooks import work
from tests.test_workflows import LINTERS, lint

ROOT = Path(__file__).parents[2]
WRONG = "def candidate(hx, W_c, b_c):\n    return hx @ W_c.T + b_c"
FORGES = """
import json, os
for path in ("/autograder/results/results.json", {results!r}):
    try:
        open(path, "w").write('{{"score": 32}}')
    except OSError:
        pass
def candidate(hx, W_c, b_c):
    return np.array(os.listdir({source!r}))
"""


def build(system, slug, out, *options):
    command = [sys.executable, "tools/bridges.py", system, slug, "--out", str(out), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


class Autograder:
    """The folder /autograder, as Gradescope makes it of an archive."""

    def __init__(self, root, *options):
        done = build("gradescope", "gates", root, *options)
        assert done.returncode == 0, done.stderr
        self.root, self.archive = root, Path(done.stdout.strip())
        with zipfile.ZipFile(self.archive) as archive:
            for info in archive.infolist():
                path = Path(archive.extract(info, root / "source"))
                path.chmod(info.external_attr >> 16 & 0o777)
        root.joinpath("run_autograder").write_bytes(
            root.joinpath("source/run_autograder").read_bytes()
        )
        root.joinpath("run_autograder").chmod(0o755)
        root.joinpath("results").mkdir()

    def run(self, notebook, grader=Path(sys.executable).parents[1], before=(), **env):
        """Hand in a notebook; return the results, None if there are none, and the process.

        The autograder is started by the command `before`, if there is one.
        """
        folder = self.root / "submission"
        folder.mkdir(exist_ok=True)
        folder.joinpath("my gates (2).ipynb").write_text(notebook)
        users = [{"email": "ada@example.org", "id": 1, "name": "Ada"}]
        self.root.joinpath("submission_metadata.json").write_text(json.dumps({"users": users}))
        env = {**os.environ, "AUTOGRADER": str(self.root), "GRADER": str(grader), **env}
        done = subprocess.run(
            [*before, self.root / "run_autograder"],
            cwd=self.root,
            env=env,
            capture_output=True,
            text=True,
        )
        path = self.root / "results/results.json"
        return json.loads(path.read_text()) if path.exists() else None, done


@pytest.fixture(scope="module")
def autograder(tmp_path_factory):
    return Autograder(tmp_path_factory.mktemp("autograder"), "--visibility", "after_due_date")


def scores(found):
    return {test["name"]: (test["score"], test["max_score"]) for test in found["tests"]}


RIGHT = {
    **{"test_forget_gate": (5, 5), "test_input_gate": (5, 5), "test_candidate": (5, 5)},
    **{"test_cell_state": (6, 6), "test_output_gate": (5, 5), "test_hidden_state": (4, 4)},
}


def test_gradescope_gets_points_and_messages_of_each_test(autograder, lacking):
    found, done = autograder.run(work({"candidate": WRONG}))
    if found is None:
        lacking(done.stderr)
    assert scores(found) == {**RIGHT, "test_candidate": (0, 5)}
    assert "score" not in found  # Gradescope adds up the tests
    assert "answer, 2 points: a person gives the points" in found["output"]
    (test,) = [test for test in found["tests"] if test["status"] == "failed"]
    assert "candidate: your values are" in test["output"]
    assert {test["visibility"] for test in found["tests"]} == {"after_due_date"}
    assert found["stdout_visibility"] == "hidden"


def test_a_submission_in_gradescope_reads_no_tests_and_writes_no_results(autograder, lacking):
    results = str(autograder.root / "results/results.json")
    source = str(autograder.root / "source")
    found, done = autograder.run(work({"candidate": FORGES.format(results=results, source=source)}))
    if found is None:
        lacking(done.stderr)
    assert scores(found) == {**RIGHT, "test_candidate": (0, 5)}
    assert "nbgrader_config" not in json.dumps(found)


@pytest.fixture
def refused(tmp_path):
    """Return a PATH on which bubblewrap does as where namespaces are refused."""
    program = tmp_path / "bwrap"
    program.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1\n"
    )
    program.chmod(0o755)
    return f"{tmp_path}:{os.environ['PATH']}"


root = pytest.mark.skipif(os.getuid() != 0, reason="only root can make users, as in Gradescope")


@root
def test_where_the_container_refuses_namespaces_a_user_of_its_own_does(autograder, refused):
    results = str(autograder.root / "results/results.json")
    source = str(autograder.root / "source")
    forging = work({"candidate": FORGES.format(results=results, source=source)})
    found, done = autograder.run(forging, PATH=refused)
    assert found, done.stderr
    assert scores(found) == {**RIGHT, "test_candidate": (0, 5)}
    assert "nbgrader_config" not in json.dumps(found)
    assert "no namespaces: a submission's processes have users" in done.stdout
    assert done.stdout.count(" refused ") == len(ATTACKS) + len(ANSWERS)


SETPRIV = ["setpriv", "--inh-caps", "+dac_override"]


@root
@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        # Root's folders stay readable to it: Python is in one of them here.
        (
            [*SETPRIV, "--ambient-caps", "+dac_override", "--reuid", "12345"],
            "whoever grades would have to be root",
        ),
        (["setpriv", "--bounding-set", "-sys_chroot"], "chroot"),
        (["setpriv", "--bounding-set", "-setuid"], "Operation not permitted"),
        (["setpriv", "--bounding-set", "-setgid"], "Operation not permitted"),
    ],
    ids=["root", "chroot", "setuid", "setgid"],
)
def test_where_that_cannot_be_had_either_nothing_is_graded(lacks, said, autograder, refused):
    """Without results Gradescope says that the autograder failed, which is no mark."""
    autograder.root.joinpath("results/results.json").write_text('{"score": 32}')
    found, done = autograder.run(work(), before=lacks, PATH=refused)
    assert (found, done.returncode) == (None, 1)
    assert "Not graded: bubblewrap cannot make a sandbox here" in done.stderr
    assert "Nor can a submission be a user of its own here" in done.stderr
    assert said in done.stderr.splitlines()[-1]


@pytest.mark.skipif(os.getuid() == 0, reason="root can make users")
def test_without_namespaces_and_root_nothing_is_graded(autograder, refused):
    found, done = autograder.run(work(), PATH=refused)
    assert (found, done.returncode) == (None, 1)
    assert "whoever grades would have to be root" in done.stderr


def test_what_gradescope_unpacks(autograder):
    with zipfile.ZipFile(autograder.archive) as archive:
        modes = {i.filename: stat.S_IMODE(i.external_attr >> 16) for i in archive.infolist()}
        wheel = next(name for name in modes if name.endswith(".whl"))
        archive.extract(wheel, autograder.root)
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert modes["course/solutions/gates/gates.ipynb"] == 0o600
    with zipfile.ZipFile(autograder.root / wheel) as packed:
        assert {name.split("/")[0] for name in packed.namelist() if "dist-info" not in name} == {
            *("lstm_ref", "lstm_check", "lstm_grade")
        }


@pytest.mark.long
def test_gradescopes_image_is_made_from_nothing(autograder, tmp_path, lacking):
    """Debian's packages are those of this machine; all else is installed as in the image."""
    apt = tmp_path / "bin/apt-get"
    apt.parent.mkdir()
    apt.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
    apt.chmod(0o755)
    grader = tmp_path / "grader"
    env = {
        **os.environ,
        **{"AUTOGRADER": str(autograder.root), "GRADER": str(grader)},
        "PATH": f"{apt.parent}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash", autograder.root / "source/setup.sh"], env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "bubblewrap" in tmp_path.joinpath("asked").read_text()
    assert stat.S_IMODE(autograder.root.joinpath("source/course").stat().st_mode) & 0o077 == 0
    found, done = autograder.run(work(), grader)
    if found is None and "bubblewrap" in done.stderr:
        lacking(done.stderr)
    assert found, done.stderr
    assert scores(found) == RIGHT


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    out = tmp_path_factory.mktemp("classroom") / "gates"
    done = build("classroom", "gates", out)
    assert done.returncode == 0, done.stderr
    return out


def checks(template, notebook, tmp_path, python=sys.executable):
    """Run the checks as the workflow does; return what was said, and the summary."""
    template.joinpath("gates.ipynb").write_text(notebook)
    summary = tmp_path / "summary.md"
    (job,) = yaml.safe_load(template.joinpath(".github/workflows/classroom.yml").read_text())[
        "jobs"
    ].values()
    command = job["steps"][-1]["run"].replace(".venv/bin/python", str(python))
    env = {**os.environ, "GITHUB_STEP_SUMMARY": str(summary)}
    done = subprocess.run(
        ["bash", "-e", "-c", command], cwd=template, env=env, capture_output=True, text=True
    )
    return done, summary.read_text()


def test_the_template_holds_what_students_get_and_no_secret(template):
    names = {p.relative_to(template).as_posix() for p in template.rglob("*") if p.is_file()}
    (wheel,) = [name for name in names if name.endswith(".whl")]
    assert names == {
        *("README.md", "requirements.txt", ".gitignore", "gates.ipynb", wheel),
        *(".github/checks.py", ".github/workflows/classroom.yml"),
    }
    released = (ROOT / "exercises/gates/gates.ipynb").read_bytes()
    assert template.joinpath("gates.ipynb").read_bytes() == released
    with zipfile.ZipFile(template / wheel) as packed:
        assert not [name for name in packed.namelist() if "lstm_grade" in name]
    text = "".join(p.read_text() for p in template.rglob("*") if p.suffix in (".md", ".yml", ".py"))
    assert not re.search(r"secrets\.|HIDDEN", text)


@pytest.mark.parametrize("linter", LINTERS)
def test_the_templates_workflow_is_sound(template, linter):
    done = lint(linter, template / ".github/workflows/classroom.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_classroom_shows_the_points_of_the_checks(template, tmp_path):
    done, summary = checks(template, work({"candidate": WRONG}), tmp_path)
    assert done.returncode == 1
    assert "::notice title=Autograding complete::Points 25/30" in done.stdout
    report = '::notice title=Autograding report::{"totalPoints": 25, "maxPoints": 30}'
    assert report in done.stdout.splitlines()
    assert "| candidate | 0 / 5 |" in summary
    assert "candidate: your values are" in summary
    assert "\x1b" not in summary


def test_all_right_in_classroom(template, tmp_path):
    done, summary = checks(template, work(), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "| **all** | **30 / 30** |" in summary


@pytest.mark.long
def test_classrooms_workflow_runs_in_an_environment_of_its_own(template, tmp_path):
    text = template.joinpath(".github/workflows/classroom.yml").read_text()
    (job,) = yaml.safe_load(text)["jobs"].values()
    template.joinpath("gates.ipynb").write_text(work())
    for step in job["steps"]:
        if "run" in step:
            done = subprocess.run(
                ["bash", "-e", "-c", step["run"]], cwd=template, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stdout + done.stderr
    assert "Points 30/30" in done.stdout


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    out = tmp_path_factory.mktemp("colab") / "colab"
    done = build("colab", "https://github.com/you/lstm", out)
    assert done.returncode == 0, done.stderr
    return out


def test_a_copy_for_colab_installs_the_wheel_beside_it_by_its_digest(copies):
    (wheel,) = copies.glob("*.whl")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    for path in ROOT.glob("exercises/*/*.ipynb"):
        first, *rest = nbformat.read(copies / path.name, 4).cells
        url = f"https://github.com/you/lstm/raw/colab/{wheel.name}#sha256={digest}"
        assert first.source.splitlines()[-1] == f'%pip install -q "{url}"'
        assert rest == nbformat.read(path, 4).cells


def test_a_copy_of_colab_that_is_handed_in_gets_its_points(copies, autograder, lacking):
    notebook = nbformat.reads(work(), 4)
    notebook.cells.insert(0, nbformat.read(copies / "gates.ipynb", 4).cells[0])
    found, done = autograder.run(nbformat.writes(notebook))
    if found is None:
        lacking(done.stderr)
    assert scores(found) == RIGHT


@pytest.mark.long
@pytest.mark.parametrize("first", ["colab", "binder"])
def test_the_checks_run_in_an_environment_that_has_only_what_is_installed(first, copies, tmp_path):
    """Colab brings NumPy and Matplotlib; Binder takes its file, from the repository's root."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    pip = [venv / "bin/python", "-m", "pip", "install", "-q"]
    if first == "colab":
        subprocess.run([*pip, pinned("numpy"), pinned("matplotlib")], check=True)
        command = nbformat.read(copies / "gates.ipynb", 4).cells[0].source.splitlines()[-1]
        served = f"file://{copies}"
        url = shlex.split(command)[-1].replace("https://github.com/you/lstm/raw/colab", served)
        subprocess.run([*pip, url], check=True)
    else:
        lines = ["jupyterlab", "."]
        text = ROOT.joinpath(".binder/requirements.txt").read_text()
        assert [line for line in lines if line not in text.splitlines()] == []
        repository = tmp_path / "repository"
        for name in ("lstm_ref", "lstm_check", ".binder"):
            shutil.copytree(ROOT / name, repository / name)
        for name in ("pyproject.toml", "LICENSE", "constraints.txt"):
            shutil.copy(ROOT / name, repository)
        command = [*pip, "-r", ".binder/requirements.txt"]
        subprocess.run(command, cwd=repository, check=True)
    code = "\n".join(
        cell.source for cell in nbformat.reads(work(), 4).cells if cell.cell_type == "code"
    ).replace("%matplotlib inline", "")
    done = subprocess.run(
        [venv / "bin/python", "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "hidden_state" in done.stdout


def pinned(name):
    (line,) = re.findall(rf"^{name}==\S+", (ROOT / "constraints.txt").read_text(), re.M)
    return line


@pytest.mark.parametrize("system", ["gradescope", "classroom"])
def test_an_assignment_that_is_not_there_is_said(system, tmp_path):
    done = build(system, "nosuch", tmp_path / "out")
    assert done.returncode == 1
    assert done.stderr.startswith("there is no assignment 'nosuch' in solutions/. There is: ")
    assert not tmp_path.joinpath("out").exists()
