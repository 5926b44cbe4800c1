"""What every source promises, as tests."""
# ruff: noqa: S101 - these are tests: they assert

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from connectors import specimens
from connectors.base import (
    CURSOR_BYTES,
    Collection,
    Failed,
    Item,
    ItemRef,
    Place,
    Source,
)
from connectors.errors import CollectionGone, CursorExpired, ItemRejected, Vanished
from connectors.testing.bench import LARGE, Backstage, Listing, Suite, listing


class SourceSuite(Suite):
    """What every source promises."""

    def test_collections_are_described(self, place: Place, backstage: Backstage) -> None:
        home, _ = self.fill(backstage, 1)
        found = list(place.collections())
        ids = [collection.id for collection in found]
        assert len(ids) == len(set(ids))
        for number, collection in enumerate(found):
            assert collection.parent is None or collection.parent in ids[:number], "parents come first"
            assert collection.kind in place.manifest.reads
        assert self.open(place, home).kind is self.kind
        assert self.open(place, home).media_types

    def test_collections_are_the_same_twice(self, place: Place, backstage: Backstage) -> None:
        self.fill(backstage, 1)
        self.fill(backstage, 1)
        assert [c.id for c in place.collections()] == [c.id for c in self.connect(backstage).collections()]

    def test_listing_names_every_item_once(self, place: Place, backstage: Backstage) -> None:
        home, ids = self.fill(backstage, 7)
        found = listing(place, self.open(place, home))
        assert found.full
        assert found.pages[-1].complete
        assert sorted(change.ref.id for change in found.changes) == sorted(ids)

    def test_a_large_listing_comes_whole(self, place: Place, backstage: Backstage) -> None:
        home, ids = self.fill(backstage, self.many)
        found = listing(place, self.open(place, home))
        assert sorted(change.ref.id for change in found.changes) == sorted(ids)

    def test_an_emptied_collection_is_one_empty_page(self, place: Place, backstage: Backstage) -> None:
        home, ids = self.fill(backstage, 1)
        collection = self.open(place, home)
        backstage.delete(home, ids[0])
        assert listing(place, collection).present == {}

    def test_the_inventory_is_what_is_listed(self, place: Place, backstage: Backstage) -> None:
        home, ids = self.fill(backstage, 5)
        collection = self.open(place, home)
        backstage.delete(home, ids[0])
        assert sorted(ref.id for ref in place.inventory(collection)) == sorted(ids[1:])

    def test_sizes_are_true_or_unknown(self, place: Place, backstage: Backstage) -> None:
        home, _ = self.fill(backstage, 3)
        there = backstage.bodies(home)
        assert all(
            ref.size in (None, len(there[ref.id])) for ref in listing(place, self.open(place, home)).present.values()
        )

    def test_cursors_are_small_flat_json(self, place: Place, backstage: Backstage) -> None:
        home, _ = self.fill(backstage, self.many)
        for page in listing(place, self.open(place, home)).pages:
            if page.cursor is not None:
                assert len(json.dumps(dict(page.cursor)).encode()) <= CURSOR_BYTES
                assert "v" in page.cursor
                assert all(isinstance(value, str | int | bool) for value in page.cursor.values())

    def _after(self, backstage: Backstage, act: Callable[[str, list[str]], None]) -> tuple[Listing, Listing]:
        """List, act behind the connector's back, and list again in a new process from the stored cursor."""
        home, ids = self.fill(backstage, 4)
        first = self.connect(backstage)
        collection = self.open(first, home)
        before = listing(first, collection)
        first.close()
        act(home, ids)
        stored = None if before.cursor is None else json.loads(json.dumps(dict(before.cursor)))
        second = self.connect(backstage)
        after = listing(second, collection, stored)
        second.close()
        return before, after

    def test_nothing_new_reports_nothing_new(self, backstage: Backstage) -> None:
        before, after = self._after(backstage, lambda _home, _ids: None)
        assert not after.gone
        for item, ref in after.present.items():
            assert ref.revision in (None, before.present[item].revision) or before.present[item].revision is None

    def test_an_added_item_is_reported(self, backstage: Backstage) -> None:
        added: list[str] = []
        _, after = self._after(
            backstage, lambda home, _: added.append(backstage.add(home, "item-99", self.make_body(99)))
        )
        assert added[0] in after.present

    def test_a_changed_item_has_another_revision(self, backstage: Backstage) -> None:
        changed: list[str] = []

        def act(home: str, ids: list[str]) -> None:
            backstage.change(home, ids[2], self.make_body(2, 1))
            changed.append(ids[2])

        before, after = self._after(backstage, act)
        new, old = after.present[changed[0]].revision, before.present[changed[0]].revision
        assert new is None or new != old

    def test_a_deleted_item_is_missed(self, backstage: Backstage) -> None:
        deleted: list[str] = []

        def act(home: str, ids: list[str]) -> None:
            backstage.delete(home, ids[1])
            deleted.append(ids[1])

        before, after = self._after(backstage, act)
        assert after.misses(deleted[0])
        assert not any(after.misses(item) for item in before.present if item != deleted[0]) or not after.full

    def test_a_cursor_of_another_make_expires(self, place: Place, backstage: Backstage) -> None:
        home, ids = self.fill(backstage, 1)
        try:
            found = listing(place, self.open(place, home), {"v": -1})
        except CursorExpired:
            return
        assert found.full, "a cursor that means nothing gives CursorExpired or a full listing"
        assert set(found.present) == set(ids)

    def test_a_missing_collection_is_gone_not_empty(self, place: Place, backstage: Backstage) -> None:
        home, _ = self.fill(backstage, 1)
        shown = self.open(place, home)
        missing = Collection("no-such-collection", shown.kind, "x", media_types=shown.media_types)
        with pytest.raises(CollectionGone):
            listing(place, missing)

    def test_fetch_answers_each_ref_once(self, place: Place, backstage: Backstage) -> None:
        home, ids = self.fill(backstage, 5)
        backstage.delete(home, ids[3])
        answers = list(place.fetch(self.open(place, home), [ItemRef(item) for item in ids]))
        assert sorted(answer.ref.id for answer in answers) == sorted(ids)
        failed = [answer for answer in answers if isinstance(answer, Failed)]
        assert [(answer.ref.id, type(answer.error)) for answer in failed] == [(ids[3], Vanished)]

    def test_fetch_of_nothing_is_nothing(self, place: Place, backstage: Backstage) -> None:
        home, _ = self.fill(backstage, 1)
        assert list(place.fetch(self.open(place, home), [])) == []

    def test_fetch_gives_the_exact_bytes(self, place: Place, backstage: Backstage) -> None:
        home, ids = self.fill(backstage, self.many)
        collection = self.open(place, home)
        got = {a.ref.id: a for a in place.fetch(collection, [ItemRef(item) for item in ids]) if isinstance(a, Item)}
        assert {item: answer.body for item, answer in got.items()} == backstage.bodies(home)
        base = {media_type.partition(";")[0] for media_type in collection.media_types}
        assert {answer.media_type.partition(";")[0] for answer in got.values()} <= base

    def test_fetch_gives_the_listed_revision(self, place: Place, backstage: Backstage) -> None:
        home, _ = self.fill(backstage, 3)
        collection = self.open(place, home)
        refs = listing(place, collection).present
        for answer in place.fetch(collection, list(refs.values())):
            assert isinstance(answer, Item)
            assert answer.ref.revision is None or refs[answer.ref.id].revision in (None, answer.ref.revision)

    @pytest.mark.parametrize("hostile", ["../secret.ics", "/etc/passwd", "..", "a\0b", "", "%2e%2e%2fx"])
    def test_a_ref_nobody_gave_out_is_an_answer(self, place: Place, backstage: Backstage, hostile: str) -> None:
        home, _ = self.fill(backstage, 1)
        (answer,) = place.fetch(self.open(place, home), [ItemRef(hostile)])
        assert isinstance(answer, Failed)
        assert isinstance(answer.error, Vanished | ItemRejected)

    @pytest.mark.parametrize("uid", specimens.WEIRD_IDS, ids=[f"dav-12-{n}" for n in range(len(specimens.WEIRD_IDS))])
    def test_weird_uids_arrive(self, place: Place, backstage: Backstage, uid: str) -> None:
        home = backstage.create(self.kind)
        item = backstage.add(home, "weird", self.make_named(uid))
        (answer,) = place.fetch(self.open(place, home), [ItemRef(item)])
        assert isinstance(answer, Item)
        assert answer.body == backstage.bodies(home)[item]

    def test_a_large_item_arrives(self, place: Place, backstage: Backstage) -> None:
        home = backstage.create(self.kind)
        item = backstage.add(home, "large", self.make_named("large", size=LARGE))
        (answer,) = place.fetch(self.open(place, home), [ItemRef(item)])
        assert isinstance(answer, Item)
        assert len(answer.body) > LARGE
        assert answer.body == backstage.bodies(home)[item]

    def test_stop_is_honoured_within_one_page(self, backstage: Backstage) -> None:
        home, _ = self.fill(backstage, self.many)
        asked: list[bool] = []
        place = self.connect(backstage, stop=lambda: bool(asked))
        assert isinstance(place, Source)
        pages = place.changes(self.open(place, home), None)
        first = next(pages)
        asked.append(True)
        rest = list(pages)
        place.close()
        assert first.last or len(rest) <= 1
        assert first.last or not any(page.last for page in rest)
