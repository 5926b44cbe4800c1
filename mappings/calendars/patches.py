"""What is sent to Google Calendar when an event was edited: the smallest patch of what stands there now.

``events.patch`` changes what its body names and nothing else, so a private event stays
private and a field nobody here knows stays as it is. Nothing here sends; a caller gets the
body and the parameters. No guest is ever mailed: ``sendUpdates`` is ``none``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from mappings.calendars.carrying import same
from mappings.calendars.leaves import LEAVES, Access
from mappings.calendars.moments import Place, moment_of
from mappings.errors import EditRefused

if TYPE_CHECKING:
    from mappings.carriers import JSON

WRITABLE = frozenset(leaf.path.partition(".")[0].partition("[")[0] for leaf in LEAVES if leaf.access is Access.WRITABLE)
"""Top-level fields that may stand in a patch."""

FIXED = frozenset({"id", "iCalUID", "eventType", "recurringEventId", "originalStartTime", "privateCopy"})
"""Fields that are set when an event is made, and never again (Calendar v3: immutable)."""

OWN = frozenset({"reminders", "colorId", "eventLabelId"})
"""Fields of a guest's or locked copy that are its owner's; of ``attendees``, the own answer is as well."""
_ANSWER = ("responseStatus", "comment", "additionalGuests")

_MAPPED = frozenset({"extendedProperties", "gadget"})
_PARAMETERS: Mapping[str, tuple[str, JSON]] = {
    "conferenceData": ("conferenceDataVersion", 1),
    "attachments": ("supportsAttachments", True),
    "eventLabelId": ("eventLabelVersion", 1),
}
_IMPORTED = frozenset({None, "default"})
_MEET = "hangoutsMeet"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the events resource: its *method*, *body* and query *parameters*."""

    method: str
    body: Mapping[str, JSON]
    parameters: Mapping[str, JSON] = field(default_factory=dict)


def patch(remote: Mapping[str, JSON], wanted: Mapping[str, JSON]) -> Call | None:
    """Return the ``events.patch`` that makes *wanted* of the event as it is at Google; ``None`` if it is that.

    *remote* is what Google said last, whole: lists are sent whole, built upon it, so that
    what *wanted* does not know of a guest or a file stays.

    Raises:
        EditRefused: Google does not take the change, or it is not this user's to make. *reason* is ``from-gmail``,
            ``event-type``, ``immutable``, ``locked``, ``guest-copy``, ``attendees-omitted`` or ``attachment-inline``.
    """
    changed = {name for name in WRITABLE if not _equal(name, remote.get(name), wanted.get(name))}
    if not changed:
        return None
    _demand_allowed(remote, wanted, changed)
    body = {name: _field(name, remote.get(name), wanted.get(name)) for name in sorted(changed)}
    return Call("patch", body, _parameters(body))


def creation(wanted: Mapping[str, JSON]) -> Call:
    """Return the call that makes *wanted* in another calendar.

    An ordinary event is imported with its ``iCalUID``; one of another type is inserted with
    its type, since an import makes an ordinary event of it (Calendar v3, ``events.import``). A
    Google Meet is not taken along, it belongs to the other event: a new one is asked for.

    Raises:
        EditRefused: it cannot be created (``from-gmail``, ``birthday-of-contact``, ``attachment-inline``).
    """
    kind = wanted.get("eventType")
    if kind == "fromGmail":
        raise EditRefused("from-gmail", ("eventType",))
    birthday = wanted.get("birthdayProperties")
    if kind == "birthday" and isinstance(birthday, dict):
        own = birthday.get("type", "birthday") == "birthday" and not birthday.get("contact")
        if not own:  # the contact's birthday comes with the contact
            raise EditRefused("birthday-of-contact", ("birthdayProperties",))
    imported = kind in _IMPORTED
    left_out = {"id", "recurringEventId", "attendeesOmitted"} | (set() if imported else {"iCalUID"})
    body = {name: wanted[name] for name in sorted(WRITABLE - left_out) if wanted.get(name) not in (None, [], {})}
    _demand_links(body.get("attachments"))
    conference = body.get("conferenceData")
    if isinstance(conference, dict):
        body["conferenceData"] = _other_conference(conference, str(wanted.get("iCalUID") or wanted.get("id") or ""))
    parameters = _parameters(body)
    if imported:
        del parameters["sendUpdates"]  # an import mails nobody, and has no such parameter
    return Call("import" if imported else "insert", body, parameters)


