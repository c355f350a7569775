"""The one exception a failed check raises."""

from lstm_check.unfolding import below
from lstm_check.words import shorten


class CheckError(AssertionError):
    """A student's function failed a check.

    IPython shows the message alone, without a traceback: the lines of the
    checker are of no use to a student.

    Parameters
    ----------
    mistake : str
        What went wrong, in a few words that can be counted over a class, such
        as ``"shape"``, ``"values"`` or the name of a known mistake.
    *lines : str
        What the student reads; those too long lose words in their middle.
    section : str, optional
        The section of the book to go back to.
    items : list of rungs.Item, optional
        The parts of a result whose values were compared.
    edited : set of str, optional
        The named lines of the right function that are in question.

    Attributes
    ----------
    function : str
        Name of the function that was checked.
    message : str
        The lines, as plain text.
    more : unfolding.More or None
        What unfolds below the message, for whoever wrote the function.
    """

    function, more = "", None

    def __init__(self, mistake, *lines, section="", items=(), edited=()):
        self.mistake, self.section = mistake, section
        self.message = "\n".join(shorten(line) for line in lines if line)
        self.items, self.lines = list(items), frozenset(edited)
        super().__init__(self.message)

    @property
    def metadata(self):
        """The fields as a dict of strings, to be stored with the cell."""
        names = ("function", "mistake", "section", "message")
        return {name: getattr(self, name) for name in names}

    def _render_traceback_(self):
        """Return the lines that IPython prints in place of a traceback."""
        return self.message.splitlines() + (below(self.more) if self.more else [])

    def _repr_html_(self):
        """Return what is below the message, for the book's pages; "" if there is nothing."""
        return self.more.html if self.more else ""

    def __str__(self):
        """Return what a terminal shows."""
        return self.message + (self.more.text if self.more else "")
