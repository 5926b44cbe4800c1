"""What to send to Google for an edited card: the fields that changed, and nothing else.

``people.updateContact`` replaces each field its mask names and answers 400 where a field that
exists once is given twice, where ``memberships`` holds no group, and where the etag of the
contact's source is not the latest (discovery document people.v1, method description). So the
mask is what changed between *base* (what was last agreed on) and *edited*, and each list is
the *fresh* one with that change made to it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mappings.people.fields import spelled
from mappings.people.leaves import SINGLE
from mappings.people.memberships import name_of_new, resource_of
from mappings.people.persons import Document, open_document

if TYPE_CHECKING:
    from mappings.carriers import JSON
    from mappings.people.properties import Element

UPDATABLE = frozenset(
    {
        *("addresses", "biographies", "birthdays", "calendarUrls", "clientData", "emailAddresses", "events"),
        *("externalIds", "genders", "imClients", "interests", "locales", "locations", "memberships"),
        *("miscKeywords", "names", "nicknames", "occupations", "organizations", "phoneNumbers", "relations"),
        *("sipAddresses", "urls", "userDefined"),
    },
)
"""What updatePersonFields takes; a test holds it equal to the discovery document."""

MY_CONTACTS = "contactGroups/myContacts"
SYSTEM = {"myContacts": MY_CONTACTS, "starred": "contactGroups/starred"}
"""Groups that exist in every account: a category of this name (as in exports of Gmail) is no new group."""

_REPEATS = {"addresses": "formattedValue", "names": "unstructuredName"}
"""Leaves that say in one text what others say in parts: an edit of the parts alone outdates them."""


@dataclass(frozen=True, slots=True)
class Update:
    """A call of updateContact: the *mask*, sorted, and the *person* to send. *left* fields changed and have no mask."""

    resource_name: str
    mask: tuple[str, ...]
    person: Mapping[str, JSON]
    left: tuple[str, ...] = ()


def update(base: bytes, edited: bytes, fresh: bytes | None = None) -> Update | None:
    """Return what to send so that *edited* becomes true at Google; ``None`` if nothing is to be sent.

    All three are people documents of one person; *fresh* is what Google holds now (*base* if it
    is not given), and lends resource name and etag. Nothing is ever sent for ``otherContacts``.

    Raises:
        Malformed: one of them is no people document of one person.
    """
    before, after, now = (open_document(body) for body in (base, edited, fresh if fresh is not None else base))
    if after.other or before.other or now.other or not now.resource_name:
        return None
    changed = {
        name
        for name in {*before.lists, *after.lists}
        if Counter(map(spelled, _own(before, name))) != Counter(map(spelled, _own(after, name)))
        or [*map(spelled, _own(before, name))] != [*map(spelled, _own(after, name))]
    }
    person: Element = {}
    for name in sorted(changed & UPDATABLE):
        merged = _merged(name, _own(before, name), _own(after, name), _own(now, name))
        if name == "memberships":
            merged = _grouped(merged)
            if [*map(spelled, merged)] == [*map(spelled, _grouped(_own(now, name)))]:
                continue
        person[name] = [*merged]
    if not person:
        return None
    left = tuple(sorted(changed - UPDATABLE - {"photos"}))
    sources = _sources(fresh if fresh is not None else base)
    sent: Element = {"resourceName": now.resource_name, "metadata": {"sources": sources}, **person}
    return Update(now.resource_name, tuple(sorted(person)), sent, left)


def creation(document: bytes) -> Mapping[str, JSON] | None:
    """Return the person to send to createContact; ``None`` for ``otherContacts``, which are no contacts.

    Raises:
        Malformed: it is no people document of one person.
    """
    opened = open_document(document)
    if opened.other:
        return None
    person: Element = {}
    for name in sorted(UPDATABLE | {"skills"}):
        own = _own(opened, name)
        elements = _grouped(own) if name == "memberships" and own else own
        if elements:
            person[name] = [*(elements[:1] if name in SINGLE else elements)]
    return person


def new_groups(document: bytes) -> tuple[str, ...]:
    """Return the names of groups that have to be created before the person can be written, in order.

    Raises:
        Malformed: it is no people document of one person.
    """
    memberships = open_document(document).lists.get("memberships", [])
    return tuple(
        dict.fromkeys(name for one in memberships if (name := name_of_new(resource_of(one))) and name not in SYSTEM)
    )


def with_groups(person: Mapping[str, JSON], created: Mapping[str, str]) -> Mapping[str, JSON]:
    """Return *person* with the resource names of *created* groups (by name) in place of the placeholders."""
    memberships = person.get("memberships")
    if not isinstance(memberships, list):
        return person
    return {**person, "memberships": [*_resolved(memberships, created)]}


def _resolved(memberships: list[JSON], created: Mapping[str, str]) -> Iterator[JSON]:
    for one in memberships:
        resource = resource_of(one) if isinstance(one, dict) else ""
        known = {**SYSTEM, **created}.get(name_of_new(resource), resource)
        yield {"contactGroupMembership": {"contactGroupResourceName": known}} if resource else one


def _own(document: Document, name: str) -> list[Element]:
    """Return the elements that are the contact's: not those joined in from a profile."""
    return [one for one in document.lists.get(name, []) if "metadata" not in one]


def _merged(name: str, before: list[Element], after: list[Element], now: list[Element]) -> list[Element]:
    """Make the change from *before* to *after* in the list as it is *now*."""
    after = [*_current(name, before, after)]
    if [*map(spelled, before)] == [*map(spelled, now)]:
        return after[:1] if name in SINGLE else after
    removed = Counter(map(spelled, before)) - Counter(map(spelled, after))
    added = Counter(map(spelled, after)) - Counter(map(spelled, before)) - Counter(map(spelled, now))
    kept = []
    for one in now:
        said = spelled(one)
        if removed[said]:
            removed[said] -= 1
        else:
            kept.append(one)
    fresh = []
    for one in after:
        said = spelled(one)
        if added[said]:
            added[said] -= 1
            fresh.append(one)
    return (fresh or kept)[:1] if name in SINGLE else kept + fresh


def _current(name: str, before: list[Element], after: list[Element]) -> Iterator[Element]:
    """Yield the elements of *after*; a changed one without the text that still repeats what it was before."""
    key = _REPEATS.get(name, "")
    known = set(map(spelled, before))
    stale = {one[key] for one in before if isinstance(one.get(key), str)} if key else set()
    for one in after:
        if key in one and len(one) > 1 and one[key] in stale and spelled(one) not in known:
            yield {inner: value for inner, value in one.items() if inner != key}
        else:
            yield one


def _grouped(memberships: list[Element]) -> list[Element]:
    """Return the memberships in groups; none at all is one in My Contacts, as Google refuses an empty list."""
    groups = [one for one in memberships if resource_of(one)]
    return groups or [{"contactGroupMembership": {"contactGroupResourceName": MY_CONTACTS}}]


def _sources(document: bytes) -> list[JSON]:
    """Return the contact's own sources with their etags, which have to be sent along."""
    person = json.loads(document)["connections"][0]
    sources = person.get("metadata", {}).get("sources", [])
    return [
        {key: one[key] for key in ("type", "id", "etag") if key in one}
        for one in sources
        if one.get("type") == "CONTACT"
    ]
