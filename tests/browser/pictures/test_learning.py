"""<lstm-learn>: three networks learn in the page, and it says how they fare."""

import re

import pytest

UNTIL = "learn.learners[0].losses.length >= 30 && learn.learners[0].loss < 0.02"


def test_the_lstm_learns_the_adding_problem(open_demo):
    page = open_demo()
    page.set_default_timeout(120_000)
    page.locator("#learn [name=play]").click()
    page.wait_for_function(UNTIL)
    page.locator("#learn [name=play]").click()
    said = page.locator("#learn .said").text_content()
    assert re.search(r"the LSTM has it \(0\.0\d\d\)", said), said
    assert page.evaluate("learn.learners[0].losses.length") < 1000


def test_one_update_restart_and_the_same_seed_again(open_demo):
    page = open_demo()
    losses = []
    for _ in range(2):
        for _ in range(3):
            page.locator("#learn [name=step]").click()
        losses.append(page.evaluate("learn.learners.map(({ losses }) => losses)"))
        page.locator("#learn [name=restart]").click()
        assert page.evaluate("learn.learners[0].losses.length") == 0
    assert losses[0] == losses[1]
    assert [len(one) for one in losses[0]] == [3, 3, 3]
    page.locator("#learn [name=reseed]").click()
    page.locator("#learn [name=step]").click()
    assert page.evaluate("learn.learners[0].losses[0]") != losses[0][0][0]


def test_the_three_have_about_as_many_weights(open_demo):
    sizes = open_demo().evaluate(
        "learn.learners.map(({ params: { kind, W, b, H } }) => kind === 'gru' ?"
        " W.length * 3 / 4 + b.length : W.length + b.length)"
    )
    assert max(sizes) < 1.25 * min(sizes), sizes


@pytest.mark.parametrize("task", ["adding", "echo", "parity"])
def test_extreme_settings_show_no_nan(open_demo, task):
    page = open_demo()
    page.locator("#learn summary").click()
    choices = {"task": task, "T": "10", "H": "4", "bias": "5", "rate": "0.1", "clip": "Infinity"}
    for name, value in choices.items():
        page.locator(f"#learn [name={name}]").select_option(value)
    for _ in range(40):
        page.evaluate("learn.learners.forEach((learner) => learner.step())")
    page.locator("#learn [name=step]").click()
    assert "NaN" not in page.locator("#learn").inner_html()
    assert "After 41 updates" in page.locator("#learn .said").text_content()


def test_guessing_is_what_the_best_constant_gets(open_demo):
    """The sum of two numbers in [0, 1) has variance 1/6; ±1 has variance 1."""
    page = open_demo()
    for task, guess in (("adding", 1 / 6), ("echo", 1), ("parity", 1)):
        variance = page.evaluate(
            """(task) => {
              learn.querySelector("[name=task]").value = task;
              learn.restart();
              const { task: { draw }, T, batches } = learn.learners[0];
              let n = 0, sum = 0, square = 0;
              for (let k = 0; k < 400; k++) {
                const { y, from } = draw(batches, T);
                for (const value of y.slice(from * 20)) { n++; sum += value; square += value ** 2; }
              }
              return square / n - (sum / n) ** 2;
            }""",
            task,
        )
        assert variance == pytest.approx(guess, rel=0.05)
