"""gradient_norms and check_gradients say the truth, and the second notices every known mistake."""

import numpy as np
import pytest
import torch

from lstm_ref import LSTMParams, check_gradients, gradient_norms, lstm_backward, lstm_forward


def torch_state_gradients(case, as_torch, load):
    """Gradients of every h_t and c_t, t = 0 ... T, from autograd through a loop of cells."""
    cell = load(torch.nn.LSTMCell(case.params.input_size, case.params.hidden_size), case.params)
    x, h, c = as_torch(case.x, case.h0, case.c0)
    dh, dh_T, dc_T = map(torch.tensor, (case.dh, case.dh_T, case.dc_T))
    hs, cs = [h], [c]
    for x_t in x:
        h, c = cell(x_t, (h, c))
        hs.append(h)
        cs.append(c)
    loss = (torch.stack(hs[1:]) * dh).sum() + (h * dh_T).sum() + (c * dc_T).sum()
    grads = torch.autograd.grad(loss, hs + cs)
    return torch.stack(grads[: len(hs)]).numpy(), torch.stack(grads[len(hs) :]).numpy()


@pytest.mark.parametrize("T", [1, 5])
def test_gradient_of_every_state(draw, agree, as_torch, load, T):
    """Through all paths, from the initial state to the last one."""
    case = draw(T=T, B=3)
    grad_h, grad_c = torch_state_gradients(case, as_torch, load)
    _, _, cache = lstm_forward(case.x, case.params, case.h0, case.c0)
    grads = lstm_backward(cache, case.dh, case.dh_T, case.dc_T)
    agree(grads.h, grad_h)
    agree(grads.c, grad_c)
    np.testing.assert_array_equal(grads.h[0], grads.h0)
    np.testing.assert_array_equal(grads.c[0], grads.c0)

    norms_h, norms_c = gradient_norms(cache, case.dh, case.dh_T, case.dc_T)
    agree(norms_h, np.sqrt((grad_h**2).sum(axis=(1, 2))))
    agree(norms_c, np.sqrt((grad_c**2).sum(axis=(1, 2))))


def test_gradient_norms_without_final_gradients(draw, agree, as_torch, load):
    case = draw(T=4)
    case = case._replace(dh_T=np.zeros((2, 4)), dc_T=np.zeros((2, 4)))
    grad_h, grad_c = torch_state_gradients(case, as_torch, load)
    _, _, cache = lstm_forward(case.x, case.params, case.h0, case.c0)
    norms_h, norms_c = gradient_norms(cache, case.dh)
    agree(norms_h, np.sqrt((grad_h**2).sum(axis=(1, 2))))
    agree(norms_c, np.sqrt((grad_c**2).sum(axis=(1, 2))))


@pytest.mark.parametrize("seed", range(5))
def test_check_gradients_accepts_the_backward_pass(draw, seed):
    case = draw(seed=seed)
    assert check_gradients(case.x, case.params, case.h0, case.c0) <= 1e-13
    rng = np.random.default_rng(seed)
    assert check_gradients(case.x, case.params, case.h0, case.c0, rng=rng) <= 1e-13


def test_check_gradients_without_states(draw):
    case = draw(T=4, B=1, D=5, H=2)
    assert check_gradients(case.x, case.params) <= 1e-13


BUGS = [
    "no recurrent path",
    "no carried dc",
    "no path through f",
    "no path through o",
    "dc from overwritten dh",
    "dc carried by i",
    "no tanh' of c",
    "c_t for c_prev",
    "sigma' for tanh' of c_tilde",
    "i and c_tilde swapped",
    "h_t for h_prev in dW",
    "dW of the last step only",
    "dc_T ignored",
]


