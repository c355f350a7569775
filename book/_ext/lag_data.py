"""The data that <gradient-lag> draws: how a gradient fades, or grows, on its way back in time."""

from functools import cache

import numpy as np

from lstm_ref import LSTMParams, RNNParams, rnn_backward, rnn_forward
from lstm_ref.fast import lstm_backward, lstm_forward

SPECTRAL_RADII = (np.arange(50, 205, 5) / 100).tolist()
FORGET_BIASES = (np.arange(-4, 13) / 2).tolist()
T, D, H = 100, 1, 64
SEEDS = range(5)
EVERY = 5  # steps between the lags that are kept


@cache
def gradient_lag_data():
    """Gradient norm against lag, for tanh RNNs and LSTMs that were not trained.

    The loss is L = v · h_T with a random v, the input is standard normal, and
    the weights are as `RNNParams.init` and `LSTMParams.init` draw them.

    Returns
    -------
    dict
        ``lag`` lists the lags k. ``rnn`` has a dict for each spectral radius
        and ``lstm`` one for each forget bias: ``value``, and ``log10_norm``,
        for each lag log10 of ‖∂L/∂h_{T-k}‖ / ‖∂L/∂h_T‖, the mean over the
        seeds, to two decimals.
    """
    return {
        "lag": list(range(0, T + 1, EVERY)),
        "rnn": [_curve(_rnn_norms, value) for value in SPECTRAL_RADII],
        "lstm": [_curve(_lstm_norms, value) for value in FORGET_BIASES],
    }


def _curve(norms, value):
    logs = np.mean([np.log10(_one_run(norms, value, seed)) for seed in SEEDS], axis=0)[::-1]
    log10_norm = (logs - logs[0])[::EVERY].round(2) + 0.0  # + 0.0: no "-0.0" in the JSON
    return {"value": value, "log10_norm": log10_norm.tolist()}


def _one_run(norms, value, seed):
    rng = np.random.default_rng(seed)
    return norms(value, rng, rng.standard_normal((T, 1, D)), rng.standard_normal((1, H)))


def _rnn_norms(spectral_radius, rng, x, dh_T):
    params = RNNParams.init(D, H, rng, spectral_radius=spectral_radius)
    _, _, cache = rnn_forward(x, params)
    return np.linalg.norm(rnn_backward(cache, np.zeros((T, 1, H)), dh_T).h, axis=(1, 2))


def _lstm_norms(forget_bias, rng, x, dh_T):
    params = LSTMParams.init(D, H, rng, forget_bias=forget_bias)
    _, _, cache = lstm_forward(x, params)
    return np.linalg.norm(lstm_backward(cache, np.zeros((T, 1, H)), dh_T).h, axis=(1, 2))
