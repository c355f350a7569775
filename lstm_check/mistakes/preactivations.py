"""Known mistakes of the assignment *backward*: one step, down to the pre-activations."""

from types import SimpleNamespace

import numpy as np

from lstm_check.exercise import Mistake, Section
from lstm_check.exercises.cell import GATES
from lstm_ref import sigmoid

_CHAPTER = "Unrolling in time"
_KEPT = Section("What the way back needs", _CHAPTER)
STEP = Section("The backward pass of one step", _CHAPTER)
PATHS = Section("Four paths and a carried one", _CHAPTER)
ORDER = Section("Order traps", _CHAPTER)
_CELL_STATE = Section("The cell state", "The gates")
_HIDDEN_STATE = Section("The hidden state", "The gates")

# The backward pass line by line. A line sees what was given and the lines above it.
_LINES = {
    "hx": lambda v: np.concatenate([v.h_prev, v.x_t], axis=1),
    "tanh_c": lambda v: np.tanh(v.c_t),
    "shown": lambda v: v.dh * v.o * (1 - v.tanh_c**2),
    "dc_t": lambda v: v.dc + v.shown,
    "dz_f": lambda v: v.dc_t * v.c_prev * v.f * (1 - v.f),
    "dz_i": lambda v: v.dc_t * v.c_tilde * v.i * (1 - v.i),
    "dz_c": lambda v: v.dc_t * v.i * (1 - v.c_tilde**2),
    "dz_o": lambda v: v.dh * v.tanh_c * v.o * (1 - v.o),
    "dz": lambda v: {"f": v.dz_f, "i": v.dz_i, "c": v.dz_c, "o": v.dz_o},
    "dhx": lambda v: sum(v.dz[gate] @ v.params[f"W_{gate}"] for gate in GATES),
    "dh_prev": lambda v: v.dhx[:, : v.f.shape[1]],
    "dx_t": lambda v: v.dhx[:, v.f.shape[1] :],
    "dc_prev": lambda v: v.dc_t * v.f,
    "dW": lambda v: {f"W_{gate}": v.dz[gate].T @ v.hx for gate in GATES},
    "db": lambda v: {f"b_{gate}": v.dz[gate].sum(axis=0) for gate in GATES},
}


def with_lines(**changed):
    """Return `cell_backward` with some of its lines changed."""

    def wrong(dh, dc, cache, params):
        v = SimpleNamespace(dh=dh, dc=dc, params=params, **cache)
        for name, line in (_LINES | changed).items():
            setattr(v, name, line(v))
        return {"x_t": v.dx_t, "h_prev": v.dh_prev, "c_prev": v.dc_prev} | v.dW | v.db

    return wrong


_SHOWN = "c_t acts on the loss in two ways, and you have one: "
_SLOPE = "a sigmoid's derivative is missing: your values are those without it for the "

