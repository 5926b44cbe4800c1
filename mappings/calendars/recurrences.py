"""Recurrences: the lines in ``recurrence``, and the instances of a series that were cancelled.

Rules are copied, never expanded: FREQ=SECONDLY and a million EXDATEs cost what their octets cost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from mappings.calendars.moments import in_form_of, said_of
from mappings.contentlines import ContentLine, Parameter
from mappings.errors import BadTime, Unwritable
from mappings.folding import fold
from mappings.spans import with_utc_until
from mappings.times import Form, Moment, read_moments, write_moment
from mappings.vtimezone import is_utc

if TYPE_CHECKING:
    from mappings.calendars.moments import Place
    from mappings.carriers import JSON

ORDER = ("RRULE", "EXRULE", "EXDATE", "RDATE")
"""The lines of ``recurrence`` (Calendar v3), and their order there."""
CANCELLED = Parameter("X-GOOGLE-CANCELLED", ("TRUE",))
"""On EXDATEs that are cancelled instances at Google, and not lines of ``recurrence``."""

_RULES = frozenset({"RRULE", "EXRULE"})
_SCALE = re.compile(r"(?:^|;)(?:RSCALE|SKIP)=", re.IGNORECASE)
_PLAIN_SCALE = re.compile(r";?(?:RSCALE=GREGORIAN|SKIP=OMIT)(?=;|$)", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")


def write_recurrence(recurrence: JSON, start: Moment, place: Place) -> Iterator[ContentLine]:
    """Yield the lines of ``recurrence`` that are such lines, in the form that *start* asks for."""
    for said in recurrence if isinstance(recurrence, list) else ():
        if isinstance(said, str) and not _CONTROL.search(said):
            line = ContentLine(fold(said.encode("utf-8", "surrogatepass")))
            if line.name in ORDER and line.written_name == line.name:
                yield _fitting(line, start, place)


def read_recurrence(lines: Sequence[ContentLine], start: Moment, place: Place) -> list[JSON]:
    """Return the lines of ``recurrence`` that say the same as the RRULEs, EXRULEs, EXDATEs and RDATEs of a series.

    A rule in another calendar than the Gregorian (RFC 7529) is left out: Google takes none.
    """
    found: list[JSON] = []
    for name in ORDER:
        for line in lines:
            if line.name == name and not is_cancelled(line):
                fitted = _fitting(line, start, place)
                if name not in _RULES or not _SCALE.search(fitted.decoded()):
                    found.append(fitted.content.decode("utf-8", "replace"))
    return found


def is_cancelled(line: ContentLine) -> bool:
    """Say whether an EXDATE stands for instances that are cancelled at Google."""
    return line.name == "EXDATE" and "TRUE" in line.param(CANCELLED.name)


def write_cancelled(moments: Iterable[Moment], start: Moment, place: Place) -> Iterator[ContentLine]:
    """Yield EXDATE for the instances at *moments*, in DTSTART's form (RFC 5545 §3.8.5.1)."""
    fitted = sorted({in_form_of(moment, start) for moment in moments}, key=lambda moment: moment.local)
    if fitted:
        for moment in fitted:
            place.use(moment, endless=True)
        line = write_moment("EXDATE", fitted[0])
        yield line.with_params([*line.params, CANCELLED]).with_value(",".join(moment.value for moment in fitted))


def read_cancelled(lines: Iterable[ContentLine], start: Moment, place: Place) -> Iterator[Moment]:
    """Yield when the instances that are cancelled at Google would start."""
    marked = [line for line in lines if is_cancelled(line)]
    if marked:
        yield from read_moments(marked, start, place.zones).moments


def cancelled_instance(master: JSON, at: Moment, stamp: str, place: Place) -> dict[str, JSON]:
    """Return what Google says of a cancelled instance, as far as its series and its time tell."""
    named = isinstance(master, str) and bool(master)
    return {
        "kind": "calendar#event",
        **({"id": f"{master}_{stamp}"} if named else {}),
        "status": "cancelled",
        **({"recurringEventId": master} if named else {}),
        "originalStartTime": said_of(at, place),
    }


def _fitting(line: ContentLine, start: Moment, place: Place) -> ContentLine:
    """Return *line* in the form *start* asks for: UNTIL in UTC, EXDATEs of the same kind, IANA names of zones."""
    try:
        if line.name in _RULES:
            return _rule(line, start)
        return _dates(line, start, place)
    except (BadTime, Unwritable):
        return line


def _rule(line: ContentLine, start: Moment) -> ContentLine:
    written = line.decoded()
    rule, _ = with_utc_until(written, start)
    if _SCALE.search(rule):
        rule = _PLAIN_SCALE.sub("", rule).lstrip(";")
        if _SCALE.search(rule):
            return line
    return line if rule == written else line.with_value(rule)


def _dates(line: ContentLine, start: Moment, place: Place) -> ContentLine:
    words = [word.upper() for word in line.param("VALUE")]
    days = "DATE" in words or (not words and len(line.value) < 9) or bool(words and words[0] not in _KINDS)
    if "PERIOD" not in words and days != (start.form is Form.DATE):
        moments = read_moments([line], start, place.zones).moments
        if moments:
            for moment in moments:
                place.use(moment, endless=True)
            fitted = write_moment(line.name, moments[0])
            return fitted.with_value(",".join(moment.value for moment in moments))
    tzid = next(iter(line.param("TZID")), "")
    if tzid:
        zone = place.zones.resolve(tzid)
        if zone.iana and is_utc(zone.iana):
            values = ",".join(_in_utc(value) for value in line.decoded().split(","))
            return line.with_params([p for p in line.params if p.name != "TZID"]).with_value(values)
        if zone.iana:
            place.use(Moment(start.local, Form.ZONED, zone), endless=True)
            return line if zone.iana == tzid else line.with_param("TZID", zone.iana)
    return line


def _in_utc(value: str) -> str:
    """Return the times of a value (a period has two) as times in UTC, which they are."""
    return "/".join(part + "Z" if _TIME.fullmatch(part) else part for part in value.strip().split("/"))


_TIME = re.compile(r"\d{8}T\d{6}", re.ASCII)
_KINDS = frozenset({"DATE", "DATE-TIME", "PERIOD"})
