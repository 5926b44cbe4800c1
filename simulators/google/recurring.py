"""Series taken apart into their instances, as ``singleEvents`` and events.instances do (RFC 5545 §3.8.5)."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr

from simulators.google.event_parts import timed
from simulators.google.shelf import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.google.discovery import Json
    from simulators.google.shelf import Position, Shelf

_LIST = re.compile(r"(EXDATE|RDATE)(?:;[^:]*)?:(.*)")
YEARS = 2
"""How far after now an endless series is taken apart. Google gives no number."""
MOST = 5000


def instances(master: Json, shown: ZoneInfo, until: dt.datetime) -> Iterator[Json]:
    """Yield the instances of a series that begin before *until*, each as the API would return it.

    The id of one is the master's and when it would start, in UTC, or the day.
    """
    all_day = "date" in master["start"]
    zone = ZoneInfo("UTC") if all_day else ZoneInfo(master["start"]["timeZone"])
    start, end = (_moment(master[name], zone) for name in ("start", "end"))
    plain = {key: value for key, value in master.items() if key != "recurrence"}
    for count, at in enumerate(_starts(master["recurrence"], start, zone)):
        if at >= until or count >= MOST:
            return
        stop = at.astimezone(dt.UTC) + (end - start)
        if all_day:
            times = {"start": {"date": f"{at:%Y-%m-%d}"}, "end": {"date": f"{stop:%Y-%m-%d}"}}
        else:
            name = master["start"]["timeZone"]
            times = {"start": timed(at, name, shown), "end": timed(stop, name, shown)}
        told = f"{at:%Y%m%d}" if all_day else f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
        place = {"id": f"{master['id']}_{told}", "recurringEventId": master["id"], "originalStartTime": times["start"]}
        yield {**plain, **times, **place}


def _moment(said: Json, zone: ZoneInfo) -> dt.datetime:
    if "date" in said:
        return dt.datetime.fromisoformat(said["date"]).replace(tzinfo=zone)
    return dt.datetime.fromisoformat(said["dateTime"]).astimezone(zone)


def _starts(lines: list[str], start: dt.datetime, zone: ZoneInfo) -> Iterator[dt.datetime]:
    """Yield when the instances start. The first one counts even if the rule does not say it, as Google does."""
    found = rruleset()
    found.rdate(start)
    for line in lines:
        listed = _LIST.fullmatch(line)
        if listed is None:
            rule = rrulestr(line.replace("EXRULE", "RRULE", 1), dtstart=start)
            assert isinstance(rule, rrule)
            (found.exrule if line.startswith("EXRULE") else found.rrule)(rule)
            continue
        for value in listed[2].split(","):
            at = _listed(value, zone)
            (found.exdate if listed[1] == "EXDATE" else found.rdate)(at)
    yield from found


def _listed(value: str, zone: ZoneInfo) -> dt.datetime:
    at = dt.datetime.fromisoformat(value)
    return at if at.tzinfo else at.replace(tzinfo=zone)


class Expansion:
    """Rows of a calendar with every series replaced by its instances; what was moved or cancelled has its own row."""

    def __init__(self, shelf: Shelf, shown: ZoneInfo, until: dt.datetime) -> None:
        self._shelf, self._shown, self._until = shelf, shown, until

    def rows(self, rows: Iterator[Row], position: Position) -> Iterator[Row]:
        """Yield the rows from *position* on, whose third part counts the instances of a series that were told."""
        for row in rows:
            item = row.item if row.item is not None else row.earlier
            if item is None or "recurrence" not in item:
                yield row
                continue
            told = position[2] if row.here[:2] == position[:2] else 0
            for at, each in enumerate(instances(item, self._shown, self._until)):
                own = self._shelf.has(each["id"]) or self._shelf.deleted(each["id"]) is not None
                if at >= told and not own:
                    after = (*row.here[:2], at + 1)
                    yield Row(each["id"], each if row.item is not None else None, row.here, after, each)
