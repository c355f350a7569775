"""The assignment *voice*: a detector's packed weights, its loop over chunks, and its memories."""

import numpy as np

import lstm_ref
from lstm_check.exercise import CASES_OF_STEPS, TELLING, Exercise, Section, Size
from lstm_check.exercises.cell import GATES, draw_params, lstm_cell
from lstm_check.exercises.pytorch import state_inputs
from lstm_check.lines import Source

MODULES = ("numpy", "matplotlib")


def _unpack_weights(state):
    order = "ifco"
    ih = state["weight_ih"]
    hh = state["weight_hh"]
    W = np.concatenate([hh, ih], axis=1)
    b = state["bias_ih"] + state["bias_hh"]
    weights = {f"W_{gate}": rows for gate, rows in zip(order, np.split(W, 4), strict=True)}
    biases = {f"b_{gate}": rows for gate, rows in zip(order, np.split(b, 4), strict=True)}
    return {**weights, **biases}


def _listen(x, params, w, d, h0, c0):
    h_t, c_t = h0, c0  # start
    p = []
    for x_t in x:
        h_t, c_t = lstm_cell(x_t, h_t, c_t, params)  # step
        r = np.maximum(h_t, 0)
        z = r @ w + d
        y = sigmoid(z)
        p = [*p, y]  # keep
    return np.array(p), h_t, c_t


def _listen_inputs(rng, size):
    return {
        "x": rng.normal(size=(size.T, size.B, size.D)),
        "params": draw_params(rng, size),
        # Large, so that what the LSTM shows makes a difference.
        "w": rng.normal(size=size.H, scale=2),
        "d": float(rng.normal()),
        "h0": rng.uniform(-1, 1, size=(size.B, size.H)),
        "c0": rng.normal(size=(size.B, size.H), scale=2 * size.states),
    }


def _tells(c, speaking):
    speech = c[speaking]
    silence = c[~speaking]
    higher = speech[:, None] > silence[None]
    share = higher.mean(axis=(0, 1))
    return share


def _tells_inputs(rng, size):
    # Never as many chunks with speech as without, nor as many of either as memories.
    silent = 3 + size.T
    spoken = silent + 1 + size.B
    speaking = rng.permutation(np.arange(silent + spoken) < spoken)
    # Some memories are higher in speech, some lower; none has its middle at 0.
    moved = rng.uniform(-1.5, 1.5, size.H)
    c = rng.normal(size=(len(speaking), size.H)) + np.outer(speaking, moved)
    return {"c": size.states * size.scale * (c + rng.normal(size=size.H)), "speaking": speaking}


_CHAPTER = "A voice"
_MOVING = Section("The LSTM, by your cell", _CHAPTER)
_CARRIED = Section("A state that is carried", _CHAPTER)
_CASES = (
    {},
    {"input_size": 5, "hidden_size": 2},
    {"input_size": 1, "hidden_size": 1},
    {"input_size": 4, "hidden_size": 4},
    {"dtype": "float32", "contiguous": False},
)
unpack_weights = (_UNPACK := Source(_unpack_weights)).make()

EXERCISES = {
    "unpack_weights": Exercise(
        points=4,
        source=_UNPACK,
        draw=lambda rng, size: state_inputs(rng, size, layer=""),
        result={f"W_{gate}": "(H, H + D)" for gate in GATES}
        | {f"b_{gate}": "(H,)" for gate in GATES},
        hint="Which block, and what comes first in a row?",
        section=_MOVING,
        sizes="DH",
        cases=_CASES,
    ),
    "listen": Exercise(
        points=6,
        source=Source(_listen, lstm_cell=lstm_cell, sigmoid=lstm_ref.sigmoid),
        draw=_listen_inputs,
        result={"p": "(T, B)", "h": "(B, H)", "c": "(B, H)"},
        hint="What goes from chunk to chunk, and what goes into p?",
        section=_CARRIED,
        bounds={"p": (0.0, 1.0), "h": (-1.0, 1.0)},
        sizes="TBDH",
        # Where an answer is rounded, few of them look alike.
        telling=(*TELLING, Size(T=9, B=30, D=2, H=5)),
        cases=CASES_OF_STEPS,
    ),
    "tells": Exercise(
        points=4,
        source=Source(_tells),
        draw=_tells_inputs,
        result="(H,)",
        hint="What is compared with what, and how many pairs are there?",
        section=Section("The memory that speaks", _CHAPTER),
        bounds={"": (0.0, 1.0)},
        sizes="BH",
        # Among few memories, the best is often the same one by another measure.
        telling=(*TELLING, Size(T=9, B=2, D=2, H=60), Size(T=3, B=3, D=2, H=90)),
        cases=(
            {},
            {"steps": 2, "batch": 1, "hidden_size": 1},
            {"steps": 30, "batch": 9, "hidden_size": 6},
            {"states": 100.0},
            {"dtype": "float32", "contiguous": False},
        ),
    ),
}
