"""What of a page can be found by search, and how its formulas read."""

from pathlib import Path

import pytest
from lstm_pages import search

PAGE = """<nav>menu</nav><article><section id="the-gates"><h1><span>4. </span>The
gates<a class="headerlink" href="#">#</a></h1><p>All <b>four</b>.</p>
<section id="forget"><h2>Forget</h2><p>Keeps <span class="katex"><span class="katex-mathml"><math>
<semantics><mi>f</mi><annotation>f_t = \\sigma(h_{t-1})</annotation></semantics></math></span><span
class="katex-html"><span>f</span>t</span></span>.<br>More.</p><div class="cell"><pre>f = 1</pre>
<details><summary><p class="collapsed">✓ Checked</p><p class="expanded">✓ Checked</p></summary>
</details><div class="cell_output"><pre>1.0</pre></div></div></section><p>After.</p></section>
<dl><dt id="term-batch">batch</dt><dd><p>Several sequences.</p></dd>
<dt id="term-lag">lag</dt><dd><p>Steps.</p></dd></dl></article><footer>foot</footer>"""
KEEPS = "Keeps f_t = σ(h_{t-1}). More. ✓ Checked"


def test_sections_terms_and_code_are_apart_and_formulas_are_there_once():
    assert search.read(Path("book/a.html"), PAGE) == [
        ["page", "book/a.html#the-gates", "4. The gates", "All four. After.", ""],
        ["section", "book/a.html#forget", "Forget", KEEPS, "f = 1"],
        ["term", "book/a.html#term-batch", "batch", "Several sequences.", ""],
        ["term", "book/a.html#term-lag", "lag", "Steps.", ""],
    ]


def test_sections_are_named_as_checks_name_them():
    found = search.sections(search.read(Path("book/a.html"), PAGE))
    assert found == {'"Forget" in The gates': "book/a.html#forget"}


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"c_t = f_t \odot c_{t-1} + i_t \odot \tilde c_t", "c_t = f_t ⊙ c_{t-1} + i_t ⊙ c̃_t"),
        (r"\frac{\ln 2}{b_f} \approx 0.69\, e^{b_f}", "(ln 2)/(b_f) ≈ 0.69  e^{b_f}"),
        (r"\left\lVert g_{t} \right\rVert", "‖ g_t ‖"),
        (r"\text{threshold}", "threshold"),
    ],
)
def test_formulas_read_as_one_would_type_them(tex, text):
    assert " ".join(search.readable(tex).split()) == " ".join(text.split())
