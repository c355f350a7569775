"""*A writer*: counting is what its formulas say; log, kept weights and page agree."""

import itertools
import re
from collections import Counter

import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup

from lstm_book import probe
from lstm_book.data import log, plays
from lstm_book.train import ngrams, writer
from lstm_ref import fast

LOG = log("writer")
SEEDS = [name for name in LOG if name.startswith("seed")]


def by_formula(train, n, smoothing):
    """Return p(gram) as Chen and Goodman (1999) write it: gram by gram, from dictionaries."""
    runs = {k: zip(*(train[j:] for j in range(k)), strict=False) for k in range(1, n + 1)}
    tables = {k: Counter(grams) for k, grams in runs.items()}
    if smoothing == "Kneser-Ney":
        tables |= {k: Counter(gram[1:] for gram in tables[k + 1]) for k in range(1, n)}

    def discounts(counts):
        n1, n2, n3, n4 = (sum(c == k for c in counts.values()) for k in (1, 2, 3, 4))
        if not n1 * n2 * n3 * n4:
            return [0, 0.5, 0.5, 0.5]
        y = n1 / (n1 + 2 * n2)
        return [0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3]

    lost = {k: discounts(table) for k, table in tables.items()}

    def p(gram):
        if not gram:
            return 1 / 4
        after = {g[-1]: c for g, c in tables[len(gram)].items() if g[:-1] == gram[:-1]}
        if not after:
            return p(gram[1:])
        total, count = sum(after.values()), after.get(gram[-1], 0)
        if smoothing == "Witten-Bell":
            return (count + len(after) * p(gram[1:])) / (total + len(after))
        d = lost[len(gram)]
        freed = sum(d[min(c, 3)] for c in after.values())
        return (count - d[min(count, 3)] + freed * p(gram[1:])) / total

    return p


@pytest.fixture(scope="module")
def small():
    """Draw a text of four characters in which some follow others more often, and another."""
    rng = np.random.default_rng(0)
    rows = rng.dirichlet([0.5] * 4, 16)
    text = [0, 1]
    for _ in range(900):
        text.append(rng.choice(4, p=rows[4 * text[-2] + text[-1]]))
    return np.array(text[:700]), np.array(text[700:])


@pytest.mark.parametrize("smoothing", ["Witten-Bell", "absolute discounting", "Kneser-Ney"])
def test_counting_is_the_formula(small, smoothing):
    train, text = small
    for how, n, found in ngrams.predict(train, text, 5, 4):
        if how != smoothing:
            continue
        p = by_formula([*map(int, train)], n, smoothing)
        codes = [*map(int, text)]
        expected = [p(tuple(codes[max(0, t - n + 1) : t + 1])) for t in range(1, len(codes))]
        np.testing.assert_allclose(found, expected, rtol=1e-10)
        for context in itertools.islice(itertools.product(range(4), repeat=n - 1), 20):
            assert sum(p((*context, k)) for k in range(4)) == pytest.approx(1)


def test_what_is_pruned_leaves_its_share_to_shorter_contexts(small):
    """The chances of all four characters, after a context, sum up to 1 whatever is left out."""
    train, text = small
    tables = [ngrams.counted(train, n) for n in range(1, 6)]
    sizes = []
    for at_least in 1, 2, 4:
        sums = 0
        for k in range(4):
            last = np.array([*text[:-1], k])
            *_, (n, p, found) = ngrams.kneser_ney(tables, last, 4, at_least)
            sums += p[-1]
        assert sums == pytest.approx(1)
        assert min(table.counts.min() for table in found[2:]) >= at_least
        sizes.append(ngrams.size(found))
    assert n == 5
    assert sizes == sorted(sizes, reverse=True)


def test_pruned_by_hand():
    """Of ab, ac, ab, ab after a, ac goes: b has (3 - D3) / 4, the rest is that of b alone."""
    table = ngrams.Counts(np.array([1, 2]), np.array([3, 1])).pruned(2)
    table.discounts = np.array([0, 0.5, 0.7, 0.9])
    b, c = table.discounted(np.array([1, 2]), np.array([0.25, 0.75]))
    assert b == pytest.approx((3 - 0.9) / 4 + 1.9 / 4 * 0.25)
    assert c == pytest.approx(1.9 / 4 * 0.75)


def test_witten_bell_by_hand():
    """After "a" in abaac: b, a, c once each, so N = d = 3; a, b, c stand 3, 1, 1 times, d = 3."""
    train, text = np.array([0, 1, 0, 0, 2]), np.array([0, 1])
    found = [p.item() for how, _, p in ngrams.predict(train, text, 2, 4) if how == "Witten-Bell"]
    single = (1 + 3 / 4) / (5 + 3)
    pair = (1 + 3 * single) / (3 + 3)
    assert found == pytest.approx([single, pair])


