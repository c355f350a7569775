"""What a student's function imports, found before it is missing when the work is graded."""

import ast
import dis
import linecache
import sys
import types

import numpy as np

# The checks are there too: a cell may hold code and its check.
_ALWAYS = sys.stdlib_module_names | {"lstm_check"}


def missing_module(function, modules):
    """Return the first module a function needs that will not be there, or None.

    Parameters
    ----------
    function : callable
        The function, with the helpers it calls from the same notebook.
    modules : tuple of str
        What may be imported besides the standard library.
    """
    allowed = _ALWAYS | {*modules, "__main__"}
    seen = set()
    waiting = [function]
    while waiting:
        code = getattr(waiting[-1], "__code__", None)
        namespace = getattr(waiting.pop(), "__globals__", {})
        if code is None or code in seen:
            continue
        seen.add(code)
        modules = [*_imported(code.co_filename), *names(code, "IMPORT_NAME")]
        for name in names(code, "LOAD_GLOBAL", "LOAD_NAME"):
            value = namespace.get(name)
            if getattr(value, "__globals__", None) is namespace:
                waiting.append(value)
            else:
                modules.append(_home(value, name, allowed))
        for module in modules:
            if module and module.partition(".")[0] not in allowed:
                return module.partition(".")[0]
    return None


def _imported(filename):
    """Yield the modules that a notebook's cell imports: it is kept as a file of its own."""
    cell = linecache.cache.get(filename, ())
    if len(cell) < 2 or cell[1] is not None:  # a real file, which has a time of change
        return
    try:
        tree = ast.parse("".join(linecache.getlines(filename)))
    except SyntaxError:  # magics
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


def names(code, *operations):
    """Return the names on which code, or that of a function in it, does one of some operations."""
    found = [i.argval for i in dis.get_instructions(code) if i.opname in operations]
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found += names(constant, *operations)
    return found


def _home(value, name, allowed):
    """Return the name of the module that a global comes from, or None for plain values."""
    if isinstance(value, types.ModuleType):
        return value.__name__
    if isinstance(value, np.ufunc):  # scipy's do not say where they come from
        homes = [key for key, module in list(sys.modules.items()) if _holds(module, name, value)]
        known = [home for home in homes if home.partition(".")[0] in allowed]
        return (known or homes or [None])[0]
    return value.__module__ if isinstance(value, (type, types.FunctionType)) else None


def _holds(module, name, value):
    return getattr(module, "__dict__", {}).get(name) is value
