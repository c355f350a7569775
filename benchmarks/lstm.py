"""Compare the speed of lstm_ref, the one to read and the fast one, with others and the floor.

    python benchmarks/lstm.py [--threads N]

One thread unless told otherwise. With one, processor time counts; with more,
the clock. Every candidate is first compared with lstm_ref.fast: a quick wrong
answer is no peer.
"""

import argparse
import os
import time
import tracemalloc

arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
arguments.add_argument("--threads", type=int, default=1)
THREADS = arguments.parse_args().threads if __name__ == "__main__" else 1
for library in ("OMP", "OPENBLAS", "MKL"):  # before any of them is loaded
    os.environ[f"{library}_NUM_THREADS"] = str(THREADS)

import numpy as np  # noqa: E402
import torch  # noqa: E402
from floor import floor  # noqa: E402
from ideas import RUNGS  # noqa: E402
from peers import onnx, pytorch  # noqa: E402
from timing import interleave, progress, save  # noqa: E402

from lstm_ref import LSTMParams, fast, lstm  # noqa: E402

SIZES = {  # T, B, D, H
    "A": (100, 32, 64, 128),
    "B": (28, 64, 28, 256),
    "C": (1000, 1, 1, 32),
    "D": (200, 8, 16, 512),
}
TOLERANCE = {"float64": 1e-9, "float32": 1e-3}


def draw(T, B, D, H, dtype="float64"):
    """Return random x, parameters and dh of one size."""
    rng = np.random.default_rng(0)
    params = LSTMParams.init(D, H, rng, dtype=dtype)
    x = rng.normal(size=(T, B, D)).astype(dtype)
    return x, params, rng.normal(size=(T, B, H)).astype(dtype)


def both(module, x, params, dh):
    """Run a module's lstm_forward and lstm_backward; return h and the gradients of x, W and b."""
    h, _, cache = module.lstm_forward(x, params)
    grads = module.lstm_backward(cache, dh)
    return h, grads.x, grads.params.W, grads.params.b


def compare(size, dtype, clock):
    """Time every candidate at one size; return quartiles of seconds, forward and both."""
    x, params, dh = draw(*size, dtype)
    floor_forward, floor_both = floor(*size, dtype, np.random.default_rng(0))
    torch_forward, torch_both = pytorch(x, params, dh)
    forward = {
        "fast": lambda: fast.lstm_forward(x, params)[0],
        "lstm_ref": lambda: lstm.lstm_forward(x, params)[0],
        "torch": torch_forward,
        **onnx(x, params),
    }
    for name, run in forward.items():
        difference = np.abs(run() - forward["fast"]()).max()
        if not difference < TOLERANCE[dtype]:
            raise SystemExit(f"{name} differs from fast by {difference:.1e}; nothing measured.")
    backward = {
        "fast": lambda: both(fast, x, params, dh),
        "lstm_ref": lambda: both(lstm, x, params, dh),
        "torch": torch_both,
        "floor": floor_both,
    }
    return {
        "forward": interleave({**forward, "floor": floor_forward}, clock=clock),
        "both": interleave(backward, clock=clock),
    }


def climb(size):
    """Time each rung of the ladder at one size, after comparing it with lstm_ref."""
    arguments = draw(*size)
    expected = both(lstm, *arguments)
    for name, rung in RUNGS.items():
        for got, wanted in zip(both(rung, *arguments), expected, strict=True):
            np.testing.assert_allclose(got, wanted, rtol=1e-8, atol=1e-8, err_msg=name)
    return interleave({name: lambda r=rung: both(r, *arguments) for name, rung in RUNGS.items()})


def grow(which, values, base):
    """Time lstm_ref.fast while one size doubles; return seconds and the fitted exponent."""
    candidates = {}
    for value in values:
        drawn = draw(**{**base, which: value})
        candidates[str(value)] = lambda drawn=drawn: both(fast, *drawn)
    times = interleave(candidates, rounds=5)
    medians = [times[str(value)][1] for value in values]
    slope = np.polyfit(np.log(values), np.log(medians), 1)[0]
    return {"values": values, "seconds": medians, "slope": slope}


def kept(T, B, D, H):
    """Count the numbers per step, example and hidden unit that wait for the backward pass."""
    x, params, _ = draw(T, B, D, H)
    tracemalloc.start()
    result = fast.lstm_forward(x, params)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del result
    return held / 8 / (T * B * H)


def main():
    """Measure, print the ratios, and write the results."""
    torch.set_num_threads(THREADS)
    clock = time.process_time if THREADS == 1 else time.perf_counter
    times = {}
    for dtype in TOLERANCE:
        for name, size in SIZES.items():
            progress(f"{dtype}, size {name}: T, B, D, H = {size}")
            times[f"{dtype} {name}"] = row = compare(size, dtype, clock)
            ours, torchs, floors = (row["both"][k][1] for k in ("fast", "torch", "floor"))
            print(f"{dtype} {name}: {ours / torchs:.2f} of torch, {floors / ours:.0%} of the floor")
    results = {"sizes": SIZES, "threads": THREADS, "torch": torch.__version__, "times": times}
    if THREADS > 1:
        save(f"lstm-{THREADS}-threads", results)
        return
    progress("the ladder")
    results["ladder"] = {name: climb(SIZES[name]) for name in SIZES}
    progress("growth")
    base = dict(zip("TBDH", (64, 16, 16, 128), strict=True))
    doublings = {"T": [64, 128, 256, 512], "B": [16, 32, 64, 128], "H": [64, 128, 256, 512]}
    results["growth"] = {which: grow(which, values, base) for which, values in doublings.items()}
    results["kept"] = {name: kept(*size) for name, size in SIZES.items()}
    save("lstm", results)


if __name__ == "__main__":
    main()
