"""What single memories of the character model hold: what is true of a text, and who follows it."""

import re

import numpy as np

import lstm_book.data
from lstm_ref import LSTMParams, fast


def network():
    """Return the LSTM of the kept seed (LSTMParams), and its readout: V (64, H) and d (64,)."""
    kept = lstm_book.data.weights("writer")
    return LSTMParams(kept["W"], kept["b"]), kept["readout_W"], kept["readout_b"]


def states(codes, params, streams=32):
    """Read a text and return the cell state after each character, (N, H).

    It is read in some parts at once, each from a state of zeros: N is the next lower multiple of
    their number.
    """
    parts = codes[: len(codes) // streams * streams].reshape(streams, -1).T
    one_hot = np.eye(params.input_size, dtype=params.W.dtype)
    h = c = None
    found = []
    for x in np.array_split(parts, len(parts) // 200 + 1):  # the caches of 200 steps are enough
        _, (h, c), cache = fast.lstm_forward(one_hot[x], params, h, c)
        found.append(cache.c[1:])
    return np.concatenate(found).swapaxes(0, 1).reshape(-1, params.hidden_size)


def features(text):
    """Say of each character what is true once it is read.

    Returns
    -------
    dict of ndarray, shape (N,)
        NaN where a feature does not apply.

        ``"place in the line"``
            Characters since the line began.
        ``"line of the speech"``
            Lines since the speaker was named.
        ``"a speaker's name"``
            1 within a line that names who speaks: after an empty line, before what is said.
        ``"a stage direction"``
            1 between brackets.
        ``"prose"``
            1 within a speech in which a line begins with a small letter, 0 within others of two
            lines or more: in verse each line begins with a capital. Names and directions are NaN.
    """
    names = ("place in the line", "line of the speech", "a speaker's name", "a stage direction")
    found = {name: np.zeros(len(text)) for name in names}
    found["prose"] = np.full(len(text), np.nan)
    for block in re.finditer(r"(?:.+\n?)+", text):  # lines without an empty one between them
        lines = block[0].splitlines(keepends=True)
        speech = [line for line in lines[1:] if line[0] != "["]
        prose = any(line[0].islower() for line in speech)
        named = len(lines) > 1 and lines[0][0] != "[" and lines[0].strip()[-1].isalpha()
        start = block.start()
        for number, line in enumerate(lines):
            there = slice(start, start + len(line))
            found["place in the line"][there] = np.arange(1, len(line) + 1)
            found["line of the speech"][there] = number if named else 0
            if named and number == 0:
                found["a speaker's name"][there] = 1
            elif named and line[0] != "[" and len(speech) > 1:
                found["prose"][there] = prose
            start += len(line)
    found["place in the line"][[k for k, c in enumerate(text) if c == "\n"]] = 0
    for direction in re.finditer(r"\[[^\]]*", text):
        found["a stage direction"][direction.start() : direction.end()] = 1
    return found


def correlation(values, states):
    """Return of each memory its correlation with a feature, (H,), where the feature applies."""
    there = ~np.isnan(values)
    x, z = values[there] - values[there].mean(), states[there] - states[there].mean(axis=0)
    return x @ z / np.sqrt((x @ x) * np.square(z).sum(axis=0) + 1e-12)


def follow(params):
    """Find for each feature the memory that follows it best in *Macbeth*, and try it in *Hamlet*.

    Parameters
    ----------
    params : LSTMParams

    Returns
    -------
    dict of dict
        By feature: ``"memory"``, its number; ``"Macbeth"`` and ``"Hamlet"``, its correlation with
        the feature in the last 50,000 characters of each.
    """
    texts, characters = lstm_book.data.plays()
    rows = {}
    for play, part in ("Macbeth", "validate"), ("Hamlet", "test"):  # the last of the test
        codes = texts[part][-50_000:]
        c = states(codes, params)
        text = "".join(characters[code] for code in codes[: len(c)])
        rows[play] = {name: correlation(v, c) for name, v in features(text).items()}
    found = {}
    for name, values in rows["Macbeth"].items():
        k = int(np.abs(values).argmax())
        found[name] = {"memory": k}
        found[name] |= {play: round(float(row[name][k]), 3) for play, row in rows.items()}
    return found
