"""A page for each chapter: its formulas, a picture, three questions with room for an answer.

``book/lectures/handouts.yml`` names them; they are taken from the built book, as lectures do.
"""

import re
import sys
from pathlib import Path
from string import Template

import yaml
from bs4 import BeautifulSoup
from built_book import Book

ROOT = Path(__file__).parent.parent
CHOSEN = yaml.safe_load((ROOT / "book/lectures/handouts.yml").read_text("utf-8"))
PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>$title: a handout</title><style>
$style
@page { size: A4; margin: 16mm 18mm; }
:root { color-scheme: light; --pst-color-background: #fff; --pst-color-text-muted: #48566b; }
/* The page is filled: the picture takes what it can have, the room for answers what is left. */
body { display: flex; flex-direction: column; height: 264mm; margin: 0; }
body { font: 11pt/1.4 system-ui, "DejaVu Sans", sans-serif; }
h1 { margin: 0 0 3mm; font-size: 19pt; }
h1 small { float: right; font-size: 9pt; font-weight: 400; line-height: 2.4; }
h2 { margin: 5mm 0 2mm; font-size: 12pt; border-bottom: 1px solid #c9cdd2; }
.formulas { display: flex; flex-wrap: wrap; gap: 0 12mm; justify-content: center; }
.formulas { font-size: 10.5pt; }
.katex-display { margin: 1.5mm 0; }
.figure { flex: 0 1 118mm; min-height: 60mm; }
.figure svg { display: block; width: 100% !important; height: 100% !important; }
.figure svg { max-width: none !important; }
ol { display: flex; flex: 1 0 auto; flex-direction: column; margin: 0; }
li { flex: 1 0 24mm; }
</style></head><body>
<h1>$title <small>LSTM Gate by Gate</small></h1>
$formulas<h2>The picture</h2>$figure<h2>Questions</h2><ol>$questions</ol>
</body></html>""")


def title_of(page):
    """Return a built page's title, with its number."""
    heading = BeautifulSoup(re.search(r"<h1>(?=.*headerlink).*?</h1>", page)[0], "html.parser")
    heading.select_one(".headerlink").decompose()
    return " ".join(heading.get_text().split())


def pages(chosen):
    """Yield each chapter's slug and its handout as HTML; what the book lacks stops it."""
    from slides import STATIC, katex_style  # its formulas look as those of the lectures

    book = Book(ROOT / "_build/html/book")
    style = "\n".join([katex_style(), (STATIC / "quantities.css").read_text("utf-8")])
    for slug, parts in chosen.items():
        try:
            formulas = "".join(book.get("equation", name) for name in parts["equations"])
            figure = book.get("figure", parts["figure"])
            asked = [book.get("question", f"{slug}: {text}") for text in parts["questions"]]
        except LookupError as error:
            sys.exit(f"book/lectures/handouts.yml, {slug}: {error.args[0]}")
        questions = [BeautifulSoup(text, "html.parser").select_one(".question") for text in asked]
        yield (
            slug,
            PAGE.substitute(
                title=title_of(book.pages[slug]),
                style=style,
                formulas=f'<h2>The formulas</h2><div class="formulas">{formulas}</div>'
                if formulas
                else "",
                figure=figure,
                questions="".join(f"<li>{question}</li>" for question in questions),
            ),
        )