def test_features_of_a_text():
    text = "ACT I\n\n[Enter A]\n\nA B\nMy lord,\n[Aside]\nAnd so.\n\n"
    text += "Fool\nWell, sir,\nthat is it.\n"
    found = probe.features(text)
    name = "".join(c for c, v in zip(text, found["a speaker's name"], strict=True) if v)
    assert name == "A B\nFool\n"
    inside = "".join(c for c, v in zip(text, found["a stage direction"], strict=True) if v)
    assert inside == "[Enter A[Aside"
    prose = "".join(c for c, v in zip(text, found["prose"], strict=True) if v == 1)
    assert prose == "Well, sir,\nthat is it.\n"
    verse = "".join(c for c, v in zip(text, found["prose"], strict=True) if v == 0)
    assert verse == "My lord,\nAnd so.\n"
    at = text.index("And so.")
    assert found["line of the speech"][at] == 3
    assert found["place in the line"][at : at + 8].tolist() == [1, 2, 3, 4, 5, 6, 7, 0]


def test_correlation_is_numpys():
    rng = np.random.default_rng(0)
    values, states = rng.normal(size=40), rng.normal(size=(40, 3))
    values[::7] = np.nan
    there = ~np.isnan(values)
    expected = [np.corrcoef(values[there], states[there, k])[0, 1] for k in range(3)]
    np.testing.assert_allclose(probe.correlation(values, states), expected, rtol=1e-9)


def test_the_plays_are_parted():
    texts, characters = plays()
    assert len(characters) == 64
    assert len(texts["train"]) > 4e6
    assert len(texts["test"]) > 2.5e5
    test = "".join(characters[code] for code in texts["test"])
    assert "To be, or not to be: that is the question" in test
    train = "".join(characters[code] for code in texts["train"])
    assert "that is the question" not in train


def test_the_log_is_whole():
    assert list(LOG) == ["counting", *SEEDS, "memories", "together", "in little room"]
    assert SEEDS == [f"seed {seed}" for seed in writer.SEEDS]
    for bits in LOG["counting"].values():
        assert [len(bits[part]) for part in ("validate", "test")] == [writer.ORDERS] * 2
    for seed in SEEDS:
        assert LOG[seed]["curve"][-1][0] == writer.UPDATES
        assert 1.5 < LOG[seed]["test"] < 4


def test_the_kept_weights_are_those_of_the_log():
    """Read the whole test with lstm_ref; in 32 parts, so that a few characters have no past."""
    texts, _ = plays()
    params, V, d = probe.network()
    codes = texts["test"][: len(texts["test"]) // 32 * 32].reshape(32, -1).T
    one_hot = np.eye(64, dtype=np.float32)
    h = c = None
    costs = []
    for x, y in zip(*(np.array_split(part, 50) for part in (codes[:-1], codes[1:])), strict=True):
        hidden, (h, c), _ = fast.lstm_forward(one_hot[x], params, h, c)
        z = hidden @ V.T + d
        p = np.take_along_axis(z, y[:, :, None], 2)[:, :, 0] - np.log(np.exp(z).sum(axis=2))
        costs.append(-p / np.log(2))
    bits = np.concatenate(costs).mean()
    assert bits == pytest.approx(LOG["seed 0"]["test, rounded to 8 bits"], abs=0.003)


def test_rounding_keeps_weights_to_half_a_step():
    torch.manual_seed(0)
    model = writer.Writer(64)
    kept = writer.packed(model)
    before = {name: w.clone() for name, w in model.state_dict().items()}
    writer.unpack(model, kept)
    after = model.state_dict()
    biases = ("lstm.bias_ih_l0", "lstm.bias_hh_l0")
    assert torch.equal(sum(after[b] for b in biases), sum(before[b] for b in biases))
    for name in "lstm.weight_hh_l0", "lstm.weight_ih_l0", "readout.weight":
        step = kept["readout_W_scale" if "readout" in name else "W_scale"].max()
        assert 0 < (after[name] - before[name]).abs().max() <= 0.501 * step


def test_the_page_prints_the_log(built_book):
    page = BeautifulSoup((built_book / "book/writer.html").read_text("utf8"), "html.parser")
    shown = " ".join(out.get_text() for out in page.select(".cell_output pre"))
    for smoothing, bits in LOG["counting"].items():
        row = re.search(rf"^{smoothing} +(.*)$", shown, re.M)
        assert row[1].split() == [f"{b:.2f}" for b in bits["test"]]
    for seed in SEEDS:
        row = re.search(rf"^ +{seed.split()[1]} +(\d\.\d+) +(\d\.\d+) ", shown, re.M)
        assert row.groups() == tuple(f"{LOG[seed][part]:.3f}" for part in ("validate", "test"))
