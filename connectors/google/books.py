"""The lists of people an account has: how each is asked for, and with which fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from connectors.google.answers import digest
from connectors.google.client import listed_values
from connectors.google.groups import DOCUMENT
from connectors.google.options import yes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.google.client import Value

PAGE: Final = 500
"""People asked for at once; the API gives a thousand at most."""


class Book:
    """One of the two lists. Its people stand under *key* in answers; *mask* is the parameter that names the fields.

    *grouped* people are in groups; *asked* stands for the question, *name* is what a name looks like.
    """

    def __init__(
        self, id_: str, title: str, *, method: str, key: str, mask: str, fields: str, sources: list[str]
    ) -> None:
        self.id, self.title, self.method, self.key = id_, title, method, key
        self.mask, self.fields, self.sources = mask, fields, sources
        self.name = re.compile(rf"{'people' if key == 'connections' else key}/[^/\x00-\x20]{{1,200}}")
        self.grouped = key == "connections"
        self.asked = digest(method, fields, sources)

    def listing(self, fields: str = "") -> dict[str, Value]:
        """Return the parameters of a list request, with other *fields* if any are given."""
        own: dict[str, Value] = {"resourceName": "people/me"} if self.grouped else {}
        return {**own, self.mask: fields or self.fields, "sources": self.sources, "pageSize": PAGE}

    def by_name(self) -> dict[str, Value]:
        """Return the parameters of a request for people by name."""
        sources = self.sources if self.grouped else ["READ_SOURCE_TYPE_OTHER_CONTACT"]
        return {"personFields": self.fields, "sources": sources}


def books(options: Mapping[str, str]) -> dict[str, Book]:
    """Return the lists an endpoint selects, by id. Raises ``ConfigError`` like ``yes``."""
    every = ",".join(listed_values(DOCUMENT, "people.connections.list", "personFields"))
    both = ["READ_SOURCE_TYPE_CONTACT"] + (["READ_SOURCE_TYPE_PROFILE"] if yes(options, "profiles", "yes") else [])
    method = "people.connections.list"
    fields = {"key": "connections", "mask": "personFields", "fields": every}
    found = [Book("contacts", "Contacts", method=method, sources=both, **fields)]
    if yes(options, "other-contacts", "no"):
        few = "If READ_SOURCE_TYPE_CONTACT is used, valid values are:"
        method = "otherContacts.list"
        fields = {"key": "otherContacts", "mask": "readMask"}
        fields["fields"] = ",".join(listed_values(DOCUMENT, method, "readMask", few))
        found.append(Book("other-contacts", "Other contacts", method=method, sources=both[:1], **fields))
    return {book.id: book for book in found}
