"""The ``{lectures}`` directive: tables of all lectures, from what each says of itself.

`tools/slides.py` builds the decks of the same files, and `tools/pdf.py` prints them.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

KEYS = {"number", "title", "chapters", "exercise", "needs", "aims"}
FRONT = re.compile(r"---\n(.*?)\n---\n(.*)", re.DOTALL)


@dataclass(frozen=True)
class Lecture:
    """What a lecture's file says.

    Attributes
    ----------
    slug : str
        Its file's name.
    number : int
    title : str
    chapters : list of str
        Slugs of the chapters it goes along.
    exercise : str
        The assignment it leads to.
    needs : str
        What a class must have had.
    aims : list of str
    slides : list of str
        Its slides, as they are written.
    """

    slug: str
    number: int
    title: str
    chapters: list
    exercise: str
    needs: str
    aims: list
    slides: list

    @property
    def minutes(self):
        """The sum of the slides' minutes, which stand in their headings."""
        return sum(int(m) for m in re.findall(r"^#.*\{(\d+)\}$", "\n".join(self.slides), re.M))


def read(path):
    """Read a lecture; ExtensionError if it does not begin as lectures do."""
    front = FRONT.fullmatch(path.read_text("utf-8"))
    given = yaml.safe_load(front[1]) if front else {}
    if set(given) != KEYS:
        differing = ", ".join(sorted(set(given) ^ KEYS))
        raise ExtensionError(
            f"book/lectures/{path.name}: expected to begin with {', '.join(sorted(KEYS))} "
            f"between two lines ---. Missing, or unknown: {differing}."
        )
    return Lecture(slug=path.stem, slides=front[2].split("\n---\n"), **given)


def read_all(folder):
    """Read all lectures, in order."""
    return sorted(map(read, Path(folder).glob("*.md")), key=lambda lecture: lecture.number)


class Lectures(SphinxDirective):
    """What the lectures say of themselves: ``table``, ``weeks``, or the ``handouts`` beside them.

    A comment marks where `tools/pdf.py` links what it has printed.
    """

    required_arguments = 1

    def run(self):
        """Read the files; a change of one makes the page anew."""
        folder = Path(self.env.srcdir) / "book/lectures"
        for path in sorted(folder.glob("*.md")):
            self.env.note_dependency(str(path))
        made = {"table": table, "weeks": weeks, "handouts": handouts}
        rows = made[directives.choice(self.arguments[0], [*made])](read_all(folder))
        body = nodes.Element()
        source = StringList(rows, self.get_location())
        self.state.nested_parse(source, self.content_offset, body)
        return body.children


def link(lecture):
    """Return a link to a lecture's slides, which Sphinx does not know."""
    return f'<a href="../slides/{lecture.slug}.html">{lecture.title}</a>'


def chapters(lectures):
    """Return links to the chapters of some lectures, each once."""
    slugs = dict.fromkeys(slug for lecture in lectures for slug in lecture.chapters)
    return ", ".join(f"{{ref}}`{slug}`" for slug in slugs)


def exercises(lectures):
    """Return links to what some lectures lead to, each once."""
    slugs = dict.fromkeys(lecture.exercise for lecture in lectures)
    labels = {slug: "project" if slug == "project" else f"assignment-{slug}" for slug in slugs}
    return ", ".join(f"{{ref}}`{slug} <{label}>`" for slug, label in labels.items())


def table(lectures):
    """Return a row for each lecture: minutes, what it needs, what it leads to."""
    rows = [
        f"| {one.number} | {link(one)}<!-- slides {one.slug} --> | {one.minutes} "
        f"| {chapters([one])} | {one.needs} | {exercises([one])} |"
        for one in lectures
    ]
    return ["| | lecture | minutes | chapter | needs | leads to |", "|---" * 6 + "|", *rows]


def weeks(lectures):
    """Return a row for each week of two lectures; work is named in the week that ends with it."""
    rows = ["| week | lectures | read | do |", "|---" * 4 + "|"]
    last = {lecture.exercise: (lecture.number + 1) // 2 for lecture in lectures}
    for week in sorted({(lecture.number + 1) // 2 for lecture in lectures}):
        both = [lecture for lecture in lectures if (lecture.number + 1) // 2 == week]
        due = [lecture for lecture in both if last[lecture.exercise] == week]
        titles = "; ".join(f"{one.number}. {link(one)}" for one in both)
        rows.append(f"| {week} | {titles} | {chapters(both)} | {exercises(due)} |")
    return rows


def handouts(lectures):
    """Return the handouts' links, each of which is there when it was printed."""
    slugs = dict.fromkeys(slug for lecture in lectures for slug in lecture.chapters)
    return [", ".join(f"{{ref}}`{slug}`<!-- handouts {slug} -->" for slug in slugs)]


def setup(app):
    """Register with Sphinx."""
    app.add_directive("lectures", Lectures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
