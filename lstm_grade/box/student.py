"""The process of one submission: executes its cells and calls its functions, when asked to.

It answers each request with one frame. A submission shares this process and
can do anything to it, forge answers too: the other side takes them as data.
"""

import ast
import builtins
import io
import linecache
import os
import re
import sys
import traceback
import types
import warnings
from pathlib import Path

from lstm_grade.box import wire

RICH = ("html", "javascript", "svg", "jpeg", "pdf", "latex", "markdown", "mimebundle")
DROPPED = "Only text and PNG images are kept of what a cell shows."


class Student:
    """Answers the requests that arrive on a socket.

    Parameters
    ----------
    sock : socket.socket
    limit : int
        How many characters of a cell's output, or a call's, are sent.
    modules : list of str
        What there is to import, as a message says.
    """

    def __init__(self, sock, limit, modules):
        self.sock = sock
        self.limit = limit
        self.modules = ", ".join(modules)
        self.pid = os.getpid()
        self.outputs = []
        self.buffers = []
        self.room = limit
        self.main = types.ModuleType("__main__")
        vars(self.main).update(display=self.display, __builtins__=builtins)
        sys.modules["__main__"] = self.main
        self.namespace = vars(self.main)

    def serve(self):
        """Answer until the socket closes."""
        while True:
            request, buffers = wire.receive(self.sock)
            self.outputs, self.buffers, self.room = [], [], self.limit
            sys.stdout, sys.stderr = Stream(self, "stdout"), Stream(self, "stderr")
            reply = getattr(self, "do_" + request["do"])(request, buffers)
            if os.getpid() != self.pid:
                os._exit(0)  # a child that the submission forked has come back here
            reply.update(id=request["id"], outputs=self.outputs)
            try:
                wire.send(self.sock, reply, self.buffers)
            except wire.WireError as error:
                reply = {"id": request["id"], "outputs": [], "error": self.error(error)}
                wire.send(self.sock, reply)

    def do_files(self, request, buffers):
        """Write data files into the scratch."""
        for name, data in zip(request["names"], buffers, strict=True):
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(0o444)
        return {}

    def do_cell(self, request, buffers):
        """Execute a cell; the value of a last expression is shown."""
        name = f"<{request['name']}>"
        try:
            body, last = self.parse(request["source"], name)
            exec(compile(body, name, "exec"), self.namespace)
            if last:
                value = eval(compile(last, name, "eval"), self.namespace)
                if value is not None:
                    self.show(value, "result")
            self.figures()
        except BaseException as error:
            return {"error": self.error(error)}
        return {}

    def do_look(self, request, buffers):
        """Return what the names stand for: a function, or a value."""
        found = {}
        for name in request["names"]:
            if name in self.namespace:
                value = self.namespace[name]
                found[name] = (
                    {"function": True}
                    if callable(value)
                    else {"value": wire.pack(value, self.buffers, opaque=True)}
                )
        return {"found": found}

    def do_call(self, request, buffers):
        """Call a function of the submission; report what became of the arguments."""
        reply = {}
        args, kwargs = given = wire.unpack(request["arguments"], buffers)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                value = self.namespace[request["name"]](*args, **kwargs)
                reply["value"] = wire.pack(value, self.buffers, opaque=True)
            except BaseException as error:
                self.buffers.clear()
                reply["error"] = self.error(error)
        kept = []
        if wire.pack(given, kept, opaque=True) != request["arguments"] or kept != buffers:
            reply["arguments"] = wire.pack(given, self.buffers, opaque=True)
        reply["warnings"] = [
            [ancestors(warning.category), text(warning.message), warning.lineno]
            for warning in caught[:20]
        ]
        return reply

    def parse(self, source, name):
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
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr) and not ends_quietly(source):
            last = ast.Expression(tree.body.pop().value)
        return tree, last

    def display(self, *values, **options):
        """Show values; stands in for IPython's function of this name."""
        for value in values:
            self.show(value, "display")

    def show(self, value, kind):
        """Add the text of a value, or the PNG of a figure, to the outputs."""
        figure = getattr(sys.modules.get("matplotlib.figure"), "Figure", ())
        if isinstance(value, figure):
            self.image(value)
            return
        if any(hasattr(type(value), f"_repr_{form}_") for form in RICH):
            print(DROPPED, file=sys.stderr)
        self.add({"kind": kind, "text": repr(value)})

    def figures(self):
        """Show the open figures and close them, as in a notebook."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot:
            for number in pyplot.get_fignums():
                self.image(pyplot.figure(number))
            pyplot.close("all")

    def image(self, figure):
        """Add a figure as PNG."""
        data = io.BytesIO()
        figure.savefig(data, format="png", bbox_inches="tight")
        if sum(map(len, self.buffers)) + data.tell() > wire.IMAGES_LIMIT:
            print("This figure is left out: too many bytes in one cell.", file=sys.stderr)
            return
        self.buffers.append(data.getvalue())
        self.outputs.append({"kind": "png", "buffer": len(self.buffers) - 1})

    def add(self, output):
        """Add an output, or what of it there is room for."""
        if self.room > 0:
            if len(output["text"]) > self.room:
                output["text"] = output["text"][: self.room]
            self.room -= len(output["text"])
            self.outputs.append(output)

    def error(self, error):
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
            "line": frames[0].line if frames else "",
            "trace": [f"{frame.filename}, line {frame.lineno}: {frame.line}" for frame in shown],
        }


class Stream(io.TextIOBase):
    """A ``sys.stdout`` that adds to the outputs."""

    def __init__(self, student, name):
        self.student = student
        self.name = name

    def writable(self):
        """Return True: text can be written."""
        return True

    def write(self, string):
        """Add to the last output if it is of this stream."""
        student = self.student
        if student.outputs and student.outputs[-1].get("name") == self.name and student.room > 0:
            last = student.outputs[-1]
            last["text"] += string[: student.room]
            student.room -= len(string)
        elif string:
            student.add({"kind": "stream", "name": self.name, "text": string})
        return len(string)


def text(value):
    """Return ``str(value)``, which may itself go wrong."""
    try:
        return str(value)[:2000]
    except BaseException as error:
        return f"(its text raises {type(error).__name__})"


def ancestors(kind):
    """Return the names of the built-in classes that an exception class comes from."""
    return [base.__name__ for base in kind.__mro__ if base.__module__ == "builtins"]


def ends_quietly(source):
    """Whether a semicolon at the end asks not to show the last value."""
    lines = [line for line in source.splitlines() if line.strip()]
    return lines[-1].split("#")[0].rstrip().endswith(";")


def without_magics(source):
    """Return a cell without what only IPython understands: lines with %, ! or ?."""
    if re.match(r"\s*%%(?!time|capture|prun)", source):
        return "pass"
    return re.sub(r"(?m)^([ \t]*)([%!?].*|[\w.]+\?{1,2}[ \t]*)$", r"\1pass", source)
