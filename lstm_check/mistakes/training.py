"""Known mistakes of the assignment *training*."""

import numpy as np

from lstm_check.exercises.training import (
    EXERCISES,
    GUESSING,
    NOISE,
    answers,
    by_hand,
    longest_of,
    loss,
    unseen,
)
from lstm_check.notation import read
from lstm_check.trained import correlation, read_trained
from lstm_ref import LSTMParams, fast

_PAD = """
== Dataset and DataLoader, in Practice: train it with PyTorch
padded in front | put: x[T - len(s) :, k] = s; mask = np.arange(T)[::-1, None] < lengths
  your sequences end at the last step, behind their padding; here they begin at the first step
padded in front | put: x[T - len(s) :, k] = s
  your sequences stand at the end, and your mask says that they stand at the beginning
cut to the shortest | T = lengths.min(); put: x[:, k] = s[:T]
  everything is cut to the shortest sequence, and data are lost; pad to the longest
last value repeated | put: x[: len(s), k] = s; x[len(s) :, k] = s[-1]
  behind its end each sequence goes on with its last value; the padding is 0 here
reversed | put: x[: len(s), k] = s[::-1]
  your sequences run backward
sorted by length
    | sequences = sorted(sequences, key=len)[::-1]; lengths = np.array([len(s) for s in sequences])
  your sequences are sorted by length; their answers stay where they were, and belong to others now
x batch first | return {"x": x.swapaxes(0, 1), "mask": mask}
  x has the examples first; the first axis is time
mask batch first | return {"x": x, "mask": mask.T}
  the mask has the examples first; the first axis is time, as in x
both batch first | return {"x": x.swapaxes(0, 1), "mask": mask.T}
  x and mask have the examples first; the first axis is time
== Padding, packing, a mask, in Practice: train it with PyTorch
mask turned around | mask = np.arange(T)[:, None] >= lengths
  your mask is True in the padding; it says which steps are real
mask one step long | mask = np.arange(T)[:, None] <= lengths
  your mask is one step too long: steps are counted from 0, so step n is the first of the padding
mask one step short | mask = np.arange(T)[:, None] < lengths - 1
  your mask is one step too short, and each sequence loses its end
mask asks the numbers | mask = (x != 0).any(axis=2) || mask = x[:, :, 0] != 0
  your mask calls every 0 padding; a 0 that was measured is real, and only the lengths tell
all steps real | mask = np.ones((T, B), bool)
  your mask calls all steps real, padding too
mask with features
    | mask = np.repeat(mask[:, :, None], shape[2], axis=2); return {"x": x, "mask": mask}
  your mask has an axis for the features; a step is real or not, for all of them
"""

_LOSS = """
== Padding, packing, a mask, in Practice: train it with PyTorch
mean over all steps | kept = squares; n = mask.size; gradient = slope
  your loss is the mean over all steps: the network learns to answer what the padding holds, too
divided by all steps | n = mask.size
  padding is left out of your sum, but counted when you divide: more padding, less loss
sum for the mean | loss = kept.sum(); slope = 2 * error
  your loss is the sum over the real steps; it is asked for as their mean
divided by the examples | n = mask.shape[1]
  your sum is divided by the number of sequences; divide it by the number of real steps
divided by the longest length | n = mask.shape[0]
  your sum is divided by the longest length; divide it by the number of real steps
mean of means | loss = (kept.sum(axis=0) / mask.sum(axis=0)).mean()
    |; slope = 2 * error / mask.sum(axis=0) / mask.shape[1]
  your loss is a mean of each sequence, and then the mean of these: a step of a short sequence
  counts for more than one of a long sequence
mask turned around | kept = np.where(mask, 0, squares); n = mask.size - mask.sum()
    |; gradient = np.where(mask, 0, slope)
  your loss looks at the padding, and at nothing else
only the last step
    | kept = np.where(mask & ~np.append(mask[1:], 0 * mask[:1] > 0, axis=0), squares, 0)
    |; n = mask.shape[1]
    |; gradient = np.where(mask & ~np.append(mask[1:], 0 * mask[:1] > 0, axis=0), slope, 0)
  your loss looks at the last real step of each sequence; here every real step has an answer
absolute error | squares = np.abs(error); slope = np.sign(error) / n || squares = np.abs(error)
  your loss is the mean absolute error; here errors are squared
half the square | squares = error**2 / 2; slope = error / n
  your loss is half of the right one; there is no 1/2 here
root of it | loss = np.sqrt(kept.sum() / n); slope = error / n / loss
  your loss is the root of the mean squared error; it is asked for without the root
targets masked, answers not | kept = (answers - targets * mask) ** 2
    |; gradient = 2 * (answers - targets * mask) / n
  your targets are masked and your answers are not: in the padding they are pulled to 0
sign of the gradient | gradient = np.where(mask, -slope, 0)
  your loss is right, and your gradient has the other sign: it is that with respect to answers
gradient of the sum | gradient = np.where(mask, 2 * error, 0)
  your loss is right, and your gradient is that of the sum: backward was called on something else
half of the gradient | slope = error / n
  your loss is right, and your gradient is half of the right one: a square leaves a 2
gradient in the padding | gradient = slope
  your loss is right, and your gradient is not 0 in the padding
"""

