"""lstm_ref reproduces numbers that others have published, to the last printed digit."""

import numpy as np
import pytest

from lstm_ref import (
    LSTMParams,
    RNNParams,
    lstm_backward,
    lstm_cell,
    lstm_forward,
    rnn_backward,
    rnn_forward,
)


def printed(value, expected, digits):
    """Assert that `value` rounds to `expected`, which was printed with so many decimals."""
    np.testing.assert_allclose(value, expected, rtol=0, atol=0.5001 * 10.0**-digits)


def linspace(start, stop, *shape):
    return np.linspace(start, stop, np.prod(shape)).reshape(shape)


def scalar_gates(**gates):
    """LSTMParams with H = 1 from one row (w_h, w_x..., b) a gate."""
    rows = {name: np.array(row) for name, row in gates.items()}
    W = {f"W_{k}": row[None, :-1] for k, row in rows.items()}
    return LSTMParams.from_gates(**W, **{f"b_{k}": row[-1:] for k, row in rows.items()})


def test_gomez():
    """Forward, backward and one step of gradient descent, T = 2, D = 2, H = 1.

    A. Gomez, "Backpropogating an LSTM: A Numerical Example" (2016),
    blog.aidangomez.ca/2016/04/17/Backpropogating-an-LSTM-A-Numerical-Example/;
    the digits here, more than he prints, are those of
    github.com/ThomasH88/home_made_RNN, LSTM_numerical_example.ipynb.
    """
    params = scalar_gates(
        c=(0.15, 0.45, 0.25, 0.2),
        i=(0.80, 0.95, 0.80, 0.65),
        f=(0.10, 0.70, 0.45, 0.15),
        o=(0.25, 0.60, 0.40, 0.1),
    )
    x = np.array([[[1, 2]], [[0.5, 3]]])
    labels = np.array([[[0.5]], [[1.25]]])
    h, _, cache = lstm_forward(x, params)

    printed(cache.gates.c_tilde.ravel(), [0.8177540779702877, 0.8498040223194213], 14)
    printed(cache.gates.i.ravel(), [0.9608342772032357, 0.9811839683254171], 14)
    printed(cache.gates.f.ravel(), [0.8519528019683106, 0.8703019698552491], 14)
    printed(cache.gates.o.ravel(), [0.8175744761936437, 0.8499333428022842], 14)
    printed(cache.c[1:].ravel(), [0.7857261484365797, 1.5176330976694041], 14)
    printed(h.ravel(), [0.5363133978820118, 0.7719811057588907], 14)

    # Loss 1/2 sum (h_t - label_t)^2, learning rate 0.1.
    grads = lstm_backward(cache, h - labels).params
    W, b = params.W - 0.1 * grads.W, params.b - 0.1 * grads.b
    new = LSTMParams(W, b)
    printed(new.W_c, [[0.15103961, 0.45267162, 0.25922011]], 8)
    printed(new.W_i, [[0.80005983, 0.95022037, 0.80066386]], 8)
    printed(new.W_f, [[0.10033823, 0.70031533, 0.45189196]], 8)
    printed(new.W_o, [[0.25296999, 0.60259241, 0.41626039]], 8)
    printed(
        [new.b_c, new.b_i, new.b_f, new.b_o],
        [[0.20364084], [0.65027615], [0.15063065], [0.1053613]],
        8,
    )


@pytest.mark.parametrize(("x_1", "h_4"), [(0, 0), (1, 1)], ids=["A", "B"])
def test_statquest(x_1, h_4):
    """Two companies' four days, T = 4, D = H = 1.

    J. Starmer (StatQuest), "Long Short-Term Memory (LSTM), Clearly Explained";
    the printed states of day 1 and day 4 as in R. Rajesh, "Understanding LSTMs
    - Part 7", dev.to/rijultp/understanding-lstms-part-7-lstm-in-action-with-real-data-480d.
    """
    params = scalar_gates(
        f=(2.70, 1.63, 1.62), i=(2.00, 1.65, 0.62), c=(1.41, 0.94, -0.32), o=(4.38, -0.19, 0.59)
    )
    x = np.array([x_1, 0.5, 0.25, 1]).reshape(4, 1, 1)
    h, (h_T, _), cache = lstm_forward(x, params)
    if x_1 == 0:
        printed(cache.c[1], -0.20, 2)
        printed(h[0], -0.13, 2)
    printed(h_T, h_4, 0)


