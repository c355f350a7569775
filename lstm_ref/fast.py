"""The LSTM over a sequence, as `lstm` has it, in less time: for training.

Same arguments, same results, same errors. What is different is the order of
work. Both passes do outside the loop all that need not wait for the previous
step:

* the input's share of the pre-activations, ``x @ W_x.T + b``, is one matrix
  product for the whole sequence;
* the backward pass goes through some steps at a time: first every local
  derivative of these steps, which is elementwise, then the loop, then the
  gradients of the weights and the input, one matrix product each;
* the loops multiply by one contiguous copy of the recurrent weights, and
  write into arrays made before them.
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

    h, c = np.empty((2, T + 1, B, H), dtype)  # one large array costs less than two
    h[0], c[0] = h0, c0

    # The sign of the gates' pre-activations is turned before the loop, in the weights:
    # inside it, σ(z) = 1 / (1 + exp(-z)) then needs one call of exp for all gates.
    sign = np.full(4 * H, -1, dtype)
    _split(sign).c_tilde[...] = 1
    W_hT = np.ascontiguousarray((params.W_h * sign[:, None]).T)
    a = (x.reshape(T * B, D) @ (params.W_x * sign[:, None]).T).astype(dtype, copy=False)
    a += params.b * sign
    a = a.reshape(T, B, 4 * H)  # becomes the gates, in place
    gates = _split(a)
    recurrent = np.empty((B, 4 * H), dtype)
    buffer = np.empty((B, H), dtype)
    h_prev, c_prev = h[0], c[0]
    steps = zip(a, *gates, c[1:], h[1:], strict=True)
    with np.errstate(over="ignore"):  # exp(-z) = inf is right: the gate is 0
        for a_t, f, i, c_tilde, o, c_t, h_t in steps:
            np.dot(h_prev, W_hT, out=recurrent)
            a_t += recurrent
            np.tanh(c_tilde, out=buffer)
            np.exp(a_t, out=a_t)
            a_t += 1
            np.reciprocal(a_t, out=a_t)
            c_tilde[...] = buffer  # the candidate is no gate

            np.multiply(f, c_prev, out=c_t)
            np.multiply(i, c_tilde, out=buffer)
            c_t += buffer
            np.tanh(c_t, out=buffer)
            np.multiply(o, buffer, out=h_t)
            h_prev, c_prev = h_t, c_t

    cache = LSTMCache(params, x, h, c, gates)
    return h[1:], (h[T].copy(), c[T].copy()), cache


def lstm_backward(cache, dh, dh_T=None, dc_T=None):
    """Do what `lstm_ref.lstm_backward` does."""
    params, x, h, c, gates = cache
    f, i, c_tilde, o = gates
    dh, dh_T, dc_T, dtype = check_upstream(h, dh, dh_T=dh_T, dc_T=dc_T)
    T, B, D = x.shape
    H = params.hidden_size

    # Gradients of the states, completed from the last step to the first.
    grad_h, grad_c = np.zeros((2, T + 1, B, H), dtype)
    grad_h[1:] = dh
    grad_h[T] += dh_T
    grad_c[T] = dc_T
    dh_t, dc_t = grad_h[T], grad_c[T]

    dx = np.empty((T, B, D), dtype)
    dW = np.zeros((4 * H, H + D), dtype)
    db = np.zeros(4 * H, dtype)
    W_h = np.ascontiguousarray(params.W_h)
    share = np.empty((B, H), dtype)
    n = max(1, _ROWS // max(1, B))
    dz_n = np.empty((min(n, T), B, 4 * H), dtype)
    for stop in range(T, 0, -n):
        part = slice(max(0, stop - n), stop)
        dz = dz_n[: stop - part.start]
        dz_f, dz_i, dz_c, dz_o = _split(dz)
        dz_ifc = dz.reshape(len(dz), B, 4, H)[:, :, :3]  # the three that act through c_t

        # Local derivatives with respect to the pre-activations z, of all these steps:
        # σ' = (1 - σ) σ and tanh' = 1 - tanh².
        _product(1 - f[part], f[part], c[part], out=dz_f)  # ∂c_t/∂z_f
        _product(1 - i[part], i[part], c_tilde[part], out=dz_i)  # ∂c_t/∂z_i
        _product(1 - c_tilde[part] ** 2, i[part], out=dz_c)  # ∂c_t/∂z_c
        tanh_c = np.tanh(c[1:][part])
        _product(1 - o[part], o[part], tanh_c, out=dz_o)  # ∂h_t/∂z_o
        dh_dc = (1 - tanh_c**2) * o[part]  # ∂h_t/∂c_t

        arrays = dh_dc, dz, dz_ifc, dz_o, f[part], grad_h[part], grad_c[part]
        steps = zip(*(array[::-1] for array in arrays), strict=True)
        for dh_dc_t, dz_t, dz_ifc_t, dz_o_t, f_t, dh_prev, dc_prev in steps:
            np.multiply(dh_t, dh_dc_t, out=share)
            dc_t += share
            dz_ifc_t *= dc_t[:, None]
            dz_o_t *= dh_t
            np.multiply(dc_t, f_t, out=dc_prev)
            np.dot(dz_t, W_h, out=share)
            dh_prev += share
            dh_t, dc_t = dh_prev, dc_prev

        dz = dz.reshape(len(dz) * B, 4 * H)
        hx = np.concatenate([h[part], x[part]], axis=2).reshape(len(dz), H + D)
        dx[part] = (dz @ params.W_x).reshape(dx[part].shape)
        dW += dz.T @ hx
        db += dz.sum(axis=0)
    return LSTMGrads(dx, grad_h, grad_c, LSTMParams(dW, db))


def _product(a, b, *more, out):
    """Multiply arrays of one shape into `out`."""
    np.multiply(a, b, out=out)
    for factor in more:
        out *= factor


def _split(a):
    """Split (..., 4 H), packed in the order of `LSTMParams`, into four views (..., H)."""
    i, f, c_tilde, o = np.split(a, 4, axis=-1)
    return Gates(f, i, c_tilde, o)
