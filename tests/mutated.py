"""Mutants of the syntax tree in three styles: the first wrong value is found, and rightly.

    python tests/mutated.py [NUMBER]

What the bank does not know is drawn from right functions whose lines say in a comment which of
the named values they compute. One thing is changed in one line: an operator, a name, a number, a
call. Where the values are then wrong and no known mistake fits, the check may point at a line, or
at a named value. Rightly, if that is the line that was changed, or one of its values.
"""

import ast
import contextlib
import copy
import io
import linecache
import random
import re
import sys
import textwrap
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lstm_check import CheckError, check
from lstm_check.exercises.backward import cell_backward
from lstm_check.exercises.cell import lstm_cell
from lstm_check.exercises.gradient_flow import forward, step_backward
from lstm_check.mistakes import MISTAKES

SPACE = {"np": np, "lstm_cell": lstm_cell, "cell_backward": cell_backward}
SPACE |= {"forward": forward, "step_backward": step_backward}
# Given in the notebooks, so it is the student's own.
SIGMOID = """
def sigmoid(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))
"""
STYLES = ("whole", "loops", "split")
TEXT = Path(__file__).with_name("mutated.txt")
VALUE = re.compile(
    r"first value we do not find is (\w+(?:\.\w+)*)|with\s+the\s+right\s+(?!one)(\w+)", re.I
)
LINE = re.compile(r"With\s+the\s+right\s.*?\sin\s+line\s+(\d+)", re.DOTALL | re.IGNORECASE)
RETURN = "put together and returned"


@dataclass(frozen=True)
class Form:
    """A right function in a style, with the named values that each of its lines computes."""

    style: str
    name: str
    text: str

    def values(self, number):
        """Return the named values of a line."""
        found = re.search(r"  # ([\w. ]+)$", self.text.splitlines()[number - 1])
        return found[1].split() if found else []


def forms():
    """Return the right functions."""
    found = []
    for style, text in re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", TEXT.read_text(), re.M | re.S):
        for one in re.split(r"\n(?=def )", text.strip()):
            found.append(Form(style, re.match(r"def (\w+)", one)[1], one.strip()))
    return found


def made(name, text):
    """Return a function of a text, which can be looked up as in a notebook."""
    make.number += 1
    filename = f"<mutant {make.number}>"
    linecache.cache[filename] = len(text), None, text.splitlines(True), filename
    space = dict(SPACE)
    if name != "sigmoid":
        exec(SIGMOID, space)
    exec(compile(text, filename, "exec"), space)
    return space[name]


def make(form):
    """Return the right function."""
    return made(form.name, form.text)


make.number = 0

SWAPS = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Sub, ast.Div),
    ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.Lt: (ast.GtE,),
    ast.Gt: (ast.LtE,),
    ast.GtE: (ast.Lt,),
}
CALLS = {
    "np.tanh": ("sigmoid", "np.sin", "np.arctan"),
    "sigmoid": ("np.tanh", "np.exp"),
    "np.exp": ("np.cosh", "np.tanh"),
    "np.sum": ("np.mean", "np.max"),
    "np.sqrt": ("np.square", "np.abs"),
    "np.abs": ("np.sqrt", "np.negative"),
    "np.log": ("np.log2", "np.log1p"),
    "np.linalg.norm": ("np.sum", "np.max", "np.mean"),
    "np.zeros_like": ("np.ones_like",),
    "np.zeros": ("np.ones",),
    "reversed": ("list",),
    "max": ("min",),
}


def changes(tree):
    """Yield (node, what to do with it): each does one thing to a copy of the tree."""
    nodes = list(ast.walk(tree))
    names = sorted({n.id for n in nodes if isinstance(n, ast.Name)} - {"np", "range", "len"})
    strings = sorted(
        {n.value for n in nodes if isinstance(n, ast.Constant) and type(n.value) is str}
    )
    for k, node in enumerate(nodes):
        if isinstance(node, ast.BinOp | ast.AugAssign):
            yield from ((k, "op", new) for new in SWAPS.get(type(node.op), ()))
        if isinstance(node, ast.Compare):
            yield from ((k, "ops", new) for new in SWAPS.get(type(node.ops[0]), ()))
        if isinstance(node, ast.BinOp):
            yield from ((k, "side", side) for side in ("left", "right"))
            yield k, "minus", None
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
            yield from ((k, "id", name) for name in names if name != node.id)
        if isinstance(node, ast.Constant) and type(node.value) is str:
            yield from ((k, "value", value) for value in strings if value != node.value)
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            yield from ((k, "value", node.value + more) for more in (1, -1))
            yield k, "value", 2 * node.value
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            yield from ((k, "func", new) for new in CALLS.get(called, ()))
            if len(node.args) == 1 and called in CALLS:
                yield k, "uncalled", None
        if isinstance(node, ast.Attribute) and node.attr == "T":
            yield k, "untransposed", None
        if isinstance(node, ast.Slice) and (node.lower is None) != (node.upper is None):
            yield k, "other end", None


