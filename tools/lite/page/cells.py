"""Runs cells as a notebook would: prints, values, figures, errors. Executed in the worker."""

import ast
import html
import linecache
import logging
import os
import re
import rlcompleter
import sys
import traceback
import types

from page import say
from pyodide.code import eval_code_async, find_imports

os.environ["MPLBACKEND"] = "agg"
os.environ.setdefault("COLUMNS", "76")
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # some fonts are left out
spaces = {}  # variables, by page or assignment


def space(name):
    """Return the variables of a page or an assignment."""
    return spaces.setdefault(name, {"__name__": "__main__", "__builtins__": __builtins__})


def forget(name):
    """Begin a page or an assignment anew."""
    spaces.pop(name, None)


def part(code, only):
    """Return the statements of a cell at some places; all of it by default."""
    if only is None:
        return code
    lines, statements = code.splitlines(), ast.parse(code).body
    taken = []
    for statement in (statements[place] for place in only):
        first = min(one.lineno for one in [statement, *getattr(statement, "decorator_list", [])])
        taken += lines[first - 1 : statement.end_lineno]
    return "\n".join(taken)


def needed(code, only=None):
    """Return what has to be loaded before the code can run."""
    try:
        names = {name.partition(".")[0] for name in find_imports(part(code, only))}
    except SyntaxError:
        return []
    return ["matplotlib"] if names & {"matplotlib", "lstm_book"} else []


async def run(name, code, where, quiet, only=None):
    """Run one cell, or some of its statements; return whether it went well.

    A quiet one shows nothing; a part of a cell shows errors only.
    """
    code, quiet = part(code, only), quiet or only is not None
    filename = f"<{name}>"
    linecache.cache[filename] = (len(code), None, code.splitlines(keepends=True), filename)
    variables = space(where)
    kept = sys.stdout, sys.stderr
    if quiet:
        sys.stdout = sys.stderr = open(os.devnull, "w")
    try:
        value = await eval_code_async(code, globals=variables, filename=filename)
        if value is not None and not quiet:
            variables["_"] = value
            display(value)
        return True
    except BaseException as error:
        if not quiet or only is not None:
            sys.stdout.flush()
            say("error", told(error, filename))
            if below := getattr(error, "_repr_html_", str)():
                say("html", below)
        return False
    finally:
        if quiet:
            sys.stdout.close()
            sys.stdout, sys.stderr = kept
        draw(quiet)


def told(error, filename):
    """Return what a reader sees of an error: its own words, or the lines of cells."""
    if hasattr(error, "_render_traceback_"):
        return "\n".join(error._render_traceback_())
    story = traceback.TracebackException.from_exception(error)
    for one in (story, story.__cause__, story.__context__):
        if one:
            ours = [frame for frame in one.stack if re.match("<(?!frozen)", frame.filename)]
            one.stack = traceback.StackSummary.from_list(ours)
    text = "".join(story.format())
    return text.replace(f'File "{filename}"', "In this cell").replace('File "<', 'File "').strip()


def draw(quiet):
    """Show the figures that are open, and close them."""
    plt = sys.modules.get("matplotlib.pyplot")
    if not plt:
        return
    for number in plt.get_fignums():
        figure = plt.figure(number)
        if not quiet:
            from lstm_book.svg import to_svg

            draw.count += 1
            say("html", to_svg(figure, f"drawn-{draw.count}", "The figure that this cell draws."))
        plt.close(figure)


draw.count = 0


def complete(text, where):
    """Return what could stand at the end of `text`: names, or attributes of a name."""
    word = re.search(r"[\w.]*$", text)[0]
    completer = rlcompleter.Completer(space(where))
    try:
        found = completer.attr_matches(word) if "." in word else completer.global_matches(word)
    except Exception:
        return []
    names = {match.rstrip("( ").rpartition(".")[2] for match in found}
    wanted = word.rpartition(".")[2].startswith("_")
    return sorted(name for name in names if name and (wanted or not name.startswith("_")))


# Cells show things through IPython, which is not here: as much of it as they use.
KINDS = {
    "text/html": "html",
    "image/svg+xml": "html",
    "image/png": "png",
    "text/markdown": "text",
    "text/plain": "text",
}
METHODS = {
    "text/html": "_repr_html_",
    "image/svg+xml": "_repr_svg_",
    "image/png": "_repr_png_",
    "text/markdown": "_repr_markdown_",
}


def display(*values, raw=False, **options):
    """Show values in their richest form that a page can show."""
    for value in values:
        bundle = value if raw else forms(value)
        kind = next(kind for kind in KINDS if bundle.get(kind) is not None)
        data = bundle[kind]
        if kind == "text/markdown" and data.lstrip().startswith("|"):
            say("html", table(data))
            continue
        if kind == "text/markdown":
            data = re.sub(r"^```\w*\n?", "", data, flags=re.MULTILINE)
        if isinstance(data, bytes):
            import base64

            data = base64.b64encode(data).decode()
        say(KINDS[kind], data if KINDS[kind] != "text" else f"{data}\n")


def table(text):
    """Return a Markdown table as HTML; formulas stay as they are written."""
    rows = [line.strip().strip("|").split("|") for line in text.strip().splitlines()]
    lines = []
    for k, row in enumerate(rows):
        if k != 1:  # the line below the head
            kind = "td" if k else "th"
            row = [f"<{kind}>{html.escape(one.strip())}</{kind}>" for one in row]
            lines.append(re.sub(r"`(.*?)`", r"<code>\1</code>", "".join(row)))
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


def forms(value):
    """Return all forms of a value, by media type."""
    if type(value).__name__ == "Figure" and hasattr(value, "savefig"):
        return {"text/plain": repr(value)}  # it is open, and drawn when the cell ends
    if hasattr(value, "_repr_mimebundle_"):
        found = value._repr_mimebundle_()
        return found[0] if isinstance(found, tuple) else found
    found = {kind: getattr(value, name)() for kind, name in METHODS.items() if hasattr(value, name)}
    return {**found, "text/plain": repr(value)}


def shown_as(kind):
    """Make a class like IPython's HTML: what it is given is shown as `kind`."""

    class Shown:
        def __init__(self, data=None, **options):
            self.data = data

        def _repr_mimebundle_(self):
            return {kind: self.data}

    return Shown


def ipython():
    """Put what cells import from IPython where they look for it."""
    module, shown = types.ModuleType("IPython"), types.ModuleType("IPython.display")
    shown.display = display
    kinds = {"HTML": "text/html", "SVG": "image/svg+xml", "Markdown": "text/markdown"}
    for name, kind in kinds.items():
        setattr(shown, name, shown_as(kind))
    module.display = shown
    module.get_ipython = lambda: None
    module.version_info = (9, 0, 0, "")  # Matplotlib asks
    sys.modules |= {"IPython": module, "IPython.display": shown}


ipython()
