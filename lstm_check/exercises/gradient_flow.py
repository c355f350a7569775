"""The assignment *gradient-flow*: gradient against lag, and the forget bias."""

import numpy as np

from lstm_check.exercise import TELLING, Exercise, Section, Size
from lstm_check.exercises.backward import cell_backward, draw_states, sequence_forward
from lstm_check.exercises.cell import GATES, draw_params
from lstm_check.lines import Source

MODULES = ("numpy", "matplotlib")


def forward(x, params, h0, c0):
    """Return the cache of each step, as the assignment's function does."""
    return sequence_forward(x, params, h0, c0)[1]


def step_backward(dh, dc, cache, params):
    """Return the gradients of h_prev and c_prev, as the assignment's function does."""
    grads = cell_backward(dh, dc, cache, params)
    return grads["h_prev"], grads["c_prev"]


def _gradient_vs_lag(x, params, h0, c0, dh_T):
    caches = forward(x, params, h0, c0)
    dh, dc = dh_T, np.zeros_like(dh_T)  # start
    norms = [np.linalg.norm(dh)]
    for cache in reversed(caches):
        dh, dc = step_backward(dh, dc, cache, params)  # step
        norm = np.linalg.norm(dh)
        norms = [*norms, norm]  # keep
    norms = np.array(norms)  # all
    return norms / norms[0]


def _gradient_vs_lag_inputs(rng, size):
    params = draw_params(rng, size)
    # Small, so that gates do not saturate: with large weights the gradient then grows.
    params |= {f"b_{gate}": rng.normal(size=size.H, scale=0.1) for gate in GATES}
    states = {name: 0.3 * state for name, state in draw_states(rng, size).items()}
    return {
        "x": rng.normal(size=(size.T, size.B, size.D), scale=0.3),
        "params": params,
        **states,
        # Far from norm 1, so that a forgotten division shows.
        "dh_T": rng.normal(size=(size.B, size.H), scale=3),
    }


def _init_forget_bias(params, half_life):
    f = 0.5 ** (1 / half_life)
    b = np.log(f / (1 - f))
    b_f = np.full_like(params["b_f"], b)
    return params | {"b_f": b_f}


def _init_forget_bias_inputs(rng, size):
    half_life = 1 + size.scale * float(rng.uniform(1, 19))
    return {"params": draw_params(rng, size._replace(scale=1.0)), "half_life": half_life}


EXERCISES = {
    "gradient_vs_lag": Exercise(
        points=5,
        source=Source(_gradient_vs_lag, forward=forward, step_backward=step_backward),
        draw=_gradient_vs_lag_inputs,
        result="(T + 1,)",
        hint="Which gradients go into a step?",
        section=Section("Measured: norm against lag", "Vanishing gradients"),
        sizes="TBDH",
        # In the last one the gradient grows.
        telling=(*TELLING, Size(T=5, B=3, D=2, H=10, scale=12.0)),
        cases=(
            {},
            {"steps": 1},
            {"batch": 1, "input_size": 5},
            {"hidden_size": 1},
            {"steps": 20, "batch": 3, "hidden_size": 10, "scale": 12.0},
            {"steps": 40, "batch": 3},
            {"dtype": "float32", "contiguous": False},
        ),
    ),
    "init_forget_bias": Exercise(
        points=5,
        source=Source(_init_forget_bias),
        draw=_init_forget_bias_inputs,
        result={f"W_{gate}": "(H, H + D)" for gate in GATES} | {f"b_{g}": "(H,)" for g in GATES},
        hint="Is half left after half_life steps?",
        section=Section("The forget bias", "Gradient flow"),
        sizes="DH",
        cases=(
            {},
            {"input_size": 5, "hidden_size": 2},
            {"input_size": 1, "hidden_size": 1},
            {"scale": 0.05},
            {"scale": 100.0},
            {"dtype": "float32", "contiguous": False},
        ),
    ),
}
