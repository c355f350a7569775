"""The assignment *recurrence*: the sigmoid, a step of the vanilla RNN, and clipping."""

import numpy as np

import lstm_ref
from lstm_check.exercise import Exercise, Section

MODULES = ("numpy", "matplotlib")


def _sigmoid_inputs(rng, size):
    # Both ends of the range always occur, and 0: large numbers of one sign hide overflow.
    z = np.linspace(-1, 1, size.B * size.H) * size.scale
    z[rng.integers(1, z.size - 1)] = 0
    z[1:-1] *= rng.uniform(0.5, 1, z.size - 2)
    return {"z": rng.permutation(z).reshape(size.B, size.H)}


def _rnn_step(x_t, h_prev, W, b):
    return np.tanh(lstm_ref.stack(h_prev, x_t) @ W.T + b)


def _rnn_step_inputs(rng, size):
    H, N = size.H, size.H + size.D
    return {
        "x_t": rng.normal(size=(size.B, size.D)),
        "h_prev": rng.uniform(-1, 1, size=(size.B, H)),
        "W": rng.normal(size=(H, N), scale=size.scale / N**0.5),
        "b": rng.normal(size=H, scale=size.scale),
    }


def _clip(gradients, max_norm):
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    scale = max_norm / norm if norm > max_norm else 1.0
    return {name: g * scale for name, g in gradients.items()}


def _clip_inputs(rng, size):
    gradients = {
        "W": rng.normal(size=(size.H, size.H + size.D), scale=size.scale),
        "b": rng.normal(size=size.H, scale=size.scale),
        # Always the longest: else the norm of W passes for the largest of the norms.
        "v": size.scale * rng.uniform(5, 10, size.H) * rng.choice([-1, 1], size.H),
    }
    return {"gradients": gradients, "max_norm": float(rng.uniform(0.5, 1.0))}


EXERCISES = {
    "sigmoid": Exercise(
        reference=lstm_ref.sigmoid,
        draw=_sigmoid_inputs,
        result="",
        hint="Try z = 0, where it is 0.5.",
        section=Section("Why sigmoid", "The gates"),
        bounds={"": (0.0, 1.0)},
        sizes="",
        warnings=True,
    ),
    "rnn_step": Exercise(
        reference=_rnn_step,
        draw=_rnn_step_inputs,
        result="(B, H)",
        hint="Which bias, which function?",
        section=Section("A network that is a loop", "Sequences"),
        bounds={"": (-1.0, 1.0)},
    ),
    "clip_by_global_norm": Exercise(
        reference=_clip,
        draw=_clip_inputs,
        result={"W": "(H, H + D)", "b": "(H,)", "v": "(H,)"},
        hint="One norm for all.",
        section=Section("Exploding gradients, and clipping", "Vanishing gradients"),
        sizes="",
        # PyTorch adds 1e-6 to the norm it divides by; so may a student.
        rtol=1e-5,
    ),
}
