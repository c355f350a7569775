"""Silero's detector on made clips: against two simple ones, with gates held, states reset.

    python -m lstm_book.train.voice

makes 70 clips (espeak-ng) and takes about five minutes on one core. The log is `voice.json`.
"""

from functools import cache

import numpy as np

from lstm_book import sounds, voice
from lstm_book.data import silero
from lstm_book.sounds import LEVELS, NOISES
from lstm_book.train import logs
from lstm_book.train.clips import clips

SEEDS = [0, 1, 2]  # of the noise
WEIGHTS = silero()
PARAMS = voice.lstm_of(WEIGHTS)


class Set:
    """Clips under noise, their features and labels.

    Attributes
    ----------
    clean : list of ndarray
    labels : list of ndarray of bool
        By clip, from the clip without noise.
    noisy : dict of list of ndarray
        By level.
    """

    def __init__(self, part, seed=0):
        self.clean = list(clips(part).values())
        self.labels = [sounds.speaking(clean) for clean in self.clean]
        self.kinds = [NOISES[k % len(NOISES)] for k in range(len(self.clean))]
        self.noisy = {level: [] for level in LEVELS}
        for k, (clean, kind) in enumerate(zip(self.clean, self.kinds, strict=True)):
            unwanted = sounds.noise(kind, len(clean), np.random.default_rng([seed, k]))
            for level in LEVELS:
                self.noisy[level].append(sounds.mix(clean, unwanted, level))

    @cache  # noqa: B019 (there are few sets, and all are needed to the end)
    def x(self, level):
        """Return the features of all clips, (T, B, 128): the shorter ones end with zeros."""
        found = [voice.features(voice.cut(one), WEIGHTS) for one in self.noisy[level]]
        T = max(map(len, found))
        return np.stack([np.pad(x, ((0, T - len(x)), (0, 0))) for x in found], axis=1)

    def parted(self, values):
        """Take what belongs to each clip out of values (T, B, …)."""
        return [values[: len(said), k] for k, said in enumerate(self.labels)]

    def listen(self, level, params=PARAMS, change=lambda t, h, c: (h, c)):
        """Run the detector; return what it did, (T, B, …)."""
        return voice.listen(self.x(level), params, WEIGHTS, change=change)


def right(answers, labels):
    """Return the fraction of all chunks that are answered right."""
    return float(np.mean(np.concatenate(answers) == np.concatenate(labels)))


def at_half(found, heard):
    """Return the fraction right of a set of clips, with a threshold of one half."""
    return right([p > 0.5 for p in found.parted(heard.p)], found.labels)


def percent(value):
    """Round a fraction as it is printed."""
    return round(100 * value, 1)


SCORES = {"energy": sounds.loudness, "flux": sounds.flux}


@cache
def made(part, seed=0):
    """Return a set; it is made once."""
    return Set(part, seed)


@cache
def scores(found, level):
    """Return the scores of each clip by method."""
    by_method = {name: [of(one) for one in found.noisy[level]] for name, of in SCORES.items()}
    return by_method | {"LSTM": found.parted(found.listen(level).p)}


def tuned(tune, labels, levels):
    """Return width and threshold of each method, from the clips to tune on at some levels."""
    pooled = [scores(tune, level) for level in levels]
    return {
        name: sounds.tune([s for one in pooled for s in one[name]], labels * len(levels))
        for name in [*SCORES, "LSTM"]
    }


def answers(found, width, threshold):
    """Return what a method answers, given its scores of some clips."""
    return [sounds.smooth(score, width) > threshold for score in found]


