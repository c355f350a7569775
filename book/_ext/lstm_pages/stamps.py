"""What pages are made of besides their text: Sphinx notices when it changes, and makes them anew.

Two settings that nobody sets hold a hash each. When extensions change, every page is read again,
from the cache of what cells computed; when only styles, scripts or templates change, every page
is written again.
"""

import hashlib
from pathlib import Path

CODE = ["book/_ext/**/*.py", "tools/lite/*.py"]
LOOKS = ["book/_static/**/*", "book/_ext/**/*.html", "book/_ext/**/*.mjs", "tools/lite/page/*"]
FROM_NPM = ["katex", "minisearch", "purgecss", "svgo", "@fontsource/*"]
LOOKS += [f"node_modules/{name}/package.json" for name in FROM_NPM]


def setup(app):
    """Register the settings."""
    app.add_config_value("stamp_of_code", "", "env", [str])
    app.add_config_value("stamp_of_looks", "", "html", [str])
    app.connect("config-inited", stamp)


def stamp(app, config):
    """Set both, before Sphinx compares its settings with those of the last build."""
    config.stamp_of_code = digest(Path(app.srcdir), CODE)
    config.stamp_of_looks = digest(Path(app.srcdir), LOOKS)


def digest(root, patterns):
    """Return a hash of the names and contents of files."""
    total = hashlib.sha256()
    for path in sorted(path for pattern in patterns for path in root.glob(pattern)):
        if path.is_file():
            total.update(f"{path.relative_to(root)}\0{path.stat().st_size}\0".encode())
            total.update(path.read_bytes())
    return total.hexdigest()
