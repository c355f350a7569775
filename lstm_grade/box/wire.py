"""Values between the tests and a sandbox: JSON and raw buffers, never pickle.

What crosses is a closed list of plain types, and is rebuilt from them: none
has attributes that the other side chooses. Every count is bounded before time
is spent on it.

This file runs on both sides of the sandbox.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from lstm_grade.box.frames import FRAME_LIMIT, OBJECTS_LIMIT, Budget, Buffers, WireError

IMAGES_LIMIT = 4 << 20  # bytes, of a cell
DEPTH_LIMIT = 20
TEXT_KEYS_LIMIT = 10_000
# Hashes of text are keyed by a secret of the process; all others can be chosen such that
# they collide, and the time is quadratic then.
OTHER_KEYS_LIMIT = 1_000
TEXT_LIMIT = 1 << 20  # bytes of a text from a submission
STRING_LIMIT = 10_000  # characters of each string in an array
INLINE = 200  # longer texts travel as buffers

# Numbers without padding, in either byte order; strings in this machine's.
_NUMERIC = re.compile(r"\|b1|\|[iu]1|[<>](?:[iu][248]|f[248]|c8|c16)")
_STRING = re.compile(r"<U\d{1,5}|\|S\d{1,5}")


class Other:
    """Stands for a value that does not cross. It has no attributes and can do nothing."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Name the type."""
        return f"<{type(self).__name__} of the submission>"


# All there are: a submission cannot name a type. What is not among them is an `object`.
OTHERS = {
    name: type(name, (Other,), {"__slots__": ()})
    for name in (
        *("object", "object_array", "other_array", "SimpleNamespace", "DataFrame", "Series"),
        *("Tensor", "Figure", "Axes", "function", "method", "builtin_function_or_method", "type"),
        *("module", "generator", "coroutine", "map", "filter", "zip", "enumerate", "reversed"),
        *("range", "slice", "ellipsis", "bytearray", "memoryview", "partial", "datetime64"),
        *("dict_keys", "dict_values", "dict_items", "LSTM", "Random", "Generator"),
    )
}


def pack(value: object, buffers: list[bytes], *, other: bool = False) -> Any:
    """Return `value` as JSON; what is long or numeric is appended to `buffers`.

    Parameters
    ----------
    value : object
        None, numbers, text, bytes, arrays and scalars of numbers or text;
        lists, tuples, dicts and sets of these. Of subclasses the plain part crosses.
    buffers : list of bytes
    other : bool
        Whether anything else becomes an `Other`, which names its type.

    Raises
    ------
    TypeError
        For anything else, unless `other`.
    WireError
        If there is too much of it.
    """
    return _Packer(buffers, other).pack(value, 0)


class _Packer:
    def __init__(self, buffers: list[bytes], other: bool) -> None:
        self.buffers, self.other = buffers, other
        self.objects = 0

    def pack(self, value: Any, depth: int) -> Any:
        self.objects += 1
        if self.objects > OBJECTS_LIMIT:
            raise WireError(f"more than {OBJECTS_LIMIT:,} values at once")
        if value is None or isinstance(value, bool):
            return value
        if depth > DEPTH_LIMIT:
            pass
        elif isinstance(value, np.ndarray):
            packed = self.array(value)
            if packed:
                return packed
        elif isinstance(value, str):
            text = str.__str__(value)
            if len(text) <= INLINE:
                return text
            return {"text": self.keep(text.encode("utf-8", "surrogatepass"))}
        elif isinstance(value, bytes):
            return {"bytes": self.keep(bytes(value))}
        elif isinstance(value, np.generic | complex):
            array = _plain(np.asarray(value))
            if array is not None:
                return {"scalar": [array.dtype.str, self.keep(array.tobytes())]}
        elif isinstance(value, int):
            if value.bit_length() < 10_000:
                return int(value)
        elif isinstance(value, float):
            return float(value)
        elif isinstance(value, tuple):
            return {"tuple": [self.pack(item, depth + 1) for item in value]}
        elif isinstance(value, list):
            return {"list": [self.pack(item, depth + 1) for item in value]}
        elif isinstance(value, set | frozenset):
            return {"set": [self.pack(item, depth + 1) for item in value]}
        elif isinstance(value, dict):
            items = [
                [self.pack(key, depth + 1), self.pack(item, depth + 1)]
                for key, item in value.items()
            ]
            return {"dict": items}
        if self.other:
            return {"other": type(value).__name__[:INLINE]}
        raise TypeError(
            f"a {type(value).__name__} cannot be passed to a submission; numbers, text, arrays, "
            "and lists, tuples, dicts and sets of them can."
        )

    def array(self, value: np.ndarray) -> Any:
        array = _plain(np.asarray(value))
        if array is None:
            name = "object_array" if value.dtype.kind == "O" else "other_array"
            return {"other": name} if self.other else None
        flags = array.flags
        order = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "A"
        index = self.keep(array.tobytes("F" if order == "F" else "C"))
        return {"array": [array.dtype.str, list(array.shape), order, bool(flags.writeable), index]}

    def keep(self, data: bytes) -> int:
        self.buffers.append(data)
        return len(self.buffers) - 1


