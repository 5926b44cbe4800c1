"""VTIMEZONEs as programs write them, and hands to read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from mappings.documents import Component, parse
from mappings.timezones import Zones
from mappings.zones.observances import read_observances
from mappings.zones.rulezone import RuleZone
from tests.mappings.samples import lines

EU_SUMMER = "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"
EU_WINTER = "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"
US_SUMMER = "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"
US_WINTER = "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU"


def observance(
    kind: str, start: str, *more: str, before: str = "+0000", after: str = "+0000", name: str = ""
) -> tuple[str, ...]:
    """Make the lines of a STANDARD or DAYLIGHT."""
    named = (f"TZNAME:{name}",) if name else ()
    offsets = (f"TZOFFSETFROM:{before}", f"TZOFFSETTO:{after}")
    return (f"BEGIN:{kind}", f"DTSTART:{start}", *more, *offsets, *named, f"END:{kind}")


def timezone(tzid: str, *content: str) -> tuple[str, ...]:
    """Make the lines of a VTIMEZONE."""
    return ("BEGIN:VTIMEZONE", f"TZID:{tzid}", *content, "END:VTIMEZONE")


def european(tzid: str, *extra: str, winter: str = "+0100", summer: str = "+0200") -> tuple[str, ...]:
    """Make a VTIMEZONE with the European Union's rules, as Outlook writes it: from 1601 on."""
    standard = observance("STANDARD", "16010101T030000", f"RRULE:{EU_WINTER}", before=summer, after=winter)
    daylight = observance("DAYLIGHT", "16010101T020000", f"RRULE:{EU_SUMMER}", before=winter, after=summer)
    return timezone(tzid, *extra, *standard, *daylight)


def american(tzid: str, *extra: str) -> tuple[str, ...]:
    """Make a VTIMEZONE with the rules of the east of the United States since 2007."""
    standard = observance("STANDARD", "20071104T020000", f"RRULE:{US_WINTER}", before="-0400", after="-0500")
    daylight = observance("DAYLIGHT", "20070311T020000", f"RRULE:{US_SUMMER}", before="-0500", after="-0400")
    return timezone(tzid, *extra, *standard, *daylight)


def fixed(tzid: str, offset: str, *extra: str) -> tuple[str, ...]:
    """Make a VTIMEZONE whose clocks never change."""
    return timezone(tzid, *extra, *observance("STANDARD", "19700101T000000", before=offset, after=offset))


def rule_zone(*content: str) -> RuleZone:
    """Return the rules of a VTIMEZONE's lines."""
    return RuleZone("test", read_observances(component(*content)))


def component(*content: str) -> Component:
    """Return the first component of some lines."""
    return next(parse(lines(*content)).components())


def zones_of(body: bytes) -> Zones:
    """Return the zones of the first calendar in a file."""
    return Zones.of(next(parse(body).components("VCALENDAR")))


def hours(zone: RuleZone, *local: int, fold: int = 0) -> float:
    """Return the offset of a local time in hours."""
    offset = datetime(*local, fold=fold, tzinfo=zone).utcoffset()  # type: ignore[misc,arg-type] # year, month, day …
    assert offset is not None
    return offset / timedelta(hours=1)


def utc(*parts: int) -> datetime:
    """Return an instant in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type] # year, month, day …
