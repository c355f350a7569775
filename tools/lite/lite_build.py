"""Build the site of `make lite`: JupyterLite with Pyodide, the assignments and our packages.

Run by the Makefile with the Python of .lite/venv. The site loads nothing from elsewhere.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from string import Template

from lite_pyodide import LOCK, WANTED, NoPyodideError, add_wheel, run, unpack
from lite_site import (
    PACKAGES,
    ROOT,
    SITE,
    STAMP,
    fingerprint,
    notebooks,
    runs_in_browser,
    title,
    why_not,
)

HERE = ROOT / "tools/lite"
PAGES = HERE / "pages"
PYODIDE = "static/pyodide"
KERNEL = "@jupyterlite/pyodide-kernel-extension"
# For pip: wheels of Python alone, with the hashes that kernel.txt names.
IN_BROWSER = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--implementation", "py"]
IN_BROWSER += ["--python-version", "3.14", "--abi", "none", "--platform", "any"]
# What the kernel wants before it runs a cell. Named here, Pyodide loads them side by side;
# else the kernel installs them one after the other.
KERNEL_PACKAGES = ["ipykernel", "comm", "pyodide-kernel", "jedi", "ipython", "micropip", "piplite"]
SETTINGS = {
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},  # the page around it saves
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}
CONFIG = {
    "appName": "LSTM Gate by Gate",
    "exposeAppInBrowser": True,  # the page around the notebook saves and downloads it
    "settingsOverrides": SETTINGS,
    "disabledExtensions": [
        "@jupyterlite/application-extension:service-worker-manager",  # for files and input()
    ],
}


def main():
    """Build the site; return an exit status: 3 if Pyodide cannot be had."""
    if not why_not():
        return 0
    with tempfile.TemporaryDirectory(dir=ROOT / ".lite") as scratch:
        scratch = Path(scratch)
        (scratch / "files").mkdir()
        (scratch / "pyodide").mkdir()
        assignments = {s: path for s, path in notebooks().items() if runs_in_browser(path)}
        for notebook in assignments.values():
            shutil.copy(notebook, scratch / "files")
        try:
            build_pyodide(scratch, scratch / "pyodide")
        except NoPyodideError as error:
            print(f"No exercises in the browser: {error}", file=sys.stderr)
            return 3
        site = scratch / "site"
        build_jupyterlite(scratch, site)
        shutil.copytree(scratch / "pyodide", site / PYODIDE)
        write_pages(site, assignments)
        (site / STAMP).write_text(fingerprint(), "utf-8")
        shutil.rmtree(SITE, ignore_errors=True)
        site.rename(SITE)
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file())
    print(f"Exercises for the browser: {', '.join(assignments)} ({size / 2**20:.0f} MiB)")
    return 0


def build_pyodide(scratch, target):
    """Put Pyodide together, with our packages and the kernel's in its lock file."""
    lock = unpack(os.environ.get("PYODIDE_DIST", ""), WANTED, target)
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
    wheels = scratch / "wheels"
    run([*pip, "wheel", "--no-deps", "-w", str(wheels / "ours"), str(ROOT)])
    run([*pip, "download", *IN_BROWSER, "-d", str(wheels), "-r", str(HERE / "kernel.txt")])

    imported = [add_wheel(lock, wheel, target) for wheel in sorted(wheels.glob("*.whl"))]
    kernel = next(Path(sys.prefix).glob(f"share/jupyter/labextensions/{KERNEL}/static/pypi"))
    for name, depends in ("ipykernel", []), ("piplite", []), ("pyodide_kernel", imported):
        add_wheel(lock, next(kernel.glob(f"{name}-*.whl")), target, depends=depends)
    [wheel] = (wheels / "ours").glob("lstm_course-*.whl")
    add_wheel(lock, wheel, target, imports=PACKAGES, depends=["numpy"])
    (target / LOCK).write_text(json.dumps(lock), "utf-8")


def build_jupyterlite(scratch, site):
    """Let jupyterlite-core write the notebook application and the list of files."""
    options = {
        "apps": ["notebooks"],
        "contents": ["files"],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "output_dir": str(site),
    }
    kernel = {
        "pyodideUrl": f"./{PYODIDE}/pyodide.mjs",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {"packages": [*KERNEL_PACKAGES, "numpy"]},
    }
    config = CONFIG | {"litePluginSettings": {f"{KERNEL}:kernel": kernel}}
    whole = {"jupyter-lite-schema-version": 0, "jupyter-config-data": config}
    (scratch / "jupyter_lite_config.json").write_text(json.dumps({"LiteBuildConfig": options}))
    (scratch / "jupyter-lite.json").write_text(json.dumps(whole))
    done = subprocess.run(
        [Path(sys.prefix) / "bin/jupyter-lite", "build"],
        cwd=scratch,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"jupyter lite build failed:\n{done.stdout}{done.stderr}")


def write_pages(site, assignments):
    """Write the page around each notebook, and what live cells run in."""
    template = Template((PAGES / "assignment.html").read_text("utf-8"))
    for slug, notebook in assignments.items():
        page = template.substitute(slug=slug, title=title(notebook))
        (site / f"{slug}.html").write_text(page, "utf-8")
    for path in PAGES.iterdir():
        if path.suffix != ".html":
            shutil.copy(path, site)


if __name__ == "__main__":
    sys.exit(main())
