"""RNN and LSTM, each as PyTorch starts it and tuned, on three tasks: who learns what, how soon.

Four networks a task, of nearly equal numbers of weights. *Tuned* is the start that is known to be
good for each kind: orthogonal recurrent weights for the RNN, a forget bias of ln(T - 1) for the
LSTM. All four get the same learning rates to choose from, on seeds that are not reported, the
same data, batch, clipping and budget. Adam, batches of 32, gradients clipped at norm 1.

Networks of one kind train side by side: every array has a leading axis for the network.
"""

import math
from itertools import product

import numpy as np
import torch

from lstm_book.train import logs

B = 32
KINDS = ["RNN", "LSTM"]
RATES = [0.003, 0.01, 0.03]
TRIALS, SEEDS = [100, 101], [0, 1, 2, 3, 4]
BLOCK = 25  # steps whose mean loss is kept, for curves


def adding(T, B, gen):
    """Return x, number and mark, and the sum of the two marked numbers."""
    x = torch.zeros(T, B, 2)
    x[:, :, 0] = torch.rand(T, B, generator=gen)
    for low, high in (0, T // 2), (T // 2, T):
        x[torch.randint(low, high, (B,), generator=gen), torch.arange(B), 1] = 1
    return x, x.prod(dim=2).sum(dim=0)[:, None]


def order(T, B, gen):
    """Return x, one of six letters a step, and which two of A and B it contained, in order."""
    letters = torch.randint(2, 6, (T, B), generator=gen)
    first, second = torch.randint(0, 2, (2, B), generator=gen)
    for low, high, letter in (T // 10, T // 5, first), (T // 2, 3 * T // 5, second):
        letters[torch.randint(low, high, (B,), generator=gen), torch.arange(B)] = letter
    return torch.eye(6)[letters], torch.eye(4)[2 * first + second]


def latch(T, B, gen):
    """Return x, a sign for three steps and then noise, and the sign."""
    y = torch.randint(0, 2, (B, 1), generator=gen) * 2.0 - 1
    x = 0.2 * torch.randn(T, B, 1, generator=gen)
    x[:3] += y
    return x, y


TASKS = {  # name: task, T, hidden sizes of RNN and LSTM, goal, most steps
    "adding, T = 20": (adding, 20, {"RNN": 25, "LSTM": 12}, 0.01, 3000),
    "latch, T = 80": (latch, 80, {"RNN": 17, "LSTM": 8}, 0.05, 500),
    "order, T = 40": (order, 40, {"RNN": 23, "LSTM": 10}, 0.05, 1000),
}


def draw(kind, tuned, T, D, H, K, seed):
    """Return W_x, W_h, two biases and the readout, each uniform in ±1/√H as PyTorch draws them."""
    gen = torch.Generator().manual_seed(seed)
    rows = 4 * H if kind == "LSTM" else H  # of the LSTM: i, f, o, candidate
    shapes = (D, rows), (H, rows), (1, rows), (1, rows), (H, K), (1, K)
    weights = [(2 * torch.rand(shape, generator=gen) - 1) / math.sqrt(H) for shape in shapes]
    if tuned and kind == "RNN":
        weights[1] = torch.linalg.qr(torch.randn(H, H, generator=gen))[0]
    elif tuned:
        weights[2][:, H : 2 * H] = math.log(T - 1)
        weights[3][:, H : 2 * H] = 0
    return weights


def last_state(kind, x, W_x, W_h, b_x, b_h):
    """Return h_T, (N, B, H), of N networks that read x, (T, N, B, D)."""
    H = W_h.shape[1]
    h = c = torch.zeros(*x.shape[1:3], H)
    for z in x @ W_x + (b_x + b_h):
        z = torch.baddbmm(z, h, W_h)
        if kind == "RNN":
            h = torch.tanh(z)
        else:
            i, f, o = torch.sigmoid(z[..., : 3 * H]).chunk(3, dim=2)
            c = f * c + i * torch.tanh(z[..., 3 * H :])
            h = o * torch.tanh(c)
    return h


def train(kind, setting, networks, enough=np.all):
    """Train networks side by side, each a (tuned, rate, seed); return their losses by step.

    ``enough(met)`` says when to stop, given whose mean loss of 20 steps was below the goal once.
    """
    task, T, sizes, goal, most = setting
    seeds = sorted({seed for _, _, seed in networks})
    gen = torch.Generator().manual_seed(seeds[0])
    which = torch.tensor([seeds.index(seed) for _, _, seed in networks])
    rates = torch.tensor([rate for _, rate, _ in networks])[:, None, None]
    x, y = task(T, B, torch.Generator().manual_seed(0))
    D, K, H = x.shape[2], y.shape[1], sizes[kind]
    drawn = [draw(kind, tuned, T, D, H, K, seed) for tuned, _, seed in networks]
    weights = [torch.stack(w).requires_grad_() for w in zip(*drawn, strict=True)]
    m, s = ([torch.zeros_like(w) for w in weights] for _ in range(2))
    losses, met = [], np.zeros(len(networks), bool)
    while len(losses) < most and not enough(met):
        x, y = task(T, B * len(seeds), gen)  # the same batch for all networks of a seed
        x = x.view(T, len(seeds), B, D)[:, which]
        y = y.view(len(seeds), B, K)[which]
        *cell, V, d = weights
        loss = (last_state(kind, x, *cell) @ V + d - y).square().sum(dim=2).mean(dim=1)
        grads = torch.autograd.grad(loss.sum(), weights)
        losses.append(loss.detach().numpy())
        if len(losses) >= 20:
            met |= np.mean(losses[-20:], axis=0) < goal
        with torch.no_grad():
            norm = sum(g.square().sum(dim=(1, 2), keepdim=True) for g in grads).sqrt()
            n = len(losses)
            for w, g, m_w, s_w in zip(weights, grads, m, s, strict=True):
                g = g / norm.clamp(min=1)
                m_w.lerp_(g, 0.1)
                s_w.lerp_(g.square(), 0.001)
                w -= rates * m_w / (1 - 0.9**n) / ((s_w / (1 - 0.999**n)).sqrt() + 1e-8)
    return np.array(losses).T


def result(losses, goal):
    """Return the steps that one network needed, and its mean loss of the 20 before."""
    means = np.convolve(losses, np.ones(20) / 20, mode="valid")
    below = np.flatnonzero(means < goal)
    k = below[0] if len(below) else len(means) - 1
    return int(k + 20), float(means[k])


def compare(part):
    """Choose a learning rate for each start, train five seeds, and return what is kept."""
    task, kind = part.split(": ")
    setting = TASKS[task]
    goal, most = setting[-2:]
    networks = list(product([False, True], RATES, TRIALS))

    def chosen(met):
        """Tell whether both starts have a rate at which all trials are done: no other is faster."""
        return met.reshape(2, len(RATES), len(TRIALS)).all(axis=2).any(axis=1).all()

    trials = dict(zip(networks, train(kind, setting, networks, chosen), strict=True))
    rates = {
        tuned: logs.choose(
            RATES, lambda rate, seed, t=tuned: result(trials[t, rate, seed], goal), TRIALS
        )
        for tuned in (False, True)
    }
    networks = [(tuned, rates[tuned], seed) for tuned in (False, True) for seed in SEEDS]
    losses = train(kind, setting, networks)
    kept = {"goal": goal, "most steps": most}
    for tuned, name in (False, "default"), (True, "tuned"):
        rows = losses[:5] if not tuned else losses[5:]
        steps, ends = zip(*(result(row, goal) for row in rows), strict=True)
        kept[name] = {
            "learning rate": rates[tuned],
            "steps": steps,
            "loss at end": [round(end, 4) for end in ends],
            f"mean loss of {BLOCK} steps": [
                [float(f"{row[k : k + BLOCK].mean():.2g}") for k in range(0, n, BLOCK)]
                for row, n in zip(rows, steps, strict=True)
            ],
        }
    return kept


if __name__ == "__main__":
    torch.set_num_threads(1)
    logs.run("tasks", [f"{task}: {kind}" for task in TASKS for kind in KINDS], compare)
