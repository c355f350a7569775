"""Right answers to the assignment *backward*."""

import numpy as np

from honest.gates import exp_form


def gate_by_gate(dh, dc, cache, params):
    """Everything written out, with the derivatives in other forms."""
    x, h, c_prev, c = cache["x_t"], cache["h_prev"], cache["c_prev"], cache["c_t"]
    f, i, g, o = cache["f"], cache["i"], cache["c_tilde"], cache["o"]
    do = dh * np.tanh(c)
    dc = dc + (dh * o) * (1 - np.tanh(c)) * (1 + np.tanh(c))
    df, di, dg = dc * c_prev, dc * g, dc * i
    df_raw, di_raw, do_raw = df * (f - f**2), di * (i - i**2), do * (o - o * o)
    dg_raw = dg * (1 - np.square(g))
    z = np.hstack((h, x))
    dz = df_raw.dot(params["W_f"])
    dz += di_raw.dot(params["W_i"])
    dz += dg_raw.dot(params["W_c"])
    dz += do_raw.dot(params["W_o"])
    return {
        "W_f": np.dot(df_raw.T, z),
        "W_i": np.dot(di_raw.T, z),
        "W_c": np.dot(dg_raw.T, z),
        "W_o": np.dot(do_raw.T, z),
        "b_f": np.sum(df_raw, axis=0),
        "b_i": np.sum(di_raw, axis=0),
        "b_c": np.sum(dg_raw, axis=0),
        "b_o": np.sum(do_raw, axis=0),
        "x_t": dz[:, h.shape[1] :],
        "h_prev": dz[:, : h.shape[1]],
        "c_prev": dc * f,
    }


def packed(dh, dc, cache, params):
    """All four at once, in PyTorch's order."""
    i, f, g, o = (cache[name] for name in ("i", "f", "c_tilde", "o"))
    tanh_c = np.tanh(cache["c_t"])
    dc = dc + dh * o * (1 - tanh_c**2)
    slopes = np.hstack([i * (1 - i), f * (1 - f), 1 - g**2, o * (1 - o)])
    dz = np.hstack([dc * g, dc * cache["c_prev"], dc * i, dh * tanh_c]) * slopes
    W = np.vstack([params[f"W_{gate}"] for gate in "ifco"])
    dW = dz.T @ np.c_[cache["h_prev"], cache["x_t"]]
    db = np.ones(len(dz), dz.dtype) @ dz
    dh_prev, dx = np.split(dz @ W, [f.shape[1]], axis=1)
    grads = {"x_t": dx, "h_prev": dh_prev, "c_prev": f * dc}
    for gate, rows, row in zip("ifco", np.split(dW, 4), np.split(db, 4), strict=True):
        grads |= {f"W_{gate}": rows, f"b_{gate}": row}
    return grads


def einsum(dh, dc, cache, params):
    f, i, c_tilde, o = (cache[name] for name in ("f", "i", "c_tilde", "o"))
    dc_t = dc + dh * o / np.cosh(np.clip(cache["c_t"], -30, 30)) ** 2
    dz = {
        "W_f": dc_t * cache["c_prev"] * f * (1 - f),
        "W_i": dc_t * c_tilde * i * (1 - i),
        "W_c": dc_t * i * (1 - c_tilde**2),
        "W_o": dh * np.tanh(cache["c_t"]) * o * (1 - o),
    }
    hx = np.concatenate([cache["h_prev"], cache["x_t"]], axis=-1)
    dhx = np.einsum("kbh,khn->bn", list(dz.values()), [params[name] for name in dz])
    H = f.shape[-1]
    out = {"h_prev": dhx[:, :H], "x_t": dhx[:, H:], "c_prev": np.einsum("bh,bh->bh", dc_t, f)}
    for name, z in dz.items():
        out[name] = np.einsum("bh,bn->hn", z, hx)
        out[name.replace("W", "b")] = np.einsum("bh->h", z)
    return out


def example_by_example(dh, dc, cache, params):
    total = {}
    rows = {"x_t": [], "h_prev": [], "c_prev": []}
    for k in range(len(dh)):
        one = {name: values[k : k + 1] for name, values in cache.items()}
        grads = gate_by_gate(dh[k : k + 1], dc[k : k + 1], one, params)
        for name, grad in grads.items():
            if name in rows:
                rows[name].append(grad[0])
            else:
                total[name] = total.get(name, 0) + grad
    return {name: np.array(values) for name, values in rows.items()} | total


