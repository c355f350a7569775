"""`make watch`: a change builds the book again, and pages that are open load themselves again."""

import http.client
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKEFILE = """
.PHONY: book
book:
\t@test "$$(cat book/page.md)" != wrong
\t@cp book/page.md _build/html/index.html
"""


@pytest.fixture
def course(tmp_path):
    """Make a course whose `make book` copies a page, and cannot copy a wrong one."""
    for folder in (
        *("book", "lstm_ref", "lstm_book", "exercises", "benchmarks/results", "tools"),
        "_build/html",
    ):
        (tmp_path / folder).mkdir(parents=True)
    for name, text in {
        "Makefile": MAKEFILE,
        "_config.yml": "",
        "_toc.yml": "",
        "book/page.md": "first",
        "_build/html/index.html": "first",
    }.items():
        (tmp_path / name).write_text(text)
    shutil.copy(ROOT / "tools/watch.py", tmp_path / "tools")
    return tmp_path


def wait_for(answer, seconds=120):
    """Return what `answer` returns as soon as it is true."""
    end = time.monotonic() + seconds
    while not (got := answer()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)
    return got


def test_a_change_is_built_and_a_failure_is_said(course):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = course / "log.txt"

    def page():
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/").read().decode()
        except (OSError, http.client.HTTPException):
            return ""

    with log.open("w") as out:
        command = [sys.executable, "tools/watch.py", str(port)]
        server = subprocess.Popen(command, cwd=course, stdout=out, stderr=subprocess.STDOUT)
    try:
        assert "websocket-reload" in wait_for(page)
        for text in "second", "wrong", "third":
            (course / "book/page.md").write_text(text)
            if text == "wrong":
                wait_for(lambda: "Not built: pages are as they were." in log.read_text())
                assert page().startswith("second")
            else:
                wait_for(lambda text=text: page().startswith(text))
    finally:
        server.terminate()
        server.wait(30)
    assert "Changed: book/page.md" in log.read_text()
