"""Random inputs, the comparison and the PyTorch references that the tests of lstm_ref share."""

from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from lstm_ref import LSTMParams, RNNParams, fast, lstm

GATES = "ifco"  # PyTorch's order; written out here so that lstm_ref's packing is tested, not used


class Case(NamedTuple):
    """A dense random problem: nothing is zero, so no term of a gradient can hide."""

    x: np.ndarray
    params: Any
    h0: np.ndarray
    c0: np.ndarray
    dh: np.ndarray
    dh_T: np.ndarray  # noqa: N815
    dc_T: np.ndarray  # noqa: N815


@pytest.fixture(scope="session")
def draw():
    """Return a function that draws a `Case`; ``draw(rnn=True)`` draws one for the vanilla RNN."""

    def draw(T=3, B=2, D=3, H=4, seed=0, dtype=float, scale=1.0, rnn=False):
        rng = np.random.default_rng([seed, T, B, D, H])

        def normal(*shape):
            values = rng.standard_normal(shape)
            if np.issubdtype(dtype, np.complexfloating):
                values = values + 1j * rng.standard_normal(shape)
            return (scale * values).astype(dtype)

        if rnn:
            params = RNNParams(W=normal(H, H + D), b=normal(H))
        else:
            weights = {f"W_{k}": normal(H, H + D) for k in GATES}
            biases = {f"b_{k}": normal(H) for k in GATES}
            params = LSTMParams.from_gates(**weights, **biases)
        states = [normal(B, H) for _ in range(2)]
        upstream = [normal(T, B, H), normal(B, H), normal(B, H)]
        return Case(normal(T, B, D), params, *states, *upstream)

    return draw


@pytest.fixture(scope="session", params=[lstm, fast], ids=["lstm", "fast"])
def passes(request):
    """Return a module with lstm_forward and lstm_backward: the one to read, then the fast one."""
    return request.param


@pytest.fixture(scope="session")
def agree():
    """Return a function that asserts equal shapes and max|a - b| <= tol * max|b|.

    Where tanh is nearly 1, its slope 1 - tanh² has lost digits in any program: `least` takes the
    place of a max|b| that is smaller.
    """

    def agree(a, b, tol=1e-12, name="", least=0.0):
        a, b = np.asarray(a), np.asarray(b)
        assert a.shape == b.shape, name
        if b.size:
            error, limit = abs(a - b).max(), tol * max(abs(b).max(), least)
            assert error <= limit, f"{name}: off by {error:.2e}, allowed {limit:.2e}"

    return agree


@pytest.fixture(scope="session")
def as_torch():
    """Return a function that turns arrays into float64 leaves that ask for their gradient."""

    def as_torch(*arrays):
        return [torch.tensor(np.array(a), dtype=torch.float64, requires_grad=True) for a in arrays]

    return as_torch


@pytest.fixture(scope="session")
def load():
    """Return a function that copies parameters into a torch cell or layer, gate by gate.

    The bias is split over PyTorch's two vectors, which are summed.
    """

    def load(module, params):
        H = params.hidden_size
        if isinstance(params, LSTMParams):
            W = np.concatenate([getattr(params, f"W_{k}") for k in GATES])
            b = np.concatenate([getattr(params, f"b_{k}") for k in GATES])
        else:
            W, b = params.W, params.b
        module = module.double()
        values = [W[:, H:], W[:, :H], 0.25 * b, 0.75 * b]  # in the order of module.parameters()
        with torch.no_grad():
            for parameter, value in zip(module.parameters(), values, strict=True):
                parameter.copy_(torch.tensor(value))
        return module

    return load
