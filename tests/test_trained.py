"""What was trained apart: its networks are PyTorch's, its steps Adam's, its logs complete."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import torch

from lstm_book.data import log, pairs, weights
from lstm_book.train import parity, sequence_to_sequence, tasks

ROOT = Path(__file__).parents[1]


def module(kind, weights):
    """Return PyTorch's layer with the weights of the first of several networks, and a readout."""
    W_x, W_h, b_x, b_h, V, d = (w[0].detach() for w in weights)
    # The script keeps i, f, o, candidate; PyTorch i, f, candidate, o.
    order = (0, 1, 3, 2) if kind == "LSTM" else (0,)
    layer = getattr(torch.nn, kind)(*W_x.shape[:1], W_h.shape[0])
    readout = torch.nn.Linear(*V.shape)
    found = {"weight_ih_l0": W_x, "weight_hh_l0": W_h, "bias_ih_l0": b_x, "bias_hh_l0": b_h}
    blocks = {key: w.T.chunk(len(order)) for key, w in found.items()}
    layer.load_state_dict(
        {
            key: torch.cat([parts[k] for k in order]).reshape(getattr(layer, key).shape)
            for key, parts in blocks.items()
        }
    )
    readout.load_state_dict({"weight": V.T, "bias": d[0]})
    return layer, readout


@pytest.mark.parametrize("tuned", [False, True])
@pytest.mark.parametrize("kind", ["RNN", "LSTM"])
def test_training_is_pytorchs(kind, tuned):
    """Same losses as torch.nn's layer, clip_grad_norm_ and torch.optim.Adam give."""
    setting = (tasks.order, 40, {"RNN": 23, "LSTM": 10}, 0.0, 12)
    networks = [(tuned, 0.01, 3), (not tuned, 0.03, 3)]  # the second must not disturb the first
    losses = tasks.train(kind, setting, networks)[0]

    weights = [w[None] for w in tasks.draw(kind, tuned, 40, 6, setting[2][kind], 4, 3)]
    layer, readout = module(kind, weights)
    learnt = [*layer.parameters(), *readout.parameters()]
    optimizer, gen = torch.optim.Adam(learnt, lr=0.01), torch.Generator().manual_seed(3)
    for loss_there in losses:
        x, y = tasks.order(40, tasks.B, gen)
        loss = (readout(layer(x)[0][-1]) - y).square().sum(dim=1).mean()
        assert loss_there == pytest.approx(loss.item(), rel=1e-4)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learnt, 1.0)
        optimizer.step()


