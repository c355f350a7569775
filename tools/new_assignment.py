"""Begin an assignment, with one function that works; run by ``make new-assignment SLUG=gru``.

It writes the notebook in solutions/, the exercise and an empty bank of mistakes in lstm_check/,
the page in book/assignments/ and its line in _toc.yml. What stands in them is an example: put
yours in its place, a function at a time.
"""

import re
import sys
from pathlib import Path

import nbformat
from nbformat import v4

ROOT = Path(__file__).resolve().parents[1]

EXERCISE = '''"""The assignment *{slug}*: say in a line what it is about."""

import numpy as np

from lstm_check.exercise import Exercises

MODULES = ("numpy", "matplotlib")
EXERCISES = Exercises()


def _of_the_size_of_h(rng, size):
    # Dense random values, and sizes that all differ: else mistakes look right.
    return rng.normal(size=(size.B, size.H), scale=size.scale)


@EXERCISES.add(
    5,
    "(B, H)",
    "A network that is a loop, in Sequences",
    "What is added, and what squashes the sum?",
    # Other arguments are drawn by their names, see `lstm_check.drawing`.
    draw={{"x_t": _of_the_size_of_h}},
    bounds={{"": (-1.0, 1.0)}},
    sizes="BH",
)
def _{name}(x_t, h_prev):
    z = x_t + h_prev
    h_t = np.tanh(z)
    return h_t
'''

BANK = '''"""Known mistakes of the assignment *{slug}*: none yet.

One is written as a line of the function and what stands there instead, with a sentence::

    == A network that is a loop, in Sequences
    not squashed | h_t = z
      your values are not squashed; a hidden state lies between -1 and 1
"""

from lstm_check.exercises.{name} import EXERCISES
from lstm_check.notation import read

MISTAKES = {{"{name}": read(EXERCISES["{name}"].source, "")}}
'''

PAGE = """(assignment-{slug})=
# Assignment: {slug}

Say in two sentences what one writes here, and what it is good for.

```{{assignment}} {slug}
```

```{{do}} {slug}
```
"""

TITLE = """# {title}

Read first: the chapter *Sequences* of the book. Time: about 30 minutes.

You write one function.
It is worth 5 points; a short question at the end adds 2."""

HOW = """Each exercise has two cells.

1. In the first you replace `raise NotImplementedError()` by your code.
2. The second checks it. If something is wrong, it says what. You can run it as often as you like.

The check tries your function on several inputs: other sizes, a single example, very large numbers,
and `float32`. When your work is graded, the same check runs with other numbers.
You can use Python itself, NumPy and Matplotlib; nothing else will be there."""

ABOUT = """## 1. A step (5 points)

$$h_t = \\tanh(x_t + h_{{t-1}})$$"""

FUNCTION = '''def {name}(x_t, h_prev):
    """The next state; all arrays are (B, H).

    >>> {name}(np.array([[1.5]]), np.array([[-0.5]])).round(2)  # tanh(1.5 - 0.5)
    array([[0.76]])
    """
    ### BEGIN SOLUTION
    return np.tanh(x_t + h_prev)
    ### END SOLUTION'''

TEST = """from lstm_check import check

check("{name}", {name}, seed=1)
### BEGIN HIDDEN TESTS
check("{name}", {name}, seed=11)
check("{name}", {name}, seed=12)
### END HIDDEN TESTS"""

QUESTION = """## Question (2 points)

Ask something that two or three sentences can answer.

Write them in the next cell: double-click it and replace its text."""

ANSWER = """### BEGIN SOLUTION
The answer.

Rubric:
- 1 point: the first half of it.
- 1 point: the second half.
### END SOLUTION"""

HAND_IN = """## Hand in

1. Choose *Run*, then *Restart Kernel and Run All Cells*. Each check should say "correct".
   The table at the end says how far you are, and what is open.
2. Save, and hand in this file as `{slug}.ipynb`. Keep its name."""

