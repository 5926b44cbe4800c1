"""Writing keeps a few bytes for each item, however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.base import Collection, Item, ItemRef, Kind, Put, Result
from tests.connectors.growth import FEW, MANY, MOST, held, per_item, traced
from tests.connectors.vdir.behind import VdirBackstage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connectors.vdir.place import Vdir

BATCH = 100
NAMES = {"uuid": "0e5b1c9a-{:05}@host.example", "unusable": "../{:05}", "upper": "ABCDEF-{:05}"}


def batches(count: int, name: str) -> Iterator[list[Put]]:
    for start in range(0, count, BATCH):
        yield [
            Put(f"/far/{number}", Item(ItemRef(f"{number}"), "text/calendar", b"body", name.format(number)))
            for number in range(start, start + BATCH)
        ]


def opened(top: Path, count: int) -> tuple[Vdir, Collection]:
    place = VdirBackstage(top / f"root-{count}").connect()
    return place, place.ensure(Collection("/far/", Kind.EVENT, "Home", slug="home"), None)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_first_copy_keeps_a_few_bytes_for_each_item(top: Path, name: str) -> None:
    sizes = []
    for count in (FEW, MANY):
        place, home = opened(top, count)
        with traced():
            for batch in batches(count, name):
                assert {receipt.result for receipt in place.put(home, batch)} == {Result.CREATED}
            sizes.append(held())
    assert 0 < per_item(*sizes) < MOST


def test_a_later_copy_keeps_a_few_bytes_for_each_file_that_stands_there(top: Path) -> None:
    sizes = []
    for count in (FEW, MANY):
        place, home = opened(top, count)
        for batch in batches(count, NAMES["upper"]):
            list(place.put(home, batch))
        later = VdirBackstage(top / f"root-{count}").connect()
        with traced():
            (again,) = later.put(home, next(batches(count, NAMES["upper"]))[:1])
            assert again.result is Result.UNCHANGED
            del again
            sizes.append(held())
    assert 0 < per_item(*sizes) < MOST
