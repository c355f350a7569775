"""Who knows PyTorch, lists or `math`, and NumPy badly, is told what NumPy has for it."""

import functools
import math
import sys

import numpy as np
import pytest
import torch

from lstm_check import CheckError, check
from lstm_check.exercises.training import by_hand
from lstm_ref import sigmoid


def said(name, function):
    # A partial is not looked into: these use `lstm_ref`.
    with pytest.raises(CheckError) as caught:
        check(name, functools.partial(function))
    return caught.value.message


def logistic(z):
    return 1 / (1 + math.exp(-z))


def one_by_one(hx, W_f, b_f):
    f = np.empty((len(hx), len(b_f)))
    for at in np.ndindex(f.shape):
        f[at] = logistic(hx[at[0]] @ W_f[at[1]] + b_f[at[1]])
    return f


@pytest.mark.parametrize(
    ("name", "function", "word"),
    [
        ("forget_gate", lambda hx, W, b: sigmoid(hx.mm(W.t()) + b), "in NumPy it is a @ b."),
        ("forget_gate", lambda hx, W, b: logistic(hx @ W.T + b), "np.exp takes an array"),
        ("forget_gate", one_by_one, "np.exp gives inf there"),
        ("cell_state", lambda f, c, i, g: f.mul(c) + i.mul(g), "in NumPy it is a * b."),
        ("cell_state", lambda f, c, i, g: list(f) * list(c), "Lists are no arrays"),
        ("stack", lambda h, x: np.cat([h, x], 1), "it is np.concatenate([a, b], axis=1)."),
        ("stack", lambda h, x: np.concatenate([h, x], dim=1), "NumPy says axis."),
        ("stack", lambda h, x: torch_is_no_name(h, x), "torch is not there; NumPy is, as np."),
        ("stack", lambda h, x: again(h, x), "calls itself"),
        ("stack", lambda h, x: early(h, x), "No line that has run by then"),
        ("lstm_cell", lambda x, h, c, params: params["Wf"], "params has W_f, W_i,"),
        ("lstm_cell", lambda x, h, c, params: {}["W_f"], "params has it, but not the dict"),
        ("lstm_cell", lambda x, h, c, params: params.W_f, 'names in brackets: ["W_f"].'),
        (
            "pad",
            lambda s: {"x": nn_pad(s), "mask": nn_pad(s) > 0},
            "It is PyTorch's: .detach().numpy() makes an array of it.",
        ),
        (
            "masked_loss",
            lambda a, t, m: {"loss": torch.tensor(1.0), "gradient": a},
            "It is PyTorch's: .item() makes a number of it.",
        ),
        (
            "fit",
            lambda *given: {name: torch.tensor(w) for name, w in by_hand(*given).items()},
            "It is PyTorch's: .detach().numpy() makes an array of it.",
        ),
    ],
)
def test_what_numpy_has_for_it_is_said(name, function, word):
    assert word in said(name, function)


def torch_is_no_name(h_prev, x_t):
    del globals()["torch"]
    try:
        return torch.cat([h_prev, x_t], 1)
    finally:
        globals()["torch"] = sys.modules["torch"]


def early(h_prev, x_t):
    for row in h_prev[:0]:
        later = row
    return later, x_t


def again(h_prev, x_t):
    return again(h_prev, x_t)


def nn_pad(sequences):
    return torch.nn.utils.rnn.pad_sequence([torch.tensor(s) for s in sequences])


def test_a_mask_does_not_ask_the_numbers():
    """A zero may have been measured."""

    def pad(sequences):
        x = nn_pad(sequences).numpy()
        return {"x": x, "mask": x.any(axis=2)}

    assert "a 0 that was measured is real" in said("pad", pad)


def test_no_argument_is_called_unused_where_a_list_of_arrays_stopped():
    def clip(gradients, max_norm):
        norm = np.linalg.norm(list(gradients.values()))
        return {name: g * min(1, max_norm / norm) for name, g in gradients.items()}

    message = said("clip_by_global_norm", clip)
    assert "at: norm = np.linalg.norm(list(" in message
    assert "never looks at" not in message


def test_a_sentence_that_asks_ends_once():
    message = said("hidden_state", lambda o, c: (o * np.tanh(c)) + 1e-5)
    assert "What costs precision on the way?" in message
    assert "?." not in message


def test_no_seed_is_called_unused_where_something_else_stopped():
    """NumPy's generator takes None for a seed."""

    def train(x, y, hidden_size, seed):
        rng = np.random.default_rng(seed)
        return rng.normal(size=(7, 11)) @ rng.normal(size=(13, hidden_size))

    assert "never looks" not in said("train", train)
