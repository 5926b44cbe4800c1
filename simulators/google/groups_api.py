"""The People API's methods for contact groups."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from simulators.google import masks
from simulators.google.calling import Asked, Call, listed, present
from simulators.google.parameters import number, text, texts
from simulators.google.people_api import expired
from simulators.google.refusals import Refusal, not_found, wrong_argument

if TYPE_CHECKING:
    from simulators.google.account import Account
    from simulators.google.discovery import Json
    from simulators.google.shelf import Row

DEFAULT = ("metadata", "groupType", "memberCount", "name")
ALWAYS = {"resourceName", "etag"}
MOST_NAMES = 200


def list_(call: Call) -> Json:
    """people.contactGroups.list."""
    fields = _fields(call)
    size = number(call.said, call.method, "pageSize")
    asked = Asked("contactGroups", size, call.settings.people_token_life, expired(), present, delay=call.settings.delay)
    found = listed(call, call.account.groups, asked)
    counts = call.account.member_counts() if "memberCount" in fields else Counter()
    shown = [_row(row, fields, counts) for row in found.rows]
    return {"contactGroups": shown, **found.tokens(), "totalItems": call.account.groups.count}


def _row(row: Row, fields: frozenset[str], counts: Counter[str]) -> Json:
    if row.item is None:
        gone = {"metadata": {"deleted": True}} if "metadata" in fields else {}
        return {"resourceName": row.name, **gone}
    return _shown(row.item, fields, counts)


def get(call: Call) -> Json:
    """people.contactGroups.get."""
    return _one(call, str(call.said["resourceName"]), _fields(call))


def batch_get(call: Call) -> Json:
    """people.contactGroups.batchGet."""
    fields, names = _fields(call), texts(call.said, "resourceNames")
    if not 0 < len(names) <= MOST_NAMES:
        raise wrong_argument("resourceNames", f"There must be 1 to {MOST_NAMES} resource names.")
    responses = []
    for name in names:
        try:
            said: Json = {"contactGroup": _one(call, name, fields), "status": {}}
        except Refusal as refusal:
            said = {"status": {"code": 5, "message": refusal.words}}
        responses.append({"requestedResourceName": name, **said})
    return {"responses": responses}


def _one(call: Call, name: str, fields: frozenset[str]) -> Json:
    found = call.account.groups.get(name)
    if found is None:
        raise not_found()
    said = _shown(found, fields, call.account.member_counts() if "memberCount" in fields else Counter())
    most = call.said.get("maxMembers", 0)
    if isinstance(most, int) and most > 0:
        said["memberResourceNames"] = _members(call.account, name, most)
    return said


def _fields(call: Call) -> frozenset[str]:
    return masks.listed("groupFields", text(call.said, "groupFields") or ",".join(DEFAULT), _valid(call))


def _valid(call: Call) -> tuple[str, ...]:
    return call.method.parameters["groupFields"].paths


def _shown(item: Json, fields: frozenset[str], counts: Counter[str]) -> Json:
    kept = {key: value for key, value in item.items() if key in fields or key in ALWAYS}
    if "name" in fields:
        kept["formattedName"] = item["formattedName"]
    if "memberCount" in fields and (
        count := counts[item["resourceName"].partition("/")[2]]
    ):  # a number of zero is not sent
        kept["memberCount"] = count
    return kept


def _members(account: Account, name: str, most: int) -> list[str]:
    short = name.partition("/")[2]
    return list(islice((person for person, groups in account.memberships() if short in groups), most))
