"""Contact groups: their names stand in the bodies of their members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from connectors.errors import CursorExpired, Vanished
from connectors.google import persons
from connectors.google.answers import part, rows, text
from connectors.google.client import listed_values
from connectors.google.paging import answers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connectors.google.answers import Json
    from connectors.google.client import Service, Value

DOCUMENT: Final = "people.v1"
LIST: Final = "contactGroups.list"
PAGE: Final = 1000
MOST_MEMBERS: Final = 30_000
"""Members asked of one group; an account holds 25,000 contacts."""


class Groups:
    """The groups of one account. *all* is read once and kept for as long as the place is open."""

    def __init__(self, service: Service, stop: Callable[[], bool]) -> None:
        self._service, self._stop = service, stop
        self._all: Mapping[str, Json] | None = None
        self._token = ""

    def forget(self) -> None:
        """Read the groups again when they are next needed."""
        self._all = None

    @property
    def all(self) -> Mapping[str, Json]:
        """Return what of each group goes into bodies, by its name."""
        if self._all is None:
            self._all, self._token = self._read("")
        return self._all

    def token(self) -> str:
        """Return the sync token that came with the groups."""
        if self._all is None:
            self._all, self._token = self._read("")
        return self._token

    def changed(self, token: str) -> tuple[list[str], str]:
        """Return the names of the groups that changed since *token*, and the next token.

        Raises ``CursorExpired`` for a token too old, and when a group was deleted: nobody tells who was in it.
        """
        found, token = self._read(token)
        return list(found), token

    def members(self, name: str) -> list[str]:
        """Return who is in a group, by name; nobody if it is gone by now."""
        try:
            said = self._service.ask(
                "contactGroups.get", resourceName=name, maxMembers=MOST_MEMBERS, groupFields="name"
            )
        except Vanished:
            return []
        found = said.get("memberResourceNames")
        return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []

    def _read(self, token: str) -> tuple[Mapping[str, Json], str]:
        found: dict[str, Json] = {}
        asked: dict[str, Value] = {"groupFields": _mask(), "pageSize": PAGE}
        if token:
            asked["syncToken"] = token
        after = ""
        for answer in answers(self._service, LIST, self._stop, **asked):
            for group in rows(answer, "contactGroups"):
                if part(group, "metadata").get("deleted") is True:
                    if token:
                        raise CursorExpired("a group was deleted, and nobody tells who was in it")
                    continue
                found[text(group, "resourceName")] = persons.group_part(group)
            after = text(answer, "nextSyncToken") or after
        return found, after


def _mask() -> str:
    """Return every field of a group but the number of its members, which changes with others' memberships."""
    fields = listed_values(DOCUMENT, LIST, "groupFields", "Valid fields are:")
    return ",".join(field for field in fields if field != "memberCount")
