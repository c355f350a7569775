"""Where control groups are delegated, a sandbox starts in one of its own, with limits."""

import subprocess

import pytest

from lstm_grade.box import cgroup
from lstm_grade.box.cgroup import ALONE, FOLDER, MEMORY, PROCESSES, Group


@pytest.fixture
def groups(monkeypatch, tmp_path):
    """Return a folder that looks like the control group of this process, but is none."""
    (tmp_path / "cgroup.controllers").write_text("cpuset cpu io memory hugetlb pids\n")
    (tmp_path / "cgroup.subtree_control").write_text("\n")
    (tmp_path / "cgroup.procs").write_text("")
    monkeypatch.setattr(cgroup, "own", lambda: tmp_path)
    monkeypatch.setattr(cgroup.Path, "exists", lambda path: path.name == "cgroup.events")
    cgroup.how.cache_clear()
    yield tmp_path
    cgroup.how.cache_clear()


def test_it_has_limits_and_what_it_starts_is_in_it(groups):
    group = Group(100 << 20, 16)
    assert group.said == FOLDER
    assert (groups / "cgroup.subtree_control").read_text() == "+cpu +memory +pids"
    read = {path.name: path.read_text() for path in group.folder.iterdir()}
    assert read == {
        "memory.max": str((100 << 20) + MEMORY),
        "memory.swap.max": "0",
        "pids.max": str(16 + PROCESSES),
        "cpu.max": "100000 100000",
    }
    done = subprocess.run([*group.command, "sh", "-c", "echo $$"], capture_output=True, text=True)
    assert (group.folder / "cgroup.procs").read_text() == done.stdout


def test_members_of_the_group_above_go_one_level_down(groups):
    (groups / "cgroup.procs").write_text("4242\n")
    Group(100 << 20, 16)
    assert (groups / "lstm-grade-others/cgroup.procs").read_text() == "4242"


@pytest.mark.parametrize("controllers", ["", "hugetlb", "memory pids"])
def test_without_all_controllers_there_is_none(groups, controllers):
    (groups / "cgroup.controllers").write_text(controllers)
    group = Group(100 << 20, 16)
    assert (group.said, group.folder, group.command) == (ALONE, None, [])
