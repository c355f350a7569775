"""Pack assignments for where classes are: Gradescope, GitHub Classroom, Colab.

Run by ``make gradescope SLUG=gates``, ``make classroom SLUG=gates`` and
``make colab REPO_URL=https://github.com/you/lstm``.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import nbformat
from release import COURSE, PACKAGES, ROOT, build_wheel, pin

from lstm_grade.tell.gradescope import VISIBILITIES

SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, as root, when it makes the image.
set -euo pipefail
cd "${{AUTOGRADER:-/autograder}}/source"
grader="${{GRADER:-/opt/grader}}"
apt-get update -qq
apt-get install -y -qq --no-install-recommends bubblewrap python3 python3-venv util-linux
python3 -m venv "$grader.uv"
"$grader.uv/bin/pip" install -q "{uv}"
# The image's own Python may be too old: then uv brings one.
export UV_PYTHON_INSTALL_DIR="$grader.python"
"$grader.uv/bin/uv" venv -q --clear --python "{python}" "$grader"
"$grader.uv/bin/uv" pip install -q --python "$grader/bin/python" {backend}\\
    -c constraints.txt -r requirements.txt
# The tests are nobody's to read but root's.
chmod -R go-rwx .
"""
RUN = """\
#!/usr/bin/env bash
# Gradescope runs this for each submission.
set -euo pipefail
root="${{AUTOGRADER:-/autograder}}"
cd "$root/source/course"
exec "${{GRADER:-/opt/grader}}/bin/python" -m lstm_grade.tell.gradescope {slug} \\
    --root "$root" --visibility {visibility}
"""
WORKFLOW = """\
# Runs the checks of the notebook, and shows their points. GitHub Classroom reads them.
name: Checks
on:
  push:
  workflow_dispatch:
permissions: {}
jobs:
  run-autograding-tests:
    name: Checks
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
        with:
          persist-credentials: false
      - name: Install what the notebook needs
        run: |
          python3 -m venv .venv
          .venv/bin/pip install -q -r requirements.txt
      - name: Run the checks
        run: .venv/bin/python .github/checks.py
"""
README = """\
# {title}

An assignment of the course *LSTM Gate by Gate*. You need Python {python} or newer.

    python3 -m venv .venv
    .venv/bin/pip install -r requirements.txt
    .venv/bin/jupyter lab {slug}.ipynb

On Windows it is `.venv\\Scripts\\pip` and `.venv\\Scripts\\jupyter`.

Write the functions, run the checks below them, commit `{slug}.ipynb`, and push: that hands it in.
After each push, *Actions* shows the points of the checks. Your instructor's tests draw other
numbers, and your written answer is read by a person, so these points are not yet your mark.
"""


def modules(slug):
    """Return what the notebooks of an assignment import besides the standard library."""
    notebooks = sorted(ROOT.glob(f"solutions/{slug}/*.ipynb"))
    if not notebooks:
        there = ", ".join(sorted(path.parent.name for path in ROOT.glob("solutions/*/*.ipynb")))
        sys.exit(f"there is no assignment {slug!r} in solutions/. There is: {there}.")
    found = [nbformat.read(path, 4).metadata.lstm_grade.modules for path in notebooks]
    return sorted({name for each in found for name in each} - set(PACKAGES))


def gradescope(slug, out, visibility):
    """Write ``autograder.zip`` into a folder; return its path."""
    needs = modules(slug)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        wheel = course_wheel(Path(folder))
        requirements = [f"./{wheel.name}[grade]", *map(pin, needs), ""]
        backend = "--torch-backend cpu " if "torch" in needs else ""
        python = COURSE["requires-python"]
        files = {
            "setup.sh": SETUP.format(uv=pin("uv"), python=python, backend=backend).encode(),
            "run_autograder": RUN.format(slug=slug, visibility=visibility).encode(),
            "requirements.txt": "\n".join(requirements).encode(),
            "constraints.txt": ROOT.joinpath("constraints.txt").read_bytes(),
            wheel.name: wheel.read_bytes(),
            "course/nbgrader_config.py": ROOT.joinpath("nbgrader_config.py").read_bytes(),
        }
        for path in sorted(ROOT.glob(f"solutions/{slug}/**/*")):
            if path.is_file() and ".ipynb_checkpoints" not in path.parts:
                files[f"course/{path.relative_to(ROOT)}"] = path.read_bytes()
        if (secret := ROOT / ".grading-secret").exists():  # tests then draw the same as here
            files["course/.grading-secret"] = secret.read_bytes()
    path = out / "autograder.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            mode = 0o755 if name in ("setup.sh", "run_autograder") else 0o600
            info.create_system, info.external_attr = 3, (0o100000 | mode) << 16
            archive.writestr(info, data)
    return path


def course_wheel(folder):
    """Build the wheel of the course with its grader."""
    source = folder / "course"
    for package in (*PACKAGES, "lstm_grade"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, source / package, ignore=ignore)
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-index"]
    command = [*pip, "--no-build-isolation", "--wheel-dir", folder, source]
    subprocess.run(command, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def classroom(slug, out):
    """Write a template repository into a folder; return its path."""
    needs = modules(slug)
    notebook = ROOT / "exercises" / slug / f"{slug}.ipynb"
    title = nbformat.read(notebook, 4).cells[0].source.splitlines()[0].removeprefix("# ")
    shutil.rmtree(out, ignore_errors=True)
    (out / ".github/workflows").mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        wheel = shutil.copy(build_wheel(Path(folder)), out)
    pins = [*map(pin, [*needs, "jupyterlab", "nbclient", "ipykernel"]), f"./{Path(wheel).name}", ""]
    out.joinpath("requirements.txt").write_text("\n".join(pins))
    python = COURSE["requires-python"].removeprefix(">=")
    out.joinpath("README.md").write_text(README.format(title=title, slug=slug, python=python))
    out.joinpath(".gitignore").write_text(".venv/\n.ipynb_checkpoints/\n")
    out.joinpath(".github/workflows/classroom.yml").write_text(WORKFLOW)
    shutil.copy(Path(__file__).with_name("classroom_checks.py"), out / ".github/checks.py")
    shutil.copy(notebook, out)
    return out


def colab(repo, out):
    """Write a copy of each notebook that installs the checks itself, and their wheel beside it."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(shutil.copy(build_wheel(Path(folder)), out))
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    url = f"{repo.removesuffix('/').removesuffix('.git')}/raw/colab/{wheel.name}#sha256={digest}"
    for path in sorted(ROOT.glob("exercises/*/*.ipynb")):
        notebook = nbformat.read(path, 4)
        text = (
            f'# Run this first: the checks are not in Colab by themselves.\n%pip install -q "{url}"'
        )
        notebook.cells.insert(0, nbformat.v4.new_code_cell(text, id="install"))
        nbformat.write(notebook, out / path.name)
    return out


def main():
    """Pack what the command line asks for, and print where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("system", choices=["gradescope", "classroom", "colab"])
    parser.add_argument("slug", help="a folder of solutions/; for Colab the repository's address")
    parser.add_argument("--visibility", choices=VISIBILITIES, default="visible")
    parser.add_argument("--out", type=Path, help="a folder")
    given = parser.parse_args()
    if given.system == "colab":
        print(colab(given.slug, given.out or ROOT / "dist/colab"))
        return
    out = given.out or ROOT / "dist" / f"{given.system}-{given.slug}"
    if given.system == "gradescope":
        print(gradescope(given.slug, out, given.visibility))
    else:
        print(classroom(given.slug, out))


if __name__ == "__main__":
    main()
