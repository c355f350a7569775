"""T = 0 and B = 0 work: right shapes, states and their gradients passed through, zero weights."""

import numpy as np
import pytest

from lstm_ref import (
    gradient_norms,
    lstm_cell,
    lstm_forward,
    rnn_backward,
    rnn_forward,
)

EMPTY = pytest.mark.parametrize(("T", "B"), [(0, 2), (3, 0), (0, 0)])


@EMPTY
def test_lstm(passes, draw, T, B):
    case = draw(T=T, B=B, D=3, H=4)
    h, (h_T, c_T), cache = passes.lstm_forward(case.x, case.params, case.h0, case.c0)
    assert h.shape == (T, B, 4)
    np.testing.assert_array_equal(h_T, case.h0)  # for B = 0 both are empty
    np.testing.assert_array_equal(c_T, case.c0)

    grads = passes.lstm_backward(cache, case.dh, case.dh_T, case.dc_T)
    assert grads.x.shape == case.x.shape
    assert grads.h.shape == grads.c.shape == (T + 1, B, 4)
    np.testing.assert_array_equal(grads.h0, case.dh_T)
    np.testing.assert_array_equal(grads.c0, case.dc_T)
    np.testing.assert_array_equal(grads.params.W, np.zeros((16, 7)))
    np.testing.assert_array_equal(grads.params.b, np.zeros(16))


@EMPTY
def test_rnn(draw, T, B):
    case = draw(T=T, B=B, D=3, H=4, rnn=True)
    h, h_T, cache = rnn_forward(case.x, case.params, case.h0)
    assert h.shape == (T, B, 4)
    np.testing.assert_array_equal(h_T, case.h0)

    grads = rnn_backward(cache, case.dh, case.dh_T)
    assert grads.x.shape == case.x.shape
    assert grads.h.shape == (T + 1, B, 4)
    np.testing.assert_array_equal(grads.h0, case.dh_T)
    np.testing.assert_array_equal(grads.params.W, np.zeros((4, 7)))
    np.testing.assert_array_equal(grads.params.b, np.zeros(4))


@EMPTY
def test_gradient_norms(draw, T, B):
    case = draw(T=T, B=B)
    _, _, cache = lstm_forward(case.x, case.params, case.h0, case.c0)
    norms_h, norms_c = gradient_norms(cache, case.dh, case.dh_T, case.dc_T)
    assert norms_h.shape == norms_c.shape == (T + 1,)
    if B == 0:
        np.testing.assert_array_equal([norms_h, norms_c], np.zeros((2, T + 1)))


def test_cell_with_an_empty_batch(draw):
    case = draw(B=0)
    h_t, c_t, gates = lstm_cell(case.x[0], case.h0, case.c0, case.params)
    assert {a.shape for a in (h_t, c_t, *gates)} == {(0, 4)}


def test_states_that_no_step_touches_are_copies(passes, draw):
    """With T = 0 the final state equals the initial one; writing to it leaves the input alone."""
    case = draw(T=0)
    before = case.h0.copy()
    _, (h_T, _), _ = passes.lstm_forward(case.x, case.params, case.h0, case.c0)
    h_T += 1
    np.testing.assert_array_equal(case.h0, before)
