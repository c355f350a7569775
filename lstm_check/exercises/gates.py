"""The assignment *gates*: the six equations of one step."""

import numpy as np

import lstm_ref
from lstm_check.exercise import Exercise, Section
from lstm_check.lines import Source

MODULES = ("numpy", "matplotlib")

_CHAPTER = "The gates"
_GATE = """
def NAME(hx, W_G, b_G):
    a = hx @ W_G.T
    z = a + b_G
    G = sigmoid(z)
    return G
"""


def _candidate(hx, W_c, b_c):
    a = hx @ W_c.T
    z = a + b_c
    c_tilde = np.tanh(z)
    return c_tilde


def _cell_state(f, c_prev, i, c_tilde):
    kept = f * c_prev
    written = i * c_tilde
    c_t = kept + written
    return c_t


def _hidden_state(o, c):
    shown = np.tanh(c)
    h_t = o * shown
    return h_t


def _affine(gate):
    """Return the `draw` of a function of hx, W and b, whose names end in `gate`."""

    def draw(rng, size):
        # Dense random weights: with equal or zero weights, swapped gates look right.
        # W hx and b are as large as `scale`, whatever the sizes.
        H, N = size.H, size.H + size.D
        return {
            "hx": rng.normal(size=(size.B, N)),
            f"W_{gate}": rng.normal(size=(H, N), scale=size.scale / N**0.5),
            f"b_{gate}": rng.normal(size=H, scale=size.scale),
        }

    return draw


def _gate(name, gate, section, **more):
    source = Source(_GATE.replace("NAME", name).replace("G", gate), sigmoid=lstm_ref.sigmoid)
    return Exercise(
        points=5,
        source=source,
        draw=_affine(gate),
        result="(B, H)",
        hint="Which weights, which bias, which function?",
        section=Section(section, _CHAPTER),
        bounds={"": (0.0, 1.0)},
        **more,
    )


def _cell_state_inputs(rng, size):
    shape = size.B, size.H
    return {
        "f": rng.uniform(size=shape),
        "c_prev": rng.normal(size=shape, scale=2 * size.scale * size.states),
        "i": rng.uniform(size=shape),
        "c_tilde": rng.uniform(-1, 1, size=shape),
    }


def _hidden_state_inputs(rng, size):
    shape = size.B, size.H
    return {"o": rng.uniform(size=shape), "c": rng.normal(size=shape, scale=2 * size.scale * size.states)}


EXERCISES = {
    "forget_gate": _gate("forget_gate", "f", "The forget gate"),
    # Both other gates, and the candidate too, can be made by the first.
    "input_gate": _gate("input_gate", "i", "The input gate", parts=("forget_gate",)),
    "candidate": Exercise(
        points=5,
        parts=("forget_gate",),
        source=Source(_candidate),
        draw=_affine("c"),
        result="(B, H)",
        hint="Which weights, which bias, which function?",
        section=Section("The candidate", _CHAPTER),
        bounds={"": (-1.0, 1.0)},
    ),
    "cell_state": Exercise(
        points=6,
        source=Source(_cell_state),
        draw=_cell_state_inputs,
        result="(B, H)",
        hint="What is kept, what is written?",
        section=Section("The cell state", _CHAPTER),
    ),
    "output_gate": _gate("output_gate", "o", "The output gate", parts=("forget_gate",)),
    "hidden_state": Exercise(
        points=4,
        source=Source(_hidden_state),
        draw=_hidden_state_inputs,
        result="(B, H)",
        hint="What happens to c before o scales it?",
        section=Section("The hidden state", _CHAPTER),
        bounds={"": (-1.0, 1.0)},
    ),
}
