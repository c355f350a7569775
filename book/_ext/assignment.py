"""The ``{assignment}`` and ``{assignments}`` directives: an assignment's card, and the list of all.

What they say is read from the notebooks that students get, in ``exercises/``: points, minutes and
what to read first cannot drift from them.

::

    ```{assignment} gates
    ```
"""

import ast
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import nbformat
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

PAGES = "book/assignments/"
OPENING = re.compile(
    r"Read first: the chapters? (?P<chapters>.+?) of the book\. "
    r"Time: about (?P<minutes>\d+) minutes\."
)


@dataclass(frozen=True)
class Assignment:
    """What a released notebook says of itself.

    Attributes
    ----------
    title : str
    chapters : list of str
        Titles of the chapters to read first.
    minutes : int
    functions : dict of (str, int)
        What each function is for, and its points, by name.
    question : int
        Points of the written question.
    """

    title: str
    chapters: list
    minutes: int
    functions: dict
    question: int

    @property
    def points(self):
        """The points of all functions."""
        return sum(points for _, points in self.functions.values())


def read(root, slug):
    """Read an assignment's notebook in ``exercises/``.

    Raises
    ------
    ExtensionError
        If there is none, or it does not begin as notebooks here do.
    """
    path = notebook_of(root, slug)
    if not path.exists():
        there = ", ".join(sorted(folder.name for folder in (root / "exercises").iterdir()))
        raise ExtensionError(
            f"there is no exercises/{slug}/{slug}.ipynb. There is: {there}. "
            "Is the slug right? If it is new, run make exercises."
        )
    notebook = nbformat.read(path, as_version=4)
    opening = OPENING.search(notebook.cells[0].source)
    if not opening:
        raise ExtensionError(
            f"exercises/{slug}/{slug}.ipynb: expected a first cell with 'Read first: the chapter "
            "*Title* of the book. Time: about 30 minutes.'"
        )
    functions = dict.fromkeys(notebook.metadata.lstm_grade.exports, ("", 0))
    question = 0
    for cell in notebook.cells:
        graded = cell.metadata.get("nbgrader", {})
        if cell.id in functions:
            docstring = ast.get_docstring(ast.parse(cell.source).body[0])
            functions[cell.id] = docstring.splitlines()[0], functions[cell.id][1]
        elif graded.get("grade") and cell.cell_type == "markdown":
            question += graded["points"]
        elif graded.get("grade"):
            name = max((f for f in functions if cell.id.startswith(f"test_{f}")), key=len)
            functions[name] = functions[name][0], functions[name][1] + graded["points"]
    return Assignment(
        title=notebook.cells[0].source.splitlines()[0].removeprefix("# "),
        chapters=re.findall(r"\*(.+?)\*", opening["chapters"]),
        minutes=int(opening["minutes"]),
        functions=functions,
        question=question,
    )


def notebook_of(root, slug):
    """Return where an assignment's released notebook lies."""
    return root / "exercises" / slug / f"{slug}.ipynb"


def archive_of(root, slug):
    """Return where `make release` puts an assignment's archive."""
    return root / "dist" / f"{slug}.zip"


def elsewhere(root, slug):
    """Return links that open an assignment on other people's machines, where settings name them.

    ``REPO_URL`` on GitHub gives Binder, and Colab if `make colab` was run; with ``HUB_URL``, the
    address of a JupyterHub that has nbgitpuller, the link that brings the course there.
    """
    repo = os.environ.get("REPO_URL", "").removesuffix("/").removesuffix(".git")
    hub = os.environ.get("HUB_URL", "").removesuffix("/")
    path = f"lab/tree/exercises/{slug}/{slug}.ipynb"
    github = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+)", repo)
    modules = nbformat.read(notebook_of(root, slug), as_version=4).metadata.lstm_grade.modules
    links = []
    if github and "torch" not in modules:  # .binder/ has no PyTorch: it would take minutes
        url = f"https://mybinder.org/v2/gh/{github[1]}/main?urlpath={quote(path, safe='')}"
        links.append(f"[Binder]({url})")
    if github and (root / "dist/colab" / f"{slug}.ipynb").exists():
        url = f"https://colab.research.google.com/github/{github[1]}/blob/colab/{slug}.ipynb"
        links.append(f"[Colab]({url})")
    if repo and hub:
        there = path.replace("lab/tree", f"lab/tree/{repo.rpartition('/')[2]}")
        # In Markdown's own form, MyST would escape the & twice.
        query = f"repo={quote(repo, safe='')}&amp;branch=main&amp;urlpath={quote(there, safe='')}"
        url = f"{hub}/hub/user-redirect/git-pull?{query}"
        links.append(f'<a class="reference external" href="{url}">JupyterHub</a>')
    return " · ".join(links)


