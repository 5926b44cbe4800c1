"""The People API's methods for contacts and other contacts.

Behaviour is the discovery document's unless said otherwise. Guides: developers.google.com/people/v1/contacts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.google import masks
from simulators.google.calling import Asked, Call, listed, ordered, present
from simulators.google.parameters import number, text, texts
from simulators.google.refusals import Refusal, not_found, wrong_argument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.google.discovery import Json
    from simulators.google.shelf import Row, Shelf
    from simulators.google.tokens import Place

BOTH = ("READ_SOURCE_TYPE_CONTACT", "READ_SOURCE_TYPE_PROFILE")
KINDS = {
    "READ_SOURCE_TYPE_PROFILE": {"ACCOUNT", "DOMAIN_PROFILE", "PROFILE"},
    "READ_SOURCE_TYPE_CONTACT": {"CONTACT"},
    "READ_SOURCE_TYPE_DOMAIN_CONTACT": {"DOMAIN_CONTACT"},
    "READ_SOURCE_TYPE_OTHER_CONTACT": {"OTHER_CONTACT"},
    "READ_SOURCE_TYPE_UNSPECIFIED": {"CONTACT", "ACCOUNT", "DOMAIN_PROFILE", "PROFILE"},
}
OTHER_FIELDS = ("emailAddresses", "metadata", "names", "phoneNumbers", "photos")
"""What ``readMask`` may name for other contacts, unless profiles are asked for as well."""
MOST_NAMES, MOST_VALUES = 200, 100
MASK_NEEDED = "Please specify one or more valid paths. Valid paths are documented at"
PAGE = "https://developers.google.com/people/api/rest/v1/people"


def expired() -> Refusal:
    """Return the refusal of an old sync token. Words: garrytan/gbrain#5127; reason: the document."""
    words = "Sync token is expired. Clear local cache and retry call without the sync token."
    return Refusal(400, words, "badRequest", "EXPIRED_SYNC_TOKEN", rpc="FAILED_PRECONDITION")


def connections(call: Call) -> Json:
    """people.people.connections.list."""
    if call.said["resourceName"] != "people/me":
        raise wrong_argument("resourceName", "Resource name must be people/me.")
    view = _view(call)
    found = listed(call, call.account.people, _asked(call, "connections", call.settings.people_token_life))
    shown = [view.person(row, sync=found.changes_only) for row in found.rows]
    said: Json = {"connections": shown} if shown else {}
    wants = call.said.get("requestSyncToken") is True or found.changes_only
    total = call.account.people.count
    return {**said, **found.tokens(sync=wants), "totalPeople": total, "totalItems": total}


def _asked(call: Call, name: str, life: float) -> Asked:
    size = number(call.said, call.method, "pageSize")
    return Asked(name, size, life, expired(), _Order(call), delay=call.settings.delay)


class _Order:
    """The contacts in the order asked for; without one those that changed last stand at the end."""

    def __init__(self, call: Call) -> None:
        self._order = text(call.said, "sortOrder") or "LAST_MODIFIED_ASCENDING"

    def __call__(self, rows: Iterator[Row], place: Place) -> Iterator[Row]:
        found = present(rows, place)
        if self._order == "LAST_MODIFIED_ASCENDING":
            return found
        if self._order == "LAST_MODIFIED_DESCENDING":
            return ordered(reversed(list(found)), place, lambda _: 0)
        name = "givenName" if self._order == "FIRST_NAME_ASCENDING" else "familyName"
        return ordered(found, place, lambda item: (item.get("names") or [{}])[0].get(name, "").casefold())


def get(call: Call) -> Json:
    """people.people.get."""
    return _one(call, _view(call), str(call.said["resourceName"]))


def batch_get(call: Call) -> Json:
    """people.people.getBatchGet."""
    view, names = _view(call), texts(call.said, "resourceNames")
    if not 0 < len(names) <= MOST_NAMES:
        raise wrong_argument("resourceNames", f"There must be 1 to {MOST_NAMES} resource names.")
    responses = []
    for name in names:
        try:
            said: Json = {"httpStatusCode": 200, "person": _one(call, view, name), "status": {}}
        except Refusal as refusal:
            said = {"httpStatusCode": refusal.status, "status": {"code": 5, "message": refusal.words}}
        responses.append({"requestedResourceName": name, **said})
    return {"responses": responses}