PROGRESS = """try:
    from lstm_check import progress
except ImportError:  # where your work is graded, the marks say it
    pass
else:
    progress("{slug}")"""


def notebook(slug, name):
    """Return the source notebook."""

    def text(cell_id, source):
        words = {"slug": slug, "name": name, "title": slug.replace("-", " ").capitalize()}
        return v4.new_markdown_cell(source.format(**words), id=cell_id)

    def graded(make, cell_id, source, grade=False, solution=False, points=None):
        """Add what nbgrader has to know; what is not written by students is locked."""
        given = {"grade_id": cell_id, "grade": grade, "solution": solution, "task": False}
        given |= {"schema_version": 3, "locked": not solution}
        given |= {"points": points} if points else {}
        metadata = {"nbgrader": given}
        if make is code and (grade or solution):  # "Run All" goes on behind what fails
            metadata["tags"] = ["raises-exception"]
        source = source.replace("{name}", name).replace("{slug}", slug)
        return make(source, id=cell_id, metadata=metadata)

    code, markdown = v4.new_code_cell, v4.new_markdown_cell
    cells = [
        text("title", TITLE),
        text("how-it-works", HOW),
        graded(code, "setup", "import numpy as np"),
        text(f"about-{slug}", ABOUT),
        graded(code, name, FUNCTION, solution=True),
        graded(code, f"test_{name}", TEST, grade=True, points=5),
        text("question", QUESTION),
        graded(markdown, "answer", ANSWER, grade=True, solution=True, points=2),
        text("hand-in", HAND_IN),
        graded(code, "progress", PROGRESS),
    ]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "lstm_grade": {"exports": [name], "modules": ["numpy", "matplotlib"]},
    }
    return v4.new_notebook(cells=cells, metadata=metadata)


def with_page(toc, slug):
    """Return the text of _toc.yml with the assignment's page behind those that are there."""
    lines = toc.splitlines(keepends=True)
    last = max(k for k, line in enumerate(lines) if "book/assignments" in line)
    indent = lines[last].partition("-")[0]
    lines.insert(last + 1, f"{indent}- file: book/assignments/{slug}\n")
    return "".join(lines)


def begin(root, slug):
    """Write all files of a new assignment; return their paths.

    Raises
    ------
    ValueError
        If the slug is none, or something of that name is there already. Nothing is written then.
    """
    if not re.fullmatch("[a-z]+(-[a-z]+)*", slug):
        raise ValueError(
            f"{slug!r} is no slug: expected lower-case words joined by hyphens, such as gru or "
            "attention-by-hand."
        )
    name = slug.replace("-", "_")
    files = {
        root / f"solutions/{slug}/{slug}.ipynb": nbformat.writes(notebook(slug, name)) + "\n",
        root / f"lstm_check/exercises/{name}.py": EXERCISE.format(slug=slug, name=name),
        root / f"lstm_check/mistakes/{name}.py": BANK.format(slug=slug, name=name),
        root / f"book/assignments/{slug}.md": PAGE.format(slug=slug),
    }
    there = [str(path.relative_to(root)) for path in files if path.exists()]
    for path in sorted(root.glob("solutions/*/*.ipynb")):
        if name in nbformat.read(path, 4).metadata.lstm_grade.exports:
            there.append(f"a function {name} in {path.relative_to(root)}")
    if there:
        raise ValueError(f"there is {' and '.join(there)} already. Choose another slug.")
    toc = root / "_toc.yml"
    files[toc] = with_page(toc.read_text("utf-8"), slug)
    for path, content in files.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, "utf-8")
    return list(files)


def main():
    """Begin the assignment that is named on the command line."""
    try:
        files = begin(ROOT, sys.argv[1])
    except ValueError as error:
        sys.exit(f"make new-assignment: {error}")
    print("\n".join(str(path.relative_to(ROOT)) for path in files))
    print("Next: write your functions there, then make exercises, make mutants, make test.")


if __name__ == "__main__":
    main()
