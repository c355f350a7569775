"""Archives read as if a stranger had packed them: names and sizes are bounded before memory is.

Nothing is unpacked to a disk here. An entry that plays tricks is refused by
name; the others are read all the same.
"""

import errno
import io
import os
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from lstm_grade.run.errors import CannotGradeError, of_system
from lstm_grade.run.folder import shown

LARGEST_ENTRY = 256 * 2**20
# Unpacked, of one archive within another and of all that is read of a student.
LARGEST_INNER = 512 * 2**20
MOST_ENTRIES = 200_000
DEEPEST = 4
# A notebook full of the same picture is packed to a hundredth; a bomb to a thousandth.
_RATIO = 300
_SMALL = 32 * 2**20
# A tar is read from its beginning to its end, so all of it is in memory.
_LARGEST_TAR = 2**30
_NOBODYS = re.compile(
    r"(^|/)(__MACOSX|\.DS_Store|Thumbs\.db|desktop\.ini|Icon\r|\.AppleDouble|\.git|\._[^/]*)(/|$)",
    re.I,
)
_ARCHIVE = re.compile(r"\.(zip|tar|tar\.gz|tgz|tar\.bz2|tar\.xz)$", re.I)
_OTHER_ARCHIVE = re.compile(r"\.(7z|rar|gz|bz2|xz)$", re.I)


class RefusedError(ValueError):
    """Why an entry, or an archive in an archive, is not read."""


@dataclass(frozen=True)
class Entry:
    """A file in an archive or a folder: its path there, and how to read it."""

    path: str
    size: int
    read: Callable[[], bytes]

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePosixPath(self.path).name

    @property
    def is_archive(self) -> bool:
        """Whether it may hold others."""
        return bool(_ARCHIVE.search(self.path))

    @property
    def is_other_archive(self) -> bool:
        """Whether it is an archive that Python does not read."""
        return bool(_OTHER_ARCHIVE.search(self.path)) and not self.is_archive


@dataclass
class Refused:
    """What was refused: by path, and why."""

    found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, path: str, why: object) -> None:
        """Remember an entry that is not read."""
        self.found.append((shown(path), str(why)))


def entries(path: Path, refused: Refused, opened: ExitStack) -> Iterator[Entry]:
    """Yield the files of an archive or a folder, whatever else lies there.

    They can be read until `opened` closes.

    Raises
    ------
    CannotGradeError
        If it is neither, or cannot be read; it says what it is.
    """
    path = Path(path)
    try:
        if path.is_dir():
            yield from _of_folder(path, refused)
            return
        file = opened.enter_context(path.open("rb"))
        yield from _of_archive(file, refused)
    except RefusedError as error:
        raise CannotGradeError(f"{path} {error}.") from error
    except FileNotFoundError as error:
        raise CannotGradeError(
            f"there is no {path}. Give an archive, or a folder of files."
        ) from error
    except OSError as error:
        raise CannotGradeError(of_system(error)) from error


def inner(entry: Entry, refused: Refused, depth: int) -> Iterator[Entry]:
    """Yield the files of an archive within another one, under its path.

    Raises
    ------
    RefusedError
        If it is too deep, too large, or no archive.
    """
    if depth > DEEPEST:
        raise RefusedError(f"is an archive in {depth} others")
    content = io.BytesIO(entry.read())
    room = LARGEST_INNER
    for each in _of_archive(content, refused):
        room -= each.size
        if room < 0:
            raise RefusedError(f"unpacks to more than {LARGEST_INNER >> 20} MB")
        yield Entry(f"{entry.path}/{each.path}", each.size, each.read)


def _of_folder(folder: Path, refused: Refused) -> Iterator[Entry]:
    count = 0
    for where, folders, names in os.walk(folder, onerror=_raise):
        folders.sort()
        for name in sorted(names):
            path = Path(where, name)
            inside = path.relative_to(folder).as_posix()
            count += 1
            if _NOBODYS.search(inside):
                continue
            mode = path.lstat().st_mode
            if not stat.S_ISREG(mode):
                refused.add(inside, "is a link" if stat.S_ISLNK(mode) else "is no file")
            elif count > MOST_ENTRIES:
                raise RefusedError(f"holds more than {MOST_ENTRIES} files")
            else:
                size = path.lstat().st_size
                yield Entry(inside, size, lambda path=path, size=size: _whole(path, size))


def _raise(error):
    raise error


