"""What unfolds below a message: a hint, then the formula; nothing where work is graded."""

import functools
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import lstm_check.points
from lstm_check import CheckError, check
from lstm_check.exercises import EXERCISES
from lstm_check.formulas import FORMULAS
from lstm_check.hints import HINTS
from lstm_check.mistakes import MISTAKES
from lstm_check.unfolding import PAGES, More
from lstm_ref import sigmoid
from notebooks import ROOT


@pytest.fixture(autouse=True)
def beginner(monkeypatch):
    """Begin as somebody who has not tried anything yet, without a book of their own."""
    monkeypatch.setattr(lstm_check.points, "_failed", type(lstm_check.points._failed)())
    monkeypatch.delenv("BOOK_URL", raising=False)


def forget_gate(hx, W_f, b_f):
    return np.tanh(hx @ W_f.T + b_f)


def fail(function=forget_gate, name="forget_gate", **case):
    # A partial is not looked into: these use `lstm_ref`.
    function = function if hasattr(function, "given") else functools.partial(function)
    with pytest.raises(CheckError) as caught:
        check(name, function, **case)
    return caught.value


def test_the_first_failure_says_what_it_said_and_shows_the_values():
    error = fail()
    assert str(error) == error.message
    assert error.message.startswith("forget_gate: your values are what tanh gives")
    assert "<details>" not in error._repr_html_()
    assert error._repr_html_().count("<table") == 3


def test_the_second_of_a_kind_adds_a_hint_and_the_third_the_formula():
    fail()
    fail(lambda hx, W_f, b_f: sigmoid(hx @ W_f.T))  # another kind is another beginning
    second, third = fail(), fail()
    assert HINTS["Why sigmoid"].splitlines()[0] in str(second)
    assert second._repr_html_().count("<details>") == 1
    assert "σ" not in str(second)
    assert "<mark" not in second._repr_html_()
    assert "f_t = σ(W_f [h_(t-1), x_t] + b_f)" in str(third).replace("{", "(").replace("}", ")")
    [marked] = re.findall(r"<mark[^>]*>(.*?)</mark>", third._repr_html_())
    assert marked == "σ"


def test_what_is_marked_is_what_is_wrong():
    third = [fail(lambda hx, W_f, b_f: sigmoid(hx @ W_f.T)) for _ in range(3)][-1]
    [marked] = re.findall(r"<mark[^>]*>(.*?)</mark>", third._repr_html_())
    assert marked == "+ b<sub>f</sub>"
    formula, under = str(third).partition("f_t = ")[2].splitlines()[:2]
    assert formula[under.index("^") - len("    f_t = ") :].startswith("+ b_f")


def test_what_is_not_written_needs_no_hint():
    def stub(hx, W_f, b_f):
        raise NotImplementedError

    assert [fail(stub)._repr_html_() for _ in range(3)] == ["", "", ""]


def test_right_answers_have_nothing_below_them(capsys):
    check("forget_gate", functools.partial(lambda hx, W_f, b_f: sigmoid(hx @ W_f.T + b_f)))
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize("how", ["other numbers", "a submission", "nbgrader"])
def test_where_work_is_graded_there_is_the_message_alone(how, monkeypatch):
    case, function = {}, forget_gate
    if how == "other numbers":
        case = {"steps": 5}
    elif how == "nbgrader":
        monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    else:

        def function(*arguments):
            return forget_gate(*arguments)

        function.given = lambda **names: function
    for _ in range(3):
        error = fail(function, **case)
        assert error.more is None
        assert str(error) == error.message
        assert set(error.metadata) == {"function", "mistake", "section", "message"}


@pytest.mark.parametrize("key", HINTS)
def test_a_hint_is_a_page_at_most_with_numbers(key):
    words = len(HINTS[key].replace("\n\n", "\n").split())
    assert 80 <= words <= 165, words
    assert re.search(r"\d", HINTS[key])
    assert max(map(len, HINTS[key].splitlines())) <= 110


