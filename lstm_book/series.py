"""A river from the weather, and names from year to year: what an LSTM has to beat there.

Every method here gets its settings from validation data: `lstm_book.train.series` tries them, and
keeps a log. *Applications* runs what was chosen.
"""

import numpy as np

# Days of the river: its first year only fills the ground, then 1980 to 1984, 1985/86, 1987/88.
PARTS = {"train": slice(365, 2192), "validate": slice(2192, 2922), "test": slice(2922, 3653)}
AREA = 2976  # km² above the gauge

FIRST, AHEAD = 1930, 10  # year of the first count of names; years to be forecast
# For each part: the last year that is learnt from, and the years from which is forecast.
ORIGINS = {"validate": (1984, range(1984, 1990)), "test": (1999, range(1999, 2008))}

LEVELS = {  # what is forecast in place of the flow itself, and the way back
    "flow": (lambda q: q, lambda z: z),
    "root": (np.sqrt, lambda z: np.maximum(z, 0) ** 2),
    "log": (np.log, np.exp),
}


def explained(z, y):
    """Return the fraction of the variance of `y` that `z` explains: R², hydrologists' NSE."""
    return 1 - ((z - y) ** 2).mean() / y.var()


def judge(z, flow):
    """Return what simulated flow, (3653,), explains of each part."""
    return {name: round(float(explained(z[part], flow[part])), 3) for name, part in PARTS.items()}


def last_days(weather, flow, days, penalty, level):
    """Simulate the flow as a linear function of the weather of the last days: (3653,).

    Parameters
    ----------
    weather : ndarray, shape (3653, 3)
    flow : ndarray, shape (3653,)
        Only the part to learn from is used.
    days : int
    penalty : float
        On the squares of the weights, whose inputs are scaled: ridge regression.
    level : str
        Of `LEVELS`.
    """
    there, back = LEVELS[level]
    known = np.vstack([np.zeros((days - 1, 3)), weather])
    x = np.lib.stride_tricks.sliding_window_view(known, days, axis=0).reshape(len(weather), -1)
    train = PARTS["train"]
    x = (x - x[train].mean(axis=0)) / x[train].std(axis=0)
    y = there(flow[train])
    A = x[train]
    w = np.linalg.solve(A.T @ A + penalty * np.eye(A.shape[1]), A.T @ (y - y.mean()))
    return back(x @ w + y.mean())


def evaporation(weather):
    """Return how much could evaporate each day, in mm, from sun and temperature.

    Hargreaves & Samani (1985), with the sun above the atmosphere at 50.8° north.
    """
    high, low, _ = weather.T
    angle = 2 * np.pi * (1 + np.arange(len(weather)) % 365.25) / 365.25
    latitude, declination = np.radians(50.8), 0.409 * np.sin(angle - 1.39)
    sunset = np.arccos(-np.tan(latitude) * np.tan(declination))
    sun = sunset * np.sin(latitude) * np.sin(declination)
    sun += np.cos(latitude) * np.cos(declination) * np.sin(sunset)
    sun *= 37.6 * (1 + 0.033 * np.cos(angle))  # MJ/m² a day; 0.408 mm of water for each
    mild = np.maximum((high + low) / 2 + 17.8, 0)
    return 0.0023 * 0.408 * sun * mild * np.sqrt(np.maximum(high - low, 0))


# What the buckets can be set to: lowest and highest of each number.
BUCKETS = {
    "snow below, °C": (-2, 2.5),
    "melts a degree, mm": (0.5, 8),
    "soil holds, mm": (50, 600),
    "soil lets through, power": (1, 6),
    "dry below": (0.3, 1),
    "flood, share": (0.05, 0.8),
    "quick, share": (0.01, 0.4),
    "slow, share": (0.001, 0.1),
    "seeps, mm": (0, 6),
    "flood above, mm": (5, 80),
    "evaporates, times": (0.6, 1.5),
    "rain, times": (0.7, 1.3),
    "reaches the gauge, share": (0.5, 1),
}


