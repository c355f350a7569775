"""The bundled data: complete, of the stated shapes, and small."""

import numpy as np
import pytest

import lstm_book.data


@pytest.mark.parametrize(
    ("part", "counts"),
    [("train", [30] * 9), ("test", [31, 35, 88, 44, 29, 24, 40, 50, 29])],
)
def test_japanese_vowels(part, counts):
    """The numbers of utterances are those of the repository's description."""
    utterances, speakers = lstm_book.data.japanese_vowels(part)
    assert np.bincount(speakers).tolist() == counts
    assert len(utterances) == sum(counts)
    assert all(u.ndim == 2 and u.shape[1] == 12 and 7 <= len(u) <= 29 for u in utterances)


def test_first_utterance():
    utterances, _ = lstm_book.data.japanese_vowels("train")
    np.testing.assert_allclose(utterances[0][:3, 0], [1.860936, 1.891651, 1.939205], atol=5.1e-4)
    assert len(utterances[0]) == 20


def test_an_unknown_part_is_an_error():
    with pytest.raises(ValueError, match=r"part: expected .*, got 'all'"):
        lstm_book.data.japanese_vowels("all")


def test_first_names():
    names = lstm_book.data.first_names()
    assert len(set(names)) == len(names) == 5163
    assert all(name.isascii() and name.isalpha() and name.islower() for name in names)


def test_series():
    years, numbers = lstm_book.data.sunspots()
    assert (years == np.arange(1700, 2009)).all()
    assert numbers[[0, -1]].tolist() == [5, 2.9]
    temperatures = lstm_book.data.el_nino()
    assert temperatures.shape == (61 * 12,)
    assert temperatures[0] == 23.11
    assert 15 < temperatures.min() < temperatures.max() < 35


def test_the_data_stay_small_and_explained():
    files = [
        path
        for path in lstm_book.data.FOLDER.iterdir()
        if path.suffix in (".npz", ".txt", ".bz2", ".csv")
    ]
    assert sum(path.stat().st_size for path in files) < 4_000_000
    readme = (lstm_book.data.FOLDER / "README.md").read_text("utf8")
    assert all(f"`{path.name}`" in readme for path in files)
