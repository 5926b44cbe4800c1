"""Contact groups: pages, members, names, and how they sync."""

from __future__ import annotations

from typing import Any

import pytest

from simulators.google import Service
from simulators.google.people_making import SYSTEM_GROUPS
from tests.simulators.google.asking import Caller


def _groups(caller: Caller, **query: object) -> dict[str, Any]:
    return {
        each["resourceName"]: each
        for page in caller.pages("/v1/contactGroups", **query)
        for each in page["contactGroups"]
    }


def _own(caller: Caller) -> list[str]:
    return [name for name, each in _groups(caller).items() if each["groupType"] == "USER_CONTACT_GROUP"]


def test_system_groups_and_the_users_own_are_listed(caller: Caller) -> None:
    groups = _groups(caller, pageSize=6)
    system = [each["name"] for each in groups.values() if each["groupType"] == "SYSTEM_CONTACT_GROUP"]
    assert system == list(SYSTEM_GROUPS)
    assert len(groups) == len(SYSTEM_GROUPS) + 12
    assert groups["contactGroups/myContacts"]["formattedName"] == "MyContacts"
    assert any("\n" in each["name"] for each in groups.values())


def test_members_are_counted_and_named(caller: Caller, server: Service) -> None:
    people = [
        each
        for page in caller.pages("/v1/people/me/connections", personFields="memberships")
        for each in page["connections"]
    ]
    wanted: dict[str, list[str]] = {}
    for person in people:
        for each in person["memberships"]:
            wanted.setdefault(each["contactGroupMembership"]["contactGroupResourceName"], []).append(
                person["resourceName"]
            )
    for name, group in _groups(caller).items():
        assert group.get("memberCount", 0) == len(wanted.get(name, []))
        assert "memberResourceNames" not in group
        said = caller.people(name, maxMembers=1000).json
        assert said.get("memberResourceNames", []) == wanted.get(name, [])
    assert len(caller.people("contactGroups/myContacts", maxMembers=3).json["memberResourceNames"]) == 3
    server.account.delete_person(people[0]["resourceName"])
    assert caller.people("contactGroups/myContacts").json["memberCount"] == 44


def test_a_renamed_group_syncs_and_its_members_do_not(caller: Caller, server: Service) -> None:
    """Case 53: a rename is one change of one group."""
    group = _own(caller)[0]
    token = caller.people("contactGroups", pageSize=1000).json["nextSyncToken"]
    contacts = caller.connections(requestSyncToken=True).json["nextSyncToken"]
    server.account.rename_group(group, "Freunde, Familie")
    told = caller.people("contactGroups", pageSize=1000, syncToken=token).json["contactGroups"]
    assert [(each["resourceName"], each["name"]) for each in told] == [(group, "Freunde, Familie")]
    assert "connections" not in caller.connections(syncToken=contacts).json


def test_a_deleted_group_syncs_and_is_no_membership_any_more(caller: Caller, server: Service) -> None:
    group = next(name for name in _own(caller) if _groups(caller)[name].get("memberCount"))
    token = caller.people("contactGroups", pageSize=1000).json["nextSyncToken"]
    server.account.delete_group(group)
    said = caller.people("contactGroups", pageSize=1000, syncToken=token).json
    assert said["contactGroups"] == [{"resourceName": group, "metadata": {"deleted": True}}]
    assert group not in _groups(caller)
    assert group not in caller.connections(personFields="memberships", pageSize=1000).body.decode()
    assert caller.people(group).status == 404


def test_a_new_group_syncs(caller: Caller, server: Service) -> None:
    token = caller.people("contactGroups").json["nextSyncToken"]
    name = server.account.add_group("Neu 🆕")
    told = caller.people("contactGroups", syncToken=token).json["contactGroups"]
    assert [each["resourceName"] for each in told] == [name]
    person = server.account.add_person(memberships=[{"contactGroupMembership": {"contactGroupResourceName": name}}])
    assert caller.people(name, maxMembers=5).json["memberResourceNames"] == [person]


def test_a_sync_token_of_groups_dies_as_well(caller: Caller, server: Service) -> None:
    server.identity.access_lifetime = 1e7
    caller.token = server.token("contacts.readonly")
    token = caller.people("contactGroups").json["nextSyncToken"]
    server.advance(7 * 86_400 + 1)
    assert caller.people("contactGroups", syncToken=token).reason == "EXPIRED_SYNC_TOKEN"


@pytest.mark.parametrize("name", ["contactGroups/myContacts", "contactGroups/none"])
def test_backstage_deletes_no_group_there_is_not_and_none_of_googles(server: Service, name: str) -> None:
    with pytest.raises(KeyError):
        server.account.delete_group(name)


def test_backstage_renames_no_group_there_is_not(server: Service) -> None:
    with pytest.raises(KeyError):
        server.account.rename_group("contactGroups/none", "x")
