"""What crosses arrives as it was; what is forged is refused, whatever it is."""

import json
import math
import socket
import struct
import time
import types
from collections import namedtuple

import numpy as np
import pytest

from lstm_grade.box import wire

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
    packed = json.loads(json.dumps(wire.pack(value, buffers, opaque=True)))
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
        *(None, True, 0, -(10**60), 0.1, -0.0, math.inf, 1 + 2j, "", "\ud800é", b"\0"),
        *(np.float32(0.5), np.int8(3), (), [1, [2, (3,)]], {"a": {1: 2.0}}, {1, 2}),
        *(Pair(1, [2]), types.SimpleNamespace(a=1)),
    ],
)
def test_values_keep_their_type(value):
    got = there_and_back(value)
    assert repr(got) == repr(value)
    assert type(got).__name__ == type(value).__name__


def test_other_values_become_inert():
    class Trap:
        def __reduce__(self):
            raise AssertionError

        __eq__ = __call__ = __len__ = __reduce__

    for value in (Trap(), int, len, (n for n in [1]), np, object(), np.zeros(2, "M8[s]")):
        got = there_and_back(value)
        assert isinstance(got, wire.Opaque)
        assert type(got).__name__ == type(value).__name__
        assert not callable(got)
    assert repr(there_and_back(np.array([1, Trap()], object))[1]) == "<Trap of the submission>"
    with pytest.raises(TypeError, match="a function cannot be passed to a submission"):
        wire.pack(lambda: 0, [])


@pytest.mark.parametrize(
    "packed",
    [
        *([], {}, {"a": 1, "b": 2}, {"exec": "1"}, {"array": []}, {"bytes": 7}, {"bytes": -1}),
        {"array": ["|O8", [1], "C", True, 0]},
        {"array": ["<f8", [2], "C", True, 0]},
        {"array": ["<f8", [-1], "C", True, 0]},
        {"array": ["<f8", [10**30, 0], "C", True, 1]},
        {"array": ["<f8,<f8", [1], "C", True, 0]},
        {"array": ["<f8", [True], "C", True, 0]},
        {"array": ["<f8", [1], "C", True, "0"]},
        {"array": [["<f8"], [1], "C", True, 0]},
        {"scalar": ["V8", 0]},
        {"objects": ["O", [3], [1]]},
        {"record": ["__import__('os')", ["a"], [1]]},
        {"record": ["x", ["a b"], [1]]},
        {"record": ["x", ["_replace"], [1]]},
        {"record": ["x", [f"a{n}" for n in range(200)], [1] * 200]},
        {"opaque": "a b"},
        {"opaque": 7},
        {"dict": [[{"list": []}, 1]]},
        {"dict": [[n * (2**61 - 1), 0] for n in range(20_000)]},
        {"namespace": [[1, 2]]},
        {"complex": "x"},
        {"objects": ["U", [1001], ["x" * 10**6, *[""] * 1000]]},  # 4 GB, if it were made
    ],
)
def test_forged_values_are_refused(packed):
    with pytest.raises(wire.WireError):
        wire.unpack(packed, [b"12345678", b""])


def test_forged_nesting_is_refused():
    packed = 1
    for _ in range(500):
        packed = {"list": [packed]}
    with pytest.raises(wire.WireError, match="nested"):
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
    wire.send(pair[0], {"a": [1, "é"]}, [b"xy", b"", b"z"])
    header, buffers = wire.receive(pair[1])
    assert header == {"a": [1, "é"]}
    assert [bytes(buffer) for buffer in buffers] == [b"xy", b"", b"z"]


def frame(text, size=0, magic=wire.MAGIC, length=None):
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
        frame(b"\xff\xfe"),
        frame(b'{"sizes": [], "n": ' + b"9" * 5000 + b"}"),
    ],
)
def test_forged_frames_are_refused(pair, data):
    pair[0].sendall(data)
    with pytest.raises(wire.WireError):
        wire.receive(pair[1], time.monotonic() + 5)


def test_slow_and_cut_frames_end_in_time(pair):
    pair[0].sendall(frame(b'{"sizes": [100]}', size=100)[:-1])
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        wire.receive(pair[1], began + 0.2)
    with pytest.raises(TimeoutError):
        wire.send(pair[0], {}, [bytes(wire.FRAME_LIMIT)], time.monotonic() + 0.2)
    assert time.monotonic() - began < 5
    pair[0].close()
    while pair[1].recv(1 << 20):
        pass
    with pytest.raises(wire.Closed):
        wire.receive(pair[1])


def test_too_much_is_not_sent(pair):
    with pytest.raises(wire.WireError, match="more than 64 MB"):
        wire.send(pair[0], {}, [bytes(wire.FRAME_LIMIT), b"x"])
