"""Made-up items are the same every time, valid, and mixed as announced."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators import pimdata, pimwords

Maker = Callable[..., Iterator[tuple[str, bytes]]]
MAKERS: dict[str, Maker] = {
    "events": pimdata.events,
    "todos": pimdata.todos,
    "journals": pimdata.journals,
    "contacts": pimdata.contacts,
}
COMPONENTS = {"events": b"VEVENT", "todos": b"VTODO", "journals": b"VJOURNAL", "contacts": b"VCARD"}
SAMPLE = 2_000
every_maker = pytest.mark.parametrize("kind", sorted(MAKERS))


@pytest.fixture(scope="module")
def many_events() -> list[bytes]:
    return [body for _, body in pimdata.events(SAMPLE)]


@pytest.fixture(scope="module")
def many_contacts() -> list[bytes]:
    return [body for _, body in pimdata.contacts(SAMPLE)]


def share(bodies: list[bytes], mark: bytes) -> float:
    return sum(mark in body for body in bodies) / len(bodies)


def unfolded(body: bytes) -> list[str]:
    return body.replace(b"\r\n ", b"").decode().split("\r\n")


@every_maker
class TestOfEveryKind:
    def test_the_same_seed_gives_the_same_bytes(self, kind: str) -> None:
        assert list(MAKERS[kind](40, seed=7)) == list(MAKERS[kind](40, seed=7))

    def test_a_longer_run_begins_with_the_shorter_one(self, kind: str) -> None:
        assert list(MAKERS[kind](40))[:15] == list(MAKERS[kind](15))

    def test_another_seed_gives_other_items(self, kind: str) -> None:
        first, second = dict(MAKERS[kind](40, seed=1)), dict(MAKERS[kind](40, seed=2))
        assert not first.keys() & second.keys()
        assert not set(first.values()) & set(second.values())

    def test_uids_are_unique_and_stand_in_the_body(self, kind: str) -> None:
        items = list(MAKERS[kind](300))
        assert len({uid for uid, _ in items}) == 300
        assert all(f"UID:{uid}" in unfolded(body) for uid, body in items)

    def test_nothing_is_made_before_it_is_asked_for(self, kind: str) -> None:
        assert next(MAKERS[kind](10**12))

    def test_no_items_are_no_items(self, kind: str) -> None:
        assert list(MAKERS[kind](0)) == []

    def test_lines_end_with_crlf_and_have_at_most_75_octets(self, kind: str) -> None:
        for _, body in MAKERS[kind](200):
            assert body.endswith(b"\r\n")
            lines = body.split(b"\r\n")
            assert not any(b"\n" in line or b"\r" in line for line in lines)
            assert max(map(len, lines)) <= 75

    def test_folds_never_cut_a_character(self, kind: str) -> None:
        for _, body in MAKERS[kind](200):
            for line in body.split(b"\r\n"):
                line.decode("utf-8")

    def test_components_open_and_close_in_order(self, kind: str) -> None:
        for _, body in MAKERS[kind](200):
            stack: list[str] = []
            for line in unfolded(body):
                if line.startswith("BEGIN:"):
                    stack.append(line[6:])
                elif line.startswith("END:"):
                    assert stack.pop() == line[4:]
            assert stack == []

    def test_another_library_reads_them(self, kind: str) -> None:
        for _, body in MAKERS[kind](60):
            assert body.startswith(b"BEGIN:VC")
            assert b"BEGIN:" + COMPONENTS[kind] + b"\r\n" in body
            parsed = vobject.readOne(body.decode())
            parsed.serialize()

    def test_some_text_is_folded_and_some_is_not_latin(self, kind: str) -> None:
        bodies = [body for _, body in MAKERS[kind](200)]
        assert share(bodies, b"\r\n ") > 0.5
        assert sum(any(ord(sign) > 0x370 for sign in body.decode()) for body in bodies) > 50

    @settings(max_examples=25)
    @given(number=st.integers(0, 60), revision=st.integers(1, 10**6))
    def test_an_edit_adds_one_line_and_changes_no_other(self, kind: str, number: int, revision: int) -> None:
        *_, (uid, body) = MAKERS[kind](number + 1)
        changed = pimdata.edited(body, revision)
        before, after = body.split(b"\r\n"), changed.split(b"\r\n")
        added = b"X-EDITED:%d" % revision
        assert added in after
        after.remove(added)
        assert after == before
        assert f"UID:{uid}" in unfolded(changed)
        vobject.readOne(changed.decode())


@pytest.mark.parametrize(
    ("mark", "low", "high"),
    [
        (b"RRULE:FREQ=", 0.27, 1.0),
        (b"RECURRENCE-ID", 0.06, 0.10),
        (b"BEGIN:VALARM", 0.46, 0.54),
        (b"BEGIN:VTIMEZONE", 0.88, 0.92),
        (b"DTSTART;VALUE=DATE:", 0.08, 0.12),
        (b"ORGANIZER", 0.16, 0.24),
    ],
    ids=["rules", "overrides", "alarms", "zones", "all-day", "meetings"],
)
def test_events_are_mixed_as_announced(many_events: list[bytes], mark: bytes, low: float, high: float) -> None:
    assert low <= share(many_events, mark) <= high


def test_three_in_ten_events_recur(many_events: list[bytes]) -> None:
    recurring = sum(b"RRULE" in body.split(b"BEGIN:VEVENT", 1)[1] for body in many_events)
    assert 0.27 <= recurring / SAMPLE <= 0.33


def test_events_are_about_as_large_as_announced(many_events: list[bytes]) -> None:
    assert 1_100 <= sum(map(len, many_events)) / SAMPLE <= 1_500


def test_contacts_are_about_as_large_as_announced(many_contacts: list[bytes]) -> None:
    assert 2_500 <= sum(map(len, many_contacts)) / SAMPLE <= 3_400


def test_a_changed_occurrence_belongs_to_its_master(many_events: list[bytes]) -> None:
    overridden = [body for body in many_events if b"RECURRENCE-ID" in body]
    for body in overridden:
        lines = unfolded(body)
        assert lines.count("BEGIN:VEVENT") == 2
        assert len({line for line in lines if line.startswith("UID:")}) == 1
        start = next(line for line in lines if (line.startswith("DTSTART") and "DATE" in line) or "TZID=" in line)
        recurrence = next(line for line in lines if line.startswith("RECURRENCE-ID"))
        assert recurrence.removeprefix("RECURRENCE-ID") == start.removeprefix("DTSTART")


def test_every_zone_an_event_names_comes_with_it(many_events: list[bytes]) -> None:
    for body in many_events:
        lines = unfolded(body)
        used = {match[1] for line in lines if (match := re.match(r"DT(?:START|END);TZID=([^:]+):", line))}
        assert used == {line[5:] for line in lines if line.startswith("TZID:")}


def test_every_zone_is_used(many_events: list[bytes]) -> None:
    seen = Counter(line[5:] for body in many_events for line in unfolded(body) if line.startswith("TZID:"))
    assert seen.keys() == pimwords.ZONES.keys()


def test_one_in_ten_contacts_has_a_photo_of_6_to_24_kb(many_contacts: list[bytes]) -> None:
    photos = [
        base64.b64decode(line.partition(":")[2], validate=True)
        for body in many_contacts
        for line in unfolded(body)
        if line.startswith("PHOTO")
    ]
    assert 0.08 <= len(photos) / SAMPLE <= 0.12
    assert all(6_000 <= len(photo) <= 24_010 for photo in photos)
    assert all(photo.startswith(b"\xff\xd8") and photo.endswith(b"\xff\xd9") for photo in photos)


def test_labels_belong_to_a_grouped_property(many_contacts: list[bytes]) -> None:
    grouped = [body for body in many_contacts if b".X-ABLabel:" in body]
    assert 0.26 <= len(grouped) / SAMPLE <= 0.34
    for body in grouped:
        groups = Counter(line.split(".")[0] for line in unfolded(body) if re.match(r"item\d+\.", line))
        assert set(groups.values()) == {2}


def test_contacts_have_what_rfc_2426_demands(many_contacts: list[bytes]) -> None:
    for body in many_contacts:
        lines = unfolded(body)
        assert lines[:2] == ["BEGIN:VCARD", "VERSION:3.0"]
        for name in ("N:", "FN:"):
            assert sum(line.startswith(name) for line in lines) == 1


def test_tasks_are_open_and_done() -> None:
    bodies = [body for _, body in pimdata.todos(200)]
    done = share(bodies, b"STATUS:COMPLETED")
    assert 0.25 < done < 0.55
    assert share(bodies, b"STATUS:NEEDS-ACTION") == pytest.approx(1 - done)


@settings(max_examples=200)
@given(text=st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=400))
def test_folding_can_be_undone(text: str) -> None:
    folded = pimdata._folded(text.encode())
    assert folded.endswith(b"\r\n")
    assert folded[:-2].replace(b"\r\n ", b"") == text.encode()
    assert all(len(line) <= 75 for line in folded.split(b"\r\n"))
    for line in folded.split(b"\r\n"):
        line.decode("utf-8")


@given(text=st.text(st.sampled_from("a\\;,\n"), max_size=30))
def test_escaping_leaves_no_bare_separator(text: str) -> None:
    escaped = pimdata._escaped(text)
    assert "\n" not in escaped
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", escaped)
