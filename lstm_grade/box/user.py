"""Where there are no namespaces: a folder as root, and a user for each process of a submission.

Root makes it, of the files that the sandbox of bubblewrap shows (`visible.py`), and nothing
else of the disk is in it. No process of a submission has the user of another one, or of
anything else.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lstm_grade.box import inside, visible

# Containers may have none above 65,535. The next one of each is for ending its processes.
USERS = range(20_000, 60_000, 2)
SAID = "no namespaces: a submission's processes have users and a root folder of their own"


class Place:
    """The folder that is root for the submissions of a sandbox.

    Parameters
    ----------
    files : dict of str
        What is in it, as `visible.visible` returns it.
    devices : tuple of str
        Made there if this container may make devices.

    Attributes
    ----------
    root : Path
    """

    def __init__(self, files: dict[str, str], devices: tuple[str, ...]) -> None:
        # Nobody but root gets in from outside.
        self.folder = Path(tempfile.mkdtemp(prefix="lstm-grade-"))
        self.root = self.folder / "root"
        self.given: list[int] = []
        self.users = unused()
        try:
            self._folder(self.root / "scratch")
            for place, path in files.items():
                self._show(Path(path), self.root / place.lstrip("/"))
            for folder, _, _ in os.walk(self.root):  # as they were, some may be anybody's
                os.chmod(folder, 0o755)
            self._folder(self.root / "dev")
            for device in devices:
                with contextlib.suppress(PermissionError):
                    os.mknod(f"{self.root}{device}", stat.S_IFCHR, os.stat(device).st_rdev)
                    os.chmod(f"{self.root}{device}", 0o666)
        except BaseException:
            self.close(whole=True)
            raise

    def _folder(self, folder: Path) -> None:
        """Make a folder that all can enter, and those above it."""
        if not folder.exists():
            if folder != self.root:
                self._folder(folder.parent)
            folder.mkdir()
            folder.chmod(0o755)

    def _show(self, path: Path, place: Path) -> None:
        self._folder(place.parent)
        if not path.is_dir():
            _link(os.path.realpath(path), str(place))
            return
        others = shutil.ignore_patterns("*-packages")
        hides = others if path == visible.STANDARD_LIBRARY else None
        shutil.copytree(
            path, place, symlinks=True, ignore=hides, copy_function=_link, dirs_exist_ok=True
        )

    def user(self) -> int:
        """Return a user that no process has or had."""
        self.given.append(next(self.users))
        return self.given[-1]

    def close(self, whole: bool) -> None:
        """Remove the folder; end what still runs, unless the supervisor has done it: `whole`."""
        for user in () if whole else self.given:
            with contextlib.suppress(ChildProcessError):  # who cannot be had, nothing runs as
                inside.end(user)
        # Folders may be nested deeper than Python goes.
        subprocess.run(["rm", "-rf", "--one-file-system", self.folder], check=False)


def _link(path: str, place: str) -> None:
    """Show a file in another place; copy it if that is on another disk, or all may write to it."""
    mode = os.lstat(path).st_mode
    free = not stat.S_ISLNK(mode) and mode & 0o022
    try:
        if not free:
            os.link(path, place, follow_symlinks=False)
            return
    except FileExistsError:
        return
    except OSError:
        pass
    shutil.copy2(path, place, follow_symlinks=False)
    if free:
        os.chmod(place, stat.S_IMODE(mode) & ~0o022)


def unused() -> Iterator[int]:
    """Return numbers of users that this machine does not know, and that nothing runs as."""
    known = {user.pw_uid for user in pwd.getpwall()}
    for user in random.SystemRandom().sample(USERS, len(USERS)):
        if {user, user + 1}.isdisjoint(known | _running()):
            yield user


def _running() -> set[int]:
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError):
            found.add(process.stat().st_uid)
    return found
