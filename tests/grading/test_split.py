"""What a test sees of a submission, and what a notebook shows when it was executed."""

import base64

import numpy as np
import pytest
from nbformat import v4

from lstm_grade.box.rules import Limits, Rules
from tests.grading.conftest import error, outputs, shown


def test_outputs_are_those_of_a_notebook(execute):
    report = execute(["import sys\nprint(1)\nprint(2, file=sys.stderr)\n3", "4;", "1 / 0\n", "x ="])
    assert [cell.execution_count for cell in report.notebook.cells] == [1, 2, 3, 4]
    kinds = [(o.output_type, o.get("name")) for o in outputs(report, "cell0")]
    assert kinds == [("stream", "stdout"), ("stream", "stderr"), ("execute_result", None)]
    assert shown(report, "cell0") == "1\n\n2\n\n3"
    assert outputs(report, "cell1") == []
    assert shown(report, "cell2") == (
        "<cell 3>, line 1: 1 / 0\nZeroDivisionError: division by zero"
    )
    assert error(report, "cell3").ename == "SyntaxError"


def test_only_text_and_png_are_kept(execute):
    page = "class P:\n    def _repr_html_(self):\n        return '<script>alert(1)</script>'\n"
    report = execute(
        [
            page + "    def __repr__(self):\n        return 'a page'\nP()",
            "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
            "display(plt.figure())",
            "from IPython.display import HTML, display\ndisplay(HTML('<script>'), 5)",
        ]
    )
    assert shown(report, "cell0").splitlines() == [
        "Only text and PNG images are kept of what a cell shows.",
        "",
        "a page",
    ]
    for name in ("cell1", "cell2"):
        image = next(o for o in outputs(report, name) if "image/png" in o.get("data", {}))
        assert base64.b64decode(image.data["image/png"]).startswith(b"\x89PNG")
        assert set(image.data) == {"image/png"}
    assert "stderr" not in [o.get("name") for o in outputs(report, "cell1")]
    assert "<script>" not in shown(report, "cell3")
    assert "5" in shown(report, "cell3")


def test_text_is_cleaned_and_bounded(execute):
    report = execute(
        [
            "print('\\ud800 \\x1b[31m \\0 \\x9b é')",
            "print('x' * 10**6)",
            "for n in range(10**5):\n    print(n)",
            "raise ValueError('\\ud800' + 'x' * 10**6)",
        ]
    )
    report.notebook.cells[0].outputs[0].text.encode("utf-8")
    assert shown(report, "cell0") == "\ufffd \ufffd[31m \ufffd \ufffd é\n"
    assert "[cut]" in shown(report, "cell1") + shown(report, "cell2")
    assert all(len(shown(report, f"cell{n}")) < 110_000 for n in range(4))


def test_proxies_carry_arrays_there_and_back(execute):
    test = """
import numpy as np
for x in (np.ones((2, 3)), np.asfortranarray(np.ones((2, 3), "f4")), np.arange(8)[::2]):
    y, flags = f(x, k=[x, {"a": (1, None)}])
    np.testing.assert_array_equal(y, x, strict=True)
    assert y.flags.f_contiguous == x.flags.f_contiguous == flags[1], flags
    assert y.flags.c_contiguous == x.flags.c_contiguous == flags[0], flags
assert type(f) is not type(lambda: 0) and callable(f) and f.__name__ == "f"
"""
    cell = """
def f(x, *, k):
    assert k[1] == {'a': (1, None)}
    return x, (x.flags.c_contiguous, x.flags.f_contiguous)
"""
    assert error(execute(cell, {"t": test})) is None


def test_changed_arguments_are_changed(execute):
    cell = "def f(x, l, d, s):\n    x += 1\n    l.append(x)\n    d['b'] = 2\n    s.add(1)"
    test = """
import numpy as np
x, y, l, d, s = np.zeros(3), np.zeros(3)[::2], [], {"a": np.zeros(1)}, set()
inside = d["a"]
f(x, l, d, s)
assert x.tolist() == [1, 1, 1] and l[0].tolist() == [1, 1, 1]
assert d == {"a": inside, "b": 2} and d["a"] is inside and s == {1}
f(y, l, d, s)
assert y.tolist() == [1, 1]
"""
    assert error(execute(cell, {"t": test})) is None


@pytest.mark.parametrize("change", ["x.shape = (-1,)", "x.resize(9, refcheck=False)"])
def test_another_shape_of_an_argument_is_said(execute, change):
    test = "import numpy as np\nf(np.zeros((2, 2)))"
    report = execute(f"def f(x):\n    {change}", {"t": test})
    assert error(report).evalue == "f changes the shape, or more, of an array it was given."


def test_an_argument_that_cannot_be_written_to(execute):
    test = "import numpy as np\nx = np.zeros(2)\nx.flags.writeable = False\nf(x)"
    report = execute("def f(x):\n    x += 1", {"t": test})
    assert error(report).ename == "ValueError"
    assert "read-only" in error(report).evalue


