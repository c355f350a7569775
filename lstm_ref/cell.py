"""One step of the LSTM, equation by equation, and its way back.

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
from lstm_ref.params import LSTMParams


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


class CellGrads(NamedTuple):
    """Gradients of the loss, as `lstm_cell_backward` returns them.

    Attributes
    ----------
    x_t : ndarray, shape (B, D)
    h_prev : ndarray, shape (B, H)
        What this step sends back to h_{t-1}.
    c_prev : ndarray, shape (B, H)
        What this step sends back to c_{t-1}, along the memory. The step before
        adds what h_{t-1} shows of it.
    c_t : ndarray, shape (B, H)
        Of c_t, through all paths.
    params : LSTMParams
        This step's share.
    """

    x_t: np.ndarray
    h_prev: np.ndarray
    c_prev: np.ndarray
    c_t: np.ndarray
    params: LSTMParams


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

    Parameters, result and errors as in `cell_state`.
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
    x_t, h_prev, c_prev = _of_step(params, x_t, h_prev=h_prev, c_prev=c_prev)

    hx = stack(h_prev, x_t)
    f = forget_gate(hx, params.W_f, params.b_f)
    i = input_gate(hx, params.W_i, params.b_i)
    c_tilde = candidate(hx, params.W_c, params.b_c)
    o = output_gate(hx, params.W_o, params.b_o)

    c_t = cell_state(f, c_prev, i, c_tilde)
    h_t = hidden_state(o, c_t)
    return h_t, c_t, Gates(f, i, c_tilde, o)


def lstm_cell_backward(dh, dc, x_t, h_prev, c_prev, c_t, gates, params):
    """Go back through one step of the LSTM.

    Parameters
    ----------
    dh : array_like, shape (B, H)
        ∂L/∂h_t through all paths, L being the loss.
    dc : array_like, shape (B, H)
        ∂L/∂c_t along the memory alone: what the step after has sent back.
    x_t, h_prev, c_prev : array_like, shapes (B, D), (B, H) and (B, H)
        What `lstm_cell` was given.
    c_t : array_like, shape (B, H)
    gates : Gates
        What it returned.
    params : LSTMParams

    Returns
    -------
    CellGrads
        ``.x_t`` (B, D), ``.h_prev``, ``.c_prev`` and ``.c_t`` (B, H), and
        ``.params`` (an `LSTMParams`).

    Raises
    ------
    ValueError
        If a shape does not fit `params` or the batch sizes differ.

    References
    ----------
    K. Greff et al., "LSTM: A Search Space Odyssey", IEEE Transactions on Neural
    Networks and Learning Systems 28(10), 2017: the same, with peepholes.
    """
    states = {"h_prev": h_prev, "c_prev": c_prev, "c_t": c_t}
    states |= gates._asdict() | {"dh": dh, "dc": dc}
    x_t, *states = _of_step(params, x_t, **states)
    h_prev, c_prev, c_t, f, i, c_tilde, o, dh, dc = states
    H = params.hidden_size

    # The loss sees c_t in two ways: carried on, and shown in h_t.
    tanh_c = np.tanh(c_t)
    shown = dh * o * (1 - tanh_c**2)
    dc_t = dc + shown

    # Three pre-activations act through c_t, the output gate's through h_t.
    dz_f = dc_t * c_prev * f * (1 - f)
    dz_i = dc_t * c_tilde * i * (1 - i)
    dz_c = dc_t * i * (1 - c_tilde**2)
    dz_o = dh * tanh_c * o * (1 - o)

    # The stacked input went to all four, so four gradients come back to it.
    dhx = dz_f @ params.W_f + dz_i @ params.W_i + dz_c @ params.W_c + dz_o @ params.W_o
    dh_prev = dhx[:, :H]
    dx_t = dhx[:, H:]
    dc_prev = dc_t * f

    hx = stack(h_prev, x_t)
    dW_f = dz_f.T @ hx
    dW_i = dz_i.T @ hx
    dW_c = dz_c.T @ hx
    dW_o = dz_o.T @ hx
    db_f = dz_f.sum(axis=0)
    db_i = dz_i.sum(axis=0)
    db_c = dz_c.sum(axis=0)
    db_o = dz_o.sum(axis=0)
    dparams = LSTMParams.from_gates(
        W_f=dW_f, W_i=dW_i, W_c=dW_c, W_o=dW_o, b_f=db_f, b_i=db_i, b_c=db_c, b_o=db_o
    )
    return CellGrads(dx_t, dh_prev, dc_prev, dc_t, dparams)


def _of_step(params, x_t, **states):
    """Return what a step is given as arrays, checked: x_t (B, D), and the states (B, H)."""
    x_t = as_float(x_t)
    states = {name: as_float(state) for name, state in states.items()}
    sizes = {"D": params.input_size, "H": params.hidden_size}
    check_shapes(sizes, x_t=(x_t, "B D"), **{name: (a, "B H") for name, a in states.items()})
    return x_t, *states.values()


def _affine(hx, W, b, gate):
    """W [h_{t-1}, x_t] + b, which all gates share; `gate` names W and b in errors."""
    hx, W, b = map(as_float, (hx, W, b))
    check_shapes(**{f"W_{gate}": (W, "H H+D"), f"b_{gate}": (b, "H"), "hx": (hx, "B H+D")})
    return hx @ W.T + b
