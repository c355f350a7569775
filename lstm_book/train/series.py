"""Choose and train what *Applications* compares on series: a river, and 612 names at once.

Settings of every method come from the part to validate by, on seeds that are not reported. Then
five seeds, and the first for much longer. The weights of the first seed are kept.

``make train WHAT=series``: about two minutes on one core.
"""

import time

import numpy as np
import torch
from torch import nn
from torch.nn.functional import l1_loss, mse_loss

from lstm_book import series
from lstm_book.data import FOLDER, name_shares, river
from lstm_book.train import logs

TRIALS, SEEDS = [100, 101], range(5)
YEAR, COUNTED = 365, 180  # days of a window of the river; the last of them are its loss
RIVERS = [(8, 400), (16, 400), (32, 400), (16, 1600)]  # units, updates
NAMES = [(8, 200), (16, 100), (16, 200), (16, 400)]


class Forecaster(nn.Module):
    """The network of the chapter, with more inputs and another start."""

    def __init__(self, H, steps, D, b_f):
        super().__init__()
        self.lstm, self.readout = nn.LSTM(D, H), nn.Linear(H, steps)
        with torch.no_grad():
            self.lstm.bias_ih_l0[H : 2 * H] = b_f
            self.lstm.bias_hh_l0[H : 2 * H] = 0

    def forward(self, x):
        """Return forecasts (T, B, steps) after each step of x (T, B, D)."""
        return self.readout(self.lstm(x)[0])


def minimise(loss, model, updates):
    """Adam, gradients clipped at norm 1, a learning rate of 0.01 that falls to 0."""
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    fall = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, updates)
    for _ in range(updates):
        optimizer.zero_grad()
        loss().backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        fall.step()
    return model


def days(weather):
    """Return the weather as the network reads it, (3653, 1, 3): scaled, and rain as its root."""
    x = weather * 1.0
    x[:, 2] = np.sqrt(x[:, 2])
    known = x[: series.PARTS["train"].stop]
    return torch.tensor((x - known.mean(axis=0)) / known.std(axis=0), dtype=torch.float32)[:, None]


def scale_of_flow(flow):
    """Return mean and standard deviation of the root of what is learnt from."""
    known = np.sqrt(flow[: series.PARTS["train"].stop])
    return known.mean(), known.std()


def train_river(seed, H, updates, B=16):
    """Train on windows of a year: the weather until a day, and the root of that day's flow."""
    weather, flow = river()
    x, stop = days(weather), series.PARTS["train"].stop
    mean, spread = scale_of_flow(flow)
    y = torch.tensor((np.sqrt(flow) - mean) / spread, dtype=torch.float32)
    torch.manual_seed(seed)
    model = Forecaster(H, 1, D=3, b_f=3)

    def loss():
        t = torch.arange(YEAR)[:, None] + torch.randint(stop - YEAR + 1, (B,))
        return mse_loss(model(x[t, 0])[-COUNTED:, :, 0], y[t][-COUNTED:])

    return minimise(loss, model, updates)


def simulate(model):
    """Return the flow that it makes of ten years of weather."""
    weather, flow = river()
    mean, spread = scale_of_flow(flow)
    with torch.no_grad():
        z = model(days(weather))[:, 0, 0].numpy()
    return series.LEVELS["root"][1](z * spread + mean)


def years(z, boys, last):
    """Return the names as the network reads them, (87, N, 3), and the size of a change.

    Row t is the year t + 1: the change since the year before, the level, and the sex.
    """
    t = last - series.FIRST
    changes = np.diff(z, axis=1)
    size = changes[:, :t].std()
    level = (z[:, 1:] - z[:, :t].mean()) / z[:, :t].std()
    sex = np.broadcast_to(boys[:, None], level.shape)
    rows = np.stack([changes / size, level, sex], axis=2).swapaxes(0, 1)
    return torch.tensor(rows, dtype=torch.float32), size


def train_names(seed, H, updates, last, B=128):
    """Train on all names until `last`: at each year the changes until ten years later.

    A change over k years is divided by √k, so that all ten count.
    """
    z, boys = name_shares()[1:]
    x, size = years(z, boys, last)
    n = last - series.FIRST - series.AHEAD  # rows after which ten years are known
    ahead = np.arange(1, series.AHEAD + 1)
    t = np.arange(1, n + 1)[:, None] + ahead
    y = (z[:, t] - z[:, 1 : n + 1, None]) / size / np.sqrt(ahead)
    y = torch.tensor(y, dtype=torch.float32).swapaxes(0, 1)
    torch.manual_seed(seed)
    model = Forecaster(H, series.AHEAD, D=3, b_f=1)

    def loss():
        chosen = torch.randint(len(z), (B,))
        return l1_loss(model(x[:n, chosen])[8:], y[8:, chosen])

    return minimise(loss, model, updates)


def outlook(model, z, boys, last):
    """Return the forecast that `series.errors` takes."""
    x, size = years(z, boys, last)
    with torch.no_grad():
        found = model(x).numpy() * size * np.sqrt(np.arange(1, series.AHEAD + 1))
    return lambda t: z[:, t : t + 1] + found[t - 1]


