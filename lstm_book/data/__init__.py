"""The real data of the book's chapters; README.md states sources and licences."""

import bz2
import json
from importlib.resources import files

import numpy as np

FOLDER = files("lstm_book.data")


def japanese_vowels(part):
    """Load utterances of two vowels by nine speakers.

    Parameters
    ----------
    part : {"train", "test"}

    Returns
    -------
    utterances : list of ndarray, shape (T, 12)
        One row of linear-prediction cepstrum coefficients every 6.4 ms; T is 7 to 29.
    speakers : ndarray of int, shape (N,)
        0 to 8.

    Raises
    ------
    ValueError
        If `part` is neither.
    """
    if part not in ("train", "test"):
        raise ValueError(f'part: expected "train" or "test", got {part!r}')
    with (FOLDER / "japanese_vowels.npz").open("rb") as file, np.load(file) as stored:
        frames, lengths, speakers = (
            stored[f"{part}_{name}"] for name in ("frames", "lengths", "speakers")
        )
    ends = np.cumsum(lengths.astype(int))
    return np.split(frames / 1000, ends[:-1]), speakers.astype(int)


def first_names():
    """Load 5,163 first names, lower case, in alphabetical order, as a list of str."""
    return (FOLDER / "names.txt").read_text("utf8").split()


def sunspots():
    """Load yearly sunspot numbers, 1700 to 2008: years (309,) and numbers (309,)."""
    with (FOLDER / "sunspots.csv").open() as file:
        years, numbers = np.loadtxt(file, delimiter=",", skiprows=1, unpack=True)
    return years.astype(int), numbers


def el_nino():
    """Load monthly sea surface temperatures in °C, Niño 1+2, 1950 to 2010: shape (732,)."""
    with (FOLDER / "el_nino.csv").open() as file:
        return np.loadtxt(file, delimiter=",", skiprows=1, usecols=1)


def river():
    """Load ten years of weather over a river, the Fulda at Grebenau, and its flow, 1979 to 1988.

    Returns
    -------
    weather : ndarray, shape (3653, 3)
        A row a day: highest and lowest temperature in °C, rain in mm.
    flow : ndarray, shape (3653,)
        In m³ a second.
    """
    with (FOLDER / "fulda.npz").open("rb") as file, np.load(file) as stored:
        weather = np.column_stack([stored[name] for name in ("tmax", "tmin", "rain")]) / 10
        return weather, stored["flow"] / 100


def name_shares():
    """Load how often 612 first names were given in the United States, 1930 to 2017.

    They are those given at least 100 times to girls, or to boys, in every year until 1989.

    Returns
    -------
    names : list of str
    shares : ndarray, shape (612, 88)
        Natural logarithms of how many of a million girls, or boys, got the name in a year. Fewer
        than five are not published; what is missing counts as three.
    boys : ndarray of bool, shape (612,)
    """
    with (FOLDER / "name_counts.npz").open("rb") as file, np.load(file) as stored:
        names, boys = [name.decode() for name in stored["names"]], stored["boys"]
        births = stored["births"][boys.astype(int)]
        return names, np.log(1e6 * np.maximum(stored["counts"], 3) / births), boys


def plays():
    """Load Shakespeare's plays, as codes of characters, parted into what is learnt from and not.

    Returns
    -------
    texts : dict of ndarray of int
        ``"train"`` (35 plays), ``"validate"`` (*Macbeth*), ``"test"`` (*Hamlet*, *The Tempest*).
    characters : str
        All that occur: ``characters[code]`` is the character of a code.
    """
    packed = (FOLDER / "plays.txt.bz2").read_bytes()
    parts = {"Macbeth": "validate", "Hamlet": "test", "The Tempest": "test"}
    texts = {"train": [], "validate": [], "test": []}
    for play in bz2.decompress(packed).decode("ascii").split("\f"):
        texts[parts.get(play.partition("\n")[0], "train")].append(play)
    texts = {part: "\n\n".join(found) for part, found in texts.items()}
    characters = "".join(sorted(set("".join(texts.values()))))
    codes = np.full(128, -1)
    codes[np.frombuffer(characters.encode(), np.uint8)] = np.arange(len(characters))
    return {
        part: codes[np.frombuffer(text.encode(), np.uint8)] for part, text in texts.items()
    }, characters


def silero():
    """Load the weights of Silero's voice detector, by the names of `lstm_book.voice`: float64."""
    with (FOLDER / "silero.npz").open("rb") as file, np.load(file) as stored:
        return {name: stored[name].astype(float) for name in stored}


def clips():
    """Load clips of made speech without noise, by name: samples from -1 to 1, 16,000 a second."""
    with (FOLDER / "voice_clips.npz").open("rb") as file, np.load(file) as stored:
        return {name: stored[name] / 32768 for name in stored}


def log(name):
    """Return what a script of `lstm_book.train` wrote, such as ``log("tasks")``."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf8"))


def weights(name):
    """Return the weights that a script of `lstm_book.train` kept, by name, in float32.

    Whole numbers of 8 bits come with a scale for each row, and are multiplied by it.
    """
    with (FOLDER / f"{name}.npz").open("rb") as file, np.load(file) as stored:
        kept = {key: stored[key].astype(np.float32) for key in stored.files}
    scales = {key: kept.pop(key) for key in [*kept] if key.endswith("_scale")}
    return {
        key: w * scales[f"{key}_scale"][:, None] if f"{key}_scale" in scales else w
        for key, w in kept.items()
    }
