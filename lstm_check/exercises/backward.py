"""The assignment *backward*: the backward pass of one step, and of a sequence."""

import numpy as np

import lstm_ref
from lstm_check.exercise import Exercise, Section
from lstm_check.exercises.cell import GATES, draw_params

MODULES = ("numpy", "matplotlib")

_WEIGHTS = {f"W_{gate}": "(H, H + D)" for gate in GATES}
_BIASES = {f"b_{gate}": "(H,)" for gate in GATES}


def step_forward(x_t, h_prev, c_prev, params):
    """One step; the cache is what `cell_backward` needs of it."""
    # Not from lstm_ref's functions, which check their shapes: the whole bank runs through here.
    hx = np.concatenate([h_prev, x_t], axis=1)
    z = {gate: hx @ params[f"W_{gate}"].T + params[f"b_{gate}"] for gate in GATES}
    f, i, o = (lstm_ref.sigmoid(z[gate]) for gate in "fio")
    c_tilde = np.tanh(z["c"])
    c_t = f * c_prev + i * c_tilde
    cache = {"x_t": x_t, "h_prev": h_prev, "c_prev": c_prev}
    cache |= {"f": f, "i": i, "c_tilde": c_tilde, "o": o, "c_t": c_t}
    return o * np.tanh(c_t), c_t, cache


def sequence_forward(x, params, h0, c0):
    """Return the hidden states (T, B, H), and a tuple of each step's cache."""
    h_t, c_t = h0, c0
    h, caches = [], []
    for x_t in x:
        h_t, c_t, cache = step_forward(x_t, h_t, c_t, params)
        h.append(h_t)
        caches.append(cache)
    return np.array(h), tuple(caches)


def cell_backward(dh, dc, cache, params):
    """The backward pass of one step, with the signature of the assignment."""
    f, i, c_tilde, o = (cache[name] for name in ("f", "i", "c_tilde", "o"))
    tanh_c = np.tanh(cache["c_t"])
    dc = dc + dh * o * (1 - tanh_c**2)
    dz = {
        "f": dc * cache["c_prev"] * f * (1 - f),
        "i": dc * c_tilde * i * (1 - i),
        "c": dc * i * (1 - c_tilde**2),
        "o": dh * tanh_c * o * (1 - o),
    }
    hx = np.concatenate([cache["h_prev"], cache["x_t"]], axis=1)
    dhx = sum(dz[gate] @ params[f"W_{gate}"] for gate in GATES)
    H = f.shape[1]
    grads = {"x_t": dhx[:, H:], "h_prev": dhx[:, :H], "c_prev": dc * f}
    grads |= {f"W_{gate}": dz[gate].T @ hx for gate in GATES}
    return grads | {f"b_{gate}": dz[gate].sum(axis=0) for gate in GATES}


def draw_states(rng, size):
    """Return h0 and c0, neither of them zero."""
    return {
        "h0": rng.uniform(-1, 1, size=(size.B, size.H)),
        "c0": rng.normal(size=(size.B, size.H)),
    }


def _cell_backward_inputs(rng, size):
    params = draw_params(rng, size)
    state = draw_states(rng, size).values()
    _, _, cache = step_forward(rng.normal(size=(size.B, size.D)), *state, params)
    dh, dc = rng.normal(size=(2, size.B, size.H))
    return {"dh": dh, "dc": dc, "cache": cache, "params": params}


def _lstm_backward(dh, caches, params, dh_T, dc_T, cell_backward=cell_backward):
    dh_t, dc_t = dh_T, dc_T
    steps = []
    for t in reversed(range(len(caches))):
        grads = cell_backward(dh[t] + dh_t, dc_t, caches[t], params)
        dh_t, dc_t = grads["h_prev"], grads["c_prev"]
        steps.insert(0, grads)
    total = {name: sum(grads[name] for grads in steps) for name in params}
    return {"x": np.array([grads["x_t"] for grads in steps]), "h0": dh_t, "c0": dc_t} | total


def _lstm_backward_inputs(rng, size):
    params = draw_params(rng, size)
    x = rng.normal(size=(size.T, size.B, size.D))
    _, caches = sequence_forward(x, params, **draw_states(rng, size))
    dh = rng.normal(size=(size.T, size.B, size.H))
    dh_T, dc_T = rng.normal(size=(2, size.B, size.H))
    return {"dh": dh, "caches": caches, "params": params, "dh_T": dh_T, "dc_T": dc_T}


_CHAPTER = "Unrolling in time"

EXERCISES = {
    "cell_backward": Exercise(
        reference=cell_backward,
        draw=_cell_backward_inputs,
        result={"x_t": "(B, D)", "h_prev": "(B, H)", "c_prev": "(B, H)"} | _WEIGHTS | _BIASES,
        hint="Which paths lead there?",
        section=Section("The backward pass of one step", _CHAPTER),
    ),
    "lstm_backward": Exercise(
        reference=_lstm_backward,
        draw=_lstm_backward_inputs,
        result={"x": "(T, B, D)", "h0": "(B, H)", "c0": "(B, H)"} | _WEIGHTS | _BIASES,
        hint="What goes into a step, and from where?",
        section=Section("Sum over time", _CHAPTER),
        sizes="TBDH",
        parts=("cell_backward",),
        # A step that hands its gradients on needs no cache.
        driven_by=("caches", "params"),
    ),
}
