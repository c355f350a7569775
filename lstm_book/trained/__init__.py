"""What is trained apart, because it takes minutes: a script each, and the log it wrote.

``make train WHAT=tasks`` runs `lstm_book.trained.tasks` again and writes its log anew.
"""

import json
from importlib.resources import files

FOLDER = files("lstm_book.trained")


def log(name):
    """Return what a script wrote when it was last run, such as ``log("tasks")``."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf8"))


def write(name, results):
    """Write a log, a line for each of its parts."""
    lines = (f"{json.dumps(str(key))}: {json.dumps(value)}" for key, value in results.items())
    (FOLDER / f"{name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf8")


def choose(rates, trial):
    """Return the learning rate whose trials needed the fewest steps, then had the lowest loss.

    ``trial(rate, seed)`` returns (steps, loss). Its seeds are none of those that are reported.
    """

    def mean(rate):
        steps, losses = zip(*(trial(rate, seed) for seed in (100, 101)), strict=True)
        return sum(steps), sum(losses)

    return min(rates, key=mean)
