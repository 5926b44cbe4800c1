"""Collections of more than 5,000 members (case 27): whole where the server allows it, else said to be incomplete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.base import CURSOR_BYTES, Failed, Item, ItemRef
from connectors.dav.listing import PAGE, PAGE_BYTES
from connectors.errors import CursorExpired, ItemRejected, TooMuchAtOnce, Transient
from simulators.dav_answers import error
from simulators.dav_store import CALENDAR, Shelf, Stored
from simulators.faulty_dav import FaultyDav
from tests.connectors.dav.behind import Bench, Listed

if TYPE_CHECKING:
    from collections.abc import Iterator

MANY = 5_200
LIMIT = error("<D:number-of-matches-within-limits/>")


def name(number: int) -> str:
    return f"{number:05}.ics"


def small(number: int) -> bytes:
    """Return an event of as few bytes as one can have."""
    lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", f"UID:u{number}")
    return "".join(f"{line}\r\n" for line in (*lines, "DTSTART:20260301", "END:VEVENT", "END:VCALENDAR")).encode()


@pytest.fixture(scope="module")
def stock() -> dict[str, Stored]:
    """Return the items, made once."""
    return {name(number): Stored(small(number), f'"{number}"') for number in range(MANY)}


@pytest.fixture
def many(stock: dict[str, Stored]) -> Iterator[Bench]:
    """Return a bench with a calendar of so many events."""
    with FaultyDav() as server:
        shelf = server.store.make(CALENDAR, "work")
        shelf.items |= stock
        shelf.history += [(one, True) for one in stock]
        yield Bench(server)


def shelf_of(bench: Bench) -> Shelf:
    return next(iter(bench.server.store.shelves.values()))


def whole(listed: Listed) -> bool:
    """Say whether every item was named, each once, and nothing is left open."""
    ids = [change.ref.id for change in listed.changes]
    return len(ids) == len(set(ids)) == MANY and listed.complete and listed.cursor is not None


def bounded(listed: Listed) -> bool:
    """Say whether no page was larger than a page may be."""
    largest = max(len(page.changes) for page in listed.pages)
    bytes_ = max(sum(len(c.item.body) for c in page.changes if c.item) for page in listed.pages)
    return largest <= PAGE and bytes_ <= PAGE_BYTES + 1024 and len(str(listed.cursor)) < CURSOR_BYTES


@pytest.mark.parametrize("how", [(), ("no-inline",), ("no-sync",)], ids=["inline", "sync", "propfind"])
def test_case_27_more_than_five_thousand_come_in_one_answer_and_many_pages(many: Bench, how: tuple[str, ...]) -> None:
    for fault in how:
        many.server.faults.switch(fault)
    before = many.server.count()
    listed = many.changed()
    assert whole(listed)
    assert bounded(listed)
    assert many.server.count() - before <= 6, "discovery, the home, the listing"
    assert len(listed.bodies) == (MANY if not how else 0)


@pytest.mark.parametrize("at_once", [999, 1000, 1001, 2600])
def test_case_27_an_answer_cut_again_and_again_is_followed_to_its_end(many: Bench, at_once: int) -> None:
    many.server.faults.switch("sync-507", at_once)
    listed = many.changed()
    assert whole(listed)
    assert bounded(listed)
    reports = sum(b"sync-collection" in one.body for one in many.server.requests)
    assert reports == -(-MANY // at_once)


def test_case_27_it_goes_on_from_the_last_token(many: Bench) -> None:
    many.server.faults.switch("sync-507", 1000)
    cursor = many.changed().cursor
    shelf_of(many).put(name(3), small(3) + b"\r\n")
    shelf_of(many).delete(name(4))
    listed = many.changed(cursor)
    assert listed.present.keys() == {name(3)}
    assert listed.gone == {name(4)}


@pytest.mark.parametrize("cut", [0, 1, 960, 5000, MANY - 1])
def test_case_27_a_listing_cut_by_507_names_what_it_can_and_proves_nothing(many: Bench, cut: int) -> None:
    many.server.faults.switch("no-sync")
    many.server.faults.switch("listing-507", cut)
    listed = many.changed()
    assert len(listed.present) == cut
    assert not listed.complete
    place, collection = many.open()
    with pytest.raises(Transient):
        list(place.inventory(collection))


REFUSALS = [(500, b""), (503, b""), (507, LIMIT), (507, b""), (413, b""), (403, LIMIT), (504, b"")]


@pytest.mark.parametrize(("status", "said"), REFUSALS, ids=[f"{status}-{bool(said)}" for status, said in REFUSALS])
@pytest.mark.parametrize("most", [960, 5000])
def test_case_27_a_server_that_cannot_count_so_far_is_said_to_be_in_trouble(
    many: Bench, most: int, status: int, said: bytes
) -> None:
    """Zimbra answers 500 from about 960 members on (outlookcaldavsynchronizer issue 400)."""
    place, collection = many.open()
    many.server.faults.switch("status", (status, {}, said, ["PROPFIND", "REPORT"]))
    with pytest.raises(Transient):
        list(place.changes(collection, None))
    many.server.faults.mend()
    many.server.faults.switch("listing-most", (most, status))
    with pytest.raises(Transient):
        list(place.changes(collection, None))


@pytest.mark.parametrize("status", [500, 507])
def test_case_27_what_changed_is_still_to_be_had_from_such_a_server(many: Bench, status: int) -> None:
    cursor = many.changed().cursor
    many.server.faults.switch("listing-most", (5000, status))
    shelf_of(many).put("new.ics", small(9_999))
    listed = many.changed(cursor)
    assert listed.present.keys() == {"new.ics"}


@pytest.mark.parametrize("status", [500, 507])
def test_case_27_a_forgotten_token_there_is_no_empty_collection(many: Bench, status: int) -> None:
    cursor = many.changed().cursor
    shelf_of(many).put("new.ics", small(9_999))
    many.server.faults.switch("listing-most", (5000, status))
    many.server.faults.switch("token-invalid", 403)
    place, collection = many.open()
    with pytest.raises(CursorExpired):
        list(place.changes(collection, cursor))
    with pytest.raises(Transient):
        list(place.changes(collection, None))


@pytest.mark.parametrize("most", [1, 7, 50, 99])
@pytest.mark.parametrize("status", [413, 507, 500, 503])
def test_case_27_a_multiget_is_made_as_small_as_the_server_wants_it(many: Bench, most: int, status: int) -> None:
    many.server.faults.switch("multiget-most", (most, status))
    wanted = [name(number) for number in range(200)]
    found = many.fetch(wanted)
    assert {one.ref.id for one in found if isinstance(one, Item)} == set(wanted)


@pytest.mark.parametrize("cut", [1, 9, 60])
def test_case_27_a_multiget_cut_by_507_is_asked_again_for_the_rest(many: Bench, cut: int) -> None:
    many.server.faults.switch("multiget-507", cut)
    wanted = [name(number) for number in range(150)]
    found = many.fetch(wanted)
    assert {one.ref.id for one in found if isinstance(one, Item)} == set(wanted)


def test_case_27_five_thousand_missing_ones_are_each_told(many: Bench) -> None:
    place, collection = many.open()
    wanted = [ItemRef(f"no-{number}.ics") for number in range(MANY)]
    found = list(place.fetch(collection, wanted))
    assert len(found) == MANY
    assert all(isinstance(one, Failed) for one in found)


@pytest.mark.parametrize(
    ("status", "element", "code"),
    [
        (403, "<C:max-resource-size/>", "too-large"),
        (413, "", "too-large"),
        (412, "<C:max-resource-size/>", "too-large"),
        (507, "<C:max-resource-size/>", "too-large"),
    ],
)
def test_case_27_one_item_too_large_is_its_own_trouble(bench: Bench, status: int, element: str, code: str) -> None:
    shelf = bench.shelf()
    bench.server.faults.switch("put-status", {"uid-1\r\n": (status, element)})
    receipts = {one.key: one for one in bench.put(*[bench.item(number) for number in range(5)])}
    refused = receipts.pop("key-1")
    assert isinstance(refused.error, ItemRejected)
    assert refused.error.code == code
    assert all(one.error is None for one in receipts.values())
    assert len(shelf.items) == 4


@pytest.mark.parametrize("size", [17, 40])
def test_case_27_an_item_too_large_to_read_is_its_own_trouble(bench: Bench, size: int) -> None:
    bench.shelf(3)
    place, collection = bench.open()
    bench.server.faults.switch("huge", size * 1024 * 1024)
    found = list(place.fetch(collection, [ItemRef("001.ics")]))
    bench.server.faults.mend()
    assert [getattr(one, "error", None).__class__ for one in found] == [ItemRejected]
    assert len(bench.fetch(["000.ics", "002.ics"])) == 2


def test_case_27_too_much_at_once_is_passing_and_never_an_absence(many: Bench) -> None:
    place, collection = many.open()
    many.server.faults.switch("status", (507, {}, LIMIT, ["PROPFIND", "REPORT"]))
    with pytest.raises(TooMuchAtOnce):
        list(place.inventory(collection))
