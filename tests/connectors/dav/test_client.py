"""Answers taken off the wire: flat in memory, asked for again once when they break off."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.dav import names, requests_xml
from connectors.dav.client import SPOOL, Client, Spool
from connectors.errors import CollectionGone, TooMuchAtOnce, Transient
from tests.connectors.dav.behind import Bench, http


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=20))
@settings(max_examples=50, deadline=None)
def test_a_spool_gives_back_what_it_took(pieces: list[bytes]) -> None:
    spool = Spool()
    assert spool.take(pieces) is None
    assert b"".join(spool) == b"".join(pieces)
    assert spool.size == sum(map(len, pieces))
    spool.close()
    assert not list(Spool())


def test_a_large_answer_waits_in_a_file() -> None:
    def pieces() -> Iterator[bytes]:
        for number in range(500):
            yield bytes([number % 256]) * 65536

    tracemalloc.start()
    try:
        spool = Spool()
        spool.take(pieces())
        read = sum(len(piece) for piece in spool)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        spool.close()
    assert read == spool.size == 500 * 65536
    assert peak < 3 * SPOOL


def test_a_break_is_told_and_too_much_is_raised() -> None:
    def broken(fault: Transient) -> Iterator[bytes]:
        yield b"x"
        raise fault

    fault = Transient("gone")
    assert Spool().take(broken(fault)) is fault
    with pytest.raises(TooMuchAtOnce):
        Spool().take(broken(TooMuchAtOnce("more")))


def test_a_body_that_breaks_off_twice_is_a_fault(bench: Bench) -> None:
    bench.shelf(5)
    client = Client(http(bench.server.url))
    url = f"{bench.server.url}dav/calendars/work/"
    bench.server.faults.switch("cut", 200)
    before = bench.server.count()
    with pytest.raises(Transient):
        client.propfind(url, (names.ETAG,), depth=1)
    assert bench.server.count() - before == 2


def test_something_or_nothing_is_there(bench: Bench) -> None:
    bench.shelf(1)
    client = Client(http(bench.server.url))
    client.assert_there(f"{bench.server.url}dav/calendars/work/")
    with pytest.raises(CollectionGone):
        client.assert_there(f"{bench.server.url}dav/calendars/none/")


def test_reading_more_than_once_is_not_offered(bench: Bench) -> None:
    bench.shelf(2)
    answer = Client(http(bench.server.url)).propfind(f"{bench.server.url}dav/calendars/work/", (names.ETAG,), depth=1)
    assert len(list(answer)) == 3
    with pytest.raises(Transient):
        list(answer)


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_texts_are_escaped_so_that_a_parser_reads_them_back(text: str) -> None:
    from xml.etree import ElementTree as ET

    body = requests_xml.proppatch(requests_xml.properties({names.DISPLAYNAME: text}))
    found = ET.fromstring(body).findtext(".//{DAV:}displayname") or ""
    speakable = "".join(one for one in text if one in "\t\n\r" or (one >= "\x20" and one not in "\ufffe\uffff"))
    assert found == "".join(one for one in speakable if not "\ud800" <= one <= "\udfff")


def test_a_hostile_token_stays_text() -> None:
    body = requests_xml.sync("</D:sync-token><D:limit/>", (names.ETAG,))
    assert b"<D:limit" not in body
    assert b"&lt;D:limit/&gt;" in body


@pytest.mark.parametrize("uid", ["a&b", "<x>", 'q"q', "ä"])
def test_queries_by_uid_are_well_formed(uid: str) -> None:
    from xml.etree import ElementTree as ET

    for data in (names.CALENDAR_DATA, names.ADDRESS_DATA):
        root = ET.fromstring(requests_xml.with_uid(data, uid, "VTODO"))
        assert [one.text for one in root.iter() if one.tag.endswith("text-match")] == [uid]
