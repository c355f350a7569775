"""Run chapters, as many at once as there are cores, into the book's cache.

    python tools/execute.py book/gates.md book/cell.md

The build then finds them there; by itself it would run one after another. A
chapter that fails is left to the build, which says where and why.
"""

import logging
import os
import sys
from pathlib import Path

import yaml
from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor

sys.path.insert(0, "book/_ext")
import whole_streams


def main(pages):
    """Run those of the pages that have cells which are not in the cache."""
    whole_streams.setup(None)  # or what a cell prints is cut, which the build cannot mend
    cache = get_cache("_build/.jupyter_cache")
    reader = {"type": "plugin", "name": "myst_nb_md"}
    with_cells = [page for page in pages if "{code-cell}" in Path(page).read_text()]
    uris = [cache.add_nb_to_project(page, read_data=reader).uri for page in with_cells]
    changed = [record.uri for record in cache.list_unexecuted(filter_uris=uris)]
    if changed:
        names = ", ".join(Path(uri).stem for uri in changed)
        print(f"Running, at most {os.cpu_count()} at a time: {names}", flush=True)
        timeout = yaml.safe_load(Path("_config.yml").read_text())["execute"]["timeout"]
        executor = load_executor("local-parallel", cache, logging.getLogger("quiet"))
        executor.run_and_cache(filter_uris=changed, timeout=timeout)


if __name__ == "__main__":
    main(sys.argv[1:])
