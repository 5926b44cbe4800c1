"""Google Contacts as a source: the user's contacts, and on request the "other contacts" of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from connectors.base import Account, ChangePage, Collection, Failed, Item, ItemRef, Kind, Manifest
from connectors.errors import CollectionGone, ConfigError, Vanished
from connectors.fingerprints import Tags
from connectors.google import hosts, persons, quota
from connectors.google.answers import rows, text
from connectors.google.books import books
from connectors.google.client import Service
from connectors.google.cursor import Mark
from connectors.google.following import Run
from connectors.google.groups import DOCUMENT, Groups
from connectors.google.paging import paged
from connectors.google.people import People
from connectors.google.pictures import Pictures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connectors.base import Context, Cursor, Endpoint
    from connectors.google.books import Book

_LIGHT: Final = "memberships,metadata,photos"
"""What a revision is made of."""


class Contacts:
    """The contacts of one Google account."""

    manifest: ClassVar[Manifest] = Manifest(
        id=hosts.CONTACTS_KIND,
        title="Google Contacts",
        reads=frozenset({Kind.CONTACT}),
        incremental=True,
        deletions=True,
        options={
            "other-contacts": "yes: the people you once wrote to as well (no); needs the scope contacts.other.readonly",
            "profiles": "no: without what people say of themselves in their own Google profiles (yes)",
            quota.OPTION: f"requests a minute the project may make for one user ({quota.QUOTAS['people'].per_user})",
        },
        scopes={
            f"{hosts.SCOPE}contacts.readonly": "see the contacts, their groups and pictures",
            f"{hosts.SCOPE}contacts.other.readonly": "with other-contacts: see the people once written to",
        },
        methods=(
            *("people.people.connections.list", "people.people.getBatchGet", "people.otherContacts.list"),
            *("people.contactGroups.list", "people.contactGroups.get"),
        ),
        hosts=("people.googleapis.com", f"*.{hosts.PHOTO_DOMAIN}"),
        quotas=quota.words("people"),
    )

    def __init__(self, endpoint: Endpoint, ctx: Context) -> None:
        """Take the endpoint. Raises ``ConfigError`` if it cannot be one of ours; asks nobody yet."""
        if ctx.http is None:
            raise ConfigError("Google Contacts are read over the network")
        self._endpoint = endpoint
        root = hosts.stand_in(endpoint.url)
        limit = quota.per_minute("people", endpoint.options)
        self._service = Service(ctx.http, DOCUMENT, root=root or hosts.PEOPLE, limit=limit)
        self._books = books(endpoint.options)
        groups, pictures = Groups(self._service, ctx.stop), Pictures(ctx.http, ctx, root=root)
        self._people = People(self._service, ctx, groups=groups, pictures=pictures)

    def check(self) -> Account:
        """Say whose contacts these are, by one cheap request that needs the same access."""
        self._service.ask("contactGroups.list", pageSize=1, groupFields="name")
        return Account(self._endpoint.account or "Google", writable=False)

    def collections(self) -> Iterator[Collection]:
        """Yield the list of contacts, and the other one if it is wanted; asks nobody."""
        wanted = self._endpoint.path.strip()
        if self._endpoint.kinds and Kind.CONTACT not in self._endpoint.kinds:
            return
        for book in self._books.values():
            if not wanted or wanted in {book.id, book.title}:
                types = (persons.MEDIA_TYPE,)
                yield Collection(book.id, Kind.CONTACT, book.title, slug=book.id, media_types=types, writable=False)

    def changes(self, collection: Collection, cursor: Cursor | None) -> Iterator[ChangePage]:
        """Yield what changed since *cursor*, or everyone: one request for 500 people, and one for each picture."""
        book = self._book(collection)
        mark = Mark.read(cursor, asked=book.asked) if cursor is not None else None
        self._people.groups.forget()
        run = Run(self._people, book, mark)
        yield from paged(run.changes(), run.end, listing=mark is None, total=lambda: run.total)

    def fetch(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Item | Failed]:
        """Yield each ref's item, by one request for 100 people."""
        book = self._book(collection)
        known = {ref.id: ref for ref in refs}
        for id_ in [id_ for id_ in known if not book.name.fullmatch(id_)]:
            yield Failed(known.pop(id_), Vanished("no name the API gives out"))
        for id_, found in self._people.by_name(book, list(known)):
            yield found if isinstance(found, Item) else Failed(known[id_], found)

    def inventory(self, collection: Collection) -> Iterator[ItemRef]:
        """Yield everyone who is there now, without what the items hold."""
        book, seen = self._book(collection), Tags()
        self._people.groups.forget()
        groups = self._people.groups.all if book.grouped else {}
        for answer in self._people.answers(book, _LIGHT if book.grouped else "metadata,photos"):
            for person in rows(answer, book.key):
                id_ = text(person, "resourceName")
                if not persons.is_deleted(person) and seen.put(id_, 0) is None:
                    yield ItemRef(id_, persons.revision(person, groups))

    def close(self) -> None:
        """Forget the groups; the transport belongs to the engine."""
        self._people.groups.forget()

    def _book(self, collection: Collection) -> Book:
        if collection.id not in self._books:
            raise CollectionGone("Google keeps no such list of contacts")
        return self._books[collection.id]
