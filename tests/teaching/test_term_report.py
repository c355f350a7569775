"""The term's page: who falls behind and why, which mistakes stay, and what most share is muted."""

import re

import pytest
from bs4 import BeautifulSoup

from lstm_grade.tell import report_summary
from lstm_grade.tell.links import sections
from lstm_grade.tell.report import GradedClass, Work
from lstm_grade.tell.term_report import Term, behind, staying


def made(*students, mistake="bias left out", section="A section"):
    work = [{"function": "f", "mistake": mistake, "section": section, "message": ""}]
    return {student: Work(mistakes=work) for student in students}


def test_who_falls_behind_and_why():
    classes = [GradedClass(name, {"q": 4}, {}, [], []) for name in ("one", "two", "three")]
    shares = {
        "well": (1.0, 0.9, 0.95),
        "fell": (1.0, 0.9, 0.5),
        "low": (0.6, 0.4, 0.45),
        "gone": (1.0, None, 0.9),
    }
    names = [each.assignment for each in classes]
    term = Term(classes, {who: dict(zip(names, of, strict=True)) for who, of in shares.items()})
    assert [(who, why) for who, _, why in behind(term)] == [
        ("gone", "handed in nothing: two"),
        ("low", "less than 50% twice in a row"),
        ("fell", "50% after 95% before"),
    ]


def test_mistakes_that_stay():
    one = GradedClass("one", {}, made("ada", "bert"), [], [])
    two = GradedClass("two", {}, made("bert", "cleo"), [], [])
    term = Term([one, two])
    term.mistakes = {
        "bias left out": {"one": {"ada", "bert"}, "two": {"bert", "cleo"}},
        "only once": {"one": {"ada"}},
    }
    (row,) = staying(term)
    assert (row["name"], row["counts"], row["same"]) == ("bias left out", [2, 2], ["bert"])
    assert row["section"] == "A section"


def test_what_most_of_the_class_shares_is_said_of_nobody():
    works = {f"s{n}": Work(odd=["cell test_x was changed: restored"]) for n in range(20)}
    works["s7"].odd.append("cell test_y was changed: restored")
    found = GradedClass("gates", {}, works, [], [])
    assert report_summary.shared_remarks(found) == ["cell test_x was changed: restored"]
    assert report_summary.why(found) == [("s7", ["cell test_y was changed: restored"])]
    groups = {why: who for why, _, who in report_summary.look(found)}
    assert groups["something was odd when it was graded"] == ["s7"]


def test_what_a_handful_shares_is_still_said():
    found = GradedClass("gates", {}, {n: Work(odd=["odd"]) for n in ("a", "b", "c")}, [], [])
    assert report_summary.shared_remarks(found) == []


def test_sections_of_the_book_are_found_by_their_titles(tmp_path):
    page = tmp_path / "html/book/gates.html"
    page.parent.mkdir(parents=True)
    page.write_text(
        '<section class="tex2jax_ignore" id="the-gates"><span id="gates"></span>'
        '<h1><span class="section-number">4. </span>The gates<a class="headerlink" href="#x">#</a>'
        '</h1><section id="why-sigma"><h2>Why <em>σ</em> &amp; tanh<a class="headerlink" href="#y">'
        "#</a></h2></section></section>"
    )
    found = sections(tmp_path / "html", tmp_path / "reports/gates")
    assert found == {
        "The gates": "../../html/book/gates.html",
        '"Why σ & tanh" in The gates': "../../html/book/gates.html#why-sigma",
    }
    assert sections(tmp_path / "not built", tmp_path) == {}


@pytest.fixture(scope="module")
def term(new_course):
    course = new_course()
    for slug in ("gates", "cell"):
        for student in ("ada", "bert"):
            if (student, slug) != ("bert", "cell"):
                course.submit(student, {"candidate": "return hx"}, slug=slug)
        assert course.run("lstm_grade", "autograde", slug).returncode == 0
    done = course.run("lstm_grade", "report")
    assert (done.returncode, done.stdout) == (0, "reports/index.html\n"), done.stderr
    return course


def test_the_page_of_the_term(term):
    text = term.path.joinpath("reports/index.html").read_text("utf-8")
    assert not re.search(r"http|<script|<link|<img|@import|url\(", text)
    soup = BeautifulSoup(text, "html.parser")
    for table in soup("table"):
        assert table.caption.text.strip()
    assert "bert" in soup.find(id="behind").find_next("table").text
    assert "handed in nothing: cell" in text
    rows = term.path.joinpath("reports/term.csv").read_text().splitlines()
    assert rows[0] == "student,cell,gates"
    assert rows[2].startswith("bert,,0.8333")


def test_without_names(term):
    assert term.run("lstm_grade", "report", "--anonymous").returncode == 0
    text = term.path.joinpath("reports/index.html").read_text("utf-8")
    assert "bert" not in text
    assert "ada" not in re.sub("<[^>]*>", "", text)
    assert not term.path.joinpath("reports/term.csv").exists()


def test_no_term_is_explained(new_course):
    done = new_course().run("lstm_grade", "report")
    assert done.returncode == 1
    assert done.stderr.startswith("No report: there is no gradebook")
