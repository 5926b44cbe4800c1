"""Items into a collection: the destination's side.

A write is believed only after it was read again: servers answer a strong etag and keep
other bytes, keep them under another name, or answer an error having kept them. What
stands there afterwards is what the receipt says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from connectors.base import Item, ItemRef, Kind, Put, Receipt, Result
from connectors.dav.abreast import Abreast
from connectors.dav.bodies import ENDINGS, MEDIA_TYPES, same_revision
from connectors.dav.errors import refusal, write_failure
from connectors.dav.rewriting import same_content
from connectors.errors import (
    CollectionGone,
    Conflict,
    ConnectorError,
    DestinationFull,
    InDoubt,
    ItemRejected,
    ReadOnly,
    ReauthRequired,
    Throttled,
    Transient,
    Vanished,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from connectors import answers
    from connectors.base import Context
    from connectors.dav.client import Client
    from connectors.dav.fetching import Fetcher
    from connectors.dav.hrefs import Folder
    from connectors.dav.renaming import Renamed

FULL_IN_A_ROW: Final = 3
"""So many 507 one after the other mean that the place is full, not that one item is too much."""

DELETIONS: Final = 3
"""Tries to delete one item: with its etag, perhaps without, once more when no answer came."""

_ENDING: Final = (ReauthRequired, ReadOnly, Throttled, CollectionGone)
"""What stands against the rest of a batch as well."""


def name_for(key: str, kind: Kind) -> str:
    """Return the id a new item gets: the same for the same *key* in every run."""
    return sha256(key.encode()).hexdigest()[:32] + ENDINGS[kind]


def _id(put: Put, kind: Kind) -> str:
    return put.target.id if put.target else name_for(put.key, kind)


@dataclass(slots=True)
class _Written:
    """One item the server took, or may have taken."""

    put: Put
    id: str
    etag: str | None = None
    location: str = ""


@dataclass(slots=True)
class _Batch:
    """How a batch goes."""

    written: list[_Written] = field(default_factory=list)
    ending: ConnectorError | None = None
    full: int = 0


class Writer:
    """Writes to one place."""

    def __init__(self, client: Client, ctx: Context, fetcher: Fetcher, renamed: Renamed) -> None:
        self._client, self._ctx = client, ctx
        self._fetcher, self._renamed = fetcher, renamed
        self._doubted: set[str] = set()
        self._abreast = Abreast()

    def put(self, folder: Folder, kind: Kind, puts: Sequence[Put]) -> Iterator[Receipt]:
        """Write *puts*; see ``Destination.put``."""
        batch, todo = _Batch(), list[Put]()
        there = self._looked_up(folder, kind, puts)
        for put in puts:
            standing = there.get(name_for(put.key, kind)) if put.target is None else None
            if standing is not None:
                yield _already(put, standing)
            elif _id(put, kind) in self._doubted and (kept := self._kept_elsewhere(folder, kind, put)) is not None:
                yield _receipt(put, kept)
            else:
                todo.append(put)
        tried = 0

        def going() -> bool:
            return batch.ending is None and not self._ctx.stop()

        def send(put: Put) -> answers.Response:
            return self._send(folder, kind, put, _id(put, kind))

        for put, answer in self._abreast.sent(todo, send, going):
            tried += 1
            receipt = self._try(folder, kind, put, answer, batch)
            if receipt is not None:
                yield receipt
        if tried < len(todo) and batch.ending is None:
            batch.ending = Transient("asked to stop")
        yield from self._read_again(folder, kind, batch.written)
        if batch.ending is not None:
            raise batch.ending

    def _looked_up(self, folder: Folder, kind: Kind, puts: Sequence[Put]) -> dict[str, Item]:
        """Return what stands already where items are to be created, by id, in one request.

        Google's CalDAV overwrites it: of all conditions it knows If-Match alone. No answer to a
        creation tells such a server from another before the harm is done, so all are asked.
        """
        refs = [ItemRef(name_for(put.key, kind)) for put in puts if put.target is None]
        try:
            return {found.ref.id: found for found in self._fetcher.fetch(folder, kind, refs) if isinstance(found, Item)}
        except CollectionGone:
            return {}  # made a moment ago and not shown yet, or gone: writing tells which

    def _try(
        self, folder: Folder, kind: Kind, put: Put, answer: Callable[[], answers.Response], batch: _Batch
    ) -> Receipt | None:
        """Settle one item; return its receipt unless it is to be read again or ended the batch untried."""
        try:
            outcome = self._write(folder, kind, put, answer)
        except DestinationFull as full:
            batch.full += 1
            batch.ending = batch.ending or (full if batch.full >= FULL_IN_A_ROW else None)
            return _failed(put, full)
        except InDoubt as doubt:
            batch.ending = batch.ending or doubt
            return _failed(put, doubt)
        except (*_ENDING, Transient) as error:
            batch.ending = batch.ending or error
            return None
        except ConnectorError as error:
            return _failed(put, error)
        batch.full = 0
        if isinstance(outcome, Receipt):
            return outcome
        batch.written.append(outcome)
        return None

    def remove(self, folder: Folder, kind: Kind, refs: Sequence[ItemRef]) -> Iterator[Receipt]:
        """Remove *refs*; see ``Destination.remove``."""
        for ref in refs:
            try:
                yield self._remove(folder, kind, ref)
            except (*_ENDING, Transient):
                raise
            except ConnectorError as error:
                yield Receipt(ref.id, Result.FAILED, ref, error=error)

    def _write(self, folder: Folder, kind: Kind, put: Put, taken: Callable[[], answers.Response]) -> _Written | Receipt:
        """Take the answer to one item that was sent. Raises what the server has against it."""
        id_ = _id(put, kind)
        try:
            answer = taken()
        except InDoubt:
            return self._after_doubt(folder, kind, put, id_)
        if answer.status < 300:
            where = answer.headers.get("location") or answer.headers.get("content-location") or ""
            return _Written(put, id_, answer.headers.get("etag", "").strip() or None, where)
        if answer.status >= 500 and answer.status not in {501, 507}:
            # Some servers store the item and then fail (outlookcaldavsynchronizer issue 387).
            return self._after_doubt(folder, kind, put, id_)
        return self._refused(folder, kind, put, id_, answer)

    def _send(self, folder: Folder, kind: Kind, put: Put, id_: str, *, condition: bool = True) -> answers.Response:
        headers = {"Content-Type": f"{MEDIA_TYPES[kind]}; charset=utf-8"}
        if condition:
            headers |= {"If-None-Match": "*"} if put.target is None else {"If-Match": put.target.revision or "*"}
        return self._client.send("PUT", folder.address(id_), headers=headers, body=put.item.body)

    def _refused(self, folder: Folder, kind: Kind, put: Put, id_: str, answer: answers.Response) -> _Written | Receipt:
        """Find out what stands against *put*. Raises it, unless it already stands there or may be sent plainly."""
        other = next((found for href in refusal(answer.body).hrefs if (found := folder.member(href))), None)
        error = write_failure(answer.status, answer.body, current=other)
        if answer.status in {404, 409, 410} and not (isinstance(error, Conflict) and error.same_uid):
            self._client.assert_there(folder.url)
            if put.target is None:
                raise ItemRejected("refused", error.detail) from error
            raise Conflict("the item to replace is not there any more") from error
        if not isinstance(error, Conflict):
            raise error
        if error.same_uid and other != id_:
            raise self._same_uid(folder, kind, put, error)
        standing = self._standing(folder, kind, id_)
        if standing is None:
            raise Conflict("nothing stands there", same_uid=error.same_uid)
        if same_content(put.item.body, standing.body):
            return _receipt(put, standing, Result.UNCHANGED)
        if put.target and _spelled_otherwise(standing.ref.revision, put.target.revision):
            # A weak etag never matches (RFC 9110 13.1.1), so its condition was just checked by hand.
            plain = self._send(folder, kind, put, id_, condition=False)
            if plain.status < 300:
                return _Written(put, id_)
        raise _conflict("another state stands there", standing)

    def _same_uid(self, folder: Folder, kind: Kind, put: Put, error: Conflict) -> Conflict:
        """Return *error* with what is known of the item that has the UID; not every server names it."""
        if error.current is None:
            standing = self._renamed.by_uid(folder, kind, put.item.body)
        else:
            standing = self._standing(folder, kind, error.current)
        return error if standing is None else _conflict(error.detail, standing, same_uid=True)

    def _after_doubt(self, folder: Folder, kind: Kind, put: Put, id_: str) -> _Written | Receipt:
        """Look whether a write that got no clear answer happened; write once more only if it did not."""
        self._doubted.add(id_)
        standing = self._standing(folder, kind, id_)
        if standing is not None and same_content(put.item.body, standing.body):
            return _receipt(put, standing)
        if standing is None and (kept := self._kept_elsewhere(folder, kind, put)) is not None:
            return _receipt(put, kept)
        before = put.target.revision if put.target else None
        untouched = standing is None if put.target is None else same_revision(_revision(standing), before)
        if not untouched:
            if standing is None:
                raise Conflict("the item to replace is not there any more")
            raise _conflict("the answer to a write was lost; this stands there now", standing)
        answer = self._send(folder, kind, put, id_)
        if answer.status < 300:
            return _Written(put, id_, answer.headers.get("etag", "").strip() or None)
        if answer.status >= 500 and answer.status != 507:
            again = self._standing(folder, kind, id_)
            if again is not None and same_content(put.item.body, again.body):
                return _receipt(put, again)
            if again is not None and put.target is None:
                raise _conflict("the server failed having stored something", again)
            raise ItemRejected("refused", f"the server fails on it with {answer.status}")
        return self._refused(folder, kind, put, id_, answer)

    def _kept_elsewhere(self, folder: Folder, kind: Kind, put: Put) -> Item | None:
        """Return what a server that names items itself kept of a creation whose answer was lost."""
        found = self._renamed.by_uid(folder, kind, put.item.body) if put.target is None else None
        return found if found is not None and same_content(put.item.body, found.body) else None

    def _standing(self, folder: Folder, kind: Kind, id_: str) -> Item | None:
        """Return what stands at *id_* now."""
        for found in self._fetcher.fetch(folder, kind, [ItemRef(id_)]):
            if isinstance(found, Item):
                return found
            if not isinstance(found.error, Vanished):
                raise found.error
        return None

    def _read_again(self, folder: Folder, kind: Kind, written: Sequence[_Written]) -> Iterator[Receipt]:
        """Read what was written and say what stands there."""
        waiting = {one.id: one for one in written}
        lost: list[_Written] = []
        refs = [ItemRef(one.id, one.etag) for one in written]
        for found in self._fetcher.fetch(folder, kind, refs):
            one = waiting.pop(found.ref.id)
            if isinstance(found, Item):
                yield _receipt(one.put, found)
            elif isinstance(found.error, Vanished):
                lost.append(one)
            else:
                yield _failed(one.put, found.error)
        for one in lost:
            standing = self._renamed.find(folder, kind, one.put.item, etag=one.etag, location=one.location)
            if standing is None:
                yield _failed(one.put, ItemRejected("lost", "the server took it and does not show it"))
            else:
                yield _receipt(one.put, standing)

    def _remove(self, folder: Folder, kind: Kind, ref: ItemRef) -> Receipt:
        headers = {"If-Match": ref.revision} if ref.revision else {}
        for _ in range(DELETIONS):
            try:
                answer = self._client.send("DELETE", folder.address(ref.id), headers=headers)
            except InDoubt:
                if self._standing(folder, kind, ref.id) is None:
                    return Receipt(ref.id, Result.REMOVED, ref)
                continue
            if answer.status < 300 or answer.status in {404, 410}:
                return Receipt(ref.id, Result.REMOVED, ref)
            if answer.status != 412:
                raise write_failure(answer.status, answer.body, current=None)
            standing = self._standing(folder, kind, ref.id)
            if standing is None:
                return Receipt(ref.id, Result.REMOVED, ref)
            if not headers or not _spelled_otherwise(standing.ref.revision, ref.revision):
                raise _conflict("it was changed meanwhile", standing)
            headers = {}
        raise InDoubt("a deletion got no answer, and what it was to remove is still there")


def _receipt(put: Put, standing: Item, result: Result | None = None) -> Receipt:
    result = result or (Result.CREATED if put.target is None else Result.UPDATED)
    stored = None if standing.body == put.item.body else standing.body
    return Receipt(put.key, result, standing.ref, stored)


def _already(put: Put, standing: Item) -> Receipt:
    """Return the receipt of a creation where something stands already: the same, or another state."""
    if same_content(put.item.body, standing.body):
        return _receipt(put, standing, Result.UNCHANGED)
    return _failed(put, _conflict("another state stands there", standing))


def _spelled_otherwise(now: str | None, then: str | None) -> bool:
    """Say whether two etags name one state and yet need not match: one is weak, or a proxy added to it."""
    weak = (now or "").startswith("W/") or (then or "").startswith("W/")
    return same_revision(now, then) and (weak or now != then)


def _failed(put: Put, error: ConnectorError) -> Receipt:
    return Receipt(put.key, Result.FAILED, put.target, error=error)


def _conflict(detail: str, standing: Item, *, same_uid: bool = False) -> Conflict:
    ref = standing.ref
    return Conflict(detail, current=ref.id, revision=ref.revision, stored=standing.body, same_uid=same_uid)


def _revision(standing: Item | None) -> str | None:
    return standing.ref.revision if standing else None
