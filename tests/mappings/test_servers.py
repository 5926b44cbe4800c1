"""The comparison against what two real servers make of the corpora when they store them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from radicale import item as radicale
from xandikos.icalendar import ICalendarFile

from mappings.canonical import differences
from mappings.inspect import inspect
from tests.mappings.samples import CALENDAR, CARD, FULL_CARD, FULL_EVENT, ICS_FILES

pytestmark = pytest.mark.filterwarnings("ignore")


def through_radicale(media_type: str, body: bytes) -> bytes:
    """Return *body* as Radicale stores it."""
    found = list(radicale.read_components(body.decode()))
    tag = "VCALENDAR" if media_type == CALENDAR else "VADDRESSBOOK"
    radicale.check_and_sanitize_items(found, 10_000, is_collection=False, tag=tag)
    return radicale.Item(collection_path="c", vobject_item=found[0]).serialize().encode()


def through_xandikos(_media_type: str, body: bytes) -> bytes:
    """Return a calendar *body* as Xandikos stores it."""
    stored = ICalendarFile([body], CALENDAR)
    stored.validate()
    return b"".join(stored.normalized())  # type: ignore[no-untyped-call]  # xandikos left it untyped


SERVERS = [
    pytest.param(through_radicale, CALENDAR, ICS_FILES[::3], 0.8, id="radicale-calendars"),
    pytest.param(through_xandikos, CALENDAR, ICS_FILES[::3], 0.85, id="xandikos-calendars"),
]


@pytest.mark.parametrize(("store", "media_type", "paths", "share"), SERVERS)
def test_dav_20_most_of_what_a_server_stores_says_the_same(
    store: Callable[[str, bytes], bytes], media_type: str, paths: list[Path], share: float
) -> None:
    logging.getLogger("radicale").setLevel(logging.CRITICAL)
    verdicts: Counter[bool] = Counter()
    for path in paths:
        body = path.read_bytes()
        if len(body) > 20_000 or not inspect(media_type, body).complete:
            continue
        try:
            stored = store(media_type, body)
        except Exception:  # noqa: BLE001 - the servers refuse what they cannot read, each in its own way
            continue
        verdicts[differences(media_type, body, stored) == ()] += 1
    assert verdicts[True] > share * verdicts.total(), verdicts
    assert verdicts.total() > 3


@pytest.mark.parametrize(
    ("store", "media_type", "body"),
    [
        (through_radicale, CALENDAR, FULL_EVENT),
        (through_xandikos, CALENDAR, FULL_EVENT),
        (through_radicale, CARD, FULL_CARD),
    ],
)
def test_dav_21_ordinary_objects_come_back_rewritten_and_the_same(
    store: Callable[[str, bytes], bytes], media_type: str, body: bytes
) -> None:
    stored = store(media_type, body)
    assert stored != body
    assert differences(media_type, body, stored) == ()


def test_a_note_cut_at_its_comma_is_a_difference() -> None:
    body = FULL_CARD.replace(b"two\\nlines\\, one comma", b"one, two")
    assert differences(CARD, body, through_radicale(CARD, body)) == ("NOTE",)
