"""What a link to an equation, a term, a citation or a figure shows before you follow it.

All of it goes into one script, ``previews-data.js``, which a page loads when the reader first
rests on such a link: from a folder, a page may load scripts but not fetch data.
"""

import json
import posixpath
import re

from sphinx.errors import ExtensionError

# Where each kind of target ends: none of them contains an element of its own kind.
TARGETS = {
    'id="equation-': r'<div class="math[^"]*" id="(equation-[^"]+)">(.*?)</div>',
    'id="term-': r'<dt id="(term-[^"]+)">.*?</dt><dd>(.*?)</dd>',
    'class="citation"': r'<div class="citation" id="([^"]+)"[^>]*>(.*?)</div>',
    '<figure class="': r'<figure class="[^"]*"(?: id="([^"]+)")?[^>]*>(.*?)</figure>',
}
LINK = re.compile(r'<a class="reference internal" href="([^"#]*)#([^"]+)"')


def write_previews(out, pages):
    """Collect the targets of all pages that a link leads to into ``previews-data.js``.

    Each with a line that says where it is.
    """
    wanted = {
        f"{posixpath.normpath(path.parent / page) if page else path.as_posix()}#{anchor}"
        for path, html in pages.items()
        for page, anchor in LINK.findall(html)
    }
    previews = {}
    for path, html in pages.items():
        title = re.search(r"<h1>(.*?)</h1>", html, re.DOTALL)
        where = re.sub("<[^>]+>", "", strip(title[1])) if title else ""
        for sign, pattern in TARGETS.items():
            targets = re.findall(pattern, html, re.DOTALL)
            if len(targets) != html.count(sign):
                raise ExtensionError(
                    f"{path}: for previews, expected {html.count(sign)} of {pattern!r}, found "
                    f"{len(targets)}. Has the markup changed? See {__file__}"
                )
            for anchor, content in targets:
                name = f"{path.as_posix()}#{anchor}"
                if name in wanted:
                    previews[name] = [strip(content), where]
    data = json.dumps(previews, ensure_ascii=False)
    (out / "previews-data.js").write_text(f"lstmPreviews({data});\n", "utf-8")


def strip(html):
    """Drop what the link itself says, links, and ids, which would be there twice.

    A picture refers to parts of itself: these keep a name, another one.
    """
    html = re.sub(r'<span class="(eqno|backrefs)">.*?</span>', "", html)
    html = re.sub(r'<a class="headerlink".*?</a>|</?a\b[^>]*>', "", html)
    html = re.sub(r'(url\(#|href="#)([^")]+)', r"\1preview-\2", html)
    inside = set(re.findall(r'(?:url\(#|href="#)preview-([^")]+)', html))

    def rename(match):
        return f'{match[1]} id="preview-{match[2]}"' if match[2] in inside else match[1]

    return re.sub(r'(<\w+[^>]*?) id="([^"]*)"', rename, html).strip()
