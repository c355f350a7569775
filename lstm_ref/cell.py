"""One step of the LSTM, equation by equation.

Notation (the same in the book and in the exercises):

============  ==============================================  ===========
symbol        meaning                                         shape
============  ==============================================  ===========
x_t           input                                           (B, D)
h_prev        previous hidden state, h_{t-1}                  (B, H)
c_prev        previous cell state, c_{t-1}                    (B, H)
hx            stacked input [h_{t-1}, x_t], h first           (B, H + D)
f, i, o       forget, input and output gate, in (0, 1)        (B, H)
c_tilde       candidate, in (-1, 1)                           (B, H)
============  ==============================================  ===========

B is the batch size, D the input size, H the hidden size.

References
----------
S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory", Neural Computation
9(8), 1997: the cell, the input gate and the output gate.
F. A. Gers, J. Schmidhuber and F. Cummins, "Learning to Forget: Continual
Prediction with LSTM", Neural Computation 12(10), 2000: the forget gate.
"""

from typing import NamedTuple

import numpy as np

from lstm_ref._arrays import as_float, check_shapes


class Gates(NamedTuple):
    """The three gates and the candidate of one step, or of a sequence.

    Attributes
    ----------
    f, i, c_tilde, o : ndarray, shape (B, H) or (T, B, H)
    """

    f: np.ndarray
    i: np.ndarray
    c_tilde: np.ndarray
    o: np.ndarray


def sigmoid(z):
    """Logistic function, 1 / (1 + exp(-z)).

    Parameters
    ----------
    z : array_like
        Any shape. Complex values work while ``abs(z.real) < 700``, which is
        what a complex-step gradient check needs.

    Returns
    -------
    ndarray
        Same shape as `z`, in [0, 1] for real `z`. There is no overflow
        warning: for very negative `z`, exp(-z) is inf and the result 0.
    """
    z = as_float(z)
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


def stack(h_prev, x_t):
    """Stack the previous hidden state and the input, hidden state first.

    Parameters
    ----------
    h_prev : array_like, shape (B, H)
    x_t : array_like, shape (B, D)

    Returns
    -------
    hx : ndarray, shape (B, H + D)

    Raises
    ------
    ValueError
        If an argument is not 2-D or the batch sizes differ.
    """
    h_prev, x_t = map(as_float, (h_prev, x_t))
    check_shapes(h_prev=(h_prev, "B H"), x_t=(x_t, "B D"))
    return np.concatenate([h_prev, x_t], axis=1)


def forget_gate(hx, W_f, b_f):
    """Forget gate, f_t = σ(W_f [h_{t-1}, x_t] + b_f): how much of c_{t-1} is kept.

    Parameters
    ----------
    hx : array_like, shape (B, H + D)
        Stacked input.
    W_f : array_like, shape (H, H + D)
    b_f : array_like, shape (H,)

    Returns
    -------
    f : ndarray, shape (B, H)
        In (0, 1).

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    """
    return sigmoid(_affine(hx, W_f, b_f, "f"))


def input_gate(hx, W_i, b_i):
    """Input gate, i_t = σ(W_i [h_{t-1}, x_t] + b_i): how much of the candidate is written.

    Parameters, result and errors as in `forget_gate`.
    """
    return sigmoid(_affine(hx, W_i, b_i, "i"))


def candidate(hx, W_c, b_c):
    """Candidate, c̃_t = tanh(W_c [h_{t-1}, x_t] + b_c): what could be written.

    It is not a gate: it is a value in (-1, 1), not a share in (0, 1).
    Parameters, result and errors as in `forget_gate`.
    """
    return np.tanh(_affine(hx, W_c, b_c, "c"))


def output_gate(hx, W_o, b_o):
    """Output gate, o_t = σ(W_o [h_{t-1}, x_t] + b_o): how much of the cell state is shown.

    Parameters, result and errors as in `forget_gate`.
    """
    return sigmoid(_affine(hx, W_o, b_o, "o"))


def cell_state(f, c_prev, i, c_tilde):
    """Cell state, c_t = f_t ⊙ c_{t-1} + i_t ⊙ c̃_t.

    Parameters
    ----------
    f, c_prev, i, c_tilde : array_like, shape (B, H)

    Returns
    -------
    c_t : ndarray, shape (B, H)

    Raises
    ------
    ValueError
        If an argument is not 2-D or the shapes differ.
    """
    f, c_prev, i, c_tilde = map(as_float, (f, c_prev, i, c_tilde))
    check_shapes(
        f=(f, "B H"),
        c_prev=(c_prev, "B H"),
        i=(i, "B H"),
        c_tilde=(c_tilde, "B H"),
    )
    return f * c_prev + i * c_tilde


def hidden_state(o, c):
    """Hidden state, h_t = o_t ⊙ tanh(c_t).

    Parameters
    ----------
    o, c : array_like, shape (B, H)

    Returns
    -------
    h_t : ndarray, shape (B, H)

    Raises
    ------
    ValueError
        If an argument is not 2-D or the shapes differ.
    """
    o, c = map(as_float, (o, c))
    check_shapes(o=(o, "B H"), c=(c, "B H"))
    return o * np.tanh(c)


def lstm_cell(x_t, h_prev, c_prev, params):
    """One step of the LSTM.

    Parameters
    ----------
    x_t : array_like, shape (B, D)
    h_prev, c_prev : array_like, shape (B, H)
    params : LSTMParams

    Returns
    -------
    h_t, c_t : ndarray, shape (B, H)
    gates : Gates
        ``gates.f``, ``gates.i``, ``gates.c_tilde``, ``gates.o``, each (B, H).

    Raises
    ------
    ValueError
        If a shape does not fit `params` or the batch sizes differ.
    """
    x_t, h_prev, c_prev = map(as_float, (x_t, h_prev, c_prev))
    D, H = params.input_size, params.hidden_size
    check_shapes({"D": D, "H": H}, x_t=(x_t, "B D"), h_prev=(h_prev, "B H"), c_prev=(c_prev, "B H"))

    hx = stack(h_prev, x_t)
    f = forget_gate(hx, params.W_f, params.b_f)
    i = input_gate(hx, params.W_i, params.b_i)
    c_tilde = candidate(hx, params.W_c, params.b_c)
    o = output_gate(hx, params.W_o, params.b_o)

    c_t = cell_state(f, c_prev, i, c_tilde)
    h_t = hidden_state(o, c_t)
    return h_t, c_t, Gates(f, i, c_tilde, o)


def _affine(hx, W, b, gate):
    """W [h_{t-1}, x_t] + b, which all gates share; `gate` names W and b in errors."""
    hx, W, b = map(as_float, (hx, W, b))
    check_shapes(**{f"W_{gate}": (W, "H H+D"), f"b_{gate}": (b, "H"), "hx": (hx, "B H+D")})
    return hx @ W.T + b
