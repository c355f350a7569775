"""A wrong shape is a ValueError that names the argument, the expected and the given shape.

Every array argument of every public function is given one dimension too few, one too many,
and one element too many along each axis.
"""

import re

import numpy as np
import pytest

import lstm_ref
from lstm_ref import LSTMParams, RNNParams

SIZES = {"T": 3, "B": 2, "D": 5, "H": 4, "H+D": 9, "4H": 16}
SEQUENCE = {"x": "T B D", "h0": "B H"}
BACKWARD = {"dh": "T B H", "dh_T": "B H"}
FROM_GATES = {f"W_{k}": "H H+D" for k in "fico"} | {f"b_{k}": "H" for k in "fico"}
ARGUMENTS = {
    "stack": {"h_prev": "B H", "x_t": "B D"},
    "forget_gate": {"hx": "B H+D", "W_f": "H H+D", "b_f": "H"},
    "input_gate": {"hx": "B H+D", "W_i": "H H+D", "b_i": "H"},
    "candidate": {"hx": "B H+D", "W_c": "H H+D", "b_c": "H"},
    "output_gate": {"hx": "B H+D", "W_o": "H H+D", "b_o": "H"},
    "cell_state": {"f": "B H", "c_prev": "B H", "i": "B H", "c_tilde": "B H"},
    "hidden_state": {"o": "B H", "c": "B H"},
    "LSTMParams": {"W": "4H H+D", "b": "4H"},
    "LSTMParams.from_gates": FROM_GATES,
    "lstm_cell": {"x_t": "B D", "h_prev": "B H", "c_prev": "B H"},
    "lstm_cell_backward": {"x_t": "B D"}
    | dict.fromkeys(("dh", "dc", "h_prev", "c_prev", "c_t", "f", "i", "c_tilde", "o"), "B H"),
    "lstm_forward": SEQUENCE | {"c0": "B H"},
    "lstm_backward": BACKWARD | {"dc_T": "B H"},
    "gradient_norms": BACKWARD | {"dc_T": "B H"},
    "check_gradients": SEQUENCE | {"c0": "B H"},
    "RNNParams": {"W": "H H+D", "b": "H"},
    "rnn_forward": SEQUENCE,
    "rnn_backward": BACKWARD,
}
# Sizes that one argument alone decides, so that none is wrong; the rows of a packed W have
# their own test.
FREE = {("stack", "h_prev", "H"), ("stack", "x_t", "D")}
FREE |= {(f, "x", "T") for f in ("lstm_forward", "rnn_forward", "check_gradients")}
FREE |= {(f, "hx", "B") for f in ("forget_gate", "input_gate", "candidate", "output_gate")}
FREE |= {(f, "W", "H+D") for f in ("LSTMParams", "RNNParams")} | {("LSTMParams", "W", "4H")}


def zeros(symbols):
    return np.zeros([SIZES[s] for s in symbols.split()])


def call(function, arrays, draw):
    """Call a public function with these arrays and, where it takes them, fitting parameters."""
    target = lstm_ref
    for name in function.split("."):
        target = getattr(target, name)
    sizes = {name: SIZES[name] for name in "TBDH"}
    lstm, rnn = draw(**sizes), draw(**sizes, rnn=True)
    if function in ("lstm_backward", "gradient_norms"):
        return target(lstm_ref.lstm_forward(lstm.x, lstm.params)[2], **arrays)
    if function == "rnn_backward":
        return target(lstm_ref.rnn_forward(rnn.x, rnn.params)[2], **arrays)
    if function == "rnn_forward":
        return target(params=rnn.params, **arrays)
    if function == "lstm_cell_backward":
        gates = lstm_ref.Gates(*(arrays[name] for name in lstm_ref.Gates._fields))
        rest = {name: a for name, a in arrays.items() if name not in gates._fields}
        return target(**rest, gates=gates, params=lstm.params)
    if function in ("lstm_cell", "lstm_forward", "check_gradients"):
        return target(params=lstm.params, **arrays)
    return target(**arrays)


def wrong_shapes():
    for function, arguments in ARGUMENTS.items():
        for name, symbols in arguments.items():
            shape = [SIZES[s] for s in symbols.split()]
            yield function, name, tuple(shape[1:]), True
            yield function, name, (*shape, 1), True
            for axis, symbol in enumerate(symbols.split()):
                if (function, name, symbol) not in FREE:
                    larger = tuple(n + (k == axis) for k, n in enumerate(shape))
                    yield function, name, larger, False


@pytest.mark.parametrize("function", ARGUMENTS)
def test_right_shapes_raise_nothing(function, draw):
    call(function, {name: zeros(s) for name, s in ARGUMENTS[function].items()}, draw)


@pytest.mark.parametrize(("function", "wrong", "shape", "other_ndim"), list(wrong_shapes()))
def test_wrong_shape(function, wrong, shape, other_ndim, draw):
    arrays = {name: zeros(s) for name, s in ARGUMENTS[function].items()} | {wrong: np.zeros(shape)}
    with pytest.raises(ValueError, match="expected shape") as info:
        call(function, arrays, draw)
    message = re.fullmatch(r"(\w+): expected shape \((.+)\), got (\(.*\))", str(info.value))
    assert message, str(info.value)
    named, expected, given = message.groups()

    # A size that two arguments disagree about may be blamed on either of them.
    assert named == wrong or (not other_ndim and named in arrays)
    assert given == str(arrays[named].shape)
    symbols = ARGUMENTS[function][named].split()
    assert [part.split("=")[0].strip() for part in expected.strip(",").split(",")] == symbols
    if not other_ndim:
        sizes = [int(n) for n in re.findall(r"=(\d+)", expected)]
        assert sizes, "which size was expected?"
        assert sizes != list(arrays[named].shape)


@pytest.mark.parametrize("given", [0.0, None, [1.0, 2.0]], ids=str)
@pytest.mark.parametrize("function", ["lstm_forward", "rnn_forward"])
def test_not_even_an_array(function, given, draw):
    with pytest.raises(ValueError, match=r"^x: expected shape \(T, B, D=5\), got \(.*\)$"):
        call(function, {"x": given}, draw)


@pytest.mark.parametrize("rows", [15, 17])
def test_packed_rows_are_a_multiple_of_four(rows):
    with pytest.raises(ValueError, match=rf"^W: expected shape \(4H, H\+D\), got \({rows}, 9\)$"):
        LSTMParams(np.zeros((rows, 9)), np.zeros(rows))


@pytest.mark.parametrize(("cls", "rows"), [(LSTMParams, 16), (RNNParams, 4)])
def test_fewer_columns_than_the_hidden_size(cls, rows):
    with pytest.raises(ValueError, match=rf"^W: expected shape .*, got \({rows}, 3\)$"):
        cls(np.zeros((rows, 3)), np.zeros(rows))


def test_batch_sizes_of_input_and_state_differ(draw):
    case = draw(T=3, B=2, D=5, H=4)
    with pytest.raises(ValueError, match=r"^h0: expected shape \(B=2, H=4\), got \(1, 4\)$"):
        lstm_ref.lstm_forward(case.x, case.params, h0=np.zeros((1, 4)))  # must not broadcast
    with pytest.raises(
        ValueError, match=r"^dh: expected shape \(T=3, B=2, H=4\), got \(1, 2, 4\)$"
    ):
        lstm_ref.lstm_backward(lstm_ref.lstm_forward(case.x, case.params)[2], np.zeros((1, 2, 4)))
