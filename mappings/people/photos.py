"""Photos: the picture itself on the card, the address it has at Google in a carrier."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

from mappings.contentlines import ContentLine
from mappings.escapes import decode_base64
from mappings.folding import fold
from mappings.loss import Fate
from mappings.people.properties import Property

if TYPE_CHECKING:
    from mappings.carriers import JSON
    from mappings.people.gathering import Gathered
    from mappings.people.properties import Element
    from mappings.people.sheets import Sheet

NO_PICTURE = "picture-not-fetched"
_IMAGE = re.compile(r"image/([a-z0-9][a-z0-9.+-]*)")
_DATA = re.compile(r"data:(?P<type>[^;,\\]*)[^,\\]*(?:\\?;base64)?\\?,", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
"""A value that is no address but plainly a picture whose ENCODING was forgotten."""

_UNKNOWN = "application/octet-stream"


def write_photos(sheet: Sheet, photos: list[Element], pictures: Mapping[str, JSON], kept: list[ContentLine]) -> None:
    """Write each photo that is not one Google drew. Without its picture the address is kept, and the loss reported."""
    waiting = [(_read(line) or line.text().strip(), line) for line in kept]
    sheet.lines.extend(line.raw for found, line in waiting if not found or not found[-1])
    for index, element in enumerate(photos):
        url = element.get("url")
        if not isinstance(url, str) or not url:
            continue
        picture = _picture(pictures.get(url))
        line = next((line for found, line in waiting if found == (picture or url)), None)
        carried = {key: value for key, value in element.items() if key != "url"}
        if picture and url != _made_up(picture):
            carried["url"] = url
        group = line.group if line else ""
        group = group or (sheet.group() if carried else "")
        if line is not None:
            raw = line.raw if line.group or not group else group.encode() + b"." + line.raw
        elif picture:
            raw = _inline(picture, sheet.version, group)
        else:
            raw = Property("PHOTO", url, params={"VALUE": "uri"}).to_line(group)
        sheet.lines.append(raw)
        if picture and not _readable(raw, picture):
            carried["mediaType"] = picture[0]
        reasons = [sheet.carry(f"photos/{index}/{key}", value, group=group) for key, value in carried.items()]
        reason = next(filter(None, reasons), "") if picture else NO_PICTURE
        sheet.note("photos[].url", url, Fate.LOST if reason else Fate.EXACT if picture else Fate.LOST, reason)


def _picture(value: JSON) -> tuple[str, bytes] | None:
    """Return media type and octets of an entry of a document's ``photos``."""
    if not isinstance(value, dict):
        return None
    kind, data = value.get("mediaType"), value.get("data")
    if not isinstance(data, str) or not data:
        return None
    try:
        return (kind if isinstance(kind, str) else _UNKNOWN), b64decode(data, validate=True)
    except (Error, ValueError):
        return None


def _inline(picture: tuple[str, bytes], version: str, group: str) -> bytes:
    kind, octets = picture
    name = f"{group}.PHOTO" if group else "PHOTO"
    data = b64encode(octets)
    image = _IMAGE.fullmatch(kind)
    if version == "4.0":
        said = kind if image else _UNKNOWN
        return fold(f"{name}:data:{said};base64,".encode() + data)
    word = f";TYPE={image[1].upper()}" if image and "." not in image[1] and "+" not in image[1] else ""
    return fold(f"{name};ENCODING=b{word}:".encode() + data)


def _readable(raw: bytes, picture: tuple[str, bytes]) -> bool:
    return _read(ContentLine(raw)) == picture


def _read(line: ContentLine) -> tuple[str, bytes] | None:
    """Return media type and octets of an inline PHOTO, ``None`` if it is a link."""
    if line.encoding in {"B", "BASE64"}:
        word = next((word for word in line.types() if word != "pref"), "")
        kind = next(iter(line.param("MEDIATYPE")), "")
        value = line.value
        if value[:5].lower() != b"data:":
            return kind or (word if "/" in word else f"image/{word}" if word else _UNKNOWN), decode_base64(value)
    text = line.value.decode("latin-1")
    found = _DATA.match(text)
    if not found:
        bare = _BASE64.fullmatch(text)
        return (_UNKNOWN, decode_base64(line.value)) if bare else None
    return found["type"].lower() or _UNKNOWN, decode_base64(text[found.end() :].encode("latin-1"))


def _made_up(picture: tuple[str, bytes] | None) -> str:
    """Return the address of a picture that never had one."""
    return f"urn:sha256:{sha256(picture[1]).hexdigest()}" if picture else ""


def read_photos(gathered: Gathered, version: str) -> tuple[list[Element], dict[str, JSON], list[ContentLine]]:
    """Return the photos, the pictures by address, and the lines to be kept as they stand."""
    photos: list[Element] = []
    pictures: dict[str, JSON] = {}
    kept = []
    for line in gathered.own.get("PHOTO", []):
        picture = _read(line)
        members = _members(gathered, line.group)
        url = members.pop("url", None)
        kind = members.pop("mediaType", None)
        if picture is None:
            url = line.text().strip()
        elif not isinstance(url, str):
            url = _made_up(picture)
        if not url or (picture and not picture[1]):
            kept.append(line)
            continue
        photos.append({"url": url, **members})
        if picture:
            kind = kind if isinstance(kind, str) else picture[0]
            pictures[url] = {"mediaType": kind, "data": b64encode(picture[1]).decode()}
        if not _is_ours(line, picture, url, version):
            kept.append(line)
    return photos, pictures, kept


def _members(gathered: Gathered, group: str) -> dict[str, JSON]:
    if group:
        for (of_group, _), members in gathered.carried.get("photos", {}).items():
            if of_group == group.upper():
                return dict(members)
    return {}


def _is_ours(line: ContentLine, picture: tuple[str, bytes] | None, url: str, version: str) -> bool:
    """Say whether the line would be written just so."""
    group = line.group
    if picture is None:
        written = Property("PHOTO", url, params={"VALUE": "uri"}).to_line(group)
    elif bool(group) == (url == _made_up(picture)):
        return False
    else:
        written = _inline(picture, version, group)
    return ContentLine(written).content == line.content
