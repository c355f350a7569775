"""The data that <gradient-lag> draws: how a gradient fades, or grows, on its way back in time."""

from functools import cache

import numpy as np

from lstm_book import lag

SPECTRAL_RADII = (np.arange(50, 205, 5) / 100).tolist()
FORGET_BIASES = (np.arange(-4, 13) / 2).tolist()
EVERY = 5  # steps between the lags that are kept


@cache
def gradient_lag_data():
    """Gradient norm against lag, for tanh RNNs and LSTMs that were not trained.

    It is the experiment of `lstm_book.lag`, for more starts than the chapters show.

    Returns
    -------
    dict
        ``lag`` lists the lags k. ``rnn`` has a dict for each spectral radius
        and ``lstm`` one for each forget bias: ``value``, and ``log10_norm``,
        for each lag log10 of ‖∂L/∂h_{T-k}‖ / ‖∂L/∂h_T‖, the median of the
        seeds, to two decimals.
    """
    return {
        "lag": list(range(0, lag.T + 1, EVERY)),
        "rnn": [_curve(lag.rnn, value) for value in SPECTRAL_RADII],
        "lstm": [_curve(lag.lstm, value) for value in FORGET_BIASES],
    }


def _curve(start, value):
    medians = np.median(lag.against_lag(start(value))[:, ::EVERY], axis=0)
    log10_norm = np.log10(medians).round(2) + 0.0  # + 0.0: no "-0.0" in the JSON
    return {"value": value, "log10_norm": log10_norm.tolist()}
