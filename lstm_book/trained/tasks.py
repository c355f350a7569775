"""RNN and LSTM, each as PyTorch starts it and tuned, on three tasks: who learns what, how soon.

Four networks a task, of nearly equal numbers of weights. *Tuned* is the start that is known to be
good for each kind: orthogonal recurrent weights for the RNN, a forget bias of ln(T - 1) for the
LSTM. All four get the same learning rates to choose from, on seeds that are not reported, the
same data, batch, clipping and budget. Adam, batches of 32, gradients clipped at norm 1.
"""

import math
from multiprocessing import get_context

import numpy as np
import torch

from lstm_book import trained

B = 32
RATES = [0.003, 0.01, 0.03]
SEEDS = range(5)


def adding(T):
    """Return x, number and mark, and the sum of the two marked numbers."""
    x = torch.zeros(T, B, 2)
    x[:, :, 0] = torch.rand(T, B)
    for low, high in (0, T // 2), (T // 2, T):
        x[torch.randint(low, high, (B,)), torch.arange(B), 1] = 1
    return x, x.prod(dim=2).sum(dim=0)[:, None]


def order(T):
    """Return x, one of six letters a step, and which two of A and B it contained, in order."""
    letters = torch.randint(2, 6, (T, B))
    first, second = torch.randint(0, 2, (2, B))
    letters[torch.randint(T // 10, T // 5, (B,)), torch.arange(B)] = first
    letters[torch.randint(T // 2, 3 * T // 5, (B,)), torch.arange(B)] = second
    return torch.eye(6)[letters], torch.eye(4)[2 * first + second]


def latch(T):
    """Return x, a sign for three steps and then noise, and the sign."""
    y = torch.randint(0, 2, (B, 1)) * 2.0 - 1
    x = 0.2 * torch.randn(T, B, 1)
    x[:3] += y
    return x, y


TASKS = {  # name: task, T, hidden sizes of RNN and LSTM, goal, most steps
    "adding, T = 10": (adding, 10, 25, 12, 0.01, 3000),
    "adding, T = 20": (adding, 20, 25, 12, 0.01, 3000),
    "order, T = 40": (order, 40, 23, 10, 0.05, 2000),
    "latch, T = 80": (latch, 80, 17, 8, 0.05, 1000),
}


def network(name, T, D, sizes):
    """Return one of the four networks, freshly drawn."""
    kind, tuned = name.split(", ")
    if kind == "RNN":
        layer = torch.nn.RNN(D, sizes[0])
        if tuned == "tuned":
            torch.nn.init.orthogonal_(layer.weight_hh_l0)
    else:
        H = sizes[1]
        layer = torch.nn.LSTM(D, H)
        if tuned == "tuned":
            with torch.no_grad():
                layer.bias_ih_l0[H : 2 * H] = math.log(T - 1)
                layer.bias_hh_l0[H : 2 * H] = 0
    return layer


NETWORKS = ["RNN, default", "RNN, tuned", "LSTM, default", "LSTM, tuned"]


def train(name, setting, rate, seed):
    """Return the loss at every step, until its mean over 20 steps is below the goal."""
    task, T, *sizes, goal, most = setting
    torch.manual_seed(seed)
    x, y = task(T)
    layer = network(name, T, x.shape[2], sizes)
    readout = torch.nn.Linear(layer.hidden_size, y.shape[1])
    weights = [*layer.parameters(), *readout.parameters()]
    optimizer = torch.optim.Adam(weights, lr=rate, foreach=True)
    losses = []
    while len(losses) < most and (len(losses) < 20 or np.mean(losses[-20:]) >= goal):
        x, y = task(T)
        loss = (readout(layer(x)[0][-1]) - y).square().sum(dim=1).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses


def compare(job):
    """Choose a learning rate for a network on a task, train five seeds, and return what is kept."""
    task, name = job
    torch.set_num_threads(1)
    setting = TASKS[task]

    def trial(rate, seed):
        losses = train(name, setting, rate, seed)
        return len(losses), np.mean(losses[-20:])

    rate = trained.choose(RATES, trial)
    runs = [train(name, setting, rate, seed) for seed in SEEDS]
    result = {
        "learning rate": rate,
        "goal": setting[-2],
        "most steps": setting[-1],
        "steps": [len(losses) for losses in runs],
        "loss at end": [round(float(np.mean(losses[-20:])), 4) for losses in runs],
        "mean loss of 50 steps": [
            [float(f"{np.mean(losses[k : k + 50]):.2g}") for k in range(0, len(losses), 50)]
            for losses in runs
        ],
    }
    print(task, name, rate, result["steps"], result["loss at end"], flush=True)
    return f"{task}: {name}", result


def main():
    """Train everything and write the log: about ten minutes on two cores."""
    jobs = [(task, name) for task in TASKS for name in NETWORKS]
    with get_context("spawn").Pool() as pool:
        trained.write("tasks", dict(pool.map(compare, jobs, chunksize=1)))


if __name__ == "__main__":
    main()
