"""What one user has at Google, and the hands behind the stage that change it."""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter
from typing import TYPE_CHECKING

from simulators.google.calendars_making import Drawn, drawn
from simulators.google.events_making import BLOCK, Events
from simulators.google.mail.mailbox import Mailbox
from simulators.google.people_making import SYSTEM_GROUPS, Groups, OtherContacts, People, etag, group, person, stamp
from simulators.google.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.google.discovery import Json
    from simulators.identity.model import Clock

EXCEPTIONS = {6: (1, 2), 11: (1,), 16: (-BLOCK - 13,), 17: (-15,)}
"""Kind of a master -> where, seen from it, the rows of its exceptions stand (``events_making``)."""


class _Listed:
    """A short list that is there from the beginning."""

    def __init__(self, items: dict[str, Json]) -> None:
        self._items, self._names = items, list(items)
        self.size = len(items)

    def name(self, index: int) -> str:
        return self._names[index]

    def index(self, name: str) -> int | None:
        return self._names.index(name) if name in self._items else None

    def make(self, index: int) -> Json:
        return dict(self._items[self._names[index]])


class Account:
    """The contacts, groups and calendars of *user*. All lists are shelves: read them, or change them below.

    *people* contacts in *groups* groups of the user's own, *others* other contacts, *events* rows of events over
    five calendars (``calendars_making.SHARES``), *messages* with *labels* of the user's own (``mail``), some of them
    awkward unless *strange* is 0. The same *seed* gives the same account.
    """

    def __init__(
        self,
        user: str,
        clock: Clock,
        *,
        people: int = 0,
        events: int = 0,
        groups: int = 12,
        others: int = 0,
        messages: int = 0,
        labels: int = 12,
        strange: int = 1,
        seed: int = 1,
        photos: str = "https://lh3.googleusercontent.com",
    ) -> None:
        self.user, self.clock, self.seed = user, clock, seed
        now = clock.now
        self.people = Shelf(People(people, seed=seed, photos=photos, groups=groups), now)
        self.others = Shelf(OtherContacts(others, seed=seed, photos=photos), now)
        self.groups = Shelf(Groups(groups, seed=seed), now)
        calendars = drawn(user, events, seed=seed)
        self.calendars = Shelf(_Listed({each.id: each.entry for each in calendars}), now)
        self.about = {each.id: each.calendar for each in calendars}
        self.events = {each.id: self._events(each) for each in calendars}
        self.gone_groups: set[str] = set()
        self._mail = functools.partial(
            Mailbox, user, clock, size=messages, own=labels, seed=seed, strange=bool(strange)
        )
        self._made = 0
        self._counted = (-1, Counter[str]())

    @functools.cached_property
    def mail(self) -> Mailbox:
        """The mail of this user."""
        return self._mail()

    def _events(self, calendar: Drawn) -> Shelf:
        zone = calendar.calendar["timeZone"]
        making = Events(calendar.size, seed=self.seed, calendar=calendar.id, owner=self.user, zone=zone)
        return Shelf(making, self.clock.now)

    def now(self) -> str:
        """Return the time as the APIs write it."""
        return stamp(self.clock.now())

    def _number(self) -> int:
        self._made += 1
        return 2**62 + self._made

    def person_names(self) -> Iterator[str]:
        """Yield the resource names of all contacts."""
        return (row.name for row in self.people.walk())

    def memberships(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the resource name of each contact and the ids of its groups."""
        making = self.people.making
        assert isinstance(making, People)
        for index, name in self.people.untouched():
            yield name, making.members_of(index)
        for row in self.people.changes(0):
            if row.item is not None:
                groups = (each["contactGroupMembership"] for each in row.item.get("memberships", ()))
                yield row.name, [each["contactGroupResourceName"].partition("/")[2] for each in groups]

    def member_counts(self) -> Counter[str]:
        """Return how many members each group has, by id: counted when contacts have changed since the last time."""
        number, counts = self._counted
        if number != self.people.number:
            number, counts = self.people.number, Counter[str]()
            for _, groups in self.memberships():
                counts.update(groups)
            self._counted = number, counts
        return counts

    def add_person(self, **fields: list[Json]) -> str:
        """Add a contact to myContacts and return its resource name: ``add_person(names=[{"givenName": "Ana"}])``."""
        mine = {"contactGroupId": "myContacts", "contactGroupResourceName": "contactGroups/myContacts"}
        said = person(self._number(), {"memberships": [{"contactGroupMembership": mine}], **fields}, self.now())
        self.people.put(said["resourceName"], said)
        return str(said["resourceName"])

    def edit_person(self, name: str, /, **fields: list[Json] | None) -> None:
        """Replace fields of a contact; ``None`` takes one away. Raises ``KeyError``."""
        before = self.people.get(name)
        if before is None:
            raise KeyError(name)
        number = int(name.rpartition("c")[2])
        own = {key: value for key, value in before.items() if key not in {"resourceName", "etag", "metadata"}}
        plain = {key: [{k: v for k, v in each.items() if k != "metadata"} for each in own[key]] for key in own}
        said = {key: value for key, value in {**plain, **fields}.items() if value is not None}
        self.people.put(name, person(number, said, self.now()))

    def delete_person(self, name: str) -> None:
        """Delete a contact. Raises ``KeyError``."""
        self.people.remove(name)

    def rename_person(self, name: str) -> str:
        """Give a contact another resource name, as happens when it is linked with a profile. Raises ``KeyError``."""
        before = self.people.get(name)
        if before is None:
            raise KeyError(name)
        new = f"people/c{self._number()}"
        source = {**before["metadata"], "previousResourceNames": [name]}
        self.people.put(new, {**before, "resourceName": new, "metadata": source})
        self.people.remove(name)
        return new

    def add_group(self, title: str) -> str:
        """Add a group and return its resource name."""
        name = f"contactGroups/{self._number():x}"
        self.groups.put(name, group(name, title, self.clock.now()))
        return name

    def rename_group(self, name: str, title: str) -> None:
        """Rename a group; its members do not change by that. Raises ``KeyError``."""
        if self.groups.get(name) is None:
            raise KeyError(name)
        self.groups.put(name, group(name, title, self.clock.now()))

    def delete_group(self, name: str) -> None:
        """Delete a group of the user's own; its members stay. Raises ``KeyError``."""
        if name.removeprefix("contactGroups/") in SYSTEM_GROUPS:
            raise KeyError(name)
        self.groups.remove(name)
        self.gone_groups.add(name)

    def shelf(self, calendar: str) -> Shelf:
        """Return the events of a calendar, by id or ``primary``. Raises ``KeyError``."""
        return self.events[self.user if calendar == "primary" else calendar]

    def add_event(self, calendar: str = "primary", /, **fields: object) -> str:
        """Add an event and return its id; *fields* are those of the schema, start and end at least."""
        name = str(fields.pop("id", f"{self._number():026d}"))
        self.shelf(calendar).put(name, self._event(name, dict(fields), {}))
        return name

    def edit_event(self, name: str, calendar: str = "primary", /, **fields: object) -> None:
        """Replace fields of an event; ``None`` takes one away. Raises ``KeyError``."""
        before = self.shelf(calendar).get(name)
        if before is None:
            raise KeyError(name)
        self.shelf(calendar).put(name, self._event(name, dict(fields), before))
        if before.get("recurrence") and "recurrence" in fields and not fields["recurrence"]:
            # Assumed, as no document says it: what does not repeat any more has no exceptions either.
            self._delete_exceptions(name, calendar)

    def _event(self, name: str, fields: Json, before: Json) -> Json:
        now = self.now()
        base = name.partition("_")[0]
        first: Json = {
            "kind": "calendar#event",
            "id": name,
            "status": "confirmed",
            "created": now,
            "eventType": "default",
        }
        me = {"email": self.user, "self": True}
        first |= {"iCalUID": f"{base}@google.com", "sequence": 0, "creator": me, "organizer": me}
        first["reminders"] = {"useDefault": True}
        said = {
            **(before or first),
            **fields,
            "updated": now,
            "etag": f'"{int(etag(name, now, self._number())[1:], 16)}"',
        }
        return {key: value for key, value in said.items() if value is not None}

    def cancel_instance(self, master: str, original: Json, calendar: str = "primary") -> str:
        """Delete one occurrence of a series and return its id. *original* is a start with ``date`` or ``dateTime``."""
        at = original.get("date", "").replace("-", "")
        if not at:
            at = f"{dt.datetime.fromisoformat(original['dateTime']).astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
        name = f"{master}_{at}"
        bare = {"kind": "calendar#event", "etag": f'"{self._number()}"', "id": name, "status": "cancelled"}
        self.shelf(calendar).put(name, {**bare, "recurringEventId": master, "originalStartTime": original})
        return name

    def delete_event(self, name: str, calendar: str = "primary") -> None:
        """Delete an event, of a series with its exceptions. Raises ``KeyError``."""
        self.shelf(calendar).remove(name, updated=self.now())
        self._delete_exceptions(name, calendar)

    def _delete_exceptions(self, name: str, calendar: str) -> None:
        shelf = self.shelf(calendar)
        index = shelf.making.index(name)
        near = () if index is None else EXCEPTIONS.get(index % BLOCK, ())
        rows = [index + step for step in near if index is not None and 0 <= index + step < shelf.making.size]
        below = {shelf.making.name(row) for row in rows} | {row.name for row in shelf.changes(0) if row.item}
        for each in sorted(below):
            found = shelf.get(each)
            if found is not None and found.get("recurringEventId") == name:
                shelf.remove(each, updated=self.now())

    def add_calendar(self, name: str, /, **entry: object) -> None:
        """Put an empty calendar on the list: owned, in UTC and called like its id, unless *entry* says otherwise."""
        about: Json = {"id": name, "summary": name, "timeZone": "UTC"}
        listed = {"kind": "calendar#calendarListEntry", **about, "accessRole": "owner", "defaultReminders": [], **entry}
        itself = {"kind": "calendar#calendar", **about, **{key: listed[key] for key in about}}
        self.about[name], self.events[name] = itself, self._events(Drawn(name, 0, listed, itself))
        self.calendars.put(name, {**listed, "etag": f'"{self._number()}"'})

    def edit_calendar(self, calendar: str, /, **fields: object) -> None:
        """Replace fields of a calendar's entry, like ``hidden=True`` or ``accessRole``. Raises ``KeyError``."""
        before = self.calendars.get(calendar)
        if before is None:
            raise KeyError(calendar)
        self.calendars.put(calendar, {**before, **fields, "etag": f'"{self._number()}"'})

    def remove_calendar(self, calendar: str) -> None:
        """Take a calendar off the list, and its events with it. Raises ``KeyError``."""
        self.calendars.remove(calendar)
        del self.events[calendar], self.about[calendar]
