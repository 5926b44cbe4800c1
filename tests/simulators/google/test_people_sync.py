"""People: pages, sync tokens and their end, deleted and renamed contacts, groups, delay."""

from __future__ import annotations

from typing import Any

import pytest

from simulators.google import Service
from tests.simulators.google.asking import Answer, Caller

DAY = 86_400.0
LISTING = "/v1/people/me/connections"


def _full(caller: Caller, **query: object) -> tuple[dict[str, Any], str]:
    """Return all contacts by name, and the sync token of the last page."""
    asked = {"personFields": "names,metadata,memberships", "requestSyncToken": True, "pageSize": 20, **query}
    pages = list(caller.pages(LISTING, **asked))
    assert all("nextSyncToken" not in page for page in pages[:-1])
    return {each["resourceName"]: each for page in pages for each in page.get("connections", [])}, pages[-1][
        "nextSyncToken"
    ]


def _since(caller: Caller, token: str, **query: object) -> Answer:
    asked = {"personFields": "names,metadata,memberships", "pageSize": 20, "syncToken": token, **query}
    return caller.get(LISTING, **asked)


def test_pages_hold_what_was_asked_and_nothing_twice(caller: Caller) -> None:
    pages = list(caller.pages(LISTING, personFields="names", pageSize=20))
    names = [each["resourceName"] for page in pages for each in page["connections"]]
    assert [len(page["connections"]) for page in pages] == [20, 20, 5]
    assert len(set(names)) == 45
    assert {page["totalItems"] for page in pages} == {page["totalPeople"] for page in pages} == {45}


