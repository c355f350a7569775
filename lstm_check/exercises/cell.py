"""The assignment *cell*: the stacked input, one step, and the loop over a sequence."""

import numpy as np

import lstm_ref
from lstm_check.exercise import CASES, CASES_OF_STEPS, TELLING, Exercises, Size
from lstm_check.exercises import gates
from lstm_check.lines import taken

MODULES = ("numpy", "matplotlib")
EXERCISES = Exercises()


def _large(columns):
    return lambda rng, size: rng.normal(size=(size.B, columns(size)), scale=size.scale)


@EXERCISES.add(
    3,
    "(B, H + D)",
    "Stacking the input, in The gates",
    "What comes first?",
    draw={"h_prev": _large(lambda size: size.H), "x_t": _large(lambda size: size.D)},
    cases=CASES[:4] + CASES[-1:],
    # Where H = D, one array can be added to the other; where all are 1, an axis goes lost.
    telling=(*TELLING, *(Size(T=2, B=B, D=D, H=D) for B, D in ((4, 4), (1, 2), (1, 1)))),
)
def stack(h_prev, x_t):
    """Put x_t (B, D) beside h_prev (B, H)."""
    hx = np.concatenate([h_prev, x_t], axis=1)
    return hx


# The step as the book has it, and as the assignment wants it.
STEP = f"""
def lstm_cell(x_t, h_prev, c_prev, params):
{taken(lstm_ref.lstm_cell, "hx", "h_t")}
    return h_t, c_t
"""
_GIVEN = {name: one.reference for name, one in gates.EXERCISES.items()}
lstm_cell = EXERCISES.add(
    7,
    {"h_t": "(B, H)", "c_t": "(B, H)"},
    "The whole step, in The gates",
    "Go through the seven equations one by one.",
    bounds={"h_t": (-1.0, 1.0)},
    parts=("stack",),
)(STEP, stack=stack, sigmoid=lstm_ref.sigmoid, **_GIVEN)


@EXERCISES.add(
    5,
    {"h": "(T, B, H)", "c": "(T, B, H)"},
    "The whole step, in The gates",
    "What does a step get from the step before?",
    bounds={"h": (-1.0, 1.0)},
    sizes="TBDH",
    parts=("lstm_cell",),
    cases=CASES_OF_STEPS,
)
def _lstm_forward(x, params, h0, c0):
    h_t, c_t = h0, c0  # start
    h, c = [], []
    for x_t in x:
        h_t, c_t = lstm_cell(x_t, h_t, c_t, params)  # step
        h = [*h, h_t]  # keep_h
        c = [*c, c_t]  # keep_c
    return np.array(h), np.array(c)
