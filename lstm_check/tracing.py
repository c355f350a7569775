"""The first value of the right computation that a student's function does not come across.

The function is run once more with each of its expressions looked at, wherever its text can be
had: in a student's own notebook, not where work is graded. What it computes is compared with
what stands in the named lines of the right function. A value in question is then put in, line by
line: where all that follows comes out right, that line is said.
"""

import ast
import contextlib
import inspect
import io
import textwrap
import warnings

import numpy as np

from lstm_check.behaviour import arrays, copied, is_numeric
from lstm_check.lines import Runner

_MOST = 20_000  # expressions that are looked at in one run
_FIXES = 40  # runs in which a right value is put in
_RETURN = "return"
_WORDS = {
    "hx": "the stacked input",
    "a": "the product of weights and input",
    "z": "the pre-activation",
    "f": "the forget gate",
    "i": "the input gate",
    "o": "the output gate",
    "c_tilde": "the candidate",
    "kept": "what is kept of the old cell state",
    "written": "what is written",
    "c_t": "the new cell state",
    "shown": "what the cell state shows",
    "h_t": "the new hidden state",
    "tanh_c": "tanh of the cell state",
    "dhx": "the gradient of the stacked input",
    "dh_now": "the whole gradient of a step's hidden state",
    "grads": "the gradients of a step",
    "dh_t": "the gradient of h that goes on to the step before",
    "dc_t": "the whole gradient of the cell state",
    "norm": "the norm",
    "scale": "the factor",
    "b": "the bias",
    "e": "the exponential",
    "r": "what ReLU leaves",
    "speech": "the rows with speech",
    "silence": "the rows without speech",
    "higher": "which one of each pair is higher",
    "lengths": "how many steps each sequence has",
    "waited": "how many epochs have passed since the best one",
}
_WORDS |= {
    f"dz_{gate}": f"the gradient of the pre-activation of {name}"
    for gate, name in {"f": "f", "i": "i", "c": "c_tilde", "o": "o"}.items()
}
_WORDS |= {
    f"d{name}": f"the gradient of {name}"
    for name in ("x_t", "h_prev", "c_prev", *(f"{kind}_{gate}" for kind in "Wb" for gate in "fico"))
}