_STEP = """
== Clipping by global norm, in Training
the step clipped | norm = learning_rate * np.sqrt(sum(squares))
  your step is no longer than max_norm; it is the gradient that is clipped, and then multiplied by
  the learning rate
each array by its own norm
    | own = {name: min(1.0, max_norm / np.sqrt(np.sum(g**2))) for name, g in gradients.items()}
    |; step = {name: learning_rate * own[name] * g for name, g in gradients.items()}
  each of your arrays is clipped by its own norm; one norm for all keeps the direction
each number clipped
    | cut = {name: np.clip(g, -max_norm, max_norm) for name, g in gradients.items()}
    |; step = {name: learning_rate * g for name, g in cut.items()}
  each of your numbers is clipped by itself, which changes the direction: clip_grad_value_ does that
@norm
clipped at 1 | factor = 1 / norm; scale = factor if norm > 1 else 1.0
  you clip at 1, whatever max_norm says
== The loop, in Practice: train it with PyTorch
up the gradient | moved = {name: weights[name] + step[name] for name in weights}
  your weights go up the gradient, and the loss goes up with them
learning rate left out | step = {name: scale * g for name, g in gradients.items()}
  your step has no learning rate: that of SGD has to be given to it
only the step | moved = {name: -step[name] for name in weights}
  you return the step alone; the weights after it are asked for
weights not moved | moved = {name: w.copy() for name, w in weights.items()}
  your weights are those from before: an optimizer moves the tensors that it was given, and these
  are others
Adam for plain descent | step = {name: learning_rate * np.sign(g) for name, g in gradients.items()}
  your numbers all move by the learning rate, as in Adam's first step; plain SGD is asked for
argument changed | step_in_place
  your values are right, but weights are other ones afterwards: torch.from_numpy and torch.as_tensor
  share the array's memory, torch.tensor copies it
"""

_STOP = """
== Early stopping, in Practice: train it with PyTorch
the worst for the best | best = int(np.argmax(losses))
  your best epoch is that of the largest loss
the last for the best | best = len(losses) - 1; waited = len(losses) - 1 - int(np.argmin(losses))
  your best epoch is the last one; its weights are not those to keep
counted from 1 | best = int(np.argmin(losses)) + 1; waited = len(losses) - best
  your epochs are counted from 1; here the first one is 0
the last of equal ones | best = len(losses) - 1 - int(np.argmin(losses[::-1]))
  where two epochs are equally good you take the later one; no better is not better
one epoch too soon | stop = waited >= patience - 1
  you stop one epoch too soon: as many as patience says may pass without a better one
one epoch too late | stop = waited > patience
  you stop one epoch too late: after patience epochs without a better one it is time
counter not set back
    | waited = sum(losses[k] >= losses[:k].min() for k in range(1, len(losses)))
  you count all epochs without a new best one; a new best one sets the counter back to 0
compared with one epoch before
    | stop = len(losses) > patience and bool(losses[-1] >= losses[-1 - patience])
  you compare the last loss with that patience epochs before; what counts is when the best one was
stop turned around | stop = waited < patience
  your stop is True as long as training should go on
stops when it rises | stop = len(losses) > 1 and bool(losses[-1] > losses[-2])
  you stop as soon as the loss rises once; it goes up and down, and patience waits for that
the last falls only | stop = not np.any(np.diff(losses)[-patience:] < 0)
  you stop when the loss has not fallen from one epoch to the next; what counts is whether it was
  below the best one
the loss for its epoch | best = float(np.min(losses)); waited = len(losses) - 1 - np.argmin(losses)
  your best is the lowest loss; its epoch is asked for
never stops | stop = False
  your stop is never True
"""


