"""Known mistakes of the assignment *recurrence*: the sigmoid and the step."""

import math

import numpy as np

from lstm_check.exercise import Mistake, Section
from lstm_ref import sigmoid, stack

_SIGMOID = Section("Why sigmoid", "The gates")
_LOOP = Section("A network that is a loop", "Sequences")
_STACKING = Section("Stacking the input", "The gates")
_SHAPES = Section("Shapes", "The cell")


def _one_by_one(z):
    return 1 / (1 + math.exp(-z))


def _if_on_an_array(z):
    if z >= 0:
        return 1 / (1 + np.exp(-z))
    return np.exp(z) / (1 + np.exp(z))


def _loop_overwrites(z):
    for k in np.ndindex(z.shape):
        z[k] = sigmoid(z[k])
    return z


_WARNS = (
    "the values are right, but np.exp overflows on the way, with a warning; "
    "which sign should the number it gets have, at every z?"
)

_SIGMOID_MISTAKES = [
    Mistake("overflow warning", lambda z: 1 / (1 + np.exp(-z)), _WARNS, _SIGMOID),
    Mistake("overflow warning", lambda z: 1 - 1 / (1 + np.exp(z)), _WARNS, _SIGMOID),
    Mistake(
        "np.where computes both",
        lambda z: np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z))),
        "the values are right, but NumPy warns: np.where only chooses, both of its branches "
        "are computed for every z",
        _SIGMOID,
    ),
    Mistake(
        "nan when saturated",
        lambda z: np.exp(z) / (1 + np.exp(z)),
        "some of your values are not finite. np.exp of a large number is inf, and inf / inf is nan",
        _SIGMOID,
    ),
    Mistake(
        "sign of the exponent",
        lambda z: 1 / (1 + np.exp(z)),
        "your values are one minus the right ones; look at the sign in the exponent",
        _SIGMOID,
    ),
    Mistake(
        "sign of the exponent",
        lambda z: np.exp(-z) / (1 + np.exp(-z)),
        "your values are one minus the right ones; look at the signs in the exponents",
        _SIGMOID,
    ),
    Mistake(
        "brackets left out",
        lambda z: 1 / 1 + np.exp(-z),
        "your values are 1 + exp(-z): without brackets, / comes before +",
        _SIGMOID,
    ),
    Mistake(
        "tanh for sigmoid",
        np.tanh,
        "your values are what tanh gives, from -1 to 1; sigmoid goes from 0 to 1",
        _SIGMOID,
    ),
    Mistake(
        "tanh without the half",
        lambda z: (np.tanh(z) + 1) / 2,
        "your values are the sigmoid of 2 z, twice as steep as it should be",
        _SIGMOID,
    ),
    Mistake(
        "only right for positive z",
        lambda z: 1 / (1 + np.exp(-abs(z))),
        "your values are right for positive z; for negative z you give the value at -z",
        _SIGMOID,
    ),
    Mistake(
        "only right for negative z",
        lambda z: np.exp(-abs(z)) / (1 + np.exp(-abs(z))),
        "your values are right for negative z; for positive z you give the value at -z",
        _SIGMOID,
    ),
    Mistake(
        "hard sigmoid",
        lambda z: np.clip(0.2 * z + 0.5, 0, 1),
        "your values are those of a hard sigmoid, made of straight lines",
        _SIGMOID,
    ),
    Mistake(
        "hard sigmoid",
        lambda z: np.clip(z / 6 + 0.5, 0, 1),
        "your values are those of a hard sigmoid, made of straight lines",
        _SIGMOID,
    ),
    Mistake(
        "slope of the sigmoid",
        lambda z: sigmoid(z) * sigmoid(-z),
        "your values are the slope of the sigmoid, at most 1/4; here its value is asked for",
        _SIGMOID,
    ),
    Mistake(
        "softmax for sigmoid",
        lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
        "your values add up to 1: that is softmax. Each number has a sigmoid of its own",
        _SIGMOID,
    ),
    Mistake(
        "one answer for many numbers",
        _if_on_an_array,
        "if, and, max and the like need one answer, and z has many numbers",
        _SIGMOID,
    ),
    Mistake(
        "an array for a single number",
        _one_by_one,
        "math.exp, like float, takes a single number; NumPy has functions for arrays",
        _SIGMOID,
    ),
    Mistake(
        "argument changed",
        _loop_overwrites,
        "your values are right, but it changes its argument z, which its caller still needs",
        _SIGMOID,
    ),
]


def _rnn(squash=np.tanh, x=1, h=1, b=1):
    """Return a step with another function, or with the parts scaled."""
    return lambda x_t, h_prev, W, bias: squash(stack(h * h_prev, x * x_t) @ W.T + b * bias)


def _rnn_parts(of_h=lambda z: z, of_x=lambda z: z):
    def step(x_t, h_prev, W, b):
        H = len(W)
        return of_h(h_prev @ W[:, :H].T) + of_x(x_t @ W[:, H:].T + b)

    return step


def _rnn_in_place(x_t, h_prev, W, b):
    h_prev[...] = np.tanh(stack(h_prev, x_t) @ W.T + b)
    return h_prev


_TRANSPOSED = "hx has H + D columns and W has H rows. What do the columns of W stand for?"