def _plain(array: np.ndarray) -> np.ndarray | None:
    """Return an array in a dtype that crosses, or None."""
    kind = array.dtype.kind
    if kind in "fc" and array.dtype.itemsize > (8 if kind == "f" else 16):
        array = array.astype("f8" if kind == "f" else "c16")  # the wide ones have padding
    if kind in "US":
        native = array.dtype.newbyteorder("<")
        array = array if array.dtype == native else array.astype(native)
        return array if 0 < _characters(native) <= STRING_LIMIT else None
    return array if _NUMERIC.fullmatch(array.dtype.str) else None


def _characters(dtype: np.dtype) -> int:
    return dtype.itemsize // (4 if dtype.kind == "U" else 1)


def unpack(
    packed: Any, buffers: Buffers, budget: Budget | None = None, limit: int = FRAME_LIMIT
) -> Any:
    """Return the value that `pack` packed.

    Raises
    ------
    WireError
        If it is not what `pack` returns, or too much of it, or the budget is spent.
    """
    unpacker = _Unpacker(buffers, limit, TEXT_LIMIT if budget else limit)
    try:
        return unpacker.unpack(packed, 0)
    except WireError:
        raise
    except Exception as error:  # whatever a forged frame may cause
        raise WireError(f"not a value: {type(error).__name__}") from None
    finally:
        if budget:
            keys = unpacker.text_keys + unpacker.other_keys
            budget.spend(values=unpacker.objects, keys=keys)


class _Unpacker:
    def __init__(self, buffers: Buffers, limit: int, longest: int) -> None:
        self.buffers, self.limit = buffers, limit
        self.longest = longest
        self.objects = self.text_keys = self.other_keys = self.bytes = 0

    def unpack(self, packed: Any, depth: int) -> Any:
        self.objects += 1
        if self.objects > OBJECTS_LIMIT:
            raise WireError(f"more than {OBJECTS_LIMIT:,} values at once")
        if packed is None or isinstance(packed, bool | int | float | str):
            return packed
        if depth > DEPTH_LIMIT + 1:
            raise WireError("nested too deeply")
        ((kind, content),) = packed.items()
        match kind:
            case "array":
                return self.array(*content)
            case "scalar":
                dtype, index = content
                return self.array(dtype, [], "C", True, index)[()]
            case "text":
                text = self.buffer(content)
                if len(text) > self.longest:
                    raise WireError(f"a text of more than {TEXT_LIMIT:,} bytes")
                return str(text, "utf-8", "surrogatepass")
            case "bytes":
                return bytes(self.buffer(content))
            case "list":
                return [self.unpack(item, depth + 1) for item in content]
            case "tuple":
                return tuple(self.unpack(item, depth + 1) for item in content)
            case "set":
                return {self.key(item, depth + 1) for item in content}
            case "dict":
                return {
                    self.key(key, depth + 1): self.unpack(item, depth + 1) for key, item in content
                }
            case "other":
                return OTHERS.get(content, OTHERS["object"])()
        raise WireError(f"no such kind: {kind!r:.40}")

    def key(self, packed: Any, depth: int) -> Any:
        """Return a key, or a member of a set: what takes long to hash is none."""
        value = self.unpack(packed, depth)
        if isinstance(value, str | bytes):
            self.text_keys += 1
        else:
            self.other_keys += 1
        if self.text_keys > TEXT_KEYS_LIMIT or self.other_keys > OTHER_KEYS_LIMIT:
            raise WireError("too many keys")
        parts = value if isinstance(value, tuple) else (value,)
        if len(parts) > 10 or not all(
            part is None or isinstance(part, str | bytes | int | float | np.generic)
            for part in parts
        ):
            raise WireError("not a key")
        return value

    def array(self, dtype: Any, shape: Any, order: Any, writeable: Any, index: Any) -> Any:
        if not (_NUMERIC.fullmatch(dtype) or _STRING.fullmatch(dtype)):
            raise WireError("not an array")
        if not all(type(n) is int and n >= 0 for n in shape):
            raise WireError("not an array")
        kind, data = np.dtype(dtype), self.buffer(index)
        if kind.itemsize * math.prod(shape) != len(data):
            raise WireError("not an array: size")
        if kind.kind in "US" and _characters(kind) > STRING_LIMIT:
            raise WireError("not an array: too wide")
        if kind.kind == "b":  # any other byte would be a third truth value
            data = (np.frombuffer(data, np.uint8) != 0).tobytes()
        if kind.kind == "U" and not (np.frombuffer(data, "<u4") < 0x110000).all():
            raise WireError("not an array: no such character")
        array = np.frombuffer(data, kind).reshape(shape, order="F" if order == "F" else "C")
        if order == "A":
            wide = np.empty((*shape[:-1], 2 * shape[-1]), kind)
            wide[..., ::2] = array
            array = wide[..., ::2]
        else:
            array = array.copy("F" if order == "F" else "C")
        array.flags.writeable = writeable is True
        return array

    def buffer(self, index: Any) -> bytes | memoryview:
        if type(index) is not int or not 0 <= index < len(self.buffers):
            raise WireError("no such buffer")
        # One buffer can stand in many places, and is copied in each.
        self.bytes += len(self.buffers[index])
        if self.bytes > self.limit:
            raise WireError(f"more than {self.limit >> 20} MB at once")
        return self.buffers[index]
