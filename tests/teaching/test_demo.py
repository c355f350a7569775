"""The class of ``make demo``: what its students wrote is right, or a mistake of the bank."""

import io
from contextlib import redirect_stderr, redirect_stdout

import demo
import numpy as np
import pytest

from lstm_check.behaviour import alike, behave
from lstm_check.exercise import Size
from lstm_check.exercises import EXERCISES
from lstm_check.mistakes import MISTAKES
from lstm_ref import sigmoid


def defined(text, name):
    namespace = {"np": np, "sigmoid": sigmoid}
    exec(text, namespace)
    return namespace[name]


@pytest.mark.parametrize("name", demo.RIGHT)
def test_a_text_does_what_the_function_does(name):
    texts = [(m.wrong, demo.source_of(m.wrong, name)) for m in MISTAKES[name]]
    arguments, right = demo.RIGHT[name]
    reference = EXERCISES[name].reference
    texts += [(reference, f"def {name}({arguments}):\n    return {value}\n") for value in right]
    for function, text in texts:
        results = []
        for each in (function, defined(text, name)):
            draw = EXERCISES[name].draw(np.random.default_rng(3), Size(4, 3, 2, 5, 1.0))
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                results.append(behave(each, draw))
        assert alike(*results, 1e-12, 1e-12, None), text


def test_the_class_is_the_same_each_time(tmp_path):
    seeded = [demo.write_class(tmp_path / str(k)) for k in range(2)]
    assert seeded[0] == seeded[1]
    one, other = (sorted(tmp_path.glob(f"{k}/**/*.ipynb")) for k in range(2))
    assert len(one) == 30
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]
