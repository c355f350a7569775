"""Logs of what was trained, written as each part is done: a run that was stopped goes on."""

import json
import sys

from lstm_book.data import FOLDER, log


def run(name, parts, train):
    """Train what the log lacks of `parts`, and write each result as soon as it is there.

    Delete the log to train anew. Names of parts on the command line choose among them.
    """
    path = FOLDER / f"{name}.json"
    for part in sys.argv[1:] or parts:
        if part not in parts:
            sys.exit(f"{part!r}: expected one of {', '.join(map(repr, parts))}")
        if path.is_file() and part in log(name):
            continue
        result = train(part)
        print(part, json.dumps(result)[:300], flush=True)
        # Read again: another process may have trained other parts meanwhile.
        done = (log(name) if path.is_file() else {}) | {part: result}
        order = [key for key in parts if key in done]
        lines = (f"{json.dumps(key)}: {json.dumps(done[key])}" for key in order)
        path.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf8")


def choose(rates, trial, seeds):
    """Return the learning rate whose last trial was done first, then had the lowest losses.

    ``trial(rate, seed)`` returns (steps, loss). `seeds` are none of those that are reported.
    """

    def cost(rate):
        steps, losses = zip(*(trial(rate, seed) for seed in seeds), strict=True)
        return max(steps), sum(losses)

    return min(rates, key=cost)
