"""An archive holds all that a student needs besides Python, and nothing that gives answers away."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from lstm_check.exercises import ASSIGNMENTS, MODULES

ROOT = Path(__file__).resolve().parents[1]
SLUGS = sorted(path.parent.name for path in ROOT.glob("exercises/*/*.ipynb"))
MODULES_OF = {slug: MODULES[names[0]] for slug, names in ASSIGNMENTS.items()}


def release(folder):
    subprocess.run([sys.executable, ROOT / "tools/release.py", folder], check=True)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    release(folder)
    return folder


@pytest.fixture(scope="module")
def unpacked(archives, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    for path in archives.iterdir():
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
    return folder


def test_an_archive_for_each_assignment(archives):
    assert sorted(path.name for path in archives.iterdir()) == [f"{slug}.zip" for slug in SLUGS]


def test_the_same_bytes_again(archives, tmp_path):
    tmp_path.joinpath("gone.zip").write_bytes(b"of an assignment that is no more")
    assert release(tmp_path) == {path.name: path.read_bytes() for path in archives.iterdir()}


@pytest.mark.parametrize("slug", SLUGS)
def test_contents(unpacked, slug):
    folder = unpacked / slug
    (wheel,) = folder.glob("*.whl")
    names = {f"{slug}.ipynb", "README.txt", "requirements.txt", wheel.name}
    assert {path.name for path in folder.iterdir()} == names
    notebook = folder / f"{slug}.ipynb"
    assert notebook.read_bytes() == (ROOT / "exercises" / slug / notebook.name).read_bytes()

    pins = re.findall(r"^[\w.-]+==\S+", (ROOT / "requirements.txt").read_text("utf-8"), re.M)
    needs = (folder / "requirements.txt").read_text("utf-8").splitlines()
    assert needs[-1] == f"./{wheel.name}"
    assert ("torch" in MODULES_OF[slug]) == needs[0].startswith("--extra-index-url ")
    needs = [need for need in needs if not need.startswith("--")]
    assert set(needs[:-1]) <= set(pins)
    packages = {need.partition("==")[0] for need in needs[:-1]}
    modules = nbformat.read(notebook, 4).metadata.lstm_grade.modules
    assert packages == {*modules, "jupyterlab"} - {"lstm_ref"}
    assert set(modules) in [set(allowed) for allowed in MODULES.values()]


@pytest.mark.parametrize("slug", SLUGS)
def test_readme(unpacked, slug):
    readme = (unpacked / slug / "README.txt").read_text("utf-8")
    for word in ["Linux", "macOS", "Windows", f"jupyter lab {slug}.ipynb", "requirements.txt"]:
        assert word in readme
    assert max(map(len, readme.splitlines())) <= 80
    assert "{" not in readme


def test_the_wheel_holds_what_students_run_and_nothing_else(unpacked):
    (wheel,) = (unpacked / "gates").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        code = {name: archive.read(name) for name in archive.namelist() if "dist-info" not in name}
    packages = [*ROOT.glob("lstm_check/**/*.py"), *ROOT.glob("lstm_ref/**/*.py")]
    packages += ROOT.glob("lstm_check/*.npz")
    assert code == {str(path.relative_to(ROOT)): path.read_bytes() for path in packages}


@pytest.mark.long
def test_in_an_environment_of_its_own(unpacked, tmp_path):
    """What the README says, with the solutions filled in: every check says "correct"."""

    def run(*command, cwd):
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    bin = tmp_path / "venv/bin"
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    for slug in sorted(SLUGS, key=lambda slug: "torch" in MODULES_OF[slug]):
        folder = unpacked / slug
        if "torch" in MODULES_OF[slug]:  # ours will do: it is large
            installed = run(bin / "python", "-m", "pip", "list", cwd=tmp_path)
            assert "torch" not in installed
            (site,) = (tmp_path / "venv").glob("lib/*/site-packages")
            site.joinpath("ours.pth").write_text(str(Path(nbformat.__file__).parents[1]))
        else:
            run(bin / "python", "-m", "pip", "install", "-q", "-r", "requirements.txt", cwd=folder)
        solution = nbformat.read(ROOT / "solutions" / slug / f"{slug}.ipynb", 4)
        right = {cell.id: cell.source for cell in solution.cells}
        notebook = nbformat.read(folder / f"{slug}.ipynb", 4)
        checks = 0
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source = right[cell.id]
            elif cell.cell_type == "code":
                checks += len(re.findall(r"^check\(", cell.source, re.M))
        nbformat.write(notebook, folder / "done.ipynb")
        run(bin / "jupyter", "execute", "--inplace", "done.ipynb", cwd=folder)
        outputs = [
            output.get("text", output.output_type)
            for cell in nbformat.read(folder / "done.ipynb", 4).cells
            if cell.cell_type == "code"
            for output in cell.outputs
        ]
        said = "\n".join(outputs)
        assert len(re.findall(r"^\w+: correct", said, re.M)) == checks > 0, said
    assert "lstm-exercises" in run(bin / "python", "-m", "pip", "list", cwd=tmp_path)
