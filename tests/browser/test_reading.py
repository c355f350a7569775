"""What a reader does with the pages: search, look up, fold, copy, print, change the theme."""

import functools
import http.server
import threading
import time

import pytest

CHAPTER = "book/gates.html"
INTRO = "book/intro.html"


@pytest.fixture
def page(browser, built_book):
    """Open a window of its own, so that what it remembers is forgotten after the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 844}, color_scheme="light")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.book = built_book.as_uri()
    page.go = lambda name: page.goto((built_book / name).as_uri())
    yield page
    context.close()


def test_theme_is_remembered(page):
    page.go(INTRO)
    shade = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(shade)
    button = page.locator(".theme-switch-button:visible")
    for _ in range(3):  # system, light, dark
        button.click()
        if page.evaluate("document.documentElement.dataset.theme") == "dark":
            break
    dark = page.evaluate(shade)
    assert dark != light
    page.go(CHAPTER)
    assert page.evaluate(shade) == dark


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("a[href*='glossary.html#term-forget-gate']", "kept"),
        ("a[href*='bibliography.html#']", "memory"),
    ],
)
def test_preview_by_pointer_and_by_keyboard(page, link, shown):
    page.go(INTRO)
    link = page.locator(f"article {link}").first
    preview = page.get_by_role("tooltip")
    link.hover()
    preview.wait_for()
    assert shown in preview.inner_text()
    preview.hover()  # it stays while the pointer is on it
    page.wait_for_timeout(400)
    assert preview.is_visible()
    page.keyboard.press("Escape")
    assert preview.count() == 0
    page.mouse.move(0, 0)
    link.focus()
    preview.wait_for()
    assert link.get_attribute("aria-describedby") == preview.get_attribute("id")
    link.blur()
    preview.wait_for(state="detached")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_opens_is_accessible(visit, scheme):
    visited = visit(INTRO, "wide", scheme)
    page = visited.page
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    page.locator("article a[href*='#term-']").first.hover()
    page.get_by_role("tooltip").wait_for()
    assert visited.violations() == []
    page.keyboard.press("Escape")


# On a phone: what a press opens, and what is then there.
OPENS = {
    "the book's contents": (".primary-toggle", "#pst-primary-sidebar-modal[open] a"),
    "the page's contents": (".secondary-toggle", "#pst-secondary-sidebar-modal[open] a"),
    "the menu of downloads": ("[aria-label='Download this page']", ".dropdown-menu.show a"),
    "search": (".bd-header-article .search-button", "#pst-search-dialog[open] input"),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", OPENS)
def test_what_opens_on_a_phone_is_accessible(visit, name, scheme):
    button, inside = OPENS[name]
    visited = visit(CHAPTER, "phone", scheme, has_touch=True, is_mobile=True)
    visited.page.locator(f"{button}:visible").first.tap()
    visited.page.locator(inside).first.wait_for()
    assert visited.violations() == []
    visited.page.keyboard.press("Escape")
    visited.page.locator(inside).first.wait_for(state="hidden")
    assert visited.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_preview_on_touch_is_accessible(visit, scheme):
    visited = visit(INTRO, "phone", scheme, has_touch=True, is_mobile=True)
    visited.page.locator("article a[href*='glossary.html#term-']").first.tap()
    visited.page.get_by_role("tooltip").wait_for()
    assert visited.violations() == []


def test_a_page_is_dark_at_once_where_the_system_is(page):
    """Before the theme's script runs: that comes late, and all would be drawn anew."""
    page.emulate_media(color_scheme="dark")
    page.route("**/pydata-sphinx-theme.js", lambda route: route.abort())
    page.go(INTRO)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_boxes_that_scroll_take_the_focus_and_others_do_not_once_one_is_near(page):
    page.go(CHAPTER)
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    box = page.locator("article pre:visible").first
    box.scroll_into_view_if_needed()
    wrong = """() => [...document.querySelectorAll('article pre')].filter((box) => {
      const { top, bottom } = box.getBoundingClientRect();
      const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
      const seen = bottom > 0 && top < innerHeight && box.checkVisibility();
      return seen && box.tabIndex !== (scrolls ? 0 : -1);
    }).length === 0"""
    page.wait_for_function(wrong)


