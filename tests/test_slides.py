"""The lectures: sixteen, each of 45 minutes, made of what the book has, each in one file."""

import re
from pathlib import Path

import assignment
import built_book as built
import lectures
import pytest
import slides
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

ROOT = Path(__file__).parents[1]
ALL = lectures.read_all(ROOT / "book/lectures")
SHOWN = "figure|output|table|code|equation|touch"
DATA = ".figure, .output, .table, .code, .equation, blockquote, lstm-cell, lstm-stream, lstm-back"
DATA += ", lstm-learn, gradient-lag"
WORDS = 130  # a minute

every_lecture = pytest.mark.parametrize("lecture", ALL, ids=lambda lecture: lecture.slug)


def notes(slide):
    """Return what a slide's speaker says, without markup."""
    return " ".join(slide.partition("\nNote:")[2].replace("*", "").split())


def minutes(slide):
    """Return a slide's minutes."""
    return int(re.search(r"^#.*\{(\d+)\}$", slide, re.MULTILINE)[1])


@pytest.fixture(scope="module")
def decks(built_book):
    """Return a function that reads a built deck once."""
    read = {}

    def deck(slug):
        if slug not in read:
            text = (built_book / f"slides/{slug}.html").read_text("utf-8")
            read[slug] = BeautifulSoup(text, "html.parser")
        return read[slug]

    return deck


def test_there_are_sixteen():
    assert [lecture.number for lecture in ALL] == list(range(1, 17))


@every_lecture
def test_a_lecture_fills_its_time(lecture):
    assert len(lecture.slides) >= 18
    assert 40 <= lecture.minutes <= 45
    assert lecture.minutes == sum(map(minutes, lecture.slides))


@every_lecture
def test_notes_can_be_said_in_the_time_of_a_slide(lecture):
    for slide in lecture.slides:
        title, said = slide.strip().splitlines()[0], notes(slide)
        assert len(said.split()) <= WORDS * minutes(slide), title
        sentences = re.split(r"(?<=[.!?])[\"”)]?\s+(?=[A-Z0-9\"“])", said)
        assert 3 <= len(sentences) <= 8, f"{title}: {len(sentences)} sentences"


@every_lecture
def test_notes_say_what_is_not_on_the_slide(lecture):
    for slide in lecture.slides:
        shown = {" ".join(line.split()) for line in slide.partition("\nNote:")[0].split("\n")}
        for sentence in re.split(r"(?<=[.!?])\s+", notes(slide)):
            assert not any(len(s) > 20 and s in sentence for s in shown), sentence


@every_lecture
def test_a_lecture_leads_to_work(lecture):
    assert "\n{aims}" in lecture.slides[1]
    assert "\n{exercise}" in lecture.slides[-1]
    if lecture.exercise != "project":
        assert assignment.read(ROOT, lecture.exercise).points
    assert 2 <= len(lecture.aims) <= 4
    assert all((ROOT / f"book/{slug}.md").exists() for slug in lecture.chapters)


@every_lecture
def test_a_lecture_shows_touches_runs_and_asks(lecture, decks):
    """No bare questions: what a question is about was on one of the slides just before it."""
    page = decks(lecture.slug)
    shown = page.select(".slides > section")
    assert page.select("lstm-cell, lstm-stream, lstm-back, lstm-learn, gradient-lag")
    assert page.select(".code a.run[href^='../book/']")
    asked = [k for k, slide in enumerate(shown) if slide.select_one(".question")]
    assert len(asked) >= 2
    for k in asked:
        title = shown[k].h2.get_text()
        assert shown[k].select_one(".answer.fragment").get_text(strip=True), title
        assert any(slide.select_one(DATA) for slide in shown[max(0, k - 2) : k + 1]), title


@every_lecture
def test_every_deck_says_its_minutes(lecture, decks):
    page = decks(lecture.slug)
    timed = [int(slide["data-timing"]) for slide in page.select(".slides > section")]
    assert timed == [60 * minutes(slide) for slide in lecture.slides]
    assert f"totalTime: 60 * {lecture.minutes}," in page.select("script")[-1].get_text()


@every_lecture
def test_a_deck_is_one_file(lecture, decks):
    page = decks(lecture.slug)
    assert not page.select("link, [src], iframe")
    assert {a["href"].split("#")[0].rpartition("/")[0] for a in page.select("a[href]")} <= {
        "../book",
        "../book/assignments",
    }
    css = page.style.get_text()
    assert "@import" not in css
    assert css.count("url(data:font/woff2;base64,") == 20  # KaTeX's fonts
    assert set(re.findall(r"url\(.{5}", css)) == {"url(data:"}


