"""Grade a small class in nbgrader's formgrader, as an instructor does, and take its pictures.

A browser clicks through it: generate, release, collect, autograde, grade a
written answer by hand, feedback. What came of it is checked in the end.
Run by ``make screenshots``, after ``make demo``; the pictures are committed.
"""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import demo
from browsing import chromium
from nbgrader.api import Gradebook
from screenshots import ROOT, save

PICTURES = ROOT / "book/_static/teaching"
SLUG = demo.SLUG
CONFIG = "\nc.Exchange.root = {exchange!r}\n"


def main():
    """Walk through it."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        course, env = _course(Path(folder))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        log = open(Path(folder, "log"), "w+")
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}"]
        command += ["--IdentityProvider.token=", *["--allow-root"][: os.getuid() == 0]]
        server = subprocess.Popen(command, cwd=course, env=env, stdout=log, stderr=log)
        try:
            with chromium() as browser:
                _report(browser)
                _walk(browser, f"http://127.0.0.1:{port}", course, env)
        except BaseException:
            log.seek(0)
            print(log.read()[-3000:])
            raise
        finally:
            server.terminate()
            server.wait()


def _course(folder):
    """Return a course with three submissions, and the environment it is run in."""
    course = folder / "course"
    course.mkdir()
    shutil.copytree(ROOT / "solutions" / SLUG, course / "solutions" / SLUG)
    exchange = folder / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    config = ROOT.joinpath("nbgrader_config.py").read_text()
    course.joinpath("nbgrader_config.py").write_text(config + CONFIG.format(exchange=str(exchange)))
    demo.write_class(course)
    for path in sorted(course.joinpath("submitted").iterdir())[2:]:
        shutil.rmtree(path)
    env = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "IPYTHONDIR": str(folder / "ipython"),
        "EXCHANGE": str(exchange),
    }
    return course, env


def _report(browser):
    """Take the picture of the demo's report."""
    tab = browser.new_page(viewport={"width": 1100, "height": 760})
    tab.goto((ROOT / f"demo/reports/{SLUG}/index.html").as_uri())
    tab.locator("#mistakes").evaluate("(h2) => window.scrollTo(0, h2.offsetTop - 20)")
    save(tab, PICTURES / "report.png")
    tab.close()


def _walk(browser, address, course, env):
    _until(lambda: _answers(address))
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.goto(f"{address}/lab")
    tab.get_by_role("menuitem", name="Nbgrader").click(timeout=120_000)
    tab.get_by_text("Formgrader", exact=True).click()
    page = tab.frame_locator("iframe")
    tab.get_by_role("button", name="No", exact=True).click()  # news, not wanted
    tab.keyboard.press("Control+b")  # the list of files takes room

    def click(line, what):
        """Click an icon in a line of a table, and wait until it is said that it worked."""
        line.locator(f"td.{what} a").click(timeout=120_000)
        page.locator("#success-modal, #error-modal").wait_for(timeout=240_000)
        said = page.locator(".modal-body").inner_text()
        assert page.locator("#success-modal").count(), said
        print(said.splitlines()[0], flush=True)
        page.locator(".modal-footer button").click()
        page.locator(".modal").wait_for(state="detached")

    row = page.locator("tr", has=page.locator("td.release-feedback")).first
    click(row, "assign")
    with Gradebook(f"sqlite:///{course}/gradebook.db", "lstm") as gradebook:
        for path in course.joinpath("submitted").iterdir():
            gradebook.add_student(path.name, first_name=path.name.title(), last_name="Example")
    click(row, "release")
    before = {path.name for path in course.joinpath("submitted").iterdir()}
    # A student fetches it, works and hands in: here it is whoever runs this.
    work = course.parent / "student"
    work.mkdir()
    _nbgrader(course, env, "fetch_assignment", SLUG, cwd=work)
    shutil.copy(next(course.glob(f"submitted/*/{SLUG}/{SLUG}.ipynb")), work / SLUG)
    _nbgrader(course, env, "submit", SLUG, cwd=work)
    click(row, "collect")
    row.scroll_into_view_if_needed()
    save(tab, PICTURES / "assignments.png")

    students = sorted(path.name for path in course.joinpath("submitted").iterdir())
    assert len(students) == 3, students
    row.locator("td.num-submissions a").click()
    for student in students:
        cell = page.locator("td.student-id", has_text=student)
        click(page.locator("tr", has=cell), "autograde")
    page.locator("tr", has=cell).scroll_into_view_if_needed()
    save(tab, PICTURES / "submissions.png")

    page.get_by_role("link", name="Manual Grading").first.click()
    page.get_by_role("link", name=SLUG).first.click()
    page.locator("td.name a", has_text=SLUG).first.click()
    for number in range(len(students)):
        page.locator("td.name a", has_text="Submission").nth(number).click()
        points = page.locator(".nbgrader_cell", has_text="Student's answer").locator("input.score")
        points.first.wait_for(timeout=60_000)
        points.first.scroll_into_view_if_needed()
        points.first.fill("1")
        with tab.expect_response(lambda answer: "/api/grade/" in answer.url, timeout=60_000):
            points.first.press("Tab")
        if number == 0:
            save(tab, PICTURES / "by-hand.png")
        page.locator("a", has_text=SLUG).nth(1).click()
    page.get_by_role("link", name="Manage Assignments").first.click()
    click(row, "generate-feedback")
    # nbgrader's exchange returns feedback only to work that came by it.
    row.locator("td.num-submissions a").click()
    (own,) = set(students) - before
    cell = page.locator("td.student-id", has_text=own)
    click(page.locator("tr", has=cell), "release-feedback")
    database = sqlite3.connect(course / "gradebook.db")
    ((by_hand,),) = database.execute("SELECT COUNT(*) FROM grade WHERE manual_score = 1")
    database.close()
    assert by_hand == len(students), by_hand
    pages = list(course.glob(f"feedback/*/{SLUG}/{SLUG}.html"))
    assert len(pages) == len(students), pages
    assert list(Path(env["EXCHANGE"]).rglob("*.html"))


def _nbgrader(course, env, *arguments, cwd):
    command = [sys.executable, "-m", "nbgrader", *arguments, "--course=lstm"]
    shutil.copy(course / "nbgrader_config.py", cwd)
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _answers(address):
    from urllib.error import URLError
    from urllib.request import urlopen

    try:
        return urlopen(f"{address}/api").status == 200
    except (URLError, ConnectionError):
        return False


def _until(condition, seconds=200):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("JupyterLab does not come up")
        time.sleep(0.5)


if __name__ == "__main__":
    main()
