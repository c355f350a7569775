"""The course's folder: nbgrader with its configuration, and what it said of an error."""

import logging
from pathlib import Path

from nbgrader.apps.baseapp import NbGrader
from traitlets import Bool, Unicode
from traitlets.config import Configurable

from lstm_grade.box import seeds
from lstm_grade.run.errors import CannotGradeError, one_line


def open_course(db_url: str | None = None) -> NbGrader:
    """Return nbgrader with the configuration of this folder.

    Parameters
    ----------
    db_url : str, optional
        The gradebook; that of nbgrader_config.py unless given.

    Returns
    -------
    NbGrader
        Silent: `KeptErrors` hears what it has to say.
    """
    if not Path("nbgrader_config.py").exists():
        raise CannotGradeError("there is no nbgrader_config.py here; go to the course's root.")
    app = NbGrader()
    app.initialize([])
    if db_url:
        app.coursedir.db_url = db_url
    app.log.handlers = [logging.NullHandler()]
    app.log.propagate = False
    # nbgrader writes whole tracebacks there before it raises; they are named where they arrive.
    logging.getLogger("tornado.application").handlers = [logging.NullHandler()]
    logging.getLogger("tornado.application").propagate = False
    return app


class KeptErrors(logging.Handler):
    """Keeps the errors nbgrader logs: its exceptions only point to them. A context manager."""

    def __init__(self, log):
        super().__init__(logging.ERROR)
        self.errors = []
        self._log = log

    def __enter__(self):
        """Listen to a log."""
        self._log.addHandler(self)
        return self

    def __exit__(self, *_):
        """Stop listening."""
        self._log.removeHandler(self)

    def emit(self, record):
        """Keep a message."""
        self.errors.append(record.getMessage())

    def reason(self, exception: BaseException) -> str:
        """Return one line: the last of the traceback, or else what was raised."""
        tracebacks = [error for error in self.errors if error.startswith("Traceback")]
        return one_line((tracebacks or [exception])[0])


def read_secret(app: NbGrader) -> tuple[bytes, bool]:
    """Return the instructor's secret, made on first use, and whether no sandbox is wanted.

    Both are settings of nbgrader_config.py: ``c.LstmGrade.secret_file`` and
    ``c.LstmGrade.unsafe``.
    """
    settings = LstmGrade(parent=app)
    try:
        secret = seeds.read_secret(Path(app.coursedir.root, settings.secret_file))
        return secret, settings.unsafe
    except ValueError as error:
        raise CannotGradeError(str(error)) from error


class LstmGrade(Configurable):
    """Settings of lstm_grade in nbgrader_config.py."""

    unsafe = Bool(
        False,
        help="Execute without a sandbox: submissions can then do whatever you can.",
    ).tag(config=True)

    secret_file = Unicode(
        ".grading-secret",
        help="The file with the secret from which each student's seeds come; made on first use.",
    ).tag(config=True)
