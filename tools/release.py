"""Pack each assignment for students who have nothing but Python: dist/<slug>.zip.

An archive holds the notebook, a wheel of `lstm_ref` and `lstm_check`, a list of what else it
needs, and how to begin. The same sources always give the same bytes.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ["lstm_check", "lstm_ref"]
COURSE = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EPOCH = 315532800  # 1980-01-01, the earliest day that a zip file knows

PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "lstm-exercises"
version = "{version}"
description = "The checks of the course's exercises, and the LSTM they compare with."
requires-python = "{python}"
dependencies = ["numpy"]
license = "MIT"
license-files = ["LICENSE"]

[tool.setuptools]
packages = {packages}
package-data = {{ lstm_check = ["*.npz"] }}
"""

# Its build without CUDA, which PyPI has not: with CUDA it takes gigabytes.
TORCH = "--extra-index-url https://download.pytorch.org/whl/cpu"

README = """\
{title}
{rule}

An assignment of the course "LSTM Gate by Gate". You need Python {python} or newer
from https://www.python.org, and, once, the internet: the second command below
fetches about {size} MB.

Open a terminal in this folder, where README.txt lies, and type these lines.

On Linux and macOS:

    python3 -m venv .venv
    .venv/bin/python -m pip install -r requirements.txt
    .venv/bin/jupyter lab {slug}.ipynb

On Windows:

    py -m venv .venv
    .venv\\Scripts\\python -m pip install -r requirements.txt
    .venv\\Scripts\\jupyter lab {slug}.ipynb

JupyterLab opens in your browser. The next time, the last line is enough.

When every check says "correct", save, and hand in {slug}.ipynb.
Keep its name.

If something does not work
- "python3" or "py" is not found: install Python. On Debian and Ubuntu also
  install the package python3-venv.
- The second line ends with "No matching distribution": your Python is older
  than {python}. Say "python3 --version", or "py --version" on Windows.
- The folder comes from another computer: delete .venv in it, and begin anew.
"""


def release(out):
    """Write an archive for each assignment into a folder; return their paths."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        wheel = build_wheel(Path(folder))
        archives = [
            pack(notebook, wheel, out) for notebook in sorted(ROOT.glob("exercises/*/*.ipynb"))
        ]
    for path in set(out.glob("*.zip")) - set(archives):  # of an assignment that is no more
        path.unlink()
    return archives


def build_wheel(folder):
    """Build the wheel of what a student needs, and nothing of what an instructor needs."""
    source = folder / "source"
    modules = [path for package in PACKAGES for path in ROOT.glob(f"{package}/**/*.py")]
    recorded = ROOT.glob("lstm_check/*.npz")
    for path in [*modules, *recorded, ROOT / "LICENSE"]:
        target = source / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)  # without its mode, which differs from machine to machine
        target.chmod(0o644)
    packages = sorted({str(p.parent.relative_to(ROOT)).replace(os.sep, ".") for p in modules})
    text = PROJECT.format(
        version=COURSE["version"], python=COURSE["requires-python"], packages=packages
    )
    (source / "pyproject.toml").write_text(text, "utf-8")
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-index"]
    subprocess.run(
        [*pip, "--no-build-isolation", "--wheel-dir", folder, source],
        check=True,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)},
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def pack(notebook, wheel, out):
    """Write the archive of one assignment; return its path."""
    slug = notebook.stem
    content = nbformat.read(notebook, as_version=4)
    needs = [m for m in content.metadata.lstm_grade.modules if m not in PACKAGES]
    pins = [pin(name) for name in [*needs, "jupyterlab"]]
    title = f"{slug}: {content.cells[0].source.splitlines()[0].removeprefix('# ')}"
    python = COURSE["requires-python"].removeprefix(">=")
    size = 300 if "torch" in needs else 100
    words = {"slug": slug, "title": title, "rule": "=" * len(title), "python": python}
    readme = README.format(**words, size=size)
    pins = [TORCH, *pins] if "torch" in needs else pins
    files = {
        notebook.name: notebook.read_bytes(),
        "README.txt": readme.encode(),
        "requirements.txt": "\n".join([*pins, f"./{wheel.name}", ""]).encode(),
        wheel.name: wheel.read_bytes(),
    }
    path = out / f"{slug}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(f"{slug}/{name}")  # its default time is EPOCH
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 3, 0o100644 << 16  # as on Linux, a plain file
            archive.writestr(info, data)
    return path


def pin(name):
    """Return the line of requirements.txt that pins a package: students get what grades them."""
    pins = (ROOT / "requirements.txt").read_text("utf-8")
    found = re.search(rf"^{re.escape(name)}==\S+", pins, re.MULTILINE)
    if not found:
        sys.exit(f"{name}: an exercise needs it, but requirements.txt has no version of it")
    return found[0]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Pack each assignment for students.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist")
    for archive in release(parser.parse_args().folder):
        print(f"{archive}  ({archive.stat().st_size // 1024} KiB)")
