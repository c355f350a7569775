"""Longer hints, which unfold when a check fails in the same way again.

A hint stands under the title of the section that a mistake names, or under the name of a rung.
It is 80 to 160 words, with an example to work out; indented lines are shown as they are.
"""

from lstm_check.hints import backward, forward, practice, rungs, voice


def _read(text):
    parts = (part.partition("\n") for part in text.split("\n== ")[1:])
    return {title: hint.strip() for title, _, hint in parts}


HINTS = _read(forward.TEXT + backward.TEXT + practice.TEXT + voice.TEXT + rungs.TEXT)
HINTS["shape"] = HINTS["Shapes"]
HINTS["pad"] = HINTS["Dataset and DataLoader"]  # its mask, too
