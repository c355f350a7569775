"""Known mistakes of the assignment *adding-problem*."""

from itertools import permutations

import numpy as np

from lstm_check.drawing import GATES
from lstm_check.exercises.adding_problem import (
    EXERCISES,
    FACTOR,
    GUESSING,
    answers,
    by_hand,
    loss,
    unseen,
)
from lstm_check.notation import read
from lstm_check.trained import correlation, read_trained

_MAKE_BATCH = """
== The adding problem, in Training
product for the sum | y = numbers[first, examples] * numbers[second, examples]
  y is the product of the two marked numbers
mean for the sum | y = (numbers[first, examples] + numbers[second, examples]) / 2
  y is the mean of the two marked numbers
difference for the sum | y = numbers[first, examples] - numbers[second, examples]
    | || y = numbers[second, examples] - numbers[first, examples]
  y is the difference of the two marked numbers
only the first number | y = numbers[first, examples]
  y is the first marked number alone
only the second number | y = numbers[second, examples]
  y is the second marked number alone
sum of all numbers | y = numbers.sum(axis=0)
  y is the sum of all numbers; only the marked ones count
y scaled as in 1997 | y = 0.5 + (numbers[first, examples] + numbers[second, examples]) / 4
  y is scaled as in the paper of 1997, 0.5 + sum / 4; here the sum itself is asked for
y without its axis | column: y = y
  y has the right sums in shape (B,). Subtract that from answers of shape (B, 1), and NumPy makes
  (B, B) of it, without a word
y in a row | column: y = y[None]
  y has the right sums in a row, (1, B); an example is a row here, too
whole rows picked | y = numbers[first] + numbers[second]; column: y = y
  numbers[first] picks whole steps, with all examples; you want one number of each example
channels swapped | numbers: x[:, :, 1] = numbers; mark_first: x[first, examples, 0] = 1
    |; mark_second: x[second, examples, 0] = 1
  your marks come first and your numbers second; it is the other way round
every example marked | mark_first: x[first, :, 1] = 1 || mark_second: x[second, :, 1] = 1
    | || mark_first: x[first, :, 1] = 1; mark_second: x[second, :, 1] = 1
  your marks are at the steps of all examples, in every example; each has two of its own
only the first mark | mark_second: pass
  the second mark is missing in x
only the second mark | mark_first: pass
  the first mark is missing in x
marks 1 and 2 | mark_second: x[second, examples, 1] = 2
  your second marks are 2; both are 1, so that they can be treated alike
marks -1 and 1 | mark_first: x[first, examples, 1] = -1
  your first marks are -1; both are 1, so that they can be treated alike
-1 for no mark | x = np.zeros((T, B, 2), numbers.dtype); x[:, :, 1] = -1
  your marks are -1 where there is none, as in the paper of 1997; here they are 0
all between is marked | steps = np.arange(T)[:, None]
    |; mark_first: x[:, :, 1] = (steps >= first) & (steps <= second); mark_second: pass
  your marks go on from the first step to the second; only the two steps have one
marks one step early | mark_first: x[first - 1, examples, 1] = 1
    |; mark_second: x[second - 1, examples, 1] = 1
    | || mark_first: x[np.maximum(first, 1) - 1, examples, 1] = first > 0
    |; mark_second: x[second - 1, examples, 1] = 1
  your marks are one step too early; steps are counted from 0
marks one step late | mark_first: x[(first + 1) % T, examples, 1] = 1
    |; mark_second: x[(second + 1) % T, examples, 1] = 1
  your marks are one step too late; steps are counted from 0
no marks | mark_first: pass; mark_second: pass
  x has no marks: nothing says which numbers to add
marks turned around | x = np.zeros((T, B, 2), numbers.dtype); x[:, :, 1] = 1
    |; mark_first: x[first, examples, 1] = 0; mark_second: x[second, examples, 1] = 0
  your marks are 0 where they should be 1, and 1 where they should be 0
number for the mark | mark_first: x[first, examples, 1] = numbers[first, examples]
    |; mark_second: x[second, examples, 1] = numbers[second, examples]
  your marks hold the number itself; a mark is 1
other numbers erased | numbers: x[first, examples, 0] = numbers[first, examples]
    |; x[second, examples, 0] = numbers[second, examples]
    |; mark_first: x[first, examples, 1] = 1
  your numbers are 0 where there is no mark; they stay, and the network learns to ignore them
cut to whole numbers | x = np.zeros((T, B, 2), int) || return np.trunc(x), y
  x holds whole numbers: an array made for integers cuts off what is written into it
batch first | return x.swapaxes(0, 1), y
  x has the examples first; the first axis is time
channels first | return np.moveaxis(x, 2, 0), y
  x has number and mark on its first axis; they are the last one
results in the wrong order | return y, x
  the two results are those asked for, but in the wrong order
"""

