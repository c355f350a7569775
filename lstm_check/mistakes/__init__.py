"""Known mistakes: a list for each function, likeliest first. The modules are found by name."""

import importlib
import pkgutil

from lstm_check.exercises import EXERCISES

# A function of which nobody knows a mistake yet has an empty list.
MISTAKES = {name: [] for name in EXERCISES}
for _found in pkgutil.iter_modules(__path__):
    MISTAKES |= getattr(importlib.import_module(f"{__name__}.{_found.name}"), "MISTAKES", {})
