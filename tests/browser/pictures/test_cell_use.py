"""<lstm-cell> and <lstm-stream> are worked by mouse, touch and keyboard, and can be sent."""

import re

import pytest
from playwright.sync_api import expect


def gate(page, name, layout="wide"):
    return page.locator(f'#cell .{layout} [data-gate="{name}"]')


def now(page, key):
    return page.evaluate(f"cell.trace[cell.state.t - 1].{key}")


@pytest.mark.parametrize(("width", "layout"), [(1280, "wide"), (390, "tall")])
@pytest.mark.parametrize("name", ["f", "i", "c_tilde", "o"])
def test_a_gate_goes_where_it_is_dragged(open_demo, name, width, layout):
    page = open_demo(width)
    gate(page, name, layout).scroll_into_view_if_needed()
    box = gate(page, name, layout).locator(".box").bounding_box()
    x = box["x"] + box["width"] / 2
    page.mouse.move(x, box["y"] + box["height"] * 0.9)
    page.mouse.down()
    page.mouse.move(x, box["y"] + box["height"] * 0.25)
    page.mouse.up()
    expected = 0.5 if name == "c_tilde" else 0.75
    assert now(page, name) == pytest.approx(expected, abs=0.02)
    page.mouse.move(x, box["y"])  # it is let go
    assert now(page, name) == pytest.approx(expected, abs=0.02)


def test_every_gate_is_turned_by_keys(open_demo):
    page = open_demo()
    for name in ("f", "i", "c_tilde", "o"):
        page.locator("#cell [data-do=reset]").click()
        gate(page, name).press("Home")
        assert now(page, name) == pytest.approx(-0.999 if name == "c_tilde" else 0.001)
        before = now(page, name)
        gate(page, name).press("ArrowUp")
        assert now(page, name) == pytest.approx(before + 0.02)
        assert page.evaluate("document.activeElement.dataset.gate") == name
        assert gate(page, name).get_attribute("aria-valuetext").endswith(" percent")


def test_the_strip_moves_in_time_and_changes_inputs_and_flags(open_demo):
    page = open_demo()
    strip = page.locator("#cell .strip.wide [data-strip]")
    for key, t in (("Home", 1), ("ArrowRight", 2), ("PageUp", 7), ("End", 30), ("ArrowLeft", 29)):
        strip.press(key)
        assert page.evaluate("cell.state.t") == t
        assert strip.get_attribute("aria-valuenow") == str(t)
    before = page.evaluate("cell.state.inputs[28]")
    strip.press("ArrowUp")
    assert page.evaluate("cell.state.inputs[28]") == pytest.approx(before + 0.1)
    for expected in (1, -1, 0):
        strip.press("Space")
        assert page.evaluate("cell.state.flags[28]") == expected

    box = strip.bounding_box()
    column = box["width"] * (720 - 80) / 720 / 30
    x = box["x"] + box["width"] * 74 / 720 + column * 4.5
    page.mouse.move(x, box["y"] + box["height"] * 20 / 152)
    page.mouse.down()
    page.mouse.move(x, box["y"] + box["height"] * 4 / 152)
    page.mouse.up()
    assert page.evaluate("[cell.state.t, cell.state.inputs[4]]") == [5, pytest.approx(1, abs=0.03)]
    page.mouse.click(x, box["y"] + box["height"] * 70 / 152)
    assert page.evaluate("cell.state.flags[4]") == 1
    page.mouse.click(x + 10 * column, box["y"] + box["height"] * 120 / 152)
    assert page.evaluate("cell.state.t") == 15


def test_back_forward_reset_and_stories(open_demo):
    page = open_demo()
    first = page.evaluate("cell.state")
    page.locator("#cell [data-do=forward]").click()
    assert page.evaluate("cell.state.t") == first["t"] + 1
    page.locator("#cell [data-do=back]").click()
    gate(page, "f").press("Home")
    assert page.evaluate("cell.state") != first
    page.locator("#cell [data-do=reset]").click()
    assert page.evaluate("cell.state") == first
    page.locator("#cell [data-story=fade]").click()
    page.locator("#cell [data-story=remember]").click()
    assert page.evaluate("cell.state") == first
    page.locator("#companies [data-do=forward]").press("Enter")
    assert page.evaluate("companies.state.t") == 4
    assert page.locator("#companies [data-do=forward]").get_attribute("aria-disabled") == "true"


def test_weights_and_start_can_be_typed(open_demo):
    page = open_demo()
    page.locator("#cell summary").last.click()
    for name in ("f.3", "i.1", "c_tilde.0", "o.2", "start.1"):
        page.locator(f'#cell [name="{name}"]').fill("-1.5")
        key, place = name.split(".")
        assert page.evaluate(f"cell.state.{key}[{place}]") == -1.5
    page.locator('#cell [name="f.3"]').fill("")
    page.locator('#cell [name="f.3"]').fill("1e9")
    assert page.evaluate("cell.state.f[3]") == -1.5


