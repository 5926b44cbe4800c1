"""Whatever happens to an account, following it gives what a fresh listing gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Item
from connectors.errors import CursorExpired
from simulators.google import google
from tests.connectors.google.behind import OPENED, contacts, listed, only

if TYPE_CHECKING:
    from connectors.base import Cursor, ItemRef
    from simulators.google import Service

ACTS = ("add", "edit", "delete", "link", "join", "leave", "new group", "rename group", "delete group", "sync")
"""What may happen; ``link`` gives a person another name, as a profile does."""


class Copy:
    """What an engine would hold of the contacts, and where it goes on from."""

    def __init__(self, server: Service) -> None:
        self._server = server
        self.bodies: dict[str, bytes] = {}
        self.refs: dict[str, ItemRef] = {}
        self._cursor: Cursor | None = None

    def follow(self) -> None:
        """Bring the copy up to date, in a new process each time."""
        place = contacts(self._server)
        home = only(place)
        try:
            found = listed(place, home, self._cursor)
        except CursorExpired:
            found = listed(place, home)
        if found.pages[0].listing:
            self.bodies, self.refs = {}, {}
        for change in found.changes:
            assert change.problem is None
            if change.gone:
                self.bodies.pop(change.ref.id, None)
                self.refs.pop(change.ref.id, None)
            else:
                assert change.item is not None
                self.bodies[change.ref.id] = change.item.body
                self.refs[change.ref.id] = change.ref
        self._cursor = found.cursor


def act(server: Service, what: str, at: int) -> None:
    """Let something happen to one of the people, or to one of the groups."""
    account = server.account
    people = list(account.person_names())
    own = [row.name for row in account.groups.walk() if row.item and row.item["groupType"].startswith("USER")]
    person, group = people[at % len(people)] if people else "", own[at % len(own)] if own else ""
    if what == "add":
        account.add_person(names=[{"givenName": f"New {at}"}])
    elif what == "new group":
        account.add_group(f"Group {at} of {account.groups.number}")
    elif group and what == "rename group":
        account.rename_group(group, f"Renamed {at} {account.groups.number}")
    elif group and what == "delete group":
        account.delete_group(group)
    elif person and what == "edit":
        account.edit_person(person, nicknames=[{"value": f"Nick {at}"}])
    elif person and what == "delete":
        account.delete_person(person)
    elif person and what == "link":
        account.rename_person(person)
    elif person and what in {"join", "leave"}:
        names = ["contactGroups/myContacts", *([group] if group and what == "join" else [])]
        memberships = [
            {
                "contactGroupMembership": {
                    "contactGroupId": name.partition("/")[2],
                    "contactGroupResourceName": name,
                }
            }
            for name in names
        ]
        account.edit_person(person, memberships=memberships)


@given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 9)), min_size=3, max_size=25))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_following_is_as_good_as_listing(acts: list[tuple[str, int]]) -> None:
    with google(people=6, events=0, groups=3) as server:
        copy = Copy(server)
        copy.follow()
        for what, at in acts:
            if what == "sync":
                copy.follow()
            else:
                act(server, what, at)
        copy.follow()
        place = contacts(server)
        home = only(place)
        fresh = listed(place, home)
        assert copy.bodies == {each.ref.id: each.item.body for each in fresh.changes if each.item}
        assert copy.refs == {each.ref.id: each.ref for each in fresh.changes}
        assert set(place.inventory(home)) == set(copy.refs.values())
        fetched = {each.ref.id: each for each in place.fetch(home, list(copy.refs.values()))}
        assert {id_: each.body for id_, each in fetched.items() if isinstance(each, Item)} == copy.bodies
        while OPENED:
            OPENED.pop().close()
