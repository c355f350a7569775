"""Grade the same class with nbgrader as it is and with `python -m lstm_grade`; print the ratios.

Run it from anywhere: ``python benchmarks/grading.py``. It takes some minutes
and says nothing about another machine; both are measured in the same run, in
turns, and the medians are compared.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

import nbformat
import psutil

ROOT = Path(__file__).resolve().parents[1]
COMPARED = 30
ROUNDS = 3
GROWTH = (1, 10, 100, 300)
# Nothing but what it needs to find the course.
STOCK = """
import os, sys, warnings
c = get_config()
c.CourseDirectory.course_id = "lstm"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
os.environ["PATH"] = os.path.dirname(sys.executable) + ":" + os.environ["PATH"]
warnings.filterwarnings("ignore", module="nbgrader")
"""


@dataclass
class Cost:
    """What a command took: seconds by the clock and of CPU time, and MB of memory at most."""

    wall: float
    cpu: float
    memory: float


def main():
    """Grade the same class twice, then classes of growing size."""
    from timing import progress, save  # beside this script; whoever imports `run` needs it not

    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        shutil.copytree(ROOT / "solutions", course / "solutions")
        config = course / "nbgrader_config.py"
        config.write_text(STOCK)
        run(course, "nbgrader", "generate_assignment", "gates")

        cores = os.sched_getaffinity(0)
        candidates = {  # how each is configured, and on which cores it runs
            "nbgrader": ("nbgrader", STOCK, cores),
            "lstm_grade": ("lstm_grade", (ROOT / "nbgrader_config.py").read_text(), cores),
        }
        candidates["one core"] = (*candidates["lstm_grade"][:2], {min(cores)})
        costs = {name: [] for name in candidates}
        for students in 1, *[COMPARED] * ROUNDS:  # the first time Python compiles, for all
            progress(f"nbgrader and lstm_grade, submissions: {students}")
            submit(course, students)
            for name, (module, text, allowed) in candidates.items():
                config.write_text(text)
                os.sched_setaffinity(0, allowed)
                costs[name].append(run(course, module, "autograde", "gates"))
                os.sched_setaffinity(0, cores)
                shutil.rmtree(course / "autograded")
        medians = {name: median(rounds[1:]) for name, rounds in costs.items()}
        for what, theirs in asdict(medians["nbgrader"]).items():
            ours = getattr(medians["lstm_grade"], what)
            print(f"{what}: nbgrader {theirs:.1f}, ours {ours:.1f}: {theirs / ours:.1f} times")

        growth = []
        for students in GROWTH:
            progress(f"lstm_grade, {students} submissions")
            shutil.rmtree(course / "autograded", ignore_errors=True)
            submit(course, students)
            cost = run(course, "lstm_grade", "autograde", "gates")
            print(f"{students}: {cost.wall:.1f} s, CPU {cost.cpu:.1f} s, {cost.memory:.0f} MB")
            growth.append({"students": students, **asdict(cost)})
    medians = {name: asdict(cost) for name, cost in medians.items()}
    save("grading", {"students": COMPARED, "rounds": ROUNDS, **medians, "growth": growth})


def median(costs):
    """Return the Cost of medians."""
    return Cost(*map(statistics.median, zip(*map(astuple, costs), strict=True)))


def submit(course, students):
    """Hand in the work of so many students, and no others."""
    shutil.rmtree(course / "submitted", ignore_errors=True)
    solution = nbformat.read(ROOT / "solutions/gates/gates.ipynb", 4)
    right = {cell.id: cell.source for cell in solution.cells}
    wrong = right["forget_gate"].replace("return sigmoid(", "return np.tanh(")
    for number in range(students):
        notebook = nbformat.read(course / "exercises/gates/gates.ipynb", 4)
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source = right[cell.id]
            if cell.id == "forget_gate" and number % 3 == 0:
                cell.source = wrong
        folder = course / "submitted" / f"student{number:04}" / "gates"
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / "gates.ipynb")


def run(course, module, *arguments):
    """Run a command of the course's folder and return its Cost."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    env |= {"JUPYTER_CONFIG_DIR": str(course), "IPYTHONDIR": str(course / ".ipython")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    with open(course / "log", "w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments], cwd=course, env=env, stdout=log, stderr=log
        )
        most = Peak(process.pid)
        status = process.wait()
    wall = time.perf_counter() - start
    if status:
        raise SystemExit((course / "log").read_text()[-3000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, most.stop())


class Peak(threading.Thread):
    """Samples the memory of a process with all its children."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self._process = psutil.Process(pid)
        self._done = threading.Event()
        self._most = 0
        self.start()

    def run(self):
        """Sample until `stop`; what processes share is counted once."""
        while not self._done.wait(0.2):
            total = 0
            try:
                family = [self._process, *self._process.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            for process in family:
                try:
                    total += process.memory_full_info().pss
                except (psutil.NoSuchProcess, psutil.AccessDenied):
                    continue
            self._most = max(self._most, total)

    def stop(self):
        """Return the most there was, in MB."""
        self._done.set()
        self.join()
        return self._most / 2**20


if __name__ == "__main__":
    main()
