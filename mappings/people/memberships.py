"""Groups: by name in CATEGORIES, where every address book shows them; by resource name in carriers.

A group of the user's own is a category. Google's (``myContacts``, ``starred``) are carried
only. A category without a carrier was made by a device: its group is named by a placeholder
resource name until somebody creates it (``patches.new_groups``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from mappings.escapes import escape_text
from mappings.folding import fold
from mappings.loss import Fate
from mappings.people.properties import clean

if TYPE_CHECKING:
    from mappings.carriers import JSON
    from mappings.contentlines import ContentLine
    from mappings.people.gathering import Gathered
    from mappings.people.properties import Element
    from mappings.people.sheets import Sheet

NEW = "contactGroups/new:"
"""A group that has no resource name yet; its name follows, percent-encoded."""

_OF_GROUP = "contactGroupMembership"
_RESOURCE = "contactGroupResourceName"
_SYSTEM = "SYSTEM_CONTACT_GROUP"
_USER = "USER_CONTACT_GROUP"


def new_group(name: str) -> str:
    """Return the placeholder resource name of a group to be created."""
    return NEW + quote(name, safe="", errors="surrogatepass")


def name_of_new(resource_name: str) -> str:
    """Return the name of the group that *resource_name* is the placeholder of, empty if it is none."""
    return unquote(resource_name.removeprefix(NEW)) if resource_name.startswith(NEW) else ""


def write_memberships(
    sheet: Sheet, memberships: list[Element], groups: Iterable[Element], kept: list[ContentLine]
) -> None:
    """Write CATEGORIES, or *kept* lines that say the same, and what is needed to find the groups again."""
    by_resource = {group.get("resourceName"): group for group in groups}
    named: dict[str, None] = {}
    for index, element in enumerate(memberships):
        resource = resource_of(element)
        group = by_resource.get(resource, {}) if resource else {}
        name = group.get("name") if group.get("groupType") != _SYSTEM else None
        category = clean(name).strip() if isinstance(name, str) else ""
        fate = Fate.EXTENSION
        if category and category not in named:
            named[category] = None
            fate = Fate.EXACT
        if resource and name_of_new(resource) and fate is Fate.EXACT and len(element) == 1:
            sheet.note(f"memberships[].{_OF_GROUP}.{_RESOURCE}", resource, fate)
            continue
        for key, value in element.items():
            said: JSON = resource if key == _OF_GROUP and resource else value
            if key == _OF_GROUP and resource and group:
                said = {"resourceName": resource, **_described(group)}
            reason = sheet.carry(f"memberships/{index}/{key}", said)
            sheet.note(f"memberships[].{key}", value, Fate.LOST if reason else fate, reason)
    if sorted(named) == sorted(set(_categories(kept))):
        sheet.lines.extend(line.raw for line in kept)
    elif named:
        sheet.lines.append(fold(("CATEGORIES:" + ",".join(map(escape_text, named))).encode()))


def _described(group: Element) -> Element:
    return {key: group[key] for key in ("name", "groupType") if isinstance(group.get(key), str)}


def resource_of(element: Mapping[str, JSON]) -> str:
    """Return the resource name of the group that a membership is of, empty if it is of none."""
    of_group = element.get(_OF_GROUP)
    if not isinstance(of_group, dict) or of_group.keys() - {_RESOURCE}:
        return ""
    resource = of_group.get(_RESOURCE)
    return resource if isinstance(resource, str) else ""


def _categories(lines: Iterable[ContentLine]) -> list[str]:
    return [name for line in lines for part in line.fields(",") if (name := part.strip())]


def read_memberships(gathered: Gathered) -> tuple[list[Element], list[Element], list[ContentLine]]:
    """Return the memberships, their groups, and the CATEGORIES lines that are to be kept as they stand."""
    lines = gathered.own.get("CATEGORIES", [])
    waiting = dict.fromkeys(_categories(lines))
    memberships: list[Element] = []
    groups: list[Element] = []
    carried = gathered.carried.get("memberships", {})
    for _, members in sorted(carried.items(), key=lambda one: one[0][1]):
        element, group = _restore(members)
        name = group.get("name")
        category = clean(name).strip() if isinstance(name, str) and group.get("groupType") != _SYSTEM else ""
        if category and category not in waiting:
            continue  # a device took the person out of the group
        if group:
            groups.append(group)
        memberships.append(element)
    known = {clean(name).strip() for group in groups if isinstance(name := group.get("name"), str)}
    fresh = [name for name in waiting if name not in known]
    for name in fresh:
        resource = new_group(name)
        memberships.append({_OF_GROUP: {_RESOURCE: resource}})
        groups.append({"resourceName": resource, "name": name, "groupType": _USER})
    regular = len(lines) == 1 and not lines[0].params and not lines[0].group
    regular = regular and len(waiting) == len(lines[0].fields(","))
    return memberships, groups, [] if regular or not lines else lines


def _restore(members: Mapping[str, JSON]) -> tuple[Element, Element]:
    """Return a membership and its group, which is empty if nothing but its resource name is known."""
    element = dict(members)
    said = element.get(_OF_GROUP)
    if isinstance(said, str):
        element[_OF_GROUP] = {_RESOURCE: said}
    elif isinstance(said, dict) and isinstance(said.get("resourceName"), str):
        element[_OF_GROUP] = {_RESOURCE: said["resourceName"]}
        return element, said
    return element, {}
