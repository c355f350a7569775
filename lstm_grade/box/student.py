"""The process of one submission: executes its cells and calls its functions, when asked to.

It answers each request with one frame. A submission shares this process and
can do anything to it, forge answers too: the other side takes them as data.
"""

from __future__ import annotations

import ast
import builtins
import io
import linecache
import os
import re
import socket
import sys
import threading
import traceback
import types
import warnings
from pathlib import Path
from typing import Any, NoReturn

from lstm_grade.box import frames, wire

RICH = ("html", "javascript", "svg", "jpeg", "pdf", "latex", "markdown", "mimebundle")
SURROGATES = re.compile("[\ud800-\udfff]")
OUTPUTS = 200  # of a cell or a call; more of one stream are one output
DROPPED = "Only text and PNG images are kept of what a cell shows."

Request = dict[str, Any]
Reply = dict[str, Any]


class Student:
    """Answers the requests that arrive on a socket.

    Parameters
    ----------
    sock : socket.socket
    modules : list of str
        What there is to import, as a message says.
    """

    def __init__(self, sock: socket.socket, modules: list[str]) -> None:
        self.sock = sock
        self.modules = ", ".join(modules)
        self.pid = os.getpid()
        self.asked: int | None = None  # the number of the request that is being answered
        self.lock = threading.RLock()
        self.given: dict[str, Given] = {}
        self.outputs: list[dict[str, Any]] = []
        self.buffers: list[bytes] = []
        self.room = 0  # characters that may still be shown
        self.main = types.ModuleType("__main__")
        vars(self.main).update(display=self.display, __builtins__=builtins)
        sys.modules["__main__"] = self.main
        self.namespace = vars(self.main)

    def serve(self) -> NoReturn:
        """Answer until the socket closes."""
        while True:
            request, buffers = frames.receive(self.sock)
            self.outputs, self.buffers, self.room = [], [], request["room"]
            self.asked = request["id"]
            sys.stdout, sys.stderr = Stream(self, "stdout"), Stream(self, "stderr")
            try:
                reply = getattr(self, "do_" + request["do"])(request, buffers)
            except frames.WireError as error:  # too much of something
                self.buffers.clear()
                reply = {"error": self.error(error)}
            if os.getpid() != self.pid:
                os._exit(0)  # a child that the submission forked has come back here
            self.reply(reply)

    def reply(self, reply: dict[str, Any]) -> None:
        """Send the answer to a request, with what was shown on the way."""
        with self.lock:
            number, self.asked = self.asked, None
            for output in self.outputs:
                if "text" in output:
                    text = SURROGATES.sub("\N{REPLACEMENT CHARACTER}", output.pop("text"))
                    self.buffers.append(text.encode())
                    output["buffer"] = len(self.buffers) - 1
            try:
                frames.send(
                    self.sock, {**reply, "id": number, "outputs": self.outputs}, self.buffers
                )
            except frames.WireError as error:
                reply = {"id": number, "outputs": [], "error": self.error(error)}
                frames.send(self.sock, reply)

    def do_give(self, request: Request, buffers: frames.Buffers) -> Reply:
        """Put functions of the tests in the place of the submission's, by name."""
        self.given = {name: Given(self, name) for name in request["names"]}
        self.namespace.update(self.given)
        return {}

    def do_files(self, request: Request, buffers: frames.Buffers) -> Reply:
        """Write data files into the scratch."""
        for name, data in zip(request["names"], buffers, strict=True):
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(0o444)
        return {}

    def do_cell(self, request: Request, buffers: frames.Buffers) -> Reply:
        """Execute a cell; the value of a last expression is shown."""
        name = f"<{request['name']}>"
        reply = {}
        try:
            body, last = self.parse(request["source"], name)
            exec(compile(body, name, "exec"), self.namespace)
            if last:
                value = eval(compile(last, name, "eval"), self.namespace)
                if value is not None:
                    self.show(value, "result")
            self.figures()
        except BaseException as error:
            reply = {"error": self.error(error)}
        self.namespace.update(self.given)
        return reply

    def do_look(self, request: Request, buffers: frames.Buffers) -> Reply:
        """Return what the names stand for: a function, or a value."""
        found = {}
        for name in request["names"]:
            if name in self.namespace:
                value = self.namespace[name]
                found[name] = (
                    {"function": True}
                    if callable(value)
                    else {"value": wire.pack(value, self.buffers, other=True)}
                )
        return {"found": found}

    def do_call(self, request: Request, buffers: frames.Buffers) -> Reply:
        """Call a function of the submission; report what became of the arguments."""
        reply = {}
        args, kwargs = given = wire.unpack(request["arguments"], buffers)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                value = self.namespace[request["name"]](*args, **kwargs)
                reply["value"] = wire.pack(value, self.buffers, other=True)
            except BaseException as error:
                self.buffers.clear()
                reply["error"] = self.error(error)
        kept: list[bytes] = []
        if wire.pack(given, kept, other=True) != request["arguments"] or kept != buffers:
            reply["arguments"] = wire.pack(given, self.buffers, other=True)
        reply["warnings"] = [
            [ancestors(warning.category), text(warning.message), warning.lineno]
            for warning in caught[:20]
        ]
        return reply

    def parse(self, source: str, name: str) -> tuple[ast.Module, ast.Expression | None]:
        """Return the cell as a module without its last expression, and that expression."""
        try:
            tree = ast.parse(source, name)
        except SyntaxError:
            plain = without_magics(source)
            if plain == source:
                raise
            source = plain
            tree = ast.parse(source, name)
            print("Lines for IPython (%, ! and ?) are left out when grading.", file=sys.stderr)
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        end = tree.body[-1] if tree.body else None
        if isinstance(end, ast.Expr) and not ends_quietly(source):
            return ast.Module(tree.body[:-1], []), ast.Expression(end.value)
        return tree, None

    def display(self, *values: object, **options: object) -> None:
        """Show values; stands in for IPython's function of this name."""
        for value in values:
            self.show(value, "display")

    def show(self, value: object, kind: str) -> None:
        """Add the text of a value, or the PNG of a figure, to the outputs."""
        figure = getattr(sys.modules.get("matplotlib.figure"), "Figure", ())
        if isinstance(value, figure):
            self.image(value)
            return
        if any(hasattr(type(value), f"_repr_{form}_") for form in RICH):
            print(DROPPED, file=sys.stderr)
        self.add({"kind": kind, "text": repr(value)})

    def figures(self) -> None:
        """Show the open figures and close them, as in a notebook."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot:
            for number in pyplot.get_fignums():
                self.image(pyplot.figure(number))
            pyplot.close("all")

    def image(self, figure: Any) -> None:
        """Add a figure as PNG."""
        data = io.BytesIO()
        figure.savefig(data, format="png", bbox_inches="tight")
        if sum(map(len, self.buffers)) + data.tell() > wire.IMAGES_LIMIT:
            print("This figure is left out: too many bytes in one cell.", file=sys.stderr)
            return
        self.buffers.append(data.getvalue())
        self.outputs.append({"kind": "png", "buffer": len(self.buffers) - 1})

    def add(self, output: dict[str, Any]) -> None:
        """Add an output, or what of it there is room for."""
        if self.room > 0 and len(self.outputs) < OUTPUTS:
            if len(output["text"]) > self.room:
                output["text"] = output["text"][: self.room]
            self.room -= len(output["text"])
            self.outputs.append(output)

    def error(self, error: BaseException) -> Reply:
        """Describe an exception."""
        frames = [
            frame
            for frame in traceback.extract_tb(error.__traceback__, limit=500)
            if frame.filename.startswith("<")
        ]
        message = text(error)
        if isinstance(error, ModuleNotFoundError):
            message += f". When graded, import only {self.modules} and the standard library."
        shown = frames if len(frames) <= 20 else frames[:10] + frames[-10:]
        return {
            "name": type(error).__name__,
            "ancestors": ancestors(type(error)),
            "text": message,
            "line": (frames[0].line or "")[:200] if frames else "",
            "trace": [
                f"{frame.filename}, line {frame.lineno}: {frame.line or ''}"[:200]
                for frame in shown
            ],
        }


class Given:
    """A function of the tests, in the place of one of the submission's: it runs elsewhere."""

    def __init__(self, student: Student, name: str) -> None:
        self.student = student
        self.__name__ = self.__qualname__ = name

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Send the arguments and return the result."""
        student = self.student
        buffers: list[bytes] = []
        arguments = wire.pack((args, kwargs), buffers)
        with student.lock:
            if os.getpid() != student.pid or student.asked is None:
                raise RuntimeError(f"{self.__name__} can only be called while a call lasts.")
            asked = {"ask": self.__name__, "arguments": arguments, "id": student.asked}
            frames.send(student.sock, asked, buffers)
            reply, replied = frames.receive(student.sock)
        if "error" in reply:
            kind = getattr(builtins, reply["error"]["name"], RuntimeError)
            raise kind(reply["error"]["text"])
        return wire.unpack(reply["value"], replied)


class Stream(io.TextIOBase):
    """A ``sys.stdout`` that adds to the outputs."""

    def __init__(self, student: Student, name: str) -> None:
        self.student = student
        self.name = name

    def writable(self) -> bool:
        """Return True: text can be written."""
        return True

    def write(self, string: str) -> int:
        """Add to the last output if it is of this stream."""
        student = self.student
        last = student.outputs[-1] if student.outputs else {}
        full = len(student.outputs) == OUTPUTS and last.get("kind") == "stream"
        if last.get("name") == self.name or full:
            last["text"] += string[: max(student.room, 0)]
            student.room -= len(string)
        elif string:
            student.add({"kind": "stream", "name": self.name, "text": string})
        return len(string)


def text(value: object) -> str:
    """Return ``str(value)``, which may itself go wrong."""
    try:
        return str(value)[:2000]
    except BaseException as error:
        return f"(its text raises {type(error).__name__})"


def ancestors(kind: type) -> list[str]:
    """Return the names of the built-in classes that an exception class comes from."""
    return [base.__name__ for base in kind.__mro__ if base.__module__ == "builtins"]


def ends_quietly(source: str) -> bool:
    """Whether a semicolon at the end asks not to show the last value."""
    lines = [line for line in source.splitlines() if line.strip()]
    return lines[-1].split("#")[0].rstrip().endswith(";")


def without_magics(source: str) -> str:
    """Return a cell without what only IPython understands: lines with %, ! or ?."""
    if re.match(r"\s*%%(?!time|capture|prun)", source):
        return "pass"
    return re.sub(r"(?m)^([ \t]*)([%!?].*|[\w.]+\?{1,2}[ \t]*)$", r"\1pass", source)
