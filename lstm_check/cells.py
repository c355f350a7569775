"""What happens to cells of a notebook: not run, stopped on the way, interrupted."""

import inspect
import re
import traceback
from pathlib import Path

from lstm_check.errors import CheckError
from lstm_check.unfolding import ipython

_HERE = str(Path(__file__).parent)


def line_of(error):
    """Return the first line of an exception's traceback that is not the checker's, or ""."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _HERE not in f.filename]
    return getattr(error, "student_line", frames[0].line if frames else "")


def check_newest(name, function):
    """Raise a `CheckError` if the cell that was run last to define a function did not get there."""
    run = ipython().user_ns.get("In", []) if ipython() else []
    head = rf"^def {name}\("
    run = [cell for cell in run if re.search(head, cell, re.MULTILINE)]
    try:
        source = inspect.getsource(function).strip()
    except (TypeError, OSError):  # no text can be had
        return
    if run and re.match(head, source) and source not in run[-1]:
        raise CheckError(
            "stopped",
            f"{name}: the cell in which you write it stopped with an error when it was run last.",
            "So the function from before would be checked. Mend that cell, and run it first.",
        )


def fail_interrupted(name, error):
    """Say where a function was when it was interrupted; raise the error if it was not there."""
    line = line_of(error)
    if not line:
        raise error
    raise CheckError(
        "interrupted",
        f"{name} was interrupted at: {line}",
        "Does each loop in it come to an end? What changes from one round to the next?",
    ) from None


def explain_names(names):
    """Let IPython say what to do where one of these functions is not there."""

    def handler(shell, kind, error, trace, tb_offset=None):
        if error.name in names:
            lines = [
                f"{error.name} is not there yet: run the cell in which you write it.",
                "If that one stops with an error, mend it first.",
            ]
            error._render_traceback_ = lambda: lines
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

    if ipython():
        ipython().set_custom_exc((NameError,), handler)
