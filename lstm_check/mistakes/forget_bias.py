"""Known mistakes of the assignment *gradient-flow*: the forget bias."""

import numpy as np

from lstm_check.exercise import Mistake, Section
from lstm_check.exercises.gradient_flow import forget_bias
from lstm_ref import sigmoid

_BIAS = Section("The forget bias", "Gradient flow")


def _bias(value, name="b_f"):
    """Set one array to a number that follows from the half-life."""
    return lambda params, half_life: params | {name: np.full_like(params[name], value(half_life))}


def _all_biases(params, half_life):
    biases = [name for name in params if name[0] == "b"]
    return params | {name: 0 * params[name] + forget_bias(half_life) for name in biases}


def _other_biases_zero(params, half_life):
    zero = {name: 0 * params[name] for name in ("b_i", "b_c", "b_o")}
    return _bias(forget_bias)(params | zero, half_life)


def _weights_zero(names):
    def wrong(params, half_life):
        zero = {name: 0 * params[name] for name in names}
        return _bias(forget_bias)(params | zero, half_life)

    return wrong


def _one_unit(params, half_life):
    b_f = params["b_f"].copy()
    b_f[0] = forget_bias(half_life)
    return params | {"b_f": b_f}


def _bias_in_place(params, half_life):
    params["b_f"][...] = forget_bias(half_life)
    return params


def _bias_in_the_dict(params, half_life):
    params["b_f"] = np.full_like(params["b_f"], forget_bias(half_life))
    return params


def _input_gate_closed(params, half_life):
    return _bias(forget_bias)(_bias(lambda k: -forget_bias(k), "b_i")(params, half_life), half_life)


_APPROXIMATION = (
    "your bias is the approximation for a long half-life; the exact one is asked for, which holds "
    "for a short one, too"
)
_CHANGES = (
    "your values are right, but it changes the dict it was given, which its caller still needs"
)

_MISTAKES = [
    Mistake(
        "wrong sign",
        _bias(lambda k: -forget_bias(k)),
        "your bias has the wrong sign: with it, the gate forgets what it should keep",
        _BIAS,
    ),
    Mistake(
        "f for its bias",
        _bias(lambda k: 0.5 ** (1 / k)),
        "b_f is what the forget gate should be; the bias is what a sigmoid makes that of",
        _BIAS,
    ),
    Mistake(
        "sigmoid for its inverse",
        _bias(lambda k: sigmoid(0.5 ** (1 / k))),
        "you put the forget gate into a sigmoid; the bias goes into it, the gate comes out",
        _BIAS,
    ),
    Mistake(
        "approximation",
        _bias(lambda k: np.log(k / np.log(2))),
        _APPROXIMATION,
        _BIAS,
    ),
    Mistake(
        "approximation",
        _bias(lambda k: np.log(k / 0.69)),
        _APPROXIMATION,
        _BIAS,
    ),
    Mistake(
        "approximation",
        _bias(lambda k: np.log(k / np.log(2) - 1)),
        _APPROXIMATION,
        _BIAS,
    ),
    Mistake(
        "half lost evenly",
        _bias(lambda k: np.log(2 * k - 1)),
        "your f loses 0.5 / half_life in each step; a product loses a share of what is left, which "
        "gets less and less",
        _BIAS,
    ),
    Mistake(
        "logarithm of the half-life",
        _bias(np.log),
        "your bias is the logarithm of half_life, a rule of thumb for a time to be remembered; "
        "put it into the sigmoid and see what is left",
        _BIAS,
    ),
    Mistake(
        "half-life for bias",
        _bias(lambda k: k),
        "b_f is half_life itself; it is a number of steps, not what goes into a sigmoid",
        _BIAS,
    ),
    Mistake(
        "bias 1",
        _bias(lambda k: 1),
        "b_f is 1, the usual start; here it follows from half_life",
        _BIAS,
    ),
    Mistake(
        "1/e for one half",
        _bias(lambda k: -np.log(np.expm1(1 / k))),
        "with your bias 1/e is left after half_life steps, not one half",
        _BIAS,
    ),
    Mistake(
        "half in one step",
        _bias(lambda k: -np.log(np.expm1(k * np.log(2)))),
        "your f ** (1 / half_life) is one half; which power of f is left after half_life steps?",
        _BIAS,
    ),
    Mistake(
        "f = 1 - 1 / half_life",
        _bias(lambda k: np.log(k - 1)),
        "your bias makes f = 1 - 1 / half_life; after half_life steps that leaves about 1/e",
        _BIAS,
    ),
    Mistake(
        "logarithm to another base",
        _bias(lambda k: forget_bias(k) / np.log(2)),
        "your bias is right but for the base of a logarithm: a sigmoid has e",
        _BIAS,
    ),
    Mistake(
        "logarithm to another base",
        _bias(lambda k: forget_bias(k) / np.log(10)),
        "your bias is right but for the base of a logarithm: a sigmoid has e",
        _BIAS,
    ),
    Mistake(
        "added to the old bias",
        lambda params, half_life: params | {"b_f": params["b_f"] + forget_bias(half_life)},
        "your bias is added to the one that was there; all units should start alike",
        _BIAS,
    ),
    Mistake(
        "one unit alone",
        _one_unit,
        "only the first unit has the new bias; each unit has its own",
        _BIAS,
    ),
    Mistake(
        "all biases set",
        _all_biases,
        "all four biases are set; only the forget gate's decides how long memory lasts",
        _BIAS,
    ),
    Mistake(
        "bias of the input gate",
        _bias(forget_bias, "b_i"),
        "the bias of the input gate is set, and b_f left as it was",
        _BIAS,
    ),
    Mistake(
        "bias of the output gate",
        _bias(forget_bias, "b_o"),
        "the bias of the output gate is set, and b_f left as it was",
        _BIAS,
    ),
    Mistake(
        "weights for bias",
        _bias(forget_bias, "W_f"),
        "W_f is filled with the number that belongs into b_f",
        _BIAS,
    ),
    Mistake(
        "other biases set to zero",
        _other_biases_zero,
        "b_f is right, but the other biases are zero now; they should stay as they are",
        _BIAS,
    ),
    Mistake(
        "W_f set to zero",
        _weights_zero(["W_f"]),
        "b_f is right, but W_f is zero now; then f does not depend on what comes in",
        _BIAS,
    ),
    Mistake(
        "input gate closed",
        _input_gate_closed,
        "b_f is right, but b_i is its negative; that is another start, for another question",
        _BIAS,
    ),
    Mistake(
        "nothing set",
        lambda params, half_life: params,
        "b_f is what it was before",
        _BIAS,
    ),
    Mistake(
        "b_f alone",
        lambda params, half_life: {"b_f": np.full_like(params["b_f"], forget_bias(half_life))},
        "b_f is right, but all the other parameters are asked for, too",
        _BIAS,
    ),
    Mistake(
        "b_f alone",
        lambda params, half_life: np.full_like(params["b_f"], forget_bias(half_life)),
        "you return b_f, and it is right; a dict of all parameters is asked for",
        _BIAS,
    ),
    Mistake(
        "a number for b_f",
        lambda params, half_life: params | {"b_f": forget_bias(half_life)},
        "the number is right, but b_f is an array with one for each unit",
        _BIAS,
    ),
    Mistake("argument changed", _bias_in_place, _CHANGES, _BIAS),
    Mistake("argument changed", _bias_in_the_dict, _CHANGES, _BIAS),
]

MISTAKES = {"init_forget_bias": _MISTAKES}
