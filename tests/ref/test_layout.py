"""Strides do not matter, inputs are never written to, and the same call gives the same bytes."""

import numpy as np
import pytest

from lstm_ref import fast, lstm, lstm_cell, rnn_backward, rnn_forward

# What runs a sequence; None stands for the vanilla RNN.
of_each = pytest.mark.parametrize("passes", [lstm, fast, None], ids=["lstm", "fast", "rnn"])


def run(case, passes):
    if passes is None:
        h, h_T, cache = rnn_forward(case.x, case.params, case.h0)
        grads = rnn_backward(cache, case.dh, case.dh_T)
        return [h, h_T, grads.x, grads.h, grads.params.W, grads.params.b]
    h, (h_T, c_T), cache = passes.lstm_forward(case.x, case.params, case.h0, case.c0)
    grads = passes.lstm_backward(cache, case.dh, case.dh_T, case.dc_T)
    h_t, c_t, gates = lstm_cell(case.x[0], case.h0, case.c0, case.params)
    outputs = [h, h_T, c_T, h_t, c_t, *gates]
    return [*outputs, grads.x, grads.h, grads.c, grads.params.W, grads.params.b]


def arrays_of(case):
    return [case.params.W, case.params.b, *(a for a in case if isinstance(a, np.ndarray))]


def view_reversed(a):
    """Return a view equal to `a` with a negative stride on every axis."""
    back = (slice(None, None, -1),) * a.ndim
    return a[back].copy()[back]


def view_sliced(a):
    """Return a view equal to `a` into every second element of a larger array."""
    larger = np.full([2 * n for n in a.shape], np.nan, a.dtype)
    larger[(slice(None, None, 2),) * a.ndim] = a
    return larger[(slice(None, None, 2),) * a.ndim]


def view_transposed(a):
    """Return a view equal to `a` whose last axis has the largest stride."""
    return np.moveaxis(np.moveaxis(a, -1, 0).copy(), 0, -1)


@of_each
@pytest.mark.parametrize("layout", [np.asfortranarray, view_reversed, view_sliced, view_transposed])
def test_any_layout_gives_the_same_values(draw, agree, layout, passes):
    case = draw(T=5, B=3, rnn=passes is None)
    params = type(case.params)(layout(case.params.W), layout(case.params.b))
    other = type(case)(*(layout(a) if isinstance(a, np.ndarray) else params for a in case))
    for got, expected in zip(run(other, passes), run(case, passes), strict=True):
        agree(got, expected, 1e-14)


@of_each
def test_inputs_are_not_written_to(draw, passes):
    case = draw(rnn=passes is None)
    before = [a.copy() for a in arrays_of(case)]
    run(case, passes)
    for a, copy in zip(arrays_of(case), before, strict=True):
        np.testing.assert_array_equal(a, copy)


@of_each
def test_read_only_inputs_are_accepted(draw, passes):
    case = draw(rnn=passes is None)
    for a in arrays_of(case):
        a.setflags(write=False)
    run(case, passes)


@of_each
def test_two_calls_give_the_same_bytes(draw, passes):
    case = draw(T=6, B=4, H=16, rnn=passes is None)
    first, second = run(case, passes), run(case, passes)
    assert [a.tobytes() for a in first] == [a.tobytes() for a in second]


def test_two_backward_passes_from_one_cache_agree(passes, draw):
    """The backward pass leaves its cache and its arguments as they were."""
    case = draw()
    _, _, cache = passes.lstm_forward(case.x, case.params, case.h0, case.c0)
    first = passes.lstm_backward(cache, case.dh, case.dh_T, case.dc_T)
    second = passes.lstm_backward(cache, case.dh, case.dh_T, case.dc_T)
    assert first.params.W.tobytes() == second.params.W.tobytes()
    assert first.x.tobytes() == second.x.tobytes()


def test_final_states_are_not_views_of_the_history(passes, draw):
    """Carrying h_T and c_T on, and writing to them, must not spoil the backward pass."""
    case = draw()
    h, (h_T, c_T), cache = passes.lstm_forward(case.x, case.params, case.h0, case.c0)
    expected = passes.lstm_backward(cache, case.dh, case.dh_T, case.dc_T)
    h_T[...], c_T[...] = np.nan, np.nan
    assert not np.isnan(h).any()
    got = passes.lstm_backward(cache, case.dh, case.dh_T, case.dc_T)
    np.testing.assert_array_equal(got.params.W, expected.params.W)


def test_final_state_of_the_rnn_is_not_a_view_of_the_history(draw):
    case = draw(rnn=True)
    h, h_T, _ = rnn_forward(case.x, case.params, case.h0)
    h_T[...] = np.nan
    assert not np.isnan(h).any()
