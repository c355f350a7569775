"""The assignment *gradient-flow*: gradient against lag, and the forget bias."""

import numpy as np

from lstm_check.drawing import GATES, draw_params
from lstm_check.exercise import BIASES, FLOAT32, TELLING, WEIGHTS, Exercises, Size
from lstm_check.exercises.backward import cell_backward, draw_states, sequence_forward

MODULES = ("numpy", "matplotlib")
EXERCISES = Exercises()


def forward(x, params, h0, c0):
    """Return the cache of each step, as the assignment's function does."""
    return sequence_forward(x, params, h0, c0)[1]


def step_backward(dh, dc, cache, params):
    """Return the gradients of h_prev and c_prev, as the assignment's function does."""
    grads = cell_backward(dh, dc, cache, params)
    return grads["h_prev"], grads["c_prev"]


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


def _init_forget_bias_inputs(rng, size):
    half_life = 1 + size.scale * float(rng.uniform(1, 19))
    return {"params": draw_params(rng, size._replace(scale=1.0)), "half_life": half_life}


@EXERCISES.add(
    5,
    "(T + 1,)",
    "Measured: norm against lag, in Vanishing gradients",
    "Which gradients go into a step?",
    draw=_gradient_vs_lag_inputs,
    sizes="TBDH",
    # In the last one the gradient grows.
    telling=(*TELLING, Size(T=5, B=3, D=2, H=10, scale=12.0)),
    cases=(
        Size(),
        Size(T=1),
        Size(B=1, D=5),
        Size(H=1),
        Size(T=20, B=3, H=10, scale=12.0),
        Size(T=40, B=3),
        FLOAT32,
    ),
)
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


@EXERCISES.add(
    5,
    WEIGHTS | BIASES,
    "The forget bias, in Gradient flow",
    "Is half left after half_life steps?",
    draw=_init_forget_bias_inputs,
    sizes="DH",
    cases=(Size(), Size(D=5, H=2), Size(D=1, H=1), Size(scale=0.05), Size(scale=100.0), FLOAT32),
)
def _init_forget_bias(params, half_life):
    f = 0.5 ** (1 / half_life)
    b = np.log(f / (1 - f))
    b_f = np.full_like(params["b_f"], b)
    return params | {"b_f": b_f}
