"""Known mistakes of the assignment *pytorch*."""

from itertools import permutations

from lstm_check.exercises.pytorch import EXERCISES, ORDER
from lstm_check.notation import read

_TO = """
== Two biases, in nn.LSTM opened up
bias in both | b_hh = b
  your bias is in both places; PyTorch adds the two, so that it counts twice
bias in bias_hh_l0 | b_ih = np.zeros_like(b); b_hh = b
  the sum of the two biases is right; the task wants all of it in the other one
bias halved | b_ih = b / 2; b_hh = b / 2
  the sum of the two biases is right; the task wants all of it in one of them
no bias | b_ih = np.zeros_like(b)
  both biases are zero: where did b_f, b_i, b_c, b_o go?
1 added to b_f | params = params | {"b_f": params["b_f"] + 1}
    |; b = np.concatenate([params[f"b_{gate}"] for gate in order])
  the block of the forget gate's bias is 1 too high; a forget bias is chosen at the start of
  training, a conversion changes nothing
second bias missing | return {"weight_ih_l0": ih, "weight_hh_l0": hh, "bias_ih_l0": b_ih}
  load_state_dict wants both biases, even if one of them is zero
== Stacking the input, in The gates
input's columns first | ih = W[:, : W.shape[1] - H]; hh = W[:, W.shape[1] - H :]
  your two weights are cut as if the columns of x_t came first; the shapes fit, the columns do not
== Four tensors, in nn.LSTM opened up
unit by unit | W = np.stack([params[f"W_{gate}"] for gate in order], axis=1)
    |; W = W.reshape(-1, W.shape[2]); b = np.stack([params[f"b_{gate}"] for gate in order], axis=1)
    |; b = b.ravel()
  your rows go unit by unit, four of each; PyTorch keeps each gate's rows together
the two weights swapped | ih = W[:, :H]; hh = W[:, H:]
  your two weights are under each other's name: ih acts on the input, hh on the hidden state
blocks side by side | W = np.concatenate([params[f"W_{gate}"] for gate in order], axis=1)
  your gates lie side by side; in PyTorch they lie one below the other
an axis for the gates | W = np.array([params[f"W_{gate}"] for gate in order])
    |; b = np.array([params[f"b_{gate}"] for gate in order]); ih = W[:, :, H:]; hh = W[:, :, :H]
  your arrays have an axis for the four blocks; in PyTorch they are joined along the rows, to 4H
names without the layer
    | return {"weight_ih": ih, "weight_hh": hh, "bias_ih": b_ih, "bias_hh": b_hh}
  your names lack the layer: l0, with a small L, is layer 0, and belongs to the name
D for H | H = params["W_f"].shape[1] - len(params["b_f"])
  you cut behind D columns; the hidden state's come first, and there are H of them
== Keras and ONNX, in nn.LSTM opened up
weights transposed | ih = W[:, H:].T; hh = W[:, :H].T
  your weights are transposed, as Keras keeps them; in PyTorch a row belongs to an output
== Moving weights, both ways, in nn.LSTM opened up
hh transposed | hh = np.concatenate([part.T for part in np.split(W[:, :H], 4)])
  each block of weight_hh_l0 is transposed; a block is square, so that no shape tells
not cut | ih = W; hh = W
  your weights are not cut: each of the two holds all H + D columns
W_f for all gates | W = np.concatenate([params["W_f"] for gate in order])
  your weights hold W_f four times; each gate has its own
b_f for all gates | b = np.concatenate([params["b_f"] for gate in order])
  your bias holds b_f four times; each gate has its own
"""

