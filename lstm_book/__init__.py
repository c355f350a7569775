"""What the book's chapters share: figures as inline SVG, checks, source, one experiment.

Importing the package sets matplotlib's style. A chapter draws as usual and ends with
``show(fig, "gate-trace", alt="…")`` in a cell tagged ``remove-output``; the directive
``{glue:figure} gate-trace`` puts the figure, numbered and captioned, where it belongs.
"""

from lstm_book.checks import check
from lstm_book.source import code
from lstm_book.style import SERIES, STYLES
from lstm_book.svg import show, to_svg

__all__ = ["SERIES", "STYLES", "check", "code", "show", "to_svg"]
