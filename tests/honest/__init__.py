"""Right answers in many forms. All of them score full marks."""

from honest import (
    adding_problem,
    backward,
    cell,
    gates,
    gradient_flow,
    pytorch,
    recurrence,
    styles,
    training,
    voice,
)

_MODULES = (
    *(recurrence, gates, cell, backward, gradient_flow),
    *(adding_problem, pytorch, training, voice, styles),
)
HONEST = {}
for _module in _MODULES:
    for _name, _forms in _module.HONEST.items():
        HONEST[_name] = [*HONEST.get(_name, []), *_forms]
