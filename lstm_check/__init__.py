"""What a student sees: `check` compares a function with the reference and says what is wrong.

`checking.check` draws inputs, calls the student's function and the reference, and
climbs the rungs: not a function, import, error, None, type, shape, dtype, not
finite, argument changed, values, warning. When one fails, `bank` runs every
known mistake on the same inputs; the one that behaves exactly like the
student's function is named.

To add an exercise, write an `Exercise` in ``exercises/<assignment>.py`` and its
test cell in ``solutions/<assignment>/<assignment>.ipynb``; `make new-assignment`
begins both. Draw dense random values, states that are not zero, and sizes that
all differ: else mistakes look like the right answer, or like each other. For a
result of several arrays, `Exercise.result` names them; for one that is drawn or
trained, `Exercise.judge` says what is wrong.

To add a mistake, write a `Mistake` into the function's list in ``mistakes/``: a
wrong function with the signature of the reference (and its keyword arguments,
where the exercise has `parts`), and the sentence that helps whoever made it. Say
what the values show and why it matters, not what to type. `make mutants` shows
whether it is found and told from all others. Right answers in other forms go to
``tests/honest/``, wrong ones that must not be taken for a known mistake to
``tests/unseen.py``.
"""

from lstm_check.checking import check
from lstm_check.errors import CheckError
from lstm_check.points import progress

__all__ = ["CheckError", "check", "progress"]
