"""Run the notebook and say the points of its checks, to you and to GitHub Classroom."""

import json
import os
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def main():
    """Return the exit status: 0 if all checks pass."""
    paths = [Path(name) for name in sys.argv[1:]] or sorted(Path().glob("*.ipynb"))
    if len(paths) != 1:
        print(f"::error::expected one notebook beside README.md, found {len(paths)}")
        return 1
    notebook = nbformat.read(paths[0], 4)
    # A cell that never ends is stopped; the checks after it still say what they find.
    client = NotebookClient(notebook, timeout=120, interrupt_on_timeout=True, allow_errors=True)
    client.execute()
    points, most, rows, said = 0, 0, [], []
    for cell in notebook.cells:
        given = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or not given.get("grade"):
            continue
        errors = [output for output in cell.outputs if output.output_type == "error"]
        got = 0 if errors else given["points"]
        points, most = points + got, most + given["points"]
        rows.append(f"| {given['grade_id'].removeprefix('test_')} | {got} / {given['points']} |")
        said += [plain(error) for error in errors]
    print("\n\n".join(said))
    # As GitHub's own reporter says it: https://github.com/classroom-resources
    print(f"::notice title=Autograding complete::Points {points}/{most}")
    report = json.dumps({"totalPoints": points, "maxPoints": most})
    print(f"::notice title=Autograding report::{report}")
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        table = ["| check | points |", "|---|--:|", *rows, f"| **all** | **{points} / {most}** |"]
        blocks = [f"```\n{text.replace('```', '')}\n```" for text in said]
        with open(summary, "a", encoding="utf-8") as file:
            file.write("\n".join(table) + "\n\n" + "\n".join(blocks) + "\n")
    return 0 if points == most else 1


def plain(error):
    """Return what an error says, without colours; nothing of it is a command to GitHub."""
    text = "\n".join(error.traceback) or f"{error.ename}: {error.evalue}"
    return re.sub(r"\x1b\[[0-9;]*m", "", text).replace("::", ": :")


if __name__ == "__main__":
    sys.exit(main())
