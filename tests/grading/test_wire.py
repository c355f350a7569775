"""What crosses arrives as it was; what is forged is refused, whatever it is."""

import json
import math
import socket
import struct
import threading
import time
import types
from collections import OrderedDict, namedtuple

import numpy as np
import pytest

from lstm_grade.box import frames, wire

Pair = namedtuple("Pair", "left right")
ARRAYS = {
    "C": np.arange(6.0).reshape(2, 3),
    "F": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "strided": np.arange(24.0).reshape(4, 6)[:, ::2],
    "one column": np.arange(6.0).reshape(3, 2)[:, :1],
    "empty": np.zeros((0, 5)),
    "number": np.array(3),
    "float32": np.ones(3, "f4"),
    "big-endian": np.arange(3, dtype=">i8"),
    "complex": np.array([1j, np.nan]),
    "bool": np.array([True, False]),
}


def there_and_back(value):
    buffers = []
    packed = json.loads(json.dumps(wire.pack(value, buffers, other=True)))
    return wire.unpack(packed, buffers)


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_keep_values_dtype_shape_and_order(name):
    array = ARRAYS[name]
    got = there_and_back(array)
    np.testing.assert_array_equal(got, array, strict=True)
    assert got.flags.c_contiguous == array.flags.c_contiguous
    assert got.flags.f_contiguous == array.flags.f_contiguous
    assert got.flags.writeable
    array = array.view()
    array.flags.writeable = False
    assert not there_and_back(array).flags.writeable


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 0, -(10**60), 0.1, -0.0, math.inf, "", "\ud800é", "long" * 99, b"\0"),
        *(np.float32(0.5), np.int8(3), np.bool_(1), np.complex64(1j), np.float64(math.nan)),
        *((), [1, [2, (3,)]], {"a": {1: 2.0}}, {1, 2}, {(1, "a"): 2, None: 3}),
    ],
)
def test_values_keep_their_type(value):
    got = there_and_back(value)
    assert repr(got) == repr(value)
    assert type(got).__name__ == type(value).__name__


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Pair(1, [2]), (1, [2])),
        (OrderedDict(a=1), {"a": 1}),
        (type("Text", (str,), {})("a"), "a"),
        (np.str_("a"), "a"),
        (type("Whole", (int,), {})(3), 3),
        (frozenset({1}), {1}),
        (1 + 2j, np.complex128(1 + 2j)),
        (np.longdouble(0.5), np.float64(0.5)),
    ],
)
def test_of_a_subclass_the_plain_value_crosses(value, plain):
    got = there_and_back(value)
    assert type(got) is type(plain)
    assert got == plain


@pytest.mark.parametrize("dtype", ["<U3", ">U3", "S2"])
def test_arrays_of_strings_cross(dtype):
    array = np.array([["a", "bc"]], dtype)
    got = there_and_back(array)
    assert got.tolist() == array.tolist()
    assert got.dtype == array.dtype.newbyteorder("=")


def test_of_subclasses_of_arrays_the_numbers_cross():
    for array in (
        np.ma.masked_equal([1.0, 2.0], 2),
        np.ones(2).view(np.recarray),
        np.longdouble([1]),
    ):
        got = there_and_back(array)
        assert type(got) is np.ndarray
        assert got.dtype == np.float64


class Trap:
    """Does harm as soon as anybody looks at it."""

    def _harm(self, *_):
        raise AssertionError

    __reduce__ = __eq__ = __call__ = __float__ = __array_ufunc__ = _harm


