"""Text of people on its way into a content line, and HTML as plain text."""

from __future__ import annotations

import html
import re

_HTML = re.compile(
    r"</?(?:a|abbr|b|blockquote|body|br|center|code|div|em|font|h[1-6]|head|hr|html|i|img|li|ol|p|pre|s|small|span"
    r"|strike|strong|sub|sup|table|tbody|td|th|thead|tr|u|ul)(?:\s[^<>]*)?/?>|&(?:[a-z]{2,8}|#\d{1,7}|#x[0-9a-f]{1,6});",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<br(?:\s[^<>]*)?/?>|</(?:p|div|li|tr|h[1-6]|blockquote)\s*>", re.IGNORECASE)
_ITEM = re.compile(r"<li(?:\s[^<>]*)?>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_SEPARATORS = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufeff\ufffe\uffff]")
_HALVES = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Return *text* as every calendar program reads it: no controls, no halves of characters.

    What some readers take for a line end becomes one (RFC 5545 §3.1 allows no controls at all).
    """
    text = _SEPARATORS.sub("\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _HALVES.sub("\ufffd", _CONTROLS.sub("", text))


def is_html(text: str) -> bool:
    """Say whether *text* is HTML: it has a tag or an entity that browsers show as something else."""
    return ("<" in text or "&" in text) and _HTML.search(text) is not None


def plain(text: str) -> str:
    """Return HTML as plain text: line breaks for what breaks lines, entities as characters, no tags."""
    if not is_html(text):
        return text
    broken = _ITEM.sub("- ", _BREAK.sub("\n", text))
    return html.unescape(_TAG.sub("", broken)).strip("\n")
