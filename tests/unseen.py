"""Wrong functions that are not in the bank of mistakes: rejected, and not taken for a known one."""

import numpy as np

from honest.recurrence import nudged
from lstm_check.exercises import EXERCISES
from lstm_check.exercises.adding_problem import by_hand, make_batch
from lstm_check.exercises.backward import cell_backward, sequence_forward
from lstm_check.exercises.cell import lstm_cell
from lstm_check.exercises.pytorch import from_state_dict, to_state_dict
from lstm_check.exercises.training import by_hand as held_by_hand
from lstm_check.exercises.training import early_stopping, pad
from lstm_ref import sigmoid, stack


def _packed_torch_order(x_t, h_prev, c_prev, params):
    """Unpacks in another order than it packs."""
    W = np.concatenate([params[f"W_{gate}"] for gate in "fico"])
    b = np.concatenate([params[f"b_{gate}"] for gate in "fico"])
    o, f, g, i = np.split(stack(h_prev, x_t) @ W.T + b, 4, axis=1)
    c_t = sigmoid(f) * c_prev + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c_t), c_t


def _one_weight_for_all(x_t, h_prev, c_prev, params):
    same = {f"W_{gate}": params["W_f"] for gate in "fico"}
    return lstm_cell(x_t, h_prev, c_prev, {**params, **same})


def _leaky(x_t, h_prev, c_prev, params):
    h_t, c_t = lstm_cell(x_t, h_prev, c_prev, params)
    return 0.9 * h_t + 0.1 * h_prev, c_t


def _peephole(x_t, h_prev, c_prev, params):
    h_t, c_t = lstm_cell(x_t, h_prev + c_prev, c_prev, params)
    return h_t, c_t


def _every_other(x, params, h0, c0):
    h_t, c_t, h, c = h0, c0, [], []
    for t, x_t in enumerate(x):
        if t % 2 == 0:
            h_t, c_t = lstm_cell(x_t, h_t, c_t, params)
        h.append(h_t)
        c.append(c_t)
    return np.array(h), np.array(c)


def _running_mean(x, params, h0, c0):
    h_t, c_t, h, c = h0, c0, [], []
    for x_t in x:
        h_t, c_t = lstm_cell(x_t, h_t, c_t, params)
        h.append(h_t if not h else (h[-1] + h_t) / 2)
        c.append(c_t)
    return np.array(h), np.array(c)


def _sums_inputs(x, params, h0, c0):
    h_t, c_t, h, c = h0, c0, [], []
    for x_t in np.cumsum(x, axis=0):
        h_t, c_t = lstm_cell(x_t, h_t, c_t, params)
        h.append(h_t)
        c.append(c_t)
    return np.array(h), np.array(c)


def _first_example_only(x, params, h0, c0):
    h_t, c_t, h, c = h0, c0, [], []
    for x_t in x:
        h_t, c_t = lstm_cell(x_t, h_t[:1] + 0 * h_t, c_t, params)
        h.append(h_t)
        c.append(c_t)
    return np.array(h), np.array(c)


def _clip_by_two(gradients, max_norm):
    scale = min(1.0, max_norm / np.hypot(*(np.linalg.norm(gradients[k]) for k in "bv")))
    return {name: g * scale for name, g in gradients.items()}


def _clip_smoothly(gradients, max_norm):
    norm = np.sqrt(sum((g**2).sum() for g in gradients.values()))
    return {name: g * max_norm / (max_norm + norm) for name, g in gradients.items()}


def _rows_reversed(params):
    state = to_state_dict(params)
    return {name: np.concatenate([p[::-1] for p in np.split(a, 4)]) for name, a in state.items()}


def _no_candidate(params):
    return to_state_dict(params | {"W_c": params["W_o"], "b_c": params["b_o"]})


def _bias_twice_as_large(params):
    state = to_state_dict(params)
    return state | {"bias_ih_l0": 2 * state["bias_ih_l0"]}


def _negative_recurrent(params):
    state = to_state_dict(params)
    return state | {"weight_hh_l0": -state["weight_hh_l0"]}


def _biases_of_two_gates_swapped(state):
    params = from_state_dict(state)
    return params | {"b_i": params["b_o"], "b_o": params["b_i"]}


def _weights_and_biases_by_two_orders(state):
    params = from_state_dict(state)
    return params | {"W_f": params["W_i"], "W_i": params["W_f"]}


def _largest_bias(state):
    b = np.maximum(state["bias_ih_l0"], state["bias_hh_l0"])
    return from_state_dict(state | {"bias_ih_l0": b, "bias_hh_l0": 0 * b})


