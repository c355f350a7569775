"""Where processes meet, types are checked."""

import subprocess
import sys
from pathlib import Path


def test_types_of_the_box():
    command = [sys.executable, "-m", "mypy", "--no-error-summary"]
    checked = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
