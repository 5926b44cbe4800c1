"""People, other contacts and groups, computed from a seed and an index."""

from __future__ import annotations

import datetime as dt
from hashlib import blake2b
from typing import TYPE_CHECKING

from simulators.google import person_fields
from simulators.google.dice import Dice, Numbering
from simulators.google.photos import address
from simulators.google.words import GIVEN, GROUP_NAMES

if TYPE_CHECKING:
    from simulators.google.discovery import Json

MOST_NUMBER = 2**61
WHOLE_EVERY, WHOLE_AT = 40, 3
PROFILE_EVERY, PROFILE_AT = 25, 9
PHOTO_PERCENT, STARRED_PERCENT = 20, 10
SYSTEM_GROUPS = ("myContacts", "starred", "all", "blocked", "chatBuddies", "coworkers", "family", "friends")
_BEGIN = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def etag(*words: object) -> str:
    """Return an etag as People's look: opaque, of 12 letters."""
    return "%" + blake2b("/".join(map(str, words)).encode(), digest_size=6).hexdigest()


def stamp(seconds: float) -> str:
    """Return an instant as both APIs write it."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def person(number: int, fields: Json, updated: str, *, kind: str = "CONTACT") -> Json:
    """Return a Person of one source. *fields* are without metadata of their own, which is added."""
    source = {"type": kind, "id": f"{number:x}"}
    revision = etag(number, updated)
    head: Json = {
        "resourceName": f"{'otherContacts' if kind == 'OTHER_CONTACT' else 'people'}/c{number}",
        "etag": revision,
    }
    head["metadata"] = {"sources": [{**source, "etag": "#" + revision, "updateTime": updated}], "objectType": "PERSON"}
    return {**head, **{name: _told(entries, source) for name, entries in fields.items()}}


def _told(entries: list[Json], source: Json) -> list[Json]:
    first = {"primary": True, "sourcePrimary": True, "source": source}
    return [{"metadata": {"source": source} if at else first, **entry} for at, entry in enumerate(entries)]


class People:
    """The contacts. *photos* is where pictures are served, *groups* how many groups there are."""

    def __init__(self, size: int, *, seed: int, photos: str, groups: int) -> None:
        self.size, self._seed, self._photos = size, seed, photos
        self._numbers = Numbering("people", seed)
        self._groups = Groups(groups, seed=seed)

    def name(self, index: int) -> str:
        return f"people/c{self._numbers.number(index)}"

    def index(self, name: str) -> int | None:
        digits = name.removeprefix("people/c")
        return self._numbers.index(int(digits)) if digits.isdecimal() and int(digits) < MOST_NUMBER else None

    def make(self, index: int) -> Json:
        dice, whole = Dice("person", self._seed, index), index % WHOLE_EVERY == WHOLE_AT
        number = self._numbers.number(index)
        chosen = person_fields.EVERYTHING if whole else dice.pick(person_fields.combinations())
        fields = {name: made(dice, whole=whole) for name, made in chosen}
        fields["memberships"] = [_membership(each) for each in self.members_of(index)]
        picture = address(self._photos, f"{number:x}")
        fields["photos"] = [{"url": picture, **({} if dice.chance(PHOTO_PERCENT) else {"default": True})}]
        updated = stamp((_BEGIN + dt.timedelta(minutes=index)).timestamp())
        said = person(number, fields, updated)
        if index % PROFILE_EVERY == PROFILE_AT:
            _join_profile(said, dice, self._photos)
        return said

    def members_of(self, index: int) -> list[str]:
        """Return the ids of the groups a contact is in: myContacts, and others by chance."""
        dice = Dice("memberships", self._seed, index)
        names = ["myContacts"]
        if dice.chance(STARRED_PERCENT):
            names.append("starred")
        if self._groups.own and dice.chance(60):
            chosen = {dice.below(self._groups.own) for _ in range(1 + dice.below(3))}
            names += [self._groups.name(len(SYSTEM_GROUPS) + at).partition("/")[2] for at in sorted(chosen)]
        return names


def _membership(name: str) -> Json:
    return {"contactGroupMembership": {"contactGroupId": name, "contactGroupResourceName": f"contactGroups/{name}"}}


def _join_profile(said: Json, dice: Dice, host: str) -> None:
    """Add what the person says of themself at Google: a second source, with a name, a verified address, a picture."""
    account = {"type": "PROFILE", "id": f"1{dice.below(10**20):020}"}
    own: Json = {"profileMetadata": {"objectType": "PERSON", "userTypes": ["GOOGLE_USER"]}, "updateTime": stamp(1.7e9)}
    said["metadata"]["sources"].append({**account, "etag": "#" + etag(account["id"]), **own})
    metadata = {"source": account, "verified": True}
    name = dice.pick(GIVEN)
    added: tuple[tuple[str, Json], ...] = (
        ("names", {"displayName": name, "givenName": name, "unstructuredName": name}),
        ("emailAddresses", {"value": f"own{dice.below(10**6)}@gmail.example", "type": "other"}),
        ("photos", {"url": address(host, account["id"][:20], older=True)}),
        ("coverPhotos", {"url": "https://lh3.googleusercontent.com/c/cover", "default": True}),
    )
    for field, entry in added:
        said.setdefault(field, []).append({"metadata": metadata, **entry})


class OtherContacts:
    """People the user once wrote to: names, mail addresses, phone numbers and default photos only."""

    def __init__(self, size: int, *, seed: int, photos: str) -> None:
        self.size, self._seed, self._photos = size, seed, photos
        self._numbers = Numbering("others", seed)

    def name(self, index: int) -> str:
        return f"otherContacts/c{self._numbers.number(index)}"

    def index(self, name: str) -> int | None:
        digits = name.removeprefix("otherContacts/c")
        return self._numbers.index(int(digits)) if digits.isdecimal() and int(digits) < MOST_NUMBER else None

    def make(self, index: int) -> Json:
        dice, number = Dice("other", self._seed, index), self._numbers.number(index)
        fields: Json = {"emailAddresses": [{"value": f"other{index}@example.net"}]}
        if dice.chance(60):
            fields["names"] = person_fields.names(dice, whole=False)
        if dice.chance(20):
            fields["phoneNumbers"] = person_fields.phones(dice, whole=False)
        fields["photos"] = [{"url": address(self._photos, f"{number:x}"), "default": True}]
        return person(number, fields, stamp((_BEGIN + dt.timedelta(minutes=index)).timestamp()), kind="OTHER_CONTACT")


class Groups:
    """The labels: Google's own first, then those of the user, whose names are not nice."""

    def __init__(self, own: int, *, seed: int) -> None:
        self.own, self._seed = own, seed
        self.size = len(SYSTEM_GROUPS) + own
        self._numbers = Numbering("groups", seed)

    def name(self, index: int) -> str:
        if index < len(SYSTEM_GROUPS):
            return f"contactGroups/{SYSTEM_GROUPS[index]}"
        return f"contactGroups/{self._numbers.number(index):x}"

    def index(self, name: str) -> int | None:
        short = name.removeprefix("contactGroups/")
        if short in SYSTEM_GROUPS:
            return SYSTEM_GROUPS.index(short)
        try:
            index = self._numbers.index(int(short, 16)) if len(short) <= 16 else None
        except ValueError:
            return None
        return None if index is None or index >= self.size or self.name(index) != name else index

    def make(self, index: int) -> Json:
        name, system = self.name(index), index < len(SYSTEM_GROUPS)
        place = index - len(SYSTEM_GROUPS)
        title = SYSTEM_GROUPS[index] if system else GROUP_NAMES[place % len(GROUP_NAMES)]
        if place >= len(GROUP_NAMES):  # "the name must be unique to the users contact groups"
            title += f" {place}"
        said = group(name, title, (_BEGIN + dt.timedelta(minutes=index)).timestamp(), system=system)
        if place % 5 == 1:
            said["clientData"] = [{"key": "app;color", "value": "#ff0000, red"}]
        return said


def group(name: str, title: str, at: float, *, system: bool = False) -> Json:
    """Return a contact group."""
    updated = stamp(at)
    return {
        "resourceName": name,
        "etag": etag(name, title, updated),
        "metadata": {"updateTime": updated},
        "groupType": "SYSTEM_CONTACT_GROUP" if system else "USER_CONTACT_GROUP",
        "name": title,
        "formattedName": title[:1].upper() + title[1:] if system else title,
    }
