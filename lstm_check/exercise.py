"""What an exercise is, and what a known mistake is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from lstm_check.drawing import GATES, by_name
from lstm_check.lines import Source


class Section(NamedTuple):
    """A section of the book, by title: numbers change, titles are searched for."""

    title: str
    chapter: str

    @classmethod
    def read(cls, text):
        """Read such as ``The forget gate, in The gates``."""
        return cls(*text.rsplit(", in ", 1))

    def __str__(self):
        """Return it as messages say it."""
        return f'"{self.title}" in {self.chapter}'


class Size(NamedTuple):
    """What inputs are like: T steps, B examples, D inputs, H hidden units, and values.

    ``scale`` is that of weights, biases and such, ``states`` that of states and gradients.
    Arrays that are not ``contiguous`` lie in memory with gaps.
    """

    T: int = 5
    B: int = 2
    D: int = 3
    H: int = 4
    scale: float = 1.0
    states: float = 1.0
    dtype: str = "float64"
    contiguous: bool = True


FLOAT32 = Size(dtype="float32", contiguous=False)

# What a function is tried on, if its exercise does not say something else.
CASES = (
    Size(),
    Size(B=1, D=5, H=2),
    Size(B=3, D=1, H=6),
    Size(B=64, H=8, scale=5000.0),
    Size(states=100.0),
    FLOAT32,
)

# The same for a function that goes through all steps.
CASES_OF_STEPS = (
    Size(),
    Size(T=1),
    Size(B=1, D=5),
    Size(H=1),
    Size(T=40, B=3),
    Size(states=100.0),
    FLOAT32,
)

# The same for one that moves weights.
CASES_OF_WEIGHTS = (Size(), Size(D=5, H=2), Size(D=1, H=1), Size(D=4, H=4), FLOAT32)

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

# The shapes of what a dict of parameters holds, or of its gradient.
WEIGHTS = {f"W_{gate}": "(H, H + D)" for gate in GATES}
BIASES = {f"b_{gate}": "(H,)" for gate in GATES}


@dataclass(eq=False)
class Exercise:
    """One function a student writes.

    Attributes
    ----------
    points : int, or dict of int
        What it is worth; by items, as in `check`'s `only`, where these are
        checked one after the other.
    result : str or dict of str
        Shape of the result in symbols. A dict for several: its keys name the
        items of a tuple in order, or are the keys of a dict.
    section : Section
        Where to read; a text is read by `Section.read`.
    hint : str
        Where to look when the values are wrong. It must not give the answer.
    source : Source, optional
        The right function line by line; known mistakes are edits of it.
    reference : callable, optional
        The right function, where it is not that of `source`.
    draw : callable, or dict of callable
        ``draw(rng, size)`` returns the arguments by name, in the order of the
        signature: arrays, numbers, strings, or dicts and tuples of them. A dict
        says it of those that are not drawn as `drawing` does by their names.
    bounds : dict of (float, float)
        No value of a right result lies outside; by item, ``""`` if there is one.
    sizes : str
        Which of T, B, D and H matter.
    warnings : bool
        Whether a RuntimeWarning is a mistake.
    rtol : float
        Relative tolerance in float64, where the usual one is too strict.
    blur : float
        By how much more a known mistake may be off, relatively or absolutely:
        where results are approximate, wrong ones are so in more ways.
    parts : tuple of str
        Functions of the student's own that this one may call.
    cases : tuple of Size
        On what it is tried.
    telling : tuple of Size
        The inputs by which known mistakes are told apart.
    names_hint : str
        What is said where a dict lacks names.
    judge : callable, optional
        For results that are drawn or trained: ``judge(arguments, result)``
        returns None, or what is wrong in one line. The values of `reference`
        are then not compared, its types and shapes are.
    """

    points: int | Mapping[tuple, int]
    result: str | Mapping[str, str]
    section: Section | str
    hint: str
    source: Source | None = None
    reference: Callable | None = None
    draw: Callable | Mapping[str, Callable] = field(default_factory=dict)
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    sizes: str = "BDH"
    warnings: bool = False
    rtol: float = 0.0
    blur: float = 0.0
    parts: tuple[str, ...] = ()
    cases: tuple[Size, ...] = CASES
    telling: tuple[Size, ...] = TELLING
    names_hint: str = ""
    judge: Callable | None = None

    def __post_init__(self):
        """Bring all into one form."""
        self.reference = self.reference or self.source.make()
        if isinstance(self.points, int):
            self.points = {(): self.points}
        if isinstance(self.section, str):
            self.section = Section.read(self.section)
        if isinstance(self.draw, Mapping):
            self.draw = by_name(self.source.arguments, self.draw)


class Exercises(dict):
    """The exercises of an assignment by function, in the order of its notebook."""

    def add(self, points, result, section, hint, **more):
        """Return a decorator that adds the exercise whose right function it decorates.

        It also takes what `Source` does. Whoever calls the function calls what its text says.
        """

        def join(function, **namespace):
            source = Source(function, **namespace)
            self[source.name] = Exercise(points, result, section, hint, source, **more)
            return self[source.name].reference

        return join


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
