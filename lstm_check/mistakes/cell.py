"""Known mistakes of the assignment *cell*: one step."""

import numpy as np

import lstm_ref
from lstm_check.exercise import Mistake, Section
from lstm_ref import sigmoid

_STACKING = Section("Stacking the input", "The gates")
_STEP = Section("The whole step", "The gates")
_CELL_STATE = Section("The cell state", "The gates")
_HIDDEN_STATE = Section("The hidden state", "The gates")
_WHY_SIGMOID = Section("Why sigmoid", "The gates")
_WHY_TANH = Section("Why tanh for the candidate", "The gates")
_FORGET = Section("The forget gate", "The gates")
_COST = Section("Mistakes, and what they cost", "The cell")
_BIASES = Section("How many numbers?", "The cell")


def _step(change=None, write=None, show=None, use=None, squash=None, order=None):
    """Return `lstm_cell` with something wrong.

    ``use`` renames the weights of a gate, ``squash`` gives a gate another
    function, ``change`` rewrites the gates f, i, c̃, o, ``write`` computes c_t,
    ``show`` h_t, and ``order`` what is returned.
    """

    def cell(x_t, h_prev, c_prev, params, stack=lstm_ref.stack):
        hx = stack(h_prev, x_t)
        gates = []
        for gate in "fico":
            W, b = (use or {}).get(gate, gate * 2)
            usual = np.tanh if gate == "c" else sigmoid
            z = hx @ params[f"W_{W}"].T + params[f"b_{b}"]
            gates.append((squash or {}).get(gate, usual)(z))
        f, i, c_tilde, o = change(*gates) if change else gates
        c_t = write(f, c_prev, i, c_tilde) if write else f * c_prev + i * c_tilde
        h_t = show(o, c_t, c_prev) if show else o * np.tanh(c_t)
        return order(h_t, c_t, o) if order else (h_t, c_t)

    return cell


def _with(of_stack=None, of_params=None):
    """Return the right `lstm_cell` on another stacked input or other parameters."""

    def cell(x_t, h_prev, c_prev, params, stack=lstm_ref.stack):
        other = of_params(params) if of_params else params
        if of_stack is None:
            return _step()(x_t, h_prev, c_prev, other, stack)
        hx = of_stack(h_prev, x_t, c_prev)
        return _step()(x_t, h_prev, c_prev, other, lambda h_prev, x_t: hx)

    return cell


def _biases(factor):
    return lambda params: {k: v * factor if k[0] == "b" else v for k, v in params.items()}


def _in_place(x_t, h_prev, c_prev, params, stack=lstm_ref.stack):
    h_t, c_t = _step()(x_t, h_prev, c_prev, params, stack)
    c_prev[...] = c_t
    return h_t, c_prev


def _hard(z):
    return np.clip(0.2 * z + 0.5, 0, 1)


