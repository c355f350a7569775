"""Known mistakes of the assignment *gates*."""

import numpy as np

from lstm_check.bank import read
from lstm_check.exercises.gates import EXERCISES

# What goes wrong before and around the function that squashes; $ stands for f, i, o or c,
# and RESULT for the result.
_AFFINE = """
== SECTION, in The gates
bias left out | z = a
  your values are what comes out without b_$, so the bias cannot shift the result
bias outside | z = a; RESULT = SQUASH(z) + b_$
  your values are right but for b_$: it is added after squashing, not before
bias subtracted | z = a - b_$
  your values are those with b_$ subtracted; the equation adds it
bias twice | z = a + 2 * b_$
  your values are those with b_$ added twice
bias for a factor | z = a * b_$
  your values are those with b_$ as a factor; the equation adds it
1 added to the bias | z = a + b_$ + 1
  your values are those with 1 added to b_$; TensorFlow's forget_bias=1.0 is where training starts,
  it is not part of the equation
weights left out | a = hx[:, : len(W_$)]
  your values are what comes out without W_$
sign of the product | a = -hx @ W_$.T
  your values are those with W_$ hx subtracted; look at the signs
== Stacking the input, in The gates
x_t ignored | a = hx[:, : len(W_$)] @ W_$[:, : len(W_$)].T
  your values are what comes out when only the first H columns of hx count: the input x_t is
  ignored
h_prev ignored | a = hx[:, len(W_$) :] @ W_$[:, len(W_$) :].T
  your values are what comes out when only the last D columns of hx count: the hidden state is
  ignored
[x, h] for [h, x] | a = np.concatenate([hx[:, len(W_$) :], hx[:, : len(W_$)]], axis=1) @ W_$.T
  your values are those with x_t first; the columns of W_$ expect the hidden state first, as hx
  has it
weights not transposed | a = hx @ W_$ || a = np.dot(hx, W_$)
  hx has H + D columns and W_$ has H rows. What do the columns of W_$ stand for?
reshape for transpose | a = hx @ W_$.reshape(-1, len(W_$))
  reshape cuts the numbers of W_$ into other rows, in the order they stand in; to transpose is to
  make columns of rows
columns for rows | a = W_$ @ hx || a = np.dot(W_$, hx)
  the equation holds one example as a column; here each row of hx is an example
columns for rows | a = W_$ @ hx.T
  W hx is here as (H, B), a column for each example, and b as a row; they do not fit
element by element for a matrix product | a = hx * W_$
  * and + go element by element; W_$ acts on hx as a matrix
== Shapes, in The cell
bias as a column | z = a + b_$[:, None]
  b_$ is used as a column (H, 1); its H numbers belong to the columns of the result
result transposed | return RESULT.T
  your result is the right one transposed; rows are examples, columns are hidden units
extra axis | return RESULT[None]
  your values are right, but the result has one axis too many
axis of length 1 dropped | return RESULT.squeeze()
  your values are right, but a batch of one example must keep its first axis
one example only | return RESULT[0]
  your result is right for the first example; each row of hx needs its own row
summed up | return RESULT.sum(axis=1)
  your result is the right one, added up over the hidden units; each has a value of its own
averaged | return RESULT.mean(axis=0) + 0 * RESULT
  your result is the mean over the batch; each example has values of its own
"""

_GATE = """
== Why sigmoid, in The gates
tanh for sigmoid | RESULT = np.tanh(z)
  your values are what tanh gives; a gate needs sigmoid, so that it lies between 0 and 1
not squashed | RESULT = z
  your values are the pre-activation, any size and sign; a gate is a share between 0 and 1
hard sigmoid | RESULT = np.clip(0.2 * z + 0.5, 0, 1) || RESULT = np.clip(z / 6 + 0.5, 0, 1)
  your values are those of a hard sigmoid, made of straight lines; it has no slope where it is 0
  or 1
hard step | RESULT = (z > 0).astype(float)
  your values are only 0 and 1; a gate also passes shares in between, and it has to have a slope
  to learn by
ReLU for sigmoid | RESULT = np.maximum(z, 0)
  your values are those of ReLU, which has no upper bound; a gate is a share between 0 and 1
softmax for sigmoid | e = np.exp(z - z.max(1)[:, None]); RESULT = e / e.sum(1)[:, None]
  your values are those of softmax: each row adds up to 1. Each memory has a share of its own,
  whatever the others do
softmax for sigmoid | e = np.exp(z - z.max()); RESULT = e / e.sum()
  your values add up to 1: that is softmax. Each memory has a share of its own
squashed twice | RESULT = sigmoid(sigmoid(z))
  your values are those of a sigmoid taken twice: no gate could close below a half
slope of the sigmoid | RESULT = sigmoid(z) * sigmoid(-z)
  your values are the slope of the sigmoid, at most 1/4; here its value is asked for
exponential for sigmoid | RESULT = np.exp(z) || RESULT = np.exp(-z)
  your values are an exponential, one part of the sigmoid; a gate lies between 0 and 1
tanh without the half | RESULT = (np.tanh(z) + 1) / 2
  your values are the sigmoid of 2 z, twice as steep as it should be
nan when saturated | RESULT = np.exp(z) / (1 + np.exp(z))
  some of your values are not finite. np.exp of a large number is inf, and inf / inf is nan; the
  given sigmoid copes
== SECTION, in The gates
one minus the gate | RESULT = sigmoid(-z) || RESULT = 1 - sigmoid(z)
  your values are one minus the right ones: where RESULT should be open, it is closed
"""

