"""Right answers to the assignment *adding-problem*."""

import numpy as np

import lstm_ref


def one_by_one(numbers, first, second):
    T, B = numbers.shape
    x = np.zeros((T, B, 2))
    y = np.zeros((B, 1))
    for k in range(B):
        for t in range(T):
            x[t, k, 0] = numbers[t, k]
            if t in (first[k], second[k]):
                x[t, k, 1] = 1
                y[k, 0] += numbers[t, k]
    return x, y


def compared(numbers, first, second):
    steps = np.arange(len(numbers))[:, None]
    marks = (steps == first) | (steps == second)
    return np.stack([numbers, marks], axis=2), (numbers * marks).sum(axis=0, keepdims=True).T


def by_identity(numbers, first, second):
    marks = (np.eye(len(numbers))[first] + np.eye(len(numbers))[second]).T
    x = np.concatenate([numbers[..., None], marks[..., None]], axis=-1)
    return x, np.einsum("tb,tb->b", *np.moveaxis(x, 2, 0)).reshape(-1, 1)


def along_the_axis(numbers, first, second):
    steps = np.stack([first, second])
    marks = np.zeros_like(numbers)
    np.put_along_axis(marks, steps, 1, axis=0)
    sums = np.take_along_axis(numbers, steps, axis=0).sum(axis=0)
    return np.dstack([numbers, marks]), sums[:, np.newaxis]


MAKE_BATCH = [one_by_one, compared, by_identity, along_the_axis]


def gate_by_gate(x, y, hidden_size, seed):
    """Keep each gate's arrays, start with a higher forget bias, and do not clip."""
    rng = np.random.default_rng(seed)
    H = hidden_size
    weights = {f"W_{g}": rng.uniform(-1, 1, (H, H + 2)) / np.sqrt(H) for g in "fico"}
    weights |= {f"b_{g}": np.full(H, 2.0 if g == "f" else 0.0) for g in "fico"}
    readout = {"V": rng.normal(size=(1, H)) / np.sqrt(H), "d": np.ones(1)}
    m = {name: 0 * w for name, w in (weights | readout).items()}
    v = {name: 0 * w for name, w in (weights | readout).items()}
    for k in range(len(x)):
        h, _, cache = lstm_ref.lstm_forward(x[k], lstm_ref.LSTMParams.from_gates(**weights))
        dy = 2 * (h[-1] @ readout["V"].T + readout["d"] - y[k]) / y[k].size
        back = lstm_ref.lstm_backward(cache, np.zeros_like(h), dh_T=dy @ readout["V"])
        g = {name: getattr(back.params, name) for name in weights}
        g |= {"V": dy.T @ h[-1], "d": dy.sum(axis=0)}
        for name, w in (weights | readout).items():
            m[name] = 0.9 * m[name] + 0.1 * g[name]
            v[name] = 0.99 * v[name] + 0.01 * g[name] ** 2
            w -= 0.01 * m[name] / (np.sqrt(v[name]) + 1e-6)
    return weights | readout


def set_by_hand(x, y, hidden_size, seed):
    """Need no training: a unit that writes a hundredth of each marked number."""
    H = hidden_size
    weights = {f"W_{g}": np.zeros((H, H + 2), np.float32) for g in "fico"}
    weights |= {f"b_{g}": np.full(H, 15, np.float32) for g in "fo"}
    weights |= {"b_i": np.full(H, -15, np.float32), "b_c": np.zeros(H, np.float32)}
    weights["W_i"][:, -1] = 30
    weights["W_c"][:, -2] = 0.01
    return weights | {"V": np.full((1, H), 100 / H), "d": np.zeros(1)}


TRAIN = [gate_by_gate, set_by_hand]
HONEST = {"make_batch": MAKE_BATCH, "train": TRAIN}