_MISTAKES = [
    Mistake(
        "f and i swapped",
        _step(lambda f, i, c_tilde, o: (i, f, c_tilde, o)),
        "your values are those with f and i swapped; which one keeps, which one writes?",
        _COST,
    ),
    Mistake(
        "i and o swapped",
        _step(lambda f, i, c_tilde, o: (f, o, c_tilde, i)),
        "your values are those with i and o swapped; which one writes, which one shows?",
        _COST,
    ),
    Mistake(
        "f and o swapped",
        _step(lambda f, i, c_tilde, o: (o, i, c_tilde, f)),
        "your values are those with f and o swapped; which one keeps, which one shows?",
        _COST,
    ),
    Mistake(
        "results in the wrong order",
        _step(order=lambda h_t, c_t, o: (c_t, h_t)),
        "your two results are right, but in the wrong order",
        Section("Against PyTorch", "The cell"),
    ),
    Mistake(
        "o returned for c_t",
        _step(order=lambda h_t, c_t, o: (h_t, o)),
        "h_t is right, but the second result is the output gate, not the cell state",
        _STEP,
    ),
    Mistake(
        "h_t returned twice",
        _step(order=lambda h_t, c_t, o: (h_t, h_t)),
        "h_t is right, but the second result is h_t again; the next step needs the cell state",
        _STEP,
    ),
    Mistake(
        "tanh for sigmoid in f",
        _step(squash={"f": np.tanh}),
        "your values are those with tanh for the forget gate; a gate needs sigmoid, so that it "
        "lies between 0 and 1",
        _WHY_SIGMOID,
    ),
    Mistake(
        "tanh for sigmoid in i",
        _step(squash={"i": np.tanh}),
        "your values are those with tanh for the input gate; a gate needs sigmoid, so that it "
        "lies between 0 and 1",
        _WHY_SIGMOID,
    ),
    Mistake(
        "tanh for sigmoid in o",
        _step(squash={"o": np.tanh}),
        "your values are those with tanh for the output gate; a gate needs sigmoid, so that it "
        "lies between 0 and 1",
        _WHY_SIGMOID,
    ),
    Mistake(
        "tanh for sigmoid in all gates",
        _step(squash=dict.fromkeys("fio", np.tanh)),
        "your values are those with tanh for all gates; a gate needs sigmoid, so that it lies "
        "between 0 and 1",
        _WHY_SIGMOID,
    ),
    Mistake(
        "hard sigmoid",
        _step(squash=dict.fromkeys("fio", _hard)),
        "your values are those with a hard sigmoid, made of straight lines, for the gates",
        _WHY_SIGMOID,
    ),
    Mistake(
        "sigmoid for tanh in the candidate",
        _step(squash={"c": sigmoid}),
        "your values are those with sigmoid for the candidate; what is written must be able to "
        "lower a memory too",
        _WHY_TANH,
    ),
    Mistake(
        "candidate not squashed",
        _step(squash={"c": lambda z: z}),
        "your values are those with a candidate that is not squashed",
        _WHY_TANH,
    ),
    Mistake(
        "[x, h] for [h, x]",
        _with(lambda h_prev, x_t, c_prev: np.concatenate([x_t, h_prev], axis=1)),
        "your values are those with x_t stacked first; the columns of the weights expect the "
        "hidden state first",
        _STACKING,
    ),
    Mistake(
        "c_prev stacked for h_prev",
        _with(lambda h_prev, x_t, c_prev: lstm_ref.stack(c_prev, x_t)),
        "your values are those when the gates look at the cell state; they look at the hidden "
        "state, h_prev",
        _STACKING,
    ),
    Mistake(
        "h_prev ignored",
        _with(lambda h_prev, x_t, c_prev: lstm_ref.stack(0 * h_prev, x_t)),
        "your values are what comes out without h_prev: the gates do not know what was shown",
        _STACKING,
    ),
    Mistake(
        "x_t ignored",
        _with(lambda h_prev, x_t, c_prev: lstm_ref.stack(h_prev, 0 * x_t)),
        "your values are what comes out without x_t: the cell reads nothing",
        _STACKING,
    ),
    Mistake(
        "biases left out",
        _with(of_params=_biases(0)),
        "your values are what comes out without the biases",
        _COST,
    ),
    Mistake(
        "biases twice",
        _with(of_params=_biases(2)),
        "your values are those with each bias added twice; PyTorch has two, this cell has one",
        _BIASES,
    ),
    Mistake(
        "1 added to b_f",
        _with(of_params=lambda params: {**params, "b_f": params["b_f"] + 1}),
        "your values are those with 1 added to b_f; a forget bias of 1 is where training starts, "
        "it is not part of the equation",
        _FORGET,
    ),
    Mistake(
        "W_f and b_f for the input gate",
        _step(use={"i": "ff"}),
        "your values are those when the input gate uses the weights of the forget gate",
        _STEP,
    ),
    Mistake(
        "W_i and b_i for the forget gate",
        _step(use={"f": "ii"}),
        "your values are those when the forget gate uses the weights of the input gate",
        _STEP,
    ),
    Mistake(
        "W_i and b_i for the output gate",
        _step(use={"o": "ii"}),
        "your values are those when the output gate uses the weights of the input gate",
        _STEP,
    ),
    Mistake(
        "W_f and b_f for the output gate",
        _step(use={"o": "ff"}),
        "your values are those when the output gate uses the weights of the forget gate",
        _STEP,
    ),
    Mistake(
        "W_i and b_i for the candidate",
        _step(use={"c": "ii"}),
        "your values are those when the candidate uses the weights of the input gate",
        _STEP,
    ),
    Mistake(
        "W_c and b_c swapped with W_o and b_o",
        _step(use={"c": "oo", "o": "cc"}),
        "your values are those with the weights of candidate and output gate swapped",
        _STEP,
    ),
    Mistake(
        "one bias for several gates",
        _step(use={"f": "fo", "i": "io"}),
        "your values are those with b_o in the forget and the input gate, too",
        _STEP,
    ),
    Mistake(
        "one bias for several gates",
        _step(use={"i": "if", "c": "cf", "o": "of"}),
        "your values are those with b_f in all gates",
        _STEP,
    ),
    Mistake(
        "one minus f for f",
        _step(lambda f, i, c_tilde, o: (1 - f, i, c_tilde, o)),
        "your values are those with 1 - f for f; f is the share that is kept",
        _CELL_STATE,
    ),
    Mistake(
        "one minus f for i",
        _step(lambda f, i, c_tilde, o: (f, 1 - f, c_tilde, o)),
        "your values are those with 1 - f for i, as in a GRU; an LSTM has a gate of its own "
        "for writing",
        _CELL_STATE,
    ),
    Mistake(
        "candidate scaled by f too",
        _step(write=lambda f, c, i, c_tilde: f * (c + i * c_tilde)),
        "your values are those when f scales what is written, too; it scales only what was there",
        _CELL_STATE,
    ),
    Mistake(
        "no input gate",
        _step(lambda f, i, c_tilde, o: (f, 1, c_tilde, o)),
        "your values are those when all of the candidate is written, whatever i says",
        _CELL_STATE,
    ),
    Mistake(
        "no forget gate",
        _step(lambda f, i, c_tilde, o: (1, i, c_tilde, o)),
        "your values are those when all of the old cell state is kept, whatever f says",
        _CELL_STATE,
    ),
    Mistake(
        "nothing kept",
        _step(write=lambda f, c, i, c_tilde: i * c_tilde),
        "your values are those when nothing of c_prev is kept",
        _CELL_STATE,
    ),
    Mistake(
        "nothing written",
        _step(write=lambda f, c, i, c_tilde: f * c),
        "your values are those when nothing new is written",
        _CELL_STATE,
    ),
    Mistake(
        "tanh on the cell state",
        _step(
            write=lambda f, c, i, c_tilde: np.tanh(f * c + i * c_tilde),
            show=lambda o, c_t, c_prev: o * c_t,
        ),
        "h_t is right, but you return tanh of c_t; the cell state goes on as it is, so that "
        "it can add up",
        _CELL_STATE,
    ),
    Mistake(
        "tanh on the cell state",
        _step(write=lambda f, c, i, c_tilde: np.tanh(f * c + i * c_tilde)),
        "your values are those with a cell state that is squashed before it goes on",
        _CELL_STATE,
    ),
    Mistake(
        "o applied to the cell state",
        _step(order=lambda h_t, c_t, o: (h_t, o * c_t)),
        "h_t is right, but the output gate has scaled c_t as well; it only scales what is shown",
        _HIDDEN_STATE,
    ),
    Mistake(
        "tanh left out of h_t",
        _step(show=lambda o, c_t, c_prev: o * c_t),
        "c_t is right, but h_t is that of a cell state that is not squashed",
        _HIDDEN_STATE,
    ),
    Mistake(
        "sigmoid for tanh in h_t",
        _step(show=lambda o, c_t, c_prev: o * sigmoid(c_t)),
        "c_t is right, but h_t has sigmoid of it, so that the sign of the memory is lost",
        _HIDDEN_STATE,
    ),
    Mistake(
        "h_t from c_prev",
        _step(show=lambda o, c_t, c_prev: o * np.tanh(c_prev)),
        "c_t is right, but h_t shows the old cell state, c_prev",
        _HIDDEN_STATE,
    ),
    Mistake(
        "output gate left out",
        _step(show=lambda o, c_t, c_prev: np.tanh(c_t)),
        "c_t is right, but h_t shows all of it, whatever o says",
        _HIDDEN_STATE,
    ),
    Mistake(
        "tanh around everything",
        _step(show=lambda o, c_t, c_prev: np.tanh(o * c_t)),
        "c_t is right, but h_t is tanh of the product; the gate takes its share of what is "
        "squashed",
        _HIDDEN_STATE,
    ),
    Mistake(
        "only h_t returned",
        _step(order=lambda h_t, c_t, o: h_t),
        "your result is h_t alone; the next step needs the cell state too",
        _STEP,
    ),
    Mistake(
        "argument changed",
        _in_place,
        "your values are right, but it changes its argument c_prev, which the caller, and the "
        "backward pass, still need",
        _CELL_STATE,
    ),
]

MISTAKES = {"lstm_cell": _MISTAKES}
