"""Known mistakes of the assignment *cell*: the stacked input, and the loop over a sequence."""

import numpy as np

from lstm_check.exercise import Mistake, Section
from lstm_check.exercises.cell import lstm_cell

_STACKING = Section("Stacking the input", "The gates")
_SHAPES = Section("Shapes", "The cell")
_STEP = Section("The whole step", "The gates")
_LOOP = Section("A network that is a loop", "Sequences")
_AXES = Section("What a sequence is", "Sequences")

_SIDE_BY_SIDE = "h_prev and x_t belong side by side: each example keeps its row"

_STACK_MISTAKES = [
    Mistake(
        "[x, h] for [h, x]",
        lambda h_prev, x_t: np.concatenate([x_t, h_prev], axis=1),
        "x_t comes first in your result; the columns of the weights expect the hidden state first",
        _STACKING,
    ),
    Mistake(
        "stacked along the batch",
        lambda h_prev, x_t: np.concatenate([h_prev, x_t]),
        _SIDE_BY_SIDE,
        _STACKING,
    ),
    Mistake(
        "stacked along the batch",
        lambda h_prev, x_t: np.vstack([h_prev, x_t]),
        _SIDE_BY_SIDE,
        _STACKING,
    ),
    Mistake(
        "two arguments for a list",
        lambda h_prev, x_t: np.concatenate(h_prev, x_t),
        "the arrays to join have to be given together, as a list; the second argument is the axis",
        _STACKING,
    ),
    Mistake(
        "two arguments for a list",
        lambda h_prev, x_t: np.hstack(h_prev, x_t),
        "the arrays to join have to be given together, as a list",
        _STACKING,
    ),
    Mistake(
        "np.stack for joining",
        lambda h_prev, x_t: np.stack([h_prev, x_t], axis=1),
        "np.stack makes a new axis and needs equal shapes; here an axis gets longer",
        _STACKING,
    ),
    Mistake(
        "np.stack for joining",
        lambda h_prev, x_t: np.stack([h_prev, x_t]),
        "np.stack makes a new axis and needs equal shapes; here an axis gets longer",
        _STACKING,
    ),
    Mistake(
        "np.stack for joining",
        lambda h_prev, x_t: np.array([h_prev, x_t]),
        "np.array needs rows of equal length; here one array is put beside another",
        _STACKING,
    ),
    Mistake(
        "flattened",
        lambda h_prev, x_t: np.append(h_prev, x_t),
        "your result has lost its rows: both arrays are flattened; each example keeps its row",
        _STACKING,
    ),
    Mistake(
        "flattened",
        lambda h_prev, x_t: np.concatenate([h_prev.ravel(), x_t.ravel()]),
        "your result has lost its rows: both arrays are flattened; each example keeps its row",
        _STACKING,
    ),
    Mistake(
        "rows mixed",
        lambda h_prev, x_t: np.append(h_prev, x_t).reshape(len(x_t), -1),
        "the shape is right, but numbers of different examples share a row",
        _SHAPES,
    ),
    Mistake(
        "columns for rows",
        lambda h_prev, x_t: np.concatenate([h_prev.T, x_t.T]),
        "your result is the right one transposed; rows are examples",
        _SHAPES,
    ),
    Mistake(
        "arithmetic for joining",
        lambda h_prev, x_t: h_prev + x_t,
        "+ and * go number by number; to stack is to put one beside the other",
        _STACKING,
    ),
    Mistake(
        "x_t left out",
        lambda h_prev, x_t: h_prev,
        "your result is h_prev alone",
        _STACKING,
    ),
    Mistake(
        "axis of length 1 dropped",
        lambda h_prev, x_t: np.concatenate([h_prev, x_t], axis=1).squeeze(),
        "your values are right, but a batch of one example must keep its first axis",
        _SHAPES,
    ),
]


def _loop(
    back=False,
    into=lambda h_t, c_t, h0, c0: (h_t, c_t),
    keep=lambda before, after: after,
    result=lambda h, c: (h, c),
    x_of=lambda x, t: x[t],
    start=lambda h0, c0: (h0, c0),
):
    """Return `lstm_forward` with something wrong.

    ``back`` runs through time backwards, ``start`` gives the first states,
    ``into`` the states that go into a step, ``x_of`` its input, ``keep`` what
    is stored of the states before and after it, ``result`` what is returned.
    """

    def forward(x, params, h0, c0, lstm_cell=lstm_cell):
        T = len(x)
        h, c = [None] * T, [None] * T
        state = start(h0, c0)
        for t in reversed(range(T)) if back else range(T):
            after = lstm_cell(x_of(x, t), *into(*state, h0, c0), params)
            h[t], c[t] = keep(state, after)
            state = after
        return result(np.array(h), np.array(c))

    return forward


def _over_the_batch(x, params, h0, c0, lstm_cell=lstm_cell):
    return _loop()(x.transpose(1, 0, 2), params, h0, c0, lstm_cell)


def _one_array_for_all(x, params, h0, c0, lstm_cell=lstm_cell):
    h, c = _loop()(x, params, h0, c0, lstm_cell)
    return np.array([h[-1]] * len(x)), np.array([c[-1]] * len(x))


def _zero(at):
    def result(h, c):
        h[at], c[at] = 0, 0
        return h, c

    return result


