"""No cheat gains a point, nothing leaves the sandbox, and every honest student gets full marks."""

import ast
import dataclasses
import importlib
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from lstm_grade.box import visible
from lstm_grade.box.sandbox import DEVICES
from tests.grading.conftest import HURRIED, POINTS, RULES, outputs, points, shown
from tests.grading.hostile import CHEATS, HONEST, RIGHT, RUINOUS, WRONG

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", HONEST)
def test_honest_submissions_get_full_marks(run, name):
    report = run({"forget_gate": HONEST[name]})
    assert points(report) == POINTS, shown(report, "test_forget_gate")
    assert report.odd == []


@pytest.mark.parametrize("name", [*CHEATS, *RUINOUS])
def test_cheats_gain_nothing(run, executor, name):
    rules = dataclasses.replace(RULES, limits=HURRIED)
    executor.warm(rules)
    idle = running(executor)
    report = run({"forget_gate": {**CHEATS, **RUINOUS}[name]}, rules)
    found = points(report)
    assert found.pop("forget_gate") == 0
    # Some ruin what else is in their process: that is their own loss.
    assert name in RUINOUS or sum(found.values()) == 25, report.odd
    assert nbformat.validate(report.notebook) is None
    assert len(nbformat.writes(report.notebook).encode()) < 2_000_000  # two cells call it
    # Whoever comes next finds nothing of it.
    assert running(executor) == idle
    looks = "import os\nimport numpy as np\nprint(os.listdir('.'), os.getpid())"
    after = run({"setup": looks}, rules)
    assert points(after) == POINTS
    assert after.odd == []
    assert shown(after, "setup") == "[] 1\n"


def running(executor):
    """Count the processes that grade, and all that they started."""
    pids, found = [executor.worker.pid], 0
    while pids:
        found += 1
        for children in Path(f"/proc/{pids.pop()}/task").glob("*/children"):
            pids += children.read_text().split()
    return found


def test_tests_of_a_submission_are_never_executed(run, tmp_path):
    canary = tmp_path / "canary"
    attack = f"open({str(canary)!r}, 'w').write('x')"

    def change(notebook):
        by_id = {cell.id: cell for cell in notebook.cells}
        by_id["test_forget_gate"].source = attack
        unknown = nbformat.v4.new_code_cell(attack, id="unknown")
        unknown.metadata["nbgrader"] = {"grade": True, "locked": True, "points": 99}
        strange = nbformat.v4.new_code_cell(attack, id="strange")
        strange.metadata["nbgrader"] = {
            **by_id["test_forget_gate"].metadata.nbgrader,
            "grade_id": "forget_gate",
        }
        notebook.cells += [unknown, strange]

    report = run({"forget_gate": WRONG}, change=change)
    assert points(report)["forget_gate"] == 0
    assert not canary.exists()
    assert report.odd == ["test test_forget_gate was changed; its own text was used"]


def test_metadata_is_the_tests_own(run):
    def change(notebook):
        for cell in notebook.cells:
            cell.metadata["lstm_grade"] = {"mistake": None}

    report = run({"forget_gate": WRONG}, change=change)
    found = {
        c.id: c.metadata["lstm_grade"] for c in report.notebook.cells if "lstm_grade" in c.metadata
    }
    assert list(found) == ["test_forget_gate"]
    assert found["test_forget_gate"]["mistake"]


def test_what_can_be_seen(run, tmp_path, monkeypatch):
    """Neither the course, nor who grades it, nor the machine."""
    monkeypatch.setenv("GRADING_TOKEN", "canary")
    mine = tmp_path / "mine"
    mine.write_text("canary")
    paths = [
        ROOT / "solutions",
        ROOT / "lstm_check",
        ROOT / "lstm_ref",
        ROOT / "lstm_grade" / "trusted.py",
        mine,
        Path.home() / ".bashrc",
        *map(Path, ("/proc", "/sys", "/etc/passwd", "/tmp", "/home", "/run", "/var", "/bin/sh")),
    ]
    code = f"""
import os, sys
for path in {[str(path) for path in paths]}:
    for way in (path, "../" * 30 + path, "/dev/../" + path):
        print(*[way] * os.path.exists(way), end="")
print("GRADING_TOKEN" in os.environ, "LSTM_GRADE_SEED" in os.environ, os.getuid())
print([name for name in sys.modules if name.startswith(("lstm_", "nbgrader", "nbformat"))])
for module in ("lstm_ref", "lstm_check", "nbgrader", "torch", "requests", "lstm_grade.box.trusted"):
    try:
        __import__(module)
        print(module)
    except ImportError:
        pass
"""
    report = run({"setup": code + "import numpy as np"}, secret=b"secret")
    seen = shown(report, "setup")
    assert seen.splitlines()[0] == "False False 1000"
    inside = (
        "lstm_grade",
        "lstm_grade.box",
        "lstm_grade.box.frames",
        "lstm_grade.box.inside",
        "lstm_grade.box.seccomp",
        "lstm_grade.box.student",
        "lstm_grade.box.wire",
    )
    assert set(ast.literal_eval(seen.splitlines()[1])) == set(inside)
    assert len(seen.splitlines()) == 2
    assert points(report) == POINTS


