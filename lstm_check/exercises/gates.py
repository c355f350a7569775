"""The assignment *gates*: the six equations of one step."""

import lstm_ref
from lstm_check.exercise import Exercise, Section

MODULES = ("numpy", "matplotlib")

_CHAPTER = "The gates"
_WHICH = "Which weights, which bias, which function?"


def _affine(gate):
    """Return the `draw` of a function of hx, W and b, whose names end in `gate`."""

    def draw(rng, size):
        # Dense random weights: with equal or zero weights, swapped gates look right.
        # W hx and b are as large as `scale`, whatever the sizes.
        H, N = size.H, size.H + size.D
        return {
            "hx": rng.normal(size=(size.B, N)),
            f"W_{gate}": rng.normal(size=(H, N), scale=size.scale / N**0.5),
            f"b_{gate}": rng.normal(size=H, scale=size.scale),
        }

    return draw


def _gate(reference, gate, section, bounds=(0.0, 1.0)):
    where = Section(section, _CHAPTER)
    return Exercise(reference, _affine(gate), "(B, H)", _WHICH, where, {"": bounds})


def _cell_state_inputs(rng, size):
    shape = size.B, size.H
    return {
        "f": rng.uniform(size=shape),
        "c_prev": rng.normal(size=shape, scale=2 * size.scale),
        "i": rng.uniform(size=shape),
        "c_tilde": rng.uniform(-1, 1, size=shape),
    }


def _hidden_state_inputs(rng, size):
    shape = size.B, size.H
    return {"o": rng.uniform(size=shape), "c": rng.normal(size=shape, scale=2 * size.scale)}


EXERCISES = {
    "forget_gate": _gate(lstm_ref.forget_gate, "f", "The forget gate"),
    "input_gate": _gate(lstm_ref.input_gate, "i", "The input gate"),
    "candidate": _gate(lstm_ref.candidate, "c", "The candidate", (-1.0, 1.0)),
    "cell_state": Exercise(
        reference=lstm_ref.cell_state,
        draw=_cell_state_inputs,
        result="(B, H)",
        hint="What is kept, what is written?",
        section=Section("The cell state", _CHAPTER),
    ),
    "output_gate": _gate(lstm_ref.output_gate, "o", "The output gate"),
    "hidden_state": Exercise(
        reference=lstm_ref.hidden_state,
        draw=_hidden_state_inputs,
        result="(B, H)",
        hint="What happens to c before o scales it?",
        section=Section("The hidden state", _CHAPTER),
        bounds={"": (-1.0, 1.0)},
    ),
}
