"""A right function in the place of the student's own: nothing of a submission vouches for it."""

import pytest

from lstm_grade.box.rules import Limits
from tests.grading.conftest import error, shown

# `double` is wrong in many ways; `quadruple` calls it.
CALLER = "def quadruple(x):\n    return double(double(x))\n"
TEST = "assert quadruple.given(double=lambda x: 2 * x)(3.0) == 12.0"
EXPORTS = ("double", "quadruple")
WRONG = {
    "raises": "def double(x):\n    raise ValueError('not yet')\n",
    "returns another structure": "def double(x):\n    return {'x': 2 * x}\n",
    "returns wrong values": "def double(x):\n    return 3 * x\n",
    "ends the process": "def double(x):\n    import os\n    os._exit(0)\n",
    "is no function": "double = 3\n",
    "is not there": "pass\n",
    "has another signature": "def double():\n    pass\n",
}


@pytest.mark.parametrize("name", WRONG)
def test_what_calls_a_wrong_function_can_be_tested_without_it(execute, name):
    report = execute([WRONG[name], CALLER], {"t": TEST}, EXPORTS)
    assert error(report) is None, shown(report, "t")


@pytest.mark.parametrize(
    "caller",
    [
        "d = double\ndef quadruple(x):\n    return d(d(x))\n",
        "def quadruple(x, f=double):\n    return f(f(x))\n",
        "from functools import partial\nquadruple = partial(lambda f, x: f(f(x)), double)\n",
    ],
)
def test_it_takes_the_place_in_all_cells(execute, caller):
    report = execute([WRONG["returns wrong values"], caller], {"t": TEST}, EXPORTS)
    assert error(report) is None, shown(report, "t")


def test_it_makes_no_wrong_caller_right(execute):
    wrong = "def quadruple(x):\n    return double(x)\n"
    report = execute([WRONG["raises"], wrong], {"t": TEST}, EXPORTS)
    assert error(report).ename == "AssertionError"


def test_arrays_and_keywords_cross_both_ways(execute):
    cells = ["def part(x, *, scale):\n    pass\n", "def f(x):\n    return part(x, scale=(2, 3))\n"]
    test = """
import numpy as np
def right(x, *, scale):
    assert type(scale) is tuple
    return {"sum": x.sum(axis=0) * scale[0], "kept": [x, None]}
got = f.given(part=right)(np.arange(6.0).reshape(2, 3))
assert np.array_equal(got["sum"], [6.0, 10.0, 14.0]) and got["kept"][1] is None
"""
    assert error(execute(cells, {"t": test}, ("part", "f"))) is None


def test_the_process_is_a_fresh_one(execute):
    cells = [
        "n = 0\ndef double(x):\n    pass\n",
        "def quadruple(x):\n    global n\n    n += 1\n    return float(n)\n",
    ]
    tests = {
        "a": "assert [quadruple(1) for _ in range(3)] == [1.0, 2.0, 3.0]",
        "b": "quadruple.given(double=abs)(1)",  # asked twice: 1.0, then 2.0
        "c": "assert quadruple(1) == 4.0",
    }
    report = execute(cells, tests, EXPORTS)
    assert error(report, "a") is error(report, "c") is None
    assert error(report, "b").evalue == "quadruple answers differently when it is asked again."


def test_nothing_of_the_right_function_enters(execute):
    """Neither its text nor where it is: of an exception the kind and the text, and no more."""
    cells = [
        "def double(x):\n    pass\n",
        """
import sys, traceback
def quadruple(x):
    print(type(double).__name__, hasattr(double, "__code__"), hasattr(double, "__globals__"))
    try:
        double(x)
    except KeyError as error:
        print(repr(error), error.__cause__, error.__context__)
        for frame in traceback.extract_tb(error.__traceback__):
            print(frame.filename, frame.line)
    return 1
""",
    ]
    test = """
SECRET = "a solution"
class Own(KeyError):
    pass
def right(x):
    secret_line = SECRET
    raise Own("no key") from ValueError(secret_line)
quadruple.given(double=right)(1)
"""
    report = execute(cells, {"t": test}, EXPORTS)
    assert error(report) is None
    said = shown(report, "t")
    assert said.startswith("Given False False\nKeyError('no key') None None\n")
    assert "secret" not in said.lower()


def test_right_functions_run_in_a_process_of_their_own(execute):
    cells = ["def double(x):\n    pass\n", CALLER]
    test = """
import os
tester, seen = os.getpid(), []
def right(x):
    seen.append(os.getpid())
    return 2 * x if os.getpid() != tester else None
assert quadruple.given(double=right)(3.0) == 12.0 and seen == []
"""
    assert error(execute(cells, {"t": test}, EXPORTS)) is None


def test_a_right_function_that_ends_on_what_it_is_given_costs_the_caller_alone(execute):
    cells = ["def double(x):\n    pass\n", "def quadruple(x):\n    return double('end')\n"]
    right = "import os\ndef right(x):\n    return os._exit(1) if x == 'end' else 2 * x\n"
    tests = {
        "t": right + "quadruple.given(double=right)(1)",
        "u": "assert 1 + 1 == 2",
    }
    report = execute(cells, tests, EXPORTS)
    assert error(report).evalue == "double ended on what it was given."
    assert error(report, "u") is None


def test_right_functions_do_not_run_for_ever(execute):
    cells = [
        "def double(x):\n    pass\n",
        "def quadruple(x):\n    while True:\n        double(x)\n",
    ]
    limits = Limits(call=1, notebook=10)
    for right in ["abs", "lambda x: [0 for _ in iter(int, 1)]"]:
        report = execute(
            cells, {"t": f"quadruple.given(double={right})(1)"}, EXPORTS, limits=limits
        )
        assert error(report).ename == "TimeoutError"
        assert report.seconds < 30


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        ("f.given(g=g)", "TypeError", "given(g=...) takes a function of yours, got <function g of"),
        ("f.given(g=3)", "TypeError", "given(g=...) takes a function of yours, got 3."),
        ("f.given(h=abs)", "ValueError", "given: h is not among the exports."),
    ],
)
def test_what_cannot_be_given_is_said(execute, call, kind, said):
    cells = ["def g(x):\n    return x\n", "def f(x):\n    return g(x)\n"]
    report = execute(cells, {"t": call}, ("f", "g"))
    assert error(report).ename == kind
    assert error(report).evalue.startswith(said)


def test_many_right_functions_in_turn(execute):
    cells = ["def double(x):\n    pass\n", CALLER]
    test = """
for k in range(12):
    right = lambda x, k=k: x + k
    assert quadruple.given(double=right)(1) == 1 + 2 * k
"""
    report = execute(cells, {"t": test}, EXPORTS)
    assert error(report) is None
    assert report.odd == []
