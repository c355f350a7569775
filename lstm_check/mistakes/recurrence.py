"""Known mistakes of the assignment *recurrence*."""

import math
from dataclasses import replace

import numpy as np

from lstm_check.exercises.recurrence import EXERCISES, GRADIENT
from lstm_check.notation import read

_SIGMOID = """
== Why sigmoid, in The gates
overflow warning | s = 1 / (1 + np.exp(-z))
  the values are right, but np.exp overflows on the way, with a warning; which sign should the
  number it gets have, at every z?
np.where computes both | s = np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))
  the values are right, but NumPy warns: np.where only chooses, both branches are always computed
nan when saturated | s = np.exp(z) / (1 + np.exp(z))
  some of your values are not finite. np.exp of a large number is inf, and inf / inf is nan
sign of the exponent | s = 1 / (1 + np.exp(z)) || s = np.exp(-z) / (1 + np.exp(-z))
  your values are one minus the right ones; look at the sign in the exponent
brackets left out | s = 1 / 1 + np.exp(-z)
  your values are 1 + exp(-z): without brackets, / comes before +
tanh for sigmoid | s = np.tanh(z)
  your values are what tanh gives, from -1 to 1; sigmoid goes from 0 to 1
tanh without the half | s = (np.tanh(z) + 1) / 2
  your values are the sigmoid of 2 z, twice as steep as it should be
tanh not shifted | s = np.tanh(z / 2) / 2 || s = np.tanh(z / 2)
  your values are a tanh of z / 2, which lies around 0; sigmoid lies around one half
only right for positive z | s = 1 / (1 + e)
  your values are right for positive z; for negative z you give the value at -z
only right for negative z | s = e / (1 + e)
  your values are right for negative z; for positive z you give the value at -z
the two halves exchanged | s = np.where(z >= 0, e, 1) / (1 + e)
  your two formulas are right, but each is used where the other belongs
hard sigmoid | s = np.clip(0.2 * z + 0.5, 0, 1) || s = np.clip(z / 6 + 0.5, 0, 1)
  your values are those of a hard sigmoid, made of straight lines
slope of the sigmoid | s = e / (1 + e) ** 2
  your values are the slope of the sigmoid, at most 1/4; here its value is asked for
softmax for sigmoid | s = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
  your values add up to 1: that is softmax. Each number has a sigmoid of its own
exponential for sigmoid | s = np.exp(z) || s = np.exp(-z)
  your values are an exponential, one part of the sigmoid
ReLU for sigmoid | s = np.maximum(z, 0)
  your values are those of ReLU, which has no upper bound; sigmoid lies between 0 and 1
z clipped too soon | s = 1 / (1 + np.exp(-np.clip(z, -#, #))) for # in 1 3 5 6 10 20
  your z is clipped so soon that the values show it; sigmoid is 0 or 1, as far as a float can say,
  only beyond 30
one answer for many numbers | one_answer
  if, and, max and the like need one answer, and z has many numbers
an array for a single number | one_by_one
  math.exp, like float, takes a single number; NumPy has functions for arrays
"""

_RNN_STEP = """
== Stacking the input, in The gates
@stacked
recurrent weights not transposed | h, x = np.split(hx, [len(W)], axis=1)
    |; U, V = np.split(W, [len(W)], axis=1); a = h @ U + x @ V.T
  your values are those when the part of W that acts on h_prev is not transposed; it is square, so
  nothing complains
flattened | hx = np.append(h_prev, x_t); a = W @ hx
  both arrays are flattened, as np.append does without an axis; each example keeps its row
== A network that is a loop, in Sequences
@product W=W; b=b; y=h_t; squash=np.tanh
  but h_prev ignored; x_t ignored; 1 added to the bias
h_prev ignored | a = hx[:, len(W) :] @ W[:, len(W) :].T
  your values are what comes out without h_prev: such a network has no memory
x_t ignored | a = hx[:, : len(W)] @ W[:, : len(W)].T
  your values are what comes out without x_t: such a network reads nothing
not squashed | h_t = z
  your values are the pre-activation, any size; a hidden state lies between -1 and 1
sigmoid for tanh | h_t = 1 / (1 + np.exp(-z))
  your values are what sigmoid gives, none negative; a hidden state lies between -1 and 1
ReLU for tanh | h_t = np.maximum(z, 0)
  your values are those of ReLU; the hidden state of this network lies between -1 and 1
@tanh z=z; y=h_t
squashed in parts | h, x = np.split(hx, [len(W)], axis=1); U, V = np.split(W, [len(W)], axis=1)
    |; a = np.tanh(h @ U.T); z = a + np.tanh(x @ V.T + b); h_t = z
  your values are those when the two parts are squashed before they are added
only x_t squashed | h, x = np.split(hx, [len(W)], axis=1); U, V = np.split(W, [len(W)], axis=1)
    |; a = h @ U.T; z = a + np.tanh(x @ V.T + b); h_t = z
  your values are those when only the part of x_t is squashed
old state added | return h_prev + h_t
  your values are those with h_prev added to the new state; this network replaces it
h_prev returned | hx = h_prev; a = hx; z = a; h_t = z
  your result is h_prev, the state before the step
@rows y=h_t
  result transposed; axis of length 1 dropped; one example only
"""

