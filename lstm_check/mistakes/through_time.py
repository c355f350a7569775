"""Known mistakes of the assignment *backward*: the way back through a sequence."""

from types import SimpleNamespace

import numpy as np

from lstm_check.exercise import Mistake, Section
from lstm_check.exercises.backward import cell_backward
from lstm_check.exercises.cell import GATES

_CHAPTER = "Unrolling in time"
_FORWARD = Section("Step after step", _CHAPTER)
_KEPT = Section("What the way back needs", _CHAPTER)
_STEP = Section("The backward pass of one step", _CHAPTER)
_PATHS = Section("Four paths and a carried one", _CHAPTER)
_SUM = Section("Sum over time", _CHAPTER)
_ORDER = Section("Order traps", _CHAPTER)


def _loop(
    start=lambda dh_T, dc_T: (dh_T, dc_T),
    into=lambda v: (v.dh + v.dh_t, v.dc_t),
    after=lambda grads, dh_now: (grads["h_prev"], grads["c_prev"]),
    order=lambda T: reversed(range(T)),
    of=lambda t: t,
    cache=lambda t: t,
    add=sum,
    result=lambda v: (v.x, v.dh_t, v.dc_t),
):
    """Return `lstm_backward` with something wrong.

    ``start`` gives the gradients that come from behind the last step, ``into``
    those that go into a step, ``after`` those that leave it. ``order`` is that
    of the steps, ``of`` and ``cache`` the numbers of the dh and of the cache
    that a step gets, ``add`` makes one gradient of all steps' (the first step's
    first), ``result`` gives x, h0 and c0.
    """

    def backward(dh, caches, params, dh_T, dc_T, cell_backward=cell_backward):
        T = len(caches)
        v = SimpleNamespace(dh_T=dh_T, dc_T=dc_T, first=caches[0], first_dh=dh[0])
        v.dh_t, v.dc_t = start(dh_T, dc_T)
        # A step that is left out adds nothing.
        nothing = {"x_t": 0 * caches[0]["x_t"]} | {name: 0 * params[name] for name in params}
        steps = [nothing] * T
        for t in order(T):
            v.dh, v.is_last = dh[of(t)], t == T - 1
            steps[t] = cell_backward(*into(v), caches[cache(t)], params)
            v.dh_t, v.dc_t = after(steps[t], v.dh)
        v.x = np.array([grads["x_t"] for grads in steps])
        total = {name: add([grads[name] for grads in steps]) for name in params}
        return dict(zip(("x", "h0", "c0"), result(v), strict=True)) | total

    return backward


def _only(*kept):
    """Return only some items."""

    def backward(*arguments, **parts):
        right = _loop()(*arguments, **parts)
        return {name: right[name] for name in kept}

    return backward


def _added_in_place(dh, caches, params, dh_T, dc_T, cell_backward=cell_backward):
    right = _loop()(dh, caches, params, dh_T, dc_T, cell_backward)
    dh[-1] += dh_T
    return right


def _cache_of_all(dh, caches, params, dh_T, dc_T, cell_backward=cell_backward):
    return cell_backward(dh, dc_T, caches, params)


_PARAMS = [f"{kind}_{gate}" for kind in "Wb" for gate in GATES]