def table(part):
    """Compare the methods on 50 clips, at six levels of noise and with three seeds of it."""
    tune = made("tune")
    chosen = tuned(tune, tune.labels, LEVELS)
    told = {level: tuned(tune, tune.labels, [level]) for level in LEVELS}
    kept = {"chosen": chosen, "right": {}, "told the level": {}, "by noise": {}, "labels": {}}
    rows = {name: {level: [] for level in LEVELS} for name in [*chosen, "LSTM at 0.5"]}
    for seed in SEEDS:
        test = made("test", 100 + seed)
        for level in LEVELS:
            found = scores(test, level)
            for name, setting in chosen.items():
                said = right(answers(found[name], *setting), test.labels)
                rows[name][level].append(percent(said))
            at = [p > 0.5 for p in found["LSTM"]]
            rows["LSTM at 0.5"][level].append(percent(right(at, test.labels)))
            if seed:
                continue
            kept["told the level"][level] = {
                name: percent(right(answers(found[name], *told[level][name]), test.labels))
                for name in chosen
            }
            if level == 5:
                for kind in NOISES:
                    mine = [k for k, one in enumerate(test.kinds) if one == kind]
                    kept["by noise"][kind] = {
                        name: percent(
                            right(
                                answers([found[name][k] for k in mine], *setting),
                                [test.labels[k] for k in mine],
                            )
                        )
                        for name, setting in chosen.items()
                    }
    kept["right"] = rows
    speech = np.concatenate(test.labels)
    kept["chunks"], kept["speech"] = len(speech), percent(speech.mean())
    # Other ideas of when somebody speaks: each method is tuned for them anew.
    for below, pause in (30, 5), (50, 5), (40, 0), (40, 15):
        labels, of_tune = (
            [sounds.speaking(clean, below, pause) for clean in one.clean] for one in (test, tune)
        )
        again = tuned(tune, of_tune, LEVELS)
        row = kept["labels"][f"{below} dB, {pause} chunks"] = {}
        for name, setting in again.items():
            said = [answers(scores(test, level)[name], *setting) for level in (10, 0)]
            row[name] = percent(np.mean([right(one, labels) for one in said]))
    return kept


def held(gate, value):
    """Return the detector's LSTM with a gate held at a value in [0, 1]."""
    gates = {f"{kind}_{g}": getattr(PARAMS, f"{kind}_{g}").copy() for kind in "Wb" for g in "fico"}
    gates[f"W_{gate}"][...] = 0
    with np.errstate(divide="ignore"):
        bias = np.log(value) - np.log1p(-np.asarray(value))
    gates[f"b_{gate}"][...] = np.clip(bias, -1000, 40)  # 0 and 1, exactly
    return type(PARAMS).from_gates(**gates)


def gates(part):
    """Hold each gate shut, open, or at its mean over the clips to tune on; count what is right."""
    test, tune = made("test", 100), made("tune")
    heard = tune.listen(10)
    means = {
        g: np.concatenate(tune.parted(getattr(heard, g))).mean(axis=0) for g in ("f", "i", "o")
    }
    settings = {"as learnt": PARAMS}
    for g, mean in means.items():
        settings |= {f"{g} shut": held(g, 0.0), f"{g} open": held(g, 1.0)}
        settings[f"{g} at its mean"] = held(g, mean)
    kept = {}
    for name, params in settings.items():
        row = kept[name] = {"right": {}}
        for level in (20, 5, -5):
            heard = test.listen(level, params)
            p = np.concatenate(test.parted(heard.p))
            labels = np.concatenate(test.labels)
            row["right"][level] = percent(np.mean((p > 0.5) == labels))
            if level == 5:
                row["speech found"] = percent(np.mean(p[labels] > 0.5))
                row["silence taken for speech"] = percent(np.mean(p[~labels] > 0.5))
                sizes = [abs(c).mean() for c in test.parted(heard.c)]
                row["mean |c|"] = round(float(np.mean(sizes)), 2)
                row["tells"] = round(float(voice.tells(p[:, None], labels)[0]), 3)
    return kept


