"""The river and the names: methods do what they say, and the log has what the kept weights give."""

import numpy as np
import pytest
import torch

from lstm_book import series
from lstm_book.data import log, name_shares, river, weights
from lstm_book.train import series as trained

STEPS = np.arange(1, series.AHEAD + 1)


def test_the_river_is_the_file_of_the_package():
    """First and last line of fulda_climate.csv in spotpy 1.6.7."""
    weather, flow = river()
    assert weather.shape == (3653, 3)
    assert [*weather[0], flow[0]] == [-12.9, -20.1, 1, 143]
    assert [*weather[-1], flow[-1]] == [4.8, 3.1, 0.3, 30.5]
    assert np.isfinite(weather).all()
    assert flow.min() > 0


def test_names_are_those_of_the_administration():
    """In 1930, 64,146 girls were named Mary, of 1,166,361 (SSA)."""
    names, shares, boys = name_shares()
    assert shares.shape == (len(names), 88) == (612, 88)
    mary = next(k for k, name in enumerate(names) if name == "Mary" and not boys[k])
    assert np.exp(shares[mary, 0]) == pytest.approx(64_146 / 1.166361, rel=1e-6)


def test_buckets_lose_no_water():
    """Where nothing evaporates, as much comes out as falls, once all is full."""
    middle = np.mean([*series.BUCKETS.values()], axis=1)
    settings = dict(zip(series.BUCKETS, middle, strict=True))
    settings |= {"evaporates, times": 0, "rain, times": 1}
    weather = np.tile([20.0, 10.0, 3.0], (5000, 1))
    flow = series.buckets(np.array([[*settings.values()]]), weather)
    assert flow[-1, 0] == pytest.approx(3e-3 * series.AREA * 1e6 / 86_400, rel=1e-6)
    assert flow[0, 0] < flow[-1, 0]


def test_snow_waits():
    """What falls in a cold winter is in the river when it is warm."""
    middle = np.mean([*series.BUCKETS.values()], axis=1)
    cold, warm = np.tile([-5.0, -15.0, 5.0], (90, 1)), np.tile([12.0, 6.0, 0.0], (60, 1))
    flow = series.buckets(middle[None], np.vstack([cold, warm]))[:, 0]
    dry = series.buckets(middle[None], np.vstack([0 * cold + [-5, -15, 0], warm]))[:, 0]
    assert np.allclose(flow[:90], dry[:90])
    assert flow[90:].max() > 2 * dry[90:].max()


def test_evaporation_is_that_of_germany():
    """Hargreaves gives some 600 to 750 mm a year there, nearly all of it in summer."""
    day = series.evaporation(river()[0])
    assert 550 < day.sum() / 10 < 800
    assert day[np.arange(3653) % 365.25 < 30].mean() < 0.2 * day[170:200].mean()


def test_each_series_alone():
    """A line is continued by smoothing and trend; changes that double, by autoregression."""
    line = np.arange(88.0)[None] * [[0.5], [-1.0]]
    for forecast in series.smoothing(line, 1999), series.trend(line, 5, 1):
        # A damped trend ends: all but the undamped one fall short.
        assert np.allclose(forecast(70)[:, 0], line[:, 71], atol=0.02)
    assert np.allclose(series.trend(line, 5, 1)(70), line[:, 71:81])
    assert np.allclose(series.naive(line)(70), line[:, [70] * 10])
    rng = np.random.default_rng(0)
    change = np.zeros((2, 88))
    for t in range(2, 88):
        change[:, t] = 1.2 * change[:, t - 1] - 0.5 * change[:, t - 2] + rng.normal(size=2)
    z = np.cumsum(change, axis=1)
    forecast = series.autoregression(z, 2017)(50)
    expected = 1.2 * change[:, 50] - 0.5 * change[:, 49]
    assert np.allclose(forecast[:, 0] - z[:, 50], expected, atol=0.8)


def test_one_linear_function_for_all():
    """Series that follow one rule are forecast by it, each from its own past."""
    rng = np.random.default_rng(0)
    change = np.cumprod(np.full((40, 88), 0.9), axis=1) * rng.normal(size=(40, 1))
    z = np.cumsum(change, axis=1) + rng.normal(size=(40, 1))
    forecast = series.linear(z, np.zeros(40), 1999, 5, 1e-6)(60)
    ahead = np.cumsum(change[:, 60:61] * 0.9**STEPS, axis=1)
    assert np.allclose(forecast - z[:, 60:61], ahead, atol=0.02 * abs(change).max())


def kept(name):
    """Return the network whose weights were kept."""
    found = {k.partition(".")[2]: w for k, w in weights("series").items() if k.startswith(name)}
    steps, H = found["readout.weight"].shape
    model = trained.Forecaster(H, steps, D=3, b_f=1)
    model.load_state_dict({key: torch.tensor(w) for key, w in found.items()})
    return model


def test_the_log_has_what_the_weights_give():
    _, flow = river()
    run = log("series")["river: LSTM"]
    there = series.judge(trained.simulate(kept("river")), flow)
    assert there == pytest.approx(run["explained"][0], abs=2e-3)
    _, z, boys = name_shares()
    forecast = trained.outlook(kept("names"), z, boys, 1999)
    there = series.errors(forecast, z, "test")
    assert there == pytest.approx(log("series")["names: one LSTM"]["errors"]["test"][0], abs=2e-4)


def test_the_log_is_whole():
    found = log("series")
    assert list(found) == list(trained.PARTS)
    for name in "river: buckets", "river: LSTM":
        assert len(found[name]["explained"]) == len(trained.SEEDS)
    assert len(found["names: one LSTM"]["errors"]["test"]) == len(trained.SEEDS)
    for run in found.values():  # what was chosen is best of what was tried
        if "validate" in run:
            chosen = run["chosen"]
            key = str(tuple(chosen)) if isinstance(chosen, list) else str(chosen)
            assert run["validate"][key] == max(run["validate"].values())


def test_no_forecast_knows_what_comes():
    """A forecast from a year is the same, whatever comes after it."""
    _, z, boys = name_shares()
    other, t = z.copy(), 1999 - series.FIRST
    other[:, t + 1 :] = 0
    for make in (
        lambda z: series.smoothing(z, 1999),
        lambda z: series.autoregression(z, 1999),
        lambda z: series.linear(z, boys, 1999, 10, 1),
        lambda z: trained.outlook(kept("names"), z, boys, 1999),
    ):
        assert np.allclose(make(z)(t), make(other)(t))
    weather, flow = river()
    later = flow.copy()
    later[series.PARTS["train"].stop :] = 1
    chosen = log("series")["river: linear"]["chosen"]
    assert np.array_equal(*(series.last_days(weather, y, *chosen) for y in (flow, later)))
