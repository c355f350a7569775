"""Run chapters, as many at once as there are cores, into the book's cache.

    python tools/execute.py [CACHE]

A chapter is run when its cells changed, or what they read when they ran last: modules, data, the
versions of packages. The build then finds it in the cache, which is `_build/.jupyter_cache`
unless you name another.
"""

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import multiprocessing
import os
import re
import signal
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import psutil
import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_client.manager import AsyncKernelManager
from myst_nb.core.read import (
    MystMetadataParsingError,
    is_myst_markdown_notebook,
    myst_nb_reader_plugin,
)
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ROOT = Path(__file__).resolve().parents[1]
ARGV = [sys.executable, str(ROOT / "tools/kernel.py"), "-f", "{connection_file}"]
SOCKET = 90  # bytes that a socket's path may have, less those of its name


def main(cache="_build/.jupyter_cache"):
    """Run what has to be run; return an exit status."""
    cache = get_cache(ROOT / cache)
    forget(cache)
    pages = [page for page in chapters() if not is_cached(cache, page)]
    if not pages:
        return 0
    at_once = min(os.cpu_count(), len(pages))
    print(f"Running the cells of {len(pages)} chapters, {at_once} at a time", flush=True)
    timeout = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["execute"]["timeout"]
    problems = []
    with stoppable(ProcessPoolExecutor(at_once)) as pool:
        runs = [pool.submit(run, page, timeout) for page in pages]
        for done in as_completed(runs):
            page, notebook, data, problem = done.result()
            print(f"{data['execution_seconds']:6.1f} s  {page.stem}", flush=True)
            if problem:
                problems.append(problem)
            else:
                bundle = CacheBundleIn(notebook, str(page), data=data)
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
    print(*problems, sep="\n", end="", file=sys.stderr)
    return bool(problems)


@contextlib.contextmanager
def stoppable(pool):
    """Let Ctrl-C, or make, stop all of the pool: its processes would go on, and their kernels."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            # Without its kernel a process ends by itself, and leaves no folder behind.
            while workers := multiprocessing.active_children():
                for kernel in [each for w in workers for each in started_by(w.pid)]:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        kernel.kill()
                time.sleep(0.1)
            raise


def started_by(pid):
    """Return the processes that this one has started."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def chapters():
    """Return the pages that have cells."""
    pages = sorted(ROOT.glob("book/**/*.md"))
    return [page for page in pages if is_myst_markdown_notebook(page.read_text("utf-8"))]


def is_cached(cache, page):
    """Tell whether the cache has a page's cells as they are now."""
    try:
        return bool(cache.match_cache_notebook(myst_nb_reader_plugin(str(page))))
    except KeyError:
        return False
    except MystMetadataParsingError:
        return True  # there is nothing to run; the build says what is wrong, and where


def run(page, timeout):
    """Run a page's cells; return the page, its notebook, what to remember, and what went wrong."""
    notebook = myst_nb_reader_plugin(str(page))
    started = []
    start = time.perf_counter()
    with short_folder() as folder:
        notes = Path(folder, "reads")
        # Over sockets that are files: over TCP, each kernel would warn that others can listen.
        kernel = AsyncKernelManager(transport="ipc", connection_file=f"{folder}/k.json")
        kernel.kernel_spec.argv[:] = [*ARGV[:2], str(notes), *ARGV[2:]]
        client = NotebookClient(
            notebook,
            km=kernel,
            timeout=timeout,
            coalesce_streams=True,  # as book/_ext/cells.py says
            record_timing=False,  # it would be part of the cells, and of what the cache looks for
            resources={"metadata": {"path": str(page.parent)}},
            on_cell_start=lambda cell, cell_index: started.append(cell_index),
        )
        problem = None
        try:
            client.execute(cleanup_kc=True)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            line = notebook.metadata.source_map[started[-1]] + 1
            problem = f"{page.relative_to(ROOT)}, the cell in line {line}:\n{plain(error)}\n"
        read = notes.read_text("utf-8").splitlines()
    seconds = time.perf_counter() - start
    return page, notebook, {"execution_seconds": seconds, **remember(read)}, problem


def short_folder():
    """Return a folder for a while, with a path short enough for sockets in it."""
    long = len(os.fsencode(tempfile.gettempdir())) > SOCKET - len("/lstm-12345678/")
    return tempfile.TemporaryDirectory(prefix="lstm-", dir="/tmp" if long else None)


def plain(error):
    """Return what an error says, without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()


def remember(paths):
    """Return of what was read the state it is in: files and folders of the course, packages."""
    files, modules = set(), set()
    for path in map(Path, paths):
        if path.suffix == ".pyc":
            path = Path(importlib.util.source_from_cache(path))
        if "site-packages" in path.parts:
            modules.add(path.parts[path.parts.index("site-packages") + 1].split(".")[0])
        elif path.is_relative_to(ROOT):
            inner = path.relative_to(ROOT)
            if not re.search(r"(^|/)(\.|_build|node_modules|\w+\.egg-info)", inner.as_posix()):
                files.add(inner.as_posix())
    providers = importlib.metadata.packages_distributions()
    packages = {name for module in modules for name in providers.get(module, ())}
    return {
        "files": {name: digest(name) for name in sorted(files)},
        "packages": {name: version(name) for name in ["Python", *sorted(packages)]},
    }


def digest(name):
    """Return a hash of a file's content, or of a folder's names; None if there is none."""
    path = ROOT / name
    if path.is_dir():
        names = sorted(entry.name for entry in path.iterdir() if entry.name[:1] not in "._")
        content = "\n".join(names).encode()
    elif path.exists():
        content = path.read_bytes()
    else:
        return None
    return hashlib.sha256(content).hexdigest()[:16]


def version(name):
    """Return a package's version; None if it is not installed."""
    if name == "Python":
        return sys.version
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def forget(cache):
    """Drop from the cache what may come out differently today."""
    for record in cache.list_cache_records():
        if not is_current(record.data):
            cache.remove_cache(record.pk)


def is_current(data):
    """Tell whether all that a page read is as it was."""
    if "files" not in data:
        return False  # the build itself ran it: nothing is known
    files = all(digest(name) == was for name, was in data["files"].items())
    return files and all(version(name) == was for name, was in data["packages"].items())


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Stopped. What ran to its end is kept.")
