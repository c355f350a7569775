"""Cells of a chapter that run in the page; what buttons say; that a page is no heavier for it."""

import gzip
import os
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from contents import lessons
from live_pages import LONG, Page, run, shown, status, write

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "book/_static"
COLD, WARM = 8, 3  # seconds, on a machine that has nothing else to do: LITE_SECONDS=1 asserts
SHARE = "f   10 steps"  # in a cell of *The gates* that prints a table


@pytest.fixture(scope="module")
def shared(browser):
    """Return a browser that all these tests use: it loads Python once."""
    may = ["clipboard-read", "clipboard-write"]
    options = {"viewport": {"width": 1280, "height": 900}, "permissions": may}
    context = browser.new_context(**options)
    yield context
    context.close()


@pytest.fixture
def chapter(shared, lite):
    opened = []

    def open_chapter(name):
        opened.append(Page(shared, f"{lite}/book/{name}.html"))
        return opened[-1]

    yield open_chapter
    for one in opened:
        one.page.close()


@pytest.fixture(scope="module")
def started(shared, lite):
    """Return *The gates* with Python running."""
    opened = Page(shared, f"{lite}/book/gates.html")
    run(opened.cell(SHARE))
    yield opened
    opened.page.close()


@pytest.fixture
def running(started):
    """Return it with all cells as they were."""
    yield started
    for button in started.page.get_by_role("button", name="Reset").all():
        if button.is_visible():
            button.click()


@pytest.fixture
def context(browser):
    """Return a browser that was never here before."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture
def gates(context, lite):
    """Open *The gates* in it."""
    return lambda: Page(context, f"{lite}/book/gates.html")


def printed(cell):
    """Return what the built page shows as a cell's output."""
    return cell.locator(".cell_output pre").first.text_content()


@pytest.mark.parametrize("name", lessons())
def test_every_chapter_has_cells_that_run_and_loads_nothing_for_them(lite, chapter, name):
    opened = chapter(name.removeprefix("book/"))
    assert opened.page.locator(".cell.live").count() >= 1
    assert [url for url in opened.requests if "/lite/" in url] == []


@pytest.mark.parametrize("name", [pytest.param("gates", marks=pytest.mark.long), "cell"])
def test_every_live_cell_shows_what_the_book_prints(chapter, lite, name):
    opened = chapter(name)
    for cell in reversed(opened.page.locator(".cell.live").all()):  # the last first
        said = run(cell)
        assert "Error" not in said
        assert status(cell).inner_text().startswith("Done")
        if cell.locator(".cell_output pre").count() and not cell.locator("table").count():
            # Numbers may differ in their last digit, where libraries add in another order.
            assert len(said.split()) == len(printed(cell).split())
    assert [url for url in opened.requests if not url.startswith((lite, "blob:"))] == []
    assert opened.problems == []


def test_figures_are_drawn_and_matplotlib_is_loaded_for_them_alone(context, lite):
    opened = Page(context, f"{lite}/book/memory-cell.html")
    plain = opened.cell("print(")
    run(plain)
    heavy = ("matplotlib", "pillow")
    assert [url for url in opened.requests if any(name in url for name in heavy)] == []
    drawing = opened.cell('show(fig, "memory-cell-1997"')  # it computes nothing
    run(drawing)
    assert drawing.locator(".live-output svg[role=img]").count() == 1
    assert [url for url in opened.requests if "matplotlib" in url] != []


def test_what_is_edited_runs_and_goes_back_to_what_was_printed(running):
    cell = running.cell(SHARE)
    was = printed(cell).strip()
    assert run(cell).strip() == was
    write(running.page, cell, "f_half = 0.5**2\nprint(f_half)\nf_half * 2")
    running.page.keyboard.press("Control+Enter")
    assert shown(cell).split() == ["0.25", "0.5"]
    cell.get_by_role("button", name="Reset").click()
    assert cell.locator(".cm-editor").count() == 0
    assert cell.locator(".cell_output").is_visible()
    assert cell.get_by_role("button", name="Run it here").is_visible()