@pytest.mark.parametrize("size", [1, 44, 45, 46, 1000])
def test_a_page_that_ends_with_the_list_is_the_last_one(caller: Caller, size: int) -> None:
    pages = list(caller.pages(LISTING, personFields="names", pageSize=size))
    assert len(pages) == -(-45 // size)


def test_an_account_without_contacts_answers_without_the_list(server: Service) -> None:
    nobody = Caller(server, server.token("contacts.readonly", user="no@example.org"))
    said = nobody.connections(requestSyncToken=True).json
    assert "connections" not in said
    assert said["totalItems"] == 0
    assert said["nextSyncToken"]


def test_a_sync_token_comes_only_when_asked_for(caller: Caller) -> None:
    assert "nextSyncToken" not in caller.connections(pageSize=1000).json
    assert "nextSyncToken" in caller.connections(pageSize=1000, requestSyncToken=True).json


def test_a_page_token_wants_the_same_parameters_again(caller: Caller) -> None:
    """The document: "all other parameters must match the first call that provided the page token"."""
    token = caller.connections(pageSize=10).json["nextPageToken"]
    assert caller.connections(pageSize=10, pageToken=token).status == 200
    for other in ({"pageSize": 11}, {"pageSize": 10, "personFields": "names"}, {"sources": "READ_SOURCE_TYPE_CONTACT"}):
        refused = caller.connections(**{"pageSize": 10, **other, "pageToken": token})
        assert refused.status == 400
        assert "must match the first call" in refused.error["message"]


@pytest.mark.parametrize("token", ["x", "AAAA", "%00", "🙂", "a" * 3000])
def test_tokens_nobody_gave_out_are_refused(caller: Caller, token: str) -> None:
    assert caller.connections(pageToken=token).status == 400
    assert caller.connections(syncToken=token).status == 400


def test_tokens_are_not_taken_for_each_other(caller: Caller) -> None:
    page = caller.connections(pageSize=10).json["nextPageToken"]
    sync = caller.connections(pageSize=1000, requestSyncToken=True).json["nextSyncToken"]
    assert caller.connections(pageSize=10, syncToken=page).status == 400
    assert caller.connections(pageSize=1000, pageToken=sync).status == 400
    assert caller.people("otherContacts", readMask="names", syncToken=sync).status == 400
    assert caller.people("contactGroups", pageToken=page).status == 400


def test_a_sync_without_changes_tells_nothing_and_goes_on(caller: Caller) -> None:
    _, token = _full(caller)
    for _ in range(3):
        said = _since(caller, token).json
        assert "connections" not in said
        token = said["nextSyncToken"]


def test_a_sync_tells_what_was_edited_added_and_deleted(caller: Caller, server: Service) -> None:
    known, token = _full(caller)
    first, second, *_ = known
    server.account.edit_person(first, names=[{"givenName": "Edited, Ana"}])
    server.account.delete_person(second)
    added = server.account.add_person(names=[{"givenName": "New"}])
    said = _since(caller, token).json
    told = {each["resourceName"]: each for each in said["connections"]}
    assert set(told) == {first, second, added}
    assert told[first]["names"][0]["givenName"] == "Edited, Ana"
    assert told[first]["etag"] != known[first]["etag"]
    assert told[first]["metadata"]["sources"][0]["updateTime"] > known[first]["metadata"]["sources"][0]["updateTime"]
    assert told[second] == {"resourceName": second, "metadata": {"deleted": True}}
    again, _ = _full(caller)
    assert set(again) == set(known) - {second} | {added}
    assert "connections" not in _since(caller, said["nextSyncToken"]).json


def test_a_deletion_is_not_to_be_seen_without_metadata(caller: Caller, server: Service) -> None:
    """Unlisted fields are absent: without metadata in the mask a deletion looks like an empty contact."""
    _, token = _full(caller, personFields="names")
    gone = next(server.account.person_names())
    server.account.delete_person(gone)
    assert _since(caller, token, personFields="names").json["connections"] == [{"resourceName": gone}]


def test_one_that_was_added_and_deleted_again_is_told_as_deleted(caller: Caller, server: Service) -> None:
    _, token = _full(caller)
    brief = server.account.add_person(names=[{"givenName": "Brief"}])
    server.account.delete_person(brief)
    assert _since(caller, token).json["connections"] == [{"resourceName": brief, "metadata": {"deleted": True}}]


def test_many_changes_come_in_pages_and_the_token_on_the_last_one(caller: Caller, server: Service) -> None:
    known, token = _full(caller)
    for name in known:
        server.account.edit_person(name, nicknames=[{"value": "x"}])
    asked = {"personFields": "names,metadata,memberships", "pageSize": 20, "syncToken": token}
    pages = list(caller.pages(LISTING, **asked))
    assert [len(page["connections"]) for page in pages] == [20, 20, 5]
    assert ["nextSyncToken" in page for page in pages] == [False, False, True]


def test_a_change_between_two_pages_is_told_by_the_next_sync(caller: Caller, server: Service) -> None:
    """Case: the token stands for the beginning of the listing, so nothing falls between the pages."""
    asked = {"personFields": "names,metadata,memberships", "pageSize": 20, "requestSyncToken": True}
    names: list[str] = []
    token = ""
    for at, page in enumerate(caller.pages(LISTING, **asked)):
        names += [each["resourceName"] for each in page["connections"]]
        if at == 0:
            server.account.edit_person(names[3], nicknames=[{"value": "in between"}])
            server.account.delete_person(names[4])
        token = page.get("nextSyncToken", "")
    assert names.count(names[3]) == 2  # an edited contact moves to the end of the list: the same name on two pages
    told = {each["resourceName"] for each in _since(caller, token).json["connections"]}
    assert told == {names[3], names[4]}


def test_a_sync_wants_the_same_parameters_again(caller: Caller) -> None:
    _, token = _full(caller)
    assert _since(caller, token, personFields="names").status == 400
    assert _since(caller, token, requestSyncToken=True).status == 200


def test_a_sync_token_dies_seven_days_after_the_full_sync(caller: Caller, server: Service) -> None:
    """Case 62: 400 with EXPIRED_SYNC_TOKEN, though the last sync was yesterday."""
    server.identity.access_lifetime = 30 * DAY
    caller.token = server.token("contacts.readonly")
    _, token = _full(caller)
    for _ in range(6):
        server.advance(DAY)
        token = _since(caller, token).json["nextSyncToken"]
    server.advance(DAY + 1)
    refused = _since(caller, token)
    assert (refused.status, refused.reason) == (400, "EXPIRED_SYNC_TOKEN")
    assert refused.error["status"] == "FAILED_PRECONDITION"
    assert refused.error["message"] == "Sync token is expired. Clear local cache and retry call without the sync token."
    assert len(_full(caller)[0]) == 45


def test_a_sync_may_renew_the_seven_days(caller: Caller, server: Service) -> None:
    server.identity.access_lifetime, server.settings.renewing = 30 * DAY, True
    caller.token = server.token("contacts.readonly")
    _, token = _full(caller)
    for _ in range(10):
        server.advance(DAY)
        token = _since(caller, token).json["nextSyncToken"]


def test_sync_tokens_can_be_ended_at_once(caller: Caller, server: Service) -> None:
    _, token = _full(caller)
    server.expire_sync_tokens()
    assert _since(caller, token).reason == "EXPIRED_SYNC_TOKEN"
    _, fresh = _full(caller)
    assert _since(caller, fresh).status == 200


def test_writes_take_their_time_until_a_sync_tells_them(caller: Caller, server: Service) -> None:
    """The document: "Writes may have a propagation delay of several minutes for sync requests"."""
    server.settings.delay = 180
    known, token = _full(caller)
    name = next(iter(known))
    server.account.edit_person(name, names=[{"givenName": "Late"}])
    early = _since(caller, token).json
    assert "connections" not in early
    assert caller.people(name, personFields="names").json["names"][0]["givenName"] == "Late"
    fresh, beside = _full(caller)
    assert fresh[name]["names"][0]["givenName"] == "Late"
    server.advance(181)
    for waiting in (token, early["nextSyncToken"], beside):
        assert [each["resourceName"] for each in _since(caller, waiting).json["connections"]] == [name]


def test_a_contact_may_get_another_name(caller: Caller, server: Service) -> None:
    """The document: previousResourceNames, "populated only for requests that include a sync token"."""
    known, token = _full(caller)
    old = next(iter(known))
    new = server.account.rename_person(old)
    told = {each["resourceName"]: each for each in _since(caller, token).json["connections"]}
    assert told[new]["metadata"]["previousResourceNames"] == [old]
    assert told[old]["metadata"] == {"deleted": True}
    assert "previousResourceNames" not in _full(caller)[0][new]["metadata"]


def test_sources_choose_what_is_merged(caller: Caller) -> None:
    both = caller.connections(personFields="names,emailAddresses,metadata").json["connections"][9]
    own = caller.connections(personFields="names,emailAddresses,metadata", sources="READ_SOURCE_TYPE_CONTACT").json
    kinds = {each["metadata"]["source"]["type"] for each in both["names"] + both["emailAddresses"]}
    assert kinds == {"CONTACT", "PROFILE"}
    assert [each["type"] for each in both["metadata"]["sources"]] == ["CONTACT", "PROFILE"]
    alone = own["connections"][9]
    assert {each["metadata"]["source"]["type"] for each in alone.get("emailAddresses", [])} <= {"CONTACT"}
    assert [each["type"] for each in alone["metadata"]["sources"]] == ["CONTACT"]


def test_orders(caller: Caller, server: Service) -> None:
    server.account.edit_person(
        next(server.account.person_names()), names=[{"givenName": "\u0000first", "familyName": "\uffffz"}]
    )

    def names(order: str) -> list[Any]:
        pages = caller.pages(LISTING, personFields="names", pageSize=10, sortOrder=order)
        return [each for page in pages for each in page["connections"]]

    up, down = names("LAST_MODIFIED_ASCENDING"), names("LAST_MODIFIED_DESCENDING")
    assert [each["resourceName"] for each in up] == [each["resourceName"] for each in reversed(down)]
    for order, field in (("FIRST_NAME_ASCENDING", "givenName"), ("LAST_NAME_ASCENDING", "familyName")):
        found = [each.get("names", [{}])[0].get(field, "").casefold() for each in names(order)]
        assert found == sorted(found)
        assert len(found) == 45


def test_lists_tell_a_hundred_addresses_and_get_tells_all(caller: Caller, server: Service) -> None:
    many = [{"value": f"m{number}@example.org"} for number in range(150)]
    name = server.account.add_person(emailAddresses=many)
    listed = [each for page in caller.pages(LISTING, personFields="emailAddresses") for each in page["connections"]]
    assert len(next(each for each in listed if each["resourceName"] == name)["emailAddresses"]) == 100
    assert len(caller.people(name, personFields="emailAddresses").json["emailAddresses"]) == 150


def test_other_contacts_sync_alike(caller: Caller, server: Service) -> None:
    asked = {"readMask": "names,metadata", "requestSyncToken": True}
    token = caller.people("otherContacts", **asked).json["nextSyncToken"]
    gone = next(server.account.others.walk()).name
    server.account.others.remove(gone)
    said = caller.people("otherContacts", readMask="names,metadata", syncToken=token).json
    assert said["otherContacts"] == [{"resourceName": gone, "metadata": {"deleted": True}}]
    assert said["totalSize"] == 11
    server.expire_sync_tokens()
    assert caller.people("otherContacts", readMask="names,metadata", syncToken=token).reason == "EXPIRED_SYNC_TOKEN"


@pytest.mark.parametrize("missing", ["people/c5", "people/me", "nothing"])
def test_backstage_says_when_there_is_no_such_contact(server: Service, missing: str) -> None:
    with pytest.raises(KeyError):
        server.account.edit_person(missing, names=None)
    with pytest.raises(KeyError):
        server.account.delete_person(missing)
    with pytest.raises(KeyError):
        server.account.rename_person(missing)


def test_a_field_can_be_taken_away(caller: Caller, server: Service) -> None:
    name = server.account.add_person(names=[{"givenName": "A"}], urls=[{"value": "https://example.org"}])
    server.account.edit_person(name, urls=None)
    assert set(caller.people(name, personFields="names,urls").json) == {"resourceName", "etag", "names"}
