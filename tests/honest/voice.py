"""Right answers to the assignment *voice*."""

import numpy as np

from honest.gates import exp_form, tanh_form
from honest.styles import side_by_side, step, whole


def by_slices(state):
    H = state["weight_hh"].shape[1]
    params = {}
    for k, gate in enumerate("ifco"):
        rows = slice(k * H, k * H + H)
        params[f"W_{gate}"] = np.hstack([state["weight_hh"][rows], state["weight_ih"][rows]])
        params[f"b_{gate}"] = np.add(state["bias_hh"][rows], state["bias_ih"][rows])
    return params


def by_reshaping(state):
    H = len(state["bias_ih"]) // 4
    W = np.c_[state["weight_hh"], state["weight_ih"]].reshape(4, H, -1)
    b = sum(state[name].reshape(4, H) for name in ("bias_ih", "bias_hh"))
    at = {"i": 0, "f": 1, "c": 2, "o": 3}
    return {f"W_{g}": W[at[g]] for g in "fico"} | {f"b_{g}": b[at[g]] for g in "fico"}


def by_name(state):
    W_i, W_f, W_g, W_o = np.split(np.hstack((state["weight_hh"], state["weight_ih"])), 4)
    b_i, b_f, b_g, b_o = np.split(state["bias_hh"] + state["bias_ih"], 4)
    return dict(W_i=W_i, W_f=W_f, W_c=W_g, W_o=W_o, b_i=b_i, b_f=b_f, b_c=b_g, b_o=b_o)


lstm_cell = step(whole, exp_form, side_by_side)


def with_lists(x, params, w, d, h0, c0):
    p = []
    for x_t in x:
        h0, c0 = lstm_cell(x_t, h0, c0, params)
        p.append(tanh_form(np.where(h0 > 0, h0, 0) @ w + d))
    return np.array(p), h0, c0


def filled(x, params, w, d, h0, c0):
    T, B, _ = x.shape
    p = np.zeros((T, B), h0.dtype)
    h, c = h0.copy(), c0.copy()
    for t in range(T):
        h, c = lstm_cell(x[t], h, c, params)
        for b in range(B):
            z = d + sum(w[k] * h[b, k] for k in range(len(w)) if h[b, k] > 0)
            p[t, b] = exp_form(np.array(z))
    return p, h, c


def read_out_at_the_end(x, params, w, d, h0, c0):
    shown = []
    state = h0, c0
    for x_t in x:
        state = lstm_cell(x_t, *state, params)
        shown.append(state[0])
    shown = np.stack(shown)
    return exp_form(np.einsum("tbh,h->tb", shown * (shown > 0), w) + d), *state


def recursive(x, params, w, d, h0, c0):
    h, c = lstm_cell(x[0], h0, c0, params)
    p = exp_form(np.clip(h, 0, None) @ w + d)[None]
    if len(x) == 1:
        return p, h, c
    rest, h, c = recursive(x[1:], params, w, d, h, c)
    return np.concatenate([p, rest]), h, c


def in_loops(c, speaking):
    spoken, silent = np.flatnonzero(speaking), np.flatnonzero(speaking == 0)
    share = np.zeros(c.shape[1])
    for a in spoken:
        for b in silent:
            share += c[a] > c[b]
    return share / (len(spoken) * len(silent))


def by_ranks(c, speaking):
    ranks = np.argsort(np.argsort(c, axis=0), axis=0) + 1
    n, m = speaking.sum(), (~speaking).sum()
    return (ranks[speaking].sum(axis=0) - n * (n + 1) / 2) / (n * m)


def memory_by_memory(c, speaking):
    shares = []
    for column in c.T:
        pairs = np.subtract.outer(column[speaking], column[~speaking])
        shares.append(np.count_nonzero(pairs > 0) / pairs.size)
    return np.array(shares)


def ties_count_half(c, speaking):
    speech, silence = c[speaking, None], c[~speaking]
    return ((speech > silence) + 0.5 * (speech == silence)).mean((0, 1))


def searched(c, speaking):
    silence = np.sort(c[np.logical_not(speaking)], axis=0)
    below = [np.searchsorted(s, v) for s, v in zip(silence.T, c[speaking].T, strict=True)]
    return np.mean(below, axis=1) / len(silence)


HONEST = {
    "unpack_weights": [by_slices, by_reshaping, by_name],
    "listen": [with_lists, filled, read_out_at_the_end, recursive],
    "tells": [in_loops, by_ranks, memory_by_memory, ties_count_half, searched],
}
