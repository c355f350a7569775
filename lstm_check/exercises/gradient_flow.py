"""The assignment *gradient-flow*: gradient against lag, and the forget bias."""

import numpy as np

from lstm_check.exercise import Exercise, Section
from lstm_check.exercises.backward import cell_backward, draw_states, sequence_forward
from lstm_check.exercises.cell import GATES, draw_params

MODULES = ("numpy", "matplotlib")


def _gradient_vs_lag(x, params, h0, c0, dh_T):
    _, caches = sequence_forward(x, params, h0, c0)
    dh, dc = dh_T, np.zeros_like(dh_T)
    norms = [np.linalg.norm(dh)]
    for cache in reversed(caches):
        grads = cell_backward(dh, dc, cache, params)
        dh, dc = grads["h_prev"], grads["c_prev"]
        norms.append(np.linalg.norm(dh))
    return np.array(norms) / norms[0]


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


def forget_bias(half_life):
    """Return the b with σ(b) ** half_life = 1/2."""
    return -np.log(np.expm1(np.log(2) / half_life))


def _init_forget_bias(params, half_life):
    return params | {"b_f": np.full_like(params["b_f"], forget_bias(half_life))}


def _init_forget_bias_inputs(rng, size):
    half_life = 1 + size.scale * float(rng.uniform(1, 19))
    return {"params": draw_params(rng, size._replace(scale=1.0)), "half_life": half_life}


EXERCISES = {
    "gradient_vs_lag": Exercise(
        reference=_gradient_vs_lag,
        draw=_gradient_vs_lag_inputs,
        result="(T + 1,)",
        hint="Which gradients go into a step?",
        section=Section("Measured: norm against lag", "Vanishing gradients"),
        sizes="TBDH",
    ),
    "init_forget_bias": Exercise(
        reference=_init_forget_bias,
        draw=_init_forget_bias_inputs,
        result={f"W_{gate}": "(H, H + D)" for gate in GATES} | {f"b_{g}": "(H,)" for g in GATES},
        hint="Is half left after half_life steps?",
        section=Section("The forget bias", "Gradient flow"),
        sizes="DH",
    ),
}