def changed(tree, k, what, new):
    """Return a copy of the tree with one change, and the line that was changed."""
    tree = copy.deepcopy(tree)
    node = list(ast.walk(tree))[k]
    instead = node
    if what == "op":
        node.op = new()
    elif what == "ops":
        node.ops = [new()]
    elif what in ("id", "value"):
        setattr(node, what, new)
    elif what == "func":
        node.func = ast.parse(new, mode="eval").body
    elif what == "side":
        instead = getattr(node, new)
    elif what == "minus":
        instead = ast.UnaryOp(ast.USub(), node)
    elif what == "uncalled":
        instead = node.args[0]
    elif what == "untransposed":
        instead = node.value
    else:
        node.lower, node.upper = node.upper, node.lower
    if instead is not node:
        for parent in ast.walk(tree):
            for field, value in ast.iter_fields(parent):
                if value is node:
                    setattr(parent, field, copy.copy(instead) if what == "minus" else instead)
                elif isinstance(value, list) and node in value:
                    value[value.index(node)] = instead
    return tree, node.lineno


def mutant(form, number, change):
    """Return the text of a mutant, with only the changed line written anew, and that line."""
    tree, line = changed(ast.parse(form.text), *change)
    mutated = next(
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt)
        and node.lineno == line
        and not isinstance(node, ast.FunctionDef)
    )
    lines = form.text.splitlines()
    indent = re.match(" *", lines[line - 1])[0]
    lines[line - 1] = indent + ast.unparse(ast.fix_missing_locations(mutated)).splitlines()[0]
    return "\n".join(lines) + "\n", line


def said(name, function):
    """Return the error of a check, or None."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            check(name, function)
        except CheckError as error:
            return error
    return None


def outside(error, name):
    """Return whether values are wrong, and no known mistake fits."""
    known = {mistake.name for mistake in MISTAKES[name]}
    found = set(re.split(r" or | \+ ", error.mistake))
    return any(item.wrong for item in error.items) and not found & known


def pointed(form, line, error):
    """Return "rightly", "wrongly", or "" where a check points at nothing."""
    said = " ".join(error.message.split())
    value, place = VALUE.search(said), LINE.search(said)
    if not value and RETURN not in said:
        return ""
    named = (value[1] or value[2]) if value else "return"
    return (
        "rightly" if named in form.values(line) or (place and place[1] == str(line)) else "wrongly"
    )


def mutants(number, seed=15):
    """Yield form, text, line and error of mutants outside the bank, as many in each style."""
    rng = random.Random(seed)
    waiting = {style: [] for style in STYLES}
    for form in forms():
        some = list(changes(ast.parse(form.text)))
        # As many of each function as of any other.
        rng.shuffle(some)
        waiting[form.style] += [(k, rng.random(), form, change) for k, change in enumerate(some)]
    for style, all_of_it in waiting.items():
        wanted = number // 3 + (STYLES.index(style) < number % 3)
        for _, _, form, change in sorted(all_of_it, key=lambda one: one[:2]):
            if not wanted:
                break
            try:
                text, line = mutant(form, number, change)
                if re.search(r"(\w+)\.append\(\1\)", text):
                    continue  # of a list in itself, NumPy would make gigabytes
                error = said(form.name, made(form.name, text))
            except (SyntaxError, StopIteration):
                continue
            if error and outside(error, form.name):
                wanted -= 1
                yield form, text, line, error


def table(number, listed=False):
    """Print the table; return the shares of those pointed at, and of these that are rightly."""
    counts = {style: Counter() for style in STYLES}
    for form, text, line, error in mutants(number):
        how = pointed(form, line, error)
        counts[form.style][how] += 1
        if listed and how != "rightly":
            changed_line = text.splitlines()[line - 1].strip()
            print(f"{how or 'nothing'}: {form.style}, {form.name}, line {line}: {changed_line}")
            print(textwrap.indent(error.message, "    "))
    print(f"{'mutants outside the bank':26} mutants  pointed at  of these rightly")
    for style, found in [*counts.items(), ("together", sum(counts.values(), Counter()))]:
        points = found["rightly"] + found["wrongly"]
        shares = points / max(found.total(), 1), found["rightly"] / max(points, 1)
        print(f"{style:26} {found.total():7} {shares[0]:11.1%} {shares[1]:17.1%}")
    return shares


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    most, right = table(*numbers or [500], listed="--list" in sys.argv)
    sys.exit(0 if most >= 0.6 and right >= 0.9 else 1)