def resets(part):
    """Begin with an empty state every so many chunks; count what is right."""
    test = made("test", 100)
    kept = {}
    for every in (1, 2, 4, 8, 16, 32, 64, 1000):
        kept[every] = {}
        for level in (20, 5):
            x = test.x(level)
            pieces = [
                voice.listen(x[start : start + every], PARAMS, WEIGHTS).p
                for start in range(0, len(x), every)
            ]
            p = test.parted(np.concatenate(pieces))
            kept[every][level] = percent(right([one > 0.5 for one in p], test.labels))
    # All clips in a row, as one stream of minutes in which nobody says where one ends.
    kept["one stream"] = {}
    for level in (20, 5):
        x = np.concatenate(test.parted(test.x(level)))[:, None]
        p = voice.listen(x, PARAMS, WEIGHTS).p[:, 0]
        kept["one stream"][level] = percent(right([p > 0.5], test.labels))
    return kept


def memories(part):
    """Find the memories that tell speech on the clips to tune on; look at them on the others."""
    tune, test = made("tune"), made("test", 100)
    of_tune, of_test = tune.listen(5), test.listen(5)
    c_tune, c_test = (np.concatenate(s.parted(o.c)) for s, o in ((tune, of_tune), (test, of_test)))
    y_tune, y_test = (np.concatenate(s.labels) for s in (tune, test))
    found, there = voice.tells(c_tune, y_tune), voice.tells(c_test, y_test)
    order = np.argsort(-abs(found - 0.5))
    best = int(order[0])
    sign = np.sign(found[best] - 0.5)
    threshold, _ = sounds.best_threshold(sign * c_tune[:, best], y_tune)
    p_tune, p_test = (np.concatenate(s.parted(o.p)) for s, o in ((tune, of_tune), (test, of_test)))
    kept = {
        "units": order[:10].tolist(),
        "tells, to tune on": found[order[:10]].round(3).tolist(),
        "tells, test": there[order[:10]].round(3).tolist(),
        "all, sorted": np.sort(abs(there - 0.5) + 0.5)[::-1].round(3).tolist(),
        "p": [
            round(float(voice.tells(p[:, None], y)[0]), 3)
            for p, y in ((p_tune, y_tune), (p_test, y_test))
        ],
        "best alone, right": percent(np.mean((sign * c_test[:, best] > threshold) == y_test)),
        "detector, right": percent(np.mean((p_test > 0.5) == y_test)),
    }
    kept["best by level"] = {}
    for level in LEVELS:
        c = np.concatenate(test.parted(test.listen(level).c[:, :, [best]]))
        kept["best by level"][level] = round(float(voice.tells(c, y_test)[0]), 3)
    mean = c_tune.mean(axis=0)
    rng = np.random.default_rng(0)
    for name, orders in (
        ("best held", [order]),
        ("others held", [rng.permutation(128) for _ in range(5)]),
    ):
        kept[name] = {}
        for n in (1, 4, 16, 32, 64):
            values = []
            for one in orders:
                which = one[:n]

                def change(t, h, c, which=which):
                    """Hold these memories at their mean, and show them as the gate did."""
                    h, c = h.copy(), c.copy()
                    shown = h[:, which] / np.where(c[:, which] == 0, 1, np.tanh(c[:, which]))
                    c[:, which] = mean[which]
                    h[:, which] = shown * np.tanh(c[:, which])
                    return h, c

                values.append(percent(at_half(test, test.listen(5, change=change))))
            kept[name][n] = values
    return kept


def learnt(part):
    """Return what the gates are like: in speech, in silence, and by unit."""
    test = made("test", 100)
    heard, labels = test.listen(20), np.concatenate(test.labels)
    kept = {"b_f": PARAMS.b_f.round(3).tolist()}
    for g in ("f", "i", "o"):
        values = np.concatenate(test.parted(getattr(heard, g)))
        kept[g] = {
            "speech": round(float(values[labels].mean()), 3),
            "silence": round(float(values[~labels].mean()), 3),
            "mean by unit": values.mean(axis=0).round(3).tolist(),
        }
    return kept


PARTS = {
    "table": table,
    "gates": gates,
    "resets": resets,
    "memories": memories,
    "learnt": learnt,
}

if __name__ == "__main__":
    logs.run("voice", list(PARTS), lambda part: PARTS[part](part))