def test_scalar_trace():
    """Every gate of three steps, D = H = 1, biases zero.

    github.com/Yasmeen-Akl/DL-lSTM-, steps 1 to 3; also github.com/menna-ibrahimm/LSTM-Notebook.
    """
    params = scalar_gates(f=(0.1, 0.5, 0), i=(0.2, 0.6, 0), c=(0.3, 0.7, 0), o=(0.4, 0.8, 0))
    h, _, cache = lstm_forward(np.array([1, 2, 3]).reshape(3, 1, 1), params)
    printed(cache.gates.f.ravel(), [0.6225, 0.7361, 0.8269], 4)
    printed(cache.gates.i.ravel(), [0.6457, 0.7775, 0.8730], 4)
    printed(cache.gates.c_tilde.ravel(), [0.6044, 0.9009, 0.9798], 4)
    printed(cache.gates.o.ravel(), [0.6900, 0.8459, 0.9344], 4)
    printed(cache.c[1:].ravel(), [0.3902, 0.9877, 1.6721], 4)
    printed(h.ravel(), [0.2564, 0.6398, 0.8707], 4)


def cs231n_params(W_x, W_h, b):
    """CS231n packs i, f, o, g in columns, as ``x @ W_x + h @ W_h + b``."""
    columns = zip("ifoc", np.split(np.vstack([W_h, W_x]), 4, axis=1), np.split(b, 4), strict=True)
    gates = {f"{a}_{k}": v for k, W_k, b_k in columns for a, v in (("W", W_k.T), ("b", b_k))}
    return LSTMParams.from_gates(**gates)


def test_cs231n_lstm_step():
    """Stanford CS231n (2016), assignment 3, LSTM_Captioning.ipynb, "LSTM: step forward"."""
    B, D, H = 3, 4, 5
    params = cs231n_params(
        linspace(-2.1, 1.3, D, 4 * H), linspace(-0.7, 2.2, H, 4 * H), linspace(0.3, 0.7, 4 * H)
    )
    x_t, h, c = linspace(-0.4, 1.2, B, D), linspace(-0.3, 0.7, B, H), linspace(-0.4, 0.9, B, H)
    h_t, c_t, _ = lstm_cell(x_t, h, c, params)
    expected_h = [
        [0.24635157, 0.28610883, 0.32240467, 0.35525807, 0.38474904],
        [0.49223563, 0.55611431, 0.61507696, 0.66844003, 0.7159181],
        [0.56735664, 0.66310127, 0.74419266, 0.80889665, 0.858299],
    ]
    expected_c = [
        [0.32986176, 0.39145139, 0.451556, 0.51014116, 0.56717407],
        [0.66382255, 0.76674007, 0.87195994, 0.97902709, 1.08751345],
        [0.74192008, 0.90592151, 1.07717006, 1.25120233, 1.42395676],
    ]
    printed(h_t, expected_h, 8)
    printed(c_t, expected_c, 8)


