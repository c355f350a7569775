"""A JupyterHub: a student fetches, works, submits and reads; the instructor collects and grades."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

ROOT = Path(__file__).parents[2]
HUB = ROOT / ".hub"
PROXY = ROOT / "tools/hub/node_modules/.bin/configurable-http-proxy"
VENV = Path(sys.executable).parents[1]
WORK = "def hidden_state(o, c):\n    return o * np.tanh(c)"

CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.JupyterHub.db_url = "sqlite:///{base}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{base}/cookie_secret"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{base}/home/{{username}}"
c.Spawner.cmd = ["{singleuser}"]
c.Spawner.args = ["--allow-root"]
c.Spawner.start_timeout = c.Spawner.http_timeout = 240
c.Spawner.environment = {{
    "JUPYTER_CONFIG_PATH": "{base}/etc:{venv}/etc/jupyter",
    "JUPYTER_PATH": "{venv}/share/jupyter",
    "JUPYTERLAB_DIR": "{venv}/share/jupyter/lab",
    "PATH": "{venv}/bin:" + __import__("os").environ["PATH"],
}}
"""


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture
def settings(tmp_path):
    """Write the configuration of the page *Other systems*, with an exchange of our own."""
    text = ROOT.joinpath("book/bridges.md").read_text("utf-8")
    (config,) = re.findall(r"```python\n(.*?)```", text, re.S)
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    config = config.replace("/srv/nbgrader/exchange", str(exchange))
    for folder in ("etc", "home/ada"):
        tmp_path.joinpath(folder).mkdir(parents=True)
    tmp_path.joinpath("etc/nbgrader_config.py").write_text(config)
    return config


@pytest.fixture
def hub(tmp_path, settings, lacking):
    """Start a hub with its proxy; return its address."""
    if not PROXY.exists() or not (HUB / "bin/jupyterhub").exists():
        lacking("there is no JupyterHub: make .hub/.ready, or make test-long")
    port, inside, api = free_ports(3)
    tmp_path.joinpath("jupyterhub_config.py").write_text(
        CONFIG.format(
            **{"port": port, "hub": inside, "api": api, "proxy": PROXY, "base": tmp_path},
            **{"venv": VENV, "singleuser": HUB / "bin/jupyterhub-singleuser"},
        )
    )
    log = tmp_path / "hub.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [HUB / "bin/jupyterhub", "-f", tmp_path / "jupyterhub_config.py"],
            **{"cwd": tmp_path, "stdout": file, "stderr": file},
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            assert process.poll() is None, log.read_text()
            try:
                urllib.request.urlopen(f"{address}/hub/login", timeout=5)
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        yield address
    finally:
        process.terminate()  # it ends its proxy and servers
        process.wait(60)


class Instructor:
    """The course's folder on the hub."""

    def __init__(self, path, settings):
        self.path = path
        shutil.copytree(ROOT / "solutions/gates", path / "solutions/gates")
        config = ROOT.joinpath("nbgrader_config.py").read_text()
        path.joinpath("nbgrader_config.py").write_text(config + settings)

    def run(self, *command):
        """Run a module that has to succeed; return what it said."""
        env = {**os.environ, "JUPYTER_CONFIG_DIR": str(self.path)}
        done = subprocess.run(
            [sys.executable, "-m", *command],
            **{"cwd": self.path, "env": env, "capture_output": True, "text": True},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.mark.long
def test_a_student_and_an_instructor_on_a_hub(hub, settings, tmp_path, browser):
    page = browser.new_page()
    instructor = Instructor(tmp_path / "course", settings)
    instructor.run("nbgrader", "generate_assignment", "gates")
    instructor.run("nbgrader", "release_assignment", "gates")

    page.set_default_timeout(180_000)
    expect.set_options(timeout=180_000)
    page.goto(f"{hub}/hub/login?next=%2Fhub%2Fspawn")
    page.locator("#username_input").fill("ada")
    page.locator("#password_input").fill("any")
    page.locator("#login_submit").click()
    page.wait_for_url("**/user/ada/lab**")

    def assignments():
        page.goto(f"{hub}/user/ada/lab?reset")
        page.get_by_role("menuitem", name="Nbgrader").click()
        page.get_by_role("menuitem", name="Assignment List").click()

    assignments()
    page.get_by_role("button", name="Fetch", exact=True).click()
    submit = page.get_by_role("button", name="Submit", exact=True)
    expect(submit).to_be_visible()

    page.goto(f"{hub}/user/ada/lab/tree/gates/gates.ipynb?reset")
    cell = page.locator(".jp-CodeCell", has_text="def hidden_state").first
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(WORK)
    page.keyboard.press("Control+S")
    home = tmp_path / "home/ada/gates/gates.ipynb"
    for _ in range(120):
        if "o * np.tanh(c)" in home.read_text():
            break
        time.sleep(0.5)

    assignments()
    submit.click()
    inbound = tmp_path / "exchange/lstm/inbound"
    for _ in range(240):
        if list(inbound.glob("ada+gates+*")):
            break
        time.sleep(0.5)

    instructor.run("nbgrader", "collect", "gates")
    said = instructor.run("lstm_grade", "autograde", "gates")
    assert "ada  4 / 32" in said
    instructor.run("nbgrader", "generate_feedback", "gates")
    instructor.run("nbgrader", "release_feedback", "gates")

    assignments()
    page.get_by_role("button", name="Fetch Feedback").click()
    folder = tmp_path / "home/ada/gates/feedback"
    for _ in range(240):
        if list(folder.rglob("gates.html")):
            break
        time.sleep(0.5)
    (feedback,) = folder.rglob("gates.html")
    page.goto(f"{hub}/user/ada/files/{feedback.relative_to(tmp_path / 'home/ada')}")
    expect(page.get_by_text("test_hidden_state").first).to_be_visible()
    expect(page.locator("body")).to_contain_text("4.0 / 32.0")
