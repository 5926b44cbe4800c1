"""A person as an item: its body, and a revision that changes with whatever the body is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from connectors.google.answers import compact, digest, part, parts, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.google.answers import Json

MEDIA_TYPE: Final = "application/vnd.google.people.person+json"
CUT_AT: Final = 100
"""Lists give no more mail addresses and phone numbers of one person; the whole set comes by name."""

_OF_GROUPS: Final = ("resourceName", "name", "formattedName", "groupType", "clientData")
"""What of a group is the user's: how many members it has, and when it changed, says nothing of one of them."""


def memberships(person: Json) -> list[str]:
    """Return the names of the groups a person is in."""
    named = (
        text(part(each, "contactGroupMembership"), "contactGroupResourceName") for each in parts(person, "memberships")
    )
    return list(dict.fromkeys(name for name in named if name))


def picture_urls(person: Json) -> list[str]:
    """Return where the pictures are that somebody chose; Google's letter on a coloured disc is none."""
    chosen = (text(each, "url") for each in parts(person, "photos") if each.get("default") is not True)
    return list(dict.fromkeys(url for url in chosen if url))


def is_deleted(person: Json) -> bool:
    """Say whether a sync request tells that the person is not there any more."""
    return part(person, "metadata").get("deleted") is True


def is_cut(person: Json) -> bool:
    """Say whether a list may have left out some of the person's addresses or numbers (people.v1, ``Person``)."""
    return any(len(list(parts(person, name))) >= CUT_AT for name in ("emailAddresses", "phoneNumbers"))


def group_part(group: Json) -> Json:
    """Return what of a group goes into the bodies of its members."""
    return {name: group[name] for name in _OF_GROUPS if name in group}


def revision(person: Json, groups: Mapping[str, Json]) -> str:
    """Return a word for the state of a person and of the groups its memberships name.

    The etags of its sources stand for the person: the person's own is made of the fields that were asked for.
    """
    said = part(person, "metadata")
    sources = [[text(each, name) for name in ("type", "id", "etag", "updateTime")] for each in parts(said, "sources")]
    state = sorted(sources) or text(person, "etag")
    named = [groups.get(name) for name in memberships(person)]
    return digest(state, picture_urls(person), named)


def body(person: Json, *, under: str, groups: Mapping[str, Json], pictures: Mapping[str, Json]) -> bytes:
    """Return the people document of one person, who stands *under* ``connections`` or ``otherContacts``.

    Former names come in some answers only, so they are left out.
    """
    metadata = {name: value for name, value in part(person, "metadata").items() if name != "previousResourceNames"}
    shown = {**person, **({"metadata": metadata} if "metadata" in person else {})}
    named = [groups[name] for name in memberships(person) if name in groups]
    return compact({under: [shown], "contactGroups": named, "photos": pictures})
