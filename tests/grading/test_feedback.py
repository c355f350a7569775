"""Feedback and the formgrader: no hidden tests, no students' scripts, nothing from afar."""

import re

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from lstm_grade.tell.feedback import HideTests, visible

HOSTILE = """Below $10 < c$, since
$$|\\tilde c_t| < 1$$
and a < b & c.

<script>alert(1)</script>
<img src="x" onerror="alert(2)"> [link](javascript:alert(3)) $a_$
![picture](https://example.com/pixel.png) ![pasted](attachment:pasted.png)
$\\text{<img src=x onerror=alert(4)>}$ $\\href{javascript:alert(5)}{x}$
"""


@pytest.fixture(scope="module")
def page(new_course):
    course = new_course()
    path = course.submit("half", {"cell_state": "return f * c_prev"})
    notebook = nbformat.read(path, 4)
    answer = notebook.cells[[cell.id for cell in notebook.cells].index("answer")]
    answer.source = HOSTILE
    answer.attachments = {"pasted.png": {"image/png": "iVBORw0KGgo="}}
    nbformat.write(notebook, path)
    assert course.run("lstm_grade", "autograde", "gates").returncode == 0
    assert "not recognized" not in course.nbgrader("generate_feedback", "gates")
    return course.path.joinpath("feedback/half/gates/gates.html").read_text()


def test_messages_stay_and_the_source_of_hidden_tests_does_not(page, new_course):
    source = new_course().path.joinpath("solutions/gates/gates.ipynb")
    text = BeautifulSoup(page, "html.parser").get_text()
    cells = [cell for cell in nbformat.read(source, 4).cells if cell.id.startswith("test_")]
    assert len(cells) == 6
    for cell in cells:
        shown, _, hidden = cell.source.partition("### BEGIN HIDDEN TESTS")
        assert shown.strip() in text
        for line in hidden.strip().splitlines():
            assert line not in text
    assert text.count("# Hidden tests ran here.") == 6
    assert re.search("cell_state: your values are", text)
    assert "forget_gate: correct" in text


def test_page_loads_nothing_and_runs_nothing(page):
    soup = BeautifulSoup(page, "html.parser")
    assert soup("script") == []
    for element in soup(True):
        for name, value in element.attrs.items():
            assert not name.startswith("on"), element
            if name in ("src", "href", "action", "data"):
                assert re.match("#|data:image/png", value), element
    alts = [image["alt"] for image in soup("img")]
    assert [alt for alt in alts if not alt.startswith("The cell, ")] == ["pasted"]
    assert not re.search(r"@import|url\(['\"]?(https?:)?//", page)


def test_what_turns_the_direction_of_writing_is_seen():
    """Or else code reads otherwise than it runs."""
    assert (
        visible("if admin\u202e \u2066# check\u2069") == "if admin[U+202E] [U+2066]# check[U+2069]"
    )
    assert visible("Müller, שלום, 数") == "Müller, שלום, 数"


def test_formulas_are_shown_without_mathjax(page):
    soup = BeautifulSoup(page, "html.parser")
    assert len(soup("math")) >= 10
    # Of what is no formula the text stays.
    assert "$a_$" in soup.get_text()
    assert "a < b & c." in soup.get_text()


def test_formgrader_shows_students_html_as_text(new_course):
    course = new_course()
    config = Config()
    source = course.path.joinpath("nbgrader_config.py").read_text()
    exec(source, {"get_config": lambda: config})
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    exporter = HTMLExporter(config=config)
    render = exporter.environment.from_string("{{ source | markdown2html }}").render
    html = render(source=HOSTILE, cell={})
    assert "<script" not in html
    assert "<img" not in html
    assert "javascript:" not in html
    assert "<math" in html


def test_tests_left_open_are_hidden_to_the_end():
    cell = nbformat.v4.new_code_cell("check()\n### BEGIN HIDDEN TESTS\nsecret()\n\nmore()")
    cell.metadata.nbgrader = {"grade": True, "solution": False}
    hidden, _ = HideTests().preprocess_cell(cell, {}, 0)
    assert hidden.source == "check()\n# Hidden tests ran here."
