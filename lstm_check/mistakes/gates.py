"""Known mistakes of the assignment *gates*: the gates and the candidate."""

import numpy as np

from lstm_check.exercise import Mistake, Section
from lstm_ref import sigmoid

_CHAPTER = "The gates"
_STACKING = Section("Stacking the input", _CHAPTER)
_WHY_SIGMOID = Section("Why sigmoid", _CHAPTER)
_WHY_TANH = Section("Why tanh for the candidate", _CHAPTER)
_SHAPES = Section("Shapes", "The cell")


def _h_part(hx, W):
    return hx[:, : len(W)] @ W[:, : len(W)].T


def _x_part(hx, W):
    return hx[:, len(W) :] @ W[:, len(W) :].T


def _x_first(hx, W):
    return np.roll(hx, hx.shape[1] - len(W), axis=1) @ W.T


def _softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _exp_over_exp(z):
    return np.exp(z) / (1 + np.exp(z))


def tanh_by_exp(z):
    """Return tanh as the formula says, which is nan for large z."""
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


def _affine(squash, gate, section):
    """Return what goes wrong before and around the function that squashes."""
    W, b = f"W_{gate}", f"b_{gate}"
    return [
        Mistake(
            "bias left out",
            lambda hx, W, b: squash(hx @ W.T),
            f"your values are what comes out without {b}, so the bias cannot shift the result",
            section,
        ),
        Mistake(
            "bias outside",
            lambda hx, W, b: squash(hx @ W.T) + b,
            f"your values are right but for {b}: it is added after squashing, not before",
            section,
        ),
        Mistake(
            "bias subtracted",
            lambda hx, W, b: squash(hx @ W.T - b),
            f"your values are those with {b} subtracted; the equation adds it",
            section,
        ),
        Mistake(
            "bias twice",
            lambda hx, W, b: squash(hx @ W.T + 2 * b),
            f"your values are those with {b} added twice",
            section,
        ),
        Mistake(
            "x_t ignored",
            lambda hx, W, b: squash(_h_part(hx, W) + b),
            "your values are what comes out when only the first H columns of hx count: "
            "the input x_t is ignored",
            _STACKING,
        ),
        Mistake(
            "h_prev ignored",
            lambda hx, W, b: squash(_x_part(hx, W) + b),
            "your values are what comes out when only the last D columns of hx count: "
            "the hidden state is ignored",
            _STACKING,
        ),
        Mistake(
            "[x, h] for [h, x]",
            lambda hx, W, b: squash(_x_first(hx, W) + b),
            f"your values are those with x_t first; the columns of {W} expect the hidden "
            "state first, as hx has it",
            _STACKING,
        ),
        Mistake(
            "result transposed",
            lambda hx, W, b: squash(hx @ W.T + b).T,
            "your result is the right one transposed; rows are examples, columns are hidden units",
            _SHAPES,
        ),
        Mistake(
            "extra axis",
            lambda hx, W, b: squash(hx @ W.T + b)[None],
            "your values are right, but the result has one axis too many",
            _SHAPES,
        ),
        Mistake(
            "axis of length 1 dropped",
            lambda hx, W, b: squash(hx @ W.T + b).squeeze(),
            "your values are right, but a batch of one example must keep its first axis",
            _SHAPES,
        ),
        Mistake(
            "one example only",
            lambda hx, W, b: squash(hx @ W.T + b)[0],
            "your result is right for the first example; each row of hx needs its own row",
            _SHAPES,
        ),
        Mistake(
            "weights not transposed",
            lambda hx, W, b: squash(hx @ W + b),
            f"hx has H + D columns and {W} has H rows. What do the columns of {W} stand for?",
            _STACKING,
        ),
        Mistake(
            "weights not transposed",
            lambda hx, W, b: squash(np.dot(hx, W) + b),
            f"hx has H + D columns and {W} has H rows. What do the columns of {W} stand for?",
            _STACKING,
        ),
        Mistake(
            "columns for rows",
            lambda hx, W, b: squash(W @ hx + b),
            "the equation holds one example as a column; here each row of hx is an example",
            _STACKING,
        ),
        Mistake(
            "columns for rows",
            lambda hx, W, b: squash(np.dot(W, hx) + b),
            "the equation holds one example as a column; here each row of hx is an example",
            _STACKING,
        ),
        Mistake(
            "columns for rows",
            lambda hx, W, b: squash(W @ hx.T + b),
            "W hx is here as (H, B), a column for each example, and b as a row; they do not fit",
            _STACKING,
        ),
        Mistake(
            "element by element for a matrix product",
            lambda hx, W, b: squash(hx * W + b),
            f"* and + go element by element; {W} acts on hx as a matrix",
            _STACKING,
        ),
        Mistake(
            "bias as a column",
            lambda hx, W, b: squash(hx @ W.T + b[:, None]),
            f"{b} is used as a column (H, 1); its H numbers belong to the columns of the result",
            _SHAPES,
        ),
    ]


