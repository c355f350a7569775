"""LSTMParams: the gates' names, the packed storage behind them, and the initialisation."""

import numpy as np
import pytest

from lstm_ref import LSTMParams

NAMES = [f"{a}_{k}" for a in "Wb" for k in "fico"]


@pytest.fixture
def gates():
    rng = np.random.default_rng(0)
    return {name: rng.standard_normal((4, 7) if name[0] == "W" else 4) for name in NAMES}


def test_from_gates_and_back(gates):
    params = LSTMParams.from_gates(**gates)
    assert (params.input_size, params.hidden_size) == (3, 4)
    for name in NAMES:
        np.testing.assert_array_equal(getattr(params, name), gates[name])


def test_packed_order_is_pytorchs(gates):
    params = LSTMParams.from_gates(**gates)
    np.testing.assert_array_equal(params.W, np.vstack([gates[f"W_{k}"] for k in "ifco"]))
    np.testing.assert_array_equal(params.b, np.hstack([gates[f"b_{k}"] for k in "ifco"]))
    again = LSTMParams(params.W, params.b)
    for name in NAMES:
        np.testing.assert_array_equal(getattr(again, name), gates[name])


def test_from_gates_copies(gates):
    params = LSTMParams.from_gates(**gates)
    before = gates["W_f"].copy()
    params.W_f[...] = 0
    np.testing.assert_array_equal(gates["W_f"], before)


def test_from_gates_takes_names_only(gates):
    with pytest.raises(TypeError):
        LSTMParams.from_gates(*gates.values())
    del gates["b_o"]
    with pytest.raises(TypeError, match="b_o"):
        LSTMParams.from_gates(**gates)


@pytest.mark.parametrize("name", NAMES)
def test_attributes_write_through(gates, name):
    """Writing to a gate's weights changes the packed array, there and nowhere else."""
    params = LSTMParams.from_gates(**gates)
    getattr(params, name)[...] = 9
    packed = params.W if name[0] == "W" else params.b
    assert np.count_nonzero(packed == 9) == gates[name].size
    for other in NAMES:
        expected = np.full_like(gates[other], 9) if other == name else gates[other]
        np.testing.assert_array_equal(getattr(params, other), expected)


def test_init(gates):
    D, H = 3, 100
    params = LSTMParams.init(D, H, np.random.default_rng(0))
    assert (params.input_size, params.hidden_size) == (D, H)
    assert params.W.shape == (4 * H, H + D)
    assert params.W.dtype == params.b.dtype == np.float64
    bound = 1 / np.sqrt(H)
    assert 0.99 * bound < abs(params.W).max() <= bound
    assert abs(params.W.mean()) < 0.01 * bound
    np.testing.assert_array_equal(params.b_f, np.ones(H))
    for name in ("b_i", "b_c", "b_o"):
        np.testing.assert_array_equal(getattr(params, name), np.zeros(H))


def test_init_options():
    params = LSTMParams.init(3, 4, np.random.default_rng(0), forget_bias=-2.5, dtype=np.float32)
    assert params.W.dtype == params.b.dtype == np.float32
    np.testing.assert_array_equal(params.b_f, np.full(4, -2.5))


def test_init_depends_on_rng_only():
    first, second, other = (LSTMParams.init(3, 4, np.random.default_rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(first.W, second.W)
    assert (first.W != other.W).all()
    single = LSTMParams.init(3, 4, np.random.default_rng(1), dtype=np.float32)
    np.testing.assert_array_equal(single.W, first.W.astype(np.float32))


def test_hidden_size_differs_from_input_size(gates):
    """D = 0 is an LSTM that listens to itself only; H = D hides a swapped pair of sizes."""
    params = LSTMParams.from_gates(**{n: a[:, :4] if n[0] == "W" else a for n, a in gates.items()})
    assert (params.input_size, params.hidden_size) == (0, 4)
