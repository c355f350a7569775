"""Frames and values between the tests and a sandbox: JSON and raw numeric buffers, never pickle.

A frame is a prefix (magic, length of the header, length of the buffers), the
header as JSON, then the buffers. Whoever reads one trusts nothing in it: every
length is bounded before memory is taken, and a value is rebuilt from a short
list of plain types.

This file runs on both sides of the sandbox.
"""

import collections
import functools
import json
import math
import re
import struct
import time
import types

import numpy as np

MAGIC = b"LG1\n"
PREFIX = struct.Struct("!4sIQ")
HEADER_LIMIT = 4 << 20
FRAME_LIMIT = 64 << 20
IMAGES_LIMIT = 4 << 20  # of a cell, in bytes
DEPTH_LIMIT = 20
OBJECTS_LIMIT = 10_000

_DTYPE = re.compile(r"[<>|][biufc]\d{1,2}")


class WireError(Exception):
    """What arrived is not a frame, or a value that may not cross."""


class Closed(Exception):  # noqa: N818 -- an event, not a fault
    """The other end is gone."""


class Opaque:
    """Stands for a value that does not cross. Its type has the name of the value's type."""

    __slots__ = ()

    def __repr__(self):
        """Name the type."""
        return f"<{type(self).__name__} of the submission>"


# --- frames -----------------------------------------------------------------


def send(sock, header, buffers=(), deadline=None):
    """Send a frame; `deadline` is a time of `time.monotonic`.

    Raises
    ------
    WireError
        If the frame is too large.
    Closed, TimeoutError
    """
    sizes = [len(buffer) for buffer in buffers]
    text = json.dumps({**header, "sizes": sizes}).encode()
    if len(text) > HEADER_LIMIT or sum(sizes) > FRAME_LIMIT:
        raise WireError(f"more than {FRAME_LIMIT >> 20} MB at once")
    try:
        sock.settimeout(_left(deadline))
        sock.sendall(b"".join([PREFIX.pack(MAGIC, len(text), sum(sizes)), text, *buffers]))
    except (BrokenPipeError, ConnectionResetError):
        raise Closed from None


def receive(sock, deadline=None):
    """Return the header and the buffers of the next frame.

    Raises
    ------
    WireError
        If it is not a frame, or too large.
    Closed, TimeoutError
    """
    magic, header_size, buffers_size = PREFIX.unpack(_read(sock, PREFIX.size, deadline))
    if magic != MAGIC or header_size > HEADER_LIMIT or buffers_size > FRAME_LIMIT:
        raise WireError("not a frame")
    text = _read(sock, header_size, deadline)
    data = memoryview(_read(sock, buffers_size, deadline))
    try:
        header = json.loads(text)
        sizes = header.pop("sizes")
        if not all(type(size) is int and size >= 0 for size in sizes):
            raise ValueError("sizes")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WireError(f"not a frame: {error}") from None
    if sum(sizes) != buffers_size:
        raise WireError("not a frame: sizes")
    buffers = []
    for size in sizes:
        buffers.append(data[:size])
        data = data[size:]
    return header, buffers


def _left(deadline):
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _read(sock, size, deadline):
    data = bytearray()
    while len(data) < size:
        sock.settimeout(_left(deadline))
        try:
            part = sock.recv(min(size - len(data), 1 << 20))
        except ConnectionResetError:
            raise Closed from None
        if not part:
            raise Closed
        data += part
    return data


# --- values -----------------------------------------------------------------


def pack(value, buffers, *, opaque=False, depth=0):
    """Return `value` as JSON; the numbers of arrays are appended to `buffers`.

    Parameters
    ----------
    value : object
        None, numbers, strings, bytes, numeric arrays and NumPy scalars; lists,
        tuples, named tuples, dicts, sets and simple namespaces of these.
    buffers : list of bytes
    opaque : bool
        Whether anything else becomes an `Opaque` with the name of its type.

    Raises
    ------
    TypeError
        For anything else, unless `opaque`.
    """
    inner = functools.partial(pack, buffers=buffers, opaque=opaque, depth=depth + 1)
    if value is None or isinstance(value, bool):
        return value
    if depth > DEPTH_LIMIT:
        pass
    elif isinstance(value, np.generic) and value.dtype.kind in "biufc":
        buffers.append(value.tobytes())
        return {"scalar": [value.dtype.str, len(buffers) - 1]}
    elif isinstance(value, np.ndarray):
        packed = _pack_array(np.asarray(value), buffers, inner)
        if packed:
            return packed
    elif isinstance(value, int):
        if value.bit_length() < 10_000:
            return int(value)
    elif isinstance(value, float):
        return float(value)
    elif isinstance(value, str):
        return str.__str__(value)
    elif isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    elif isinstance(value, bytes):
        buffers.append(bytes(value))
        return {"bytes": len(buffers) - 1}
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        return {"record": [type(value).__name__, list(value._fields), [*map(inner, value)]]}
    elif isinstance(value, tuple):
        return {"tuple": [*map(inner, value)]}
    elif isinstance(value, list):
        return {"list": [*map(inner, value)]}
    elif isinstance(value, set | frozenset) and len(value) <= OBJECTS_LIMIT:
        return {"set": [*map(inner, value)]}
    elif isinstance(value, dict) and len(value) <= OBJECTS_LIMIT:
        return {"dict": [[inner(key), inner(item)] for key, item in value.items()]}
    elif isinstance(value, types.SimpleNamespace):
        return {"namespace": [[key, inner(item)] for key, item in vars(value).items()]}
    if opaque:
        return {"opaque": type(value).__name__}
    raise TypeError(
        f"a {type(value).__name__} cannot be passed to a submission; numbers, strings, arrays, "
        "and lists, tuples, named tuples, dicts, sets and simple namespaces of them can."
    )


