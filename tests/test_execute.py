"""A chapter is run when its cells changed, or something that they read; the rest is kept."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jupyter_cache import get_cache

ROOT = Path(__file__).parents[1]
PAGE = """---
jupytext:
  text_representation:
    format_name: myst
kernelspec:
  name: python3
---

# Page

```{code-cell} ipython3
%s
```
"""
CELLS = {
    "imports": "import helper\nhelper.value",
    "reads": "from pathlib import Path\nsorted(p.read_text() for p in Path('../data').glob('*'))",
    "plain": "1 + 1",
}


class Course:
    """A folder with three chapters, and the tools that run them."""

    def __init__(self, root):
        self.root = root
        for name, text in {
            **{f"book/{name}.md": PAGE % cell for name, cell in CELLS.items()},
            "book/prose.md": "# No cells\n",
            "book/helper.py": "value = 1\n",
            "data/a.txt": "a",
            "_config.yml": "execute: {timeout: 30}\n",
        }.items():
            (root / name).parent.mkdir(exist_ok=True)
            self.write(name, text)
        (root / "tools").mkdir()
        for tool in "execute.py", "kernel.py":
            shutil.copy(ROOT / "tools" / tool, root / "tools")

    def write(self, name, text):
        """Write a file of the course."""
        (self.root / name).write_text(text, "utf-8")

    def execute(self, **environment):
        """Run what has to be run; return the process, and the names that it printed."""
        done = subprocess.run(
            [sys.executable, "tools/execute.py"],
            cwd=self.root,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )
        lines = done.stdout.splitlines()
        return done, sorted(line.split()[-1] for line in lines if " s  " in line)

    def outputs(self):
        """Return what each page shows, of its record in the cache."""
        cache = get_cache(self.root / "_build/.jupyter_cache")
        bundles = [cache.get_cache_bundle(r.pk) for r in cache.list_cache_records()]
        return {
            Path(bundle.record.uri).stem: bundle.nb.cells[0].outputs[0]["data"]["text/plain"]
            for bundle in bundles
        }


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Make the course, and run all of it once, where the path of TMPDIR is too long for sockets."""
    long = tmp_path_factory.mktemp("t" * 90)
    made = Course(tmp_path_factory.mktemp("course"))
    made.first = made.execute(TMPDIR=str(long))
    assert list(long.iterdir()) == []
    return made


def test_each_chapter_is_run_once_and_says_how_long(course):
    done, ran = course.first
    assert (done.returncode, done.stderr) == (0, "")
    assert ran == ["imports", "plain", "reads"]
    assert course.outputs() == {"imports": "1", "reads": "['a']", "plain": "2"}
    done, ran = course.execute()
    assert (done.returncode, done.stdout, done.stderr, ran) == (0, "", "", [])


@pytest.mark.parametrize(
    ("name", "text", "again", "shown"),
    [
        ("book/helper.py", "value = 23\n", "imports", "23"),
        ("data/a.txt", "other", "reads", "['other']"),
        ("data/b.txt", "b", "reads", "['b', 'other']"),
        ("book/plain.md", PAGE % "1 + 2", "plain", "3"),
    ],
)
def test_only_what_reads_a_change_is_run_again(course, name, text, again, shown):
    course.write(name, text)
    done, ran = course.execute()
    assert (done.returncode, done.stderr, ran) == (0, "", [again])
    assert course.outputs()[again] == shown


def test_what_no_cell_reads_runs_nothing(course):
    for name in CELLS:
        page = course.root / f"book/{name}.md"
        page.write_text(page.read_text("utf-8") + "More prose.\n", "utf-8")
    course.write("book/other.py", "value = 1\n")
    course.write("other.txt", "other")
    done, ran = course.execute()
    assert (done.returncode, done.stdout, ran) == (0, "", [])


def test_a_cell_that_fails_is_named_and_the_others_are_kept(course):
    course.write("book/plain.md", PAGE % "3 + 4")
    course.write("book/wrong.md", PAGE % "1\n```\n\nThen:\n\n```{code-cell} ipython3\n1 / 0")
    done, ran = course.execute()
    assert ran == ["plain", "wrong"]
    assert done.returncode == 1
    assert done.stderr.startswith("book/wrong.md, the cell in line 18:\n")
    assert "ZeroDivisionError: division by zero" in done.stderr
    assert course.outputs()["plain"] == "7"
    assert course.execute()[1] == ["wrong"]
    (course.root / "book/wrong.md").unlink()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_stopped_it_leaves_nothing_running(course, tmp_path, how):
    """As make ends it, and as Ctrl-C does."""
    busy = "from pathlib import Path\nimport os, time\n"
    busy += f"Path({str(tmp_path)!r}, str(os.getpid())).touch()\ntime.sleep(600)"
    for name in "busy", "waits", "too":
        course.write(f"book/{name}.md", PAGE % f"{busy}  # {name}")
    folder = tmp_path / "t"
    folder.mkdir()
    started = subprocess.Popen(
        [sys.executable, "tools/execute.py"],
        cwd=course.root,
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    end = time.monotonic() + 60
    while not (kernels := [int(p.name) for p in tmp_path.glob("[0-9]*")]):
        assert time.monotonic() < end, "no cell was run"
        time.sleep(0.1)
    # Ctrl-C is heard by the whole group, and what make sends by its child alone.
    (os.killpg if how == signal.SIGINT else os.kill)(started.pid, how)
    assert started.wait(60) != 0
    for name in "busy", "waits", "too":
        (course.root / f"book/{name}.md").unlink()
    with pytest.raises(ProcessLookupError):
        os.killpg(started.pid, 0)
    for kernel in kernels:
        with pytest.raises(ProcessLookupError):
            os.kill(kernel, 0)