def _gate(gate, section):
    """Return what goes wrong with a gate: first what squashes it, then the rest."""
    wrong = f"one minus the right ones: where {gate} should be open, it is closed"
    squashed = [
        Mistake(
            "tanh for sigmoid",
            lambda hx, W, b: np.tanh(hx @ W.T + b),
            "your values are what tanh gives; a gate needs sigmoid, so that it lies "
            "between 0 and 1",
            _WHY_SIGMOID,
        ),
        Mistake(
            "not squashed",
            lambda hx, W, b: hx @ W.T + b,
            "your values are the pre-activation, any size and sign; a gate is a share "
            "between 0 and 1",
            _WHY_SIGMOID,
        ),
        Mistake(
            "one minus the gate",
            lambda hx, W, b: sigmoid(-(hx @ W.T + b)),
            f"your values are {wrong}",
            section,
        ),
        Mistake(
            "one minus the gate",
            lambda hx, W, b: 1 - sigmoid(hx @ W.T + b),
            f"your values are {wrong}",
            section,
        ),
        Mistake(
            "hard sigmoid",
            lambda hx, W, b: np.clip(0.2 * (hx @ W.T + b) + 0.5, 0, 1),
            "your values are those of a hard sigmoid, made of straight lines; it has no slope "
            "where it is 0 or 1",
            _WHY_SIGMOID,
        ),
        Mistake(
            "hard sigmoid",
            lambda hx, W, b: np.clip((hx @ W.T + b) / 6 + 0.5, 0, 1),
            "your values are those of a hard sigmoid, made of straight lines; it has no slope "
            "where it is 0 or 1",
            _WHY_SIGMOID,
        ),
        Mistake(
            "hard step",
            lambda hx, W, b: (hx @ W.T + b > 0).astype(float),
            "your values are only 0 and 1; a gate also passes shares in between, and it has "
            "to have a slope to learn by",
            _WHY_SIGMOID,
        ),
        Mistake(
            "ReLU for sigmoid",
            lambda hx, W, b: np.maximum(hx @ W.T + b, 0),
            "your values are those of ReLU, which has no upper bound; a gate is a share "
            "between 0 and 1",
            _WHY_SIGMOID,
        ),
        Mistake(
            "softmax for sigmoid",
            lambda hx, W, b: _softmax(hx @ W.T + b),
            "your values are those of softmax: each row adds up to 1. Each memory has a share "
            "of its own, whatever the others do",
            _WHY_SIGMOID,
        ),
        Mistake(
            "squashed twice",
            lambda hx, W, b: sigmoid(sigmoid(hx @ W.T + b)),
            "your values are those of a sigmoid taken twice: no gate could close below a half",
            _WHY_SIGMOID,
        ),
        Mistake(
            "slope of the sigmoid",
            lambda hx, W, b: sigmoid(hx @ W.T + b) * sigmoid(-(hx @ W.T + b)),
            "your values are the slope of the sigmoid, at most 1/4; here its value is asked for",
            _WHY_SIGMOID,
        ),
        Mistake(
            "nan when saturated",
            lambda hx, W, b: _exp_over_exp(hx @ W.T + b),
            "some of your values are not finite. np.exp of a large number is inf, and "
            "inf / inf is nan; the given sigmoid copes",
            _WHY_SIGMOID,
        ),
    ]
    return squashed + _affine(sigmoid, gate, section)


def _candidate(section):
    squashed = [
        Mistake(
            "sigmoid for tanh",
            lambda hx, W, b: sigmoid(hx @ W.T + b),
            "your values are what sigmoid gives, so none is negative; what is written must be "
            "able to lower a memory too",
            _WHY_TANH,
        ),
        Mistake(
            "not squashed",
            lambda hx, W, b: hx @ W.T + b,
            "your values are the pre-activation, any size; a candidate lies between -1 and 1",
            _WHY_TANH,
        ),
        Mistake(
            "sigmoid stretched",
            lambda hx, W, b: 2 * sigmoid(hx @ W.T + b) - 1,
            "your values are a sigmoid stretched to (-1, 1), which is tanh of half of z",
            _WHY_TANH,
        ),
        Mistake(
            "sign turned",
            lambda hx, W, b: -np.tanh(hx @ W.T + b),
            "your values are the right ones with their sign turned",
            section,
        ),
        Mistake(
            "ReLU for tanh",
            lambda hx, W, b: np.maximum(hx @ W.T + b, 0),
            "your values are those of ReLU, never negative and without an upper bound; a "
            "candidate lies between -1 and 1",
            _WHY_TANH,
        ),
        Mistake(
            "hard tanh",
            lambda hx, W, b: np.clip(hx @ W.T + b, -1, 1),
            "your values are cut off at -1 and 1 by straight lines, which leaves no slope there",
            _WHY_TANH,
        ),
        Mistake(
            "arctan for tanh",
            lambda hx, W, b: np.arctan(hx @ W.T + b),
            "your values are those of arctan, which goes up to 1.57",
            _WHY_TANH,
        ),
        Mistake(
            "tan for tanh",
            lambda hx, W, b: np.tan(hx @ W.T + b),
            "your values are those of tan, of angles; tanh is the hyperbolic one",
            _WHY_TANH,
        ),
        Mistake(
            "squashed twice",
            lambda hx, W, b: np.tanh(np.tanh(hx @ W.T + b)),
            "your values are those of tanh taken twice: none could pass 0.77",
            _WHY_TANH,
        ),
        Mistake(
            "slope of tanh",
            lambda hx, W, b: 1 - np.tanh(hx @ W.T + b) ** 2,
            "your values are the slope of tanh; here its value is asked for",
            _WHY_TANH,
        ),
        Mistake(
            "nan when saturated",
            lambda hx, W, b: tanh_by_exp(hx @ W.T + b),
            "some of your values are not finite. np.exp of a large number is inf, and "
            "inf / inf is nan; NumPy's own function copes",
            _WHY_TANH,
        ),
    ]
    return squashed + _affine(np.tanh, "c", section)


MISTAKES = {
    "forget_gate": _gate("f", Section("The forget gate", _CHAPTER)),
    "input_gate": _gate("i", Section("The input gate", _CHAPTER)),
    "candidate": _candidate(Section("The candidate", _CHAPTER)),
    "output_gate": _gate("o", Section("The output gate", _CHAPTER)),
}
