"""Known mistakes of the assignment *pytorch*."""

from itertools import permutations

import numpy as np

from lstm_check.exercise import Mistake, Section
from lstm_check.exercises.cell import GATES
from lstm_check.exercises.pytorch import ORDER, from_state_dict, to_state_dict

_TENSORS = Section("Four tensors", "nn.LSTM opened up")
_BIASES = Section("Two biases", "nn.LSTM opened up")
_MOVING = Section("Moving weights, both ways", "nn.LSTM opened up")
_OTHERS = Section("Keras and ONNX", "nn.LSTM opened up")
_STACKING = Section("Stacking the input", "The gates")

_SAID = {"c": "c̃"}
_KNOWN_ORDERS = {"fico": ", that of the equations", "iofc": ", that of ONNX"}


def _renamed(params, names, gates):
    """Return the parameters with those of `gates` under `names`, in the same order."""
    taken = dict(zip(names, gates, strict=True))
    return {f"{kind}_{gate}": params[f"{kind}_{taken[gate]}"] for kind in "Wb" for gate in GATES}


def _orders(wrong, start):
    """Yield a mistake for every wrong order of the blocks."""
    for order in map("".join, permutations(ORDER)):
        if order != ORDER:
            said = ", ".join(_SAID.get(gate, gate) for gate in order)
            yield Mistake(
                f"blocks in the order {order}",
                wrong(order),
                f"{start} in the order {said}{_KNOWN_ORDERS.get(order, '')}; PyTorch has another, "
                "and nothing but the values shows it",
                _OTHERS if order == "iofc" else _TENSORS,
            )


def _to(change_params=lambda params: params, **change):
    """Return `to_state_dict` with something wrong: with the parameters, or with an array."""

    def wrong(params):
        state = to_state_dict(change_params(params))
        return state | {name: function(state[name], state) for name, function in change.items()}

    return wrong


def _from(change_state=lambda state: state, change_params=lambda params: params):
    return lambda state: change_params(from_state_dict(change_state(state)))


def _columns(params):
    W = np.concatenate([params[f"W_{gate}"] for gate in ORDER])
    return W, W.shape[1] - len(params["b_f"])


def _input_first(params):
    W, D = _columns(params)
    return to_state_dict(params) | {"weight_ih_l0": W[:, :D], "weight_hh_l0": W[:, D:]}


def _interleaved(params):
    """Hidden unit by hidden unit, and within it gate by gate."""
    state = to_state_dict(params)
    return {
        name: a.reshape(4, -1, *a.shape[1:]).swapaxes(0, 1).reshape(a.shape)
        for name, a in state.items()
    }


def _side_by_side(params):
    W = np.concatenate([params[f"W_{gate}"] for gate in ORDER], axis=1)
    H = len(params["b_f"])
    return to_state_dict(params) | {"weight_ih_l0": W[:, H:], "weight_hh_l0": W[:, :H]}


def _stacked(params):
    return {name: a.reshape(4, -1, *a.shape[1:]) for name, a in to_state_dict(params).items()}


def _without_layer(params):
    return {name.removesuffix("_l0"): a for name, a in to_state_dict(params).items()}


def _one_bias(params):
    state = to_state_dict(params)
    del state["bias_hh_l0"]
    return state


def _bias_grown(params):
    params["b_f"] += 1
    return to_state_dict(params)


def _swapped_names(params):
    state = to_state_dict(params)
    return state | {
        "weight_ih_l0": state["weight_hh_l0"],
        "weight_hh_l0": state["weight_ih_l0"],
    }


