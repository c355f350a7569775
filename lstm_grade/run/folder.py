"""What a student handed in: read from a folder, notebooks first, no link followed.

What a student has done to a folder costs at most the file: it is left out, and
a remark says so. What the machine does not let us read is an error: nobody can
say then what the student handed in.
"""

import errno
import os
import re
import stat
import unicodedata
from fnmatch import fnmatch

from lstm_grade.run.errors import NotGradedError

# Reading JSON takes up to twenty times its size in memory.
LARGEST_NOTEBOOK = 16 * 2**20
# With the outputs, which are skipped.
LARGEST_FILE = 256 * 2**20
# Of all notebooks, and of all other files.
LARGEST_FOLDER = 32 * 2**20
MOST_FILES = 1000
MOST_NOTEBOOKS = 50
MOST_NAMES = 100_000

# Jupyter's own copies: read where nothing else is a notebook.
CHECKPOINTS = ".ipynb_checkpoints"
# Errors that a file itself causes; any other is the machine's.
_OF_THE_FILE = (errno.ELOOP, errno.ENXIO, errno.ENODEV, errno.ENAMETOOLONG, errno.EISDIR)
_OUTPUTS = re.compile(rb'[{,]\s*"outputs"\s*:\s*(?=\[)')
# A string that does not end goes to the end of the file: so each byte is looked at once.
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]]', re.DOTALL)


def shown(text: object, most: int = 100) -> str:
    """Return a student's text such that no terminal obeys it: one line, printable."""
    line = "".join(
        c if c.isprintable() or unicodedata.category(c) == "Zs" else _escaped(c) for c in str(text)
    )
    return line if len(line) <= most else line[: most - 1] + "…"


def _escaped(c):
    return c.encode("unicode_escape").decode()


def natural(name: str) -> list:
    """Return a key that sorts numbers in names as numbers: gates (9) before gates (10)."""
    parts = re.split(r"(\d+)", name)
    return [int(part) if place % 2 else part.casefold() for place, part in enumerate(parts)]


def read_folder(folder, ignore=()) -> tuple[dict[str, bytes | None], list[str]]:
    """Read a folder that a student handed in; follow no link out of it.

    Parameters
    ----------
    folder : path
        ``submitted/<student>/<assignment>``.
    ignore : sequence of str
        Patterns of names to leave out without a word.

    Returns
    -------
    files : dict of str to bytes
        By path in the folder. Notebooks come without their outputs; one that
        is too large all the same is None.
    odd : list of str
        What was left out, and why.

    Raises
    ------
    NotGradedError
        If something cannot be read that is there.
    """
    if os.path.islink(folder):
        return {}, ["the folder is a symbolic link: not followed"]
    paths, odd = _names(folder, ignore)
    notebooks = [path for path in paths if "ipynb" in path.lower()]
    # A name as the student was given it first, whatever else lies there.
    notebooks.sort(key=lambda path: (not path.endswith(".ipynb"), path.count("/"), natural(path)))
    if len(notebooks) > MOST_NOTEBOOKS:
        odd.append(f"more than {MOST_NOTEBOOKS} notebooks: {len(notebooks)}, the others left out")
    others = [path for path in paths if path not in set(notebooks)]
    files: dict[str, bytes | None] = {}
    room = LARGEST_FOLDER
    for path in notebooks[:MOST_NOTEBOOKS]:
        content = _read(folder, path, LARGEST_FILE, odd)
        if content is not False:
            content = _slim(content, min(room, LARGEST_NOTEBOOK))
            room -= len(content or b"")
            files[path] = content
    room, left_out = LARGEST_FOLDER, []
    for path in others[:MOST_FILES]:
        content = _read(folder, path, room, odd)
        if content is None:
            left_out.append(path)
        elif content is not False:
            room -= len(content)
            files[path] = content
    left_out += others[MOST_FILES:]
    if left_out:
        limits = f"read are {MOST_FILES} files and {LARGEST_FOLDER // 2**20} MB beside notebooks"
        odd.append(f"{_named(left_out)} left out: {limits}")
    return files, odd


def read_file(path) -> bytes | None:
    """Read the one file that is named; a notebook comes without its outputs.

    Raises
    ------
    NotGradedError
        If it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise unreadable(path, error) from error
    return _slim(content if len(content) <= LARGEST_FILE else None, LARGEST_NOTEBOOK)


def _slim(content, limit):
    if content is None:
        return None
    # Some systems fill a file with zeros when it was not written to the end.
    content = without_outputs(content.rstrip(b"\0"))
    return content if len(content) <= limit else None


def _named(paths):
    first = ", ".join(map(shown, paths[:2]))
    return first if len(paths) <= 2 else f"{first} and {len(paths) - 2} more files"


def _names(folder, ignore):
    """Return the paths of a folder's files, in order, and remarks on what is none."""
    paths, odd = [], []

    def refuse(error):
        if error.errno not in _OF_THE_FILE:
            raise unreadable(error.filename, error)
        odd.append(f"{shown(os.path.basename(error.filename))} cannot be read: {error.strerror}")

    for where, folders, names in os.walk(folder, onerror=refuse):
        inside = os.path.relpath(where, folder)
        checkpoints = os.path.basename(where) == CHECKPOINTS
        folders[:] = sorted(
            name for name in folders if name == CHECKPOINTS or not _matches(name, ignore)
        )
        for name in folders[:]:
            if os.path.islink(os.path.join(where, name)):
                odd.append(f"{shown(name)} is a symbolic link: not followed")
        for name in names:
            if _matches(name, ignore) or (checkpoints and not name.endswith(".ipynb")):
                continue
            paths.append(os.path.normpath(os.path.join(inside, name)))
        if len(paths) > MOST_NAMES:
            odd.append(f"more than {MOST_NAMES} files: the others were not looked at")
            break
    return sorted(paths[:MOST_NAMES], key=natural), odd


def _matches(name, patterns):
    return any(fnmatch(name, pattern) for pattern in patterns)


def unreadable(path, error: OSError) -> NotGradedError:
    """Return the error that says what could not be read, and why."""
    return NotGradedError(f"{shown(os.path.relpath(path))} cannot be read: {error.strerror}")


def _read(folder, path, limit, odd) -> bytes | bool | None:
    """Return a file's content, None if it is too large, False if it is none."""
    name, path = shown(os.path.basename(path)), os.path.join(folder, path)
    if os.path.islink(path):
        odd.append(f"{name} is a symbolic link: not followed")
        return False
    try:
        # Without O_NONBLOCK a pipe would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                odd.append(f"{name} is not a regular file: left out")
                return False
            if status.st_size > limit:
                return None
            content = file.read(limit + 1)
    except OSError as error:
        if error.errno not in _OF_THE_FILE:
            raise unreadable(path, error) from error
        odd.append(f"{name} cannot be read: {error.strerror}")
        return False
    return content if len(content) <= limit else None


def without_outputs(content: bytes) -> bytes:
    """Return a notebook's bytes with ``"outputs": []`` in each cell.

    Nothing reads the outputs, and they can be most of it. A list that does not
    end, as the file is cut off, stays as it is.
    """
    kept, at = [], 0
    while found := _OUTPUTS.search(content, at):
        depth = 0
        for token in _TOKEN.finditer(content, found.end()):
            depth += {b"[": 1, b"]": -1}.get(token[0], 0)
            if depth == 0:
                break
        if depth:
            break
        kept += [content[at : found.end()], b"[]"]
        at = token.end()
    return b"".join([*kept, content[at:]]) if kept else content