OUTSIDE = {
    "object": Trap(),
    "type": int,
    "builtin_function_or_method": len,
    "generator": (n for n in [1]),
    "module": np,
    "SimpleNamespace": types.SimpleNamespace(__array_interface__={"data": (4096, False)}),
    "range": range(3),
    "other_array": np.zeros(2, "M8[s]"),
    "object_array": np.array([1, Trap()], object),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_does_not_cross_becomes_inert(name):
    got = there_and_back([OUTSIDE[name]])[0]
    assert isinstance(got, wire.Other)
    assert type(got).__name__ == name
    assert repr(got) == f"<{name} of the submission>"
    assert not callable(got)
    with pytest.raises(AttributeError):
        got.anything = 1
    # Not one that could tell NumPy, or anyone, to do something with it.
    assert set(dir(type(got))) - set(dir(object)) == {"__slots__", "__module__"}
    with pytest.raises(TypeError, match="cannot be passed to a submission"):
        wire.pack(OUTSIDE[name], [])


def test_a_submission_names_no_type():
    evil = type("__import__('os')", (), {})()
    assert type(there_and_back(evil)) is wire.OTHERS["object"]
    assert type(wire.unpack({"other": "int"}, [])) is wire.OTHERS["object"]


@pytest.mark.parametrize(
    "packed",
    [
        *([], {}, {"a": 1, "b": 2}, {"exec": "1"}, {"array": []}, {"bytes": 7}, {"bytes": -1}),
        {"array": ["|O8", [1], "C", True, 0]},
        {"array": ["<f8", [2], "C", True, 0]},
        {"array": ["<f8", [-1], "C", True, 0]},
        {"array": ["<f8", [10**30, 0], "C", True, 1]},
        {"array": ["<f8", [0, 2**62], "A", True, 1]},
        {"array": ["<f8,<f8", [1], "C", True, 0]},
        {"array": ["<f16", [0], "C", True, 1]},
        {"array": ["<M8[s]", [1], "C", True, 0]},
        {"array": ["|V8", [1], "C", True, 0]},
        {"array": ["<U2", [1], "C", True, 0]},  # no such characters
        {"array": ["<U0", [10**9], "C", True, 1]},
        {"array": ["|S20000", [0], "C", True, 1]},
        {"array": ["<f8", [True], "C", True, 0]},
        {"array": ["<f8", [1], "C", True, "0"]},
        {"array": ["<f8", [1] * 100, "C", True, 0]},
        {"array": [["<f8"], [1], "C", True, 0]},
        *({"scalar": ["V8", 0]}, {"scalar": ["<f8", 1]}, {"text": 9}, {"text": None}),
        {"list": [{"bytes": 2}] * 70},  # a megabyte, seventy times
        {"objects": ["O", [1], [1]]},
        {"record": ["x", ["a"], [1]]},
        {"namespace": [["a", 2]]},
        {"opaque": "x"},
        *({"other": []}, {"other": {}}, {"complex": [1, 2]}),
        {"dict": [[{"list": []}, 1]]},
        {"dict": [[{"tuple": [{"tuple": [1]}]}, 1]]},
        {"dict": [[{"tuple": [1] * 11}, 1]]},
        {"dict": [[{"array": ["<f8", [1], "C", True, 0]}, 1]]},
        {"set": [{"other": "object"}]},
        {"dict": [[n * (2**61 - 1), 0] for n in range(2_000)]},
        {"list": [{"set": [n * 2**61 - n]} for n in range(2_000)]},
        {"dict": [[str(n), 0] for n in range(20_000)]},
        {"list": [0] * 100_001},
    ],
)
def test_forged_values_are_refused(packed):
    with pytest.raises(frames.WireError):
        wire.unpack(packed, [b"\xff" * 8, b"", bytes(1 << 20)])


def test_values_that_would_take_long_are_refused_soon():
    """Each once took seconds on the side that is trusted."""
    collide = [n * (2**61 - 1) for n in range(1, 1001)]
    slow = {"list": [{"set": [{"tuple": [n] * 9} for n in collide]} for _ in range(100)]}
    began = time.process_time()
    with pytest.raises(frames.WireError, match="too many keys"):
        wire.unpack(slow, [])
    assert time.process_time() - began < 2


def test_a_value_too_large_is_not_packed():
    wide = [0]
    for _ in range(18):
        wide = [wide, wide]  # 2**18 lists, nested 18 deep
    with pytest.raises(frames.WireError, match="more than 100,000 values"):
        wire.pack(wide, [])
    circle = []
    circle.append(circle)
    assert isinstance(there_and_back(circle), list)


def test_a_budget_holds_over_all_frames(pair):
    budget = frames.Budget(answers=3, bytes=10_000, values=10, keys=2)
    for _ in range(3):
        frames.send(pair[0], {"value": {"list": [1, 2]}})
        header, buffers = frames.receive(pair[1], budget=budget)
        wire.unpack(header["value"], buffers, budget)
    with pytest.raises(frames.SpentError, match="more than 10 values in all"):
        wire.unpack({"list": [1, 2]}, [], budget)
    with pytest.raises(frames.SpentError, match="more than 2 keys in all"):
        wire.unpack({"set": [1, 2, 3]}, [], frames.Budget(values=10, keys=2))
    frames.send(pair[0], {}, [bytes(100)])
    with pytest.raises(frames.SpentError, match="more than 3 answers in all"):
        frames.receive(pair[1], budget=budget)
    frames.send(pair[1], {}, [bytes(100)])
    with pytest.raises(frames.SpentError, match="more than 50 bytes in all"):
        frames.receive(pair[0], budget=frames.Budget(answers=1, bytes=50))


def test_forged_nesting_is_refused():
    packed = 1
    for _ in range(500):
        packed = {"list": [packed]}
    with pytest.raises(frames.WireError, match="nested"):
        wire.unpack(packed, [])


def test_a_third_truth_value_becomes_true():
    got = wire.unpack({"array": ["|b1", [3], "C", True, 0]}, [b"\x00\x01\x07"])
    assert got.view("u1").tolist() == [0, 1, 1]


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_frames(pair):
    frames.send(pair[0], {"a": [1, "é"]}, [b"xy", b"", b"z"])
    header, buffers = frames.receive(pair[1])
    assert header == {"a": [1, "é"]}
    assert [bytes(buffer) for buffer in buffers] == [b"xy", b"", b"z"]


def frame(text, size=0, magic=frames.MAGIC, length=None):
    length = len(text) if length is None else length
    return struct.pack("!4sIQ", magic, length, size) + text + bytes(min(size, 100))


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        frame(b'{"sizes": []}', magic=b"LG2\n"),
        frame(b"", length=2**31),
        frame(b'{"sizes": []}', size=2**40),
        frame(b"{"),
        frame(b"[]"),
        frame(b"{}"),
        frame(b'{"sizes": 1}'),
        frame(b'{"sizes": [3]}', size=2),
        frame(b'{"sizes": [-1, 3]}', size=2),
        frame(b'{"sizes": [true]}', size=1),
        frame(b'{"sizes": [1e400]}', size=1),
        frame(b"[" * 100_000),
        frame(b'{"sizes": [], "a": [' + b"[]," * 600_000 + b"0]}"),
        frame(b'{"sizes": [], "a": {' + b'"":{},' * 300_000 + b'"":0}}'),
        frame(b"\xff\xfe"),
        frame(b'{"sizes": [], "n": ' + b"9" * 5000 + b"}"),
    ],
)
def test_forged_frames_are_refused(pair, data):
    sender = threading.Thread(target=pair[0].sendall, args=(data,))
    sender.start()
    with pytest.raises(frames.WireError):
        frames.receive(pair[1], frames.until(time.monotonic() + 5))
    sender.join(5)


def test_slow_and_cut_frames_end_in_time(pair):
    pair[0].sendall(frame(b'{"sizes": [100]}', size=100)[:-1])
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        frames.receive(pair[1], frames.until(began + 0.2))
    with pytest.raises(TimeoutError):
        frames.send(pair[0], {}, [bytes(frames.FRAME_LIMIT)], frames.until(time.monotonic() + 0.2))
    assert time.monotonic() - began < 5
    pair[0].close()
    while pair[1].recv(1 << 20):
        pass
    with pytest.raises(frames.Closed):
        frames.receive(pair[1])


def test_too_much_is_not_sent(pair):
    with pytest.raises(frames.WireError, match="more than 64 MB"):
        frames.send(pair[0], {}, [bytes(frames.FRAME_LIMIT), b"x"])
