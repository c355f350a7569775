"""What is checked: for each exercise its reference, its inputs and a hint."""

from collections.abc import Callable
from dataclasses import dataclass

import lstm_ref


@dataclass(frozen=True)
class Exercise:
    """One function a student writes.

    Attributes
    ----------
    reference : callable
        The right function, of `lstm_ref`.
    draw : callable
        ``draw(rng, B, D, H, scale)`` returns the arguments by name, in the
        order of the signature.
    hint : str
        Where to look when the values are wrong. It must not give the answer.
    bounds : (float, float), optional
        No value of a right result lies outside.
    """

    reference: Callable
    draw: Callable
    hint: str
    bounds: tuple[float, float] | None = None


def _affine_inputs(gate):
    """Return the `draw` of a function of hx, W and b, whose names end in `gate`."""

    def draw(rng, B, D, H, scale):
        # Dense random weights: with equal or zero weights, swapped gates look right.
        # W hx and b are as large as `scale`, whatever the sizes.
        return {
            "hx": rng.normal(size=(B, H + D)),
            f"W_{gate}": rng.normal(size=(H, H + D), scale=scale / (H + D) ** 0.5),
            f"b_{gate}": rng.normal(size=H, scale=scale),
        }

    return draw


def _cell_state_inputs(rng, B, D, H, scale):
    return {
        "f": rng.uniform(size=(B, H)),
        "c_prev": rng.normal(size=(B, H), scale=2 * scale),
        "i": rng.uniform(size=(B, H)),
        "c_tilde": rng.uniform(-1, 1, size=(B, H)),
    }


def _hidden_state_inputs(rng, B, D, H, scale):
    return {
        "o": rng.uniform(size=(B, H)),
        "c": rng.normal(size=(B, H), scale=2 * scale),
    }


_TERMS = "Compare with the equation, term by term: "
_AFFINE_HINT = _TERMS + "which weights, which bias, which function?"
_GATE = (0.0, 1.0)

EXERCISES = {
    "forget_gate": Exercise(lstm_ref.forget_gate, _affine_inputs("f"), _AFFINE_HINT, _GATE),
    "input_gate": Exercise(lstm_ref.input_gate, _affine_inputs("i"), _AFFINE_HINT, _GATE),
    "candidate": Exercise(lstm_ref.candidate, _affine_inputs("c"), _AFFINE_HINT, (-1.0, 1.0)),
    "cell_state": Exercise(
        lstm_ref.cell_state,
        _cell_state_inputs,
        _TERMS + "what is kept, what is written, who scales what?",
    ),
    "output_gate": Exercise(lstm_ref.output_gate, _affine_inputs("o"), _AFFINE_HINT, _GATE),
    "hidden_state": Exercise(
        lstm_ref.hidden_state,
        _hidden_state_inputs,
        _TERMS + "what happens to c before o scales it?",
        (-1.0, 1.0),
    ),
}
