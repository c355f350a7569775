"""Parity: which recurrences learn to track one bit, and over which lengths.

The input is a row of bits, the answer at every step is whether the number of ones so far is odd.
Five networks of 16 units with the same readout, which has a hidden layer of its own, so that it
need not be the recurrence that is not linear. Trained on 40 steps, tested on up to 2,000.
"""

import numpy as np
import torch

from lstm_book.train import logs

H, B, T, STEPS = 16, 64, 40, 2500
RATES = [0.003, 0.01, 0.03]
SEEDS = range(5)
LENGTHS = [10, 40, 100, 300, 1000, 2000]


class LinearRecurrence(torch.nn.Module):
    """h_t = a_t ⊙ h_{t-1} + b_t, with a_t and b_t from x_t alone, and a_t between `low` and 1."""

    def __init__(self, low):
        super().__init__()
        self.gates, self.low = torch.nn.Linear(1, 2 * H), low

    def forward(self, x):
        """Return all states, (T, B, H)."""
        z, b = self.gates(x).chunk(2, dim=2)
        a = self.low + (1 - self.low) * torch.sigmoid(z)
        h, states = torch.zeros_like(b[0]), []
        for a_t, b_t in zip(a, b, strict=True):
            h = a_t * h + b_t
            states.append(h)
        return (torch.stack(states),)


def lstm(blind):
    """Return an LSTM; if blind, gates and candidate never see h_{t-1}."""
    layer = torch.nn.LSTM(1, H)
    if blind:
        with torch.no_grad():
            layer.weight_hh_l0.zero_()
        layer.weight_hh_l0.requires_grad = False
    return layer


NETWORKS = {
    "RNN": lambda: torch.nn.RNN(1, H),
    "LSTM": lambda: lstm(blind=False),
    "LSTM, blind to h": lambda: lstm(blind=True),
    "linear, 0 to 1": lambda: LinearRecurrence(0.0),
    "linear, -1 to 1": lambda: LinearRecurrence(-1.0),
}


def bits(T, B=B):
    """Return x (T, B, 1) and the parity so far, (T, B, 1)."""
    x = torch.randint(0, 2, (T, B, 1)).float()
    return x, x.cumsum(dim=0) % 2


def train(name, rate, seed):
    """Return the right answers at every step of new sequences, (2000,), as a fraction."""
    torch.manual_seed(seed)
    layer = NETWORKS[name]()
    readout = torch.nn.Sequential(torch.nn.Linear(H, H), torch.nn.ReLU(), torch.nn.Linear(H, 1))
    weights = [w for m in (layer, readout) for w in m.parameters() if w.requires_grad]
    optimizer = torch.optim.Adam(weights, lr=rate, foreach=True)
    for k in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - k / STEPS)
        x, y = bits(T)
        z = readout(layer(x)[0])
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
    with torch.no_grad():
        x, y = bits(max(LENGTHS), 500)
        right = (readout(layer(x)[0]) > 0) == (y > 0)
    return right.float().mean(dim=(1, 2)).numpy()


def compare(name):
    """Choose a learning rate for a network, train five seeds, and return what is kept."""
    rate = logs.choose(
        RATES, lambda rate, seed: (STEPS, -train(name, rate, seed)[:T].mean()), (100, 101, 102)
    )
    right = np.array([train(name, rate, seed) for seed in SEEDS], float)
    # The last ten steps of each length: one step alone has 500 answers, ten have 5,000.
    by_length = {n: right[:, n - 10 : n].mean(axis=1).round(3).tolist() for n in LENGTHS}
    return {"learning rate": rate, "right": by_length}


if __name__ == "__main__":
    torch.set_num_threads(1)
    logs.run("parity", list(NETWORKS), compare)
