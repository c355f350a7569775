"""What is checked: one module for each assignment, found by its name."""

import importlib
import pkgutil

_MODULES = [importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)]

# The functions of each assignment, in the order of its notebook.
ASSIGNMENTS = {
    module.__name__.rpartition(".")[2].replace("_", "-"): list(module.EXERCISES)
    for module in _MODULES
}

# Each function's exercise, and what may be imported while it is graded.
EXERCISES = {name: item for module in _MODULES for name, item in module.EXERCISES.items()}
MODULES = {name: module.MODULES for module in _MODULES for name in module.EXERCISES}
