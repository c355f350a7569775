"""One sandbox: the call of bubblewrap, and how a submission's processes in it start and end."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pwd
import resource
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from lstm_grade.box import frames, seccomp, visible
from lstm_grade.box.cgroup import Group
from lstm_grade.box.rules import Limits
from lstm_grade.box.user import SAID, Place

BOOT = "import sys; sys.path[:0] = {}; from lstm_grade.box.inside import main; main()"
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
ENVIRONMENT = {
    **{"HOME": "/scratch", "TMPDIR": "/scratch", "MPLBACKEND": "agg", "LC_ALL": "C.UTF-8"},
    **{"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    "MALLOC_ARENA_MAX": "2",  # each takes 64 MB of addresses, which count as memory
}
START_SECONDS = 120
UNSAID = 4 << 30  # bytes of addresses that modules take, where nobody says how many

REFUSED = """\
bubblewrap cannot make a sandbox here: {reason}
Nothing was executed. What helps:
- Ubuntu 23.10 and newer: the AppArmor profile in lstm_grade/README.md
- Docker: docker run --cap-add SYS_ADMIN --security-opt seccomp=unconfined
  --security-opt apparmor=unconfined, or grade outside of it
- --unsafe executes submissions without a sandbox: they can then do whatever you can."""
MISSING = """\
bubblewrap is not installed. On Debian or Ubuntu: sudo apt-get install bubblewrap
It exists for Linux only; on Windows grade in WSL, on macOS in a Linux virtual machine.
--unsafe executes submissions without a sandbox: they can then do whatever you can."""
NO_USER = """\
Nor can a submission be a user of its own here, which would do: {reason}"""
UNSAFE = "--unsafe: a submission could do whatever you can"
UNKNOWN = """\
This machine is {machine}; the sandbox was tried on {known} only, and is refused elsewhere:
its list of system calls says nothing about other processors. Nothing was executed.
Grade on a machine with such a processor."""


class SandboxError(Exception):
    """No submission can be executed; the text says why and what to do."""


class Process(NamedTuple):
    """A process for a submission, as `Sandbox.start` starts it.

    Attributes
    ----------
    channel : socket.socket
        It answers on the other end.
    number : int
        Its number in this sandbox.
    pid : int
        Its process id outside of it; 0 if it is not known.
    """

    channel: socket.socket
    number: int
    pid: int


class Sandbox:
    """A warm process in bubblewrap, from which a submission's processes are forked.

    Parameters
    ----------
    modules : tuple of str
        What can be imported besides the standard library.
    preload : tuple of str
        Those of them that are imported at once.
    limits : Limits
    unsafe : bool
        A plain process instead, which can do whatever the caller can.
    user : bool
        Without bubblewrap and namespaces instead: each process is a user of its own, and
        sees a folder as root. Only root can do that.

    Attributes
    ----------
    said : str
        How a submission is bounded in it.

    Raises
    ------
    SandboxError
        If there is no bubblewrap, or it is refused.
    """

    def __init__(
        self,
        modules: tuple[str, ...],
        preload: tuple[str, ...] = (),
        limits: Limits | None = None,
        unsafe: bool = False,
        user: bool = False,
    ) -> None:
        limits = limits or Limits()
        self.key = (modules, preload, limits, unsafe)
        self.limits = limits
        self.taken = UNSAID  # of addresses, before a submission begins
        self.process: subprocess.Popen | None = None
        self.group: Group | None = None
        self.place: Place | None = None
        walls = "" if unsafe else "user" if user else "namespaces"
        self.said = UNSAFE
        self.control, theirs = socket.socketpair()
        self.errors = tempfile.TemporaryFile()
        try:
            with theirs, tempfile.TemporaryFile() as calls:
                inherited: list[int] = []
                if unsafe:
                    command = [sys.executable, "-c", BOOT.format([str(visible.PACKAGE.parent)])]
                else:
                    calls.write(filter_())
                    calls.seek(0)
                    if user:
                        self.place = place(modules)
                        command = rooted(self.place)
                    else:
                        command = bubblewrap(modules, calls.fileno())
                        inherited = [calls.fileno()]
                    self.group = Group(limits.memory, limits.processes)
                    command, self.said = [*self.group.command, *command], self.group.said
                    if user:
                        self.said = f"{SAID}; {self.said}"
                settings = {"modules": modules, "preload": preload, "walls": walls}
                with _unlimited():
                    self.process = subprocess.Popen(
                        [*command, str(theirs.fileno()), json.dumps(settings)],
                        pass_fds=[theirs.fileno(), *inherited],
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.DEVNULL,
                        stderr=self.errors,
                        cwd="/",
                        env=ENVIRONMENT if user else None,
                    )
            frames.receive(self.control, frames.until(time.monotonic() + START_SECONDS))
            # Some machines let bubblewrap start and refuse the namespaces of a submission.
            trial = self.start()
            self.taken = _addresses(trial.pid) or UNSAID
            self.stop(trial)
        except (frames.Closed, frames.WireError, TimeoutError):
            self.errors.seek(0)
            lines = self.errors.read().decode("utf-8", "replace").strip().splitlines()
            self.close()
            text = NO_USER if user else REFUSED
            raise SandboxError(text.format(reason=(lines or ["it says nothing"])[-1])) from None
        except BaseException:
            self.close()
            raise

    def start(self) -> Process:
        """Start a process for a submission, without what an earlier one left."""
        ours, theirs = socket.socketpair()
        try:
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            with theirs:
                left = frames.until(time.monotonic() + START_SECONDS)
                limits = dataclasses.asdict(self.limits)
                limits["memory"] += self.taken
                user = self.place.user() if self.place else 0
                order = {"do": "start", "limits": limits, "user": user}
                frames.send(self.control, order, left=left)
                socket.send_fds(self.control, [b"+"], [theirs.fileno()])
                reply, _ = frames.receive(self.control, left)
            pid = _sender(ours, left())
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
        except BaseException:
            ours.close()
            raise
        return Process(ours, reply["number"], pid)

    def stop(self, process: Process) -> None:
        """Kill a submission's process and everything it started."""
        process.channel.close()
        left = frames.until(time.monotonic() + START_SECONDS)
        frames.send(self.control, {"do": "stop", "number": process.number}, left=left)
        frames.receive(self.control, left)

    def close(self) -> None:
        """End the sandbox and everything in it."""
        self.control.close()
        self.errors.close()
        if self.process:
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.group:
            self.group.close()
        if self.place:
            self.place.close(whole=self.process is not None and self.process.returncode == 0)


