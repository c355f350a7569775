"""The book's figures: matplotlib drawn as inline SVG that follows the page's theme.

Importing the package sets matplotlib's style. A chapter draws as usual and ends with
``show(fig, "gate-trace", alt="…")`` in a cell tagged ``remove-output``; the directive
``{glue:figure} gate-trace`` puts the figure, numbered and captioned, where it belongs.
"""

from lstm_book.style import STYLES
from lstm_book.svg import show, to_svg

__all__ = ["STYLES", "show", "to_svg"]
