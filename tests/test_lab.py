"""`make lab` opens a student's JupyterLab: no instructor's tools, no news."""

import json
import os
import subprocess
import sys

from notebooks import ROOT

ASK = """
import json
from jupyter_core.paths import jupyter_config_path
from jupyter_server.extension.config import ExtensionConfigManager
from jupyterlab.commands import get_app_dir
from jupyterlab_server.config import get_page_config
server = ExtensionConfigManager(read_config_path=jupyter_config_path())
print(json.dumps([
    get_page_config([], f"{get_app_dir()}/settings")["disabledExtensions"],
    server.get_jpserver_extensions(),
]))
"""


def asked(**environment):
    """Return which extensions are switched off, and which of the server's are on."""
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    off, server = json.loads(done.stdout)
    return off, {name for name, on in server.items() if on}


def test_a_student_sees_no_tools_of_instructors_and_no_news():
    said = subprocess.run(["make", "-n", "lab"], cwd=ROOT, capture_output=True, text=True).stdout
    assert f'JUPYTER_CONFIG_PATH="{ROOT}/tools/lab' in said
    off, server = asked(JUPYTER_CONFIG_PATH=f"{ROOT}/tools/lab")
    assert {"@jupyter/nbgrader", "@jupyterlab/apputils-extension:announcements"} <= set(off)
    assert not [name for name in server if name.startswith("nbgrader")]


def test_an_instructor_has_them():
    off, server = asked()
    assert "@jupyter/nbgrader" not in off
    assert "nbgrader.server_extensions.formgrader" in server
