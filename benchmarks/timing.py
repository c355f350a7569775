"""Fair timing: candidates take turns in one process, and processor time counts."""

import json
import os
import platform
import re
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results"


def interleave(candidates, rounds=9, at_least=0.05, clock=time.process_time):
    """Time functions in turns, so that what slows the machine slows all of them.

    Parameters
    ----------
    candidates : dict of str to callable
        Called without arguments.
    rounds : int
        How often each is timed.
    at_least : float
        Seconds: a quicker function is called several times in a row.
    clock : callable
        Processor time by default: a busy machine matters less.

    Returns
    -------
    dict of str to list of float
        By candidate: lower quartile, median and upper quartile of the seconds of one call.
    """
    repeats = {}
    for name, run in candidates.items():
        run()  # warms caches up
        start = time.perf_counter()
        run()
        once = max(time.perf_counter() - start, 1e-9)
        repeats[name] = max(1, round(at_least / once))
    seconds = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, run in candidates.items():
            start = clock()
            for _ in range(repeats[name]):
                run()
            seconds[name].append((clock() - start) / repeats[name])
    return {name: np.percentile(times, [25, 50, 75]).tolist() for name, times in seconds.items()}


def progress(line):
    """Say what is being measured, on stderr, so that stdout holds the results alone."""
    print(line, file=sys.stderr, flush=True)


def save(name, results):
    """Write results as JSON, with the machine and the date, for the page `measured`.

    Each kind of processor has a folder of its own: other machines' results stay.
    """
    machine = _machine()
    folder = RESULTS / "-".join(re.findall(r"[a-z0-9]+", machine["cpu"].lower()))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    whole = {"date": date.today().isoformat(), "machine": machine, **results}
    path.write_text(json.dumps(whole, indent=1) + "\n")
    progress(f"written: {path.relative_to(RESULTS.parents[1])}")


def _machine():
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def _cpu_model():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"
