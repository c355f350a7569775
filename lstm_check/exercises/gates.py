"""The assignment *gates*: the six equations of one step."""

import numpy as np

from lstm_check.exercise import Exercises
from lstm_ref import sigmoid

MODULES = ("numpy", "matplotlib")
EXERCISES = Exercises()
_HINT = "Which weights, which bias, which function?"
_GATE = """
def NAME(hx, W_G, b_G):
    a = hx @ W_G.T
    z = a + b_G
    G = sigmoid(z)
    return G
"""


def _gate(name, **more):
    section = f"The {name.replace('_', ' ')}, in The gates"
    text = _GATE.replace("NAME", name).replace("G", name[0])
    add = EXERCISES.add(5, "(B, H)", section, _HINT, bounds={"": (0.0, 1.0)}, **more)
    add(text, sigmoid=sigmoid)


def _large(rng, size):
    return rng.normal(size=(size.B, size.H), scale=2 * size.scale * size.states)


_gate("forget_gate")
# Both other gates, and the candidate too, can be made by the first.
_gate("input_gate", parts=("forget_gate",))


@EXERCISES.add(
    5,
    "(B, H)",
    "The candidate, in The gates",
    _HINT,
    bounds={"": (-1.0, 1.0)},
    parts=("forget_gate",),
)
def _candidate(hx, W_c, b_c):
    a = hx @ W_c.T
    z = a + b_c
    c_tilde = np.tanh(z)
    return c_tilde


@EXERCISES.add(
    6,
    "(B, H)",
    "The cell state, in The gates",
    "What is kept, what is written?",
    draw={"c_prev": _large},
)
def _cell_state(f, c_prev, i, c_tilde):
    kept = f * c_prev
    written = i * c_tilde
    c_t = kept + written
    return c_t


_gate("output_gate", parts=("forget_gate",))


@EXERCISES.add(
    4,
    "(B, H)",
    "The hidden state, in The gates",
    "What happens to c before o scales it?",
    bounds={"": (-1.0, 1.0)},
    draw={"c": _large},
)
def _hidden_state(o, c):
    shown = np.tanh(c)
    h_t = o * shown
    return h_t
