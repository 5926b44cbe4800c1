"""The bridges between Google's Person and vCard, as ``mappings.registry`` asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.contentlines import ContentLine
from mappings.documents import Component, parse
from mappings.errors import Malformed
from mappings.loss import Fate, LeafFate, LossReport
from mappings.mediatypes import CARD, CARD_3, CARD_4, PERSON
from mappings.people.groups import is_group, read_group, write_group
from mappings.people.persons import Document, close_document, open_document
from mappings.people.proofs import prove_card, prove_person
from mappings.people.reading import CardReader
from mappings.people.writing import write_person
from mappings.registry import Bridge, Mapped

if TYPE_CHECKING:
    from mappings.people.sheets import Sheet


def to_card(target: str) -> Bridge:
    """Return the way from a people document to a card: vCard 4.0 where *target* says so, else 3.0."""
    version = "4.0" if "version=4.0" in target.replace(" ", "").replace('"', "").lower() else "3.0"
    media_type = CARD_4 if version == "4.0" else CARD_3

    def convert(body: bytes) -> Mapped:
        sheet = _written(open_document(body), version)
        return Mapped(sheet.to_bytes(), media_type, sheet.report())

    def prove(original: bytes, stored: bytes) -> LossReport:
        document = open_document(original)
        return prove_card(document, _written(document, version), read(stored))

    return Bridge(PERSON, target, convert, prove)


def to_person(target: str) -> Bridge:
    """Return the way from a card of any version to a people document."""

    def convert(body: bytes) -> Mapped:
        document = read(body)
        return Mapped(close_document(document), PERSON, _report(document))

    def prove(original: bytes, stored: bytes) -> LossReport:
        document = open_document(stored)
        version = "4.0" if _version(original) == "4.0" else "3.0"
        return prove_person(original, _written(document, version).to_bytes())

    return Bridge(CARD, target, convert, prove)


def read(body: bytes) -> Document:
    """Read the one card in *body*.

    Raises:
        Malformed: there is no card, more than one, or it is not complete.
        TooLarge, TooDeep: it is over its limits.
    """
    lines = [ContentLine(raw) for raw in _raw_lines(_card(body))]
    return read_group(lines) if is_group(lines) else CardReader(lines).read()


def _card(body: bytes) -> Component:
    document = parse(body)
    cards = list(document.components("VCARD"))
    if not cards:
        raise Malformed("no-component")
    if len(cards) > 1:
        raise Malformed("several-cards")
    broken = next((problem.code for problem in document.problems if problem.breaks), "")
    if broken:
        raise Malformed(broken)
    return cards[0]


def _raw_lines(card: Component) -> list[bytes]:
    """Return the lines between BEGIN and END; those of a card within it (AGENT) as well."""
    return list(card.raw())[1:-1]


def _version(body: bytes) -> str:
    return (_card(body).text("VERSION") or "").strip()


def _written(document: Document, version: str) -> Sheet:
    return write_group(document, version) if document.is_group else write_person(document, version)


def _report(document: Document) -> LossReport:
    """Report what Person holds of a card: exactly in its leaves, kept lines as an extension."""
    exact = (LeafFate(f"{name}[]", Fate.EXACT, "", len(elements)) for name, elements in document.lists.items())
    names = (text.partition(":")[0].partition(";")[0].rpartition(".")[2].upper() for text in document.lines)
    kept = (LeafFate(name, Fate.EXTENSION) for name in names if name != "VERSION")
    return LossReport.of([*exact, *kept])
