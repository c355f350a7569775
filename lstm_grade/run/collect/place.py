"""A student's files into their folder of submitted/: whole or not at all."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from lstm_grade.run.folder import shown
from lstm_grade.run.times import TimeError, parse

TIMESTAMP = "timestamp.txt"
# What nbgrader's exchange has put there stays.
_KEPT = ("submission_secret.txt",)


@dataclass
class Placed:
    """What became of a student's files: "new", "updated", "as before" or "older", and remarks."""

    what: str
    remarks: list[str] = field(default_factory=list)


def place(
    folder: Path, files: Mapping[str, bytes], when: datetime | None, scratch: Path, dry: bool
) -> Placed:
    """Put files into a folder, in place of those of an earlier archive.

    Parameters
    ----------
    folder : Path
        ``submitted/<student>/<assignment>``.
    files : mapping of str to bytes
        By path in it.
    when : datetime or None
        When they were handed in, in UTC.
    scratch : Path
        A folder beside it for what is not finished.
    dry : bool
        Only say what would be done.
    """
    before = _read(folder)
    old_time = before.pop(TIMESTAMP, None)
    kept = {name: before.pop(name) for name in _KEPT if name in before}
    files = {name: content for name, content in files.items() if name not in (TIMESTAMP, *_KEPT)}
    new_time = f"{when:%Y-%m-%d %H:%M:%S} UTC\n".encode() if when else None
    if before == files and before:
        if new_time is None or new_time == old_time:
            return Placed("as before")
        placed = Placed("updated", ["its time"])
    elif not before:
        placed = Placed("new")
    else:
        earlier = _time(old_time)
        if when and earlier and when < earlier:
            return Placed("older", [f"older than what is there, of {earlier:%Y-%m-%d %H:%M} UTC"])
        placed = Placed("updated")
        if old_time and not new_time:
            placed.remarks.append("handed in again; when is not known")
    if not dry:
        new = {**files, **kept, **({TIMESTAMP: new_time} if new_time else {})}
        _write(folder, new, scratch)
    return placed


def _time(content):
    try:
        return parse(content.decode()) if content else None
    except (TimeError, UnicodeDecodeError):
        return None


def _read(folder: Path) -> dict[str, bytes]:
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = Path(where, name)
            if path.is_file() and not path.is_symlink():
                found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def _write(folder, files, scratch):
    new, old = scratch / "new", scratch / "old"
    shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)
    for name, content in files.items():
        path = new / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    new.mkdir(parents=True, exist_ok=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists() or folder.is_symlink():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def bad_folder(student: str) -> str:
    """Return why no folder can have a student's name; "" if one can."""
    if not student or student in (".", "..") or student.startswith("."):
        return f"{shown(student)!r} is no name for a folder"
    if "/" in student or "\\" in student or not student.isprintable():
        return f"{shown(student)!r} is no name for a folder"
    if len(student.encode("utf-8", "replace")) > 120:
        return f"{shown(student)!r} is too long for a name"
    if set(student) & set("*?[]"):
        return f"{shown(student)!r} has a sign that nbgrader reads as a pattern"
    return ""
