"""Pictures of people: real, small files, a different one for each person.

Sizes: developers.google.com/people/image-sizing (``=s100``, ``=s0`` for the original, ``sz=`` in the query is older).
"""

from __future__ import annotations

import re
import struct
import zlib
from functools import lru_cache
from hashlib import blake2b

from simulators.google.connections import Reply

_PATHS = (
    re.compile(r"/photos/contacts/([0-9a-f]{1,20})(?:=s(\d{1,4})(?:-c)?)?"),
    re.compile(r"/photos/-T_wVWLlmg7w/AAAAAAAAAAI/AAAAAAAABa8/([0-9a-f]{1,20})(?:/s(\d{1,4})(?:-c)?)?/photo\.jpg"),
)
"""Addresses of today, and those that the description of ``Photo.url`` has as its example."""
_OLDER = re.compile(r"sz=(\d{1,4})")
LARGEST_PADDING = 20_000
# Huffman tables of ITU T.81 Annex C, as small as a picture of one colour needs: DC sizes 0 to 7 in four bits each,
# end of block in one.
_DC = bytes([0x00, 0, 0, 0, 8, *[0] * 12, *range(8)])
_AC = bytes([0x10, 1, *[0] * 15, 0])


def original_size(person: str) -> int:
    """Return the width of a person's picture as it was uploaded: 96 to 607 pixels."""
    return 96 + int(blake2b(person.encode(), digest_size=2).hexdigest(), 16) % 512


def address(host: str, person: str, *, older: bool = False) -> str:
    """Return the address of a person's picture, as the API tells it: small."""
    if older:
        return f"{host}/-T_wVWLlmg7w/AAAAAAAAAAI/AAAAAAAABa8/{person}/s100/photo.jpg"
    return f"{host}/contacts/{person}=s100"


def served(path: str, query: str = "", status: int = 200) -> Reply:
    """Return a picture. Without a size, or with ``s0``, as large as it was uploaded; never larger than that."""
    found = next((found for each in _PATHS if (found := each.fullmatch(path))), None)
    if found is None or status != 200:
        return Reply(404 if found is None else status, b"", "text/html")
    older = _OLDER.fullmatch(query)
    person, asked = found[1], int(older[1] if older else found[2] or 0)
    original = original_size(person)
    size = min(asked, original) if asked else original
    if int(person, 16) % 2:
        return Reply(200, png(person, size), "image/png")
    return Reply(200, jpeg(person, size, padded=size == original), "image/jpeg")


@lru_cache(maxsize=8)
def png(person: str, size: int) -> bytes:
    """Return a square picture of one grey as PNG (W3C PNG, third edition)."""
    grey = int(person, 16) % 256
    rows = zlib.compress((b"\0" + bytes([grey]) * size) * size, 1)
    head = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    comment = b"Comment\0" + person.encode()
    parts = ((b"IHDR", head), (b"tEXt", comment), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@lru_cache(maxsize=8)
def jpeg(person: str, size: int, *, padded: bool) -> bytes:
    """Return a square picture of one grey as baseline JPEG (ITU T.81). A comment makes it as heavy as a real one."""
    said = person.encode()
    if padded:
        said += blake2b(said).digest() * (int(person, 16) % LARGEST_PADDING // 64)
    frame = struct.pack(">BHHBBBB", 8, size, size, 1, 1, 0x11, 0)
    parts = (
        (0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        (0xFE, said),
        (0xDB, b"\0" + bytes([8]) * 64),
        (0xC0, frame),
        (0xC4, _DC),
        (0xC4, _AC),
        (0xDA, bytes([1, 1, 0, 0, 63, 0])),
    )
    head = b"\xff\xd8" + b"".join(
        b"\xff" + bytes([mark]) + struct.pack(">H", len(data) + 2) + data for mark, data in parts
    )
    return head + _scan(size, int(person, 16) % 120 - 60) + b"\xff\xd9"


def _scan(size: int, level: int) -> bytes:
    """Return the coded blocks: the first carries the grey, the others the same again, each ending at once."""
    blocks = ((size + 7) // 8) ** 2
    length = abs(level).bit_length()
    value = level if level >= 0 else level + (1 << length) - 1
    bits = f"{length:04b}" + (f"{value:0{length}b}" if length else "") + "0"
    bits += "00000" * (blocks - 1)
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
