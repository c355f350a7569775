"""The assignment *voice*: a detector's packed weights, its loop over chunks, and its memories."""

import numpy as np

from lstm_check.exercise import CASES_OF_STEPS, FLOAT32, TELLING, Exercises, Size
from lstm_check.exercises.cell import lstm_cell
from lstm_check.exercises.pytorch import FROM, moved
from lstm_ref import sigmoid

MODULES = ("numpy", "matplotlib")
EXERCISES = Exercises()


unpack_weights = moved(
    EXERCISES,
    "The LSTM, by your cell, in A voice",
    FROM.replace("from_state_dict", "unpack_weights").replace("_l0", ""),
    "",
)


@EXERCISES.add(
    6,
    {"p": "(T, B)", "h": "(B, H)", "c": "(B, H)"},
    "A state that is carried, in A voice",
    "What goes from chunk to chunk, and what goes into p?",
    # Large, so that what the LSTM shows makes a difference.
    draw={
        "w": lambda rng, size: rng.normal(size=size.H, scale=2),
        "d": lambda rng, size: float(rng.normal()),
    },
    bounds={"p": (0.0, 1.0), "h": (-1.0, 1.0)},
    sizes="TBDH",
    # Where an answer is rounded, few of them look alike.
    telling=(*TELLING, Size(T=9, B=30, D=2, H=5)),
    cases=CASES_OF_STEPS,
)
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


def _tells_inputs(rng, size):
    # Never as many chunks with speech as without, nor as many of either as memories.
    silent = 3 + size.T
    spoken = silent + 1 + size.B
    speaking = rng.permutation(np.arange(silent + spoken) < spoken)
    # Some memories are higher in speech, some lower; none has its middle at 0.
    moved = rng.uniform(-1.5, 1.5, size.H)
    c = rng.normal(size=(len(speaking), size.H)) + np.outer(speaking, moved)
    return {"c": size.states * size.scale * (c + rng.normal(size=size.H)), "speaking": speaking}


@EXERCISES.add(
    4,
    "(H,)",
    "The memory that speaks, in A voice",
    "What is compared with what, and how many pairs are there?",
    draw=_tells_inputs,
    bounds={"": (0.0, 1.0)},
    sizes="BH",
    # Among few memories, the best is often the same one by another measure.
    telling=(*TELLING, Size(T=9, B=2, D=2, H=60), Size(T=3, B=3, D=2, H=90)),
    cases=(Size(), Size(T=2, B=1, H=1), Size(T=30, B=9, H=6), Size(states=100.0), FLOAT32),
)
def _tells(c, speaking):
    speech = c[speaking]
    silence = c[~speaking]
    higher = speech[:, None] > silence[None]
    share = higher.mean(axis=(0, 1))
    return share
