"""A person as a card."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from mappings.contentlines import ContentLine
from mappings.folding import fold
from mappings.loss import Fate
from mappings.people.elements import Kept, write_elements
from mappings.people.fields import VERSIONS, fields, unknown_field
from mappings.people.gathering import Gathered, gather
from mappings.people.memberships import write_memberships
from mappings.people.naming import complete, is_derived
from mappings.people.photos import write_photos
from mappings.people.properties import Property
from mappings.people.restating import restate
from mappings.people.sheets import Sheet

if TYPE_CHECKING:
    from mappings.people.persons import Document
    from mappings.people.properties import Entry

_HOST = "https://people.googleapis.com/v1/"
_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z", re.ASCII)
OTHER = "otherContacts"


def write_person(document: Document, version: str) -> Sheet:
    """Write the person of *document* as a card of *version* (``3.0`` or ``4.0``)."""
    original, said = _original(document, version)
    sheet = Sheet(version, {line.group.upper() for line in original if line.group})
    gathered = gather(original, said)
    sheet.lines.append(f"VERSION:{version}\r\n".encode())
    _write_uid(sheet, document, gathered)
    _write_lists(sheet, document, gathered)
    for name, value in document.rest.items():
        reason = sheet.carry(name, value)
        sheet.note(name, value, Fate.LOST if reason else Fate.EXTENSION, reason)
    if document.other:
        sheet.carry(OTHER, value=True)
    for name in document.odd:
        sheet.note(name, None, Fate.LOST, "malformed")
    moments = gathered.own.get("REV", [])
    if document.updated == first_moment(moments) and moments:
        sheet.lines.extend(line.raw for line in moments)
    elif moment := write_moment(document.updated, version):
        sheet.lines.append(moment)
    for line in gathered.rest:
        sheet.lines.append(line.raw)
        sheet.note(line.name or "junk", None, Fate.EXACT)
    return sheet


def _original(document: Document, version: str) -> tuple[list[ContentLine], str]:
    """Return the kept lines as lines of a card of *version*, and in which version's words they are."""
    lines = [ContentLine(fold(text.encode("utf-8", "surrogateescape"))) for text in document.lines]
    said = next((line.text().strip() for line in lines if line.name == "VERSION"), version)
    if said not in VERSIONS:
        lines = [restate(line) for line in lines]
        said = "3.0"
    return lines, said


def _write_uid(sheet: Sheet, document: Document, gathered: Gathered) -> None:
    kept = gathered.own.get("UID")
    if kept:
        sheet.lines.extend(line.raw for line in kept)
    else:
        sheet.lines.append(Property("UID", uid_of(document, sheet.version)).to_line())


def uid_of(document: Document, version: str) -> str:
    """Return the identity of a person whose card never had one: from the resource name, else from what is said."""
    name = document.resource_name
    if not name:
        name = "?" + json.dumps([document.rest, document.lists], sort_keys=True)
    uid = uuid5(NAMESPACE_URL, _HOST + name.encode("utf-8", "backslashreplace").decode())
    return f"urn:uuid:{uid}" if version == "4.0" else str(uid)


def _write_lists(sheet: Sheet, document: Document, gathered: Gathered) -> None:
    person = {**document.rest, **document.lists}
    version = sheet.version
    for name, field in fields(version).items():
        elements = document.lists.get(name, [])
        if elements:
            kept = Kept(gathered.found.get(name, ()))
            write_elements(sheet, field, elements, kept, person)  # type: ignore[arg-type]  # lists of objects are JSON
        if name == "names":
            _write_derived_name(sheet, document, gathered)
    memberships = document.lists.get("memberships", [])
    write_memberships(sheet, memberships, document.groups, gathered.own.get("CATEGORIES", []))
    write_photos(sheet, document.lists.get("photos", []), document.pictures, gathered.own.get("PHOTO", []))
    for name, elements in document.lists.items():
        if name not in fields(version) and name not in {"memberships", "photos"}:
            write_elements(sheet, unknown_field(name, version), elements, None, {})


def _write_derived_name(sheet: Sheet, document: Document, gathered: Gathered) -> None:
    """Give a card without a name what it has to have; mark a name that only looks derived."""
    field = fields(sheet.version)["names"]
    names = document.lists.get("names", [])
    person = {**document.rest, **document.lists}
    entry: Entry = field.write(names[0]) if names else {}
    if not entry:
        for found in gathered.found.get("names", ()):
            if not found.native or is_derived(found.entry, person):  # type: ignore[arg-type]  # lists of objects are JSON
                sheet.lines.extend(line.raw for line in found.lines)
                return
        complete(entry, person)  # type: ignore[arg-type]  # lists of objects are JSON
        sheet.lines.extend(one.to_line() for one in entry.values())
    elif "N" not in entry and is_derived(entry, person):  # type: ignore[arg-type]  # lists of objects are JSON
        sheet.carry("names/0/unstructuredName", names[0].get("unstructuredName"))


def write_moment(time: str, version: str) -> bytes:
    """Return REV for an RFC 3339 *time* in UTC; nothing for any other text."""
    found = _MOMENT.fullmatch(time)
    if not found:
        return b""
    text = time if version != "4.0" else "{}{}{}T{}{}{}Z".format(*found.groups())
    return f"REV:{text}\r\n".encode()


def first_moment(lines: list[ContentLine]) -> str:
    """Return the first RFC 3339 time that REV *lines* say, empty if none does."""
    return next((moment for line in lines if (moment := read_moment(line.text()))), "")


def read_moment(text: str) -> str:
    """Return the RFC 3339 time of a REV, empty if it is none in UTC."""
    found = re.fullmatch(r"(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(\.\d+)?Z", text.strip(), re.ASCII)
    return "{}-{}-{}T{}:{}:{}{}Z".format(*found.groups(default="")) if found else ""
