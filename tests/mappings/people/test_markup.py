"""HTML as plain text: what a reader would see, in time linear in its length."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.people.markup import plain_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("a<br>b", "a\nb"),
        ("a<br/>b<BR />c", "a\nb\nc"),
        ("<p>a</p><p>b</p>", "a\nb"),
        ("<div>a</div>\n<div>b</div>", "a\nb"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<h1>a</h1>b", "a\nb"),
        ("<b>a</b> <i>b</i>", "a b"),
        ("a&nbsp;b", "a\xa0b"),
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("&#65;&#x42;&bogus;", "AB&bogus;"),
        ("a   b\n\tc", "a b c"),
        ("a < b > c", "a < b > c"),
        ("1 <2", "1 <2"),
        ("a<!-- no -->b", "ab"),
        ("a<!-- never closed", "a"),
        ("<style>p{}</style>a<script>x<y</script>b", "a b"),
        ("<script>never closed", ""),
        ('<a href="http://x">link</a>', "link"),
        ("<p>", ""),
        ("<p", "<p"),
        ("x<unknown-tag>y", "xy"),
        ("a\0b", "ab"),
    ],
)
def test_words_and_line_ends(html: str, text: str) -> None:
    assert plain_text(html) == text


@given(text=st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zs"]), max_size=60))
def test_escaped_text_is_what_it_was(text: str) -> None:
    assert plain_text(escape(text)) == text.strip()


@pytest.mark.parametrize(
    "piece",
    ["<", "<a", "<!--", "<script>", "<b> ", " <b>", "&", "<style ", "<br>", "\n", "</p>", "&amp;", "<a ", "-->", "a<"],
)
def test_hostile_repetition_is_linear(piece: str) -> None:
    """A quadratic reader would need minutes for a megabyte; the test has no clock, only the patience of its runner."""
    assert len(plain_text(piece * (1_000_000 // len(piece)))) <= 1_000_000
