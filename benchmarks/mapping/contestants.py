"""The libraries side by side: read, look at ten fields, write, each in the way its documentation shows.

The ten fields are those a sync needs to recognise an object and to show it. Each library
gives them as its own types do it; a test holds that they say the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from mappings.documents import Component, parse
from mappings.times import read_moment
from mappings.timezones import Zones

Fields = Mapping[str, object]
EVENT_FIELDS = (
    *("UID", "SUMMARY", "DTSTART", "DTEND", "RRULE", "LOCATION", "DESCRIPTION", "STATUS", "SEQUENCE", "ATTENDEE"),
)
CARD_FIELDS = ("UID", "FN", "N", "EMAIL", "TEL", "ADR", "ORG", "BDAY", "NOTE", "REV")


class Contestant(Protocol):
    """One library. *kind* is ``events`` or ``cards`` throughout."""

    name: str
    kinds: Sequence[str]

    def read(self, kind: str, body: bytes) -> Any:
        """Return the object as the library holds it."""

    def write(self, kind: str, item: Any) -> bytes:
        """Return the object's bytes."""

    def fields(self, kind: str, item: Any) -> Fields:
        """Return the ten fields: texts, aware datetimes, lists of texts."""


class Wherry:
    """Raw lines below, typed views on demand."""

    name: str = "wherry"
    kinds: Sequence[str] = ("events", "cards")

    def read(self, kind: str, body: bytes) -> Component:
        """Return the outermost component; *kind* does not matter, the tree is the same."""
        del kind
        return next(parse(body).components())

    def write(self, kind: str, item: Component) -> bytes:
        """Return the lines as they stand."""
        del kind
        return item.to_bytes()

    def fields(self, kind: str, item: Component) -> Fields:
        """Look the fields up by name."""
        return self._event(item) if kind == "events" else self._card(item)

    def _event(self, calendar: Component) -> Fields:
        zones = Zones.of(calendar)
        lines = next(calendar.components("VEVENT")).by_name()
        found: dict[str, object] = {
            name: lines[name][0].text()
            for name in ("UID", "SUMMARY", "LOCATION", "DESCRIPTION", "STATUS")
            if name in lines
        }
        found |= {name: read_moment(lines[name][0], zones).instant() for name in ("DTSTART", "DTEND")}
        found["SEQUENCE"] = int(lines["SEQUENCE"][0].text())
        found["RRULE"] = lines["RRULE"][0].text() if "RRULE" in lines else ""
        found["ATTENDEE"] = [line.text() for line in lines.get("ATTENDEE", ())]
        return found

    def _card(self, card: Component) -> Fields:
        lines = card.by_name()
        found: dict[str, object] = {name: lines[name][0].text() for name in ("UID", "FN", "BDAY", "NOTE", "REV")}
        found |= {name: [line.text() for line in lines[name]] for name in ("EMAIL", "TEL")}
        found |= {name: list(lines[name][0].fields()) for name in ("N", "ADR", "ORG")}
        found["TYPES"] = [line.types() for line in (*lines["EMAIL"], *lines["TEL"])]
        return found


class Vobject:
    """vobject 0.9."""

    name: str = "vobject"
    kinds: Sequence[str] = ("events", "cards")

    def read(self, kind: str, body: bytes) -> Any:
        """Return vobject's component, its values transformed."""
        import vobject

        del kind
        return vobject.readOne(body.decode())

    def write(self, kind: str, item: Any) -> bytes:
        """Serialise without the checks that refuse or add."""
        del kind
        return bytes(item.serialize(validate=False).encode())

    def fields(self, kind: str, item: Any) -> Fields:
        """Return the native values."""
        if kind == "cards":
            return self._card(item)
        event = item.vevent
        found: dict[str, object] = {
            name: getattr(event, name.lower()).value for name in ("UID", "SUMMARY", "LOCATION", "DESCRIPTION", "STATUS")
        }
        found |= {name: getattr(event, name.lower()).value for name in ("DTSTART", "DTEND")}
        found["SEQUENCE"] = int(event.sequence.value)
        found["RRULE"] = event.rrule.value if "rrule" in event.contents else ""
        found["ATTENDEE"] = [each.value for each in event.contents.get("attendee", ())]
        return found

    def _card(self, card: Any) -> Fields:
        found: dict[str, object] = {
            name: getattr(card, name.lower()).value for name in ("UID", "FN", "BDAY", "NOTE", "REV")
        }
        found |= {name: [each.value for each in card.contents[name.lower()]] for name in ("EMAIL", "TEL")}
        found |= {"N": card.n.value, "ADR": card.adr.value, "ORG": card.org.value}
        found["TYPES"] = [each.params.get("TYPE") for each in (*card.contents["email"], *card.contents["tel"])]
        return found


class ICalendar:
    """icalendar 7, events only: it is no library for cards."""

    name: str = "icalendar"
    kinds: Sequence[str] = ("events",)

    def read(self, kind: str, body: bytes) -> Any:
        """Return icalendar's component."""
        import icalendar

        del kind
        return icalendar.Calendar.from_ical(body)

    def write(self, kind: str, item: Any) -> bytes:
        """Serialise in the order of the file."""
        del kind
        return bytes(item.to_ical(sorted=False))

    def fields(self, kind: str, item: Any) -> Fields:
        """Return the native values."""
        del kind
        (event,) = item.walk("VEVENT")
        found: dict[str, object] = {
            name: str(event[name]) for name in ("UID", "SUMMARY", "LOCATION", "DESCRIPTION", "STATUS")
        }
        found |= {name: event[name].dt for name in ("DTSTART", "DTEND")}
        found["SEQUENCE"] = int(event["SEQUENCE"])
        found["RRULE"] = event["RRULE"].to_ical().decode() if "RRULE" in event else ""
        guests = event.get("ATTENDEE", [])
        found["ATTENDEE"] = [str(each) for each in (guests if isinstance(guests, list) else [guests])]
        return found


CONTESTANTS: tuple[Contestant, ...] = (Wherry(), Vobject(), ICalendar())


def plain(value: object) -> object:
    """Return a field in a form in which libraries can be compared: instants by their number."""
    if isinstance(value, datetime):
        return value.timestamp()
    return value.isoformat() if isinstance(value, date) else value