def chapter_called(root, title):
    """Return the document of a chapter, such as ``book/gates``."""
    for path in sorted(root.glob("book/*.md")):
        if re.search(rf"^# {re.escape(title)}$", path.read_text("utf-8"), re.MULTILINE):
            return f"book/{path.stem}"
    raise ExtensionError(f"no page in book/ is called {title!r}")


class Reading(SphinxDirective):
    """A directive that writes Markdown, from notebooks."""

    def run(self):
        """Parse what `text` returns; an error names the line of the directive."""
        self.root = Path(self.env.srcdir)
        try:
            lines = self.text().splitlines()
        except ExtensionError as error:
            raise self.error(str(error)) from error
        return self.parse(lines)

    def parse(self, lines):
        """Return the nodes of lines of Markdown."""
        body = nodes.Element()
        self.state.nested_parse(StringList(lines, self.get_location()), self.content_offset, body)
        return body.children

    def reading(self, slug):
        """Read an assignment, and write the page again when its notebook changes."""
        self.env.note_dependency(str(notebook_of(self.root, slug)))
        return read(self.root, slug)

    def to_read(self, assignment):
        """Return links to the chapters to read first."""
        return ", ".join(f"{{doc}}`/{chapter_called(self.root, t)}`" for t in assignment.chapters)


class Card(Reading):
    """``{assignment} SLUG``: what you write, points, minutes, what to read, and how to begin."""

    required_arguments = 1

    def text(self):
        """Return the card in Markdown."""
        slug = self.arguments[0]
        assignment = self.reading(slug)
        rows = [
            f"| `{name}` | {what} | {points} |"
            for name, (what, points) in assignment.functions.items()
        ]
        links = [f"{{download}}`{slug}.ipynb </exercises/{slug}/{slug}.ipynb>`"]
        if archive_of(self.root, slug).exists():
            self.env.note_dependency(str(archive_of(self.root, slug)))
            links.append(f"{{download}}`{slug}.zip </dist/{slug}.zip>`, with all that it needs")
        opens = elsewhere(self.root, slug)
        self.env.metadata[self.env.docname] |= {"assignment": slug, "elsewhere": opens}
        return CARD.format(
            slug=slug,
            points=assignment.points,
            question=assignment.question,
            minutes=assignment.minutes,
            chapters=self.to_read(assignment),
            rows="\n".join(rows),
            links=" · ".join(links),
            elsewhere=f"\n- **Open in:** {opens}" if opens else "",
        )


CARD = """
- **Points:** {points}, and {question} for a written answer
- **Time:** about {minutes} minutes
- **Read first:** {chapters}
- **Download:** {links}{elsewhere}

| You write | what it does | points |
|---|---|--:|
{rows}
| *an answer* | a few sentences, read by your instructor | {question} |

{{ref}}`How to begin <begin-an-assignment>`: `make lab`, or the archive. When every check says
"correct", hand in `{slug}.ipynb`. Keep its name.
"""


class Overview(Reading):
    """``{assignments}``: a table of the assignments that have a page, in the book's order."""

    def text(self):
        """Return the table in Markdown."""
        pages = [str(name) for name in self.env.external_site_map if str(name).startswith(PAGES)]
        slugs = [page.removeprefix(PAGES) for page in pages]
        listed = set(slugs)
        there = {path.parent.name for path in self.root.glob("exercises/*/*.ipynb")}
        if there - listed:
            raise ExtensionError(
                f"no page in _toc.yml for {', '.join(sorted(there - listed))}: expected "
                f"{PAGES}{min(there - listed)}"
            )
        assignments = {slug: self.reading(slug) for slug in slugs}
        rows = [
            f"| {{ref}}`{slug} <assignment-{slug}>` | {self.to_read(one)} | {one.minutes} | "
            f"{one.points} |"
            for slug, one in assignments.items()
        ]
        minutes = sum(one.minutes for one in assignments.values())
        points = sum(one.points for one in assignments.values())
        return TABLE.format(rows="\n".join(rows), minutes=minutes, points=points)


TABLE = """
| Assignment | read first | minutes | points |
|---|---|--:|--:|
{rows}
| *together* | | {minutes} | {points} |
"""


def with_new_archive(app, env, added, changed, removed):
    """Write a page again when its archive has come since it was written, or its links differ."""
    root = Path(env.srcdir)
    return [
        page
        for page, said in env.metadata.items()
        if "assignment" in said
        and notebook_of(root, said["assignment"]).exists()
        and (
            said.get("elsewhere", "") != elsewhere(root, said["assignment"])
            or (
                (archive := archive_of(root, said["assignment"])).exists()
                and str(archive) not in env.dependencies[page]
            )
        )
    ]


def setup(app):
    """Register with Sphinx."""
    app.add_directive("assignment", Card)
    app.add_directive("assignments", Overview)
    app.connect("env-get-outdated", with_new_archive)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
