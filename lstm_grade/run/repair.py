"""From what a student handed in to a notebook, as far as it can be had.

Nothing here raises because of a submission: what cannot be read is left out,
and a remark says so.
"""

import json
import os
import re
import stat
from fnmatch import fnmatch

# Reading JSON takes up to twenty times its size in memory.
LARGEST_NOTEBOOK = 16 * 2**20
LARGEST_FOLDER = 32 * 2**20
MOST_FILES = 1000

_CELL_TYPES = ("code", "markdown", "raw")
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


def shown(text):
    """Return a student's text such that no terminal obeys it: one line, printable."""
    text = str(text)
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return line if len(line) <= 100 else line[:99] + "…"


def read_folder(folder, ignore=()):
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
        By path in the folder. A notebook that is too large is None.
    odd : list of str
        What was left out, and why.
    """
    files, odd = {}, []
    room = LARGEST_FOLDER
    if os.path.islink(folder):
        return files, ["the folder is a symbolic link: not followed"]
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _matches(name, ignore))
        for name in [name for name in folders if os.path.islink(os.path.join(where, name))]:
            odd.append(f"{shown(name)} is a symbolic link: not followed")
        for name in sorted(names):
            path = os.path.join(where, name)
            if _matches(name, ignore):
                continue
            if len(files) == MOST_FILES:
                odd.append(f"more than {MOST_FILES} files: the others are left out")
                return files, odd
            limit = min(room, LARGEST_NOTEBOOK) if name.endswith(".ipynb") else room
            try:
                content = _read(path, limit)
            except OSError as error:
                odd.append(f"{shown(name)} {error.args[0]}")
                continue
            if content is None and not name.endswith(".ipynb"):
                odd.append(f"{shown(name)} is too large: left out")
                continue
            room -= len(content or b"")
            files[os.path.relpath(path, folder)] = content
    return files, odd


def _matches(name, patterns):
    return any(fnmatch(name, pattern) for pattern in patterns)


def _read(path, limit):
    """Return a file's content, None if it is too large; say in an OSError why it is not read."""
    if os.path.islink(path):
        raise OSError("is a symbolic link: not followed")
    try:
        # Without O_NONBLOCK a pipe would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise OSError(f"cannot be read: {error.strerror}") from error
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("is not a regular file: left out")
        content = file.read(limit + 1)
    return content if len(content) <= limit else None


def find_notebook(files, name, grade_ids):
    """Find a notebook in a folder, whatever it is called there.

    Parameters
    ----------
    files : dict of str to bytes
        What `read_folder` returned.
    name : str
        The notebook's name in the assignment, with its suffix.
    grade_ids : collection of str
        The cells that make a notebook one of this assignment.

    Returns
    -------
    notebook : dict or None
        In nbformat 4, valid, without outputs; None if nothing was found.
    odd : list of str
        What was odd about it.
    """
    if name in files:
        notebook, odd = read_notebook(files[name])
        return notebook, [f"{name} {remark}" for remark in odd]
    best = (0, "", None, [])
    for other in sorted(files):
        if not re.search(r"ipynb|\.(json|txt)$", other, re.IGNORECASE):
            continue
        notebook, odd = read_notebook(files[other])
        cells = notebook["cells"] if notebook else []
        known = len({grade_id(cell) for cell in cells} & set(grade_ids))
        # Of two downloads with as many cells the later name: "gates (2).ipynb".
        if known and known >= best[0]:
            best = (known, other, notebook, odd)
    _, other, notebook, odd = best
    if notebook is None:
        there = ", ".join(shown(other) for other in sorted(files)[:5])
        return None, [f"{name} is missing" + (f"; there is: {there}" if there else "")]
    return notebook, [f"{name} was called {shown(other)}", *(f"{name} {remark}" for remark in odd)]


