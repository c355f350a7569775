"""The numbers of <lstm-cell> in the browser are those of lstm_ref."""

import numpy as np
import pytest

from lstm_ref import LSTMParams, lstm_forward

STREAMS = ["remember", "full-stop", "sum", "fade"]
GATES = ["f", "i", "c_tilde", "o"]
TOLERANCE = {"rtol": 0, "atol": 1e-12}


def of_lstm_ref(state):
    """Run the element's cell with lstm_ref; return h, c and gates, a number a step."""
    flags = state.get("flags")
    x = np.array([state["inputs"]] if not flags else [state["inputs"], flags], float).T
    D = x.shape[1]
    rows = {name: np.array(state[key]) for name, key in zip("fico", GATES, strict=True)}
    params = LSTMParams.from_gates(
        **{f"W_{name}": row[None, : 1 + D] for name, row in rows.items()},
        **{f"b_{name}": row[3:] for name, row in rows.items()},
    )
    h0, c0 = state["start"]
    h, _, cache = lstm_forward(x[:, None], params, [[h0]], [[c0]])
    gates = {key: gate.ravel() for key, gate in cache.gates._asdict().items()}
    return {"h_t": h.ravel(), "c_t": cache.c[1:].ravel(), **gates}


def assert_same(page, element):
    """Compare every step of an element with lstm_ref."""
    state, trace = page.evaluate(f"[{element}.state, {element}.trace]")
    for name, expected in of_lstm_ref(state).items():
        shown = [step[name] for step in trace]
        np.testing.assert_allclose(shown, expected, err_msg=name, **TOLERANCE)
    return state, trace


def as_shown(value):
    return f"{value + 0.0:.2f}".replace("-0.00", "0.00").replace("-", "−")


@pytest.mark.parametrize("story", STREAMS)
def test_every_story_is_computed_as_lstm_ref_does(open_demo, story):
    page = open_demo()
    page.locator(f"#cell [data-story={story}]").click()
    state, trace = assert_same(page, "cell")
    now = trace[state["t"] - 1]
    texts = page.locator("#cell .diagram svg.wide text").all_text_contents()
    for key in (*GATES, "c_t", "h_t"):
        assert as_shown(now[key]) in texts, key
    assert f"and holds {as_shown(now['c_t'])}." in page.locator("#cell .said").text_content()


def test_random_settings_give_what_lstm_ref_gives(open_demo):
    page = open_demo()
    rng = np.random.default_rng(0)
    for _ in range(30):
        setting = {
            **{gate: rng.uniform(-6, 6, 4).tolist() for gate in GATES},
            "start": rng.uniform([-1, -3], [1, 3]).tolist(),
            "inputs": rng.uniform(-1, 1, 30).tolist(),
            "flags": rng.integers(-1, 2, 30).tolist(),
        }
        page.evaluate("setting => cell.change(setting)", setting)
        assert_same(page, "cell")


def test_saturated_gates_are_exact(open_demo):
    page = open_demo()
    row = {"f": 1000, "i": -1000, "c_tilde": 1000, "o": -1000}
    setting = {gate: [0, 0, 0, bias] for gate, bias in row.items()}
    page.evaluate("setting => cell.change({...setting, start: [0.5, 2]})", setting)
    values = page.evaluate("cell.trace[29]")
    assert [values[key] for key in ("f", "i", "c_tilde", "o", "c_t", "h_t")] == [1, 0, 1, 0, 2, 0]
    assert "NaN" not in page.locator("#cell").inner_html()
    page.locator('#cell .wide [data-gate="f"]').press("End")  # from there it still turns
    page.locator('#cell .wide [data-gate="i"]').press("End")
    assert page.evaluate("cell.trace[8].i") == pytest.approx(0.999)
    assert "NaN" not in page.locator("#cell").inner_html()


@pytest.mark.parametrize(("company", "target"), [("a", 0), ("b", 1)])
def test_statquest_companies_end_at_their_targets(open_demo, company, target):
    page = open_demo()
    page.locator(f"#companies [data-story=statquest-{company}]").click()
    state, trace = assert_same(page, "companies")
    assert state["inputs"] == [target, 0.5, 0.25, 1]
    assert trace[-1]["h_t"] == pytest.approx(target, abs=0.05)


def test_stories_do_what_they_are_called(open_demo):
    page = open_demo()
    c = {}
    for story in STREAMS:
        page.locator(f"#cell [data-story={story}]").click()
        c[story] = np.array([step["c_t"] for step in page.evaluate("cell.trace")])
    value = np.tanh(page.evaluate("cell.state.inputs"))  # the candidate squashes it
    assert c["remember"][3] == pytest.approx(value[3], abs=0.02)
    assert c["remember"][29] == pytest.approx(value[3], abs=0.05)
    np.testing.assert_allclose(c["full-stop"][9:12], 0, atol=0.02)
    assert c["full-stop"][18] == pytest.approx(value[12], abs=0.03)
    assert c["sum"][29] == pytest.approx(value[[2, 7, 12, 17, 21]].sum(), abs=0.1)
    assert c["fade"][14] == pytest.approx(value[3] / (1 + np.exp(-1.5)) ** 11, abs=0.03)


@pytest.mark.parametrize(("open_", "left"), [(0.5, 0.5**5), (0.9, 0.9**5)])
def test_the_stream_forgets_by_what_its_gate_says(open_demo, open_, left):
    page = open_demo(reduced_motion="reduce")
    page.evaluate("open => stream.set(open)", open_)
    said = page.locator("#stream .said").text_content()
    assert f"five steps later {round(100 * left)}\u00a0%" in said


def test_the_way_back_is_lstm_backward(open_demo):
    """By a difference quotient of the forward pass, and the paths add up to the gradients."""
    page = open_demo()
    for bias, s in ((1, 4), (-2, 3), (5, 2)):
        page.evaluate("([bias, s]) => back.set({bias, s})", [bias, s])
        values = page.evaluate("back.values")
        flow = {(path["way"], path["t"]): path["flow"] for path in values["paths"]}
        for t in range(1, s):
            into_c = flow["cc", t + 1] + flow["ch", t]
            into_h = flow["hc", t + 1] + flow["hh", t + 1]
            assert values["gc"][t] == pytest.approx(into_c, abs=1e-12)
            assert values["gh"][t] == pytest.approx(into_h, abs=1e-12)
        forget = values["f"][1:s]
        last = next(p["local"] for p in values["paths"] if (p["way"], p["t"]) == ("ch", s))
        assert values["direct"] == pytest.approx(np.prod(forget) * last, abs=1e-12)
