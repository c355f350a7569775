"""Right answers in many forms. All of them score full marks."""

from honest import backward, cell, gates, gradient_flow, recurrence

HONEST = {
    **recurrence.HONEST,
    **gates.HONEST,
    **cell.HONEST,
    **backward.HONEST,
    **gradient_flow.HONEST,
}
