"""Known mistakes of the assignment *cell*."""

import numpy as np

from lstm_check.exercises import gates
from lstm_check.exercises.cell import EXERCISES, lstm_cell
from lstm_check.mistakes.gates import MISTAKES as OF_GATES
from lstm_check.notation import read

_STACK = """
== Stacking the input, in The gates
@stacked
a list for an array | hx = [h_prev, x_t]
  your result is a list of the two arrays; they have to be joined into one
x_t left out | hx = h_prev
  your result is h_prev alone
h_prev left out | hx = x_t
  your result is x_t alone
x_t twice | hx = np.concatenate([x_t, x_t], axis=1)
  your result holds x_t twice; h_prev comes first
h_prev twice | hx = np.concatenate([h_prev, h_prev], axis=1)
  your result holds h_prev twice; x_t comes behind it
== Shapes, in The cell
rows mixed | hx = np.append(h_prev, x_t).reshape(len(x_t), -1)
  the shape is right, but numbers of different examples share a row
columns for rows | hx = np.concatenate([h_prev.T, x_t.T])
  your result is the right one transposed; rows are examples
@rows y=hx
  axis of length 1 dropped; extra axis
"""

_LSTM_CELL = """
== Mistakes, and what they cost, in The cell
f and i swapped | c_t = cell_state(i, c_prev, f, c_tilde)
  your values are those with f and i swapped; which one keeps, which one writes?
i and o swapped | c_t = cell_state(f, c_prev, o, c_tilde); h_t = hidden_state(i, c_t)
  your values are those with i and o swapped; which one writes, which one shows?
f and o swapped | c_t = cell_state(o, c_prev, i, c_tilde); h_t = hidden_state(f, c_t)
  your values are those with f and o swapped; which one keeps, which one shows?
reshape for transpose
    | first: params = {k: v.reshape(v.shape[::-1]).T for k, v in params.items()}
  reshape cuts the numbers of the weights into other rows, in the order they stand in; to transpose
  is to make columns of rows
biases left out | first: params = {k: v * (k[0] == "W") for k, v in params.items()}
  your values are what comes out without the biases
== How many numbers?, in The cell
biases twice | first: params = {k: v * (1 + (k[0] == "b")) for k, v in params.items()}
  your values are those with each bias added twice; PyTorch has two, this cell has one
== Against PyTorch, in The cell
results in the wrong order | return c_t, h_t
  the two results are those asked for, but in the wrong order
== The whole step, in The gates
o returned for c_t | return h_t, o
  the second result is the output gate, not the cell state
h_t returned twice | return h_t, h_t
  the second result is h_t again; the next step needs the cell state
c_t returned twice | return c_t, c_t
  the first result is c_t again; it is shown through the output gate
c_prev returned for c_t | return h_t, c_prev
  the second result is c_prev, as it came in; the step has made a new one
h_prev returned for h_t | return h_prev, c_t
  the first result is h_prev, as it came in; the step has made a new one
c_tilde returned for c_t | return h_t, c_tilde
  the second result is the candidate, not the cell state
only h_t returned | return h_t
  your result is h_t alone; the next step needs the cell state too
W_c and b_c swapped with W_o and b_o | c_tilde = candidate(hx, params["W_o"], params["b_o"])
    |; o = output_gate(hx, params["W_c"], params["b_c"])
  your values are those with the weights of candidate and output gate swapped
one bias for several gates | first: params = {**params, "b_f": params["b_o"], "b_i": params["b_o"]}
    | || first: params = {k: params["b_f"] if k[0] == "b" else v for k, v in params.items()}
  your values are those with one gate's bias in others, too; each has its own
== Why sigmoid, in The gates
tanh for sigmoid in all gates | f = np.tanh(hx @ params["W_f"].T + params["b_f"])
    |; i = np.tanh(hx @ params["W_i"].T + params["b_i"])
    |; o = np.tanh(hx @ params["W_o"].T + params["b_o"])
  your values are those with tanh for all gates; a gate needs sigmoid, to lie between 0 and 1
hard sigmoid | f = np.clip(0.2 * (hx @ params["W_f"].T + params["b_f"]) + 0.5, 0, 1)
    |; i = np.clip(0.2 * (hx @ params["W_i"].T + params["b_i"]) + 0.5, 0, 1)
    |; o = np.clip(0.2 * (hx @ params["W_o"].T + params["b_o"]) + 0.5, 0, 1)
  your values are those with a hard sigmoid, made of straight lines, for the gates
== Why tanh for the candidate, in The gates
sigmoid for tanh in the candidate | c_tilde = sigmoid(hx @ params["W_c"].T + params["b_c"])
  your values are those with sigmoid for the candidate; it must be able to lower a memory, too
candidate not squashed | c_tilde = hx @ params["W_c"].T + params["b_c"]
  your values are those with a candidate that is not squashed
ReLU for tanh in the candidate | c_tilde = np.maximum(hx @ params["W_c"].T + params["b_c"], 0)
  your values are those with ReLU for the candidate; a candidate lies between -1 and 1
== Stacking the input, in The gates
@stacked
  [x, h] for [h, x]
c_prev stacked for h_prev | hx = stack(c_prev, x_t)
  your gates look at the cell state; they look at the hidden state, h_prev
h_prev ignored | hx = stack(0 * h_prev, x_t)
  your values are what comes out without h_prev: the gates do not know what was shown
x_t ignored | hx = stack(h_prev, 0 * x_t)
  your values are what comes out without x_t: the cell reads nothing
h_prev scaled by f
    | c_tilde = candidate(stack(f * h_prev, x_t), params["W_c"], params["b_c"])
  your candidate sees only a share of h_prev, as in a GRU; in an LSTM it sees all of it
== The forget gate, in The gates
1 added to b_f | first: params = {**params, "b_f": params["b_f"] + 1}
  your values are those with 1 added to b_f; a forget bias of 1, TensorFlow's forget_bias, is where
  training starts, it is not part of the equation
== The cell state, in The gates
@cell_state
  one minus f for f; one minus f for i; one minus i for i; candidate scaled by f too;
  no input gate; no forget gate; nothing kept; nothing written; minus for plus; product for sum;
  sum for product; tanh on the cell state; cell state clipped; f for both gates as f on both;
  i for both gates as i on both
o writes | c_t = cell_state(f, c_prev, o, c_tilde)
  your values are those when o scales the candidate; i is the gate that writes
o keeps | c_t = cell_state(o, c_prev, i, c_tilde)
  your values are those when o scales c_prev; f is the gate that keeps
h_prev kept for c_prev | c_t = cell_state(f, h_prev, i, c_tilde)
  your values are those when h_prev is kept; the memory is c_prev
c_prev overwritten by the candidate | c_t = cell_state(f, c_tilde, i, c_tilde)
  your values are those when f keeps the candidate: was c_prev overwritten before it was used?
tanh on the cell state | return h_t, np.tanh(c_t)
    | || c_t = np.tanh(cell_state(f, c_prev, i, c_tilde)); h_t = o * c_t
  you return tanh of c_t; the cell state goes on as it is, so that it can add up
peepholes
    | z = {g: hx @ params[f"W_{g}"].T + params[f"b_{g}"] for g in "fico"}
    |; f = sigmoid(z["f"] + c_prev); i = sigmoid(z["i"] + c_prev)
    |; h_t: o = sigmoid(z["o"] + c_t); h_t = hidden_state(o, c_t)
    | || z = {g: hx @ params[f"W_{g}"].T + params[f"b_{g}"] for g in "fico"}
    |; f = sigmoid(z["f"] + c_prev); i = sigmoid(z["i"] + c_prev)
    |; h_t: o = sigmoid(z["o"] + c_prev); h_t = hidden_state(o, c_t)
  your gates look at the cell state as well: these are peepholes, and this cell has none
== The hidden state, in The gates
o applied to the cell state | return h_t, o * c_t
  the output gate has scaled c_t as well; it only scales what is shown
@hidden_state
  tanh left out as tanh left out of h_t; sigmoid for tanh as sigmoid for tanh in h_t;
  ReLU for tanh as ReLU for tanh in h_t; output gate left out; tanh around everything;
  one minus o for o; sum for product as o added
h_t from c_prev | h_t = hidden_state(o, c_prev)
  your h_t shows the old cell state, c_prev
h_t from the candidate | h_t = hidden_state(o, c_tilde) || h_t = o * c_tilde
  your h_t shows the candidate; the output gate shows the new cell state
f shows, not o | h_t = hidden_state(f, c_t)
  your h_t is f times tanh of c_t; the output gate is the one that shows
i shows, not o | h_t = hidden_state(i, c_t)
  your h_t is i times tanh of c_t; the output gate is the one that shows
h_prev added | h_t = hidden_state(o, c_t) + h_prev
  your h_t has h_prev added; the step replaces it
@@ gate
== Mistakes, and what they cost, in The cell
b_<g> left out | <line> = <squash>(hx @ params["W_<g>"].T)
  your values are what comes out without b_<g>
b_<g> outside | <line> = <squash>(hx @ params["W_<g>"].T) + params["b_<g>"]
  your values are those with b_<g> added after squashing, not before
W_<g> not transposed | <line> = <squash>(hx @ params["W_<g>"] + params["b_<g>"])
  hx has H + D columns and W_<g> has H rows; what do its columns stand for?
== Why sigmoid, in The gates
tanh for sigmoid in <g> | <line> = np.tanh(hx @ params["W_<g>"].T + params["b_<g>"])
  your values are those with tanh for the <gate>; a gate needs sigmoid, to lie between 0 and 1
<gate> not squashed | <line> = hx @ params["W_<g>"].T + params["b_<g>"]
  your values are those with the <gate> not squashed, any size and sign
== The whole step, in The gates
W_<g> and b_<g> for all | first: params = {k: params[f"{k[0]}_<g>"] for k in params}
  your values are those with the weights of the <gate> for all four
W_# and b_# for the <gate> | <line> = <call>(hx, params["W_#"], params["b_#"]) for # in <others>
  your values are those when the <gate> uses W_# and b_#; it has weights of its own
@@
@gate g=f; gate=forget gate; line=f; squash=sigmoid; call=forget_gate; others=i o c
@gate g=i; gate=input gate; line=i; squash=sigmoid; call=input_gate; others=f o c
@gate g=o; gate=output gate; line=o; squash=sigmoid; call=output_gate; others=f i c
@gate g=c; gate=candidate; line=c_tilde; squash=np.tanh; call=candidate; others=f i o
  but tanh for sigmoid in c; candidate not squashed
"""

