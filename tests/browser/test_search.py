"""Search, from a folder: sections first, by keyboard, marked where it leads and nowhere else."""

import pytest

# What somebody may type, and what must be among the first three.
ASKED = [
    ("forget gate", "gates.html#the-forget-gate"),
    ("forgett gate", "gates.html#the-forget-gate"),
    ("vanising gradient", "vanishing-gradients.html#vanishing-gradients"),
    ("BPTT", "sequences.html#backpropagation-through-time"),
    ("LSTM cell", "cell.html#the-cell"),
    ("h_n", "gates.html#the-hidden-state"),
    ("peephole", "variants.html#peepholes"),
    ("GRU", "variants.html#gru"),
    ("why sigmoid?", "gates.html#why-sigmoid"),
    ("how do I hand in", "assignments.html#how-to-hand-in"),
    ("pack_padded_sequence", "pytorch.html#sequences-of-unequal-length"),
    ("forecast one step late", "when-it-does-not-work.html#the-forecast-is-one-step-late"),
    ("return_sequences", "practice.html#keras-s-words"),
]
FIRST = """(asked) => lstmSearch.find(asked).map(({ entry }) => entry.address)"""
MARKED = """() => [...CSS.highlights.get('found')].map((range) => [
  range.toString().toLowerCase(), !!range.startContainer.parentElement.closest('article')])"""


@pytest.fixture
def page(visit):
    visited = visit("book/cell.html")
    page = visited.page
    page.keyboard.press("Control+k")
    page.wait_for_function("Boolean(window.lstmSearch?.find)")
    yield page
    assert visited.problems == []


@pytest.mark.parametrize(("asked", "wanted"), ASKED)
def test_what_readers_ask_for_is_among_the_first(page, asked, wanted):
    assert f"book/{wanted}" in page.evaluate(FIRST, asked)[:3]


def test_the_chapter_on_unrolling_answers_to_bptt(page):
    found = page.evaluate(FIRST, "BPTT")
    assert any(address.startswith("book/unrolling.html") for address in found)


def test_snippets_have_each_formula_once_and_no_markup(page):
    page.keyboard.type("forget gate")
    first = page.locator("#pst-search-dialog .found li").first
    said = first.inner_text()
    assert "f_t = σ(W_f [h_{t-1}, x_t] + b_f)" in said
    assert "\\" not in said
    assert first.locator("mark").first.inner_text().lower() == "forget"


def test_by_keyboard_to_the_section_with_the_words_marked_until_one_goes_on(page):
    page.keyboard.type("forget gate")
    results = page.locator("#pst-search-dialog .found a")
    results.first.wait_for()
    assert "Arrow keys" in page.locator("#pst-search-dialog [role=status]").inner_text()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == results.first.inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gates.html#the-forget-gate")
    page.wait_for_function("CSS.highlights.size")
    top = page.locator("#the-forget-gate").evaluate("(e) => e.getBoundingClientRect().top")
    assert 0 <= top < 100
    marked = page.evaluate(MARKED)
    assert len(marked) > 3
    assert all(word.startswith(("forget", "gate")) and inside for word, inside in marked)
    page.keyboard.press("Escape")
    assert page.evaluate("CSS.highlights.size") == 0
    page.reload()
    assert page.evaluate("CSS.highlights.size") == 0
    assert "forget" not in page.url.split("#")[0]


def test_nothing_found_is_said(page):
    page.keyboard.type("xylophone")
    page.get_by_text("Nothing found").wait_for()


def test_the_search_page_takes_a_question(visit):
    visited = visit("search.html")
    visited.page.goto(f"{visited.page.url}?q=forget+bias")
    visited.page.locator("main .found a").first.wait_for()
    assert visited.page.locator("main input[type=search]").input_value() == "forget bias"
    assert visited.violations() == []
    assert visited.problems == []


def test_results_are_accessible(visit):
    for scheme in "light", "dark":
        visited = visit("book/intro.html", "phone", scheme)
        visited.page.evaluate("document.querySelector('#pst-search-dialog').showModal()")
        visited.page.keyboard.type("forget gate")
        visited.page.locator("#pst-search-dialog .found a").first.wait_for()
        assert visited.violations() == []
