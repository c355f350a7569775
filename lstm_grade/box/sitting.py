"""The processes of one submission: asked for cells and calls, started again when they ended."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from nbformat import NotebookNode

from lstm_grade.box import frames, wire
from lstm_grade.box.answers import answer
from lstm_grade.box.clock import Clock, Lap, TimeUpError
from lstm_grade.box.outputs import bounded, failure, rebuild
from lstm_grade.box.proxies import Functions, Proxy, SubmissionError
from lstm_grade.box.rules import Rules
from lstm_grade.box.sandbox import Process, Sandbox, SandboxError
from lstm_grade.box.standin import StandIn

# Processes beside the first one, for functions that are given others, at the same time.
MOST_PROCESSES = 2


class Keeper(Protocol):
    """Who keeps the sandbox."""

    def warm(self, rules: Rules) -> Sandbox:
        """Return the sandbox for these rules; make one if there is none."""

    def close(self) -> None:
        """End the sandbox."""


class Sitting:
    """What the processes of one submission share: its budgets, its time, its cells so far.

    A context manager: at its end all processes end.

    Parameters
    ----------
    keeper : Keeper
    rules : Rules
    files : sequence of (str, bytes)
        Data files, by their name.
    """

    def __init__(self, keeper: Keeper, rules: Rules, files: Sequence[tuple[str, bytes]]) -> None:
        limits = rules.limits
        self.keeper, self.rules, self.files = keeper, rules, files
        self.budget = frames.Budget(
            answers=limits.answers,
            bytes=limits.bytes,
            values=limits.values,
            keys=limits.keys,
            starts=limits.starts,
        )
        self.seconds = limits.notebook  # of its own that are left
        self.end = time.monotonic() + limits.patience * limits.notebook
        self.room = limits.outputs  # characters that are left
        self.images = limits.images  # bytes that are left
        self.cells = limits.cells  # that are left
        self.done: list[dict[str, Any]] = []  # requests that went well
        self.over = ""  # why nothing is asked any more
        self.starved = False
        self.broken: SandboxError | None = None  # no fault of the submission's
        self.odd: list[str] = []
        self.first = StudentProcess(self)
        self.others: dict[tuple, StudentProcess] = {}

    def __enter__(self) -> Sitting:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End all processes."""
        self.end_test()
        self.first.stop()

    def end_test(self) -> None:
        """End the processes that were made for a test."""
        for process in self.others.values():
            process.stop()
        self.others = {}

    def stop(self, why: str, odd: str) -> None:
        """Ask nothing any more; every further question is answered at once."""
        self.over = why
        self.odd.append(odd)

    def execute(self, source: str, number: int) -> list[NotebookNode]:
        """Execute a cell and return its outputs."""
        self.cells -= 1
        if self.cells < 0 and not self.over:
            most = f"{self.rules.limits.cells:,} cells"
            self.stop(f"It has more than {most}.", f"has more than {most}: the others were not run")
        limits = self.rules.limits
        request = {
            "do": "cell",
            "source": source,
            "name": f"cell {number}",
            # One more than is kept: so it is seen that something was cut.
            "room": min(limits.output, self.room) + 1,
        }
        try:
            reply, buffers = self.first.ask(request, (), limits.cell)
        except (TimeoutError, SubmissionError) as error:
            name = "CellTimeoutError" if isinstance(error, TimeoutError) else "DeadKernelError"
            return [failure(name, str(error), [f"{name}: {error}"])]
        self.done.append({**request, "room": 0})
        try:
            outputs = [rebuild(output, buffers) for output in reply["outputs"][:200]]
            if "error" in reply:
                told = reply["error"]
                last = f"{told['name']}: {told['text']}"
                trace = [*map(str, told["trace"]), last]
                outputs.append(failure(str(told["name"]), str(told["text"]), trace))
        except Exception:  # whatever a forged answer may cause
            self.odd.append("answered with something else")
            return [failure("DeadKernelError", "It answered with something else.", [])]
        return self.shown(outputs)

    def shown(self, outputs: list[NotebookNode]) -> list[NotebookNode]:
        """Return outputs as far as there is room for them in the notebook."""
        kept = []
        for output in outputs:
            image = output.get("data", {}).get("image/png", "")
            self.images -= len(image)
            if not image or self.images >= 0:
                kept.append(output)
        used = bounded(kept, min(self.rules.limits.output, max(self.room, 0)))
        self.room -= used
        if self.room <= 0 or self.images < 0:
            self.odd.append("shows more than fits into a notebook: cut")
        return kept

    def exports(self) -> dict[str, Any]:
        """Return what the tests see of the submission, by name."""
        try:
            request = {"do": "look", "names": self.rules.exports, "room": 0}
            reply, buffers = self.first.ask(request, (), self.rules.limits.call)
            return {
                name: Proxy(name, self.first)
                if "function" in what
                else answer(self.first.unpack(what["value"], buffers))
                for name, what in reply["found"].items()
                if name in self.rules.exports
            }
        except (TimeoutError, SubmissionError):
            return {}
        except Exception:  # whatever a forged answer may cause
            self.odd.append("answered with something else")
            return {}


