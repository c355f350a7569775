"""The one exception a failed check raises."""


class CheckError(AssertionError):
    """A student's function failed a check.

    IPython shows the message alone, without a traceback: the lines of the
    checker are of no use to a student.

    Parameters
    ----------
    function : str
        Name of the function that was checked.
    mistake : str
        What went wrong, in a word or two that can be counted over a class,
        such as ``"shape"`` or ``"values"``.
    message : str
        What the student reads: plain text, at most three lines.
    section : str, optional
        Title of the section of the book to go back to.
    """

    def __init__(self, function, mistake, message, section=None):
        super().__init__(message)
        self.function = function
        self.mistake = mistake
        self.message = message
        self.section = section

    def _render_traceback_(self):
        """Return the lines that IPython prints in place of a traceback."""
        return self.message.splitlines()