def test_the_scroll_bar_tells_the_length_once_one_scrolls(page):
    """All is as high as it is going to be, soon after the first move: nothing jumps later."""
    page.go(CHAPTER)
    height = "document.documentElement.scrollHeight"
    early = page.evaluate(height)
    page.mouse.move(600, 400)
    page.mouse.wheel(0, 200)
    laid = "getComputedStyle(section).contentVisibility === 'visible'"
    sections = "[...document.querySelectorAll('article > section > section')]"
    page.wait_for_function(f"{sections}.every((section) => {laid})")
    true = page.evaluate(height)
    assert true != early  # else this tests nothing
    page.keyboard.press("End")
    page.wait_for_function(f"scrollY + innerHeight > {height} - 2")
    assert page.evaluate(height) == true


def test_preview_of_an_equation(page):
    page.go(CHAPTER)
    link = page.locator("article a.internal[href*='#equation-']").first
    link.hover()
    preview = page.get_by_role("tooltip")
    formula = preview.locator(".katex-display > .katex > .katex-html")
    formula.wait_for()
    assert formula.evaluate("(element) => element.scrollWidth <= element.clientWidth")
    box = preview.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
    assert preview.locator("[id]").count() == 0


def test_preview_while_the_pointer_moves_within_the_link(page):
    page.go(INTRO)
    link = page.locator("article a[href*='#term-vanishing']").first
    link.scroll_into_view_if_needed()
    box = link.bounding_box()
    for k in range(6):
        page.mouse.move(box["x"] + 4 + 12 * k, box["y"] + box["height"] / 2)
        page.wait_for_timeout(20)
    page.get_by_role("tooltip").wait_for()
    page.mouse.move(0, 0)
    page.get_by_role("tooltip").wait_for(state="detached")


def test_preview_of_a_figure_of_another_page(page):
    page.go("book/cell.html")
    link = page.locator("article a.internal[href*='.html#fig-']").first
    if not link.count():
        page.go(INTRO)
    link.hover()
    preview = page.get_by_role("tooltip")
    preview.locator("svg").wait_for()
    assert preview.locator(".preview-where").inner_text()
    lost = """() => [...document.querySelectorAll('#preview use')]
      .filter((use) => !document.getElementById(use.getAttribute('xlink:href').slice(1))).length"""
    assert page.evaluate(lost) == 0


def test_the_first_tap_shows_and_the_second_follows(contexts, built_book):
    page = contexts("phone", "light", has_touch=True, is_mobile=True).new_page()
    page.goto((built_book / INTRO).as_uri())
    link = page.locator("article a[href*='glossary.html#term-']").first
    link.scroll_into_view_if_needed()
    link.tap()
    preview = page.get_by_role("tooltip")
    preview.wait_for()
    assert page.url.endswith(INTRO)
    assert preview.locator(".preview-where").inner_text() == "Tap again to go to: Glossary"
    box = preview.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.locator("article h1").tap()
    assert preview.count() == 0
    link.tap()
    preview.wait_for()
    link.tap()
    page.wait_for_url("**/glossary.html#term-*")
    page.close()


def test_no_preview_of_other_links(page):
    page.go(INTRO)
    page.locator("article a[href='notation.html#notation']").first.hover()
    page.wait_for_timeout(400)
    assert page.get_by_role("tooltip").count() == 0


def test_quizzes_by_keyboard(page, built_book):
    asked = 0
    for path in sorted((built_book / "book").glob("*.html")):
        page.go(f"book/{path.name}")
        for quiz in page.locator(".quiz").all():
            asked += 1
            for choice in quiz.locator("details").all():
                verdict = choice.locator("p strong").first
                assert not verdict.is_visible()
                choice.locator("summary").focus()
                page.keyboard.press("Enter")
                right = "right" in choice.get_attribute("class")
                assert verdict.inner_text() == ("Right." if right else "Not quite.")
                assert verdict.is_visible()
    assert asked


def test_code_is_copied(page):
    page.go(CHAPTER)
    code = page.locator("div.highlight:visible").first
    code.hover()
    code.locator("button.copybtn").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == code.locator("pre").inner_text().strip()


