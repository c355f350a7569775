"""The assignment *training*: sequences of different lengths, trained on with PyTorch.

What PyTorch computes is compared with NumPy, and what is trained is tried by `lstm_ref`: nothing
here needs PyTorch.
"""

import numpy as np

from lstm_check.exercise import FLOAT32, Exercise, Exercises, Section, Size
from lstm_check.exercises.adding_problem import by_hand as adder
from lstm_check.exercises.pytorch import STORED, to_state_dict
from lstm_ref import LSTMParams, fast

MODULES = ("numpy", "matplotlib", "torch")
EXERCISES = Exercises()
CHAPTER = "Practice: train it with PyTorch"
LOADING = Section("Dataset and DataLoader", CHAPTER)
MASKS = Section("Padding, packing, a mask", CHAPTER)
LOOP = Section("The loop", CHAPTER)
STOPPING = Section("Early stopping", CHAPTER)
CLIPPING = Section("Clipping by global norm", "Training")

EXAMPLES, VALIDATION = 40, 20
LONGEST = 30
NOISE = 0.3  # standard deviation, of the answers one learns from
GUESSING = 1 / 3  # the variance of a uniform number between -1 and 1
FACTOR = 8  # by which the loss has to be below that of always answering 0


def _lengths(rng, size):
    lengths = rng.integers(1, size.T + 1, size.B)
    lengths[rng.integers(size.B)] = size.T
    return lengths


def _pad_inputs(rng, size):
    sequences = [rng.normal(size=(n, size.D), scale=size.scale) for n in _lengths(rng, size)]
    # A zero that was measured: a mask that asks the numbers takes it for padding.
    measured = sequences[rng.integers(size.B)]
    measured[rng.integers(len(measured))] = 0
    return {"sequences": sequences}


@EXERCISES.add(
    2,
    {"x": "(T, B, D)", "mask": "(T, B)"},
    LOADING,
    "Look at the shortest sequence: where is it, and what is behind it?",
    draw=_pad_inputs,
    sizes="TBD",
    cases=(Size(), Size(T=9, B=6, D=1), Size(B=1), Size(T=1, B=4), FLOAT32),
    telling=(Size(5, 3, 2, 4), Size(6, 4, 3, 5), Size(4, 4, 4, 4), Size(9, 6, 1, 2)),
)
def pad(sequences):
    """Put sequences beside each other: x (T, B, D) and mask (T, B), which is True where one is."""
    lengths = np.array([len(s) for s in sequences])
    T = lengths.max()
    B = len(sequences)
    shape = (T, B, sequences[0].shape[1])
    x = np.zeros(shape, sequences[0].dtype)
    for k, s in enumerate(sequences):
        x[: len(s), k] = s  # put
    mask = np.arange(T)[:, None] < lengths
    return {"x": x, "mask": mask}


def _masked_loss_inputs(rng, size):
    mask = np.arange(size.T)[:, None] < _lengths(rng, size)
    # What a network answers in the padding is no 0, and what a target holds there may be.
    answers, targets = rng.normal(size=(2, *mask.shape), scale=size.scale)
    return {"answers": answers, "targets": targets, "mask": mask}


@EXERCISES.add(
    3,
    {"loss": "", "gradient": "(T, B)"},
    MASKS,
    "Which steps count, and by what is divided?",
    draw=_masked_loss_inputs,
    sizes="TB",
    cases=(Size(), Size(T=12, B=7), Size(B=1), Size(T=1, B=3), Size(scale=100.0), FLOAT32),
)
def _masked_loss(answers, targets, mask):
    error = answers - targets
    squares = error**2
    kept = np.where(mask, squares, 0)
    n = mask.sum()
    loss = kept.sum() / n
    slope = 2 * error / n
    gradient = np.where(mask, slope, 0)
    return {"loss": loss, "gradient": gradient}


def _clipped_step_inputs(rng, size):
    H, D = size.H, size.D
    shapes = {"W": (H, H + D), "b": (H,), "v": (H,)}
    gradients = {name: rng.normal(size=shape, scale=size.scale) for name, shape in shapes.items()}
    gradients["v"] *= 5  # always the longest, or its norm would pass for that of all
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
    max_norm = float(1.03 * norm if size.scale < 1 else rng.uniform(0.3, 0.6) * norm)
    # Now and then the step alone is longer than max_norm, or clipping that would be as good.
    learning_rate = float(rng.uniform(0.1, 0.9))
    # Larger than the step: what is left of a weight that has nearly been taken away would show the
    # 1e-6 that PyTorch adds to the norm.
    weights = {
        name: learning_rate * max_norm * rng.uniform(2, 3, shape) * rng.choice([-1, 1], shape)
        for name, shape in shapes.items()
    }
    return {
        "weights": weights,
        "gradients": gradients,
        "learning_rate": learning_rate,
        "max_norm": max_norm,
    }


@EXERCISES.add(
    2,
    {"W": "(H, H + D)", "b": "(H,)", "v": "(H,)"},
    LOOP,
    "One norm for all, and then one step.",
    draw=_clipped_step_inputs,
    sizes="DH",
    # PyTorch adds 1e-6 to the norm it divides by.
    rtol=1e-5,
    names_hint="weights may hold any names: go through all of them, do not type them in.",
    cases=(Size(), Size(scale=0.01), Size(D=5, H=2), Size(scale=1000.0), FLOAT32),
)
def _clipped_step(weights, gradients, learning_rate, max_norm):
    squares = [np.sum(g**2) for g in gradients.values()]
    norm = np.sqrt(sum(squares))
    factor = max_norm / norm
    scale = factor if norm > max_norm else 1.0
    step = {name: learning_rate * scale * g for name, g in gradients.items()}
    moved = {name: weights[name] - step[name] for name in weights}
    return moved