def test_every_function_with_known_mistakes_has_a_hint_and_a_formula():
    for name, exercise in EXERCISES.items():
        if not MISTAKES[name]:  # it has just been begun
            continue
        assert exercise.section.title in HINTS, name
        assert name in FORMULAS
        lines = set(re.findall(r"<([\w,]+)\|", FORMULAS[name]))
        named = {one for part in lines for one in part.split(",")}
        if exercise.source:
            known = {*exercise.source.order, *exercise.source.texts}
            known |= {n for line in exercise.source.order for n in line.split(", ")}
            assert named <= known | {"keep", "add", "step"}, (name, named - known)
    titles = {mistake.section.title for known in MISTAKES.values() for mistake in known}
    chapters = {mistake.section.chapter for known in MISTAKES.values() for mistake in known}
    assert chapters <= set(PAGES)
    assert len(titles & set(HINTS)) > 20


def test_a_link_leads_where_the_book_is(monkeypatch):
    second = [fail() for _ in range(2)][-1]
    assert 'Read: "Why sigmoid" in The gates' in str(second)
    assert "<a " not in second._repr_html_()
    monkeypatch.setenv("BOOK_URL", "https://example.org/lstm/")
    address = "https://example.org/lstm/book/gates.html#why-sigmoid"
    assert f"Read: {address}" in str(second)
    assert f'href="{address}"' in second._repr_html_()


def test_links_lead_to_sections_of_the_built_book(built_book):
    known = json.loads((built_book / "sections.json").read_text("utf-8"))
    sections = {mistake.section for names in MISTAKES.values() for mistake in names}
    sections |= {exercise.section for exercise in EXERCISES.values()}
    for section in sections:
        anchor = re.sub("[^a-z0-9]+", "-", section.title.lower()).strip("-")
        assert known[str(section)] == f"book/{PAGES[section.chapter]}.html#{anchor}"


@pytest.mark.parametrize("name", EXERCISES)
def test_whatever_fails_can_be_shown(name):
    """Every known mistake three times: tables are whole, nothing is left of the marks."""
    for mistake in MISTAKES[name][:: 6 if EXERCISES[name].judge is None else 99]:
        error = fail(mistake.wrong, name)
        error.more = More(error, 3, EXERCISES[name].section)
        text, html = str(error), error._repr_html_()
        assert html.count("<table") == html.count("</table>")
        assert html.count("<tr") == html.count("</tr>")
        assert not re.search(r"[<>]\w+(,\w+)*\|", text + html)
        assert "`" not in html + text.removeprefix(error.message)
        assert max(map(len, text.splitlines())) <= 120


def test_the_worst_of_a_large_array_is_shown():
    def one_wrong(hx, W_f, b_f):
        f = sigmoid(hx @ W_f.T + b_f)
        f[-1, -1] = 7 + f[-1, -1] if f.size > 400 else f[-1, -1]
        return f

    error = fail(one_wrong)
    html = More(error, 3, EXERCISES["forget_gate"].section).html
    assert html.count("<td") == 3 * 6 * 8
    assert html.count("outline:2px solid") == 3
    assert "part [58:64, 0:8]" in html


def test_a_notebook_shows_it_below_the_message_and_folded():
    pytest.importorskip("nbclient")
    from nbclient import NotebookClient

    setup = "import numpy as np\nfrom lstm_check import check\ndef forget_gate(hx, W_f, b_f):\n"
    setup += "    return np.tanh(hx @ W_f.T + b_f)"
    run = 'check("forget_gate", forget_gate, seed=1)'
    notebook = new_notebook(cells=[new_code_cell(setup), *[new_code_cell(run) for _ in range(3)]])
    NotebookClient(
        notebook, timeout=60, allow_errors=True, resources={"metadata": {"path": ROOT}}
    ).execute()
    for k, cell in enumerate(notebook.cells[1:]):
        message, below = cell.outputs
        assert message.output_type == "error"
        assert len(message.traceback) <= 3
        assert ("<details>" in below.data["text/html"]) == (k > 0)
        assert ("<mark" in below.data["text/html"]) == (k > 1)
        assert "<table" in below.data["text/html"]


def test_a_terminal_shows_it_as_text(tmp_path):
    script = tmp_path / "answer.py"
    script.write_text(
        "import numpy as np\nfrom lstm_check import CheckError, check\n"
        "def forget_gate(hx, W_f, b_f):\n    return np.tanh(hx @ W_f.T + b_f)\n"
        "for _ in range(2):\n    try: check('forget_gate', forget_gate)\n"
        "    except CheckError: pass\n"
        "check('forget_gate', forget_gate)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, cwd=ROOT)
    assert "f_t = σ(W_f" in done.stderr
    assert re.search(r"expected +yours", done.stderr)
    assert "<" not in done.stderr.partition("CheckError: ")[2]
