"""Tables in files, as people and systems write them; and written such that they stay tables."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from lstm_grade.run.folder import shown

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
LARGEST = 16 * 2**20


class TableError(ValueError):
    """Why a file cannot be read as a table."""


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes
    ----------
    columns : list of str
    numbered : list of (int, dict of str to str)
        Each row, and its line in the file. Cells that miss are empty.
    read_as : str
        What was found out about the file, such as ``utf-16, columns parted by ;``.
    """

    columns: list[str]
    numbered: list[tuple[int, dict[str, str]]]
    read_as: str

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows without their numbers."""
        return [row for _, row in self.numbered]


def read_table(path: Path) -> Table:
    """Read a file of rows and columns, whatever its encoding and what parts its columns.

    Raises
    ------
    TableError
        If it is no table; it says what it is, and what helps.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > LARGEST:
        raise TableError(f"{path} is larger than {LARGEST >> 20} MB")
    text, encoding = decode(content, path)
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise TableError(f"{path} is empty")
    # Excel says so in a first line of its own.
    first, named = lines[0], lines[0].strip('"').lower()
    mark = named[4:] if named.startswith("sep=") and len(named) == 5 else None
    if mark:
        first = lines[1] if len(lines) > 1 else ""
    # Above the columns there may be a title.
    head = first if mark else max(lines[:20], key=lambda line: max(map(line.count, ",;\t|")))
    mark = mark or max(",;\t|", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=False)
    columns: list[str] = []
    numbered = []
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells) or (not columns and cells[0].lower().startswith("sep=")):
                continue
            if not columns:
                if mark in head and sum(map(bool, cells)) < 2:
                    continue
                columns = cells
                continue
            cells += [""] * (len(columns) - len(cells))
            numbered.append((reader.line_num, dict(zip(columns, cells, strict=False))))
    except csv.Error as error:
        raise TableError(f"{path}, line {reader.line_num}: {error}") from error
    parted = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}[mark]
    return Table(columns, numbered, f"{encoding}, {parted} between columns")


def decode(content: bytes, path="the file") -> tuple[str, str]:
    """Return the text of a file and its encoding, which few files say.

    Raises
    ------
    TableError
        If it is no text.
    """
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise TableError(f"{path} is an Excel workbook; save it as CSV UTF-8 (File, Save as)")
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            try:
                return content.decode(encoding), encoding.removesuffix("-sig")
            except UnicodeDecodeError as error:
                raise TableError(
                    f"{path} begins as {encoding} and is none: {error.reason}"
                ) from None
    # UTF-16 without its mark: every other byte of Latin letters is 0.
    head = content[:400]
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if len(head) > 4 and zeros.count(0) > 0.8 * len(zeros):
            return content.decode(encoding, "replace"), encoding
    if b"\0" in content:
        raise TableError(f"{path} is no text")
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace"), "Latin-1 (Windows)"


# A spreadsheet takes a text that begins so for a formula, also with these wide signs.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def write_table(path: Path, rows) -> None:
    """Write rows as CSV in UTF-8, whole or not at all; no cell of it is a formula.

    Numbers are written as such. A text that a spreadsheet would run gets an
    apostrophe in front, and what turns the direction of writing is shown as such.
    """
    path = Path(path)
    text = io.StringIO(newline="")
    csv.writer(text).writerows([map(cell, row) for row in rows])
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_bytes(text.getvalue().encode("utf-8", "replace"))
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def cell(value: object) -> str:
    """Return a value as it is written into a table."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, int):
        return str(value)
    text = shown(value, 32_000)
    if text.lstrip().startswith(_FORMULA) and not _is_number(text):
        return f"'{text}"
    return text


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True