def test_the_overview_and_the_plan_have_them_all(built_book):
    for name, most in ("lectures", 1), ("plan", 1):
        page = BeautifulSoup((built_book / f"book/{name}.html").read_text("utf-8"), "html.parser")
        linked = [a["href"] for a in page.select("article a[href^='../slides/']")]
        decks_linked = [href for href in linked if href.endswith(".html")]
        assert decks_linked == [f"../slides/{lecture.slug}.html" for lecture in ALL] * most


def test_a_week_names_the_work_that_it_ends_with():
    rows = lectures.weeks(ALL)[2:]
    assert len(rows) == len({(lecture.number + 1) // 2 for lecture in ALL})
    named = [name for row in rows for name in re.findall(r"<(assignment-[\w-]+|project)>", row)]
    assert len(named) == len(set(named))
    assert set(named) == {
        "project" if one.exercise == "project" else f"assignment-{one.exercise}" for one in ALL
    }


PAGE = (
    '<section id="a-part"><span id="part"></span><h2><span>1.2. </span>A part</h2>'
    '<figure class="x" id="fig-a"><svg id="a">A</svg><figcaption>A.</figcaption></figure>'
    '<div class="math" id="equation-eq-a"><span class="eqno">(1)</span><b>f</b></div>'
    '<div class="highlight-ipython3 notranslate"><div class="highlight"><pre><span></span>'
    '<span class="k">def</span> one():\n    return <span class="mi">1</span>\n\n\none()\n'
    "</pre></div>"
    '<div class="output stream highlight-myst-ansi notranslate"><div class="highlight"><pre>'
    "<span></span>b_f  whole\n  1   0.5\n  2   0.7\n</pre></div></div>"
    "<gradient-lag><p>Here.</p></gradient-lag></section>"
    '<section id="questions"><details><summary><span class="sd-summary-text">'
    "Isn’t <code>x</code> "
    '<span class="katex"><math><annotation>h_t</annotation></math>h</span>?</span></summary>'
    '<div><p>No, <a href="#a">see</a>.</p></div></details></section>'
)
LECTURE = """---
number: 3
title: Three
chapters: [gates]
exercise: gates
needs: nothing
aims: [read, write]
---
"""


@pytest.fixture
def book(tmp_path):
    """Make a book of one page."""
    (tmp_path / "gates.html").write_text(PAGE, "utf-8")
    return built.Book(tmp_path)


def one_slide(book, text):
    """Return a slide, parsed."""
    deck = slides.Deck(ALL[0], book)
    deck.add(text)
    return BeautifulSoup(deck.slides[0], "html.parser")


def test_what_a_slide_takes_from_the_book(book):
    text = "## One {3}\n\n{figure} fig-a\n\nWords.\n\n{equation} eq-a\n\nNote:\nSpeak *up*."
    one = one_slide(book, text)
    assert one.h2.string == "One"
    assert one.section["data-timing"] == "180"
    parts = [part["class"] for part in one.select(".body > *")]
    assert parts == [["figure"], ["text"], ["equation"]]
    assert str(one.svg) == '<svg id="a">A</svg>'
    assert str(one.select_one(".equation")) == '<div class="equation"><b>f</b></div>'
    assert str(one.select_one("aside.notes em")) == "<em>up</em>"
    assert "<p>No, see.</p>" in str(
        one_slide(book, "## Two {1}\n\n{question} gates: Isn't `x` $h_t$?")
    )


def test_a_cell_comes_with_a_link_to_where_it_runs(book):
    one = one_slide(
        book, "## One {1}\n\n{code} gates#part: def one\n\n{output} gates#a-part: whole … 0.5"
    )
    code, output = one.select_one(".code"), one.select_one(".output")
    assert code.pre.get_text() == "def one():\n    return 1\n"
    assert (code.a["href"], code.a.string) == ("../book/gates.html#part", "A part")
    assert output.pre.get_text() == "b_f  whole\n  1   0.5\n"


@pytest.mark.parametrize("tex", ["f(T - 1),", "f(T - 1).", "f(T - 1)"])
def test_a_formula_does_not_end_with_the_sign_of_a_sentence(book, tex):
    slides.markdown()  # starts what draws them
    drawn, plain = (slides.katex.render_latex(each) for each in (tex, "f(T - 1)"))
    book.pages["gates"] = PAGE.replace("<b>f</b>", drawn)
    shown, wanted = (
        re.sub("<annotation.*?</annotation>", "", text)
        for text in (book.equations["eq-a"], f'<div class="equation">{plain}</div>')
    )
    assert BeautifulSoup(shown, "html.parser").text == BeautifulSoup(wanted, "html.parser").text


def test_both_of_the_words_name_a_cell(book):
    """Not the first cell that has one of them."""
    more = PAGE.split("</section>")[0].replace("return", "again =")
    book.pages["gates"] = f"{more}</section>{PAGE}"
    one = one_slide(book, "## One {1}\n\n{code} gates#part: def one … return")
    assert one.pre.get_text() == "def one():\n    return 1\n"


def test_lines_up_to_others(book):
    one = one_slide(book, "## One {1}\n\n{output} gates#part: b_f … < 2   0.7")
    assert one.pre.get_text() == "b_f  whole\n  1   0.5\n"


def test_code_that_no_cell_runs_is_not_called_so(book):
    page = book.pages["gates"].replace("highlight-ipython3", "highlight-python")
    book.pages["gates"] = page
    assert (
        "Where it stands: A part"
        in one_slide(book, "## One {1}\n\n{code} gates#part: def one").get_text()
    )


def test_what_a_lecture_says_itself(book):
    one = one_slide(
        book, "## One {1}\n\n{ask} How *many*?\n\n{answer} $2$\n\n{touch} lstm-cell fade"
    )
    assert one.select_one(".question").decode_contents() == "How <em>many</em>?"
    assert one.select_one(".answer.fragment .katex")
    assert one.find("lstm-cell")["story"] == "fade"
    assert one_slide(book, "## One {1}\n\n{touch} gradient-lag").find("gradient-lag").p
    card = one_slide(book, f"## One {{1}}\n\n{{exercise}} {ALL[0].exercise}")
    card = card.select_one(".exercise")
    own = assignment.read(ROOT, ALL[0].exercise)
    assert f"about {own.minutes} minutes, {own.points:g} points" in card.get_text()
    assert one_slide(book, "## One {1}\n\n{aims}").select(".aims li")


def test_a_projector_gets_its_own_figure(book, tmp_path):
    glue = '{"a": {"data": {"image/svg+xml": "<svg>wide</svg>", "text/html": "<svg>A</svg>"}}}'
    (tmp_path / "gates.glue.json").write_text(glue, "utf-8")
    assert (
        built.Book(tmp_path, tmp_path).figures["fig-a"]
        == '<div class="figure"><svg>wide</svg></div>'
    )


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("{figure} fig-b", "no figure 'fig-b'. Did you mean 'fig-a'?"),
        ("{equation} eq-other", "no equation 'eq-other'"),
        ("{question} gates: Isn't `x` $c_t$?", 'Did you mean "gates: Isn\'t `x` $h_t$?"?'),
        ("{question} nowhere: Why?", "no question 'nowhere: Why?'"),
        ("{picture} fig-a", "expected figure or equation or question or code or output"),
        ("{touch} lstm-cell fede", "lstm-cell can show remember, full-stop, sum, fade"),
        (
            "{touch} lstm-learn echo Z=1",
            "lstm-learn can set H, T, bias, clip, rate, seed to a number",
        ),
        ("{touch} gradient-lags", "no touch 'gradient-lags'. Did you mean 'gradient-lag'?"),
        ("{code} gates: def one", "expected {code} page#section: words, got 'gates: def one'"),
        ("{code} gate#part: def one", "the built book has no page 'gate'"),
        ("{output} gates#port: whole", "no cell in section 'port'. There are: ['part'"),
        ("{output} gates#part: none", "no output in gates#part has the words 'none'"),
        (
            "{code} gates#part: def one … none",
            "no code in gates#part has the words 'def one … none'",
        ),
        ("{exercise} cell", "the lecture leads to 'gates', as its first lines say, got 'cell'"),
    ],
)
def test_what_the_book_lacks_stops_the_build(book, tmp_path, named, said):
    path = tmp_path / "three.md"
    path.write_text(
        f"{LECTURE}# One {{1}}\n\n{{figure}} fig-a\n\n---\n\n## Second {{2}}\n\n{named}\n"
    )
    with pytest.raises(SystemExit) as stopped:
        slides.deck(lectures.read(path), book)
    assert str(stopped.value).startswith("book/lectures/three.md, slide 2 (Second {2}): ")
    assert said in str(stopped.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# One {1}\n", "expected to begin with aims, chapters, exercise, needs, number, title"),
        (LECTURE.replace("needs: nothing\n", "") + "# One {1}\n", "Missing, or unknown: needs."),
    ],
)
def test_a_lecture_says_what_it_is(tmp_path, text, said):
    path = tmp_path / "one.md"
    path.write_text(text, "utf-8")
    with pytest.raises(ExtensionError) as stopped:
        lectures.read(path)
    assert said in str(stopped.value)


def test_a_slide_says_its_minutes(book, tmp_path):
    path = tmp_path / "one.md"
    path.write_text(f"{LECTURE}# One\n", "utf-8")
    with pytest.raises(SystemExit, match=r"slide 1 \(One\): expected a heading with its minutes"):
        slides.deck(lectures.read(path), book)
