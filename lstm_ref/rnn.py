"""The vanilla RNN, h_t = tanh(W [h_{t-1}, x_t] + b), that the book compares the LSTM with."""

from typing import NamedTuple

import numpy as np

from lstm_ref._arrays import check_sequence, check_upstream
from lstm_ref.params import RNNParams


class RNNCache(NamedTuple):
    """What the forward pass keeps for the way back, itself and not as copies, as ``LSTMCache``.

    Attributes
    ----------
    params : RNNParams
    x : ndarray, shape (T, B, D)
    h : ndarray, shape (T + 1, B, H)
        ``h[0]`` is the initial state.
    """

    params: RNNParams
    x: np.ndarray
    h: np.ndarray


class RNNGrads(NamedTuple):
    """Gradients of the loss, as `lstm_ref.rnn_backward` returns them.

    Attributes
    ----------
    x : ndarray, shape (T, B, D)
    h : ndarray, shape (T + 1, B, H)
        Of every state, through all paths.
    h0 : ndarray, shape (B, H)
        That of h0, ``h[0]``.
    params : RNNParams
    """

    x: np.ndarray
    h: np.ndarray
    params: RNNParams

    @property
    def h0(self):
        """Gradient of the initial hidden state, (B, H)."""
        return self.h[0]


def rnn_forward(x, params, h0=None):
    """Run the vanilla RNN over a batch of sequences.

    Parameters
    ----------
    x : array_like, shape (T, B, D)
    params : RNNParams
    h0 : array_like, shape (B, H), optional
        Initial hidden state, zero by default.

    Returns
    -------
    h : ndarray, shape (T, B, H)
        Hidden state after every step. Its dtype follows all arguments.
    h_T : ndarray, shape (B, H)
        Final hidden state.
    cache : RNNCache
        For `rnn_backward`.

    Raises
    ------
    ValueError
        If a shape does not fit `params` or the batch sizes differ.
    """
    x, h0, dtype = check_sequence(x, params, h0=h0)
    T, B, _ = x.shape

    h = np.empty((T + 1, B, params.hidden_size), dtype)
    h[0] = h0
    h[1:] = x @ params.W_x.T + params.b
    W_hT = np.ascontiguousarray(params.W_h.T)
    for t in range(T):
        h[t + 1] += h[t] @ W_hT
        np.tanh(h[t + 1], out=h[t + 1])
    return h[1:], h[T].copy(), RNNCache(params, x, h)


def rnn_backward(cache, dh, dh_T=None):
    """Backpropagate through time.

    Parameters
    ----------
    cache : RNNCache
        From `rnn_forward`.
    dh : array_like, shape (T, B, H)
        ∂L/∂h_t for every step, as the loss L sees h_t directly.
    dh_T : array_like, shape (B, H), optional
        ∂L/∂h_T on top of ``dh[-1]``; zero by default.

    Returns
    -------
    grads : RNNGrads
        ``.x`` (T, B, D), ``.h0`` (B, H), ``.params`` (an `RNNParams`), and
        ``.h`` (T + 1, B, H), the gradient of every state through all paths.

    Raises
    ------
    ValueError
        If a shape does not fit the cache.

    References
    ----------
    R. Pascanu, T. Mikolov and Y. Bengio, "On the difficulty of training
    recurrent neural networks", ICML 2013, equations 3 to 5.
    """
    params, x, h = cache
    T, B, D = x.shape
    H = params.hidden_size
    dh, dh_T, dtype = check_upstream(h, dh, dh_T=dh_T)

    grad_h = np.zeros((T + 1, B, H), dtype)
    grad_h[1:] = dh
    grad_h[T] += dh_T
    dz = (1 - h[1:] * h[1:]).astype(dtype, copy=False)  # tanh' = 1 - tanh²
    for t in reversed(range(T)):
        dz[t] *= grad_h[t + 1]
        grad_h[t] += dz[t] @ params.W_h

    dz = dz.reshape(T * B, H)
    dx = (dz @ params.W_x).reshape(T, B, D)
    dW = dz.T @ np.concatenate([h[:-1], x], axis=2).reshape(T * B, H + D)
    return RNNGrads(dx, grad_h, RNNParams(dW, dz.sum(axis=0)))
