"""Source shown in a chapter, taken from the code that runs."""

import inspect
import re

from IPython.display import Markdown

_DOCSTRING = re.compile(r' +""".*?"""\n', re.DOTALL)


def code(function, since=None):
    """Show the source of a function, without its docstring, and without what stands before the
    line that begins with `since`: checks of what was given.
    """
    source = _DOCSTRING.sub("", inspect.getsource(function), count=1)
    if since is not None:
        head, body = source.split("\n", 1)
        source = f"{head}\n    # … checks\n\n" + body[body.index(f"    {since}") :]
    return Markdown(f"```python\n{source}```")
