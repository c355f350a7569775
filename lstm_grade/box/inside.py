"""What runs in the sandbox: a supervisor, and the processes of one submission after another.

The supervisor imports the assignment's modules once and then only waits. For
a submission it forks a process into its own process, mount, IPC and network
namespaces, with an empty scratch: when that process ends, the kernel ends everything it
started and drops everything it wrote. Two of them share nothing.

Where there are no namespaces, the process becomes a user of its own instead (`user.py`), and the
supervisor ends all processes of this user, and removes what they wrote.

Nothing here is a secret, and nothing here is trusted.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import resource
import select
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

ENTRIES = 4096  # files and folders that a submission may make
OFTEN = 0.1  # seconds from one look at what it has written to the next


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
        while settings["walls"] == "user" and not select.select([control], [], [], OFTEN)[0]:
            for process in processes.values():
                watch(process)
        try:
            order, _ = frames.receive(control)
        except frames.Closed:
            for process in processes.values():
                stop(process)
            os._exit(0)
        if order["do"] == "start":
            _, (channel,), _, _ = socket.recv_fds(control, 1, 1)
            number = 1 + max(processes, default=0)
            processes[number] = start(control, channel, settings, order)
            frames.send(control, {"number": number})
        else:
            stop(processes.pop(order["number"]))
            frames.send(control, {"stopped": True})


class Forked(NamedTuple):
    """A submission's process: its id here, its folder if that has to be cleared, its user if any.

    `room` is how many bytes that user may write.
    """

    pid: int
    scratch: str | None
    user: int = 0
    room: int = 0


def start(
    control: socket.socket, channel: int, settings: dict[str, Any], order: dict[str, Any]
) -> Forked:
    """Fork a process for a submission."""
    limits = order["limits"]
    if settings["walls"] == "user":
        return start_as(order["user"], control, channel, settings, limits)
    if not settings["walls"]:
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
    if process.user:
        end(process.user)
    elif process.scratch is None:
        os.kill(process.pid, signal.SIGKILL)
    else:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    # Process 1 of a namespace can be waited for when all others in it are gone.
    os.waitpid(process.pid, 0)
    if process.scratch is not None:
        clear(process.scratch)


def clear(folder: str) -> None:
    """Remove a folder; what is nested too deep for that stays, until the sandbox ends."""
    with contextlib.suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)


def start_as(
    user: int,
    control: socket.socket,
    channel: int,
    settings: dict[str, Any],
    limits: dict[str, Any],
) -> Forked:
    """Fork a process for a submission that becomes this user; nobody else can enter its folder."""
    around = f"/scratch/{user}"
    os.mkdir(around)
    os.chown(around, 0, user)
    os.chmod(around, 0o710)
    scratch = f"{around}/own"
    os.mkdir(scratch, 0o700)
    os.chown(scratch, user, user)
    process = os.fork()
    if process == 0:
        try:
            os.setsid()
            become(user, user)
            serve(control, channel, scratch, limits, settings)
        except OSError:
            traceback.print_exc()  # the other side shows its last line
        finally:
            os._exit(1)
    os.close(channel)
    return Forked(process, around, user, limits["scratch"])


def become(user: int, owner: int) -> None:
    """Act as a user, without groups and capabilities, for ever; only `owner` can signal it."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(owner, user, owner)
    drop()
    if 0 in (user, owner) or os.getresuid() != (owner, user, owner):
        raise PermissionError("the user stays the same")


def end(user: int) -> None:
    """Kill all processes of a user, at one stroke.

    It is done with the rights of this user, so it meets no other; and by the next one, which
    nothing runs as, so none of these processes can be faster and kill it.
    """
    helper = os.fork()
    if helper == 0:
        try:
            become(user, user + 1)
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            os._exit(0)
        finally:
            os._exit(1)
    if os.waitpid(helper, 0)[1]:
        raise ChildProcessError(f"the processes of {user} could not be ended")


def watch(process: Forked) -> None:
    """End a submission's processes when they have written too much: their disk has no bounds."""
    if process.scratch and too_much(process.scratch, process.room):
        end(process.user)
        clear(process.scratch)


def too_much(folder: str, room: int) -> bool:
    """Return whether there are too many files in a folder, too much in them, or too deep ones."""
    entries, folders = 0, [folder]
    while folders:
        try:
            with os.scandir(folders.pop()) as found:
                for entry in found:
                    entries += 1
                    with contextlib.suppress(FileNotFoundError):  # gone meanwhile
                        room -= 512 * entry.stat(follow_symlinks=False).st_blocks
                    if entries > ENTRIES or room < 0:
                        return True
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:  # the name is too long
            return True
    return False


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
    drop()


def drop() -> None:
    """Give up all capabilities."""
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
        os.dup2(1, 2)  # whoever started the supervisor gave it nothing to read and write
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
        if settings["walls"]:
            seccomp.confine(alone=settings["walls"] == "namespaces")
        sock.send(b"+")  # from here on the other side knows who this is
        Student(sock, settings["modules"]).serve()
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
