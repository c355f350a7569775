"""A preprocessor for submissions in which a cell was copied."""

from nbgrader.preprocessors import DeduplicateIds


class KeepLastCopy(DeduplicateIds):
    """Of cells with the same grade_id keep the last; the others become plain cells.

    nbgrader's own version leaves their metadata empty, takes that for an old
    format a moment later and stops grading everyone (issues 1083 and 1941).
    """

    def preprocess(self, nb, resources):
        """Return the notebook with each grade_id once."""
        nb, resources = super().preprocess(nb, resources)
        for cell in nb.cells:
            if cell.metadata.get("nbgrader") == {}:
                del cell.metadata["nbgrader"]
        return nb, resources
