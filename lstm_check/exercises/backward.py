"""The assignment *backward*: the backward pass of one step, and of a sequence."""

import numpy as np

import lstm_ref
from lstm_check.drawing import GATES, draw_params
from lstm_check.exercise import BIASES, CASES_OF_STEPS, FLOAT32, WEIGHTS, Exercises, Size
from lstm_check.exercises.cell import lstm_cell
from lstm_check.lines import taken

MODULES = ("numpy", "matplotlib")
EXERCISES = Exercises()
_GRADIENTS = ", ".join(f'"{name}": d{name}' for name in (*WEIGHTS, *BIASES))

# The way back as the book has it, and as the assignment wants it.
STEP_BACK = f"""
def cell_backward(dh, dc, cache, params):
    x_t, h_prev, c_prev, c_t = (cache[name] for name in ["x_t", "h_prev", "c_prev", "c_t"])
    f, i, c_tilde, o = (cache[name] for name in ["f", "i", "c_tilde", "o"])
    H = f.shape[1]
{taken(lstm_ref.lstm_cell_backward, "tanh_c", "db_o")}
    return {{"x_t": dx_t, "h_prev": dh_prev, "c_prev": dc_prev, {_GRADIENTS}}}
"""


def step_forward(x_t, h_prev, c_prev, params):
    """One step; the cache is what `cell_backward` needs of it."""
    h_t, c_t = lstm_cell(x_t, h_prev, c_prev, params)
    z = {gate: np.c_[h_prev, x_t] @ params[f"W_{gate}"].T + params[f"b_{gate}"] for gate in GATES}
    f, i, o = (lstm_ref.sigmoid(z[gate]) for gate in "fio")
    cache = {"x_t": x_t, "h_prev": h_prev, "c_prev": c_prev}
    return h_t, c_t, cache | {"f": f, "i": i, "c_tilde": np.tanh(z["c"]), "o": o, "c_t": c_t}


def sequence_forward(x, params, h0, c0):
    """Return the hidden states (T, B, H), and a tuple of each step's cache."""
    h_t, c_t = h0, c0
    h, caches = [], []
    for x_t in x:
        h_t, c_t, cache = step_forward(x_t, h_t, c_t, params)
        h.append(h_t)
        caches.append(cache)
    return np.array(h), tuple(caches)


def draw_states(rng, size):
    """Return h0 and c0, neither of them zero."""
    return {
        "h0": rng.uniform(-1, 1, size=(size.B, size.H)),
        "c0": rng.normal(size=(size.B, size.H), scale=size.states),
    }


def _cell_backward_inputs(rng, size):
    params = draw_params(rng, size)
    state = draw_states(rng, size).values()
    _, _, cache = step_forward(rng.normal(size=(size.B, size.D)), *state, params)
    dh, dc = rng.normal(size=(2, size.B, size.H), scale=size.states)
    return {"dh": dh, "dc": dc, "cache": cache, "params": params}


def _lstm_backward_inputs(rng, size):
    params = draw_params(rng, size)
    x = rng.normal(size=(size.T, size.B, size.D))
    _, caches = sequence_forward(x, params, **draw_states(rng, size._replace(states=1.0)))
    dh = rng.normal(size=(size.T, size.B, size.H), scale=size.states)
    dh_T, dc_T = rng.normal(size=(2, size.B, size.H), scale=size.states)
    return {"dh": dh, "caches": caches, "params": params, "dh_T": dh_T, "dc_T": dc_T}


cell_backward = EXERCISES.add(
    {("x_t",): 3, ("h_prev", "c_prev"): 3, tuple(WEIGHTS): 3, tuple(BIASES): 3},
    {"x_t": "(B, D)", "h_prev": "(B, H)", "c_prev": "(B, H)"} | WEIGHTS | BIASES,
    "The backward pass of one step, in Unrolling in time",
    "Which paths lead there?",
    draw=_cell_backward_inputs,
    cases=(
        Size(),
        Size(B=1, D=5),
        Size(B=4, D=1, H=6),
        Size(B=3, scale=5.0),
        Size(scale=5000.0),
        Size(states=100.0),
        FLOAT32,
    ),
)(STEP_BACK, stack=lstm_ref.stack, sigmoid=lstm_ref.sigmoid)


@EXERCISES.add(
    8,
    {"x": "(T, B, D)", "h0": "(B, H)", "c0": "(B, H)"} | WEIGHTS | BIASES,
    "Sum over time, in Unrolling in time",
    "What goes into a step, and from where?",
    draw=_lstm_backward_inputs,
    sizes="TBDH",
    parts=("cell_backward",),
    cases=CASES_OF_STEPS,
)
def _lstm_backward(dh, caches, params, dh_T, dc_T):
    dh_t, dc_t = dh_T, dc_T  # start
    dx = []
    total = dict.fromkeys(params, 0)
    for t in reversed(range(len(caches))):
        dh_now = dh[t] + dh_t
        grads = cell_backward(dh_now, dc_t, caches[t], params)  # step
        dh_t, dc_t = grads["h_prev"], grads["c_prev"]  # back
        dx = [grads["x_t"], *dx]  # keep
        total = {name: total[name] + grads[name] for name in params}  # add
    return {"x": np.array(dx), "h0": dh_t, "c0": dc_t, **total}
