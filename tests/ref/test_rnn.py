"""The vanilla tanh RNN equals torch.nn.RNN in float64: forward and every gradient, to 1e-12."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_ref import RNNParams, rnn_backward, rnn_forward

PROBLEMS = st.fixed_dictionaries(
    {
        "T": st.integers(1, 6),  # PyTorch refuses T = 0; test_empty.py has it
        "B": st.integers(0, 4),
        "D": st.integers(1, 5),
        "H": st.integers(1, 5),
        "seed": st.integers(0, 2**16),
    }
)


@given(PROBLEMS)
@settings(deadline=None, derandomize=True, max_examples=100)
def test_rnn_equals_torch(draw, agree, as_torch, load, problem):
    case = draw(**problem, rnn=True)
    params = case.params
    module = load(torch.nn.RNN(params.input_size, params.hidden_size), params)
    x, h0 = as_torch(case.x, case.h0)
    h, h_T = module(x, h0[None])
    ((h * torch.tensor(case.dh)).sum() + (h_T[0] * torch.tensor(case.dh_T)).sum()).backward()
    dW = torch.hstack([module.weight_hh_l0.grad, module.weight_ih_l0.grad])

    got_h, got_h_T, cache = rnn_forward(case.x, params, case.h0)
    grads = rnn_backward(cache, case.dh, case.dh_T)
    agree(got_h, h.detach(), name="h")
    agree(got_h_T, h_T[0].detach(), name="h_T")
    agree(grads.x, x.grad, name="x")
    agree(grads.h0, h0.grad, name="h0")
    agree(grads.params.W, dW, name="W")
    agree(grads.params.b, module.bias_ih_l0.grad, name="b")


def test_no_state_and_no_final_gradient_mean_zero(draw):
    case = draw(rnn=True)
    zero = np.zeros_like(case.h0)
    h, _, cache = rnn_forward(case.x, case.params)
    h_0, _, cache_0 = rnn_forward(case.x, case.params, zero)
    np.testing.assert_array_equal(h, h_0)
    grads, grads_0 = rnn_backward(cache, case.dh), rnn_backward(cache_0, case.dh, zero)
    np.testing.assert_array_equal(grads.x, grads_0.x)
    np.testing.assert_array_equal(grads.params.W, grads_0.params.W)


def test_gradient_of_every_state(draw, agree, as_torch):
    """grads.h[t] is the gradient of h_t through all paths, grads.h[0] that of h0."""
    case = draw(T=4, rnn=True)
    x, h0, W, b = as_torch(case.x, case.h0, case.params.W, case.params.b)
    states = [h0]
    for x_t in x:
        states.append(torch.tanh(torch.hstack([states[-1], x_t]) @ W.T + b))
    loss = (torch.stack(states[1:]) * torch.tensor(case.dh)).sum()
    loss = loss + (states[-1] * torch.tensor(case.dh_T)).sum()
    expected = torch.stack(torch.autograd.grad(loss, states))

    _, _, cache = rnn_forward(case.x, case.params, case.h0)
    grads = rnn_backward(cache, case.dh, case.dh_T)
    agree(grads.h, expected)
    agree(grads.h0, expected[0])


def test_init():
    D, H = 3, 50
    params = RNNParams.init(D, H, np.random.default_rng(0), spectral_radius=0.9)
    again = RNNParams.init(D, H, np.random.default_rng(0), spectral_radius=0.9)
    assert (params.input_size, params.hidden_size) == (D, H)
    assert params.W.shape == (H, H + D)
    np.testing.assert_array_equal(params.W, again.W)
    np.testing.assert_array_equal(params.b, np.zeros(H))
    np.testing.assert_allclose(abs(np.linalg.eigvals(params.W[:, :H])).max(), 0.9, rtol=1e-12)
    assert abs(params.W[:, H:]).max() <= 1 / np.sqrt(H)
    single = RNNParams.init(D, H, np.random.default_rng(0), dtype=np.float32)
    assert single.W.dtype == single.b.dtype == np.float32
