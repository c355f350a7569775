"""What a link to an equation, a term or a citation shows before you follow it.

All of it goes into one script, ``previews-data.js``, which a page loads when the reader first
rests on such a link: from a folder, a page may load scripts but not fetch data.
"""

import json
import re

from sphinx.errors import ExtensionError

# Where each kind of target ends: none of them contains an element of its own kind.
TARGETS = {
    'id="equation-': r'<div class="math[^"]*" id="(equation-[^"]+)">(.*?)</div>',
    'id="term-': r'<dt id="(term-[^"]+)">.*?</dt><dd>(.*?)</dd>',
    'class="citation"': r'<div class="citation" id="([^"]+)"[^>]*>(.*?)</div>',
}


def write_previews(out, pages):
    """Collect the targets of all pages into ``previews-data.js``."""
    previews = {}
    for path, html in pages.items():
        for sign, pattern in TARGETS.items():
            targets = re.findall(pattern, html, re.DOTALL)
            if len(targets) != html.count(sign):
                raise ExtensionError(
                    f"{path}: for previews, expected {html.count(sign)} of {pattern!r}, found "
                    f"{len(targets)}. Has the markup changed? See {__file__}"
                )
            for anchor, content in targets:
                previews[f"{path.as_posix()}#{anchor}"] = strip(content)
    data = json.dumps(previews, ensure_ascii=False)
    (out / "previews-data.js").write_text(f"lstmPreviews({data});\n", "utf-8")


def strip(html):
    """Drop what the link itself says, and links and ids, which would be there twice."""
    html = re.sub(r'<span class="(eqno|backrefs)">.*?</span>', "", html)
    html = re.sub(r'<a class="headerlink".*?</a>|</?a\b[^>]*>', "", html)
    return re.sub(r'(<\w+[^>]*?) id="[^"]*"', r"\1", html).strip()
