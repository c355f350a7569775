"""Known mistakes as a text: what a function has of its own, and what it shares with others.

``== Section, in Chapter`` says where to read about what follows. A mistake is a line
``name | code`` and, indented, its sentence. The code is what `Source.edits` takes; `` || `` stands
between several ways to make the mistake, and an indented line that begins with ``|`` goes on with
it. A statement with ``$`` stands for four, one for each gate. A way that ends in `` for # in 1 5``
stands for several, one for each of these; ``#`` may stand in the name and the sentence, too.

``@@ name`` begins a family, and ``@@`` ends it. ``@name word=instead; …`` brings a family in, with
each ``<word>`` replaced. If ``name`` is a function that a line calls, it brings in the mistakes
that are known of that one, made in this line. Indented below may stand the names of those that are
taken, or behind ``but`` those that are not; ``; `` is between them, and ``name as other name``
gives one another name.
"""

import ast
import re
from dataclasses import replace

from lstm_check.drawing import GATES
from lstm_check.exercise import Mistake, Section
from lstm_check.families import TEXT


def read(source, text, called=None, **functions):
    """Read mistakes from a text.

    Parameters
    ----------
    source : Source
        The right function.
    text : str
    called : dict of (Source, list of Mistake), optional
        Functions whose mistakes it may bring in, by name.
    **functions
        What cannot be written as an edit: the code is then a name of these.

    Returns
    -------
    list of Mistake
    """
    called, families = called or {}, dict(_FAMILIES)

    def mistakes_in(text, section):
        for head, below in _entries(text, families):
            if head.startswith("== "):
                section = Section.read(head.removeprefix("== "))
            elif head.startswith("@"):
                name, _, words = head.removeprefix("@").partition(" ")
                if name in called:
                    found = _made_in(source, name, *called[name])
                else:
                    found = mistakes_in(_filled(families[name], words), section)
                yield from _chosen(found, " ".join(below))
            else:
                name, _, code = head.partition(" | ")
                code += "".join(line[1:] for line in below if line.startswith("|"))
                sentence = " ".join(line for line in below if not line.startswith("|"))
                for way, one in _ways(code):
                    wrong = functions.get(way)
                    edits = {} if wrong else source.edits(way)
                    yield Mistake(
                        name.strip().replace("#", one),
                        wrong or source.make(edits),
                        sentence.replace("#", one),
                        section,
                        edits=tuple(edits.items()),
                    )

    return list(mistakes_in(text, None))


def _entries(text, families):
    """Return each line that is not indented, with those below it; keep families apart."""
    entries, family = [], None
    for line in text.strip().splitlines():
        if line.startswith("@@"):
            family = line.removeprefix("@@").strip()
            families[family] = ""
        elif family:
            families[family] += f"{line}\n"
        elif line.startswith(" "):
            entries[-1][1].append(line.strip())
        elif line:
            entries.append((line, []))
    return entries


_FAMILIES = {}
_entries(TEXT, _FAMILIES)


def _filled(family, words):
    for word, _, instead in (one.partition("=") for one in words.split("; ")):
        family = family.replace(f"<{word}>", instead)
    return family


def _ways(code):
    """Yield each way to make a mistake, and what stands for # in it."""
    for way in code.split("||"):
        way, _, those = way.strip().partition(" for # in ")
        way = ";".join(
            ";".join(one.replace("$", gate) for gate in GATES) if "$" in one else one
            for one in way.split(";")
        )
        for one in those.split() or [""]:
            yield way.replace("#", one), one


def _chosen(mistakes, said):
    """Return those of some mistakes that are taken, under the names that they are given."""
    if not said or said.startswith("but "):
        dropped = said.removeprefix("but ").split("; ")
        return [mistake for mistake in mistakes if mistake.name not in dropped]
    taken = dict(one.partition(" as ")[::2] for one in said.split("; "))
    return [replace(m, name=taken[m.name] or m.name) for m in mistakes if m.name in taken]


def _made_in(source, name, callee, mistakes):
    """Yield the mistakes of a function as edits of the line that calls it."""
    [(line, text)] = [one for one in source.texts.items() if f" {name}(" in one[1]]
    given = map(ast.unparse, ast.parse(text).body[0].value.args)
    begin = [f"{a} = {b}" for a, b in zip(callee.arguments, given, strict=True) if a != b]
    for mistake in mistakes:
        if mistake.edits:
            _, *body, end = map(str.strip, callee.text(mistake.edits).splitlines())
            end = re.sub("^return ", f"{line} = ", end)
            body = [*begin, *body, *([end] if end != f"{line} = {line}" else [])]
            edits = {line: "\n".join(body)}
            yield replace(mistake, wrong=source.make(edits), edits=tuple(edits.items()))
