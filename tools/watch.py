"""Serve the book, build it again when a file changes, and reload the pages that are open.

    python tools/watch.py PORT

Run by `make watch`. sphinx-autobuild serves, watches and reloads; where it would call
sphinx-build, it calls `make book`, which also runs cells and builds slides.
"""

import subprocess
import sys
from pathlib import Path

from sphinx_autobuild import __main__ as autobuild

ROOT = Path(__file__).resolve().parents[1]
WATCHED = ["lstm_ref", "lstm_book", "exercises", "benchmarks/results", "tools"]
SETTINGS = ["_config.yml", "_toc.yml"]
IGNORED = ["/__pycache__/", "/node_modules/", r"/\.[^/]*$", "~$"]  # what Python and editors leave


def build(changed_paths):
    """Build the book; say what changed, and how it ended."""
    names = sorted({path.relative_to(ROOT).as_posix() for path in changed_paths})
    print("\nChanged:", *names, flush=True)
    made = subprocess.run(["make", "--no-print-directory", "book"], cwd=ROOT)
    print("Not built: pages are as they were." if made.returncode else "Built.", flush=True)


def main(port):
    """Watch until Ctrl-C."""
    autobuild.Builder = lambda *arguments, **options: build
    print(f"http://127.0.0.1:{port}/ (stop with Ctrl-C)", flush=True)
    watched = [f"--watch={ROOT / name}" for name in [*WATCHED, *SETTINGS]]
    ignored = [f"--re-ignore={pattern}" for pattern in IGNORED]
    where = [str(ROOT / "book"), str(ROOT / "_build/html")]
    autobuild.main([*where, "--no-initial", f"--port={port}", *watched, *ignored])


if __name__ == "__main__":
    main(sys.argv[1])
