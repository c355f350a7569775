"""The assignment *pytorch*: weights to `torch.nn.LSTM` and back, as dicts of arrays."""

import numpy as np

from lstm_check.exercise import Exercise, Section
from lstm_check.exercises.cell import GATES, draw_params
from lstm_check.lines import Source

MODULES = ("numpy", "matplotlib")
ORDER = "ifco"  # in which PyTorch stores the gates; it calls the candidate g


def _to_state_dict(params):
    order = "ifco"
    W = np.concatenate([params[f"W_{gate}"] for gate in order])
    b = np.concatenate([params[f"b_{gate}"] for gate in order])
    H = len(params["b_f"])
    ih = W[:, H:]
    hh = W[:, :H]
    b_ih = b
    b_hh = np.zeros_like(b)
    return {"weight_ih_l0": ih, "weight_hh_l0": hh, "bias_ih_l0": b_ih, "bias_hh_l0": b_hh}


def _from_state_dict(state):
    order = "ifco"
    ih = state["weight_ih_l0"]
    hh = state["weight_hh_l0"]
    W = np.concatenate([hh, ih], axis=1)
    b = state["bias_ih_l0"] + state["bias_hh_l0"]
    weights = {f"W_{gate}": rows for gate, rows in zip(order, np.split(W, 4), strict=True)}
    biases = {f"b_{gate}": rows for gate, rows in zip(order, np.split(b, 4), strict=True)}
    return {**weights, **biases}


def state_inputs(rng, size, layer="_l0"):
    """Draw the four arrays of PyTorch's LSTM layer, or cell, as it names them."""
    D, H = size.D, size.H
    shapes = {"weight_ih": (4 * H, D), "weight_hh": (4 * H, H), "bias_ih": 4 * H, "bias_hh": 4 * H}
    return {
        "state": {
            f"{name}{layer}": rng.normal(size=shape, scale=size.scale)
            for name, shape in shapes.items()
        }
    }


_MOVING = Section("Moving weights, both ways", "nn.LSTM opened up")
_CASES = (
    {},
    {"input_size": 5, "hidden_size": 2},
    {"input_size": 1, "hidden_size": 1},
    {"input_size": 4, "hidden_size": 4},
    {"dtype": "float32", "contiguous": False},
)
_TO, _FROM = Source(_to_state_dict), Source(_from_state_dict)
to_state_dict, from_state_dict = _TO.make(), _FROM.make()

EXERCISES = {
    "to_state_dict": Exercise(
        points=4,
        source=_TO,
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
        cases=_CASES,
    ),
    "from_state_dict": Exercise(
        points=4,
        source=_FROM,
        draw=state_inputs,
        result={f"W_{gate}": "(H, H + D)" for gate in GATES}
        | {f"b_{gate}": "(H,)" for gate in GATES},
        hint="Which block, and what comes first in a row?",
        section=_MOVING,
        sizes="DH",
        cases=_CASES,
    ),
}
