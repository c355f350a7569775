"""Known mistakes of the assignment *gradient-flow*: gradient against lag."""

import numpy as np

from lstm_check.exercise import Mistake, Section
from lstm_check.exercises.backward import cell_backward, sequence_forward

_MEASURED = Section("Measured: norm against lag", "Vanishing gradients")
_PATHS = Section("Four paths and a carried one", "Unrolling in time")
_STEP_AFTER_STEP = Section("Step after step", "Unrolling in time")
_DIRECT = Section("The direct path and the others", "Gradient flow")
_PRODUCT = Section("Is it the product of the forget gates?", "Gradient flow")
_PRICE = Section("The price", "Gradient flow")


def _lags(
    states=lambda h0, c0: (h0, c0),
    start=lambda dh_T: (dh_T, 0 * dh_T),
    caches=lambda caches: caches[::-1],
    onward=lambda dh, dc, dh_T: (dh, dc),
    norm=lambda dh, dc: np.linalg.norm(dh),
    result=lambda norms: norms / norms[0],
):
    """Return `gradient_vs_lag` with something wrong.

    ``states`` gives what the forward pass starts from, ``start`` the gradients
    of the last states, ``caches`` the order of the steps, ``onward`` what goes
    from a step to the one before it, ``norm`` what is measured at a lag, and
    ``result`` what becomes of the norms.
    """

    def measured(x, params, h0, c0, dh_T):
        _, kept = sequence_forward(x, params, *states(h0, c0))
        dh, dc = start(dh_T)
        norms = [norm(dh, dc)]
        for cache in caches(kept):
            grads = cell_backward(dh, dc, cache, params)
            dh, dc = onward(grads["h_prev"], grads["c_prev"], dh_T)
            norms.append(norm(dh, dc))
        return result(np.array(norms))

    return measured


def _product_of_gates(norm, first=0):
    """Take the product of the forget gates for the gradient."""

    def measured(x, params, h0, c0, dh_T):
        _, caches = sequence_forward(x, params, h0, c0)
        f = np.array([cache["f"] for cache in reversed(caches)])
        norms = norm(np.concatenate([0 * f[:1] + 1, np.cumprod(f, axis=0)]), dh_T)
        return norms[first:] / norms[0]

    return measured


def _product_of_mean_gates(x, params, h0, c0, dh_T):
    _, caches = sequence_forward(x, params, h0, c0)
    return np.cumprod([cache["f"].mean() for cache in reversed(caches)])


def _lag_in_place(x, params, h0, c0, dh_T):
    right = _lags()(x, params, h0, c0, dh_T)
    dh_T /= np.linalg.norm(dh_T)
    return right


_DIVIDED = "every number is right but for one factor: "
_ONE_NUMBER = "one number is asked for at each lag, the norm over batch and units; "
_PRODUCT_SENTENCE = (
    "your values follow from the forget gates alone; that is one path of many, and the gradient "
    "has all of them"
)

