"""What changed in a collection, and what is in it: the source's side.

Three ways, the cheapest that works: nothing (the collection's word is the one we know),
``sync-collection`` from a token (RFC 6578), a listing. A listing proves absence only
when the server said nothing that casts doubt on it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from connectors.base import Change, ChangePage, Collection, Cursor, ItemRef
from connectors.dav import names, requests_xml
from connectors.dav.bodies import DATA, from_text, item
from connectors.dav.cursor import Mark, is_fresh, is_reset
from connectors.dav.errors import failure
from connectors.errors import (
    CollectionGone,
    CursorExpired,
    ItemRejected,
    NotTheService,
    ReadOnly,
    ReauthRequired,
    Throttled,
    TooMuchAtOnce,
    Transient,
    Vanished,
)
from connectors.fingerprints import Tags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.base import Context
    from connectors.dav.client import Answer, Client
    from connectors.dav.hrefs import Folder
    from connectors.dav.multistatus import Response

PAGE: Final = 1000
"""Most changes of a page. Those that bring their bodies along come in fewer; the others should leave enough to ask
ahead for (see ``fetching``)."""

PAGE_BYTES: Final = 512 * 1024
FULL_EVERY: Final = 7 * 24 * 3600
"""Seconds after which everything is listed again although the server says what changed:
some never say what was deleted (Nextcloud before server pull request 44130)."""

_LISTED: Final = (names.ETAG, names.CONTENT_TYPE, names.RESOURCETYPE)
_FOREIGN_TYPES: Final = ("text/html", "application/xhtml", "httpd/unix-directory", "image/", "application/pdf")
_ROUNDS: Final = 10_000
_NO_SYNC: Final = (ItemRejected, CursorExpired, Vanished, ReadOnly, Transient)


@dataclass(slots=True)
class _Seen:
    """What one call has met so far."""

    ids: dict[str, bool] = field(default_factory=dict)
    """By id, on the page at hand: present (true) or gone. A later page may say an item again."""
    named: bool = False
    """Whether this answer named the collection or anything in it."""
    members: bool = False
    """Whether this answer named anything in the collection."""
    started: bool = False
    """Whether anything was there before this answer that could be gone now."""
    items: int = 0
    any: bool = False
    """Whether anything was said about any item."""
    with_body: int = 0
    foreign: int = 0
    doubtful: bool = False
    cut: bool = False
    """The server said that this answer is not all there is."""

    def turn(self) -> None:
        """Begin with another answer: what it says is later, not a repetition."""
        self.ids, self.named, self.members, self.cut = {}, False, False, False

    @property
    def complete(self) -> bool:
        """Whether what was not named is absent."""
        return not (self.cut or self.doubtful or self.foreign)


class Lister:
    """Lists one place's collections. *expired* remembers whose cursor was refused in this run."""

    def __init__(self, client: Client, ctx: Context, *, full_every: int = FULL_EVERY) -> None:
        self._client, self._ctx = client, ctx
        self._full_every = full_every
        self._expired: set[str] = set()

    def changes(
        self, folder: Folder, collection: Collection, cursor: Cursor | None, *, syncs: bool
    ) -> Iterator[ChangePage]:
        """Yield the pages ``Source.changes`` promises; *syncs* says whether ``sync-collection`` is offered."""
        mark = Mark.read(cursor) if cursor is not None else None
        if mark is None or mark.begun:
            bodies = mark is None and collection.id not in self._expired
            yield from self._list_anew(folder, collection, syncs=syncs, bodies=bodies)
        elif mark.fresh or self._now() - mark.full >= self._full_every:
            yield from self._list_members(folder, collection, mark)
        elif mark.stands(collection.state):
            yield ChangePage((), last=True)
        elif mark.token and syncs:
            yield from self._sync(folder, collection, mark)
        else:
            yield from self._list_members(folder, collection, mark)

    def members(self, folder: Folder, collection: Collection) -> Iterator[ItemRef]:
        """Yield every item that stands there, once. Raises ``Transient`` when the listing is not complete."""
        said = Tags()
        for page in self._list_members(folder, collection, Mark()):
            yield from (change.ref for change in page.changes if said.put(change.ref.id, 0) is None)
            if not page.complete:
                raise Transient("the server does not list everything")

    def _now(self) -> int:
        return int(self._ctx.clock())

    def _list_anew(self, folder: Folder, collection: Collection, *, syncs: bool, bodies: bool) -> Iterator[ChangePage]:
        """List everything, by an empty token where the server takes one: that gives a token with it."""
        if not syncs or self._learned("empty-token") == "refused":
            yield from self._list_members(folder, collection, Mark())
            return
        bodies = bodies and self._learned(f"inline.{collection.kind}") != "no"
        asked = (names.ETAG, DATA[collection.kind]) if bodies else (names.ETAG,)
        try:
            answer = self._client.report(folder.url, requests_xml.sync("", asked))
        except (Throttled, NotTheService):
            raise
        except _NO_SYNC as refusal:
            if isinstance(refusal, CursorExpired):
                self._ctx.learned["dav.empty-token"] = "refused"
            self._ctx.log.debug("no sync from an empty token: %s", refusal.reason)
            yield from self._list_members(folder, collection, Mark())
            return
        begun = Mark(begun=True)
        try:
            yield from self._rounds(folder, collection, answer, begun, asked=asked, listing=True)
        except TooMuchAtOnce as unreadable:
            # One body with a character XML cannot hold spoils the whole answer: list without bodies, fetch them apart.
            if not bodies:
                raise
            self._ctx.log.info("a listing with bodies could not be read (%s)", unreadable.detail)
            yield from self._list_anew(folder, collection, syncs=syncs, bodies=False)

    def _sync(self, folder: Folder, collection: Collection, mark: Mark) -> Iterator[ChangePage]:
        """Ask what changed since the token."""
        asked = (names.ETAG,)
        try:
            answer = self._client.report(folder.url, requests_xml.sync(mark.token, asked))
        except (ItemRejected, CursorExpired, ReadOnly) as refusal:
            # 403, 412, 410, 400, 409, 415: servers differ, and none of them knows the token.
            self._expired.add(collection.id)
            raise CursorExpired(str(refusal)) from refusal
        except TooMuchAtOnce:
            yield from self._list_members(folder, collection, mark)
            return
        except Vanished as gone:
            # 404 may mean the collection, 410 the token: a listing tells.
            self._client.assert_there(folder.url)
            self._expired.add(collection.id)
            raise CursorExpired(str(gone)) from gone
        yield from self._rounds(folder, collection, answer, mark, asked=asked, listing=False)

    def _rounds(
        self,
        folder: Folder,
        collection: Collection,
        answer: Answer,
        mark: Mark,
        *,
        asked: tuple[str, ...],
        listing: bool,
    ) -> Iterator[ChangePage]:
        """Yield the pages of *answer* and of those that follow while the server says it was cut (RFC 6578 3.6)."""
        seen, token = _Seen(started=not listing), "" if listing else mark.token
        held: list[Change] = []
        for _ in range(_ROUNDS):
            seen.turn()
            for number, changes in enumerate(self._pages(folder, collection, answer, seen)):
                if number:
                    yield ChangePage(held, mark.cursor() if listing else None, listing=listing)
                held = changes
            self._judge(answer, seen, listing=listing)
            before, token = token, _next_token(answer.token, token)
            if not seen.cut or token == before:
                break
            # A change is settled once its page is. A listing proves absence, so it counts as a whole.
            on = mark if listing else replace(mark, token=token, word="", fresh=False)
            yield ChangePage(held, on.cursor(), listing=listing)
            seen.started = True
            answer = self._client.report(folder.url, requests_xml.sync(token, asked))
        if seen.cut and not listing:
            raise Transient("the server cuts its answer and gives no token to go on from")
        if len(asked) > 1:
            self._learn_inline(collection, seen)
        # Tokens may be digests of the content, so an older one may come back: only the answer's own is ours,
        # unless nothing changed up to it.
        same = not token or (not listing and not seen.any)
        full = self._now() if listing else mark.full
        done = self._reached(token, collection.state if same else None, full=full)
        if listing and not seen.complete:
            done = mark
        yield ChangePage(held, done.cursor(), listing=listing, last=True, complete=seen.complete)

    def _reached(self, token: str, word: str | None, *, full: int) -> Mark:
        return Mark(token, word or "", full, fresh=is_fresh((word or token,), self._ctx.clock()))

    def _list_members(self, folder: Folder, collection: Collection, mark: Mark) -> Iterator[ChangePage]:
        """List everything by PROPFIND; the token known before stays the one to go on from."""
        try:
            answer = self._client.propfind(folder.url, _LISTED, depth=1)
        except Vanished as gone:
            raise CollectionGone(str(gone)) from gone
        except (ItemRejected, ReadOnly) as refusal:
            raise ReauthRequired(f"the server does not let us read the collection: {refusal}") from refusal
        seen = _Seen()
        held: list[Change] = []
        for number, changes in enumerate(self._pages(folder, collection, answer, seen)):
            if number:
                yield ChangePage(held, listing=True)
            held = changes
        self._judge(answer, seen, listing=True)
        done = self._reached(mark.token, collection.state, full=self._now())
        if not seen.complete:
            # Whoever goes on from here must list again: what was not named would never be met.
            done = mark if mark.token or mark.word else Mark(begun=True)
        yield ChangePage(held, done.cursor(), listing=True, last=True, complete=seen.complete)

    def _pages(self, folder: Folder, collection: Collection, answer: Answer, seen: _Seen) -> Iterator[list[Change]]:
        """Yield lists of changes, each bounded in number and bytes."""
        page: list[Change] = []
        size = 0
        for response in answer:
            change = self._change(folder, collection, response, seen)
            if change is None:
                continue
            page.append(change)
            size += len(change.item.body) if change.item else 0
            if len(page) >= PAGE or size >= PAGE_BYTES:
                yield page
                page, size = [], 0
                seen.ids.clear()
        yield page

    def _change(self, folder: Folder, collection: Collection, response: Response, seen: _Seen) -> Change | None:
        """Return what *response* says about one item, or note what it says about anything else."""
        id_ = folder.member(response.href)
        if not id_:
            self._note_other(folder, response, seen, itself=id_ == "")
            return None
        status = response.status
        known, present = seen.ids.get(id_), status not in {404, 410}
        if known is not None and (known or not present):
            return None  # said twice; "present" outweighs "gone"
        if not _is_item(response):
            return None
        seen.any = seen.named = seen.members = True
        if not present and not seen.started:
            return None  # some servers list even what was gone long before
        seen.ids[id_] = present
        if not present:
            return Change(ItemRef(id_), gone=True)
        seen.items += 1
        if status >= 400:
            seen.doubtful |= status == 507
            return Change(ItemRef(id_), problem=ItemRejected("unreadable", f"the server says {status} of it"))
        revision = response.props.get(names.ETAG, "").strip() or None
        text = response.props.get(DATA[collection.kind])
        if not text:
            return Change(ItemRef(id_, revision))
        seen.with_body += 1
        body = item(collection.kind, id_, revision, from_text(text))
        return Change(body.ref, item=body)

    def _note_other(self, folder: Folder, response: Response, seen: _Seen, *, itself: bool) -> None:
        if itself:
            if response.status == 507 or "number-of-matches-within-limits" in _locals(response):
                seen.cut = True
            elif response.status in {404, 410}:
                raise CollectionGone(f"{response.status} in its own listing")
            elif response.status >= 400:
                raise failure(response.status, b"")
            seen.named = True
        elif not folder.holds(response.href):
            seen.foreign += 1

    def _judge(self, answer: Answer, seen: _Seen, *, listing: bool) -> None:
        """Refuse what cannot be a listing of this collection. Raises ``NotTheService``."""
        if not seen.named and answer.token is None:
            raise NotTheService("an answer that names neither the collection nor anything in it")
        if seen.foreign:
            self._ctx.log.warning("%d names in an answer lie outside the collection and are ignored", seen.foreign)
            if listing and not seen.members:
                raise NotTheService("an answer that names only things elsewhere")

    def _learned(self, name: str) -> str:
        return self._ctx.learned.get(f"dav.{name}", "")

    def _learn_inline(self, collection: Collection, seen: _Seen) -> None:
        if seen.items:
            self._ctx.learned[f"dav.inline.{collection.kind}"] = "yes" if seen.with_body else "no"


def _is_item(response: Response) -> bool:
    """Say whether a member can be an event or a contact, as far as the listing tells."""
    if names.COLLECTION in response.inside(names.RESOURCETYPE):
        return False
    return not response.props.get(names.CONTENT_TYPE, "").strip().lower().startswith(_FOREIGN_TYPES)


def _next_token(token: str | None, before: str) -> str:
    """Return where to go on: the server's word, unless it fell back to nothing."""
    if token is None or (before and is_reset(token, before)):
        return before
    return token


def _locals(response: Response) -> frozenset[str]:
    return frozenset([names.local(name) for name in response.errors])
