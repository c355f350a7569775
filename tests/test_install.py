"""What is installed is what is said: packages declare what they import, and work from anywhere."""

import ast
import functools
import http.server
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import tomllib
import zipfile
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).parent / "uv"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
# The extras whose packages each of them may import, besides what all need.
SHIPPED = {
    "lstm_ref": ["torch"],  # only within torch_bridge: tests/ref sees to that
    "lstm_check": [],
    "lstm_grade": ["grade"],
    "lstm_book": ["book"],
    "book/_ext": ["book"],
}
PACKAGES = [place for place in SHIPPED if place.startswith("lstm_")]
TOOLS = ["tools", "tests", "benchmarks"]
POINTS = {
    **{"forget_gate": 5, "input_gate": 5, "candidate": 5, "output_gate": 5},
    **{"cell_state": 6, "hidden_state": 4},
}
PINS = ["requirements.txt", "benchmarks/requirements.txt", "tools/lite/requirements.txt"]


def name_of(requirement):
    """Return the normal form of a requirement's name: "PyYAML==6" is "pyyaml"."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def requirements(*files):
    """Return the lines of files of requirements, without their comments, by name."""
    lines = "\n".join((ROOT / file).read_text("utf-8") for file in files).splitlines()
    wanted = [line.split("#")[0].strip() for line in lines]
    return {name_of(line): line for line in wanted if line}


def imported(place):
    """Return the names of the packages from elsewhere that a folder's files import, and where."""
    providers = importlib.metadata.packages_distributions()
    known = sys.stdlib_module_names | our_modules()
    packages = {}
    for path in sorted((ROOT / place).rglob("*.py")):
        for module in modules(path):
            top, _, rest = module.partition(".")
            names = {name_of(name) for name in providers.get(top, [top])}
            if len(names) > 1:  # a namespace, such as sphinxcontrib
                names &= {f"{top}-{rest.split('.')[0]}"}
            if top not in known:
                packages |= dict.fromkeys(names, path.name)
    return packages


@functools.cache
def our_modules():
    """Return the names under which files of the course import each other."""
    paths = [path for place in [*SHIPPED, *TOOLS] for path in (ROOT / place).rglob("*.py")]
    return {path.stem for path in paths} | {path.parent.name for path in paths} | set(TOOLS)


def modules(path):
    """Return the full names of the modules that a file imports, and of what it takes from them."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_no_module_of_the_course_hides_a_package():
    """Or what is imported below would be ours by name only."""
    assert not {name_of(name) for name in our_modules()} & requirements(*PINS).keys()


@pytest.mark.parametrize("place", SHIPPED)
def test_what_ships_declares_what_it_imports(place):
    declared = [*PROJECT["dependencies"], *(name for e in SHIPPED[place] for name in EXTRAS[e])]
    packages = imported(place)
    assert packages
    # In the page, Pyodide has `js`: the browser around it.
    missing = packages.keys() - {name_of(requirement) for requirement in declared} - {"js"}
    assert not missing, f"not in pyproject.toml: {[(name, packages[name]) for name in missing]}"


@pytest.mark.parametrize("place", TOOLS)
def test_what_tools_import_is_pinned(place):
    packages = imported(place)
    # Pyodide is what runs in the page; npm has it.
    missing = packages.keys() - requirements(*PINS).keys() - {"pyodide"}
    assert not missing, f"not in requirements.txt: {[(name, packages[name]) for name in missing]}"


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_has_the_versions_of_the_requirements(extra):
    pins = requirements("requirements.txt")
    assert {line: pins.get(name_of(line)) for line in EXTRAS[extra]} == {
        line: line for line in EXTRAS[extra]
    }


def test_each_requirement_says_why_it_is_here():
    for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines():
        assert re.match(r"$|#|\S+==\S+ +# \w", line), line


def run(*command, **options):
    """Run a command that has to succeed; return what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, **options)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture
