"""Events of one calendar, computed from a seed and an index: twenty kinds in turn, so every account has all of them.

Row *index* is of kind ``index % 20``; see ``KINDS``. Rows 2 and 3 are moved instances that stand before their
masters (rows 17, and 16 of the next twenty), as pages of the real API may have them.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from simulators.google import event_parts as parts
from simulators.google.dice import Dice, Numbering
from simulators.google.people_making import etag, stamp
from simulators.google.words import HTML, PLACES, TEXTS, ZONES

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.google.discovery import Json

KINDS = (
    *("plain", "meeting", "moved, master later", "moved, master on a later page", "orphan instance", "all-day"),
    *("weekly master", "moved instance", "cancelled instance", "conference", "every leaf", "all-day master"),
    *("cancelled all-day instance", "special type", "split series", "its second half", "monthly master"),
    *("daily master", "private", "crowd"),
)
BLOCK = len(KINDS)
_BEGIN = dt.datetime(2024, 1, 1, 7, 0)  # noqa: DTZ001 - local times; the zone is added
_CREATED = dt.datetime(2023, 6, 1, tzinfo=dt.UTC)
_MOVED = dt.timedelta(hours=3)
WEEK = dt.timedelta(weeks=1)


class Events:
    """The events of the calendar *calendar* of *owner*, whose zone is *zone*."""

    def __init__(self, size: int, *, seed: int, calendar: str, owner: str, zone: str = "Europe/Zurich") -> None:
        self.size, self._seed, self.calendar, self._owner = size, seed, calendar, owner
        self._shown = ZoneInfo(zone)
        self._numbers = Numbering("events", seed, calendar)
        self._named = (-1, "")

    def name(self, index: int) -> str:
        named = self._named  # the last one, which is asked for again at once; other threads may change it
        if named[0] != index:
            self._named = named = index, self._spelled(index)
        return named[1]

    def _spelled(self, index: int) -> str:
        kind, twenty = index % BLOCK, index - index % BLOCK
        if kind == 2 and twenty + 17 < self.size:
            return self._instance(twenty + 17, 2)
        if kind == 3 and twenty + BLOCK + 16 < self.size:
            return f"{self._numbers.letters(twenty + BLOCK + 16)}_{self._monthly(twenty + BLOCK + 16):%Y%m%dT%H%M%SZ}"
        if kind in {7, 8}:
            return self._instance(twenty + 6, kind - 5)
        if kind == 12 and not self._special(index):
            return f"{self._numbers.letters(index - 1)}_{self._day(index - 1) + dt.timedelta(days=7):%Y%m%d}"
        if kind == 4:
            return self._instance(index, 0)
        if kind == 15:
            return f"{self._numbers.letters(index - 1)}_R{self._start(index - 1) + 8 * WEEK:%Y%m%dT%H%M%S}"
        return self._numbers.letters(index)

    def index(self, name: str) -> int | None:
        base, _, suffix = name.partition("_")
        found = self._numbers.index_of_letters(base)
        if found is None or not suffix:
            return found if found is not None and found < self.size and self.name(found) == name else None
        near = (found, found + 1, found + 2, found - 15, found - BLOCK - 13)
        return next((at for at in near if 0 <= at < self.size and self.name(at) == name), None)

    def make(self, index: int) -> Json:
        dice, name = Dice("event", self._seed, self.calendar, index), self.name(index)
        said = _MAKERS[index % BLOCK](self, index, dice)
        if said.pop("bare", False):  # the document: only id, recurringEventId and originalStartTime are guaranteed
            return {"kind": "calendar#event", "etag": _etag(name, ""), "id": name, "status": "cancelled", **said}
        created = _CREATED + dt.timedelta(minutes=index)
        updated = stamp((created + dt.timedelta(days=index % 90)).timestamp())
        head: Json = {"kind": "calendar#event", "etag": _etag(name, updated), "id": name}
        head |= {"status": "tentative" if dice.chance(5) else "confirmed"}
        head["htmlLink"] = f"https://www.google.com/calendar/event?eid={name}"
        head |= {"created": stamp(created.timestamp())[:-5] + ".000Z", "updated": updated, **parts.text(dice)}
        me = {"email": self._owner, "self": True}
        head |= {"creator": me, "organizer": me, "iCalUID": self._uid(index), "sequence": index % 4}
        head |= parts.reminders(dice)
        return {**head, "eventType": "default", **said}

    def _uid(self, index: int) -> str:
        base, _, suffix = self.name(index).partition("_")
        split = f"_{suffix}" if suffix.startswith("R") else ""
        return f"{base}{split}@google.com"

    def _zone(self, index: int) -> str:
        return ZONES[index % len(ZONES)]

    def _start(self, index: int) -> dt.datetime:
        return _BEGIN + dt.timedelta(days=index * 7 % 1500, minutes=15 * (index * 5 % 48))

    def _day(self, index: int) -> dt.date:
        return self._start(index).date()

    def _monthly(self, index: int) -> dt.datetime:
        """Return the first instance of the monthly master at *index*, in UTC."""
        return self._aware(index, self._first(index)).astimezone(dt.UTC)

    def _first(self, index: int) -> dt.datetime:
        return self._start(index).replace(day=13)

    def _aware(self, index: int, local: dt.datetime) -> dt.datetime:
        return local.replace(tzinfo=ZoneInfo(self._zone(index)))

    def _original(self, index: int, steps: int) -> dt.datetime:
        """Return when instance number *steps* of the master at *index* would start."""
        step = dt.timedelta(days=1) if index % BLOCK == 17 else WEEK
        return self._aware(index, self._start(index) + steps * step)

    def _instance(self, master: int, steps: int) -> str:
        """Return an instance's id: the master's, and when it would start in UTC."""
        at = self._original(master, steps).astimezone(dt.UTC)
        return f"{self._numbers.letters(master)}_{at:%Y%m%dT%H%M%SZ}"

    def _special(self, index: int) -> bool:
        """Say whether the twenty of *index* has a birthday and a mail's event in rows 11 and 12."""
        return index // BLOCK % 3 == 0

    def times(self, index: int, start: dt.datetime, minutes: int = 45) -> Json:
        """Return start and end of a timed event in the zone of row *index*."""
        zone = self._zone(index)
        aware = start if start.tzinfo else self._aware(index, start)
        end = aware.astimezone(dt.UTC) + dt.timedelta(minutes=minutes)
        return {"start": parts.timed(aware, zone, self._shown), "end": parts.timed(end, zone, self._shown)}

    def plain(self, index: int, dice: Dice) -> Json:
        """Return times only; some cross midnight, some last no time at all, some lie in a gap of summer time."""
        said = self.times(index, self._start(index), dice.pick((0, 15, 45, 60, 1440, 4000)))
        if dice.chance(10):
            said["colorId"] = str(1 + dice.below(11))
        return said

    def meeting(self, index: int, dice: Dice) -> Json:
        count = 200 if index % BLOCK == 19 and index // BLOCK % 5 == 0 else 3 + dice.below(6)
        return {**self.times(index, self._start(index)), **parts.guests(dice, count, self._owner)}

    def moved(self, master: int, steps: int) -> Json:
        """Return a moved instance: everything of an event, and which series it belongs to."""
        at = self._first(master) if master % BLOCK == 16 else None
        original = self._original(master, steps) if at is None else self._aware(master, at)
        said = self.times(master, original.astimezone(dt.UTC) + _MOVED)
        said["originalStartTime"] = parts.timed(original, self._zone(master), self._shown)
        return {**said, "recurringEventId": self._numbers.letters(master), "iCalUID": self._uid(master)}

    def moved_before(self, index: int, dice: Dice) -> Json:
        twenty = index - index % BLOCK
        master = twenty + 17 if index % BLOCK == 2 else twenty + BLOCK + 16
        return self.moved(master, 2) if master < self.size else self.plain(index, dice)

    def orphan(self, index: int, dice: Dice) -> Json:
        """Return an instance of somebody else's series, to which the owner was invited once: no master is here."""
        said = self.times(index, self._start(index)) | parts.guests(dice, 3, self._owner)
        said["originalStartTime"] = parts.timed(self._original(index, 0), self._zone(index), self._shown)
        return {**said, "recurringEventId": self._numbers.letters(index)}

    def all_day(self, index: int, dice: Dice) -> Json:
        return {**parts.whole_days(self._day(index), 1 + dice.below(4)), "transparency": "transparent"}

    def master(self, index: int, dice: Dice) -> Json:
        """Return a series. The weekly one has an EXDATE and an RDATE; the daily one ends after a count."""
        kind, start, zone = index % BLOCK, self._start(index), self._zone(index)
        rules = ["RRULE:FREQ=WEEKLY;COUNT=20;WKST=SU"]
        if kind == 6:
            rules += [f"EXDATE;TZID={zone}:{start + 5 * WEEK:%Y%m%dT%H%M%S}"]
            rules += [f"RDATE;TZID={zone}:{start + 30 * WEEK:%Y%m%dT%H%M%S}"]
        if kind == 14:  # split by "this and following": the first half ends before the second begins
            until = self._aware(index, start + 8 * WEEK).astimezone(dt.UTC) - dt.timedelta(seconds=1)
            rules = [f"RRULE:FREQ=WEEKLY;UNTIL={until:%Y%m%dT%H%M%SZ}"]
        if kind == 15:
            start, zone = self._start(index - 1) + 8 * WEEK, self._zone(index - 1)
            rules = ["RRULE:FREQ=WEEKLY"]
        if kind == 16:
            start, rules = self._first(index), ["RRULE:FREQ=MONTHLY;BYMONTHDAY=13"]
        if kind == 17:
            rules = ["RRULE:FREQ=DAILY;COUNT=12"]
        guests = parts.guests(dice, 4, self._owner) if dice.chance(40) else {}
        return {**self.times(index if kind != 15 else index - 1, start), "recurrence": rules, **guests}

    def all_day_master(self, index: int, dice: Dice) -> Json:
        said = parts.whole_days(self._day(index))
        if self._special(index):
            return {**said, **parts.birthday(index // BLOCK // 3), "recurrence": ["RRULE:FREQ=YEARLY"]}
        return {**said, "recurrence": ["RRULE:FREQ=WEEKLY"], "location": dice.pick(PLACES)}

    def cancelled(self, index: int, dice: Dice) -> Json:
        if index % BLOCK == 12:
            if self._special(index):
                return {**self.times(index, self._start(index)), "eventType": "fromGmail", "locked": True}
            day = self._day(index - 1) + dt.timedelta(days=7)
            original: Json = {"date": f"{day}"}
            master = index - 1
        else:
            master = index - 2
            original = parts.timed(self._original(master, 3), self._zone(master), self._shown)
        del dice
        return {"bare": True, "recurringEventId": self._numbers.letters(master), "originalStartTime": original}

    def conference(self, index: int, dice: Dice) -> Json:
        said = self.times(index, self._start(index)) | parts.guests(dice, 5, self._owner)
        return said | parts.conference(dice) | parts.attachments(dice, 1 + dice.below(25))

    def every_leaf(self, index: int, dice: Dice) -> Json:
        said = self.times(index, self._start(index)) | parts.guests(dice, 5, self._owner, whole=True)
        said |= parts.conference(dice, whole=True) | parts.attachments(dice, 2) | parts.extended() | parts.rare()
        overrides = [{"method": "email", "minutes": 40320}, {"method": "popup", "minutes": 0}]
        said |= {"reminders": {"useDefault": False, "overrides": overrides}}
        text = {"description": HTML[0], "location": PLACES[0], "summary": dice.pick(TEXTS)}
        return said | text | {"creator": {"email": "maker@example.org", "displayName": "Maker, A.", "id": "102"}}

    def special(self, index: int, dice: Dice) -> Json:
        del dice
        return {**self.times(index, self._start(index), 480), **parts.typed(index // BLOCK)}

    def private(self, index: int, dice: Dice) -> Json:
        said = self.times(index, self._start(index)) | parts.extended()
        said |= {"visibility": dice.pick(("private", "confidential", "public")), "eventLabelId": parts.LABEL}
        return said | {"colorId": str(1 + dice.below(11)), "reminders": {"useDefault": True}}


def _etag(name: str, updated: str) -> str:
    """Return an etag as Calendar's look, with its quotes."""
    return f'"{int(etag(name, updated)[1:], 16)}"'


_MAKERS: tuple[Callable[[Events, int, Dice], Json], ...] = (
    Events.plain,
    Events.meeting,
    Events.moved_before,
    Events.moved_before,
    Events.orphan,
    Events.all_day,
    Events.master,
    lambda self, index, _: self.moved(index - 1, 2),
    Events.cancelled,
    Events.conference,
    Events.every_leaf,
    Events.all_day_master,
    Events.cancelled,
    Events.special,
    Events.master,
    Events.master,
    Events.master,
    Events.master,
    Events.private,
    Events.meeting,
)