def _columns_reversed(state):
    return from_state_dict(state | {"weight_ih_l0": state["weight_ih_l0"][:, ::-1]})


def _first_mark_for_all(numbers, first, second):
    return make_batch(numbers, first[:1] + 0 * first, second)


def _squared_numbers(numbers, first, second):
    x, _ = make_batch(numbers, first, second)
    return x, make_batch(numbers**2, first, second)[1]


def _centred(numbers, first, second):
    return make_batch(numbers - 0.5, first, second)


def _only_the_first_number(x, y, hidden_size, seed):
    weights = by_hand(x, y, hidden_size, seed)
    W_i = weights["W_i"].copy()
    W_i[0, 0] = -5000  # closed as soon as there is something in memory
    return weights | {"W_i": W_i}


def _gate_ajar(x, y, hidden_size, seed):
    weights = by_hand(x, y, hidden_size, seed)
    return weights | {"b_i": weights["b_i"] + 18}


def _step_then(change):
    """Return `cell_backward` with its result changed."""
    return lambda dh, dc, cache, params: change(cell_backward(dh, dc, cache, params))


def _finite_difference(dh, dc, cache, params):
    """With a step that is far too large, for x_t."""

    def loss(x_t):
        h_t, c_t = lstm_cell(x_t, cache["h_prev"], cache["c_prev"], params)
        return (dh * h_t + dc * c_t).sum()

    x_t = cache["x_t"].astype(float)
    dx = np.empty_like(x_t)
    for k in np.ndindex(x_t.shape):
        step = np.zeros_like(x_t)
        step[k] = 0.1
        dx[k] = (loss(x_t + step) - loss(x_t - step)) / 0.2
    return cell_backward(dh, dc, cache, params) | {"x_t": dx}


def _gradients_of_the_loss_twice(dh, dc, cache, params):
    return cell_backward(2 * dh, dc, cache, params)


def _gates_rounded(dh, dc, cache, params):
    rounded = {name: cache[name].round(1) for name in ("f", "i", "o")}
    return cell_backward(dh, dc, cache | rounded, params)


def _back(dh, caches, params, dh_T, dc_T, change=lambda grads: grads):
    dh_t, dc_t, dx, total = dh_T, dc_T, [], dict.fromkeys(params, 0)
    for d, cache in zip(dh[::-1], caches[::-1], strict=True):
        grads = change(cell_backward(d + dh_t, dc_t, cache, params))
        dh_t, dc_t = grads["h_prev"], grads["c_prev"]
        dx.insert(0, grads["x_t"])
        total = {name: total[name] + grads[name] for name in params}
    return {"x": np.array(dx), "h0": dh_t, "c0": dc_t} | total


def _truncated(dh, caches, params, dh_T, dc_T):
    """Two steps, and nothing for those before."""
    right = _back(dh[-2:], caches[-2:], params, dh_T, dc_T)
    none = [np.zeros_like(cache["x_t"]) for cache in caches[:-2]]
    return right | {"x": np.array([*none, *right["x"]])}


def _clipped_on_the_way(*arguments):
    def clip(grads):
        return {name: np.clip(grad, -0.1, 0.1) for name, grad in grads.items()}

    return _back(*arguments, change=clip)


def _faded(*arguments):
    return _back(*arguments, change=lambda grads: grads | {"h_prev": 0.9 * grads["h_prev"]})


_lags = EXERCISES["gradient_vs_lag"].reference
_set_bias = EXERCISES["init_forget_bias"].reference


def _gradient_of_x(x, params, h0, c0, dh_T):
    """With the norms of ∂L/∂x_t, and 1 in front."""
    none = np.zeros((len(x), *dh_T.shape))
    _, caches = sequence_forward(x, params, h0, c0)
    dx = EXERCISES["lstm_backward"].reference(none, caches, params, dh_T, 0 * dh_T)["x"]
    return np.append(1.0, np.linalg.norm(dx, axis=(1, 2))[::-1] / np.linalg.norm(dh_T))


def _running_largest(*arguments):
    return np.maximum.accumulate(_lags(*arguments)[::-1])[::-1]


def _noisy_bias(params, half_life):
    b_f = _set_bias(params, half_life)["b_f"]
    return params | {"b_f": b_f + np.linspace(-1, 1, len(b_f) + 1)[1:]}


def _whole_steps(params, half_life):
    return _set_bias(params, round(half_life))


_loss, _clipped = EXERCISES["masked_loss"].reference, EXERCISES["clipped_step"].reference


def _pad_examples_reversed(sequences):
    return pad(sequences[::-1])


def _pad_in_the_middle(sequences):
    padded = pad(sequences)
    return {"x": np.roll(padded["x"], 1, axis=0), "mask": np.roll(padded["mask"], 1, axis=0)}


