"""<lstm-writer>: the page reads and writes with the weights that Python has, once asked to."""

import re

import numpy as np
import pytest

from lstm_book import probe
from lstm_book.data import log, plays
from lstm_ref import fast

PAGE, ROOT = "book/writer.html", "document.querySelector('lstm-writer')"
TEXT = "MIRANDA\nO brave new world,\nThat has such people in't!\n"


@pytest.fixture
def writer(visit):
    """Open the page, load the network, and wait until it has read its first text."""

    def open_writer(*arguments, **options):
        opened = visit(PAGE, *arguments, **options)
        opened.page.locator("lstm-writer [name=load]").click()
        expect_idle(opened.page)
        return opened

    return open_writer


def expect_idle(page):
    """Wait until all is read: no turn is left, and it says what the text costs."""
    page.wait_for_function(
        f"!{ROOT}.next && /costs/.test({ROOT}.querySelector('.said').textContent)"
    )


def said(page):
    return page.locator("lstm-writer .said").text_content()


def bits(page):
    return float(re.search(r"costs (\d+\.\d+) bits", said(page))[1])


def of_python(text):
    """Return of lstm_ref the cell states after each character of a text, and its bits."""
    _, characters = plays()
    params, V, d = probe.network()
    codes = [characters.index(c) for c in "\n\n" + text]
    hidden, _, cache = fast.lstm_forward(np.eye(64, dtype=np.float32)[codes][:, None], params)
    z = (hidden @ V.T + d)[:, 0].astype(float)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    costs = -log_p[np.arange(1, len(codes) - 1), codes[2:]] / np.log(2)
    return cache.c[3:, 0], costs.mean()


def test_the_network_is_loaded_on_a_click_and_is_small(visit, built_book):
    opened = visit(PAGE)
    assert not [url for url in opened.requests if "weights" in url]
    opened.page.locator("lstm-writer [name=load]").click()
    expect_idle(opened.page)
    [url] = [url for url in opened.requests if "weights" in url]
    assert url.startswith("file:")
    assert (built_book / "_static/writer-weights.js").stat().st_size <= 500_000
    assert not opened.problems


@pytest.mark.figure
def test_what_8_bits_cost_is_little(tell):
    """The log holds both: weights as trained, and as the page has them."""
    run = log("writer")["seed 0"]
    exact, rounded = run["test"], run["test, rounded to 8 bits"]
    tell(f"<lstm-writer>: {exact:.4f} bits a character, in 8 bits {rounded - exact:+.4f}")
    assert abs(rounded - exact) < 0.01


def test_it_reads_as_lstm_ref_does(writer):
    page = writer().page
    page.locator("lstm-writer textarea").fill(TEXT)
    expect_idle(page)
    states, cost = of_python(TEXT)
    there = page.evaluate(f"{ROOT}.read.slice(2).map(({{ c }}) => [...c])")
    np.testing.assert_allclose(there, states, atol=2e-4)
    assert bits(page) == pytest.approx(cost, abs=0.006)


def test_a_gate_that_is_held_is_held(writer):
    page = writer().page
    page.locator("lstm-writer textarea").fill(TEXT)
    expect_idle(page)
    learnt = bits(page)
    page.locator("lstm-writer [name=held]").select_option(label="forget gate shut")
    expect_idle(page)
    assert page.evaluate(f"Math.max(...{ROOT}.read.at(-1).gates.slice(256, 512))") < 1e-6
    assert bits(page) > learnt + 0.3
    assert "with the forget gate shut" in said(page)
    page.locator("lstm-writer [name=whose]").select_option("one")
    expect_idle(page)
    gates = page.evaluate(f"[...{ROOT}.read.at(-1).gates.slice(256, 512)]")
    assert np.sum(np.array(gates) < 1e-6) == 1
    page.locator("lstm-writer [name=held]").select_option("")
    expect_idle(page)
    assert bits(page) == learnt


def test_it_writes_and_takes_it_back(writer):
    page = writer().page
    text = page.locator("lstm-writer textarea")
    before = text.input_value()
    page.locator("lstm-writer [name=write]").press("Enter")
    page.wait_for_function(f"{ROOT}.left === 0 && {ROOT}.read.length > 240")
    written = text.input_value()
    assert written.startswith(before)
    assert len(written) == len(before) + 200
    assert page.locator("lstm-writer .text").text_content().replace("↵", "\n") == written
    page.locator("lstm-writer [name=undo]").press("Enter")
    assert text.input_value() == before
    page.locator("lstm-writer [name=play]").press("Enter")
    page.wait_for_function(f"{ROOT}.read.length > 2000")
    expect_idle(page)
    assert bits(page) < 3


