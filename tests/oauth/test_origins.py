"""What a credential is bound to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth.origins import covers, origin, origins, private_line


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Dav.Example.org", "https://dav.example.org:443"),
        ("https://dav.example.org:443/a?b#c", "https://dav.example.org:443"),
        ("https://dav.example.org./", "https://dav.example.org:443"),
        ("https://dav.example.org:8443", "https://dav.example.org:8443"),
        ("http://127.0.0.1:5232/x", "http://127.0.0.1:5232"),
        ("http://nas.local", "http://nas.local:80"),
        ("https://[0:0::1]:8443/", "https://[::1]:8443"),
        ("https://müller.example/", "https://xn--mller-kva.example:443"),
        ("https://*.icloud.com", "https://*.icloud.com:443"),
        ("https://user@dav.example.org/", ""),
        ("https://dav.example.org:99999/", ""),
        ("https://[::1/", ""),
        ("ftp://dav.example.org/", ""),
        ("dav.example.org", ""),
        ("https:///x", ""),
        ("", ""),
    ],
)
def test_one_spelling_for_each_origin(url: str, expected: str) -> None:
    assert origin(url) == expected


@pytest.mark.parametrize("url", ["", "dav.example.org", "ftp://x/", "https://u:p@x/", "file:///x"])
def test_a_credential_is_bound_to_origins_only(url: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        origins(["https://fine.example", url])


@pytest.mark.parametrize(
    ("bound", "url", "covered"),
    [
        ("https://dav.example.org", "https://dav.example.org/any/path", True),
        ("https://dav.example.org/only/this", "https://dav.example.org/other", True),
        ("https://dav.example.org", "http://dav.example.org/", False),
        ("https://dav.example.org", "https://dav.example.org:8443/", False),
        ("https://dav.example.org", "https://xdav.example.org/", False),
        ("https://dav.example.org", "https://dav.example.org.evil.example/", False),
        ("https://dav.example.org", "https://evil.example/dav.example.org", False),
        ("https://dav.example.org", "https://dav.example.org@evil.example/", False),
        ("https://dav.example.org", "https://evil.example\\@dav.example.org/", False),
        ("https://*.icloud.com", "https://p01-caldav.icloud.com/", True),
        ("https://*.icloud.com", "https://p01-caldav.icloud.com:443/", True),
        ("https://*.icloud.com", "https://a.b.icloud.com/", True),
        ("https://*.icloud.com", "https://icloud.com/", False),
        ("https://*.icloud.com", "https://evilicloud.com/", False),
        ("https://*.icloud.com", "https://p01.icloud.com:8443/", False),
        ("https://*.icloud.com", "http://p01.icloud.com/", False),
        ("https://*.icloud.com", "https://p01.icloud.com.evil.example/", False),
    ],
)
def test_what_an_origin_covers(bound: str, url: str, *, covered: bool) -> None:
    assert covers(origins([bound]), url) is covered


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("https://dav.example.org/", True),
        ("http://localhost:5232/", True),
        ("http://127.0.0.1/", True),
        ("http://127.9.9.9:80/", True),
        ("http://[::1]:5232/", True),
        ("http://192.168.1.2/", False),
        ("http://nas.local/", False),
        ("http://localhost.evil.example/", False),
        ("http://127.0.0.1.evil.example/", False),
        ("ftp://localhost/", False),
        ("", False),
    ],
)
def test_which_lines_nobody_else_can_read(url: str, *, private: bool) -> None:
    assert private_line(url) is private


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_has_an_origin_or_none(bound: str, url: str) -> None:
    found = origin(url)
    assert found == "" or origin(found) == found
    assert not (covers(frozenset({origin(bound)}) - {""}, url) and found != origin(bound))