def _demand_allowed(remote: Mapping[str, JSON], wanted: Mapping[str, JSON], changed: set[str]) -> None:
    if remote.get("eventType") == "fromGmail":
        raise EditRefused("from-gmail", tuple(sorted(changed)))
    if "eventType" in changed:
        raise EditRefused("event-type", ("eventType",))
    if changed & FIXED:
        raise EditRefused("immutable", tuple(sorted(changed & FIXED)))
    theirs = changed - OWN
    if "attendees" in theirs and _is_own_answer(remote.get("attendees"), wanted.get("attendees")):
        theirs -= {"attendees"}
    if theirs and remote.get("locked") is True:
        raise EditRefused("locked", tuple(sorted(theirs)))
    if theirs and is_guest_copy(remote):
        raise EditRefused("guest-copy", tuple(sorted(theirs)))
    if "attendees" in theirs and remote.get("attendeesOmitted") is True:
        raise EditRefused("attendees-omitted", ("attendees",))
    if "attachments" in changed:
        _demand_links(wanted.get("attachments"))


def is_guest_copy(event: Mapping[str, JSON]) -> bool:
    """Say whether an event is a guest's copy of somebody else's meeting, which the guest may not change."""
    organizer = event.get("organizer")
    invited = bool(event.get("attendees")) and event.get("guestsCanModify") is not True
    return invited and isinstance(organizer, dict) and organizer.get("self") is not True


def _demand_links(attachments: JSON) -> None:
    for one in attachments if isinstance(attachments, list) else ():
        url = one.get("fileUrl") if isinstance(one, dict) else None
        if not isinstance(url, str) or not url.lower().startswith(("http:", "https:")):
            raise EditRefused("attachment-inline", ("attachments",))


def _is_own_answer(before: JSON, after: JSON) -> bool:
    """Say whether only the own answer differs."""

    def others(guests: JSON) -> list[JSON]:
        found: list[JSON] = []
        for one in guests if isinstance(guests, list) else ():
            own = isinstance(one, dict) and one.get("self") is True
            found.append({k: v for k, v in one.items() if k not in _ANSWER} if own and isinstance(one, dict) else one)
        return found

    return same(others(before), others(after))


def _equal(name: str, one: JSON, other: JSON) -> bool:
    """Say whether two values of a field mean the same: instants by their time, not by their offset."""
    if name in {"start", "end", "originalStartTime"} and isinstance(one, dict) and isinstance(other, dict):
        place = Place()
        left, right = moment_of(one, place), moment_of(other, place)
        if left is not None and right is not None:
            zones = one.get("timeZone"), other.get("timeZone")
            return left.form is right.form and left.instant() == right.instant() and zones[0] == zones[1]
    return same(one, other)


def _field(name: str, before: JSON, after: JSON) -> JSON:
    """Return what stands in the patch for a field: lists built upon what is there, maps as the changed keys only."""
    if isinstance(after, list) and isinstance(before, list) and name in {"attendees", "attachments"}:
        key = "email" if name == "attendees" else "fileUrl"
        known = {one.get(key): one for one in before if isinstance(one, dict) and isinstance(one.get(key), str)}
        return [{**known.get(one.get(key), {}), **one} if isinstance(one, dict) else one for one in after]
    if name in _MAPPED and isinstance(before, dict | None) and isinstance(after, dict | None):
        return dict(_delta(before or {}, after or {}))
    return after


def _delta(before: Mapping[str, JSON], after: Mapping[str, JSON]) -> Iterator[tuple[str, JSON]]:
    for name in sorted({*before, *after}):
        ours, theirs = after.get(name), before.get(name)
        if isinstance(ours, dict) and isinstance(theirs, dict):
            inside = dict(_delta(theirs, ours))
            if inside:
                yield name, inside
        elif not same(ours, theirs):
            yield name, ours


def _parameters(body: Mapping[str, JSON]) -> dict[str, JSON]:
    asked = dict(said for name, said in _PARAMETERS.items() if name in body)
    return {"sendUpdates": "none", **asked}


def _other_conference(conference: Mapping[str, JSON], uid: str) -> JSON:
    solution = conference.get("conferenceSolution")
    key = solution.get("key") if isinstance(solution, dict) else None
    if not isinstance(key, dict) or key.get("type") != _MEET:
        return {name: said for name, said in conference.items() if name != "createRequest"}
    request = sha256(f"conference {uid}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return {"createRequest": {"requestId": request, "conferenceSolutionKey": {"type": _MEET}}}
