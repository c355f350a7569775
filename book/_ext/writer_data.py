"""The script that <lstm-writer> loads on a click: weights, what memories follow, a scene."""

import base64
import json

import numpy as np

from lstm_book.data import FOLDER, log, plays

SCENE = "HAMLET\nTo be, or not to be"  # of a play that was not learnt from
LENGTH = 2500


def writer_script():
    """Return the script's text."""
    texts, characters = plays()
    play = "".join(characters[code] for code in texts["test"])
    scene = play[play.index(SCENE) :][:LENGTH]
    with (FOLDER / "writer.npz").open("rb") as file, np.load(file) as kept:
        names = {"readout_W": "V", "readout_W_scale": "V_scale", "readout_b": "d"}
        weights = {
            names.get(key, key): base64.b64encode(kept[key].tobytes()).decode()
            for key in kept.files
        }
    memories = [(name, found["memory"]) for name, found in log("writer")["memories"].items()]
    data = {
        "characters": characters,
        "memories": memories,
        "scene": scene[: scene.rindex("\n") + 1],
        **weights,
    }
    return f"LSTM.writer = {json.dumps(data, separators=(',', ':'))};\n"