def _whole(path, size):
    if size > LARGEST_ENTRY:
        raise RefusedError(f"is larger than {LARGEST_ENTRY >> 20} MB")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with open(descriptor, "rb") as file:
        return file.read(LARGEST_ENTRY)


def _of_archive(file, refused: Refused) -> Iterator[Entry]:
    head = file.read(262)
    file.seek(0)
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        yield from _of_zip(file, refused)
    elif (
        head[:2] == b"\x1f\x8b" or head[:3] == b"BZh" or head[:6] == b"\xfd7zXZ\0" or _is_tar(head)
    ):
        yield from _of_tar(file, refused)
    elif head[:6] == b"7z\xbc\xaf\x27\x1c" or head[:4] == b"Rar!":
        raise RefusedError("is a 7z or RAR archive: unpack it, and give the folder, or a zip")
    elif not head:
        raise RefusedError("is empty")
    else:
        raise RefusedError("is no archive (zip, tar, tar.gz), and no folder")


def _is_tar(head):
    return head[257:262] == b"ustar"


def _of_zip(file, refused: Refused) -> Iterator[Entry]:
    try:
        archive = zipfile.ZipFile(file)
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError) as error:
        raise RefusedError(f"is a damaged zip: {error}") from error
    if len(members) > MOST_ENTRIES:
        raise RefusedError(f"holds more than {MOST_ENTRIES} files")
    for member in members:
        name = _as_written(member)
        if member.is_dir() or _NOBODYS.search(name):
            continue
        if why := _trick(name, member.external_attr >> 16 if member.create_system == 3 else 0):
            refused.add(name, why)
        elif member.flag_bits & 1:
            refused.add(name, "is encrypted")
        elif member.file_size > LARGEST_ENTRY:
            refused.add(name, f"unpacks to {member.file_size >> 20} MB, more than 256 MB")
        elif member.file_size > max(_SMALL, _RATIO * member.compress_size):
            refused.add(name, f"is {member.compress_size} bytes that unpack to {member.file_size}")
        else:
            clean = str(PurePosixPath(name))
            yield Entry(clean, member.file_size, lambda m=member: _unzip(archive, m))


def _as_written(member) -> str:
    """Return an entry's name: many programs write UTF-8 and do not say so."""
    name = member.orig_filename
    if not member.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            pass
    # Programs of Windows part folders by their own sign, against the format.
    return name.replace("\\", "/") if member.create_system == 0 else name


def _unzip(archive, member) -> bytes:
    """Return an entry's content; what it says of its size may be a lie."""
    try:
        with archive.open(member) as file:
            content = file.read(member.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise RefusedError(f"is damaged: {error}") from error
    except OSError as error:
        if error.errno in (None, errno.EINVAL):
            raise RefusedError(f"is damaged: {error}") from error
        raise
    if len(content) > member.file_size:
        raise RefusedError("is larger than it says")
    return content


def _of_tar(file, refused: Refused) -> Iterator[Entry]:
    count, room = 0, _LARGEST_TAR
    try:
        with tarfile.open(fileobj=file) as archive:
            for member in archive:
                count += 1
                room -= member.size
                if count > MOST_ENTRIES or room < 0:
                    raise RefusedError("unpacks to more than 1 GB: make a zip of it")
                if member.isdir() or _NOBODYS.search(member.name):
                    continue
                mode = 0 if member.isreg() else stat.S_IFLNK if member.issym() else stat.S_IFIFO
                if why := _trick(member.name, mode):
                    refused.add(member.name, why)
                elif member.size > LARGEST_ENTRY:
                    refused.add(member.name, f"unpacks to {member.size >> 20} MB, more than 256 MB")
                else:
                    # A compressed tar is read once: there is no way back in it.
                    content = archive.extractfile(member).read()
                    clean = str(PurePosixPath(member.name))
                    yield Entry(clean, member.size, lambda content=content: content)
    except (tarfile.TarError, EOFError, zlib.error, ValueError) as error:
        raise RefusedError(f"is a damaged archive: {error}") from error


def _trick(name: str, mode: int) -> str:
    """Return what is wrong with an entry's name or kind; "" if nothing is."""
    parts = name.split("/")
    if stat.S_ISLNK(mode):
        return "is a link"
    if mode and stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        return "is no file"
    if "\0" in name or any(ord(c) < 32 for c in name):
        return "has a control character in its name"
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or "\\" in name or ".." in parts:
        return "has a name that leads out of the archive"
    if any(len(part.encode("utf-8", "replace")) > 255 for part in parts) or len(name) > 2000:
        return "has a name that is too long"
    return ""
