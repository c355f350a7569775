"""Which cells of a chapter run in the page, and what has to run before them.

A cell runs in the page if it, and all it needs, imports nothing that a browser lacks and reads no
file. It needs the statements that made what it uses; and, since a random generator moves on and
arrays are written to, those that changed it since. So what a reader gets first is what the book
prints, and a cell that trains for a minute is run only for those that use what it made.
"""

import ast
import builtins
import symtable
import sys
from dataclasses import dataclass

from lite_site import MODULES

# What a page has no files, processes or settings for; and what would measure the browser.
ELSEWHERE = {"os", "pathlib", "subprocess", "multiprocessing", "threading", "shutil", "tempfile"}
ELSEWHERE |= {"time", "timeit"}
# What is there, and would take minutes.
SLOW = {"lstm_book.probe"}
THERE = (sys.stdlib_module_names - ELSEWHERE) | MODULES | {"IPython"}
# Methods of arrays that change nothing.
HARMLESS = set(
    "T all any argmax argmin astype copy cumsum detach dot item items keys max mean min norm prod "
    "ravel reshape round size split squeeze std sum swapaxes tobytes tolist transpose "
    "values".split()
)
SCOPES = (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
IMPORTS = (ast.Import, ast.ImportFrom)


@dataclass
class Statement:
    """What a statement of a cell says of itself.

    Attributes
    ----------
    cell, place : int
        The cell, and its place in it.
    values, code : set of str
        Names that it binds: by assignment; by ``import``, ``def`` or ``class``.
    used, changed : set of str
        Names that it takes from elsewhere, and those whose value it may change.
    imports : bool
        Whether it is an import.
    alone : bool
        Whether it could run in a page, apart from what it needs.
    """

    cell: int
    place: int
    values: set
    code: set
    used: set
    changed: set
    imports: bool
    alone: bool


def plan(sources):
    """Return what each cell that can run in the page needs: ``{cell: {cell before it: [places]}}``.

    Parameters
    ----------
    sources : list of str or None
        The code of a page's cells, in order. None: the page does not show it.
    """
    all_of_them, mine = [], {}
    for k, source in enumerate(sources):
        mine[k] = read(k, source)
        all_of_them += mine[k] or []
    needs = {}
    for k, statements in mine.items():
        wanted = closure(all_of_them, statements) if statements else None
        if wanted is not None:
            needs[k] = {}
            for one in sorted(wanted, key=lambda s: (s.cell, s.place)):
                if one.cell != k:
                    needs[k].setdefault(one.cell, []).append(one.place)
    return needs


def read(cell, source):
    """Return a cell's statements, or None where they cannot be known."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, TypeError):  # magics; not on the page
        return None
    return [read_statement(cell, place, node) for place, node in enumerate(tree.body)]


def read_statement(cell, place, node):
    """Read one statement."""
    modules, code = set(), set()
    for part in ast.walk(node):
        if isinstance(part, IMPORTS):
            module = [part.module] if isinstance(part, ast.ImportFrom) else []
            modules |= set(module or [alias.name for alias in part.names])
            code |= {alias.asname or alias.name.partition(".")[0] for alias in part.names}
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        code.add(node.name)
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return Statement(
        cell=cell,
        place=place,
        values=bound(node),
        code=code,
        used=free(node) - set(dir(builtins)),
        changed={name for part in ast.walk(node) for name in changes(part)},
        imports=isinstance(node, IMPORTS),
        alone={name.partition(".")[0] for name in modules} <= THERE
        and not modules & SLOW
        and "open" not in names,
    )


def bound(tree):
    """Return the names that code assigns to, not those inside its functions."""
    found, waiting = set(), [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            found.add(node.id)
        waiting += [] if isinstance(node, SCOPES) else ast.iter_child_nodes(node)
    return found


def free(node):
    """Return the names that a statement takes from elsewhere: Python's own compiler knows them."""
    table = symtable.symtable(ast.unparse(node), "statement", "exec")
    used = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    used = used.union(*map(globals_of, table.get_children()))
    if isinstance(node, ast.AugAssign):
        used |= bound(node.target)
    elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        used -= bound(node) | {node.name}  # it binds them first
    elif isinstance(node, (ast.For, ast.With)):
        used = free_in_turn(node)
    return used


def free_in_turn(node):
    """Return what a loop or a ``with`` takes from elsewhere, before it binds it itself."""
    items = [(node.iter, node.target)] if isinstance(node, ast.For) else []
    items += [(item.context_expr, item.optional_vars) for item in getattr(node, "items", [])]
    used, own = set(), set()
    for value, target in items:
        used |= free(value) - own
        if target:
            used |= free(target) - bound(target) - own
            own |= bound(target)
    for statement in [*node.body, *getattr(node, "orelse", [])]:
        used |= free(statement) - own
        own |= bound(statement)
    return used


def globals_of(table):
    """Return the names that a function, and the functions in it, take from the cell."""
    found = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
    return found.union(*map(globals_of, table.get_children()))


def changes(node):
    """Yield the names whose value a piece of code may change: ``rng.normal()``, ``a[0] = 1``."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr not in HARMLESS:
            yield from root(node.func.value)
        for argument in node.args:
            if isinstance(argument, ast.Name) and "rng" in argument.id:
                yield argument.id
    elif isinstance(node, ast.AugAssign):
        yield from root(node.target)
    elif isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, ast.Store):
        yield from root(node)


def root(node):
    """Yield the name at the start of ``name.attribute[index]``."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def closure(statements, last):
    """Return all statements that the `last` ones need; None if one cannot run in a page."""
    found, waiting = [], list(last)
    while waiting:
        one = waiting.pop()
        direct = needed(statements, one) if one.alone else None
        if direct is None:
            return None
        for other in direct:
            if other not in found:
                found.append(other)
                waiting.append(other)
    return found


def needed(statements, one):
    """Return the statements that made, or changed, what one uses; None if nothing made it."""
    before = statements[: statements.index(one)]
    found, names, seen = [], set(one.used), set()
    while names:
        name = names.pop()
        seen.add(name)
        makers = [k for k, s in enumerate(before) if name in s.values | s.code]
        if not makers:
            return None
        maker = before[makers[-1]]
        found.append(maker)
        if name in maker.values:
            found += [s for s in before[makers[-1] + 1 :] if name in s.changed]
        elif not maker.imports:
            names |= maker.used - seen - maker.code  # what a function uses when it is called
    return found
