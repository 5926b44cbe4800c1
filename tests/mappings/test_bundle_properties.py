"""Splitting and joining, for calendars put together at random: every event out once, whole, with its zones."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.bundles import join, split
from mappings.canonical import canonical_digest, differences
from mappings.documents import parse
from mappings.errors import Malformed
from mappings.inspect import inspect
from mappings.meetings import quiet
from tests.mappings.samples import CALENDAR, CARD, PLAIN, calendar, card, lines, zone

ZONES = ["Europe/Zurich", "Customized Time Zone", "(UTC+01:00) Bern, Rom", "W. Europe Standard Time"]
OFFSETS = st.sampled_from(["+0100", "+0200", "-0330"])
ENDS = st.sampled_from(["\r\n", "\n", "\r"])


@dataclass(frozen=True)
class Event:
    """One component: its kind, UID (empty for none), zone (empty for UTC) and title."""

    kind: str
    uid: str
    zone: str
    title: str

    def lines(self) -> tuple[str, ...]:
        """Write it down."""
        start = f'DTSTART;TZID="{self.zone}":20260301T080000' if self.zone else "DTSTART:20260301T080000Z"
        uid = (f"UID:{self.uid}",) if self.uid else ()
        title = self.title.replace("\\", "\\\\")
        return (f"BEGIN:{self.kind}", *uid, start, f"SUMMARY:{title}", f"END:{self.kind}")


EVENTS = st.lists(
    st.builds(
        Event,
        st.sampled_from(["VEVENT", "VEVENT", "VTODO", "VJOURNAL"]),
        st.sampled_from(["", "one", "two", "three", "urn:uuid:four"]),
        st.sampled_from(["", *ZONES]),
        PLAIN,
    ),
    min_size=1,
    max_size=8,
)


def file_of(events: list[Event], offset: str = "+0100", end: str = "\r\n", *own: str) -> bytes:
    """Write a calendar of *events* and of every zone there is."""
    zones = [line for name in ZONES for line in zone(name, offset)]
    return calendar(*own, *zones, *[line for event in events for line in event.lines()], end=end)


def objects(events: list[Event]) -> Counter[tuple[str, str]]:
    """Count the objects *events* make: one for each kind and UID, one for each without UID."""
    named = {(event.kind, event.uid) for event in events if event.uid}
    return Counter(named) + Counter((event.kind, "") for event in events if not event.uid)


@given(events=EVENTS, end=ENDS)
@settings(max_examples=120, deadline=None)
def test_each_object_comes_out_once_with_the_zones_it_names(events: list[Event], end: str) -> None:
    pieces = list(split(CALENDAR, file_of(events, end=end)))
    found = [inspect(CALENDAR, piece) for piece in pieces]
    assert all(each.complete for each in found)
    assert Counter((each.component, each.uid or "") for each in found) == objects(events)
    for piece, facts in zip(pieces, found, strict=True):
        (outer,) = parse(piece).components()
        there = {one.text("TZID") for one in outer.components("VTIMEZONE")}
        assert len(there) == len(list(outer.components("VTIMEZONE")))
        if facts.uid:
            used = {event.zone for event in events if (event.kind, event.uid) == (facts.component, facts.uid)}
            assert there == used - {""}


@given(events=EVENTS)
@settings(max_examples=100, deadline=None)
def test_no_component_is_lost_or_doubled(events: list[Event]) -> None:
    pieces = list(split(CALENDAR, file_of(events)))
    out = Counter(
        component.to_bytes()
        for piece in pieces
        for outer in parse(piece).components()
        for component in outer.components("VEVENT", "VTODO", "VJOURNAL")
    )
    assert out == Counter(lines(*event.lines()) for event in events)


@given(events=EVENTS, end=ENDS)
@settings(max_examples=100, deadline=None)
def test_split_and_joined_is_the_same_calendar(events: list[Event], end: str) -> None:
    body = file_of(events, end=end)
    again = b"".join(join(CALENDAR, split(CALENDAR, body)))
    assert inspect(CALENDAR, again).complete
    used = {event.zone for event in events} - {""}
    assert again.count(b"BEGIN:VTIMEZONE") == len(used)
    assert sorted(map(digest, split(CALENDAR, again))) == sorted(map(digest, split(CALENDAR, body)))


def digest(body: bytes) -> str:
    """Return what *body* says."""
    return canonical_digest(CALENDAR, body)


@given(files=st.lists(st.tuples(EVENTS, OFFSETS), min_size=1, max_size=4))
@settings(max_examples=50, deadline=None)
def test_files_with_other_rules_for_a_zone_are_never_mixed(files: list[tuple[list[Event], str]]) -> None:
    """However many VCALENDARs it takes, each object keeps the very rules it came with."""
    bodies = [
        piece
        for number, (events, offset) in enumerate(files)
        for piece in split(CALENDAR, file_of([replace(event, uid=f"{number}-{event.uid}") for event in events], offset))
    ]
    whole = b"".join(join(CALENDAR, bodies))
    assert inspect(CALENDAR, whole).complete
    for outer in parse(whole).components():
        names = [one.text("TZID") for one in outer.components("VTIMEZONE")]
        assert len(names) == len(set(names))
    again = list(split(CALENDAR, whole))
    assert Counter(map(zones_of, again)) == Counter(map(zones_of, bodies))
    assert Counter(map(digest, again)) == Counter(map(digest, bodies))


def zones_of(body: bytes) -> tuple[bytes, ...]:
    """Return the zones of a body, as they stand."""
    return tuple(sorted(one.to_bytes() for outer in parse(body).components() for one in outer.components("VTIMEZONE")))


@given(names=st.lists(PLAIN, max_size=8), end=ENDS)
@settings(max_examples=80, deadline=None)
def test_cards_stand_one_after_the_other(names: list[str], end: str) -> None:
    cards = [card(f"FN:{name.replace(chr(92), chr(92) * 2)}", end=end) for name in names]
    whole = b"".join(join(CARD, cards))
    assert whole == b"".join(cards)
    assert list(split(CARD, whole)) == cards


@given(events=EVENTS, cut=st.integers(1, 400))
@settings(max_examples=120, deadline=None)
def test_a_file_cut_off_anywhere_gives_only_whole_objects_and_says_the_rest_is_broken(
    events: list[Event], cut: int
) -> None:
    """The end of a file is missing: no piece that is called whole may have lost a line."""
    body = file_of(events)
    whole = {digest(piece) for piece in split(CALENDAR, body)}
    cut_off = body[: max(0, len(body) - cut)]
    pieces = list(split(CALENDAR, cut_off))
    good = [piece for piece in pieces if inspect(CALENDAR, piece).complete]
    broken = [piece for piece in pieces if not inspect(CALENDAR, piece).complete]
    series = {event.uid for event in events if event.uid}
    for piece in good:
        uid = inspect(CALENDAR, piece).uid
        assert digest(piece) in whole or uid in series, "a series may lose an instance that came behind the cut"
    if cut_off.strip() and cut > len("\r\n"):
        assert broken, "what is cut off is reported"


@pytest.mark.parametrize("count", [1, 2, 50])
def test_joining_refuses_a_broken_one_among_the_good(count: int) -> None:
    good = [file_of([Event("VEVENT", str(number), "", "x")]) for number in range(count)]
    taken: list[bytes] = []
    with pytest.raises(Malformed) as refused:
        taken.extend(join(CALENDAR, [*good, good[0][:-20]]))
    assert refused.value.problem == "truncated"


@given(events=EVENTS)
@settings(max_examples=60, deadline=None)
def test_keeping_quiet_and_splitting_go_in_any_order(events: list[Event]) -> None:
    invited = [
        line if not line.startswith("SUMMARY") else f"ATTENDEE:mailto:a@example.org\r\n{line}"
        for event in events
        for line in event.lines()
    ]
    body = calendar("METHOD:REQUEST", *invited)
    first = sorted(quiet(piece) for piece in split(CALENDAR, body))
    second = sorted(split(CALENDAR, quiet(body)))
    assert first == second
    assert all(b"METHOD" not in piece for piece in first)
    assert sum(piece.count(b"SCHEDULE-AGENT=CLIENT") for piece in first) == len(events)
    for piece, loud in zip(sorted(split(CALENDAR, quiet(body))), first, strict=True):
        assert differences(CALENDAR, piece, loud) == ()


@pytest.mark.parametrize(
    ("own", "kept"),
    [
        ("X-WR-CALNAME:Mine", True),
        ("COLOR:red", True),
        ("X-WR-TIMEZONE:Europe/Zurich", True),
        ("CALSCALE:GREGORIAN", False),
        ("calscale:gregorian", False),
        ("CALSCALE:HEBREW", True),
        ("METHOD:PUBLISH", False),
        ("PRODID:-//x//y//EN", False),
        ("VERSION:2.0", False),
    ],
)
def test_what_a_wrapper_says_of_its_own_goes_along(own: str, *, kept: bool) -> None:
    body = calendar(own, *Event("VEVENT", "one", "", "x").lines())
    whole = b"".join(join(CALENDAR, [body]))
    assert (own.encode() in whole.split(b"\r\n")) is (kept or own == "VERSION:2.0")
    assert all(own.encode() in piece.split(b"\r\n") for piece in split(CALENDAR, body))
