"""Take the detector's weights out of Silero's wheel, and what its TorchScript answers.

    pip download --no-deps silero-vad==6.2.3
    python -m lstm_book.train.voice_weights silero_vad-6.2.3-py3-none-any.whl

Only the TorchScript in the wheel is read; the file of weights beside it holds others. Its answers
to the clips of the repository, with noise, are what the tests expect of `lstm_book.voice`.
"""

import hashlib
import io
import json
import sys
import zipfile
from importlib.resources import files

import numpy as np
import torch

from lstm_book import sounds
from lstm_book.data import FOLDER, clips, silero
from lstm_book.voice import BEFORE, RATE, cut, features

INSIDE = "silero_vad/data/silero_vad.jit"
SHA256 = "7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8"
RNN = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
FOR_STUDENTS = ("tune 0: en-gb", "pink", 5), ("test 2: de", "typing", 5)  # clip, noise, dB


def taken(state):
    """Return the arrays that are kept, by the names of `lstm_book.voice`."""
    kept = {f"rnn.{name}": state[f"_model.decoder.rnn.{name}"] for name in RNN}
    for k in range(4):
        for kind in "weight", "bias":
            kept[f"conv{k}.{kind}"] = state[f"_model.encoder.{k}.reparam_conv.{kind}"]
    kept["out.weight"] = state["_model.decoder.decoder.2.weight"][0, :, 0]
    kept["out.bias"] = state["_model.decoder.decoder.2.bias"][0]
    return {name: a.numpy().astype(np.float32) for name, a in kept.items()}


def in_64_bits(script, chunks):
    """Run the program's parts one after the other, in twice its precision.

    As a whole it rounds to 32 bits between them; here only the Fourier transform still does.
    """
    model = torch.jit.load(io.BytesIO(script))._model.double()
    answers, state = [], None
    with torch.no_grad():
        for one in chunks.double():
            x = model.encoder(model.stft(one[None]).double())
            state = model.decoder.rnn(x.squeeze(-1), state)
            answers.append(model.decoder.decoder(state[0].unsqueeze(-1)).item())
    return answers


def main(path):
    """Write the weights, and the table of answers."""
    with open(path, "rb") as file:
        data = file.read()
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        sys.exit(f"{path}: expected the wheel with the SHA-256 {SHA256}, got {found}")
    script = zipfile.ZipFile(io.BytesIO(data)).read(INSIDE)
    model = torch.jit.load(io.BytesIO(script))
    np.savez_compressed(FOLDER / "silero.npz", **taken(model.state_dict()))

    torch.set_num_threads(1)
    answers = {}
    for name, clean in clips().items():
        chunks = torch.tensor(cut(sounds.in_pink(clean)).copy())
        model.reset_states()
        with torch.no_grad():
            plain = [model(one[None, BEFORE:], RATE).item() for one in chunks]
        answers[name] = {"as it is": plain, "in 64 bits": in_64_bits(script, chunks)}
    lines = (f"{json.dumps(name)}: {json.dumps(p)}" for name, p in answers.items())
    (FOLDER / "silero_answers.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf8")
    write_for_students()


def write_for_students():
    """Write what the assignment needs: the LSTM, and two clips as it reads them; 16 bits each."""
    weights = silero()
    kept = {name: weights[f"rnn.{name}"].astype(np.float16) for name in RNN}
    kept |= {"w": weights["out.weight"].astype(np.float16), "d": weights["out.bias"]}
    for k, (name, kind, level) in enumerate(FOR_STUDENTS):
        clean = clips()[name]
        unwanted = sounds.noise(kind, len(clean), np.random.default_rng([7, k]))
        chunks = cut(sounds.mix(clean, unwanted, level))
        kept[f"x{k}"] = features(chunks, weights)[:, None].astype(np.float16)
        kept[f"speaking{k}"] = sounds.speaking(clean)
        kept[f"loud{k}"] = abs(chunks[:, BEFORE:]).max(axis=1).astype(np.float16)
    np.savez_compressed(files("lstm_check") / "voice.npz", **kept)


if __name__ == "__main__":
    main(sys.argv[1])
