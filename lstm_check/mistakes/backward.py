"""Known mistakes of the assignment *backward*: one step, with its weights and biases."""

import numpy as np

from lstm_check.exercise import Mistake, Section
from lstm_check.exercises.backward import cell_backward
from lstm_check.exercises.cell import GATES
from lstm_check.mistakes.preactivations import (
    MISTAKES_OF_PREACTIVATIONS,
    ORDER,
    PATHS,
    STEP,
    with_lines,
)

_SUM = Section("Sum over time", "Unrolling in time")
_STACKING = Section("Stacking the input", "The gates")


def _completed_in_place(dh, dc, cache, params):
    right = cell_backward(dh, dc, cache, params)
    dc += dh * cache["o"] * (1 - np.tanh(cache["c_t"]) ** 2)
    return right


def _without(gate):
    """Leave one of the four paths out."""
    return with_lines(
        dhx=lambda v: sum(v.dz[other] @ v.params[f"W_{other}"] for other in GATES if other != gate)
    )


def _biases(change):
    return with_lines(db=lambda v: {f"b_{gate}": change(v.dz[gate]) for gate in GATES})


def _weights(change):
    return with_lines(dW=lambda v: {f"W_{gate}": change(v.dz[gate], v.hx) for gate in GATES})


def _both(change):
    """Change the gradients of weights and biases alike."""
    return with_lines(
        dW=lambda v: {f"W_{gate}": change(v.dz[gate].T @ v.hx, v.dh) for gate in GATES},
        db=lambda v: {f"b_{gate}": change(v.dz[gate].sum(axis=0), v.dh) for gate in GATES},
    )


def _halves(v):
    """Return the size of the wrong half, the input's."""
    return v.x_t.shape[1]


