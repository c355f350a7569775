"""The LSTM over a sequence: forward pass, and backpropagation through time.

The forward pass does what a loop over `lstm_cell` does, and the backward pass
what the chain rule says step by step. Both do outside the loop all that need
not wait for the previous step:

* the input's share of the pre-activations, ``x @ W_x.T + b``, is one matrix
  product for the whole sequence;
* the backward pass goes through some steps at a time: first every local
  derivative of these steps, which is elementwise, then the loop, then the
  gradients of the weights and the input, one matrix product each;
* the loops multiply by one contiguous copy of the recurrent weights, and
  write into arrays made before them.
"""

from typing import NamedTuple

import numpy as np

from lstm_ref._arrays import as_float, check_shapes, state_or_zero
from lstm_ref.cell import Gates
from lstm_ref.params import LSTMParams

# Rows (steps times examples) that the backward pass takes at once: enough for an efficient
# matrix product, few enough that they are still in the processor's cache when used again.
_ROWS = 256


class LSTMCache(NamedTuple):
    """What the forward pass keeps for the backward pass: 7 H numbers a step and example.

    It holds `x`, `params` and the returned h themselves, not copies: do not
    write to them before the backward pass.

    Attributes
    ----------
    params : LSTMParams
    x : ndarray, shape (T, B, D)
    h, c : ndarray, shape (T + 1, B, H)
        ``h[0]`` and ``c[0]`` are the initial states.
    gates : Gates
        Each (T, B, H).
    tanh_c : ndarray, shape (T, B, H)
    """

    params: LSTMParams
    x: np.ndarray
    h: np.ndarray
    c: np.ndarray
    gates: Gates
    tanh_c: np.ndarray


class LSTMGrads(NamedTuple):
    """Gradients of the loss, as `lstm_ref.lstm_backward` returns them.

    Attributes
    ----------
    x : ndarray, shape (T, B, D)
    h, c : ndarray, shape (T + 1, B, H)
        Of every state, through all paths; ``h[0]`` and ``c[0]`` are those of h0 and c0.
    h0, c0 : ndarray, shape (B, H)
        Those two.
    params : LSTMParams
    """

    x: np.ndarray
    h: np.ndarray
    c: np.ndarray
    params: LSTMParams

    @property
    def h0(self):
        """Gradient of the initial hidden state, (B, H)."""
        return self.h[0]

    @property
    def c0(self):
        """Gradient of the initial cell state, (B, H)."""
        return self.c[0]


def lstm_forward(x, params, h0=None, c0=None):
    """Run the LSTM over a batch of sequences.

    Parameters
    ----------
    x : array_like, shape (T, B, D)
        Input; T = 0 and B = 0 work.
    params : LSTMParams
    h0, c0 : array_like, shape (B, H), optional
        Initial hidden and cell state, zero by default.

    Returns
    -------
    h : ndarray, shape (T, B, H)
        Hidden state after every step. Its dtype follows all arguments.
    (h_T, c_T) : tuple of ndarray, shape (B, H)
        Final hidden and cell state.
    cache : LSTMCache
        For `lstm_backward`; ``cache.gates.f`` and so on hold every step's gates.

    Raises
    ------
    ValueError
        If a shape does not fit `params` or the batch sizes differ.
    """
    x = as_float(x)
    D, H = params.input_size, params.hidden_size
    check_shapes({"D": D}, x=(x, "T B D"))
    T, B, _ = x.shape
    h0, c0 = state_or_zero("h0", h0, B, H), state_or_zero("c0", c0, B, H)
    dtype = np.result_type(x, params.W, params.b, h0, c0)

    h, c, tanh_c = np.empty((3, T + 1, B, H), dtype)  # one large array costs less than three
    tanh_c = tanh_c[1:]
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
    steps = zip(a, *gates, c[1:], tanh_c, h[1:], strict=True)
    with np.errstate(over="ignore"):  # exp(-z) = inf is right: the gate is 0
        for a_t, f, i, c_tilde, o, c_t, tanh_c_t, h_t in steps:
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
            np.tanh(c_t, out=tanh_c_t)
            np.multiply(o, tanh_c_t, out=h_t)
            h_prev, c_prev = h_t, c_t

    cache = LSTMCache(params, x, h, c, gates, tanh_c)
    return h[1:], (h[T].copy(), c[T].copy()), cache


def lstm_backward(cache, dh, dh_T=None, dc_T=None):
    """Backpropagate through time.

    The loss L may depend on every hidden state and on the final states; the
    arguments are its partial derivatives.

    Parameters
    ----------
    cache : LSTMCache
        From `lstm_forward`.
    dh : array_like, shape (T, B, H)
        ∂L/∂h_t for every step, as the loss sees h_t directly.
    dh_T, dc_T : array_like, shape (B, H), optional
        ∂L/∂h_T on top of ``dh[-1]``, and ∂L/∂c_T; zero by default.

    Returns
    -------
    grads : LSTMGrads
        ``.x`` (T, B, D), ``.h0`` and ``.c0`` (B, H), ``.params`` (an
        `LSTMParams`), and ``.h`` and ``.c`` (T + 1, B, H), the gradients of
        every state through all paths.

    Raises
    ------
    ValueError
        If a shape does not fit the cache.
    """
    params, x, h, c, gates, tanh_c = cache
    f, i, c_tilde, o = gates
    T, B, H = tanh_c.shape
    D = params.input_size
    dh = as_float(dh)
    check_shapes({"T": T, "B": B, "H": H}, dh=(dh, "T B H"))
    dh_T, dc_T = state_or_zero("dh_T", dh_T, B, H), state_or_zero("dc_T", dc_T, B, H)
    dtype = np.result_type(h, dh, dh_T, dc_T)

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
        _product(1 - o[part], o[part], tanh_c[part], out=dz_o)  # ∂h_t/∂z_o
        dh_dc = (1 - tanh_c[part] ** 2) * o[part]  # ∂h_t/∂c_t

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
