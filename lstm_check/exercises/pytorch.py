"""The assignment *pytorch*: weights to `torch.nn.LSTM` and back, as dicts of arrays."""

import numpy as np

from lstm_check.exercise import BIASES, CASES_OF_WEIGHTS, WEIGHTS, Exercises

MODULES = ("numpy", "matplotlib")
EXERCISES = Exercises()
ORDER = "ifco"  # in which PyTorch stores the gates; it calls the candidate g
STORED = {
    "weight_ih_l0": "(4H, D)",
    "weight_hh_l0": "(4H, H)",
    "bias_ih_l0": "(4H,)",
    "bias_hh_l0": "(4H,)",
}
_SECTION = "Moving weights, both ways, in nn.LSTM opened up"


@EXERCISES.add(
    4,
    STORED,
    _SECTION,
    "Which block, and which of its columns?",
    sizes="DH",
    cases=CASES_OF_WEIGHTS,
)
def to_state_dict(params):
    """Return what `torch.nn.LSTM` stores for a dict of the weights of each gate."""
    order = "ifco"
    W = np.concatenate([params[f"W_{gate}"] for gate in order])
    b = np.concatenate([params[f"b_{gate}"] for gate in order])
    H = len(params["b_f"])
    ih = W[:, H:]
    hh = W[:, :H]
    b_ih = b
    b_hh = np.zeros_like(b)
    return {"weight_ih_l0": ih, "weight_hh_l0": hh, "bias_ih_l0": b_ih, "bias_hh_l0": b_hh}


def moved(exercises, section, text, layer):
    """Add the function of a text, which takes apart what PyTorch's layer, or cell, stores."""

    def draw(rng, size):
        D, H = size.D, size.H
        shapes = {"weight_ih": (4 * H, D), "weight_hh": (4 * H, H)}
        shapes |= {"bias_ih": 4 * H, "bias_hh": 4 * H}
        return {
            name + layer: rng.normal(size=shape, scale=size.scale) for name, shape in shapes.items()
        }

    hint = "Which block, and what comes first in a row?"
    more = {"draw": {"state": draw}, "sizes": "DH", "cases": CASES_OF_WEIGHTS}
    return exercises.add(4, WEIGHTS | BIASES, section, hint, **more)(text)


FROM = """
def from_state_dict(state):
    order = "ifco"
    ih = state["weight_ih_l0"]
    hh = state["weight_hh_l0"]
    W = np.concatenate([hh, ih], axis=1)
    b = state["bias_ih_l0"] + state["bias_hh_l0"]
    weights = {f"W_{gate}": rows for gate, rows in zip(order, np.split(W, 4), strict=True)}
    biases = {f"b_{gate}": rows for gate, rows in zip(order, np.split(b, 4), strict=True)}
    return {**weights, **biases}
"""
from_state_dict = moved(EXERCISES, _SECTION, FROM, "_l0")
