"""The made-up events: every leaf of the schema, series with their exceptions, ids as Google writes them."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from simulators.google.account import EXCEPTIONS, Account
from simulators.google.calendars_making import SHARES
from simulators.google.discovery import document
from simulators.google.events_making import BLOCK, KINDS, Events
from simulators.identity.model import Clock
from tests.simulators.google.leaves import leaves, present

SEED = 5
SIZE = 400
MAPS = (
    *("extendedProperties.private", "extendedProperties.shared", "gadget.preferences"),
    "conferenceData.parameters.addOnParameters.parameters",
)
ID = re.compile(r"[0-9a-v]{26}(_R\d{8}T\d{6}|_\d{8}(T\d{6}Z)?)?")


def _events(size: int = SIZE, seed: int = SEED) -> Events:
    return Events(size, seed=seed, calendar="primary@example.org", owner="ana@example.org")


@pytest.fixture(scope="module")
def year() -> list[Any]:
    events = _events()
    return [events.make(index) for index in range(SIZE)]


def _of_kind(year: list[Any], kind: str) -> list[Any]:
    return year[KINDS.index(kind) :: BLOCK]


def _instant(said: dict[str, str]) -> dt.datetime:
    return dt.datetime.fromisoformat(said["dateTime"])


def test_every_leaf_of_an_event_occurs(year: list[Any]) -> None:
    wanted = leaves("calendar.v3", "Event")
    found = {path for event in year for path in present(event, maps=MAPS)}
    assert sorted(wanted - found) == []
    assert len({path.partition(".")[0] for path in wanted}) >= 44


def test_twenty_events_have_all_kinds_and_most_leaves(year: list[Any]) -> None:
    wanted = leaves("calendar.v3", "Event")
    found = {path for event in year[:BLOCK] for path in present(event, maps=MAPS)}
    special = ("birthday", "workingLocation", "focusTime", "outOfOffice", "originalStartTime.date")
    assert all(path.startswith(special) for path in wanted - found), sorted(wanted - found)


def test_nothing_occurs_that_the_schema_does_not_have(year: list[Any]) -> None:
    schemas = document("calendar.v3").schemas

    def check(value: Any, said: dict[str, Any]) -> None:
        said = schemas[said["$ref"]] if "$ref" in said else said
        if isinstance(value, list):
            for each in value:
                check(each, said["items"])
        elif isinstance(value, dict) and said["type"] != "any":
            for name, each in value.items():
                check(each, said.get("properties", {}).get(name) or said["additionalProperties"])
        elif said["type"] != "any":
            kinds = {"string": str, "boolean": bool, "integer": int}
            assert isinstance(value, kinds[said["type"]]), (value, said)

    for event in year:
        check(event, {"$ref": "Event"})


def test_every_type_of_event_occurs(year: list[Any]) -> None:
    """Cases 112 to 115."""
    assert {event.get("eventType") for event in year} == {
        *("default", "birthday", "focusTime", "fromGmail", "outOfOffice", "workingLocation", None),
    }
    places = {event["workingLocationProperties"]["type"] for event in year if "workingLocationProperties" in event}
    assert places == {"homeOffice", "officeLocation", "customLocation"}
    days = {event["birthdayProperties"]["type"] for event in year if "birthdayProperties" in event}
    assert days == {"birthday", "anniversary", "custom", "other", "self"}


def test_ids_are_those_of_the_api_and_none_is_twice(year: list[Any]) -> None:
    ids = [event["id"] for event in year]
    assert len(set(ids)) == SIZE
    assert all(ID.fullmatch(each) for each in ids)
    events = _events()
    assert [events.index(each) for each in ids] == list(range(SIZE))


@pytest.mark.parametrize("name", ["", "x", "0" * 26, "0" * 26 + "_20240101", "_", "z" * 26, "a" * 5000])
def test_other_ids_lead_nowhere(name: str) -> None:
    assert _events().index(name) is None


def test_an_id_with_another_instance_leads_nowhere(year: list[Any]) -> None:
    assert _events().index(_of_kind(year, "weekly master")[0]["id"] + "_20010101T000000Z") is None


def test_the_same_seed_makes_the_same_events(year: list[Any]) -> None:
    assert [_events().make(index) for index in range(0, SIZE, 7)] == year[::7]
    assert _events(seed=SEED + 1).make(5) != year[5]


def test_all_instances_share_the_uid_of_their_series(year: list[Any]) -> None:
    """The document: "all occurrences of one event have different ids while they all share the same iCalUIDs"."""
    known = {event["id"]: event for event in year}
    moved = [event for event in year if event.get("recurringEventId") in known and "iCalUID" in event]
    assert len(moved) > 40
    assert all(event["iCalUID"] == known[event["recurringEventId"]]["iCalUID"] for event in moved)


def test_moved_instances_come_before_their_masters(year: list[Any]) -> None:
    """Case 81: in the same twenty rows, and in those before."""
    place = {event["id"]: at for at, event in enumerate(year)}
    near = [place[each["recurringEventId"]] - at for at, each in enumerate(year) if at % BLOCK == 2]
    far = [place[each["recurringEventId"]] - at for at, each in enumerate(year[:-BLOCK]) if at % BLOCK == 3]
    assert set(near) == {15}
    assert set(far) == {33}


def test_the_id_of_an_instance_says_when_it_would_start(year: list[Any]) -> None:
    for event in year:
        told = event.get("originalStartTime")
        if told is None:
            continue
        suffix = event["id"].rpartition("_")[2]
        if "date" in told:
            assert suffix == told["date"].replace("-", "")
        else:
            assert suffix == f"{_instant(told).astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def test_an_original_start_is_one_of_the_series(year: list[Any]) -> None:
    from dateutil.rrule import rrulestr

    known = {event["id"]: event for event in year}
    checked = 0
    for event in year:
        master = known.get(event.get("recurringEventId", ""))
        if master is None or "dateTime" not in event["originalStartTime"]:
            continue
        zone = ZoneInfo(master["start"]["timeZone"])
        start = _instant(master["start"]).astimezone(zone).replace(tzinfo=None)
        original = _instant(event["originalStartTime"]).astimezone(zone).replace(tzinfo=None)
        rule = rrulestr(master["recurrence"][0], dtstart=start)
        assert rule.between(original, original, inc=True) == [original]
        checked += 1
    assert checked > 60


def test_cancelled_instances_are_bare(year: list[Any]) -> None:
    """Case 82: only id, recurringEventId, originalStartTime and status."""
    cancelled = [event for event in year if event["status"] == "cancelled"]
    fields = {"kind", "etag", "id", "status", "recurringEventId", "originalStartTime"}
    assert all(set(event) == fields for event in cancelled)
    assert {"date" in event["originalStartTime"] for event in cancelled} == {True, False}


def test_orphan_instances_have_no_master(year: list[Any]) -> None:
    """Case 84: invited to one instance only."""
    ids = {event["id"] for event in year}
    orphans = [event for event in year if event.get("recurringEventId", next(iter(ids))) not in ids]
    assert orphans == _of_kind(year, "orphan instance")


def test_a_series_may_be_split(year: list[Any]) -> None:
    """Case 85: the second half has an id and a uid of its own, and begins after the first ends."""
    halves = zip(_of_kind(year, "split series"), _of_kind(year, "its second half"), strict=True)
    for first, second in halves:
        assert second["id"].startswith(first["id"] + "_R")
        assert first["iCalUID"] != second["iCalUID"]
        until = dt.datetime.fromisoformat(first["recurrence"][0].rpartition("UNTIL=")[2])
        assert until < _instant(second["start"]) <= until + dt.timedelta(days=7)


def test_offsets_are_those_of_the_calendar_not_of_the_event(year: list[Any]) -> None:
    """A reader that takes the digits for the time in ``timeZone`` is wrong for most events."""
    timed = [event["start"] for event in year if "dateTime" in event.get("start", ())]
    home = ZoneInfo("Europe/Zurich")
    assert all(_instant(each).utcoffset() == _instant(each).astimezone(home).utcoffset() for each in timed)
    elsewhere = [
        e for e in timed if _instant(e).utcoffset() != _instant(e).astimezone(ZoneInfo(e["timeZone"])).utcoffset()
    ]
    assert len(elsewhere) > len(timed) / 2


def test_events_last_no_time_or_days_or_have_no_known_end(year: list[Any]) -> None:
    lengths = {_instant(event["end"]) - _instant(event["start"]) for event in _of_kind(year, "plain")}
    assert min(lengths) == dt.timedelta(0)
    assert max(lengths) > dt.timedelta(days=2)
    assert any(event.get("endTimeUnspecified") for event in year)


def test_meetings_have_up_to_two_hundred_guests(year: list[Any]) -> None:
    counts = [len(event.get("attendees", ())) for event in year]
    assert max(counts) == 200
    assert all(len(event.get("attachments", ())) <= 25 for event in year)
    assert max(len(event.get("attachments", ())) for event in year) > 10


def test_reminders_are_default_own_or_none(year: list[Any]) -> None:
    kinds = {
        (said.get("useDefault"), "overrides" in said) for said in (e["reminders"] for e in year if "reminders" in e)
    }
    assert kinds == {(True, False), (False, True), (False, False)}
    minutes = [each["minutes"] for e in year for each in e.get("reminders", {}).get("overrides", ())]
    assert (min(minutes), max(minutes)) == (0, 40320)


def test_texts_are_hostile(year: list[Any]) -> None:
    text = json.dumps(year, ensure_ascii=False)
    for mean in ("END:VEVENT", "&amp;", "<ul>", ",", ";", "\\n", "\\\\", "\u202b", "👨‍👩‍👧", "日本", "\u2028"):
        assert mean in text, mean


@pytest.mark.parametrize("size", range(2 * BLOCK + 1))
def test_a_calendar_of_any_size_is_whole(size: int) -> None:
    """Rows that would belong to a series beyond the end are events of their own."""
    events = _events(size)
    made = [events.make(index) for index in range(size)]
    ids = {event["id"] for event in made}
    assert len(ids) == size
    lost = [at for at, each in enumerate(made) if each.get("recurringEventId") and each["recurringEventId"] not in ids]
    assert all(at % BLOCK == KINDS.index("orphan instance") for at in lost)


def test_the_rows_of_exceptions_are_where_the_account_looks_for_them(year: list[Any]) -> None:
    for at, event in enumerate(year[2 * BLOCK : -2 * BLOCK], 2 * BLOCK):
        steps = {other - at for other, each in enumerate(year) if each.get("recurringEventId") == event["id"]}
        wanted = set() if at % BLOCK == 4 else set(EXCEPTIONS.get(at % BLOCK, ()))
        if at % BLOCK == 11 and "recurrence" in event and "birthdayProperties" in event:
            wanted = set()
        assert steps - {0} == wanted


def test_an_account_has_five_calendars_and_all_events_are_in_them() -> None:
    account = Account("ana@example.org", Clock())
    for count in (0, 1, 10, 99, 1000):
        account = Account("ana@example.org", Clock(), events=count)
        assert sum(shelf.count for shelf in account.events.values()) == count
        assert len(account.events) == len(SHARES) + 1
    roles = [row.item["accessRole"] for row in account.calendars.walk() if row.item]
    assert roles == ["owner", "owner", "reader", "owner", "freeBusyReader"]
