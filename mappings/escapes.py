"""The escapes of values and parameters: backslashes, carets, quoted-printable, base64, character sets."""

from __future__ import annotations

import binascii
import re

_ESCAPE = re.compile(r'\\([nN,;:"\\])')
_CARET = re.compile(r"\^([n'^])")
_CARETS = {"n": "\n", "'": '"', "^": "^"}
_QUOTED_PRINTABLE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_CHARSET = re.compile(
    r"utf-?8|(us-?)?ascii|iso-?8859-\d{1,2}|latin-?1|(windows|cp)-?125\d|koi8-[ru]|shift_?jis"
    r"|euc-(jp|kr)|iso-2022-(jp|kr)|gb2312|gbk|gb18030|big5|utf-?16([bl]e)?",
    re.ASCII | re.IGNORECASE,
)
"""Character sets that files really name. Python has codecs that are not character sets; a file may not choose them."""


def unescape_text(value: str) -> str:
    r"""Undo the escapes of TEXT (RFC 5545 §3.3.11, RFC 6350 §3.4).

    ``\:`` and ``\"`` are not in the standards but in exports; any other backslash is kept.
    """
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def escape_text(text: str) -> str:
    """Escape *text* as a TEXT value; every kind of line end becomes an escaped ``n``."""
    text = text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return text.replace("\r\n", "\\n").replace("\r", "\\n").replace("\n", "\\n")


def split_value(value: str, separator: str) -> list[str]:
    """Split a still escaped value at every *separator* (one character) that is not escaped."""
    if "\\" not in value:
        return value.split(separator)
    parts, start, position = [], 0, 0
    while position < len(value):
        if value[position] == "\\":
            position += 2
            continue
        if value[position] == separator:
            parts.append(value[start:position])
            start = position + 1
        position += 1
    parts.append(value[start:])
    return parts


def decode_parameter(value: str) -> str:
    """Undo the caret escapes of a parameter value (RFC 6868 §3.1); an unknown one stays as it is."""
    if "^" not in value:
        return value
    return _CARET.sub(lambda found: _CARETS[found[1]], value)


def encode_parameter(text: str) -> str:
    """Write *text* as a parameter value: carets (RFC 6868 §3.2), and quotes where a delimiter asks for them."""
    text = text.replace("^", "^^").replace('"', "^'")
    text = text.replace("\r\n", "^n").replace("\r", "^n").replace("\n", "^n")
    return f'"{text}"' if any(mark in text for mark in ",;:") else text


def decode_quoted_printable(value: bytes) -> bytes:
    """Decode quoted-printable (RFC 2045 §6.7) of one joined line; what is no escape is kept."""
    return _QUOTED_PRINTABLE.sub(lambda found: binascii.unhexlify(found[1]), value)


def decode_base64(value: bytes) -> bytes:
    """Decode base64, forgiving blanks, missing padding and a cut end."""
    digits = _NOT_BASE64.sub(b"", value)
    digits = digits[: len(digits) - 1] if len(digits) % 4 == 1 else digits
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))


def decode_charset(value: bytes, charset: str = "") -> str:
    """Decode *value*: as declared, else UTF-8, else Windows-1252, else Latin-1, which takes every octet."""
    declared = (charset,) if charset and _CHARSET.fullmatch(charset) else ()
    for name in (*declared, "utf-8", "cp1252"):
        try:
            return value.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return value.decode("latin-1")
