"""Right answers in three styles: arrays as a whole, loops over numbers, weights split in two."""

import itertools

import numpy as np

from honest.gates import exp_form, log_form, masked_form, tanh_form
from honest.gates import in_two_parts as split
from honest.gates import loops as looped
from honest.gates import product as whole

SQUASHES = (exp_form, tanh_form, log_form, masked_form)


def side_by_side(h_prev, x_t):
    return np.hstack((h_prev, x_t))


def filled(h_prev, x_t):
    hx = np.zeros((len(x_t), h_prev.shape[1] + x_t.shape[1]), np.result_type(h_prev, x_t))
    hx[:, : h_prev.shape[1]] = h_prev
    hx[:, h_prev.shape[1] :] = x_t
    return hx


STACKS = (side_by_side, filled)


def step(affine, squash, join):
    """Return a step of the LSTM in a style."""

    def lstm_cell(x_t, h_prev, c_prev, params):
        hx = join(h_prev, x_t)
        z = {g: affine(hx, params[f"W_{g}"], params[f"b_{g}"]) for g in "fico"}
        c_t = squash(z["f"]) * c_prev + squash(z["i"]) * np.tanh(z["c"])
        return squash(z["o"]) * np.tanh(c_t), c_t

    return lstm_cell


def rnn(affine, join):
    return lambda x_t, h_prev, W, b: np.tanh(affine(join(h_prev, x_t), W, b))


def forward(affine, join):
    """Return the loop over a sequence, with a step in a style."""
    cell = step(affine, exp_form, join)

    def lstm_forward(x, params, h0, c0):
        h, c = np.empty((2, len(x), *h0.shape), h0.dtype)
        h_t, c_t = h0, c0
        for t, x_t in enumerate(x):
            h_t, c_t = cell(x_t, h_t, c_t, params)
            h[t], c[t] = h_t, c_t
        return h, c

    return lstm_forward


def summed(dz, hx):
    return dz.T @ hx


def example_by_example(dz, hx):
    return sum(np.outer(one, row) for one, row in zip(dz, hx, strict=True))


def in_halves(dz, hx):
    half = hx.shape[1] // 2
    return np.concatenate([dz.T @ hx[:, :half], dz.T @ hx[:, half:]], axis=1)


def back(gradient, join):
    """Return the way back through a step, with the weights' gradients in a style."""

    def cell_backward(dh, dc, cache, params):
        f, i, g, o = (cache[name] for name in ("f", "i", "c_tilde", "o"))
        shown = np.tanh(cache["c_t"])
        through = dc + dh * o * (1 - shown) * (1 + shown)
        dz = {
            "f": through * cache["c_prev"] * (f - f**2),
            "i": through * g * (i - i**2),
            "c": through * i * (1 - g * g),
            "o": dh * shown * o * (1 - o),
        }
        hx = join(cache["h_prev"], cache["x_t"])
        dhx = sum(dz[k] @ params[f"W_{k}"] for k in dz)
        H = dh.shape[1]
        found = {"h_prev": dhx[:, :H], "x_t": dhx[:, H:], "c_prev": through * f}
        found |= {f"W_{k}": gradient(dz[k], hx) for k in dz}
        return found | {f"b_{k}": np.einsum("bh->h", dz[k]) for k in dz}

    return cell_backward


AFFINE = (whole, looped, split)
HONEST = {
    "rnn_step": [rnn(*style) for style in itertools.product(AFFINE, STACKS)],
    "lstm_cell": [step(*style) for style in itertools.product(AFFINE, SQUASHES, STACKS)],
    "lstm_forward": [forward(*style) for style in itertools.product(AFFINE, STACKS)],
    "cell_backward": [
        back(*style) for style in itertools.product((summed, example_by_example, in_halves), STACKS)
    ],
    **{
        name: [
            lambda hx, W, b, affine=affine, squash=squash: squash(affine(hx, W, b))
            for affine, squash in itertools.product(AFFINE, SQUASHES)
        ]
        for name in ("forget_gate", "input_gate", "output_gate")
    },
}
