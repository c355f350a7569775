"""More wrong functions that are in no bank: of each kind what somebody once took for the same."""

import numpy as np

from lstm_check.exercises import EXERCISES
from lstm_ref import sigmoid, stack


def right(name):
    """Return the right function."""
    return EXERCISES[name].reference


def with_arguments(name, change):
    """Return the right function on other arguments."""
    return lambda *given: right(name)(*change(*given))


def with_result(name, change):
    """Return a function whose result is made of the right one."""
    return lambda *given: change(right(name)(*given))


def _affine(squash):
    return lambda hx, W, b: squash(hx @ W.T + b, hx, W, b)


_GATES = [
    lambda z, hx, W, b: sigmoid(hx @ W.T + b[::-1]),
    lambda z, hx, W, b: sigmoid(hx @ W[::-1].T + b),
    lambda z, hx, W, b: sigmoid(hx @ W.T / 2 + b),
    lambda z, hx, W, b: sigmoid(np.tanh(z)),
    lambda z, hx, W, b: sigmoid((hx - hx.mean(axis=1)[:, None]) @ W.T + b),
    lambda z, hx, W, b: 0.5 + z / (2 * (1 + abs(z))),
]
_CANDIDATES = [
    lambda z, hx, W, b: np.tanh(z) ** 3,
    lambda z, hx, W, b: np.tanh(hx @ W.T + b[::-1]),
    lambda z, hx, W, b: z / (1 + abs(z)),
    lambda z, hx, W, b: np.sign(z),
    lambda z, hx, W, b: np.tanh(hx @ W.T) * np.tanh(b),
]


def _coupled_and_gated(x_t, h_prev, c_prev, p):
    z = {g: stack(h_prev, x_t) @ p[f"W_{g}"].T + p[f"b_{g}"] for g in "fico"}
    f, i, o = (sigmoid(z[g]) for g in "fio")
    c_t = f * c_prev + (1 - f) * i * np.tanh(z["c"])
    return o * np.tanh(c_t), c_t


def _highway(x_t, h_prev, c_prev, p):
    h_t, c_t = right("lstm_cell")(x_t, h_prev, c_prev, p)
    o = sigmoid(stack(h_prev, x_t) @ p["W_o"].T + p["b_o"])
    return h_t + (1 - o) * h_prev, c_t


def _normalised(x_t, h_prev, c_prev, p):
    h_t, c_t = right("lstm_cell")(x_t, h_prev, c_prev, p)
    return h_t, (c_t - c_t.mean(axis=1)[:, None]) / (1 + c_t.std(axis=1)[:, None])


def _flat_gates(x_t, h_prev, c_prev, p):
    return right("lstm_cell")(
        x_t, h_prev, c_prev, {k: a / (1 + (k[2] != "c")) for k, a in p.items()}
    )


def _keys(name, *keys, change):
    return with_result(name, lambda grads: grads | {key: change(grads[key]) for key in keys})


UNSEEN_MORE = [
    *[(f"{g}_gate", _affine(one)) for g in ("forget", "input", "output") for one in _GATES],
    *[("candidate", _affine(one)) for one in _CANDIDATES],
    ("sigmoid", lambda z: np.arctan(z) / np.pi + 0.5),
    ("sigmoid", lambda z: 0.5 * (1 + z / np.sqrt(1 + z * z))),
    ("sigmoid", lambda z: sigmoid(z - z.mean())),
    ("sigmoid", lambda z: sigmoid(np.cbrt(z))),
    ("rnn_step", lambda x_t, h, W, b: np.tanh(stack(h, x_t) @ W.T + b) * h),
    ("rnn_step", lambda x_t, h, W, b: np.tanh(stack(h, x_t) @ abs(W).T + b)),
    ("rnn_step", lambda x_t, h, W, b: np.tanh(stack(h, x_t) @ W.T + b[::-1])),
    ("clip_by_global_norm", lambda g, m: {k: a * m / (m + abs(a)) for k, a in g.items()}),
    ("cell_state", lambda f, c_prev, i, c_tilde: f * c_prev + i * c_tilde**2),
    ("cell_state", lambda f, c_prev, i, c_tilde: f * c_prev + (1 - f) * i * c_tilde),
    ("cell_state", lambda f, c_prev, i, c_tilde: f**2 * c_prev + i * c_tilde),
    ("cell_state", lambda f, c_prev, i, c_tilde: f * c_prev + i * np.roll(c_tilde, 1, axis=1)),
    ("hidden_state", lambda o, c: np.sqrt(o) * np.tanh(c)),
    ("hidden_state", lambda o, c: o * np.tanh(c / 2)),
    ("hidden_state", lambda o, c: o * np.tanh(c) + (1 - o) * c),
    ("hidden_state", lambda o, c: o[::-1] * np.tanh(c)),
    ("stack", lambda h_prev, x_t: np.concatenate([h_prev[:, ::-1], x_t], axis=1)),
    ("stack", lambda h_prev, x_t: np.sort(np.concatenate([h_prev, x_t], axis=1), axis=1)),
    ("lstm_cell", _coupled_and_gated),
    ("lstm_cell", _highway),
    ("lstm_cell", _normalised),
    ("lstm_cell", _flat_gates),
    ("lstm_forward", with_arguments("lstm_forward", lambda x, p, h, c: (x[:, ::-1], p, h, c))),
    ("lstm_forward", with_arguments("lstm_forward", lambda x, p, h, c: (x / 2, p, h, c))),
    ("lstm_forward", with_result("lstm_forward", lambda both: (both[0], np.cumsum(both[1], 0)))),
    ("cell_backward", _keys("cell_backward", "x_t", change=lambda a: 2 * a)),
    ("cell_backward", _keys("cell_backward", "W_c", change=lambda a: a[::-1])),
    ("cell_backward", _keys("cell_backward", "h_prev", "c_prev", change=lambda a: a / len(a))),
    ("cell_backward", _keys("cell_backward", "b_f", "b_i", change=lambda a: -a)),
    ("lstm_backward", _keys("lstm_backward", "h0", change=lambda a: 2 * a)),
    ("lstm_backward", _keys("lstm_backward", "x", change=lambda a: np.cumsum(a, axis=0))),
    ("lstm_backward", _keys("lstm_backward", "W_f", "W_o", change=lambda a: a[::-1])),
    ("gradient_vs_lag", with_result("gradient_vs_lag", np.cumsum)),
    ("gradient_vs_lag", with_result("gradient_vs_lag", lambda a: a / (1 + a))),
    ("init_forget_bias", _keys("init_forget_bias", "b_f", change=lambda a: a / 2)),
    ("init_forget_bias", _keys("init_forget_bias", "b_f", change=lambda a: a**2)),
    ("to_state_dict", _keys("to_state_dict", "weight_ih_l0", change=lambda a: a[:, ::-1])),
    ("from_state_dict", _keys("from_state_dict", "W_o", change=lambda a: -a)),
    ("make_batch", with_result("make_batch", lambda both: (both[0], both[1] ** 2))),
]
