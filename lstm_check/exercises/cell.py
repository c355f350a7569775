"""The assignment *cell*: the stacked input, one step, and the loop over a sequence."""

import numpy as np

import lstm_ref
from lstm_check.exercise import Exercise, Section

MODULES = ("numpy", "matplotlib")
GATES = "fico"


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


def _lstm_cell_inputs(rng, size):
    return {
        "x_t": rng.normal(size=(size.B, size.D)),
        "h_prev": rng.uniform(-1, 1, size=(size.B, size.H)),
        # Beyond 1, so that a forgotten tanh shows.
        "c_prev": rng.normal(size=(size.B, size.H), scale=2),
        "params": draw_params(rng, size),
    }


def lstm_cell(x_t, h_prev, c_prev, params, stack=lstm_ref.stack):
    """One step, with the signature of the assignment."""
    hx = stack(h_prev, x_t)
    f = lstm_ref.forget_gate(hx, params["W_f"], params["b_f"])
    i = lstm_ref.input_gate(hx, params["W_i"], params["b_i"])
    c_tilde = lstm_ref.candidate(hx, params["W_c"], params["b_c"])
    o = lstm_ref.output_gate(hx, params["W_o"], params["b_o"])
    c_t = lstm_ref.cell_state(f, c_prev, i, c_tilde)
    return lstm_ref.hidden_state(o, c_t), c_t


def _lstm_forward_inputs(rng, size):
    return {
        "x": rng.normal(size=(size.T, size.B, size.D)),
        "params": draw_params(rng, size),
        "h0": rng.uniform(-1, 1, size=(size.B, size.H)),
        "c0": rng.normal(size=(size.B, size.H), scale=2),
    }


def _lstm_forward(x, params, h0, c0, lstm_cell=lstm_cell):
    h_t, c_t = h0, c0
    h, c = [], []
    for x_t in x:
        h_t, c_t = lstm_cell(x_t, h_t, c_t, params)
        h.append(h_t)
        c.append(c_t)
    return np.array(h), np.array(c)


EXERCISES = {
    "stack": Exercise(
        reference=lstm_ref.stack,
        draw=_stack_inputs,
        result="(B, H + D)",
        hint="What comes first?",
        section=Section("Stacking the input", "The gates"),
    ),
    "lstm_cell": Exercise(
        reference=lstm_cell,
        draw=_lstm_cell_inputs,
        result={"h_t": "(B, H)", "c_t": "(B, H)"},
        hint="Go through the seven equations one by one.",
        section=Section("The whole step", "The gates"),
        bounds={"h_t": (-1.0, 1.0)},
        parts=("stack",),
    ),
    "lstm_forward": Exercise(
        reference=_lstm_forward,
        draw=_lstm_forward_inputs,
        result={"h": "(T, B, H)", "c": "(T, B, H)"},
        hint="What does a step get from the step before?",
        section=Section("The whole step", "The gates"),
        bounds={"h": (-1.0, 1.0)},
        sizes="TBDH",
        parts=("lstm_cell",),
        # A cell that hands its states on needs no loop.
        driven_by=("x", "params"),
    ),
}
