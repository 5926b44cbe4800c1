"""Contacts from the stand-in: whole, with their groups, and followed by sync tokens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from connectors.base import Change, Endpoint, Failed, Item, ItemRef, Kind
from connectors.errors import CollectionGone, ConfigError, CursorExpired, ScopeMissing, Vanished
from connectors.google.contacts import Contacts
from simulators.google import google
from tests.connectors.google.behind import CONTACTS, contacts, context, listed, only, person_document, transport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.google import Service


@pytest.fixture
def full() -> Iterator[Service]:
    """Run the stand-in with 120 people in 9 groups."""
    with google(people=120, events=0, groups=9, others=30, seed=3) as service:
        yield service


def own_group(server: Service) -> tuple[str, set[str]]:
    """Return the first group the user made, and who is in it."""
    walk = server.account.groups.walk()
    group = next(row.name for row in walk if row.item and row.item["groupType"].startswith("USER"))
    return group, {
        row.name for row in server.account.people.walk() if row.item and group in json.dumps(row.item["memberships"])
    }


def pictures_of(document: dict[str, object]) -> dict[str, object]:
    found = document["photos"]
    assert isinstance(found, dict)
    return found


def test_every_field_of_everyone_arrives(full: Service) -> None:
    place = contacts(full)
    found = listed(place, only(place))
    assert len(found.present) == 120
    for id_, change in found.present.items():
        assert change.item is not None
        document = json.loads(change.item.body)
        person = full.account.people.get(id_)
        assert person is not None
        assert change.item.body == person_document(full.account, person, document["photos"])
        chosen = [each["url"] for each in person["photos"] if not each.get("default")]
        assert set(pictures_of(document)) == set(chosen)
    assert {change.item.media_type for change in found.changes if change.item} == {
        "application/vnd.google.people.person+json"
    }


def test_the_number_is_told_beforehand(full: Service) -> None:
    place = contacts(full)
    assert {page.total for page in listed(place, only(place)).pages} == {120}


def test_a_run_without_news_asks_two_questions(full: Service) -> None:
    place = contacts(full)
    found = listed(place, only(place))
    full.calls.clear()
    again = listed(contacts(full), only(place), found.cursor)
    assert again.changes == []
    assert dict(full.calls) == {"people.people.connections.list": 1, "people.contactGroups.list": 1}


def test_what_changed_comes_with_its_groups(full: Service) -> None:
    place = contacts(full)
    found = listed(place, only(place))
    names = list(full.account.person_names())
    full.account.edit_person(names[4], nicknames=[{"value": "new"}])
    full.account.delete_person(names[5])
    added = full.account.add_person(names=[{"givenName": "Ada"}])
    full.calls.clear()
    again = listed(contacts(full), only(place), found.cursor)
    assert set(again.present) == {names[4], added}
    assert again.gone == {names[5]}
    assert again.present[names[4]].ref.revision != found.present[names[4]].ref.revision
    assert [group["resourceName"] for group in again.documents()[added]["contactGroups"]] == [
        "contactGroups/myContacts"
    ]
    assert full.calls["people.people.connections.list"] == 1


def test_case_53_a_renamed_group_yields_its_members_and_no_listing(full: Service) -> None:
    place = contacts(full)
    found = listed(place, only(place))
    group, members = own_group(full)
    assert 0 < len(members) < 120
    full.account.rename_group(group, "Freunde, neu")
    full.calls.clear()
    again = listed(contacts(full), only(place), found.cursor)
    assert set(again.present) == members
    assert not again.gone
    for id_, document in again.documents().items():
        named = {each["resourceName"]: each["name"] for each in document["contactGroups"]}
        assert named[group] == "Freunde, neu"
        assert again.present[id_].ref.revision != found.present[id_].ref.revision
    assert full.calls["people.people.connections.list"] == 1
    assert full.calls["people.people.getBatchGet"] == 1
    assert listed(contacts(full), only(place), again.cursor).changes == []


def test_a_deleted_group_lists_anew_for_nobody_tells_who_was_in_it(full: Service) -> None:
    place = contacts(full)
    found = listed(place, only(place))
    group, members = own_group(full)
    full.account.delete_group(group)
    with pytest.raises(CursorExpired):
        listed(contacts(full), only(place), found.cursor)
    fresh = listed(contacts(full), only(place))
    changed = {id_ for id_, each in fresh.present.items() if each.ref != found.present[id_].ref}
    assert changed == members


def test_a_new_group_is_no_reason_to_read_anybody_again(full: Service) -> None:
    place = contacts(full)
    found = listed(place, only(place))
    full.account.add_group("Just made")
    assert listed(contacts(full), only(place), found.cursor).changes == []


def test_case_62_an_expired_token_is_said_and_deletes_nothing(full: Service) -> None:
    place = contacts(full)
    found = listed(place, only(place))
    full.expire_sync_tokens()
    with pytest.raises(CursorExpired):
        listed(contacts(full), only(place), found.cursor)
    fresh = listed(contacts(full), only(place))
    assert fresh.pages[0].listing
    assert fresh.pages[-1].complete
    assert not fresh.gone
    assert {each.ref for each in fresh.changes} == {each.ref for each in found.changes}


def test_case_62_a_token_lives_for_seven_days(full: Service) -> None:
    place = contacts(full)
    found = listed(place, only(place))
    full.advance(8 * 86400)
    with pytest.raises(CursorExpired):
        listed(contacts(full), only(place), found.cursor)


def test_a_cursor_for_another_question_expires(full: Service) -> None:
    place = contacts(full)
    found = listed(place, only(place))
    with pytest.raises(CursorExpired):
        listed(contacts(full, profiles="no"), only(place), found.cursor)


def test_somebody_linked_to_a_profile_is_called_otherwise(full: Service) -> None:
    place = contacts(full)
    found = listed(place, only(place))
    before = next(iter(full.account.person_names()))
    after = full.account.rename_person(before)
    again = listed(contacts(full), only(place), found.cursor)
    assert set(again.present) == {after}
    assert again.gone == {before}
    (answer,) = contacts(full).fetch(only(place), [ItemRef(before)])
    assert isinstance(answer, Failed)
    assert isinstance(answer.error, Vanished)
    assert "previousResourceNames" not in json.dumps(again.documents()[after])
    (whole,) = contacts(full).fetch(only(place), [ItemRef(after)])
    assert whole == again.present[after].item


def test_case_60_one_person_in_two_lists_is_two_items(full: Service) -> None:
    scopes = (*CONTACTS, "contacts.other.readonly")
    place = contacts(full, scopes=scopes, other_contacts="yes")
    mine, other = place.collections()
    assert (mine.id, other.id) == ("contacts", "other-contacts")
    full.account.add_person(emailAddresses=[{"value": "other0@example.net"}])
    first, second = listed(place, mine), listed(place, other)
    assert len(second.present) == 30
    assert not set(first.present) & set(second.present)
    same = [
        sum("other0@example.net" in json.dumps(each) for each in found.documents().values())
        for found in (first, second)
    ]
    assert same == [1, 1]


def test_case_61_other_contacts_come_on_request_and_as_what_they_are(full: Service) -> None:
    assert [each.id for each in contacts(full).collections()] == ["contacts"]
    place = contacts(full, scopes=(*CONTACTS, "contacts.other.readonly"), other_contacts="yes")
    other = only(place, "other-contacts")
    found = listed(place, other)
    for id_, document in found.documents().items():
        assert id_.startswith("otherContacts/")
        assert set(document) == {"otherContacts", "contactGroups", "photos"}
        assert document["contactGroups"] == []
        sources = document["otherContacts"][0]["metadata"]["sources"]
        assert {each["type"] for each in sources} == {"OTHER_CONTACT"}
    again = listed(place, other, found.cursor)
    assert again.changes == []
    fetched = {each.ref.id: each for each in place.fetch(other, [each.ref for each in found.changes])}
    assert {each.ref for each in fetched.values()} == {each.ref for each in found.changes}
    assert set(place.inventory(other)) == {each.ref for each in found.changes}


def test_case_61_profiles_can_be_left_out(full: Service) -> None:
    place = contacts(full, profiles="no")
    text = json.dumps(listed(place, only(place)).documents())
    assert '"PROFILE"' not in text
    whole = contacts(full)
    assert '"PROFILE"' in json.dumps(listed(whole, only(whole)).documents())


def test_a_scope_that_is_missing_is_named(full: Service) -> None:
    place = contacts(full, other_contacts="yes")
    with pytest.raises(ScopeMissing) as missing:
        listed(place, only(place, "other-contacts"))
    assert "contacts.other.readonly" in missing.value.scope


def test_lists_show_a_hundred_numbers_and_we_bring_them_all(server: Service) -> None:
    """people.v1, ``Person.phoneNumbers``: lists are limited to 100; the entire set comes by name."""
    phones = [{"value": f"+41 {number}"} for number in range(137)]
    name = server.account.add_person(names=[{"givenName": "Switchboard"}], phoneNumbers=phones)
    place = contacts(server)
    found = listed(place, only(place))
    (person,) = found.documents()[name]["connections"]
    assert len(person["phoneNumbers"]) == 137


def test_fetch_asks_for_a_hundred_at_once(full: Service) -> None:
    place = contacts(full)
    found = listed(place, only(place))
    full.calls.clear()
    answers = list(place.fetch(only(place), [each.ref for each in found.changes]))
    assert all(isinstance(each, Item) for each in answers)
    assert full.calls["people.people.getBatchGet"] == 2
    assert {each.ref.id: each for each in answers} == {each.ref.id: each.item for each in found.changes}


def test_the_inventory_is_light_and_the_same(full: Service) -> None:
    place = contacts(full)
    found = listed(place, only(place))
    heavy = full.bytes["people.people.connections.list"]
    full.bytes.clear()
    full.calls.clear()
    assert sorted(place.inventory(only(place)), key=str) == sorted((each.ref for each in found.changes), key=str)
    assert full.bytes["people.people.connections.list"] < heavy / 2
    assert "photos" not in full.calls


@pytest.mark.parametrize("path", ["", "contacts", "Contacts"])
def test_a_list_is_chosen_by_name(server: Service, path: str) -> None:
    http = transport(server.url, server.token(*CONTACTS))
    place = Contacts(Endpoint("google-contacts", url=server.url, path=path), context(http))
    assert [each.id for each in place.collections()] == ["contacts"]


def test_what_is_not_selected_is_not_shown(server: Service) -> None:
    http = transport(server.url, server.token(*CONTACTS))
    for more in ({"path": "elsewhere"}, {"kinds": frozenset({Kind.EVENT})}):
        place = Contacts(Endpoint("google-contacts", url=server.url, **more), context(http))
        assert list(place.collections()) == []


@pytest.mark.parametrize("name", ["other-contacts", "profiles"])
def test_an_option_is_yes_or_no(server: Service, name: str) -> None:
    http = transport(server.url, "x")
    with pytest.raises(ConfigError, match=name):
        Contacts(Endpoint("google-contacts", url=server.url, options={name: "perhaps"}), context(http))


def test_a_list_that_was_not_asked_for_is_gone(server: Service) -> None:
    place = contacts(server, scopes=(*CONTACTS, "contacts.other.readonly"), other_contacts="yes")
    other = only(place, "other-contacts")
    with pytest.raises(CollectionGone):
        listed(contacts(server), other)


def test_the_manifest_promises_reading_only() -> None:
    said = Contacts.manifest
    assert said.id == "google-contacts"
    assert said.reads == {Kind.CONTACT}
    assert not said.writes
    assert said.incremental
    assert said.deletions


def test_an_item_is_called_as_the_person_is(server: Service) -> None:
    name = server.account.add_person(names=[{"displayName": "Ada / Lovelace", "givenName": "Ada"}])
    place = contacts(server)
    found = listed(place, only(place)).present[name]
    assert isinstance(found, Change)
    assert found.item is not None
    assert found.item.name == "Ada / Lovelace"
