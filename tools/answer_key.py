"""Print the questions of chapters and assignments with their answers; run by ``make key``.

They are read from book/ and solutions/, so that a private fork prints its own. In a chapter, what a
wrong answer shows is said to all readers, "*If you said …:*", or in a comment, to teachers only.
"""

import re
import sys
from pathlib import Path

import nbformat
import yaml

MARKS = ("### BEGIN SOLUTION", "### END SOLUTION")


def key(notebook):
    """Return the questions of a notebook with points and answers, as Markdown."""
    parts, before = [], ""
    for cell in notebook.cells:
        given = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "markdown" and given.get("grade") and given.get("solution"):
            lines = [line for line in cell.source.splitlines() if line.strip() not in MARKS]
            head = f"### {given['grade_id']} (points: {given['points']:g})"
            parts.append("\n\n".join([head, before, "\n".join(lines).strip()]))
        elif cell.cell_type == "markdown":
            # The question, without its heading.
            before = "\n".join(line for line in cell.source.splitlines() if line[:1] != "#").strip()
    return "\n\n".join(parts)


def questions(chapter):
    """Return the questions at the end of a chapter's source with their answers, as Markdown."""
    section = re.search(r"^## Questions$(.*?)^## ", chapter, re.M | re.S)[1]
    found = re.findall(r"^:::\{dropdown\} (.*?)\n(.*?)^:::$", section, re.M | re.S)
    parts = [f"### {asked}\n\n{answer.strip()}" for asked, answer in found]
    return re.sub("^% ", "", "\n\n".join(parts), flags=re.M)


def chapters():
    """Return the sources of the chapters with a number, in their order."""
    parts = yaml.safe_load(Path("_toc.yml").read_text("utf-8"))["parts"]
    files = [page["file"] for part in parts if part.get("numbered") for page in part["chapters"]]
    return [Path(f"{file}.md") for file in files]


def main():
    """Print the key of every chapter and assignment."""
    for path in chapters():
        print(f"## {path.stem}, the chapter\n\n{questions(path.read_text('utf-8'))}\n")
    for path in sorted(Path("solutions").glob("*/*.ipynb")):
        if text := key(nbformat.read(path, 4)):
            print(f"## {path.stem}, the assignment\n\n{text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
