"""HTML as plain text, for where only plain text can stand."""

from __future__ import annotations

import re
from html import unescape

_TAG = re.compile(r"<(?:!--.*?(?:-->|\Z)|(/?[A-Za-z][A-Za-z0-9]*+)[^<>]*+>)", re.DOTALL)
_HIDDEN = re.compile(r"<(script|style)\b[^<>]*+>.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_BLOCKS = frozenset({"br", "p", "/p", "div", "/div", "li", "tr", "/tr", "ul", "ol", "/ul", "/ol", "table", "hr"})
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_AROUND_BREAK = re.compile(r" *\x00[ \x00]*")


def plain_text(html: str) -> str:
    """Return the words of *html*, with a line end where it breaks a line. Linear in its length."""
    text = _BLANKS.sub(" ", _HIDDEN.sub(" ", html.replace("\x00", "")))
    text = _BLANKS.sub(" ", _TAG.sub(_replace, text))
    text = _AROUND_BREAK.sub("\n", text)
    return unescape(text).strip()


def _replace(found: re.Match[str]) -> str:
    name = (found[1] or "").lower()
    if name in _BLOCKS or re.fullmatch(r"/?h[1-6]", name):
        return "\x00"
    return ""
