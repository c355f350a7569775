"""What runs in the sandbox: a supervisor, and the processes of one submission after another.

The supervisor imports the assignment's modules once and then only waits. For
a submission it forks a process into its own process, mount, IPC and network
namespaces, with an empty scratch: when that process ends, the kernel ends everything it
started and drops everything it wrote. Two of them share nothing.

Nothing here is a secret, and nothing here is trusted.
"""

import ctypes
import gc
import importlib
import json
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
import traceback
from typing import Any, NamedTuple, NoReturn

from lstm_grade.box import frames, seccomp
from lstm_grade.box.student import Student

# From <sched.h>, <sys/mount.h>, <sys/prctl.h> and <linux/capability.h>.
CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWPID, CLONE_NEWNET = 0x20000, 0x8000000, 0x20000000, 0x40000000
MS_NOSUID, MS_NODEV, MS_REC, MS_PRIVATE = 0x2, 0x4, 0x4000, 0x40000
PR_SET_DUMPABLE = 4
CAPABILITY_VERSION_3 = 0x20080522


def main() -> NoReturn:
    """Serve until the control socket closes; arguments: its descriptor, settings as JSON."""
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[2])
    for ignored in (signal.SIGINT, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_DFL)
    for module in settings["preload"]:
        importlib.import_module(module)
    # Nobody traces this process or those it forks, and none of them leaves its memory in a file.
    call("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0)
    gc.collect()
    gc.freeze()  # a forked process then copies fewer pages
    frames.send(control, {"ready": True})
    processes: dict[int, Forked] = {}
    while True:
        try:
            order, _ = frames.receive(control)
        except frames.Closed:
            for process in processes.values():
                stop(process)
            os._exit(0)
        if order["do"] == "start":
            _, (channel,), _, _ = socket.recv_fds(control, 1, 1)
            number = 1 + max(processes, default=0)
            processes[number] = start(control, channel, settings, order["limits"])
            frames.send(control, {"number": number})
        else:
            stop(processes.pop(order["number"]))
            frames.send(control, {"stopped": True})


class Forked(NamedTuple):
    """A submission's process: its id here, and its folder if that has to be cleared."""

    pid: int
    scratch: str | None


def start(
    control: socket.socket, channel: int, settings: dict[str, Any], limits: dict[str, Any]
) -> Forked:
    """Fork a process for a submission."""
    if not settings["namespaces"]:
        scratch = tempfile.mkdtemp(prefix="scratch-")
        process = os.fork()
        if process == 0:
            os.setsid()
            serve(control, channel, scratch, limits, settings)
        os.close(channel)
        return Forked(process, scratch)

    # Only the children of a process that unshares get the new process namespace: the first
    # child unshares and ends, the second is process 1 of it, and becomes ours.
    reading, writing = os.pipe()
    first = os.fork()
    if first == 0:
        try:
            call("unshare", CLONE_NEWPID)
            second = os.fork()
            if second:
                os.write(writing, str(second).encode())
                os._exit(0)
            os.close(reading)
            os.close(writing)
            isolate(limits)
            serve(control, channel, "/scratch", limits, settings)
        except OSError:
            traceback.print_exc()  # the other side shows its last line
        finally:
            os._exit(1)
    os.waitpid(first, 0)
    os.close(writing)
    os.close(channel)
    pid = os.read(reading, 20)
    os.close(reading)
    if not pid:
        os._exit(1)  # no namespaces: whoever asked makes a new sandbox
    return Forked(int(pid), None)


def stop(process: Forked) -> None:
    """Kill a submission's process, and with it its namespaces."""
    if process.scratch is None:
        os.kill(process.pid, signal.SIGKILL)
    else:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    # Process 1 of a namespace can be waited for when all others in it are gone.
    os.waitpid(process.pid, 0)
    if process.scratch is not None:
        shutil.rmtree(process.scratch, ignore_errors=True)


def call(function: str, *arguments: Any) -> None:
    """Call a function of libc and raise what went wrong."""
    if getattr(libc(), function)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")


def libc() -> ctypes.CDLL:
    """Return the C library; Python 3.11 has no unshare and no mount."""
    return ctypes.CDLL(None, use_errno=True)


def isolate(limits: dict[str, Any]) -> None:
    """Give this process its own mounts, IPC objects and sockets, and no capability to change it."""
    call("unshare", CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET)
    call("mount", b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    # multiprocessing keeps its locks in /dev/shm.
    for place, size in ((b"/scratch", limits["scratch"]), (b"/dev/shm", limits["scratch"] // 4)):
        options = f"size={size},nr_inodes=4096,mode=700".encode()
        call("mount", b"tmpfs", place, b"tmpfs", MS_NOSUID | MS_NODEV, options)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    call("capset", header, (ctypes.c_uint32 * 6)())


def serve(
    control: socket.socket,
    channel: int,
    scratch: str,
    limits: dict[str, Any],
    settings: dict[str, Any],
) -> NoReturn:
    """Become the process of a submission: answer on `channel` until it closes."""
    try:
        control.close()
        os.chdir(scratch)
        os.environ.update(HOME=scratch, TMPDIR=scratch)
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
        for name, value in {
            "AS": limits["memory"],
            "CPU": limits["cpu"],
            "FSIZE": limits["file_size"],
            "NPROC": limits["processes"],
            "NOFILE": 64,
            "CORE": 0,
        }.items():
            number = getattr(resource, f"RLIMIT_{name}")
            hard = resource.getrlimit(number)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(number, (value, value))
        sock = socket.socket(fileno=channel)
        if settings["namespaces"]:
            seccomp.confine()
        sock.send(b"+")  # from here on the other side knows who this is
        Student(sock, settings["modules"]).serve()
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
