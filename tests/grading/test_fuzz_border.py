"""Whatever crosses the border: the same value, or a refusal, and never anything else."""

import json
import socket
import struct
import time

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lstm_grade.box import frames, wire
from tests.grading.strategies import BUFFERS, FEW, FORGED, JSON, check_plain, many

# --- values -----------------------------------------------------------------

NUMBERS = st.integers(-(2**70), 2**70) | st.floats() | st.booleans() | st.none()
TEXTS = st.text(max_size=10) | st.text("é\ud800,[{:", max_size=400)
PLAIN_DTYPES = (
    hnp.boolean_dtypes()
    | hnp.integer_dtypes(endianness="=")
    | hnp.unsigned_integer_dtypes(endianness="=")
    | hnp.floating_dtypes(sizes=(16, 32, 64), endianness="?")
    | hnp.complex_number_dtypes(sizes=(64, 128), endianness="?")
    | hnp.unicode_string_dtypes(endianness="<", min_len=1, max_len=4)
    | hnp.byte_string_dtypes(min_len=1, max_len=4)
)
ARRAYS = hnp.arrays(PLAIN_DTYPES, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
LAID_OUT = st.builds(
    lambda array, how: how(array),
    ARRAYS,
    st.sampled_from(
        [np.asarray, np.asfortranarray, lambda a: a.T, lambda a: a[..., ::-1] if a.ndim else a]
    ),
)
KEYS = st.integers(-(2**70), 2**70) | st.text(max_size=5) | st.booleans() | st.binary(max_size=5)
VALUES = st.recursive(
    NUMBERS | TEXTS | st.binary(max_size=300) | LAID_OUT,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.sets(KEYS, max_size=4)
    ),
    max_leaves=10,
)


def same(a, b):
    """Return whether two values are alike, with types, and nan like nan."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray | np.generic):
        layout = np.asarray(a).flags
        return (
            a.dtype == b.dtype
            and a.shape == b.shape
            and a.tobytes() == b.tobytes()
            and layout.c_contiguous == np.asarray(b).flags.c_contiguous
        )
    if isinstance(a, dict):
        return len(a) == len(b) and all(
            same(x, y) and same(a[x], b[y]) for x, y in zip(a, b, strict=True)
        )
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b or (isinstance(a, float) and a != a and b != b)


def check_there_and_back(value):
    buffers = []
    packed = json.loads(json.dumps(wire.pack(value, buffers)))
    assert same(wire.unpack(packed, buffers, wire.Budget(values=10**6, keys=10**6)), value)


def check_forged(packed, buffers):
    try:
        value = wire.unpack(packed, buffers, wire.Budget(values=10**6, keys=10**6))
    except frames.WireError:
        return
    check_plain(value)


@FEW
@given(VALUES)
def test_values(value):
    check_there_and_back(value)


@FEW
@given(FORGED, BUFFERS)
def test_forged_values(packed, buffers):
    check_forged(packed, buffers)


# --- frames -----------------------------------------------------------------

WHOLE = st.builds(
    lambda header, buffers, sizes: (header, buffers, sizes),
    JSON,
    BUFFERS,
    st.none() | JSON,
)


@st.composite
def streams(draw):
    """Draw what arrives on a socket: frames, whole, damaged or cut, or anything."""
    if draw(st.integers(0, 4)) == 0:
        return draw(st.binary(max_size=60))
    header, buffers, sizes = draw(WHOLE)
    header = header if isinstance(header, dict) else {"x": header}
    header = {**header, "sizes": [len(b) for b in buffers] if sizes is None else sizes}
    text, data = json.dumps(header).encode("utf-8", "surrogatepass"), b"".join(buffers)
    lengths = draw(st.sampled_from([0, 0, 0, 1, -1, 2**20, 2**31]))
    prefix = struct.pack(
        "!4sIQ",
        draw(st.sampled_from([frames.MAGIC] * 5 + [b"LG0\n"])),
        max(0, min(2**32 - 1, len(text) + lengths)),
        max(0, len(data) + draw(st.sampled_from([0, 0, 0, 1, 2**30, 2**63]))),
    )
    whole = prefix + text + data
    return whole[: draw(st.integers(0, len(whole)))] if draw(st.integers(0, 3)) == 0 else whole


def check_stream(data):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        budget = frames.Budget(answers=3, bytes=10**6)
        left = frames.until(time.monotonic() + 20)
        try:
            while True:
                header, buffers = frames.receive(ours, left, budget)
                assert isinstance(header, dict)
                assert all(isinstance(buffer, memoryview) for buffer in buffers)
        except (frames.WireError, frames.Closed):
            pass


@FEW
@given(streams())
def test_frames(data):
    check_stream(data)


@many
@given(VALUES)
def test_values_long(value):
    check_there_and_back(value)


@many
@given(FORGED, BUFFERS)
def test_forged_values_long(packed, buffers):
    check_forged(packed, buffers)


@many
@given(streams())
def test_frames_long(data):
    check_stream(data)