FROM = """
== Two biases, in nn.LSTM opened up
only bias_ih_l0 | b = state["bias_ih_l0"]
  your biases are those of bias_ih_l0 alone; PyTorch uses both
only bias_hh_l0 | b = state["bias_hh_l0"]
  your biases are those of bias_hh_l0 alone; PyTorch uses both
biases averaged | b = (state["bias_ih_l0"] + state["bias_hh_l0"]) / 2
  your biases are the mean of the two; PyTorch does something else with them
biases multiplied | b = state["bias_ih_l0"] * state["bias_hh_l0"]
  your biases are the product of the two
biases subtracted | b = state["bias_ih_l0"] - state["bias_hh_l0"]
  your biases are the difference of the two
no bias | b = 0 * state["bias_ih_l0"]
  the biases are zero
1 added to b_f | return {**weights, **biases, "b_f": biases["b_f"] + 1}
  b_f is 1 too high; a forget bias is chosen when training starts, a conversion changes nothing
== Stacking the input, in The gates
input's columns first | W = np.concatenate([ih, hh], axis=1)
  your weights have the columns of the input first; the shapes fit, the columns do not
== Four tensors, in nn.LSTM opened up
every fourth row
    | weights = {f"W_{gate}": W[k::4] for k, gate in enumerate(order)}
    |; biases = {f"b_{gate}": b[k::4] for k, gate in enumerate(order)}
  you take every fourth row for a gate; PyTorch keeps each gate's rows together
not cut into blocks | weights = {f"W_{gate}": W for gate in order}
    |; biases = {f"b_{gate}": b for gate in order}
  you take all 4H rows for one gate; there are four blocks
the first block for all | weights = {f"W_{gate}": np.split(W, 4)[0] for gate in order}
  all your weights are the first block of rows; each gate has its own
the first block of the bias for all | biases = {f"b_{gate}": np.split(b, 4)[0] for gate in order}
  all your biases are the first block; each gate has its own
D for H | D = ih.shape[1]; weights = {f"W_{g}": W[k * D : (k + 1) * D] for k, g in enumerate(order)}
    |; biases = {f"b_{g}": b[k * D : (k + 1) * D] for k, g in enumerate(order)}
  your blocks have D rows; the columns of weight_ih_l0 are the inputs, they say nothing about H
g for c | names = {"c": "g"}
    |; weights = {f"W_{names.get(g, g)}": rows for g, rows in zip(order, np.split(W, 4))}
    |; biases = {f"b_{names.get(g, g)}": rows for g, rows in zip(order, np.split(b, 4))}
  the candidate is missing: PyTorch calls it g, here it is c, as in W_c and b_c
== Moving weights, both ways, in nn.LSTM opened up
hh transposed | hh = np.concatenate([part.T for part in np.split(state["weight_hh_l0"], 4)])
  your blocks of weight_hh_l0 are transposed; a block is square, so that no shape tells
weights transposed | return {**{name: rows.T for name, rows in weights.items()}, **biases}
  your weights are transposed; a row belongs to a hidden unit
hh left out | W = ih
  your weights are those on the input alone; the hidden state has weights, too
ih left out | W = hh
  your weights are those on the hidden state alone; the input has weights, too
joined one below the other | W = np.concatenate([hh, ih]) || W = np.concatenate([ih, hh])
  the two weights belong side by side: they act on the same gates
"""


def orders(start):
    """Write a mistake for every wrong order of the blocks."""
    known = {"fico": ", that of the equations", "iofc": ", that of ONNX"}
    for order in map("".join, permutations(ORDER)):
        if order != ORDER:
            chapter = "Keras and ONNX" if order == "iofc" else "Four tensors"
            yield f"== {chapter}, in nn.LSTM opened up"
            yield f'blocks in the order {order} | order = "{order}"'
            said = ", ".join(order).replace("c", "c̃") + known.get(order, "")
            yield f"  {start} in the order {said}; PyTorch has another, and nothing but the values"
            yield "  shows it"


MISTAKES = {
    "to_state_dict": read(
        EXERCISES["to_state_dict"].source, _TO + "\n".join(orders("your blocks are"))
    ),
    "from_state_dict": read(
        EXERCISES["from_state_dict"].source, FROM + "\n".join(orders("you take the blocks to be"))
    ),
}