def _one(call: Call, view: View, name: str) -> Json:
    if name == "people/me":
        return {"resourceName": "people/me", "etag": "%me"} | ({"metadata": {}} if "metadata" in view.fields else {})
    shelf: Shelf = call.account.others if name.startswith("otherContacts/") else call.account.people
    found = shelf.get(name)
    if found is None:
        raise _gone()
    return view.shown(found)


def _gone() -> Refusal:
    refusal = not_found()
    refusal.words = "Requested entity was not found."
    return refusal


def other_contacts(call: Call) -> Json:
    """people.otherContacts.list."""
    sources = texts(call.said, "sources") or ["READ_SOURCE_TYPE_CONTACT"]
    if "READ_SOURCE_TYPE_CONTACT" not in sources:
        raise wrong_argument("sources", "READ_SOURCE_TYPE_PROFILE needs READ_SOURCE_TYPE_CONTACT as well.")
    whole = "READ_SOURCE_TYPE_PROFILE" in sources
    valid = call.method.parameters["readMask"].paths if whole else OTHER_FIELDS
    fields = masks.listed("readMask", text(call.said, "readMask"), valid)
    if not fields:
        raise wrong_argument("readMask", f"readMask mask is required. {MASK_NEEDED} {PAGE}/otherContacts/list.")
    view = View(fields, frozenset({"OTHER_CONTACT"}), frozenset())
    found = listed(call, call.account.others, _asked(call, "otherContacts", call.settings.people_token_life))
    shown = [view.person(row, sync=found.changes_only) for row in found.rows]
    wants = call.said.get("requestSyncToken") is True or found.changes_only
    said: Json = {"otherContacts": shown} if shown else {}
    return {**said, **found.tokens(sync=wants), "totalSize": call.account.others.count}


def _view(call: Call) -> View:
    """Return what is shown of people. The words of the refusal: googleapis/google-api-php-client-services#129."""
    parameter = call.method.parameters["personFields"]
    said = text(call.said, "personFields")
    old = text(call.said, "requestMask.includeField")
    paths = said or ",".join(path.strip().removeprefix("person.") for path in old.split(","))
    fields = masks.listed("personFields", paths, parameter.paths)
    if not fields:
        raise wrong_argument("personFields", f"personFields mask is required. {MASK_NEEDED} {PAGE}/people/get.")
    sources = texts(call.said, "sources") or BOTH
    kinds = frozenset().union(*(KINDS[each] for each in sources)) | {"OTHER_CONTACT"}
    return View(fields, kinds, frozenset(call.account.gone_groups))


class View:
    """What of a Person is sent: *fields* of sources of these *kinds*, without memberships in *gone* groups."""

    def __init__(self, fields: frozenset[str], kinds: frozenset[str], gone: frozenset[str]) -> None:
        self.fields, self._kinds, self._gone = fields, kinds, gone

    def person(self, row: Row, *, sync: bool) -> Json:
        """Return a person of a list: of a deleted one nothing but its name and that it is deleted."""
        if row.item is None:
            return {"resourceName": row.name, **({"metadata": {"deleted": True}} if "metadata" in self.fields else {})}
        return self.shown(row.item, sync=sync, listing=True)

    def shown(self, item: Json, *, sync: bool = False, listing: bool = False) -> Json:
        """Return a person. *sync* tells former names, "populated only for requests that include a sync token"."""
        said: Json = {"resourceName": item["resourceName"], "etag": item["etag"]}
        sources = item["metadata"]["sources"]
        alike = len(sources) == 1 and sources[0]["type"] in self._kinds and not self._gone
        for name in item:
            if name not in self.fields:
                continue
            if name == "metadata":
                said[name] = self._metadata(item[name], sync=sync)
            elif entries := item[name] if alike else [each for each in item[name] if self._wanted(each)]:
                cut = listing and name in {"emailAddresses", "phoneNumbers"}
                said[name] = entries[:MOST_VALUES] if cut else entries
        return said

    def _wanted(self, entry: Json) -> bool:
        if entry["metadata"]["source"]["type"] not in self._kinds:
            return False
        group = entry.get("contactGroupMembership")
        return group is None or group["contactGroupResourceName"] not in self._gone

    def _metadata(self, metadata: Json, *, sync: bool) -> Json:
        kept = {key: value for key, value in metadata.items() if sync or key != "previousResourceNames"}
        return {**kept, "sources": [each for each in metadata["sources"] if each["type"] in self._kinds]}