_MISTAKES = [
    Mistake(
        "in the order of time",
        _lags(result=lambda norms: norms[::-1] / norms[0]),
        "your values are in the order of time; lag 0, the last step, comes first",
        _MEASURED,
    ),
    Mistake(
        "in the order of time",
        _lags(result=lambda norms: norms[::-1] / norms[-1]),
        "your values are in the order of time, divided by the first step's; lag 0 is the last step",
        _MEASURED,
    ),
    Mistake(
        "not divided",
        _lags(result=lambda norms: norms),
        f"{_DIVIDED}at lag 0 there should be 1, whatever dh_T is",
        _MEASURED,
    ),
    Mistake(
        "divided by the largest",
        _lags(result=lambda norms: norms / norms.max()),
        f"{_DIVIDED}you divide by the largest norm; where a gradient explodes, that is not lag 0",
        _MEASURED,
    ),
    Mistake(
        "divided by the sum",
        _lags(result=lambda norms: norms / norms.sum()),
        f"{_DIVIDED}you divide by the sum of all norms, not by that at lag 0",
        _MEASURED,
    ),
    Mistake(
        "divided by the last",
        _lags(result=lambda norms: norms / norms[-1]),
        f"{_DIVIDED}you divide by the norm at the largest lag",
        _MEASURED,
    ),
    Mistake(
        "factor from lag to lag",
        _lags(result=lambda norms: np.append(1.0, norms[1:] / norms[:-1])),
        "each of your values is relative to the lag before it; all are asked for relative to lag 0",
        _MEASURED,
    ),
    Mistake(
        "lag 0 left out",
        _lags(result=lambda norms: norms[1:] / norms[0]),
        "your values are right, but lag 0 is missing: T steps lie between T + 1 states",
        _STEP_AFTER_STEP,
    ),
    Mistake(
        "lag 0 left out",
        _lags(result=lambda norms: norms[1:] / norms[1]),
        "your list starts at lag 1, and is relative to it; before the first step back, the lag is "
        "0",
        _STEP_AFTER_STEP,
    ),
    Mistake(
        "lag 0 left out",
        _lags(result=lambda norms: norms[1:]),
        "your list starts at lag 1, and is not divided by the norm at lag 0, before the first step "
        "back",
        _STEP_AFTER_STEP,
    ),
    Mistake(
        "the largest lag left out",
        _lags(result=lambda norms: norms[:-1] / norms[0]),
        "your values are right, but the largest lag is missing: the first step leads back to h0",
        _STEP_AFTER_STEP,
    ),
    Mistake(
        "steps in the order of time",
        _lags(caches=lambda caches: caches),
        "the caches are used from the first to the last; the gradient comes from the last step",
        _STEP_AFTER_STEP,
    ),
    Mistake(
        "the last cache at every step",
        _lags(caches=lambda caches: [caches[-1]] * len(caches)),
        "every step back uses the cache of the last step; each step has its own",
        _STEP_AFTER_STEP,
    ),
    Mistake(
        "dc not handed on",
        _lags(onward=lambda dh, dc, dh_T: (dh, 0 * dc)),
        "the gradient of c is lost between two steps; along the memory it reaches furthest",
        _PATHS,
    ),
    Mistake(
        "dh not handed on",
        _lags(onward=lambda dh, dc, dh_T: (0 * dh, dc), norm=lambda dh, dc: np.linalg.norm(dc)),
        "what you measure is carried along the memory alone; paths through h are missing",
        _DIRECT,
    ),
    Mistake(
        "dh_T at every step",
        _lags(onward=lambda dh, dc, dh_T: (dh + dh_T, dc)),
        "dh_T is added at every step; the loss looks at the last state only",
        _MEASURED,
    ),
    Mistake(
        "dh_T for dh at every step",
        _lags(onward=lambda dh, dc, dh_T: (dh_T, dc), norm=lambda dh, dc: np.linalg.norm(dh)),
        "dh_T goes into every step as it is, so the norm never changes",
        _MEASURED,
    ),
    Mistake(
        "dh_T for dc, too",
        _lags(start=lambda dh_T: (dh_T, dh_T)),
        "your values are those when the loss looks at c_T as well; it looks at h_T only",
        _MEASURED,
    ),
    Mistake(
        "dh_T not used",
        _lags(start=lambda dh_T: (0 * dh_T + 1, 0 * dh_T)),
        "your values are those of a gradient of ones at the end; dh_T says what it is",
        _MEASURED,
    ),
    Mistake(
        "initial states ignored",
        _lags(states=lambda h0, c0: (0 * h0, 0 * c0)),
        "your values are those from zero states; an empty memory lets more through than the given "
        "one",
        _PRICE,
    ),
    Mistake(
        "dh and dc swapped between steps",
        _lags(onward=lambda dh, dc, dh_T: (dc, dh)),
        "the gradients of h and c change places between two steps",
        _PATHS,
    ),
    Mistake(
        "gradient of c",
        _lags(norm=lambda dh, dc: np.linalg.norm(dc), start=lambda dh_T: (0 * dh_T, dh_T)),
        "your values are those of the gradient of c, with dh_T sent into c_T",
        _DIRECT,
    ),
    Mistake(
        "h and c together",
        _lags(norm=lambda dh, dc: np.hypot(np.linalg.norm(dh), np.linalg.norm(dc))),
        "your norm takes the gradients of h and c together; that of h is asked for",
        _MEASURED,
    ),
    Mistake(
        "norm squared",
        _lags(norm=lambda dh, dc: (dh**2).sum()),
        "your values are squares of norms: a root is missing",
        _MEASURED,
    ),
    Mistake(
        "sum of absolute values",
        _lags(norm=lambda dh, dc: abs(dh).sum()),
        "your values are sums of absolute values; the norm here is the root of the sum of squares",
        _MEASURED,
    ),
    Mistake(
        "largest value",
        _lags(norm=lambda dh, dc: abs(dh).max()),
        "your values are the largest numbers of the gradients; a norm takes all of them",
        _MEASURED,
    ),
    Mistake(
        "spectral norm",
        _lags(norm=lambda dh, dc: np.linalg.norm(dh, 2)),
        "your norm is the largest singular value: of a matrix, np.linalg.norm(…, 2) gives that",
        _MEASURED,
    ),
    Mistake(
        "sum",
        _lags(norm=lambda dh, dc: dh.sum()),
        "your values are sums, in which positive and negative numbers cancel; a norm is asked for",
        _MEASURED,
    ),
    Mistake(
        "mean of the examples' norms",
        _lags(norm=lambda dh, dc: np.linalg.norm(dh, axis=1).mean()),
        f"{_ONE_NUMBER}yours is a mean of the examples' norms",
        _MEASURED,
    ),
    Mistake(
        "norm of the examples' mean",
        _lags(norm=lambda dh, dc: np.linalg.norm(dh.mean(axis=0))),
        f"{_ONE_NUMBER}you average the examples first, and they cancel",
        _MEASURED,
    ),
    Mistake(
        "the first example alone",
        _lags(norm=lambda dh, dc: np.linalg.norm(dh[0])),
        f"{_ONE_NUMBER}yours is that of the first example",
        _MEASURED,
    ),
    Mistake(
        "a norm for each example",
        _lags(norm=lambda dh, dc: np.linalg.norm(dh, axis=1)),
        f"{_ONE_NUMBER}yours has one for each example",
        _MEASURED,
    ),
    Mistake(
        "logarithm",
        _lags(result=lambda norms: np.log10(norms / norms[0])),
        "your values are logarithms; a plot takes them for its axis, the function returns norms",
        _MEASURED,
    ),
    Mistake(
        "logarithm",
        _lags(result=lambda norms: np.log(norms / norms[0])),
        "your values are logarithms; a plot takes them for its axis, the function returns norms",
        _MEASURED,
    ),
    Mistake(
        "product of the forget gates",
        _product_of_gates(lambda kept, dh_T: np.linalg.norm(kept * dh_T, axis=(1, 2))),
        _PRODUCT_SENTENCE,
        _PRODUCT,
    ),
    Mistake(
        "product of the forget gates",
        _product_of_gates(lambda kept, dh_T: np.linalg.norm(kept, axis=(1, 2))),
        _PRODUCT_SENTENCE,
        _PRODUCT,
    ),
    Mistake(
        "product of the forget gates",
        _product_of_gates(lambda kept, dh_T: np.linalg.norm(kept, axis=(1, 2)), first=1),
        _PRODUCT_SENTENCE,
        _PRODUCT,
    ),
    Mistake(
        "product of the forget gates",
        _product_of_mean_gates,
        _PRODUCT_SENTENCE,
        _PRODUCT,
    ),
    Mistake(
        "product of the forget gates",
        _product_of_gates(lambda kept, dh_T: kept.mean(axis=(1, 2))),
        _PRODUCT_SENTENCE,
        _PRODUCT,
    ),
    Mistake(
        "argument changed",
        _lag_in_place,
        "your values are right, but it changes its argument dh_T, which its caller still needs",
        _MEASURED,
    ),
]

MISTAKES = {"gradient_vs_lag": _MISTAKES}
