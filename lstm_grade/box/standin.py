"""Right functions in the place of a submission's own: they run here, in a process of their own.

That process is forked from the one that tests, asked over a socket, and ends
with the test. What a submission passes to a right function is unpacked here
and nowhere else that matters; what comes back is data like all else.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import sys
import warnings
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from lstm_grade.box import frames, seccomp, wire
from lstm_grade.box.clock import Clock
from lstm_grade.box.proxies import EXCEPTIONS, Functions

MEMORY = 1 << 30  # bytes, beyond what it has when it starts


class StandIn:
    """A process that answers for functions of the tests.

    Parameters
    ----------
    functions : dict of callable
        By name.
    seconds : float
        Processor time it may use in all.
    """

    def __init__(self, functions: Functions, seconds: float) -> None:
        self.sock, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            serve(theirs, functions, seconds)
        theirs.close()
        self.clock = Clock(self.pid)

    def ask(
        self, name: str, arguments: Any, buffers: frames.Buffers, left: frames.Left
    ) -> tuple[dict[str, Any], frames.Buffers]:
        """Return the answer to a call, with its buffers, as it goes to the submission.

        Raises
        ------
        Closed, WireError, TimeoutError
        """
        frames.send(self.sock, {"name": name, "arguments": arguments}, buffers, left)
        return frames.receive(self.sock, left)

    def close(self) -> None:
        """End the process."""
        self.sock.close()
        self.clock.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def serve(sock: socket.socket, functions: Functions, seconds: float) -> NoReturn:
    """Answer until the socket closes; nothing else that this process had is left open."""
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
        sys.stdin, sys.stdout, sys.stderr = (open(n, "rw"[n > 0]) for n in (0, 1, 2))
        os.closerange(3, sock.fileno())
        os.closerange(sock.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
        limit(seconds, MEMORY)
        # Where there is no filter there is no sandbox either: this is --unsafe.
        with contextlib.suppress(seccomp.UnknownArchitectureError):
            seccomp.confine()
        warnings.simplefilter("ignore")
        np.seterr(all="ignore")
        while True:
            request, buffers = frames.receive(sock)
            reply, replied = _answer(functions, request, buffers)
            frames.send(sock, reply, replied)
    finally:
        os._exit(0)


def limit(seconds: float, memory: int) -> None:
    """Bound the processor time and the memory of this process, beyond what it has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    data = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    for number, value in (
        (resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + seconds) + 1),
        (resource.RLIMIT_DATA, data + memory),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(number)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (value, hard))


def _answer(
    functions: Functions, request: dict[str, Any], buffers: frames.Buffers
) -> tuple[dict[str, Any], list[bytes]]:
    kept: list[bytes] = []
    try:
        args, kwargs = wire.unpack(request["arguments"], buffers)
        value = functions[request["name"]](*args, **kwargs)
        return {"value": wire.pack(value, kept)}, kept
    except Exception as error:
        # Its kind and its text, and nothing of where it happened.
        kinds = [kind.__name__ for kind in type(error).__mro__ if kind.__name__ in EXCEPTIONS]
        name = kinds[0] if kinds else "RuntimeError"
        text = error.args[0] if len(error.args) == 1 else error  # a KeyError's text has quotes
        return {"error": {"name": name, "text": str(text)[:500]}}, []
