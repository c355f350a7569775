"""Whatever a sandbox says: an answer, never an unhandled error, never a mark out of nothing."""

import json
import socket

import nbformat
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from nbformat import v4

from lstm_grade.box import frames
from lstm_grade.box.proxies import EXCEPTIONS, Proxy, SubmissionError
from lstm_grade.box.rules import Limits, Rules
from lstm_grade.box.sandbox import Process
from lstm_grade.box.sitting import Sitting
from tests.grading.strategies import BUFFERS, FEW, FORGED, JSON, SMALL, check_plain, many

# --- answers ----------------------------------------------------------------

RULES = Rules(exports=("f", "g"), limits=Limits(cell=20, call=20, notebook=60))
NAMES = st.sampled_from(["f", "g", "stdout", "stream", "png", "ValueError", "Warning"]) | JSON
ERRORS = st.fixed_dictionaries(
    {},
    optional={
        "name": NAMES,
        "text": JSON,
        "line": JSON,
        "trace": st.lists(JSON, max_size=3) | JSON,
        "ancestors": st.lists(st.sampled_from([*EXCEPTIONS, "x"]) | JSON, max_size=3) | JSON,
    },
)
OUTPUTS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["stream", "png", "result", "display"]) | JSON,
        "name": NAMES,
        "buffer": SMALL | JSON,
    },
)
REPLIES = st.fixed_dictionaries(
    {"id": st.just(1) | SMALL, "outputs": st.lists(OUTPUTS | JSON, max_size=3) | JSON},
    optional={
        "value": FORGED,
        "arguments": FORGED,
        "error": ERRORS | JSON,
        "ask": NAMES,
        "warnings": st.lists(
            st.tuples(st.lists(NAMES, max_size=2), JSON, SMALL).map(list) | JSON, max_size=3
        )
        | JSON,
        "found": st.dictionaries(
            NAMES.filter(lambda name: isinstance(name, str)),
            st.just({"function": True}) | st.builds(lambda v: {"value": v}, FORGED) | JSON,
            max_size=3,
        )
        | JSON,
    },
)


class Keeper:
    """Has no sandbox: each sitting here has one process, which has said already what it says."""

    close = staticmethod(lambda: None)


def sitting_that_hears(reply, buffers):
    ours, theirs = socket.socketpair()
    sitting = Sitting(Keeper(), RULES, ())
    sitting.first.process = Process(ours, 1, 0)
    with theirs:
        frames.send(theirs, reply, buffers)
        theirs.shutdown(socket.SHUT_WR)
        # What is asked is never read: it is small, and fits into the socket.
        yield sitting
    ours.close()


ALLOWED = (SubmissionError, TimeoutError, Warning, *EXCEPTIONS.values())


def check_reply(reply, buffers):
    for sitting in sitting_that_hears(reply, buffers):
        cells = [v4.new_code_cell("1")]
        cells[0].outputs = sitting.execute("1", 1)
        nbformat.validate(v4.new_notebook(cells=cells))
        json.dumps(cells)
    for sitting in sitting_that_hears(reply, buffers):
        found = sitting.exports()
        assert set(found) <= set(RULES.exports)
        check_plain([value for value in found.values() if not isinstance(value, Proxy)])
    for sitting in sitting_that_hears(reply, buffers):
        given = [np.arange(3.0), {"a": [1]}, {1, 2}]
        try:
            value = Proxy("f", sitting.first)(*given)
        except ALLOWED as error:
            value = [str(error), getattr(error, "student_line", "")]
        check_plain(value)
        check_plain(given)
        assert type(given[0]) is np.ndarray


@FEW
@given(REPLIES, BUFFERS)
def test_replies(reply, buffers):
    check_reply(reply, buffers)


# --- submissions ------------------------------------------------------------

PIECES = [
    *("", "f = 3", "def f(x):\n    return x", "def f(x):\n    return [x, {x: None}]", "f", "f(3)"),
    "def f(x):\n    raise KeyError(x)",
    *("del f", "1 / 0", "x =", "import os\nos._exit(0)", "import os\nos.kill(1, 9)", "%ls", "f?"),
    "import numpy as np\ndef f(x):\n    return np.full(3, np.nan)",
    "def f(*x):\n    print('\\x1b[2J', *x)\n    yield x",
    "import sys\nsys.stdout = None",
    "print('a', end='')\ndisplay(1)\n'\\ud800'",
    "class F:\n    __call__ = __eq__ = lambda *a: True\n    __repr__ = lambda s: 1 / 0\nf = F()\nf",
    "import warnings\ndef f(x):\n    warnings.warn(str(x))\n    return -x",
    "def f(x):\n    raise SystemExit",
]
ABOUT = st.one_of(
    st.just({}),
    st.builds(
        lambda name, more: {"nbgrader": {**more, "grade_id": name}},
        st.sampled_from(["f", "test_f", "test_g"]) | JSON,
        st.dictionaries(st.sampled_from(["grade", "solution", "locked", "points"]), JSON),
    ),
    st.builds(lambda value: {"nbgrader": value}, JSON),
    st.dictionaries(st.sampled_from(["lstm_grade", "tags", "nbgrader"]), JSON, max_size=2),
)
SUBMISSIONS = st.lists(
    st.builds(
        # Not nbformat's own way, which looks at the metadata.
        lambda new, source, about: nbformat.from_dict({**new(source), "metadata": about}),
        st.sampled_from([v4.new_code_cell, v4.new_code_cell, v4.new_markdown_cell]),
        st.sampled_from(PIECES) | st.text(max_size=30),
        ABOUT,
    ),
    max_size=6,
)
# Whoever does not know these numbers cannot pass by chance.
TESTS = {
    "test_f": "assert f(3) == 3.7182818, f",
    "test_g": "import numpy as np\nerror = np.abs(f(np.ones(3)) - 2.1415926)\n"
    "assert not (error > 1e-6).any()",
}
TESTED = Rules(
    tests=TESTS,
    exports=("f",),
    preload=("numpy",),
    limits=Limits(cell=5, call=5, notebook=20),
)


def check_submission(executor, cells):
    tests = [
        v4.new_code_cell(source, metadata={"nbgrader": {"grade_id": name}})
        for name, source in TESTS.items()
    ]
    notebook = nbformat.from_dict({**v4.new_notebook(), "cells": [*cells, *tests]})
    report = executor.run(notebook, TESTED, student="ada", assignment="a", secret=b"s")
    for cell in report.notebook.cells:
        about = cell.metadata.get("nbgrader")
        name = about.get("grade_id") if isinstance(about, dict) else None
        if cell.cell_type == "code" and name in list(TESTS):
            assert cell.outputs[-1].output_type == "error"
    assert len(report.notebook.cells) == len(notebook.cells)
    assert all(isinstance(remark, str) for remark in report.odd)
    json.dumps(report.notebook, ensure_ascii=False).encode("utf-8", "surrogatepass")
    outputs = [cell.outputs for cell in report.notebook.cells if cell.cell_type == "code"]
    plain = v4.new_notebook(cells=[v4.new_code_cell("", outputs=each) for each in outputs])
    nbformat.validate(plain)


@FEW
@given(SUBMISSIONS)
def test_submissions(executor, cells):
    check_submission(executor, cells)


@many
@given(REPLIES, BUFFERS)
def test_replies_long(reply, buffers):
    check_reply(reply, buffers)


@many
@given(SUBMISSIONS)
def test_submissions_long(executor, cells):
    check_submission(executor, cells)