_LSTM_FORWARD = """
== A network that is a loop, in Sequences
@carried one=step
  but h and c unpacked in the wrong order; h0 and c0 swapped; time reversed
h0 ignored | start: h_t, c_t = np.zeros_like(h0), c0
  your values are those from a hidden state of zero; the argument h0 is not used
c0 ignored | start: h_t, c_t = h0, np.zeros_like(c0)
  your values are those from a cell state of zero; the argument c0 is not used
the first input at every step | for x_t in [x[0]] * len(x):
  your values are those when every step reads the first input
the last input at every step | for x_t in [x[-1]] * len(x):
  your values are those when every step reads the last input
== The whole step, in The gates
h and c swapped into the step | step: h_t, c_t = lstm_cell(x_t, c_t, h_t, params)
  your values are those when lstm_cell gets its states in the wrong order, c before h
state carried from example to example | carried_over
  the first example is right, but each other one starts where the one before it has ended; each
  has its own h0 and c0
@carried one=step
  h and c unpacked in the wrong order; h0 and c0 swapped
results in the wrong order | return np.array(c), np.array(h)
  the two results are those asked for, but in the wrong order
h returned twice | return np.array(h), np.array(h)
  the second result is h again, not the cell states
c returned twice | return np.array(c), np.array(c)
  the first result is c again, not the hidden states
h_t kept for c_t | keep_c: c = [*c, h_t]
  your c holds the hidden states
c_t kept for h_t | keep_h: h = [*h, c_t]
  your h holds the cell states
only h returned | return np.array(h)
  your result is h alone; the cell states are asked for, too
== What a sequence is, in Sequences
@carried one=step
  time reversed
time reversed | for x_t in x[::-1]:; return np.array(h[::-1]), np.array(c[::-1])
  your loop runs from the last step to the first
result reversed | return np.array(h[::-1]), np.array(c[::-1])
  your steps are right, but stored in the reverse order
one step late | h_was, c_was = h_t, c_t; step: h_t, c_t = lstm_cell(x_t, h_t, c_t, params)
    |; keep_h: h = [*h, h_was]; keep_c: c = [*c, c_was]
  your result holds the states before each step, h0 and c0 first; those after it are asked for
a step behind in c | c_was = c_t; step: h_t, c_t = lstm_cell(x_t, h_t, c_t, params)
    |; keep_c: c = [*c, c_was]
  your c holds the cell states before each step
a step behind in h | h_was = h_t; step: h_t, c_t = lstm_cell(x_t, h_t, c_t, params)
    |; keep_h: h = [*h, h_was]
  your h holds the hidden states before each step
initial states in the result | h, c = [h0], [c0]
  your result has the states right, but h0 and c0 before them; T of each are asked for
loop from 1 | h, c = [h0], [c0]; for x_t in x[1:]:
  your first step is h0 and c0 themselves, and x[0] is never read: code counts steps from 0
the last state only | return h_t, c_t
  your result is right for the last step; the states of all steps are asked for
the first step alone | return np.array(h[:1]), np.array(c[:1])
  your result has the first step alone: does return stand inside the loop?
the last step alone | return np.array(h[-1:]), np.array(c[-1:])
  your result has the last step alone: are the states put into the lists inside the loop?
the last state in all places | return np.array([h_t] * len(x)), np.array([c_t] * len(x))
  every step of your result holds the last state: one array is stored T times, and overwritten
lists for arrays | return h, c
  your results are lists; np.array makes an array of each
last step left out
    | for x_t in x[:-1]: || for x_t in x[:-1]:
    |; return np.array([*h, 0 * h0]), np.array([*c, 0 * c0])
  the last step of your result is missing, or zero: the loop ends too early
first step left out
    | for x_t in x[1:]: || for x_t in x[1:]:
    |; return np.array([0 * h0, *h]), np.array([0 * c0, *c])
  your first step is missing, or zero, and the first input is not read: code counts steps from 0
batch before time | return np.array(h).swapaxes(0, 1), np.array(c).swapaxes(0, 1)
  your values are right, but the axes are batch and time; time comes first here
batch first | for x_t in x.transpose(1, 0, 2):
  your loop runs over examples; x is (T, B, D), so a loop over its first axis runs over steps
batch first
    | for x_t in x.swapaxes(0, 1):; return np.array(h).swapaxes(0, 1), np.array(c).swapaxes(0, 1)
  you take x for (B, T, D); x is (T, B, D) here, so step t is x[t]
one list for both | keep_h: h = c = [*h, h_t]; keep_c: h = c = [*c, c_t]
  h and c are one list, with the states of both in turn: h = c = [] gives one list two names
steps joined along the batch | return np.concatenate(h), np.concatenate(c)
  your steps are joined along the batch, (T * B, H); steps keep an axis of their own
steps joined along the units | return np.concatenate(h, axis=1), np.concatenate(c, axis=1)
  your steps are joined along the units, (B, T * H); steps keep an axis of their own
"""


def _carried_over(x, params, h0, c0):
    h_t, c_t, h, c = h0[:1], c0[:1], np.zeros((len(x), *h0.shape)), np.zeros((len(x), *h0.shape))
    for b in range(len(h0)):
        for t in range(len(x)):
            h_t, c_t = lstm_cell(x[t, b : b + 1], h_t, c_t, params)
            h[t, b], c[t, b] = h_t[0], c_t[0]
    return h, c


MISTAKES = {
    "stack": read(EXERCISES["stack"].source, _STACK),
    "lstm_cell": read(
        EXERCISES["lstm_cell"].source,
        _LSTM_CELL,
        {name: (gates.EXERCISES[name].source, known) for name, known in OF_GATES.items()},
    ),
    "lstm_forward": read(
        EXERCISES["lstm_forward"].source, _LSTM_FORWARD, carried_over=_carried_over
    ),
}