class StudentProcess:
    """One process of a submission.

    Parameters
    ----------
    sitting : Sitting
    functions : dict of callable
        What names stand for in it, in place of the submission's own.
    """

    def __init__(self, sitting: Sitting, functions: Functions | None = None) -> None:
        self.sitting, self.functions = sitting, functions or {}
        self.process: Process | None = None
        self.sandbox: Sandbox | None = None
        self.clock = Clock(0)
        self.standin: StandIn | None = None
        self.ids = itertools.count(1)

    def stop(self) -> None:
        """End the process and all it started."""
        if self.standin:
            self.standin.close()
            self.standin = None
        if not self.process or not self.sandbox:
            return
        process, self.process = self.process, None
        self.clock.close()
        try:
            if self.sandbox.process:  # it has not been closed meanwhile
                self.sandbox.stop(process)
        except (frames.Closed, frames.WireError, TimeoutError, OSError):
            self.sitting.keeper.close()

    def start(self) -> None:
        """Start the process and execute the cells again that went well before."""
        sitting, limits = self.sitting, self.sitting.rules.limits
        sitting.budget.spend(starts=1)
        process = self.process = self.fork()
        self.clock = Clock(process.pid, limits.memory)
        if sitting.files:
            names, data = zip(*sitting.files, strict=True)
            self.exchange({"do": "files", "names": names, "room": 0}, data, limits.cell)
        if self.functions:
            given = list(self.functions)
            self.exchange({"do": "give", "names": given, "room": 0}, (), limits.cell)
        for request in sitting.done:
            self.exchange(request, (), limits.cell)

    def fork(self) -> Process:
        """Start a process in the sandbox; in a new one, if the one there was has ended."""
        sitting = self.sitting
        for _ in range(2):
            try:
                self.sandbox = sitting.keeper.warm(sitting.rules)
                return self.sandbox.start()
            except (frames.Closed, frames.WireError, TimeoutError, OSError):
                sitting.keeper.close()
            except SandboxError as error:
                sitting.broken = error
                raise
        sitting.broken = SandboxError("The sandbox ends as soon as it is used.")
        raise sitting.broken

    def ask(
        self, request: dict[str, Any], buffers: frames.Buffers, seconds: float
    ) -> tuple[dict[str, Any], list[memoryview]]:
        """Return the answer and its buffers.

        Raises
        ------
        TimeoutError
            If there is none within `seconds`, or the time of the notebook is up.
        SubmissionError
            If the process ends instead, or answers with something else, or too much.
        """
        sitting, limits = self.sitting, self.sitting.rules.limits
        if sitting.over:
            raise SubmissionError(sitting.over)
        try:
            if not self.process:
                self.start()
            return self.exchange(request, buffers, seconds)
        except TimeUpError as error:
            self.stop()
            sitting.starved |= error.starved
            if sitting.seconds <= 0 or time.monotonic() >= sitting.end:
                text = f"The notebook took more than {limits.notebook:g} s in all."
                sitting.stop(text, "the time for the whole notebook was up")
                raise TimeoutError(text) from None
            sitting.odd.append("timed out" if not error.starved else "ran out of wall-clock time")
            raise TimeoutError(str(error)) from None
        except frames.Closed:
            self.stop()
            sitting.odd.append("ended the Python process")
            raise SubmissionError(
                "It ended the Python process: killed, out of memory, or by an exit."
            ) from None
        except frames.SpentError as error:
            self.stop()
            sitting.stop(f"It took {error}.", f"took {error}: nothing more was asked of it")
            raise SubmissionError(sitting.over) from None
        except frames.WireError as error:
            self.stop()
            sitting.odd.append("answered with something else")
            raise SubmissionError(f"It answered with something else: {error}.") from None

    def exchange(
        self, request: dict[str, Any], buffers: frames.Buffers, seconds: float
    ) -> tuple[dict[str, Any], list[memoryview]]:
        """Send a request and return the answer to it."""
        assert self.process
        sitting, channel = self.sitting, self.process.channel
        number = next(self.ids)
        lap = Lap(
            self.clock,
            min(seconds, max(sitting.seconds, 0.01)),
            sitting.rules.limits.patience,
            sitting.end,
        )
        try:
            frames.send(channel, {**request, "id": number}, buffers, lap)
            while True:
                reply, replied = frames.receive(channel, lap, sitting.budget)
                if reply.get("id") != number:
                    raise frames.WireError("not an answer")
                asks = reply.get("ask")
                if not isinstance(asks, str) or asks not in self.functions:
                    break
                self.stand_in(reply, replied, lap)
        finally:
            sitting.seconds -= lap.own()
        if not isinstance(reply.get("outputs"), list):
            raise frames.WireError("not an answer")
        return reply, replied

    def stand_in(self, asked: dict[str, Any], buffers: frames.Buffers, lap: Lap) -> None:
        """Answer a call of the submission to a function of the tests."""
        assert self.process
        limits = self.sitting.rules.limits
        if not self.standin:
            self.standin = StandIn(self.functions, limits.call)
        before = self.standin.clock.read()
        try:
            reply, replied = self.standin.ask(asked["ask"], asked.get("arguments"), buffers, lap)
        except (frames.Closed, frames.WireError):
            self.standin.close()
            self.standin = None
            text = f"{asked['ask']} ended on what it was given."
            reply, replied = {"error": {"name": "RuntimeError", "text": text}}, []
        else:
            lap.pause(self.standin.clock.read() - before)
        frames.send(self.process.channel, reply, replied, lap)

    def call(
        self, request: dict[str, Any], buffers: frames.Buffers
    ) -> tuple[dict[str, Any], list[memoryview]]:
        """Ask for a call."""
        limits = self.sitting.rules.limits
        room = min(limits.output, max(self.sitting.room, 0))
        return self.ask({**request, "room": room}, buffers, limits.call)

    def unpack(self, packed: Any, buffers: frames.Buffers) -> Any:
        """Return a value of an answer.

        Raises
        ------
        SubmissionError
            If it has sent too many of them.
        """
        try:
            return wire.unpack(packed, buffers, self.sitting.budget)
        except frames.SpentError as error:
            self.sitting.stop(f"It took {error}.", f"took {error}: nothing more was asked of it")
            raise SubmissionError(self.sitting.over) from None

    def given(self, name: str, functions: dict[str, Callable[..., Any]]) -> StudentProcess:
        """Return another process, in which names stand for these functions."""
        unknown = sorted(set(functions) - set(self.sitting.rules.exports))
        if unknown:
            raise ValueError(f"given: {', '.join(unknown)} is not among the exports.")
        key = (name, *sorted((each, id(function)) for each, function in functions.items()))
        others = self.sitting.others
        if key not in others:
            if len(others) == MOST_PROCESSES:
                others.pop(next(iter(others))).stop()
            others[key] = StudentProcess(self.sitting, functions)
        return others[key]
