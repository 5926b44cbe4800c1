"""Slots whose value is no plain text: dates, URIs, messengers, notes, GENDER."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from mappings.people.dates import read_date, write_date
from mappings.people.markup import plain_text
from mappings.people.properties import Property, clean
from mappings.people.slots import Text
from mappings.people.vocabulary import PROTOCOL_OF_SCHEME, PROTOCOL_OF_SERVICE, SCHEMES, SERVICES

if TYPE_CHECKING:
    from mappings.carriers import JSON
    from mappings.people.properties import Element, Entry

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
_SIP = re.compile(r"sips?:[^\s,;\\]+", re.IGNORECASE)
_NOT_IN_LINK = re.compile(r"[\x00-\x20,\\\x7f]")
_NOT_IN_WORDS = re.compile(r"[\\,;\n]")
_SERVICE_PARAMS = ("SERVICE-TYPE", "X-SERVICE-TYPE")
_SEXES = {"male": "M", "female": "F", "unspecified": "U"}
_SEX_WORDS = {"M": "male", "F": "female", "U": "unspecified", "N": "unspecified", "O": "other"}


@dataclass(frozen=True, slots=True)
class Day:
    """A whole or partial date."""

    version: str

    def property(self, anchor: str) -> str:
        return anchor

    def put(self, entry: Entry, anchor: str, _element: Element, value: JSON) -> None:
        written = write_date(value, self.version)
        if written:
            entry[anchor] = Property(anchor, written[0], params=written[1], bare=True)

    def get(self, entry: Entry, anchor: str) -> JSON:
        found = entry.get(anchor)
        if not found or found.params.get("VALUE", "").lower() == "text":
            return None
        return read_date(found.text, found.params)


@dataclass(frozen=True, slots=True)
class DayText:
    """A date in words, where there is no date (RFC 6350 §6.2.5)."""

    def property(self, anchor: str) -> str:
        return anchor

    def put(self, entry: Entry, anchor: str, _element: Element, value: JSON) -> None:
        if anchor not in entry and isinstance(value, str) and (text := clean(value)):
            entry[anchor] = Property(anchor, text, params={"VALUE": "text"})

    def get(self, entry: Entry, anchor: str) -> JSON:
        found = entry.get(anchor)
        if not found or not found.text:
            return None
        in_words = found.params.get("VALUE", "").lower() == "text" or read_date(found.text, found.params) is None
        return found.text if in_words else None


@dataclass(frozen=True, slots=True)
class Link(Text):
    """A URI. What readers of TEXT cut or stumble over stands percent-encoded."""

    def put(self, entry: Entry, anchor: str, _element: Element, value: JSON) -> None:
        if isinstance(value, str) and (text := clean(value)):
            safe = _NOT_IN_LINK.sub(lambda found: f"%{ord(found[0]):02X}", text)
            entry[anchor] = Property(anchor, safe, bare=True)


@dataclass(frozen=True, slots=True)
class Messenger:
    """An account of a messenger as the URI of an IMPP (RFC 4770): a scheme, and the name percent-encoded."""

    def property(self, anchor: str) -> str:
        return anchor

    def put(self, entry: Entry, anchor: str, element: Element, value: JSON) -> None:
        if not isinstance(value, str) or not (text := clean(value)):
            return
        protocol = element.get("protocol")
        scheme = SCHEMES.get(protocol, "x-apple") if isinstance(protocol, str) else "x-apple"
        entry[anchor] = Property(anchor, f"{scheme}:{quote(text, safe='@:+/')}", bare=True)

    def get(self, entry: Entry, anchor: str) -> JSON:
        found = entry.get(anchor)
        if not found:
            return None
        parted = _SCHEME.fullmatch(found.text)
        return unquote(parted[2] if parted else found.text) or None


@dataclass(frozen=True, slots=True)
class Service:
    """The messenger: SERVICE-TYPE (RFC 9554 §4.8), which is Apple's X-SERVICE-TYPE on older cards, else the scheme."""

    version: str

    def property(self, anchor: str) -> str:
        return anchor

    def put(self, entry: Entry, anchor: str, _element: Element, value: JSON) -> None:
        if isinstance(value, str) and anchor in entry and (text := clean(value)):
            param = _SERVICE_PARAMS[0 if self.version == "4.0" else 1]
            entry[anchor].params[param] = SERVICES.get(text, text)

    def get(self, entry: Entry, anchor: str) -> JSON:
        found = entry.get(anchor)
        if not found:
            return None
        for param in _SERVICE_PARAMS:
            service = found.params.get(param)
            if service:
                return PROTOCOL_OF_SERVICE.get(service.lower(), service)
        scheme = found.text.partition(":")[0].lower() if ":" in found.text else ""
        return None if scheme == "x-apple" else PROTOCOL_OF_SCHEME.get(scheme, scheme) or None


@dataclass(frozen=True, slots=True)
class Sip(Text):
    """A SIP address as IMPP; other than a messenger's name it is a URI already."""

    def put(self, entry: Entry, anchor: str, _element: Element, value: JSON) -> None:
        if isinstance(value, str) and (text := clean(value)):
            uri = text if _SIP.fullmatch(text) else f"sip:{quote(text, safe='@:+')}"
            entry[anchor] = Property(anchor, uri, bare=True)


@dataclass(frozen=True, slots=True)
class Note(Text):
    """A biography; one in HTML stands there as plain text."""

    def put(self, entry: Entry, anchor: str, element: Element, value: JSON) -> None:
        if not isinstance(value, str):
            return
        text = clean(plain_text(value) if element.get("contentType") == "TEXT_HTML" else value)
        if text:
            entry[anchor] = Property(anchor, text)


@dataclass(frozen=True, slots=True)
class Markup:
    """A NOTE is always plain text."""

    def property(self, anchor: str) -> str:
        return anchor

    def put(self, _entry: Entry, _anchor: str, _element: Element, _value: JSON) -> None:
        """Write nothing: there is no other kind of NOTE."""

    def get(self, entry: Entry, anchor: str) -> JSON:
        return "TEXT_PLAIN" if anchor in entry else None


@dataclass(frozen=True, slots=True)
class Sex:
    """GENDER of vCard 4.0: a letter, and words of one's own after it (RFC 6350 §6.2.7)."""

    name: str

    def property(self, _anchor: str) -> str:
        return self.name

    def put(self, entry: Entry, _anchor: str, _element: Element, value: JSON) -> None:
        if isinstance(value, str) and (text := clean(value)):
            letter = _SEXES.get(text)
            if letter:
                entry[self.name] = Property(self.name, letter, bare=True)
            elif not _NOT_IN_WORDS.search(text):
                entry[self.name] = Property(self.name, f"O;{text}", bare=True)

    def get(self, entry: Entry, _anchor: str) -> JSON:
        found = entry.get(self.name)
        if not found or not found.text:
            return None
        letter, _, words = found.text.partition(";")
        return words or _SEX_WORDS.get(letter.strip().upper(), letter)
