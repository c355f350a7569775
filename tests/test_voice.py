"""The voice detector is Silero's: its answers are those of the program in its wheel."""

import numpy as np
import pytest

from lstm_book import sounds, voice
from lstm_book.data import clips, log, silero
from lstm_book.train.clips import COUNTS, KEPT
from lstm_check import voice as for_students


@pytest.mark.parametrize("name", list(clips()))
def test_answers_are_those_of_its_torchscript(name):
    """`lstm_book.train.voice_weights` ran that on the same sound, chunk by chunk, and kept them.

    As it is, it rounds to 32 bits at every step; a weighted sum of 128 such numbers shows it.
    """
    weights = silero()
    x = voice.features(voice.cut(sounds.in_pink(clips()[name])), weights)
    heard = voice.listen(x[:, None], voice.lstm_of(weights), weights)
    answers = log("silero_answers")[name]
    assert heard.p[:, 0] == pytest.approx(answers["in 64 bits"], rel=0, abs=1e-6)
    assert heard.p[:, 0] == pytest.approx(answers["as it is"], rel=0, abs=3e-6)
    assert 0.1 < (heard.p > 0.5).mean() < 0.9


def test_a_state_goes_on_where_it_was():
    weights = silero()
    x, params = np.random.default_rng(0).normal(size=(9, 2, 128)), voice.lstm_of(weights)
    whole = voice.listen(x, params, weights)
    first = voice.listen(x[:4], params, weights)
    rest = voice.listen(x[4:], params, weights, first.h[-1], first.c[-1])
    assert np.array_equal(np.concatenate([first.c, rest.c]), whole.c)


def test_speech_is_where_it_is_loud():
    """By hand: 40 dB are a factor of 100 in amplitude; a short pause counts, a long one not."""
    loud, faint, none = np.ones(512), np.full(512, 0.009), np.zeros(512)
    audible = np.full(512, 0.011)
    chunks = [none, loud, *[none] * 5, audible, *[faint] * 6, loud, none]
    said = [0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    assert sounds.speaking(np.concatenate(chunks)).tolist() == [bool(s) for s in said]


@pytest.mark.parametrize("kind", sounds.NOISES)
def test_noise_is_as_loud_as_asked_for(kind):
    clean = clips()["test 0: en-gb"]
    unwanted = sounds.noise(kind, len(clean), np.random.default_rng(3))
    assert unwanted.shape == clean.shape
    added = sounds.mix(clean, unwanted, 5) - clean
    speech = sounds.power(clean)[sounds.speaking(clean)].mean()
    assert 10 * np.log10(speech / (added**2).mean()) == pytest.approx(5)


def test_the_best_threshold_is_the_best():
    """Against trying all of them."""
    rng = np.random.default_rng(0)
    for _ in range(50):
        score, labels = rng.normal(size=12), rng.random(12) < 0.4
        threshold, right = sounds.best_threshold(score, labels)
        tried = [np.mean((score > at) == labels) for at in [-np.inf, *score]]
        assert right == pytest.approx(max(tried))
        assert np.mean((score > threshold) == labels) == pytest.approx(right)


def test_how_a_memory_tells_is_the_share_of_pairs():
    rng = np.random.default_rng(1)
    c, speaking = rng.normal(size=(20, 3)), rng.random(20) < 0.4
    c[:, 2] = c[:, 2] > 0  # many are equal
    speech, silence = c[speaking][:, None], c[~speaking]
    pairs = (speech > silence) + 0.5 * (speech == silence)
    assert voice.tells(c, speaking) == pytest.approx(pairs.mean(axis=(0, 1)))


def test_the_log_is_whole():
    kept = log("voice")
    assert list(kept) == ["table", "gates", "resets", "memories", "learnt"]
    levels = {str(level) for level in sounds.LEVELS}
    for rows in kept["table"]["right"].values():
        assert set(rows) == levels
        assert all(len(of_seeds) == 3 and 0 < min(of_seeds) <= 100 for of_seeds in rows.values())
    b_f = voice.lstm_of(silero()).b_f
    assert kept["learnt"]["b_f"] == pytest.approx(b_f.tolist(), abs=6e-4)
    assert COUNTS == {"tune": 20, "test": 50}
    assert len(clips()) == sum(map(len, KEPT.values()))


def test_students_get_the_same_detector():
    """Rounded to 16 bits; what it answers is the same to two digits."""
    weights = silero()
    state, (w, d) = for_students.state(), for_students.readout()
    rounded = {f"rnn.{name}": array for name, array in state.items()}
    rounded |= {"out.weight": w, "out.bias": d}
    for clip in for_students.clips():
        own, there = (
            voice.listen(clip.x, voice.lstm_of(given), given).p[:, 0]
            for given in (rounded, weights)
        )
        assert own == pytest.approx(there, abs=5e-3)
        assert len(clip.speaking) == len(clip.loud) == len(clip.x)
        assert ((own > 0.5) == clip.speaking).mean() > 0.8
