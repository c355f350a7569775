"""What a test sees of a submission: functions that run elsewhere, and values."""

from __future__ import annotations

import builtins
import sys
import warnings
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from lstm_grade.box import frames, wire
from lstm_grade.box.answers import answer

# StopIteration would end a loop of the test as if nothing were wrong.
_UNLIKE = (StopIteration, StopAsyncIteration, BaseExceptionGroup, UnicodeError)
EXCEPTIONS: dict[str, type[Exception]] = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type)
    and issubclass(kind, Exception)
    and not issubclass(kind, _UNLIKE)
    and kind is not Exception
}
MOST = 200  # outputs, warnings, lines of a traceback
# What arithmetic in another order may change, between two answers to one question.
RTOL, ATOL = 1e-6, 1e-9

Functions = dict[str, Callable[..., Any]]


class SubmissionError(RuntimeError):
    """What a submission raised that is no built-in exception, or why it could not be asked."""

    student_line = ""  # it stopped at no line that is known


class Asked(Protocol):
    """A process of a submission: it is asked, and `wire` unpacks what it answers."""

    def call(self, request: dict[str, Any], buffers: frames.Buffers) -> tuple[dict[str, Any], Any]:
        """Return the answer to a call and its buffers."""

    def unpack(self, packed: Any, buffers: frames.Buffers) -> Any:
        """Return a value of the answer."""

    def given(self, name: str, functions: Functions) -> Asked:
        """Return another process, in which names stand for these functions."""


