"""What runs in the sandbox: a supervisor, and one process of it for each submission.

The supervisor imports the assignment's modules once and then only waits. For
a submission it forks a process into its own process, mount and IPC namespaces,
with an empty scratch: when that process ends, the kernel ends everything it
started and drops everything it wrote.

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

from lstm_grade.box import wire
from lstm_grade.box.student import Student

# From <sched.h>, <sys/mount.h>, <sys/prctl.h> and <linux/capability.h>.
CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWPID = 0x20000, 0x8000000, 0x20000000
MS_NOSUID, MS_NODEV, MS_REC, MS_PRIVATE = 0x2, 0x4, 0x4000, 0x40000
PR_SET_NO_NEW_PRIVS, PR_SET_DUMPABLE = 38, 4
CAPABILITY_VERSION_3 = 0x20080522


def main():
    """Serve until the control socket closes; arguments: its descriptor, settings as JSON."""
    control = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[2])
    for number in (signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    for module in settings["preload"]:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()  # a forked process then copies fewer pages
    wire.send(control, {"ready": True})
    process = None
    while True:
        try:
            order, _ = wire.receive(control)
        except wire.Closed:
            if process:
                stop(process, settings)
            os._exit(0)
        if order["do"] == "start":
            _, (channel,), _, _ = socket.recv_fds(control, 1, 1)
            process = start(control, channel, settings, order["limits"])
            wire.send(control, {"pid": process})
        else:
            if process:
                stop(process, settings)
            process = None
            wire.send(control, {"stopped": True})


def start(control, channel, settings, limits):
    """Fork the process of a submission and return its id."""
    if not settings["namespaces"]:
        scratch = tempfile.mkdtemp(prefix="scratch-")
        process = os.fork()
        if process == 0:
            os.setsid()
            serve(control, channel, scratch, limits, settings["modules"])
        os.close(channel)
        settings["scratch"] = scratch
        return process

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
            serve(control, channel, "/scratch", limits, settings["modules"])
        except OSError:
            traceback.print_exc()  # the other side shows its last line
        finally:
            os._exit(1)
    os.waitpid(first, 0)
    os.close(writing)
    os.close(channel)
    process = os.read(reading, 20)
    os.close(reading)
    if not process:
        os._exit(1)  # no namespaces: whoever asked makes a new sandbox
    return int(process)


def stop(process, settings):
    """Kill a submission's process, and with it its namespaces."""
    if settings["namespaces"]:
        os.kill(process, signal.SIGKILL)
    else:
        try:
            os.killpg(process, signal.SIGKILL)
        except ProcessLookupError:
            pass
    # Process 1 of a namespace can be waited for when all others in it are gone.
    os.waitpid(process, 0)
    if not settings["namespaces"]:
        shutil.rmtree(settings["scratch"], ignore_errors=True)


def call(function, *arguments):
    """Call a function of libc and raise what went wrong."""
    if getattr(libc(), function)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")


def libc():
    """Return the C library; Python 3.11 has no unshare and no mount."""
    return ctypes.CDLL(None, use_errno=True)


def isolate(limits):
    """Give this process its own mounts and IPC objects, and no capability to change them."""
    call("unshare", CLONE_NEWNS | CLONE_NEWIPC)
    call("mount", b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    options = f"size={limits['scratch']},nr_inodes=4096,mode=700".encode()
    call("mount", b"tmpfs", b"/scratch", b"tmpfs", MS_NOSUID | MS_NODEV, options)
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    call("capset", header, (ctypes.c_uint32 * 6)())


def serve(control, channel, scratch, limits, modules):
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
        # One more than is kept: so the other side sees that it has to cut.
        Student(socket.socket(fileno=channel), limits["output"] + 1, modules).serve()
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
