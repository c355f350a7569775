"""One sandbox: the call of bubblewrap, and how a submission's process in it starts and ends."""

import dataclasses
import functools
import importlib.metadata
import importlib.util
import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from packaging.requirements import Requirement

from lstm_grade.box import seccomp, wire
from lstm_grade.box.rules import Limits

PACKAGE = Path(__file__).parents[1]
INSIDE = ("__init__.py", "box/__init__.py", "box/wire.py", "box/inside.py", "box/student.py")
BOOT = "import sys; sys.path[:0] = {}; from lstm_grade.box.inside import main; main()"
# Part of every notebook's surroundings: `from IPython.display import display` works.
SURROUNDINGS = ("IPython",)
INTERPRETER = os.path.realpath(sys._base_executable)
LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo")
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
ENVIRONMENT = {
    **{"HOME": "/scratch", "TMPDIR": "/scratch", "MPLBACKEND": "agg", "LC_ALL": "C.UTF-8"},
    **{"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
}
START_SECONDS = 120

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


class SandboxError(Exception):
    """No submission can be executed; the text says why and what to do."""


class Sandbox:
    """A warm process in bubblewrap, from which each submission's process is forked.

    Parameters
    ----------
    modules : tuple of str
        What can be imported besides the standard library.
    preload : tuple of str
        Those of them that are imported at once.
    unsafe : bool
        A plain process instead, which can do whatever the caller can.

    Raises
    ------
    SandboxError
        If there is no bubblewrap, or it is refused.
    """

    def __init__(self, modules, preload=(), unsafe=False):
        self.key = (modules, preload, unsafe)
        self.process = None
        self.control, theirs = socket.socketpair()
        self.errors = tempfile.TemporaryFile()
        try:
            with theirs, tempfile.TemporaryFile() as calls:
                calls.write(seccomp.program())
                calls.seek(0)
                if unsafe:
                    command = [sys.executable, "-c", BOOT.format([str(PACKAGE.parent)])]
                else:
                    command = bubblewrap(modules, calls.fileno())
                settings = {"modules": modules, "preload": preload, "namespaces": not unsafe}
                self.process = subprocess.Popen(
                    [*command, str(theirs.fileno()), json.dumps(settings)],
                    pass_fds=[theirs.fileno(), calls.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=self.errors,
                    cwd="/",
                )
            wire.receive(self.control, time.monotonic() + START_SECONDS)
            # Some machines let bubblewrap start and refuse the namespaces of a submission.
            self.start(Limits()).close()
            self.stop()
        except (wire.Closed, wire.WireError, TimeoutError):
            self.errors.seek(0)
            lines = self.errors.read().decode("utf-8", "replace").strip().splitlines()
            self.close()
            raise SandboxError(REFUSED.format(reason=(lines or ["it says nothing"])[-1])) from None
        except BaseException:
            self.close()
            raise

    def start(self, limits):
        """Start a submission's process, without what an earlier one left; return its socket."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                deadline = time.monotonic() + START_SECONDS
                order = {"do": "start", "limits": dataclasses.asdict(limits)}
                wire.send(self.control, order, deadline=deadline)
                socket.send_fds(self.control, [b"+"], [theirs.fileno()])
                wire.receive(self.control, deadline)
        except BaseException:
            ours.close()
            raise
        return ours

    def stop(self):
        """Kill the submission's process and everything it started."""
        deadline = time.monotonic() + START_SECONDS
        wire.send(self.control, {"do": "stop"}, deadline=deadline)
        wire.receive(self.control, deadline)

    def close(self):
        """End the sandbox and everything in it."""
        self.control.close()
        self.errors.close()
        if not self.process:
            return
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def bubblewrap(modules, calls):
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
    files = visible(modules)
    # When memory runs out, the kernel then ends the sandbox before anything else.
    first = ["choom", "-n", "1000", "--"] if shutil.which("choom") else []
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
        # What is installed next to the interpreter is for whoever installed it.
        *_each("--tmpfs", _installed()),
        *_each("--dev-bind", [(device, device) for device in DEVICES]),
        *("--size", str(16 << 20), "--tmpfs", "/scratch"),
        *("--remount-ro", "/", "--chdir", "/scratch"),
        *_each("--setenv", ENVIRONMENT.items()),
        *("--seccomp", str(calls)),
        "--",
        *(INTERPRETER, "-I", "-S", "-c", BOOT.format(["/grader", "/packages"])),
    ]


def _unprivileged(program, files):
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
    return [
        *(program, "--die-with-parent", "--cap-add", "ALL"),
        *_mounts({**files, program: program, setpriv: setpriv}),
        *("--perms", "1777", "--dir", "/tmp", "--proc", "/proc", "--dev-bind", "/dev", "/dev"),
        "--",
        *(setpriv, "--reuid", user, "--regid", user, "--clear-groups", "--"),
    ]


@functools.cache
def visible(modules):
    """Return the files that can be seen in the sandbox, as {place there: path here}.

    They are the C libraries, the interpreter with its standard library, the
    packages of `modules` with what those require, and the files of this
    package that run there. Of the distribution this package comes in, a module
    brings itself alone: its neighbours are the checks.
    """
    places = [*LIBRARIES, INTERPRETER, str(Path(sys.base_prefix, "lib"))]
    files = {place: place for place in places if os.path.exists(place)}
    files |= {f"/grader/lstm_grade/{name}": str(PACKAGE / name) for name in INSIDE}
    distributions = set()
    for module in (*SURROUNDINGS, *modules):
        found = importlib.util.find_spec(module)
        if not found:
            raise SandboxError(f"Students may import {module} here, but it is not installed.")
        path = Path((found.submodule_search_locations or [found.origin])[0])
        files[f"/packages/{path.name}"] = str(path.resolve())
        distributions |= _required(_distribution(module))
    for distribution in map(importlib.metadata.distribution, distributions):
        names = _top_level(distribution) - {"..", "__pycache__"}
        for name in names if PACKAGE.name not in names else ():
            path = Path(distribution.locate_file(name)).resolve()
            if not name.startswith("__editable__") and not name.endswith(".pth"):
                files.setdefault(f"/packages/{name}", str(path))
    return files


def _distribution(module):
    """Return the name under which a module is installed; None for one in a plain folder."""
    try:
        return importlib.metadata.distribution(module).name
    except importlib.metadata.PackageNotFoundError:
        return importlib.metadata.packages_distributions().get(module, [None])[0]


def _top_level(distribution):
    """Return what a distribution has installed; one from a source tree lists tests there too."""
    record = distribution.read_text("RECORD")
    if record is None:
        return set((distribution.read_text("top_level.txt") or "").split())
    return {re.split("[/,]", line, maxsplit=1)[0] for line in record.splitlines()}


def _required(name, found=()):
    """Return the names of a distribution and of all that it requires."""
    found = {*found}
    try:
        requirements = importlib.metadata.requires(name) or () if name else ()
    except importlib.metadata.PackageNotFoundError:
        return found
    if name and name not in found:
        found.add(name)
        for requirement in map(Requirement, requirements):
            if not requirement.marker or requirement.marker.evaluate({"extra": ""}):
                found |= _required(requirement.name, found)
    return found


def _installed():
    """Return the folders of packages that lie within the interpreter's own."""
    library = Path(sys.base_prefix, "lib")
    folders = [*library.glob("python3*/*-packages"), *Path("/usr/lib").glob("python3*/*-packages")]
    return [(str(folder),) for folder in dict.fromkeys(folders)]


def _mounts(files):
    """Return the options that show files read-only; folders above them can be entered."""
    parents = {parent for place in files for parent in Path(place).parents if parent != Path("/")}
    options = []
    for folder in sorted(parents):
        if not any(folder.is_relative_to(place) for place in files):
            options += ["--perms", "0755", "--dir", str(folder)]
    for place, path in files.items():
        options += ["--ro-bind", path, place]
    return options


def _each(option, arguments):
    return [word for words in arguments for word in (option, *words)]
