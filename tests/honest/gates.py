"""Right answers to the assignment *gates*."""

import sys
import warnings

import numpy as np


def exp_form(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def tanh_form(z):
    return 0.5 * (1 + np.tanh(z / 2))


def log_form(z):
    return np.exp(-np.logaddexp(0, -z))


def masked_form(z):
    # As scipy's expit: each half of the line with the exponential that is small.
    s = np.empty_like(z)
    positive = z >= 0
    s[positive] = 1 / (1 + np.exp(-z[positive]))
    e = np.exp(z[~positive])
    s[~positive] = e / (1 + e)
    return s


def product(hx, W, b):
    return hx @ W.T + b


def einsum(hx, W, b):
    return np.einsum("bk,hk->bh", hx, W) + b


def columns(hx, W, b):
    return (W @ hx.T + b[:, None]).T


def bias_as_weight(hx, W, b):
    return np.c_[hx, np.ones(len(hx))] @ np.c_[W, b].T


def in_two_parts(hx, W, b):
    H = len(W)
    return np.dot(hx[:, :H], W[:, :H].T) + np.dot(hx[:, H:], W[:, H:].T) + b.reshape(1, -1)


def loops(hx, W, b):
    rows = []
    for row in hx:
        rows.append([])
        for h in range(len(b)):
            z = b[h]
            for k in range(len(row)):
                z = z + W[h, k] * row[k]
            rows[-1].append(z)
    return np.array(rows)


def row_by_row(hx, W, b):
    return np.array([W @ row + b for row in hx])


def own_array_in_place(hx, W, b):
    z = np.matmul(hx, W.T)
    z += b
    return z


def of(squash, affine):
    return lambda hx, W, b: squash(affine(hx, W, b))


def noisy(hx, W, b):
    print("z", hx @ W.T)
    print("careful", file=sys.stderr)
    warnings.warn("careful", stacklevel=1)
    return 1 / (1 + np.exp(-(hx @ W.T + b)))


def a_view(hx, W, b):
    return np.stack([exp_form(product(hx, W, b))] * 2, axis=-1)[..., 1]


GATE = [
    of(exp_form, product),
    of(tanh_form, einsum),
    of(log_form, columns),
    of(masked_form, bias_as_weight),
    of(exp_form, in_two_parts),
    of(exp_form, loops),
    of(tanh_form, row_by_row),
    of(exp_form, own_array_in_place),
    noisy,
    a_view,
    lambda hx, W, b: exp_form(product(hx, W, b)).astype(np.longdouble),
    lambda hx, W, b: np.asfortranarray(exp_form(product(hx, W, b))),
    lambda hx, W, b: exp_form(product(*(a.astype(float) for a in (hx, W, b)))),
]
CANDIDATE = [
    of(np.tanh, product),
    of(np.tanh, columns),
    of(lambda z: 2 * exp_form(2 * z) - 1, einsum),
    lambda hx, W, b: np.vectorize(np.tanh)(product(hx, W, b)),
    lambda hx, W, b: -np.tanh(-b - hx @ W.transpose()),
]


def sum_in_place(f, c_prev, i, c_tilde):
    c = np.multiply(f, c_prev)
    c += i * c_tilde
    return c


def written_into_a_new_array(f, c_prev, i, c_tilde):
    c = np.zeros_like(c_prev)
    for at in np.ndindex(c.shape):
        c[at] = f[at] * c_prev[at] + i[at] * c_tilde[at]
    return c


CELL_STATE = [
    lambda f, c_prev, i, c_tilde: f * c_prev + i * c_tilde,
    lambda f, c_prev, i, c_tilde: np.add(np.multiply(i, c_tilde), np.multiply(f, c_prev)),
    lambda f, c_prev, i, c_tilde: c_prev - (1 - f) * c_prev + c_tilde * i,
    lambda f, c_prev, i, c_tilde: np.einsum("kbh,kbh->bh", [f, i], [c_prev, c_tilde]),
    lambda f, c_prev, i, c_tilde: np.sum([f * c_prev, i * c_tilde], axis=0),
    sum_in_place,
    written_into_a_new_array,
]
HIDDEN_STATE = [
    lambda o, c: o * np.tanh(c),
    lambda o, c: np.multiply(np.tanh(c), o),
    lambda o, c: o * (2 * exp_form(2 * c) - 1),
    lambda o, c: (o.T * np.tanh(c).T).T,
    lambda o, c: np.tanh(c.copy(), dtype=float) * o,
]
HONEST = {
    "forget_gate": GATE,
    "input_gate": GATE,
    "candidate": CANDIDATE,
    "cell_state": CELL_STATE,
    "output_gate": GATE,
    "hidden_state": HIDDEN_STATE,
}
