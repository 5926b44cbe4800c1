"""The escapes: what is written is read back, and what others wrote oddly is still understood."""

from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.escapes import (
    decode_base64,
    decode_charset,
    decode_parameter,
    decode_quoted_printable,
    encode_parameter,
    escape_text,
    split_value,
    unescape_text,
)
from tests.mappings.samples import TEXTS

PARTS = st.lists(TEXTS, min_size=1, max_size=6)


@given(text=TEXTS)
@settings(max_examples=300, deadline=None)
def test_a_text_comes_back(text: str) -> None:
    written = escape_text(text)
    assert unescape_text(written) == text
    assert "\n" not in written


@given(text=st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_unescaping_never_grows_a_text(text: str) -> None:
    assert len(unescape_text(text)) <= len(text)
    if "\\" not in text:
        assert unescape_text(text) == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("a\\nb", "a\nb"),
        ("a\\Nb", "a\nb"),
        ("a\\,b", "a,b"),
        ("a\\;b", "a;b"),
        ("a\\:b", "a:b"),
        ('a\\"b', 'a"b'),
        ("a\\\\b", "a\\b"),
        ("a\\\\nb", "a\\nb"),
        ("a\\\\\\nb", "a\\\nb"),
        ("C:\\Users\\x", "C:\\Users\\x"),
        ("a\\", "a\\"),
        ("\\", "\\"),
        ("", ""),
        ("a, b; c", "a, b; c"),
    ],
)
def test_texts_as_they_are_met(written: str, text: str) -> None:
    assert unescape_text(written) == text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_escaped_alike(end: str) -> None:
    assert escape_text(f"a{end}b{end}") == "a\\nb\\n"


@given(parts=PARTS, separator=st.sampled_from(",;"))
@settings(max_examples=300, deadline=None)
def test_escaped_parts_are_split_where_they_were_joined(parts: list[str], separator: str) -> None:
    joined = separator.join(map(escape_text, parts))
    assert [unescape_text(part) for part in split_value(joined, separator)] == parts


@given(value=st.text(st.sampled_from(list("a\\,;n")), max_size=30), separator=st.sampled_from(",;"))
@settings(max_examples=300, deadline=None)
def test_splitting_loses_no_character(value: str, separator: str) -> None:
    parts = split_value(value, separator)
    assert separator.join(parts) == value


@given(text=TEXTS)
@settings(max_examples=300, deadline=None)
def test_a_parameter_comes_back(text: str) -> None:
    written = encode_parameter(text)
    assert "\n" not in written
    inside = written[1:-1] if written.startswith('"') else written
    assert '"' not in inside
    assert decode_parameter(inside) == text
    if not written.startswith('"'):
        assert not set(written) & set(",;:")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("a^nb", "a\nb"),
        ("a^'b^'", 'a"b"'),
        ("a^^b", "a^b"),
        ("a^^n", "a^n"),
        ("a^xb", "a^xb"),
        ("a^", "a^"),
        ("^N", "^N"),
    ],
)
def test_carets(written: str, text: str) -> None:
    assert decode_parameter(written) == text


@given(octets=st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_base64_comes_back_however_it_is_laid_out(octets: bytes) -> None:
    written = base64.b64encode(octets)
    assert decode_base64(written) == octets
    assert decode_base64(written.rstrip(b"=")) == octets
    laid_out = b"\r\n ".join(written[n : n + 7] for n in range(0, len(written), 7))
    assert decode_base64(b" " + laid_out + b"\r\n") == octets


@given(octets=st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_anything_decodes_as_base64_to_no_more_than_its_share(octets: bytes) -> None:
    assert len(decode_base64(octets)) <= len(octets) * 3 // 4 + 1


@pytest.mark.parametrize(
    ("written", "octets"),
    [(b"", b""), (b"A", b""), (b"AA", b"\0"), (b"AAE", b"\0\1"), (b"AAECA", b"\0\1\2"), (b"A A E C", b"\0\1\2")],
)
def test_a_cut_end_of_base64_is_forgiven(written: bytes, octets: bytes) -> None:
    assert decode_base64(written) == octets


@given(octets=st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_quoted_printable_as_the_standard_library_writes_it(octets: bytes) -> None:
    written = quopri.encodestring(octets, quotetabs=True).replace(b"=\n", b"")
    if b"\n" not in octets and b"\r" not in octets:
        assert decode_quoted_printable(written) == octets


@pytest.mark.parametrize(
    ("written", "octets"),
    [
        (b"=41=42", b"AB"),
        (b"=e9", b"\xe9"),
        (b"=E9", b"\xe9"),
        (b"a=", b"a="),
        (b"a=4", b"a=4"),
        (b"a=ZZ", b"a=ZZ"),
        (b"=3D41", b"=41"),
        (b"", b""),
    ],
)
def test_quoted_printable(written: bytes, octets: bytes) -> None:
    assert decode_quoted_printable(written) == octets


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "iso-8859-1", "ISO-8859-15", "windows-1252", "cp1251", "koi8-r"])
def test_declared_character_sets_are_used(charset: str) -> None:
    text = "Привет" if charset in {"cp1251", "koi8-r"} else "café"
    assert decode_charset(text.encode(charset), charset) == text


@pytest.mark.parametrize(
    "charset", ["rot13", "zlib", "hex", "idna", "punycode", "unicode_escape", "undefined", "no such", "utf-8\n", ""]
)
def test_codecs_that_are_no_character_sets_are_not_chosen(charset: str) -> None:
    assert decode_charset("schön".encode(), charset) == "schön"


@given(octets=st.binary(max_size=100), charset=st.sampled_from(["", "utf-8", "iso-8859-1", "shift_jis", "gbk", "big5"]))
@settings(max_examples=300, deadline=None)
def test_every_octet_reads_as_something(octets: bytes, charset: str) -> None:
    text = decode_charset(octets, charset)
    text.encode("utf-8", "surrogatepass")
    assert bool(text) == bool(octets) or charset in {"shift_jis", "gbk", "big5"}


def test_utf8_then_windows_then_latin() -> None:
    assert decode_charset("grüße".encode()) == "grüße"
    assert decode_charset(b"gr\xfc\xdfe \x80") == "grüße €"
    assert decode_charset(b"\x81") == "\x81"
    assert decode_charset(b"caf\xe9", "utf-8") == "café"
