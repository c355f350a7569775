"""One browser for all tests, and pages that remember what went wrong in them."""

import filecmp
import functools
import gzip
import http.server
import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

import browsing
import lite_site
import pytest
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
QUIET = [
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {"wide": 1280, "phone": 390}
PATIENCE = 120_000  # ms: Playwright waits 30 s, and expects in 5; a busy machine takes longer


def pytest_collection_modifyitems(items):
    """Give each of these tests a second try: a browser waits for a machine that may be busy.

    What is wrong fails twice; what is run again is listed at the end.
    """
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.flaky(reruns=1))


def patient(opens):
    """Return a browser's way to open something, which then waits as long as it takes."""

    def open_patient(**options):
        opened = opens(**options)
        opened.set_default_timeout(PATIENCE)
        return opened

    return open_patient


@pytest.fixture(scope="session")
def browser(lacking):
    chromium = browsing.path()
    if not chromium:
        lacking(browsing.MISSING)
    with sync_playwright() as playwright:
        flags = [*browsing.FLAGS, *QUIET]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        browser.new_context = patient(browser.new_context)
        browser.new_page = patient(browser.new_page)
        expect.set_options(timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def contexts(browser):
    """Contexts by width and colour scheme, made when first asked for."""
    made = {}

    def context(width, scheme, **options):
        key = (width, scheme, *options.items())
        if key not in made:
            viewport = {"width": WIDTHS[width], "height": 844}
            made[key] = browser.new_context(viewport=viewport, color_scheme=scheme, **options)
        return made[key]

    yield context
    for context in made.values():
        context.close()


# What axe would judge again and again: the letters of a formula, which repeat what is read aloud,
# and of code all tokens that have the styles of an earlier one. Their places stay as they are.
ONCE = """() => {
  const formulas = [...document.querySelectorAll('.katex-html')];
  const sizes = formulas.map((formula) => formula.getBoundingClientRect());
  formulas.forEach((formula, k) => {
    formula.replaceChildren();
    const [width, height] = [`${sizes[k].width}px`, `${sizes[k].height}px`];
    Object.assign(formula.style, { display: 'inline-block', width, height });
  });
  const seen = new Set();
  for (const token of document.querySelectorAll('.highlight span')) {
    let styles = '';
    for (let e = token; e; e = e.parentElement) styles += `${e.className} in `;
    if (seen.has(styles)) token.replaceWith(...token.childNodes);
    seen.add(styles);
  }
}"""


def find_violations(page, *rules, include=("html",), exclude=()):
    """List what axe finds in a page by `rules`, or by all that are asked for.

    It looks at the elements that the selectors `include` name, but not at those that `exclude`
    names. Afterwards the page only looks like it did: tests come here last.
    """
    # It could not judge the colours of a section that is not laid out yet, and one that is on
    # its way from one scheme to the other is no fault.
    page.add_style_tag(
        content="section { content-visibility: visible !important }"
        "* { transition: none !important }"
    )
    page.evaluate(ONCE)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    parts = {
        key: [[selector] for selector in selectors]
        for key, selectors in {"include": include, "exclude": exclude}.items()
    }
    options = {"runOnly": rules or RULES, "resultTypes": ["violations"], "preload": False}
    result = page.evaluate("(args) => axe.run(...args)", [parts, options])
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]


@pytest.fixture
def violations():
    return find_violations


@pytest.fixture
def tell(capsys):
    """Print a line whatever becomes of the test: `-m figure` runs those that do."""

    def tell(line):
        with capsys.disabled():
            print(f"\n{line}", end="")

    return tell


class Visit:
    """A page of the book, opened from its folder, and what its browser complained about."""

    def __init__(self, context, folder, name):
        self.page = context.new_page()
        self.problems = []
        self.requests = []
        self.page.on("console", self.heard)
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", self.missed)
        self.page.goto((folder / name).as_uri())
        self.page.evaluate("document.fonts.ready")

    def heard(self, message):
        """Remember what the console says, but not mere information."""
        if message.type in ("error", "warning"):
            self.problems.append(f"console: {message.text}")

    def missed(self, request):
        """Remember what did not come, but not what nobody waits for since the page was left."""
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"no {request.url}: {request.failure}")

    def violations(self, *rules):
        """List what axe finds in the page as it is now."""
        return find_violations(self.page, *rules)

    def weight(self):
        """Sum up the bytes of all requests, as a server that compresses would send them."""
        total = 0
        for url in {url.split("?")[0].split("#")[0] for url in self.requests}:
            path = Path(unquote(urlsplit(url).path))
            data = path.read_bytes()
            packed = path.suffix in (".html", ".css", ".js", ".svg")
            total += len(gzip.compress(data) if packed else data)
        return total


@pytest.fixture(scope="session")
def lite(built_book, lacking):
    """Serve the book with the site that ``make lite`` put into it; return the address."""
    why_not = lite_site.why_not()
    if why_not:
        lacking(f"Python in the browser: {why_not}. make lite, or make test")
    made_of = [folder / lite_site.STAMP for folder in (lite_site.SITE, built_book / "lite")]
    assert filecmp.cmp(*made_of), "the book has an older site for the browser: make book"
    pages = functools.partial(QuietHandler, directory=built_book)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """A server that keeps connections open, and says nothing."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture
def visit(contexts, built_book):
    """Open a page: ``visit("book/intro.html", "phone", "dark")``."""
    opened = []

    def open_page(name, width="wide", scheme="light", **options):
        opened.append(Visit(contexts(width, scheme, **options), built_book, name))
        return opened[-1]

    yield open_page
    for one in opened:
        one.page.close()