def test_of_the_machine_only_what_is_linked_can_be_seen(run):
    code = """
import os
import numpy as np
for where, folders, files in os.walk("/", followlinks=False):
    folders[:] = [name for name in folders if os.path.join(where, name) not in PLACES]
    for name in files:
        print(os.path.join(where, name))
"""
    places = visible.visible(RULES.modules)
    report = run({"setup": code.replace("PLACES", repr(set(places)))})
    seen = set(shown(report, "setup").splitlines())
    assert seen <= {*places, *DEVICES}
    libraries = [place for place in seen if ".so" in place and "python" not in place]
    installed = sum(1 for _ in Path("/usr/lib").rglob("*.so*"))
    assert 5 < len(libraries) < min(60, installed)


def test_each_part_of_the_standard_library_can_be_imported(run):
    """As far as it can here: so nothing that it links is missing."""
    code = """
import importlib, sys
import numpy as np
missing = []
for name in NAMES:
    try:
        importlib.import_module(name)
    except ImportError as error:
        missing.append(f"{name}: {error}")
print(*missing, sep=chr(10))
"""
    names = [name for name in sys.stdlib_module_names if name not in ("antigravity", "this")]
    # Windows of its own: see visible.UNUSABLE; the others are not imported here either.
    names = [name for name in names if name not in ("_tkinter", "tkinter", "turtle", "idlelib")]
    here = [name for name in names if importable(name)]
    assert len(here) > 200
    assert shown(run({"setup": code.replace("NAMES", repr(here))}), "setup") == "\n"


def importable(name):
    command = [sys.executable, "-c", f"import {name}"]
    return importlib.util.find_spec(name) is not None and (
        name not in FRAGILE or subprocess.run(command, capture_output=True).returncode == 0
    )


# These may be found and still not work on the machine that runs the tests.
FRAGILE = {"_curses", "_curses_panel", "curses", "_dbm", "_gdbm", "_sqlite3", "sqlite3", "_ssl"}
FRAGILE |= {
    "ssl",
    "_lzma",
    "lzma",
    "_bz2",
    "bz2",
    "readline",
    "_uuid",
    "_ctypes",
    "nis",
    "ossaudiodev",
}


def test_standard_library_names_among_the_modules_do_no_harm(run):
    rules = dataclasses.replace(RULES, modules=("numpy", "time", "os", "json", "_abc"))
    report = run({"setup": "import json, time\nimport numpy as np"}, rules)
    assert points(report) == POINTS


def test_multiprocessing_works(run):
    code = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
import numpy as np
with multiprocessing.Pool(2) as pool:
    print(pool.map(abs, [-1, -2]))
with ProcessPoolExecutor(2) as pool:
    print(list(pool.map(abs, [-3, -4])))
