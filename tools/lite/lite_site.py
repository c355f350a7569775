"""What the site of `make lite` is made of. The standard library is enough here.

Both sides import this: the build of the site, and the book, which links to it.
"""

import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / ".lite/site"
STAMP = "made-of.txt"  # in the site: what `fingerprint` said when it was built
PACKAGES = ["lstm_ref", "lstm_check", "lstm_book"]
MODULES = {"numpy", "matplotlib", *PACKAGES}  # what is there, of those an assignment may name


def notebooks():
    """Return the released notebooks by slug."""
    return {path.stem: path for path in sorted(ROOT.glob("exercises/*/*.ipynb"))}


def runs_in_browser(notebook):
    """Return whether an assignment needs nothing that a browser cannot run, such as PyTorch."""
    metadata = json.loads(notebook.read_text("utf-8"))["metadata"]
    return set(metadata["lstm_grade"]["modules"]) <= MODULES


def for_browser(notebook):
    """Return a notebook's text, with the way to hand it in that there is in the browser."""
    text = notebook.read_text("utf-8")
    saved = r"2\. Save, and hand in this file as `([\w-]+\.ipynb)`\."
    here = r"2. Press *Download to hand in*, above the notebook, and hand in that file, `\1`."
    text, found = re.subn(saved, here, text)
    if found != 1:
        raise ValueError(f"{notebook}: expected one line like {saved!r}, found {found}")
    return text


def title(notebook):
    """Return a notebook's title, the heading of its first cell."""
    first = "".join(json.loads(notebook.read_text("utf-8"))["cells"][0]["source"])
    return first.splitlines()[0].removeprefix("# ")


def functions(notebook):
    """Return the points of each function that a student writes, by name."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    found = {
        cell["id"]: 0
        for cell in cells
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution")
    }
    for cell in cells:
        graded = cell["metadata"].get("nbgrader", {})
        if graded.get("grade") and cell["cell_type"] == "code":
            about = [n for n in found if f"{cell['id']}_".startswith(f"test_{n}_")]
            found[max(about, key=len)] += graded["points"]
    return found


def written_question(notebook):
    """Return the question that is answered in words, without how a notebook takes the answer."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    text = next("".join(cell["source"]) for cell in cells if cell["id"] == "question")
    heading, *paragraphs = text.split("\n\n")
    kept = [part for part in paragraphs if not part.startswith("Write them in the next cell")]
    return "\n\n".join([f"**{heading.removeprefix('## ')}.**", *kept])


def fingerprint():
    """Return a hash of all the site is made of: when it changes, the site is out of date."""
    sources = [path for name in PACKAGES for path in (ROOT / name).rglob("*.py")]
    sources += [
        *notebooks().values(),
        *(ROOT / "tools/lite").glob("*.*"),
        *(ROOT / "tools/lite/pages").iterdir(),
        *(ROOT / "tools/lite/page").iterdir(),
    ]
    total = hashlib.sha256()
    for path in sorted(sources):
        total.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return total.hexdigest()


def why_not():
    """Return why the book cannot offer the site, or None where it can."""
    stamp = SITE / STAMP
    if not stamp.exists():
        return "its site was not built"
    if stamp.read_text("utf-8") != fingerprint():
        return "its site is older than the exercises, or than what they run on"
    return None
