"""Known mistakes of the assignment *gates*: the cell state and the hidden state."""

import numpy as np

from lstm_check.exercise import Mistake, Section
from lstm_check.mistakes.gates import tanh_by_exp
from lstm_ref import sigmoid

_CELL_STATE = Section("The cell state", "The gates")
_HIDDEN_STATE = Section("The hidden state", "The gates")
_SHAPES = Section("Shapes", "The cell")


def _in_place(f, c_prev, i, c_tilde):
    c_prev *= f
    c_prev += i * c_tilde
    return c_prev


_CELL = [
    Mistake(
        "f and i swapped",
        lambda f, c_prev, i, c_tilde: i * c_prev + f * c_tilde,
        "your values are those with the two gates swapped; which one keeps, which one writes?",
        _CELL_STATE,
    ),
    Mistake(
        "candidate scaled by f too",
        lambda f, c_prev, i, c_tilde: f * (c_prev + i * c_tilde),
        "your values are those when f scales what is written, too; it scales only what was there",
        _CELL_STATE,
    ),
    Mistake(
        "one minus f for f",
        lambda f, c_prev, i, c_tilde: (1 - f) * c_prev + i * c_tilde,
        "your values are those with 1 - f for f; f is the share that is kept, despite its name",
        _CELL_STATE,
    ),
    Mistake(
        "one minus f for i",
        lambda f, c_prev, i, c_tilde: f * c_prev + (1 - f) * c_tilde,
        "your values are those with 1 - f for i, as in a GRU; an LSTM has a gate of its own "
        "for writing",
        _CELL_STATE,
    ),
    Mistake(
        "tanh on the cell state",
        lambda f, c_prev, i, c_tilde: np.tanh(f * c_prev + i * c_tilde),
        "your values are tanh of the right ones; the cell state itself is never squashed, "
        "so that it can add up",
        _CELL_STATE,
    ),
    Mistake(
        "no input gate",
        lambda f, c_prev, i, c_tilde: f * c_prev + c_tilde,
        "your values are those when all of the candidate is written, whatever i says",
        _CELL_STATE,
    ),
    Mistake(
        "no forget gate",
        lambda f, c_prev, i, c_tilde: c_prev + i * c_tilde,
        "your values are those when all of the old cell state is kept, whatever f says",
        _CELL_STATE,
    ),
    Mistake(
        "nothing written",
        lambda f, c_prev, i, c_tilde: f * c_prev,
        "your values are what is kept of the old cell state; nothing new is written",
        _CELL_STATE,
    ),
    Mistake(
        "nothing kept",
        lambda f, c_prev, i, c_tilde: i * c_tilde,
        "your values are what is written; nothing of the old cell state is kept",
        _CELL_STATE,
    ),
    Mistake(
        "f for both gates",
        lambda f, c_prev, i, c_tilde: f * c_prev + f * c_tilde,
        "your values are those with f for both gates; keeping and writing are two decisions",
        _CELL_STATE,
    ),
    Mistake(
        "i for both gates",
        lambda f, c_prev, i, c_tilde: i * c_prev + i * c_tilde,
        "your values are those with i for both gates; keeping and writing are two decisions",
        _CELL_STATE,
    ),
    Mistake(
        "f writes, 1 - f keeps",
        lambda f, c_prev, i, c_tilde: f * c_tilde + (1 - f) * c_prev,
        "your values are those when f writes and 1 - f keeps; f keeps, and i writes",
        _CELL_STATE,
    ),
    Mistake(
        "minus for plus",
        lambda f, c_prev, i, c_tilde: f * c_prev - i * c_tilde,
        "your values are those when what is written is taken away; the two parts are added",
        _CELL_STATE,
    ),
    Mistake(
        "product for sum",
        lambda f, c_prev, i, c_tilde: f * c_prev * i * c_tilde,
        "your values are the product of what is kept and what is written; the memory is a sum",
        _CELL_STATE,
    ),
    Mistake(
        "sum for product",
        lambda f, c_prev, i, c_tilde: f * c_prev + i + c_tilde,
        "your values are those when i is added to the candidate; a gate multiplies",
        _CELL_STATE,
    ),
    Mistake(
        "gates squashed again",
        lambda f, c_prev, i, c_tilde: sigmoid(f) * c_prev + sigmoid(i) * c_tilde,
        "your values are those with sigmoid taken of f and i; they are gates already",
        _CELL_STATE,
    ),
    Mistake(
        "candidate squashed again",
        lambda f, c_prev, i, c_tilde: f * c_prev + i * np.tanh(c_tilde),
        "your values are those with tanh taken of c_tilde; it is squashed already",
        _CELL_STATE,
    ),
    Mistake(
        "cell state clipped",
        lambda f, c_prev, i, c_tilde: np.clip(f * c_prev + i * c_tilde, -1, 1),
        "your values are cut off at -1 and 1; a cell state may grow larger",
        _CELL_STATE,
    ),
    Mistake(
        "matrix product for *",
        lambda f, c_prev, i, c_tilde: f @ c_prev + i @ c_tilde,
        "@ is a matrix product; here each memory has its own share, element by element",
        _CELL_STATE,
    ),
    Mistake(
        "matrix product for *",
        lambda f, c_prev, i, c_tilde: np.dot(f, c_prev) + np.dot(i, c_tilde),
        "np.dot is a matrix product; here each memory has its own share, element by element",
        _CELL_STATE,
    ),
    Mistake(
        "matrix product for *",
        lambda f, c_prev, i, c_tilde: f @ c_prev.T + i @ c_tilde.T,
        "your result is a matrix product, (B, B); here each memory has its own share, "
        "element by element",
        _CELL_STATE,
    ),
    Mistake(
        "summed up",
        lambda f, c_prev, i, c_tilde: (f * c_prev + i * c_tilde).sum(axis=1),
        "your result is the right one, added up over the memories; each has a state of its own",
        _CELL_STATE,
    ),
    Mistake(
        "argument changed",
        _in_place,
        "your values are right, but it changes its argument c_prev, which the caller, and the "
        "backward pass, still need",
        _CELL_STATE,
    ),
]


