"""Clips to hear: when somebody speaks in them, noise to put over them, two simple detectors."""

from itertools import pairwise

import numpy as np

from lstm_book.voice import CHUNK, RATE, cut, spectrum

LEVELS = [30, 20, 10, 5, 0, -5]  # speech over noise, in dB
NOISES = ["white", "pink", "hum", "typing", "chords"]
PAUSE = 5  # chunks; a pause that is no longer belongs to the speech around it


def power(sound):
    """Return the mean square of each chunk: (N,) to (chunks,)."""
    return (cut(sound)[:, -CHUNK:] ** 2).mean(axis=1)


def speaking(clean, below=40, pause=PAUSE):
    """Tell from a clip without noise in which of its chunks somebody speaks.

    A chunk counts that is less than `below` dB under the loudest one, and so do up to `pause`
    chunks between two that do.
    """
    found = power(clean) > power(clean).max() / 10 ** (below / 10)
    for a, b in pairwise(np.flatnonzero(found)):
        if b - a <= pause + 1:
            found[a:b] = True
    return found


def noise(kind, n, rng):
    """Return n samples of noise of a kind of `NOISES`; how loud it is to be says `mix`.

    Typing and chords come and go, so that loudness alone does not tell them from speech.
    """
    t = np.arange(n) / RATE
    if kind == "white":
        return rng.normal(size=n)
    if kind == "pink":  # as much power in every octave
        spectrum = np.fft.rfft(rng.normal(size=n))
        spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
        return np.fft.irfft(spectrum, n)
    if kind == "hum":  # of the mains, with the harmonics of a bad contact
        tones = (np.sin(2 * np.pi * 50 * k * t + rng.uniform(0, 6)) / k for k in range(1, 20))
        return sum(tones) + 0.05 * rng.normal(size=n)
    if kind == "typing":
        sound = 0.02 * rng.normal(size=n)
        for start in np.cumsum(rng.uniform(0.08, 0.3, 1 + n // 1000)):
            at = int(start * RATE)
            click = rng.normal(size=len(sound[at : at + 800]))
            sound[at : at + 800] += click * np.exp(-np.arange(len(click)) / 120)
        return sound
    sound = 0.01 * rng.normal(size=n)  # chords: three tones with harmonics, struck again and again
    for start in np.arange(0, n / RATE, 0.4):
        since = np.maximum(t - start, 0)
        struck = (t >= start) * np.exp(-4 * since)
        for pitch in 220 * 2 ** (rng.choice([0, 3, 5, 7, 10, 12, 15], 3) / 12):
            sound += struck * sum(np.sin(2 * np.pi * pitch * k * since) / k for k in (1, 2, 3, 4))
    return sound


def mix(clean, unwanted, level):
    """Put noise over a clip, so that its speech is `level` dB louder than the noise."""
    there = power(clean)[speaking(clean)].mean()
    scale = np.sqrt(there / (unwanted**2).mean() / 10 ** (level / 10))
    return clean + scale * unwanted


def in_pink(clean, level=10):
    """Put pink noise over a clip, always the same; what comes out has 32 bits a sample."""
    rng = np.random.default_rng(len(clean))
    return mix(clean, noise("pink", len(clean), rng), level).astype(np.float32)


def loudness(sound):
    """Return how many dB each chunk is above the quiet ones: above the tenth percentile.

    It hears the whole clip before it answers, which the LSTM does not.
    """
    level = 10 * np.log10(power(sound) + 1e-9)
    return level - np.percentile(level, 10)


def flux(sound):
    """Return how much the spectrum of each chunk grows: the mean of what its log gains."""
    windows = np.log(spectrum(cut(sound)) + 1e-3).reshape(-1, 129)
    gained = np.maximum(np.diff(windows, axis=0, prepend=windows[:1]), 0)
    return gained.mean(axis=1).reshape(-1, 4).mean(axis=1)


def smooth(score, width):
    """Take the mean of `width` chunks around each: (chunks,) to (chunks,)."""
    around = np.pad(score, (width // 2, width - 1 - width // 2), mode="edge")
    return np.convolve(around, np.ones(width) / width, mode="valid")


def best_threshold(score, labels):
    """Return the threshold with which most chunks are right, and the fraction that is."""
    order = np.argsort(score)
    ordered = labels[order]
    # With k chunks below the threshold: silent ones among them, and speech among the rest.
    right = np.concatenate([[0], np.cumsum(~ordered)]) + ordered.sum()
    right[1:] -= np.cumsum(ordered)
    k = right.argmax()
    edges = np.concatenate([[-np.inf], score[order], [np.inf]])
    return (edges[k] + edges[k + 1]) / 2 if 0 < k < len(order) else edges[k], right[k] / len(order)


def tune(scores, labels, widths=(1, 3, 5, 7, 9, 13, 17, 25)):
    """Return width and threshold that suit clips best; their scores and labels come in lists."""
    whole = np.concatenate(labels)
    fits = []
    for width in widths:
        smoothed = np.concatenate([smooth(score, width) for score in scores])
        threshold, right = best_threshold(smoothed, whole)
        fits.append((right, -width, float(threshold)))
    _, width, threshold = max(fits)
    return -width, threshold
