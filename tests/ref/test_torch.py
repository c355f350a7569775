"""The LSTM equals torch.nn.LSTM in float64: forward and every gradient, to 1e-12."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lstm_ref import (
    candidate,
    cell_state,
    forget_gate,
    hidden_state,
    input_gate,
    lstm_backward,
    lstm_cell,
    lstm_cell_backward,
    lstm_forward,
    output_gate,
    stack,
)

# PyTorch refuses T = 0; test_empty.py has it.
PROBLEMS = st.fixed_dictionaries(
    {
        "T": st.integers(1, 6),
        "B": st.integers(0, 4),
        "D": st.integers(1, 5),
        "H": st.integers(1, 5),
        "seed": st.integers(0, 2**16),
        "scale": st.sampled_from([0.1, 1.0, 3.0]),
    }
)
on_many_problems = settings(deadline=None, derandomize=True, max_examples=100)


def torch_lstm(case, as_torch, load):
    """Run torch.nn.LSTM on `case`: outputs and all gradients as dicts of arrays."""
    D, H = case.params.input_size, case.params.hidden_size
    module = load(torch.nn.LSTM(D, H), case.params)
    x, h0, c0 = as_torch(case.x, case.h0, case.c0)
    h, (h_T, c_T) = module(x, (h0[None], c0[None]))
    dh, dh_T, dc_T = map(torch.tensor, (case.dh, case.dh_T, case.dc_T))
    ((h * dh).sum() + (h_T[0] * dh_T).sum() + (c_T[0] * dc_T).sum()).backward()

    outputs = {"h": h, "h_T": h_T[0], "c_T": c_T[0]}
    grads = {"x": x.grad, "h0": h0.grad, "c0": c0.grad}
    dW = torch.hstack([module.weight_hh_l0.grad, module.weight_ih_l0.grad])
    for k, dW_k, db_k in zip("ifco", dW.split(H), module.bias_ih_l0.grad.split(H), strict=True):
        grads |= {f"W_{k}": dW_k, f"b_{k}": db_k}
    return tuple({name: a.detach().numpy() for name, a in d.items()} for d in (outputs, grads))


def assert_equals_torch(passes, case, agree, as_torch, load, least=0.0):
    outputs, grads = torch_lstm(case, as_torch, load)
    h, (h_T, c_T), cache = passes.lstm_forward(case.x, case.params, case.h0, case.c0)
    got = passes.lstm_backward(cache, case.dh, case.dh_T, case.dc_T)
    for name, a in {"h": h, "h_T": h_T, "c_T": c_T}.items():
        agree(a, outputs[name], name=name)
    for name, expected in grads.items():
        a = getattr(got if name in ("x", "h0", "c0") else got.params, name)
        agree(a, expected, name=name, least=least)


@given(PROBLEMS)
@on_many_problems
def test_lstm_equals_torch(passes, draw, agree, as_torch, load, problem):
    assert_equals_torch(passes, draw(**problem), agree, as_torch, load, least=0.01)


def test_lstm_equals_torch_over_a_long_sequence(passes, draw, agree, as_torch, load):
    assert_equals_torch(passes, draw(T=200, B=3, D=4, H=8, scale=0.4), agree, as_torch, load)


def test_lstm_equals_torch_with_a_closed_gate(passes, draw, agree, as_torch, load):
    """A gate at 1e-13 has gradients of that size, and they too are right to 12 digits."""
    for gate in ("b_i", "b_f", "b_o"):
        case = draw(T=4, B=3)
        getattr(case.params, gate)[...] = -30
        assert_equals_torch(passes, case, agree, as_torch, load)


@given(PROBLEMS)
@on_many_problems
def test_cell_equals_torch(draw, agree, load, problem):
    case = draw(**problem)
    x_t, params = case.x[0], case.params
    module = load(torch.nn.LSTMCell(params.input_size, params.hidden_size), params)
    with torch.no_grad():
        h, c = module(*map(torch.tensor, (x_t,)), tuple(map(torch.tensor, (case.h0, case.c0))))
    h_t, c_t, _ = lstm_cell(x_t, case.h0, case.c0, params)
    agree(h_t, h)
    agree(c_t, c)


def test_sequence_is_a_loop_over_the_cell(passes, draw, agree):
    case = draw(T=5, B=3)
    h, (h_T, c_T), cache = passes.lstm_forward(case.x, case.params, case.h0, case.c0)
    h_t, c_t = case.h0, case.c0
    for t, x_t in enumerate(case.x):
        h_t, c_t, gates = lstm_cell(x_t, h_t, c_t, case.params)
        agree(h[t], h_t, 1e-14)
        for name in ("f", "i", "c_tilde", "o"):
            agree(getattr(cache.gates, name)[t], getattr(gates, name), 1e-14, name)
    agree(h_T, h_t, 1e-14)
    agree(c_T, c_t, 1e-14)


@given(PROBLEMS)
@on_many_problems
def test_way_back_through_the_cell_equals_torch(draw, agree, as_torch, load, problem):
    case = draw(**problem)
    params = case.params
    module = load(torch.nn.LSTMCell(params.input_size, params.hidden_size), params)
    leaves = as_torch(case.x[0], case.h0, case.c0)
    h, c = module(leaves[0], tuple(leaves[1:]))
    (h * torch.tensor(case.dh_T) + c * torch.tensor(case.dc_T)).sum().backward()

    _, c_t, gates = lstm_cell(case.x[0], case.h0, case.c0, params)
    got = lstm_cell_backward(case.dh_T, case.dc_T, case.x[0], case.h0, case.c0, c_t, gates, params)
    dW = torch.hstack([module.weight_hh.grad, module.weight_ih.grad])
    expected = [*(leaf.grad for leaf in leaves), dW, module.bias_ih.grad]
    found = got.x_t, got.h_prev, got.c_prev, got.params.W, got.params.b
    for a, b in zip(found, expected, strict=True):
        agree(a, b, least=0.01)


def test_cell_is_made_of_the_six_equations(draw):
    case = draw()
    p, c_prev = case.params, case.c0
    h_t, c_t, gates = lstm_cell(case.x[0], case.h0, c_prev, p)
    hx = stack(case.h0, case.x[0])
    np.testing.assert_array_equal(hx, np.hstack([case.h0, case.x[0]]))
    f, i = forget_gate(hx, p.W_f, p.b_f), input_gate(hx, p.W_i, p.b_i)
    c_tilde, o = candidate(hx, p.W_c, p.b_c), output_gate(hx, p.W_o, p.b_o)
    for a, b in zip((f, i, c_tilde, o), (gates.f, gates.i, gates.c_tilde, gates.o), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(cell_state(f, c_prev, i, c_tilde), c_t)
    np.testing.assert_array_equal(hidden_state(o, c_t), h_t)


def test_no_state_and_no_final_gradient_mean_zero(draw):
    case = draw()
    zero = np.zeros_like(case.h0)
    h, _, cache = lstm_forward(case.x, case.params)
    h_0, _, cache_0 = lstm_forward(case.x, case.params, zero, zero)
    np.testing.assert_array_equal(h, h_0)
    grads, grads_0 = lstm_backward(cache, case.dh), lstm_backward(cache_0, case.dh, zero, zero)
    np.testing.assert_array_equal(grads.x, grads_0.x)
    np.testing.assert_array_equal(grads.c0, grads_0.c0)
    np.testing.assert_array_equal(grads.params.W, grads_0.params.W)
