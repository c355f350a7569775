"""Processes that test, and that can be lost: each dies with whoever started it.

A submission can get at the process that runs its tests only through data. Should
that ever be enough to end it, or to keep it busy, it is replaced, and nobody
else notices. What it sends back is data too, not pickles: whoever asked for a
grade, and writes it down, never runs what a lost process says.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import importlib
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any, NoReturn

from lstm_grade.box import frames, wire
from lstm_grade.box.sandbox import SandboxError

PR_SET_DUMPABLE = 4
MEMORY = 2 << 30  # bytes that a process may take beyond what it has when it starts
BOOT = (
    "import sys; sys.path[:] = {path!r}; "
    "from lstm_grade.box.workers import serve; serve({descriptor}, {unsafe})"
)

_nursery: Nursery | None = None
_interrupted = threading.Event()


class Lost(Exception):  # noqa: N818 -- an event; whose fault it is nobody knows
    """A process ended, or did not answer; the text says what is known."""


class FailedError(Exception):
    """What was asked for raised an exception; the text is its kind and its own."""


class Worker:
    """One such process, with its sandbox warm.

    Parameters
    ----------
    unsafe : bool
        Run student code without a sandbox.
    """

    def __init__(self, unsafe: bool = False) -> None:
        self.unsafe = unsafe
        self.process: subprocess.Popen | None = None
        self.sock, theirs = socket.socketpair()
        with theirs:
            if _nursery:
                self.pid = _nursery.start(theirs, unsafe)
                return
            code = BOOT.format(path=sys.path, descriptor=theirs.fileno(), unsafe=unsafe)
            self.process = subprocess.Popen(
                [sys.executable, "-c", code],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            self.pid = self.process.pid

    def do(self, function: str, task: tuple, seconds: float, cpu: float | None = None) -> Any:
        """Call a function there and return its answer.

        Parameters
        ----------
        function : str
            ``module:name``; it gets the process's `Examiner`, then the task.
        task : tuple
            What can be pickled.
        seconds : float
            How long to wait.
        cpu : float, optional
            Processor time that it may use itself, by default as much.

        Returns
        -------
        object
            Plain data, as `wire.pack` takes it.

        Raises
        ------
        Lost
            If the process ends, or does not answer, or not with an answer. It
            is killed then.
        SandboxError
            If there is no sandbox.
        FailedError
            If the function raises anything else.
        """
        left = frames.until(time.monotonic() + seconds)
        order = {"function": function, "seconds": seconds if cpu is None else cpu}
        try:
            frames.send(self.sock, order, [pickle.dumps(task)], left, frames.OWN_LIMIT)
            reply, buffers = frames.receive(self.sock, left, limit=frames.OWN_LIMIT)
            answer = None
            if "answer" in reply:
                answer = wire.unpack(reply["answer"], buffers, limit=frames.OWN_LIMIT)
        except TimeoutError:
            self.kill()
            raise Lost(f"no answer in {seconds:.0f} s") from None
        except (frames.Closed, frames.WireError, KeyError, OSError) as error:
            self.kill()
            raise Lost(str(error) or "it ended without a word; out of memory?") from None
        except BaseException:  # interrupted: its answer would be taken for the next one
            self.kill()
            raise
        if "refused" in reply:
            raise SandboxError(str(reply["refused"]))
        if "failed" in reply:
            raise FailedError(str(reply["failed"]))
        return answer

    def kill(self) -> None:
        """Kill the process."""
        self.sock.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        if self.process:
            self.process.wait()

    def close(self) -> None:
        """Let the process end, with its sandbox."""
        self.sock.close()
        if self.process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
            self.process.kill()
            self.process.wait()


class Nursery:
    """A copy of this process, from which workers are forked: they need not import anything.

    It has to be made while this process has no threads and no gradebook. Until
    `close`, all workers come from it.
    """

    def __init__(self) -> None:
        global _nursery
        _import()
        self.lock = threading.Lock()
        self.sock, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            self.sock.close()
            _be_nursery(theirs)
        theirs.close()
        _nursery = self

    def start(self, sock: socket.socket, unsafe: bool) -> int:
        """Fork a worker that answers at this end of a pair; return its process id."""
        with self.lock:
            frames.send(self.sock, {"unsafe": unsafe})
            socket.send_fds(self.sock, [b"+"], [sock.fileno()])
            reply, _ = frames.receive(self.sock)
            return reply["pid"]

    def close(self, kill: bool = False) -> None:
        """End it: when its workers have ended, or at once, with all of them."""
        global _nursery
        _nursery = None
        if kill:
            _interrupted.set()
            os.kill(self.pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        self.sock.close()
        os.waitpid(self.pid, 0)


def interrupted() -> bool:
    """Return whether all workers were killed on purpose."""
    return _interrupted.is_set()


def _be_nursery(sock: socket.socket) -> NoReturn:
    os.setsid()  # Ctrl-C is for the command, which then closes the sockets
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    with contextlib.suppress(frames.Closed):
        while True:
            order, _ = frames.receive(sock)
            _, (theirs,), _, _ = socket.recv_fds(sock, 1, 1)
            pid = os.fork()
            if pid == 0:
                sock.close()
                serve(theirs, order["unsafe"])
            os.close(theirs)
            frames.send(sock, {"pid": pid})
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    os._exit(0)


def _import() -> None:
    """Import what a worker needs, and let nbformat compile what it does when first asked."""
    # jsonschema, which nbformat imports, makes a parser of URLs out of it: 1.3 s for nothing.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    import nbformat

    from lstm_grade.box import examiner  # noqa: F401

    nbformat.validate(nbformat.v4.new_notebook())


def serve(descriptor: int, unsafe: bool) -> NoReturn:
    """Answer tasks until whoever sends them is gone."""
    try:
        _import()
        from lstm_grade.box.examiner import Examiner

        # No other process of this user reads its memory, where the secret is.
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        sock, examiner = socket.socket(fileno=descriptor), Examiner(unsafe)
        with contextlib.suppress(frames.Closed):
            while True:
                order, buffers = frames.receive(sock, limit=frames.OWN_LIMIT)
                reply, answered = _answer(examiner, order, buffers)
                frames.send(sock, reply, answered, limit=frames.OWN_LIMIT)
        examiner.close()
    finally:
        os._exit(0)


def _answer(examiner: Any, order: dict[str, Any], buffers: Any) -> tuple[dict, list[bytes]]:
    from lstm_grade.box.standin import limit

    limit(order["seconds"], MEMORY)
    answered: list[bytes] = []
    try:
        answer = _function(order["function"])(examiner, *pickle.loads(buffers[0]))
        return {"answer": wire.pack(answer, answered)}, answered
    except SandboxError as error:
        return {"refused": str(error)}, []
    except Exception as error:  # it concerns this submission alone
        return {"failed": f"{type(error).__name__}: {error}"}, []


@functools.cache
def _function(path: str) -> Any:
    module, name = path.split(":")
    return getattr(importlib.import_module(module), name)
