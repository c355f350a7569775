"""<gradient-lag> draws what lstm_ref computes."""

import json

import numpy as np
import torch

from lstm_ref import LSTMParams, to_torch


def curve(data, model, value):
    return next(c["log10_norm"] for c in data[model] if c["value"] == value)


def test_data_is_small(lag_data):
    assert len(json.dumps(lag_data, separators=(",", ":"))) < 20_000


def test_data_is_the_median_of_pytorchs_gradients(lag_data):
    """PyTorch's autograd on the same draws: 100 steps to warm up, 100 back."""
    norms = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        layer = to_torch(LSTMParams.init(4, 64, rng, forget_bias=2.0))
        x = torch.tensor(rng.standard_normal((200, 16, 4)))
        v = torch.tensor(rng.standard_normal((16, 64)))
        state, kept = layer(x[:100])[1], []
        for x_t in x[100:]:
            state[0].retain_grad()
            kept.append(state[0])
            state = layer(x_t[None], state)[1]
        state[0].retain_grad()
        (v * state[0]).sum().backward()
        back = [h.grad.norm().item() for h in [*kept, state[0]][::-1]]
        norms.append(np.array(back)[::5] / back[0])
    drawn = curve(lag_data, "lstm", 2.0)
    np.testing.assert_allclose(drawn, np.log10(np.median(norms, axis=0)), atol=0.0051)


def test_data_tells_the_chapters_story(lag_data):
    data = lag_data
    assert data["lag"][-1] == 100
    assert -8 < curve(data, "rnn", 0.9)[-1] < -6  # vanishes
    assert curve(data, "rnn", 2.0)[-1] > 2  # explodes
    assert curve(data, "lstm", 0.0)[-1] < -18  # an LSTM without forget bias forgets faster
    assert -2 < curve(data, "lstm", 2.0)[-1] < 1


def test_chart_draws_the_chosen_curves(open_demo):
    page = open_demo()
    data = page.evaluate("lag.data")
    for rnn, lstm in [(0.9, 1.0), (2.0, 6.0), (0.5, -2.0)]:
        page.evaluate("chosen => lag.set(chosen)", {"rnn": rnn, "lstm": lstm})
        for model, value in (("rnn", rnn), ("lstm", lstm)):
            log10_norm = curve(data, model, value)
            assert page.evaluate(f"lag.state.{model}") == {"value": value, "log10_norm": log10_norm}
            line = page.locator(f"#lag svg.wide g.{model} path").first.get_attribute("d")
            points = np.array(line[1:].split(","), float).reshape(-1, 2)
            assert points[0, 0] == 56
            assert points[-1, 0] == 704
            np.testing.assert_allclose(points[:, 1], 90 - 15 * np.array(log10_norm), atol=1e-9)
    text = page.locator("#lag .said").text_content()
    assert "10−32 at lag 100" in text
    assert "10−60 at lag 100" in text


def test_it_opens_with_an_lstm_that_keeps_what_an_rnn_loses(open_demo):
    page = open_demo()
    ends = page.evaluate("['rnn', 'lstm'].map((model) => lag.state[model].log10_norm.at(-1))")
    assert ends[0] < -5
    assert -1.5 < ends[1] < 1
    said = page.locator("#lag .said").text_content()
    assert "the RNN's gradient has faded, the LSTM's is kept" in said


def test_sliders_are_worked_by_keyboard(open_demo):
    page = open_demo()
    slider = page.locator("#lag [name=rnn]")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("lag.state.rnn.value") == 0.95
    assert slider.get_attribute("aria-valuetext") == "0.95"
    page.keyboard.press("End")
    assert page.evaluate("lag.state.rnn.value") == 2
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    assert page.evaluate("lag.state.lstm.value") == -2
    assert page.locator("#lag [name=lstm]").get_attribute("aria-valuetext") == "−2"
    for name in ("rnn", "lstm"):
        assert page.locator(f"#lag [name={name}]").get_attribute("max") == str(
            page.evaluate(f"lag.data.{name}.length") - 1
        )


def test_what_is_seen_is_said_when_the_hand_rests(open_demo):
    page = open_demo(clock=True)
    page.evaluate(
        """() => {
          window.heard = [];
          const live = lag.querySelector('[aria-live]');
          const hear = () => heard.push(live.textContent);
          new MutationObserver(hear).observe(live, { childList: true });
        }"""
    )
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)
    page.locator("#lag [name=rnn]").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
        page.clock.run_for(200)
    assert page.evaluate("heard") == []
    page.clock.run_for(2000)
    assert page.evaluate("heard") == [page.locator("#lag .said").text_content()]
