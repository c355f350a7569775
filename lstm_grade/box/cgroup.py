"""Bounds for a whole submission, all its processes together, where control groups are delegated.

Limits of a process hold for each process alone. The kernel counts memory,
processes and processor time of many together in a control group (version 2),
if whoever grades may make one: root in a container, or a user whose systemd
hands out scopes. Elsewhere each process has its limits, and `clock` adds up
the memory of all of them.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import shutil
import subprocess
from pathlib import Path

MOUNT = Path("/sys/fs/cgroup")
CONTROLLERS = {"memory", "pids", "cpu"}
# What the supervisor itself needs, beside the submission.
MEMORY, PROCESSES = 512 << 20, 8
ALONE = (
    "each process of a submission has its own limits, and their memory is added up as it runs: "
    "no control groups are delegated here"
)
SCOPE = "a submission's processes are bounded together: control groups, from systemd"
FOLDER = "a submission's processes are bounded together: control groups"

_number = itertools.count()


class Group:
    """The control group of one sandbox, or none.

    Parameters
    ----------
    memory : int
        Bytes of a submission.
    processes : int

    Attributes
    ----------
    command : list of str
        What starts a program within it; the program follows.
    said : str
        How a submission is bounded here.
    """

    def __init__(self, memory: int, processes: int) -> None:
        self.folder: Path | None = None
        self.command: list[str] = []
        memory, processes = memory + MEMORY, processes + PROCESSES
        self.said = how()
        if self.said == SCOPE:
            limits = (f"MemoryMax={memory}", "MemorySwapMax=0", f"TasksMax={processes}")
            words = [word for limit in (*limits, "CPUQuota=100%") for word in ("-p", limit)]
            self.command = [*scope(), *words, "--"]
        elif self.said == FOLDER:
            self.folder = own() / f"lstm-grade-{os.getpid()}-{next(_number)}"
            self.folder.mkdir()
            for name, value in {
                "memory.max": memory,
                "memory.swap.max": 0,
                "pids.max": processes,
                "cpu.max": "100000 100000",
            }.items():
                with contextlib.suppress(FileNotFoundError):  # no swap, no file for it
                    (self.folder / name).write_text(str(value))
            enter = 'echo $$ > "$0" && exec "$@"'
            self.command = ["/bin/sh", "-c", enter, str(self.folder / "cgroup.procs")]

    def close(self) -> None:
        """Remove the group; nothing runs in it any more."""
        if self.folder:
            with contextlib.suppress(OSError):
                self.folder.rmdir()


@functools.cache
def how() -> str:
    """Return how a submission can be bounded on this machine."""
    if Path("/run/systemd/system").exists():
        # systemd alone writes to the tree: it is asked for a scope.
        asked = shutil.which("systemd-run") and subprocess.run(
            [*scope(), "--", "true"], stdin=subprocess.DEVNULL, capture_output=True, timeout=30
        )
        return SCOPE if asked and asked.returncode == 0 else ALONE
    try:
        return FOLDER if _enable(own()) else ALONE
    except OSError:
        return ALONE


def scope() -> list[str]:
    """Return the command that asks systemd for a scope."""
    user = [] if os.getuid() == 0 else ["--user"]
    return ["systemd-run", *user, "--scope", "--quiet", "--collect"]


def own() -> Path:
    """Return the folder of the control group that this process is in."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        number, _, path = line.split(":", 2)
        if number == "0":
            folder = MOUNT / path.lstrip("/")
            # Moved aside by `_enable`, in this process or an earlier one.
            return folder.parent if folder.name == "lstm-grade-others" else folder
    raise FileNotFoundError("no control group of version 2")


def _enable(folder: Path) -> bool:
    """Let control groups below this one have limits; return whether they can."""
    if not CONTROLLERS <= set((folder / "cgroup.controllers").read_text().split()):
        return False
    enabled = folder / "cgroup.subtree_control"
    if CONTROLLERS <= set(enabled.read_text().split()):
        return os.access(folder, os.W_OK)
    if (folder / "cgroup.events").exists():  # it is not the root of all
        # A group with members cannot hand out limits: all members go one level down.
        others = folder / "lstm-grade-others"
        others.mkdir(exist_ok=True)
        for pid in (folder / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                (others / "cgroup.procs").write_text(pid)
    enabled.write_text(" ".join(f"+{name}" for name in sorted(CONTROLLERS)))
    return True
