"""The one exception a failed check raises."""

from lstm_check.unfolding import below

# `nbgrader validate` cuts what is longer.
WIDTH = 83


class CheckError(AssertionError):
    """A student's function failed a check.

    IPython shows the message alone, without a traceback: the lines of the
    checker are of no use to a student.

    Parameters
    ----------
    function : str
        Name of the function that was checked.
    mistake : str
        What went wrong, in a few words that can be counted over a class, such
        as ``"shape"``, ``"values"`` or the name of a known mistake.
    message : str
        What the student reads: plain text, a few short lines.
    section : Section or str, optional
        The section of the book to go back to.
    items : dict, optional
        Of a result whose values were compared: by item, what is wrong with it,
        see `rungs.Item`; "" where it is right.
    lines : set of str, optional
        The named lines of the right function that are in question.

    Attributes
    ----------
    more : unfolding.More or None
        What unfolds below the message, for whoever wrote the function.
    """

    more = None

    def __init__(self, function, mistake, message, section="", items=None, lines=()):
        super().__init__(message)
        self.function = function
        self.mistake = mistake
        self.message = message
        self.section = str(section)
        self.items = items or []
        self.lines = frozenset(lines)

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
