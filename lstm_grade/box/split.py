"""Execute a submission: its cells in a sandbox, the tests here.

The one rule that matters: no line of a submission is executed here. Tests come
from the source notebook, whatever the submission says; they see the submission
through proxies, which pass data.
"""

import copy
import itertools
import time
from dataclasses import dataclass, field

from lstm_grade.box import wire
from lstm_grade.box.outputs import bounded, failure, rebuild
from lstm_grade.box.proxies import Proxy, SubmissionError
from lstm_grade.box.rules import Limits, Rules
from lstm_grade.box.sandbox import Sandbox, SandboxError
from lstm_grade.box.trusted import Tests

__all__ = ["Executor", "Limits", "Report", "Rules", "SandboxError"]


@dataclass
class Report:
    """An executed notebook, what was odd about it, and how long it took."""

    notebook: object
    odd: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Executor:
    """Executes submissions one after the other; a context manager.

    Parameters
    ----------
    unsafe : bool
        Execute without a sandbox. A submission can then do whatever you can.
    """

    def __init__(self, unsafe=False):
        self.unsafe = unsafe
        self.sandbox = None

    def __enter__(self):
        """Return itself."""
        return self

    def __exit__(self, *_):
        """End the sandbox."""
        self.close()

    def close(self):
        """End the sandbox; a further `run` makes a new one."""
        if self.sandbox:
            self.sandbox.close()
        self.sandbox = None

    def run(self, notebook, rules, *, student, assignment, secret=None, files=()):
        """Return the executed notebook as a `Report`; the one that is given is not changed.

        Parameters
        ----------
        notebook : NotebookNode
            The submission, sanitised.
        rules : Rules
            Of the source notebook.
        student, assignment : str
            Whose work it is, of what: the seeds come from them.
        secret : bytes, optional
            The instructor's. Without it the tests use the notebook's own seeds.
        files : sequence of (str, bytes)
            Data files of the assignment, by their name relative to it.

        Raises
        ------
        SandboxError
            If no sandbox can be made.
        """
        began = time.monotonic()
        report = Report(copy.deepcopy(notebook))
        tests = Tests(rules, secret, assignment, student)
        with Submission(self, rules, files, report) as submission:
            count = itertools.count(1)
            for cell in report.notebook.cells:
                cell.metadata.pop("lstm_grade", None)
                if cell.cell_type != "code":
                    continue
                cell.execution_count = next(count)
                name = cell.metadata.get("nbgrader", {}).get("grade_id")
                if name in rules.tests:
                    if cell.source != rules.tests[name]:
                        report.odd.append(f"test {name} was changed; its own text was used")
                        cell.source = rules.tests[name]
                    cell.outputs, metadata = tests.run(name, submission)
                    if metadata is not None:
                        cell.metadata["lstm_grade"] = metadata
                else:
                    cell.outputs = submission.execute(cell.source, cell.execution_count)
        report.odd = list(dict.fromkeys(report.odd))
        report.seconds = time.monotonic() - began
        return report

    def warm(self, rules):
        """Return the sandbox for these rules; make one if there is none."""
        key = (rules.modules, rules.preload, self.unsafe)
        if self.sandbox and self.sandbox.key != key:
            self.close()
        if not self.sandbox:
            self.sandbox = Sandbox(*key)
        return self.sandbox


