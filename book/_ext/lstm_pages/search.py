"""What a reader can search: every section, term and function of the book, as a page shows it.

All of it goes into one script, ``search-data.js``, which is loaded when somebody begins to
search: from a folder, a page may load scripts but not fetch data. MiniSearch finds, and
book/_static/search.js asks it and shows. Formulas are there once, as one would type them.
"""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).parents[3]
SCRIPTS = [ROOT / "node_modules/minisearch/dist/umd/index.js", ROOT / "book/_static/search.js"]

# What readers call things, and what the book calls them.
SYNONYMS = {
    "bptt": ["backpropagation through time", "unrolling"],
    "unfolding": "unrolling",
    "unfold": "unroll",
    "lstm cell": "the cell",
    "memory cell": "cell state",
    "internal state": "cell state",
    "long-term memory": "cell state",
    "short-term memory": "hidden state",
    "cell gate": "candidate",
    "block input": "candidate",
    "h_n": "hidden state",
    "c_n": "cell state",
    "hx": "stacked input",
    "gradient clipping": "clipping",
    "clip_grad_norm_": "clipping",
    "cec": "constant error carousel",
    "logistic": "sigmoid",
    "sigma": "sigmoid",
    "hadamard": "elementwise",
    "peepholes": "peephole",
    "timesteps": "steps",
    "time step": "step",
    "bidirectional": "both directions",
    "colab": "notebook",
    "autograder": "autograde",
}
SIGNS = {
    **{"sigma": "σ", "odot": "⊙", "partial": "∂", "cdot": "·", "times": "×", "lVert": "‖"},
    **{"rVert": "‖", "rho": "ρ", "lambda": "λ", "gamma": "γ", "alpha": "α", "beta": "β"},
    **{"delta": "δ", "Delta": "Δ", "epsilon": "ε", "varepsilon": "ε", "theta": "θ", "mu": "μ"},
    **{"sum": "∑", "prod": "∏", "infty": "∞", "approx": "≈", "le": "≤", "ge": "≥", "leq": "≤"},
    **{"geq": "≥", "ne": "≠", "in": "∈", "to": "→", "leftarrow": "←", "top": "ᵀ", "dots": "…"},
    **{"ldots": "…", "cdots": "…", "pm": "±", "eta": "η", "nabla": "∇", "tau": "τ", "pi": "π"},
}
# Commands that say how something looks, not what it is.
LOOKS = "text mathrm mathbf mathit operatorname left right begin end big Big bigl bigr quad qquad"
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
SKIPPED = {"script", "style", "svg", "nav", "button", "template", "noscript"}
SKIPPED_CLASSES = {"headerlink", "katex-html", "eqno", "cell_output", "backrefs", "live-bar"}
SKIPPED_CLASSES |= {"expanded"}  # of a folded cell: it says the same as when it is folded


