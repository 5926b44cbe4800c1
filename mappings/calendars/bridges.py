"""The bridges between Google's Events resource and iCalendar: one series at a time, pure, both ways."""

from __future__ import annotations

import json

from mappings.calendars import keeping, receipts
from mappings.calendars.series import calendar_of, load, read_series, write_series
from mappings.mediatypes import CALENDAR, EVENTS
from mappings.registry import Bridge, Mapped


def to_calendar(target: str) -> Bridge:
    """Return the bridge from an Events resource to iCalendar."""

    def convert(body: bytes) -> Mapped:
        document = load(body)
        written = write_series(document)
        losses = receipts.foresee(document, written)
        whole = keeping.restore(written, document.get(keeping.KEPT))
        return Mapped(whole.to_bytes(), target, losses)

    return Bridge(EVENTS, CALENDAR, convert, receipts.prove_calendar)


def to_events(target: str) -> Bridge:
    """Return the bridge from iCalendar to an Events resource."""

    def convert(body: bytes) -> Mapped:
        calendar = calendar_of(body)
        document = read_series(calendar)
        kept = keeping.keep(calendar, write_series(document))
        if kept:
            document[keeping.KEPT] = kept
        losses = receipts.foresee_events(calendar, document)
        return Mapped(json.dumps(document, separators=(",", ":")).encode(), target, losses)

    return Bridge(CALENDAR, EVENTS, convert, receipts.prove_events)
