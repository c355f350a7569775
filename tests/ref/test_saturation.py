"""Large pre-activations and NaN give no warning (warnings are errors here) and no stray NaN."""

import itertools

import mpmath
import numpy as np
import pytest

from lstm_ref import lstm_cell, rnn_backward, rnn_forward, sigmoid

SIGNS = list(itertools.product([-1, 1], repeat=4))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("signs", SIGNS)
def test_saturated_gates(passes, draw, signs, dtype):
    """Every gate driven to |z| = 1e4, all signs: the states are those of gates at 0, 1 or -1."""
    case = draw(dtype=dtype, scale=0.1)
    for k, sign in zip("fico", signs, strict=True):
        getattr(case.params, f"b_{k}")[...] = sign * 1e4
    h, (h_T, c_T), cache = passes.lstm_forward(case.x, case.params, case.h0, case.c0)
    grads = passes.lstm_backward(cache, case.dh, case.dh_T, case.dc_T)

    f, i, c_tilde, o = (max(s, 0) if k != "c" else s for k, s in zip("fico", signs, strict=True))
    c = case.c0.copy()
    for t in range(len(h)):
        c = f * c + i * c_tilde
        np.testing.assert_allclose(h[t], o * np.tanh(c), rtol=1e-5)
    np.testing.assert_array_equal(c_T, c)
    np.testing.assert_array_equal(h_T, h[-1])
    for a in (grads.x, grads.h, grads.c, grads.params.W, grads.params.b):
        assert np.isfinite(a).all()
    np.testing.assert_array_equal(grads.params.W, np.zeros_like(grads.params.W))  # all flat

    h_t, c_t, gates = lstm_cell(case.x[0], case.h0, case.c0, case.params)
    assert all(np.isfinite(a).all() for a in (h_t, c_t, *gates))


@pytest.mark.parametrize("scale", [1e2, 1e4, 1e150])
def test_large_random_inputs(passes, draw, scale):
    """Saturated gates of mixed signs within one array, from inputs and weights."""
    for rnn in (False, True):
        case = draw(T=4, B=3, rnn=rnn)
        x = scale * case.x
        if rnn:
            h, _, cache = rnn_forward(x, case.params, case.h0)
            grads = rnn_backward(cache, case.dh, case.dh_T)
        else:
            h, _, cache = passes.lstm_forward(x, case.params, case.h0, case.c0)
            grads = passes.lstm_backward(cache, case.dh, case.dh_T, case.dc_T)
        for a in (h, grads.x, grads.h0, grads.params.W, grads.params.b):
            assert np.isfinite(a).all()


def exact_sigmoid(z):
    return 1 / (1 + mpmath.exp(-mpmath.mpf(float(z))))


def test_sigmoid_is_accurate():
    """Relative error under 4 ulp wherever 1 / (1 + exp(-z)) is a normal number, both tails."""
    z = np.concatenate([np.linspace(-700, 700, 1401), np.linspace(-1, 1, 101)])
    with mpmath.workdps(50):
        errors = [
            abs(mpmath.mpf(s) / exact_sigmoid(zi) - 1) for zi, s in zip(z, sigmoid(z), strict=True)
        ]
    assert max(errors) < 4 * np.finfo(float).eps


def test_gates_of_a_sequence_are_as_accurate_as_the_sigmoid(passes, draw):
    """A nearly closed gate, 1e-13, keeps its digits in lstm_forward too."""
    case = draw(T=2, scale=0.1)
    case.params.b[...] = -30
    _, _, cache = passes.lstm_forward(case.x, case.params, case.h0, case.c0)
    h_t, c_t = case.h0, case.c0
    for t, x_t in enumerate(case.x):
        h_t, c_t, gates = lstm_cell(x_t, h_t, c_t, case.params)
        for name in ("f", "i", "o"):
            got = getattr(cache.gates, name)[t]
            np.testing.assert_allclose(got, getattr(gates, name), rtol=1e-13)


def test_sigmoid_beyond_the_exponential():
    np.testing.assert_array_equal(sigmoid(np.array([-np.inf, -1e4, 1e4, np.inf])), [0, 0, 1, 1])
    assert np.isnan(sigmoid(np.nan))
    assert sigmoid(np.float32(-1e4)) == 0


def test_sigmoid_complex_step():
    """The imaginary part of sigmoid(z + 1e-20 i) is the derivative, where abs(z) < 700."""
    z = np.linspace(-699, 699, 1399)
    derivative = sigmoid(z + 1e-20j).imag / 1e-20
    with mpmath.workdps(700):
        s = [exact_sigmoid(zi) for zi in z]
        exact = [si * (1 - si) for si in s]
        # Below 1e-290 the imaginary part itself, 1e-20 times that, is no normal number.
        pairs = [(mpmath.mpf(d), e) for d, e in zip(derivative, exact, strict=True) if e > 1e-280]
        assert len(pairs) > 1200
        assert max(abs(d / e - 1) for d, e in pairs) < 1e-14


def test_nan_stays_in_its_row_of_the_batch(passes, draw):
    case = draw(T=4, B=3)
    for name in ("x", "h0", "c0"):
        poisoned = getattr(case, name).copy()
        poisoned[..., 1, :] = np.nan
        bad = case._replace(**{name: poisoned})
        h, (h_T, c_T), _ = passes.lstm_forward(case.x, case.params, case.h0, case.c0)
        bad_h, (bad_h_T, bad_c_T), _ = passes.lstm_forward(bad.x, bad.params, bad.h0, bad.c0)
        for good, got in ((h, bad_h), (h_T, bad_h_T), (c_T, bad_c_T)):
            assert np.isnan(got[..., 1, :]).all()
            np.testing.assert_array_equal(got[..., [0, 2], :], good[..., [0, 2], :])


def test_nan_does_not_travel_back_in_time(passes, draw):
    case = draw(T=5, B=2)
    x = case.x.copy()
    x[3, 0, 1] = np.nan
    h, _, _ = passes.lstm_forward(case.x, case.params, case.h0, case.c0)
    bad_h, _, _ = passes.lstm_forward(x, case.params, case.h0, case.c0)
    np.testing.assert_array_equal(bad_h[:3], h[:3])
    np.testing.assert_array_equal(bad_h[:, 1], h[:, 1])
    assert np.isnan(bad_h[3:, 0]).all()


def test_nan_in_the_rnn(draw):
    case = draw(T=5, B=2, rnn=True)
    x = case.x.copy()
    x[3, 0, 1] = np.nan
    h, _, _ = rnn_forward(case.x, case.params, case.h0)
    bad_h, _, cache = rnn_forward(x, case.params, case.h0)
    np.testing.assert_array_equal(bad_h[:3], h[:3])
    np.testing.assert_array_equal(bad_h[:, 1], h[:, 1])
    assert np.isnan(bad_h[3:, 0]).all()
    assert np.isnan(rnn_backward(cache, case.dh).x[3, 0]).all()  # NaN in, NaN out, no warning


def test_nan_backward_gives_no_warning(passes, draw):
    case = draw()
    dh = case.dh.copy()
    dh[1, 0, 0] = np.nan
    _, _, cache = passes.lstm_forward(case.x, case.params, case.h0, case.c0)
    grads = passes.lstm_backward(cache, dh, case.dh_T, case.dc_T)
    assert np.isnan(grads.x[:2, 0]).all()
    assert np.isfinite(grads.x[2]).all()
    assert np.isfinite(grads.x[:, 1]).all()
    assert np.isnan(grads.params.W).any()
