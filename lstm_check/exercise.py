"""What an exercise is, and what a known mistake is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from lstm_check.lines import Source


class Section(NamedTuple):
    """A section of the book, by title: numbers change, titles are searched for."""

    title: str
    chapter: str

    def __str__(self):
        """Return it as messages say it."""
        return f'"{self.title}" in {self.chapter}'


class Size(NamedTuple):
    """How large the inputs are: T steps, B examples, D inputs, H hidden units, and values.

    ``scale`` is that of weights, biases and such, ``states`` that of states and gradients.
    """

    T: int
    B: int
    D: int
    H: int
    scale: float = 1.0
    states: float = 1.0


# What a function is tried on, if its exercise does not say something else.
CASES = (
    {},
    {"batch": 1, "input_size": 5, "hidden_size": 2},
    {"batch": 3, "input_size": 1, "hidden_size": 6},
    {"batch": 64, "hidden_size": 8, "scale": 5000.0},
    {"states": 100.0},
    {"dtype": "float32", "contiguous": False},
)

# The same for a function that goes through all steps.
CASES_OF_STEPS = (
    {},
    {"steps": 1},
    {"batch": 1, "input_size": 5},
    {"hidden_size": 1},
    {"steps": 40, "batch": 3},
    {"states": 100.0},
    {"dtype": "float32", "contiguous": False},
)


# Where mistakes differ that look the same elsewhere. In the first, which takes the least time, and
# the second no sizes are equal, and none is 1. In the next three all shapes fit: what stops
# elsewhere shows its values there; one has an axis of length 1, in one gates are saturated. Then
# numbers near 0 and more examples, where signs differ somewhere; and large states.
TELLING = (
    Size(T=2, B=3, D=2, H=5),
    Size(T=5, B=3, D=2, H=4),
    Size(T=4, B=4, D=0, H=4),
    Size(T=2, B=1, D=0, H=2),
    Size(T=4, B=4, D=0, H=4, scale=5000.0),
    Size(T=3, B=16, D=2, H=4, scale=0.01),
    Size(T=3, B=3, D=2, H=4, states=300.0),
)


@dataclass(frozen=True)
class Exercise:
    """One function a student writes.

    Attributes
    ----------
    draw : callable
        ``draw(rng, size)`` returns the arguments by name, in the order of the
        signature: arrays, numbers, strings, or dicts and tuples of them.
    result : str or dict of str
        Shape of the result in symbols. A dict for several: its keys name the
        items of a tuple in order, or are the keys of a dict.
    hint : str
        Where to look when the values are wrong. It must not give the answer.
    section : Section
        Where to read.
    bounds : dict of (float, float)
        No value of a right result lies outside; by item, ``""`` if there is one.
    sizes : str
        Which of T, B, D and H matter.
    warnings : bool
        Whether a RuntimeWarning is a mistake.
    rtol : float, optional
        Relative tolerance in float64, where the usual one is too strict.
    blur : float
        By how much more a known mistake may be off, relatively or absolutely:
        where results are approximate, wrong ones are so in more ways.
    parts : tuple of str
        Functions of the student's own that this one may call.
    points : int, or dict of int
        What it is worth; by items, as in `check`'s `only`, where these are
        checked one after the other.
    cases : tuple of dict
        On what it is tried: options of `check`.
    telling : tuple of Size
        The inputs by which known mistakes are told apart.
    names_hint : str
        What is said where a dict lacks names.
    source : Source, optional
        The right function line by line; known mistakes are edits of it.
    reference : callable, optional
        The right function, where it is not that of `source`.
    judge : callable, optional
        For results that are drawn or trained: ``judge(arguments, result)``
        returns None, or what is wrong in one line. The values of `reference`
        are then not compared, its types and shapes are.
    """

    draw: Callable
    result: str | Mapping[str, str]
    hint: str
    section: Section
    bounds: Mapping[str, tuple[float, float]] | None = None
    sizes: str = "BDH"
    warnings: bool = False
    rtol: float | None = None
    blur: float = 0.0
    parts: tuple[str, ...] = ()
    points: int | Mapping[tuple, int] = 0
    cases: tuple[Mapping, ...] = CASES
    telling: tuple[Size, ...] = TELLING
    names_hint: str = ""
    source: Source | None = None
    reference: Callable | None = None
    judge: Callable | None = None

    def __post_init__(self):
        """Take the right function from its source; bring points into one form."""
        if not self.reference:
            object.__setattr__(self, "reference", self.source.make())
        if isinstance(self.points, int):
            object.__setattr__(self, "points", {(): self.points})


@dataclass(frozen=True)
class Mistake:
    """One known way to get a function wrong.

    Attributes
    ----------
    name : str
        A few words that can be counted over a class, such as
        ``"bias left out"``. Two that behave alike share a name.
    wrong : callable
        The wrong function.
    sentence : str
        What the student reads. It starts after ``"input_gate: "`` and says
        what was seen and why it matters, not what to type.
    section : Section
        Where to read.
    seen : callable, optional
        ``seen(arguments, result)`` recognises the mistake where a result
        cannot be compared with that of `wrong`, because it is trained.
    edits : tuple of (str, str)
        Lines of the exercise's source, and what stands there instead.
    """

    name: str
    wrong: Callable
    sentence: str
    section: Section
    seen: Callable | None = None
    edits: tuple = ()
