"""How many of the last 16 inputs an LSTM can be trained to show, by its hidden size."""

import numpy as np
import torch

from lstm_book import trained

K, UPDATES, RATE = 16, 1000, 0.02
SIZES = [4, 8, 16]
SEEDS = range(5)


def batch(T, B):
    """Return x (T, B, 1), and for steps K to T the last K inputs, latest first."""
    x = torch.randn(T, B, 1)
    return x, x[:, :, 0].unfold(0, K, 1).flip(-1)[1:]


def quality(layer):
    """Return R² of the best linear readout of each of the last K inputs, on new inputs."""
    with torch.no_grad():
        x, y = batch(2000, 8)
        h = layer(x)[0][K:].reshape(-1, layer.hidden_size).numpy()
    y = y.reshape(-1, K).numpy()
    h = h - h.mean(axis=0)
    w = np.linalg.lstsq(h, y, rcond=None)[0]
    r2 = 1 - ((h @ w - y) ** 2).mean(axis=0) / y.var(axis=0)
    return [round(float(value), 3) for value in r2]


def train(H, seed):
    """Return the quality before and after training."""
    torch.manual_seed(seed)
    layer, readout = torch.nn.LSTM(1, H), torch.nn.Linear(H, K)
    with torch.no_grad():
        layer.bias_ih_l0[H : 2 * H] = 1
        layer.bias_hh_l0[H : 2 * H] = 0
    before = quality(layer)
    weights = [*layer.parameters(), *readout.parameters()]
    optimizer = torch.optim.Adam(weights, lr=RATE, foreach=True)
    for _ in range(UPDATES):
        x, y = batch(48, 16)
        loss = (readout(layer(x)[0][K:]) - y).square().mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
    return before, quality(layer)


def main():
    """Train everything and write the log: about two minutes on one core."""
    torch.set_num_threads(1)
    results = {}
    for H in SIZES:
        before, after = zip(*(train(H, seed) for seed in SEEDS), strict=True)
        results[H] = {"untrained": before, "trained": after}
        print(H, *(round(sum(r2), 1) for r2 in after), flush=True)
    trained.write("recall", results)


if __name__ == "__main__":
    main()
