"""Right answers in many forms. All of them score full marks."""

from honest import adding_problem, backward, cell, gates, gradient_flow, pytorch, recurrence

HONEST = {
    **recurrence.HONEST,
    **gates.HONEST,
    **cell.HONEST,
    **backward.HONEST,
    **gradient_flow.HONEST,
    **adding_problem.HONEST,
    **pytorch.HONEST,
}