def _longest_only(answers, targets, mask):
    return _loss(answers, targets, mask & mask.all(axis=0))


def _weighted_by_time(answers, targets, mask):
    w = np.arange(1, len(mask) + 1)[:, None] * mask
    error = answers - targets
    return {"loss": (w * error**2).sum() / w.sum(), "gradient": 2 * w * error / w.sum()}


def _half_a_step(weights, gradients, learning_rate, max_norm):
    return _clipped(weights, gradients, learning_rate / 2, max_norm)


def _two_steps(weights, gradients, learning_rate, max_norm):
    once = _clipped(weights, gradients, learning_rate, max_norm)
    return _clipped(once, gradients, learning_rate, max_norm)


def _biases_left(weights, gradients, learning_rate, max_norm):
    return _clipped(weights, gradients, learning_rate, max_norm) | {"b": weights["b"] * 1.0}


def _mean_of_the_last(losses, patience):
    found = early_stopping(losses, patience)
    return found | {"stop": bool(losses[-patience:].mean() > losses.mean())}


def _second_best(losses, patience):
    return early_stopping(losses, patience) | {"best": int(np.argsort(losses)[1])}


def _slow_to_close(*given):
    weights = held_by_hand(*given)
    bias = weights["lstm.bias_ih_l0"].copy()
    bias[given[4]] = 1  # a fraction of 0.73 is kept
    return weights | {"lstm.bias_ih_l0": bias}


def _adds_up(*given):
    weights = held_by_hand(*given)
    ih = weights["lstm.weight_ih_l0"].copy()
    ih[given[4], 1] = 0  # the forget gate stays open at a flag
    return weights | {"lstm.weight_ih_l0": ih}


_unpack, _listen, _tells = (
    EXERCISES[name].reference for name in ("unpack_weights", "listen", "tells")
)


def _smoothed(*given):
    p, h, c = _listen(*given)
    return np.cumsum(p, axis=0) / (1 + np.arange(len(p)))[:, None], h, c