MISTAKES_OF_PREACTIVATIONS = [
    # c_t: what is carried and what is shown.
    Mistake(
        "shown part left out",
        with_lines(dc_t=lambda v: v.dc),
        f"{_SHOWN}it is carried on, but it is shown in h_t as well",
        STEP,
    ),
    Mistake(
        "carried part left out",
        with_lines(dc_t=lambda v: v.shown),
        f"{_SHOWN}it is shown in h_t, but the step after has sent dc back as well",
        STEP,
    ),
    Mistake(
        "no derivative of tanh(c_t)",
        with_lines(shown=lambda v: v.dh * v.o),
        "your values are those when h_t shows c_t as it is; on its way there is a tanh, and it "
        "has a slope",
        _HIDDEN_STATE,
    ),
    Mistake(
        "tanh(c_t) for its derivative",
        with_lines(shown=lambda v: v.dh * v.o * v.tanh_c),
        "on the way from h_t to c_t you multiply by tanh(c_t) itself, not by its slope there",
        _HIDDEN_STATE,
    ),
    Mistake(
        "tanh' of c_t without tanh",
        with_lines(shown=lambda v: v.dh * v.o * (1 - v.c_t**2)),
        "your slope of tanh is written with c_t where the value of tanh belongs",
        _HIDDEN_STATE,
    ),
    Mistake(
        "tanh' not squared",
        with_lines(shown=lambda v: v.dh * v.o * (1 - v.tanh_c)),
        "the slope of tanh on the way from h_t to c_t lacks a square",
        _HIDDEN_STATE,
    ),
    Mistake(
        "sigmoid's derivative for tanh(c_t)",
        with_lines(shown=lambda v: v.dh * v.o * v.tanh_c * (1 - v.tanh_c)),
        "on the way from h_t to c_t your slope is that of a sigmoid; h_t has tanh(c_t)",
        _HIDDEN_STATE,
    ),
    Mistake(
        "o missing on the way to c_t",
        with_lines(shown=lambda v: v.dh * (1 - v.tanh_c**2)),
        "on the way from h_t to c_t the gate is missing that decides how much is shown",
        _HIDDEN_STATE,
    ),
    Mistake(
        "dh as it is added to dc",
        with_lines(shown=lambda v: v.dh),
        "you add dh to dc as it is; between h_t and c_t lie a gate and a tanh",
        STEP,
    ),
    Mistake(
        "c_prev for c_t in tanh",
        with_lines(tanh_c=lambda v: np.tanh(v.c_prev)),
        "your values are those with tanh of c_prev; h_t shows the cell state after the step",
        ORDER,
    ),
    Mistake(
        "sigma(c_t) for tanh(c_t)",
        with_lines(tanh_c=lambda v: sigmoid(v.c_t)),
        "your values are those with a sigmoid of c_t where the forward pass has a tanh",
        _HIDDEN_STATE,
    ),
    # c_prev: the memory.
    Mistake(
        "dc not completed for the carried part",
        with_lines(dc_prev=lambda v: v.dc * v.f),
        "c_prev gets a share of dc as it came in; what c_t shows in h_t reaches c_prev, too",
        ORDER,
    ),
    Mistake(
        "dh overwritten too early",
        with_lines(
            dc_prev=lambda v: (v.dc + v.dh_prev * v.o * (1 - v.tanh_c**2)) * v.f,
        ),
        "c_prev is computed with the gradient of h_prev where that of h_t belongs: was dh "
        "overwritten in between?",
        ORDER,
    ),
    Mistake(
        "carried without f",
        with_lines(dc_prev=lambda v: v.dc_t),
        "c_prev gets all of the gradient of c_t; which share of c_prev went into c_t?",
        _CELL_STATE,
    ),
    Mistake(
        "carried with i",
        with_lines(dc_prev=lambda v: v.dc_t * v.i),
        "c_prev gets the input gate's share; which gate scales what was there before?",
        _CELL_STATE,
    ),
    Mistake(
        "nothing carried",
        with_lines(dc_prev=lambda v: 0 * v.dc),
        "c_prev gets nothing; the memory is the path that reaches furthest back",
        PATHS,
    ),
    Mistake(
        "part of the step before added",
        with_lines(dc_prev=lambda v: v.dc_t * v.f + v.dh_prev * v.o * (1 - np.tanh(v.c_prev) ** 2)),
        "c_prev holds a part that comes through h_prev; that one is added by the step before, "
        "with its own output gate",
        PATHS,
    ),
    # The pre-activations.
    Mistake(
        "c_t for c_prev in f",
        with_lines(dz_f=lambda v: v.dc_t * v.c_t * v.f * (1 - v.f)),
        "your values are those when the forget gate scales c_t; which cell state does it scale?",
        ORDER,
    ),
    Mistake(
        "no sigmoid' in f",
        with_lines(dz_f=lambda v: v.dc_t * v.c_prev),
        f"{_SLOPE}forget gate",
        STEP,
    ),
    Mistake(
        "no sigmoid' in i",
        with_lines(dz_i=lambda v: v.dc_t * v.c_tilde),
        f"{_SLOPE}input gate",
        STEP,
    ),
    Mistake(
        "no sigmoid' in o",
        with_lines(dz_o=lambda v: v.dh * v.tanh_c),
        f"{_SLOPE}output gate",
        STEP,
    ),
    Mistake(
        "no sigmoid' in any gate",
        with_lines(
            dz_f=lambda v: v.dc_t * v.c_prev,
            dz_i=lambda v: v.dc_t * v.c_tilde,
            dz_o=lambda v: v.dh * v.tanh_c,
        ),
        f"{_SLOPE}three gates",
        STEP,
    ),
    Mistake(
        "no slopes at all",
        with_lines(
            dz_f=lambda v: v.dc_t * v.c_prev,
            dz_i=lambda v: v.dc_t * v.c_tilde,
            dz_c=lambda v: v.dc_t * v.i,
            dz_o=lambda v: v.dh * v.tanh_c,
        ),
        "your values are gradients of the gates and the candidate, not of their "
        "pre-activations: sigmoid and tanh are not differentiated",
        STEP,
    ),
    Mistake(
        "f squared for sigmoid'",
        with_lines(dz_f=lambda v: v.dc_t * v.c_prev * v.f * v.f),
        "the forget gate's slope has f twice; at f = 1 a sigmoid is flat",
        STEP,
    ),
    Mistake(
        "tanh' for sigmoid' in the gates",
        with_lines(
            dz_f=lambda v: v.dc_t * v.c_prev * (1 - v.f**2),
            dz_i=lambda v: v.dc_t * v.c_tilde * (1 - v.i**2),
            dz_o=lambda v: v.dh * v.tanh_c * (1 - v.o**2),
        ),
        "the gates' slopes are those of tanh; a gate is a sigmoid",
        STEP,
    ),
    Mistake(
        "sigmoid applied twice",
        with_lines(
            dz_f=lambda v: v.dc_t * v.c_prev * sigmoid(v.f) * (1 - sigmoid(v.f)),
            dz_i=lambda v: v.dc_t * v.c_tilde * sigmoid(v.i) * (1 - sigmoid(v.i)),
            dz_o=lambda v: v.dh * v.tanh_c * sigmoid(v.o) * (1 - sigmoid(v.o)),
        ),
        "the gates' slopes take the sigmoid once more; f, i and o of the cache are sigmoids "
        "already",
        _KEPT,
    ),
    Mistake(
        "tanh applied twice",
        with_lines(dz_c=lambda v: v.dc_t * v.i * (1 - np.tanh(v.c_tilde) ** 2)),
        "the candidate's slope takes tanh once more; c_tilde of the cache is a tanh already",
        _KEPT,
    ),
    Mistake(
        "no tanh' in the candidate",
        with_lines(dz_c=lambda v: v.dc_t * v.i),
        "your values are those without the slope of the candidate's tanh",
        STEP,
    ),
    Mistake(
        "tanh' of the candidate not squared",
        with_lines(dz_c=lambda v: v.dc_t * v.i * (1 - v.c_tilde)),
        "the slope of the candidate's tanh lacks a square",
        STEP,
    ),
    Mistake(
        "sigmoid' for tanh' in the candidate",
        with_lines(dz_c=lambda v: v.dc_t * v.i * v.c_tilde * (1 - v.c_tilde)),
        "the candidate's slope is that of a sigmoid; the candidate is a tanh",
        STEP,
    ),
    Mistake(
        "i and the candidate swapped",
        with_lines(
            dz_i=lambda v: v.dc_t * v.i * v.i * (1 - v.i),
            dz_c=lambda v: v.dc_t * v.c_tilde * (1 - v.c_tilde**2),
        ),
        "each of i and the candidate is multiplied by itself; in a product, each has the other "
        "for its derivative",
        _CELL_STATE,
    ),
    Mistake(
        "no factor c_prev in f",
        with_lines(dz_f=lambda v: v.dc_t * v.f * (1 - v.f)),
        "the forget gate's gradient does not depend on what there was to forget",
        _CELL_STATE,
    ),
    Mistake(
        "no factor i in the candidate",
        with_lines(dz_c=lambda v: v.dc_t * (1 - v.c_tilde**2)),
        "the candidate gets all of the gradient of c_t; which share of it was written?",
        _CELL_STATE,
    ),
    Mistake(
        "f and i swapped",
        with_lines(
            dz_f=lambda v: v.dc_t * v.c_tilde * v.f * (1 - v.f),
            dz_i=lambda v: v.dc_t * v.c_prev * v.i * (1 - v.i),
        ),
        "forget gate and input gate have each other's factor; which one keeps, which one writes?",
        _CELL_STATE,
    ),
    Mistake(
        "dh for dc in f, i and the candidate",
        with_lines(
            dz_f=lambda v: v.dh * v.c_prev * v.f * (1 - v.f),
            dz_i=lambda v: v.dh * v.c_tilde * v.i * (1 - v.i),
            dz_c=lambda v: v.dh * v.i * (1 - v.c_tilde**2),
        ),
        "f, i and the candidate get dh as it is; they act on h_t only by way of c_t",
        STEP,
    ),
    Mistake(
        "dc not completed for the gates",
        with_lines(
            dz_f=lambda v: v.dc * v.c_prev * v.f * (1 - v.f),
            dz_i=lambda v: v.dc * v.c_tilde * v.i * (1 - v.i),
            dz_c=lambda v: v.dc * v.i * (1 - v.c_tilde**2),
        ),
        "f, i and the candidate get dc as it came in, without what c_t has shown in h_t",
        ORDER,
    ),
    Mistake(
        "dc for dh in o",
        with_lines(dz_o=lambda v: v.dc_t * v.tanh_c * v.o * (1 - v.o)),
        "the output gate gets the gradient of c_t; it acts on h_t and leaves c_t alone",
        STEP,
    ),
    Mistake(
        "c_t for tanh(c_t) in o",
        with_lines(dz_o=lambda v: v.dh * v.c_t * v.o * (1 - v.o)),
        "the output gate's factor is c_t; what does the gate scale?",
        _HIDDEN_STATE,
    ),
    Mistake(
        "c_prev for c_t in o",
        with_lines(dz_o=lambda v: v.dh * np.tanh(v.c_prev) * v.o * (1 - v.o)),
        "the output gate's factor is made of c_prev; the gate shows the cell state after the step",
        ORDER,
    ),
]
