"""What cells wrote: in one block, and on the page as soon as they ran again.

A kernel sends printed text in pieces, cut wherever a timer falls, and each piece would be a block
of its own. myst-nb's nb_merge_streams joins them, but adds a blank line where a piece ends within
a line. nbclient joins them right; myst-nb has no setting that asks it to.
"""

from datetime import UTC
from functools import partialmethod

from jupyter_cache import get_cache
from nbclient import NotebookClient


def ran_again(app, env, added, changed, removed):
    """Read a page again when its cells ran after it was read: `make` runs them before the build."""
    records = get_cache(app.env.mystnb_config.execution_cache_path).list_cache_records()
    ran = {record.uri: record.created.replace(tzinfo=UTC).timestamp() for record in records}
    return [
        page
        for page, read in env.all_docs.items()
        if ran.get(str(env.doc2path(page)), 0) > read / 1e6
    ]


def setup(app):
    """Turn nbclient's option on before the first notebook runs."""
    NotebookClient.__init__ = partialmethod(NotebookClient.__init__, coalesce_streams=True)
    app.connect("env-get-outdated", ran_again)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
