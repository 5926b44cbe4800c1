"""Bodies of items as they come in answers."""

from __future__ import annotations

from typing import Final

from connectors.base import Item, ItemRef, Kind
from connectors.dav import names
from connectors.dav.hrefs import stem

DATA: Final = {Kind.EVENT: names.CALENDAR_DATA, Kind.CONTACT: names.ADDRESS_DATA}
MEDIA_TYPES: Final = {Kind.EVENT: "text/calendar", Kind.CONTACT: "text/vcard"}
ENDINGS: Final = {Kind.EVENT: ".ics", Kind.CONTACT: ".vcf"}


def with_crlf(body: bytes) -> bytes:
    r"""End every line with CRLF, as RFC 5545 and RFC 6350 want it.

    XML turns CRLF into LF on its way (XML 1.0 section 2.11), a plain GET does not: one
    item must have one digest however it came.
    """
    if b"\r" in body:
        body = body.replace(b"\r\n", b"\n")
    return body.replace(b"\n", b"\r\n")


def from_text(text: str) -> bytes:
    """Return the body that stood in an XML answer; blank space before it belongs to the XML."""
    if not text.startswith("BEGIN"):
        text = text.lstrip()
    return with_crlf(text.encode())


def item(kind: Kind, id_: str, revision: str | None, body: bytes) -> Item:
    """Return an item as the port wants it. Its ref holds no size: listings do not tell one either."""
    return Item(ItemRef(id_, revision), MEDIA_TYPES[kind], body, stem(id_))


def same_revision(one: str | None, other: str | None) -> bool:
    """Say whether two etags name the same state.

    A compressing proxy weakens an etag or adds to it (httpd bug 39727); that is no change of the item.
    """
    return one is not None and other is not None and _bare(one) == _bare(other)


def _bare(etag: str) -> str:
    bare = etag.strip().removeprefix("W/").strip('"')
    for ending in ("-gzip", ";gzip", "-df", ";br"):
        bare = bare.removesuffix(ending)
    return bare
