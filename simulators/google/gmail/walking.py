"""Lists of messages, page by page, newest first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING

from simulators.google import tokens
from simulators.google.gmail import queries
from simulators.google.gmail.refusing import invalid, no_q
from simulators.google.mail.cycle import NONE
from simulators.google.parameters import number, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.google.calling import Call
    from simulators.google.gmail.queries import Wanted
    from simulators.google.mail.mailbox import Mailbox, Row

METADATA = "https://www.googleapis.com/auth/gmail.metadata"
MOST_KNOWN = 201
"""``resultSizeEstimate`` where there is more: the figure is no count (mail is counted by getProfile)."""


@dataclass(frozen=True, slots=True)
class Found:
    """One page. *estimate* is not a count."""

    rows: list[Row]
    next_page: str
    estimate: int

    def tail(self) -> dict[str, object]:
        """Return what follows the rows."""
        more = {"nextPageToken": self.next_page} if self.next_page else {}
        return {**more, "resultSizeEstimate": self.estimate}


def page(call: Call, box: Mailbox, wanted: Wanted, *, threads: bool = False) -> Found:
    """Return the page that was asked for; with *threads*, one message of each. Raises ``Refusal``."""
    size = number(call.said, call.method, "maxResults") or 100
    place = _place(call, box)
    with box.lock:
        at, skip = place.position[0], place.position[1]
        rows = _matching(box, wanted, box.below if box.habits.shifting else at)
        if threads:
            rows = _newest_of_threads(box, wanted, rows)
        found = list(islice(islice(rows, skip if box.habits.shifting else 0, None), size))
        more = next(rows, None) is not None
    if not more:
        return Found(found, "", len(found))
    following = (found[-1].number, skip + size, 0)
    return Found(found, tokens.issue(replace(place, position=following), call.key), MOST_KNOWN)


def wanted_of(call: Call, box: Mailbox, *, also: frozenset[str] = NONE) -> Wanted:
    """Return what a call lists, of the messages that have *also* these labels. Raises ``Refusal``."""
    if "q" in call.said and METADATA in call.scopes:
        raise no_q()
    asked = queries.wanted(text(call.said, "q"), box.labels)
    for label in texts(call.said, "labelIds"):
        if label not in box.labels:
            raise invalid(f"Invalid label: {label}")
        asked = replace(asked, every=asked.every | {label})
    asked = replace(asked, every=asked.every | also)
    return asked.sees(spam_trash=call.said.get("includeSpamTrash") is True)


def _matching(box: Mailbox, wanted: Wanted, below: int) -> Iterator[Row]:
    if wanted.nothing:
        return
    if wanted.message_id:
        for at in sorted(box.with_message_id(wanted.message_id), reverse=True):
            row = box.row(at) if at < below else None
            if (
                row is not None
                and wanted.every <= row.labels
                and not wanted.none & row.labels
                and _dated(box, wanted, at)
            ):
                yield row
        return
    for row in box.rows(wanted.every, wanted.none, below=below):
        if _dated(box, wanted, row.number):
            yield row


def _dated(box: Mailbox, wanted: Wanted, at: int) -> bool:
    if wanted.after is None and wanted.before is None:
        return True
    date = box.date(at)
    return (wanted.after is None or date >= wanted.after) and (wanted.before is None or date < wanted.before)


def _newest_of_threads(box: Mailbox, wanted: Wanted, rows: Iterator[Row]) -> Iterator[Row]:
    """Keep of each thread its newest message among those that are wanted."""
    for row in rows:
        if row.number == max(each.number for each in _fitting(box, wanted, row.thread)):
            yield row


def _fitting(box: Mailbox, wanted: Wanted, root: int) -> Iterator[Row]:
    for row in box.thread(root):
        if wanted.every <= row.labels and not wanted.none & row.labels and _dated(box, wanted, row.number):
            yield row


def _place(call: Call, box: Mailbox) -> tokens.Place:
    """Return where the page begins. Raises ``Refusal`` for a token of another list (dacastro4/laravel-gmail#121)."""
    shape, said = _shape(call), text(call.said, "pageToken")
    if not said:
        return tokens.Place("page", call.method.id, shape, "", 0, 0.0, (box.below, 0, 0))
    try:
        place = tokens.read(said, call.key)
    except tokens.Forged as error:
        raise invalid("Invalid pageToken") from error
    if (place.kind, place.list, place.asked) != ("page", call.method.id, shape):
        raise invalid("Invalid pageToken")
    return place


def _shape(call: Call) -> str:
    """Return what stands for the parameters that say what is listed."""
    kept = [(name, call.said[name]) for name in ("labelIds", "q", "includeSpamTrash") if name in call.said]
    return blake2b(repr(kept).encode(), digest_size=6).hexdigest()
