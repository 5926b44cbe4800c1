"""The page commit: one fenced unit, on both databases."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import DBAPIError

from oauth.audit import Event
from sync_engine.errors import LeaseLost
from sync_engine.model import ItemRow, JobState, Outcome, PageCommit, Phase, Presence, Want
from tests.sync_engine.builders import contents, expire, failed, item, leased, skipped, with_collection

if TYPE_CHECKING:
    from sync_engine.database import Database
    from sync_engine.jobs import Jobs
    from sync_engine.leases import Leases
    from sync_engine.ledger import Ledger

FULL = ItemRow(
    id="/cal/ä ö.ics",
    revision='W/"1"',
    digest="ab" * 32,
    size=5_000_000_000,
    uid="uid@example.org",
    day=-20_000,
    target_id="ä ö.ics",
    target_revision="2",
    target_digest="cd" * 32,
    outcome=Outcome.SKIPPED,
    reason="too-large",
    detail="5 GB \N{PILE OF POO} \\ \" ' {}",
    presence=Presence.GONE,
    attempts=3,
    run=2,
    seen=7,
)


def test_a_row_comes_back_as_it_went(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id
    bare = ItemRow(id="bare")
    ledger.commit(lease, PageCommit(collection, items=[FULL, bare]), ttl=30)
    assert ledger.items(collection, [FULL.id, "bare", "none"]) == {FULL.id: FULL, "bare": bare}


def test_a_page_changes_everything_it_names(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id
    first = PageCommit(
        collection,
        items=[item("a"), item("b"), item("c"), failed("d")],
        cursor={"token": "t1", "page": 1, "full": True},
        generation=1,
        tally={"present": 4, "copied": 3, "failed": 1},
    )
    assert ledger.commit(lease, first, ttl=30) is Want.RUN
    second = PageCommit(
        collection,
        items=[item("a", digest="d2", seen=2)],
        seen=["b"],
        forgotten=["c"],
        generation=2,
        tally={"present": -1, "copied": -1},
        event=Event.ITEMS_REMOVED,
        count=5,
        size=6_000_000_000,
    )
    ledger.commit(lease, second, ttl=30)
    row = ledger.collections(lease.job.id)[0]
    assert (row.cursor, row.generation) == ({"token": "t1", "page": 1, "full": True}, 2)
    assert (row.present, row.copied, row.skipped, row.failed, row.gone) == (3, 2, 0, 1, 0)
    found = {row.id: row for row in ledger.all_items(collection)}
    assert found.keys() == {"a", "b", "d"}
    assert (found["a"].digest, found["b"].seen, found["d"].seen) == ("d2", 2, 1)
    audit = list(ledger.audit_rows(lease.job.id))
    page, swept = audit[-2:]
    assert (page.event, swept.event, swept.count, swept.size) == ("page.settled", "items.removed", 5, 6_000_000_000)
    assert (swept.collection, swept.token, swept.run, swept.seq) == (collection, lease.token, 1, (page.seq or 0) + 1)


def test_seen_moves_to_the_collections_generation(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease, generation=4).id
    ledger.commit(lease, PageCommit(collection, items=[item("a"), item("b")]), ttl=30)
    ledger.commit(lease, PageCommit(collection, seen=["a", "unknown"]), ttl=30)
    assert {row.id: row.seen for row in ledger.all_items(collection)} == {"a": 4, "b": 1}


@pytest.mark.parametrize(
    ("page", "left"),
    [
        pytest.param({"items": [item("a", digest="x"), item("a", digest="y")]}, {"a": "y"}, id="same-id-twice"),
        pytest.param({"items": [item("a", digest="x")], "seen": ["a"]}, {"a": "x"}, id="written-and-seen"),
        pytest.param({"items": [item("a", digest="x")], "forgotten": ["a"]}, {"a": "x"}, id="written-and-forgotten"),
        pytest.param({"seen": ["a"], "forgotten": ["a"]}, {}, id="seen-and-forgotten"),
        pytest.param({"seen": ["a", "a"]}, {"a": "d1"}, id="seen-twice"),
        pytest.param({"forgotten": ["a", "a", "never-there"]}, {}, id="forgotten-twice"),
        pytest.param({}, {"a": "d1"}, id="empty"),
    ],
)
def test_an_id_named_more_than_once(
    page: dict[str, list[object]], left: dict[str, str], jobs: Jobs, leases: Leases, ledger: Ledger
) -> None:
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id
    ledger.commit(lease, PageCommit(collection, items=[item("a")]), ttl=30)
    ledger.commit(lease, PageCommit(collection, **page), ttl=30)  # type: ignore[arg-type]  # any field
    assert {row.id: row.digest for row in ledger.all_items(collection)} == left


def test_a_page_touches_its_own_collection_only(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    one, two = (with_collection(ledger, lease, name).id for name in ("/one/", "/two/"))
    for collection in (one, two):
        ledger.commit(lease, PageCommit(collection, items=[item("a"), item("b")], tally={"present": 2}), ttl=30)
    page = PageCommit(one, items=[item("a", digest="x")], seen=["b"], generation=9, cursor={"x": 1})
    ledger.commit(lease, page, ttl=30)
    ledger.commit(lease, PageCommit(one, forgotten=["a", "b"]), ttl=30)
    assert ledger.all_items(one) == []
    assert [(row.id, row.digest, row.seen) for row in ledger.all_items(two)] == [("a", "d1", 1), ("b", "d1", 1)]
    row = ledger.collections(lease.job.id)[1]
    assert (row.cursor, row.generation, row.present) == (None, 0, 2)


def test_a_commit_renews_the_lease(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases, ttl=5)
    ledger.commit(lease, PageCommit(with_collection(ledger, lease).id), ttl=1000)
    holder = jobs.leased_by(lease.job.id)
    assert holder is not None
    assert holder[1] > lease.until + 900


@pytest.mark.parametrize("want", list(Want))
def test_a_commit_says_what_the_user_wants(want: Want, jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id
    jobs.want(lease.job.id, want)
    assert ledger.commit(lease, PageCommit(collection, items=[item("a")]), ttl=30) is want
    assert len(ledger.all_items(collection)) == 1, "what is wanted stops the next page, not this one"


@pytest.mark.parametrize("how", ["released", "taken over", "another token", "done"])
def test_a_lost_lease_writes_nothing(how: str, jobs: Jobs, leases: Leases, ledger: Ledger, database: Database) -> None:
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease)
    ledger.commit(lease, PageCommit(collection.id, items=[item("a"), item("b")]), ttl=30)
    ledger.doubt(lease, collection.id, {"x": "y"})
    if how == "taken over":
        expire(database, [lease.job.id])
        assert leases.claim("bob", ttl=60) is not None
    elif how == "another token":
        lease = replace(lease, token=lease.token + 1)
    else:
        leases.release(lease, state=JobState.DONE if how == "done" else JobState.READY)
    before = contents(database)
    page = PageCommit(
        collection.id,
        items=[item("a", digest="x"), item("new")],
        seen=["b"],
        forgotten=["b"],
        cursor={"x": 1},
        generation=5,
        tally={"present": 1},
    )
    for attempt in (
        lambda: ledger.commit(lease, page, ttl=1000),
        lambda: ledger.save_collection(lease, replace(collection, name="new")),
        lambda: with_collection(ledger, lease, "/other/"),
        lambda: ledger.doubt(lease, collection.id, {"a": "b"}),
        lambda: ledger.set_job(lease, phase=Phase.FINISHING, run=9, problem={"a": "b"}, ended_at=1.0),
        lambda: ledger.audit(lease, Event.COLLECTION_MISSING),
    ):
        with pytest.raises(LeaseLost):
            attempt()
    assert contents(database) == before


def test_a_collection_of_another_job_is_refused(jobs: Jobs, leases: Leases, ledger: Ledger, database: Database) -> None:
    mine, theirs = leased(jobs, leases, source="dav:a"), leased(jobs, leases, source="dav:b")
    collection = with_collection(ledger, theirs)
    before = contents(database)
    for attempt in (
        lambda: ledger.commit(mine, PageCommit(collection.id, items=[item("a")], cursor={"x": 1}), ttl=30),
        lambda: ledger.doubt(mine, collection.id, {"a": "b"}),
        lambda: ledger.save_collection(mine, collection),
    ):
        with pytest.raises(LeaseLost):
            attempt()
    assert contents(database) == before


def test_an_unknown_counter_is_a_mistake(jobs: Jobs, leases: Leases, ledger: Ledger, database: Database) -> None:
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id
    before = contents(database)
    with pytest.raises(ValueError, match="lost"):
        ledger.commit(lease, PageCommit(collection, items=[item("a")], tally={"lost": 1}), ttl=30)
    assert contents(database) == before


def test_a_commit_that_fails_is_undone(jobs: Jobs, leases: Leases, ledger: Ledger, database: Database) -> None:
    """An id no database stores comes late in the page: what went before it is undone."""
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id
    before = contents(database)
    page = PageCommit(collection, items=[item("a"), item("\ud800")], cursor={"x": 1}, tally={"present": 2})
    with pytest.raises((UnicodeError, DBAPIError, sqlite3.Error)):
        ledger.commit(lease, page, ttl=1000)
    assert contents(database) == before


@pytest.mark.parametrize(
    "text", ["nul \x00 nul", "half \ud83d pair", "\udcff", "\x00"], ids=["nul", "half", "byte", "bare"]
)
def test_texts_no_database_stores_are_made_storable(text: str, jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease, name=text).id
    ledger.commit(lease, PageCommit(collection, items=[skipped("a", detail=text, uid=text)]), ttl=30)
    row = ledger.all_items(collection)[0]
    assert row.detail is not None
    assert "\ufffd" in row.detail
    assert ledger.by_uid(collection, [text]) == {text: [row]}


@pytest.mark.parametrize("left", [{}, {"b.ics": "d2"}])
def test_doubt_is_replaced_and_what_is_left_of_it_kept(
    left: dict[str, str], jobs: Jobs, leases: Leases, ledger: Ledger
) -> None:
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id

    def doubt() -> dict[str, str]:
        return dict(ledger.collections(lease.job.id)[0].doubt)

    ledger.doubt(lease, collection, {"a.ics": "d1"})
    ledger.doubt(lease, collection, {"b.ics": "d2", "c.ics": "d3"})
    assert doubt() == {"b.ics": "d2", "c.ics": "d3"}
    ledger.commit(lease, PageCommit(collection, items=[item("c.ics")], doubt=left), ttl=30)
    assert doubt() == left


def test_large_pages(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id
    ids = [f"{n:05}" for n in range(3000)]
    ledger.commit(lease, PageCommit(collection, items=[item(name) for name in ids]), ttl=30)
    assert len(ledger.items(collection, ids)) == 3000
    ledger.commit(lease, PageCommit(collection, seen=ids[:2000], forgotten=ids[2000:], generation=2), ttl=30)
    assert ledger.count_absent(collection, 2) == 0
    assert ledger.count_absent(collection, 3) == 2000
