"""Which cells run in the page, and what runs before them: each then shows what the book prints."""

import json
import subprocess
import sys
from pathlib import Path

import lite_cells
import pytest
from bs4 import BeautifulSoup

from contents import lessons

ROOT = Path(__file__).parents[1]
SETUP = "import numpy as np\nimport torch\nrng = np.random.default_rng(0)"


@pytest.mark.parametrize(
    ("cells", "needs"),
    [
        # What it imports, and what made what it uses; of a cell, only those statements.
        (["import numpy as np\nimport torch", "print(np.e)"], {1: {0: [0]}}),
        (["a = 1\nb = 2\nc = a + 1", "print(c)"], {0: {}, 1: {0: [0, 2]}}),
        (["a = 1", "a = 2", "print(a)"], {0: {}, 1: {}, 2: {1: [0]}}),
        # A generator moves on; an array is written to; a list grows. A mean changes nothing.
        ([SETUP, "a = rng.normal()", "b = rng.normal()"], {1: {0: [0, 2]}, 2: {0: [0, 2], 1: [0]}}),
        (["a = [0]", "a[0] = 1", "print(a)"], {0: {}, 1: {0: [0]}, 2: {0: [0], 1: [0]}}),
        (["a = [0]", "a.append(1)", "print(a)"], {0: {}, 1: {0: [0]}, 2: {0: [0], 1: [0]}}),
        (["n = 0", "n += 1", "print(n)"], {0: {}, 1: {0: [0]}, 2: {0: [0], 1: [0]}}),
        # A loop takes what it has not bound before. What changes two of the things used runs once.
        (["n = 1\nfor i in [2]:\n    n = n * i", "print(n)"], {0: {}, 1: {0: [0, 1]}}),
        (
            [SETUP, "a = rng.random(2)\na[0], rng.x = rng.random(), 1", "print(a, rng)"],
            {1: {0: [0, 2]}, 2: {0: [0, 2], 1: [0, 1]}},
        ),
        (["a = 1j", "b = a.conjugate", "print(a)"], {0: {}, 1: {0: [0]}, 2: {0: [0]}}),
        # A function needs what it uses when it is called.
        (
            ["k = 2", "def f(x):\n    return k * x", "f(1)"],
            {0: {}, 1: {0: [0]}, 2: {0: [0], 1: [0]}},
        ),
        # Names of its own are no needs.
        (["print([i for i in range(3)], (lambda j: j)(1))"], {0: {}}),
        (["for i in range(3):\n    print(i)"], {0: {}}),
        (["def f(x):\n    y = x\n    return y"], {0: {}}),
        # What a page has not: modules, files, cells that are not shown, magics, clocks.
        ([SETUP, "print(torch.zeros(1))"], {}),
        ([SETUP, "torch.manual_seed(rng.integers(9))", "print(rng.normal())"], {}),
        (["print(open('x').read())"], {}),
        ([None, "print(a)"], {}),
        (["%time 1", "print(1)"], {1: {}}),
        (["import time\nprint(time.perf_counter())"], {}),
        (["print(never_made)"], {}),
        (["import lstm_book.probe as probe", "probe.network()"], {}),
    ],
)
def test_what_a_cell_needs(cells, needs):
    assert lite_cells.plan(cells) == needs


# Runs each live cell with no more than it needs, where there is no PyTorch.
ALONE = """
import ast, contextlib, io, json, sys
sys.modules["torch"] = None
import matplotlib
matplotlib.use("agg")
import IPython.display
IPython.display.display = lambda *values, **options: None  # what is drawn is not asked here
cells, plan = json.load(sys.stdin)
def part(k, places):
    lines = cells[k].splitlines()
    return "\\n".join("\\n".join(lines[s.lineno - 1 - bool(getattr(s, "decorator_list", [])) :
        s.end_lineno]) for s in (ast.parse(cells[k]).body[p] for p in places))
said = {}
for k, needs in plan.items():
    space, printed = {"__name__": "__main__"}, io.StringIO()
    for other, places in needs.items():
        with contextlib.redirect_stdout(io.StringIO()):
            exec(part(int(other), places), space)
    with contextlib.redirect_stdout(printed):
        exec(compile(cells[int(k)], f"cell {k}", "exec"), space)
    said[k] = printed.getvalue()
json.dump(said, sys.stdout)
"""


def chapters():
    """Return the chapters; most of them train something, and take long."""
    quick = ("gates", "/cell")
    return [
        pytest.param(name, marks=[] if name.endswith(quick) else pytest.mark.long)
        for name in lessons()
    ]


def text(cell, selector):
    """Return the text of some parts of a cell, as the page shows it."""
    return "".join(part.get_text() for part in cell.select(selector))


@pytest.mark.parametrize("chapter", chapters())
def test_each_cell_prints_what_the_book_does(built_book, chapter):
    html = (built_book / f"{chapter}.html").read_text("utf-8")
    shown = BeautifulSoup(html, "html.parser").select("article div.cell")
    cells = [text(cell, ".cell_input pre") or None for cell in shown]
    plan = lite_cells.plan(cells)
    assert plan
    # Markdown that a cell returns is drawn by IPython, which is not asked here.
    plan = {k: needs for k, needs in plan.items() if "inspect" not in cells[k]}
    done = subprocess.run(
        [sys.executable, "-c", ALONE],
        input=json.dumps([cells, plan]),
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    for k, said in json.loads(done.stdout).items():
        assert said == text(shown[int(k)], ".output.stream pre"), f"cell {k}"