def test_cs231n_lstm_sequence():
    """Stanford CS231n (2016), assignment 3, LSTM_Captioning.ipynb, "LSTM: forward"."""
    T, B, D, H = 3, 2, 5, 4
    params = cs231n_params(
        linspace(-0.2, 0.9, D, 4 * H), linspace(-0.3, 0.6, H, 4 * H), linspace(0.2, 0.7, 4 * H)
    )
    x = linspace(-0.4, 0.6, B, T, D).swapaxes(0, 1)
    h, _, _ = lstm_forward(x, params, h0=linspace(-0.4, 0.8, B, H))
    expected = [
        [
            [0.01764008, 0.01823233, 0.01882671, 0.0194232],
            [0.11287491, 0.12146228, 0.13018446, 0.13902939],
            [0.31358768, 0.33338627, 0.35304453, 0.37250975],
        ],
        [
            [0.45767879, 0.4761092, 0.4936887, 0.51041945],
            [0.6704845, 0.69350089, 0.71486014, 0.7346449],
            [0.81733511, 0.83677871, 0.85403753, 0.86935314],
        ],
    ]
    printed(h.swapaxes(0, 1), expected, 8)


def test_cs231n_rnn_sequence():
    """Stanford CS231n (2016), assignment 3, RNN_Captioning.ipynb, "Vanilla RNN: forward"."""
    T, B, D, H = 3, 2, 4, 5
    W_x, W_h = linspace(-0.2, 0.4, D, H), linspace(-0.4, 0.1, H, H)
    params = RNNParams(np.vstack([W_h, W_x]).T, linspace(-0.7, 0.1, H))
    x = linspace(-0.1, 0.3, B, T, D).swapaxes(0, 1)
    h, _, _ = rnn_forward(x, params, h0=linspace(-0.3, 0.1, B, H))
    expected = [
        [
            [-0.42070749, -0.27279261, -0.11074945, 0.05740409, 0.22236251],
            [-0.39525808, -0.22554661, -0.0409454, 0.14649412, 0.32397316],
            [-0.42305111, -0.24223728, -0.04287027, 0.15997045, 0.35014525],
        ],
        [
            [-0.55857474, -0.39065825, -0.19198182, 0.02378408, 0.23735671],
            [-0.27150199, -0.07088804, 0.13562939, 0.33099728, 0.50158768],
            [-0.51014825, -0.30524429, -0.06755202, 0.17806392, 0.40333043],
        ],
    ]
    printed(h.swapaxes(0, 1), expected, 8)


def test_tensorflow_lite():
    """TensorFlow, lite/kernels/unidirectional_sequence_lstm_test.cc.

    Test without CIFG, peephole and projection; its own tolerance is 1e-5.
    """
    W_x = {
        "i": [[-0.45018822, -0.02338299], [-0.0870589, -0.34550029],
              [0.04266912, -0.15680569], [-0.34856534, 0.43890524]],
        "c": [[-0.50013041, 0.1370284], [0.11810488, 0.2013163],
              [-0.20583314, 0.44344562], [0.22077113, -0.29909778]],
        "f": [[0.09701663, 0.20334584], [-0.50592935, -0.31343272],
              [-0.40032279, 0.44781327], [0.01387155, -0.35593212]],
        "o": [[-0.25065863, -0.28290087], [0.04613829, 0.40525138],
              [0.44272184, 0.03897077], [-0.1556896, 0.19487578]],
    }  # fmt: skip
    W_h = {
        "i": [[-0.0063535, -0.2042388, 0.31454784, -0.35746509],
              [0.28902304, 0.08183324, -0.16555229, 0.02286911],
              [-0.13566875, 0.03034258, 0.48091322, -0.12528998],
              [0.24077177, -0.51332325, -0.33502164, 0.10629296]],
        "c": [[-0.3407414, 0.24443203, -0.2078532, 0.26320225],
              [0.05695659, -0.00123841, -0.4744786, -0.35869038],
              [-0.06418842, -0.13502428, -0.501764, 0.22830659],
              [-0.46367589, 0.26016325, -0.03894562, -0.16368064]],
        "f": [[-0.48684245, -0.06655136, 0.42224967, 0.2112639],
              [0.27654213, 0.20864892, -0.07646349, 0.45877004],
              [0.00141793, -0.14609534, 0.36447752, 0.09196436],
              [0.28053468, 0.01560611, -0.20127171, -0.01140004]],
        "o": [[0.43385774, -0.17194885, 0.2718237, 0.09215671],
              [0.24107647, -0.39835793, 0.18212086, 0.01301402],
              [0.48572797, -0.50656658, 0.20047462, -0.20607421],
              [-0.51818722, -0.15390486, 0.0468148, 0.39922136]],
    }  # fmt: skip
    W = {f"W_{k}": np.hstack([W_h[k], W_x[k]]) for k in "ifco"}
    b = {f"b_{k}": np.full(4, float(k == "f")) for k in "ifco"}
    x = np.array([[[2, 3]], [[3, 4]], [[1, 1]]])
    h, _, _ = lstm_forward(x, LSTMParams.from_gates(**W, **b))
    expected = [
        [-0.02973187, 0.1229473, 0.20885126, -0.15358765],
        [-0.03716109, 0.12507336, 0.41193449, -0.20860538],
        [-0.15053082, 0.09120187, 0.24278517, -0.12222792],
    ]
    np.testing.assert_allclose(h[:, 0], expected, rtol=0, atol=1e-6)  # computed there in float32


