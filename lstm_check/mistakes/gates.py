"""Known mistakes of the assignment *gates*."""

from lstm_check.exercises.gates import EXERCISES
from lstm_check.notation import read

_AROUND = """
== SECTION, in The gates
@product W=W_$; b=b_$; y=RESULT; squash=SQUASH
== Stacking the input, in The gates
[x, h] for [h, x] | a = np.concatenate([hx[:, len(W_$) :], hx[:, : len(W_$)]], axis=1) @ W_$.T
  your values are those with x_t first; the columns of W_$ expect the hidden state first, like hx
@rows y=RESULT
"""

_GATE = """
== Why sigmoid, in The gates
tanh for sigmoid | RESULT = np.tanh(z)
  your values are what tanh gives; a gate needs sigmoid, so that it lies between 0 and 1
not squashed | RESULT = z
  your values are the pre-activation, any size and sign; a gate is a share between 0 and 1
hard sigmoid | RESULT = np.clip(0.2 * z + 0.5, 0, 1) || RESULT = np.clip(z / 6 + 0.5, 0, 1)
  your values are those of a hard sigmoid, made of straight lines, without a slope at 0 and 1
hard step | RESULT = (z > 0).astype(float)
  your values are only 0 and 1; a gate also passes shares in between, and needs a slope to learn by
ReLU for sigmoid | RESULT = np.maximum(z, 0)
  your values are those of ReLU, which has no upper bound; a gate is a share between 0 and 1
softmax for sigmoid | e = np.exp(z - z.max(1)[:, None]); RESULT = e / e.sum(1)[:, None]
    | || e = np.exp(z - z.max()); RESULT = e / e.sum()
  your values are those of softmax, which add up to 1; here each memory has a share of its own,
  whatever the others do
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
one minus the gate | RESULT = sigmoid(-z)
  your values are one minus the right ones: where RESULT should be open, it is closed
"""

_CANDIDATE = """
== Why tanh for the candidate, in The gates
sigmoid for tanh | RESULT = 1 / (1 + np.exp(-z))
  your values are what sigmoid gives, so none is negative; a candidate can lower a memory, too
not squashed | RESULT = z
  your values are the pre-activation, any size; a candidate lies between -1 and 1
sigmoid stretched | RESULT = 2 / (1 + np.exp(-z)) - 1
  your values are a sigmoid stretched to (-1, 1), which is tanh of half of z
ReLU for tanh | RESULT = np.maximum(z, 0)
  your values are those of ReLU, never negative and unbounded; a candidate lies between -1 and 1
@tanh z=z; y=RESULT
sin for tanh | RESULT = np.sin(z)
  your values are those of sin, of angles; tanh is the hyperbolic tangent
== SECTION, in The gates
sign turned | RESULT = -np.tanh(z)
  your values are the right ones with their sign turned
"""

_CELL_STATE = """
== The cell state, in The gates
f and i swapped | kept = i * c_prev; written = f * c_tilde
  your values are those with f and i swapped; which one keeps, which one writes?
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
  your values are those with tanh on the cell state; it is not squashed, so that it can add up
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
cell state clipped | c_t = np.clip(kept + written, -#, #) for # in 1 3 5 10 50 100
  your values are cut off on both sides; a cell state may grow larger
averaged | c_t = (kept + written) / 2
  your values are half of the right ones; the two parts are added, not averaged
matrix product for * | kept = f @ c_prev; written = i @ c_tilde
    | || kept = np.dot(f, c_prev); written = np.dot(i, c_tilde)
    | || kept = f @ c_prev.T; written = i @ c_tilde.T
  @ is a matrix product, and so is np.dot, or * of np.matrix; here each memory has its own share,
  element by element
summed up | return c_t.sum(axis=1)
  your result is the right one, added up over the memories; each has a state of its own
side by side for added | c_t = np.concatenate([kept, written], axis=1)
  what is kept and what is written stand side by side; they are added
"""

_HIDDEN_STATE = """
== The hidden state, in The gates
tanh left out | shown = c
  your values are those without tanh; h must stay within (-1, 1), however large the cell state is
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
ReLU for tanh | shown = np.maximum(c, 0)
  your values are those with ReLU of c, never negative and without an upper bound
@tanh z=c; y=shown
sign turned | h_t = -o * shown
  your values are the right ones with their sign turned
gate ignored and tanh left out | shown = c; h_t = shown
  your result is c itself; it is to be squashed, and o takes its share
o for c | shown = np.tanh(o)
  your values are those with tanh of o; what is shown is the cell state
matrix product for * | h_t = o @ shown || h_t = np.dot(o, shown) || h_t = o @ shown.T
  @ is a matrix product, and so is np.dot, or * of np.matrix; here each memory has its own share,
  element by element
@rows y=h_t
  axis of length 1 dropped; summed up
"""


def _of(name, text, gate, result, squash):
    """Read the mistakes of a gate, or of the candidate."""
    exercise = EXERCISES[name]
    words = {"$": gate, "RESULT": result, "SQUASH": squash, "SECTION": exercise.section.title}
    for word, instead in words.items():
        text = text.replace(word, instead)
    return read(exercise.source, text)


MISTAKES = {
    "forget_gate": _of("forget_gate", _GATE + _AROUND, "f", "f", "sigmoid"),
    "input_gate": _of("input_gate", _GATE + _AROUND, "i", "i", "sigmoid"),
    "candidate": _of("candidate", _CANDIDATE + _AROUND, "c", "c_tilde", "np.tanh"),
    "cell_state": read(EXERCISES["cell_state"].source, _CELL_STATE),
    "output_gate": _of("output_gate", _GATE + _AROUND, "o", "o", "sigmoid"),
    "hidden_state": read(EXERCISES["hidden_state"].source, _HIDDEN_STATE),
}