def sandboxed():
    """Make sure that there is a sandbox: without one these tests fail in CI."""
    if not shutil.which("bwrap"):
        missing = "no bubblewrap: on Debian or Ubuntu, apt-get install bubblewrap"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)


@pytest.fixture(scope="module")
def install(tmp_path_factory):
    """Return a function that installs the course, as a user would, in an environment of its own."""
    source = tmp_path_factory.mktemp("source")
    for package in PACKAGES:
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, source / package, ignore=leave)
    for file in "pyproject.toml", "LICENSE":
        shutil.copy(ROOT / file, source)

    @functools.cache
    def install(extras):
        """Return the environment's Python."""
        python = tmp_path_factory.mktemp("environment") / "venv/bin/python"
        run(UV, "venv", "-q", "--python", sys.executable, python.parents[1])
        pins = ["-c", ROOT / "constraints.txt"]
        run(UV, "pip", "install", "-q", "--python", python, *pins, f"{source}{extras}")
        # pip compiles all of it. This is what a sandbox starts with, and cannot compile for itself.
        (numpy,) = python.parents[1].glob("lib/*/site-packages/numpy")
        run(python, "-m", "compileall", "-q", numpy)
        return python

    return install


def test_checks_need_numpy_alone(install, tmp_path):
    """The exercise on gates, solved, with nothing else installed."""
    python = install("")
    packages = json.loads(run(UV, "pip", "list", "--format=json", "--python", python))
    assert {package["name"] for package in packages} == {"lstm-course", "numpy"}
    notebook = nbformat.read(ROOT / "solutions/gates/gates.ipynb", 4)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    (tmp_path / "gates.py").write_text("\n".join(cells), "utf-8")
    assert run(python, "gates.py", cwd=tmp_path).count("correct") >= len(POINTS)


def test_the_doctor_works_from_anywhere(install, sandboxed, tmp_path):
    said = run(install("[grade]"), "-m", "lstm_grade", "doctor", cwd=tmp_path)
    assert "Every attack failed: this machine can grade." in said


@pytest.mark.long
def test_a_class_is_graded_from_anywhere(install, sandboxed, new_course):
    course = new_course()
    course.submit("ada")
    course.submit("bob", {"forget_gate": None})
    command = [install("[grade]"), "-m", "lstm_grade", "autograde", "gates"]
    said = run(*command, cwd=course.path, env=course.env)
    assert "2 of 2 graded" in said
    scores = course.scores()
    assert {name: scores["ada"][f"test_{name}"] for name in POINTS} == POINTS
    assert {name: scores["bob"][f"test_{name}"] for name in POINTS} == {**POINTS, "forget_gate": 0}
    run(*command[:3], "report", "gates", cwd=course.path, env=course.env)
    assert "bob" in (course.path / "reports/gates/students.csv").read_text("utf-8")