def test_the_log_of_tasks_is_whole():
    """Every network has five seeds, and as many means as its steps fill."""
    assert list(log("tasks")) == [f"{task}: {kind}" for task in tasks.TASKS for kind in tasks.KINDS]
    for part, kept in log("tasks").items():
        assert (kept["goal"], kept["most steps"]) == tasks.TASKS[part.split(": ")[0]][-2:]
        for start in "default", "tuned":
            run = kept[start]
            assert run["learning rate"] in tasks.RATES
            for steps, end, means in zip(
                run["steps"], run["loss at end"], run["mean loss of 25 steps"], strict=True
            ):
                assert (end <= kept["goal"]) or steps == kept["most steps"]
                assert len(means) == -(-steps // tasks.BLOCK)


def test_the_log_of_parity_is_whole():
    assert list(log("parity")) == list(parity.NETWORKS)
    for run in log("parity").values():
        right = np.array([*run["right"].values()])
        assert right.shape == (len(parity.LENGTHS), len(parity.SEEDS))
        assert 0.4 < right.min() <= right.max() <= 1


def test_a_linear_recurrence_is_the_formula():
    """h_t = a_t h_{t-1} + b_t, with factors that reach from -1 to 1."""
    x, _ = parity.bits(50)
    layer = parity.LinearRecurrence(-1.0)
    with torch.no_grad():
        layer.gates.weight[: parity.H], layer.gates.bias[: parity.H] = -40, 20  # 0 keeps, 1 flips
        layer.gates.weight[parity.H :], layer.gates.bias[parity.H :] = 0.25, 0.5
        (h,) = layer(x)
    there = 0
    for x_t, h_t in zip(x, h, strict=True):
        there = (1 - 2 * x_t) * there + 0.25 * x_t + 0.5
        assert np.allclose(h_t, there, atol=1e-4)


@pytest.fixture(scope="module")
def chapter():
    """Run the cell of *From sequence to sequence* that has the networks; return its names."""
    text = (ROOT / "book/sequence-to-sequence.md").read_text("utf8")
    cells = re.findall(r"^```\{code-cell\} ipython3\n(.*?)^```$", text, re.M | re.S)
    names = {}
    for cell in (cells[0], next(cell for cell in cells if cell.startswith("class Network"))):
        exec(compile(cell, "book/sequence-to-sequence.md", "exec"), names)
    return names


@pytest.mark.parametrize("kind", sequence_to_sequence.SIZES)
@pytest.mark.parametrize("task", pairs.CHARACTERS)
def test_the_chapter_runs_what_was_trained(chapter, task, kind):
    """PyTorch's encoder, decoder and attention give what lstm_ref does, and the log has it."""
    size = sequence_to_sequence.SIZES[kind]
    model = sequence_to_sequence.Translator(len(pairs.CHARACTERS[task]), size, kind == "attention")
    kept = weights("sequence_to_sequence")
    named = {key.split(": ")[2]: w for key, w in kept.items() if key.startswith(f"{task}: {kind}:")}
    model.load_state_dict({key: torch.from_numpy(w) for key, w in named.items()})
    run = log("sequence_to_sequence")[f"{task}: {kind}"]
    assert run["weights"] == sum(w.size for w in named.values())
    network = chapter["Network"](task, kind)
    for length, (x, y) in [*pairs.tests(task).items()][3:9:2]:
        with torch.no_grad():
            scores = model(torch.from_numpy(x), torch.from_numpy(y)).log_softmax(dim=2)
        seen, state = network.read(x)
        for t in range(len(y)):
            before = y[t - 1] if t else np.zeros(x.shape[1], int)
            p, state, _ = network.step(before, seen, state)
            np.testing.assert_allclose(p, scores[t], atol=2e-3)
        alone = (chapter["write"](network, x, len(y))[0] == y).all(axis=0).mean()
        assert alone == pytest.approx(run["sequences"][str(length)][0], abs=0.04)


def test_the_log_of_sequences_is_whole():
    found = log("sequence_to_sequence")
    assert set(found) == {
        f"{task}: {kind}" for task in pairs.CHARACTERS for kind in sequence_to_sequence.SIZES
    }
    for name, run in found.items():
        lengths = [str(length) for length in pairs.tests(name.split(": ")[0])]
        for key in "sequences", "told", "alone":
            assert list(run[key]) == lengths
            assert {len(row) for row in run[key].values()} == {len(sequence_to_sequence.SEEDS)}


def test_pairs_are_what_they_say():
    """Dates as people write them, by hand; a letter's place from the other end."""
    day = date(1948, 3, 14)
    assert [pairs.words(day, style) for style in range(6)] == [
        "March 14, 1948",
        "14 Mar 1948",
        "Sunday, 14 March 1948",
        "14th of March 1948",
        "Sun, Mar 14 1948",
        "1948, March 14",
    ]
    assert pairs.words(date(2001, 2, 3), 3) == "3rd of February 2001"
    x, y = next(pairs.batches("dates", 8, np.random.default_rng(0)))
    assert [len(pairs.decode("dates", codes)) for codes in y.T] == [10] * 8
    assert x.shape[1] == 8
    assert not set(pairs.days("train")) & set(pairs.days("test"))
    x, y = pairs.tests("reversal")[4]
    texts = [pairs.decode("reversal", codes) for codes in (x[:, 0], y[:, 0])]
    assert texts[0] == texts[1][::-1]
