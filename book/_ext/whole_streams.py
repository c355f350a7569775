"""Keeps what a cell prints in one block.

A kernel sends printed text in pieces, cut wherever a timer falls, and each piece would be a block
of its own. myst-nb's nb_merge_streams joins them, but adds a blank line where a piece ends within
a line. nbclient joins them right; myst-nb has no setting that asks it to.
"""

from functools import partialmethod

from nbclient import NotebookClient


def setup(app):
    """Turn nbclient's option on before the first notebook runs."""
    NotebookClient.__init__ = partialmethod(NotebookClient.__init__, coalesce_streams=True)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
