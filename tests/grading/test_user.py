"""Where namespaces are refused, a submission is a user of its own: what it can do there."""

import contextlib
import dataclasses
import os
import stat
import time
from pathlib import Path

import pytest
from nbformat import v4

from lstm_grade.box import doctor, sandbox
from lstm_grade.box.rules import Rules
from lstm_grade.box.sandbox import Sandbox, SandboxError
from lstm_grade.box.split import Executor
from lstm_grade.box.user import SAID, USERS, Place
from lstm_grade.tell import gradescope
from tests.grading.conftest import LIMITS, POINTS, RULES, SOURCE, error, points, shown

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can make users")
REFUSING = "#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1\n"
TEXT = "This is nobody's to read."


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return where root folders are made; bubblewrap is refused."""
    folder = tmp_path_factory.mktemp("user")
    program = folder / "bin/bwrap"
    program.parent.mkdir()
    program.write_text(REFUSING)
    program.chmod(0o755)
    (folder / "tmp").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
        patch.setenv("TMPDIR", str(folder / "tmp"))
        yield folder / "tmp"


@pytest.fixture(scope="module")
def executor(folder):
    with Executor() as executor:
        yield executor
    assert list(folder.iterdir()) == []


@pytest.fixture
def cells(executor):
    """Execute cells, and tests of the functions they define; return the report."""

    def cells(*sources, test="", exports=("f",), limits=LIMITS):
        notebook = v4.new_notebook()
        for number, source in enumerate(sources):
            notebook.cells.append(v4.new_code_cell(source, id=f"cell{number}"))
        notebook.cells.append(v4.new_code_cell(test, id="t"))
        notebook.cells[-1].metadata["nbgrader"] = {"grade_id": "t"}
        rules = Rules(
            tests={"t": test}, exports=exports, preload=("numpy",), limits=limits, user=True
        )
        return executor.run(notebook, rules, student="ada", assignment="a")

    return cells


def running():
    """Return the ids of processes of users that only submissions have."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if process.stat().st_uid in range(USERS.start, USERS.stop) and " (zombie)" not in (
                process.joinpath("status").read_text()
            ):
                found.append(int(process.name))
    return found


def none_runs():
    """Return whether soon no such process is left: a killed one takes a moment."""
    end = time.monotonic() + 60
    while running() and time.monotonic() < end:
        time.sleep(0.05)
    return not running()


def test_right_answers_have_all_points_and_a_wrong_one_none(executor):
    rules = dataclasses.replace(RULES, user=True)
    report = executor.run(SOURCE, rules, student="ada", assignment="gates")
    assert (points(report), report.odd) == (POINTS, [])
    assert report.bounds.startswith(SAID)
    wrong = SOURCE.copy()
    wrong.cells = [cell.copy() for cell in SOURCE.cells]
    for cell in wrong.cells:
        if cell.id == "candidate":
            cell.source = "def candidate(hx, W_c, b_c):\n    return hx @ W_c.T + b_c"
    report = executor.run(wrong, rules, student="ada", assignment="gates")
    assert points(report) == {**POINTS, "candidate": 0}


def test_nobody_gets_it_who_has_not_asked_for_it(folder):
    with Executor() as executor, pytest.raises(SandboxError, match="No permissions to create"):
        executor.warm(RULES)


def test_a_notebook_cannot_ask_for_it():
    notebook = v4.new_notebook(metadata={"lstm_grade": {"exports": [], "user": True}})
    with pytest.raises(ValueError, match="user is unknown"):
        Rules.of(notebook)


def test_whoever_is_not_root_is_refused(monkeypatch):
    monkeypatch.setattr(sandbox.os, "getuid", lambda: 1000)
    with pytest.raises(SandboxError, match="would have to be root"):
        Sandbox(("numpy",), user=True)


