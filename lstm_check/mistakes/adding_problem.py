"""Known mistakes of the assignment *adding-problem*: the batch."""

import numpy as np

from lstm_check.exercise import Mistake
from lstm_check.exercises.adding_problem import TASK, make_batch


def _batch(of_x=None, of_y=None):
    """Return `make_batch` with something wrong with x, or with y."""

    def wrong(numbers, first, second):
        x, y = make_batch(numbers, first, second)
        columns = np.arange(len(first))
        a, b = numbers[first, columns], numbers[second, columns]
        return (
            of_x(x.copy(), numbers, first, second) if of_x else x,
            of_y(a, b, numbers)[:, None] if of_y else y,
        )

    return wrong


def _marks(mark):
    """Return a change of the marks: a function of the empty (T, B) and of the steps."""

    def change(x, numbers, first, second):
        x[:, :, 1] = mark(np.zeros_like(numbers), first, second)
        return x

    return change


def _marked_everywhere(marks, first, second):
    marks[first] = 1
    marks[second] = 1
    return marks


def _marked_at(*which):
    def mark(marks, first, second):
        columns = np.arange(len(first))
        for step, value in which:
            marks[step(first, second, len(marks)), columns] = value
        return marks

    return mark


def _marked_between(marks, first, second):
    steps = np.arange(len(marks))[:, None]
    return 1.0 * ((steps >= first) & (steps <= second))


def _first(first, second, T):
    return first


def _second(first, second, T):
    return second


def _whole_numbers(numbers, first, second):
    x, y = make_batch(numbers, first, second)
    return x.astype(int), y


def _truncated(numbers, first, second):
    x, y = make_batch(numbers, first, second)
    return np.trunc(x), y


def _batch_first(numbers, first, second):
    x, y = make_batch(numbers, first, second)
    return x.swapaxes(0, 1), y


def _channels_first(numbers, first, second):
    x, y = make_batch(numbers, first, second)
    return np.moveaxis(x, 2, 0), y


def _flat_sums(numbers, first, second):
    x, y = make_batch(numbers, first, second)
    return x, y[:, 0]


def _sums_in_a_row(numbers, first, second):
    x, y = make_batch(numbers, first, second)
    return x, y.T


def _rows_for_numbers(numbers, first, second):
    x, _ = make_batch(numbers, first, second)
    return x, numbers[first] + numbers[second]


def _erased_in_place(numbers, first, second):
    x, y = make_batch(numbers, first, second)
    numbers *= x[:, :, 1]
    return x, y


