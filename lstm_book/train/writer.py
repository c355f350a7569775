"""Train the character model of *A writer*: one LSTM layer on 35 plays, its state carried.

Each of 16 streams reads its own part of the text, 100 characters an update; the state goes on from
one update to the next, the gradient does not (truncated backpropagation through time). *Macbeth*
is for choosing, *Hamlet* and *The Tempest* are only read at the end. Counting, with the same text
and the same plays, is part of the log. The weights that are kept are those of the first seed,
rounded to 8 bits.

The network computes in bfloat16 while it learns: about 6 minutes a seed on a core that has the
instructions for it (AMX) and nothing else to do. What it has learnt is measured in float32.

``make train WHAT=writer``: about half an hour on such a core.
"""

import functools
import itertools
import lzma
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import cross_entropy, one_hot

from lstm_book import probe
from lstm_book.data import FOLDER, plays
from lstm_book.train import logs, ngrams

HIDDEN = 256
STREAMS, STEPS, UPDATES = 16, 100, 16_000
LEARNING_RATE, CLIP, FORGET_BIAS, DROPOUT = 4e-3, 1.0, 1.0, 0.2
SEEDS = range(5)
KEPT = Path("_build/train")
ORDERS = 10


class Writer(torch.nn.Module):
    """One-hot characters, an LSTM, dropout, and a score for each character that may come next."""

    def __init__(self, characters):
        super().__init__()
        self.characters = characters
        self.lstm = torch.nn.LSTM(characters, HIDDEN)
        self.dropout = torch.nn.Dropout(DROPOUT)
        self.readout = torch.nn.Linear(HIDDEN, characters)
        with torch.no_grad():
            self.lstm.bias_ih_l0[HIDDEN : 2 * HIDDEN] = FORGET_BIAS
            self.lstm.bias_hh_l0.zero_()

    def forward(self, x, state=None):
        """Return scores (T, B, V) for characters x (T, B), and the state after them."""
        h, state = self.lstm(one_hot(x, self.characters).float(), state)
        return self.readout(self.dropout(h)), state


def chances(model, text, streams=1):
    """Return the probability of each character of a text, but the first, and few at its end.

    It is read in some parts at once, each from start to end with its state carried on.
    """
    length = (len(text) - 1) // streams
    parts = torch.from_numpy(np.stack([text[k * length :][: length + 1] for k in range(streams)]).T)
    found, state = [], None
    model.eval()
    with torch.no_grad():
        for x, y in zip(parts[:-1].split(500), parts[1:].split(500), strict=True):
            scores, state = model(x, state)
            found.append(scores.softmax(dim=2).gather(2, y[:, :, None])[:, :, 0])
    return torch.cat(found).T.flatten().numpy()


def bits(model, text, streams=1):
    """Return the mean bits a character of a text."""
    return float(-np.log2(chances(model, text, streams).astype(float)).mean())


