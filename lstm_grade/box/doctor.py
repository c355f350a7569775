"""What this machine can do for grading, proved by trying each attack."""

import os
import platform
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from nbformat import v4

from lstm_grade.box.rules import Limits, Rules
from lstm_grade.box.split import Executor, SandboxError

PREPARE = """
import ctypes, os, resource, signal, socket, threading, time
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
    "open a user namespace": "check(libc.unshare(0x10000000))",
    "mount": "check(libc.mount(b'none', b'/scratch', b'tmpfs', 0, None))",
    "keep memory that is no process's": "check(libc.shmget(0, 4096, 0o1600) + 1 == 0)",
    "start 1,000 processes": "for _ in range(1000):\n    os.fork() or time.sleep(9)",
    "start 1,000 threads": "for _ in range(1000):\n"
    "    threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
    "take 8 GB of memory": "x = bytearray(8 << 30)",
    "write 1 GB": "for n in range(1000):\n    open(str(n), 'wb').write(bytes(1 << 20))",
    "make 100,000 files": "for n in range(100_000):\n    open(str(n), 'w').close()",
    "lift its limits": "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    "run for ever": "while True:\n    pass",
    "sleep for ever": "signal.pthread_sigmask(0, range(1, 65))\nwhile True:\n    time.sleep(9)",
}


def doctor(unsafe=False):
    """Print what this machine can do and try each attack in a sandbox.

    Parameters
    ----------
    unsafe : bool
        Try them without a sandbox, to see what that risks. Only on a machine
        that you can do without.

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
        tempfile.NamedTemporaryFile("w", suffix=".txt") as mine,
        Executor(unsafe) as executor,
    ):
        mine.write("not for students")
        mine.flush()
        facts = {
            "port": server.getsockname()[1],
            "mine": mine.name,
            "course": os.getcwd(),
            "home": str(Path.home()),
            "package": str(Path(__file__).parents[1]),
            "pid": os.getppid() if os.getppid() > 1000 else os.getpid(),
        }
        rules = Rules(
            modules=("numpy",),
            preload=("numpy",),
            limits=Limits(memory=1 << 30, cell=3, scratch=16 << 20, notebook=600),
        )
        try:
            began = time.monotonic()
            executor.warm(rules)
        except SandboxError as error:
            print(error)
            return False
        print(f"a sandbox starts in {time.monotonic() - began:.2f} s\n")
        holes = [name for name in ATTACKS if not _refused(executor, rules, name, facts)]
        began = time.monotonic()
        for _ in range(20):
            executor.run(v4.new_notebook(cells=[v4.new_code_cell("1")]), rules, **WHO)
        each = (time.monotonic() - began) / 20
    print(f"\na submission's own process costs {each * 1000:.0f} ms")
    print(f"HOLES: {', '.join(holes)}" if holes else "Every attack failed: this machine can grade.")
    return not holes


WHO = {"student": "doctor", "assignment": "doctor"}


def _refused(executor, rules, name, facts):
    """Try an attack, print what came of it and return whether it failed."""
    source = PREPARE + ATTACKS[name].format(**facts)
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source)])
    outputs = executor.run(notebook, rules, **WHO).notebook.cells[0].outputs
    errors = [output for output in outputs if output.output_type == "error"]
    why = f"{errors[0].ename}: {errors[0].evalue}" if errors else "IT WORKED"
    print(f"{name:34} {'refused' if errors else 'HOLE':8} {why:.80}", flush=True)
    return bool(errors)