def buckets(settings, weather, days=None):
    """Simulate the flow by buckets: snow, soil, and two below it, as hydrologists do.

    Rain falls as snow when it is cold. What melts or rains fills the soil, the fuller it is the
    more runs through, into a quick bucket and from there into a slow one. In the kind of the
    HBV model (Bergström 1976).

    Parameters
    ----------
    settings : ndarray, shape (N, 13)
        Of N rivers, simulated side by side, in the order of `BUCKETS`.
    weather : ndarray, shape (3653, 3)
    days : int, optional

    Returns
    -------
    ndarray, shape (days, N)
        In m³ a second.
    """
    (cold, melts, holds, power, dry, flood, quick, slow) = settings.T[:8]
    (seeps, above, thirst, rains, arrives) = settings.T[8:]
    snow, soil, upper = np.zeros_like(cold), 0.7 * holds, np.zeros_like(cold)
    lower, river, found = np.full_like(cold, 20), np.ones_like(cold), []
    for (high, low, rain), dries in zip(weather[:days], evaporation(weather), strict=False):
        mean, rain = (high + low) / 2, rains * rain
        melted = np.minimum(snow, melts * np.maximum(mean - cold, 0))
        snow = snow + np.where(mean < cold, rain, 0) - melted
        wet = np.where(mean < cold, 0, rain) + melted
        through = wet * np.minimum(soil / holds, 1) ** power
        soil = soil + wet - through
        through += np.maximum(soil - holds, 0)
        soil = np.minimum(soil, holds)
        soil = soil - np.minimum(soil, thirst * dries * np.minimum(soil / (dry * holds), 1))
        upper = upper + through
        deeper = np.minimum(upper, seeps)
        upper, lower = upper - deeper, lower + deeper
        surge = flood * np.maximum(upper - above, 0)
        upper = upper - surge
        out = surge + quick * upper + slow * lower
        upper, lower = upper * (1 - quick), lower * (1 - slow)
        river = river + arrives * (out - river)
        found.append(river)
    return np.array(found) * AREA / 86.4  # mm a day over the area, to m³ a second


def calibrate(weather, flow, seeds, rounds=80, many=40):
    """Find settings of the buckets that explain most of the part to learn from, once a seed.

    Differential evolution: each of many settings is moved by the difference of two others, and
    keeps the move where it helps. All searches run side by side.

    Returns
    -------
    ndarray, shape (len(seeds), 13)
    """
    draws = [np.random.default_rng(seed) for seed in seeds]
    low, high = np.array([*BUCKETS.values()], float).T
    train = PARTS["train"]

    def good(settings):
        flows = buckets(settings.reshape(-1, len(low)), weather, train.stop)[train]
        error = ((flows - flow[train][:, None]) ** 2).mean(axis=0)
        return -error.reshape(len(seeds), many)

    def moved(tried, score, rng):
        a, b = (tried[rng.permutation(many)] for _ in range(2))
        to_best = 0.5 * (tried[score.argmax()] - tried) * (rng.random((many, 1)) < 0.5)
        now = tried + to_best + 0.7 * (a - b)
        return np.where((rng.random(tried.shape) > 0.8) | (now < low) | (now > high), tried, now)

    tried = np.array([low + (high - low) * rng.random((many, len(low))) for rng in draws])
    score = good(tried)
    for _ in range(rounds):
        now = np.array([moved(*one) for one in zip(tried, score, draws, strict=True)])
        better = good(now)
        tried = np.where((better > score)[:, :, None], now, tried)
        score = np.maximum(score, better)
    return tried[np.arange(len(seeds)), score.argmax(axis=1)]


def errors(forecast, z, part):
    """Return the mean absolute error 1 to 10 years ahead, (10,), over all names and origins.

    ``forecast(t)`` returns (N, 10) from z[:, : t + 1], logarithms of shares.
    """
    origins = [year - FIRST for year in ORIGINS[part][1]]
    return np.mean([abs(forecast(t) - z[:, t + 1 : t + 1 + AHEAD]) for t in origins], axis=(0, 1))


