"""Build the site of `make lite`: JupyterLite with Pyodide, the assignments and our packages.

Run by the Makefile with the Python of .lite/venv. The site loads nothing from elsewhere.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from string import Template

import zstandard
from lite_pyodide import LOCK, WANTED, NoPyodideError, add_wheel, remember, run, taken_from, unpack
from lite_site import (
    ROOT,
    SITE,
    STAMP,
    fingerprint,
    for_browser,
    notebooks,
    runs_in_browser,
    title,
    why_not,
)
from lite_text import notebook_text

HERE = ROOT / "tools/lite"
PAGES = HERE / "pages"
PYODIDE = "static/pyodide"  # for the notebook
PYTHON = "static/python"  # for pages
KERNEL = "@jupyterlite/pyodide-kernel-extension"
# For pip: wheels of Python alone, with the hashes that kernel.txt names.
IN_BROWSER = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--implementation", "py"]
IN_BROWSER += ["--python-version", "3.14", "--abi", "none", "--platform", "any"]
# What the kernel wants before it runs a cell. Named here, Pyodide loads them side by side;
# else the kernel installs them one after the other.
KERNEL_PACKAGES = ["ipykernel", "comm", "pyodide-kernel", "jedi", "ipython", "micropip", "piplite"]
SETTINGS = {
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
    "@jupyterlab/docmanager-extension:plugin": {
        "autosave": False,  # the page around it saves
        "lastModifiedCheckMargin": 1e12,  # there is no file that something else could change
    },
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
    if SITE.exists():
        print("What Python in the browser is made of has changed: it is put together again")
    with tempfile.TemporaryDirectory(dir=ROOT / ".lite") as scratch:
        scratch = Path(scratch)
        (scratch / "files").mkdir()
        (scratch / "pyodide").mkdir()
        assignments = {s: path for s, path in notebooks().items() if runs_in_browser(path)}
        for notebook in assignments.values():
            (scratch / "files" / notebook.name).write_text(for_browser(notebook), "utf-8")
        try:
            lock = build_pyodide(scratch, scratch / "pyodide")
        except NoPyodideError as error:
            print(f"No exercises in the browser: {error}", file=sys.stderr)
            return 3
        site = scratch / "site"
        build_jupyterlite(scratch, site)
        loaded = build_python(lock, scratch / "pyodide", site)
        bundle(site)
        shutil.copytree(scratch / "pyodide", site / PYODIDE)
        write_pages(site, assignments)
        (site / STAMP).write_text(fingerprint(), "utf-8")
        shutil.rmtree(SITE, ignore_errors=True)
        site.rename(SITE)
    size = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file())
    print(
        f"Exercises for the browser: {', '.join(assignments)} ({size / 1e6:.0f} MB, of which a "
        f"page loads {loaded / 1e6:.1f} MB before its first cell runs)"
    )
    return 0


def build_pyodide(scratch, target):
    """Put Pyodide together, with our packages and the kernel's in its lock file."""
    release = taken_from(os.environ.get("PYODIDE_DIST", ""))
    lock = unpack(release, WANTED, target)
    remember(release)
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
    wheels = scratch / "wheels"
    shutil.rmtree(ROOT / "build", ignore_errors=True)  # setuptools packs what it once put there
    run([*pip, "wheel", "--no-deps", "-w", str(wheels / "ours"), str(ROOT)])
    run([*pip, "download", *IN_BROWSER, "-d", str(wheels), "-r", str(HERE / "kernel.txt")])

    imported = [add_wheel(lock, wheel, target) for wheel in sorted(wheels.glob("*.whl"))]
    kernel = next(Path(sys.prefix).glob(f"share/jupyter/labextensions/{KERNEL}/static/pypi"))
    for name, depends in ("ipykernel", []), ("piplite", []), ("pyodide_kernel", imported):
        add_wheel(lock, next(kernel.glob(f"{name}-*.whl")), target, depends=depends)
    [whole] = (wheels / "ours").glob("lstm_course-*.whl")
    checks = cut(whole, "lstm_course", ["lstm_ref", "lstm_check"])
    add_wheel(lock, checks, target, imports=["lstm_ref", "lstm_check"], depends=["numpy"])
    figures = cut(whole, "lstm_book", ["lstm_book"])
    add_wheel(lock, figures, target, imports=["lstm_book"], depends=["lstm-course", "matplotlib"])
    (target / LOCK).write_text(json.dumps(lock), "utf-8")
    return lock


