"""Conferences, attachments and the source: CONFERENCE (RFC 7986 §5.11), ATTACH, URL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING

from mappings.calendars.elements import Element, element, read_uri, uri_params, uri_value
from mappings.contentlines import ContentLine, Parameter, make_line

if TYPE_CHECKING:
    from mappings.carriers import JSON

NOWHERE = "about:blank"
"""The value for an element without a URI."""
HANGOUT = "X-GOOGLE-CONFERENCE"
"""As Google's own export writes ``hangoutLink``."""

ENTRY_POINT = element(
    "conferenceData.entryPoints[].",
    value="uri",
    words=MappingProxyType(
        {
            "entryPointType": MappingProxyType(
                {"video": "VIDEO", "phone": "PHONE", "sip": "X-SIP", "more": "X-MORE"},
            ),
        },
    ),
)
ATTACHMENT = element("attachments[].", value="fileUrl")
SOURCE = element("source.", value="url")

_INLINE = ("data:", "cid:")


def write_links(event: Mapping[str, JSON]) -> Iterator[ContentLine]:
    """Yield the lines of an event's conference, attachments, source and Hangout."""
    conference = event.get("conferenceData")
    points = conference.get("entryPoints") if isinstance(conference, dict) else None
    yield from _write_all("CONFERENCE", ENTRY_POINT, points)
    yield from _write_all("ATTACH", ATTACHMENT, event.get("attachments"))
    source = event.get("source")
    if isinstance(source, dict) and source.get("url"):
        yield from _write_all("URL", SOURCE, [source])
    link = event.get("hangoutLink")
    if isinstance(link, str) and link:
        yield make_line(HANGOUT, uri_value(link), params=uri_params(link))


def _write_all(name: str, how: Element, elements: JSON) -> Iterator[ContentLine]:
    for said in elements if isinstance(elements, list) else ():
        if isinstance(said, dict):
            yield _write(name, how, said)


def _write(name: str, how: Element, said: Mapping[str, JSON]) -> ContentLine:
    uri = said.get(how.value)
    kind = () if name == "ATTACH" else (Parameter("VALUE", ("URI",)),)
    if isinstance(uri, str) and uri:
        return make_line(name, uri_value(uri), params=chain(kind, how.params(said), uri_params(uri)))
    return make_line(name, NOWHERE, params=chain(kind, how.params(said, whole=True)))


def read_entry_points(lines: list[ContentLine]) -> list[JSON]:
    """Return the entry points that CONFERENCE lines name."""
    return [_entry_point(line) for line in lines]


def _entry_point(line: ContentLine) -> dict[str, JSON]:
    said = _read(ENTRY_POINT, line)
    if "entryPointType" not in said:
        features = {word.strip().upper() for value in line.param("FEATURE") for word in value.split(",")}
        uri = said.get("uri")
        if "PHONE" in features or (isinstance(uri, str) and uri.lower().startswith("tel:")):
            said["entryPointType"] = "phone"
        elif features & {"VIDEO", "SCREEN", "AUDIO"}:
            said["entryPointType"] = "video"
    return said


def read_attachments(lines: list[ContentLine]) -> list[JSON]:
    """Return the attachments that are links; what stands in the line itself Google does not take."""
    return [_read(ATTACHMENT, line) for line in lines if not is_inline(line)]


def is_inline(line: ContentLine) -> bool:
    """Say whether an ATTACH holds the file itself, or points into a mail."""
    binary = "BINARY" in (word.upper() for word in line.param("VALUE")) or line.encoding in {"B", "BASE64"}
    return binary or line.value[:5].decode("latin-1").lower().startswith(_INLINE)


def read_source(line: ContentLine) -> dict[str, JSON] | None:
    """Return the source a URL names; Google takes http and https only."""
    said = _read(SOURCE, line)
    url = said.get("url")
    return said if isinstance(url, str) and url.lower().startswith(("http:", "https:")) else None


def read_hangout(line: ContentLine) -> str:
    """Return the link of X-GOOGLE-CONFERENCE."""
    return read_uri(line)


def _read(how: Element, line: ContentLine) -> dict[str, JSON]:
    said = how.read(line)
    uri = read_uri(line)
    return said if how.value in said or uri == NOWHERE or not uri else {how.value: uri, **said}