_MISTAKES = [
    # The stacked input.
    Mistake(
        "no path through o",
        _without("o"),
        "your values are those with three paths; the output gate looks at h_prev and x_t, too",
        PATHS,
    ),
    Mistake(
        "no path through f",
        _without("f"),
        "your values are those with three paths; the forget gate looks at h_prev and x_t, too",
        PATHS,
    ),
    Mistake(
        "no path through i",
        _without("i"),
        "your values are those with three paths; the input gate looks at h_prev and x_t, too",
        PATHS,
    ),
    Mistake(
        "no path through the candidate",
        _without("c"),
        "your values are those with three paths; the candidate looks at h_prev and x_t, too",
        PATHS,
    ),
    Mistake(
        "the candidate's path alone",
        with_lines(dhx=lambda v: v.dz["c"] @ v.params["W_c"]),
        "your values are those with one path, through the candidate; who else looks at h_prev "
        "and x_t?",
        PATHS,
    ),
    Mistake(
        "the output gate's path alone",
        with_lines(dhx=lambda v: v.dz["o"] @ v.params["W_o"]),
        "your values are those with one path, through the output gate; was the sum overwritten?",
        PATHS,
    ),
    Mistake(
        "x first in the stacked input",
        with_lines(
            dh_prev=lambda v: v.dhx[:, _halves(v) :],
            dx_t=lambda v: v.dhx[:, : _halves(v)],
        ),
        "the gradient of the stacked input is cut as if x_t came first",
        _STACKING,
    ),
    Mistake(
        "x first in the stacked input",
        with_lines(
            dh_prev=lambda v: v.dhx[:, _halves(v) :],
            dx_t=lambda v: v.dhx[:, : _halves(v)],
            hx=lambda v: np.concatenate([v.x_t, v.h_prev], axis=1),
        ),
        "you stack x_t before h_prev, and cut alike; the columns of the weights have h_prev first",
        _STACKING,
    ),
    Mistake(
        "h_prev and x_t exchanged",
        with_lines(
            dh_prev=lambda v: v.dhx[:, v.f.shape[1] :],
            dx_t=lambda v: v.dhx[:, : v.f.shape[1]],
        ),
        "the gradients of h_prev and x_t stand under each other's name",
        _STACKING,
    ),
    Mistake(
        "stacked input not cut",
        with_lines(dh_prev=lambda v: v.dhx, dx_t=lambda v: v.dhx),
        "the gradient of the stacked input is not yet cut into those of h_prev and x_t",
        _STACKING,
    ),
    Mistake(
        "dh added to h_prev",
        with_lines(dh_prev=lambda v: v.dhx[:, : v.f.shape[1]] + v.dh),
        "h_prev gets dh on top; no path leads from h_prev to h_t but through the pre-activations",
        PATHS,
    ),
    Mistake(
        "nothing to h_prev",
        with_lines(dh_prev=lambda v: 0 * v.dh),
        "h_prev gets nothing; all four pre-activations look at it",
        PATHS,
    ),
    Mistake(
        "W transposed on the way back",
        with_lines(dhx=lambda v: sum(v.dz[gate] @ v.params[f"W_{gate}"].T for gate in GATES)),
        "going back, the rows of dz, H numbers each, meet W itself: forwards it was W.T",
        STEP,
    ),
    # Weights and biases.
    Mistake(
        "h_t stacked",
        with_lines(hx=lambda v: np.concatenate([v.o * v.tanh_c, v.x_t], axis=1)),
        "the weights' gradients are those of a stacked input with h_t; what did the gates see?",
        ORDER,
    ),
    Mistake(
        "x first in the weights",
        with_lines(hx=lambda v: np.concatenate([v.x_t, v.h_prev], axis=1)),
        "in the weights' gradients, x_t is stacked before h_prev",
        _STACKING,
    ),
    Mistake(
        "weights' gradients transposed",
        _weights(lambda dz, hx: hx.T @ dz),
        "the weights' gradients are transposed: a gradient has the shape of what it belongs to",
        STEP,
    ),
    Mistake(
        "mean over the batch",
        _both(lambda gradient, dh: gradient / len(dh)),
        "weights and biases have gradients divided by B; the loss is a sum over examples here, "
        "and a mean would be in dh already",
        _SUM,
    ),
    Mistake(
        "weights' mean over the batch",
        _weights(lambda dz, hx: dz.T @ hx / len(dz)),
        "the weights' gradients are divided by B; the loss is a sum over examples here, and a "
        "mean would be in dh already",
        _SUM,
    ),
    Mistake(
        "biases' mean over the batch",
        _biases(lambda dz: dz.mean(axis=0)),
        "the biases' gradients are means over examples; the weights' are sums, and so is the loss",
        _SUM,
    ),
    Mistake(
        "one example's biases",
        _biases(lambda dz: dz[0]),
        "the biases' gradients are those of the first example alone; all examples use the same b",
        _SUM,
    ),
    Mistake(
        "biases not summed over the batch",
        _biases(lambda dz: dz),
        "each example has its own gradient of b in your result; all examples use the same b",
        _SUM,
    ),
    Mistake(
        "biases summed over the units",
        _biases(lambda dz: dz.sum(axis=1)),
        "the biases are summed along the wrong axis; each unit has its own b",
        _SUM,
    ),
    Mistake(
        "biases summed over everything",
        _biases(lambda dz: dz.sum()),
        "without an axis, sum adds up all units; each unit has its own b",
        _SUM,
    ),
    Mistake(
        "biases keep the batch's axis",
        _biases(lambda dz: dz.sum(axis=0, keepdims=True)),
        "the sums are right, but each b has two axes: a gradient has the shape of what it "
        "belongs to",
        _SUM,
    ),
    Mistake(
        "argument changed",
        _completed_in_place,
        "your values are right, but it changes its argument dc: += writes into the caller's array",
        ORDER,
    ),
]

MISTAKES = {"cell_backward": [*MISTAKES_OF_PREACTIVATIONS, *_MISTAKES]}
