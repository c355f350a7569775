"""Drawings of the cell that several chapters use."""

import matplotlib.pyplot as plt

from lstm_book.style import STYLES

PARTS = ["stack", "f", "i", "c_tilde", "c", "o", "h"]
_GATES = {"f": (2, "σ"), "i": (3.9, "σ"), "c_tilde": (5.8, "tanh"), "o": (7.7, "σ")}
_PLAIN, _MARKED = 1.0, 2.2


def wire(ax, *points, color="black", lw=_PLAIN, ls="-"):
    """Draw a line through the points, with an arrow's tip at the last."""
    *path, tip = points
    ax.plot(*zip(*path, strict=True), color=color, lw=lw, ls=ls, marker="", zorder=1)
    look = {"arrowstyle": "-|>", "color": color, "lw": lw, "ls": ls, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", tip, path[-1], arrowprops=look, zorder=1)


def node(ax, x, y, text, size=0.32, lw=_PLAIN):
    """Draw an operation: a sign in a circle."""
    ax.add_patch(plt.Circle((x, y), size, fc="white", ec="black", lw=lw, zorder=3))
    ax.text(x, y, text, ha="center", va="center", zorder=4)


def cell(ax, mark=None, upto="h"):
    """Draw the LSTM cell at step t, as far as its formulas have been introduced.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    mark : str, optional
        The part in question, one of `PARTS`, drawn heavily.
    upto : str, optional
        The last part that is drawn, one of `PARTS`; `mark` if that is given.
    """
    upto = mark or upto
    if upto not in PARTS:
        raise ValueError(f"mark, upto: expected one of {', '.join(PARTS)}, got {upto!r}")
    shown = PARTS[: PARTS.index(upto) + 1]
    heights = {"stack": (-0.5, 2.2), "h": (-1.1, 6.5)}
    ax.set(xlim=(-1.0, 10.7), ylim=heights.get(upto, (-0.5, 6.5)), aspect="equal")
    ax.axis("off")
    width = {part: _MARKED if part == mark else _PLAIN for part in PARTS}

    # The memory's line along the top ends where the formulas so far have brought it.
    ends = {"f": 2.9, "i": 2.9, "c_tilde": 2.9, "c": 9.2, "o": 9.2, "h": 9.2}
    if upto in ends:
        ax.text(0.6, 5.4, "$c_{t-1}$", ha="right", va="center")
        wire(ax, (0.7, 5.4), (ends[upto], 5.4), lw=2.4)

    # The stacked input, a bar from which every gate is fed.
    fed = [x for part, (x, _) in _GATES.items() if part in shown or mark == "stack"]
    thick = {"lw": 6 if mark == "stack" else 4, "solid_capstyle": "butt"}
    ax.plot([0.7, max(fed)], [1.0, 1.0], color="black", ls="-", marker="", **thick)
    wire(ax, (-0.15, 1.0), (0.7, 1.0), lw=width["stack"])
    wire(ax, (1.3, 0.1), (1.3, 0.95), lw=width["stack"])
    ax.text(-0.25, 1.0, "$h_{t-1}$", ha="right", va="center")
    ax.text(1.3, -0.2, "$x_t$", ha="center", va="center")
    ax.text(1.75, 0.45, "$[h_{t-1}, x_t]$", va="center")

    for name, (x, squash) in _GATES.items():
        if mark == "stack" or name in shown:
            wire(ax, (x, 1.0), (x, 2.0), lw=width[name])
        if name not in shown:
            continue
        look, lw = STYLES[name], width[name]
        box = {"ec": look["color"], "ls": look["linestyle"], "lw": 1.2 + lw}
        ax.add_patch(plt.Rectangle((x - 0.6, 2.0), 1.2, 0.8, fc="none", **box))
        if name == mark:
            tint = {"fc": look["color"], "alpha": 0.15, "lw": 0}
            ax.add_patch(plt.Rectangle((x - 0.6, 2.0), 1.2, 0.8, **tint))
        ax.text(x, 2.4, squash, ha="center", va="center")
        label = r"$\tilde{c}_t$" if name == "c_tilde" else f"${name}_t$"
        # On the right of its wire the output gate has its product.
        at, side = (x - 0.2, "right") if name == "o" else (x + 0.2, "left")
        ax.text(at, 3.1, label, ha=side, va="center")

    def gate_wire(name, *points):
        look = STYLES[name]
        wire(ax, *points, color=look["color"], ls=look["linestyle"], lw=width[name] + 0.4)

    if "f" in shown:
        gate_wire("f", (2, 2.8), (2, 5.08))
        node(ax, 2, 5.4, "×", lw=width["f"])
        ax.text(2, 6.1, "keep", ha="center", style="italic")
    if "i" in shown:
        gate_wire("i", (3.9, 2.8), (3.9, 3.9), (4.53, 3.9))
        node(ax, 4.85, 3.9, "×", lw=width["i"])
    if "c_tilde" in shown:
        gate_wire("c_tilde", (5.8, 2.8), (5.8, 3.9), (5.17, 3.9))
    if "c" in shown:
        wire(ax, (4.85, 4.22), (4.85, 5.08), lw=width["c"])
        node(ax, 4.85, 5.4, "+", lw=width["c"])
        ax.text(4.85, 6.1, "write", ha="center", style="italic")
        ax.text(9.3, 5.4, "$c_t$", va="center")
    if "o" in shown:
        gate_wire("o", (7.7, 2.8), (7.7, 3.6), (8.08, 3.6))
        node(ax, 8.4, 3.6, "×", lw=width["o"])
    if "h" in shown:
        lw = width["h"]
        wire(ax, (8.4, 5.4), (8.4, 4.92), lw=lw)
        ax.text(8.4, 4.6, "tanh", ha="center", va="center", size=9)
        wire(ax, (8.4, 4.28), (8.4, 3.92), lw=lw)
        wire(ax, (8.72, 3.6), (9.7, 3.6), lw=lw)
        ax.text(9.8, 3.6, "$h_t$", va="center")
        ax.text(8.4, 6.1, "show", ha="center", style="italic")
        # What is shown is what the next step sees.
        back = (9.2, 3.6), (9.2, -0.85), (-0.65, -0.85), (-0.65, 0.6)
        wire(ax, *back, lw=lw, ls=(0, (4, 2)))
        ax.text(5.2, -0.6, "fed back, as the next $h_{t-1}$", ha="center", size=9)


def unrolled(ax, steps=3):
    """Draw an LSTM unrolled over some steps: the same cell each time, two states between them."""
    gap = 3.4
    ax.set(xlim=(-1.3, gap * steps + 0.9), ylim=(-0.2, 4.9), aspect="equal")
    ax.axis("off")
    for k in range(steps):
        x, t = gap * k + 1.5, k + 1
        ax.add_patch(plt.Rectangle((x - 0.95, 1.2), 1.9, 2.2, fc="none", ec="black", lw=1.4))
        ax.text(x, 2.3, "the same\nweights", ha="center", va="center", size=9)
        before, after = x - gap + 0.95 if k else -0.5, x - 0.95
        wire(ax, (before, 3.0), (after, 3.0), lw=2.4)
        wire(ax, (before, 1.6), (after, 1.6))
        middle = (before + after) / 2
        ax.text(middle, 3.3, f"$c_{k}$", ha="center", va="center")
        ax.text(middle, 1.9, f"$h_{k}$", ha="center", va="center")
        wire(ax, (x, 0.45), (x, 1.2))
        ax.text(x, 0.15, f"$x_{t}$", ha="center", va="center")
        wire(ax, (x, 3.4), (x, 4.2))
        ax.text(x, 4.5, f"$h_{t}$", ha="center", va="center")
    end = gap * (steps - 1) + 2.45
    for y, name, lw in (3.0, "c", 2.4), (1.6, "h", _PLAIN):
        wire(ax, (end, y), (end + 1.2, y), lw=lw)
        ax.text(end + 0.75, y + 0.3, f"${name}_{steps}$", ha="center", va="center")


# From top to bottom: what to ask, and where a no leads.
SYMPTOMS = [
    ("Does it run?", "backward a second time\nwrong shapes"),
    ("Is the loss\na number?", "the loss is nan"),
    ("Does the training\nloss fall?", "it does not move\nshapes broadcast"),
    ("Does the validation\nloss fall with it?", "it overfits"),
    ("Is it better\nthan naive?", "one step late\nflat"),
    ("Can you\nbelieve it?", "too good to be true"),
    ("Is it as good\nin use?", "leakage\na state kept, or not kept"),
    ("Is it fast\nenough?", "slow"),
]


def symptoms(ax):
    """Draw what to ask of a network that does not work: a ladder of questions."""
    gap, last = 1.5, 1.5 * (len(SYMPTOMS) - 1)
    ax.set(xlim=(-1.85, 5.75), ylim=(-last - 1.5, 0.7), aspect="equal")
    ax.axis("off")
    for k, (question, leads) in enumerate(SYMPTOMS):
        y = -gap * k
        ax.add_patch(plt.Rectangle((-1.8, y - 0.5), 3.6, 1.0, fc="none", ec="black", lw=1.4))
        ax.text(0, y, question, ha="center", va="center", size=10)
        wire(ax, (1.8, y), (2.7, y), ls=(0, (4, 2)))
        ax.text(2.2, y + 0.12, "no", ha="center", size=9, style="italic")
        ax.text(2.85, y, leads, va="center", size=10)
        wire(ax, (0, y - 0.5), (0, y - gap + 0.5))
        ax.text(0.15, y - gap / 2, "yes", va="center", size=9, style="italic")
    ax.text(0, -last - gap + 0.3, "It works.", ha="center", va="center", size=10)
