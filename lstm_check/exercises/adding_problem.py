"""The assignment *adding-problem*: a batch of the task, and an LSTM that is trained on it."""

import numpy as np

from lstm_check.exercise import TELLING, Exercise, Section, Size
from lstm_check.exercises.cell import GATES
from lstm_check.lines import Source
from lstm_ref import LSTMParams, fast

MODULES = ("numpy", "matplotlib", "lstm_ref")
BATCHES = 1000  # one training step each
FACTOR = 10  # by which the loss has to be below that of always answering 1
GUESSING = 1 / 6  # the variance of the sum of two uniform numbers
TASK = Section("The adding problem", "Training")
STEP = Section("A training step", "Training")


def _make_batch(numbers, first, second):
    T, B = numbers.shape
    examples = np.arange(B)
    x = np.zeros((T, B, 2), numbers.dtype)
    x[:, :, 0] = numbers  # numbers
    x[first, examples, 1] = 1  # mark_first
    x[second, examples, 1] = 1  # mark_second
    y = numbers[first, examples] + numbers[second, examples]
    y = y[:, None]  # column
    return x, y


_MAKE_BATCH = Source(_make_batch)
make_batch = _MAKE_BATCH.make()


def _make_batch_inputs(rng, size):
    T, B = size.T, size.B
    return {
        "numbers": rng.random((T, B)) * size.scale,
        "first": rng.integers(0, T // 2, B),
        "second": rng.integers(T // 2, T, B),
    }


def draw_sequences(rng, T, B):
    """Draw inputs (T, B, 2) and sums (B, 1)."""
    return make_batch(
        rng.random((T, B)), rng.integers(0, T // 2, B), rng.integers(T // 2, T, B)
    )


def _train_inputs(rng, size):
    x, y = draw_sequences(rng, size.T, BATCHES * size.B)
    return {
        "x": x.reshape(size.T, BATCHES, size.B, 2).swapaxes(0, 1),
        "y": y.reshape(BATCHES, size.B, 1),
        "hidden_size": size.H,
        "seed": int(rng.integers(1000)),
    }


def by_hand(x, y, hidden_size, seed):
    """Return weights that solve the task without training: unit 0 adds up what is marked.

    Its forget gate is open, its input gate opens at a mark, and its candidate is a tenth of the
    number, where tanh is a straight line still.
    """
    W = {gate: np.zeros((hidden_size, hidden_size + 2)) for gate in GATES}
    b = {gate: np.zeros(hidden_size) for gate in GATES}
    number, mark = hidden_size, hidden_size + 1
    W["c"][0, number] = 0.1
    W["i"][0, mark], b["i"][0] = 40, -20
    b["f"][0] = b["o"][0] = 20
    V = np.zeros((1, hidden_size))
    V[0, 0] = 10.0
    return {f"W_{gate}": W[gate] for gate in GATES} | {f"b_{gate}": b[gate] for gate in GATES} | {
        "V": V,
        "d": np.zeros(1),
    }


def answers(weights, x):
    """Run the LSTM with a student's weights; return its answers (B, 1)."""
    gates = {name: a for name, a in weights.items() if name not in ("V", "d")}
    params = LSTMParams.from_gates(**gates)
    _, (h_T, _), _ = fast.lstm_forward(x, params)
    return h_T @ weights["V"].T + weights["d"]


def unseen(seed, T, B=300):
    """Draw T steps of sequences that are not in the training data."""
    return draw_sequences(np.random.default_rng([seed, 20261122]), T, B)


def loss(weights, sequences):
    """Return the mean squared error on sequences."""
    x, y = sequences
    return float(np.mean((answers(weights, x) - y) ** 2))


def _judge(arguments, weights):
    got = loss(weights, unseen(arguments["seed"], arguments["x"].shape[1]))
    if got < GUESSING / FACTOR:
        return None
    return (
        f"on new sequences the loss is {got:.3g}. Always answering 1 gives {GUESSING:.3g}; "
        f"{FACTOR} times less, {GUESSING / FACTOR:.3g}, is needed. Print the loss while you train: "
        f"does it fall? See {STEP}."
    )


EXERCISES = {
    "make_batch": Exercise(
        points=2,
        source=_MAKE_BATCH,
        draw=_make_batch_inputs,
        result={"x": "(T, B, 2)", "y": "(B, 1)"},
        hint="Look at one example: which two steps are marked?",
        section=TASK,
        sizes="TB",
        # In few steps, examples are often marked alike.
        telling=(*TELLING, Size(T=12, B=4, D=2, H=3)),
        cases=(
            {"steps": 10, "batch": 4},
            {"steps": 2, "batch": 1},
            {"steps": 7, "batch": 20},
            {"dtype": "float32", "contiguous": False},
        ),
    ),
    "train": Exercise(
        points=5,
        reference=by_hand,
        draw=_train_inputs,
        result={f"W_{gate}": "(H, H + 2)" for gate in GATES}
        | {f"b_{gate}": "(H,)" for gate in GATES}
        | {"V": "(1, H)", "d": "(1,)"},
        hint="",
        section=STEP,
        sizes="TBH",
        judge=_judge,
        cases=({"steps": 20, "batch": 32, "hidden_size": 12, "dtype": "float32"},),
    ),
}