def test_a_symbol_lights_its_wire_and_the_other_way_round(open_demo):
    page = open_demo()
    lit = "[...cell.querySelectorAll('.wide .wire.lit')].map(wire => wire.dataset.key)"
    page.locator("#cell .symbol").first.focus()
    assert page.evaluate(lit) == ["f"]
    page.keyboard.press("ArrowRight")
    assert page.evaluate(lit) == ["i"]
    gate(page, "o").focus()
    assert page.evaluate("[...cell.querySelectorAll('.symbol.lit i')].map(i => i.textContent)") == [
        "o",
        "o",
    ]


def test_a_state_can_be_sent(open_demo, demo):
    page = open_demo()
    page.locator("#cell [data-story=fade]").click()
    gate(page, "f").press("Home")
    page.locator("#cell [data-do=copy]").click()
    address = page.evaluate("location.href")
    page.goto("about:blank")
    page.goto(address)
    assert page.evaluate("cell.story") == "fade"
    assert now(page, "f") == pytest.approx(0.001, abs=1e-4)
    for broken in (
        "{",
        "{}",
        '{"story":"fade","f":[1]}',
        '{"story":"x"}',
        '{"story":"fade","t":99}',
    ):
        page.goto("about:blank")
        page.goto(f"{demo}#lstm-cell-1={broken}")
        assert "NaN" not in page.locator("#cell").inner_html()


def test_play_runs_to_the_end_and_pause_stops_it(open_demo):
    page = open_demo(clock=True)
    page.evaluate("companies.go(1)")
    play = page.locator("#companies [data-do=play]")
    play.click()
    assert play.text_content() == "Pause"
    page.clock.run_for(1600)
    assert page.evaluate("companies.state.t") == 2
    play.click()
    page.clock.run_for(10_000)
    assert page.evaluate("companies.state.t") == 2
    play.click()
    page.clock.run_for(10_000)
    assert page.evaluate("companies.state.t") == 4
    assert play.text_content() == "Play"
    page.evaluate("() => { window.removed = companies; companies.play(); companies.remove() }")
    page.clock.run_for(10_000)
    assert page.evaluate("removed.state.t") <= 1


def test_the_stream_can_be_stopped_and_stands_still_where_motion_is_not_wanted(open_demo):
    page = open_demo(clock=True, reduced_motion="reduce")
    page.wait_for_function("stream.seen")
    before = page.evaluate("stream.now")
    page.clock.run_for(2000)
    assert page.evaluate("stream.now") == before
    page.locator("#stream button").click()
    page.clock.run_for(2000)
    after = page.evaluate("stream.now")
    assert after > before
    page.locator("#stream button").click()
    page.clock.run_for(2000)
    assert page.evaluate("stream.now") == after


HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_the_stream_runs_while_it_is_seen(open_demo):
    page = open_demo()
    page.wait_for_function("stream.timer")
    page.evaluate(HIDE, True)
    assert not page.evaluate("stream.timer")
    page.evaluate(HIDE, False)
    assert page.evaluate("stream.timer")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_function("!stream.timer")
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_function("stream.timer")
    page.evaluate("document.querySelector('main').prepend(stream)")
    assert page.evaluate("stream.timer")


def test_the_cell_does_not_play_where_nobody_sees_it(open_demo):
    page = open_demo()
    page.locator("#cell [data-do=play]").click()
    page.evaluate(HIDE, True)
    assert page.locator("#cell [data-do=play]").text_content() == "Play"
    assert not page.evaluate("cell.playing")


def test_the_streams_gate_is_dragged_and_turned(open_demo):
    page = open_demo()
    slider = page.locator("#stream svg.wide [role=slider]")
    slider.press("Home")
    assert page.evaluate("stream.open") == 0
    assert "emptied at every step" in page.locator("#stream .said").text_content()
    box = slider.locator(".box").bounding_box()
    x = box["x"] + box["width"] / 2
    page.mouse.move(x, box["y"] + box["height"] * 0.9)
    page.mouse.down()
    page.mouse.move(x, box["y"] + box["height"] * 0.5)
    page.mouse.up()
    assert page.evaluate("stream.open") == pytest.approx(0.5, abs=0.02)
    expect(page.locator("#stream [aria-live]")).to_have_text(re.compile("^5"))


def test_the_loss_is_put_where_one_clicks(open_demo):
    page = open_demo()
    page.locator('#back .wide [data-loss="2"]').press("Enter")
    assert page.evaluate("back.s") == 2
    assert page.evaluate("document.activeElement.dataset.loss") == "2"
    page.locator("#back input").press("End")
    assert page.evaluate("back.bias") == 6
    assert "h₂" in page.locator("#back .said").text_content()