_CANDIDATE = """
== Why tanh for the candidate, in The gates
sigmoid for tanh | RESULT = 1 / (1 + np.exp(-z))
  your values are what sigmoid gives, so none is negative; what is written must be able to lower a
  memory too
not squashed | RESULT = z
  your values are the pre-activation, any size; a candidate lies between -1 and 1
sigmoid stretched | RESULT = 2 / (1 + np.exp(-z)) - 1
  your values are a sigmoid stretched to (-1, 1), which is tanh of half of z
ReLU for tanh | RESULT = np.maximum(z, 0)
  your values are those of ReLU, never negative and without an upper bound; a candidate lies
  between -1 and 1
hard tanh | RESULT = np.clip(z, -1, 1)
  your values are cut off at -1 and 1 by straight lines, which leaves no slope there
arctan for tanh | RESULT = np.arctan(z)
  your values are those of arctan, which goes up to 1.57
tan for tanh | RESULT = np.tan(z)
  your values are those of tan, of angles; tanh is the hyperbolic one
sin for tanh | RESULT = np.sin(z)
  your values are those of sin, of angles; tanh is the hyperbolic tangent
squashed twice | RESULT = np.tanh(np.tanh(z))
  your values are those of tanh taken twice: none could pass 0.77
slope of tanh | RESULT = 1 - np.tanh(z) ** 2
  your values are the slope of tanh; here its value is asked for
nan when saturated | RESULT = (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))
  some of your values are not finite. np.exp of a large number is inf, and inf / inf is nan;
  NumPy's own function copes
== SECTION, in The gates
sign turned | RESULT = -np.tanh(z)
  your values are the right ones with their sign turned
"""

_CELL_STATE = """
== The cell state, in The gates
f and i swapped | kept = i * c_prev; written = f * c_tilde
  your values are those with the two gates swapped; which one keeps, which one writes?
candidate scaled by f too | written = f * i * c_tilde
  your values are those when f scales what is written, too; it scales only what was there
one minus f for f | kept = (1 - f) * c_prev
  your values are those with 1 - f for f; f is the share that is kept, despite its name
one minus f for i | written = (1 - f) * c_tilde
  your values are those with 1 - f for i, as in a GRU; an LSTM has a gate of its own for writing
one minus i for i | written = (1 - i) * c_tilde
  your values are those with 1 - i for i; i is the share of the candidate that is written
one minus i for f | kept = (1 - i) * c_prev
  your values are those with 1 - i for f; keeping is a decision of its own
tanh on the cell state | c_t = np.tanh(kept + written)
  your values are tanh of the right ones; the cell state itself is never squashed, so that it can
  add up
sigmoid on the cell state | c_t = 1 / (1 + np.exp(-kept - written))
  your values are sigmoid of the right ones; the cell state itself is never squashed
no input gate | written = c_tilde
  your values are those when all of the candidate is written, whatever i says
no forget gate | kept = c_prev
  your values are those when all of the old cell state is kept, whatever f says
nothing written | written = 0 * c_tilde
  your values are what is kept of the old cell state; nothing new is written
nothing kept | kept = 0 * c_prev
  your values are what is written; nothing of the old cell state is kept
f for both gates | written = f * c_tilde
  your values are those with f for both gates; keeping and writing are two decisions
i for both gates | kept = i * c_prev
  your values are those with i for both gates; keeping and writing are two decisions
f writes, 1 - f keeps | kept = (1 - f) * c_prev; written = f * c_tilde
  your values are those when f writes and 1 - f keeps; f keeps, and i writes
minus for plus | c_t = kept - written
  your values are those when what is written is taken away; the two parts are added
product for sum | c_t = kept * written
  your values are the product of what is kept and what is written; the memory is a sum
sum for product | written = i + c_tilde
  your values are those when i is added to the candidate; a gate multiplies
sum for product | kept = f + c_prev
  your values are those when f is added to c_prev; a gate multiplies
gates squashed again | kept = c_prev / (1 + np.exp(-f)); written = c_tilde / (1 + np.exp(-i))
  your values are those with sigmoid taken of f and i; they are gates already
candidate squashed again | written = i * np.tanh(c_tilde)
  your values are those with tanh taken of c_tilde; it is squashed already
memory squashed before it is kept | kept = f * np.tanh(c_prev)
  your values are those with tanh taken of c_prev; the memory is kept as it is
cell state clipped | CLIPPED
  your values are cut off on both sides; a cell state may grow larger
averaged | c_t = (kept + written) / 2
  your values are half of the right ones; the two parts are added, not averaged
matrix product for * | kept = f @ c_prev; written = i @ c_tilde
  @ is a matrix product; here each memory has its own share, element by element
matrix product for * | kept = np.dot(f, c_prev); written = np.dot(i, c_tilde)
  np.dot, like * of np.matrix, is a matrix product; here each memory has its own share, element
  by element
matrix product for * | kept = f @ c_prev.T; written = i @ c_tilde.T
  your result is a matrix product, (B, B); here each memory has its own share, element by element
summed up | return c_t.sum(axis=1)
  your result is the right one, added up over the memories; each has a state of its own
side by side for added | c_t = np.concatenate([kept, written], axis=1)
  what is kept and what is written stand side by side; they are added
argument changed | in_place
  your values are right, but it changes its argument c_prev, which the caller, and the backward
  pass, still need
"""