def test_notebook_is_offered(page):
    page.go(CHAPTER)
    page.get_by_role("button", name="Download this page").click()
    link = page.locator("a.btn-download-notebook-button")
    assert link.is_visible()
    assert link.get_attribute("href") == "../_sources/book/gates.ipynb"


def test_paper_shows_what_is_folded(page):
    page.go(CHAPTER)
    answer = page.locator(".choice > p").first
    assert not answer.is_visible()
    page.emulate_media(media="print")
    assert answer.is_visible()
    for part in [".bd-sidebar-primary", ".bd-header-article", ".prev-next-footer", "details.hide"]:
        assert not page.locator(part).first.is_visible()


def test_paper_is_light(page):
    page.emulate_media(color_scheme="dark")
    page.go(INTRO)
    theme = "document.documentElement.dataset.theme"
    assert page.evaluate(theme) == "dark"
    page.evaluate(f"addEventListener('beforeprint', () => {{ window.printed = {theme}; }})")
    page.pdf()
    assert page.evaluate("window.printed") == "light"
    assert page.evaluate(theme) == "dark"


def test_every_control_is_reached_by_keyboard(page):
    page.go(INTRO)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.hash") == "#main-content"
    reached = set()
    for _ in range(120):
        reached.add(page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
        page.keyboard.press("Tab")
    for control in ["search-button", "primary-toggle", "theme-switch-button", "right-next"]:
        assert any(control in element for element in reached), control


@pytest.fixture
def serve(built_book):
    """Return a function that serves the book from a folder of a server, its fonts later."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        wait = 0

        def do_GET(self):
            time.sleep(self.wait * self.path.endswith(".woff2"))
            super().do_GET()

        def log_message(self, *args):
            pass

    handler = functools.partial(Handler, directory=built_book.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def start(wait=0):
            Handler.wait = wait
            return f"http://127.0.0.1:{server.server_port}/{built_book.name}"

        yield start
        server.shutdown()


def test_any_folder_of_a_server_will_do(page, serve):
    """Nothing refers to the root of the server."""
    answers = []
    page.on("response", lambda response: answers.append((response.status, response.url)))
    page.goto(f"{serve()}/{CHAPTER}")
    page.evaluate("document.fonts.ready")
    assert len(answers) > 5
    assert {status for status, _ in answers} == {200}


SHIFTS = """new Promise((done) => {
  let sum = 0;
  const add = (list) => list.getEntries().forEach(({ value }) => (sum += value));
  new PerformanceObserver(add).observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => done(sum), 300);
})"""


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_when_the_type_arrives(page, serve, width):
    """Fonts come late: until then a page has the system's type, in the same width."""
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{serve(2)}/{INTRO}", wait_until="commit")
    text = page.locator("article p").first
    text.wait_for()
    early = text.bounding_box()
    there = "[...document.fonts].filter((f) => f.family === 'course-text' && f.status === 'loaded')"
    assert page.evaluate(f"{there}.length") == 0
    page.wait_for_function(f"{there}.length === 3")
    page.evaluate("document.fonts.ready")
    assert text.bounding_box() == early
    assert page.evaluate(SHIFTS) < 0.02


@pytest.mark.parametrize("width", [1280, 600, 390])
def test_nothing_moves_when_the_first_picture_comes_alive(page, width):
    """Its script comes late: until then its room is kept."""
    page.set_viewport_size({"width": width, "height": 844})
    late = []
    page.route("**/lstm-stream.js*", lambda route: late.append(route))
    page.goto(f"{page.book}/{INTRO}", wait_until="commit")
    below = page.locator("#six-questions")
    below.wait_for()
    page.evaluate("document.fonts.ready")
    while not late:
        page.wait_for_timeout(50)
    assert page.locator("lstm-stream:defined").count() == 0
    early = below.bounding_box()["y"]
    late[0].continue_()
    page.locator("lstm-stream svg:visible").wait_for()
    page.evaluate("document.fonts.ready")
    assert below.bounding_box()["y"] == pytest.approx(early, abs=3)
