"""Functions of an assignment, written and checked in the chapters that teach them."""

import os
import re
import time

import nbformat
import pytest
from playwright.sync_api import expect

from live_pages import LONG, Page, answer, status, write

COLD, WARM = 8, 3  # seconds to a passed check, on a machine that has nothing else to do
FORGET = "return sigmoid(hx @ W_f.T + b_f)"
# The assignment *recurrence* is taught in three chapters; the last answer forgets to clip.
RECURRENCE = {
    "gates": ("sigmoid", 'with np.errstate(over="ignore"):\n        return 1 / (1 + np.exp(-z))'),
    "sequences": ("rnn_step", "return np.tanh(np.hstack([h_prev, x_t]) @ W.T + b)"),
    "vanishing-gradients": ("clip_by_global_norm", "return grads"),
}
POINTS = {"test_sigmoid": 4, "test_rnn_step": 3, "test_clip_by_global_norm": 0}


@pytest.fixture(scope="module")
def shared(browser):
    """Return a browser that all these tests use: it loads Python once."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield context
    context.close()


@pytest.fixture
def context(shared, lite):
    """Return it as it was before anybody wrote in it."""
    page = shared.new_page()
    page.goto(f"{lite}/lite/assignment.css")
    page.evaluate("localStorage.clear()")
    yield shared
    for page in shared.pages:
        page.close()


@pytest.fixture
def chapter(context, lite):
    return lambda name: Page(context, f"{lite}/book/{name}.html")


def test_answers_of_three_chapters_are_handed_in_and_graded(chapter, lite, new_course):
    for name, (function, body) in RECURRENCE.items():
        opened = chapter(name)
        said = answer(opened, function, body)
        right = POINTS[f"test_{function}"] > 0
        assert (f"{function}: correct" in said) == right
        assert [url for url in opened.requests if not url.startswith((lite, "blob:"))] == []
        assert opened.problems == []
    gathered = opened.page.locator(".exercise-gathered").last
    expect(gathered).to_contain_text("2 of 4 functions pass their checks: 7 of 13 points")

    opened = chapter("assignments/recurrence")
    opened.page.get_by_role("button", name="Write it in this page").click()
    opened.page.get_by_label("Your answer to the question").fill("It *clips* one, not the other.")
    with opened.page.expect_download() as download:
        opened.page.get_by_role("button", name="Download to hand in").click()
    assert download.value.suggested_filename == "recurrence.ipynb"
    course = new_course()
    target = course.path / "submitted/student/recurrence/recurrence.ipynb"
    target.parent.mkdir(parents=True)
    download.value.save_as(target)
    notebook = nbformat.read(target, 4)
    nbformat.validate(notebook)
    [written] = [cell for cell in notebook.cells if cell.id == "answer"]
    assert written.source == "It *clips* one, not the other."
    graded = course.run("lstm_grade", "autograde", "recurrence")
    assert graded.returncode == 0, graded.stdout + graded.stderr
    scores = course.scores()["student"]
    assert {name: scores[name] for name in POINTS} == POINTS


def test_a_known_mistake_is_named_as_in_the_notebook_and_leads_to_its_section(chapter):
    opened = chapter("gates")
    said = answer(opened, "forget_gate", "return np.tanh(hx @ W_f.T + b_f)")
    link = opened.exercise("forget_gate").locator(".live-output a").first
    assert link.inner_text() in said
    expect(link).to_have_attribute("href", re.compile(r"/book/gates\.html#[\w-]+$"))
    assert said.startswith("forget_gate: ")
    assert "tanh" in said
    assert "Traceback" not in said


def test_what_unfolds_below_a_message_fits_and_breaks_no_rule(chapter, violations):
    """The third time: the values, the formula and, opened, the longer hint."""
    opened = chapter("gates")
    page, place = opened.page, opened.exercise("forget_gate")
    answer(opened, "forget_gate", "return np.tanh(hx @ W_f.T + b_f)")
    check = place.get_by_role("button", name="Check")
    expect(place.locator(".lstm-more table")).to_have_count(3)
    expect(place.locator("summary")).to_have_count(0)
    check.click()
    place.locator("summary").click(timeout=LONG)
    expect(place.locator(".lstm-more details")).to_contain_text("0.731")
    check.click()
    expect(place.locator("mark")).to_have_text("σ", timeout=LONG)
    place.locator("summary").click()
    hint = place.locator(".lstm-more a")
    expect(hint).to_have_attribute("href", re.compile(r"/book/gates\.html#why-sigmoid$"))
    for width, scheme in (1280, "light"), (1280, "dark"), (390, "dark"), (390, "light"):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        wider = "(more) => more.scrollWidth - more.clientWidth"
        assert place.locator(".lstm-more").evaluate(wider) <= 0
        scrolls = "(boxes) => boxes.every((e) => !e.tabIndex || e.scrollWidth <= e.clientWidth)"
        boxes = f"() => ({scrolls})([...document.querySelectorAll('.lstm-more pre')])"
        page.wait_for_function(boxes)  # which boxes take the focus is known a moment later
        assert violations(page, include=[".exercise[data-name=forget_gate]"]) == []


def test_what_is_written_is_kept_and_can_be_started_over(chapter):
    opened = chapter("gates")
    answer(opened, "forget_gate", FORGET)
    opened.page.reload()
    opened.lay_out()
    place = opened.exercise("forget_gate")
    assert "passed" in place.get_attribute("class")
    place.get_by_role("button", name="Go on").click()
    expect(place.locator(".cm-content")).to_contain_text(FORGET)
    write(opened.page, place, "def forget_gate(): unfinished")
    expect(status(place)).to_have_text("Kept in this browser.")
    assert "passed" not in place.get_attribute("class")

    place.get_by_role("button", name="Start over").click()
    expect(place.locator(".cm-content")).to_contain_text("unfinished")  # it asks first
    place.get_by_role("button", name="Really start over?").click()
    expect(place.locator(".cm-content")).to_contain_text("raise NotImplementedError()")
    opened.page.reload()
    assert opened.exercise("forget_gate").get_by_role("button", name="Write it here").count() == 1


def test_a_function_may_call_those_written_elsewhere(chapter):
    """The cell's `lstm_cell` uses the student's own `stack`, written in another chapter."""
    answer(chapter("gates"), "stack", "return np.concatenate([h_prev, x_t], axis=1)")
    body = """hx = stack(h_prev, x_t)
    f = forget_gate(hx, params["W_f"], params["b_f"])
    i = input_gate(hx, params["W_i"], params["b_i"])
    o = output_gate(hx, params["W_o"], params["b_o"])
    c_t = cell_state(f, c_prev, i, candidate(hx, params["W_c"], params["b_c"]))
    return hidden_state(o, c_t), c_t"""
    assert "lstm_cell: correct" in answer(chapter("cell"), "lstm_cell", body)


def test_answers_can_be_taken_over_into_the_notebook(chapter, context, lite):
    answer(chapter("gates"), "forget_gate", FORGET)
    page = context.new_page()
    page.goto(f"{lite}/lite/gates.html")
    button = page.get_by_role("button", name="Take over 1 from the book's pages")
    button.click(timeout=LONG)
    source = "[...panel.context.model.cells].find((c) => c.id === 'forget_gate').sharedModel"
    assert FORGET in page.evaluate(f"{source}.getSource()")


def test_a_window_that_keeps_nothing_says_so(browser, lite):
    context = browser.new_context()
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } });"
    )
    opened = Page(context, f"{lite}/book/gates.html")
    place = opened.exercise("forget_gate")
    place.get_by_role("button").first.click()
    write(opened.page, place, "def forget_gate(): pass")
    expect(status(place)).to_contain_text("may not keep anything")
    context.close()


@pytest.mark.long
def test_seconds_to_the_first_passed_check(browser, lite):
    """Printed with pytest -s; asserted only with LITE_SECONDS, where nothing else runs."""
    context = browser.new_context()
    for label, goal in ("cold", COLD), ("warm", WARM):
        opened = Page(context, f"{lite}/book/gates.html")
        place = opened.exercise("forget_gate")
        begun = time.monotonic()
        if label == "cold":
            answer(opened, "forget_gate", FORGET)
        else:
            place.get_by_role("button").first.click()
            place.get_by_role("button", name="Check").click()
        expect(status(place)).to_contain_text("Passed", timeout=LONG)
        seconds = time.monotonic() - begun
        print(f"{label}: {seconds:.1f} s, of it {opened.page.evaluate('window.pythonTimes')}")
        opened.page.close()
        if os.environ.get("LITE_SECONDS"):
            assert seconds <= goal
    context.close()
