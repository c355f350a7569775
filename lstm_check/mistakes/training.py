"""Known mistakes of the assignment *adding-problem*: training.

Weights cannot be compared with other weights: each mistake is recognised by what its weights do
on sequences they have not seen. Its `wrong` function returns weights that do just that.
"""

import functools
from itertools import permutations

import numpy as np

from lstm_check.exercise import Mistake, Section
from lstm_check.exercises.adding_problem import (
    FACTOR,
    GUESSING,
    STEP,
    TASK,
    answers,
    by_hand,
    loss,
    unseen,
)
from lstm_check.exercises.cell import GATES

ORDERS = list(permutations(GATES))[1:]  # the first is the right one
_CLIPPING = Section("Clipping by global norm", "Training")
_STACKING = Section("Stacking the input", "The gates")
_WHOLE_STEP = Section("The whole step", "The gates")


def _renamed(weights, order):
    """Return the weights with those of each gate under another's name."""
    return weights | {
        f"{kind}_{gate}": weights[f"{kind}_{other}"]
        for kind in "Wb"
        for gate, other in zip(GATES, order, strict=True)
    }


def _rolled(weights, columns):
    """Return the weights with their last columns in front, or their first ones behind."""
    return weights | {f"W_{g}": np.roll(weights[f"W_{g}"], columns, axis=1) for g in GATES}


def _wrong(change):
    """Return a `train` that returns something else than the weights that solve the task."""
    return lambda *arguments: change(by_hand(*arguments))