queue = multiprocessing.Queue()
process = multiprocessing.Process(target=queue.put, args=(5,))
process.start()
print(queue.get(timeout=5))
process.join()
"""
    report = run({"setup": code})
    assert shown(report, "setup") == "[1, 2]\n[3, 4]\n5\n"
    assert points(report) == POINTS


def test_refused_imports_say_what_may_be_imported(run):
    report = run({"setup": "import numpy as np\nimport torch"})
    assert (
        "No module named 'torch'. "
        "When graded, import only numpy, matplotlib and the standard library."
    ) in shown(report, "setup")


def test_modules_of_the_assignment(run):
    rules = dataclasses.replace(RULES, modules=("numpy", "lstm_ref"), preload=("numpy",))
    code = "import numpy as np, lstm_ref\nprint(lstm_ref.sigmoid(0.0))\nimport lstm_check"
    report = run({"setup": code}, rules)
    assert shown(report, "setup").startswith("0.5")
    assert "No module named 'lstm_check'" in shown(report, "setup")


ESCAPES = {
    "write to the packages": "open(np.__file__, 'a')",
    "write to the standard library": "open(os.__file__, 'a')",
    "write to the root": "open('/x', 'w')",
    "write to the devices": "open('/dev/x', 'w')",
    "write to the code that runs it": "open('/grader/lstm_grade/box/wire.py', 'a')",
    "new user namespace": "check(libc.unshare(0x10000000))",
    "new mount namespace": "check(libc.unshare(0x20000))",
    "mount": "check(libc.mount(b'none', b'/scratch', b'tmpfs', 0, None))",
    "unmount": "check(libc.umount2(b'/scratch', 2))",
    "mount proc": "check(libc.mount(b'none', b'/scratch', b'proc', 0, None))",
    "become root": "os.setuid(0)",
    "chroot": "os.chroot('/scratch')",
    "more memory": "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    "more processes": "resource.setrlimit(resource.RLIMIT_NPROC, (10**6, 10**6))",
    "a higher priority": "os.nice(-5)",
    "host name": "check(libc.sethostname(b'x', 1))",
    "a device": "os.mknod('d', 0o60600, os.makedev(8, 0))",
    "trace the supervisor": "check(libc.ptrace(16, 0, 0, 0) or libc.ptrace(16, 2, 0, 0))",
    "memory of nobody": "check(libc.shmget(0, 4096, 0o1600) + 1 == 0)",
    "a memory file": "os.memfd_create('x')",
    "keyrings": "check(libc.syscall(250, 0, -4, 1) < 0)",
    "a terminal": "open('/dev/tty')",
    "a shell": "subprocess.run(['/bin/sh', '-c', 'id'], check=True)",
}


@pytest.mark.parametrize("name", ESCAPES)
def test_ways_out_are_closed(run, name):
    code = f"""
import ctypes, os, resource, subprocess
import numpy as np
libc = ctypes.CDLL(None, use_errno=True)
def check(result):
    if result:
        raise OSError(ctypes.get_errno(), "refused")
{ESCAPES[name]}
print("escaped")
"""
    report = run({"setup": code})
    assert "escaped" not in shown(report, "setup")
    assert outputs(report, "setup")[-1].ename in (
        *("PermissionError", "OSError", "FileNotFoundError", "ValueError", "ProcessLookupError"),
    )


def test_nothing_is_connected(run):
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as unix:
        server.settimeout(0.2)
        unix.bind("\0lstm-grade-canary")
        unix.listen()
        unix.settimeout(0.2)
        code = f"""
import socket
for kind, address in (
    (socket.AF_INET, ("127.0.0.1", {server.getsockname()[1]})),
    (socket.AF_INET, ("192.0.2.1", 80)),
    (socket.AF_UNIX, "\\0lstm-grade-canary"),
):
    try:
        s = socket.socket(kind)
        s.settimeout(1)
        s.connect(address)
        print("connected", address)
    except OSError:
        pass
try:
    print(socket.getaddrinfo("example.org", 80))
except OSError:
    pass
import numpy as np
"""
        report = run({"setup": code})
        assert shown(report, "setup") == ""
        for listener in (server, unix):
            with pytest.raises(TimeoutError):
                listener.accept()


def test_daemons_do_not_outlive_their_turn(run, executor):
    executor.warm(RULES)
    idle = running(executor)
    code = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            open("/scratch/alive-4c1d", "w").close()
            time.sleep(.01)
"""
    report = run({"forget_gate": code + RIGHT})
    assert points(report) == POINTS
    assert running(executor) == idle
    after = run({"setup": "import os\nimport numpy as np\nprint(os.listdir('.'))"})
    assert shown(after, "setup") == "[]\n"


def test_files_of_the_assignment_are_there_and_stay_as_they_are(run):
    files = [("data/x.csv", b"1,2\n")]
    code = """
import numpy as np, os
print(np.loadtxt("data/x.csv", delimiter=","))
try:
    open("data/x.csv", "w")
except PermissionError:
    print("read-only")
"""
    report = run({"setup": code}, files=files)
    assert shown(report, "setup") == "[1. 2.]\nread-only\n"


def test_a_dead_grader_leaves_nothing_behind(sandboxed, tmp_path):
    """When what grades is killed, so is the sandbox with all that runs in it."""
    code = """
import sys, time
from lstm_grade.box.examiner import Examiner
from lstm_grade.box.rules import Rules
from lstm_grade.box.sitting import Sitting
examiner = Examiner()
sitting = Sitting(examiner, Rules(), ())
sitting.execute("import os, time\\nif os.fork() == 0:\\n    time.sleep(600)", 1)
print("ready", examiner.sandbox.process.pid, flush=True)
time.sleep(600)
"""
    grader = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    pid = int(grader.stdout.readline().split()[1])
    grader.kill()
    grader.wait()
    grader.stdout.close()
    for _ in range(1200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.05)
    else:
        pytest.fail("the sandbox is still there")
