"""The assignment *pytorch*: weights to `torch.nn.LSTM` and back, as dicts of arrays."""

import numpy as np

from lstm_check.exercise import Exercise, Section
from lstm_check.exercises.cell import GATES, draw_params

MODULES = ("numpy", "matplotlib")
ORDER = "ifco"  # in which PyTorch stores the gates; it calls the candidate g


def to_state_dict(params):
    """Return the four arrays of an `nn.LSTM`; the second bias is zero."""
    W = np.concatenate([params[f"W_{gate}"] for gate in ORDER])
    b = np.concatenate([params[f"b_{gate}"] for gate in ORDER])
    H = len(params["b_f"])
    return {
        "weight_ih_l0": W[:, H:],
        "weight_hh_l0": W[:, :H],
        "bias_ih_l0": b,
        "bias_hh_l0": np.zeros_like(b),
    }


def from_state_dict(state):
    """Return the weights and biases of gates and candidate by name."""
    W = np.concatenate([state["weight_hh_l0"], state["weight_ih_l0"]], axis=1)
    b = state["bias_ih_l0"] + state["bias_hh_l0"]
    weights = dict(zip(ORDER, np.split(W, 4), strict=True))
    biases = dict(zip(ORDER, np.split(b, 4), strict=True))
    return {f"W_{gate}": weights[gate] for gate in GATES} | {
        f"b_{gate}": biases[gate] for gate in GATES
    }


def _state_inputs(rng, size):
    D, H = size.D, size.H
    shapes = {
        "weight_ih_l0": (4 * H, D),
        "weight_hh_l0": (4 * H, H),
        "bias_ih_l0": (4 * H,),
        "bias_hh_l0": (4 * H,),
    }
    return {
        "state": {name: rng.normal(size=shape, scale=size.scale) for name, shape in shapes.items()}
    }


_MOVING = Section("Moving weights, both ways", "nn.LSTM opened up")

EXERCISES = {
    "to_state_dict": Exercise(
        reference=to_state_dict,
        draw=lambda rng, size: {"params": draw_params(rng, size)},
        result={
            "weight_ih_l0": "(4H, D)",
            "weight_hh_l0": "(4H, H)",
            "bias_ih_l0": "(4H,)",
            "bias_hh_l0": "(4H,)",
        },
        hint="Which block, and which of its columns?",
        section=_MOVING,
        sizes="DH",
    ),
    "from_state_dict": Exercise(
        reference=from_state_dict,
        draw=_state_inputs,
        result={f"W_{gate}": "(H, H + D)" for gate in GATES}
        | {f"b_{gate}": "(H,)" for gate in GATES},
        hint="Which block, and what comes first in a row?",
        section=_MOVING,
        sizes="DH",
    ),
}