class Article(HTMLParser):
    """Reads a page's article: a list of what can be found in it, in order.

    An entry has its title, its text and its code; ``kind`` is "page", "section", "term" or "api".
    """

    def __init__(self):
        super().__init__()
        self.entries = []
        self.open = []  # [tag, skips, entry or None], one for each open element of the article
        self.where = None  # "title", "code", or None: text
        self.math = False

    @property
    def entry(self):
        """Return the entry that text belongs to: the innermost open one."""
        return next((one for _, _, one in reversed(self.open) if one), None)

    def begin(self, kind, anchor, title=""):
        """Begin an entry."""
        self.entries.append(dict(kind=kind, anchor=anchor, title=title, text="", code=""))
        return self.entries[-1]

    def handle_starttag(self, tag, attributes):
        """Open an element."""
        attributes = dict(attributes)
        classes = set((attributes.get("class") or "").split())
        if tag == "br":
            self.handle_data(" ")
        if tag in VOID or not (self.open or tag == "article"):
            return
        skips = tag in SKIPPED or bool(classes & SKIPPED_CLASSES)
        skips |= bool(self.open and self.open[-1][1])
        anchor, entry = attributes.get("id") or "", None
        if tag == "section":
            kind = "section" if any(one["kind"] == "page" for one in self.entries) else "page"
            entry = self.begin(kind, anchor)
        elif tag == "dt" and anchor:
            self.close_term()
            self.open[-1][2] = self.begin("api" if "sig" in classes else "term", anchor)
            self.where = "title"
            if "sig" in classes:
                self.open[-1][2]["title"], skips = anchor, True
        elif re.fullmatch("h[1-6]", tag):
            self.where = "title"
        elif tag == "pre":
            self.where = "code"
        elif tag == "math":
            self.math = True
        elif tag == "annotation":
            self.math = False
        self.open.append([tag, skips, entry])

    def close_term(self):
        """End the term before: it lies open on its list."""
        self.open[-1][2] = None

    def handle_endtag(self, tag):
        """Close an element, and those that were left open in it."""
        while self.open and tag not in VOID:
            last, _, _ = self.open.pop()
            if last == tag:
                break
        if re.fullmatch("h[1-6]|pre|dt", tag):
            self.where = None
        elif tag in ("p", "li", "dd", "div", "td", "th") and self.entry:
            self.entry["text"] += " "
        elif tag == "math":
            self.math = False
        elif tag == "annotation":
            self.math = True

    def handle_data(self, data):
        """Take text."""
        if not self.open or self.open[-1][1] or self.math or not self.entry:
            return
        if self.open[-1][0] == "annotation":
            data = readable(data)
        self.entry[self.where or "text"] += data


def readable(tex):
    r"""Return a formula as one would type it: ``\sigma(W_f x_t)`` becomes ``σ(W_f x_t)``."""
    looks = "|".join(LOOKS.split())
    tex = re.sub(r"\\(begin|end)\{\w+\*?\}|\\\\|\\[,;!> ]|&|\\htmlClass\{[\w-]+\}", " ", tex)
    tex = re.sub(r"\\tilde\s*\{?(\w)\}?", "\\1\N{COMBINING TILDE}", tex)
    tex = re.sub(rf"\\({looks})(?![a-zA-Z])", "", tex)
    tex = re.sub(r"\\d?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"(\1)/(\2)", tex)
    tex = re.sub(r"\\([a-zA-Z]+)", lambda name: SIGNS.get(name[1], name[1]), tex)
    tex = re.sub(r"([_^])\{(\w)\}", r"\1\2", tex)  # x_{t} is x_t; h_{t-1} keeps its braces
    return re.sub(r"(?<![_^])\{([^{}]*)\}", r"\1", tex).replace("\\", "")


def read(path, html):
    """Return what can be found in a page."""
    article = Article()
    article.feed(html)
    found = []
    for entry in article.entries:
        title, text = (" ".join(entry[key].split()) for key in ("title", "text"))
        if title:
            address = f"{path.as_posix()}#{entry['anchor']}"
            found.append([entry["kind"], address, title, text, entry["code"].strip()])
    return found


def sections(entries):
    """Return the sections as checks name them, ``"Why sigmoid" in The gates``: their addresses."""
    pages, found = {}, {}
    for kind, address, title, *_ in entries:
        name = re.sub(r"^[\d.]+ ", "", title)
        if kind == "page":
            pages[address.partition("#")[0]] = name
        elif kind == "section":
            found.setdefault(f'"{name}" in {pages.get(address.partition("#")[0])}', address)
    return found


def write_search(out, pages):
    """Collect what can be found in all pages into ``search-data.js``; sections by name."""
    entries = []
    for path, html in pages.items():
        if path.parts[0] == "book":
            entries += read(path, html)
    (out / "sections.json").write_text(json.dumps(sections(entries), ensure_ascii=False), "utf-8")
    data = json.dumps([SYNONYMS, entries], ensure_ascii=False, separators=(",", ":"))
    scripts = "".join(script.read_text("utf-8") for script in SCRIPTS)
    scripts = re.sub(r"//# sourceMappingURL=.*", "", scripts)
    (out / "search-data.js").write_text(f"{scripts}\nlstmSearch(...{data});\n", "utf-8")
