"""What every destination promises, as tests."""
# ruff: noqa: S101 - these are tests: they assert

from __future__ import annotations

from collections.abc import Iterable

import pytest

from connectors import specimens
from connectors.base import (
    Collection,
    Destination,
    Item,
    ItemRef,
    Kind,
    Place,
    Put,
    Receipt,
    Result,
)
from connectors.errors import Conflict, ConnectorError, ItemRejected, Vanished
from connectors.testing.bench import LARGE, Backstage, Suite


class DestinationSuite(Suite):
    """What every destination promises."""

    def wish(self, number: int = 1) -> Collection:
        """Return a collection as another place would describe it."""
        return Collection(f"/far/side/{number}/", self.kind, f"Näme {number}", slug="same-slug")

    def ensured(self, place: Place) -> tuple[Destination, Collection]:
        """Return the place and a collection made in it."""
        assert isinstance(place, Destination)
        return place, place.ensure(self.wish(), None)

    def item(self, number: int, version: int = 0, *, name: str | None = None) -> Put:
        """Return item *number* to be created."""
        body = self.make_body(number, version)
        return self.given(f"key-{number}", body, name=f"item-{number}" if name is None else name)

    def given(self, key: str, body: bytes, *, name: str = "", target: ItemRef | None = None) -> Put:
        """Return bytes to be written."""
        media_type = {Kind.EVENT: "text/calendar", Kind.CONTACT: "text/vcard"}.get(self.kind, "text/plain")
        return Put(key, Item(ItemRef(key), media_type, body, name), target)

    def created(self, place: Destination, home: Collection, count: int = 1) -> list[ItemRef]:
        """Create *count* items and return their refs."""
        return [self.one(place, home, self.item(number), Result.CREATED) for number in range(count)]

    def one(self, place: Destination, home: Collection, put: Put, expected: Result) -> ItemRef:
        """Put one item, expect a result, and return the ref it stands under."""
        (receipt,) = place.put(home, [put])
        assert (receipt.key, receipt.result, receipt.error) == (put.key, expected, None)
        assert receipt.target is not None
        return receipt.target

    def refused(self, receipts: Iterable[Receipt], *reasons: type[ConnectorError]) -> ConnectorError:
        """Expect one failure and return its error."""
        (receipt,) = receipts
        assert receipt.result is Result.FAILED
        assert isinstance(receipt.error, reasons)
        return receipt.error

    def test_ensure_is_idempotent(self, place: Place, backstage: Backstage) -> None:
        here, home = self.ensured(place)
        assert here.ensure(self.wish(), None).id == home.id
        assert here.ensure(self.wish(), home.id).id == home.id
        again = self.connect(backstage)
        assert isinstance(again, Destination)
        assert again.ensure(self.wish(), None).id == home.id
        assert home.kind is self.kind
        assert home.media_types

    def test_ensure_keeps_two_collections_apart(self, place: Place) -> None:
        here, home = self.ensured(place)
        assert here.ensure(self.wish(2), None).id != home.id

    def test_ensure_refuses_what_it_cannot_hold(self, place: Place) -> None:
        here, _ = self.ensured(place)
        for kind in set(Kind) - place.manifest.writes:
            with pytest.raises(ItemRejected):
                here.ensure(Collection("x", kind, "x"), None)

    def test_every_item_gets_one_receipt(self, place: Place) -> None:
        here, home = self.ensured(place)
        batch = [self.item(number) for number in range(self.many)]
        receipts = list(here.put(home, batch))
        assert sorted(receipt.key for receipt in receipts) == sorted(put.key for put in batch)
        assert {receipt.result for receipt in receipts} == {Result.CREATED}
        ids = [receipt.target.id for receipt in receipts if receipt.target]
        assert len(set(ids)) == self.many
        assert {ref.id for ref in here.inventory(home)} == set(ids)

    def test_put_of_nothing_is_nothing(self, place: Place) -> None:
        here, home = self.ensured(place)
        assert list(here.put(home, [])) == []
        assert list(here.remove(home, [])) == []

    def test_a_receipt_tells_the_bytes_stored(self, place: Place, backstage: Backstage) -> None:
        here, home = self.ensured(place)
        put = self.item(1)
        (receipt,) = here.put(home, [put])
        assert receipt.target is not None
        there = backstage.bodies(home.id)[receipt.target.id]
        assert there == (put.item.body if receipt.stored is None else receipt.stored)

    def test_inventory_matches_the_receipts(self, place: Place) -> None:
        here, home = self.ensured(place)
        refs = self.created(here, home, 3)
        found = {ref.id: ref.revision for ref in here.inventory(home)}
        assert set(found) == {ref.id for ref in refs}
        assert all(None in (ref.revision, found[ref.id]) or ref.revision == found[ref.id] for ref in refs)

    def test_put_again_changes_nothing(self, place: Place, backstage: Backstage) -> None:
        here, home = self.ensured(place)
        (ref,) = self.created(here, home)
        assert self.one(here, home, self.item(0), Result.UNCHANGED).id == ref.id
        after_a_crash = self.connect(backstage)
        assert isinstance(after_a_crash, Destination)
        assert self.one(after_a_crash, home, self.item(0), Result.UNCHANGED).id == ref.id
        assert len(backstage.bodies(home.id)) == 1

    def test_update_replaces_the_bytes(self, place: Place, backstage: Backstage) -> None:
        here, home = self.ensured(place)
        (ref,) = self.created(here, home)
        put = self.given("key-0", self.make_body(0, 1), name="item-0", target=ref)
        new = self.one(here, home, put, Result.UPDATED)
        assert new.id == ref.id
        assert new.revision is None or new.revision != ref.revision
        assert b"Version 1" in backstage.bodies(home.id)[ref.id]

    def test_update_again_changes_nothing(self, place: Place) -> None:
        here, home = self.ensured(place)
        (ref,) = self.created(here, home)
        put = self.given("key-0", self.make_body(0, 1), name="item-0", target=ref)
        self.one(here, home, put, Result.UPDATED)
        self.one(here, home, put, Result.UNCHANGED)

    def test_update_spares_a_changed_target(self, place: Place, backstage: Backstage) -> None:
        here, home = self.ensured(place)
        (ref,) = self.created(here, home)
        backstage.change(home.id, ref.id, self.make_body(0, 7))
        theirs = backstage.bodies(home.id)
        put = self.given("key-0", self.make_body(0, 1), name="item-0", target=ref)
        error = self.refused(here.put(home, [put]), Conflict)
        assert isinstance(error, Conflict)
        assert error.current in (None, ref.id)
        assert error.stored in (None, theirs[ref.id])
        assert backstage.bodies(home.id) == theirs

    def test_update_of_a_vanished_target_is_no_success(self, place: Place, backstage: Backstage) -> None:
        here, home = self.ensured(place)
        (ref,) = self.created(here, home)
        backstage.delete(home.id, ref.id)
        put = self.given("key-0", self.make_body(0, 1), name="item-0", target=ref)
        (receipt,) = here.put(home, [put])
        assert receipt.result is Result.CREATED or isinstance(receipt.error, Conflict | Vanished)

    def test_create_spares_what_is_there(self, place: Place, backstage: Backstage) -> None:
        here, home = self.ensured(place)
        self.created(here, home)
        theirs = backstage.bodies(home.id)
        self.refused(here.put(home, [self.item(0, version=1)]), Conflict)
        assert backstage.bodies(home.id) == theirs

    def test_remove_removes_once_and_for_all(self, place: Place, backstage: Backstage) -> None:
        here, home = self.ensured(place)
        refs = self.created(here, home, 2)
        for _ in range(2):
            (receipt,) = here.remove(home, refs[:1])
            assert (receipt.key, receipt.result) == (refs[0].id, Result.REMOVED)
        assert set(backstage.bodies(home.id)) == {refs[1].id}
        assert {ref.id for ref in here.inventory(home)} == {refs[1].id}

    def test_remove_spares_a_changed_item(self, place: Place, backstage: Backstage) -> None:
        here, home = self.ensured(place)
        (ref,) = self.created(here, home)
        backstage.change(home.id, ref.id, self.make_body(0, 7))
        self.refused(here.remove(home, [ref]), Conflict)
        assert ref.id in backstage.bodies(home.id)

    @pytest.mark.parametrize("names", [("twin", "twin"), ("Case", "case"), ("", ""), ("caf\u00e9", "cafe\u0301")])
    def test_two_items_never_share_a_place(self, place: Place, backstage: Backstage, names: tuple[str, str]) -> None:
        here, home = self.ensured(place)
        batch = [self.item(number, name=name) for number, name in enumerate(names)]
        receipts = list(here.put(home, batch)) + list(here.put(home, batch))
        assert [receipt.result for receipt in receipts] == [Result.CREATED] * 2 + [Result.UNCHANGED] * 2
        assert len(backstage.bodies(home.id)) == 2

    @pytest.mark.parametrize("name", specimens.HOSTILE_NAMES, ids=range(len(specimens.HOSTILE_NAMES)))
    def test_hostile_names_do_no_harm(self, place: Place, backstage: Backstage, name: str) -> None:
        here, home = self.ensured(place)
        ref = self.one(here, home, self.item(1, name=name), Result.CREATED)
        assert set(backstage.bodies(home.id)) == {ref.id}
        self.one(here, home, self.item(1, name=name), Result.UNCHANGED)

    @pytest.mark.parametrize("uid", specimens.WEIRD_IDS, ids=[f"dav-12-{n}" for n in range(len(specimens.WEIRD_IDS))])
    def test_weird_uids_are_stored(self, place: Place, backstage: Backstage, uid: str) -> None:
        here, home = self.ensured(place)
        put = self.given(uid, self.make_named(uid), name=uid)
        ref = self.one(here, home, put, Result.CREATED)
        self.one(here, home, put, Result.UNCHANGED)
        assert set(backstage.bodies(home.id)) == {ref.id}

    def test_a_large_item_is_stored(self, place: Place, backstage: Backstage) -> None:
        here, home = self.ensured(place)
        ref = self.one(here, home, self.given("large", self.make_named("large", size=LARGE)), Result.CREATED)
        assert len(backstage.bodies(home.id)[ref.id]) > LARGE

    def test_a_missing_collection_is_said(self, place: Place) -> None:
        here, _ = self.ensured(place)
        missing = Collection("no-such-collection", self.kind, "x")
        with pytest.raises(ConnectorError):
            list(here.put(missing, [self.item(1)]))
