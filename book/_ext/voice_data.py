"""What <lstm-listen> gets: a still picture in the page, weights and clips in a script of their own.

The script is made while the book is built, from what `lstm_book.data` holds; a click loads it.
"""

import base64
import json
from functools import cache

import numpy as np

from lstm_book import sounds, voice
from lstm_book.data import FOLDER, clips, log, silero

CLIPS = {  # what the page calls them: clip, noise, dB
    "A quiet room": ("test 0: en-gb", "pink", 25),
    "Somebody types": ("test 2: de", "typing", 5),
}


def as_text(array):
    """Return an array's bytes in base64."""
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")


def packed(array, bits):
    """Return an array as lstm-voice.js reads it: in 32 bits, or a matrix in 8, by rows."""
    kept = {"shape": list(array.shape)}
    if bits == 32 or array.ndim < 2:
        return kept | {"data": as_text(array.astype("<f4"))}
    rows = array.reshape(len(array), -1)
    scales = abs(rows).max(axis=1).astype("<f4") / 127
    whole = np.round(rows / scales[:, None]).astype(np.int8)
    return kept | {"scales": [float(f"{s:.6g}") for s in scales], "data": as_text(whole)}


def unpacked(kept):
    """Return what a page makes of a packed array."""
    data = base64.b64decode(kept["data"])
    if "scales" not in kept:
        return np.frombuffer(data, "<f4").astype(float).reshape(kept["shape"])
    whole = np.frombuffer(data, np.int8).reshape(kept["shape"][0], -1)
    return (whole * np.float32(kept["scales"])[:, None]).astype(float).reshape(kept["shape"])


def companded(sound):
    """Keep sound in 8 bits a sample, finer where it is quiet (μ-law)."""
    return np.round(127 * np.sign(sound) * np.log1p(255 * abs(sound)) / np.log(256)).astype(np.int8)


def expanded(kept):
    """Return what a page makes of companded sound."""
    return np.sign(kept) * (256.0 ** (abs(kept.astype(float)) / 127) - 1) / 255


@cache
def recordings():
    """Return the page's clips by what it calls them, companded."""
    made = {}
    for k, (title, (name, kind, level)) in enumerate(CLIPS.items()):
        clean = clips()[name]
        unwanted = sounds.noise(kind, len(clean), np.random.default_rng([2026, k]))
        made[title] = companded(sounds.mix(clean, unwanted, level))
    return made


def weights(bits=8):
    """Return the detector's weights, packed, by name."""
    return {name: packed(array, bits) for name, array in silero().items()}


def script(bits=8):
    """Return the script that a click loads."""
    data = {"weights": weights(bits), "clips": [as_text(one) for one in recordings().values()]}
    licence = (FOLDER / "silero_license.txt").read_text("ascii")
    whole = json.dumps(data, separators=(",", ":"))
    said = f"/* The weights are those of Silero VAD 6.2.3.\n\n{licence}*/\n"
    return f"{said}window.lstmVoice = {whole};\n"


@cache
def still():
    """Return what the page shows before a click: the first clip, with the page's weights."""
    memory = log("voice")["memories"]["units"][0]
    given = {name: unpacked(kept) for name, kept in weights().items()}
    sound = expanded(next(iter(recordings().values())))
    chunks = voice.cut(sound)
    heard = voice.listen(voice.features(chunks, given)[:, None], voice.lstm_of(given), given)
    values = {
        "loud": abs(chunks[:, voice.BEFORE :]).max(axis=1),
        "p": heard.p[:, 0],
        **{gate: getattr(heard, gate).mean(axis=2)[:, 0] for gate in ("f", "i", "o")},
        "memory": heard.c[:, 0, memory],
    }
    rounded = {name: [round(float(v), 3) for v in row] for name, row in values.items()}
    return {"memory": memory, "clips": list(CLIPS), "heard": rounded}
