"""float64 by default; the result's dtype follows all inputs; float32 and complex work."""

import numpy as np
import pytest

from lstm_ref import (
    LSTMParams,
    RNNParams,
    candidate,
    cell_state,
    forget_gate,
    hidden_state,
    input_gate,
    lstm_backward,
    lstm_cell,
    lstm_forward,
    output_gate,
    rnn_backward,
    rnn_forward,
    sigmoid,
)

DTYPES = [np.float32, np.float64, np.complex64, np.complex128]


def lstm_arrays(case):
    """Return every array that the LSTM gives for `case`, by name."""
    h, (h_T, c_T), cache = lstm_forward(case.x, case.params, case.h0, case.c0)
    grads = lstm_backward(cache, case.dh, case.dh_T, case.dc_T)
    h_t, c_t, _ = lstm_cell(case.x[0], case.h0, case.c0, case.params)
    results = {"h": h, "h_T": h_T, "c_T": c_T, "h_t": h_t, "c_t": c_t}
    results |= {"gates." + name: gate for name, gate in cache.gates._asdict().items()}
    results |= {"d" + name: getattr(grads, name) for name in ("x", "h", "c", "h0", "c0")}
    return results | {"dW": grads.params.W, "db": grads.params.b}


def rnn_arrays(case):
    h, h_T, cache = rnn_forward(case.x, case.params, case.h0)
    grads = rnn_backward(cache, case.dh, case.dh_T)
    results = {"h": h, "h_T": h_T, "dx": grads.x, "dh0": grads.h0, "dh": grads.h}
    return results | {"dW": grads.params.W, "db": grads.params.b}


@pytest.mark.parametrize("dtype", DTYPES)
def test_one_dtype_in_the_same_dtype_out(draw, dtype):
    assert {a.dtype for a in lstm_arrays(draw(dtype=dtype)).values()} == {np.dtype(dtype)}
    assert {a.dtype for a in rnn_arrays(draw(dtype=dtype, rnn=True)).values()} == {np.dtype(dtype)}


@pytest.mark.parametrize("dtype", [np.float64, np.complex128])
@pytest.mark.parametrize("name", ["x", "h0", "c0"])
def test_one_wider_input_widens_the_result(draw, dtype, name):
    case = draw(dtype=np.float32)
    case = case._replace(**{name: getattr(case, name).astype(dtype)})
    assert {a.dtype for a in lstm_arrays(case).values()} == {np.dtype(dtype)}
    if name != "c0":
        case = draw(dtype=np.float32, rnn=True)
        case = case._replace(**{name: getattr(case, name).astype(dtype)})
        assert {a.dtype for a in rnn_arrays(case).values()} == {np.dtype(dtype)}


@pytest.mark.parametrize("rnn", [False, True])
@pytest.mark.parametrize("name", ["W", "b"])
def test_one_wider_parameter_widens_the_result(draw, name, rnn):
    case, arrays = draw(dtype=np.float32, rnn=rnn), rnn_arrays if rnn else lstm_arrays
    packed = {"W": case.params.W, "b": case.params.b}
    packed[name] = packed[name].astype(float)
    case = case._replace(params=(RNNParams if rnn else LSTMParams)(**packed))
    assert {a.dtype for a in arrays(case).values()} == {np.dtype(float)}


@pytest.mark.parametrize("name", ["dh", "dh_T", "dc_T"])
def test_one_wider_upstream_gradient_widens_the_gradients(draw, name):
    case = draw(dtype=np.float32)
    case = case._replace(**{name: getattr(case, name).astype(float)})
    got = lstm_arrays(case)
    assert {got[k].dtype for k in ("dx", "dh0", "dc0", "dW", "db")} == {np.dtype(float)}


@pytest.mark.parametrize("arrays", [lstm_arrays, rnn_arrays])
def test_float32_agrees_with_float64(draw, agree, arrays):
    """The same inputs in double precision differ by float32's rounding only."""
    case = draw(T=4, dtype=np.float32, rnn=arrays is rnn_arrays)
    params = type(case.params)(case.params.W.astype(float), case.params.b.astype(float))
    double = [a.astype(float) if isinstance(a, np.ndarray) else params for a in case]
    expected = arrays(type(case)(*double))
    for name, a in arrays(case).items():
        agree(a, expected[name], 1e-5, name)


