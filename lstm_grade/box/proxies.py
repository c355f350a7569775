"""What a test sees of a submission: functions that run elsewhere, and values."""

import builtins
import sys
import warnings

import numpy as np

from lstm_grade.box import wire

# StopIteration would end a loop of the test as if nothing were wrong.
_UNLIKE = (StopIteration, StopAsyncIteration, BaseExceptionGroup, UnicodeError)
EXCEPTIONS = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type)
    and issubclass(kind, Exception)
    and not issubclass(kind, _UNLIKE)
    and kind is not Exception
}


class SubmissionError(RuntimeError):
    """What a submission raised that is no built-in exception, or why it could not be asked."""


class Proxy:
    """A function of a submission.

    Parameters
    ----------
    name : str
        The name under which the submission knows it.
    ask : callable
        ``ask(request, buffers)`` returns the answer and its buffers.
    """

    def __init__(self, name, ask):
        self.__name__ = self.__qualname__ = name
        self._ask = ask

    def __repr__(self):
        """Name the function."""
        return f"<function {self.__name__} of the submission>"

    def __call__(self, *args, **kwargs):
        """Call the function with copies of the arguments.

        What the function prints is printed, its warnings are issued, what it
        changed in the arguments is changed in them.

        Raises
        ------
        TypeError
            If an argument cannot be passed.
        Exception
            What the function raises, if it is built in; its ``student_line``
            is the line of the submission. Otherwise a `SubmissionError`.
        TimeoutError
            If it took too long.
        """
        buffers = []
        arguments = wire.pack((args, kwargs), buffers)
        request = {"do": "call", "name": self.__name__, "arguments": arguments}
        try:
            reply, replied = self._ask(request, buffers)
        except (SubmissionError, TimeoutError) as error:
            error.student_line = ""  # it stopped at no line that is known
            raise
        error, value = None, None
        try:
            for output in reply["outputs"]:
                if output["kind"] == "stream":
                    stream = sys.stderr if output["name"] == "stderr" else sys.stdout
                    stream.write(str(output["text"]))
            if "arguments" in reply:
                changed = wire.unpack(reply["arguments"], replied)
                _write_back((args, kwargs), changed, self.__name__)
            if "error" in reply:
                error = revive(reply["error"])
            else:
                value = wire.unpack(reply["value"], replied)
            issued = [
                (_kind(names, Warning) or UserWarning, str(text), int(line))
                for names, text, line in reply.get("warnings", ())
            ]
        except SubmissionError:
            raise
        except Exception:  # whatever a forged answer may cause
            raise SubmissionError(f"{self.__name__} answered with something else.") from None
        for kind, text, line in issued:
            warnings.warn_explicit(text, kind, self.__name__, line)
        if error:
            raise error
        return value


def revive(reported):
    """Return the exception that a submission reported."""
    name, text = str(reported["name"])[:100], str(reported["text"])
    kind = _kind(reported["ancestors"], Exception)
    if not kind:
        error = SubmissionError(f"{name}: {text}")
    elif kind.__name__ == name:
        error = kind(text)
    else:
        error = kind(f"{name}: {text}")
    error.student_line = str(reported["line"])[:200]
    trace = [str(line)[:200] for line in reported["trace"]]
    if trace:
        error.add_note("\n".join(["In the submission:", *trace]))
    return error


def _kind(names, base):
    """Return the first of the built-in exceptions that come from `base`."""
    for name in names:
        kind = EXCEPTIONS.get(name)
        if kind and issubclass(kind, base) and kind is not base:
            return kind
    return None


def _write_back(given, changed, name):
    """Change what was given into what it was changed into; only mutable values can differ."""
    if isinstance(given, np.ndarray) and isinstance(changed, np.ndarray):
        if changed.shape != given.shape or changed.dtype != given.dtype:
            raise_changed(name)
        if given.tobytes() != changed.tobytes():
            if not given.flags.writeable:
                raise_changed(name)
            given[...] = changed
    elif isinstance(given, tuple | list) and len(given) == len(changed):
        for place, (old, new) in enumerate(zip(given, changed, strict=True)):
            if isinstance(old, np.ndarray | list | dict | tuple | set):
                _write_back(old, new, name)
            elif isinstance(given, list):
                given[place] = new
    elif isinstance(given, list):
        given[:] = changed
    elif isinstance(given, dict):
        for key in given.keys() & changed.keys():
            if isinstance(given[key], np.ndarray | list | dict | tuple | set):
                _write_back(given[key], changed[key], name)
                changed[key] = given[key]
        given.clear()
        given.update(changed)
    elif isinstance(given, set):
        given.clear()
        given.update(changed)


def raise_changed(name):
    """Say that an array is not the one any more that was given."""
    raise SubmissionError(f"{name} changes the shape, or more, of an array it was given.")
