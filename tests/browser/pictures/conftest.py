"""A page with one of each element, opened from the disk and watched."""

import json
from pathlib import Path

import pytest
import voice_data
from lag_data import gradient_lag_data

STATIC = Path(__file__).parents[3] / "book/_static"


@pytest.fixture(scope="session")
def static():
    """Directory of the scripts and styles."""
    return STATIC


@pytest.fixture(scope="session")
def lag_data():
    """Return what the book's pages hold for <gradient-lag>."""
    return gradient_lag_data()


@pytest.fixture(scope="session")
def demo(tmp_path_factory, lag_data):
    """Write the page and return its address."""
    page = Path(__file__).with_name("demo.html").read_text("utf8")
    page = page.replace("STATIC", STATIC.as_uri()).replace("LAG_DATA", json.dumps(lag_data))
    page = page.replace("VOICE_DATA", json.dumps(voice_data.still()))
    path = tmp_path_factory.mktemp("pictures") / "demo.html"
    path.write_text(page, "utf8")
    path.with_name("voice-data.js").write_text(voice_data.script(), "utf8")
    return path.as_uri()


@pytest.fixture
def open_demo(browser, demo):
    """Open the page, and watch it: no error, nothing logged, nothing from elsewhere."""
    contexts, complaints = [], []

    def open_demo(width=1280, theme="light", clock=False, **options):
        context = browser.new_context(viewport={"width": width, "height": 844}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("console", lambda message: complaints.append(f"console: {message.text}"))
        page.on("request", lambda request: is_local(request) or complaints.append(request.url))
        if clock:
            page.clock.install()
        page.goto(demo)
        if options.get("java_script_enabled", True):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        return page

    yield open_demo
    for context in contexts:
        context.close()
    assert not complaints


def is_local(request):
    return request.url.startswith(("file:", "data:"))
