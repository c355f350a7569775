"""From what a student handed in to a notebook, as far as it can be had.

Nothing here raises because of a submission: what cannot be read is left out,
and a remark says so.
"""

import json
import re

from lstm_grade.run.folder import LARGEST_NOTEBOOK

_CELL_TYPES = ("code", "markdown", "raw")
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_CELL = re.compile(r'\{\s*"(?:cell_type|id|metadata|attachments|execution_count|input)"')
_MOST_DAMAGES = 100
_BETWEEN = re.compile(r"[\s,]*")
_BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


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
        return None, [f"is larger than {LARGEST_NOTEBOOK // 2**20} MB without its outputs"]
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
    """Return the notebook made of the cells that are whole, or None."""
    start = re.search(r'"cells"\s*:\s*\[', text)
    if not start:
        return None
    cells, end, damages = [], start.end(), 0
    decoder = json.JSONDecoder()
    while damages < _MOST_DAMAGES:
        at = _BETWEEN.match(text, end).end()
        try:
            cell, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            # Whole cells can follow, after a merge conflict for instance.
            damages += 1
            following = _CELL.search(text, max(at + 1, end + 1))
            if not following:
                break
            end = following.start()
            continue
        if isinstance(cell, dict) and "cell_type" in cell:
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
    """Return what nbgrader knows a cell by; the rest is the assignment's to say."""
    metadata = cell.get("metadata")
    named = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    named = named if isinstance(named, dict) else {}
    kept = {key: named[key] for key in ("grade_id", "checksum") if isinstance(named.get(key), str)}
    return {"nbgrader": kept} if "grade_id" in kept else {}


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
