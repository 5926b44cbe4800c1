"""Pictures: real files, a different one for each person, in the size asked for."""

from __future__ import annotations

import struct
import zlib
from typing import Any
from urllib.parse import urlsplit

import pytest

from simulators.google import Service
from simulators.google.photos import jpeg, original_size, png, served
from tests.simulators.google.asking import Answer, Caller


def _png_size(raw: bytes) -> tuple[int, int]:
    """Read a PNG as its standard says: signature, chunks with right checksums, rows of the right length."""
    assert raw[:8] == b"\x89PNG\r\n\x1a\n"
    at, rows, size = 8, b"", (0, 0)
    names = []
    while at < len(raw):
        length, name = struct.unpack(">I4s", raw[at : at + 8])
        data, check = raw[at + 8 : at + 8 + length], raw[at + 8 + length : at + 12 + length]
        assert zlib.crc32(name + data) == int.from_bytes(check, "big")
        names.append(name)
        if name == b"IHDR":
            size = struct.unpack(">II", data[:8])
        rows += data if name == b"IDAT" else b""
        at += 12 + length
    assert (names[0], names[-1]) == (b"IHDR", b"IEND")
    assert len(zlib.decompress(rows)) == (size[0] + 1) * size[1]
    return size


def _jpeg_grey(raw: bytes) -> tuple[tuple[int, int], int]:
    """Decode a grey JPEG of one colour as ITU T.81 says: size, and the grey of every block."""
    assert raw[:2] == b"\xff\xd8"
    assert raw[-2:] == b"\xff\xd9"
    at, size, codes = 2, (0, 0), {}
    while raw[at + 1] != 0xDA:
        mark, length = raw[at + 1], int.from_bytes(raw[at + 2 : at + 4], "big")
        data = raw[at + 4 : at + 2 + length]
        if mark == 0xC0:
            size = (int.from_bytes(data[3:5], "big"), int.from_bytes(data[1:3], "big"))
        if mark == 0xC4:
            codes[data[0]] = _huffman(data[1:17], data[17:])
        at += 2 + length
    start = at + 2 + int.from_bytes(raw[at + 2 : at + 4], "big")
    bits = "".join(f"{byte:08b}" for byte in raw[start:-2].replace(b"\xff\x00", b"\xff"))
    blocks, level, levels = ((size[0] + 7) // 8) * ((size[1] + 7) // 8), 0, set()
    place = 0
    for _ in range(blocks):
        length, place = _symbol(bits, place, codes[0x00])
        value = int(bits[place : place + length] or "0", 2)
        place += length
        level += value if length == 0 or value >> (length - 1) else value - (1 << length) + 1
        ended, place = _symbol(bits, place, codes[0x10])
        assert ended == 0
        levels.add(level)
    assert set(bits[place:]) <= {"1"}
    assert len(bits) - place < 8
    assert len(levels) == 1
    return size, levels.pop()


def _huffman(counts: bytes, symbols: bytes) -> dict[str, int]:
    """Return the codes of a table (ITU T.81 Annex C)."""
    codes, code, left = {}, 0, list(symbols)
    for length, count in enumerate(counts, 1):
        for _ in range(count):
            codes[f"{code:0{length}b}"] = left.pop(0)
            code += 1
        code <<= 1
    assert "1" * max(map(len, codes)) not in codes  # no code is all ones
    return codes


def _symbol(bits: str, place: int, codes: dict[str, int]) -> tuple[int, int]:
    for end in range(place + 1, place + 17):
        if bits[place:end] in codes:
            return codes[bits[place:end]], end
    raise AssertionError("no such code")


@pytest.mark.parametrize("size", [1, 7, 8, 9, 100, 607])
def test_a_png_is_one(size: int) -> None:
    assert _png_size(png("1", size)) == (size, size)


@pytest.mark.parametrize("person", ["0", "2", "3c", "77", "fe", "1234567890abcde"])
@pytest.mark.parametrize("size", [1, 8, 9, 100, 300])
def test_a_jpeg_is_one(person: str, size: int) -> None:
    assert _jpeg_grey(jpeg(person, size, padded=False)) == ((size, size), int(person, 16) % 120 - 60)


def _pictures(caller: Caller) -> dict[str, Any]:
    pages = caller.pages("/v1/people/me/connections", personFields="photos", sources="READ_SOURCE_TYPE_CONTACT")
    return {each["photos"][0]["url"]: each["photos"][0] for page in pages for each in page["connections"]}


def _load(caller: Caller, url: str) -> Answer:
    return Caller(caller.server, headers={"Authorization": ""}).request("GET", urlsplit(url).path)


def test_every_contact_has_a_picture_that_can_be_loaded_without_a_token(caller: Caller, server: Service) -> None:
    bodies = set()
    for url in _pictures(caller):
        assert url.startswith(server.url)
        assert url.endswith("=s100")
        answer = _load(caller, url)
        assert answer.status == 200
        read = _png_size if answer.headers["content-type"] == "image/png" else lambda raw: _jpeg_grey(raw)[0]
        size = min(100, original_size(url.rpartition("/")[2].removesuffix("=s100")))
        assert read(answer.body) == (size, size)
        bodies.add(answer.body)
    assert len(bodies) == 45
    assert server.calls["photos"] == 45


def test_most_pictures_are_the_default(caller: Caller) -> None:
    own = [each for each in _pictures(caller).values() if not each.get("default")]
    assert 0 < len(own) < 25


def _served(path: str) -> bytes:
    return b"".join(served(path).stream.chunks())


def test_the_size_stands_at_the_end_of_the_address() -> None:
    for person in ("2a", "1f"):
        read = _png_size if int(person, 16) % 2 else lambda raw: _jpeg_grey(raw)[0]
        original = original_size(person)
        path = f"/photos/contacts/{person}"
        for suffix, wanted in (("", original), ("=s0", original), ("=s40", 40), ("=s40-c", 40), ("=s9999", original)):
            assert read(_served(path + suffix)) == (wanted, wanted)
        assert _served(path) == _served(path + "=s0") == _served(path + "=s9999")
        assert len(_served(path)) > len(_served(path + "=s40"))


@pytest.mark.parametrize(
    "path", ["/photos/", "/photos/contacts/", "/photos/contacts/xyz", "/photos/contacts/1=s99999", "/photos/../x"]
)
def test_there_are_no_other_pictures(caller: Caller, path: str) -> None:
    assert caller.request("GET", path).status == 404


@pytest.mark.parametrize("status", [403, 404, 429])
def test_pictures_may_be_refused(caller: Caller, server: Service, status: int) -> None:
    url = next(iter(_pictures(caller)))
    server.settings.photos = status
    assert _load(caller, url).status == status
    assert server.answers["photos", status] == 1
    server.settings.photos = 200
    server.faults.refuse("photos", 503, times=2, retry_after=1)
    assert [_load(caller, url).status for _ in range(3)] == [503, 503, 200]