def test_a_cell_below_uses_what_was_changed_above_until_all_runs_anew(chapter):
    opened = chapter("gates")
    above, below = opened.cell("scalar = LSTMParams"), opened.cell("B by hand: {sigmoid(2.70")
    run(above)
    was = run(below)
    write(opened.page, above, above.locator(".cm-content").inner_text().replace("1.62", "-9.62"))
    assert run(above)
    assert run(below) != was
    above.get_by_role("button", name="Reset").click()
    below.get_by_role("button", name="Run all above").click()
    assert shown(below) == was


def test_an_error_is_shown_without_internals(running):
    cell = running.cell(SHARE)
    run(cell)
    write(running.page, cell, "a = 1\nprint(a / 0)")
    said = run(cell)
    assert said.endswith("ZeroDivisionError: division by zero")
    assert "In this cell, line 2" in said
    assert "/lib/python" not in said
    assert "_pyodide" not in said


def test_what_a_cell_draws_cannot_act(running):
    """Code may come with a link: what it shows must not reach into the page."""
    cell = running.cell(SHARE)
    run(cell)
    evil = "<img src=x onerror='window.caught = 1'><script>window.caught = 1</script><b>kept</b>"
    code = f'from IPython.display import HTML, display\ndisplay(HTML("""{evil}"""))'
    write(running.page, cell, code)
    assert "kept" in run(cell)
    assert running.page.evaluate("window.caught") is None


def test_completion_knows_what_exists(running):
    cell = running.cell(SHARE)
    run(cell)
    write(running.page, cell, "forgotten = 1")
    run(cell)
    write(running.page, cell, "")
    running.page.keyboard.type("forgo")
    expect(running.page.locator(".cm-tooltip-autocomplete")).to_contain_text("forgotten")


def test_an_endless_loop_can_be_stopped(chapter):
    opened = chapter("gates")
    cell = opened.cell(SHARE)
    run(cell)
    write(opened.page, cell, "print('on')\nwhile True: pass")
    cell.get_by_role("button", name="Run", exact=True).click()
    expect(cell.locator(".live-output")).to_contain_text("on", timeout=LONG)
    cell.get_by_role("button", name="Stop").click()
    assert "Stopped" in status(cell).inner_text()
    write(opened.page, cell, "print(6 * 7)")
    assert run(cell).strip() == "42"


def test_a_changed_cell_is_sent_as_a_link_and_not_run_by_itself(chapter, shared):
    opened = chapter("gates")
    cell = opened.cell(SHARE)
    run(cell)
    code = "print('σ, from a friend')  # <&>"
    write(opened.page, cell, code)
    cell.get_by_role("button", name="Copy link").click()
    expect(status(cell)).to_contain_text("link")
    address = opened.page.url
    assert address == opened.page.evaluate("navigator.clipboard.readText()")
    other = Page(shared, address)
    theirs = other.page.locator(".cell.live", has=other.page.locator(".cm-editor"))
    expect(theirs.locator(".cm-content")).to_have_text(code)
    assert "came with the link" in status(theirs).inner_text()
    assert theirs.locator(".live-output").is_hidden()
    assert run(theirs).strip() == "σ, from a friend"


def test_the_next_page_starts_python_by_itself(chapter):
    opened = chapter("gates")
    run(opened.cell(SHARE))
    opened.page.goto(opened.page.url.replace("gates", "cell"))
    opened.page.wait_for_function("window.pythonTimes", timeout=LONG)
    assert opened.page.evaluate("window.pythonTimes.bytes") == 0


def test_once_loaded_python_starts_without_a_network_until_it_is_forgotten(gates, context):
    opened = gates()
    cell = opened.cell(SHARE)
    run(cell)
    note = opened.page.locator(".live-kept")
    expect(note).to_contain_text("kept in this browser")
    opened.page.evaluate("navigator.serviceWorker.ready")
    kept = "caches.open('lstm-pages').then((pages) => pages.match('../lite/worker.js'))"
    opened.page.wait_for_function(f"async () => Boolean(await {kept})")  # it comes last
    context.set_offline(True)
    opened.page.reload()
    opened.lay_out()
    assert "100 steps" in run(opened.cell(SHARE))
    assert opened.page.evaluate("getComputedStyle(document.querySelector('h1')).fontSize") != "32px"

    opened.page.get_by_role("button", name="Forget it").click()
    expect(note).to_contain_text("Nothing of Python is kept")
    assert opened.page.evaluate("caches.keys()") == []
    context.set_offline(False)


