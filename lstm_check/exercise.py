"""What an exercise is, and what a known mistake is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Section(NamedTuple):
    """A section of the book, by title: numbers change, titles are searched for."""

    title: str
    chapter: str

    def __str__(self):
        """Return it as messages say it."""
        return f'"{self.title}" in {self.chapter}'


class Size(NamedTuple):
    """How large the inputs are: T steps, B examples, D inputs, H hidden units, and `scale`."""

    T: int
    B: int
    D: int
    H: int
    scale: float


@dataclass(frozen=True)
class Exercise:
    """One function a student writes.

    Attributes
    ----------
    reference : callable
        The right function. What it calls of the student's own comes as keyword
        arguments named in `parts`, with the right functions as defaults.
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
    parts : tuple of str
        Functions of the student's own that this one may call.
    driven_by : tuple of str, optional
        With the student's own parts, at least one of these arguments has to
        change the result; any argument by default.
    judge : callable, optional
        For results that are drawn or trained: ``judge(arguments, result)``
        returns None, or what is wrong in one line. The values of `reference`
        are then not compared, its types and shapes are.
    """

    reference: Callable
    draw: Callable
    result: str | Mapping[str, str]
    hint: str
    section: Section
    bounds: Mapping[str, tuple[float, float]] | None = None
    sizes: str = "BDH"
    warnings: bool = False
    rtol: float | None = None
    parts: tuple[str, ...] = ()
    driven_by: tuple[str, ...] | None = None
    judge: Callable | None = None


@dataclass(frozen=True)
class Mistake:
    """One known way to get a function wrong.

    Attributes
    ----------
    name : str
        A few words that can be counted over a class, such as
        ``"bias left out"``. Two that behave alike share a name.
    wrong : callable
        The wrong function, with the signature of the exercise's reference.
    sentence : str
        What the student reads. It starts after ``"input_gate: "`` and says
        what was seen and why it matters, not what to type.
    section : Section
        Where to read.
    seen : callable, optional
        ``seen(arguments, result)`` recognises the mistake where a result
        cannot be compared with that of `wrong`, because it is drawn or trained.
    """

    name: str
    wrong: Callable
    sentence: str
    section: Section
    seen: Callable | None = None