_FIT = """
== The loop, in Practice: train it with PyTorch
always about the same | return weights | {"readout.weight": 0 * weights["readout.weight"]}
  your network answers about the same number at every step. Does the optimizer move the weights
  that are returned? Have answers and targets one shape?
no memory | H = weights["readout.weight"].size; ih = weights["lstm.weight_ih_l0"].copy()
    |; bias = weights["lstm.bias_ih_l0"].copy(); ih[[0, H], 1] = 0; bias[0] = 20; bias[H] = -20
    |; return weights | {"lstm.weight_ih_l0": ih, "lstm.bias_ih_l0": bias}
  your network answers with the number of the same step; it does not remember. Is the first axis of
  what it reads time? Was it trained for long enough?
names of the LSTM alone
    | return {name.removeprefix("lstm."): w for name, w in weights.items()}
  your dict has the names of nn.LSTM alone; state_dict_of, given above, takes the whole model, and
  names lstm and readout
== Early stopping, in Practice: train it with PyTorch
learnt by heart | by_heart
  your network knows the noise of its training data by heart: it was trained for too long. Are the
  weights of the best epoch those that are returned?
== Padding, packing, a mask, in Practice: train it with PyTorch
answers on another scale | return weights | {"readout.weight": weights["readout.weight"] / 2}
  multiplied by one number, and moved by another, your answers would be right. Does the loss look at
  the padding, where targets are 0?
== Clipping by global norm, in Training
loss grown | return weights | {"readout.bias": weights["readout.bias"] + 40}
  your answers are far off, much further than without training. Is the gradient clipped, the
  learning rate small?
not finite | return weights | {"readout.bias": weights["readout.bias"] * np.nan}
  some of your weights are not finite numbers any more. Is there a root or a division by 0 in the
  loss? Is the gradient clipped?
"""


def _step_in_place(weights, gradients, learning_rate, max_norm):
    moved = EXERCISES["clipped_step"].reference(weights, gradients, learning_rate, max_norm)
    for name, new in moved.items():
        weights[name][...] = new
    return moved


def _by_heart(sequences, targets, valid_sequences, valid_targets, hidden_size, seed):
    """Train for far too long, on the noise as well."""
    rng = np.random.default_rng(seed)
    p = LSTMParams.init(2, hidden_size, rng)
    padded = EXERCISES["pad"].reference(sequences)
    x, mask = padded["x"].astype(float), padded["mask"]
    y = np.zeros(mask.shape)
    y.T[mask.T] = np.concatenate(targets)
    V, d = rng.normal(size=hidden_size) / np.sqrt(hidden_size), np.zeros(1)
    weights = [p.W, p.b, V, d]
    m, s = ([np.zeros_like(w) for w in weights] for _ in range(2))
    for k in range(1, 701):
        h, _, cache = fast.lstm_forward(x, p)
        dy = 2 * np.where(mask, h @ V + d - y, 0) / mask.sum()
        g = fast.lstm_backward(cache, dy[..., None] * V).params
        grads = [g.W, g.b, np.tensordot(dy, h, 2), dy.sum(keepdims=True).ravel()]
        for w, g, m_w, s_w in zip(weights, grads, m, s, strict=True):
            m_w += 0.1 * (g - m_w)
            s_w += 0.001 * (g**2 - s_w)
            w -= 0.02 * m_w / (1 - 0.9**k) / (np.sqrt(s_w / (1 - 0.999**k)) + 1e-8)
    return {
        "lstm.weight_ih_l0": p.W[:, hidden_size:],
        "lstm.weight_hh_l0": p.W[:, :hidden_size],
        "lstm.bias_ih_l0": p.b,
        "lstm.bias_hh_l0": 0 * p.b,
        "readout.weight": V[None],
        "readout.bias": d,
    }


def _failure(weights, arguments):
    """Return the name of the mistake whose weights do this, or "" if there is none."""
    x, y = unseen(arguments["seed"], longest_of(arguments))
    got, y = np.concatenate(answers(weights, x)), np.concatenate(y)
    now = np.concatenate(x)[:, 0]
    if loss(weights, arguments["sequences"], arguments["targets"]) < 0.6 * NOISE**2:
        return "learnt by heart"
    if got.std() < 0.1:
        return "always about the same"
    if np.mean((got - y) ** 2) > 10 * GUESSING:
        return "loss grown"
    if correlation(got, now) > 0.9:
        return "no memory"
    return "answers on another scale" if correlation(got, y) > 0.95 else ""


def _names_without_parts(arguments, weights):
    return isinstance(weights, dict) and "weight_ih_l0" in weights


MISTAKES = {
    "pad": read(EXERCISES["pad"].source, _PAD),
    "masked_loss": read(EXERCISES["masked_loss"].source, _LOSS),
    "clipped_step": read(EXERCISES["clipped_step"].source, _STEP, step_in_place=_step_in_place),
    "early_stopping": read(EXERCISES["early_stopping"].source, _STOP),
    "fit": read_trained(
        _FIT,
        by_hand,
        _failure,
        {"names of the LSTM alone": _names_without_parts},
        by_heart=_by_heart,
    ),
}
