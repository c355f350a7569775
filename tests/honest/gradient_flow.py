"""Right answers to the assignment *gradient-flow*."""

import numpy as np

from honest.backward import einsum, gate_by_gate, packed
from honest.gates import exp_form


def kept_by_step(x, params, h0, c0):
    """Run forwards with one matrix for all gates; return a list of caches."""
    W = np.concatenate([params[f"W_{gate}"] for gate in "fico"])
    b = np.concatenate([params[f"b_{gate}"] for gate in "fico"])
    h, c, caches = h0, c0, []
    for x_t in x:
        f, i, c_tilde, o = np.split(np.hstack([h, x_t]) @ W.T + b, 4, axis=1)
        f, i, c_tilde, o = exp_form(f), exp_form(i), np.tanh(c_tilde), exp_form(o)
        cache = {"x_t": x_t, "h_prev": h, "c_prev": c, "f": f, "i": i, "c_tilde": c_tilde, "o": o}
        c = f * c + i * c_tilde
        h = o * np.tanh(c)
        caches.append(cache | {"c_t": c})
    return caches


def filled_from_the_end(x, params, h0, c0, dh_T):
    T = len(x)
    caches = kept_by_step(x, params, h0, c0)
    result = np.zeros(T + 1)
    dh, dc = dh_T.copy(), 0
    for t in range(T, -1, -1):
        result[T - t] = np.sqrt((dh**2).sum() / (dh_T**2).sum())
        if t:
            grads = packed(dh, dc, caches[t - 1], params)
            dh, dc = grads["h_prev"], grads["c_prev"]
    return result


def all_gradients_first(x, params, h0, c0, dh_T):
    dh, dc = [dh_T], [np.zeros(dh_T.shape)]
    for cache in kept_by_step(x, params, h0, c0)[::-1]:
        grads = gate_by_gate(dh[-1], dc[-1], cache, params)
        dh.append(grads["h_prev"])
        dc.append(grads["c_prev"])
    norms = np.linalg.norm(np.array(dh), axis=(1, 2))
    return norms / norms[0]


def in_the_order_of_time_then_turned(x, params, h0, c0, dh_T):
    gradients = [dh_T]
    grads = {"h_prev": dh_T, "c_prev": np.zeros_like(dh_T)}
    for cache in reversed(kept_by_step(x, params, h0, c0)):
        grads = einsum(grads["h_prev"], grads["c_prev"], cache, params)
        gradients.insert(0, grads["h_prev"])
    norms = np.array([np.sqrt(np.einsum("bh,bh->", g, g)) for g in gradients])
    return (norms / norms[-1])[::-1]


def of_a_unit_gradient(x, params, h0, c0, dh_T):
    """Use that the backward pass is linear: scale first, or root mean squares."""
    unit = dh_T / np.sqrt(np.mean(np.square(dh_T)))
    result, dh, dc = [1.0], unit, np.zeros_like(unit)
    for cache in kept_by_step(x, params, h0, c0)[::-1]:
        grads = packed(dh, dc, cache, params)
        dh, dc = grads["h_prev"], grads["c_prev"]
        result += [np.sqrt(np.mean(np.square(dh)))]
    return np.asarray(result)


def flat_norms(x, params, h0, c0, dh_T):
    print("T =", len(x))
    dh, dc = dh_T, dh_T * 0.0
    norms = [np.linalg.norm(dh.ravel(), 2)]
    for cache in kept_by_step(x, params, h0, c0)[::-1]:
        grads = einsum(dh, dc, cache, params)
        dh, dc = grads["h_prev"], grads["c_prev"]
        norms.append(np.linalg.norm(dh, "fro"))
    return np.divide(norms, norms[0])


def logit(params, half_life):
    f = 2 ** (-1 / half_life)
    return {**params, "b_f": np.ones_like(params["b_f"]) * np.log(f / (1 - f))}


def from_the_odds(params, half_life):
    new = params.copy()
    new["b_f"] = np.full(len(params["b_f"]), -np.log(2 ** (1 / half_life) - 1))
    return new


def all_copied(params, half_life):
    new = {name: values.copy() for name, values in params.items()}
    new["b_f"][:] = -np.log(np.expm1(np.log(2) / half_life))
    return new


def bisection(params, half_life):
    low, high = -50.0, 50.0
    for _ in range(100):
        middle = (low + high) / 2
        if (1 / (1 + np.exp(-middle))) ** half_life < 0.5:
            low = middle
        else:
            high = middle
    return {**params, "b_f": np.repeat(middle, params["b_f"].size)}


def from_a_list(params, half_life):
    f = np.exp(np.log(0.5) / half_life)
    b_f = np.array([np.log(f) - np.log1p(-f) for _ in params["b_f"]])
    return dict(params, b_f=b_f)


def f_of_an_array(params, half_life):
    f = 0.5 ** np.divide(1, np.full(params["b_f"].shape, half_life))
    return params | {"b_f": 2 * np.arctanh(2 * f - 1)}


GRADIENT_VS_LAG = [
    filled_from_the_end,
    all_gradients_first,
    in_the_order_of_time_then_turned,
    of_a_unit_gradient,
    flat_norms,
]
INIT_FORGET_BIAS = [logit, from_the_odds, all_copied, bisection, from_a_list, f_of_an_array]
HONEST = {"gradient_vs_lag": GRADIENT_VS_LAG, "init_forget_bias": INIT_FORGET_BIAS}
