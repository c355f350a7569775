"""A function as named lines, and what it becomes when some of them are replaced.

A line's name is what it sets, such as ``c_t``, or what it calls, such as ``h.append``;
``return`` and ``for`` are called so. Where two would have the same name, a comment behind a
line names it. In front of all lines stands an empty one, ``first``.
"""

import ast
import functools
import inspect
import itertools
import re
import textwrap
from typing import NamedTuple

import numpy as np

from lstm_check.behaviour import copied
from lstm_check.imports import names

FIRST = "first"


class Line(NamedTuple):
    """A statement, or the head of a loop with the lines in it."""

    name: str
    text: str
    body: tuple | None = None


class Source:
    """The text of a function, line by line.

    Parameters
    ----------
    text : str or function
        Assignments, calls, loops and a return at the end; a docstring is dropped.
    **namespace
        What a text uses besides its arguments and NumPy; a function has its own.
    """

    def __init__(self, text, **namespace):
        if callable(text):
            namespace, text = dict(text.__globals__), inspect.getsource(text)
        text = textwrap.dedent(text)
        function = ast.parse(text).body[0]
        if ast.get_docstring(function):
            function.body = function.body[1:]
        self.name = function.name.lstrip("_")
        self.arguments = [argument.arg for argument in function.args.args]
        self.head = f"def {self.name}({ast.unparse(function.args)}):"
        self.namespace = {"np": np, **namespace}
        self.lines = (Line(FIRST, ""), *_lines(function.body, text.splitlines()))
        self.texts = {line.name: line.text for line in _flat(self.lines)}
        self.order = [line.name for line in _flat(self.lines)]
        if len(set(self.order)) < len(self.order):
            raise ValueError(f"{self.name}: a name for each line, not {self.order}")
        self.variant = functools.cache(Variant)

    def edits(self, code):
        """Return the edits that a mistake's code describes, {line name: what stands there}.

        Parameters
        ----------
        code : str
            Statements, joined by ``; ``. Each takes the place of the line that has its name;
            ``name: statement`` says which line. One that has no place goes before the next that
            has, or behind the last.
        """
        edits, waiting = {}, []
        for statement in filter(None, map(str.strip, code.split(";"))):
            label, text = _LABELLED.fullmatch(statement).groups()
            waiting.append(text)
            name = label or _name(text)
            if name in self.order:
                edits[name] = [*edits.get(name, []), *waiting]
                waiting = []
        if not edits:
            raise ValueError(f"{self.name}: no line for {waiting}; there are {self.order}")
        edits[list(edits)[-1]] += waiting
        return {name: "\n".join(texts) for name, texts in edits.items()}

    def touched(self, edits):
        """Return the names of the lines that edits change, or leave without use."""
        return frozenset(edits) | (self.used({}) - self.used(edits))

    def used(self, edits):
        """Return the names of the lines on which the result depends."""
        found, needed, before = set(), set(), None
        while before != len(found) + len(needed):  # in a loop, later lines are used by earlier ones
            before = len(found) + len(needed)
            for line in reversed(tuple(_flat(self.lines))):
                variant = self.variant(edits.get(line.name, line.text))
                sets = {*variant.sets, *variant.writes, *variant.items}
                if line.name in found or variant.ends or sets & needed:
                    found.add(line.name)
                    needed |= {*variant.reads, *variant.writes}
        return frozenset(found)

    def text(self, edits=()):
        """Return the text, with some lines replaced."""
        return "\n".join([self.head, *_texts(self.lines, dict(edits), 1)]) + "\n"

    def make(self, edits=()):
        """Return the function, with some lines replaced."""
        space = dict(self.namespace)
        exec(compile(self.text(edits), f"<{self.name}>", "exec"), space)
        return space[self.name]


def taken(function, first, last):
    """Return the text of a function from the line that sets `first` to that which sets `last`.

    What it takes from ``params`` by attribute, the text takes by name, as students do.
    """
    source = textwrap.dedent(inspect.getsource(function))
    lines = {_name(ast.unparse(node)): node for node in ast.parse(source).body[0].body}
    part = source.splitlines()[lines[first].lineno - 1 : lines[last].end_lineno]
    return re.sub(r"params\.(\w+)", r'params["\1"]', "\n".join(part))


_LABELLED = re.compile(r"(?:(\w[\w.]*): (?!$))?(.*)", re.DOTALL)


def _lines(statements, source):
    for node in statements:
        comment = re.search(r"  # (\w+)$", source[node.lineno - 1])
        loop = isinstance(node, ast.For)
        text = f"{ast.unparse(node).splitlines()[0]}" if loop else ast.unparse(node)
        body = tuple(_lines(node.body, source)) if loop else None
        yield Line(comment[1] if comment else _name(text), text, body)


