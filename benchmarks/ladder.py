"""The way from a textbook's loop to `lstm_ref`: one idea a rung, each as fast as it gets by it.

Every rung takes ``(x, params, dh)``, runs forward and backward and returns the
hidden states and the gradients of x, W and b. The initial states are zero.
"""

import numpy as np

from lstm_ref import sigmoid
from lstm_ref.fast import lstm_backward, lstm_forward


def textbook(x, params, dh):
    """Follow the equations as they stand: one matrix product a gate and step, there and back."""
    T, B, _ = x.shape
    H = params.hidden_size
    gates = [  # name, weights, bias, function
        ("f", params.W_f, params.b_f, sigmoid),
        ("i", params.W_i, params.b_i, sigmoid),
        ("c", params.W_c, params.b_c, np.tanh),
        ("o", params.W_o, params.b_o, sigmoid),
    ]
    h_t, c_t = np.zeros((B, H), x.dtype), np.zeros((B, H), x.dtype)
    h, kept = [], []
    for x_t in x:
        hx, c_prev = np.concatenate([h_t, x_t], axis=1), c_t
        f, i, g, o = (squash(hx @ W.T + b) for _, W, b, squash in gates)
        c_t = f * c_prev + i * g
        tanh_c = np.tanh(c_t)
        h_t = o * tanh_c
        h.append(h_t)
        kept.append((hx, c_prev, f, i, g, o, tanh_c))

    dW = {name: np.zeros_like(W) for name, W, _, _ in gates}
    db = {name: np.zeros_like(b) for name, _, b, _ in gates}
    dx = np.empty_like(x)
    dh_next, dc = np.zeros((B, H), x.dtype), np.zeros((B, H), x.dtype)
    for t in reversed(range(T)):
        hx, c_prev, f, i, g, o, tanh_c = kept[t]
        dh_t = dh[t] + dh_next
        dc = dc + dh_t * o * (1 - tanh_c**2)
        dz = {
            "f": dc * c_prev * f * (1 - f),
            "i": dc * g * i * (1 - i),
            "c": dc * i * (1 - g**2),
            "o": dh_t * tanh_c * o * (1 - o),
        }
        dhx = sum(dz[name] @ W for name, W, _, _ in gates)
        for name in dz:
            dW[name] += dz[name].T @ hx
            db[name] += dz[name].sum(axis=0)
        dh_next, dx[t] = dhx[:, :H], dhx[:, H:]
        dc = dc * f
    packed = [np.concatenate([d[name] for name in "ifco"]) for d in (dW, db)]
    return np.stack(h), dx, *packed


def fused(x, params, dh):
    """Take one matrix product a step for all gates."""
    return _loop(x, params, dh)


def hoisted(x, params, dh):
    """Take also the input's share of all steps as one product before the loop."""
    return _loop(x, params, dh, hoist=True)


def deferred(x, params, dh):
    """Take also the gradients of weights and input as one product each, after the loop."""
    return _loop(x, params, dh, hoist=True, defer=True)


def in_advance(x, params, dh):
    """Take also every local derivative, which is elementwise, for the whole sequence at once."""
    return _loop(x, params, dh, hoist=True, defer=True, advance=True)


def whole(x, params, dh):
    """Use also arrays made once, contiguous weights, one exp a step: `lstm_ref`."""
    h, _, cache = lstm_forward(x, params)
    grads = lstm_backward(cache, dh)
    return h, grads.x, grads.params.W, grads.params.b


RUNGS = {
    "textbook": textbook,
    "fused": fused,
    "hoisted": hoisted,
    "deferred": deferred,
    "in advance": in_advance,
    "lstm_ref": whole,
}


def _loop(x, params, dh, hoist=False, defer=False, advance=False):
    T, B, D = x.shape
    H = params.hidden_size
    W_h, W_x, b = params.W_h, params.W_x, params.b
    h, c = np.zeros((T + 1, B, H), x.dtype), np.zeros((T + 1, B, H), x.dtype)
    a, tanh_c = np.empty((T, B, 4, H), x.dtype), np.empty((T, B, H), x.dtype)
    if hoist:
        from_input = (x.reshape(T * B, D) @ W_x.T + b).reshape(T, B, 4 * H)
    for t in range(T):
        z = (from_input[t] if hoist else x[t] @ W_x.T + b) + h[t] @ W_h.T
        z = z.reshape(B, 4, H)
        i, f, g, o = sigmoid(z[:, 0]), sigmoid(z[:, 1]), np.tanh(z[:, 2]), sigmoid(z[:, 3])
        a[t, :, 0], a[t, :, 1], a[t, :, 2], a[t, :, 3] = i, f, g, o
        c[t + 1] = f * c[t] + i * g
        tanh_c[t] = np.tanh(c[t + 1])
        h[t + 1] = o * tanh_c[t]

    dW, db, dx = np.zeros_like(params.W), np.zeros_like(b), np.empty_like(x)
    dz = np.empty((T, B, 4, H), x.dtype)
    if advance:
        dz[...], dh_dc = _local(*a.transpose(2, 0, 1, 3), c[:-1], tanh_c)
    dh_next, dc = np.zeros((B, H), x.dtype), np.zeros((B, H), x.dtype)
    for t in reversed(range(T)):
        if advance:
            local, dh_dc_t = dz[t], dh_dc[t]
        else:
            local, dh_dc_t = _local(*a[t].swapaxes(0, 1), c[t], tanh_c[t])
        dh_t = dh[t] + dh_next
        dc = dc + dh_t * dh_dc_t
        dz[t, :, :3] = local[:, :3] * dc[:, None]
        dz[t, :, 3] = local[:, 3] * dh_t
        dz_t = dz[t].reshape(B, 4 * H)
        if not defer:
            dW[:, :H] += dz_t.T @ h[t]
            dW[:, H:] += dz_t.T @ x[t]
            db += dz_t.sum(axis=0)
            dx[t] = dz_t @ W_x
        dh_next, dc = dz_t @ W_h, dc * a[t, :, 1]
    if defer:
        flat = dz.reshape(T * B, 4 * H)
        dW = flat.T @ np.concatenate([h[:-1], x], axis=2).reshape(T * B, H + D)
        db, dx = flat.sum(axis=0), (flat @ W_x).reshape(T, B, D)
    return h[1:], dx, dW, db


def _local(i, f, g, o, c_prev, tanh_c):
    """Return the local derivatives: of c_t (h_t for the output gate) to z, and of h_t to c_t."""
    dz = [g * i * (1 - i), c_prev * f * (1 - f), i * (1 - g**2), tanh_c * o * (1 - o)]
    return np.stack(dz, axis=-2), o * (1 - tanh_c**2)