UNSEEN = [
    ("pad", _pad_examples_reversed),
    ("pad", _pad_in_the_middle),
    ("masked_loss", _longest_only),
    ("masked_loss", _weighted_by_time),
    ("clipped_step", _half_a_step),
    ("clipped_step", _two_steps),
    ("clipped_step", _biases_left),
    ("early_stopping", _mean_of_the_last),
    ("early_stopping", _second_best),
    ("fit", _slow_to_close),
    ("fit", _adds_up),
    ("sigmoid", lambda z: z / (1 + abs(z))),
    ("sigmoid", lambda z: 1 / (1 + 2.0 ** -np.clip(z, -500, 500))),
    ("sigmoid", lambda z: 1 / (1 + np.exp(-z / 1.7))),
    ("sigmoid", lambda z: sigmoid(z).round(6)),
    ("rnn_step", lambda x_t, h_prev, W, b: np.tanh(stack(h_prev, x_t) @ W.T + b.mean())),
    ("rnn_step", lambda x_t, h_prev, W, b: np.tanh(stack(h_prev, x_t) @ W.T + b / 2)),
    ("rnn_step", lambda x_t, h_prev, W, b: np.tanh(stack(h_prev, x_t) @ W[::-1].T + b)),
    ("numerical_gradient", lambda x, h, W, b, dh: nudged(x, h, W, b, dh) * W),
    ("numerical_gradient", lambda x, h, W, b, dh: nudged(x, h, W, b, dh**2)),
    ("numerical_gradient", lambda x, h, W, b, dh: nudged(x, h, W, b, dh, size=0.3)),
    ("numerical_gradient", lambda x, h, W, b, dh: nudged(x, h, W, 0 * b, dh)),
    ("clip_by_global_norm", _clip_by_two),
    ("clip_by_global_norm", _clip_smoothly),
    ("forget_gate", lambda hx, W, b: sigmoid(hx @ W.T + b) ** 2),
    ("forget_gate", lambda hx, W, b: sigmoid(hx @ W.T + b.sum())),
    ("input_gate", lambda hx, W, b: sigmoid(abs(hx @ W.T + b))),
    ("output_gate", lambda hx, W, b: sigmoid(hx.mean(axis=0) @ W.T + b) + 0 * hx[:, :1]),
    ("candidate", lambda hx, W, b: np.tanh(hx @ W.T + b) / 2),
    ("candidate", lambda hx, W, b: np.tanh(hx @ W.T) + np.tanh(b)),
    ("cell_state", lambda f, c_prev, i, c_tilde: np.maximum(f * c_prev, i * c_tilde)),
    ("cell_state", lambda f, c_prev, i, c_tilde: (f + i) * (c_prev + c_tilde)),
    ("cell_state", lambda f, c_prev, i, c_tilde: (f * c_prev + i * c_tilde) / (f + i)),
    ("hidden_state", lambda o, c: o * np.sin(c)),
    ("hidden_state", lambda o, c: o * np.tanh(c).mean(axis=0)),
    ("stack", lambda h_prev, x_t: np.concatenate([h_prev, x_t[::-1]], axis=1)),
    ("stack", lambda h_prev, x_t: np.concatenate([h_prev, 0 * x_t], axis=1)),
    ("lstm_cell", _packed_torch_order),
    ("lstm_cell", _one_weight_for_all),
    ("lstm_cell", _leaky),
    ("lstm_cell", _peephole),
    ("lstm_forward", _every_other),
    ("lstm_forward", _running_mean),
    ("lstm_forward", _sums_inputs),
    ("lstm_forward", _first_example_only),
    ("to_state_dict", _rows_reversed),
    ("to_state_dict", _no_candidate),
    ("to_state_dict", _bias_twice_as_large),
    ("to_state_dict", _negative_recurrent),
    ("from_state_dict", _biases_of_two_gates_swapped),
    ("from_state_dict", _weights_and_biases_by_two_orders),
    ("from_state_dict", _largest_bias),
    ("from_state_dict", _columns_reversed),
    ("make_batch", _first_mark_for_all),
    ("make_batch", _squared_numbers),
    ("make_batch", _centred),
    ("train", _only_the_first_number),
    ("train", _gate_ajar),
    ("cell_backward", _step_then(lambda grads: {name: -grad for name, grad in grads.items()})),
    ("cell_backward", _step_then(lambda grads: grads | {"W_i": grads["W_f"], "W_f": grads["W_i"]})),
    ("cell_backward", _step_then(lambda grads: grads | {"b_o": 0 * grads["b_o"]})),
    ("cell_backward", _step_then(lambda grads: grads | {"c_prev": grads["c_prev"][::-1]})),
    ("cell_backward", _step_then(lambda grads: grads | {"W_c": grads["W_c"] * 1.0001})),
    ("cell_backward", _finite_difference),
    ("cell_backward", _gradients_of_the_loss_twice),
    ("cell_backward", _gates_rounded),
    ("lstm_backward", _truncated),
    ("lstm_backward", _clipped_on_the_way),
    ("lstm_backward", _faded),
    ("lstm_backward", lambda dh, *rest: _back(dh.mean(axis=1, keepdims=True) + 0 * dh, *rest)),
    ("lstm_backward", lambda dh, *rest: _back(np.cumsum(dh[::-1], axis=0)[::-1], *rest)),
    ("lstm_backward", lambda *given: EXERCISES["lstm_backward"].reference(*given) | {"b_f": 0.0}),
    ("gradient_vs_lag", _gradient_of_x),
    ("gradient_vs_lag", _running_largest),
    ("gradient_vs_lag", lambda *given: np.sqrt(_lags(*given))),
    ("gradient_vs_lag", lambda *given: np.minimum(_lags(*given), 0.5)),
    ("gradient_vs_lag", lambda *given: np.exp(-np.arange(len(given[0]) + 1))),
    ("gradient_vs_lag", lambda x, *rest: _lags(x[::-1], *rest)),
    ("init_forget_bias", _noisy_bias),
    ("init_forget_bias", _whole_steps),
    ("init_forget_bias", lambda params, k: _set_bias(params, 2 * k)),
    ("init_forget_bias", lambda params, k: _set_bias(params, k) | {"b_c": params["b_f"]}),
    ("init_forget_bias", lambda params, k: _set_bias(params, k) | {"W_o": 2 * params["W_o"]}),
    ("unpack_weights", lambda state: _unpack(state | {"bias_hh": state["bias_hh"][::-1]})),
    ("unpack_weights", lambda state: _unpack(state | {"weight_hh": -state["weight_hh"]})),
    ("unpack_weights", lambda state: {k: np.sort(a) for k, a in _unpack(state).items()}),
    ("listen", lambda x, *rest: _listen(np.cumsum(x, axis=0), *rest)),
    ("listen", lambda *given: _listen(*given[:2], given[2][::-1], *given[3:])),
    ("listen", _smoothed),
    ("tells", lambda c, speaking: np.median(c[speaking], axis=0) > np.median(c, axis=0)),
    ("tells", lambda c, speaking: _tells(c, speaking) ** 2),
    ("tells", lambda c, speaking: _tells(np.abs(c), speaking)),
]
