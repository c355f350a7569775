"""The book on paper: numbered, linked by page, tagged; lectures with notes; handouts of a page."""

import re
from types import SimpleNamespace

import handouts
import lectures
import paper
import pdf
import pytest
from pypdf import PdfReader

CHOSEN = [
    ("", True, ["book/intro"]),
    ("Why", True, ["book/sequences"]),
    ("Teaching", False, ["book/teaching"]),  # it has pictures of its own
    ("Back matter", False, ["book/notation", "book/bibliography"]),
]
NUMBER = re.compile(r"\(p\. (\d+)\)")


@pytest.fixture(scope="module")
def printed(built_book, browser, tmp_path_factory):
    """Print three chapters."""
    path = tmp_path_factory.mktemp("pdf") / "book.pdf"
    pdf.book(path, browser, CHOSEN)
    return PdfReader(path)


@pytest.fixture(scope="module")
def texts(printed):
    """Return each page's words."""
    return [" ".join(page.extract_text().split()) for page in printed.pages]


def bookmarks(reader, outline=None, level=0):
    """Yield bookmarks: level, title, page, counted from 1."""
    for item in reader.outline if outline is None else outline:
        if isinstance(item, list):
            yield from bookmarks(reader, item, level + 1)
        else:
            yield level, item.title, reader.get_destination_page_number(item) + 1


def led_to(reader, page):
    """Return the numbers of the pages to which a page's links lead."""
    notes = [note.get_object() for note in page.get("/Annots", [])]
    names = [note.get("/Dest") or note.get("/A", {}).get("/D") for note in notes]
    places = [reader.named_destinations[name] for name in names if name]
    return {reader.get_destination_page_number(place) + 1 for place in places}


def test_bookmarks_lead_to_chapters_and_sections(printed, texts):
    found = list(bookmarks(printed))
    chapters = [title for level, title, _ in found if level == 0]
    assert chapters == [
        "LSTM Gate by Gate",
        "1. Sequences",
        "Grade a class",
        "Notation",
        "Bibliography",
    ]
    assert sum(level == 1 for level, _, _ in found) >= 10
    for _, title, page in found:
        plain = re.sub(r"\W", "", title.split("(")[0])[:20]
        assert plain in re.sub(r"\W", "", texts[page - 1]), title


def test_contents_and_numbers_agree(printed, texts):
    contents = " ".join(texts[1:3])
    for level, title, page in bookmarks(printed):
        if level == 0:
            assert f"{title} {page}" in contents.replace(" .", "")
    for number, text in enumerate(texts[1:], start=2):
        assert str(number) in text.split()


def test_a_running_head_says_where_one_is(printed, texts):
    first = next(page for _, title, page in bookmarks(printed) if title == "1. Sequences")
    for text in texts[first - 1 : first + 3]:
        assert "LSTM Gate by Gate" in text
        assert text.count("1. Sequences") >= 1


def test_every_reference_has_the_number_of_its_page(built_book, printed, texts):
    """In what was printed, and it is that of the page to which a link beside it leads."""
    made = paper.Paper(built_book, CHOSEN)
    wanted = re.findall(r'<b data-page="([^"]+)"></b>', made.body)
    assert len(wanted) > 4
    found = [int(number) for text in texts for number in NUMBER.findall(text)]
    assert len(found) >= len(wanted) * 0.98  # some are parted by the end of a page
    assert all(1 < number <= len(printed.pages) for number in found)
    assert "(p. 000)" not in " ".join(texts)
    before = set()  # a link may stand at the foot of a page, and its number on the next
    for text, leads in zip(texts, map(led_to, [printed] * len(texts), printed.pages), strict=True):
        assert {int(number) for number in NUMBER.findall(text)} <= leads | before
        before = leads


def test_long_code_begins_where_the_text_before_it_ends(built_book, browser, tmp_path):
    """It is not pushed to the next page, which would leave half of this one empty."""
    made = paper.Paper(built_book, [("", True, ["book/sequences"])])
    code = "\n".join(f"line_{k} = {k}" for k in range(60))
    made.body = (
        f'<article class="bd-article">{"<p>Some words.</p>" * 12}<div class="cell docutils">'
        '<div class="cell_input docutils"><div class="highlight-ipython3 notranslate">'
        f'<div class="highlight"><pre>{code}</pre></div></div></div></div></article>'
    )
    style = (pdf.ROOT / "tools/paper.css").read_text("utf-8")
    path = tmp_path / "code.html"
    path.write_text(made.html("A", "B", [], style, {}), "utf-8")
    tab = browser.new_page()
    tab.goto(path.as_uri())
    tab.pdf(path=tmp_path / "code.pdf", **pdf.TAGGED)
    tab.close()
    pages = [page.extract_text() for page in PdfReader(tmp_path / "code.pdf").pages]
    begun = next(k for k, text in enumerate(pages) if "Some words." in text)
    assert "line_0 = 0" in pages[begun]
    assert "line_59 = 59" in pages[begun + 1]


