"""One call on its way to a handler, and the lists with their pages and sync tokens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING, Any

from simulators.google import tokens
from simulators.google.refusals import Refusal, wrong_argument
from simulators.google.shelf import BEGIN, Row

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from simulators.google.account import Account
    from simulators.google.discovery import Json, Method
    from simulators.google.parameters import Value
    from simulators.google.shelf import Shelf

ORDERED = 2
"""The first part of a position in a list that was put in order."""
WEEK = 7 * 86400.0
COMMON = frozenset({"alt", "fields", "key", "prettyPrint", "quotaUser", "userIp", "access_token", "oauth_token"})
"""Parameters of every method that do not say what is listed."""


@dataclass(slots=True)
class Settings:
    """The knobs."""

    delay: float = 0.0
    """Seconds until a change is told to sync requests: "Writes may have a propagation delay of several minutes"."""
    people_token_life: float = WEEK
    """"Sync tokens expire 7 days after the full sync.\""""
    renewing: bool = False
    """Count the seven days from the last sync of any kind."""
    calendar_token_life: float | None = None
    """Google does not say how long Calendar's live; ``None`` is for ever."""
    deleted_kept: float = 28 * 86400.0
    """How far back ``updatedMin`` may lie, for deleted events are not remembered for ever. Google gives no number."""
    short_pages: bool = False
    """The first page is empty and the others are half full, which Calendar's ``maxResults`` allows."""
    photos: int = 200
    """The status pictures are answered with: 404, 403 or 429 instead of 200."""
    generation: int = 0
    """Sync tokens of an earlier one are dead."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose token and parameters were found good."""

    method: Method
    said: Mapping[str, Value]
    account: Account
    scopes: Collection[str]
    settings: Settings
    key: bytes
    """What the tokens of this account are sealed with."""


@dataclass(slots=True)
class Page:
    """One page of a list. *since* tells a listing of changes from a full one."""

    rows: list[Row] = field(default_factory=list)
    next_page: str = ""
    next_sync: str = ""
    changes_only: bool = False

    def tokens(self, *, sync: bool = True) -> Json:
        """Return what says how to go on: "Omitted if further results are available"."""
        if self.next_page:
            return {"nextPageToken": self.next_page}
        return {"nextSyncToken": self.next_sync} if sync and self.next_sync else {}


Rows = Callable[[Iterator[Row], tokens.Place], Iterator[Row]]
"""Makes the rows of a walk into those wanted: drops some, puts them in order, or takes apart a series."""


def present(rows: Iterator[Row], place: tokens.Place) -> Iterator[Row]:
    """Leave out what is deleted, unless changes are told."""
    return rows if place.since >= 0 else (row for row in rows if row.item is not None)


def ordered(rows: Iterator[Row], place: tokens.Place, key: Callable[[Json], Any]) -> Iterator[Row]:
    """Put rows in order: unlike anything else here, this holds them all while one page is made."""
    known = sorted(rows, key=lambda row: key(row.item or {}))
    start = place.position[1]
    for at, row in enumerate(known[start:], start):
        yield Row(row.name, row.item, (2, at, 0), (2, at + 1, 0), row.earlier)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is listed: *rows* makes the rows of a walk into those wanted, *free* are parameters that may change.

    *expired* and *wrong* are the refusals of a sync token that is too old and of a token that does not belong here.
    """

    name: str
    size: int
    life: float | None
    expired: Refusal
    rows: Rows
    free: frozenset[str] = frozenset()
    delay: float = 0.0


def listed(call: Call, shelf: Shelf, asked: Asked) -> Page:
    """Return the page that was asked for. Raises ``Refusal``."""
    now = call.account.clock.now()
    first = _sync_place(call, asked, now)
    place = _page_place(call, asked, first)
    begun = place is not None
    if place is None:
        since, full = -1, now
        if first is not None:
            since, full = first.snapshot, now if call.settings.renewing else first.full
        shapes = _shape(call, asked.free), _shape(call, frozenset())
        snapshot, generation = shelf.settled(asked.delay), call.settings.generation
        place = tokens.Place("page", asked.name, *shapes, snapshot, full, BEGIN, since, generation)
    walk = _walk(shelf, place)
    size = asked.size
    if call.settings.short_pages:
        size = max(1, size // 2) if begun else 0
    wanted = asked.rows(walk, place)
    page = Page(list(islice(wanted, size)), changes_only=place.since >= 0)
    after = page.rows[-1].after if page.rows else place.position
    if next(wanted, None) is not None:
        page.next_page = tokens.issue(replace(place, position=after), call.key)
    else:
        page.next_sync = tokens.issue(replace(place, kind="sync", exactly="", position=BEGIN, since=-1), call.key)
    return page


def _walk(shelf: Shelf, place: tokens.Place) -> Iterator[Row]:
    if place.position[0] == ORDERED:
        return shelf.walk(BEGIN, deleted=True)
    if place.since < 0:
        return shelf.walk(place.position, deleted=True)
    return shelf.changes(max(place.since, place.position[1]), place.snapshot)


def _sync_place(call: Call, asked: Asked, now: float) -> tokens.Place | None:
    said = call.said.get("syncToken")
    if not isinstance(said, str) or not said:
        return None
    place = _read(call, asked, "syncToken", said, "sync")
    too_old = asked.life is not None and now > place.full + asked.life
    if too_old or place.generation != call.settings.generation:
        raise asked.expired
    return place


def _page_place(call: Call, asked: Asked, first: tokens.Place | None) -> tokens.Place | None:
    said = call.said.get("pageToken")
    if not isinstance(said, str) or not said:
        return None
    place = _read(call, asked, "pageToken", said, "page")
    if place.since != (-1 if first is None else first.snapshot):
        raise _other_parameters("pageToken")
    return place


def _read(call: Call, asked: Asked, parameter: str, said: str, kind: str) -> tokens.Place:
    try:
        place = tokens.read(said, call.key)
    except tokens.Forged as error:
        raise _invalid(call, parameter) from error
    if place.kind != kind or place.list != asked.name:
        raise _invalid(call, parameter)
    same = place.asked == _shape(call, asked.free) if kind == "sync" else place.exactly == _shape(call, frozenset())
    if not same:
        raise _other_parameters(parameter)
    return place


def _invalid(call: Call, parameter: str) -> Refusal:
    if call.method.api == "calendar":
        return Refusal(400, "Invalid Value", "invalid", location=parameter)
    return wrong_argument(parameter, f"Invalid value for {parameter}.")


def _other_parameters(parameter: str) -> Refusal:
    words = f"When {parameter} is set, all other request parameters must match the first call."
    return wrong_argument(parameter, words)


def _shape(call: Call, free: frozenset[str]) -> str:
    """Return what stands for the parameters that must stay the same over the pages and syncs of a list."""
    left_out = free | COMMON | {"pageToken", "syncToken", "requestSyncToken"}
    kept = sorted((name, value) for name, value in call.said.items() if name not in left_out)
    return blake2b(json.dumps(kept).encode(), digest_size=6).hexdigest()
