"""An array of a submission: NumPy computes with it only if somebody has looked, or need not."""

import numpy as np
import pytest

from lstm_grade.box.answers import Answer, answer
from tests.grading.conftest import error

GIVEN = answer(np.arange(6.0).reshape(2, 3))
HOLES = answer(np.array([1.0, np.nan]))
SQUARE = answer(np.ones((2, 2)))


@pytest.mark.parametrize(
    "compute",
    [
        lambda: GIVEN == np.arange(6.0).reshape(2, 3),
        lambda: 2 * GIVEN - 1,
        lambda: GIVEN.sum() + GIVEN.max() + GIVEN.std() + GIVEN.mean(axis=0)[0],
        lambda: np.abs(np.zeros((2, 3)) - GIVEN).max(),
        lambda: np.allclose(GIVEN, np.zeros((2, 3))),
        lambda: np.linalg.norm(GIVEN),
        lambda: np.testing.assert_array_equal(GIVEN, np.arange(6.0).reshape(2, 3), strict=True),
        lambda: np.isfinite(HOLES).all() + np.isnan(HOLES).sum(),
        lambda: str(HOLES) + repr(HOLES) + f"{HOLES[1]}" + str(HOLES.tolist()),
        lambda: np.asarray(GIVEN) @ np.ones(3),
        lambda: answer({"a": [(np.ones(2),)]})["a"][0][0] + np.ones(2),
    ],
)
def test_what_is_safe_is_allowed_and_makes_plain_arrays(compute):
    assert type(compute()) is not Answer


@pytest.mark.parametrize(
    ("compute", "said"),
    [
        (lambda: GIVEN @ np.ones(3), "np.matmul computes with an array that the submission"),
        (lambda: np.ones(2) @ SQUARE, "np.matmul computes with an array that the submission"),
        (lambda: np.ones((2, 2)).dot(SQUARE) if False else SQUARE.dot(np.ones(2)), "shape (2, 2)"),
        (lambda: np.dot(np.ones((4, 2)), SQUARE), "of shape (2, 2); here it meets one of shape"),
        (lambda: np.add.outer(SQUARE, SQUARE), "np.add computes with an array"),
        (lambda: GIVEN + np.ones(3), "of shape (2, 3); here it meets one of shape (3,)."),
        (lambda: np.ones((7, 2, 3)) * GIVEN, "of shape (2, 3); here it meets one of shape (7"),
        (lambda: np.concatenate([GIVEN, np.ones((1, 3))]), "here it meets one of shape (1, 3)."),
        (lambda: np.einsum("ij,jk", GIVEN, np.ones((3, 2))), "of shape (2, 3)"),
        (lambda: HOLES > 0, "not finite"),
        (lambda: HOLES - HOLES, "not finite"),
        (lambda: np.allclose(HOLES, [1, np.nan], equal_nan=True), "not finite"),
        (lambda: HOLES.max(), "not finite"),
        (lambda: np.linalg.norm(HOLES), "not finite"),
    ],
)
def test_what_nobody_has_looked_at_is_refused(compute, said):
    with pytest.raises(TypeError) as caught:
        compute()
    assert said in str(caught.value)


def test_into_an_array_of_ones_own():
    mine = np.zeros((2, 3))
    mine += GIVEN
    assert type(mine) is np.ndarray
    with pytest.raises(TypeError, match="not finite"):
        np.zeros(2).__iadd__(HOLES)


def test_what_a_submission_returns_exports_and_changes_is_such_an_array(execute):
    cell = """
import numpy as np
value = np.array([np.nan])
def f(x, d):
    x[0] = np.nan
    d["new"] = np.array([np.nan])
    return {"a": [np.array([np.nan])]}
"""
    tests = {
        "returned": "import numpy as np\nf(np.zeros(1), {})['a'][0] > 1",
        "exported": "value > 1",
        "changed": "import numpy as np\nd = {}\nf(np.zeros(1), d)\nd['new'] > 1",
        "mine": "import numpy as np\nx = np.zeros(1)\nf(x, {})\nassert np.isnan(x).all()",
    }
    report = execute(cell, tests, ("f", "value"))
    for name in ("returned", "exported", "changed"):
        assert "values that are not finite" in error(report, name).evalue
    assert error(report, "mine") is None
