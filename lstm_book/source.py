"""Source shown in a chapter, taken from the code that runs."""

import inspect
import re

from IPython.display import Markdown

_DOCSTRING = re.compile(r' +""".*?"""\n', re.DOTALL)


def code(*functions):
    """Show the source of functions, without their docstrings."""
    sources = [_DOCSTRING.sub("", inspect.getsource(function), count=1) for function in functions]
    return Markdown("```python\n" + "\n\n".join(sources) + "```")
