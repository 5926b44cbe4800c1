"""Splitting and joining lose nothing, and what is broken comes out as broken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.bundles import join, split
from mappings.canonical import canonical_digest, differences
from mappings.documents import CARRIERS, parse
from mappings.errors import Malformed, UnknownType
from mappings.folding import raw_lines
from mappings.inspect import inspect
from tests.mappings.samples import (
    ANYTHING,
    CALENDAR,
    CARD,
    FULL_CARD,
    FULL_EVENT,
    ICS_FILES,
    LOOSE,
    VCF_FILES,
    calendar,
    card,
    event,
    lines,
    zone,
)


def vevent(uid: str, *content: str, tzid: str = "") -> tuple[str, ...]:
    start = f"DTSTART;TZID={tzid}:20260301T080000" if tzid else "DTSTART:20260301T080000Z"
    return ("BEGIN:VEVENT", *([f"UID:{uid}"] if uid else []), start, *content, "END:VEVENT")


def test_dav_17_and_19_one_resource_per_uid() -> None:
    body = calendar(
        "X-WR-CALNAME:mine",
        *zone("A"), *zone("B"), *zone("never used"),
        *vevent("1", "RRULE:FREQ=DAILY", tzid="A"),
        *vevent("2", tzid='"B"'),
        *vevent("1", "RECURRENCE-ID;TZID=A:20260302T080000", tzid="A"),
        *vevent("3"),
    )  # fmt: skip
    one, two, three = split(CALENDAR, body)
    assert [inspect(CALENDAR, each).uid for each in (one, two, three)] == ["1", "2", "3"]
    assert one.count(b"BEGIN:VEVENT") == 2
    assert [each.count(b"BEGIN:VTIMEZONE") for each in (one, two, three)] == [1, 1, 0]
    assert b"TZID:A" in one
    assert b"TZID:B" in two
    assert all(b"X-WR-CALNAME:mine\r\n" in each for each in (one, two, three))
    assert all(inspect(CALENDAR, each).complete for each in (one, two, three))


def test_dav_18_components_without_uid_are_each_their_own() -> None:
    pieces = list(split(CALENDAR, calendar(*vevent(""), *vevent(""), *vevent("1"))))
    assert [inspect(CALENDAR, each).uid for each in pieces] == [None, None, "1"]


def test_dav_24_kinds_are_not_mixed() -> None:
    body = calendar(*vevent("1"), "BEGIN:VTODO", "UID:1", "END:VTODO")
    assert [inspect(CALENDAR, each).component for each in split(CALENDAR, body)] == ["VEVENT", "VTODO"]


def test_a_single_resource_comes_out_as_it_went_in() -> None:
    assert list(split(CALENDAR, FULL_EVENT)) == [FULL_EVENT]
    assert list(split(CARD, FULL_CARD)) == [FULL_CARD]
    assert list(split(CARD, b"\xef\xbb\xbf" + FULL_CARD)) == [FULL_CARD]


def test_folded_zone_names_are_found() -> None:
    body = calendar(
        *zone("Some/Where"), "BEGIN:VEVENT", "UID:1", "DTSTART;TZ\r\n ID=Some/W\r\n here:20260301T080000", "END:VEVENT"
    )
    (piece,) = split(CALENDAR, body)
    assert b"TZID:Some/Where" in piece


def test_case_10_cards_are_split_and_the_broken_one_is_yielded_too() -> None:
    broken = lines("BEGIN:VCARD", "FN:broken")
    pieces = list(split(CARD, card("FN:a") + broken + card("FN:b") + b"rest\r\n"))
    assert pieces == [card("FN:a"), broken, card("FN:b"), b"rest\r\n"]
    assert [inspect(CARD, each).complete for each in pieces] == [True, False, True, False]


@pytest.mark.parametrize(
    ("body", "whole", "broken"),
    [
        pytest.param(
            calendar(*vevent("1"), "BEGIN:VEVENT", "UID:2", *vevent("3")), ["1", "3"], ["2"], id="never-closed"
        ),
        pytest.param(calendar(*vevent("1"), *vevent("2"))[:-25], ["1"], ["2"], id="cut-in-an-event"),
        pytest.param(calendar(*vevent("1"), *vevent("2"))[:-15], ["1", "2"], [None], id="cut-between-events"),
        pytest.param(calendar(*vevent("1"), "END:VEVENT"), ["1"], [None], id="closed-twice"),
        pytest.param(calendar(*vevent("1", "END:VTODO"), *vevent("2")), ["2"], ["1"], id="foreign-end-inside"),
        pytest.param(calendar(*zone("X")), [], [None], id="zones-alone"),
        pytest.param(calendar(), [], [None], id="nothing-inside"),
        pytest.param(b"<html>", [], [None], id="another-thing"),
        pytest.param(b"", [], [], id="nothing"),
    ],
)
def test_case_35_the_whole_ones_stay_good(body: bytes, whole: list[str], broken: list[str | None]) -> None:
    found = [inspect(CALENDAR, piece) for piece in split(CALENDAR, body)]
    assert [each.uid for each in found if each.complete] == whole
    assert [each.uid for each in found if not each.complete] == broken


@given(body=ANYTHING)
@settings(max_examples=300, deadline=None)
def test_no_line_of_a_component_is_dropped(body: bytes) -> None:
    for media_type in (CALENDAR, CARD):
        out = b"".join(split(media_type, body, limits=LOOSE))
        document = parse(body, limits=LOOSE)
        for outer in document.components():
            kept = outer.components(*CARRIERS) if (media_type, outer.name) == (CALENDAR, "VCALENDAR") else [outer]
            assert all(component.to_bytes() in out for component in kept)


@pytest.mark.parametrize("paths", [ICS_FILES[n::4] for n in range(4)], ids=range(4))
def test_real_calendars_split_and_join_to_the_same(paths: list[Path]) -> None:
    for path in paths:
        body = path.read_bytes()
        if inspect(CALENDAR, body).complete:
            pieces = list(split(CALENDAR, body))
            assert all(inspect(CALENDAR, piece).complete for piece in pieces), path
            again = list(split(CALENDAR, b"".join(join(CALENDAR, pieces))))
            assert sorted(map(_digest, again)) == sorted(map(_digest, pieces)), path


def _digest(body: bytes) -> str:
    return canonical_digest(CALENDAR, body)


@pytest.mark.parametrize("path", VCF_FILES, ids=lambda path: path.name)
def test_real_cards_split_and_join_to_the_same(path: Path) -> None:
    body = path.read_bytes()
    pieces = list(split(CARD, body))
    assert b"".join(pieces).split() == body.removeprefix(b"\xef\xbb\xbf").split()
    whole = [piece for piece in pieces if inspect(CARD, piece).complete]
    assert list(split(CARD, b"".join(join(CARD, whole)))) == [
        piece if piece.endswith((b"\n", b"\r")) else piece + b"\r\n" for piece in whole
    ]


def test_joined_calendars_are_one_calendar_with_each_zone_once() -> None:
    bodies = [calendar(*zone("A"), *vevent(str(n), tzid="A")) for n in range(5)]
    whole = b"".join(join(CALENDAR, bodies))
    assert whole.count(b"BEGIN:VCALENDAR") == whole.count(b"BEGIN:VTIMEZONE") == 1
    found = inspect(CALENDAR, whole)
    assert (found.complete, found.uids) == (True, 5)
    again = list(split(CALENDAR, whole))
    assert [differences(CALENDAR, *pair) for pair in zip(bodies, again, strict=True)] == [()] * 5


def test_case_71_zones_of_one_name_and_different_rules_stay_apart() -> None:
    east, west = zone("Customized Time Zone", "+0500"), zone("Customized Time Zone", "-0500")
    bodies = [
        calendar(*(west if n % 2 else east), *vevent(str(n), tzid="Customized Time Zone")) for n in range(6)
    ]  # fmt: skip
    whole = b"".join(join(CALENDAR, bodies))
    assert whole.count(b"BEGIN:VCALENDAR") == whole.count(b"BEGIN:VTIMEZONE") == 2
    assert inspect(CALENDAR, whole).uids == 6
    before = {inspect(CALENDAR, body).uid: body for body in bodies}
    for piece in split(CALENDAR, whole):
        assert differences(CALENDAR, before[inspect(CALENDAR, piece).uid], piece) == ()


def test_wrappers_with_words_of_their_own_stay_apart() -> None:
    bodies = [
        calendar("COLOR:red", *vevent("1")),
        event(uid="2"),
        calendar("CALSCALE:GREGORIAN", "METHOD:X", *vevent("3")),
    ]
    whole = b"".join(join(CALENDAR, bodies))
    assert whole.count(b"BEGIN:VCALENDAR") == 2
    assert whole.count(b"COLOR:red") == 1
    assert b"METHOD" not in whole
    assert b"CALSCALE" not in whole


def test_a_body_of_several_calendars_is_taken_apart() -> None:
    pair = calendar(*zone("X", "+0100"), *vevent("1", tzid="X")) + calendar(*zone("X", "+0200"), *vevent("2", tzid="X"))
    whole = b"".join(join(CALENDAR, [pair]))
    assert [differences(CALENDAR, *two) for two in zip(split(CALENDAR, pair), split(CALENDAR, whole), strict=True)] == [
        (),
        (),
    ]


@pytest.mark.parametrize(("media_type", "body"), [(CALENDAR, FULL_EVENT), (CARD, FULL_CARD)])
def test_case_35_a_broken_body_joins_nothing(media_type: str, body: bytes) -> None:
    pieces = join(media_type, [body, body[:-30]])
    taken: list[bytes] = []
    with pytest.raises(Malformed) as refused:
        taken.extend(pieces)
    assert refused.value.problem == "truncated"
    assert not taken or b"".join(taken).count(b"END:VEVENT") + b"".join(taken).count(b"END:VCARD") == 1


def test_joining_nothing_is_an_empty_file() -> None:
    assert list(join(CARD, [])) == []
    (outer,) = parse(b"".join(join(CALENDAR, []))).components()
    assert not list(outer.components())


def test_joining_is_lazy() -> None:
    asked: list[int] = []

    def bodies() -> Iterator[bytes]:
        for n in range(3):
            asked.append(n)
            yield event(uid=str(n))

    pieces = join(CALENDAR, bodies())
    next(pieces)
    assert asked == [0]


def test_only_calendars_and_cards() -> None:
    with pytest.raises(UnknownType):
        list(split("text/plain", b""))
    with pytest.raises(UnknownType):
        list(join("text/plain", []))


@given(ends=st.lists(st.sampled_from(["\r\n", "\n", "\r"]), min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_lines_are_taken_over_as_they_stand(ends: list[str]) -> None:
    bodies = [event(f"SUMMARY:{n}", uid=str(n), end=end) for n, end in enumerate(ends)]
    whole = set(raw_lines(b"".join(join(CALENDAR, bodies))))
    assert all(f"SUMMARY:{n}{end}".encode() in whole for n, end in enumerate(ends))
