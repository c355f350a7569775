"""A class graded by a Dask cluster that loses a worker; a gradebook in PostgreSQL."""

import csv
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

STUDENTS = 24
RIGHT = {
    **{"test_forget_gate": 5, "test_input_gate": 5, "test_candidate": 5, "test_output_gate": 5},
    **{"test_cell_state": 6, "test_hidden_state": 4, "answer": None},
}


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def start(tmp_path):
    """Return a function that starts a program, with none of the course's files around it."""
    running = []
    (tmp_path / "elsewhere").mkdir()
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}

    def start(*command):
        with open(tmp_path / f"log{len(running)}", "wb") as log:
            running.append(
                subprocess.Popen(
                    command, cwd=tmp_path / "elsewhere", env=env, stdout=log, stderr=log
                )
            )
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def cluster(start, tmp_path):
    """Return the address of a scheduler, and its two workers."""
    file = tmp_path / "scheduler.json"
    where = ["--scheduler-file", str(file), "--no-dashboard"]
    dask = [sys.executable, "-m"]
    start(*dask, "distributed.cli.dask_scheduler", *where, "--host", "127.0.0.1", "--port", "0")
    workers = [
        start(*dask, "distributed.cli.dask_worker", *where, "--no-nanny", "--nthreads", "1")
        for _ in range(2)
    ]
    wait_for(lambda: file.exists() and file.stat().st_size)
    address = json.loads(file.read_text())["address"]
    assert address.startswith("tcp://127.0.0.1")
    return address, workers


@pytest.fixture
def grading(new_course, cluster):
    """Return a course, and the command that grades it on the cluster and has just begun."""
    course = new_course()
    for number in range(STUDENTS):
        course.submit(f"student{number:02}")
    address, _ = cluster
    command = [sys.executable, "-m", "lstm_grade", "autograde", "gates", "--scheduler", address]
    grading = subprocess.Popen(
        command, cwd=course.path, env=course.env, text=True, stdout=-1, stderr=-1
    )
    wait_for(lambda: list(course.path.glob("autograded/*/gates")) or grading.poll() is not None)
    yield course, grading
    grading.kill()
    grading.communicate()


def test_cluster_loses_a_worker_and_nothing_else(grading, cluster, tmp_path):
    course, grading = grading
    _, workers = cluster
    workers[0].send_signal(signal.SIGKILL)
    graded_before = len(list(course.path.glob("autograded/*/gates")))
    said, errors = grading.communicate(timeout=300)

    assert grading.returncode == 0, said + errors
    assert graded_before < STUDENTS
    assert f"{STUDENTS} of {STUDENTS} graded" in said
    assert course.scores() == {f"student{number:02}": RIGHT for number in range(STUDENTS)}
    assert workers[1].poll() is None
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_cluster_loses_all_workers(grading, cluster):
    """The command does not wait forever, and what was graded is kept."""
    course, grading = grading
    for worker in cluster[1]:
        worker.send_signal(signal.SIGKILL)
    _, errors = grading.communicate(timeout=100)
    assert grading.returncode == 1
    assert f"of {STUDENTS} were graded before. Start some" in errors
    scores = course.scores()
    graded = {path.parent.name for path in course.path.glob("autograded/*/gates")}
    assert graded
    assert {student: scores[student] for student in graded} == dict.fromkeys(graded, RIGHT)


def test_no_scheduler_is_said(new_course):
    course = new_course()
    course.submit("right")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        result = course.run("lstm_grade", "autograde", "gates", "--scheduler", address)
    assert result.returncode == 1
    assert f"Nothing was graded: no Dask scheduler answers at {address}" in result.stderr


@pytest.fixture
def postgresql(start):
    """Return the address of a PostgreSQL server of Debian's packages, empty."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # It refuses to run as root.
    as_user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
    as_user = as_user if os.getuid() == 0 else []
    user = "postgres" if as_user else pwd.getpwuid(os.getuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    if as_user:
        shutil.chown(folder, user)
    initdb = [*as_user, programs[-1] / "initdb", "-D", folder / "data", "-A", "trust"]
    subprocess.run(initdb, check=True, capture_output=True, cwd="/")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = start(
        *[*as_user, programs[-1] / "postgres", "-D", folder / "data", "-p", str(port)],
        *["-c", "listen_addresses=127.0.0.1", "-k", folder],
    )
    wait_for(lambda: folder.joinpath(f".s.PGSQL.{port}").exists() or server.poll() is not None)
    yield f"postgresql://{user}@127.0.0.1:{port}/postgres"
    server.send_signal(signal.SIGINT)
    server.wait(30)
    shutil.rmtree(folder)


@pytest.mark.long
def test_gradebook_in_postgresql(new_course, postgresql):
    course = new_course()
    course.submit("right")
    course.submit("half", {"cell_state": "return f * c_prev"})
    course.submit("empty").write_bytes(b"")
    in_file = course.run("lstm_grade", "autograde", "gates")
    course.path.joinpath("gradebook.db").unlink()

    database = ["--db", postgresql]
    on_server = course.run("lstm_grade", "autograde", "gates", "--force", *database)
    assert on_server.returncode == 0, on_server.stderr
    assert on_server.stdout == in_file.stdout
    again = course.run("lstm_grade", "autograde", "gates", *database)
    assert again.stdout.count("graded before") == 3
    assert not course.path.joinpath("gradebook.db").exists()

    course.nbgrader("generate_feedback", "gates", *database)
    course.nbgrader("export", *database)
    with course.path.joinpath("grades.csv").open() as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert scores == {"right": 30, "half": 24, "empty": 0}
