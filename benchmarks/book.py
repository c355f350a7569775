"""Time the build of the book, cold, warm and after a change, and weigh the result.

    python benchmarks/book.py

Builds a clone of what is committed, in a folder of its own: your _build stays.
"""

import subprocess
import tempfile
import time
from pathlib import Path

from jupyter_cache import get_cache
from timing import progress, save

ROOT = Path(__file__).resolve().parents[1]
CHANGED = "book/gates.md"


def build(course):
    """Run ``make book`` and return the seconds it takes."""
    start = time.perf_counter()
    made = subprocess.run(["make", "book"], cwd=course, capture_output=True, text=True)
    if made.returncode:
        raise SystemExit(f"make book failed; nothing measured.\n{made.stdout}{made.stderr}")
    return time.perf_counter() - start


def change(page):
    """Add a line to the page's first cell, so that all of its cells are run again."""
    text = page.read_text()
    page.write_text(text.replace("import inspect\n", "import inspect\n# changed\n", 1))
    if page.read_text() == text:
        raise SystemExit(f"{page.name} has no line `import inspect` any more: name another one.")


def main():
    """Build three times and weigh the result."""
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder) / "course"
        subprocess.run(["git", "clone", "-q", ROOT, course], check=True)
        for shared in (".venv", "node_modules"):
            (course / shared).symlink_to((ROOT / shared).resolve())
        (course / ".venv/.ready").touch()
        seconds = {}
        for name in ("cold", "warm", "one chapter changed"):
            if name == "one chapter changed":
                change(course / CHANGED)
            progress(f"make book, {name}")
            seconds[name] = build(course)
            print(f"{name}: {seconds[name]:.1f} s")
        records = get_cache(course / "_build/.jupyter_cache").list_cache_records()
        chapters = {Path(r.uri).stem: r.data["execution_seconds"] for r in records}
        files = [path for path in (course / "_build/html").rglob("*") if path.is_file()]
        sizes = {
            "pages": sum(path.suffix == ".html" for path in files),
            "html": sum(path.stat().st_size for path in files if path.suffix == ".html"),
            "all": sum(path.stat().st_size for path in files),
        }
    for name, took in sorted(chapters.items(), key=lambda item: -item[1]):
        print(f"{name}: {took:.1f} s")
    save("book", {"seconds": seconds, "chapters": chapters, "bytes": sizes})


if __name__ == "__main__":
    main()