HOSTILE = {
    "read the tests": "open({secret!r}).read()",
    "write results": "open({secret!r}, 'w')",
    "list the folder above all": "os.listdir('/../../' + {secret!r})",
    "leave the root folder": "os.chroot('.')",
    "read the environment of another process": "open(f'/proc/{{os.getppid()}}/environ').read()",
    "read the memory of another process": "open(f'/proc/{{os.getppid()}}/mem', 'rb')",
    "kill its parent": "os.kill(os.getppid(), 9)",
    "trace its parent": "check(libc.ptrace(16, os.getppid(), 0, 0) + 1 == 0)",
    "copy its parent's memory": "check(libc.syscall(310, os.getppid(), 0, 0, 0, 0, 0) + 1 == 0)",
    "open a socket": "socket.socket(socket.AF_UNIX)",
    "open one to the internet": "socket.socket(socket.AF_INET)",
    "open a pair that takes addresses": "socket.socketpair(type=socket.SOCK_DGRAM)",
    "open another such pair": "socket.socketpair(type=socket.SOCK_SEQPACKET)",
    "be another user": "os.setresuid(*[os.getuid() + 1] * 3)",
    "be root": "os.setuid(0)",
    "lower its own niceness": "os.nice(-1)",
    "write beside its folder": "open('../x', 'w')",
    "write into the grader": "open('/grader/lstm_grade/box/student.py', 'a')",
    "have what it links": "os.chmod(sys.executable, 0o777)",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_it_must_not_it_cannot(name, cells, tmp_path):
    secret = tmp_path / "results.json"
    secret.write_text(TEXT)
    report = cells(doctor.PREPARE + HOSTILE[name].format(secret=str(secret)))
    assert error(report, "cell0").ename in (
        *("PermissionError", "FileNotFoundError", "NotADirectoryError", "OSError"),
    )
    assert secret.read_text() == TEXT


def test_it_has_no_groups_and_no_open_files_but_its_own(cells):
    report = cells(
        "import os, contextlib, asyncio\n"
        "print(os.getgroups(), len({*os.getresuid(), *os.getresgid()}))",
        "found = []\nfor n in range(4096):\n    with contextlib.suppress(OSError):\n"
        "        os.fstat(n)\n        found.append(n)\nprint(len(found))",
        "asyncio.run(asyncio.sleep(0))",
    )
    assert shown(report, "cell0") == "[] 1\n"
    assert shown(report, "cell1") == "4\n"  # nothing, three times, and its channel
    assert error(report, "cell2") is None


def test_two_processes_of_a_submission_share_nothing(cells):
    """The second is made for a function that is given a right one."""
    test = (
        "user, folder = f()\n"
        "other, mine, seen = f.given(g=lambda: 0)(folder)\n"
        "assert 0 not in (user, other) and user != other and folder != mine\n"
        "assert seen == 'PermissionError', seen"
    )
    cell = (
        "import os\nos.chmod('.', 0o777)\nopen('note', 'w').write('hello')\n"
        "def g(): pass\n"
        "def f(folder=None):\n"
        "    if folder is None:\n        return os.getuid(), os.getcwd()\n"
        "    try:\n        seen = open(folder + '/note').read()\n"
        "    except OSError as error:\n        seen = type(error).__name__\n"
        "    return os.getuid(), os.getcwd(), seen\n"
    )
    report = cells(cell, test=test, exports=("f", "g"))
    assert error(report) is None, error(report)


FORKS = """
import os, time
count = 0
try:
    while True:
        if os.fork() == 0:
            os.setsid()
            while True:
                time.sleep(9)
        count += 1
except OSError:
    print(count)
"""


def test_what_it_forks_is_bounded_and_ends_with_it(cells):
    report = cells(FORKS)
    assert 0 < int(shown(report, "cell0")) < LIMITS.processes
    assert none_runs()


DAEMON = """
import os, signal, time
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            open('left', 'a').write('x')
    os._exit(0)
def f(): return 1
"""


def test_a_daemon_ends_with_it(cells):
    assert error(cells(DAEMON, test="assert f() == 1")) is None
    assert none_runs()


KILLS = """
import os
if os.fork() == 0:
    os.setsid()
    while True:
        try:
            os.kill(-1, 9)
        except OSError:
            pass
while True: pass
"""


def test_one_that_kills_all_it_may_is_killed(cells):
    """It kills its own first process, and not the one that comes for it."""
    for _ in range(3):
        report = cells(KILLS, limits=dataclasses.replace(LIMITS, cell=1))
        # What is left of it may hold the channel, and so the answer is waited for.
        assert error(report, "cell0").ename in ("DeadKernelError", "CellTimeoutError")
        assert none_runs()


def test_a_signal_by_the_way_of_a_pipe_reaches_nobody(cells):
    source = (
        "import fcntl, os\n"
        "reading, writing = os.pipe()\n"
        "fcntl.fcntl(reading, fcntl.F_SETOWN, os.getppid())\n"
        "fcntl.fcntl(reading, 10, 9)  # F_SETSIG, SIGKILL\n"
        "fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC)\n"
        "os.write(writing, b'x')\n"
        "print(os.getppid())"
    )
    first, second = cells(source), cells(source)
    assert shown(first, "cell0") == shown(second, "cell0")  # the supervisor is the same
    assert error(first, "cell0") is None


@pytest.mark.parametrize(
    "source",
    [
        "for n in range(1000):\n    open(str(n), 'wb').write(bytes(1 << 20))",
        "for n in range(1000000):\n    open(str(n), 'wb').close()",
        "import os\nwhile True:\n    os.mkdir('d')\n    os.chdir('d')",
    ],
    ids=["bytes", "files", "depth"],
)
def test_what_it_writes_is_bounded(source, cells):
    assert error(cells(source), "cell0").ename == "DeadKernelError"
    assert none_runs()


def test_when_the_supervisor_is_lost_nothing_stays(folder):
    box = Sandbox(("numpy",), user=True)
    process = box.start()
    assert process.pid in running()
    box.process.kill()
    box.close()
    assert none_runs()
    process.channel.close()


def test_what_all_may_write_to_is_shown_as_a_copy_that_none_may(folder, tmp_path):
    """Packages are links to what root executes elsewhere."""
    tmp_path.joinpath("m/deep").mkdir(parents=True)
    files = [tmp_path / "m/deep/free.py", tmp_path / "m/deep/fixed.py"]
    for path, mode in zip(files, (0o666, 0o644), strict=True):
        path.write_text("x = 1")
        path.chmod(mode)
    for path in (tmp_path / "m", tmp_path / "m/deep"):
        path.chmod(0o777)
    place = Place({"/packages/m": str(tmp_path / "m")}, ())
    shown_there = [place.root / "packages" / path.relative_to(tmp_path) for path in files]
    assert [path.samefile(there) for path, there in zip(files, shown_there, strict=True)] == [
        *(False, True)
    ]
    assert [path.read_text() for path in shown_there] == ["x = 1"] * 2
    assert all(not path.stat().st_mode & 0o022 for path in place.root.rglob("*"))
    assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700
    place.close(whole=True)
    assert not place.folder.exists()


def test_where_an_attack_succeeds_nothing_is_graded(folder, monkeypatch, capsys):
    monkeypatch.setattr(doctor, "ATTACKS", {"do what all may": "1"})
    monkeypatch.setattr(doctor, "ANSWERS", {})
    with pytest.raises(SandboxError, match="the lines with HOLE"):
        gradescope._namespaces()
    assert "HOLES: do what all may" in capsys.readouterr().out