def best_of(settings, score):
    """Return the setting with the highest score, and all scores."""
    scores = {str(setting): round(float(score(setting)), 4) for setting in settings}
    return max(settings, key=lambda setting: scores[str(setting)]), scores


def keep(name, model):
    """Put weights beside those that are kept already."""
    path = FOLDER / "series.npz"
    kept = dict(np.load(path)) if path.is_file() else {}
    kept |= {f"{name}.{key}": w.numpy() for key, w in model.state_dict().items()}
    np.savez_compressed(path, **kept)


def river_linear():
    """Fit a linear function of the last days; how many, validation says."""
    weather, flow = river()
    grid = [
        (days, penalty, level)
        for days in (30, 90, 180)
        for penalty in (10, 100, 1000)
        for level in series.LEVELS
    ]
    chosen, scores = best_of(
        grid,
        lambda s: series.judge(series.last_days(weather, flow, *s), flow)["validate"],
    )
    found = series.last_days(weather, flow, *chosen)
    return {"chosen": chosen, "explained": series.judge(found, flow), "validate": scores}


def river_buckets():
    """Search five times for settings of the buckets."""
    weather, flow = river()
    found = series.calibrate(weather, flow, SEEDS)
    flows = series.buckets(found, weather).T
    return {
        "settings": found.round(4).tolist(),
        "explained": [series.judge(z, flow) for z in flows],
        "explained, mean of five": series.judge(flows.mean(axis=0), flow),
    }


def river_lstm():
    """Train the network: size by validation, five seeds, one for longer."""
    _, flow = river()

    def validated(setting):
        found = [series.judge(simulate(train_river(s, *setting)), flow) for s in TRIALS]
        return np.mean([one["validate"] for one in found])

    (H, updates), scores = best_of(RIVERS, validated)
    models = [train_river(seed, H, updates) for seed in SEEDS]
    flows = [simulate(model) for model in models]
    keep("river", models[0])
    longer = simulate(train_river(SEEDS[0], H, 4000))
    return {
        "chosen": (H, updates),
        "explained": [series.judge(z, flow) for z in flows],
        "explained, mean of five": series.judge(np.mean(flows, axis=0), flow),
        "explained, 4000 updates": series.judge(longer, flow),
        "validate": scores,
    }


def row(forecast, z, part):
    """Return errors 1 to 10 years ahead, rounded."""
    return [round(float(e), 4) for e in series.errors(forecast, z, part)]


def names_alone():
    """Forecast series by series; only the trend's two numbers are the same for all."""
    z = name_shares()[1]

    def validated(setting):
        return -series.errors(series.trend(z, *setting), z, "validate").mean()

    grid = [(years, damping) for years in (1, 3, 5, 10) for damping in (0.8, 0.9, 0.95, 1)]
    chosen, scores = best_of(grid, validated)
    makes = {
        "as this year": lambda last: series.naive(z),
        "trend goes on": lambda last: series.trend(z, *chosen),
        "smoothing, damped": lambda last: series.smoothing(z, last),
        "autoregression": lambda last: series.autoregression(z, last),
    }
    found = {
        name: {part: row(make(last), z, part) for part, (last, _) in series.ORIGINS.items()}
        for name, make in makes.items()
    }
    return {"chosen": chosen, "errors": found, "validate": scores}


def names_linear():
    """Fit one linear function for all names."""
    z, boys = name_shares()[1:]

    def forecast(setting, part):
        return series.linear(z, boys, series.ORIGINS[part][0], *setting)

    grid = [(years, penalty) for years in (5, 10, 20, 30, 40) for penalty in (1, 100, 1000)]
    chosen, scores = best_of(
        grid, lambda s: -series.errors(forecast(s, "validate"), z, "validate").mean()
    )
    found = {part: row(forecast(chosen, part), z, part) for part in series.ORIGINS}
    return {"chosen": chosen, "errors": found, "validate": scores}


def names_lstm():
    """Train one network for all names: size by validation, five seeds, one for longer."""
    z, boys = name_shares()[1:]

    def run(seed, setting, part):
        last = series.ORIGINS[part][0]
        model = train_names(seed, *setting, last)
        return model, row(outlook(model, z, boys, last), z, part)

    chosen, scores = best_of(
        NAMES, lambda s: -np.mean([run(seed, s, "validate")[1] for seed in TRIALS])
    )
    runs = [run(seed, chosen, "test") for seed in SEEDS]
    keep("names", runs[0][0])
    longer = run(SEEDS[0], (chosen[0], 10 * chosen[1]), "test")[1]
    return {
        "chosen": chosen,
        "errors": {"test": [found for _, found in runs]},
        "errors, ten times the updates": longer,
        "validate": scores,
    }


PARTS = {
    "river: linear": river_linear,
    "river: buckets": river_buckets,
    "river: LSTM": river_lstm,
    "names: each alone": names_alone,
    "names: one linear": names_linear,
    "names: one LSTM": names_lstm,
}


def part(name):
    """Run a part and note how long it took."""
    began = time.process_time()
    found = PARTS[name]()
    return found | {"minutes of CPU": round((time.process_time() - began) / 60, 2)}


if __name__ == "__main__":
    torch.set_num_threads(1)
    logs.run("series", list(PARTS), part)