_RNN_MISTAKES = [
    Mistake(
        "[x, h] for [h, x]",
        lambda x_t, h_prev, W, b: np.tanh(np.concatenate([x_t, h_prev], axis=1) @ W.T + b),
        "your values are those with x_t stacked first; the columns of W expect the hidden "
        "state first",
        _STACKING,
    ),
    Mistake(
        "bias left out",
        _rnn(b=0),
        "your values are what comes out without b",
        _LOOP,
    ),
    Mistake(
        "bias outside",
        lambda x_t, h_prev, W, b: np.tanh(stack(h_prev, x_t) @ W.T) + b,
        "your values are right but for b: it is added after squashing, not before",
        _LOOP,
    ),
    Mistake("bias subtracted", _rnn(b=-1), "your values are those with b subtracted", _LOOP),
    Mistake(
        "h_prev ignored",
        _rnn(h=0),
        "your values are what comes out without h_prev: such a network has no memory",
        _LOOP,
    ),
    Mistake(
        "x_t ignored",
        _rnn(x=0),
        "your values are what comes out without x_t: such a network reads nothing",
        _LOOP,
    ),
    Mistake(
        "not squashed",
        _rnn(lambda z: z),
        "your values are the pre-activation, any size; a hidden state lies between -1 and 1",
        _LOOP,
    ),
    Mistake(
        "sigmoid for tanh",
        _rnn(sigmoid),
        "your values are what sigmoid gives, none negative; the hidden state of this network "
        "lies between -1 and 1",
        _LOOP,
    ),
    Mistake(
        "ReLU for tanh",
        _rnn(lambda z: np.maximum(z, 0)),
        "your values are those of ReLU; the hidden state of this network lies between -1 and 1",
        _LOOP,
    ),
    Mistake(
        "tan for tanh",
        _rnn(np.tan),
        "your values are those of tan, of angles; tanh is the hyperbolic one",
        _LOOP,
    ),
    Mistake(
        "slope of tanh",
        _rnn(lambda z: 1 - np.tanh(z) ** 2),
        "your values are the slope of tanh; here its value is asked for",
        _LOOP,
    ),
    Mistake(
        "squashed in parts",
        _rnn_parts(np.tanh, np.tanh),
        "your values are those when the two parts are squashed before they are added",
        _LOOP,
    ),
    Mistake(
        "only x_t squashed",
        _rnn_parts(of_x=np.tanh),
        "your values are those when only the part of x_t is squashed",
        _LOOP,
    ),
    Mistake(
        "recurrent weights not transposed",
        lambda x_t, h_prev, W, b: np.tanh(h_prev @ W[:, : len(W)] + x_t @ W[:, len(W) :].T + b),
        "your values are those when the part of W that acts on h_prev is not transposed; "
        "it is square, so nothing complains",
        _STACKING,
    ),
    Mistake(
        "old state added",
        lambda x_t, h_prev, W, b: h_prev + np.tanh(stack(h_prev, x_t) @ W.T + b),
        "your values are those with h_prev added to the new state; this network replaces it",
        _LOOP,
    ),
    Mistake(
        "result transposed",
        lambda x_t, h_prev, W, b: np.tanh(stack(h_prev, x_t) @ W.T + b).T,
        "your result is the right one transposed; rows are examples, columns are hidden units",
        _SHAPES,
    ),
    Mistake(
        "axis of length 1 dropped",
        lambda x_t, h_prev, W, b: np.tanh(stack(h_prev, x_t) @ W.T + b).squeeze(),
        "your values are right, but a batch of one example must keep its first axis",
        _SHAPES,
    ),
    Mistake(
        "weights not transposed",
        lambda x_t, h_prev, W, b: np.tanh(stack(h_prev, x_t) @ W + b),
        _TRANSPOSED,
        _STACKING,
    ),
    Mistake(
        "weights not transposed",
        lambda x_t, h_prev, W, b: np.tanh(np.dot(stack(h_prev, x_t), W) + b),
        _TRANSPOSED,
        _STACKING,
    ),
    Mistake(
        "columns for rows",
        lambda x_t, h_prev, W, b: np.tanh(W @ stack(h_prev, x_t) + b),
        "the equation holds one example as a column; here each row is an example",
        _STACKING,
    ),
    Mistake(
        "stacked along the batch",
        lambda x_t, h_prev, W, b: np.tanh(np.concatenate([h_prev, x_t]) @ W.T + b),
        "h_prev and x_t belong side by side: each example keeps its row",
        _STACKING,
    ),
    Mistake(
        "two arguments for a list",
        lambda x_t, h_prev, W, b: np.tanh(np.concatenate(h_prev, x_t) @ W.T + b),
        "the arrays to join have to be given together, as a list; the second argument is the axis",
        _STACKING,
    ),
    Mistake(
        "np.stack for joining",
        lambda x_t, h_prev, W, b: np.tanh(np.stack([h_prev, x_t]) @ W.T + b),
        "np.stack makes a new axis and needs equal shapes; here an axis gets longer",
        _STACKING,
    ),
    Mistake(
        "element by element for a matrix product",
        lambda x_t, h_prev, W, b: np.tanh(stack(h_prev, x_t) * W + b),
        "* and + go element by element; W acts on the stacked input as a matrix",
        _STACKING,
    ),
    Mistake(
        "bias as a column",
        lambda x_t, h_prev, W, b: np.tanh(stack(h_prev, x_t) @ W.T + b[:, None]),
        "b is used as a column (H, 1); its H numbers belong to the columns of the result",
        _SHAPES,
    ),
    Mistake(
        "argument changed",
        _rnn_in_place,
        "your values are right, but it changes its argument h_prev, which its caller still needs",
        _LOOP,
    ),
]

MISTAKES = {"sigmoid": _SIGMOID_MISTAKES, "rnn_step": _RNN_MISTAKES}
