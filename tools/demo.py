"""Make a class that never was and grade it; run by ``make demo``.

Thirty students hand in the assignment *gates*. What they wrote comes from the
bank of known mistakes and from some right answers, drawn with a fixed seed; a
few are hostile, and a few handed in something else than asked.
Everything goes into the folder demo/, which is made anew each time.
"""

import collections
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np

from lstm_check.exercises import EXERCISES
from lstm_check.mistakes import MISTAKES

ROOT = Path(__file__).resolve().parents[1]
SLUG = "gates"
STUDENTS = 30
NAMES = (
    "Ada Bert Cleo Dora Emil Fritz Gina Hugo Ida Jan Kira Lars Mona Nils Olga Paul Quinn Rosa "
    "Sven Tara Udo Vera Wim Xenia Yara Zeno Anouk Bilal Chloe Dario"
).split()
# The share of functions that are wrong.
WRONG = 0.3
ANSWERS = {
    "Below 10 for the cell state, as a step adds less than 1 and f keeps at most all of it. "
    "Below 1 for the hidden state, because both o and tanh stay below 1.": 6,
    "The cell state stays below 10 and the hidden state below 1.": 5,
    "Both stay below 1, since tanh squashes them.": 4,
    "The cell state has no bound, since it is never squashed. The hidden state is below 1.": 3,
    None: 1,  # untouched
}
_GATES = (
    "sigmoid(hx @ {W}.T + {b})",
    "sigmoid(np.einsum('bk,hk->bh', hx, {W}) + {b})",
    "0.5 * (1 + np.tanh((hx @ {W}.T + {b}) / 2))",
    "np.array([sigmoid({W} @ row + {b}) for row in hx])",
)
# Of each function, some ways to be right: the arguments, and what is returned.
RIGHT = {
    "forget_gate": ("hx, W_f, b_f", [way.format(W="W_f", b="b_f") for way in _GATES]),
    "input_gate": ("hx, W_i, b_i", [way.format(W="W_i", b="b_i") for way in _GATES]),
    "candidate": (
        "hx, W_c, b_c",
        ["np.tanh(hx @ W_c.T + b_c)", "2 * sigmoid(2 * (hx @ W_c.T + b_c)) - 1"],
    ),
    "cell_state": (
        "f, c_prev, i, c_tilde",
        ["f * c_prev + i * c_tilde", "np.add(np.multiply(i, c_tilde), np.multiply(f, c_prev))"],
    ),
    "output_gate": ("hx, W_o, b_o", [way.format(W="W_o", b="b_o") for way in _GATES]),
    "hidden_state": ("o, c", ["o * np.tanh(c)", "np.multiply(np.tanh(c), o)"]),
}
_HEAD = "def forget_gate(hx, W_f, b_f):\n    "
HOSTILE = {
    "own check": "def check(*args, **kwargs):\n    print('correct')\n\n"
    + _HEAD
    + "return np.zeros((hx.shape[0], W_f.shape[0]))\n",
    "In and Out": _HEAD + "return eval(In[-1])\n",
    "SIGKILL": "import os\n" + _HEAD + "os.kill(os.getpid(), 9)\n",
    "asleep": "import time\n" + _HEAD + "time.sleep(10**6)\n",
}


def write_class(folder):
    """Hand in the work of a class; return what each student got wrong.

    Parameters
    ----------
    folder : Path
        The course's root.

    Returns
    -------
    dict
        By student, then by function: the name of the mistake.
    """
    chance = random.Random(7)
    ways = {function: [m for m in MISTAKES[function] if m.edits] for function in RIGHT}
    for mistakes in ways.values():
        chance.shuffle(mistakes)
    students = [name.lower() for name in NAMES]
    hostile = dict(zip(chance.sample(students, len(HOSTILE)), HOSTILE, strict=True))
    others = [student for student in students if student not in hostile]
    untouched, cut, renamed, tampered = chance.sample(others, 4)
    seeded = {}
    for student in students:
        cells, wrong = {}, {}
        for function, (arguments, right) in RIGHT.items():
            # Some mistakes are made by many, most by few.
            weights = 1 / np.arange(1, len(ways[function]) + 1) ** 2
            (mistake,) = chance.choices(ways[function], weights)
            if student in hostile or chance.random() > WRONG:
                cells[function] = (
                    f"def {function}({arguments}):\n    return {chance.choice(right)}\n"
                )
            else:
                cells[function] = EXERCISES[function].source.text(mistake.edits)
                wrong[function] = mistake.name
        (cells["answer"],) = chance.choices(list(ANSWERS), ANSWERS.values())
        if student in hostile:
            cells["forget_gate"] = HOSTILE[hostile[student]]
        if student == untouched:
            cells, wrong = {}, {}
        if student == tampered:
            cells["test_candidate"] = "print('candidate: correct.')"
        path = hand_in(folder, student, cells)
        if student == cut:
            content = path.read_text()
            path.write_text(content[: content.index('"id": "about-cell-state"')])
            wrong = {name: wrong[name] for name in list(RIGHT)[:3] if name in wrong}
        if student == renamed:
            path.rename(path.with_name("gates (1).ipynb"))
        seeded[student] = wrong
    return seeded


def hand_in(folder, student, cells):
    """Write a student's notebook, with the texts of some cells; return its path."""
    notebook = nbformat.read(ROOT / "exercises" / SLUG / f"{SLUG}.ipynb", 4)
    for cell in notebook.cells:
        cell.source = cells.get(cell.id) or cell.source
    path = folder / "submitted" / student / SLUG / f"{SLUG}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    return path


def main():
    """Make the class, grade it, and print where the results are."""
    folder = ROOT / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copytree(ROOT / "solutions" / SLUG, folder / "solutions" / SLUG)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    # The report leads to the book's sections, where the book is built.
    folder.joinpath("_build").symlink_to("../_build")
    seeded = write_class(folder)
    folder.joinpath("seeded.json").write_text(json.dumps(seeded, indent=1) + "\n")
    count = collections.Counter(name for wrong in seeded.values() for name in set(wrong.values()))
    print(
        f"{len(seeded)} students, {len(count)} different mistakes: demo/seeded.json\n", flush=True
    )
    for command in (
        ["lstm_grade", "autograde", SLUG],
        ["nbgrader", "generate_feedback", SLUG, "--log-level=ERROR"],
        ["lstm_grade", "report", SLUG],
        ["nbgrader", "export", "--log-level=ERROR"],
    ):
        print(f"$ python -m {' '.join(command)}", flush=True)
        done = subprocess.run([sys.executable, "-m", *command], cwd=folder, env=os.environ)
        if done.returncode:
            return done.returncode
    print(f"\nreport    {folder}/reports/{SLUG}/index.html")
    print(f"feedback  {folder}/feedback/<student>/{SLUG}/{SLUG}.html")
    print(f"grades    {folder}/grades.csv")
    return 0


if __name__ == "__main__":
    sys.exit(main())
