"""Find the known mistake that does exactly what the student's function does."""

import functools
import textwrap
from dataclasses import replace

from lstm_check.behaviour import alike, behave, mapped, plain
from lstm_check.errors import CheckError
from lstm_check.mistakes import MISTAKES

# `nbgrader validate` cuts what is longer.
WIDTH = 83
LINES = 3


def recognise(name, exercise, function, parts, got, cases, tolerance, only, error):
    """Return a `CheckError` that names the mistake, or `error` if none fits.

    Parameters
    ----------
    name, exercise, function, parts, tolerance, only
        As in `check`.
    got : Behaviour
        What the function did with ``cases[0]``.
    cases : list of dict
        Draws of the arguments. A mistake has to fit on all: sizes of 1, or
        numbers so large that all gates saturate, make different mistakes look
        the same.
    error : CheckError
        What is said if no mistake fits.
    """
    found = MISTAKES[name]
    for k, arguments in enumerate(cases):
        if not found or (k and exercise.judge):  # a trained result takes long
            break
        got = got if k == 0 else behave(function, arguments)
        found = _fitting(found, exercise, parts, got, arguments, tolerance, only)
    if only and len(found) > 1:  # what is not looked at may still tell them apart
        got = behave(function, cases[0])
        found = _fitting(found, exercise, parts, got, cases[0], tolerance, None) or found
    names = list(dict.fromkeys(mistake.name for mistake in found))
    if not names:
        return error
    mistake = found[0]
    if len(names) == 1:
        text = f"{name}: {mistake.sentence} (see {mistake.section})."
    else:
        both = f"{names[0]}, or {names[1]}"
        text = f"{name}: two mistakes give exactly this: {both} (see {mistake.section})."
    # The line that stopped is worth more than a line of text.
    head = [error.message.splitlines()[0]] if error.mistake == "error" else []
    message = "\n".join([*head, *textwrap.wrap(text, WIDTH)])
    return CheckError(name, " or ".join(names[:2]), message, mistake.section)


def _fitting(mistakes, exercise, parts, got, arguments, tolerance, only):
    got = _picked(exercise, got, only)

    def fits(mistake):
        if mistake.seen:
            return not got.error and mistake.seen(arguments, mapped(plain, got.result))
        return any(
            alike(got, _picked(exercise, run, only), *tolerance, exercise.warnings)
            for run in _runs(mistake, parts, arguments)
        )

    return [mistake for mistake in mistakes if fits(mistake)]


def _runs(mistake, parts, arguments):
    """Yield what the mistake does, with right parts and with the student's own."""
    yield behave(mistake.wrong, arguments)
    if parts:
        own = behave(functools.partial(mistake.wrong, **parts), arguments)
        if not own.error:  # else the part may be at fault: its result may lack something
            yield own


def _picked(exercise, behaviour, only):
    """Leave only the items that are looked at."""
    if only is None or not isinstance(behaviour.result, (dict, tuple, list)):
        return behaviour
    result = behaviour.result
    if isinstance(result, dict):
        picked = {key: result[key] for key in only if key in result}
    else:
        pairs = zip(exercise.result, result, strict=False)
        picked = tuple(item for key, item in pairs if key in only)
    return replace(behaviour, result=picked)
