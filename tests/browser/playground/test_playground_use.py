"""<lstm-cell> is worked by keyboard, step by step, and never moves by itself."""

import pytest

SLIDERS = ["inputs.0", "start.0", "start.1"]
WEIGHTS = [f"{gate}.{column}" for gate in ("f", "i", "c_tilde", "o") for column in range(3)]
FOCUSED = """() => { const e = document.activeElement;
    return e.name || (e.matches("summary") ? e.textContent.split(" ")[0] : e.localName) }"""


def tab_stops(page, root, count):
    """Tab through `root`, from its first control on, and say what takes the focus."""
    page.locator(f"{root} select").focus()
    stops = [page.evaluate(FOCUSED)]
    for _ in range(count - 1):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUSED))
    assert page.evaluate(f"{root[1:]}.contains(document.activeElement)")
    page.keyboard.press("Tab")
    assert not page.evaluate(f"{root[1:]}.contains(document.activeElement)")
    return stops


def read(page, name):
    key, position = name.split(".")
    return page.evaluate(f"cell.state.params.{key}[{position}]")


def test_tab_visits_every_control_in_reading_order(open_demo):
    page = open_demo()
    gates = ["Forget", "Input", "Candidate", "Output"]
    assert tab_stops(page, "#cell", 8) == ["select", *SLIDERS, *gates]
    assert tab_stops(page, "#steps", 9) == [
        "select", "reset", "back", "play", "forward", *gates
    ]  # fmt: skip

    for k in range(4):
        page.locator("#cell summary").nth(k).press("Space" if k % 2 else "Enter")
    opened = [stop for k, gate in enumerate(gates) for stop in (gate, *WEIGHTS[3 * k : 3 * k + 3])]
    assert tab_stops(page, "#cell", 20) == ["select", *SLIDERS, *opened]


def test_arrow_keys_move_every_slider(open_demo):
    page = open_demo()
    for summary in page.locator("#cell summary").all():
        summary.press("Enter")
    for name in SLIDERS + WEIGHTS:
        page.locator("#cell select").select_option("remember")
        slider = page.locator(f'#cell [name="{name}"]')
        slider.focus()
        before, diagram = read(page, name), page.locator("#cell .diagram").inner_html()
        page.keyboard.press("ArrowRight")
        assert read(page, name) == pytest.approx(before + 0.01)
        page.keyboard.press("Home")
        lowest = slider.get_attribute("min")
        assert read(page, name) == float(lowest)
        assert slider.get_attribute("aria-valuetext") == lowest.replace("-", "−") + ".00"
        assert page.locator("#cell .diagram").inner_html() != diagram, name
        assert page.locator("#cell select").input_value() == ""  # "Your own"
        assert page.evaluate("document.activeElement.name") == name


def test_preset_is_chosen_by_keyboard(open_demo):
    page = open_demo()
    page.locator("#cell select").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("cell.state.preset") == "forget"


def test_changed_sliders_leave_the_preset_alone(open_demo):
    page = open_demo()
    preset = page.evaluate("cell.state.params")
    page.locator("#cell summary").first.press("Enter")
    for name in (*SLIDERS, *WEIGHTS[:3]):
        page.locator(f'#cell [name="{name}"]').press("End")
    assert page.evaluate("cell.state.params") != preset
    page.locator("#cell select").select_option("forget")
    page.locator("#cell select").select_option("remember")
    assert page.evaluate("cell.state.params") == preset


def step(page):
    assert page.locator("#steps th.now").text_content() == str(page.evaluate("steps.state.step"))
    return page.evaluate("steps.state.step")


def press(page, name, key="Space"):
    page.locator(f"#steps [name={name}]").press(key)


def test_forward_back_and_reset(open_demo):
    page = open_demo()
    assert step(page) == 1
    press(page, "back")
    press(page, "reset")
    assert step(page) == 1
    for expected in (2, 3, 4, 4):
        press(page, "forward", "Enter")
        assert step(page) == expected
        assert page.locator("#steps [aria-live]").text_content().startswith(f"Step {expected} of 4")
    assert page.locator("#steps [name=forward]").get_attribute("aria-disabled") == "true"
    assert page.evaluate("document.activeElement.name") == "forward"  # the focus is not lost
    press(page, "back")
    assert step(page) == 3
    press(page, "reset")
    assert step(page) == 1


def test_table_shows_the_past_and_the_inputs_but_not_the_future(open_demo):
    page = open_demo()
    press(page, "forward")
    rows = [
        [cell.strip() for cell in row.locator("td").all_text_contents()]
        for row in page.locator("#steps tr").all()[1:]
    ]
    assert rows[0] == ["0.00", "0.50", "0.25", "1.00"]
    for row in rows[1:]:
        assert all(row[:2])
        assert row[2:] == ["", ""]


def test_play_runs_to_the_end_and_pause_stops_it(open_demo):
    page = open_demo(clock=True)
    press(page, "play")
    assert page.locator("#steps [name=play]").text_content() == "Pause"
    page.clock.run_for(1600)
    assert step(page) == 2
    press(page, "play")
    assert page.locator("#steps [name=play]").text_content() == "Play"
    page.clock.run_for(10_000)
    assert step(page) == 2

    press(page, "play")
    page.clock.run_for(1600)
    press(page, "back")  # pauses too
    page.clock.run_for(10_000)
    assert step(page) == 2

    press(page, "play")
    page.clock.run_for(10_000)
    assert step(page) == 4
    assert page.locator("#steps [name=play]").text_content() == "Play"
    press(page, "play")  # from the end it starts again
    assert step(page) == 1
    page.evaluate("() => { window.removed = steps; steps.remove() }")
    page.clock.run_for(10_000)
    assert page.evaluate("removed.state.step") == 1


def test_nothing_plays_by_itself(open_demo):
    page = open_demo(clock=True)
    before = page.locator("main").inner_html()
    page.clock.run_for(60_000)
    assert page.locator("main").inner_html() == before


@pytest.mark.parametrize(("motion", "animations"), [("reduce", 0), ("no-preference", 1)])
def test_reduced_motion_is_respected(open_demo, motion, animations):
    page = open_demo(reduced_motion=motion)
    press(page, "forward")
    assert page.evaluate("document.getAnimations().length") == animations
    assert step(page) == 2
