"""Cuts fonts down to what the pages write: the book's own, KaTeX's, and the theme's icons."""

import html
import logging
import re
from pathlib import Path

import pydata_sphinx_theme
from fontTools import subset

ROOT = Path(__file__).parents[3]
THEME = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static/vendor"
# Where whole fonts lie, and which of `written` they are for.
FOLDERS = {
    ROOT / "node_modules/@fontsource/source-serif-4/files": "text",
    ROOT / "node_modules/@fontsource/source-code-pro/files": "text",
    ROOT / "node_modules/katex/dist/fonts": "formulas",
    THEME / "fontawesome/webfonts": "icons",
}
# In a stylesheet: a font as WOFF2, which every browser reads, and in other formats.
SOURCE = re.compile(
    r'url\((?:[^)]*/)?([\w-]+)\.woff2\)(?: ?format\("woff2"\))?'
    r'(?:, ?url\([^)]*\) ?format\("\w+"\))*'
)
# The text that stands in a formula as KaTeX sets it: each sign has an element of its own.
SIGNS = re.compile(r'<span class="(?:m[a-z]+|delim\w*|accent-body|op-symbol)[ "][^>]*>([^<]+)<')
ASCII = {chr(code) for code in range(0x20, 0x7F)}  # readers write these, too
FEATURES = ["kern", "liga", "ccmp", "mark", "tnum", "lnum"]

logging.getLogger("fontTools").setLevel(logging.WARNING)  # it reports every table


def written(pages, css):
    """Return the characters that pages write: in text, in formulas, and as icons."""
    text, signs = set(ASCII), set()
    for page in pages.values():
        text |= set(page)
        signs |= set(html.unescape("".join(set(SIGNS.findall(page)))))
    signs |= {letter for letter in text if "\u0370" <= letter <= "\u03ff"}  # face.css: in text, too
    # Icons that rules name: as characters, or as escapes.
    icons = set(re.findall("[\ue000-\uf8ff]", css))
    icons |= {chr(int(icon, 16)) for icon in re.findall(r'"\\([0-9a-f]{2,6})"', css)}
    return {"text": text, "formulas": signs, "icons": icons}


def cut_fonts(out, css, characters):
    """Write the fonts that a stylesheet names, cut, into ``_static/fonts``; return it changed.

    They are cut from where they were installed, so that building again finds them whole.
    """

    def cut(match):
        for folder, kind in FOLDERS.items():
            if (whole := folder / f"{match[1]}.woff2").exists():
                target = out / f"_static/fonts/{match[1]}.woff2"
                target.parent.mkdir(parents=True, exist_ok=True)
                cut_font(whole, target, characters[kind])
                return f'url(fonts/{match[1]}.woff2) format("woff2")'
        return match[0]

    return SOURCE.sub(cut, css)


def cut_font(whole, target, characters):
    """Write a font with some of its characters."""
    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = FEATURES
    options.hinting = options.bidi_closure = False
    options.name_IDs = [0, 1, 2, 6, 13, 14]  # whose it is, too
    with subset.load_font(whole, options) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=map(ord, characters))
        subsetter.subset(font)
        subset.save_font(font, target, options)
