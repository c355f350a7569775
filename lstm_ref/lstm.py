"""The LSTM over a sequence: forward pass, and backpropagation through time.

Both are loops over one step, `lstm_cell` and `lstm_cell_backward`. `fast` has the
same two functions, written so that training takes less time.
"""

from typing import NamedTuple

import numpy as np

from lstm_ref._arrays import check_sequence, check_upstream
from lstm_ref.cell import Gates, lstm_cell, lstm_cell_backward
from lstm_ref.params import LSTMParams


class LSTMCache(NamedTuple):
    """What the forward pass keeps for the backward pass: 6 H numbers a step and example.

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
    """

    params: LSTMParams
    x: np.ndarray
    h: np.ndarray
    c: np.ndarray
    gates: Gates


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
    x, h0, c0, dtype = check_sequence(x, params, h0=h0, c0=c0)
    T, B, _ = x.shape
    H = params.hidden_size

    h, c = np.empty((2, T + 1, B, H), dtype)
    gates = np.empty((4, T, B, H), dtype)
    h[0], c[0] = h0, c0
    for t in range(T):
        h[t + 1], c[t + 1], gates[:, t] = lstm_cell(x[t], h[t], c[t], params)

    cache = LSTMCache(params, x, h, c, Gates(*gates))
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
    params, x, h, c, gates = cache
    dh, dh_T, dc_T, dtype = check_upstream(h, dh, dh_T=dh_T, dc_T=dc_T)
    T = len(x)

    # Gradients of the states, completed from the last step to the first.
    grad_h, grad_c = np.zeros((2, *h.shape), dtype)
    grad_h[1:] = dh
    grad_h[T] += dh_T
    grad_c[T] = dc_T

    dx = np.empty(x.shape, dtype)
    dW, db = np.zeros(params.W.shape, dtype), np.zeros(params.b.shape, dtype)
    for t in reversed(range(T)):
        gates_t = Gates(*(gate[t] for gate in gates))
        step = lstm_cell_backward(
            grad_h[t + 1], grad_c[t + 1], x[t], h[t], c[t], c[t + 1], gates_t, params
        )
        grad_c[t + 1] = step.c_t
        grad_c[t] = step.c_prev
        grad_h[t] += step.h_prev
        dx[t] = step.x_t
        dW += step.params.W
        db += step.params.b
    return LSTMGrads(dx, grad_h, grad_c, LSTMParams(dW, db))
