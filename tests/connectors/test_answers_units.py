"""Headers, streams and decoders by themselves, fed by hand: every size of piece, every end."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.answers import Headers, Response, Stream
from connectors.decoding import Decoder
from connectors.errors import NotTheService, TooMuchAtOnce, Transient


class Feed:
    """A body that comes in given packets; remembers how it was left."""

    def __init__(self, *packets: bytes, fault: Exception | None = None) -> None:
        self.packets, self.fault = list(packets), fault
        self.left: list[bool] = []
        self.reads = 0

    def read(self, most: int) -> bytes:
        self.reads += 1
        if not self.packets:
            if self.fault is not None:
                raise self.fault
            return b""
        piece, self.packets[0] = self.packets[0][:most], self.packets[0][most:]
        if not self.packets[0]:
            self.packets.pop(0)
        return piece

    def drain(self, most: int) -> bool:
        return sum(map(len, self.packets)) <= most

    def release(self, *, reusable: bool) -> None:
        self.left.append(reusable)


def stream(feed: Feed, *, cap: int | None = None, **headers: str) -> Stream:
    fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Stream(200, Headers(fields), "https://a.example/", incoming=feed, cap=cap)


CODED: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
}
packets = st.lists(st.binary(max_size=60), max_size=6)


@given(packets, st.sampled_from(sorted(CODED)), st.integers(1, 80), st.integers(1, 90))
@settings(max_examples=150, deadline=None)
def test_any_packets_read_in_any_pieces_are_the_body(parts: list[bytes], coding: str, asked: int, cut: int) -> None:
    body = b"".join(parts)
    coded = CODED[coding](body)
    feed = Feed(*(coded[at : at + cut] for at in range(0, len(coded), cut)))
    found = stream(feed, content_encoding=coding)
    pieces = list(iter(lambda: found.read(asked), b""))
    assert b"".join(pieces) == body
    assert all(0 < len(piece) <= asked for piece in pieces)
    assert found.read() == b""
    assert feed.left == [True]
    found.close()
    assert feed.left == [True], "given back once"


@given(st.binary(min_size=1, max_size=200), st.sampled_from(sorted(CODED)), st.integers(0, 250))
@settings(max_examples=100, deadline=None)
def test_the_cap_counts_decoded_bytes(body: bytes, coding: str, cap: int) -> None:
    feed = Feed(CODED[coding](body))
    found = stream(feed, cap=cap, content_encoding=coding)
    if len(body) <= cap:
        assert found.read_all() == body
        return
    with pytest.raises(TooMuchAtOnce):
        found.read_all()
    assert feed.left == [False]
    assert found.read() == b"", "nothing more comes after a refusal"


def test_a_length_over_the_cap_is_refused_before_a_byte_is_read() -> None:
    feed = Feed(b"x" * 100)
    with pytest.raises(TooMuchAtOnce):
        stream(feed, cap=99, content_length="100").read()
    assert feed.reads == 0
    assert stream(Feed(b"x" * 100), cap=100, content_length="100").read_all() == b"x" * 100
    assert stream(Feed(b"x"), cap=1, content_length="nonsense").read_all() == b"x"


@pytest.mark.parametrize("fault", [Transient("cut"), KeyboardInterrupt(), ValueError("odd")])
def test_a_fault_while_reading_closes_the_connection(fault: Exception) -> None:
    feed = Feed(b"some", fault=fault)
    found = stream(feed)
    assert found.read(4) == b"some"
    with pytest.raises(type(fault)):
        found.read(4)
    assert feed.left == [False]


@pytest.mark.parametrize(("rest", "kept"), [(0, True), (65_536, True), (65_537, False)])
def test_a_short_rest_is_read_away_and_a_long_one_is_not_worth_it(rest: int, kept: bool) -> None:
    feed = Feed(b"x" * (10 + rest))
    found = stream(feed)
    found.read(10)
    found.close()
    assert feed.left == [kept]


def test_abandoned_is_abandoned_once() -> None:
    feed = Feed(b"x" * 10)
    found = stream(feed)
    found.abandon()
    found.abandon()
    found.close()
    assert feed.left == [False]
    assert list(found) == []


@pytest.mark.parametrize("asked", [0, -5])
def test_a_piece_of_nothing_is_a_piece_of_one(asked: int) -> None:
    assert stream(Feed(b"abc")).read(asked) == b"a"


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip", "gzip;q=1", "none"])
def test_a_coding_nobody_asked_for(coding: str) -> None:
    with pytest.raises(NotTheService):
        Decoder(coding)
    feed = Feed(b"x")
    with pytest.raises(NotTheService):
        stream(feed, content_encoding=coding).read()
    assert feed.left == [False]


@pytest.mark.parametrize("coding", [" GZIP ", "Gzip", "x-GZIP", "\tdeflate", "IDENTITY"])
def test_codings_are_known_in_any_case(coding: str) -> None:
    assert Decoder(coding).plain is ("identity" in coding.lower())


def decoded(decoder: Decoder, data: bytes, most: int = 50) -> bytes:
    decoder.take(data)
    found = b"".join(iter(lambda: decoder.give(most), b""))
    return found + b"".join(iter(lambda: decoder.finish(most), b""))


@pytest.mark.parametrize("wbits", [15, -15], ids=["zlib", "raw"])
@pytest.mark.parametrize("body", [b"", b"x", b"wherry " * 500])
def test_deflate_in_both_forms_servers_send(body: bytes, wbits: int) -> None:
    packer = zlib.compressobj(wbits=wbits)
    assert decoded(Decoder("deflate"), packer.compress(body) + packer.flush()) == body


def test_gzip_of_several_members_is_one_body() -> None:
    assert decoded(Decoder("gzip"), gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two")) == b"one two"


def test_an_answer_without_a_body_needs_no_coding() -> None:
    assert Decoder("gzip").finish(10) == b""
    assert stream(Feed(), content_encoding="gzip").read_all() == b""


def test_a_plain_decoder_passes_on_and_knows_when_it_is_hungry() -> None:
    decoder = Decoder("")
    hungry = [decoder.hungry]
    decoder.take(b"abcdef")
    hungry.append(decoder.hungry)
    assert (decoder.give(4), decoder.give(4), decoder.give(4)) == (b"abcd", b"ef", b"")
    hungry.append(decoder.hungry)
    assert hungry == [True, False, True]
    assert decoder.plain


@given(st.binary(min_size=1, max_size=120), st.data())
@settings(max_examples=100, deadline=None)
def test_damage_anywhere_in_gzip_is_noticed_or_harmless(body: bytes, data: st.DataObject) -> None:
    coded = bytearray(gzip.compress(body, mtime=0))
    at = data.draw(st.integers(0, len(coded) - 1))
    coded[at] ^= data.draw(st.integers(1, 255))
    try:
        found = decoded(Decoder("gzip"), bytes(coded))
    except Transient:
        return
    assert found == body, "a checksum that fits means that the bytes are the same"
    assert at < 10, "only the head holds what nobody needs: time, system, flags"


def test_a_bomb_comes_in_pieces_of_bounded_size() -> None:
    decoder = Decoder("gzip")
    decoder.take(gzip.compress(bytes(10_000_000)))
    assert all(len(decoder.give(1000)) == 1000 for _ in range(50))
    assert not decoder.hungry


fields = st.lists(st.tuples(st.sampled_from(["A", "a", "B-c", "b-C", "X"]), st.text("abc,= ", max_size=5)), max_size=8)


@given(fields)
@settings(max_examples=100, deadline=None)
def test_headers_are_a_mapping_in_any_case(some: list[tuple[str, str]]) -> None:
    headers = Headers(some)
    expected: dict[str, list[str]] = {}
    for name, value in some:
        expected.setdefault(name.lower(), []).append(value)
    assert dict(headers) == {name: ", ".join(values) for name, values in expected.items()}
    assert len(headers) == len(expected)
    for name in expected:
        assert name.upper() in headers
        assert headers[name.upper()] == headers.get(name.title()) == headers[name]
    assert "nowhere" not in headers
    assert not headers.__contains__(3)
    assert headers.get("nowhere", "x") == "x"


def test_nothing_private_stands_in_a_repr() -> None:
    headers = Headers([("Set-Cookie", "c4n4ry"), ("Location", "https://a/?token=c4n4ry")])
    answer = Response(200, headers, "https://a.example/", b"c4n4ry body")
    assert "c4n4ry" not in repr(headers) + repr(answer)
    assert "set-cookie" in repr(headers)