_GRADIENT = """
== Checked, in Sequences
not halved | dW = 2 * slope
  your values are twice the right ones: from down to up the weight moves by 2 ε
halved | dW = slope / 2
  your values are half of the right ones: by how much does the weight move between the two losses?
sign turned | dW = -slope
  your values are the right ones with their sign turned: it is the loss above, minus that below
dh left out | dz = 1 - h_t**2
  your values are those of the sum of h_t alone; in the loss, each number counts as often as dh says
mean for the sum | dW = slope / h_t.size || dW = slope / len(h_t)
  your values are those of a mean; the loss is the sum over all numbers
one example only | dW = dz[:1].T @ hx[:1]
  your values are those of the first example; the loss is a sum over all of them
all weights at once | dW = np.full_like(W, slope.sum())
  all your values are the same: all weights are moved at once. Move one, and put it back
no copy | dW = 0 * slope
  your values are all 0, since both losses are equal: up = W is a second name for W, no copy; or
  ε is lost in rounding
a row at once | dW = np.zeros_like(W) + slope.sum(axis=1)[:, None]
  your values are those when a whole row of W is moved at once; move one number, and put it back
a column at once | dW = np.zeros_like(W) + slope.sum(axis=0)
  your values are those when a whole column of W is moved at once; move one number, and put it back
size of the slope | dW = np.abs(slope)
  your values have lost their sign; a loss may fall when a weight grows
gradient of one number | dW = slope.ravel()[0]
  your result is the gradient for one number of W; each has its own
"""

_CLIP = """
== Exploding gradients, and clipping, in Vanishing gradients
each array by itself | norms = {k: np.linalg.norm(g) for k, g in gradients.items()}
    |; clipped = {k: g * min(1.0, max_norm / norms[k]) for k, g in gradients.items()}
  your values are those when each array is clipped by its own norm; that turns the direction of
  the gradient as a whole
each number by itself | clipped = {k: np.clip(g, -max_norm, max_norm) for k, g in gradients.items()}
  your values are those when each number is cut off at max_norm; that turns the gradient
@norm
sum of sizes for the norm | squares = [np.sum(np.abs(g)) ** 2 for g in gradients.values()]
    | || squares = [np.sum(np.abs(g)) for g in gradients.values()]; norm = sum(squares)
  your values are those with sums of absolute values; a norm is the root of a sum of squares
numbers for squares | squares = [np.sum(np.abs(g)) for g in gradients.values()]
  your norm is the root of a sum of absolute values; the numbers are squared first
largest number for the norm | squares = [np.max(g**2) for g in gradients.values()]
    |; norm = np.sqrt(max(squares))
  your values are those with the largest absolute value for the norm
mean for the sum | norm = np.sqrt(sum(squares) / sum(g.size for g in gradients.values()))
    | || squares = [np.mean(g**2) for g in gradients.values()]
  your values are those with a mean of the squares for their sum
mean of the norms | norm = np.mean(np.sqrt(squares))
  your values are those with the mean of the arrays' norms; all numbers count together
spectral norm | squares = [np.linalg.norm(g, 2) ** 2 for g in gradients.values()]
  your values are those with the largest singular value of W for its norm; here its numbers count
  like those of a vector
only W in the norm | norm = np.sqrt(squares[0])
  your values are those when W alone decides about the norm; all arrays count together
only W and b in the norm | norm = np.sqrt(squares[0] + squares[1])
  your values are those when W and b decide about the norm; all arrays count, whatever their name
max_norm left out | factor = 1 / norm
  your gradient comes out with norm 1, whatever max_norm is
factor upside down | factor = norm / max_norm
  your gradient comes out longer than it was: the factor is upside down
not divided by the norm | factor = max_norm
  your gradient is multiplied by max_norm, whatever its norm is
comparison turned around | scale = factor if norm < max_norm else 1.0
  long gradients stay as they are, and short ones are made longer; it is the other way round
dropped instead of scaled | factor = 0.0
  a gradient that is too long comes out as zero; clipping keeps its direction
direction turned | factor = -max_norm / norm
  your gradient points the other way; clipping keeps its direction
only W clipped | clipped = {**gradients, "W": scale * gradients["W"]}
  your W is right, but the other arrays come out as they were; one factor scales all
each array by itself, in place | each_in_place
  each array is clipped by its own norm, and in place: all arrays count together, and the caller
  still needs its own
the dict for its arrays | clipped = gradients * scale || norm = np.linalg.norm(gradients)
  gradients is a dict; NumPy works on the arrays in it
names for arrays | squares = [np.sum(g**2) for g in gradients]
    | || squares = [np.linalg.norm(g) ** 2 for g in gradients]
  a loop over a dict runs over its names; you want what is stored under them
"""


def _one_by_one(z):
    return 1 / (1 + math.exp(-z))


def _one_answer(z):
    if z >= 0:
        return 1 / (1 + np.exp(-z))
    return np.exp(z) / (1 + np.exp(z))


def _each_in_place(gradients, max_norm):
    for g in gradients.values():
        g *= min(1.0, max_norm / np.linalg.norm(g))
    return gradients


MISTAKES = {
    "sigmoid": read(
        EXERCISES["sigmoid"].source, _SIGMOID, one_by_one=_one_by_one, one_answer=_one_answer
    ),
    "rnn_step": read(EXERCISES["rnn_step"].source, _RNN_STEP),
    "numerical_gradient": [replace(mistake, edits=()) for mistake in read(GRADIENT, _GRADIENT)],
    "clip_by_global_norm": read(
        EXERCISES["clip_by_global_norm"].source, _CLIP, each_in_place=_each_in_place
    ),
}
