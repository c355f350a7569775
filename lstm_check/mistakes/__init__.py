"""Known mistakes: a list for each function, likeliest first. The modules are found by name."""

import functools
import importlib
import pkgutil

from lstm_check.bank import Bank
from lstm_check.exercises import EXERCISES

# A function of which nobody knows a mistake yet has an empty list.
MISTAKES = {name: [] for name in EXERCISES}
for _found in pkgutil.iter_modules(__path__):
    MISTAKES |= importlib.import_module(f"{__name__}.{_found.name}").MISTAKES


@functools.cache
def bank_of(name):
    """Return the known mistakes of a function, with what they do."""
    return Bank(EXERCISES[name], MISTAKES[name])
