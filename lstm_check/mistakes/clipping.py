"""Known mistakes of the assignment *recurrence*: clipping."""

import numpy as np

from lstm_check.exercise import Mistake, Section

_CLIPPING = Section("Exploding gradients, and clipping", "Vanishing gradients")


def _scaled(norm, limit=None, always=False):
    """Return clipping with another norm, or another factor."""

    def clip(gradients, max_norm):
        n = norm(gradients)
        factor = (limit or (lambda n, max_norm: max_norm / n))(n, max_norm)
        factor = factor if always or n > max_norm else 1.0
        return {name: g * factor for name, g in gradients.items()}

    return clip


def _norms(gradients):
    return [np.linalg.norm(g) for g in gradients.values()]


def _global(gradients):
    return np.linalg.norm(_norms(gradients))


def _clip_in_place(gradients, max_norm):
    factor = min(1.0, max_norm / _global(gradients))
    for g in gradients.values():
        g *= factor
    return gradients


def _clip_refilled(gradients, max_norm):
    factor = min(1.0, max_norm / _global(gradients))
    for name in gradients:
        gradients[name] = gradients[name] * factor
    return gradients


def _only_w(gradients, max_norm):
    return {**gradients, "W": _scaled(_global)(gradients, max_norm)["W"]}


def _each(gradients, max_norm):
    return {name: g * min(1.0, max_norm / np.linalg.norm(g)) for name, g in gradients.items()}


def _each_in_place(gradients, max_norm):
    for g in gradients.values():
        g *= min(1.0, max_norm / np.linalg.norm(g))
    return gradients


_CHANGED = (
    "your values are right, but it changes its argument gradients, which its caller still needs"
)

_MISTAKES = [
    Mistake(
        "each array by itself",
        _each,
        "your values are those when each array is clipped by its own norm; that turns the "
        "direction of the gradient as a whole",
        _CLIPPING,
    ),
    Mistake(
        "each number by itself",
        lambda gradients, max_norm: {
            name: np.clip(g, -max_norm, max_norm) for name, g in gradients.items()
        },
        "your values are those when each number is cut off at max_norm; that turns the "
        "direction of the gradient",
        _CLIPPING,
    ),
    Mistake(
        "small gradients enlarged",
        _scaled(_global, always=True),
        "a gradient that is shorter than max_norm comes out longer; it should stay as it is",
        _CLIPPING,
    ),
    Mistake(
        "squared norm",
        _scaled(lambda gradients: _global(gradients) ** 2),
        "your values are those when the squared norm is compared and divided by; a root is missing",
        _CLIPPING,
    ),
    Mistake(
        "norms added up",
        _scaled(lambda gradients: sum(_norms(gradients))),
        "your values are those with the sum of the arrays' norms; lengths at right angles do "
        "not add up like that",
        _CLIPPING,
    ),
    Mistake(
        "sum of sizes for the norm",
        _scaled(lambda gradients: sum(abs(g).sum() for g in gradients.values())),
        "your values are those with the sum of absolute values for the norm",
        _CLIPPING,
    ),
    Mistake(
        "largest norm for the global one",
        _scaled(lambda gradients: max(_norms(gradients))),
        "your values are those with the largest of the arrays' norms; all arrays count together",
        _CLIPPING,
    ),
    Mistake(
        "largest number for the norm",
        _scaled(lambda gradients: max(abs(g).max() for g in gradients.values())),
        "your values are those with the largest absolute value for the norm",
        _CLIPPING,
    ),
    Mistake(
        "mean for the sum",
        _scaled(
            lambda gradients: _global(gradients) / np.sqrt(sum(g.size for g in gradients.values()))
        ),
        "your values are those with the mean of the squares for their sum",
        _CLIPPING,
    ),
    Mistake(
        "spectral norm",
        _scaled(
            lambda gradients: np.linalg.norm([np.linalg.norm(g, 2) for g in gradients.values()])
        ),
        "your values are those with the largest singular value of W for its norm; here its "
        "numbers count like those of a vector",
        _CLIPPING,
    ),
    Mistake(
        "max_norm left out",
        _scaled(_global, lambda n, max_norm: 1 / n),
        "your gradient comes out with norm 1, whatever max_norm is",
        _CLIPPING,
    ),
    Mistake(
        "factor upside down",
        _scaled(_global, lambda n, max_norm: n / max_norm),
        "your gradient comes out longer than it was: the factor is upside down",
        _CLIPPING,
    ),
    Mistake(
        "not divided by the norm",
        _scaled(_global, lambda n, max_norm: max_norm),
        "your gradient is multiplied by max_norm, whatever its norm is",
        _CLIPPING,
    ),
    Mistake(
        "nothing clipped",
        lambda gradients, max_norm: dict(gradients),
        "your values are the gradients as they came, though their norm is above max_norm",
        _CLIPPING,
    ),
    Mistake(
        "comparison turned around",
        lambda gradients, max_norm: {
            name: g * max(1.0, max_norm / _global(gradients)) for name, g in gradients.items()
        },
        "long gradients stay as they are, and short ones are made longer; it is the other "
        "way round",
        _CLIPPING,
    ),
    Mistake(
        "dropped instead of scaled",
        _scaled(_global, lambda n, max_norm: 0.0),
        "a gradient that is too long comes out as zero; clipping keeps its direction",
        _CLIPPING,
    ),
    Mistake(
        "only W clipped",
        _only_w,
        "your W is right, but the other arrays come out as they were; one factor scales all",
        _CLIPPING,
    ),
    Mistake(
        "only W in the norm",
        lambda gradients, max_norm: _scaled(lambda _: np.linalg.norm(gradients["W"]))(
            gradients, max_norm
        ),
        "your values are those when W alone decides about the norm; all arrays count together",
        _CLIPPING,
    ),
    Mistake(
        "each array by itself, in place",
        _each_in_place,
        "each array is clipped by its own norm, and in place: all arrays count together, and "
        "the caller still needs its own",
        _CLIPPING,
    ),
    Mistake(
        "the dict for its arrays",
        lambda gradients, max_norm: gradients * (max_norm / _global(gradients)),
        "gradients is a dict; NumPy works on the arrays in it",
        _CLIPPING,
    ),
    Mistake(
        "the dict for its arrays",
        lambda gradients, max_norm: np.linalg.norm(gradients),
        "gradients is a dict; NumPy works on the arrays in it",
        _CLIPPING,
    ),
    Mistake(
        "names for arrays",
        lambda gradients, max_norm: np.sqrt(sum(np.sum(g**2) for g in gradients)),
        "a loop over a dict runs over its names; you want what is stored under them",
        _CLIPPING,
    ),
    Mistake(
        "names for arrays",
        lambda gradients, max_norm: sum(np.linalg.norm(g) ** 2 for g in gradients),
        "a loop over a dict runs over its names; you want what is stored under them",
        _CLIPPING,
    ),
    Mistake("argument changed", _clip_in_place, _CHANGED, _CLIPPING),
    Mistake("argument changed", _clip_refilled, _CHANGED, _CLIPPING),
]

MISTAKES = {"clip_by_global_norm": _MISTAKES}
