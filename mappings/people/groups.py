"""Groups as cards of their own: KIND:group (RFC 6350 §6.1.4), or Apple's X-ADDRESSBOOKSERVER-* before 4.0.

At Google a group is a ``contactGroup`` and no person. Its members stand in
``memberResourceNames``: resource names as Google gives them, and the ``urn:uuid:`` of cards
whose person has none yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from mappings.contentlines import ContentLine
from mappings.folding import fold
from mappings.loss import Fate
from mappings.people.memberships import new_group
from mappings.people.persons import Document
from mappings.people.properties import Property, clean
from mappings.people.sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mappings.carriers import JSON

_KINDS = ("KIND", "X-ADDRESSBOOKSERVER-KIND")
_MEMBERS = ("MEMBER", "X-ADDRESSBOOKSERVER-MEMBER")
_HOST = "https://people.googleapis.com/v1/"
_NAMES = ("memberResourceNames", "resourceName", "name", "groupType")


def is_group(lines: Iterable[ContentLine]) -> bool:
    """Say whether a card is one of a group."""
    return any(line.name in _KINDS and line.text().strip().lower() == "group" for line in lines)


def read_group(lines: list[ContentLine]) -> Document:
    """Read a group card; its own lines are kept, so that it can be written again as it was."""
    name = next((line.text() for line in lines if line.name == "FN"), "")
    if not name:
        name = next((line.fields()[0] for line in lines if line.name == "N"), "")
    members: list[JSON] = [line.text().strip() for line in lines if line.name in _MEMBERS]
    group: dict[str, JSON] = {
        "resourceName": new_group(name),
        "name": name,
        "groupType": "USER_CONTACT_GROUP",
        "memberResourceNames": members,
    }
    kept = [line.content.decode("utf-8", "surrogateescape") for line in lines if not line.blank]
    return Document(groups=[group], lines=kept, is_group=True)


def write_group(document: Document, version: str) -> Sheet:
    """Write the card of a group; lines it came with are kept as long as its name and members are the same."""
    group = document.groups[0]
    sheet = Sheet(version)
    lines = [ContentLine(fold(text.encode("utf-8", "surrogateescape"))) for text in document.lines]
    if lines and _says(read_group(lines).groups[0]) == _says(group):
        sheet.lines = [line.raw for line in lines]
    else:
        sheet.lines = list(_fresh(group, version))
    for key, value in group.items():
        if key in _NAMES:
            sheet.note(f"contactGroups[].{key}", value, Fate.EXACT)
    return sheet


def _says(group: dict[str, JSON]) -> tuple[JSON, JSON]:
    return group.get("name"), group.get("memberResourceNames") or []


def _fresh(group: dict[str, JSON], version: str) -> Iterable[bytes]:
    name, resource, members = group.get("name"), group.get("resourceName"), group.get("memberResourceNames")
    text = clean(name) if isinstance(name, str) else ""
    four = version == "4.0"
    kind, member = _KINDS[not four], _MEMBERS[not four]
    uid = str(uuid5(NAMESPACE_URL, f"{_HOST}{resource}"))
    yield f"VERSION:{version}\r\n".encode()
    yield Property("UID", f"urn:uuid:{uid}" if four else uid).to_line()
    yield Property("N", parts=[text, "", "", "", ""]).to_line()
    yield Property("FN", text or "(no name)").to_line()
    yield Property(kind, "group").to_line()
    for one in members if isinstance(members, list) else ():
        if isinstance(one, str):
            yield Property(member, _uri(clean(one)), bare="\n" not in one).to_line()


def _uri(member: str) -> str:
    """Return the UID that the card of a member has, as a URI."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, _HOST + member)}" if member.startswith("people/") else member
