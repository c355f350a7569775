"""The same figure for a slide: as wide as a projector shows it, its letters 28 pixels high."""

from itertools import pairwise

from matplotlib.text import Text
from matplotlib.ticker import FixedLocator

# A slide shows it 1,200 pixels wide, so a point is 2.82 pixels, and letters of ten points are 28.
SIZE = 5.9, 2.75
LETTERS = 10
IN_A_ROW = 3  # a column of more panels than these becomes two columns


def for_slide(fig):
    """Lay a figure out anew, in place: wide, panels side by side, no small letters.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    """
    fig.set_size_inches(*SIZE)
    _side_by_side(fig)
    for text in fig.findobj(Text):
        text.set_fontsize(max(text.get_fontsize(), LETTERS))
    if len(fig.axes) > 1:
        for legend in filter(None, (ax.get_legend() for ax in fig.axes)):
            legend.set_in_layout(False)
        fig.draw_without_rendering()
        _titles_that_fit(fig)
    _legend_above(fig)
    _labels_that_fit(fig)


def _side_by_side(fig):
    """Put panels that stand one above the other beside each other.

    A grid becomes a row, and a long column two, of which the left one is read first.
    What a panel had from the one above or below, a title or the name of its axis, it gets itself.
    """
    panels = [ax for ax in fig.axes if ax.get_subplotspec()]
    if not panels:
        return
    grid = panels[0].get_gridspec()
    rows, columns = grid.nrows, grid.ncols
    if rows == 1 or len(panels) != rows * columns:
        return
    column = columns == 1 and rows > IN_A_ROW
    high = -(-rows // 2) if column else 1
    new = fig.add_gridspec(high, -(-len(panels) // high))
    for k, ax in enumerate(panels):
        above, below = panels[k % columns], panels[(rows - 1) * columns + k % columns]
        ax.set_subplotspec(new[k % high, k // high])
        if k % high == high - 1 or ax is panels[-1]:
            ax.set_xlabel(ax.get_xlabel() or below.get_xlabel())
            ax.tick_params(labelbottom=True)
        else:
            ax.set_xlabel("")
        if not column:
            ax.set_title(ax.get_title() or above.get_title())
    if column:
        fig.align_ylabels()


def _titles_that_fit(fig):
    """Break a title that is wider than its panel."""
    for ax in fig.axes:
        if ax.title.get_window_extent().width > ax.get_window_extent().width:
            ax.set_title("\n".join(ax.get_title().rsplit(" ", 1)))


def _legend_above(fig):
    """Let the legend above the panels take as few lines as its words allow.

    A legend that is wider than its panel, one of several, goes there, too.
    """
    wide = [
        legend
        for ax in fig.axes
        if len(fig.axes) > 1
        and (legend := ax.get_legend())
        and legend.get_window_extent().width > ax.get_window_extent().width
    ]
    for old in [*fig.legends, *wide]:
        handles, labels = old.legend_handles, [text.get_text() for text in old.get_texts()]
        letters = sum(len(label) + 7 for label in labels)
        lines = -(-letters // 62)
        old.remove()
        fig.legend(
            handles,
            labels,
            loc="outside upper center",
            ncols=-(-len(labels) // lines),
            handlelength=2.2,
            columnspacing=1.2,
        )


def _labels_that_fit(fig):
    """Let ticks be where they are now, and leave out labels that would stand on each other.

    While it lays out, matplotlib tries other ticks, and leaves room for their labels. Of numbers
    every second stays, or every third; of letters, which are a text only together, none.
    """
    fig.draw_without_rendering()
    for axis in [axis for ax in fig.axes for axis in (ax.xaxis, ax.yaxis)]:
        if not isinstance(axis.get_major_locator(), FixedLocator):  # which may have words
            low, high = sorted(axis.get_view_interval())
            seen = [at for at in axis.get_majorticklocs() if low <= at <= high]
            axis.set_major_locator(FixedLocator(seen))
        labels = [tick.label1 for tick in axis.get_major_ticks()]
        labels = [label for label in labels if label.get_text() and label.get_visible()]
        numbers = all(any(map(str.isdigit, label.get_text())) for label in labels)
        step = next((n for n in range(1, 6) if _apart(labels[::n])), len(labels))
        for k, label in enumerate(labels):
            label.set_visible(step == 1 or (numbers and k % step == 0))


def _apart(labels):
    """Tell whether no two neighbours of some labels overlap."""
    boxes = [label.get_window_extent() for label in labels]
    return not any(a.overlaps(b) for a, b in pairwise(boxes))
