"""Frames between processes: JSON and raw buffers, bounded before memory is taken.

A frame is a prefix (magic, length of the header, length of the buffers), the
header as JSON, then the buffers. Whoever reads one trusts nothing in it.

This file runs on both sides of the sandbox.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable, Sequence
from typing import Any

MAGIC = b"LG1\n"
PREFIX = struct.Struct("!4sIQ")
HEADER_LIMIT = 4 << 20  # bytes
FRAME_LIMIT = 64 << 20  # bytes of all buffers together
OWN_LIMIT = 1 << 30  # the same, between processes that are ours
OBJECTS_LIMIT = 100_000  # values in a frame, each number of a list counted

Buffers = Sequence[bytes | memoryview]
Left = Callable[[], float]


class WireError(Exception):
    """What arrived is not a frame, or a value that may not cross, or too much of it."""


class SpentError(WireError):
    """What may arrive from one submission is used up."""


class Closed(Exception):  # noqa: N818 -- an event, not a fault
    """The other end is gone."""


def until(deadline: float) -> Left:
    """Return a function that says how many seconds are left until a `time.monotonic`.

    It raises TimeoutError when none are.
    """

    def left() -> float:
        seconds = deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    return left


def send(
    sock: socket.socket,
    header: dict[str, Any],
    buffers: Buffers = (),
    left: Left | None = None,
    limit: int = FRAME_LIMIT,
) -> None:
    """Send a frame; `left` says how many seconds there are, and raises when there are none.

    Raises
    ------
    WireError
        If the frame is too large.
    Closed, TimeoutError
    """
    sizes = [len(buffer) for buffer in buffers]
    text = json.dumps({**header, "sizes": sizes}).encode()
    if len(text) > HEADER_LIMIT or sum(sizes) > limit:
        raise WireError(f"more than {limit >> 20} MB at once")
    _write(sock, b"".join([PREFIX.pack(MAGIC, len(text), sum(sizes)), text, *buffers]), left)


def _write(sock: socket.socket, data: bytes, left: Left | None) -> None:
    rest = memoryview(data)
    while rest:
        sock.settimeout(left() if left else None)
        try:
            rest = rest[sock.send(rest) :]
        except TimeoutError:
            continue  # `left` knows whether there is more
        except OSError:
            raise Closed from None


def receive(
    sock: socket.socket,
    left: Left | None = None,
    budget: Budget | None = None,
    limit: int = FRAME_LIMIT,
) -> tuple[dict[str, Any], list[memoryview]]:
    """Return the header and the buffers of the next frame.

    Raises
    ------
    WireError
        If it is not a frame, or too large, or the budget is spent.
    Closed, TimeoutError
    """
    magic, header_size, buffers_size = PREFIX.unpack(_read(sock, PREFIX.size, left))
    if magic != MAGIC or header_size > HEADER_LIMIT or buffers_size > limit:
        raise WireError("not a frame")
    if budget:
        budget.spend(answers=1, bytes=header_size + buffers_size)
    text = _read(sock, header_size, left)
    data = memoryview(_read(sock, buffers_size, left)).toreadonly()
    # Each value of JSON but the first follows one of these: so it cannot blow up in memory.
    if sum(map(text.count, (b",", b"[", b"{", b":"))) > 5 * OBJECTS_LIMIT:
        raise WireError(f"more than {OBJECTS_LIMIT} values at once")
    try:
        header = json.loads(text)
        sizes = header.pop("sizes")
        if not all(type(size) is int and size >= 0 for size in sizes):
            raise ValueError("sizes")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WireError(f"not a frame: {error!s:.100}") from None
    if sum(sizes) != buffers_size:
        raise WireError("not a frame: sizes")
    buffers = []
    for size in sizes:
        buffers.append(data[:size])
        data = data[size:]
    return header, buffers


def _read(sock: socket.socket, size: int, left: Left | None) -> bytearray:
    data = bytearray()
    while len(data) < size:
        sock.settimeout(left() if left else None)
        try:
            part = sock.recv(min(size - len(data), 1 << 20))
        except TimeoutError:
            continue
        except OSError:
            raise Closed from None
        if not part:
            raise Closed
        data += part
    return data


class Budget:
    """What may still arrive from one submission, over all its frames."""

    def __init__(self, **most: int) -> None:
        self.most = most
        self.left = dict(most)

    def spend(self, **amounts: int) -> None:
        """Take from it.

        Raises
        ------
        SpentError
            If there is not that much left.
        """
        for name, amount in amounts.items():
            self.left[name] -= amount
            if self.left[name] < 0:
                raise SpentError(f"more than {self.most[name]:,} {name} in all")
