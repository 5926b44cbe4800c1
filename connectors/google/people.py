"""People as items: from a list, or by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from connectors.base import Item, ItemRef
from connectors.errors import ItemRejected, TooMuchAtOnce, Vanished
from connectors.google import persons
from connectors.google.answers import Json, part, parts, rows, text
from connectors.google.errors import Stopped
from connectors.google.paging import answers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from connectors.base import Context
    from connectors.google.books import Book
    from connectors.google.client import Service, Value
    from connectors.google.groups import Groups
    from connectors.google.pictures import Pictures

    Found = Item | Vanished | ItemRejected

BATCH: Final = 100
"""People asked for by name; the API takes 200, whose names make a URL of nine kilobytes."""


class People:
    """Reads the people of one account, with their *groups* and *pictures*."""

    def __init__(self, service: Service, ctx: Context, *, groups: Groups, pictures: Pictures) -> None:
        self._service, self._ctx = service, ctx
        self.groups, self._pictures = groups, pictures

    def answers(self, book: Book, fields: str = "", /, **more: Value) -> Iterator[Json]:
        """Yield the answers of a list. Raises ``Stopped``."""
        return answers(self._service, book.method, self._ctx.stop, **book.listing(fields), **more)

    def items(self, book: Book, people: Iterable[Json]) -> Iterator[Item]:
        """Yield people as items, with their groups and pictures."""
        for person, pictures in self._pictures.of(people):
            groups = self.groups.all if book.grouped else {}
            ref = ItemRef(text(person, "resourceName"), persons.revision(person, groups))
            body = persons.body(person, under=book.key, groups=groups, pictures=pictures)
            names = (text(each, "displayName") for each in parts(person, "names"))
            yield Item(ref, persons.MEDIA_TYPE, body, next(names, ""))

    def by_name(self, book: Book, names: Sequence[str]) -> Iterator[tuple[str, Found]]:
        """Yield each of *names* with the item or what stands against it. Raises ``Transient`` like ``fetch``."""
        waiting = [list(names[at : at + BATCH]) for at in range(0, len(names), BATCH)]
        while waiting:
            if self._ctx.stop():
                raise Stopped("asked to stop")
            batch = waiting.pop(0)
            try:
                answer = self._service.ask("people.getBatchGet", resourceNames=batch, **book.by_name())
            except (ItemRejected, TooMuchAtOnce, Vanished) as refused:
                if len(batch) > 1:
                    waiting[:0] = [batch[: len(batch) // 2], batch[len(batch) // 2 :]]
                else:
                    yield batch[0], _of_one(refused)
                continue
            yield from self._answered(book, batch, answer)

    def _answered(self, book: Book, batch: Sequence[str], answer: Json) -> Iterator[tuple[str, Found]]:
        left, people = set(batch), list[Json]()
        for each in rows(answer, "responses"):
            name, person = text(each, "requestedResourceName"), part(each, "person")
            if name not in left:
                continue
            left.discard(name)
            code = part(each, "status").get("code") or 0
            if code in {0, 5} and text(person, "resourceName") != name:
                # Gone, or linked to a profile and called otherwise since (people.v1, ``previousResourceNames``).
                yield name, Vanished("nobody goes by this name")
            elif code:
                yield name, ItemRejected("unreadable", f"the API says {code} of it")
            else:
                people.append(person)
        for item in self.items(book, people):
            yield item.ref.id, item
        for name in left:
            yield name, ItemRejected("unreadable", "the API's answer leaves it out")


def _of_one(refused: ItemRejected | TooMuchAtOnce | Vanished) -> Vanished | ItemRejected:
    """Say of one person what was said of a request for nobody else."""
    return ItemRejected("too-large", refused.detail) if isinstance(refused, TooMuchAtOnce) else refused
