"""Known mistakes: a list for each function, likeliest first."""

from lstm_check.mistakes import (
    backward,
    cell,
    clipping,
    gates,
    recurrence,
    sequence,
    states,
    through_time,
)

_MODULES = (recurrence, clipping, gates, states, sequence, cell, backward, through_time)

MISTAKES = {name: mistakes for module in _MODULES for name, mistakes in module.MISTAKES.items()}