def split_weights(dh, dc, cache, params):
    """Take the weights on h and on x apart; compute tanh(c_t) from the gates."""
    grads = packed(dh, dc, cache, params)
    H = dh.shape[1]
    f = cache["f"]
    grads["x_t"], grads["h_prev"] = 0, 0
    tanh_c = np.tanh(f * cache["c_prev"] + cache["i"] * cache["c_tilde"])  # again
    dc_t = dc + dh * cache["o"] * (1 - tanh_c**2)
    dz = [dc_t * cache["c_prev"] * f * (1 - f)]
    dz += [dc_t * cache["c_tilde"] * cache["i"] * (1 - cache["i"])]
    dz += [dc_t * cache["i"] * (1 - cache["c_tilde"] ** 2)]
    dz += [dh * tanh_c * cache["o"] * (1 - cache["o"])]
    for gate, z in zip("fico", dz, strict=True):
        W = params[f"W_{gate}"]
        grads["h_prev"] = grads["h_prev"] + (W[:, :H].T @ z.T).T
        grads["x_t"] = grads["x_t"] + (W[:, H:].T @ z.T).T
    return grads


def recomputed_gates(dh, dc, cache, params):
    """From the inputs alone; the rest of the cache is not used."""
    hx = np.hstack([cache["h_prev"], cache["x_t"]])
    z = {gate: hx @ params[f"W_{gate}"].T + params[f"b_{gate}"] for gate in "fico"}
    again = {name: cache[name] for name in ("x_t", "h_prev", "c_prev", "c_t")}
    again |= {gate: exp_form(z[gate]) for gate in "fio"} | {"c_tilde": np.tanh(z["c"])}
    return packed(dh, dc, again, params)


CELL_BACKWARD = [
    gate_by_gate,
    packed,
    einsum,
    example_by_example,
    split_weights,
    recomputed_gates,
    lambda dh, dc, cache, params: print("dh", dh.mean()) or gate_by_gate(dh, dc, cache, params),
]


def own_step(dh, caches, params, dh_T, dc_T):
    """Own arrays, written to in place."""
    T = len(dh)
    dx = np.zeros((T, *caches[0]["x_t"].shape), dh.dtype)
    total = {name: np.zeros_like(value) for name, value in params.items()}
    dh_next, dc_next = dh_T.copy(), dc_T.copy()
    for t in range(T - 1, -1, -1):
        dh_next += dh[t]
        grads = packed(dh_next, dc_next, caches[t], params)
        dx[t] = grads["x_t"]
        dh_next[...], dc_next[...] = grads["h_prev"], grads["c_prev"]
        for name in total:
            total[name] += grads[name]
    total["x"], total["h0"], total["c0"] = dx, dh_next, dc_next
    return total


def recursive(dh, caches, params, dh_T, dc_T):
    grads = gate_by_gate(dh[-1] + dh_T, dc_T, caches[-1], params)
    if len(caches) == 1:
        first = {"x": grads["x_t"][None], "h0": grads["h_prev"], "c0": grads["c_prev"]}
        return first | {name: grads[name] for name in params}
    before = recursive(dh[:-1], caches[:-1], params, grads["h_prev"], grads["c_prev"])
    before["x"] = np.concatenate([before["x"], grads["x_t"][None]])
    return before | {name: before[name] + grads[name] for name in params}


def final_added_to_a_copy(dh, caches, params, dh_T, dc_T):
    dh = np.concatenate([dh[:-1], (dh[-1] + dh_T)[np.newaxis]])
    steps = []
    carried = 0, dc_T
    for own, cache in zip(dh[::-1], caches[::-1], strict=True):
        steps.append(einsum(own + carried[0], carried[1], cache, params))
        carried = steps[-1]["h_prev"], steps[-1]["c_prev"]
    total = {name: np.sum([step[name] for step in steps], axis=0) for name in params}
    x = np.stack([step["x_t"] for step in steps])[::-1]
    return {"x": x, "h0": carried[0], "c0": carried[1]} | total


def all_states_kept(dh, caches, params, dh_T, dc_T):
    T, B, H = dh.shape
    dhs, dcs = np.zeros((2, T + 1, B, H), dh.dtype)
    dhs[1:] += dh
    dhs[T] += dh_T
    dcs[T] = dc_T
    steps = {}
    for t in reversed(range(T)):
        steps[t] = packed(dhs[t + 1], dcs[t + 1], caches[t], params)
        dhs[t] += steps[t]["h_prev"]
        dcs[t] = steps[t]["c_prev"]
    grads = {name: sum(step[name] for step in steps.values()) for name in params}
    grads["x"] = np.array([steps[t]["x_t"] for t in range(T)])
    return {**grads, "h0": dhs[0], "c0": dcs[0]}


LSTM_BACKWARD = [own_step, recursive, final_added_to_a_copy, all_states_kept]
HONEST = {"cell_backward": CELL_BACKWARD, "lstm_backward": LSTM_BACKWARD}
