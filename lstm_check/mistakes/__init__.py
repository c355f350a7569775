"""Known mistakes: a list for each function, likeliest first."""

from lstm_check.mistakes import cell, gates, recurrence, sequence, states

MISTAKES = (
    recurrence.MISTAKES | gates.MISTAKES | states.MISTAKES | cell.MISTAKES | sequence.MISTAKES
)
