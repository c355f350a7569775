"""Known mistakes: a list for each function, likeliest first."""

from lstm_check.mistakes import (
    adding_problem,
    backward,
    cell,
    clipping,
    forget_bias,
    gates,
    lags,
    pytorch,
    recurrence,
    sequence,
    states,
    through_time,
    training,
)

_ASSIGNMENTS = (
    (recurrence, clipping),
    (gates, states),
    (sequence, cell),
    (backward, through_time),
    (lags, forget_bias),
    (adding_problem, training),
    (pytorch,),
)

MISTAKES = {
    name: mistakes
    for modules in _ASSIGNMENTS
    for module in modules
    for name, mistakes in module.MISTAKES.items()
}
