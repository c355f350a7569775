"""Cells of a chapter that run in the page; what buttons say; that a page is no heavier for it."""

import gzip
import os
import time
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "book/_static"
CHAPTERS = ["gates", "cell", "vanishing-gradients"]
COLD, WARM = 10, 5  # seconds, on a machine that has nothing else to do: LITE_SECONDS=1 asserts


class Chapter:
    """A chapter, served."""

    def __init__(self, context, address):
        self.page = context.new_page()
        self.requests = []
        self.problems = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(address)
        # All sections laid out: text of others is not "inner" text.
        style = "section { content-visibility: visible !important }"
        self.page.add_style_tag(content=style)

    def cell(self, code):
        """Return the live cell that contains `code`."""
        return self.page.locator(".cell.tag_live", has_text=code)

    def run(self, cell):
        """Press the cell's button; return what it then shows."""
        cell.locator(".live-bar button").first.click()
        cell.get_by_role("button", name="Run again").wait_for(timeout=120_000)
        return cell.locator(".live-output").inner_text()


@pytest.fixture
def context(browser):
    yield from new_context(browser)


def new_context(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def chapter(context, lite):
    return lambda name: Chapter(context, f"{lite}/book/{name}.html")


@pytest.fixture(scope="module")
def shared_context(browser):
    yield from new_context(browser)


@pytest.fixture(scope="module")
def gates(shared_context, lite):
    """Return a chapter in which Python has started."""
    opened = Chapter(shared_context, f"{lite}/book/gates.html")
    opened.run(opened.cell("f   10 steps"))
    return opened


@pytest.fixture
def cell(gates):
    """Return a cell of it that was run, as printed; what a test does to it is undone."""
    cell = gates.cell("f   10 steps")
    yield cell
    as_printed = cell.get_by_role("button", name="As printed")
    if as_printed.is_visible():
        as_printed.click()


def printed(cell):
    """Return what the built page shows as a cell's output."""
    return cell.locator(".cell_output pre").first.text_content()


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_live_cell_runs_and_needs_only_what_the_page_gives_it(chapter, lite, name):
    opened = chapter(name)
    before = list(opened.requests)
    assert [url for url in before if "/lite/" in url] == []
    cells = opened.page.locator(".cell.tag_live").all()
    assert len(cells) >= 5
    for cell in reversed(cells):  # the last first: it runs those above by itself
        said = opened.run(cell)
        assert "Error" not in said
        has_output = cell.locator(".cell_output pre").count()
        # Numbers may differ in their last digit, where libraries add in another order.
        assert len(said.split()) == (len(printed(cell).split()) if has_output else 0)
    assert [url for url in opened.requests if not url.startswith((lite, "blob:"))] == []
    assert opened.problems == []


def test_what_is_edited_runs_and_goes_back_to_what_was_printed(gates, cell):
    was = printed(cell).strip()
    assert gates.run(cell).strip() == was
    editor = cell.get_by_label("Code of this cell")
    editor.fill("f_half = 0.5**2\nprint(f_half)")
    editor.press("Control+Enter")
    gates.page.wait_for_function(
        "[...document.querySelectorAll('.live-output')].some((o) => o.textContent === '0.25')"
    )
    cell.get_by_role("button", name="As printed").click()
    assert editor.count() == 0
    assert cell.locator(".cell_output").is_visible()
    assert cell.get_by_role("button", name="Run it here").is_visible()


def test_an_error_is_shown_without_internals(gates, cell):
    gates.run(cell)
    cell.get_by_label("Code of this cell").fill("a = 1\nprint(a / 0)")
    said = gates.run(cell)
    assert said.endswith("ZeroDivisionError: division by zero")
    assert 'File "this cell", line 2' in said
    assert "/lib/python" not in said


def test_an_endless_loop_can_be_stopped(gates, cell):
    gates.run(cell)
    cell.get_by_label("Code of this cell").fill("while True: pass")
    cell.get_by_role("button", name="Run again").click()
    cell.get_by_role("button", name="Stop").click()
    assert "Stopped" in cell.locator(".live-output").inner_text()
    cell.get_by_label("Code of this cell").fill("print(6 * 7)")
    assert gates.run(cell) == "42"


def test_offline_a_cell_and_a_button_say_so(chapter, context):
    opened = chapter("gates")
    context.set_offline(True)
    said = opened.run(opened.cell("f   10 steps"))
    assert "There is no network" in said
    assert "download this page's notebook" in said
    opened.page.get_by_role("link", name="Open in the browser").first.click()
    assert "no network" in opened.page.locator(".do + [role=alert]").inner_text()
    assert opened.page.url.endswith("/book/gates.html")
    context.set_offline(False)
    assert "100 steps" in opened.run(opened.cell("f   10 steps"))


def test_without_webassembly_a_cell_says_so(chapter, context):
    context.add_init_script("delete window.WebAssembly")
    cell = chapter("gates").cell("f   10 steps")
    cell.get_by_role("button", name="Run it here").click()
    assert "WebAssembly" in cell.locator(".live-output").inner_text()


def test_from_a_folder_a_cell_says_so(lite, visit):
    page = visit("book/gates.html").page
    cell = page.locator(".cell.tag_live").first
    cell.get_by_role("button", name="Run it here").click()
    assert "make serve" in cell.locator(".live-output").text_content()
    page.get_by_role("link", name="Open in the browser").first.click()
    assert "make serve" in page.locator(".do + [role=alert]").text_content()


def test_a_page_is_hardly_heavier():
    files = [STATIC / "in-browser.js", STATIC / "in-browser.css"]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 5 * 1024


@pytest.mark.parametrize("width", ["wide", "phone"])
def test_buttons_and_open_cells_are_accessible(lite, visit, width):
    visited = visit("book/gates.html", width)
    page = visited.page
    page.locator(".cell.tag_live").first.get_by_role("button", name="Run it here").click()
    page.get_by_role("link", name="Open in the browser").first.click()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
    assert visited.violations() == []
    page.emulate_media(color_scheme="dark")
    page.locator("html[data-theme=dark]").wait_for()
    assert visited.violations("color-contrast") == []


@pytest.mark.long
def test_seconds_to_the_first_output(chapter):
    """Printed with pytest -s; asserted only with LITE_SECONDS, where nothing else runs."""
    for label, goal in ("cold", COLD), ("warm", WARM):
        opened = chapter("gates")
        begun = time.monotonic()
        opened.run(opened.cell("f   10 steps"))
        seconds = time.monotonic() - begun
        opened.page.close()
        print(f"{label}: {seconds:.1f} s")
        if os.environ.get("LITE_SECONDS"):
            assert seconds <= goal
