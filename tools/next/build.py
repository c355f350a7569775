"""Build the book with the newest Sphinx, MyST and theme: a way off Jupyter Book 1.x, kept open.

Run by `make next` with the Python of .next, after `make book`: it takes the settings that Jupyter
Book makes of _config.yml, and what cells wrote from the book's cache.
"""

import runpy
import shutil
import subprocess
import sys
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "_build/next"


def settings():
    """Return Sphinx's settings, as Jupyter Book writes them into a conf.py."""
    OUT.mkdir(exist_ok=True)
    config = shutil.copy(ROOT / "_config.yml", OUT)
    jupyter_book = [ROOT / ".venv/bin/jupyter-book", "config", "sphinx", ROOT, "--config", config]
    subprocess.run(jupyter_book, check=True, stdout=subprocess.DEVNULL)
    conf = {k: v for k, v in runpy.run_path(str(OUT / "conf.py")).items() if k[0] != "_"}
    conf["extensions"].remove("jupyter_book")  # it only declares settings: this, and one of
    del conf["use_jupyterbook_latex"]  # sphinx_external_toc
    conf["nb_execution_cache_path"] = str(ROOT / "_build/.jupyter_cache")
    conf["nitpicky"] = True
    return conf


def main():
    """Build all pages anew; a warning is an error."""
    conf = settings()
    sys.path += [str(ROOT / "book/_ext"), str(ROOT / "tools/lite")]
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            *(ROOT, None, OUT / "html", OUT / ".doctrees", "html", conf),
            freshenv=True,
            warningiserror=True,
        )
        app.build(force_all=True)
    print(f"The book, as it would be: {OUT}/html/index.html")
    return app.statuscode


if __name__ == "__main__":
    sys.exit(main())
