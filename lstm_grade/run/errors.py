"""What can fail on the grader's side, named as what it is. None of it is ever a mark."""

import errno
import os

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

# What an error of SQLite or PostgreSQL says, and what that means for whoever grades.
_OF_DATABASES = {
    "database is locked": "is locked: another program is writing to it. Close the formgrader, "
    "or wait until the other command is done",
    "file is not a database": "is not a gradebook, nor any SQLite database. Put a copy of the "
    "gradebook in its place; where there is none, move the file away and a new one is made",
    "disk image is malformed": "is damaged. Put a copy of it in its place, or save what is left: "
    "sqlite3 gradebook.db .recover",
    "database or disk is full": "cannot grow: the disk is full. Make room on it",
    "unable to open database file": "cannot be opened. See whether its folder is there, and yours",
    "readonly database": "is write-protected. See whose file it is",
    "no such table": "was made by another version of nbgrader. Make a copy of it, then run: "
    "nbgrader db upgrade",
    "no such column": "was made by another version of nbgrader. Make a copy of it, then run: "
    "nbgrader db upgrade",
    "connection": "does not answer. See whether the server runs, and its address",
    "password": "does not let you in. See the user's name and password in its address",
}
# Errors of the system that stop everything, not one student.
_OF_ALL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.ENFILE, errno.EMFILE, errno.ENOMEM)


class CannotGradeError(Exception):
    """Why nothing more can be graded; what was graded is kept."""


class NotGradedError(Exception):
    """Why one submission has no mark, though its student may have earned one."""


def of_gradebook(error: Exception, db_url: str) -> str:
    """Return a sentence on an error of the gradebook.

    Parameters
    ----------
    error : Exception
        Of SQLAlchemy, or of nbgrader while it used it.
    db_url : str
        The gradebook's address; its password is not shown.
    """
    url = make_url(db_url)
    local = url.drivername.startswith("sqlite") and url.database
    place = os.path.relpath(url.database) if local else url.render_as_string(hide_password=True)
    said = str(getattr(error, "orig", None) or error)
    for sign, meaning in _OF_DATABASES.items():
        if sign in said:
            return f"the gradebook {place} {meaning}."
    return f"the gradebook {place} cannot be used: {one_line(said)}"


def of_system(error: OSError) -> str:
    """Return a sentence on an error of files, disks or memory."""
    where = f" ({os.path.relpath(error.filename)})" if isinstance(error.filename, str) else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full{where}. Make room; the same command goes on from here."
    return f"{one_line(error.strerror or str(error))}{where}."


def behind(error: BaseException | None, kind: type) -> BaseException | None:
    """Return the error of a kind that led to another one, or None."""
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error


def stops_all(error: Exception) -> bool:
    """Whether the next submission would fail in the same way."""
    if isinstance(error, SQLAlchemyError):
        return isinstance(error, DBAPIError)
    return isinstance(error, OSError) and error.errno in _OF_ALL


def one_line(text: object) -> str:
    """Return the last line of a text that says something."""
    lines = [line for line in str(text).strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it says nothing"
