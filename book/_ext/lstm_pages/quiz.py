"""The ``{quiz}`` directive: a question, its choices, and what each choice tells you.

Each choice becomes a ``<details>``: you choose by opening it. That needs no script, works by
keyboard and for a screen reader, and prints as a list with its answers.
"""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

VERDICTS = {"[x] ": "Right.", "[ ] ": "Not quite."}


class Question(nodes.General, nodes.Element):
    """A question, followed by its choices."""


class Choice(nodes.General, nodes.Element):
    """One choice: a paragraph with the choice itself, then the feedback."""


class Quiz(SphinxDirective):
    """A question, then a list of choices, each followed by its feedback.

    ::

        ```{quiz}
        At $f_t = 0$, what does the cell keep of its old state?

        - [x] Nothing.

          The old state is multiplied by 0.

        - [ ] All of it.

          That is $f_t = 1$.
        ```
    """

    has_content = True

    def run(self):
        """Parse the content; a quiz that cannot be answered is an error."""
        question = Question()
        self.state.nested_parse(self.content, self.content_offset, question)
        if len(question) < 2 or not isinstance(question[-1], nodes.bullet_list):
            raise self.error("A quiz is a question, then a list of choices.")
        choices = [self.choice(*item) for item in zip("ABCDEFGH", question.pop(), strict=False)]
        if len(choices) < 2 or sum("right" in choice["classes"] for choice in choices) != 1:
            raise self.error("A quiz has two choices or more; one is right, written '- [x] …'.")
        question.extend(choices)
        return [question]

    def choice(self, letter, item):
        """Make a choice of a list item; the letter names it where it is only a formula."""
        mark = item.astext()[:4]
        if mark not in VERDICTS or len(item) < 2:
            raise self.error(
                "Each choice begins with '- [x] ' or '- [ ] '; then, after an empty line, comes "
                f"what it tells the reader who chooses it. Not so: {item.astext()!r}"
            )
        text, feedback = item[0][0], item[1]
        item[0].replace(text, nodes.Text(f"{letter}. {text.astext()[4:]}"))
        feedback[:0] = [nodes.strong("", VERDICTS[mark]), nodes.Text(" ")]
        return Choice("", *item.children, classes=["right"] if mark == "[x] " else [])


def visit_question(self, node):
    """Open a question."""
    self.body.append('<div class="quiz" role="group" aria-label="Check yourself">\n')


def depart_question(self, node):
    """Close a question."""
    self.body.append("</div>\n")


def visit_choice(self, node):
    """Open a choice; its first paragraph becomes the summary."""
    self.body.append(self.starttag(node, "details", CLASS="choice"))
    self.body.append("<summary>")
    for child in node.pop(0):
        child.walkabout(self)
    self.body.append("</summary>\n")


def depart_choice(self, node):
    """Close a choice."""
    self.body.append("</details>\n")


def setup(app):
    """Register with Sphinx."""
    app.add_node(Question, html=(visit_question, depart_question))
    app.add_node(Choice, html=(visit_choice, depart_choice))
    app.add_directive("quiz", Quiz)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
