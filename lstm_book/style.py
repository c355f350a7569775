"""Colours, line styles and sizes: each quantity of the cell looks the same in every figure."""

import matplotlib.pyplot as plt

# The CSS variable of each quantity, and its colour on the light and on the dark page; the pages
# get them from book/_static/quantities.css. Any two differ for readers of all kinds of colour
# vision, and each has a contrast of at least 3:1 against its page (tests/test_figures.py).
COLOURS = {
    "f": ("--gate-f", "#c2410c", "#f97316"),
    "i": ("--gate-i", "#1e3a8a", "#2563eb"),
    "c_tilde": ("--candidate", "#099268", "#20c997"),
    "o": ("--gate-o", "#9333ea", "#d8b4fe"),
    "gradient": ("--gradient", "#7a1f3d", "#a86c8d"),
}

# Line style and marker say it again for readers who see no colour. Black is the page's text.
STYLES = {
    "f": {"linestyle": "-", "marker": "o"},
    "i": {"linestyle": "--", "marker": "s"},
    "c_tilde": {"linestyle": "-.", "marker": "^"},
    "o": {"linestyle": ":", "marker": "D"},
    "c": {"linestyle": "-", "marker": "v", "linewidth": 2.4},
    "h": {"linestyle": "-", "marker": "P", "linewidth": 1.2},
    "x": {"linestyle": ":", "marker": "x"},
    "gradient": {"linestyle": (0, (6, 2)), "marker": "<"},
}
for _name, _style in STYLES.items():
    _style["color"] = COLOURS[_name][1] if _name in COLOURS else "black"

# What is no quantity of the cell, such as one network beside another, gets no hue.
SERIES = [
    {"color": "black", "linestyle": "-", "marker": "o"},
    {"color": "black", "linestyle": (0, (5, 2)), "marker": "s"},
    {"color": "#6b6b6b", "linestyle": "-", "marker": "^"},
    {"color": "#6b6b6b", "linestyle": (0, (5, 2)), "marker": "D"},
    {"color": "black", "linestyle": (0, (1, 1.5)), "marker": "v"},
    {"color": "#6b6b6b", "linestyle": (0, (1, 1.5)), "marker": "P"},
]

plt.rcParams.update(
    {
        # Small on purpose: the page scales figures up, and on a phone hardly down.
        "figure.figsize": (4.8, 2.9),
        "figure.constrained_layout.use": True,
        "font.size": 10,
        "axes.titlesize": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": plt.cycler(
            **{key: [s[key] for s in SERIES] for key in ("color", "linestyle", "marker")}
        ),
        "legend.frameon": False,
        "legend.handlelength": 3,
        "lines.markersize": 4.5,
        "lines.linewidth": 1.6,
        "svg.fonttype": "none",
    }
)
