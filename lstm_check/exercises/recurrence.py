"""The assignment *recurrence*: the sigmoid, a step of the vanilla RNN, its gradient, clipping."""

import numpy as np

from lstm_check.drawing import by_name
from lstm_check.exercise import CASES, FLOAT32, TELLING, Exercise, Exercises, Size
from lstm_check.lines import Source

MODULES = ("numpy", "matplotlib")
EXERCISES = Exercises()


def _sigmoid_inputs(rng, size):
    # Both ends of the range always occur, and 0: large numbers of one sign hide overflow.
    z = np.linspace(-1, 1, size.B * size.H) * size.scale
    if z.size > 2:
        z[rng.integers(1, z.size - 1)] = 0
    z[1:-1] *= rng.uniform(0.5, 1, z[1:-1].size)
    return {"z": rng.permutation(z).reshape(size.B, size.H)}


@EXERCISES.add(
    4,
    "",
    "Why sigmoid, in The gates",
    "Try z = 0, where it is 0.5.",
    draw=_sigmoid_inputs,
    bounds={"": (0.0, 1.0)},
    sizes="",
    warnings=True,
    cases=(
        Size(),
        Size(scale=1000.0),
        Size(B=1, H=7, scale=10.0),
        Size(B=6, H=1, scale=800.0),
        Size(scale=30.0, contiguous=False),
        Size(scale=1000.0, dtype="float32"),
    ),
)
def _sigmoid(z):
    e = np.exp(-np.abs(z))
    s = np.where(z >= 0, 1, e) / (1 + e)
    return s


@EXERCISES.add(
    3,
    "(B, H)",
    "A network that is a loop, in Sequences",
    "Which bias, which function?",
    bounds={"": (-1.0, 1.0)},
    cases=(*CASES[:4], CASES[-1]),
    # Where B = H, a bias can be a column; where all are 1, rows can be columns.
    telling=(
        *TELLING,
        Size(T=2, B=4, D=2, H=4),
        Size(T=2, B=1, D=0, H=1),
        Size(T=2, B=1, D=0, H=2, scale=5000.0),
    ),
)
def _rnn_step(x_t, h_prev, W, b):
    hx = np.concatenate([h_prev, x_t], axis=1)
    a = hx @ W.T
    z = a + b
    h_t = np.tanh(z)
    return h_t


def _numerical_gradient(x_t, h_prev, W, b, dh):
    hx = np.concatenate([h_prev, x_t], axis=1)
    h_t = np.tanh(hx @ W.T + b)
    dz = dh * (1 - h_t**2)
    slope = dz.T @ hx
    dW = slope
    return dW


# By formula: a student's differences have none of its lines, so it is no `Exercise.source`.
GRADIENT = Source(_numerical_gradient)
EXERCISES["numerical_gradient"] = Exercise(
    3,
    "(H, H + D)",
    "Checked, in Sequences",
    "Is one number moved at a time, and the difference divided by how far?",
    reference=GRADIENT.make(),
    draw=by_name(GRADIENT.arguments),
    rtol=1e-5,
    blur=1e-4,  # of a difference to one side
    parts=("rnn_step",),
    cases=CASES[:3],
)


# Of the norm, by T: between it and what passes for it.
_SHARES = {6: 0.995, 7: 1.2, 8: 2.0, 9: 5.0}


def _clip_inputs(rng, size):
    gradients = {
        "W": rng.normal(size=(size.H, size.H + size.D), scale=size.scale),
        "b": rng.normal(size=size.H, scale=size.scale),
        # Always the longest: else the norm of W passes for the largest of the norms.
        "v": size.scale * rng.uniform(5, 10, size.H) * rng.choice([-1, 1], size.H),
    }
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    # Now and then close to the norm, on either side: else another norm may pass for it.
    close = 1.03 * norm if size.scale < 1 else 0.97 * norm
    far = rng.uniform(0.5, 1.0)
    max_norm = close if norm and (size.scale < 1 or size.states > 1) else far
    max_norm = _SHARES[size.T] * norm if size.T in _SHARES else max_norm
    return {"gradients": gradients, "max_norm": float(max_norm)}


@EXERCISES.add(
    3,
    {"W": "(H, H + D)", "b": "(H,)", "v": "(H,)"},
    "Exploding gradients, and clipping, in Vanishing gradients",
    "One norm for all.",
    draw=_clip_inputs,
    sizes="",
    # PyTorch adds 1e-6 to the norm it divides by; so may a student.
    rtol=1e-5,
    telling=(*TELLING, *(Size(T, 1, 2, 4) for T in _SHARES)),
    names_hint="gradients may hold any names: go through all of them, do not type them in.",
    cases=(
        Size(),
        Size(scale=0.01),
        Size(D=5, H=2),
        Size(scale=0.0),
        Size(scale=1000.0),
        Size(states=100.0),
        FLOAT32,
    ),
)
def _clip_by_global_norm(gradients, max_norm):
    squares = [np.sum(g**2) for g in gradients.values()]
    norm = np.sqrt(sum(squares))
    factor = max_norm / norm
    scale = factor if norm > max_norm else 1.0
    clipped = {name: scale * g for name, g in gradients.items()}
    return clipped
