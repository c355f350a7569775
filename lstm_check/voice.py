"""What the assignment *voice* runs: the LSTM of Silero's detector, and two clips that it hears.

Weights and features are rounded to 16 bits; `lstm_book.train.voice_weights` wrote them. The weights
are those of Silero VAD 6.2.3, <https://github.com/snakers4/silero-vad>, under this licence:

MIT License

Copyright (c) 2020-present Silero Team

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np


class Clip(NamedTuple):
    """A clip, in chunks of 32 ms.

    Attributes
    ----------
    x : ndarray, shape (T, 1, 128)
        What the detector's first layers make of each chunk.
    speaking : ndarray of bool, shape (T,)
        Whether somebody speaks.
    loud : ndarray, shape (T,)
        The largest sample of each chunk.
    """

    x: np.ndarray
    speaking: np.ndarray
    loud: np.ndarray


@cache
def _stored():
    with (files("lstm_check") / "voice.npz").open("rb") as file, np.load(file) as stored:
        return {
            name: array if array.dtype == bool else array.astype(float)
            for name, array in stored.items()
        }


def state():
    """Return the LSTM's weights as PyTorch's cell keeps them, in a dict."""
    return {name: _stored()[name] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}


def readout():
    """Return w, of shape (128,), and d, a number."""
    return _stored()["w"], float(_stored()["d"])


def clips():
    """Return two clips: other voices, other languages, other noise."""
    return [Clip(*(_stored()[f"{name}{k}"] for name in Clip._fields)) for k in (0, 1)]
