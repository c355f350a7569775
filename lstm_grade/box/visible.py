"""Which files a submission sees: the interpreter, packages, and the libraries these link."""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import itertools
import mmap
import os
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement

PACKAGE = Path(__file__).parents[1]
INSIDE = (
    *("__init__.py", "box/__init__.py", "box/frames.py", "box/wire.py"),
    *("box/seccomp.py", "box/inside.py", "box/student.py"),
)
# Part of every notebook's surroundings: `from IPython.display import display` works.
SURROUNDINGS = ("IPython",)
INTERPRETER = os.path.realpath(sys._base_executable)  # type: ignore[attr-defined]
STANDARD_LIBRARY = Path(os.__file__).resolve().parent
# Opened by name while running: by the loader, by locale, and when a thread ends.
OPENED = ("/etc/ld.so.cache", "/usr/lib/locale/C.utf8")
LOADED = ("libgcc_s.so.1",)
# Where the loader looks in any case.
FOLDERS = (
    *("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu"),
    *("/lib64", "/usr/lib64", "/lib", "/usr/lib"),
)
# Windows of its own: of no use without a screen, and it links a third of all libraries.
UNUSABLE = ("_tkinter.",)

# <elf.h>
PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
DT_NEEDED, DT_STRTAB, DT_RPATH, DT_RUNPATH = 1, 5, 15, 29


class MissingModuleError(Exception):
    """A module that students may import is not installed."""


@functools.cache
def visible(modules: tuple[str, ...]) -> dict[str, str]:
    """Return the files that can be seen in the sandbox, as {place there: path here}.

    They are the interpreter with its standard library, the packages of
    `modules` with what those require, the shared libraries that any of these
    link, and the files of this package that run there. Of the distribution
    this package comes in, a module brings itself alone: its neighbours are the
    checks.

    Raises
    ------
    MissingModuleError
        If a module is not installed.
    """
    packages: dict[str, str] = {}
    distributions: set[str] = set()
    for module in (*SURROUNDINGS, *modules):
        if module in sys.stdlib_module_names:
            continue
        found = importlib.util.find_spec(module)
        if not found:
            raise MissingModuleError(module)
        path = Path((found.submodule_search_locations or [str(found.origin)])[0])
        packages[f"/packages/{path.name}"] = str(path.resolve())
        distributions |= _required(_distribution(module))
    for distribution in map(importlib.metadata.distribution, distributions):
        names = _top_level(distribution) - {"..", "__pycache__"}
        for name in names if PACKAGE.name not in names else ():
            path = Path(str(distribution.locate_file(name))).resolve()
            if not name.startswith("__editable__") and not name.endswith(".pth"):
                packages.setdefault(f"/packages/{name}", str(path))
    files = {place: place for place in OPENED if os.path.exists(place)}
    files |= {str(STANDARD_LIBRARY): str(STANDARD_LIBRARY), INTERPRETER: INTERPRETER}
    files |= libraries([INTERPRETER, str(STANDARD_LIBRARY), *packages.values()])
    files |= {f"/grader/lstm_grade/{name}": str(PACKAGE / name) for name in INSIDE}
    return files | packages


def hidden() -> list[str]:
    """Return the folders of packages within the standard library: for whoever installed them."""
    return [str(folder) for folder in STANDARD_LIBRARY.glob("*-packages")]


# --- packages ---------------------------------------------------------------


def _distribution(module: str) -> str | None:
    """Return the name under which a module is installed; None for one in a plain folder."""
    try:
        return importlib.metadata.distribution(module).name
    except importlib.metadata.PackageNotFoundError:
        names = importlib.metadata.packages_distributions().get(module)
        return names[0] if names else None


def _top_level(distribution: importlib.metadata.Distribution) -> set[str]:
    """Return what a distribution has installed; one from a source tree lists tests there too."""
    record = distribution.read_text("RECORD")
    if record is None:
        return set((distribution.read_text("top_level.txt") or "").split())
    return {re.split("[/,]", line, maxsplit=1)[0] for line in record.splitlines()}


def _required(name: str | None, found: Iterable[str] = ()) -> set[str]:
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


# --- shared libraries -------------------------------------------------------


def libraries(places: Iterable[str]) -> dict[str, str]:
    """Return the libraries outside of these files and folders that what is in them links."""
    roots = [os.path.realpath(place) for place in places]
    inside = tuple(f"{root}/" for root in roots)
    installed = _installed()
    waiting = [path for root in roots for path in _loadable(root)]
    files = {}
    linked = [installed[name] for name in LOADED if name in installed]
    while waiting or linked:
        for path in linked:
            if path not in files and not path.startswith(inside):
                files[path] = os.path.realpath(path)
                waiting.append(path)
        linked = _linked(waiting.pop(), installed) if waiting else []
    return files


def _loadable(root: str) -> Iterator[str]:
    if not os.path.isdir(root):
        yield root
    for where, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.endswith("-packages")]
        for name in names:
            if ".so" in name and not name.startswith(UNUSABLE):
                yield os.path.join(where, name)


def _linked(path: str, installed: dict[str, str]) -> list[str]:
    """Return the loader of a program or library, and the libraries it links."""
    try:
        loader, needed, folders = _dynamic(path)
    except (OSError, ValueError, struct.error):
        return []  # not one of this machine
    found = [loader] if loader else []
    for name in needed:
        near = [os.path.normpath(os.path.join(folder, name)) for folder in folders]
        usual = [os.path.join(folder, name) for folder in FOLDERS]
        places = filter(os.path.exists, [*near, installed.get(name, ""), *usual])
        found += list(itertools.islice(places, 1))
    return found


def _installed() -> dict[str, str]:
    """Return the path of each library that the loader finds by its name."""
    program = shutil.which("ldconfig", path=f"{os.environ.get('PATH', '')}:/sbin:/usr/sbin")
    listed = ""
    if program:
        listed = subprocess.run([program, "-p"], capture_output=True, text=True).stdout
    found: dict[str, str] = {}
    for name, about, path in re.findall(r"^\s+(\S+) \((.*)\) => (\S+)$", listed, re.M):
        if "x86-64" in about:
            found.setdefault(name, path)
    return found


def _dynamic(path: str) -> tuple[str, list[str], list[str]]:
    """Read of an ELF file its loader, the libraries it needs, and where it looks first."""
    with open(path, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if data[:6] != b"\x7fELF\x02\x01":  # 64 bits, little-endian
        raise ValueError(path)
    (start,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    loader, loads, entries = "", [], []
    for number in range(count):
        kind, _, offset, address, _, length = struct.unpack_from(
            "<IIQQQQ", data, start + number * size
        )
        if kind == PT_INTERP:
            loader = data[offset : offset + length].rstrip(b"\0").decode()
        elif kind == PT_LOAD:
            loads.append((offset, address, length))
        elif kind == PT_DYNAMIC:
            entries = list(struct.iter_unpack("<QQ", data[offset : offset + length // 16 * 16]))
    names = dict(entries).get(DT_STRTAB, 0)
    table = next((o + names - a for o, a, n in loads if a <= names < a + n), 0)

    def text(at: int) -> str:
        return data[table + at : data.find(b"\0", table + at)].decode()

    needed = [text(value) for tag, value in entries if tag == DT_NEEDED]
    folders = [
        folder.replace("$ORIGIN", os.path.dirname(path)).replace("${ORIGIN}", os.path.dirname(path))
        for tag, value in entries
        if tag in (DT_RPATH, DT_RUNPATH)
        for folder in text(value).split(":")
        if folder
    ]
    return loader, needed, folders