def _early_stopping_inputs(rng, size):
    # Falling at first, then rising, by tenths: two epochs may be equally good.
    n = 2 * size.T + size.B
    rng = np.random.default_rng([n, *rng.integers(2**31, size=2)])  # in each size, other ones
    best = int(rng.integers(1, n - 1))
    bend = np.abs(np.arange(n) - best) / n
    losses = np.round(0.5 + bend + rng.uniform(0, 0.3, n), 1)
    # Close to the moment at which it is time, or at which somebody else would think so.
    lowest = np.minimum.accumulate(losses)
    missed = int(np.sum(losses[1:] >= lowest[:-1]))
    waited, worst = (n - 1 - int(at(losses)) for at in (np.argmin, np.argmax))
    patience = max(1, (waited, missed, worst, waited)[n % 4] + n % 3 - 1)
    return {"losses": losses, "patience": patience}


@EXERCISES.add(
    2,
    {"best": "", "stop": ""},
    STOPPING,
    "How many epochs have passed since the best one?",
    draw=_early_stopping_inputs,
    sizes="",
    cases=(
        Size(),
        Size(T=3, B=1),
        Size(T=20, B=5),
        Size(T=8, B=4),
        Size(T=7),
        Size(T=9, B=1),
        Size(T=16, B=3),
    ),
    telling=tuple(Size(T, B, 2, 3) for T in range(3, 21) for B in (1, 2, 3, 4)),
)
def early_stopping(losses, patience):
    """Return the best epoch, and whether it is time to stop."""
    best = int(np.argmin(losses))
    waited = len(losses) - 1 - best
    stop = waited >= patience
    return {"best": best, "stop": stop}


def draw_sequences(rng, count, longest=LONGEST, noise=NOISE):
    """Draw the task: hold the number that came with the last flag.

    Returns
    -------
    list of array
        Of shape (n, 2): a number from -1 to 1, and the flag, which is 1 or 0.
    list of array
        Of shape (n,): what is held, and noise.
    """
    sequences, targets = [], []
    for n in rng.integers(longest // 5, longest + 1, count):
        numbers = rng.uniform(-1, 1, n)
        flags = rng.random(n) < 0.2
        flags[0] = True
        last = np.maximum.accumulate(np.where(flags, np.arange(n), 0))
        sequences.append(np.column_stack([numbers, flags]).astype(np.float32))
        targets.append((numbers[last] + noise * rng.normal(size=n)).astype(np.float32))
    return sequences, targets


def _fit_inputs(rng, size):
    x, y = draw_sequences(rng, EXAMPLES, size.T)
    x_valid, y_valid = draw_sequences(rng, VALIDATION, size.T)
    return {
        "sequences": x,
        "targets": y,
        "valid_sequences": x_valid,
        "valid_targets": y_valid,
        "hidden_size": size.H,
        "seed": int(rng.integers(1000)),
    }


def by_hand(sequences, targets, valid_sequences, valid_targets, hidden_size, seed):
    """Return weights that solve the task without training: unit 0 holds a tenth of the number.

    It is what solves the adding problem, with a forget gate that closes at a flag.
    """
    weights = adder(None, None, hidden_size, seed)
    weights["W_f"][0, -1] = -40
    state = {f"lstm.{name}": array for name, array in to_state_dict(weights).items()}
    return {**state, "readout.weight": weights["V"], "readout.bias": weights["d"]}


def answers(weights, sequences):
    """Return what a network answers at each step of each sequence, as a list of arrays."""
    W = np.concatenate([weights["lstm.weight_hh_l0"], weights["lstm.weight_ih_l0"]], axis=1)
    b = weights["lstm.bias_ih_l0"] + weights["lstm.bias_hh_l0"]
    params = LSTMParams(np.asarray(W, float), np.asarray(b, float))
    padded = pad(sequences)["x"].astype(float)
    h, *_ = fast.lstm_forward(padded, params)
    y = h @ weights["readout.weight"][0] + weights["readout.bias"]
    return [y[: len(s), k] for k, s in enumerate(sequences)]


def unseen(seed, longest, count=200):
    """Return sequences that are not in the training data, and what is to be held, without noise."""
    return draw_sequences(np.random.default_rng([seed, 20261126]), count, longest, noise=0)


def loss(weights, sequences, targets):
    """Return the mean squared error over all steps."""
    got = np.concatenate(answers(weights, sequences))
    return float(np.mean((got - np.concatenate(targets)) ** 2))


def longest_of(arguments):
    """Return the number of steps that sequences have at most."""
    return max(map(len, arguments["sequences"]))


def _judge(arguments, weights):
    got = loss(weights, *unseen(arguments["seed"], longest_of(arguments)))
    if got < GUESSING / FACTOR:
        return None
    return (
        f"on new sequences, without noise, the loss is {got:.3g}. Always answering 0 gives "
        f"{GUESSING:.3g}; {FACTOR} times less, {GUESSING / FACTOR:.3g}, is needed. Print both "
        f"losses of each epoch: which of them does not fall? See {LOOP}."
    )


EXERCISES["fit"] = Exercise(
    5,
    {f"lstm.{name}": shape.replace("D", "2") for name, shape in STORED.items()}
    | {"readout.weight": "(1, H)", "readout.bias": "(1,)"},
    LOOP,
    "",
    reference=by_hand,
    draw=_fit_inputs,
    sizes="H",
    parts=("pad", "early_stopping"),
    names_hint="The function state_dict_of, given above, makes that dict of your model.",
    judge=_judge,
    cases=(Size(T=LONGEST, H=24, dtype="float32"),),
)
