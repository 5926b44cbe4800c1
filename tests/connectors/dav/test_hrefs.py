"""One key for each item, and one way back from it (edge case 13)."""

from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.dav.hrefs import Folder, absolute, canonical, item_id, item_segment, origin_and_path, stem
from connectors.errors import ConfigError, Vanished

HERE = Folder("https://dav.example.org/u/cal/")
raw_names = st.binary(min_size=1, max_size=30).filter(lambda raw: raw not in {b".", b".."})


@given(raw_names)
@settings(max_examples=200, deadline=None)
def test_case_13_every_name_has_one_id_and_leads_back(raw: bytes) -> None:
    spellings = {quote(raw, safe=""), quote(raw), quote(raw).replace("%2F", "%2f"), "".join(f"%{b:02x}" for b in raw)}
    ids = {item_id(one) for one in spellings if "/" not in one}
    assert len(ids) == 1
    assert unquote_to_bytes(item_segment(ids.pop())) == raw


@given(raw_names, raw_names)
@settings(max_examples=200, deadline=None)
def test_case_13_two_names_never_share_an_id(one: bytes, other: bytes) -> None:
    assert (item_id(quote(one, safe="")) == item_id(quote(other, safe=""))) is (one == other)


@given(raw_names)
@settings(max_examples=100, deadline=None)
def test_ids_can_be_stored_as_text(raw: bytes) -> None:
    id_ = item_id(quote(raw, safe=""))
    assert id_.isprintable()
    assert id_.encode().decode() == id_


@pytest.mark.parametrize(
    ("href", "id_"),
    [
        ("/u/cal/a.ics", "a.ics"),
        ("/u/cal/a%40b.ics", "a@b.ics"),
        ("/u/cal/a@b.ics", "a@b.ics"),
        ("/u/cal/%c3%a9.ics", "é.ics"),
        ("/u/cal/%C3%A9.ics", "é.ics"),
        ("/u/cal/é.ics", "é.ics"),
        ("/u/%63al/a.ics", "a.ics"),
        ("/u//cal/a.ics", "a.ics"),
        ("/u/cal/./a.ics", "a.ics"),
        ("/u/cal/a%252Fb.ics", "a%252Fb.ics"),
        ("/u/cal/a%2Fb.ics", "a/b.ics"),
        ("/u/cal/a.ics;", "a.ics;"),
        ("/u/cal/what?.ics", "what?.ics"),
        ("/u/cal/caf%E9.ics", "caf%E9.ics"),
        ("https://dav.example.org/u/cal/a.ics", "a.ics"),
        ("https://DAV.example.org:443/u/cal/a.ics", "a.ics"),
        ("http://dav.example.org/u/cal/a.ics", "a.ics"),
        ("//dav.example.org/u/cal/a.ics", "a.ics"),
        ("a.ics", "a.ics"),
        ("./a.ics", "a.ics"),
        ("/u/cal/", ""),
        ("/u/cal", ""),
        ("https://dav.example.org/u/cal/", ""),
        ("/u/cal/sub/", None),
        ("/u/cal/sub/a.ics", None),
        ("/u/other/a.ics", None),
        ("/u/cal2/a.ics", None),
        ("/u/cal/../../etc/passwd", None),
        ("/u/cal/..", None),
        ("/u/cal/%2e%2e", None),
        ("https://evil.example/u/cal/a.ics", None),
        ("https://dav.example.org:8443/u/cal/a.ics", None),
        ("//evil.example/u/cal/a.ics", None),
        ("ftp://dav.example.org/u/cal/a.ics", None),
        ("https://dav.example.org.evil.example/u/cal/a.ics", None),
    ],
)
def test_case_13_what_an_href_names(href: str, id_: str | None) -> None:
    assert HERE.member(href) == id_


@pytest.mark.parametrize(
    ("href", "inside"),
    [("/u/cal/sub/a.ics", True), ("/u/cal/sub/", True), ("/u/cal2/a", False), ("https://evil.example/u/cal/a", False)],
)
def test_what_lies_inside_at_any_depth(href: str, inside: bool) -> None:
    assert HERE.holds(href) is inside


def test_requests_use_the_servers_own_spelling() -> None:
    folder = Folder("https://dav.example.org/u/cal")
    assert folder.href("a@b+c.ics") == "/u/cal/a@b%2Bc.ics"
    assert folder.member("/u/cal/a%40b+c.ics") == "a@b+c.ics"
    assert folder.href("a@b+c.ics") == "/u/cal/a%40b+c.ics"
    assert folder.address("x.ics") == "https://dav.example.org/u/cal/x.ics"


@pytest.mark.parametrize("id_", ["", ".", "..", "%2e%2e", "%2E"])
def test_no_id_leads_out_of_the_collection(id_: str) -> None:
    with pytest.raises(Vanished):
        HERE.href(id_)


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_id_leads_anywhere_else(id_: str) -> None:
    try:
        href = HERE.href(id_)
    except (Vanished, UnicodeEncodeError):
        return
    assert href.startswith("/u/cal/")
    assert "/" not in href.removeprefix("/u/cal/")


@given(st.text(alphabet="abc/%2F40é .@", max_size=20))
@settings(max_examples=100, deadline=None)
def test_canonical_paths_stay_canonical(path: str) -> None:
    assert canonical(canonical(path)) == canonical(path)


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://Example.org", ("https://example.org", "/")),
        ("https://example.org:443/a", ("https://example.org", "/a")),
        ("http://example.org:80/a/", ("http://example.org", "/a/")),
        ("https://example.org:8443/a", ("https://example.org:8443", "/a")),
        ("https://[::1]:8443/a", ("https://[::1]:8443", "/a")),
        ("https://user@example.org/a", ("https://example.org", "/a")),
    ],
)
def test_urls_are_split(url: str, parts: tuple[str, str]) -> None:
    assert origin_and_path(url) == parts


@pytest.mark.parametrize("url", ["", "example.org", "file:///etc/passwd", "ftp://example.org/", "javascript://x"])
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        origin_and_path(url)


def test_a_proxy_that_forgets_tls_is_put_right() -> None:
    base = "https://dav.example.org/p/"
    assert absolute(base, "http://dav.example.org/home/") == "https://dav.example.org/home/"
    assert absolute(base, "http://other.example.org/home/") == "http://other.example.org/home/"
    assert absolute(base, "../home/") == "https://dav.example.org/home/"


@pytest.mark.parametrize(
    ("id_", "wish"), [("a.ics", "a"), ("a", "a"), ("a/b.ics", ""), ("caf%E9.ics", ""), ("x.y.ics", "x.y")]
)
def test_names_are_wished_for_where_readable(id_: str, wish: str) -> None:
    assert stem(id_) == wish
