"""A follower that keeps only cursors and pages ends with what the world holds, whatever happened in between."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Collection, Cursor, Failed, Item, ItemRef, Kind, Put, Result
from connectors.errors import CursorExpired
from connectors.memory.place import Memory
from connectors.memory.world import Faults
from tests.connectors.memory.behind import MemoryBackstage

ITEMS = st.sampled_from([f"i{number}" for number in range(6)])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), ITEMS, st.binary(min_size=1, max_size=4)),
        st.tuples(st.just("delete"), ITEMS, st.just(b"")),
        st.tuples(st.just("look"), ITEMS, st.just(b"")),
        st.tuples(st.just("forget"), ITEMS, st.just(b"")),
    ),
    max_size=40,
)


class Follower:
    """Keeps ids and revisions by reading pages, and remembers the cursor of the last whole page."""

    def __init__(self, place: Memory, home: Collection) -> None:
        self.place, self.home = place, home
        self.cursor: Cursor | None = None
        self.known: dict[str, str | None] = {}

    def look(self) -> None:
        """Read until the last page; list anew when the cursor is not known any more."""
        try:
            self._read()
        except CursorExpired:
            self.cursor = None
            self._read()

    def _read(self) -> None:
        listed: set[str] = set()
        listing = self.cursor is None
        for page in self.place.changes(self.home, self.cursor):
            assert page.listing is listing
            for change in page.changes:
                listed.add(change.ref.id)
                if change.gone:
                    self.known.pop(change.ref.id, None)
                else:
                    self.known[change.ref.id] = change.ref.revision
            self.cursor = page.cursor if page.cursor is not None else self.cursor
        if listing:
            self.known = {item: revision for item, revision in self.known.items() if item in listed}


@given(STEPS, st.integers(1, 4))
@settings(max_examples=150, deadline=None)
def test_deltas_and_listings_lead_to_the_same_end(steps: list[tuple[str, str, bytes]], page_size: int) -> None:
    backstage = MemoryBackstage()
    place, home = backstage.fill(0)
    backstage.world.page_size = page_size
    follower = Follower(place, home)
    try:
        for what, item, body in steps:
            if what == "add":
                backstage.world.add(home.id, item, body)
            elif what == "delete" and item in backstage.bodies(home.id):
                backstage.delete(home.id, item)
            elif what == "forget":
                backstage.world.forget_cursors()
            elif what == "look":
                follower.look()
        follower.look()
        there = {ref.id: ref.revision for ref in place.inventory(home)}
        assert follower.known == there
        bodies = {
            found.ref.id: found.body
            for found in place.fetch(home, [ItemRef(item) for item in follower.known])
            if isinstance(found, Item)
        }
        assert bodies == backstage.bodies(home.id)
        follower.look()
        assert follower.known == there, "looking again changes nothing"
    finally:
        backstage.forget()


@given(st.lists(st.tuples(ITEMS, st.binary(min_size=1, max_size=4)), max_size=25), st.sets(ITEMS))
@settings(max_examples=100, deadline=None)
def test_putting_twice_is_putting_once(writes: list[tuple[str, bytes]], refused: set[str]) -> None:
    backstage = MemoryBackstage()
    place, home = backstage.fill(0)
    backstage.world.faults = Faults(reject=frozenset(refused))
    expected: dict[str, bytes] = {}
    try:
        for key, body in writes:
            target = next((ref for ref in place.inventory(home) if ref.id == key), None)
            put = Put(key, Item(ItemRef(key), "text/calendar", body, key), target)
            (first,) = place.put(home, [put])
            if key in refused:
                assert first.result is Result.FAILED
                continue
            assert first.result in {Result.CREATED, Result.UPDATED, Result.UNCHANGED}
            expected[key] = body
            again = Put(key, put.item, first.target)
            (second,) = place.put(home, [again])
            assert second.result is Result.UNCHANGED
            assert second.target == first.target
        assert backstage.bodies(home.id) == expected
    finally:
        backstage.forget()


@given(st.lists(ITEMS, max_size=12))
@settings(max_examples=60, deadline=None)
def test_every_item_asked_for_is_answered_once_and_in_order(asked: list[str]) -> None:
    backstage = MemoryBackstage()
    place, home = backstage.fill(0)
    for number in range(3):
        backstage.world.add(home.id, f"i{number}", b"x")
    try:
        answers = list(place.fetch(home, [ItemRef(item) for item in asked]))
        assert [answer.ref.id for answer in answers] == asked
        assert [isinstance(answer, Failed) for answer in answers] == [item not in {"i0", "i1", "i2"} for item in asked]
    finally:
        backstage.forget()


def test_kinds_and_paths_narrow_what_is_shown() -> None:
    backstage = MemoryBackstage()
    try:
        work = backstage.world.create("Work", Kind.EVENT)
        backstage.world.create("Friends", Kind.CONTACT)
        assert [found.id for found in backstage.connect().collections()] == ["Work", "Friends"]
        assert list(backstage.connect("Work").collections()) == [work]
    finally:
        backstage.forget()
