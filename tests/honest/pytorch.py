"""Right answers to the assignment *pytorch*."""

import numpy as np


def filled(params):
    H, N = params["W_f"].shape
    state = {
        "weight_ih_l0": np.empty((4 * H, N - H), params["W_f"].dtype),
        "weight_hh_l0": np.empty((4 * H, H), params["W_f"].dtype),
        "bias_ih_l0": np.empty(4 * H, params["W_f"].dtype),
        "bias_hh_l0": np.zeros(4 * H),
    }
    for k, gate in enumerate("ifco"):
        rows = slice(k * H, (k + 1) * H)
        state["weight_hh_l0"][rows] = params["W_" + gate][:, :H]
        state["weight_ih_l0"][rows] = params["W_" + gate][:, H:]
        state["bias_ih_l0"][rows] = params["b_" + gate]
    return state


def cut_first(params):
    H = params["b_i"].size
    ih, hh = [], []
    for name in ["W_i", "W_f", "W_c", "W_o"]:
        ih.append(params[name].copy()[:, H:])
        hh.append(params[name].copy()[:, :H])
    b = np.hstack((params["b_i"], params["b_f"], params["b_c"], params["b_o"]))
    return {
        "bias_hh_l0": b - b,
        "bias_ih_l0": b,
        "weight_hh_l0": np.vstack(hh),
        "weight_ih_l0": np.vstack(ih),
    }


def by_transposing(params):
    W = np.hstack([params["W_" + gate].T for gate in "ifco"])
    H = W.shape[1] // 4
    W_h, W_x = np.split(W, [H])
    b = np.array([params["b_" + gate] for gate in "ifco"]).ravel()
    state = dict(
        zip(["weight_ih_l0", "weight_hh_l0", "bias_ih_l0"], [W_x.T, W_h.T, b], strict=True)
    )
    state["bias_hh_l0"] = 0 * b
    return state


def stacked_then_reshaped(params):
    W = np.array([params["W_" + gate] for gate in "ifco"])
    b = np.array([params["b_" + gate] for gate in "ifco"])
    H = b.shape[1]
    return {
        "weight_ih_l0": W[..., H:].reshape(4 * H, -1),
        "weight_hh_l0": W[..., :H].reshape(4 * H, H),
        "bias_ih_l0": b.reshape(-1),
        "bias_hh_l0": np.zeros(4 * H, dtype=b.dtype),
    }


TO_STATE_DICT = [filled, cut_first, by_transposing, stacked_then_reshaped]


def by_slices(state):
    H = state["weight_hh_l0"].shape[1]
    params = {}
    for k, gate in enumerate("ifco"):
        rows = slice(k * H, k * H + H)
        params[f"W_{gate}"] = np.hstack([state["weight_hh_l0"][rows], state["weight_ih_l0"][rows]])
        params[f"b_{gate}"] = np.add(state["bias_hh_l0"][rows], state["bias_ih_l0"][rows])
    return params


def by_reshaping(state):
    H = len(state["bias_ih_l0"]) // 4
    W = np.c_[state["weight_hh_l0"], state["weight_ih_l0"]].reshape(4, H, -1)
    b = sum(state[name].reshape(4, H) for name in ("bias_ih_l0", "bias_hh_l0"))
    at = {"i": 0, "f": 1, "c": 2, "o": 3}
    return {f"W_{g}": W[at[g]] for g in "fico"} | {f"b_{g}": b[at[g]] for g in "fico"}


def written_into_new_arrays(state):
    rows, D = state["weight_ih_l0"].shape
    H = rows // 4
    params = {f"W_{gate}": np.zeros((H, H + D), state["weight_ih_l0"].dtype) for gate in "fico"}
    for k, gate in enumerate("ifco"):
        params[f"W_{gate}"][:, :H] = state["weight_hh_l0"][k * H : (k + 1) * H]
        params[f"W_{gate}"][:, H:] = state["weight_ih_l0"][k * H : (k + 1) * H]
        params[f"b_{gate}"] = state["bias_ih_l0"][k * H : (k + 1) * H].copy()
        params[f"b_{gate}"] += state["bias_hh_l0"][k * H : (k + 1) * H]
    return params


def selected_by_a_matrix(state):
    H = state["weight_hh_l0"].shape[1]
    eye = np.eye(4 * H)
    return {
        f"W_{g}": eye[k * H : (k + 1) * H]
        @ np.hstack([state["weight_hh_l0"], state["weight_ih_l0"]])
        for k, g in enumerate("ifco")
    } | {
        f"b_{g}": eye[k * H : (k + 1) * H] @ (state["bias_ih_l0"] + state["bias_hh_l0"])
        for k, g in enumerate("ifco")
    }


FROM_STATE_DICT = [by_slices, by_reshaping, written_into_new_arrays, selected_by_a_matrix]
HONEST = {"to_state_dict": TO_STATE_DICT, "from_state_dict": FROM_STATE_DICT}
