"""The assignment *adding-problem*: a batch of the task, and an LSTM that is trained on it."""

import numpy as np

from lstm_check.drawing import GATES
from lstm_check.exercise import BIASES, FLOAT32, TELLING, Exercise, Exercises, Section, Size
from lstm_ref import LSTMParams, fast

MODULES = ("numpy", "matplotlib", "lstm_ref")
EXERCISES = Exercises()
BATCHES = 1000  # one training step each
FACTOR = 10  # by which the loss has to be below that of always answering 1
GUESSING = 1 / 6  # the variance of the sum of two uniform numbers
TASK = Section("The adding problem", "Training")
STEP = Section("A training step", "Training")


def _make_batch_inputs(rng, size):
    T, B = size.T, size.B
    return {
        "numbers": rng.random((T, B)) * size.scale,
        "first": rng.integers(0, T // 2, B),
        "second": rng.integers(T // 2, T, B),
    }


@EXERCISES.add(
    2,
    {"x": "(T, B, 2)", "y": "(B, 1)"},
    TASK,
    "Look at one example: which two steps are marked?",
    draw=_make_batch_inputs,
    sizes="TB",
    # In few steps, examples are often marked alike.
    telling=(*TELLING, Size(T=12, B=4, D=2, H=3)),
    cases=(Size(T=10, B=4), Size(T=2, B=1), Size(T=7, B=20), FLOAT32),
)
def make_batch(numbers, first, second):
    """Return x (T, B, 2), whose second column marks two steps, and the sums y (B, 1)."""
    T, B = numbers.shape
    examples = np.arange(B)
    x = np.zeros((T, B, 2), numbers.dtype)
    x[:, :, 0] = numbers  # numbers
    x[first, examples, 1] = 1  # mark_first
    x[second, examples, 1] = 1  # mark_second
    y = numbers[first, examples] + numbers[second, examples]
    y = y[:, None]  # column
    return x, y


def draw_sequences(rng, T, B):
    """Draw inputs (T, B, 2) and sums (B, 1)."""
    return make_batch(**_make_batch_inputs(rng, Size(T=T, B=B)))


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
    H = hidden_size
    weights = {f"W_{gate}": np.zeros((H, H + 2)) for gate in GATES}
    weights |= {f"b_{gate}": np.zeros(H) for gate in GATES}
    weights |= {"V": np.zeros((1, H)), "d": np.zeros(1)}
    number, mark = H, H + 1
    weights["W_c"][0, number] = 0.1
    weights["W_i"][0, mark], weights["b_i"][0] = 40, -20
    weights["b_f"][0] = weights["b_o"][0] = 20
    weights["V"][0, 0] = 10.0
    return weights


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


EXERCISES["train"] = Exercise(
    5,
    dict.fromkeys((f"W_{gate}" for gate in GATES), "(H, H + 2)")
    | BIASES
    | {"V": "(1, H)", "d": "(1,)"},
    STEP,
    "",
    reference=by_hand,
    draw=_train_inputs,
    sizes="TBH",
    judge=_judge,
    cases=(Size(T=20, B=32, H=12, dtype="float32"),),
)
