"""Known mistakes: a list for each function, likeliest first."""

from lstm_check.mistakes import cell, clipping, gates, recurrence, sequence, states

MISTAKES = {
    name: mistakes
    for module in (recurrence, clipping, gates, states, sequence, cell)
    for name, mistakes in module.MISTAKES.items()
}
