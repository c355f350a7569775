"""Seeds of tests: random to a student, the same each time the work is graded."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

VARIABLE = "LSTM_GRADE_SEED"


def read_secret(path: str | Path) -> bytes:
    """Return the instructor's secret in a file; make the file if there is none.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        If the file is empty.
    """
    path = Path(path)
    try:
        # Complete before it has its name: another process may be about to read it.
        new = path.with_name(f"{path.name}.{os.getpid()}")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32) + "\n")
        os.link(new, path)
    except FileExistsError:
        pass
    finally:
        new.unlink(missing_ok=True)
    secret = path.read_bytes().strip()
    if not secret:
        raise ValueError(f"{path} is empty. Delete it, and a new secret is made.")
    return secret


def seed(secret: bytes, assignment: str, student: str, test: str) -> int:
    """Return the seed of a test, 0 <= seed < 2**63.

    Parameters
    ----------
    secret : bytes
    assignment, student, test : str
        `test` is the grade_id.
    """
    words = "\0".join((assignment, student, test))
    digest = hmac.new(secret, words.encode("utf-8", "surrogateescape"), hashlib.sha256).digest()
    return int.from_bytes(digest[:8]) >> 1