@pytest.mark.parametrize("arrays", [lstm_arrays, rnn_arrays])
def test_complex_with_no_imaginary_part_agrees_with_float(draw, agree, arrays):
    case = draw(T=4, rnn=arrays is rnn_arrays)
    params = type(case.params)(case.params.W.astype(complex), case.params.b.astype(complex))
    complex_case = [a.astype(complex) if isinstance(a, np.ndarray) else params for a in case]
    got = arrays(type(case)(*complex_case))
    for name, a in arrays(case).items():
        agree(got[name], a, 1e-13, name)


def test_complex_derivative_is_holomorphic(draw, agree):
    """The backward pass is the derivative of the complex forward pass, without conjugation."""
    case, step = draw(dtype=complex, scale=0.3), 1e-6
    _, _, cache = lstm_forward(case.x, case.params, case.h0, case.c0)
    grads = lstm_backward(cache, case.dh)
    direction = draw(seed=1, dtype=complex).x
    h_plus, h_minus = (
        lstm_forward(case.x + s * direction, case.params, case.h0, case.c0)[0]
        for s in (step, -step)
    )
    numeric = (case.dh * (h_plus - h_minus)).sum() / (2 * step)
    agree((grads.x * direction).sum(), numeric, 1e-8)


INTEGERS = {"x": [[[1, -2]], [[0, 3]]], "W": [[1, 0, 2]] * 4, "b": [0, 1, -1, 2], "h0": [[1]]}


@pytest.mark.parametrize("convert", [list, np.int64, np.int8, np.uint8, np.bool_])
def test_integers_are_computed_in_float64(convert, agree):
    """Lists and every kind of integer array give what the same numbers give as floats."""
    cast = (lambda a: a) if convert is list else (lambda a: np.array(np.abs(a)).astype(convert))
    given = {name: cast(value) for name, value in INTEGERS.items()}
    floats = {name: np.array(value, dtype=float) for name, value in given.items()}

    def run(x, W, b, h0):
        h, (h_T, c_T), cache = lstm_forward(x, LSTMParams(W, b), h0, h0)
        grads = lstm_backward(cache, [[[1]], [[2]]], h0, h0)
        rnn = LSTMParams(W, b)
        rnn_h, _, rnn_cache = rnn_forward(x, RNNParams(rnn.W_f, rnn.b_f), h0)
        rnn_grads = rnn_backward(rnn_cache, [[[1]], [[2]]], h0)
        h_t, c_t, _ = lstm_cell(x[0], h0, h0, LSTMParams(W, b))
        return h, h_T, c_T, grads.x, grads.h0, grads.params.W, rnn_h, rnn_grads.x, h_t, c_t

    for got, expected in zip(run(**given), run(**floats), strict=True):
        assert got.dtype == np.float64
        agree(got, expected, 1e-15)


@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.uint8, np.bool_])
def test_equations_of_integers(dtype):
    """The functions of one equation, too, compute in float64: 100 * 100 fits no int8."""
    z = np.array([[0, 1]]).astype(dtype)
    hx, W, b = np.array([[100]]).astype(dtype), np.array([[100]]).astype(dtype), z[0, :1]
    calls = [(sigmoid, (z,)), (hidden_state, (z, z)), (cell_state, (z, z, z, z))]
    calls += [(f, (hx, W, b)) for f in (forget_gate, input_gate, candidate, output_gate)]
    for function, arguments in calls:
        got = function(*arguments)
        assert got.dtype == np.float64, function.__name__
        np.testing.assert_array_equal(got, function(*(a.astype(float) for a in arguments)))


def test_nested_tuples_are_arrays_too(draw):
    """Every argument, not only x: NumPy could take a list of tuples for a structured dtype."""
    case = draw(B=2, H=2)
    as_tuples = case._replace(
        **{n: list(map(tuple, getattr(case, n))) for n in ("h0", "c0", "dh_T", "dc_T")}
    )
    for got, expected in zip(
        lstm_arrays(as_tuples).values(), lstm_arrays(case).values(), strict=True
    ):
        np.testing.assert_array_equal(got, expected)
    case = draw(B=2, H=2, rnn=True)
    as_tuples = case._replace(**{n: list(map(tuple, getattr(case, n))) for n in ("h0", "dh_T")})
    for got, expected in zip(
        rnn_arrays(as_tuples).values(), rnn_arrays(case).values(), strict=True
    ):
        np.testing.assert_array_equal(got, expected)


def test_sigmoid_takes_scalars_and_any_shape():
    assert sigmoid(0) == 0.5
    assert sigmoid([[0.0], [0.0]]).shape == (2, 1)
    assert sigmoid(np.zeros((0, 3))).shape == (0, 3)
    assert sigmoid(np.float32(1)).dtype == np.float32