def naive(z):
    """Return a forecast: each year as this one."""
    return lambda t: np.repeat(z[:, t : t + 1], AHEAD, axis=1)


def trend(z, years, damping):
    """Return a forecast: the mean change of some years goes on, each year less."""
    fade = np.cumsum(damping ** np.arange(1, AHEAD + 1))
    return lambda t: z[:, t : t + 1] + (z[:, t] - z[:, t - years])[:, None] / years * fade


def smoothing(z, last):
    """Return exponential smoothing with a damped trend, of which each series has its own.

    How fast level and trend follow and how soon the trend ends are chosen for each series, by its
    errors one year ahead until `last`.
    """
    grid = [(a, b, d) for a in (0.5, 0.7, 0.85, 1) for b in (0.05, 0.1, 0.2, 0.3, 0.5, 0.8)
            for d in (0.7, 0.8, 0.9, 0.95, 0.98, 1)]  # fmt: skip
    a, b, damping = np.array(grid).T[:, :, None]

    def follow(t, a, b, damping):
        level, slope = z[:, 0] + 0 * a, 0 * a * z[:, 0]
        missed = 0 * slope
        for k in range(1, t + 1):
            error = z[:, k] - level - damping * slope
            missed = missed + (k > 10) * error**2
            level = level + damping * slope + a * error
            slope = damping * slope + a * b * error
        return level, slope, missed

    best = follow(last - FIRST, a, b, damping)[2].argmin(axis=0)
    a, b, damping = (setting[best, 0] for setting in (a, b, damping))

    def forecast(t):
        level, slope, _ = follow(t, a, b, damping)
        fade = np.cumsum(damping[:, None] ** np.arange(1, AHEAD + 1), axis=1)
        return level[:, None] + slope[:, None] * fade

    return forecast


def autoregression(z, last, largest=6):
    """Return an autoregression of the changes, with weights of its own for each series.

    Akaike's criterion chooses how many years each looks back.
    """
    changes = np.diff(z, axis=1)
    known, rows = changes[:, : last - FIRST], []
    for series in known:
        past = np.lib.stride_tricks.sliding_window_view(series, largest + 1)[:, ::-1]
        fits = []
        for p in range(1, largest + 1):
            A = np.column_stack([np.ones(len(past)), past[:, 1 : p + 1]])
            w = np.linalg.lstsq(A, past[:, 0])[0]
            error = ((past[:, 0] - A @ w) ** 2).mean()
            fits.append((len(past) * np.log(error) + 2 * (p + 1), p, w))
        rows.append(np.pad(min(fits)[2], (0, largest + 1))[: largest + 1])
    W = np.array(rows)

    def forecast(t):
        past, steps = changes[:, t - largest : t][:, ::-1], []
        for _ in range(AHEAD):
            steps.append(W[:, 0] + (past * W[:, 1:]).sum(axis=1))
            past = np.column_stack([steps[-1], past[:, :-1]])
        return z[:, t : t + 1] + np.cumsum(steps, axis=0).T

    return forecast


def linear(z, boys, last, years, penalty):
    """Return one linear function for all series: of the last years, the level and the sex.

    It is fitted by ridge regression, to all series and all years until `last`.
    """

    def seen(t):
        return np.column_stack(
            [np.ones(len(z)), z[:, t - years : t] - z[:, t : t + 1], z[:, t], boys]
        )

    origins = range(years, last - FIRST - AHEAD + 1)
    x = np.concatenate([seen(t) for t in origins])
    y = np.concatenate([z[:, t + 1 : t + 1 + AHEAD] - z[:, t : t + 1] for t in origins])
    W = np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ y)
    return lambda t: z[:, t : t + 1] + seen(t) @ W
