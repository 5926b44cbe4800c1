"""What the ledger lists: collections, items by page, the audit trail."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oauth.audit import Event
from sync_engine.model import ItemRow, Job, Outcome, PageCommit, Phase, Presence
from tests.sync_engine.builders import execute, failed, item, leased, skipped, with_collection

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_engine.database import Database
    from sync_engine.jobs import Jobs
    from sync_engine.leases import Leases
    from sync_engine.ledger import Ledger

GONE = {"presence": Presence.GONE}


def test_a_new_collection_gets_an_id_and_comes_back(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    saved = with_collection(
        ledger,
        lease,
        "/ä/",
        target_id="x",
        cursor={"token": "t", "n": 1, "full": False},
        generation=3,
        listing_run=2,
        settled_run=1,
        missing_runs=4,
        properties={"color": "#ff0000"},
        doubt={"a": "b"},
        present=5,
        copied=4,
        skipped=3,
        failed=2,
        gone=1,
    )
    assert saved.id > 0
    assert saved.doubt == {"a": "b"}
    assert (saved.present, saved.copied, saved.skipped, saved.failed, saved.gone) == (5, 4, 3, 2, 1)
    assert ledger.collections(lease.job.id) == [saved]


def test_an_update_leaves_counters_and_doubt_alone(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    stale = with_collection(ledger, lease, cursor={"a": 1})
    ledger.doubt(lease, stale.id, {"x": "y"})
    ledger.doubt(lease, stale.id, {"z": "y"})
    ledger.commit(lease, PageCommit(stale.id, tally={"present": 2}, doubt={"z": "y"}), ttl=30)
    saved = ledger.save_collection(lease, replace(stale, name="New", cursor=None, generation=2, listing_run=7))
    assert (saved.name, saved.cursor, saved.generation, saved.listing_run) == ("New", None, 2, 7)
    assert (saved.present, saved.doubt) == (2, {"z": "y"})
    assert ledger.collections(lease.job.id) == [saved]


def test_collections_are_a_jobs_own_oldest_first(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    one, two = leased(jobs, leases, source="dav:1"), leased(jobs, leases, source="dav:2")
    for lease, name in [(one, "/b/"), (two, "/x/"), (one, "/a/"), (one, "/c/")]:
        with_collection(ledger, lease, name)
    assert [row.source_id for row in ledger.collections(one.job.id)] == ["/b/", "/a/", "/c/"]
    assert [row.source_id for row in ledger.collections(two.job.id)] == ["/x/"]
    assert ledger.collections("none") == []


ROWS: list[ItemRow] = [
    item("copied-old", run=1, seen=1),
    item("copied-new", run=3, seen=2),
    failed("failed-old", run=1, seen=2),
    failed("failed-tried", run=2, seen=2, attempts=2),
    failed("failed-now", run=3, seen=2),
    failed("failed-gone", run=1, seen=1, **GONE),
    skipped("skipped-for-good", run=1, seen=2),
    skipped("skipped-for-now", run=1, seen=1, attempts=1),
    item("gone-kept", run=2, seen=1, **GONE),
]


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        pytest.param(lambda ledger, c: ledger.all_items(c), sorted(row.id for row in ROWS), id="all"),
        pytest.param(lambda ledger, c: ledger.absent(c, 2), ["copied-old", "skipped-for-now"], id="absent"),
        pytest.param(lambda ledger, c: ledger.absent(c, 1), [], id="absent-from-nothing"),
        pytest.param(lambda ledger, c: ledger.gone(c), ["failed-gone", "gone-kept"], id="gone"),
        pytest.param(
            lambda ledger, c: ledger.retryable(c, before_run=3),
            ["failed-old", "failed-tried", "skipped-for-now"],
            id="retryable",
        ),
        pytest.param(
            lambda ledger, c: ledger.retryable(c, before_run=2),
            ["failed-old", "skipped-for-now"],
            id="retryable-in-the-second-run",
        ),
        pytest.param(lambda ledger, c: ledger.retryable(c, before_run=1), [], id="retryable-in-the-first-run"),
    ],
)
def test_lists(
    listing: Callable[[Ledger, int], list[ItemRow]],
    expected: list[str],
    jobs: Jobs,
    leases: Leases,
    ledger: Ledger,
) -> None:
    lease = leased(jobs, leases)
    other, collection = with_collection(ledger, lease, "/o/").id, with_collection(ledger, lease, "/c/").id
    for target in (other, collection):
        ledger.commit(lease, PageCommit(target, items=ROWS), ttl=30)
    found = listing(ledger, collection)
    assert [row.id for row in found] == expected
    assert all(row in ROWS for row in found)
    assert ledger.count_absent(collection, 2) == 2
    assert ledger.count_gone(collection) == 2


def pages(fetch: Callable[[str], list[ItemRow]]) -> list[list[str]]:
    """Follow a list to its end; return the ids of each page."""
    found: list[list[str]] = []
    after = ""
    while rows := fetch(after):
        found.append([row.id for row in rows])
        after = rows[-1].id
    return found


@pytest.mark.parametrize("limit", [1, 3, 7, 500])
def test_pages_follow_each_other_without_gap_or_repeat(limit: int, jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id
    rows = [failed(f"{n:02}", **(GONE if n % 2 else {})) for n in range(20)]
    ledger.commit(lease, PageCommit(collection, items=rows), ttl=30)
    for fetch, expected in [
        (lambda after: ledger.all_items(collection, after=after, limit=limit), range(20)),
        (lambda after: ledger.gone(collection, after=after, limit=limit), range(1, 20, 2)),
        (lambda after: ledger.absent(collection, 9, after=after, limit=limit), range(0, 20, 2)),
        (lambda after: ledger.retryable(collection, before_run=9, after=after, limit=limit), range(0, 20, 2)),
    ]:
        found = pages(fetch)
        assert [name for page in found for name in page] == [f"{n:02}" for n in expected]
        assert all(len(page) <= limit for page in found)


NAMES = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=12)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.sets(NAMES, max_size=15))
def test_any_names_come_back_in_the_order_of_their_code_points(
    names: set[str], jobs: Jobs, leases: Leases, ledger: Ledger, database: Database
) -> None:
    """One order on both databases, whatever the server's language is; every name is found again."""
    execute(database, "delete from item")
    execute(database, "delete from collection")
    execute(database, "delete from job")
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id
    ledger.commit(lease, PageCommit(collection, items=[item(name, uid=name) for name in names]), ttl=30)
    found = pages(lambda after: ledger.all_items(collection, after=after, limit=4))
    assert [name for page in found for name in page] == sorted(names, key=lambda name: name.encode())
    assert set(ledger.items(collection, list(names))) == names
    assert {uid: [row.id for row in rows] for uid, rows in ledger.by_uid(collection, list(names)).items()} == {
        name: [name] for name in names
    }


