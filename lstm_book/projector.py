"""The same figure for a slide: as wide as a projector shows it, its letters 28 pixels high."""

from matplotlib.text import Text

# A slide shows it 1,200 pixels wide, so a point is 2.82 pixels, and letters of ten points are 28.
SIZE = 5.9, 2.75
LETTERS = 10


def for_slide(fig):
    """Lay a figure out anew, in place: wide, panels side by side, no small letters.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    """
    fig.set_size_inches(*SIZE)
    _side_by_side(fig)
    _legend_in_a_row(fig)
    for text in fig.findobj(Text):
        text.set_fontsize(max(text.get_fontsize(), LETTERS))


def _side_by_side(fig):
    """Put panels that stand one above the other into one row, each with its own title and axis."""
    panels = [ax for ax in fig.axes if ax.get_subplotspec()]
    if not panels:
        return
    grid = panels[0].get_gridspec()
    rows, columns = grid.nrows, grid.ncols
    if rows == 1 or len(panels) != rows * columns:
        return
    row = fig.add_gridspec(1, len(panels))
    for k, ax in enumerate(panels):
        above, below = panels[k % columns], panels[(rows - 1) * columns + k % columns]
        ax.set_subplotspec(row[0, k])
        ax.set_title(ax.get_title() or above.get_title())
        ax.set_xlabel(ax.get_xlabel() or below.get_xlabel())
        ax.tick_params(labelbottom=True)


def _legend_in_a_row(fig):
    """Let the legend above the panels take as few lines as its words allow."""
    for old in list(fig.legends):
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
