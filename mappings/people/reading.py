"""A card as a person. What Person has no leaf for stays with the document as the lines it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mappings.contentlines import ContentLine
from mappings.people.comparing import say_the_same
from mappings.people.elements import restore, write_elements
from mappings.people.fields import VERSIONS, Field, fields, unknown_field
from mappings.people.gathering import Found, Gathered, crowded, gather
from mappings.people.memberships import read_memberships
from mappings.people.naming import complete, is_derived, is_marked
from mappings.people.persons import Document
from mappings.people.photos import read_photos
from mappings.people.sheets import Sheet
from mappings.people.writing import OTHER, first_moment, uid_of, write_moment

if TYPE_CHECKING:
    from mappings.carriers import JSON
    from mappings.people.properties import Element, Entry


def version_of(lines: Iterable[ContentLine]) -> str:
    """Return the version whose words a card uses; 2.1 and cards without a version are read like 3.0."""
    said = next((line.text().strip() for line in lines if line.name == "VERSION"), "")
    return said if said in VERSIONS else "3.0"


class CardReader:
    """Reads the lines of one card into a document."""

    def __init__(self, lines: list[ContentLine]) -> None:
        self._lines = lines
        self.version = version_of(lines)
        self.document = Document()
        self._gathered: Gathered = gather(lines, self.version)
        self._kept: set[int] = set()
        self._crowded = crowded(self._gathered, self.version)
        self._groups: dict[str, int] = {}
        for line in lines:
            if line.group:
                key = line.group.upper()
                self._groups[key] = self._groups.get(key, 0) + (line.name != "JSPROP")

    def read(self) -> Document:
        """Return the whole document."""
        gathered, document = self._gathered, self.document
        document.rest = {name: value for name, value in gathered.top.items() if name != OTHER}
        document.other = gathered.top.get(OTHER) is True
        self._keep(gathered.rest)
        for name, field in fields(self.version).items():
            if name != "names":
                self._list(name, self._elements(field))
        self._list("names", self._names())
        for name in sorted(gathered.carried.keys() - {*fields(self.version), "memberships", "photos"}):
            self._list(name, self._elements(unknown_field(name, self.version)))
        memberships, document.groups, lines = read_memberships(gathered)
        self._list("memberships", memberships)
        self._keep(lines)
        photos, document.pictures, lines = read_photos(gathered, self.version)
        self._list("photos", photos)
        self._keep(lines)
        self._own_lines()
        document.lines = list(self._kept_lines())
        return document

    def _list(self, name: str, elements: list[Element]) -> None:
        if elements:
            self.document.lists[name] = elements

    def _keep(self, lines: Iterable[ContentLine]) -> None:
        self._kept.update(map(id, lines))

    def _own_lines(self) -> None:
        """Take REV and UID; keep them where they are not what would be written anyway."""
        document, own = self.document, self._gathered.own
        moments = own.get("REV", [])
        document.updated = first_moment(moments)
        if [write_moment(document.updated, self.version).strip()] != [line.content for line in moments]:
            self._keep(moments)
        uids = own.get("UID", [])
        ours = uid_of(document, self.version) if document.resource_name else ""
        if not (len(uids) == 1 and uids[0].content == f"UID:{ours}".encode()):
            self._keep(uids)

    def _kept_lines(self) -> Iterable[str]:
        if self._kept:
            for line in self._lines:
                if id(line) in self._kept or line.name == "VERSION":
                    yield line.content.decode("utf-8", "surrogateescape")

    def _elements(self, field: Field) -> list[Element]:
        """Return one field's elements in their order; keep the lines that say more than their element."""
        if field.name not in self._gathered.found and field.name not in self._gathered.carried:
            return []
        carried = dict(self._gathered.carried.get(field.name, {}))
        indexes = {group: index for group, index in reversed(carried) if group}
        placed: list[tuple[float, Element]] = []
        founds = self._gathered.found.get(field.name, [])
        written: list[Found] = []
        last = -1.0
        for found in founds:
            index = 0 if field.single else indexes.pop(found.group, None)
            members = {} if index is None else carried.pop(("" if field.single else found.group, index), {})
            if not found.native and not members:
                self._keep(found.lines)
                continue
            last = float(index) if index is not None else last
            placed.append((last, restore(field, found.native, members)))
            written.append(found)
        for (group, index), members in sorted(carried.items(), key=lambda one: one[0][1]):
            if not group and not _was_anchored(field, index, members):
                placed.append((index - 0.5, {key: value for key, value in members.items() if value is not None}))
        elements = [element for element in _ordered(placed, len(written)) if element]
        if written:
            self._keep_where_more(field, written, elements)
        return elements

    def _keep_where_more(self, field: Field, founds: list[Found], elements: list[Element]) -> None:
        """Keep a field's lines if writing its elements would not say just the same again."""
        lines = [line for found in founds for line in found.lines]
        alone = all(not group or self._groups[group] == count for group, count in _counted(lines).items())
        if alone and field.name not in self._crowded:
            sheet = Sheet(self.version)
            write_elements(sheet, field, elements, None, self._person())
            written = [ContentLine(raw) for raw in sheet.every_line()]
            if say_the_same(written, [*lines, *self._gathered.carriers.get(field.name, ())]):
                return
        self._keep(lines)

    def _person(self) -> dict[str, JSON]:
        return {**self.document.rest, **self.document.lists}  # type: ignore[dict-item]  # lists of objects are JSON

    def _names(self) -> list[Element]:
        """Return the names; one made up from other leaves is none."""
        field = fields(self.version)["names"]
        founds = self._gathered.found.get("names", [])
        claimed = "unstructuredName" in self._gathered.carried.get("names", {}).get(("", 0), {})
        found = founds[0] if founds else None
        if found is None or not is_derived(found.entry, self._person()):
            return self._elements(field)
        if claimed and not is_marked(found.entry):
            return self._elements(field)
        found.native = {key: value for key, value in found.native.items() if key != "unstructuredName"}
        if found.native:
            return self._elements(field)
        self._gathered.found["names"] = []
        entry: Entry = {}
        complete(entry, self._person())
        lines = [ContentLine(one.to_line()) for one in entry.values()]
        if "names" in self._crowded or not say_the_same(lines, found.lines):
            self._keep(found.lines)
        return self._elements(field)


def _was_anchored(field: Field, index: int, members: dict[str, JSON]) -> bool:
    """Say whether a property stood beside these carriers: then somebody removed it."""
    if field.single and index:
        return False
    return bool(field.write({key: value for key, value in members.items() if value is not None}))


def _ordered(placed: list[tuple[float, Element]], anchored: int) -> list[Element]:
    """Put elements in their order: those with an index by it, others behind the one they follow."""
    of_lines = [element for _, element in sorted(placed[:anchored], key=lambda one: one[0])]
    for index, element in placed[anchored:]:
        of_lines.insert(min(int(index + 0.5), len(of_lines)), element)
    return of_lines


def _counted(lines: Iterable[ContentLine]) -> Counter[str]:
    return Counter(line.group.upper() for line in lines)


def read_card(lines: list[ContentLine]) -> Document:
    """Read the lines of one card of a person."""
    return CardReader(lines).read()
