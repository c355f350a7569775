"""What GitHub runs: linted, since nothing else here runs it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*"))
BIN = Path(sys.executable).parent
LINTERS = {
    "schema": ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
    "security": ["zizmor", "--offline", "--strict-collection"],
}


def lint(linter, path):
    command, *options = LINTERS[linter]
    return subprocess.run([BIN / command, *options, path], capture_output=True, text=True)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
@pytest.mark.parametrize("linter", LINTERS)
def test_a_workflow_is_sound(linter, path):
    done = lint(linter, path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("linter", "was", "now"),
    [
        ("schema", "runs-on:", "run-on:"),
        ("security", ".ci/run", "echo ${{ github.event.pull_request.title }}"),
        ("security", "@de0fac2e4500dabe0009e67214ff5f5447ce83dd", "@v6"),
    ],
)
def test_the_linters_find_what_is_wrong(tmp_path, linter, was, now):
    text = (ROOT / ".github/workflows/course.yml").read_text("utf-8")
    assert was in text
    (tmp_path / "course.yml").write_text(text.replace(was, now), "utf-8")
    assert lint(linter, tmp_path / "course.yml").returncode != 0


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_names_what_there_is(path):
    """Jobs that it waits for, outputs of its own steps, and commands of the Makefile."""
    text = path.read_text("utf-8")
    jobs = yaml.safe_load(text)["jobs"]
    assert {job["needs"] for job in jobs.values() if "needs" in job} <= jobs.keys()
    for job in jobs.values():
        steps = {step["id"] for step in job["steps"] if "id" in step}
        assert set(re.findall(r"\bsteps\.(\w+)", str(job))) <= steps
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M)
    commands = re.findall(r"^ +make ([\w-]+)", text, re.M)
    assert commands
    assert set(commands) <= set(targets)