def test_without_a_network_a_cell_and_a_button_say_so(gates, context):
    opened = gates()
    cell = opened.cell(SHARE)
    context.set_offline(True)
    cell.locator(".live-bar button").first.click()
    says = cell.locator(".live-says")
    expect(says).to_contain_text("There is no network")
    expect(says).to_contain_text("download the notebook")
    opened.page.get_by_role("link", name="Open in the browser").first.click()
    assert "no network" in opened.page.locator(".do + .live-says").inner_text()
    assert opened.page.url.endswith("/book/gates.html")
    context.set_offline(False)
    assert "100 steps" in run(opened.cell(SHARE))


def test_without_webassembly_a_cell_says_so(gates, context):
    context.add_init_script("delete window.WebAssembly")
    cell = gates().cell(SHARE)
    cell.get_by_role("button", name="Run it here").click()
    expect(status(cell)).to_contain_text("WebAssembly")


def test_from_a_folder_a_cell_says_what_to_do(lite, visit):
    page = visit("book/gates.html").page
    cell = page.locator(".cell.live", has_text=SHARE).first
    cell.get_by_role("button", name="Run it here").click()
    for word in "make serve", "http or localhost", "python -m http.server":
        assert word in cell.locator(".live-says").text_content()
    page.get_by_role("link", name="Open in the browser").first.click()
    assert "make serve" in page.locator(".do + .live-says").text_content()


def test_a_page_is_hardly_heavier():
    files = [STATIC / "in-browser.js", STATIC / "in-browser.css"]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 5 * 1024


def test_what_a_click_loads_is_small(lite):
    folder = ROOT / "_build/html/lite"
    files = [folder / name for name in ("page.js", "page.css", "worker.js")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 180 * 1024


def test_cells_and_exercises_are_accessible_with_python_running(browser, lite, violations):
    # What axe need not see is boxes of its width then: the narrow page comes first.
    context = browser.new_context(viewport={"width": 390, "height": 844})
    opened = Page(context, f"{lite}/book/gates.html")
    cell = opened.cell(SHARE)
    run(cell)
    place = opened.exercise("forget_gate")
    place.get_by_role("button").first.click()
    place.get_by_role("button", name="Check").click()
    expect(place.locator(".live-output")).to_contain_text("not written yet", timeout=LONG)
    write(opened.page, cell, '1 / 0  # a comment, "text", 1.5, True')
    run(cell)
    for width in (390, 1280):
        opened.page.set_viewport_size({"width": width, "height": 844})
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert opened.page.evaluate(overflow) == 0
        for scheme in ("light", "dark"):
            opened.page.emulate_media(color_scheme=scheme)
            opened.page.locator(f"html[data-theme={scheme}]").wait_for()
            assert violations(opened.page, include=[".cell.live", ".exercise"]) == []
    context.close()


def test_the_keyboard_is_enough(chapter):
    opened = chapter("gates")
    cell = opened.cell(SHARE)
    cell.get_by_role("button", name="Run it here").focus()
    opened.page.keyboard.press("Enter")
    assert "100 steps" in shown(cell)
    opened.page.keyboard.press("Shift+Tab")  # from the button back into the editor
    opened.page.keyboard.press("Control+End")
    opened.page.keyboard.type("\nprint('typed')")
    opened.page.keyboard.press("Shift+Enter")
    assert "typed" in shown(cell)
    opened.page.keyboard.press("Escape")
    opened.page.keyboard.press("Tab")
    focused = "document.activeElement.textContent"
    assert opened.page.evaluate(focused) == "Run"


@pytest.mark.long
def test_seconds_and_bytes_to_the_first_output(gates):
    """Printed with pytest -s; asserted only with LITE_SECONDS, where nothing else runs."""
    for label, goal in ("cold", COLD), ("warm", WARM):
        opened = gates()
        begun = time.monotonic()
        run(opened.cell(SHARE))
        seconds = time.monotonic() - begun
        times = opened.page.evaluate("window.pythonTimes")
        opened.page.close()
        print(f"{label}: {seconds:.1f} s, of it {times}")
        assert (times["bytes"] == 0) == (label == "warm")
        assert times["bytes"] < 15e6
        if os.environ.get("LITE_SECONDS"):
            assert seconds <= goal
