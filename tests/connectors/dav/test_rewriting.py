"""The same content in another spelling, and what is not the same (edge cases 20 and 21)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Kind
from connectors.dav.errors import failure, refusal, write_failure
from connectors.dav.renaming import component_of, uid_of
from connectors.dav.rewriting import same_content
from connectors.errors import (
    Conflict,
    ConnectorError,
    CursorExpired,
    DestinationFull,
    ItemRejected,
    NotTheService,
    ReadOnly,
    ReauthRequired,
    TooMuchAtOnce,
    Transient,
    Vanished,
)
from tests.connectors.dav.behind import body

EVENT = body(Kind.EVENT, 1)
LINES = EVENT.split(b"\r\n")

SAME = {
    "order": b"\r\n".join(LINES[:5] + LINES[5:8][::-1] + LINES[8:]),
    "line-ends": EVENT.replace(b"\r\n", b"\n"),
    "folding": EVENT.replace(b"UID:uid", b"UID:u\r\n id"),
    "stamps": EVENT.replace(b"DTSTAMP:2026", b"DTSTAMP:2027"),
    "name-case": EVENT.replace(b"SUMMARY", b"Summary"),
}
OTHER = {
    "value": EVENT.replace(b"UID:uid-1", b"UID:uid-2"),
    "value-case": EVENT.replace(b"uid-1", b"UID-1"),
    "line-more": EVENT.replace(b"END:VEVENT", b"X-MORE:1\r\nEND:VEVENT"),
    "line-less": b"\r\n".join(line for line in LINES if not line.startswith(b"SUMMARY")),
    "empty": b"",
    "cut": EVENT[:-20],
}


@pytest.mark.parametrize("other", SAME.values(), ids=SAME.keys())
def test_case_21_the_same_content(other: bytes) -> None:
    assert other != EVENT
    assert same_content(EVENT, other)


@pytest.mark.parametrize("other", OTHER.values(), ids=OTHER.keys())
def test_another_content(other: bytes) -> None:
    assert not same_content(EVENT, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'ATTENDEE;CN="Ana B";ROLE=X:mailto:a@b', b"ATTENDEE;ROLE=X;CN=Ana B:mailto:a@b"),
        (b"RRULE:FREQ=DAILY;COUNT=3", b"RRULE:COUNT=3;FREQ=DAILY"),
        (b"SUMMARY:a\\, b", b"SUMMARY:a, b"),
        (b"item1.X-ABLabel:x", b"item1.X-ABLABEL:x"),
        (b"CATEGORIES:a,b", b"CATEGORIES:b,a"),
        (b'X;A="p:q;r":v', b'x;a="p:q;r":v'),
    ],
)
def test_case_21_lines_that_say_the_same(one: bytes, other: bytes) -> None:
    assert same_content(one, other)


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_everything_is_the_same_as_itself_in_lf(raw: bytes) -> None:
    assert same_content(raw, raw)
    assert same_content(raw.replace(b"\r", b"").replace(b"\n", b"\r\n"), raw.replace(b"\r", b""))


@pytest.mark.parametrize(
    ("text", "uid"),
    [
        (b"BEGIN:X\r\nUID:abc\r\n", "abc"),
        (b"BEGIN:X\r\nUID;X=1:a:b\r\n", "a:b"),
        (b"UID:lo\r\n ng\r\n", "long"),
        (b"uid:x\n", "x"),
        (b"X-UID:no\r\n", ""),
        (b"", ""),
    ],
)
def test_uids_are_found(text: bytes, uid: str) -> None:
    assert uid_of(text) == uid


def test_components_are_found() -> None:
    assert component_of(EVENT) == "VEVENT"
    assert component_of(b"BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\n") == "VTODO"
    assert component_of(b"") == "VEVENT"


def error_body(element: str) -> bytes:
    return f'<D:error xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">{element}</D:error>'.encode()


@pytest.mark.parametrize(
    ("status", "element", "error"),
    [
        (401, "", ReauthRequired),
        (403, "", ItemRejected),
        (403, "<D:need-privileges/>", ReadOnly),
        (403, "<D:valid-sync-token/>", CursorExpired),
        (412, "<D:valid-sync-token/>", CursorExpired),
        (403, "<D:number-of-matches-within-limits/>", TooMuchAtOnce),
        (404, "", Vanished),
        (410, "", Vanished),
        (413, "", TooMuchAtOnce),
        (507, "", TooMuchAtOnce),
        (500, "", Transient),
        (501, "", ItemRejected),
        (200, "", NotTheService),
        (302, "", NotTheService),
    ],
)
def test_case_30_reasons_before_codes_when_reading(status: int, element: str, error: type[ConnectorError]) -> None:
    assert type(failure(status, error_body(element) if element else b"")) is error


@pytest.mark.parametrize(
    ("status", "element", "error"),
    [
        (412, "", Conflict),
        (412, "<C:no-uid-conflict/>", Conflict),
        (409, "<C:no-uid-conflict/>", Conflict),
        (412, "<C:valid-calendar-data/>", ItemRejected),
        (400, "", ItemRejected),
        (413, "", ItemRejected),
        (507, "", DestinationFull),
        (403, "<D:quota-not-exceeded/>", DestinationFull),
        (403, "<D:need-privileges/>", ReadOnly),
        (423, "", Transient),
        (302, "", Transient),
        (401, "", ReauthRequired),
    ],
)
def test_case_30_reasons_before_codes_when_writing(status: int, element: str, error: type[ConnectorError]) -> None:
    assert isinstance(write_failure(status, error_body(element) if element else b"", current=None), error)


def test_case_15_the_href_of_the_other_item_is_read() -> None:
    found = refusal(error_body("<C:no-uid-conflict><D:href> /c/a.ics </D:href></C:no-uid-conflict>"))
    assert "no-uid-conflict" in found
    assert found.hrefs == ("/c/a.ics",)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"Forbidden",
        b"<html><p>no</html>",
        b"<error/>x",
        b'<!DOCTYPE a [<!ENTITY b "c">]><error xmlns="DAV:"/>',
        b"<a>",
    ],
)
def test_bodies_that_explain_nothing(text: bytes) -> None:
    assert refusal(text).names <= {"error"}
