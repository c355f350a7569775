"""Train the encoders and decoders of *From sequence to sequence*: with and without attention.

Two tasks: letters in reverse order, up to 20 of them, and dates as people write them, to be written
as 1994-05-03. Two networks for each, with about as many weights: one hands its decoder nothing but
the encoder's last state, the other lets the decoder look at all of them. All else is the same:
batches, updates, optimizer, clipping. The weights that are kept are those of the first seed.

``make train WHAT=sequence_to_sequence``: about 5 minutes on one core.
"""

import time

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from lstm_book.data import FOLDER, pairs
from lstm_book.train import logs

E, B, UPDATES = 16, 64, 1000
RATE, CLIP = 0.01, 1.0
SIZES = {"one vector": 74, "attention": 64}  # so that the weights are about as many
SEEDS = range(5)


class Translator(torch.nn.Module):
    """An encoder, a decoder that begins where it ended, and scores for what comes next."""

    def __init__(self, characters, size, attention):
        super().__init__()
        self.embed = torch.nn.Embedding(characters, E)
        self.encoder, self.decoder = torch.nn.LSTM(E, size), torch.nn.LSTM(E, size)
        if attention:
            self.match = torch.nn.Linear(size, size, bias=False)
            self.combine = torch.nn.Linear(2 * size, size)
        self.readout = torch.nn.Linear(size, characters)
        with torch.no_grad():
            for layer in self.encoder, self.decoder:
                layer.bias_ih_l0[size : 2 * size] = 1
                layer.bias_hh_l0.zero_()

    def decode(self, y, seen, state):
        """Return scores (T, B, V) after each of y (T, B), and the decoder's state."""
        h, state = self.decoder(self.embed(y), state)
        if hasattr(self, "match"):
            scores = torch.einsum("tbh,sbh->tbs", self.match(h), seen)
            context = torch.einsum("tbs,sbh->tbh", scores.softmax(dim=2), seen)
            h = torch.tanh(self.combine(torch.cat([context, h], dim=2)))
        return self.readout(h), state

    def forward(self, x, y):
        """Return scores for y (T, B), each step being told what came before (teacher forcing)."""
        begin = torch.zeros_like(y[:1])
        return self.decode(torch.cat([begin, y[:-1]]), *self.encoder(self.embed(x)))[0]

    def write(self, x, steps):
        """Return what it writes by itself, (steps, B): the likeliest character at every step."""
        seen, state = self.encoder(self.embed(x))
        y, written = torch.zeros_like(x[:1]), []
        for _ in range(steps):
            scores, state = self.decode(y, seen, state)
            y = scores.argmax(dim=2)
            written.append(y)
        return torch.cat(written)


def loss(model, batch):
    """Return the mean cross-entropy of a batch, in nats a character."""
    x, y = map(torch.from_numpy, batch)
    return cross_entropy(model(x, y).flatten(0, 1), y.flatten())


def train(task, kind, seed):
    """Train one network on batches of one length each, so that nothing is padded."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = Translator(len(pairs.CHARACTERS[task]), SIZES[kind], kind == "attention")
    optimizer = torch.optim.Adam(model.parameters(), RATE, foreach=True)
    fall = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, UPDATES)
    draw = pairs.batches(task, B, rng)
    for _ in range(UPDATES):
        optimizer.zero_grad()
        loss(model, next(draw)).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        fall.step()
    return model.eval()


def right(model, x, y):
    """Return what is right of y, (T, B): told what came before, and on its own."""
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    with torch.no_grad():
        told, alone = model(x, y).argmax(dim=2) == y, model.write(x, len(y)) == y
    return told.numpy(), alone.numpy()


def test(task, model):
    """Return by length: sequences that are right, and characters, told and on its own."""
    found = {"sequences": {}, "told": {}, "alone": {}}
    for length, (x, y) in pairs.tests(task).items():
        told, alone = right(model, x, y)
        found["sequences"][length] = alone.all(axis=0).mean()
        found["told"][length], found["alone"][length] = told.mean(), alone.mean()
    return {key: {n: round(float(v), 4) for n, v in row.items()} for key, row in found.items()}


def part(name):
    """Train five seeds, test them, and keep the first."""
    task, kind = name.split(": ")
    began = time.process_time()

    models = [train(task, kind, seed) for seed in SEEDS]
    tested = [test(task, model) for model in models]
    path = FOLDER / "sequence_to_sequence.npz"
    kept = dict(np.load(path)) if path.is_file() else {}
    weights = models[0].state_dict()
    kept |= {f"{name}: {key}": w.numpy().astype(np.float16) for key, w in weights.items()}
    np.savez_compressed(path, **kept)
    return {
        "weights": sum(w.numel() for w in weights.values()),
        "minutes of CPU": round((time.process_time() - began) / 60, 1),
        **{key: {n: [one[key][n] for one in tested] for n in tested[0][key]} for key in tested[0]},
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    parts = [f"{task}: {kind}" for task in pairs.CHARACTERS for kind in SIZES]
    logs.run("sequence_to_sequence", parts, part)