_HIDDEN_STATE = """
== The hidden state, in The gates
tanh left out | shown = c
  your values are those of a cell state that is not squashed; h must stay within (-1, 1), however
  large c is
sigmoid for tanh | shown = 1 / (1 + np.exp(-c))
  your values are those with sigmoid of c, so none is negative: the sign of the memory is lost
output gate left out | h_t = shown
  your values are those when everything is shown, whatever o says
tanh around everything | shown = c; h_t = np.tanh(o * shown)
  your values are tanh of the product; the gate takes its share of what is squashed
tanh on the gate | shown = c; h_t = np.tanh(o) * shown
  your values are those with tanh of o in place of c; o is squashed already, c is not
gate squashed again | h_t = np.tanh(o) * shown || h_t = shown / (1 + np.exp(-o))
  your values are those with o squashed once more; it is a gate already
one minus o for o | h_t = (1 - o) * shown
  your values are those with 1 - o for o; o is the share that is shown
sum for product | h_t = o + shown
  your values are those when o is added; a gate multiplies
squashed twice | shown = np.tanh(np.tanh(c))
  your values are those with tanh taken twice
tan for tanh | shown = np.tan(c)
  your values are those with tan, of angles; tanh is the hyperbolic one
arctan for tanh | shown = np.arctan(c)
  your values are those with arctan, which goes up to 1.57
ReLU for tanh | shown = np.maximum(c, 0)
  your values are those with ReLU of c, never negative and without an upper bound
hard tanh | shown = np.clip(c, -1, 1)
  your values are those with c cut off at -1 and 1 by straight lines, which leaves no slope there
slope of tanh | shown = 1 - np.tanh(c) ** 2
  your values are those with the slope of tanh; here its value is asked for
sign turned | h_t = -o * shown
  your values are the right ones with their sign turned
gate ignored and tanh left out | shown = c; h_t = shown
  your result is c itself; it is to be squashed, and o takes its share
o for c | shown = np.tanh(o)
  your values are those with tanh of o; what is shown is the cell state
nan when saturated | shown = (np.exp(c) - np.exp(-c)) / (np.exp(c) + np.exp(-c))
  some of your values are not finite. np.exp of a large number is inf, and inf / inf is nan;
  NumPy's own function copes
matrix product for * | h_t = o @ shown
  @ is a matrix product; here each memory has its own share, element by element
matrix product for * | h_t = np.dot(o, shown)
  np.dot, like * of np.matrix, is a matrix product; here each memory has its own share, element
  by element
matrix product for * | h_t = o @ shown.T
  your result is a matrix product, (B, B); here each memory has its own share, element by element
argument changed | in_place
  your values are right, but it changes its argument c, which the next step still needs
== Shapes, in The cell
axis of length 1 dropped | return h_t.squeeze()
  your values are right, but a batch of one example must keep its first axis
summed up | return h_t.sum(axis=1)
  your result is the right one, added up over the units; each has a value of its own
"""


def _cell_state_in_place(f, c_prev, i, c_tilde):
    c_prev *= f
    c_prev += i * c_tilde
    return c_prev


def _hidden_state_in_place(o, c):
    np.tanh(c, out=c)
    return o * c


def _of(name, text, gate, result, squash):
    """Read the mistakes of a gate, or of the candidate."""
    exercise = EXERCISES[name]
    words = {"$": gate, "RESULT": result, "SQUASH": squash, "SECTION": exercise.section.title}
    for word, instead in words.items():
        text = text.replace(word, instead)
    return read(exercise.source, text)


_CLIPPED = " || ".join(f"c_t = np.clip(kept + written, -{k}, {k})" for k in (1, 3, 5, 10, 50, 100))

MISTAKES = {
    "forget_gate": _of("forget_gate", _GATE + _AFFINE, "f", "f", "sigmoid"),
    "input_gate": _of("input_gate", _GATE + _AFFINE, "i", "i", "sigmoid"),
    "candidate": _of("candidate", _CANDIDATE + _AFFINE, "c", "c_tilde", "np.tanh"),
    "cell_state": read(
        EXERCISES["cell_state"].source,
        _CELL_STATE.replace("CLIPPED", _CLIPPED),
        in_place=_cell_state_in_place,
    ),
    "output_gate": _of("output_gate", _GATE + _AFFINE, "o", "o", "sigmoid"),
    "hidden_state": read(
        EXERCISES["hidden_state"].source, _HIDDEN_STATE, in_place=_hidden_state_in_place
    ),
}
