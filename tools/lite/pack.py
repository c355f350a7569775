"""Wheels for Python in the page: with compiled modules, without what no page needs.

Run by pack.mjs, inside Pyodide: modules must be compiled by the Python that imports them.
"""

import fnmatch
import importlib._bootstrap_external as bootstrap
import json
import sys
import zipfile
from pathlib import Path

SITE = "/lib/python3.14/site-packages"

# What page/cells.py imports, and what unpacks wheels.
ALSO = ["rlcompleter", "linecache", "logging", "traceback", "ast", "io", "html", "types", "base64"]
ALSO += ["zipfile", "shutil", "tarfile", "tempfile", "pyodide._package_loader", "pyodide.code"]

OURS = ["lstm_course-*", "lstm_book-*"]  # these keep their source, which pages show
THEIRS = {
    "numpy-*": [
        *("*/tests/*", "*.pyi", "*.pxd", "*.a", "*.h", "*/conftest.py", "numpy/f2py/*"),
        *("numpy/distutils/*", "numpy/_pyinstaller/*", "*_tests.cpython*", "numpy/_core/lib/*"),
        "numpy/_core/_simd.*",
    ],
    "matplotlib-*": [
        *("*/tests/*", "*.pyi", "*/sample_data/*", "*/afm/*", "*/pdfcorefonts/*", "*/images/*"),
        *("*/web_backend/*", "*/STIX*.ttf", "*/DejaVuSerif*.ttf", "*/DejaVuSansMono*.ttf"),
        *("matplotlib/backends/backend_[!ams]*", "matplotlib/backends/qt_editor/*"),
        "matplotlib/fontlist.json",  # write_font_list writes it
    ],
    "pillow-*": ["*.pyi", "PIL/_avif*", "PIL/_webp*", "PIL/_imagingcms*", "PIL/_imagingtk*"],
    **{f"{name}-*": [] for name in ("contourpy", "cycler", "kiwisolver", "packaging", "pyparsing")},
    **{f"{name}-*": [] for name in ("python_dateutil", "six")},
}


def pack_wheels(source, target):
    """Write the wheels that a page may load."""
    Path(target).mkdir()
    for wheel in sorted(Path(source).glob("*.whl")):
        for pattern in [*OURS, *THEIRS]:
            if fnmatch.fnmatch(wheel.name, pattern):
                pack(wheel, Path(target) / wheel.name, THEIRS.get(pattern), pattern in OURS)


def pack(wheel, target, without, with_source):
    """Write one wheel with its modules compiled."""
    kept = zipfile.ZipFile(wheel)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name in kept.namelist():
            if any(fnmatch.fnmatch(name, pattern) for pattern in without or []):
                continue
            data = kept.read(name)
            if not name.endswith(".py") or with_source:
                packed.writestr(name, data)
            if name.endswith(".py"):
                code = compile(data, f"{SITE}/{name}", "exec", dont_inherit=True)
                packed.writestr(*compiled(name, code, with_source))


def compiled(name, code, with_source):
    """Return the name and the bytes of a compiled module."""
    if not with_source:
        return name + "c", bytes(bootstrap._code_to_timestamp_pyc(code))
    folder, _, module = name.rpartition("/")
    tag = sys.implementation.cache_tag
    name = f"{folder}/__pycache__/{module.removesuffix('.py')}.{tag}.pyc"
    unchecked = bootstrap._code_to_hash_pyc(code, b"\0" * 8, checked=False)
    return name, bytes(unchecked)


def imported(names):
    """Return what importing these, and running cells, imports of what every Python has."""
    before = set(sys.modules) - {"zipfile", "shutil", "tarfile", "fnmatch", "pathlib"}
    for name in [*names, *ALSO]:
        __import__(name)
    new = set(sys.modules) - before
    there = sys.stdlib_module_names | {"pyodide"}
    return sorted(name for name in new if name.partition(".")[0] in there)


def write_font_list(folder):
    """Put into Matplotlib's wheel which fonts it has: it would look for all of them, and long."""
    import matplotlib.font_manager as fonts

    [wheel] = Path(folder).glob("matplotlib-*.whl")
    with zipfile.ZipFile(wheel, "a", zipfile.ZIP_DEFLATED) as packed:
        there = {Path(name).name for name in packed.namelist()}
        for found in (fonts.fontManager.ttflist, fonts.fontManager.afmlist):
            found[:] = [font for font in found if Path(font.fname).name in there]
        text = json.dumps(fonts.fontManager, cls=fonts._JSONEncoder)
        packed.writestr("matplotlib/fontlist.json", text)