@contextlib.contextmanager
def _unlimited() -> Iterator[None]:
    """Lift the limits of this process, which are for its own work, while it starts another."""
    before = {n: resource.getrlimit(n) for n in (resource.RLIMIT_CPU, resource.RLIMIT_DATA)}
    try:
        for number, (_, hard) in before.items():
            resource.setrlimit(number, (hard, hard))
        yield
    finally:
        for number, limits in before.items():
            resource.setrlimit(number, limits)


def filter_() -> bytes:
    """Return the supervisor's filter of system calls, for bubblewrap."""
    try:
        return seccomp.program(supervisor=True)
    except seccomp.UnknownArchitectureError as error:
        raise SandboxError(UNKNOWN.format(machine=error, known=seccomp.ARCHITECTURE)) from None


def _sender(channel: socket.socket, seconds: float) -> int:
    """Wait for a process's first byte; return its id as the kernel, not the process, says it."""
    channel.settimeout(seconds)
    data, extra, _, _ = channel.recvmsg(1, socket.CMSG_SPACE(12))
    if not data:
        raise frames.Closed
    for level, kind, credentials in extra:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            return struct.unpack("3i", credentials)[0]
    return 0


def _addresses(pid: int) -> int:
    """Return how many bytes of addresses a process has taken; 0 if it cannot be said."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def bubblewrap(modules: tuple[str, ...], calls: int) -> list[str]:
    """Return the command of the supervisor in its sandbox; its arguments follow.

    Parameters
    ----------
    modules : tuple of str
    calls : int
        Descriptor of a file with the filter of system calls.

    Raises
    ------
    SandboxError
        If bubblewrap is not installed, or a module is not.
    """
    program = shutil.which("bwrap")
    if not program:
        raise SandboxError(MISSING)
    files = seen(modules)
    first = _first()
    if os.getuid() == 0:
        first += _unprivileged(program, files)
        files = {place: place for place in files}
    return [
        *first,
        program,
        # Its own user, process, network, IPC, host name and cgroup namespaces, and no others.
        *("--unshare-all", "--unshare-user", "--disable-userns"),
        *("--uid", "1000", "--gid", "1000"),
        # Of all capabilities only that to mount, inside: the supervisor gives each
        # submission its scratch. The submission has none.
        *("--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN"),
        *("--die-with-parent", "--new-session", "--as-pid-1", "--clearenv"),
        *_mounts(files),
        *_each("--tmpfs", [(folder,) for folder in visible.hidden()]),
        *_each("--dev-bind", [(device, device) for device in DEVICES]),
        *("--size", str(16 << 20), "--tmpfs", "/scratch", "--dir", "/dev/shm"),
        *("--remount-ro", "/", "--chdir", "/scratch"),
        *_each("--setenv", ENVIRONMENT.items()),
        *("--seccomp", str(calls)),
        "--",
        *(visible.INTERPRETER, "-I", "-S", "-c", BOOT.format(["/grader", "/packages"])),
    ]


def seen(modules: tuple[str, ...]) -> dict[str, str]:
    """Return the files that can be seen, as `visible.visible` does."""
    try:
        return visible.visible(modules)
    except visible.MissingModuleError as error:
        raise SandboxError(f"Students may import {error} here, but it is not installed.") from None


def _first() -> list[str]:
    """Return the command by which, when memory runs out, the kernel ends the sandbox first."""
    return ["choom", "-n", "1000", "--"] if shutil.which("choom") else []


def place(modules: tuple[str, ...]) -> Place:
    """Make the folder that is root for submissions which are users of their own."""
    if os.getuid() != 0:
        raise SandboxError(NO_USER.format(reason="whoever grades would have to be root."))
    files = seen(modules)
    try:
        return Place(files, DEVICES)
    except OSError as error:
        raise SandboxError(NO_USER.format(reason=error)) from None


def rooted(place: Place) -> list[str]:
    """Return the command of the supervisor with this folder as root; its arguments follow."""
    chroot = shutil.which("chroot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if not chroot:
        raise SandboxError(NO_USER.format(reason="chroot is missing; it is part of coreutils."))
    boot = BOOT.format(["/grader", "/packages"])
    return [*_first(), chroot, str(place.root), visible.INTERPRETER, "-I", "-S", "-c", boot]


def _unprivileged(program: str, files: dict[str, str]) -> list[str]:
    """Return the command by which root becomes a user without rights; a command follows.

    For root the kernel counts no processes, and a way out of the sandbox would
    lead to root. The other user cannot read root's folders: so root shows it
    those files, and nothing else.
    """
    setpriv = shutil.which("setpriv")
    if not setpriv:
        raise SandboxError("setpriv is missing; it is part of util-linux.")
    taken = {user.pw_uid for user in pwd.getpwall()}
    user = str(next(uid for uid in range(64_999, 0, -1) if uid not in taken))
    programs = {name: name for name in (program, setpriv)}
    return [
        *(program, "--die-with-parent", "--cap-add", "ALL"),
        *_mounts({**files, **programs, **visible.libraries(programs)}),
        *("--perms", "1777", "--dir", "/tmp", "--proc", "/proc", "--dev-bind", "/dev", "/dev"),
        "--",
        *(setpriv, "--reuid", user, "--regid", user, "--clear-groups", "--"),
    ]


def _mounts(files: dict[str, str]) -> list[str]:
    """Return the options that show files read-only; folders above them can be entered."""
    parents = {parent for place in files for parent in Path(place).parents if parent != Path("/")}
    options = []
    for folder in sorted(parents):
        if not any(folder.is_relative_to(place) for place in files):
            options += ["--perms", "0755", "--dir", str(folder)]
    for place, path in files.items():
        options += ["--ro-bind", path, place]
    return options


def _each(option: str, arguments: Iterable[Iterable[str]]) -> list[str]:
    return [word for words in arguments for word in (option, *words)]
