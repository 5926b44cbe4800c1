"""Listing and fetching keep nothing for each item, however many there are."""

from __future__ import annotations

from itertools import islice

import pytest

from connectors import specimens
from simulators.dav_store import CALENDAR
from simulators.faulty_dav import FaultyDav
from tests.connectors.dav.behind import Bench
from tests.connectors.growth import FEW, MANY, MOST, held, per_item, traced

NAMES = {
    "percent-40": "uid-{}@host.example.ics",
    "reserved": "a+b;{}@host,1.ics",
    "beyond-ascii": "é {}.ics",
}


def filled(server: FaultyDav, count: int, name: str) -> Bench:
    shelf = server.store.make(CALENDAR, "work")
    for number in range(count):
        shelf.put(name.format(number), specimens.event(f"uid-{number}"))
    return Bench(server)


def held_at_the_last_page(bench: Bench, *, fetching: bool) -> int:
    """Copy a collection as the engine would, page by page, and measure before it lets go of anything."""
    place, collection = bench.open()
    with traced():
        for page in place.changes(collection, None):
            refs = [change.ref for change in page.changes]
            assert not fetching or len(list(place.fetch(collection, refs))) == len(refs)
            if page.last:
                del refs
                return held()
    raise AssertionError


def growth(name: str, *faults: str, fetching: bool) -> float:
    sizes = []
    for count in (FEW, MANY):
        with FaultyDav() as server:
            for fault in faults:
                server.faults.switch(fault)
            sizes.append(held_at_the_last_page(filled(server, count, name), fetching=fetching))
    return per_item(*sizes)


@pytest.mark.parametrize(
    ("name", "fault"),
    [("percent-40", "no-inline"), ("percent-40", "no-sync"), ("reserved", "no-sync"), ("beyond-ascii", "no-sync")],
)
def test_a_listing_keeps_nothing_for_each_item(name: str, fault: str) -> None:
    assert growth(NAMES[name], fault, fetching=False) < MOST


def test_listing_and_fetching_keep_nothing_for_each_item() -> None:
    assert growth(NAMES["percent-40"], "no-inline", fetching=True) < MOST


def test_an_inventory_costs_a_fingerprint_for_each_item() -> None:
    sizes = []
    for count in (FEW, MANY):
        with FaultyDav() as server:
            place, collection = filled(server, count, NAMES["percent-40"]).open()
            with traced():
                standing = place.inventory(collection)
                assert sum(1 for _ in islice(standing, count)) == count
                sizes.append(held())
    assert per_item(*sizes) < MOST
