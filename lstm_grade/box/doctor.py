"""What this machine can do for grading, proved by trying each attack."""

import dataclasses
import os
import platform
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, v4

from lstm_grade.box.rules import Limits, Rules
from lstm_grade.box.split import Executor, SandboxError

PREPARE = """
import ctypes, os, resource, signal, socket, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def check(result):
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
"""

# What is tried, and the cell that tries it. Done without an error it has worked: a hole.
ATTACKS = {
    "connect to this machine": "socket.create_connection(('127.0.0.1', {port}), 2)",
    "connect to the network": "socket.create_connection(('192.0.2.1', 80), 2)",
    "ask for an address": "socket.getaddrinfo('example.org', 80)",
    "read your files": "open({mine!r}).read()",
    "list the course": "os.listdir({course!r})",
    # An interpreter that is installed there leaves an empty way to it.
    "list your home": "names = os.listdir({home!r})\nassert len(names) > 1, names",
    "read lstm_grade's other files": "open({package!r} + '/trusted.py')",
    "see processes": "os.listdir('/proc')",
    "write where it runs": "open('/x', 'w')",
    "write to packages": "open('/packages/x', 'w')",
    "write to your files": "open({mine!r}, 'a')",
    "run a program": "os.execv('/bin/sh', ['sh'])",
    "signal a process of yours": "os.kill({pid}, 0)",
    "trace its parent": "check(libc.ptrace(16, 0, 0, 0) + 1 == 0)",
    "become root": "os.setuid(0)",
    "start Python anew": "os.execv(sys.executable, [sys.executable, '-c', '1'])",
    "open sockets of any other family": "opened = []\n"
    "for family in range(2, 50):\n    for kind in (1, 2, 3, 5):\n        try:\n"
    "            opened.append(socket.socket(family, kind))\n        except OSError: pass\n"
    "assert opened",
    "find a socket of yours by its name": "socket.socket(1).connect({name!r})",
    "write to a socket of yours": "a, b = socket.socketpair(1, socket.SOCK_DGRAM)\n"
    "a.sendto(b'x', {name!r})",
    "read the memory of a process": "open('/proc/{pid}/mem', 'rb')",
    "read a process's environment": "open('/proc/{pid}/environ').read()",
    "send out of band": "socket.socketpair()[0].send(b'x', socket.MSG_OOB)",
    "type into a terminal": "check(libc.ioctl(0, 0x5412, b'x'))",
    # clone3 for a namespace, and the calls that most of the kernel's holes were in
    "make other system calls": "for number in {calls}:\n"
    "    if libc.syscall(number, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() not in (1, 38):\n"
    "        break\nelse:\n    raise PermissionError('all of them')",
    "let its memory be read": "check(libc.prctl(4, 1, 0, 0, 0))",
    "open a user namespace": "check(libc.unshare(0x10000000))",
    "mount": "check(libc.mount(b'none', b'/scratch', b'tmpfs', 0, None))",
    "keep memory that is no process's": "check(libc.shmget(0, 4096, 0o1600) + 1 == 0)",
    "start 1,000 processes": "for _ in range(1000):\n    os.fork() or time.sleep(9)",
    "start 1,000 threads": "for _ in range(1000):\n"
    "    threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
    "take 8 GB of memory": "x = bytearray(8 << 30)",
    "write 1 GB to shared memory": "for n in range(1000):\n"
    "    open(f'/dev/shm/{{n}}', 'wb').write(bytes(1 << 20))",
    "write 1 GB": "for n in range(1000):\n    open(str(n), 'wb').write(bytes(1 << 20))",
    "make 100,000 files": "for n in range(100_000):\n    open(str(n), 'w').close()",
    "lift its limits": "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    "run for ever": "while True:\n    pass",
    "sleep for ever": "signal.pthread_sigmask(0, range(1, 65))\nwhile True:\n    time.sleep(9)",
}


# ptrace, process_vm_readv, unshare, setns, mount, pivot_root, keyctl, bpf, perf_event_open,
# userfaultfd, io_uring_setup, memfd_create, vmsplice, personality, open_by_handle_at,
# pidfd_getfd, clone3, shmget, msgget, mq_open, kexec_load, init_module, seccomp, chroot
CALLS = [
    *(101, 310, 272, 308, 165, 155, 250, 321, 298, 323, 425, 319, 278, 135, 304),
    *(438, 435, 29, 68, 240, 246, 175, 317, 161),
]