def wrong_backward(bug):
    """Return a plain backward pass with one of BUGS built in; with None it has none."""

    def has(name):
        return bug == name

    def backward(cache, dh, dh_T, dc_T):
        p, (f, i, c_tilde, o), c, h = cache.params, cache.gates, cache.c, cache.h
        T, H = len(dh), p.hidden_size
        grad_x, grad_h, grad_c = (np.zeros_like(a) for a in (cache.x, h, c))
        names = [f"{a}_{k}" for a in "Wb" for k in "fico"]
        grad_p = {name: np.zeros_like(getattr(p, name)) for name in names}
        dh_next, dc_next = dh_T, 0 * dc_T if has("dc_T ignored") else dc_T
        for t in reversed(range(T)):
            tanh_c = np.tanh(c[t + 1])
            dh_dc = o[t] * (1 if has("no tanh' of c") else 1 - tanh_c**2)
            h_prev = h[t + 1] if has("h_t for h_prev in dW") else h[t]
            c_prev = c[t + 1] if has("c_t for c_prev") else c[t]
            slope = 1 - c_tilde[t] ** 2
            if has("sigma' for tanh' of c_tilde"):
                slope = c_tilde[t] * (1 - c_tilde[t])
            di, dc_tilde = c_tilde[t], i[t]
            if has("i and c_tilde swapped"):
                di, dc_tilde = dc_tilde, di

            dh_t = dh[t] + dh_next
            dc_t = dc_next + dh_t * dh_dc
            dz = {
                "f": dc_t * c_prev * f[t] * (1 - f[t]),
                "i": dc_t * di * i[t] * (1 - i[t]),
                "c": dc_t * dc_tilde * slope,
                "o": dh_t * tanh_c * o[t] * (1 - o[t]),
            }
            if not has("dW of the last step only") or t == T - 1:
                for k in "fico":
                    grad_p[f"W_{k}"] += dz[k].T @ np.hstack([h_prev, cache.x[t]])
                    grad_p[f"b_{k}"] += dz[k].sum(axis=0)
            dhx = sum(dz[k] @ getattr(p, f"W_{k}") for k in "fico" if bug != f"no path through {k}")
            grad_h[t + 1], grad_c[t + 1], grad_x[t] = dh_t, dc_t, dhx[:, H:]

            dh_next = 0 * dh_t if has("no recurrent path") else dhx[:, :H]
            if has("dc from overwritten dh"):
                dc_t = dc_next + dh_next * dh_dc
            dc_next = dc_t * (i[t] if has("dc carried by i") else f[t])
            dc_next = 0 * dc_next if has("no carried dc") else dc_next
        grad_h[0], grad_c[0] = dh_next, dc_next
        right = lstm_backward(cache, dh)
        return right._replace(x=grad_x, h=grad_h, c=grad_c, params=LSTMParams.from_gates(**grad_p))

    return backward


def test_the_plain_backward_pass_is_right_without_a_bug(draw, agree):
    case = draw()
    _, _, cache = lstm_forward(case.x, case.params, case.h0, case.c0)
    plain = wrong_backward(None)(cache, case.dh, case.dh_T, case.dc_T)
    grads = lstm_backward(cache, case.dh, case.dh_T, case.dc_T)
    for name in ("x", "h", "c", "h0", "c0"):
        agree(getattr(grads, name), getattr(plain, name), name=name)
    agree(grads.params.W, plain.params.W)
    agree(grads.params.b, plain.params.b)


@pytest.mark.parametrize("bug", BUGS)
def test_check_gradients_notices(draw, bug):
    """T = 3, B = 2 and states that are not zero: with T = 1 or zero states some of these pass."""
    case = draw(T=3, B=2)
    x, params, h0, c0, *_ = case
    assert check_gradients(x, params, h0, c0, backward=wrong_backward(None)) <= 1e-13
    assert check_gradients(x, params, h0, c0, backward=wrong_backward(bug)) > 1e-3


@pytest.mark.parametrize("name", ["x", "h", "c", "params"])
def test_check_gradients_notices_nan(draw, name):
    """A gradient that is NaN is not a gradient that is right."""

    def backward(*arguments):
        grads = lstm_backward(*arguments)
        nan = np.full_like(grads.params.W if name == "params" else getattr(grads, name), np.nan)
        return grads._replace(**{name: LSTMParams(nan, nan[:, 0]) if name == "params" else nan})

    case = draw()
    assert not check_gradients(case.x, case.params, case.h0, case.c0, backward=backward) <= 1e-3


@pytest.mark.parametrize("bug", BUGS)
def test_the_comparison_with_torch_notices(draw, bug):
    """The inputs that the comparison with PyTorch draws tell each wrong backward pass apart."""
    case = draw(T=3, B=2)
    _, _, cache = lstm_forward(case.x, case.params, case.h0, case.c0)
    right = lstm_backward(cache, case.dh, case.dh_T, case.dc_T)
    wrong = wrong_backward(bug)(cache, case.dh, case.dh_T, case.dc_T)
    pairs = [(getattr(wrong, n), getattr(right, n)) for n in ("x", "h0", "c0")]
    pairs += [(wrong.params.W, right.params.W), (wrong.params.b, right.params.b)]
    assert max(abs(a - b).max() / abs(b).max() for a, b in pairs) > 1e-3


@pytest.mark.parametrize("rows", [1, 3, 8, 12])
def test_steps_taken_at_once_do_not_matter(draw, monkeypatch, rows):
    """One step, some, an exact share, all: the gradients are the same numbers."""
    case = draw(T=6, B=2)
    _, _, cache = lstm_forward(case.x, case.params, case.h0, case.c0)
    whole = lstm_backward(cache, case.dh, case.dh_T, case.dc_T)
    monkeypatch.setattr("lstm_ref.fast._ROWS", rows)
    parts = lstm_backward(cache, case.dh, case.dh_T, case.dc_T)
    pairs = [(getattr(parts, n), getattr(whole, n)) for n in ("x", "h", "c")]
    pairs += [(getattr(parts.params, n), getattr(whole.params, n)) for n in ("W", "b")]
    for got, wanted in pairs:
        np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-15)
