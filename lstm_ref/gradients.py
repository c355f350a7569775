"""Gradients looked at: their norm at every step, and the backward pass checked."""

import numpy as np

from lstm_ref import lstm
from lstm_ref.params import LSTMParams

STEP = 1e-20  # far below rounding: a complex step has no difference to cancel


def gradient_norms(cache, dh, dh_T=None, dc_T=None):
    """Norm of the gradient of every hidden and every cell state.

    Parameters
    ----------
    cache, dh, dh_T, dc_T
        As for `lstm_backward`.

    Returns
    -------
    dh_norms, dc_norms : ndarray, shape (T + 1,)
        Euclidean norms, over batch and hidden units, of ∂L/∂h_t and ∂L/∂c_t
        through all paths, for t = 0 (the initial state) to T.
    """
    grads = lstm.lstm_backward(cache, dh, dh_T, dc_T)
    return np.linalg.norm(grads.h, axis=(1, 2)), np.linalg.norm(grads.c, axis=(1, 2))


def check_gradients(x, params, h0=None, c0=None, rng=None, backward=lstm.lstm_backward):
    """Compare `lstm_backward` with the complex-step derivative.

    For a real analytic loss L, ∂L/∂p = Im L(p + iε) / ε up to rounding, however
    small ε is (Squire and Trapp, "Using complex variables to estimate
    derivatives of real functions", SIAM Review 40(1), 1998). Every number of
    every array is perturbed once, so keep the sizes small, and the
    pre-activations below 700, where a complex exp ends.

    Parameters
    ----------
    x, params, h0, c0
        As for `lstm_forward`; real.
    rng : numpy.random.Generator, optional
        Draws the weights of the loss, L = Σ dh·h + Σ dh_T·h_T + Σ dc_T·c_T.
    backward : callable, optional
        The function to check, with the signature of `lstm_backward`.

    Returns
    -------
    float
        The largest of max|a - b| / max|b| over x, h0, c0, W and b, where a is
        the gradient that is checked and b the complex step's.
    """
    rng = np.random.default_rng(0) if rng is None else rng
    h, (h_T, c_T), cache = lstm.lstm_forward(x, params, h0, c0)
    dh, dh_T, dc_T = (rng.standard_normal(state.shape) for state in (h, h_T, c_T))
    grads = backward(cache, dh, dh_T, dc_T)
    given = {"x": grads.x, "h0": grads.h0, "c0": grads.c0, "W": grads.params.W, "b": grads.params.b}
    values = {"x": x, "h0": cache.h[0], "c0": cache.c[0], "W": params.W, "b": params.b}

    def loss(x, h0, c0, W, b):
        h, (h_T, c_T), _ = lstm.lstm_forward(x, LSTMParams(W, b), h0, c0)
        return (dh * h).sum() + (dh_T * h_T).sum() + (dc_T * c_T).sum()

    errors = [0.0]
    for name, value in values.items():
        perturbed = np.array(value, complex)
        expected = np.empty(perturbed.shape)
        for k in np.ndindex(perturbed.shape):
            perturbed[k] += 1j * STEP
            expected[k] = loss(**{**values, name: perturbed}).imag / STEP
            perturbed[k] -= 1j * STEP
        if expected.size:
            errors.append(abs(given[name] - expected).max() / (abs(expected).max() or 1.0))
    return float(np.max(errors))  # unlike max(), it does not pass over a NaN