# What is tried on the tests: what the function `f` returns, and a test that must not pass.
ANSWERS = {
    "tell NumPy where to read": (
        "types.SimpleNamespace(__array_interface__={'data': (4096, False), 'shape': (9,), "
        "'typestr': '<f8', 'version': 3})",
        "np.add(f(), 1.0)",
    ),
    "pass nan for a number": (
        "np.full(3, np.nan)",
        "assert not (np.abs(f() - np.ones(3)) > 1e-9).any()",
    ),
    "be equal to everything": (
        "type('Liar', (), {'__eq__': lambda *a: True, '__array__': lambda *a: np.ones(3)})()",
        "assert f() == 1",
    ),
    "keep the tests busy": (
        "[{n * (2**61 - 1): 0 for n in range(1, 2000)} for _ in range(50)]",
        "f()",
    ),
}


def doctor(unsafe: bool = False, user: bool = False) -> bool:
    """Print what this machine can do and try each attack in a sandbox.

    Parameters
    ----------
    unsafe : bool
        Try them without a sandbox, to see what that risks. Only on a machine
        that you can do without.
    user : bool
        Where namespaces are refused, try them on a user of its own.

    Returns
    -------
    bool
        Whether every attack failed.
    """
    print(
        f"{platform.system()} {platform.release()}, {platform.machine()}, cores: {os.cpu_count()}"
    )
    program = shutil.which("bwrap")
    version = (
        subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip()
        if program
        else "no bubblewrap"
    )
    print(version)
    if os.getuid() == 0:
        print("You are root: submissions run as a user without rights.")
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagrams,
        tempfile.NamedTemporaryFile("w", suffix=".txt") as mine,
        Executor(unsafe) as executor,
    ):
        mine.write("not for students")
        mine.flush()
        name = f"\0lstm-grade-{os.getpid()}"
        for named in (stream, datagrams):
            named.bind(name)
        stream.listen()
        facts = {
            "name": name,
            "port": server.getsockname()[1],
            "mine": mine.name,
            "course": os.getcwd(),
            "home": str(Path.home()),
            "package": str(Path(__file__).parents[1]),
            "pid": os.getppid() if os.getppid() > 1000 else os.getpid(),
            "calls": CALLS,
        }
        rules = Rules(
            modules=("numpy",),
            preload=("numpy",),
            limits=Limits(memory=1 << 30, cell=3, scratch=16 << 20, notebook=600),
            user=user,
        )
        try:
            began = time.monotonic()
            bounds = executor.warm(rules)
        except SandboxError as error:
            print(error)
            return False
        print(f"a sandbox starts in {time.monotonic() - began:.2f} s")
        print(bounds)
        if not os.path.exists("/proc/self/schedstat"):
            print("this kernel does not say how long a process waits: time is that on the wall")
        print()
        holes = [name for name in ATTACKS if not _refused(executor, rules, name, facts)]
        holes += [name for name in ANSWERS if not _unbelieved(executor, rules, name)]
        began = time.monotonic()
        for _ in range(20):
            _run(executor, rules, "1")
        each = (time.monotonic() - began) / 20
    print(f"\na submission's own process costs {each * 1000:.0f} ms")
    print(f"HOLES: {', '.join(holes)}" if holes else "Every attack failed: this machine can grade.")
    return not holes


WHO: Any = {"student": "doctor", "assignment": "doctor"}


def _run(executor: Executor, rules: Rules, source: str) -> list[NotebookNode]:
    """Return the outputs of a cell."""
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source)])
    report = executor.run(notebook, rules, **WHO)
    return report.notebook.cells[0].outputs


def _refused(executor: Executor, rules: Rules, name: str, facts: dict[str, Any]) -> bool:
    """Try an attack, print what came of it and return whether it failed."""
    return _said(name, _run(executor, rules, PREPARE + ATTACKS[name].format(**facts)))


def _unbelieved(executor: Executor, rules: Rules, name: str) -> bool:
    """Try an answer on a test, print what came of it and return whether the test failed."""
    value, test = ANSWERS[name]
    test = f"import numpy as np\n{test}"
    cells = [v4.new_code_cell(f"import numpy as np, types\ndef f():\n    return {value}")]
    cells.append(v4.new_code_cell(test, metadata={"nbgrader": {"grade_id": "test"}}))
    rules = dataclasses.replace(rules, tests={"test": test}, exports=("f",))
    report = executor.run(v4.new_notebook(cells=cells), rules, **WHO)
    return _said(name, report.notebook.cells[1].outputs)


def _said(name: str, outputs: list[NotebookNode]) -> bool:
    errors = [output for output in outputs if output.output_type == "error"]
    why = f"{errors[0].ename}: {errors[0].evalue}" if errors else "IT WORKED"
    print(f"{name:34} {'refused' if errors else 'HOLE':8} {why:.80}", flush=True)
    return bool(errors)
