"""The class of ``make demo``: what its students wrote is right, or a mistake of the bank."""

import functools

import demo
import numpy as np
import pytest

from lstm_check import check
from lstm_ref import sigmoid


@pytest.mark.parametrize("name", demo.RIGHT)
def test_what_is_right_is_right(name):
    arguments, ways = demo.RIGHT[name]
    for way in ways:
        space = {"np": np, "sigmoid": sigmoid}
        exec(f"def {name}({arguments}):\n    return {way}\n", space)
        check(name, functools.partial(space[name]))


def test_the_class_is_the_same_each_time(tmp_path):
    seeded = [demo.write_class(tmp_path / str(k)) for k in range(2)]
    assert seeded[0] == seeded[1]
    one, other = (sorted(tmp_path.glob(f"{k}/**/*.ipynb")) for k in range(2))
    assert len(one) == 30
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]
