"""The calendars of an account: one's own, a second, a hidden one, somebody's to read, and one of busy times only."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from simulators.google.event_parts import LABEL

if TYPE_CHECKING:
    from simulators.google.discovery import Json

SHARES = (("family", 20), ("shared", 10), ("hidden", 5), ("busy", 5))
"""Which calendar holds how many of a hundred events; the rest is in the primary one."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A calendar as it is at the beginning: its place in the user's list, and what it is itself."""

    id: str
    size: int
    entry: Json
    calendar: Json


def calendar_id(name: str, seed: int) -> str:
    """Return the id of a secondary calendar."""
    return f"c_{blake2b(f'{name}/{seed}'.encode(), digest_size=20).hexdigest()}@group.calendar.google.com"


def drawn(user: str, events: int, *, seed: int) -> list[Drawn]:
    """Return the calendars of *user*, which hold *events* events together."""
    sizes = {name: events * share // 100 for name, share in SHARES}
    rest = events - sum(sizes.values())
    other = "someone.else@example.org"
    meet = {"conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]}}
    own = {"primary": True, "selected": True, "accessRole": "owner", "colorId": "14", **meet}
    own["notificationSettings"] = {"notifications": [{"type": "eventCreation", "method": "email"}]}
    ring = [{"method": "popup", "minutes": 10}, {"method": "email", "minutes": 1440}]
    return [
        _drawn(user, rest, {"summary": user, "timeZone": "Europe/Zurich"}, {**own, "defaultReminders": ring}),
        _drawn(
            calendar_id("family", seed),
            sizes["family"],
            {"summary": "Family, friends; 🎉\nand more", "timeZone": "America/New_York", "location": "Bern, CH"},
            {"accessRole": "owner", "selected": True, "colorId": "3", "defaultReminders": [], "dataOwner": user},
        ),
        _drawn(
            calendar_id("shared", seed),
            sizes["shared"],
            {"summary": "Shared/with me\\", "timeZone": "Asia/Kolkata", "description": "Read, only"},
            {"accessRole": "reader", "summaryOverride": "עברית override", "defaultReminders": [], "dataOwner": other},
        ),
        _drawn(
            calendar_id("hidden", seed),
            sizes["hidden"],
            {"summary": "Hidden", "timeZone": "UTC"},
            {"accessRole": "owner", "hidden": True, "defaultReminders": ring[:1], "dataOwner": user},
        ),
        _drawn(
            other,
            sizes["busy"],
            {"summary": other, "timeZone": "Europe/Zurich"},
            {"accessRole": "freeBusyReader", "defaultReminders": []},
        ),
    ]


def _drawn(name: str, size: int, about: Json, entry: Json) -> Drawn:
    colours = {"backgroundColor": "#9fe1e7", "foregroundColor": "#000000"}
    listed = {"kind": "calendar#calendarListEntry", "etag": f'"{size + 1}"', "id": name, **about, **colours, **entry}
    itself = {"kind": "calendar#calendar", "etag": '"c1"', "id": name, **about}
    if entry["accessRole"] == "owner":
        labels = [{"id": LABEL, "name": "Label, one", "backgroundColor": "#039be5"}]
        itself |= {"labelProperties": {"eventLabels": labels}}
    return Drawn(name, size, listed, itself)