_NO_DH = "each step gets dh[t] alone; h_t acts on the loss through all later steps, too"
_NO_DC = "what a step carries back along the memory is lost on the way to the step before"
_NOTHING = "each step is taken alone; nothing comes to it from the step after"
_MISTAKES = [
    Mistake(
        "dh_prev not handed on",
        _loop(into=lambda v: (v.dh + v.dh_t * v.is_last, v.dc_t)),
        _NO_DH,
        _PATHS,
    ),
    Mistake(
        "dc_prev not handed on",
        _loop(into=lambda v: (v.dh + v.dh_t, v.dc_t * v.is_last)),
        _NO_DC,
        _PATHS,
    ),
    Mistake(
        "nothing handed on",
        _loop(into=lambda v: (v.dh + v.dh_t * v.is_last, v.dc_t * v.is_last)),
        _NOTHING,
        _PATHS,
    ),
    Mistake(
        "dh_prev not handed on",
        _loop(into=lambda v: (v.dh, v.dc_t)),
        _NO_DH,
        _PATHS,
    ),
    Mistake(
        "dh_prev not handed on",
        _loop(into=lambda v: (v.dh + v.dh_T, v.dc_t)),
        _NO_DH,
        _PATHS,
    ),
    Mistake(
        "dc_prev not handed on",
        _loop(into=lambda v: (v.dh + v.dh_t, v.dc_T)),
        _NO_DC,
        _PATHS,
    ),
    Mistake(
        "dc_prev not handed on",
        _loop(into=lambda v: (v.dh + v.dh_t, 0 * v.dc_t)),
        _NO_DC,
        _PATHS,
    ),
    Mistake(
        "nothing handed on",
        _loop(into=lambda v: (v.dh, 0 * v.dc_t)),
        _NOTHING,
        _PATHS,
    ),
    Mistake(
        "nothing handed on",
        _loop(into=lambda v: (v.dh + v.dh_T, v.dc_T)),
        _NOTHING,
        _PATHS,
    ),
    Mistake(
        "nothing handed on",
        _loop(into=lambda v: (v.dh, v.dc_T)),
        _NOTHING,
        _PATHS,
    ),
    Mistake(
        "dh[t] left out",
        _loop(into=lambda v: (v.dh_t, v.dc_t)),
        "dh is not used; the loss may look at every h_t",
        _SUM,
    ),
    Mistake(
        "dh of the last step alone",
        _loop(into=lambda v: (v.dh_t + v.dh * v.is_last, v.dc_t)),
        "only dh[-1] is used; the loss may look at every h_t",
        _SUM,
    ),
    Mistake(
        "dh[t] a step late",
        _loop(
            into=lambda v: (v.dh_t, v.dc_t),
            after=lambda grads, dh_now: (grads["h_prev"] + dh_now, grads["c_prev"]),
        ),
        "dh[t] is added after step t has gone backwards; it belongs to h_t, which that step needs",
        _PATHS,
    ),
    Mistake(
        "dh of the wrong step",
        _loop(of=lambda t: -1 - t),
        "dh is read from its other end: dh[0] goes into the last step",
        _SUM,
    ),
    Mistake(
        "dh one step off",
        _loop(of=lambda t: t - 1),
        "a step gets dh[t - 1] with the cache of step t; code counts both from 0",
        _FORWARD,
    ),
    Mistake(
        "final gradients left out",
        _loop(start=lambda dh_T, dc_T: (0 * dh_T, 0 * dc_T)),
        "dh_T and dc_T are not used; the loss may look at the final states",
        _SUM,
    ),
    Mistake(
        "dh_T left out",
        _loop(start=lambda dh_T, dc_T: (0 * dh_T, dc_T)),
        "dh_T is not used; it comes on top of dh[-1]",
        _SUM,
    ),
    Mistake(
        "dc_T left out",
        _loop(start=lambda dh_T, dc_T: (dh_T, 0 * dc_T)),
        "dc_T is not used; the loss may look at the final cell state",
        _SUM,
    ),
    Mistake(
        "dh_T in place of dh[-1]",
        _loop(
            into=lambda v: (v.dh_t + v.dh * (not v.is_last), v.dc_t),
        ),
        "the last step gets dh_T alone; the loss may look at h_T in dh[-1] as well",
        _SUM,
    ),
    Mistake(
        "dh_T at every step",
        _loop(into=lambda v: (v.dh + v.dh_t + v.dh_T * (not v.is_last), v.dc_t)),
        "dh_T goes into every step; it is the gradient of the last hidden state only",
        _SUM,
    ),
    Mistake(
        "dc_T at every step",
        _loop(into=lambda v: (v.dh + v.dh_t, v.dc_t + v.dc_T * (not v.is_last))),
        "dc_T goes into every step on top; it is the gradient of the last cell state only",
        _SUM,
    ),
    Mistake(
        "dh and dc swapped into the step",
        _loop(into=lambda v: (v.dc_t, v.dh + v.dh_t)),
        "your values are those when cell_backward gets dc before dh",
        _STEP,
    ),
    Mistake(
        "h_prev and c_prev swapped",
        _loop(after=lambda grads, dh_now: (grads["c_prev"], grads["h_prev"])),
        "your values are those when the gradients of h_prev and c_prev change places between steps",
        _STEP,
    ),
    Mistake(
        "forwards in time",
        _loop(order=range),
        "your loop runs from the first step to the last; which gradients are known first?",
        _SUM,
    ),
    Mistake(
        "the last cache at every step",
        _loop(cache=lambda t: -1),
        "every step gets the cache of the last one; each step has its own",
        _KEPT,
    ),
    Mistake(
        "caches from the other end",
        _loop(cache=lambda t: -1 - t),
        "the caches are read in the wrong direction: the last step gets the first one's",
        _KEPT,
    ),
    Mistake(
        "all caches into one step",
        _cache_of_all,
        "cell_backward takes one step: one cache, and gradients of shape (B, H)",
        _SUM,
    ),
    Mistake(
        "no sum over time: the first step's",
        _loop(add=lambda steps: steps[0]),
        "the gradients of weights and biases are those of the first step alone; was the sum "
        "overwritten?",
        _SUM,
    ),
    Mistake(
        "no sum over time: the last step's",
        _loop(add=lambda steps: steps[-1]),
        "the gradients of weights and biases are those of the last step alone; all steps use them",
        _SUM,
    ),
    Mistake(
        "mean over time",
        _loop(add=lambda steps: sum(steps) / len(steps)),
        "the gradients of weights and biases are divided by T; the same weights act T times, and "
        "each time adds its part",
        _SUM,
    ),
    Mistake(
        "steps not added up",
        _loop(add=np.array),
        "weights and biases have a gradient for each step; all steps use the same ones",
        _SUM,
    ),
    Mistake(
        "last step added twice",
        _loop(add=lambda steps: sum(steps) + steps[-1]),
        "weights and biases have the last step's part twice",
        _SUM,
    ),
    Mistake(
        "first step left out",
        _loop(order=lambda T: reversed(range(1, T))),
        "the first step is left out: range ends before its end, backwards as well",
        _FORWARD,
    ),
    Mistake(
        "last step left out",
        _loop(order=lambda T: reversed(range(T - 1))),
        "the last step is left out; code counts steps from 0 to T - 1",
        _FORWARD,
    ),
    Mistake(
        "x in the order of the loop",
        _loop(result=lambda v: (v.x[::-1], v.dh_t, v.dc_t)),
        "x has its steps in the order of the loop, the last one first; all else is right",
        _SUM,
    ),
    Mistake(
        "x of the first step alone",
        _loop(result=lambda v: (v.x[0], v.dh_t, v.dc_t)),
        "x is the gradient of the first input alone; each step has its own",
        _SUM,
    ),
    Mistake(
        "h0 and c0 swapped",
        _loop(result=lambda v: (v.x, v.dc_t, v.dh_t)),
        "h0 and c0 stand under each other's name; all else is right",
        _PATHS,
    ),
    Mistake(
        "dh[0] added to h0",
        _loop(result=lambda v: (v.x, v.dh_t + v.first_dh, v.dc_t)),
        "h0 has dh[0] added; dh[0] belongs to the state after the first step",
        _PATHS,
    ),
    Mistake(
        "c0 shown",
        _loop(
            result=lambda v: (
                v.x,
                v.dh_t,
                v.dc_t + v.dh_t * v.first["o"] * (1 - np.tanh(v.first["c_prev"]) ** 2),
            )
        ),
        "c0 has a part that comes through h0; nobody computes h0 from c0",
        _PATHS,
    ),
    Mistake(
        "weights and biases alone",
        _only(*_PARAMS),
        "weights and biases are right; the gradients of x, h0 and c0 are asked for, too",
        _SUM,
    ),
    Mistake(
        "weights and biases left out",
        _only("x", "h0", "c0"),
        "x, h0 and c0 are right; the gradients of weights and biases are asked for, too",
        _SUM,
    ),
    Mistake(
        "argument changed",
        _added_in_place,
        "your values are right, but it changes its argument dh: += writes into the caller's array",
        _ORDER,
    ),
]

MISTAKES = {"lstm_backward": _MISTAKES}
