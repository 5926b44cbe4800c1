"""The world: named, shared, counted, and honest when no fault is set."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from connectors.base import ChangePage, Collection, Cursor, Endpoint, ItemRef, Kind
from connectors.errors import CollectionGone, ConfigError
from connectors.memory.place import Memory
from connectors.memory.world import forget, world
from connectors.testing import context

if TYPE_CHECKING:
    from tests.connectors.memory.behind import MemoryBackstage


def test_a_name_leads_to_one_world() -> None:
    name = uuid.uuid4().hex
    assert world(name) is world(name)
    assert Memory(Endpoint("memory", account=name), context()).world is world(name)
    assert Memory(Endpoint("memory", root=name), context()).world is world(name)
    before = world(name)
    forget(name)
    assert world(name) is not before
    forget(name)
    forget(name)


def test_a_place_without_a_name_has_a_world() -> None:
    assert Memory(Endpoint("memory"), context()).check().name == "default"


def test_two_places_look_at_the_same_items(backstage: MemoryBackstage) -> None:
    _, home = backstage.fill(2)
    assert [ref.id for ref in backstage.connect().inventory(home)] == ["0", "1"]


def test_the_path_selects_one_collection(backstage: MemoryBackstage) -> None:
    backstage.world.create("a")
    backstage.world.create("b", Kind.CONTACT, id="/b/")
    assert [collection.id for collection in backstage.connect("b").collections()] == ["/b/"]
    with pytest.raises(ConfigError):
        list(backstage.connect("c").collections())
    people = Memory(Endpoint("memory", account=backstage.name, kinds=frozenset({Kind.CONTACT})), context())
    assert [collection.id for collection in people.collections()] == ["/b/"]


def test_calls_are_counted(backstage: MemoryBackstage) -> None:
    place, home = backstage.fill(3)
    list(place.changes(home, None))
    list(place.fetch(home, [ItemRef("0"), ItemRef("1")]))
    list(place.fetch(home, [ItemRef("2")]))
    list(place.inventory(home))
    assert backstage.world.calls == {"changes": 1, "fetch": 2, "inventory": 1}


def test_ensure_takes_the_named_collection(backstage: MemoryBackstage) -> None:
    backstage.world.create("mine")
    wish = Collection("/far/", Kind.EVENT, "Home", "home")
    assert backstage.connect("mine").ensure(wish, None).id == "mine"
    assert backstage.connect().ensure(wish, None).id == "home"
    assert backstage.connect().ensure(wish, "lost").id == "home"


def test_a_missing_collection_cannot_be_changed_behind_the_back(backstage: MemoryBackstage) -> None:
    with pytest.raises(CollectionGone):
        backstage.world.add("nowhere", "a", b"x")


def test_pages_of_a_delta_can_be_resumed_one_by_one(backstage: MemoryBackstage) -> None:
    place, home = backstage.fill(0)
    (start,) = place.changes(home, None)
    for number in range(7):
        backstage.world.add(home.id, str(number), b"x")
    backstage.world.page_size = 3
    page, seen = start, list[str]()
    for _ in range(3):  # as if the process died after each page
        page = next(place.changes(home, page.cursor))
        assert not page.listing
        seen += [change.ref.id for change in page.changes]
    assert page.last
    assert seen == [str(number) for number in range(7)]


class Following(RuleBasedStateMachine):
    """Whoever follows the tokens knows what is there, whatever happens in between."""

    @initialize(size=st.integers(1, 4))
    def begin(self, size: int) -> None:
        self.name = uuid.uuid4().hex
        self.world = world(self.name)
        self.world.page_size = size
        self.home = self.world.create("home")
        self.place = Memory(Endpoint("memory", account=self.name), context())
        self.cursor: Cursor | None = None
        self.known: dict[str, str | None] = {}

    def teardown(self) -> None:
        if hasattr(self, "name"):
            forget(self.name)

    @rule(item=st.sampled_from("abcdef"), body=st.binary(max_size=3))
    def write(self, item: str, body: bytes) -> None:
        self.world.add(self.home.id, item, body)

    @rule(item=st.sampled_from("abcdef"))
    def delete(self, item: str) -> None:
        if item in self.world.bodies(self.home.id):
            self.world.delete(self.home.id, item)

    @rule()
    def lose_the_cursor(self) -> None:
        self.cursor = None

    @rule(pages=st.integers(1, 3))
    def follow_for_a_while(self, pages: int) -> None:
        for _, page in zip(range(pages), self.place.changes(self.home, self.cursor), strict=False):
            self.settle(page)

    @rule()
    def follow_to_the_end(self) -> None:
        full, seen = False, set[str]()
        for page in self.place.changes(self.home, self.cursor):
            self.settle(page)
            full = page.listing
            seen |= {change.ref.id for change in page.changes}
        if full:
            self.known = {item: revision for item, revision in self.known.items() if item in seen}
        there = {ref.id: ref.revision for ref in self.place.inventory(self.home)}
        assert self.known == there

    def settle(self, page: ChangePage) -> None:
        for change in page.changes:
            if change.gone:
                self.known.pop(change.ref.id, None)
            else:
                self.known[change.ref.id] = change.ref.revision
        self.cursor = page.cursor or self.cursor

    @invariant()
    def the_counter_never_goes_back(self) -> None:
        shelf = self.world.shelf(self.home.id)
        assert all(stored.revision <= self.world.serial for stored in shelf.items.values())


Following.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestFollowing = Following.TestCase