@pytest.mark.long
def test_another_machine_grades_with_what_readme_installs(install, sandboxed, new_course, tmp_path):
    """A Dask worker that has the package, and none of the course's files around it."""
    python = install("[grade]")
    course = new_course()
    course.submit("ada")
    dask = python.with_name("dask")
    file = tmp_path / "scheduler.json"
    where = ["--scheduler-file", file, "--no-dashboard"]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    programs = [
        [dask, "scheduler", *where, "--host", "127.0.0.1", "--port", "0"],
        [dask, "worker", *where, "--nworkers", "1", "--nthreads", "1"],
    ]
    running = [subprocess.Popen(program, cwd=elsewhere) for program in programs]
    try:
        end = time.monotonic() + 60
        while not (file.exists() and file.stat().st_size):
            assert time.monotonic() < end, "no scheduler"
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        command = [python, "-m", "lstm_grade", "autograde", "gates", "--scheduler", address]
        assert "1 of 1 graded" in run(*command, cwd=course.path, env=course.env)
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(60)
    assert {name: course.scores()["ada"][f"test_{name}"] for name in POINTS} == POINTS


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A server that says nothing."""

    def log_message(self, *arguments):
        """Say nothing."""


def write_wheel(folder, version, build):
    """Write a wheel of a torch that only says which build it is."""
    folder.mkdir(parents=True)
    info = f"torch-{version}.dist-info"
    with zipfile.ZipFile(folder / f"torch-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr("torch.py", f"build = {build!r}\n")
        tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(f"{info}/WHEEL", tags)
        about = f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n"
        wheel.writestr(f"{info}/METADATA", about)
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory):
    """Return a function that sets up a course with nothing but PyTorch, and where that may be had.

    What pip is configured with has one build of it; an index at the returned address another.
    """
    root = tmp_path_factory.mktemp("newcomer")
    torch = requirements("requirements.txt")["torch"]
    version = torch.removeprefix("torch==")
    write_wheel(root / "configured", f"{version}+there", "configured")
    write_wheel(root / "index/torch", f"{version}+cpu", "of the index")
    write_wheel(root / "old/torch", "1.0.0", "old")
    course = root / "course"
    course.mkdir()
    for tool in "setup.sh", "excludes.txt":
        (course / "tools").mkdir(exist_ok=True)
        shutil.copy(ROOT / "tools" / tool, course / "tools")
    package = {"name": "tiny", "version": "1.0.0"}
    for name, text in {
        "requirements.txt": f"{requirements('requirements.txt')['uv']}\n{torch}\n",
        "constraints.txt": "",
        "pyproject.toml": "project = {name = 'tiny', version = '1'}\n",
        "package.json": json.dumps(package),
        "package-lock.json": json.dumps({**package, "lockfileVersion": 3, "packages": {}}),
    }.items():
        (course / name).write_text(text)

    def set_up(**environment):
        env = {**os.environ, "PIP_FIND_LINKS": str(root / "configured"), **environment}
        env.pop("UV_FIND_LINKS", None)
        python = course / ".venv/bin/python"
        if python.exists():
            run(UV, "pip", "uninstall", "-q", "--python", python, "torch")
        done = subprocess.run(
            ["tools/setup.sh"], cwd=course, env=env, capture_output=True, text=True, timeout=300
        )
        build = "import torch; print(torch.build)"
        return done, subprocess.run([python, "-c", build], capture_output=True, text=True).stdout

    serve = functools.partial(Quiet, directory=root)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield set_up, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.long
def test_torch_comes_from_the_index_that_is_named(newcomer):
    set_up, address = newcomer
    done, build = set_up(TORCH_INDEX=f"{address}/index/")
    assert done.returncode == 0, done.stderr
    assert f"PyTorch comes from {address}/index/" in done.stdout
    assert build == "of the index\n"


@pytest.mark.long
@pytest.mark.parametrize("index", ["{address}/old/", "{address}/nowhere/", "http://127.0.0.1:9/"])
def test_an_index_that_has_no_such_torch_is_said(newcomer, index):
    set_up, address = newcomer
    index = index.format(address=address)
    begun = time.monotonic()
    done, build = set_up(TORCH_INDEX=index)
    assert (done.returncode, build) == (1, "")
    assert f"to be had at {index}, which TORCH_INDEX names." in done.stderr
    assert time.monotonic() - begun < 60


@pytest.mark.long
def test_torch_comes_from_where_pip_looks_if_no_index_is_wanted(newcomer):
    done, build = newcomer[0](TORCH_INDEX="")
    assert (done.returncode, build) == (0, "configured\n"), done.stderr
    assert "PyTorch comes from where pip is set to look" in done.stdout


@pytest.mark.long
def test_without_a_word_it_is_the_build_without_cuda_or_says_why_not(newcomer):
    done, build = newcomer[0]()
    assert done.returncode == 0, done.stderr
    reached = "PyTorch comes from https://download.pytorch.org/whl/cpu" in done.stdout
    missed = "to be had at https://download.pytorch.org/whl/cpu\n" in done.stdout
    assert (reached, missed) == ((False, True) if build == "configured\n" else (True, False))
