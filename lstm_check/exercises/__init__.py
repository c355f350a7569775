"""What is checked: one module for each assignment, found by its name."""

import importlib
import pkgutil

_ASSIGNMENTS = [
    importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)
]

# Each function's exercise, and what may be imported while it is graded.
EXERCISES = {name: item for module in _ASSIGNMENTS for name, item in module.EXERCISES.items()}
MODULES = {name: module.MODULES for module in _ASSIGNMENTS for name in module.EXERCISES}