def test_exceptions_keep_their_kind_and_line(execute):
    cell = """
import numpy as np
class Own(Exception):
    pass
def f(n):
    if n == 0:
        return g()
    if n == 1:
        raise Own("mine")
    if n == 2:
        return np.linalg.inv(np.zeros((2, 2)))
    raise NotImplementedError()
def g():
    return {}["a"]
"""
    test = """
import pytest
with pytest.raises(KeyError, match="a") as e:
    f(0)
assert e.value.student_line == "return g()"
with pytest.raises(RuntimeError, match="Own: mine"):
    f(1)
with pytest.raises(ValueError, match="LinAlgError: Singular"):
    f(2)
with pytest.raises(NotImplementedError) as e:
    f(3)
assert "raise NotImplementedError()" in e.value.__notes__[0]
"""
    assert error(execute(cell, {"t": test})) is None


def test_warnings_cross(execute):
    cell = "import numpy as np\ndef f(x):\n    return np.exp(x)"
    tests = {
        "strict": "import numpy as np, warnings\nwarnings.simplefilter('error')\n"
        "f(np.array([1e9]))",
        "lax": "import numpy as np\nf(np.array([1e9]))",
    }
    report = execute(cell, tests)
    assert error(report, "strict").ename == "RuntimeWarning"
    assert error(report, "lax") is None
    # Not on stderr, for which nbgrader takes all points.
    assert outputs(report, "lax")[0].name == "stdout"
    assert "f:3: RuntimeWarning: overflow encountered in exp" in shown(report, "lax")


def test_what_a_call_prints_is_shown_with_the_test(execute):
    report = execute("def f():\n    print('inside')", {"t": "print('before')\nf()\nprint('after')"})
    assert shown(report, "t") == "before\ninside\nafter\n"


def test_tests_see_exports_and_each_other_only(execute):
    cell = "np = len = helper = check = y = 3\ndef f():\n    return helper\nvalue = [1, y]\n"
    tests = {
        "a": "import numpy as np\nkept = 5\nassert f() == 3 and len([1]) == 1 and value == [1, 3]",
        "b": "assert kept == 5 and np.pi > 3",
        "c": "helper",
        "d": "check",
        "e": "missing",
    }
    report = execute(cell, tests, exports=("f", "value", "missing"))
    assert error(report, "a") is error(report, "b") is None
    assert [error(report, name).ename for name in "cde"] == ["NameError"] * 3


def test_exports_are_looked_up_at_each_test(executor):
    notebook = v4.new_notebook()
    tests = {"t0": "f()", "t1": "f()", "t2": "f"}
    cells = ["def f():\n    return 1", "def f():\n    return 2", "del f"]
    for cell, (name, test) in zip(cells, tests.items(), strict=True):
        notebook.cells.append(v4.new_code_cell(cell))
        notebook.cells.append(v4.new_code_cell(test))
        notebook.cells[-1].metadata["nbgrader"] = {"grade_id": name}
    rules = Rules(tests=tests, exports=("f",), preload=("numpy",))
    cells = executor.run(notebook, rules, student="ada", assignment="a").notebook.cells
    assert [cell.outputs[-1].get("data") for cell in cells[1::2]] == [
        {"text/plain": "1"},
        {"text/plain": "2"},
        None,
    ]
    assert cells[-1].outputs[0].ename == "NameError"


def test_partial_credit_is_a_number_as_in_nbgrader(execute):
    (result,) = outputs(execute("def f():\n    pass", {"t": "f()\n0.5"}), "t")
    assert result.output_type == "execute_result"
    assert result.data == {"text/plain": "0.5"}


@pytest.mark.parametrize(("last", "text"), [("np.float64(0.5)", "0.5"), ("np.int8(1)", "1")])
def test_partial_credit_may_be_a_numpy_scalar(execute, last, text):
    """Nbgrader takes "np.float64(0.5)" for no number, and gives all points."""
    test = f"import numpy as np\nf()\n{last}"
    (result,) = outputs(execute("def f():\n    pass", {"t": test}), "t")
    assert result.data == {"text/plain": text}


@pytest.mark.parametrize("number", ["float('nan')", "float('inf')", "np.float32('nan')"])
def test_a_number_that_is_not_finite_is_no_credit(execute, number):
    """Nbgrader gives all points for it."""
    cell = f"import numpy as np\ndef f():\n    return {number}"
    report = execute(cell, {"t": "1 - f()"})
    assert error(report).evalue.endswith("which is no number of points.")