def _tanh_in_place(o, c):
    np.tanh(c, out=c)
    return o * c


_HIDDEN = [
    Mistake(
        "tanh left out",
        lambda o, c: o * c,
        "your values are those of a cell state that is not squashed; h must stay within "
        "(-1, 1), however large c is",
        _HIDDEN_STATE,
    ),
    Mistake(
        "sigmoid for tanh",
        lambda o, c: o * sigmoid(c),
        "your values are those with sigmoid of c, so none is negative: the sign of the memory "
        "is lost",
        _HIDDEN_STATE,
    ),
    Mistake(
        "output gate left out",
        lambda o, c: np.tanh(c),
        "your values are those when everything is shown, whatever o says",
        _HIDDEN_STATE,
    ),
    Mistake(
        "tanh around everything",
        lambda o, c: np.tanh(o * c),
        "your values are tanh of the product; the gate takes its share of what is squashed",
        _HIDDEN_STATE,
    ),
    Mistake(
        "tanh on the gate",
        lambda o, c: np.tanh(o) * c,
        "your values are those with tanh of o in place of c; o is squashed already, c is not",
        _HIDDEN_STATE,
    ),
    Mistake(
        "gate squashed again",
        lambda o, c: np.tanh(o) * np.tanh(c),
        "your values are those with tanh taken of o as well; it is a gate already",
        _HIDDEN_STATE,
    ),
    Mistake(
        "gate squashed again",
        lambda o, c: sigmoid(o) * np.tanh(c),
        "your values are those with sigmoid taken of o; it is a gate already",
        _HIDDEN_STATE,
    ),
    Mistake(
        "one minus o for o",
        lambda o, c: (1 - o) * np.tanh(c),
        "your values are those with 1 - o for o; o is the share that is shown",
        _HIDDEN_STATE,
    ),
    Mistake(
        "sum for product",
        lambda o, c: o + np.tanh(c),
        "your values are those when o is added; a gate multiplies",
        _HIDDEN_STATE,
    ),
    Mistake(
        "squashed twice",
        lambda o, c: o * np.tanh(np.tanh(c)),
        "your values are those with tanh taken twice",
        _HIDDEN_STATE,
    ),
    Mistake(
        "tan for tanh",
        lambda o, c: o * np.tan(c),
        "your values are those with tan, of angles; tanh is the hyperbolic one",
        _HIDDEN_STATE,
    ),
    Mistake(
        "ReLU for tanh",
        lambda o, c: o * np.maximum(c, 0),
        "your values are those with ReLU of c, never negative and without an upper bound",
        _HIDDEN_STATE,
    ),
    Mistake(
        "slope of tanh",
        lambda o, c: o * (1 - np.tanh(c) ** 2),
        "your values are those with the slope of tanh; here its value is asked for",
        _HIDDEN_STATE,
    ),
    Mistake(
        "gate ignored and tanh left out",
        lambda o, c: c,
        "your result is c itself; it is to be squashed, and o takes its share",
        _HIDDEN_STATE,
    ),
    Mistake(
        "nan when saturated",
        lambda o, c: o * tanh_by_exp(c),
        "some of your values are not finite. np.exp of a large number is inf, and inf / inf "
        "is nan; NumPy's own function copes",
        _HIDDEN_STATE,
    ),
    Mistake(
        "matrix product for *",
        lambda o, c: o @ np.tanh(c),
        "@ is a matrix product; here each memory has its own share, element by element",
        _HIDDEN_STATE,
    ),
    Mistake(
        "matrix product for *",
        lambda o, c: np.dot(o, np.tanh(c)),
        "np.dot is a matrix product; here each memory has its own share, element by element",
        _HIDDEN_STATE,
    ),
    Mistake(
        "argument changed",
        _tanh_in_place,
        "your values are right, but it changes its argument c, which the next step still needs",
        _HIDDEN_STATE,
    ),
    Mistake(
        "axis of length 1 dropped",
        lambda o, c: (o * np.tanh(c)).squeeze(),
        "your values are right, but a batch of one example must keep its first axis",
        _SHAPES,
    ),
]

MISTAKES = {"cell_state": _CELL, "hidden_state": _HIDDEN}
