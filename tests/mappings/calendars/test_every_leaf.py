"""Every leaf comes back from the calendar file alone. A leaf that does not is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mappings.calendars.leaves import HOMELESS, LEAF, Access
from mappings.calendars.receipts import leaves_of
from mappings.loss import Fate
from mappings.mediatypes import CALENDAR
from mappings.meetings import quiet
from tests.mappings.calendars.everything import DAYS, all_days, build
from tests.mappings.calendars.making import TO_CALENDAR, Json, document, octets, to_ics, to_json
from tests.mappings.calendars.test_leaves import discovered
from tests.mappings.test_servers import through_radicale, through_xandikos

Way = Callable[[str, bytes], bytes]
WAYS: dict[str, Way] = {
    "as it is": lambda _, body: body,
    "quieted": lambda _, body: quiet(body),
    "twice": lambda _, body: to_ics(to_json(body)),
    "radicale's library": through_radicale,
    "xandikos' library": through_xandikos,
}


def lost(said: Json, stored: bytes) -> list[str]:
    """Name the leaves of the only event of *said* that *stored* alone does not give back."""
    ours = leaves_of(said["items"][0])
    theirs = leaves_of(to_json(stored)["items"][0])
    return sorted({path for where, (path, value) in ours.items() if theirs.get(where, ("", None))[1] != value})


@pytest.fixture(params=list(WAYS.values()), ids=list(WAYS))
def way(request: pytest.FixtureRequest) -> Way:
    """Give each way that a calendar may go before it is read again."""
    found: Way = request.param
    return found


def test_the_events_of_these_tests_hold_every_leaf() -> None:
    held = {path for event in (build(), all_days()) for path, _ in leaves_of(event).values()}
    assert sorted(set(discovered()) - HOMELESS - held) == []


@pytest.mark.filterwarnings("ignore")
def test_all_leaves_come_back_from_the_file_alone(way: Way) -> None:
    said = document(build())
    assert lost(said, way(CALENDAR, to_ics(said))) == []


@pytest.mark.filterwarnings("ignore")
def test_all_leaves_of_a_day_come_back_from_the_file_alone(way: Way) -> None:
    said = document(all_days())
    assert lost(said, way(CALENDAR, to_ics(said))) == []


@pytest.mark.filterwarnings("ignore")
def test_the_receipt_names_each_leaf_once_as_kept(way: Way) -> None:
    said = document(build())
    receipt = TO_CALENDAR.prove(octets(said), way(CALENDAR, to_ics(said)))
    assert {one.leaf for one in receipt.leaves} == set(discovered()) - HOMELESS - DAYS
    assert {one.fate for one in receipt.leaves} == {Fate.EXACT, Fate.EXTENSION}


def test_writable_leaves_are_all_among_them() -> None:
    """The moonshot: the best tool before kept 44 of the 59 leaves that the design counted."""
    held = {path for event in (build(), all_days()) for path, _ in leaves_of(event).values()}
    writable = {path for path, leaf in LEAF.items() if leaf.access is Access.WRITABLE}
    assert writable <= held


@pytest.mark.parametrize("path", sorted(set(discovered()) - HOMELESS - DAYS))
def test_a_leaf_taken_out_of_the_file_is_named(path: str) -> None:
    """The check cannot pass by looking away: without its lines a leaf counts as refused."""
    said = document(build())
    stored = to_ics(said)
    less = {"items": [without(said["items"][0], path.split("."))]}
    if path.startswith("start."):
        less["items"][0] = {**said["items"][0], "start": {"dateTime": "2026-03-03T08:30:00Z", "timeZone": "Asia/Tokyo"}}
    receipt = TO_CALENDAR.prove(octets(said), to_ics(document(*less["items"])))
    assert path in {one.leaf for one in receipt.only(Fate.REFUSED)}, stored.decode()


def without(said: Json, parts: list[str]) -> Json:
    """Return *said* without the leaf at the path of *parts*."""
    name, rest = parts[0].removesuffix("[]").removesuffix("{}"), parts[1:]
    if not rest:
        return {key: value for key, value in said.items() if key != name}
    inner = said.get(name)
    if isinstance(inner, list):
        return {**said, name: [without(one, rest) for one in inner]}
    return {**said, name: without(inner, rest)} if isinstance(inner, dict) else said