def test_hidden_lines_are_not_told(execute):
    test = """\
### BEGIN HIDDEN TESTS
def hidden_helper(x):
    assert x == 41, "message"
### END HIDDEN TESTS
f()
### BEGIN HIDDEN TESTS
hidden_helper(f())
### END HIDDEN TESTS
"""
    report = execute("def f():\n    return 1", {"t": test})
    assert error(report).traceback == [
        "line 7: # hidden",
        "line 3: # hidden",
        "AssertionError: message\n",
    ]
    report = execute("def f():\n    raise KeyError", {"t": test})
    assert "line 5: f()" in error(report).traceback


def test_an_exception_carries_metadata_and_its_own_lines(execute):
    test = """
class Failed(AssertionError):
    metadata = {"mistake": "no bias", "n": [1, None]}
    def _render_traceback_(self):
        return ["one line"]
raise Failed("text")
"""
    report = execute("def f():\n    pass", {"t": test})
    assert error(report).traceback == ["one line"]
    assert report.notebook.cells[-1].metadata["lstm_grade"] == {
        "mistake": "no bias",
        "n": [1, None],
    }


def test_seeds(execute, monkeypatch):
    tests = {name: "import os\nos.environ.get('LSTM_GRADE_SEED')" for name in "ab"}

    def seeds(**options):
        report = execute("1", tests, **options)
        return [
            outputs(report, name)[0].data["text/plain"] for name in "ab" if outputs(report, name)
        ]

    first = seeds(secret=b"1")
    assert len(set(first)) == 2
    assert seeds(secret=b"1") == first
    assert set(seeds(secret=b"2")).isdisjoint(first)
    assert set(seeds(secret=b"1", student="bob")).isdisjoint(first)
    assert set(seeds(secret=b"1", assignment="b")).isdisjoint(first)
    monkeypatch.setenv("LSTM_GRADE_SEED", "7")
    assert seeds() == []
    assert __import__("os").environ["LSTM_GRADE_SEED"] == "7"


def test_after_a_crash_good_cells_are_there_again(execute):
    cells = [
        "print('once')\nn = 1\ndef f():\n    return n",
        "n = 2",
        "import os\nn = 3\nos._exit(1)",
        "print(n)",
        "n += 1\n1 / 0",
        "def g():\n    os._exit(1)",
        "import os",
    ]
    tests = {"t": "assert f() == 3", "u": "g()", "v": "assert f() == 3"}
    report = execute(cells, tests, exports=("f", "g"))
    assert error(report, "cell2").ename == "DeadKernelError"
    assert shown(report, "cell0") == "once\n"
    assert shown(report, "cell3") == "2\n"
    assert error(report, "t") is None
    assert error(report, "u").evalue.startswith("It ended the Python process")
    assert error(report, "v") is None
    assert report.odd == ["ended the Python process"]


def test_limits_of_time(execute):
    limits = Limits(cell=1, call=1, notebook=60)
    cells = ["while True:\n    pass", "def f():\n    while True:\n        pass"]
    test = "try:\n    f()\nexcept TimeoutError as e:\n    assert e.student_line == ''\n    raise"
    report = execute(cells, {"t": test}, limits=limits)
    assert error(report, "cell0").ename == "CellTimeoutError"
    assert (error(report).ename, error(report).evalue) == ("TimeoutError", "It took more than 1 s.")
    assert report.odd == ["timed out"]

    limits = Limits(cell=60, call=60, notebook=3)
    report = execute(["import time\ntime.sleep(60)"] * 3, {"t": "f()"}, limits=limits)
    assert error(report, "cell2").evalue == "The notebook took more than 3 s in all."
    assert error(report).ename == "NameError"
    assert report.seconds < 20


def test_the_memory_of_all_processes_is_added_up(execute):
    cell = """
import os, time
import numpy as np
big = np.ones(8 << 20)
def f(each):
    for _ in range(4):
        if os.fork() == 0:
            own = np.ones(each)
            time.sleep(each / 1e6)
            os._exit(0)
    for _ in range(4):
        os.wait()
    return big.size
"""
    limits = Limits(memory=150 << 20, call=20)
    tests = {"t": f"assert f({6 << 20}) is None", "u": f"assert f(1000) == {8 << 20}"}
    report = execute(cell, tests, limits=limits)
    # Each 48 MB, within its own limit; what they share with the first, 64 MB, counts once.
    assert error(report).evalue.startswith("It ended the Python process")
    assert error(report, "u") is None


def test_the_submission_that_was_given_stays_as_it_was(executor):
    notebook = v4.new_notebook(cells=[v4.new_code_cell("1", id="a")])
    before = notebook.copy()
    executor.run(notebook, Rules(preload=("numpy",)), student="ada", assignment="a")
    assert notebook == before
    assert notebook.cells[0].outputs == []


def test_a_large_array_in_a_reasonable_time(execute):
    test = "import numpy as np\nx = np.ones((1000, 1000))\nassert (f(x) == x).all()"
    report = execute("def f(x):\n    return x", {"t": test})
    assert error(report) is None
    assert np.isfinite(report.seconds)