@pytest.fixture
def randn():
    """Return the legacy generator that the Coursera exercises seed with 1."""
    return np.random.RandomState(1).randn


def test_coursera_lstm_cell_backward(randn):
    """Gradients of one step with upstream gradients of both states, B = 10, D = 3, H = 5.

    deeplearning.ai, Sequence Models, "Building your Recurrent Neural Network -
    Step by Step", lstm_cell_backward, expected output. (The exercise's
    lstm_backward drops the gradients carried between steps; its numbers are wrong.)
    """
    x_t, h, c = randn(3, 10).T, randn(5, 10).T, randn(5, 10).T
    gates = {}
    for k in "fioc":
        gates |= {f"W_{k}": randn(5, 8), f"b_{k}": randn(5, 1)[:, 0]}
    randn(2, 5), randn(2, 1)  # the softmax layer, which these gradients do not pass through
    dh, dc = randn(5, 10).T, randn(5, 10).T

    _, _, cache = lstm_forward(x_t[None], LSTMParams.from_gates(**gates), h, c)
    grads = lstm_backward(cache, dh[None], dc_T=dc)
    printed(grads.x[0, 2, 1], 3.23055911511, 11)
    printed(grads.h0[3, 2], -0.0639621419711, 13)
    printed(grads.c0[3, 2], 0.797522038797, 12)
    printed(grads.params.W_f[3, 1], -0.147954838164, 12)
    printed(grads.params.W_i[1, 2], 1.05749805523, 11)
    printed(grads.params.W_c[3, 1], 2.30456216369, 11)
    printed(grads.params.W_o[1, 2], 0.331311595289, 12)
    printed(grads.params.b_f[4], 0.18864637, 8)
    printed(grads.params.b_i[4], -0.40142491, 8)
    printed(grads.params.b_c[4], 0.25587763, 8)
    printed(grads.params.b_o[4], 0.13893342, 8)


def test_coursera_rnn_backward(randn):
    """Gradients of the vanilla RNN over a sequence, T = 4, B = 10, D = 3, H = 5.

    The same exercise, rnn_backward, expected output.
    """
    x, h0 = randn(3, 10, 4).T, randn(5, 10).T
    W_x, W_h = randn(5, 3), randn(5, 5)
    randn(2, 5)
    b = randn(5, 1)[:, 0]
    randn(2, 1)
    dh = randn(5, 10, 4).T

    _, _, cache = rnn_forward(x, RNNParams(np.hstack([W_h, W_x]), b), h0)
    grads = rnn_backward(cache, dh)
    printed(grads.x[:, 2, 1], [-2.07101689, -0.59255627, 0.02466855, 0.01483317], 8)
    printed(grads.h0[3, 2], -0.314942375127, 12)
    printed(grads.params.W_x[3, 1], 11.2641044965, 10)
    printed(grads.params.W_h[1, 2], 2.30333312658, 11)
    printed(grads.params.b[4], -0.74747722, 8)