_TO = [
    Mistake(
        "bias in both",
        _to(bias_hh_l0=lambda b, state: state["bias_ih_l0"]),
        "your bias is in both places; PyTorch adds the two, so that it counts twice",
        _BIASES,
    ),
    Mistake(
        "input's columns first",
        _input_first,
        "your two weights are cut as if the columns of x_t came first; the shapes fit, the "
        "columns do not",
        _STACKING,
    ),
    *_orders(lambda order: _to(lambda params: _renamed(params, ORDER, order)), "your blocks are"),
    Mistake(
        "bias in bias_hh_l0",
        _to(
            bias_ih_l0=lambda b, state: 0 * b,
            bias_hh_l0=lambda b, state: state["bias_ih_l0"],
        ),
        "the weights are right, and the sum of the two biases is; the task wants all of it in "
        "the other one",
        _BIASES,
    ),
    Mistake(
        "bias halved",
        _to(bias_ih_l0=lambda b, state: b / 2, bias_hh_l0=lambda b, state: state["bias_ih_l0"] / 2),
        "the weights are right, and the sum of the two biases is; the task wants all of it in "
        "one of them",
        _BIASES,
    ),
    Mistake(
        "no bias",
        _to(bias_ih_l0=lambda b, state: 0 * b),
        "the weights are right, but both biases are zero: where did b_f, b_i, b_c, b_o go?",
        _BIASES,
    ),
    Mistake(
        "1 added to b_f",
        _to(lambda params: params | {"b_f": params["b_f"] + 1}),
        "the block of the forget gate's bias is 1 too high; a forget bias is chosen at the "
        "start of training, a conversion changes nothing",
        _BIASES,
    ),
    Mistake(
        "unit by unit",
        _interleaved,
        "your rows go unit by unit, with the four blocks of a unit side by side; PyTorch keeps "
        "each gate's rows together",
        _TENSORS,
    ),
    Mistake(
        "the two weights swapped",
        _swapped_names,
        "your two weights are under each other's name: ih acts on the input, hh on the "
        "hidden state",
        _TENSORS,
    ),
    Mistake(
        "weights transposed",
        _to(weight_ih_l0=lambda W, state: W.T, weight_hh_l0=lambda W, state: W.T),
        "your weights are transposed, as Keras keeps them; in PyTorch a row belongs to an output",
        _OTHERS,
    ),
    Mistake(
        "hh transposed",
        _to(weight_hh_l0=lambda W, state: np.concatenate([part.T for part in np.split(W, 4)])),
        "weight_ih_l0 is right, but each block of weight_hh_l0 is transposed; a block is "
        "square, so that no shape tells",
        _MOVING,
    ),
    Mistake(
        "blocks side by side",
        _side_by_side,
        "your gates lie side by side; in PyTorch they lie one below the other",
        _TENSORS,
    ),
    Mistake(
        "an axis for the gates",
        _stacked,
        "your arrays have an axis of their own for the four blocks; in PyTorch they are joined "
        "along the rows, to 4H",
        _TENSORS,
    ),
    Mistake(
        "not cut",
        _to(
            weight_ih_l0=lambda W, state: np.hstack([state["weight_hh_l0"], W]),
            weight_hh_l0=lambda W, state: np.hstack([W, state["weight_ih_l0"]]),
        ),
        "your weights are not cut: each of the two holds all H + D columns",
        _MOVING,
    ),
    Mistake(
        "names without the layer",
        _without_layer,
        "your names lack the layer: l0, with a small L, is layer 0, and belongs to the name",
        _TENSORS,
    ),
    Mistake(
        "second bias missing",
        _one_bias,
        "bias_hh_l0 is missing; load_state_dict wants both biases, even if one of them is zero",
        _BIASES,
    ),
    Mistake(
        "argument changed",
        _bias_grown,
        "it changes params: b_f, as its caller has it, is another one afterwards",
        _BIASES,
    ),
]


def _biases(combine):
    """Return `from_state_dict` with the two biases combined in another way."""

    def change(state):
        b = combine(state["bias_ih_l0"], state["bias_hh_l0"])
        return state | {"bias_ih_l0": b, "bias_hh_l0": 0 * b}

    return _from(change)


def _joined(state, join):
    """Return the right biases, and weights from another way to join the two."""
    W = dict(
        zip(ORDER, np.split(join(state["weight_ih_l0"], state["weight_hh_l0"]), 4), strict=True)
    )
    return from_state_dict(state) | {f"W_{gate}": W[gate] for gate in GATES}


def _every_fourth(state):
    return {name: np.concatenate([a[k::4] for k in range(4)]) for name, a in state.items()}


def _blocks_transposed(state):
    parts = np.split(state["weight_hh_l0"], 4)
    return state | {"weight_hh_l0": np.concatenate([part.T for part in parts])}


def _rows_of(size):
    """Return `from_state_dict` that takes something else for the rows of a gate."""

    def wrong(state):
        W = np.concatenate([state["weight_hh_l0"], state["weight_ih_l0"]], axis=1)
        b = state["bias_ih_l0"] + state["bias_hh_l0"]
        H = size(state)
        rows = {gate: slice(k * H, (k + 1) * H) for k, gate in enumerate(ORDER)}
        return {f"W_{gate}": W[rows[gate]] for gate in GATES} | {
            f"b_{gate}": b[rows[gate]] for gate in GATES
        }

    return wrong


def _g_for_c(params):
    return {name.replace("_c", "_g"): a for name, a in params.items()}