class Proxy:
    """A function of a submission.

    Parameters
    ----------
    name : str
        The name under which the submission knows it.
    process : Asked
    twice : bool
        Whether each call is asked twice, and must be answered twice the same.
    """

    def __init__(self, name: str, process: Asked, twice: bool = False) -> None:
        self.__name__ = self.__qualname__ = name
        self._process, self._twice = process, twice
        self._late = ""  # what was said when it took too long

    def __repr__(self) -> str:
        """Name the function."""
        return f"<function {self.__name__} of the submission>"

    def given(self, **functions: Callable[..., Any]) -> Proxy:
        """Return the same function in a process of its own, in which names stand for these.

        Parameters
        ----------
        **functions : callable
            Right functions by the names of those of the submission that they
            replace. They run in a third process.

        Raises
        ------
        TypeError
            If one is not a function, or is one of the submission.
        ValueError
            If a name is not among the exports.
        """
        for name, function in functions.items():
            if isinstance(function, Proxy) or not callable(function):
                raise TypeError(f"given({name}=...) takes a function of yours, got {function!r}.")
        process = self._process.given(self.__name__, functions)
        return Proxy(self.__name__, process, twice=True)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
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
            If it took too long, or did so before: it is not asked again, since that would
            use up the time of the functions that come later.
        """
        buffers: list[bytes] = []
        arguments = wire.pack((args, kwargs), buffers)
        request = {"do": "call", "name": self.__name__, "arguments": arguments}
        told = self._ask(request, buffers)
        if self._twice and not _same(told, self._ask(request, buffers)):
            raise SubmissionError(f"{self.__name__} answers differently when it is asked again.")
        for stream, text in told.printed:
            (sys.stderr if stream == "stderr" else sys.stdout).write(text)
        if told.arguments is not None:
            _write_back((args, kwargs), answer(told.arguments), self.__name__)
        for kind, text, line in told.warnings:
            warnings.warn_explicit(text, kind, self.__name__, line)
        if told.error:
            raise told.error
        return answer(told.value)

    def _ask(self, request: dict[str, Any], buffers: frames.Buffers) -> _Told:
        try:
            if self._late:
                raise TimeoutError(self._late)
            reply, replied = self._process.call(request, buffers)
        except TimeoutError as error:
            self._late = str(error)
            error.student_line = ""  # type: ignore[attr-defined]
            raise
        try:
            return _Told(self._process, reply, replied)
        except SubmissionError:
            raise
        except Exception:  # whatever a forged answer may cause
            raise SubmissionError(f"{self.__name__} answered with something else.") from None


class _Told:
    """What an answer says, taken apart."""

    def __init__(self, process: Asked, reply: dict[str, Any], buffers: frames.Buffers) -> None:
        self.printed = [
            (str(output["name"]), str(buffers[output["buffer"]], "utf-8", "replace"))
            for output in reply["outputs"][:MOST]
            if output["kind"] == "stream"
        ]
        self.arguments = self.value = self.error = None
        if "arguments" in reply:
            self.arguments = process.unpack(reply["arguments"], buffers)
        if "error" in reply:
            self.error = revive(reply["error"])
        else:
            self.value = process.unpack(reply["value"], buffers)
        self.warnings = [
            (_kind(names, Warning) or UserWarning, str(text)[:2000], int(line))
            for names, text, line in reply.get("warnings", ())[:MOST]
        ]


def _same(a: _Told, b: _Told) -> bool:
    if a.error or b.error:
        return type(a.error) is type(b.error)
    return _equal(a.value, b.value)


def _equal(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(_equal, a, b))
    if isinstance(a, np.ndarray | np.generic | float):
        x, y = np.asarray(a), np.asarray(b)
        if x.shape != y.shape or x.dtype != y.dtype:
            return False
        return (
            np.allclose(x, y, RTOL, ATOL, equal_nan=True)
            if x.dtype.kind in "fc"
            else np.array_equal(x, y)
        )
    return isinstance(a, wire.Other) or a == b


def revive(reported: dict[str, Any]) -> Exception:
    """Return the exception that a submission reported."""
    name, text = str(reported["name"])[:100], str(reported["text"])[:2000]
    kind = _kind(reported["ancestors"], Exception)
    error: Exception
    if not kind:
        error = SubmissionError(f"{name}: {text}")
    elif kind.__name__ == name:
        error = kind(text)
    else:
        error = kind(f"{name}: {text}")
    error.student_line = str(reported["line"])[:200]  # type: ignore[attr-defined]
    trace = [str(line)[:200] for line in reported["trace"][:MOST]]
    if trace:
        error.add_note("\n".join(["In the submission:", *trace]))
    return error


def _kind(names: Any, base: type[Exception]) -> type[Any] | None:
    """Return the first of the built-in exceptions that come from `base`."""
    for name in names[:MOST]:
        kind = EXCEPTIONS.get(name)
        if kind and issubclass(kind, base) and kind is not base:
            return kind
    return None


def _write_back(given: Any, changed: Any, name: str) -> None:
    """Change what was given into what it was changed into; only mutable values can differ."""
    mutable = (np.ndarray, list, dict, tuple, set)
    if isinstance(given, np.ndarray) and isinstance(changed, np.ndarray):
        if changed.shape != given.shape or changed.dtype != given.dtype:
            raise_changed(name)
        if given.tobytes() != changed.tobytes():
            if not given.flags.writeable:
                raise_changed(name)
            given[...] = changed
    elif isinstance(given, tuple | list) and isinstance(changed, tuple | list):
        if len(given) == len(changed):
            for place, (old, new) in enumerate(zip(given, changed, strict=True)):
                if isinstance(old, mutable):
                    _write_back(old, new, name)
                elif isinstance(given, list):
                    given[place] = new
        elif isinstance(given, list):
            given[:] = changed
    elif isinstance(given, dict) and isinstance(changed, dict):
        for key in given.keys() & changed.keys():
            if isinstance(given[key], mutable):
                _write_back(given[key], changed[key], name)
                changed[key] = given[key]
        given.clear()
        given.update(changed)
    elif isinstance(given, set) and isinstance(changed, set):
        given.clear()
        given.update(changed)


def raise_changed(name: str) -> None:
    """Say that an array is not the one any more that was given."""
    raise SubmissionError(f"{name} changes the shape, or more, of an array it was given.")
