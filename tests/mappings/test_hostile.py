"""Files made to hurt: work grows with their size and not faster, memory stays near it, nothing is fetched."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import pytest

from mappings.bundles import split
from mappings.canonical import canonical_digest
from mappings.contentlines import ContentLine
from mappings.documents import parse
from mappings.errors import TooDeep
from mappings.folding import fold
from mappings.inspect import inspect
from mappings.limits import Limits
from mappings.meetings import quiet
from tests.mappings.samples import CALENDAR, CARD, calendar, card, event, lines

WIDE = Limits(octets=1 << 30, line_octets=1 << 30, lines=1 << 30, depth=1 << 30)


def read_all(body: bytes) -> None:
    """Do everything with *body* that this package can do with a stranger's file."""
    for media_type in (CALENDAR, CARD):
        inspect(media_type, body, limits=WIDE)
    canonical_digest(CALENDAR, body, limits=Limits(octets=1 << 30, line_octets=1 << 30, lines=1 << 30))
    quiet(body)
    for _ in split(CALENDAR, body):
        pass
    for component in parse(body).components():
        for line in component.lines():
            line.text(), line.data(), line.params, line.fields()


def cost(work: Callable[[bytes], object], body: bytes) -> float:
    """Return the least of three measurements of the processor time that *work* takes, in seconds."""
    spent = []
    for _ in range(3):
        start = time.process_time()
        work(body)
        spent.append(time.process_time() - start)
    return min(spent)


HOSTILE: dict[str, Callable[[int], bytes]] = {
    "carriage-returns": lambda n: b"\r" * n,
    "line-feeds": lambda n: b"\n" * n,
    "folds": lambda n: b"BEGIN:VCARD\r\nNOTE:" + b"\r\n " * (n // 3),
    "soft-breaks": lambda n: b"BEGIN:VCARD\r\nNOTE;QUOTED-PRINTABLE:" + b"=\r\n" * (n // 3),
    "equals-signs": lambda n: b"BEGIN:VCARD\r\nNOTE:" + b"= " * (n // 2),
    "quotes": lambda n: b"BEGIN:VCARD\r\nX;A=" + b'"' * (n + 1) + b":v\r\n",
    "open-quotes": lambda n: b"BEGIN:VCARD\r\n" + b'X;A=";B=":v\r\n' * (n // 13),
    "parameters": lambda n: b"BEGIN:VCARD\r\nX" + b";A=1" * (n // 4) + b":v\r\n",
    "bare-parameters": lambda n: b"BEGIN:VCARD\r\nX" + b";" * n + b":v\r\n",
    "backslashes": lambda n: b"BEGIN:VCARD\r\nN:" + b"\\" * n + b"\r\n",
    "carets": lambda n: b"BEGIN:VCARD\r\nX;A=" + b"^" * n + b":v\r\n",
    "long-text": lambda n: card("NOTE:" + "ä" * (n // 2)),
    "base64": lambda n: card("PHOTO;ENCODING=b:" + "AAAA" * (n // 4)),
    "lines": lambda n: card(*["X:1"] * (n // 5)),
    "uids": lambda n: event(*["UID:1"] * (n // 7)),
    "events": lambda n: calendar(*["BEGIN:VEVENT", "UID:1", "END:VEVENT"] * (n // 33)),
    "half-begins": lambda n: b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * (n // 14),
    "ends": lambda n: b"BEGIN:VCALENDAR\r\n" + b"END:VEVENT\r\n" * (n // 12),
    "agents": lambda n: card(*["AGENT:", "BEGIN:VCARD", "END:VCARD"] * (n // 32)),
    "exdates": lambda n: event("EXDATE:" + ",".join(["20260101T000000Z"] * (n // 17))),
    "attendees": lambda n: event(*["ATTENDEE:x:y"] * (n // 14)),
    "nuls": lambda n: b"BEGIN:VCARD\r\nX:" + b"\0" * n,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_case_13_work_is_linear(name: str) -> None:
    small, large = 2_000, 16_000
    few, many = cost(read_all, HOSTILE[name](small)), cost(read_all, HOSTILE[name](large))
    assert many < (few + 0.002) * (large / small) * 4, (few, many)


@pytest.mark.parametrize("verb", ["BEGIN:X", "BEGIN:VCARD\r\nAGENT:"])
def test_nested_components_end_at_the_limit(verb: str) -> None:
    body = (verb + "\r\n").encode() * 5000
    with pytest.raises(TooDeep):
        parse(body)
    assert inspect(CARD, body).problem in {"too-deep", "wrong-type"}
    assert parse(body, limits=WIDE).to_bytes() == body


def test_case_13_a_file_of_40_mb_takes_memory_near_its_size() -> None:
    photo = fold(b"PHOTO;ENCODING=b;TYPE=JPEG:" + b"A" * 5_000_000)
    small = b"".join(event(f"SUMMARY:{n}", uid=str(n)) for n in range(200))
    body = b"BEGIN:VCARD\r\n" + photo + b"END:VCARD\r\n" + small
    body += b"".join(card("FN:" + "x" * 60, "NOTE:" + "y" * 5000) for _ in range((40_000_000 - len(body)) // 5220))
    assert len(body) > 36_000_000
    tracemalloc.start()
    try:
        document = parse(body)
        held, _ = tracemalloc.get_traced_memory()
        assert held < 4 * len(body)
        del document
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        assert inspect(CARD, body).problem == "wrong-type"
        _, peak = tracemalloc.get_traced_memory()
        assert peak - before < 6 * len(body)
    finally:
        tracemalloc.stop()


def test_one_long_line_is_read_and_written() -> None:
    body = card("PHOTO;ENCODING=b:" + "AAAA" * 1_250_000)
    (whole,) = parse(body).components()
    (line,) = whole.lines("PHOTO")
    assert len(line.data()) == 3_750_000
    edited = line.with_param("TYPE", "PNG")
    assert edited.data() == line.data()
    assert edited.raw.count(b"\r\n") == -(-(len(edited.content) - 75) // 74) + 1


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=DAILY;COUNT=99999999999",
        "ATTACH:http://127.0.0.1:1/x",
        "PHOTO;VALUE=URI:http://127.0.0.1:1/x",
    ],
)
def test_rules_are_not_expanded_and_links_are_not_followed(line: str) -> None:
    body = event(line)
    read_all(body)
    assert inspect(CALENDAR, body).complete


@pytest.mark.parametrize("number", ["9" * 5000, "-1", "1e9"])
def test_numbers_of_any_length_are_only_text(number: str) -> None:
    for line in (
        f"DURATION:P{number}D",
        f"TRIGGER:-PT{number}S",
        f"RRULE:FREQ=DAILY;COUNT={number}",
        f"DTSTART:{number}",
    ):
        assert len(canonical_digest(CALENDAR, event(line))) == 64
        assert inspect(CALENDAR, event(line)).complete


def test_a_value_may_hold_what_looks_like_structure() -> None:
    text = "x\r\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:injected"
    line = ContentLine(b"NOTE:x\r\n").with_text(text)
    body = lines("BEGIN:VCARD").replace(b"\r\n", b"\r\n" + line.raw) + lines("END:VCARD")
    assert [component.text("FN") for component in parse(body).components()] == [None]
    assert inspect(CARD, body).complete
