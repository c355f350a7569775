"""A voice-activity detector that is in use, Silero's: its front end in NumPy, its LSTM your cell.

Sound comes at 16,000 samples a second, in chunks of 512: 32 ms. A chunk, with the 64 samples
before it, becomes 128 numbers; an LSTM with 128 units reads these; a weighted sum of what it shows
says how probable it is that somebody speaks. ``lstm_book/data/README.md`` says whose weights these
are, and under which licence.
"""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lstm_ref import LSTMParams, lstm_cell, sigmoid

RATE, CHUNK, BEFORE = 16_000, 512, 64
UNITS = 128
STRIDES = [1, 2, 2, 1]  # of the four convolutions
HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(256) / 256)


def cut(sound):
    """Cut sound into chunks, each with the samples before it: (N,) to (chunks, 576).

    The last chunk is filled up with silence.
    """
    count = -(-len(sound) // CHUNK)
    padded = np.pad(sound, (BEFORE, count * CHUNK - len(sound)))
    return sliding_window_view(padded, BEFORE + CHUNK)[::CHUNK]


def spectrum(chunks):
    """Return how loud each pitch is in four windows of each chunk: (N, 576) to (N, 4, 129)."""
    padded = np.pad(chunks, ((0, 0), (0, 64)), mode="reflect")
    windows = sliding_window_view(padded, 256, axis=1)[:, ::128]
    return abs(np.fft.rfft(HANN * windows))


def convolve(x, weight, bias, stride):
    """Convolve over time, three steps at once: (N, T, channels) to (N, T / stride, channels)."""
    padded = np.pad(x, ((0, 0), (1, 1), (0, 0)))
    windows = sliding_window_view(padded, 3, axis=1)[:, ::stride]
    return np.tensordot(windows, weight, ([2, 3], [1, 2])) + bias


def features(chunks, weights):
    """Return the 128 numbers of each chunk that the LSTM reads: (N, 576) to (N, 128)."""
    x = spectrum(chunks)
    for k, stride in enumerate(STRIDES):
        z = convolve(x, weights[f"conv{k}.weight"], weights[f"conv{k}.bias"], stride)
        x = np.maximum(z, 0)
    return x[:, 0]


def lstm_of(weights):
    """Return the detector's LSTM as `LSTMParams`: its blocks are i, f, g, o; its biases two."""
    W = np.hstack([weights["rnn.weight_hh"], weights["rnn.weight_ih"]])
    b = weights["rnn.bias_hh"] + weights["rnn.bias_ih"]
    (W_i, W_f, W_c, W_o), (b_i, b_f, b_c, b_o) = np.split(W, 4), np.split(b, 4)
    return LSTMParams.from_gates(
        W_f=W_f, W_i=W_i, W_c=W_c, W_o=W_o, b_f=b_f, b_i=b_i, b_c=b_c, b_o=b_o
    )


class Heard(NamedTuple):
    """What the detector did with T chunks of B sounds.

    Attributes
    ----------
    p : ndarray, shape (T, B)
        How probable it is that somebody speaks.
    h, c, f, i, c_tilde, o : ndarray, shape (T, B, 128)
        States, gates and candidate after each chunk.
    """

    p: np.ndarray
    h: np.ndarray
    c: np.ndarray
    f: np.ndarray
    i: np.ndarray
    c_tilde: np.ndarray
    o: np.ndarray


def listen(x, params, weights, h=None, c=None, change=lambda t, h, c: (h, c)):
    """Run the detector's LSTM over features, a step of `lstm_cell` for each chunk.

    Parameters
    ----------
    x : ndarray, shape (T, B, 128)
        What `features` returns.
    params : LSTMParams
        The detector's own, from `lstm_of`, or what you have made of them.
    weights : dict
        For what follows the LSTM.
    h, c : ndarray, shape (B, 128), optional
        The states before the first chunk; zero without.
    change : callable, optional
        ``change(t, h, c)`` returns the states with which the next step goes on.

    Returns
    -------
    Heard
    """
    if h is None:
        h, c = np.zeros((2, x.shape[1], UNITS))
    steps = []
    for t, x_t in enumerate(x):
        h, c, gates = lstm_cell(x_t, h, c, params)
        h, c = change(t, h, c)
        z = np.maximum(h, 0) @ weights["out.weight"] + weights["out.bias"]
        steps.append((sigmoid(z), h, c, *gates))
    return Heard(*map(np.array, zip(*steps, strict=True)))


def tells(values, speaking):
    """Return of each column how often its value is higher in speech than in silence.

    Of all pairs of a chunk with speech and one without: 1 if always, 0 if never, 0.5 by chance;
    where both are equal, it counts half. It is the area under the ROC curve.

    Parameters
    ----------
    values : ndarray, shape (N, columns)
    speaking : ndarray of bool, shape (N,)

    Returns
    -------
    ndarray, shape (columns,)
    """
    shares = []
    for spoken, silent in zip(
        values[speaking].T, np.sort(values[~speaking], axis=0).T, strict=True
    ):
        lower, not_higher = (np.searchsorted(silent, spoken, side) for side in ("left", "right"))
        shares.append((lower + not_higher).mean() / 2 / len(silent))
    return np.array(shares)