def read_notebook(content):
    """Read the bytes of a notebook, as far as they can be understood.

    Parameters
    ----------
    content : bytes or None
        None stands for a file that was too large to read.

    Returns
    -------
    notebook : dict or None
        In nbformat 4, valid, without outputs.
    odd : list of str
        Such as ``["is cut off: 7 cells saved"]``.
    """
    if content is None:
        return None, [f"is larger than {LARGEST_NOTEBOOK // 2**20} MB: clear its outputs"]
    if not content.strip(b"\x00 \t\r\n"):
        return None, ["is empty"]
    text, odd = _decode(content)
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raw = _save_cells(text)
        if raw is None:
            return None, [*odd, "is not a notebook"]
        odd.append(f"is cut off or damaged; cells saved: {len(raw['cells'])}")
    raw, converted = _as_version_4(raw)
    odd += converted
    if raw is None:
        return None, [*odd, "is not a notebook"]
    return _valid(raw, odd), odd


def _decode(content):
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            text = content.decode(encoding, "replace")
            return text, [f"starts with a byte order mark: read as {encoding}"]
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError:
        return content.decode("latin-1"), ["is not UTF-8: read as Latin-1"]


def _save_cells(text):
    """Return the notebook made of the whole cells before the damage, or None."""
    start = re.search(r'"cells"\s*:\s*\[', text)
    if not start:
        return None
    cells, end = [], start.end()
    decoder = json.JSONDecoder()
    between = re.compile(r"[\s,]*")
    while True:
        try:
            cell, end = decoder.raw_decode(text, between.match(text, end).end())
        except (ValueError, RecursionError):
            break
        cells.append(cell)
    # A cell's code was called input until nbformat 3.
    old = any(isinstance(cell, dict) and "input" in cell for cell in cells)
    notebook = {"nbformat": 3 if old else 4, "nbformat_minor": 0, "metadata": {}, "cells": cells}
    return notebook | {"worksheets": [{"cells": cells, "metadata": {}}]} if old else notebook


def _as_version_4(raw):
    version = raw.get("nbformat") if isinstance(raw, dict) else None
    if version in (1, 2, 3):
        import nbformat  # takes longer to import than a submission to grade

        try:
            converted = nbformat.convert(nbformat.from_dict(raw), 4)
        except Exception:  # it raises whatever the damage leads to
            return None, [f"is in nbformat {version}, and damaged"]
        return converted, [f"is in nbformat {version}: converted"]
    if not isinstance(version, int) or not isinstance(raw.get("cells"), list):
        return None, []
    return raw, []


def _valid(raw, odd):
    cells, used = [], set()
    for number, cell in enumerate(raw["cells"]):
        if not isinstance(cell, dict) or cell.get("cell_type") not in _CELL_TYPES:
            continue
        source = cell.get("source", "")
        if isinstance(source, list):
            source = "".join(part for part in source if isinstance(part, str))
        if not isinstance(source, str):
            continue
        name = cell.get("id")
        if not isinstance(name, str) or name in used or not _CELL_ID.fullmatch(name):
            name = f"handed-in-{number}"
        used.add(name)
        clean = {"id": name, "cell_type": cell["cell_type"], "metadata": _metadata(cell)}
        # JSON can spell half a character; nothing else takes it.
        clean["source"] = source.encode("utf-8", "replace").decode("utf-8")
        if clean["cell_type"] == "code":
            clean |= {"outputs": [], "execution_count": None}
        elif pictures := _attachments(cell):
            clean["attachments"] = pictures
        cells.append(clean)
    if len(cells) < len(raw["cells"]):
        odd.append(f"holds what is no cell: {len(raw['cells']) - len(cells)} left out")
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def _metadata(cell):
    """Return a cell's name for nbgrader; the rest is the assignment's to say."""
    metadata = cell.get("metadata")
    named = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = named.get("grade_id") if isinstance(named, dict) else None
    return {"nbgrader": {"grade_id": name}} if isinstance(name, str) else {}


def _attachments(cell):
    """Return the pictures pasted into a cell, by name and type."""
    files = cell.get("attachments")
    files = files if isinstance(files, dict) else {}
    return {
        name: content
        for name, content in files.items()
        if isinstance(content, dict) and all(isinstance(data, str) for data in content.values())
    }


def grade_id(cell):
    """Return nbgrader's name of a cell, or None."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id")