def _from_the_second(x, params, h0, c0, lstm_cell=lstm_cell):
    h, c = _loop()(x[1:], params, h0, c0, lstm_cell)
    return np.concatenate([0 * h[:1], h]), np.concatenate([0 * c[:1], c])


def _in_place(x, params, h0, c0, lstm_cell=lstm_cell):
    h, c = _loop()(x, params, h0, c0, lstm_cell)
    h0[...], c0[...] = h[-1], c[-1]
    return h, c


_FORWARD_MISTAKES = [
    Mistake(
        "states reset at each step",
        _loop(into=lambda h_t, c_t, h0, c0: (h0, c0)),
        "your values are those when each step starts from h0 and c0; what has it read before?",
        _LOOP,
    ),
    Mistake(
        "hidden state reset at each step",
        _loop(into=lambda h_t, c_t, h0, c0: (h0, c_t)),
        "your values are those when each step gets h0; the cell state is carried on, the "
        "hidden state is not",
        _LOOP,
    ),
    Mistake(
        "cell state reset at each step",
        _loop(into=lambda h_t, c_t, h0, c0: (h_t, c0)),
        "your values are those when each step gets c0; the hidden state is carried on, the "
        "memory is not",
        _LOOP,
    ),
    Mistake(
        "initial states ignored",
        _loop(start=lambda h0, c0: (0 * h0, 0 * c0)),
        "your values are those from zero states; the arguments h0 and c0 are not used",
        _LOOP,
    ),
    Mistake(
        "h0 ignored",
        _loop(start=lambda h0, c0: (0 * h0, c0)),
        "your values are those from a hidden state of zero; the argument h0 is not used",
        _LOOP,
    ),
    Mistake(
        "c0 ignored",
        _loop(start=lambda h0, c0: (h0, 0 * c0)),
        "your values are those from a cell state of zero; the argument c0 is not used",
        _LOOP,
    ),
    Mistake(
        "h and c swapped into the step",
        _loop(into=lambda h_t, c_t, h0, c0: (c_t, h_t)),
        "your values are those when lstm_cell gets its states in the wrong order, c before h",
        _STEP,
    ),
    Mistake(
        "h0 and c0 swapped",
        _loop(start=lambda h0, c0: (c0, h0)),
        "your values are those when c0 is the first hidden state, and h0 the first cell state",
        _STEP,
    ),
    Mistake(
        "results in the wrong order",
        _loop(result=lambda h, c: (c, h)),
        "your two results are right, but in the wrong order",
        _STEP,
    ),
    Mistake(
        "h returned twice",
        _loop(result=lambda h, c: (h, h)),
        "h is right, but the second result is h again, not the cell states",
        _STEP,
    ),
    Mistake(
        "time reversed",
        _loop(back=True),
        "your values are those when the sequence is read from its end to its start",
        _AXES,
    ),
    Mistake(
        "result reversed",
        _loop(result=lambda h, c: (h[::-1], c[::-1])),
        "your steps are right, but stored in the reverse order",
        _AXES,
    ),
    Mistake(
        "one step late",
        _loop(keep=lambda before, after: before),
        "your result holds the states before each step, h0 and c0 first; those after it are "
        "asked for",
        _AXES,
    ),
    Mistake(
        "initial states in the result",
        lambda x, params, h0, c0, lstm_cell=lstm_cell: tuple(
            np.concatenate([first[None], states])
            for first, states in zip((h0, c0), _loop()(x, params, h0, c0, lstm_cell), strict=True)
        ),
        "your result has the states right, but h0 and c0 before them; T of each are asked for",
        _AXES,
    ),
    Mistake(
        "the first input at every step",
        _loop(x_of=lambda x, t: x[0]),
        "your values are those when every step reads the first input",
        _LOOP,
    ),
    Mistake(
        "the last state only",
        _loop(result=lambda h, c: (h[-1], c[-1])),
        "your result is right for the last step; the states of all steps are asked for",
        _AXES,
    ),
    Mistake(
        "the last state in all places",
        _one_array_for_all,
        "every step of your result holds the last state: one array is stored T times, and "
        "overwritten",
        _AXES,
    ),
    Mistake(
        "last step left out",
        _loop(result=_zero(-1)),
        "your result is right but for the last step, which is zero: the loop ends too early",
        _AXES,
    ),
    Mistake(
        "first step left out",
        _from_the_second,
        "the first step of your result is zero, and the first input is not read: code counts "
        "steps from 0",
        _AXES,
    ),
    Mistake(
        "batch before time",
        _loop(result=lambda h, c: (h.swapaxes(0, 1), c.swapaxes(0, 1))),
        "your values are right, but the axes are batch and time; time comes first here",
        _AXES,
    ),
    Mistake(
        "a loop over the batch",
        _over_the_batch,
        "your loop runs over examples; x is (T, B, D), so a loop over its first axis runs over "
        "steps",
        _AXES,
    ),
    Mistake(
        "a step behind in c",
        _loop(keep=lambda before, after: (after[0], before[1])),
        "h is right, but c holds the cell states before each step",
        _AXES,
    ),
    Mistake(
        "argument changed",
        _in_place,
        "your values are right, but it changes its argument h0, which its caller still needs",
        _LOOP,
    ),
]

MISTAKES = {"stack": _STACK_MISTAKES, "lstm_forward": _FORWARD_MISTAKES}
