"""A small LSTM in NumPy: the reference behind the book and the exercises.

Read `cell` first, beside the equations: one step, and its way back. Then `lstm`:
the sequence, forward and backward. `fast` has the two functions of `lstm` once
more, for training. `params` holds the weights, `rnn` the vanilla RNN to compare with,
`gradients` the tools that look at gradients, `torch_bridge` the way from and to
PyTorch.
"""

from lstm_ref.cell import (
    CellGrads,
    Gates,
    candidate,
    cell_state,
    forget_gate,
    hidden_state,
    input_gate,
    lstm_cell,
    lstm_cell_backward,
    output_gate,
    sigmoid,
    stack,
)
from lstm_ref.gradients import check_gradients, gradient_norms
from lstm_ref.lstm import lstm_backward, lstm_forward
from lstm_ref.params import LSTMParams, RNNParams
from lstm_ref.rnn import rnn_backward, rnn_forward
from lstm_ref.torch_bridge import from_torch, to_torch

__all__ = [
    "CellGrads",
    "Gates",
    "LSTMParams",
    "RNNParams",
    "candidate",
    "cell_state",
    "check_gradients",
    "forget_gate",
    "from_torch",
    "gradient_norms",
    "hidden_state",
    "input_gate",
    "lstm_backward",
    "lstm_cell",
    "lstm_cell_backward",
    "lstm_forward",
    "output_gate",
    "rnn_backward",
    "rnn_forward",
    "sigmoid",
    "stack",
    "to_torch",
]
