"""What is checked: one module for each assignment."""

from lstm_check.exercises import (
    adding_problem,
    backward,
    cell,
    gates,
    gradient_flow,
    pytorch,
    recurrence,
)

_ASSIGNMENTS = (recurrence, gates, cell, backward, gradient_flow, adding_problem, pytorch)

# Each function's exercise, and what may be imported while it is graded.
EXERCISES = {name: item for module in _ASSIGNMENTS for name, item in module.EXERCISES.items()}
MODULES = {name: module.MODULES for module in _ASSIGNMENTS for name in module.EXERCISES}