class Submission:
    """The process of one submission: asked for cells and calls, started again when it ended."""

    def __init__(self, executor, rules, files, report):
        self.executor, self.rules, self.files, self.report = executor, rules, files, report
        self.end = time.monotonic() + rules.limits.notebook
        self.channel = None
        self.done = []
        self.ids = itertools.count(1)

    def __enter__(self):
        """Return itself."""
        return self

    def __exit__(self, *_):
        """End the process."""
        self.stop()

    def stop(self):
        """End the process and all it started."""
        if self.channel:
            self.channel.close()
            self.channel = None
            try:
                self.executor.sandbox.stop()
            except (wire.Closed, wire.WireError, TimeoutError):
                self.executor.close()

    def start(self):
        """Start the process and execute the cells again that went well before."""
        for attempt in ("warm", "new"):
            try:
                self.channel = self.executor.warm(self.rules).start(self.rules.limits)
                break
            except (wire.Closed, wire.WireError, TimeoutError):
                self.executor.close()
                if attempt == "new":
                    raise SandboxError("The sandbox ends as soon as it is used.") from None
        if self.files:
            names, data = zip(*self.files, strict=True)
            self.exchange({"do": "files", "names": names}, data, self.rules.limits.cell)
        for request in self.done:
            self.exchange(request, (), self.rules.limits.cell)

    def ask(self, request, buffers, seconds):
        """Return the answer and its buffers.

        Raises
        ------
        TimeoutError
            If there is none within `seconds`, or the time of the notebook is up.
        SubmissionError
            If the process ends instead, or answers with something else.
        """
        try:
            if not self.channel:
                self.start()
            return self.exchange(request, buffers, seconds)
        except TimeoutError:
            self.stop()
            if time.monotonic() >= self.end:
                self.report.odd.append("the time for the whole notebook was up")
                whole = self.rules.limits.notebook
                raise TimeoutError(f"The notebook took more than {whole:g} s in all.") from None
            self.report.odd.append("timed out")
            raise TimeoutError(f"It took more than {seconds:g} s.") from None
        except wire.Closed:
            self.stop()
            self.report.odd.append("ended the Python process")
            raise SubmissionError(
                "It ended the Python process: killed, out of memory, or by an exit."
            ) from None
        except wire.WireError as error:
            self.stop()
            self.report.odd.append("answered with something else")
            raise SubmissionError(f"It answered with something else: {error}.") from None

    def exchange(self, request, buffers, seconds):
        """Send a request and return the answer to it."""
        number = next(self.ids)
        deadline = min(time.monotonic() + seconds, self.end)
        wire.send(self.channel, {**request, "id": number}, buffers, deadline)
        reply, replied = wire.receive(self.channel, deadline)
        if reply.get("id") != number or not isinstance(reply.get("outputs"), list):
            raise wire.WireError("not an answer")
        return reply, replied

    def execute(self, source, number):
        """Execute a cell and return its outputs."""
        request = {"do": "cell", "source": source, "name": f"cell {number}"}
        try:
            reply, buffers = self.ask(request, (), self.rules.limits.cell)
        except (TimeoutError, SubmissionError) as error:
            name = "CellTimeoutError" if isinstance(error, TimeoutError) else "DeadKernelError"
            return [failure(name, str(error), [f"{name}: {error}"])]
        self.done.append(request)
        try:
            if sum(map(len, buffers)) > wire.IMAGES_LIMIT:
                raise ValueError("too many images")
            outputs = [rebuild(output, buffers) for output in reply["outputs"][:200]]
            if "error" in reply:
                told = reply["error"]
                last = f"{told['name']}: {told['text']}"
                trace = [*map(str, told["trace"]), last]
                outputs.append(failure(str(told["name"]), str(told["text"]), trace))
        except Exception:  # whatever a forged answer may cause
            self.report.odd.append("answered with something else")
            return [failure("DeadKernelError", "It answered with something else.", [])]
        return bounded(outputs, self.rules.limits.output)

    def exports(self):
        """Return what the tests see of the submission, by name."""
        try:
            request = {"do": "look", "names": self.rules.exports}
            reply, buffers = self.ask(request, (), self.rules.limits.call)
            return {
                name: Proxy(name, self.call)
                if "function" in what
                else wire.unpack(what["value"], buffers)
                for name, what in reply["found"].items()
                if name in self.rules.exports
            }
        except (TimeoutError, SubmissionError):
            return {}
        except Exception:  # whatever a forged answer may cause
            self.report.odd.append("answered with something else")
            return {}

    def call(self, request, buffers):
        """Ask for a call."""
        return self.ask(request, buffers, self.rules.limits.call)