def first_missing(function, parts, exercise, arguments, is_right):
    """Return a sentence on the first value that a function does not come across, and its line.

    Both are "" if nothing can be said.

    Parameters
    ----------
    function : callable
        The student's.
    parts : dict of callable
        Right ones, in place of the student's own that it calls.
    exercise : Exercise
    arguments : dict
    is_right : callable
        ``is_right(result)`` returns whether a result is right.
    """
    watched = _Watched.of(inspect.unwrap(function), parts)
    if not watched or not exercise.source:
        return "", ""
    watched.run(arguments)
    if watched.left < 0:  # too much to be looked at
        return "", ""
    fixes = min(_FIXES, 2 * _MOST // (_MOST - watched.left + 1))
    right = _Noting(exercise.source, arguments)
    # Where that value is made, or one that it is made of: it may be there, and not be used.
    missing, *reads = right.missing(watched.finds) or ["", *right.values]
    # Whole numbers and yes or no come out right by chance.
    tried = [
        (k, name)
        for name in (missing, *reads)
        if name in right.values and right.returns_floats
        for k in watched.places(right.values[name])
    ]
    head = f"the first value we do not find is {_said(missing)}"
    for k, name in sorted(tried, key=lambda one: watched.nodes[one[0]].lineno)[:fixes]:
        if is_right(watched.run(arguments, k, right.values[name])):
            said = f"with the right {_said(name)}"
            if name == missing:
                said = f"{head}. With the right one"
            return f"{said} in {watched.line(k)}, all that follows comes out right", name
    if missing:
        return head, missing
    return (
        "every value on the way is there; look at how they are put together and returned",
        _RETURN,
    )


def _said(name):
    return f"{name}, {_WORDS[name]}" if name in _WORDS else name


class _Noting(Runner):
    """Keeps what each line of the right function sets, and what these lines read."""

    def __init__(self, source, arguments):
        self.values, self.events = {}, {}
        self.given = _numbers(arguments)
        super().__init__(source, arguments)
        with np.errstate(all="ignore"):
            self._run(source.lines[-1:], {}, *map(dict, self.before[-1]))

    def _once(self, variant, what, compute, space, versions):
        number, result = super()._once(variant, what, compute, space, versions)
        if variant.loop and what == "value":
            return number, result
        sets = result if what == "code" else {_RETURN: result}
        for name, value in sets.items():
            if is_numeric(value):
                self.values.setdefault(name, []).append(np.array(value, float))
        made = [(name, leaf) for name, value in sets.items() for leaf in _numbers(value)]
        reads = [name for name in variant.reads if name not in sets]
        before = [versions.get(name) for name in variant.reads]
        collects = not all(map(is_numeric, sets.values())) and not {*variant.reads}.isdisjoint(sets)
        self.events[number] = made, reads, before, collects
        return number, result

    @property
    def _result(self):
        """The arrays that are returned."""
        return [leaf for _, leaf in next(reversed(self.events.values()))[0]]

    @property
    def returns_floats(self):
        """Whether there is a number in the result that could not be right by chance."""
        return not all((leaf == np.round(leaf)).all() for leaf in self._result)

    def missing(self, finds):
        """Return the name of the first value that is not found and what it is made of, or None."""
        given = np.concatenate([[0, 1], *map(np.ravel, self.given)])
        # To put given numbers side by side is a way to do it, if it is not all there is to do.
        arranges = all(np.isin(leaf, given).all() for leaf in self._result)

        def tells(leaf):
            if not arranges or np.isin(leaf, [0, 1]).all():
                return not np.isin(leaf, given).all()
            return not any(np.array_equal(leaf, one) for one in self.given)

        lacks, known = [], set()
        for number, (made, reads, before, collects) in reversed(self.events.items()):
            telling = [(name, leaf) for name, leaf in made if tells(leaf)]
            lacking = [name for name, leaf in telling if not finds(leaf)]
            # What comes out right behind it need not be there itself.
            if number in known or (telling and not lacking):
                known |= {*before}
            # Of h_t and c_t, say, c_t: it is made first.
            elif lacking and lacking[-1] != _RETURN:
                lacks.append((collects, [lacking[-1], *reads]))
        # What is collected over the steps may be collected otherwise, as long as the end is right.
        found = [names for collects, names in lacks if not collects] or [n for _, n in lacks[:1]]
        return found[-1] if found else None


def _numbers(value):
    """Return the arrays in a value, and its numbers, as arrays."""
    return [leaf.astype(float) for _, leaf in arrays(value) if leaf.size]


class _Watched:
    """A student's function, each of whose expressions is looked at."""

    def __init__(self, function, parts, text):
        tree = ast.parse(text)
        marked = _Mark()
        tree.body[0] = marked.visit(tree.body[0])
        self.nodes, self.texts = marked.nodes, text.splitlines()
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        space = function.__globals__ | {name: cell.cell_contents for name, cell in cells}
        self.space = space | parts | {"_see": self._see}
        exec(compile(ast.fix_missing_locations(tree), "<watched>", "exec"), self.space)
        self.function = self.space[tree.body[0].name]
        self.seen, self.rows = {}, {}

    @classmethod
    def of(cls, function, parts):
        """Return it, or None if the text cannot be had, or is not that of a plain function."""
        try:
            text = textwrap.dedent(inspect.getsource(function))
            return cls(function, parts, text) if text.startswith("def ") else None
        except (OSError, TypeError, SyntaxError, ValueError, NameError):
            return None

    def run(self, arguments, node=None, values=()):
        """Return the result, or None; `values` are put in for those of one expression."""
        self.keep = node is None
        self.instead, self.left = {}, _MOST
        if node is not None:
            self.instead[node] = iter(self._pieces(node, values))
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with contextlib.redirect_stdout(io.StringIO()):  # it has been printed once
                    return self.function(*copied(arguments).values())
        except Exception:
            return None

    def _see(self, k, value):
        self.left -= 1
        if self.left < 0:
            raise RecursionError
        for at, leaf in arrays(value) if self.keep else ():
            self.seen.setdefault((k, at), []).append(leaf.astype(float))
        return next(self.instead[k], value) if k in self.instead else value

    def finds(self, value):
        """Return whether some expression has this value, as a whole or piece by piece."""
        rows = self._rows(value.size)
        return any(_near(rows, flat, axis=1).any() for flat in (value.ravel(), value.T.ravel()))

    def _rows(self, size):
        """Return all that was seen with so many numbers, a row each; of loops, also joined."""
        if size not in self.rows:
            found = [np.zeros((0, size))]
            for seen in self.seen.values():
                found += [one.reshape(1, -1) for one in seen if one.size == size]
                small = [one.ravel() for one in seen if one.size < size]
                if len(small) > 1:
                    flat = np.concatenate(small)
                    found.append(flat[: flat.size // size * size].reshape(-1, size))
            self.rows[size] = np.concatenate(found)
        return self.rows[size]

    def places(self, values):
        """Return the expressions in whose place the values could stand, where others do."""
        for (k, at), seen in self.seen.items():
            if at == "" and not isinstance(self.nodes[k], ast.Name):
                pieces = self._pieces(k, values)
                if pieces and not all(map(_near, seen, pieces)):
                    yield k

    def _pieces(self, k, values):
        """Return the values cut as an expression has them, one for each time; [] if none fit."""
        seen = self.seen[k, ""]
        shapes = [one.shape for one in seen]
        for pieces in (values, [value.T for value in values]):
            if [one.shape for one in pieces] == shapes:
                return pieces
        sizes = np.cumsum([one.size for one in seen])
        if len(values) > 1 or sizes[-1] != values[0].size or len(seen) == 1:
            return []
        cut = np.split(values[0].ravel(), sizes[:-1])
        return [part.reshape(shape)[()] for part, shape in zip(cut, shapes, strict=True)]

    def line(self, k):
        """Return the line of an expression, as messages say it."""
        number = self.nodes[k].lineno
        return f"line {number}, {textwrap.shorten(self.texts[number - 1].strip(), 60)}"


def _near(a, b, axis=None):
    """Return whether arrays are about the same, all of them or along an axis."""
    return (abs(a - b) <= 1e-9 + 1e-6 * abs(b)).all(axis)


class _Mark(ast.NodeTransformer):
    """Puts each expression that computes something into a call of ``_see``."""

    def __init__(self):
        self.nodes = []

    def generic_visit(self, node):
        """Go into all parts, but for what is no value."""
        if isinstance(node, ast.JoinedStr | ast.arguments):
            return node
        super().generic_visit(node)
        kinds = ast.BinOp | ast.Call | ast.Subscript | ast.Name | ast.UnaryOp | ast.IfExp
        if isinstance(node, kinds | ast.Attribute | ast.ListComp | ast.Tuple):
            if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
                return ast.copy_location(self._seen(node, node), node)
        return node

    def visit_AugAssign(self, node):
        """Look at what += and the like make of a variable."""
        self.generic_visit(node)
        if not isinstance(node.target, ast.Name):
            return node
        name = node.target.id
        value = self._seen(ast.Name(name, ast.Load()), node)
        return [node, ast.copy_location(ast.Assign([ast.Name(name, ast.Store())], value), node)]

    def _seen(self, node, place):
        self.nodes.append(place)
        number = ast.Constant(len(self.nodes) - 1)
        return ast.Call(ast.Name("_see", ast.Load()), [number, node], [])