_TRAIN = """
== A training step, in Training
always about 1 | return weights | {"V": 0 * weights["V"], "d": weights["d"] + 1}
  your network answers about 1, whatever it reads: that is the mean. Does Adam move the weights,
  with a learning rate near 0.01? Have the answers and y one shape, (B, 1)?
untrained | return weights | {"V": 0 * weights["V"]}
  your answers do not even have the right mean. Does Adam move the weights that you return, or
  copies of them? Is the learning rate far too small?
answers on another scale | return weights | {"V": weights["V"] / 2}
    | || return weights | {"d": weights["d"] - 1}
  multiplied by one number, and moved by another, your answers would be right. Were y or the
  answers changed before the loss, or V or d after it?
V transposed | return weights | {"V": weights["V"].T}
  your V is a column; it has one row for each answer, and there is one answer
== The adding problem, in Training
only the second number | W_f = weights["W_f"].copy(); W_f[0, -1] = -40
    |; return weights | {"W_f": W_f}
  your network answers with the second marked number; it does not carry the first one as far yet
== Clipping by global norm, in Training
loss grown | return weights | {"b_i": weights["b_i"] + 40}
  your answers are far off, much further than without training. Does each step go down the
  gradient, not up? Is it clipped?
not finite | return weights | {"b_f": weights["b_f"] * np.nan}
  some of your weights are not finite numbers any more: training went off. Are the gradients
  clipped, is the learning rate small?
== The whole step, in The gates
gates under each other's names | return renamed(weights, "ifco")
  your weights solve the task when gates are renamed: one gate's are returned under another's name
weights packed | W, b = ([weights[f"{kind}_{gate}"] for gate in "ifco"] for kind in "Wb")
    |; return {"W": np.concatenate(W), "b": np.concatenate(b), "V": weights["V"]}
  your W and b hold all gates in one array; the task asks for each by its name. LSTMParams has them
  as W_f, b_f and so on
== Stacking the input, in The gates
[x, h] for [h, x] | return rolled(weights, 2)
  your weights solve the task with the input's columns first; here the hidden state's are first
"""

_ORDERS = list(permutations(GATES))[1:]  # the first is the right one


def _renamed(weights, order):
    """Return the weights with those of each gate under another's name."""
    return weights | {
        f"{kind}_{gate}": weights[f"{kind}_{other}"]
        for kind in "Wb"
        for gate, other in zip(GATES, order, strict=True)
    }


def _rolled(weights, columns):
    """Return the weights with their last columns in front, or their first ones behind."""
    return weights | {f"W_{g}": np.roll(weights[f"W_{g}"], columns, axis=1) for g in GATES}


def _failure(weights, arguments):
    """Return the name of the mistake whose weights do this, or "" if there is none."""
    x, y = sequences = unseen(arguments["seed"], arguments["x"].shape[1])

    def solve(weights):
        return loss(weights, sequences) < GUESSING / FACTOR

    if any(solve(_renamed(weights, order)) for order in _ORDERS):
        return "gates under each other's names"
    if solve(_rolled(weights, -2)):
        return "[x, h] for [h, x]"
    got, y = answers(weights, x)[:, 0], y[:, 0]
    if got.std() < 0.1 and abs(got.mean() - 1) < 0.25:
        return "always about 1"
    # V and d are small before training, and the answers have nothing to do with the sums.
    if abs(got.mean()) < 0.6 and got.std() < 0.5 and abs(correlation(got, y)) < 0.3:
        return "untrained"
    if correlation(got, y) ** 2 > 0.9:
        return "answers on another scale"
    second = x[len(x) // 2 :].prod(axis=2).sum(axis=0)
    if correlation(got, second) > 0.9:
        return "only the second number"
    if loss(weights, (x, y[:, None])) > 10:
        return "loss grown"
    return ""


def _is_packed(arguments, weights):
    return isinstance(weights, dict) and "W" in weights and "W_f" not in weights


def _v_transposed(arguments, weights):
    H = arguments["hidden_size"]
    return isinstance(weights, dict) and H > 1 and np.shape(weights.get("V")) == (H, 1)


MISTAKES = {
    "make_batch": read(EXERCISES["make_batch"].source, _MAKE_BATCH),
    "train": read_trained(
        _TRAIN,
        by_hand,
        _failure,
        {"weights packed": _is_packed, "V transposed": _v_transposed},
        renamed=_renamed,
        rolled=_rolled,
    ),
}