def test_a_chapter_does_not_end_with_a_line_on_a_page_of_its_own(built_book, monkeypatch):
    made = paper.Paper(built_book, [("", True, ["book/intro", "book/sequences", "book/gates"])])
    places = dict(made.begun)
    assert [*places] == ["p-intro", "p-sequences", "p-gates"]
    full, few = "A whole page of words. " * 60, "Its head, and a line."

    texts = [full, full, few, few]
    printed = [SimpleNamespace(extract_text=lambda text=text: text) for text in texts]
    monkeypatch.setattr(paper, "PdfReader", lambda _: SimpleNamespace(pages=printed))
    numbers = dict(zip(places.values(), (1, 2, 4), strict=True))
    assert "line-height" not in made.html("A", "B", [], "", {}).split("</style>")[0]
    made.squeeze("a print", numbers)
    assert made.close == {"p-sequences"}  # the others are one page in all
    assert '[style="page: p-sequences"] { line-height: 1.55; }' in made.html("A", "B", [], "", {})


def test_answers_are_on_paper(texts):
    assert "32 numbers, for every" in " ".join(texts)


def test_no_link_leads_to_this_machine(printed):
    notes = [note.get_object() for page in printed.pages for note in page.get("/Annots", [])]
    links = [note["/A"]["/URI"] for note in notes if "/URI" in note.get("/A", {})]
    assert any("doi.org" in link for link in links)
    assert not [link for link in links if link.startswith("file:")]


def test_it_says_whose_it_is_and_is_tagged(printed):
    assert printed.metadata.title == "LSTM Gate by Gate"
    assert printed.metadata.author == "the course's authors"
    root = printed.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]


def test_nothing_is_cut_at_the_right(built_book, browser, tmp_path):
    """At the width of the paper nothing is wider than what holds it."""
    path = tmp_path / "book.pdf"
    tab = browser.new_page(viewport={"width": 612, "height": 900})
    made = paper.Paper(built_book, [("", True, ["book/unrolling"])])
    style = (pdf.ROOT / "tools/paper.css").read_text("utf-8")
    path.with_suffix(".html").write_text(made.html("A", "B", [], style, {}), "utf-8")
    tab.goto(path.with_suffix(".html").as_uri())
    tab.emulate_media(media="print")
    wide = tab.evaluate("""() => [...document.querySelectorAll('main pre, main table, main .math')]
        .filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1)
        .map((e) => e.textContent.slice(0, 60))""")
    tab.close()
    assert wide == []


def test_a_handout_is_one_page(built_book, browser, tmp_path):
    one = {"gates": handouts.CHOSEN["gates"]}
    pdf.sheets(tmp_path, browser, one)
    reader = PdfReader(tmp_path / "gates-handout.pdf")
    assert len(reader.pages) == 1
    assert reader.metadata.title == "4. The gates: a handout"
    text = reader.pages[0].extract_text()
    assert "Why is the candidate not a gate?" in " ".join(text.split())


@pytest.mark.long
def test_every_chapter_has_a_handout_of_one_page(built_book, browser, tmp_path):
    """Each numbered chapter that a lecture goes along."""
    pdf.sheets(tmp_path, browser, handouts.CHOSEN)
    given = lectures.read_all(pdf.ROOT / "book/lectures")
    chapters = {slug for lecture in given for slug in lecture.chapters}
    assert set(handouts.CHOSEN) == chapters
    for slug in handouts.CHOSEN:
        assert len(PdfReader(tmp_path / f"{slug}-handout.pdf").pages) == 1, slug


def test_slides_are_printed_with_their_notes(built_book, browser, tmp_path):
    lecture = next(one for one in lectures.read_all(pdf.ROOT / "book/lectures") if one.number == 4)
    pdf.slides(tmp_path, browser, [lecture])
    reader = PdfReader(tmp_path / f"{lecture.slug}-slides.pdf")
    assert len(reader.pages) == 2 * len(lecture.slides)
    assert reader.metadata.title == f"{lecture.number}. {lecture.title}"
    assert reader.trailer["/Root"]["/Lang"] == "en"
    words = " ".join(reader.pages[1].extract_text().split())
    assert " ".join(lecture.slides[0].partition("\nNote:")[2].split())[:40] in words
