"""What a student sees: `check` compares a function with the reference and says what is wrong.

`checking.check` draws inputs of all kinds that `Exercise.cases` says, calls the student's function
and the reference, and climbs the rungs (`rungs`): not a function, import, error, None, type, shape,
dtype, not finite, argument changed, values, warning. Where a function calls another one of the
student's own that is wrong, a right one takes its place.

When a rung fails, the known mistakes are asked. A mistake is an edit: the right function is a text
of named lines (`lines.Source`), and a mistake says what stands in some of them instead. So two
mistakes in different lines can be put together, and `bank.Bank` looks for one, then two, then three
that do exactly what the student's function does, on all draws of `Exercise.telling`; `sieve` keeps
that quick. Where different causes give the same values, all are said. Where nothing fits,
`telling.shown` says what the values show (rounded, transposed, by a factor), and `tracing` which
value of the right computation is the first that the student's function does not come across.
`points` adds up what is right by now. What fails again in the same way unfolds more (`unfolding`):
wrong values beside the expected ones, a hint (`hints`), the formula with the part in question
marked (`formulas`); where work is graded there is the message alone.

To add an exercise, write the right function in ``exercises/<assignment>.py``, in short lines, one
step a line, below `EXERCISES.add`, and its test cell in
``solutions/<assignment>/<assignment>.ipynb``; `make new-assignment` begins both. Arguments are
drawn by their names (`drawing`). What is drawn otherwise should be dense random values, states that
are not zero, and sizes that all differ: else mistakes look like the right answer, or like each
other. For a result of several arrays, `Exercise.result` names them; for one that is drawn or
trained, `Exercise.judge` says what is wrong.

To add a mistake, write two lines into the function's text in ``mistakes/<assignment>.py``, below
the section of the book that helps (`bank.read` says how)::

    == The cell state, in The gates
    minus for plus | c_t = kept - written
      your values are those when what is written is taken away; the two parts are added

Say what the values show and why it matters, not what to type. What is no edit (an argument changed
in place, weights that were trained) is a function. `make mutants` shows whether each is found and
told from all others, one at a time and two at once. Right answers in other forms go to
``tests/honest/``, wrong ones that must not be taken for a known mistake to ``tests/unseen.py``,
what real students wrote to ``tests/answers/``.
"""

from lstm_check.cells import explain_names
from lstm_check.checking import check
from lstm_check.errors import CheckError
from lstm_check.exercises import EXERCISES
from lstm_check.points import progress

__all__ = ["CheckError", "check", "progress"]

explain_names(EXERCISES)
