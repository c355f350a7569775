"""Print the written questions with their answers and rubrics; run by ``make key``.

They are read from solutions/, so that a private fork prints its own.
"""

import sys
from pathlib import Path

import nbformat

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


def main():
    """Print the key of every assignment."""
    for path in sorted(Path("solutions").glob("*/*.ipynb")):
        if text := key(nbformat.read(path, 4)):
            print(f"## {path.stem}\n\n{text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
