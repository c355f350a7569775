"""The numbers of <lstm-cell> in the browser are those of lstm_ref."""

import numpy as np
import pytest

from lstm_ref import LSTMParams, lstm_cell, lstm_forward

PRESETS = ["remember", "forget", "overwrite", "statquest-a", "statquest-b"]
GATES = ["f", "i", "c_tilde", "o"]
TOLERANCE = {"rtol": 0, "atol": 1e-12}


def to_params(state):
    """Build LSTMParams from the element's rows: weight on h, weight on x, bias."""
    rows = {name: np.array(state[key]) for name, key in zip("fico", GATES, strict=True)}
    return LSTMParams.from_gates(
        **{f"W_{name}": row[None, :2] for name, row in rows.items()},
        **{f"b_{name}": row[2:] for name, row in rows.items()},
    )


def expected_step(state):
    """Step once with lstm_ref, from the same start and the same first input."""
    (h, c), x = state["start"], state["inputs"][0]
    h_t, c_t, gates = lstm_cell([[x]], [[h]], [[c]], to_params(state))
    return {"h_t": h_t, "c_t": c_t, **gates._asdict()}


def assert_same(shown, expected):
    for name, value in expected.items():
        np.testing.assert_allclose(shown[name], value.item(), err_msg=name, **TOLERANCE)


def as_shown(value):
    return f"{value + 0.0:.2f}".replace("-0.00", "0.00").replace("-", "−")


@pytest.mark.parametrize("preset", PRESETS)
def test_playground_shows_lstm_cell_of_every_preset(open_demo, preset):
    page = open_demo()
    page.locator("#cell select").select_option(preset)
    state = page.evaluate("cell.state")
    expected = expected_step(state["params"])
    assert state["preset"] == preset
    assert_same(state["trace"][0], expected)

    texts = page.locator("#cell svg.wide text").all_text_contents()
    for value in expected.values():
        assert as_shown(value.item()) in texts
    sentence = page.locator("#cell [aria-live]").text_content()
    assert f"its new state is {as_shown(expected['c_t'].item())}." in sentence
    assert sentence.endswith(f"= {as_shown(expected['h_t'].item())}.")


def test_random_settings_give_what_lstm_cell_gives(open_demo):
    rng = np.random.default_rng(0)
    settings = [
        {
            **{gate: rng.uniform(-6, 6, 3).tolist() for gate in GATES},
            "start": rng.uniform([-1, -3], [1, 3]).tolist(),
            "inputs": rng.uniform(-2, 2, 1).tolist(),
        }
        for _ in range(50)
    ]
    traces = open_demo().evaluate(
        "settings => settings.map(s => { cell.set(s); return cell.state.trace })", settings
    )
    for setting, trace in zip(settings, traces, strict=True):
        assert len(trace) == 1
        assert_same(trace[0], expected_step(setting))


def test_saturated_gates_are_exact(open_demo):
    page = open_demo()
    setting = {"f": [0, 0, 1000], "i": [0, 0, -1000], "c_tilde": [0, 0, 1000], "o": [0, 0, -1000]}
    page.evaluate("setting => cell.set({...setting, start: [0.5, 2], inputs: [1]})", setting)
    values = page.evaluate("cell.state.trace[0]")
    assert [values[key] for key in ("f", "i", "c_tilde", "o", "c_t", "h_t")] == [1, 0, 1, 0, 2, 0]
    assert "NaN" not in page.locator("#cell").inner_html()


@pytest.mark.parametrize("preset", PRESETS)
def test_steps_are_lstm_forward(open_demo, preset):
    page = open_demo()
    page.locator("#steps select").select_option(preset)
    state = page.evaluate("steps.state")
    params, trace = state["params"], state["trace"]
    x, (h0, c0) = np.reshape(params["inputs"], (4, 1, 1)), params["start"]
    h, (_, c_T), _ = lstm_forward(x, to_params(params), [[h0]], [[c0]])
    np.testing.assert_allclose([step["h_t"] for step in trace], h.ravel(), **TOLERANCE)
    np.testing.assert_allclose(trace[-1]["c_t"], c_T.item(), **TOLERANCE)

    for _ in range(3):
        page.locator("#steps [name=forward]").click()
    cells = page.locator("#steps tr:last-child td").all_text_contents()
    assert cells == [as_shown(value) for value in h.ravel()]


@pytest.mark.parametrize(
    ("company", "inputs", "target"), [("a", [0, 0.5, 0.25, 1], 0), ("b", [1, 0.5, 0.25, 1], 1)]
)
def test_statquest_companies_end_at_their_targets(open_demo, company, inputs, target):
    page = open_demo()
    page.locator("#steps select").select_option(f"statquest-{company}")
    state = page.evaluate("steps.state")
    assert state["params"]["inputs"] == inputs
    assert state["trace"][-1]["h_t"] == pytest.approx(target, abs=0.05)

    # The playground shows the last day: same weights, same input, another memory.
    page.locator("#cell select").select_option(f"statquest-{company}")
    last = page.evaluate("cell.state.trace[0]")
    assert last == state["trace"][-1]


def test_presets_do_what_they_are_called(open_demo):
    page = open_demo()
    first = {}
    for preset in PRESETS[:3]:
        page.locator("#cell select").select_option(preset)
        first[preset] = page.evaluate("cell.state.trace[0]")
    assert first["remember"]["c_t"] == pytest.approx(first["remember"]["c_prev"], rel=0.02)
    assert abs(first["forget"]["c_t"]) < 0.25 * first["forget"]["c_prev"]
    assert first["overwrite"]["c_t"] == pytest.approx(first["overwrite"]["c_tilde"], abs=0.02)
