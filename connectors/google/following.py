"""One look at a list of people: everyone, or what came after a checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.base import Change, Item, ItemRef
from connectors.errors import ItemRejected
from connectors.fingerprints import Tags, fingerprint
from connectors.google import persons
from connectors.google.answers import part, rows, text
from connectors.google.cursor import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from connectors.base import Cursor
    from connectors.google.answers import Json
    from connectors.google.books import Book
    from connectors.google.client import Value
    from connectors.google.people import People


class Run:
    """One call of ``changes``: a listing, or what came after a mark."""

    def __init__(self, people: People, book: Book, mark: Mark | None) -> None:
        self._people, self._book, self._mark = people, book, mark
        self._seen = Tags()
        self._token, self._groups_token = "", ""
        self._whole: list[str] = []
        self.total: int | None = None

    def changes(self) -> Iterator[Change]:
        """Yield what is to be said, each person once unless it changed meanwhile."""
        renamed: list[str] = []
        if self._book.grouped:
            if self._mark is None or not self._mark.groups:
                self._groups_token = self._people.groups.token()
            else:
                renamed, self._groups_token = self._people.groups.changed(self._mark.groups)
        for answer in self._answers():
            people = rows(answer, self._book.key)
            yield from self._gone(people)
            for item in self._people.items(self._book, self._present(people)):
                yield Change(item.ref, item=item)
        yield from self._by_name(renamed)

    def _answers(self) -> Iterator[Json]:
        since: dict[str, Value] = {} if self._mark is None else {"syncToken": self._mark.sync}
        for answer in self._people.answers(self._book, requestSyncToken=True, **since):
            total = answer.get("totalItems", answer.get("totalSize"))
            if self._mark is None and isinstance(total, int):
                self.total = total
            self._token = text(answer, "nextSyncToken") or self._token
            yield answer

    def _gone(self, people: Iterable[Json]) -> Iterator[Change]:
        """Yield who is gone, by their own name or by one they had before."""
        for person in people if self._mark is not None else ():
            if persons.is_deleted(person):
                yield Change(ItemRef(text(person, "resourceName")), gone=True)
                continue
            former = part(person, "metadata").get("previousResourceNames")
            for name in former if isinstance(former, list) else ():
                if isinstance(name, str) and name != text(person, "resourceName"):
                    yield Change(ItemRef(name), gone=True)

    def _present(self, people: Iterable[Json]) -> Iterator[Json]:
        groups = self._people.groups.all if self._book.grouped and people else {}
        for person in people:
            name = text(person, "resourceName")
            if not name or persons.is_deleted(person):
                continue
            state = fingerprint(persons.revision(person, groups)) & 0xFFFF_FFFF
            if self._seen.put(name, state) == state:
                continue
            if persons.is_cut(person):
                self._whole.append(name)
            else:
                yield person

    def _by_name(self, renamed: Iterable[str]) -> Iterator[Change]:
        """Yield people lists show cut, and the members of *renamed* groups."""
        names = dict.fromkeys(self._whole)
        for group in renamed:
            names |= dict.fromkeys(name for name in self._people.groups.members(group) if self._seen.get(name) is None)
        for name, found in self._people.by_name(self._book, list(names)):
            if isinstance(found, Item):
                yield Change(found.ref, item=found)
            elif isinstance(found, ItemRejected):
                yield Change(ItemRef(name), problem=found)

    def end(self) -> Cursor | None:
        """Return where to go on."""
        return Mark(self._token, self._book.asked, self._groups_token).cursor()