def test_rows_by_uid(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    other, collection = with_collection(ledger, lease, "/o/").id, with_collection(ledger, lease, "/c/").id
    rows = [item("b", uid="one"), item("a", uid="one"), item("c", uid="two"), item("d"), item("e", uid="")]
    ledger.commit(lease, PageCommit(collection, items=rows), ttl=30)
    ledger.commit(lease, PageCommit(other, items=[item("z", uid="one")]), ttl=30)
    found = ledger.by_uid(collection, ["one", "two", "three"])
    assert {uid: [row.id for row in rows] for uid, rows in found.items()} == {"one": ["a", "b"], "two": ["c"]}
    assert ledger.by_uid(collection, []) == {}
    assert ledger.items(collection, []) == {}


def test_memory_stays_flat_over_twenty_thousand_rows(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id
    for start in range(0, 20_000, 2_000):
        rows = [item(f"{n:06}.ics", uid=f"uid-{n}", seen=1) for n in range(start, start + 2_000)]
        ledger.commit(lease, PageCommit(collection, items=rows), ttl=60)
    ledger.absent(collection, 2, limit=10)
    tracemalloc.start()
    try:
        count, after = 0, ""
        while page := ledger.absent(collection, 2, after=after, limit=500):
            count, after = count + len(page), page[-1].id
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert peak < 3_000_000, "two pages of 500 rows, not 20,000 rows"


def test_set_job_changes_what_is_named_and_nothing_else(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)

    def job() -> Job:
        found = jobs.get(lease.job.id)
        assert found is not None
        return found

    before = job()
    ledger.set_job(lease)
    assert job() == before
    ledger.set_job(lease, phase=Phase.COPY, started_at=5.5, learned={"source": {"sync": "yes"}})
    assert job() == replace(before, phase=Phase.COPY, started_at=5.5, learned={"source": {"sync": "yes"}})
    ledger.set_job(lease, run=7, problem={"reason": "r"}, ended_at=9.0, allow_deletions=True)
    assert (job().run, job().problem, job().ended_at, job().allow_deletions) == (7, {"reason": "r"}, 9.0, True)
    assert (job().phase, job().started_at) == (Phase.COPY, 5.5)
    ledger.set_job(lease, problem={}, started_at=None, ended_at=None, allow_deletions=False)
    cleared = job()
    assert (cleared.problem, cleared.started_at, cleared.ended_at, cleared.allow_deletions) == (None, None, None, False)
    assert cleared.run == 7


def test_the_audit_trail_keeps_order(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    ledger.audit(lease, Event.COLLECTION_MISSING, collection=3, count=2)
    for _ in range(5):
        ledger.audit(lease, Event.COLLECTION_MISSING)
    rows = list(ledger.audit_rows(lease.job.id))
    assert [row.event for row in rows] == ["job.submitted"] + ["collection.missing"] * 6
    missing = rows[1]
    assert (missing.collection, missing.count, missing.size) == (3, 2, 0)
    assert (missing.token, missing.run, missing.job) == (lease.token, 1, lease.job.id)
    assert [row.seq for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert all(before.at <= after.at for before, after in pairwise(rows))


def test_outcomes_of_every_kind_are_read_back(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id
    rows = [item(f"{o}-{p}", outcome=o, presence=p) for o in Outcome for p in Presence]
    ledger.commit(lease, PageCommit(collection, items=rows), ttl=30)
    found = ledger.items(collection, [row.id for row in rows])
    assert all(found[row.id].outcome is row.outcome and found[row.id].presence is row.presence for row in rows)
