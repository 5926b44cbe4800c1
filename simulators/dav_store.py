"""What a stand-in CalDAV/CardDAV server holds, in memory, with the history sync-tokens need."""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import dataclass, field

CALENDAR, CONTACTS = "calendar", "contacts"
ENDINGS = {CALENDAR: ".ics", CONTACTS: ".vcf"}
TYPES = {CALENDAR: "text/calendar", CONTACTS: "text/vcard"}


@dataclass(slots=True)
class Stored:
    """One item: its bytes and its etag, quotes included."""

    body: bytes
    etag: str

    @property
    def uid(self) -> str:
        """The first UID in it."""
        found = re.search(rb"^UID[^:\r\n]*:([^\r\n]*)", self.body, re.MULTILINE)
        return found[1].decode("utf-8", "replace").strip() if found else ""


@dataclass(slots=True)
class Shelf:
    """One calendar or address book. *path* ends with a slash; *props* are texts by prefixed name."""

    path: str
    kind: str
    props: dict[str, str] = field(default_factory=dict)
    components: tuple[str, ...] = ()
    items: dict[str, Stored] = field(default_factory=dict)
    history: list[tuple[str, bool]] = field(default_factory=list)
    """Names touched, oldest first, and whether they were there afterwards."""
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def version(self) -> int:
        """Number of changes so far."""
        return len(self.history)

    def put(self, name: str, body: bytes) -> Stored:
        """Store *body* under *name*."""
        with self.lock:
            self.history.append((name, True))
            mark = f"{self.version}:{name}".encode() + body
            self.items[name] = Stored(body, f'"{hashlib.sha256(mark).hexdigest()[:24]}"')
            return self.items[name]

    def delete(self, name: str) -> None:
        """Remove *name*."""
        with self.lock:
            del self.items[name]
            self.history.append((name, False))

    def since(self, version: int) -> dict[str, bool]:
        """Return the names touched after *version* and whether each is there now."""
        with self.lock:
            touched = dict.fromkeys(name for name, _ in self.history[version:])
            return {name: name in self.items for name in touched}

    def with_uid(self, uid: str, besides: str = "") -> str | None:
        """Return the name of the item with this UID, other than *besides*."""
        with self.lock:
            return next(
                (name for name, item in self.items.items() if uid and item.uid == uid and name != besides), None
            )


class Store:
    """All collections of one account, in two homes."""

    calendars_home = "/dav/calendars/"
    contacts_home = "/dav/contacts/"
    principal = "/dav/principal/"

    def __init__(self) -> None:
        self.shelves: dict[str, Shelf] = {}
        self.hidden: dict[str, int] = {}
        """Collections made but not shown for so many more requests."""

    def make(self, kind: str, name: str, *, displayname: str = "", components: tuple[str, ...] = ()) -> Shelf:
        """Make a collection in the home of its kind."""
        home = self.calendars_home if kind == CALENDAR else self.contacts_home
        return self.make_at(f"{home}{name}/", kind, {"D:displayname": displayname or name}, components)

    def make_at(self, path: str, kind: str, props: dict[str, str], components: tuple[str, ...] = ()) -> Shelf:
        """Make a collection at *path*."""
        shelf = self.shelves[path] = Shelf(path, kind, props, components)
        return shelf

    def locate(self, path: str) -> tuple[Shelf | None, str]:
        """Return the collection that *path* (decoded) is or lies in, and the item's name."""
        if (shelf := self.shelves.get(f"{path.rstrip('/')}/")) is not None:
            return shelf, ""
        head, _, name = path.rpartition("/")
        return self.shelves.get(f"{head}/"), name