def _of_known_failure(weights, sequences):
    """Return the name of the mistake whose weights do this, or "" if there is none."""
    x, y = sequences

    def solve(weights):
        return loss(weights, (x, y)) < GUESSING / FACTOR

    if any(solve(_renamed(weights, order)) for order in ORDERS):
        return "gates under each other's names"
    if solve(_rolled(weights, -2)):
        return "[x, h] for [h, x]"
    got, y = answers(weights, x)[:, 0], y[:, 0]
    if got.std() < 0.1 and abs(got.mean() - 1) < 0.25:
        return "always about 1"
    # V and d are small before training, and the answers have nothing to do with the sums.
    if abs(got.mean()) < 0.6 and got.std() < 0.5 and abs(_correlation(got, y)) < 0.3:
        return "untrained"
    if _correlation(got, y) ** 2 > 0.9:
        return "answers on another scale"
    second = x[len(x) // 2 :].prod(axis=2).sum(axis=0)
    if _correlation(got, second) > 0.9:
        return "only the second number"
    if loss(weights, (x, y[:, None])) > 10:
        return "loss grown"
    return ""


def _correlation(a, b):
    return np.corrcoef(a, b)[0, 1] if a.std() > 1e-6 else 0.0


def _failure(weights, arguments):
    """Return what `_of_known_failure` does; for the same weights it is computed once."""
    key = arguments["seed"], arguments["x"].shape[1]
    return _remembered(
        key, tuple((name, a.tobytes(), a.dtype.str, a.shape) for name, a in weights.items())
    )


@functools.lru_cache(maxsize=1)
def _remembered(key, packed):
    seed, T = key
    weights = {name: np.frombuffer(a, dtype).reshape(shape) for name, a, dtype, shape in packed}
    return _of_known_failure(weights, unseen(seed, T))


def _fails_as(name):
    """Return a `seen` for weights of the right names and shapes that do what a mistake does."""

    def seen(arguments, weights):
        right = by_hand(**arguments)
        return (
            isinstance(weights, dict)
            and all(np.shape(weights.get(key)) == a.shape for key, a in right.items())
            and all(np.isfinite(weights[key]).all() for key in right)
            and _failure({key: weights[key] for key in right}, arguments) == name
        )

    return seen


def _second_number(weights):
    """Forget at a mark."""
    W_f = weights["W_f"].copy()
    W_f[0, -1] = -40
    return weights | {"W_f": W_f}


def _all_numbers(weights):
    """Write at every step."""
    return weights | {"b_i": weights["b_i"] + 40}


def _packed(weights):
    W = np.concatenate([weights[f"W_{gate}"] for gate in "ifco"])
    b = np.concatenate([weights[f"b_{gate}"] for gate in "ifco"])
    return {"W": W, "b": b, "V": weights["V"], "d": weights["d"]}


def _is_packed(arguments, weights):
    return isinstance(weights, dict) and "W" in weights and "W_f" not in weights


def _v_transposed(arguments, weights):
    H = arguments["hidden_size"]
    return isinstance(weights, dict) and H > 1 and np.shape(weights.get("V")) == (H, 1)


def _not_finite(arguments, weights):
    return isinstance(weights, dict) and any(
        isinstance(a, np.ndarray) and a.dtype.kind == "f" and not np.isfinite(a).all()
        for a in weights.values()
    )


_MISTAKES = [
    Mistake(
        "always about 1",
        _wrong(lambda weights: weights | {"V": 0 * weights["V"], "d": weights["d"] + 1}),
        "your network answers about 1, whatever it reads: that is the mean. Does the loss "
        "fall? Have the answers and y the same shape, (B, 1)?",
        STEP,
        _fails_as("always about 1"),
    ),
    Mistake(
        "untrained",
        _wrong(lambda weights: weights | {"V": 0 * weights["V"]}),
        "your answers do not even have the right mean. Are these the weights that the steps "
        "have changed? Is the learning rate far too small?",
        STEP,
        _fails_as("untrained"),
    ),
    Mistake(
        "only the second number",
        _wrong(_second_number),
        "your network answers with the second marked number; it does not carry the first one "
        "as far yet",
        TASK,
        _fails_as("only the second number"),
    ),
    Mistake(
        "answers on another scale",
        _wrong(lambda weights: weights | {"V": weights["V"] / 2}),
        "multiplied by one number, and moved by another, your answers would be right. Were y "
        "or the answers changed before the loss, or V or d after it?",
        STEP,
        _fails_as("answers on another scale"),
    ),
    Mistake(
        "answers on another scale",
        _wrong(lambda weights: weights | {"d": weights["d"] - 1}),
        "multiplied by one number, and moved by another, your answers would be right. Were y "
        "or the answers changed before the loss, or V or d after it?",
        STEP,
        _fails_as("answers on another scale"),
    ),
    Mistake(
        "loss grown",
        _wrong(_all_numbers),
        "your answers are far off, much further than without training. Does each step go down "
        "the gradient, not up? Is it clipped?",
        _CLIPPING,
        _fails_as("loss grown"),
    ),
    Mistake(
        "gates under each other's names",
        _wrong(lambda weights: _renamed(weights, "ifco")),
        "your weights solve the task when gates are renamed: one gate's are returned under "
        "another's name",
        _WHOLE_STEP,
        _fails_as("gates under each other's names"),
    ),
    Mistake(
        "[x, h] for [h, x]",
        _wrong(lambda weights: _rolled(weights, 2)),
        "your weights solve the task with the columns of the input first; here the hidden "
        "state's come first",
        _STACKING,
        _fails_as("[x, h] for [h, x]"),
    ),
    Mistake(
        "weights packed",
        _wrong(_packed),
        "your W and b hold all gates in one array; the task asks for each by its name. "
        "LSTMParams has them as W_f, b_f and so on",
        _WHOLE_STEP,
        _is_packed,
    ),
    Mistake(
        "V transposed",
        _wrong(lambda weights: weights | {"V": weights["V"].T}),
        "your V is a column; it has one row for each answer, and there is one answer",
        STEP,
        _v_transposed,
    ),
    Mistake(
        "not finite",
        _wrong(lambda weights: weights | {"b_f": weights["b_f"] * np.nan}),
        "some of your weights are not finite numbers any more: training went off. Are the "
        "gradients clipped, is the learning rate small?",
        _CLIPPING,
        _not_finite,
    ),
]

MISTAKES = {"train": _MISTAKES}
