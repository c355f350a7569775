"""A quiz unfolds what a choice means, and one that cannot be answered stops the build."""

import re

import pytest

import tiny

QUIZ = """# Quiz

```{quiz}
At $f_t = 0$, what is kept?

- [x] Nothing of $c_{t-1}$.

  Times 0.

- [ ] $c_{t-1}$

  That is $f_t = 1$.
```
"""


def test_quiz(tmp_path):
    out, warnings = tiny.themed(tmp_path, {"index.md": QUIZ})
    assert warnings == ""
    html = (out / "index.html").read_text("utf-8")
    right, wrong = re.findall(r"<details.*?</details>", html, re.DOTALL)
    assert 'class="right choice"' in right
    assert "<summary>A. Nothing of <span" in right
    assert "<strong>Right.</strong> Times 0." in right
    assert 'class="choice"' in wrong
    assert "<summary>B. <span" in wrong
    assert "<strong>Not quite.</strong> That is" in wrong


@pytest.mark.parametrize(
    ("was", "now", "message"),
    [
        ("- [x]", "- [ ]", "one is right"),
        ("- [ ]", "- [x]", "one is right"),
        ("- [ ]", "- [?]", "Each choice begins with"),
        ("\n\n  Times 0.", "", "after an empty line"),
        ("At $f_t = 0$, what is kept?\n", "", "a question, then a list"),
    ],
)
def test_a_quiz_that_cannot_be_answered_is_an_error(tmp_path, was, now, message):
    _, warnings = tiny.themed(tmp_path, {"index.md": QUIZ.replace(was, now)})
    assert message in warnings