def _name(text):
    """Return what a line is called: what it sets or calls."""
    if text.startswith("for "):
        return "for"
    node = ast.parse(text).body[0]
    if isinstance(node, ast.Return):
        return "return"
    if isinstance(node, ast.Assign | ast.AugAssign):
        return ast.unparse(getattr(node, "targets", [None])[0] or node.target).strip("()")
    call = getattr(node, "value", None)
    return ast.unparse(call.func) if isinstance(call, ast.Call) else ""


def _flat(lines):
    for line in lines:
        yield line
        yield from _flat(line.body or ())


def _texts(lines, edits, depth):
    for line in lines:
        for part in edits.get(line.name, line.text).splitlines():
            yield "    " * depth + part
        yield from _texts(line.body or (), edits, depth + 1)


class Variant:
    """What stands in a line, compiled by itself: what it reads, sets and writes into."""

    def __init__(self, text):
        self.text = text
        tree = ast.parse(f"{text}\n    pass" if text.startswith("for ") else text)
        last = tree.body[-1] if tree.body else None
        self.loop, self.ends = isinstance(last, ast.For), isinstance(last, ast.Return)
        self.value = self.target = None
        if self.loop or self.ends:
            expression = ast.Expression(last.iter if self.loop else last.value)
            self.value = compile(expression, "<line>", "eval")
            tree.body.pop()
        if self.loop:
            self.target = compile(f"{ast.unparse(last.target)} = _item", "<line>", "exec")
        self.code = compile(tree, "<line>", "exec") if tree.body else None
        self.reads = _names([self.code, self.value], "LOAD_NAME", "LOAD_GLOBAL")
        self.sets = _names([self.code], "STORE_NAME")
        self.items = _names([self.target], "STORE_NAME")
        self.writes = tuple(_written(tree))


def _names(codes, *operations):
    found = (name for code in codes if code for name in names(code, *operations))
    return tuple(dict.fromkeys(found))


def _written(tree):
    """Yield the names of what is changed in place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            yield _root(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield _root(node.value.func)


def _root(node):
    while not isinstance(node, ast.Name):
        node = node.value
    return node.id


class Runner:
    """Runs a function with edits on given arguments; what runs have in common, they share.

    Parameters
    ----------
    source : Source
    arguments : dict
        By name, in the order of the signature. They are not changed.
    """

    def __init__(self, source, arguments):
        self.source = source
        given = dict(zip(source.arguments, arguments.values(), strict=True))
        self.known = {}
        self.number = itertools.count(1)
        # What is set before each line of the right function: runs begin where they differ.
        self.before = [({**source.namespace, **given}, {})]
        with np.errstate(all="ignore"):
            for line in source.lines[:-1]:
                space, versions = map(dict, self.before[-1])
                self._run([line], {}, space, versions)
                self.before.append((space, versions))
        self.place = {}
        for k, line in enumerate(source.lines):
            self.place.update(dict.fromkeys((one.name for one in _flat([line])), k))
        sets = [name for one in source.lines for name in source.variant(one.text).sets]
        loops = any(line.body for line in source.lines)
        self.single = not loops and len(sets) == len(set(sets))

    def __call__(self, edits):
        """Return what the function returns with edits, or the exception it stops with."""
        k = min([self.place[name] for name in edits], default=0)
        state = map(dict, self.before[-1 if self.single else k])
        changed = edits if self.single else None
        try:
            with np.errstate(all="ignore"):
                return self._run(self.source.lines[k:], edits, *state, changed)
        except Exception as error:
            return error

    def _run(self, lines, edits, space, versions, changed=None):
        """Run lines; given `changed` ones, which set names once, only these and what they touch."""
        names = set()
        for line in lines:
            variant = self.source.variant(edits.get(line.name, line.text))
            if variant.code:
                known = changed is not None and line.name not in changed
                if known and names.isdisjoint(variant.reads):
                    continue
                number, values = self._once(variant, "code", self._executed, space, versions)
                space.update(values)
                versions.update(dict.fromkeys(values, number))
                names.update(values)
            if variant.value is None:
                continue
            number, value = self._once(variant, "value", self._evaluated, space, versions)
            if not variant.loop:
                return value
            for k, space["_item"] in enumerate(value):
                exec(variant.target, space)
                versions.update(dict.fromkeys(variant.items, (number, k)))
                self._run(line.body, edits, space, versions)
        return None

    def _once(self, variant, what, compute, space, versions):
        """Compute it, unless it is known for what it reads; return its number and the result."""
        key = (variant.text, what, *map(versions.get, variant.reads))
        if key not in self.known:
            try:
                self.known[key] = next(self.number), compute(variant, space)
            except Exception as error:
                self.known[key] = 0, error
        number, result = self.known[key]
        if not number:
            raise result
        return number, result

    def _executed(self, variant, space):
        for name in space.keys() & {*variant.writes}:  # others are set in the line itself
            space[name] = copied(space[name])
        exec(variant.code, space)
        return {name: space[name] for name in (*variant.sets, *variant.writes) if name in space}

    def _evaluated(self, variant, space):
        value = eval(variant.value, space)
        return list(value) if variant.loop else value