def _sum_in_place(state):
    state["bias_ih_l0"] += state["bias_hh_l0"]
    return from_state_dict(state | {"bias_hh_l0": 0 * state["bias_hh_l0"]})


_SIDE_BY_SIDE = "the two weights belong side by side: they act on the same gates"
_ONE = "the weights are right, but your biases are those of {} alone; PyTorch uses both"
_FROM = [
    Mistake("only bias_ih_l0", _biases(lambda ih, hh: ih), _ONE.format("bias_ih_l0"), _BIASES),
    Mistake("only bias_hh_l0", _biases(lambda ih, hh: hh), _ONE.format("bias_hh_l0"), _BIASES),
    Mistake(
        "biases averaged",
        _biases(lambda ih, hh: (ih + hh) / 2),
        "the weights are right, but your biases are the mean of the two; PyTorch does something "
        "else with them",
        _BIASES,
    ),
    Mistake(
        "biases multiplied",
        _biases(lambda ih, hh: ih * hh),
        "the weights are right, but your biases are the product of the two",
        _BIASES,
    ),
    Mistake(
        "biases subtracted",
        _biases(lambda ih, hh: ih - hh),
        "the weights are right, but your biases are the difference of the two",
        _BIASES,
    ),
    Mistake(
        "no bias",
        _biases(lambda ih, hh: 0 * ih),
        "the weights are right, but the biases are zero",
        _BIASES,
    ),
    Mistake(
        "input's columns first",
        lambda state: _joined(state, lambda ih, hh: np.hstack([ih, hh])),
        "the biases are right, but your weights have the columns of the input first; the "
        "shapes fit, the columns do not",
        _STACKING,
    ),
    *_orders(
        lambda order: _from(change_params=lambda params: _renamed(params, order, ORDER)),
        "you take the blocks to be",
    ),
    Mistake(
        "1 added to b_f",
        _from(change_params=lambda params: params | {"b_f": params["b_f"] + 1}),
        "b_f is 1 too high; a forget bias is chosen at the start of training, a conversion "
        "changes nothing",
        _BIASES,
    ),
    Mistake(
        "every fourth row",
        _from(_every_fourth),
        "you take every fourth row for a gate; PyTorch keeps each gate's rows together",
        _TENSORS,
    ),
    Mistake(
        "hh transposed",
        _from(_blocks_transposed),
        "your blocks of weight_hh_l0 are transposed; a block is square, so that no shape tells",
        _MOVING,
    ),
    Mistake(
        "weights transposed",
        _from(
            change_params=lambda params: {
                name: a.T if name[0] == "W" else a for name, a in params.items()
            }
        ),
        "the biases are right, but your weights are transposed; a row belongs to a hidden unit",
        _MOVING,
    ),
    Mistake(
        "hh left out",
        lambda state: _joined(state, lambda ih, hh: ih),
        "your weights are those on the input alone; the hidden state has weights, too",
        _MOVING,
    ),
    Mistake(
        "ih left out",
        lambda state: _joined(state, lambda ih, hh: hh),
        "your weights are those on the hidden state alone; the input has weights, too",
        _MOVING,
    ),
    Mistake(
        "not cut into blocks",
        _rows_of(lambda state: len(state["bias_ih_l0"])),
        "you take all 4H rows for one gate; there are four blocks",
        _TENSORS,
    ),
    Mistake(
        "D for H",
        _rows_of(lambda state: state["weight_ih_l0"].shape[1]),
        "your blocks have D rows; the columns of weight_ih_l0 are the inputs, they say nothing "
        "about H",
        _TENSORS,
    ),
    Mistake(
        "joined one below the other",
        lambda state: _joined(state, lambda ih, hh: np.concatenate([hh, ih])),
        _SIDE_BY_SIDE,
        _MOVING,
    ),
    Mistake(
        "joined one below the other",
        lambda state: _joined(state, lambda ih, hh: np.concatenate([ih, hh])),
        _SIDE_BY_SIDE,
        _MOVING,
    ),
    Mistake(
        "g for c",
        _from(change_params=_g_for_c),
        "the candidate is missing: PyTorch calls it g, here it is c, as in W_c and b_c",
        _TENSORS,
    ),
    Mistake(
        "argument changed",
        _sum_in_place,
        "your values are right, but it changes the state it was given: += writes into the "
        "caller's array",
        _BIASES,
    ),
]

MISTAKES = {"to_state_dict": _TO, "from_state_dict": _FROM}
