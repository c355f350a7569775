"""What the text of a cell says about itself, without running it."""

import ast
import difflib
import functools

from lstm_grade.box.student import without_magics

# Longer cells are not looked into: a syntax tree takes a hundred times as much memory.
LONGEST = 30_000
_MOST_LINES = 500
_DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BOUND = (*_DEFINING, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.AugAssign)


@functools.lru_cache(64)
def parse(source: str) -> ast.Module | None:
    """Return a cell's syntax tree, None if it is no Python."""
    if len(source) > LONGEST:
        return None
    for text in (source, without_magics(source)):
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def defines(source: str) -> frozenset[str]:
    """Return the names that a cell gives a value to, outside of functions."""
    tree = parse(source)
    found, blocks = set(), [tree.body] if tree else []
    while blocks:
        for node in blocks.pop():
            if isinstance(node, _DEFINING):
                found.add(node.name)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                found |= {(each.asname or each.name).split(".")[0] for each in node.names}
            elif isinstance(node, ast.stmt):
                found |= {
                    each.id
                    for each in ast.walk(node)
                    if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
                }
                # Functions may be defined in an `if`, a `with` or a `try`.
                blocks += [getattr(node, each, []) for each in ("body", "orelse", "finalbody")]
    return frozenset(found)


def functions(source: str) -> list[str]:
    """Return the names of the functions that stand in a cell."""
    tree = parse(source)
    return [node.name for node in tree.body if isinstance(node, _DEFINING)] if tree else []


def uses(source: str) -> frozenset[str]:
    """Return the names that occur in a cell."""
    tree = parse(source)
    nodes = ast.walk(tree) if tree else ()
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name))


def is_stub(source: str, name: str) -> bool:
    """Whether a cell defines a function and does nothing in it, as before it is written."""
    tree = parse(source)
    for node in tree.body if tree else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return all(
                isinstance(each, ast.Raise | ast.Pass) or _is_text(each) for each in node.body
            )
    return False


def is_prose(source: str) -> bool:
    """Whether a code cell holds words: comments, a string, or no Python at all."""
    tree = parse(source)
    return bool(source.strip()) and (tree is None or all(map(_is_text, tree.body)))


def _is_text(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def typed(source: str, *given: str) -> str:
    """Return what defines something among the lines that a cell has more than it was given.

    Parameters
    ----------
    source : str
    *given : str
        What its text may have been.

    Returns
    -------
    str
        "" if there is nothing.
    """
    lines, best = source.splitlines(), None
    if len(lines) > _MOST_LINES:
        return ""
    for text in given:
        old = [line.rstrip() for line in text.splitlines()]
        matcher = difflib.SequenceMatcher(None, old, [line.rstrip() for line in lines], False)
        added = [
            line
            for kind, _, _, start, end in matcher.get_opcodes()
            if kind in ("insert", "replace")
            for line in lines[start:end]
        ]
        if best is None or len(added) < len(best):
            best = added
    text = "\n".join(best or ())
    tree = parse(text)
    kept = [node for node in tree.body if isinstance(node, _BOUND)] if tree else []
    return "\n".join(_segment(text.splitlines(), node) for node in kept)


def _segment(lines, node):
    first = min(each.lineno for each in (node, *getattr(node, "decorator_list", ())))
    return "\n".join(lines[first - 1 : node.end_lineno])
