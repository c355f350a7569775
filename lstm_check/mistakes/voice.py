"""Known mistakes of the assignment *voice*."""

import numpy as np

from lstm_check.exercises.voice import EXERCISES
from lstm_check.mistakes.pytorch import FROM, orders
from lstm_check.notation import read

# PyTorch's cell names its arrays like a layer, but for the layer's number.
_UNPACK = (FROM + "\n".join(orders("you take the blocks to be"))).replace("_l0", "")

_LISTEN = """
== A state that is carried, in A voice
@carried one=chunk
  states reset at each chunk; initial states ignored as state begun at zero;
  hidden state reset at each chunk; cell state reset at each chunk; time reversed;
  h and c unpacked in the wrong order; h0 and c0 swapped
states as they came in | return np.array(p), h0, c0
  you return the states you were given; the next piece of sound needs those after the last chunk
zero for the states | return np.array(p), 0 * h_t, 0 * c_t
  you return empty states; the next piece of sound needs those after the last chunk
states in the wrong order | return np.array(p), c_t, h_t
  your two states are right, but in the wrong order: h first
states before p | return h_t, c_t, np.array(p)
  your three results are right, but in the wrong order: p first
h returned twice | return np.array(p), h_t, h_t
  the last result is h again; the next piece of sound needs the cell state
c returned twice | return np.array(p), c_t, c_t
  the second result is c again; the next piece of sound needs the hidden state
only p returned | return np.array(p)
  your result is p alone; the next piece of sound needs the two states
states of all chunks | states
  your states are those of all chunks; the next piece of sound needs the last ones
ReLU carried on | h_t = np.maximum(h_t, 0); r = h_t
  what ReLU has cut goes on to the next chunk; it is for p, the LSTM needs its h_t as it is
first chunk left out | for x_t in x[1:]:
  the first chunk is missing: code counts steps from 0
last chunk left out | for x_t in x[:-1]:
  the last chunk is missing: the loop ends too early
one chunk late | h_was = h_t; step: h_t, c_t = lstm_cell(x_t, h_t, c_t, params)
    |; r = np.maximum(h_was, 0)
  your p is that of the state before each chunk; it is read off the new one
only the last p | return y, h_t, c_t
  your p is that of the last chunk; one for each is asked for
== The LSTM, by your cell, in A voice
ReLU left out | r = h_t
  your values are what comes out without ReLU: what is negative counts, too
absolute value for ReLU | r = abs(h_t)
  your values are those with the absolute value for ReLU, which makes negative numbers zero
tanh for ReLU | r = np.tanh(h_t)
  your values are those with tanh for ReLU
max for np.maximum | r = max(h_t, 0)
  max, like if and not, needs one answer, and h_t has many numbers; NumPy has functions that go
  number by number
minimum for maximum | r = np.minimum(h_t, 0)
  your values are those of the negative numbers; ReLU keeps the positive ones
one hidden unit for all | r = np.maximum(h_t, 0).max(axis=1, keepdims=True) + 0 * h_t
    | || r = np.maximum(h_t.max(), 0) + 0 * h_t
  your values are those when the largest number stands for all; ReLU goes number by number
ReLU on the sum | r = h_t; z = np.maximum(r @ w + d, 0)
  ReLU comes after the weighted sum in your function; it comes before it
c_t read out | r = np.maximum(c_t, 0)
  your p is read off the cell state; it is read off what the LSTM shows
tanh of c_t read out | r = np.maximum(np.tanh(c_t), 0)
  your p is read off tanh of the cell state, without the output gate
x_t read out | r = np.maximum(x_t, 0)
  your p is read off the input; it is read off what the LSTM shows
d left out | z = r @ w
  your values are what comes out without d
d subtracted | z = r @ w - d
  your values are those with d subtracted
d for each unit | z = (r + d) @ w
  d is added to each hidden unit before they are weighed; it is added to the sum, once
w left out | z = r.sum(axis=1) + d
  your values are those of a sum without weights
mean for the sum | z = (r * w).mean(axis=1) + d
  your values are those with the mean over the units for their sum
columns for rows | z = w @ r + d || z = np.dot(w, r) + d
  the rows of h_t are examples, and w belongs to its columns: what comes first?
not summed | z = r * w + d
  your units are weighed, but not added up: one number for each example is asked for
sum over the batch | z = (r @ w).sum() + d + 0 * r[:, 0]
  your sum runs over the examples as well; each has a p of its own
sigmoid left out | y = z
  your p is the weighted sum, of any size; a probability lies between 0 and 1
tanh for sigmoid | y = np.tanh(z)
  your values are what tanh gives; a probability lies between 0 and 1
sigmoid twice | y = sigmoid(sigmoid(z))
  your values are those with sigmoid taken twice
1 - p for p | y = sigmoid(-z)
  your values are one minus the right ones; look at the sign in the exponent
rounded to 0 and 1 | y = (z > 0).astype(float) || y = z > 0
  your p says yes or no; how probable it is, is asked for
== Shapes, in The cell
axis too many | z = r @ w[:, None] + d
  your p has an axis too many: w belongs to a single output
batch before time | return np.array(p).T, h_t, c_t
  your p is right, but its axes are batch and time; time comes first here
a list for an array | return p, h_t, c_t
  your p is a list; np.array makes an array of it
"""