def cut(wheel, name, packages):
    """Write a wheel with some of the packages of ours: pages load the figures' only for figures."""
    target = wheel.parent / "cut" / wheel.name.replace("lstm_course", name)
    target.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(wheel) as whole, zipfile.ZipFile(target, "w") as part:
        for item in whole.infolist():
            folder, _, rest = item.filename.partition("/")
            if folder in packages:
                part.writestr(item, whole.read(item))
            elif rest in ("METADATA", "WHEEL"):
                part.writestr(f"{name}-0.dist-info/{rest}", whole.read(item))
    return target


def build_python(lock, pyodide, site):
    """Put together what pages load of Python, so that it starts quickly: see pack.mjs."""
    target = site / PYTHON
    target.mkdir(parents=True)
    run(["npm", "ci", "--prefix", str(HERE), "--ignore-scripts", "--silent", "--no-audit"])
    run(["node", str(HERE / "pack.mjs"), str(pyodide)])
    packed = pyodide / "packed"
    core = ["pyodide.asm.wasm.zst", "pyodide.asm.mjs.zst", "snapshot.bin.zst", "python_stdlib.zip"]
    for name in core:
        plain = (packed if name.startswith("snapshot") else pyodide) / name.removesuffix(".zst")
        data = plain.read_bytes()
        if name.endswith(".zst"):
            data = zstandard.ZstdCompressor(level=19).compress(data)
        (target / name).write_bytes(data)
    groups = {"core": core, "matplotlib": []}
    for wheel in sorted(packed.glob("*.whl")):
        shutil.copy(wheel, target)
        group = "core" if wheel.name.startswith(("numpy-", "lstm_course-")) else "matplotlib"
        groups[group].append(wheel.name)
    shutil.rmtree(packed)
    sizes = {path.name: path.stat().st_size for path in sorted(target.iterdir())}
    hashes = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(target.iterdir())))
    whole = {"stamp": hashes.hexdigest()[:12], "info": lock["info"], "files": sizes, **groups}
    (target / "python.json").write_text(json.dumps(whole), "utf-8")
    return sum(sizes[name] for name in core)


def bundle(site):
    """Let esbuild put each of the pages' scripts into one file."""
    esbuild = HERE / "node_modules/.bin/esbuild"
    scripts = {"main": "page", "worker": "worker", "assignment": "assignment"}
    run(
        [
            *(str(esbuild), "--bundle", "--minify", "--format=esm", "--target=es2022"),
            *("--loader:.py=text", "--external:node:*", "--external:ws", f"--outdir={site}"),
            *("--legal-comments=eof", "--log-level=error", "--supported:top-level-await=true"),
            *(f"{name}={HERE / 'page' / script}.js" for script, name in scripts.items()),
        ]
    )
    shutil.copy(HERE / "page/page.css", site)


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
    """Write the page around each notebook, with its text."""
    loaded = [*(site / PYODIDE).glob("p*"), *(site / PYODIDE).glob("[acdijlnstw]*.whl")]
    size = round(sum(path.stat().st_size for path in loaded) / 1e6)
    template = Template((PAGES / "assignment.html").read_text("utf-8"))
    for slug, notebook in assignments.items():
        text = notebook_text(site / "files" / notebook.name)
        page = template.substitute(slug=slug, title=title(notebook), text=text, size=size)
        (site / f"{slug}.html").write_text(page, "utf-8")
    for path in PAGES.iterdir():
        if path.suffix != ".html":
            shutil.copy(path, site)


if __name__ == "__main__":
    sys.exit(main())
