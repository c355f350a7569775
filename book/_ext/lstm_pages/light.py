"""Makes the pages light: one stylesheet, with what is used; scripts that are, and block nothing."""

import json
import os
import posixpath
import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

from PIL import Image
from sphinx.errors import ExtensionError

from lstm_pages import fonts

ROOT = Path(__file__).parents[3]
SHEET = re.compile(r'[ \t]*<link (?=[^>]*rel="stylesheet")[^>]*href="([^"?]*)[^>]*>\n?')
DRAWING = re.compile(r'<svg role="img".*?</svg>', re.DOTALL)
IMAGE = re.compile(r'<img (?=[^>]*src="((?!\w+:)[^"]+\.(?:png|jpe?g|gif))")(?![^>]* width=")')
# Scripts that do nothing here: there are no tabs, search is ours, and so is what it marks.
IDLE = {"doctools.js", "sphinx_highlight.js", "design-tabs.js"}
# What else makes elements of a page: of these the theme's styles are kept, too.
OURS = [ROOT / "book/_static", ROOT / "tools/lite/page"]

# In the theme's script: which boxes scroll, and so take the keyboard's focus.
TAB_STOP = "e.tabIndex=e.scrollWidth>e.clientWidth||e.scrollHeight>e.clientHeight?0:-1"
# Instead: pages.js, when they come near.
WHEN_NEAR = "markIfScrolls(e)"


def defer_scripts(app, pagename, templatename, context, doctree):
    """Let every script wait for the page; drop the idle, and options that a version menu reads."""
    if "script_files" not in context:
        return
    context["script_files"] = [
        script
        for script in context["script_files"]
        if not script.attributes.get("body", "").startswith("DOCUMENTATION_OPTIONS.")
        and posixpath.basename(str(script.filename)) not in IDLE
    ]
    for script in context["script_files"]:
        if body := script.attributes.get("body"):
            raise ExtensionError(f"{pagename}: expected no inline script, found {body!r}")
        script.attributes["defer"] = "defer"


def measure_when_near(out):
    """Let the theme's script measure a box when one comes near it.

    It measured all of them before it let the reader scroll, and so laid out the whole page.
    """
    script = out / "_static/scripts/pydata-sphinx-theme.js"
    code = script.read_text("utf-8")
    if WHEN_NEAR in code:
        return
    if code.count(TAB_STOP) != 1:
        raise ExtensionError(
            f"{script}: expected one {TAB_STOP!r}. Has the theme changed? See {__file__}"
        )
    script.write_text(code.replace(TAB_STOP, WHEN_NEAR), "utf-8")


def write_stylesheet(out, pages):
    """Join the stylesheets into ``_static/book.css``, with the icons and fonts in use.

    Changes the links in `pages`.
    """
    sheets = {}  # in the order of the pages' links, which decides which rule wins
    for path, html in pages.items():
        links = [posixpath.normpath(path.parent / href) for href in SHEET.findall(html)]
        if links == ["_static/book.css"]:
            continue
        sheets |= dict.fromkeys(links)
        book_css = posixpath.relpath("_static/book.css", path.parent)
        link = f'    <link rel="stylesheet" href="{book_css}">\n'
        html = SHEET.sub(link, html, count=1)
        first = html.index(link) + len(link)
        pages[path] = html[:first] + SHEET.sub("", html[first:])
    theirs, ours = [], []
    for sheet in sheets:
        of_the_book = (ROOT / "book/_static" / Path(sheet).name).exists()
        (ours if of_the_book else theirs).append(read_sheet(out, sheet))
    css = keep_used(out, pages, "\n".join(theirs), "\n".join(ours))
    css = fonts.cut_fonts(out, css, fonts.written(pages, css))
    (out / "_static/book.css").write_text(css, "utf-8")


def keep_used(out, pages, theirs, ours):
    """Return the theme's styles that something here may use, and then the book's own, all of them.

    A rule is used if a page, or a script that makes elements, has all the words of its selector.
    """
    tags = set().union(*(re.findall(r"<[a-z][^>]*>", html) for html in pages.values()))
    scripts = {path for path in referenced(out, pages) if path.suffix == ".js"}
    scripts |= {path for folder in OURS for path in folder.glob("*.*s")}
    code = [path.read_text("utf-8") for path in sorted(scripts)]
    words = set(re.findall(r"[\w-]+", " ".join([*tags, *code])))
    variables = set(re.findall(r"--[\w-]+", " ".join([*tags, *code, ours])))
    return "\n".join(
        [slim(css=theirs, words=sorted(words), variables=sorted(variables))["css"], ours]
    )


def size_images(out, pages):
    """Return the pages with images that come when one is near, and have their room before."""

    def size(path):
        def with_size(match):
            with Image.open(out / path.parent / unquote(match[1])) as image:
                width, height = image.size
            return f'<img loading="lazy" width="{width}" height="{height}"{match[0][4:]}'

        return with_size

    return {path: IMAGE.sub(size(path), html) for path, html in pages.items()}


def slim_drawings(pages):
    """Return the pages with drawings that look the same and take less."""
    drawings = list(dict.fromkeys(d for html in pages.values() for d in DRAWING.findall(html)))
    slimmer = dict(zip(drawings, slim(drawings=drawings)["drawings"], strict=True))
    return {
        path: DRAWING.sub(lambda drawing: slimmer[drawing[0]], html) for path, html in pages.items()
    }


def slim(css="", words=(), variables=(), drawings=()):
    """Ask slim.mjs; see there."""
    given = {"css": css, "words": words, "variables": variables, "drawings": drawings}
    node = ["node", str(Path(__file__).with_name("slim.mjs"))]
    done = subprocess.run(node, input=json.dumps(given), capture_output=True, text=True)
    if done.returncode:
        raise ExtensionError(f"{' '.join(node)} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def read_sheet(out, sheet):
    """Read a stylesheet and what it imports; its URLs become relative to ``_static/``."""
    folder = posixpath.dirname(sheet)
    css = (out / sheet).read_text("utf-8")

    def rebase(match):
        url = posixpath.join(folder, match[1])
        return f"url({posixpath.relpath(url, '_static')})"

    css = re.sub(r"""url\(["']?(?!data:|#)([^)"']+)["']?\)""", rebase, css)
    css = re.sub(
        r'@import "([^"]+)";', lambda m: read_sheet(out, posixpath.join(folder, m[1])), css
    )
    return re.sub(r"/\*# sourceMappingURL.*?\*/", "", css)


def referenced(out, pages):
    """Return the files that pages refer to, and those that their stylesheets refer to."""
    found = set()
    for path, html in pages.items():
        for url in re.findall(r'(?:href|src)="([^"#?]+)', html):
            found.add(Path(os.path.normpath(out / path.parent / unquote(url))))
    found = {path for path in found if path.is_file()}
    for sheet in [path for path in found if path.suffix == ".css"]:
        for url in re.findall(r"url\(([^)#?]+)", sheet.read_text("utf-8")):
            found.add(Path(os.path.normpath(sheet.parent / url)))
    return found


def delete_unreferenced(out, pages, keep=()):
    """Delete what no page refers to: source maps, whole icon fonts, other themes' images."""
    wanted = referenced(out, pages) | set(keep)
    for path in (out / "_static").rglob("*"):
        if path.is_file() and path not in wanted:
            path.unlink()
    for folder in sorted((out / "_static").rglob("*/"), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
