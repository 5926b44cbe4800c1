"""Bodies of many items: by multiget in batches that fit the server, in doubt one by one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from connectors.base import Failed, Item, ItemRef, Kind
from connectors.dav import names, requests_xml
from connectors.dav.bodies import DATA, from_text, item, same_revision, with_crlf
from connectors.dav.client import Answer
from connectors.dav.errors import failure
from connectors.dav.multistatus import TEXT_CAP
from connectors.early import Early
from connectors.errors import (
    CollectionGone,
    ConnectorError,
    ItemRejected,
    NotTheService,
    ReadOnly,
    ReauthRequired,
    Throttled,
    TooMuchAtOnce,
    Transient,
    Vanished,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from connectors.base import Context
    from connectors.dav.client import Client
    from connectors.dav.hrefs import Folder

BATCH: Final = 100
SECOND_TRY: Final = 10
"""Batch for what a first answer left out."""

GROW_AFTER: Final = 5
"""Batches that have to go well before a larger one is tried."""

DETOURS_TRIED: Final = 2
"""Items by which another way of asking is looked for."""

Fetched = Item | Failed


@dataclass(slots=True)
class _Tally:
    """How one call goes: whether anything at all came back."""

    answered: int = 0


@dataclass(slots=True)
class _Asked:
    """A multiget on its way, and what of it is still to be answered."""

    batch: dict[str, ItemRef]
    answer: Early[Answer]


class Fetcher:
    """Fetches from one place. The batch size it has found to work is kept from call to call."""

    def __init__(self, client: Client, ctx: Context) -> None:
        self._client, self._ctx = client, ctx
        self._size = BATCH
        self._streak = 0

    def fetch(self, folder: Folder, kind: Kind, refs: Sequence[ItemRef]) -> Generator[Fetched, None, None]:
        """Yield each ref's item or why it could not be had, each once."""
        tally = _Tally()
        left: list[ItemRef] = []
        for ref in {ref.id: ref for ref in refs}.values():
            try:
                folder.href(ref.id)
                left.append(ref)
            except Vanished as nowhere:
                yield Failed(ref, nowhere)
        for most in (BATCH, SECOND_TRY):
            left = yield from self._round(folder, kind, left, most, tally)
            self._find_detour(folder, kind, left)
        for ref in left:
            self._assert_going()
            yield self._single(folder, kind, ref, tally)

    def _round(
        self, folder: Folder, kind: Kind, refs: Sequence[ItemRef], most: int, tally: _Tally
    ) -> Generator[Fetched, None, list[ItemRef]]:
        """Yield what multigets of up to *most* give; return the refs they left out.

        The server makes the next answer while this one is read and written.
        """
        queue, missing = deque(refs), list[ItemRef]()
        ahead: _Asked | None = None
        try:
            while queue or ahead:
                self._assert_going()
                now, ahead = ahead or self._ask(folder, kind, queue, most), None
                size = len(now.batch)
                try:
                    answer = now.answer.take()
                    ahead = self._ask(folder, kind, queue, most) if queue else None
                    yield from self._answered(folder, kind, answer, now.batch)
                except (ReauthRequired, Throttled, NotTheService):
                    raise
                except Vanished as gone:
                    raise CollectionGone(str(gone)) from gone
                except (Transient, ItemRejected, ReadOnly) as refusal:
                    self._shrink(size, refusal)
                    if size > 1:
                        queue.extendleft(reversed(now.batch.values()))
                        continue
                else:
                    tally.answered += size - len(now.batch)
                    self._grow()
                missing.extend(now.batch.values())
        finally:
            if ahead:
                ahead.answer.forget()
        return missing

    def _ask(self, folder: Folder, kind: Kind, queue: deque[ItemRef], most: int) -> _Asked:
        """Ask for the next of *queue*."""
        size = min(self._size, most, len(queue))
        batch = {ref.id: ref for ref in (queue.popleft() for _ in range(size))}
        asked = requests_xml.multiget(DATA[kind], [folder.href(id_) for id_ in batch])
        return _Asked(batch, Early(lambda: self._client.report(folder.url, asked), discard=Answer.close))

    def _find_detour(self, folder: Folder, kind: Kind, left: Sequence[ItemRef]) -> None:
        """Ask by another name for one of the items not found, for servers that list other names than they answer.

        Believed only when the answer itself calls the item as the listing did: another
        item may well bear the other name.
        """
        for ref in left[:DETOURS_TRIED]:
            for href, way in folder.detours(ref.id).items():
                try:
                    answer = list(self._client.report(folder.url, requests_xml.multiget(DATA[kind], [href])))
                except (Throttled, ReauthRequired, NotTheService):
                    raise
                except ConnectorError:
                    return
                if any(folder.member(one.href) == ref.id and one.props.get(DATA[kind]) for one in answer):
                    folder.take_detour(way)
                    return

    def _shrink(self, size: int, refusal: ConnectorError) -> None:
        """Ask for less next time: half where size was named as the reason, a quarter where it is a guess."""
        self._ctx.log.info("a batch of %d could not be had (%s)", size, refusal.reason)
        self._size = max(1, size // (2 if isinstance(refusal, TooMuchAtOnce) else 4))
        self._streak = 0

    def _grow(self) -> None:
        self._streak += 1
        if self._streak % GROW_AFTER == 0:
            self._size = min(BATCH, self._size * 2)

    def _answered(
        self, folder: Folder, kind: Kind, answer: Answer, batch: dict[str, ItemRef]
    ) -> Generator[Fetched, None, None]:
        """Yield what *answer* says and take it out of *batch*."""
        data = DATA[kind]
        for response in answer:
            id_ = folder.member(response.href)
            if not id_ or id_ not in batch:
                continue
            text = response.props.get(data)
            if response.status in {404, 410}:
                if folder.detours(id_):
                    continue  # perhaps it goes by another name than it is listed under
                yield Failed(batch.pop(id_), Vanished(str(response.status)))
            elif text and response.status < 400:
                revision = response.props.get(names.ETAG, "").strip() or batch[id_].revision
                del batch[id_]
                yield item(kind, id_, revision, from_text(text))

    def _single(self, folder: Folder, kind: Kind, ref: ItemRef, tally: _Tally) -> Fetched:
        """Fetch one item by GET. Raises ``Transient`` when the server answers nothing at all today."""
        try:
            found = self.get(folder, kind, ref)
        except TooMuchAtOnce as large:
            return Failed(ref, ItemRejected("too-large", large.detail))
        except (Vanished, ItemRejected) as reason:
            tally.answered += isinstance(reason, Vanished)
            return Failed(ref, reason)
        except ReadOnly as reason:
            return Failed(ref, ItemRejected("forbidden", reason.detail))
        if isinstance(found, Item):
            tally.answered += 1
            return found
        if not tally.answered:
            raise found
        return Failed(ref, ItemRejected("unreadable", found.detail))

    def get(self, folder: Folder, kind: Kind, ref: ItemRef) -> Item | Transient:
        """Return the item at *ref*, or the fault of a server that fails on it. Raises what else stands against it."""
        answer = self._client.send("GET", folder.address(ref.id), cap=TEXT_CAP)
        if answer.status == 200:
            if answer.body.lstrip()[:1] == b"<":
                raise NotTheService("a web page where an item should be")
            etag = answer.headers.get("etag", "").strip() or None
            revision = ref.revision if etag is None or same_revision(etag, ref.revision) else etag
            return item(kind, ref.id, revision, with_crlf(answer.body))
        error = failure(answer.status, answer.body)
        if isinstance(error, Transient) and answer.status >= 500:
            return error
        raise error

    def _assert_going(self) -> None:
        if self._ctx.stop():
            raise Transient("asked to stop")
