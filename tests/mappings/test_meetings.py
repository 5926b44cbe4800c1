"""Copying a meeting mails nobody, and changes nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.canonical import differences
from mappings.documents import parse
from mappings.folding import raw_lines, unfold
from mappings.inspect import inspect
from mappings.meetings import quiet
from tests.mappings.samples import ANYTHING, CALENDAR, FULL_EVENT, ICS_FILES, LOOSE, calendar, event


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ATTENDEE:mailto:a@b", "ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:a@b"),
        ('organizer;CN="Doe, J":mailto:a@b', 'organizer;SCHEDULE-AGENT=CLIENT;CN="Doe, J":mailto:a@b'),
        ("ATTENDEE;SCHEDULE-AGENT=SERVER:mailto:a@b", "ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:a@b"),
        ("ATTENDEE;X=1;schedule-agent=server;Y=2:x:y", "ATTENDEE;SCHEDULE-AGENT=CLIENT;X=1;Y=2:x:y"),
        ("ATTENDEE;SCHEDULE-AGENT=X-OWN:x:y", "ATTENDEE;SCHEDULE-AGENT=CLIENT:x:y"),
        ("ATTENDEE;SCHEDULE-AGENT=NONE;SCHEDULE-AGENT=SERVER:x:y", "ATTENDEE;SCHEDULE-AGENT=CLIENT:x:y"),
        ("ATTENDEE;SCHEDULE-AGENT=:x:y", "ATTENDEE;SCHEDULE-AGENT=CLIENT:x:y"),
        ('ATTENDEE;CN=";SCHEDULE-AGENT=CLIENT":x:y', 'ATTENDEE;SCHEDULE-AGENT=CLIENT;CN=";SCHEDULE-AGENT=CLIENT":x:y'),
        ("ATTENDEE:x:;SCHEDULE-AGENT=NONE", "ATTENDEE;SCHEDULE-AGENT=CLIENT:x:;SCHEDULE-AGENT=NONE"),
    ],
)
def test_dav_25_guests_are_not_written_to(before: str, after: str) -> None:
    assert quiet(event(before)) == event(after)


@pytest.mark.parametrize(
    "line",
    [
        "ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:a@b",
        "ATTENDEE;schedule-agent=none:mailto:a@b",
        'ATTENDEE;SCHEDULE-AGENT="NONE":mailto:a@b',
        "X-ATTENDEE:mailto:a@b",
        "ATTENDEES:3",
        "METHOD:not of the wrapper",
        "SUMMARY:x\r\n ATTENDEE:y",
        "BEGIN:VALARM\r\nATTENDEE:mailto:a@b\r\nEND:VALARM",
        "BEGIN:VALARM\r\nBEGIN:X-DEEP\r\nATTENDEE:mailto:a@b\r\nEND:X-DEEP\r\nEND:VALARM",
        "attendee has no colon",
    ],
)
def test_everything_else_stays(line: str) -> None:
    assert quiet(event(line)) == event(line)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\r\r\n"])
def test_lines_keep_their_ends_and_are_folded(end: str) -> None:
    long = f"ATTENDEE;CN={'x' * 50}:mailto:{'y' * 30}@example.org"
    body = quiet(event(long, "SUMMARY:x", end=end))
    assert body.count(b"\n") - event(long, "SUMMARY:x", end=end).count(b"\n") in {0, 1}
    (line,) = (raw for raw in raw_lines(body) if raw.startswith(b"ATTENDEE"))
    assert line.endswith(end.encode())
    assert all(len(piece) <= 75 for piece in line.replace(b"\r", b"\n").split(b"\n"))
    assert unfold(line) == long.replace(";", ";SCHEDULE-AGENT=CLIENT;", 1).encode()


def test_a_folded_name_is_found() -> None:
    assert b";SCHEDULE-AGENT=CLIENT" in quiet(event("ATTEN\r\n DEE:mailto:a@b"))


@pytest.mark.parametrize("method", ["METHOD:REQUEST", "method;x=y:Publish", "MET\r\n HOD:CANCEL"])
def test_case_118_the_wrapper_loses_its_method(method: str) -> None:
    plain = calendar("BEGIN:VEVENT", "UID:1", "END:VEVENT")
    assert quiet(calendar(method, "BEGIN:VEVENT", "UID:1", "END:VEVENT")) == plain
    assert quiet(calendar("BEGIN:VEVENT", "UID:1", "END:VEVENT", method)) == plain


def test_the_whole_event_is_quiet_and_says_the_same() -> None:
    body = quiet(FULL_EVENT)
    assert body.count(b"SCHEDULE-AGENT=CLIENT") == 2
    assert differences(CALENDAR, FULL_EVENT, body) == ()
    assert inspect(CALENDAR, body).complete


@given(
    body=ANYTHING
    | st.builds(
        lambda pieces: event(*pieces),
        st.lists(
            st.sampled_from(["ATTENDEE:x:y", "METHOD:x", "BEGIN:VALARM", "END:VALARM", 'ORGANIZER;A="', "END:VEVENT"]),
            max_size=6,
        ),
    )
)
@settings(max_examples=300, deadline=None)  # fmt: skip
def test_twice_is_once(body: bytes) -> None:
    assert quiet(quiet(body)) == quiet(body)


@pytest.mark.parametrize("paths", [ICS_FILES[n::8] for n in range(8)], ids=range(8))
def test_real_files_change_in_inviting_lines_only(paths: list[Path]) -> None:
    for path in paths:
        body = path.read_bytes()
        still = quiet(body)
        assert quiet(still) == still
        kept = [raw for raw in raw_lines(body) if not raw.upper().startswith((b"ATTENDEE", b"ORGANIZER", b"METHOD"))]
        after = [raw for raw in raw_lines(still) if not raw.upper().startswith((b"ATTENDEE", b"ORGANIZER", b"METHOD"))]
        assert kept == after
        assert len(parse(still, limits=LOOSE).problems) <= len(parse(body, limits=LOOSE).problems)
