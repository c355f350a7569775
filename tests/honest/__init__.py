"""Right answers in many forms. All of them score full marks."""

from honest import cell, gates, recurrence

HONEST = {**recurrence.HONEST, **gates.HONEST, **cell.HONEST}