def train(seed, texts, characters):
    """Train a model; return it, its curve of updates and bits on *Macbeth*, and seconds of CPU.

    Every few seconds all is written to `KEPT`, from where a run that was stopped goes on.
    """
    torch.manual_seed(seed)
    model = Writer(characters)
    optimizer = torch.optim.Adam(model.parameters(), LEARNING_RATE)
    fall = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, UPDATES)
    length = len(texts["train"]) // STREAMS
    streams = torch.from_numpy(texts["train"][: length * STREAMS].reshape(STREAMS, length).T.copy())
    path, parts = KEPT / f"writer-{seed}.pt", {"model": model, "adam": optimizer, "fall": fall}
    done, start, state, curve, seconds = 0, length, None, [], 0.0
    if path.is_file():
        kept = torch.load(path)
        done, start, state, curve, seconds = kept.pop("run")
        for name, part in parts.items():
            part.load_state_dict(kept[name])
    began = time.process_time() - seconds
    for update in range(done + 1, UPDATES + 1):
        if start + STEPS + 1 > length:
            start, state = 0, None
        x, y = streams[start : start + STEPS], streams[start + 1 : start + STEPS + 1]
        start += STEPS
        with torch.autocast("cpu", torch.bfloat16):
            scores, state = model(x, state)
        loss = cross_entropy(scores.float().flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        fall.step()
        state = tuple(part.detach() for part in state)
        if update % (UPDATES // 10) == 0:
            curve.append([update, round(bits(model, texts["validate"], 16), 4)])
            print(f"seed {seed}: {update} of {UPDATES} updates, {curve[-1][1]} bits", flush=True)
            model.train()
        if update % 1000 == 0:
            seconds = time.process_time() - began
            KEPT.mkdir(parents=True, exist_ok=True)
            run = [update, start, state, curve, seconds]
            torch.save({**{n: p.state_dict() for n, p in parts.items()}, "run": run}, path)
    return model, curve, seconds


def packed(model):
    """Return weights as they are kept: whole numbers of 8 bits, a scale for each row, biases."""
    weights = {name: w.detach().numpy() for name, w in model.state_dict().items()}
    kept = {
        "b": weights["lstm.bias_ih_l0"] + weights["lstm.bias_hh_l0"],
        "readout_b": weights["readout.bias"],
    }
    stacked = np.hstack([weights["lstm.weight_hh_l0"], weights["lstm.weight_ih_l0"]])
    for name, W in ("W", stacked), ("readout_W", weights["readout.weight"]):
        kept[f"{name}_scale"] = np.abs(W).max(axis=1) / 127
        kept[name] = np.rint(W / kept[f"{name}_scale"][:, None]).astype(np.int8)
    return kept


def unpack(model, kept):
    """Put kept weights back into a model."""
    W, readout_W = (kept[n] * kept[f"{n}_scale"][:, None] for n in ("W", "readout_W"))
    weights = {
        "lstm.weight_hh_l0": W[:, :HIDDEN],
        "lstm.weight_ih_l0": W[:, HIDDEN:],
        "lstm.bias_ih_l0": kept["b"],
        "lstm.bias_hh_l0": np.zeros_like(kept["b"]),
        "readout.weight": readout_W,
        "readout.bias": kept["readout_b"],
    }
    model.load_state_dict({name: torch.from_numpy(w.copy()) for name, w in weights.items()})


@functools.cache
def count():
    """Return bits a character of all ways of counting, and the probabilities of the best."""
    texts, characters = plays()
    found, best, p_best = {}, {}, {}
    for part in ("validate", "test"):
        for smoothing, n, p in ngrams.predict(texts["train"], texts[part], ORDERS, len(characters)):
            bits = float(-np.log2(p).mean())
            found.setdefault(smoothing, {}).setdefault(part, []).append(round(bits, 4))
            if part == "validate" and bits < best.get("bits", np.inf):
                best = {"bits": bits, "way": (smoothing, n)}
                p_best[part] = p
            if part == "test" and best["way"] == (smoothing, n):
                p_best[part] = p
    return found, p_best


def in_little_room(texts, characters):
    """Return how well Kneser-Ney does in the room of the kept network, both compressed.

    It keeps n-grams of at most n characters that were `met` so often; *Macbeth* chooses.
    """
    with np.load(FOLDER / "writer.npz") as kept:
        room = len(lzma.compress(b"".join(kept[name].tobytes() for name in kept)))
    tables = [ngrams.counted(texts["train"], n) for n in range(1, 8)]
    ways = {}
    for met, part in itertools.product(range(2, 9), ("validate", "test")):
        for n, p, found in ngrams.kneser_ney(tables, texts[part], characters, met):
            if n > 3 and (met, n) not in ways:
                kept = sum(len(table.keys) for table in found)
                way = {"n": n, "met": met, "n-grams": kept, "bytes": ngrams.size(found)}
                ways[met, n] = way
            if n > 3:
                ways[met, n][part] = round(float(-np.log2(p).mean()), 4)
    fitting = [way for way in ways.values() if way["bytes"] <= room]
    best = min(fitting, key=lambda way: way["validate"])
    return {"bytes of the network": room, "best": best, "ways": [*ways.values()]}


def together(texts, characters):
    """Mix the kept network with the best way of counting, by a weight that *Macbeth* chooses."""
    model = Writer(characters)
    with np.load(FOLDER / "writer.npz") as kept:
        unpack(model, kept)
    counted = count()[1]
    pairs = {}
    for part, p in counted.items():
        q = chances(model, texts[part], 8)
        pairs[part] = p[: len(q)], q
    mixed = {
        share: {
            part: round(float(-np.log2((1 - share) * p + share * q).mean()), 4)
            for part, (p, q) in pairs.items()
        }
        for share in np.linspace(0, 1, 11).round(1).tolist()
    }
    share = min(mixed, key=lambda share: mixed[share]["validate"])
    return {"share of the network": share, "bits": mixed[share], "by share": mixed}


def part(name):
    """Do a part of the work: count, train with a seed, find what memories follow, or mix."""
    texts, characters = plays()
    if name == "counting":
        return count()[0]
    if name == "memories":
        return probe.follow(probe.network()[0])
    if name == "in little room":
        return in_little_room(texts, len(characters))
    if name == "together":
        return together(texts, len(characters))
    seed = int(name.removeprefix("seed "))
    model, curve, seconds = train(seed, texts, len(characters))
    result = {
        "curve": curve,
        "minutes of CPU": round(seconds / 60, 1),
        "train": round(bits(model, texts["train"][-len(texts["validate"]) :]), 4),
        **{key: round(bits(model, texts[key]), 4) for key in ("validate", "test")},
    }
    if seed == SEEDS[0]:
        kept = packed(model)
        np.savez_compressed(FOLDER / "writer.npz", **kept)
        unpack(model, kept)
        result["test, rounded to 8 bits"] = round(bits(model, texts["test"]), 4)
    return result


if __name__ == "__main__":
    torch.set_num_threads(1)
    seeds = [f"seed {seed}" for seed in SEEDS]
    logs.run("writer", ["counting", *seeds, "memories", "together", "in little room"], part)
