"""Colours, line styles and sizes: each quantity of the cell looks the same in every figure."""

import matplotlib.pyplot as plt

# Four hues that colour-blind readers can tell apart and that have a contrast of at least
# 3:1 against the theme's light and its dark background. Black becomes the colour of the
# page's text. Line style and marker say it again for readers who see no colour at all.
STYLES = {
    "f": {"color": "#c04a00", "linestyle": "-", "marker": "o"},
    "i": {"color": "#1a6fd0", "linestyle": "--", "marker": "s"},
    "c_tilde": {"color": "#00a37a", "linestyle": "-.", "marker": "^"},
    "o": {"color": "#c878b8", "linestyle": (0, (4, 1, 1, 1, 1, 1)), "marker": "D"},
    "c": {"color": "black", "linestyle": "-", "marker": "v"},
    "h": {"color": "black", "linestyle": "--", "marker": "P"},
    "x": {"color": "black", "linestyle": ":", "marker": "x"},
}

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
            **{key: [s[key] for s in STYLES.values()] for key in ("color", "linestyle", "marker")}
        ),
        "legend.frameon": False,
        "legend.handlelength": 3,
        "lines.markersize": 4.5,
        "lines.linewidth": 1.6,
        "svg.fonttype": "none",
    }
)
