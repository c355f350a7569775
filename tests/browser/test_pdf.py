"""The book on paper: bookmarks, numbers, and nothing of the machine that printed it."""

import pdf
import pytest
from pypdf import PdfReader

PAGES = {"Why": ["book/sequences"], "Back matter": ["book/notation", "book/bibliography"]}


@pytest.fixture(scope="module")
def printed(built_book, browser, tmp_path_factory):
    """Print three chapters."""
    path = tmp_path_factory.mktemp("pdf") / "book.pdf"
    pdf.write(path, browser, [("", ["book/intro"]), *PAGES.items()])
    return PdfReader(path)


def bookmarks(reader, outline=None):
    """Return the bookmarks as nested dicts, each with its page, counted from 1."""
    found, title, page = {}, None, None
    for item in reader.outline if outline is None else outline:
        if isinstance(item, list):
            found[title, page] = bookmarks(reader, item)
        else:
            title, page = item.title, reader.get_destination_page_number(item) + 1
            found[title, page] = {}
    return found


def test_bookmarks_lead_to_parts_chapters_and_sections(printed):
    start, why, back = bookmarks(printed).items()
    assert start[0] == ("LSTM Gate by Gate", 2)
    [(chapter, sections)] = why[1].items()
    assert chapter == ("Sequences", why[0][1])
    assert len(sections) >= 10
    assert [title for title, _ in back[1]] == ["Notation", "Bibliography"]
    for (title, page), below in [(chapter, {}), *sections.items(), *back[1].items()]:
        assert title in " ".join(printed.pages[page - 1].extract_text().split())
        assert below == {} or title == "Notation"


def test_contents_and_numbers_agree(printed):
    front = printed.pages[0].extract_text().split()
    for title, page in [next(iter(below)) for below in list(bookmarks(printed).values())[1:]]:
        assert front[front.index(title) + 1] == str(page)
        assert str(page) in printed.pages[page - 1].extract_text().split()


def test_answers_are_on_paper(printed):
    text = " ".join(" ".join(page.extract_text() for page in printed.pages).split())
    assert "32 numbers, for every" in text


def test_no_link_leads_to_this_machine(printed, built_book):
    notes = [note.get_object() for page in printed.pages for note in page.get("/Annots", [])]
    links = [note["/A"]["/URI"] for note in notes if "/URI" in note.get("/A", {})]
    assert any("doi.org" in link for link in links)
    assert not [link for link in links if link.startswith("file:")]