def _pack_array(array, buffers, inner):
    kind = array.dtype.kind
    if kind in "OU" and array.size <= OBJECTS_LIMIT:
        return {"objects": [kind, list(array.shape), [*map(inner, array.ravel().tolist())]]}
    if kind not in "biufc":
        return None
    order = "C" if array.flags.c_contiguous else "F" if array.flags.f_contiguous else "A"
    buffers.append(array.tobytes("F" if order == "F" else "C"))
    shape, writeable = list(array.shape), bool(array.flags.writeable)
    return {"array": [array.dtype.str, shape, order, writeable, len(buffers) - 1]}


def unpack(packed, buffers):
    """Return the value that `pack` packed.

    Raises
    ------
    WireError
        If it is not what `pack` returns.
    """
    try:
        return _unpack(packed, buffers, 0)
    except WireError:
        raise
    except Exception as error:  # whatever a forged frame may cause
        raise WireError(f"not a value: {type(error).__name__}") from None


def _unpack(packed, buffers, depth):
    if packed is None or isinstance(packed, bool | int | float | str):
        return packed
    if depth > DEPTH_LIMIT + 1:
        raise WireError("nested too deeply")
    ((kind, content),) = packed.items()

    def inner(value):
        return _unpack(value, buffers, depth + 1)

    match kind:
        case "array":
            return _array(*content, buffers)
        case "scalar":
            dtype, index = content
            return _array(dtype, [], "C", True, index, buffers)[()]
        case "objects":
            return _objects(*content, inner)
        case "complex":
            return complex(*content)
        case "bytes":
            return bytes(_buffer(buffers, content))
        case "list":
            return [*map(inner, content)]
        case "tuple":
            return tuple(map(inner, content))
        case "set" | "dict" if len(content) > OBJECTS_LIMIT:
            # Chosen keys can make all collide: the time is quadratic.
            raise WireError("too many keys")
        case "set":
            return {*map(inner, content)}
        case "dict":
            return {inner(key): inner(value) for key, value in content}
        case "namespace":
            return types.SimpleNamespace(**{key: inner(value) for key, value in content})
        case "record":
            name, fields, values = content
            return _record(name, tuple(fields))(*map(inner, values))
        case "opaque":
            return _opaque(content)()
    raise WireError(f"no such kind: {kind!r:.40}")


def _array(dtype, shape, order, writeable, index, buffers):
    if not _DTYPE.fullmatch(dtype) or not all(type(n) is int and n >= 0 for n in shape):
        raise WireError("not an array")
    dtype, data = np.dtype(dtype), _buffer(buffers, index)
    if dtype.itemsize * math.prod(shape) != len(data):
        raise WireError("not an array: size")
    if dtype.kind == "b":  # any other byte would be a third truth value
        data = (np.frombuffer(data, np.uint8) != 0).tobytes()
    array = np.frombuffer(data, dtype).reshape(shape, order="F" if order == "F" else "C")
    if order == "A":
        wide = np.empty((*shape[:-1], 2 * shape[-1]), dtype)
        wide[..., ::2] = array
        array = wide[..., ::2]
    else:
        array = array.copy(order)
    array.flags.writeable = writeable is True
    return array


def _objects(kind, shape, values, inner):
    if kind == "U":
        values = [str(value) for value in values]
        # Every place is as wide as the longest: few characters can ask for much memory.
        if len(values) * 4 * max(map(len, values), default=0) > FRAME_LIMIT:
            raise WireError("not an array: too wide")
        return np.array(values, dtype=str).reshape(shape)
    array = np.empty(len(values), object)
    for place, value in enumerate(values):
        array[place] = inner(value)
    return array.reshape(shape)


def _buffer(buffers, index):
    if type(index) is not int or not 0 <= index < len(buffers):
        raise WireError("no such buffer")
    return buffers[index]


def _name(name):
    if not isinstance(name, str) or not name.isidentifier() or len(name) > 100:
        raise WireError("not a name")
    return name


@functools.lru_cache(100)
def _opaque(name):
    return type(_name(name), (Opaque,), {"__slots__": ()})


@functools.lru_cache(100)
def _record(name, fields):
    if len(fields) > 100:
        raise WireError("too many fields")
    return collections.namedtuple(_name(name), [_name(field) for field in fields])
