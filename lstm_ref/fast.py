"""The LSTM over a sequence, as `lstm` has it, in less time: for training.

Same arguments, same results, same errors; the order of work differs. Whatever
need not wait for the previous step is done outside the loop:

* the input's share of the pre-activations, ``x @ W_x.T + b``, is one matrix
  product for the whole sequence;
* one product a step serves all four pre-activations, and one `exp` all gates;
* the backward pass goes through some steps at a time: first every local
  derivative of these steps, which is elementwise, then the loop, then the
  gradients of the weights and the input, one matrix product each.

``benchmarks/ideas.py`` takes these ideas away one by one, and the book says
what each gains.
"""

import numpy as np

from lstm_ref._arrays import check_sequence, check_upstream
from lstm_ref.cell import Gates
from lstm_ref.lstm import LSTMCache, LSTMGrads
from lstm_ref.params import LSTMParams

# Rows (steps times examples) that the backward pass takes at once: enough for an efficient
# matrix product, few enough that they are still in the processor's cache when used again.
_ROWS = 256


def lstm_forward(x, params, h0=None, c0=None):
    """Do what `lstm_ref.lstm_forward` does."""
    x, h0, c0, dtype = check_sequence(x, params, h0=h0, c0=c0)
    T, B, D = x.shape
    H = params.hidden_size

    h, c = np.empty((2, T + 1, B, H), dtype)
    h[0], c[0] = h0, c0
    z = (x.reshape(T * B, D) @ params.W_x.T + params.b).astype(dtype, copy=False)
    z = z.reshape(T, B, 4 * H)  # the input's share of the pre-activations; becomes the gates
    gates = _split(z)
    W_hT = np.ascontiguousarray(params.W_h.T)  # in float32, OpenBLAS is slow with a view
    with np.errstate(over="ignore"):  # exp(-z) = inf is right: the gate is 0
        for t in range(T):
            f, i, c_tilde, o = (gate[t] for gate in gates)
            z[t] += h[t] @ W_hT
            candidate = np.tanh(c_tilde)
            z[t] = 1 / (1 + np.exp(-z[t]))
            c_tilde[...] = candidate  # which is no gate
            c[t + 1] = f * c[t] + i * c_tilde
            h[t + 1] = o * np.tanh(c[t + 1])

    cache = LSTMCache(params, x, h, c, gates)
    return h[1:], (h[T].copy(), c[T].copy()), cache


def lstm_backward(cache, dh, dh_T=None, dc_T=None):
    """Do what `lstm_ref.lstm_backward` does."""
    params, x, h, c, gates = cache
    dh, dh_T, dc_T, dtype = check_upstream(h, dh, dh_T=dh_T, dc_T=dc_T)
    T, B, D = x.shape
    H = params.hidden_size

    grad_h, grad_c = np.zeros((2, T + 1, B, H), dtype)
    grad_h[1:] = dh
    grad_h[T] += dh_T
    grad_c[T] = dc_T

    dx = np.empty((T, B, D), dtype)
    dW, db = np.zeros((4 * H, H + D), dtype), np.zeros(4 * H, dtype)
    W_h = params.W_h
    at_once = max(1, _ROWS // max(1, B))
    for stop in range(T, 0, -at_once):
        part = slice(max(0, stop - at_once), stop)
        f, i, c_tilde, o = (gate[part] for gate in gates)
        tanh_c = np.tanh(c[1:][part])

        # Local derivatives with respect to the pre-activations, of all these steps.
        dz = np.empty((len(f), B, 4 * H), dtype)
        dz_f, dz_i, dz_c, dz_o = _split(dz)
        dz_f[...] = c[part] * f * (1 - f)  # ∂c_t/∂z_f
        dz_i[...] = c_tilde * i * (1 - i)  # ∂c_t/∂z_i
        dz_c[...] = i * (1 - c_tilde**2)  # ∂c_t/∂z_c
        dz_o[...] = tanh_c * o * (1 - o)  # ∂h_t/∂z_o
        dh_dc = o * (1 - tanh_c**2)  # ∂h_t/∂c_t

        dz_ifc = dz.reshape(len(f), B, 4, H)[:, :, :3]  # the three that act through c_t
        for s in reversed(range(len(f))):
            t = part.start + s
            dh_t, dc_t = grad_h[t + 1], grad_c[t + 1]
            dc_t += dh_t * dh_dc[s]
            dz_ifc[s] *= dc_t[:, None]
            dz_o[s] *= dh_t
            grad_c[t] = dc_t * f[s]
            grad_h[t] += dz[s] @ W_h

        dz = dz.reshape(-1, 4 * H)
        hx = np.concatenate([h[part], x[part]], axis=2).reshape(-1, H + D)
        dx[part] = (dz @ params.W_x).reshape(dx[part].shape)
        dW += dz.T @ hx
        db += dz.sum(axis=0)
    return LSTMGrads(dx, grad_h, grad_c, LSTMParams(dW, db))


def _split(a):
    """Split (..., 4 H), packed in the order of `LSTMParams`, into four views (..., H)."""
    i, f, c_tilde, o = np.split(a, 4, axis=-1)
    return Gates(f, i, c_tilde, o)
