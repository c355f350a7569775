"""The assignment *cell*: the stacked input, one step, and the loop over a sequence."""

import numpy as np

import lstm_ref
from lstm_check.exercise import CASES, CASES_OF_STEPS, TELLING, Exercise, Section, Size
from lstm_check.exercises import gates
from lstm_check.lines import Source, taken

MODULES = ("numpy", "matplotlib")
GATES = "fico"


def _stack(h_prev, x_t):
    hx = np.concatenate([h_prev, x_t], axis=1)
    return hx


def _stack_inputs(rng, size):
    return {
        "h_prev": rng.normal(size=(size.B, size.H), scale=size.scale),
        "x_t": rng.normal(size=(size.B, size.D), scale=size.scale),
    }


def draw_params(rng, size):
    """Return a dict of the weights W_f to W_o and the biases b_f to b_o."""
    H, N = size.H, size.H + size.D
    weights = {
        f"W_{gate}": rng.normal(size=(H, N), scale=size.scale / N**0.5) for gate in GATES
    }
    return weights | {f"b_{gate}": rng.normal(size=H, scale=size.scale) for gate in GATES}


# The step as the book has it, and as the assignment wants it.
STEP = f"""
def lstm_cell(x_t, h_prev, c_prev, params):
{taken(lstm_ref.lstm_cell, "hx", "h_t")}
    return h_t, c_t
"""


def _lstm_cell_inputs(rng, size):
    return {
        "x_t": rng.normal(size=(size.B, size.D)),
        "h_prev": rng.uniform(-1, 1, size=(size.B, size.H)),
        # Beyond 1, so that a forgotten tanh shows.
        "c_prev": rng.normal(size=(size.B, size.H), scale=2 * size.states),
        "params": draw_params(rng, size),
    }


def _lstm_forward(x, params, h0, c0):
    h_t, c_t = h0, c0  # start
    h, c = [], []
    for x_t in x:
        h_t, c_t = lstm_cell(x_t, h_t, c_t, params)  # step
        h = [*h, h_t]  # keep_h
        c = [*c, c_t]  # keep_c
    return np.array(h), np.array(c)


def _lstm_forward_inputs(rng, size):
    return {
        "x": rng.normal(size=(size.T, size.B, size.D)),
        "params": draw_params(rng, size),
        "h0": rng.uniform(-1, 1, size=(size.B, size.H)),
        "c0": rng.normal(size=(size.B, size.H), scale=2 * size.states),
    }


_STACK = Source(_stack)
stack = _STACK.make()
_GIVEN = {name: exercise.reference for name, exercise in gates.EXERCISES.items()}
_STEP = Source(STEP, stack=stack, sigmoid=lstm_ref.sigmoid, **_GIVEN)
lstm_cell = _STEP.make()

EXERCISES = {
    "stack": Exercise(
        points=3,
        source=_STACK,
        draw=_stack_inputs,
        result="(B, H + D)",
        hint="What comes first?",
        section=Section("Stacking the input", "The gates"),
        cases=CASES[:4] + CASES[-1:],
        # Where H = D, one array can be added to the other.
        telling=(*TELLING, Size(T=2, B=4, D=4, H=4), Size(T=2, B=1, D=2, H=2)),
    ),
    "lstm_cell": Exercise(
        points=7,
        source=_STEP,
        draw=_lstm_cell_inputs,
        result={"h_t": "(B, H)", "c_t": "(B, H)"},
        hint="Go through the seven equations one by one.",
        section=Section("The whole step", "The gates"),
        bounds={"h_t": (-1.0, 1.0)},
        parts=("stack",),
    ),
    "lstm_forward": Exercise(
        points=5,
        source=Source(_lstm_forward, lstm_cell=lstm_cell, stack=stack),
        draw=_lstm_forward_inputs,
        result={"h": "(T, B, H)", "c": "(T, B, H)"},
        hint="What does a step get from the step before?",
        section=Section("The whole step", "The gates"),
        bounds={"h": (-1.0, 1.0)},
        sizes="TBDH",
        parts=("lstm_cell",),
        cases=CASES_OF_STEPS,
    ),
}