def test_what_was_done_can_be_sent(writer):
    opened = writer()
    page = opened.page
    field = page.locator("lstm-writer textarea")
    field.fill("Grüße,\nEnter HAMLET\n")
    page.locator("lstm-writer [name=held]").select_option("o 0")
    page.locator("lstm-writer [name=whose]").select_option("one")
    page.locator("lstm-writer [name=memory]").fill("77")
    page.locator("lstm-writer [name=show]").select_option("f")
    page.locator("lstm-writer [name=temperature]").fill("1.3")
    page.locator("lstm-writer [name=write]").click()
    page.wait_for_function(f"{ROOT}.left === 0 && {ROOT}.read.length > 210")
    page.locator("lstm-writer [name=undo]").click()
    expect_idle(page)
    state = f"""[...{ROOT}.querySelectorAll('[name]:not(button)')]
      .map(({{ name, value }}) => [name, value])"""
    sent = page.evaluate(state), said(page)
    page.locator("lstm-writer [name=copy]").click()
    address = page.evaluate("location.href")
    page.locator("lstm-writer [name=write]").click()
    page.wait_for_function(f"{ROOT}.left === 0 && {ROOT}.read.length > 210")
    written = field.input_value()
    page.goto("about:blank")
    page.goto(address)
    assert "This link holds a text" in said(page)
    page.locator("lstm-writer [name=load]").click()
    expect_idle(page)
    assert (page.evaluate(state), said(page)) == sent
    page.locator("lstm-writer [name=write]").click()
    page.wait_for_function(f"{ROOT}.left === 0 && {ROOT}.read.length > 210")
    assert field.input_value() == written
    page.goto("about:blank")
    page.goto(address.partition("#")[0] + '#lstm-writer-1={"text":7,"memory":1e9,"held":"x"}')
    page.locator("lstm-writer [name=load]").click()
    expect_idle(page)
    assert "our revels now" in field.input_value().lower()
    assert not opened.problems


def test_any_text_and_any_memory_can_be_taken(writer):
    page = writer().page
    text = page.locator("lstm-writer textarea")
    text.fill("")
    assert "NaN" not in page.locator("lstm-writer").inner_html()
    text.fill("Grüße 123 €")
    page.wait_for_function(f"/left out/.test({ROOT}.querySelector('.said').textContent)")
    assert "6 characters that it does not know" in said(page)
    page.locator("lstm-writer [name=memory]").fill("999")
    assert "of memory 255" in said(page)
    page.locator("lstm-writer [name=at]").press("Home")
    assert said(page).startswith("After “G”")
    text.fill("A line\nand another")
    expect_idle(page)
    text.fill("A line and another")
    expect_idle(page)
    assert page.locator("lstm-writer .text").inner_html().count("<br>") == 0
    assert "NaN" not in page.locator("lstm-writer").inner_html()


@pytest.mark.parametrize("width", ["wide", "phone"])
def test_axe_finds_nothing_and_nothing_overflows(writer, width):
    opened = writer(width)
    page = opened.page
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    for control in page.locator("lstm-writer :is(button, select, summary, input)").all():
        if control.is_visible():
            assert min(control.bounding_box()[side] for side in ("width", "height")) >= 24
    assert opened.violations() == []
    page.emulate_media(color_scheme="dark")
    assert opened.violations("color-contrast") == []
    assert not opened.problems


def test_reduced_motion_writes_at_once_and_print_leaves_out_the_controls(writer):
    page = writer(reduced_motion="reduce").page
    page.locator("lstm-writer [name=write]").click()
    page.wait_for_function(f"{ROOT}.left === 0 && {ROOT}.read.length > 240")
    expect_idle(page)
    page.emulate_media(media="print")
    assert page.locator("lstm-writer .text").is_visible()
    assert not page.locator("lstm-writer [name=write]").is_visible()
    assert not page.locator("lstm-writer textarea").is_visible()


def test_without_scripts_it_says_what_would_be_here(visit):
    page = visit(PAGE, java_script_enabled=False).page
    assert page.locator("lstm-writer").text_content().strip().startswith("With JavaScript")