_Y_IS = "x is right, but y is {}"
_MAKE_BATCH = [
    Mistake(
        "product for the sum",
        _batch(of_y=lambda a, b, n: a * b),
        _Y_IS.format("the product of the two marked numbers"),
        TASK,
    ),
    Mistake(
        "mean for the sum",
        _batch(of_y=lambda a, b, n: (a + b) / 2),
        _Y_IS.format("the mean of the two marked numbers"),
        TASK,
    ),
    Mistake(
        "difference for the sum",
        _batch(of_y=lambda a, b, n: a - b),
        _Y_IS.format("the difference of the two marked numbers"),
        TASK,
    ),
    Mistake(
        "only the first number",
        _batch(of_y=lambda a, b, n: a),
        _Y_IS.format("the first marked number alone"),
        TASK,
    ),
    Mistake(
        "only the second number",
        _batch(of_y=lambda a, b, n: b),
        _Y_IS.format("the second marked number alone"),
        TASK,
    ),
    Mistake(
        "sum of all numbers",
        _batch(of_y=lambda a, b, n: n.sum(axis=0)),
        _Y_IS.format("the sum of all numbers; only the marked ones count"),
        TASK,
    ),
    Mistake(
        "y without its axis",
        _flat_sums,
        "y has the right sums in shape (B,). Subtract that from answers of shape (B, 1), and "
        "NumPy makes (B, B) of it, without a word",
        TASK,
    ),
    Mistake(
        "y in a row",
        _sums_in_a_row,
        "y has the right sums in a row, (1, B); an example is a row here, too",
        TASK,
    ),
    Mistake(
        "whole rows picked",
        _rows_for_numbers,
        "y is of the wrong shape: numbers[first] picks whole steps, with all examples; you "
        "want one number of each example",
        TASK,
    ),
    Mistake(
        "channels swapped",
        _batch(of_x=lambda x, n, first, second: x[:, :, ::-1].copy()),
        "your marks come first and your numbers second; it is the other way round",
        TASK,
    ),
    Mistake(
        "every example marked",
        _batch(of_x=_marks(_marked_everywhere)),
        "your marks are at the steps of all examples, in every example; each has two of its own",
        TASK,
    ),
    Mistake(
        "only the first mark",
        _batch(of_x=_marks(_marked_at((_first, 1)))),
        "y is right, but the second mark is missing in x",
        TASK,
    ),
    Mistake(
        "only the second mark",
        _batch(of_x=_marks(_marked_at((_second, 1)))),
        "y is right, but the first mark is missing in x",
        TASK,
    ),
    Mistake(
        "marks 1 and 2",
        _batch(of_x=_marks(_marked_at((_first, 1), (_second, 2)))),
        "your second marks are 2; both are 1, so that they can be treated alike",
        TASK,
    ),
    Mistake(
        "marks -1 and 1",
        _batch(of_x=_marks(_marked_at((_first, -1), (_second, 1)))),
        "your first marks are -1; both are 1, so that they can be treated alike",
        TASK,
    ),
    Mistake(
        "all between is marked",
        _batch(of_x=_marks(_marked_between)),
        "your marks go on from the first step to the second; only the two steps have one",
        TASK,
    ),
    Mistake(
        "marks one step early",
        _batch(
            of_x=_marks(
                _marked_at((lambda f, s, T: (f - 1) % T, 1), (lambda f, s, T: (s - 1) % T, 1))
            )
        ),
        "your marks are one step too early; steps are counted from 0",
        TASK,
    ),
    Mistake(
        "marks one step late",
        _batch(
            of_x=_marks(
                _marked_at((lambda f, s, T: (f + 1) % T, 1), (lambda f, s, T: (s + 1) % T, 1))
            )
        ),
        "your marks are one step too late; steps are counted from 0",
        TASK,
    ),
    Mistake(
        "no marks",
        _batch(of_x=_marks(lambda marks, f, s: marks)),
        "x has no marks: nothing says which numbers to add",
        TASK,
    ),
    Mistake(
        "marks turned around",
        _batch(of_x=lambda x, n, f, s: np.stack([x[:, :, 0], 1 - x[:, :, 1]], axis=2)),
        "your marks are 0 where they should be 1, and 1 where they should be 0",
        TASK,
    ),
    Mistake(
        "number for the mark",
        _batch(of_x=lambda x, n, f, s: np.stack([x[:, :, 0], x.prod(axis=2)], axis=2)),
        "your marks hold the number itself; a mark is 1",
        TASK,
    ),
    Mistake(
        "other numbers erased",
        _batch(of_x=lambda x, n, f, s: np.stack([x.prod(axis=2), x[:, :, 1]], axis=2)),
        "your numbers are 0 where there is no mark; they stay, and the network has to learn "
        "to ignore them",
        TASK,
    ),
    Mistake(
        "cut to whole numbers",
        _whole_numbers,
        "x holds whole numbers: an array made for integers cuts off what is written into it",
        TASK,
    ),
    Mistake(
        "cut to whole numbers",
        _truncated,
        "your numbers are cut to whole ones: an array made for integers does that",
        TASK,
    ),
    Mistake("batch first", _batch_first, "x has the examples first; the first axis is time", TASK),
    Mistake(
        "channels first",
        _channels_first,
        "x has number and mark on its first axis; they are the last one",
        TASK,
    ),
    Mistake(
        "argument changed",
        _erased_in_place,
        "your values are right, but it changes its argument numbers",
        TASK,
    ),
]

MISTAKES = {"make_batch": _MAKE_BATCH}