_TELLS = """
== The memory that speaks, in A voice
the other way round | higher = speech[:, None] < silence[None]
    | || speech = c[~speaking]; silence = c[speaking]
  your values are one minus the right ones: how often a memory is lower in speech
0 and 1 for rows | speech = c[speaking.astype(int)]; silence = c[1 - speaking.astype(int)]
  your rows are those with the numbers 0 and 1, again and again: an array of True and False picks
  rows, one of whole numbers counts them
not for ~ | silence = c[not speaking]
  not needs one answer, and speaking has many; ~ turns each of them
chunk by chunk | n = min(len(speech), len(silence)); higher = speech[:n] > silence[:n]
    |; share = higher.mean(axis=0)
  you compare the first chunk with the first, the second with the second; all pairs are asked for
chunk by chunk | higher = speech > silence
  there are more chunks of one kind than of the other; each is compared with all of the other kind
compared with the mean of silence | higher = speech > silence.mean(axis=0)
    |; share = higher.mean(axis=0)
  you compare each chunk with the mean of the silent ones; all pairs are asked for
mean of speech compared | higher = speech.mean(axis=0) > silence; share = higher.mean(axis=0)
  you compare the mean of speech with each silent chunk; all pairs are asked for
means compared | higher = speech.mean(axis=0) > silence.mean(axis=0); share = higher * 1.0
  you compare the two means, yes or no; a share of pairs is asked for
difference of means | share = speech.mean(axis=0) - silence.mean(axis=0)
  your values are differences of means, in units of the memory; a share of pairs is asked for
largest compared | higher = speech.max(axis=0) > silence; share = higher.mean(axis=0)
  you compare the largest value in speech with each silent chunk; all pairs are asked for
above zero in speech | share = (speech > 0).mean(axis=0)
  your values are how often a memory is above zero; it is compared with its values in silence
sign for the comparison | share = ((c > 0) == speaking[:, None]).mean(axis=0)
  your values are how often the sign of a memory says the right thing; it is compared with its
  values in silence
all chunks for silence | silence = c
  you compare speech with all chunks, those with speech among them
all chunks for speech | speech = c
  you compare all chunks with the silent ones, the silent ones among them
number of pairs | share = higher.sum(axis=(0, 1)) || share = 1.0 * higher.sum(axis=(0, 1))
  your values are how many pairs there are; which share of all is asked for
number divided by all chunks | share = higher.sum(axis=(0, 1)) / len(c)
  your number of pairs is divided by that of the chunks; pairs there are more of
number divided by pairs of all chunks | share = higher.sum(axis=(0, 1)) / len(c) ** 2
  your number of pairs is divided by that of all pairs of chunks; one of a pair speaks, one does not
folded at one half | share = np.maximum(higher.mean(axis=(0, 1)), 1 - higher.mean(axis=(0, 1)))
  a memory that is lower in speech comes out like one that is higher; below 0.5 it is lower
distance from one half | share = abs(higher.mean(axis=(0, 1)) - 0.5)
    | || share = higher.mean(axis=(0, 1)) - 0.5
  your values are how far the share is from one half; the share is asked for
twice, from one half | share = 2 * higher.mean(axis=(0, 1)) - 1
  your values go from -1 to 1; a share goes from 0 to 1
correlation | share = np.corrcoef(c.T, speaking)[-1, :-1]
  your values are correlations; a share of pairs is asked for
one number for all memories | share = higher.mean()
  your result is one number for all memories; each has its own
one number for each chunk | share = higher.mean(axis=(1, 2)) || share = higher.mean(axis=(0, 2))
  your result has a number for each chunk; one for each memory is asked for
silence not averaged | share = higher.mean(axis=0)
  your result has a row for each silent chunk; the mean is over all pairs
speech not averaged | share = higher.mean(axis=1)
  your result has a row for each chunk with speech; the mean is over all pairs
the best memory only | best || highest
  your result is about the best memory alone; the shares of all are asked for
a list for an array | return list(share)
  your result is a list; np.array makes an array of it
"""


def _states(x, params, w, d, h0, c0):
    p, h, c = [], [], []
    for x_t in x:
        one, h0, c0 = EXERCISES["listen"].reference(x_t[None], params, w, d, h0, c0)
        p, h, c = [*p, *one], [*h, h0], [*c, c0]
    return np.array(p), np.array(h), np.array(c)


def _best(c, speaking):
    return EXERCISES["tells"].reference(c, speaking).argmax()


def _highest(c, speaking):
    return EXERCISES["tells"].reference(c, speaking).max()


MISTAKES = {
    "unpack_weights": read(EXERCISES["unpack_weights"].source, _UNPACK),
    "listen": read(EXERCISES["listen"].source, _LISTEN, states=_states),
    "tells": read(EXERCISES["tells"].source, _TELLS, best=_best, highest=_highest),
}
