"""Makes the pages light: one stylesheet, only the icons in use, scripts that block nothing."""

import logging
import os
import posixpath
import re
from pathlib import Path
from urllib.parse import unquote

import pydata_sphinx_theme
from fontTools import subset
from sphinx.errors import ExtensionError

SHEET = re.compile(r'[ \t]*<link (?=[^>]*rel="stylesheet")[^>]*href="([^"?]*)[^>]*>\n?')
# As Font Awesome 6 writes them, and 7.
ICON_RULE = re.compile(r'((?:\.fa-[\w-]+(?::before)?,?)+)\{(?:content|--fa):"\\([0-9a-f]+)"\}')
ICON_FONT = re.compile(
    r'url\("?([^)"]*)/webfonts/([\w-]+)\.woff2"?\)'
    r'(?: format\("woff2"\),url\([^)]*\.ttf"?\) format\("truetype"\))?'
)
FONTS = Path(pydata_sphinx_theme.__file__).parent / (
    "theme/pydata_sphinx_theme/static/vendor/fontawesome/webfonts"
)

logging.getLogger("fontTools").setLevel(logging.WARNING)  # it reports every table

# In the theme's script: which boxes scroll, and so take the keyboard's focus.
TAB_STOP = "e.tabIndex=e.scrollWidth>e.clientWidth||e.scrollHeight>e.clientHeight?0:-1"
# The inner width is read first. In a section not laid out yet, Chromium, asked for the width of
# what scrolls, answers before the layout: the box would be lost to the keyboard.
MEASURE = "e.tabIndex=e.clientWidth<e.scrollWidth||e.clientHeight<e.scrollHeight?0:-1"
WHEN_IDLE = f"(window.requestIdleCallback??setTimeout)(()=>{{{MEASURE}}})"


def defer_scripts(app, pagename, templatename, context, doctree):
    """Let every script wait for the page, and drop the options that only a version menu reads."""
    if "script_files" not in context:
        return
    context["script_files"] = [
        script
        for script in context["script_files"]
        if not script.attributes.get("body", "").startswith("DOCUMENTATION_OPTIONS.")
    ]
    for script in context["script_files"]:
        if body := script.attributes.get("body"):
            raise ExtensionError(f"{pagename}: expected no inline script, found {body!r}")
        script.attributes["defer"] = "defer"


def measure_when_idle(out):
    """Let the theme's script measure boxes one by one, between other tasks.

    It measured all of them before it let the reader scroll, and each needed a new layout.
    """
    script = out / "_static/scripts/pydata-sphinx-theme.js"
    code = script.read_text("utf-8")
    if WHEN_IDLE in code:
        return
    if code.count(TAB_STOP) != 1:
        raise ExtensionError(
            f"{script}: expected one {TAB_STOP!r}. Has the theme changed? See {__file__}"
        )
    script.write_text(code.replace(TAB_STOP, WHEN_IDLE), "utf-8")


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
    css = "\n".join(read_sheet(out, sheet) for sheet in sheets)
    scripts = [path.read_text("utf-8") for path in referenced(out, pages) if path.suffix == ".js"]
    names = set(re.findall(r"fa-[\w-]+", "\n".join([*pages.values(), *scripts])))
    (out / "_static/book.css").write_text(keep_icons(out, css, names), "utf-8")


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


def keep_icons(out, css, names):
    """Drop the rules of icons without a name in `names`, and their glyphs from the icon fonts.

    The fonts are cut from the theme's own copies, so that building again finds them whole.
    """
    if not ICON_RULE.search(css) or len(ICON_FONT.findall(css)) != 3:
        raise ExtensionError(
            f"the theme's stylesheet: expected rules like {ICON_RULE.pattern!r} and three fonts "
            f"like {ICON_FONT.pattern!r}. Has the theme changed? See {__file__}"
        )
    kept = set()

    def keep(match):
        if names.isdisjoint(re.findall(r"fa-[\w-]+", match[1])):
            return ""
        kept.add(int(match[2], 16))
        return match[0]

    css = ICON_RULE.sub(keep, css)
    # Those that the theme's other rules name: as characters, or as escapes.
    kept |= {ord(icon) for icon in re.findall("[\ue000-\uf8ff]", css)}
    kept |= {int(icon, 16) for icon in re.findall(r'"\\(f[0-9a-f]{3})"', css)}

    def cut(match):
        options = subset.Options()
        options.flavor = "woff"  # woff2 would need one more package, for a kilobyte
        with subset.load_font(whole_font(match[2]), options) as font:
            subsetter = subset.Subsetter(options)
            subsetter.populate(unicodes=kept)
            subsetter.subset(font)
            subset.save_font(font, out / f"_static/{match[2]}.woff", options)
        return f'url({match[2]}.woff) format("woff")'

    return ICON_FONT.sub(cut, css)


def whole_font(name):
    """Return the theme's file of a font; Brotli reads the WOFF2, all that newer themes have."""
    ttf = FONTS / f"{name}.ttf"
    return ttf if ttf.exists() else ttf.with_suffix(".woff2")


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
