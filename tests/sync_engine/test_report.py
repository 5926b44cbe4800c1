"""The report against the ledger it is told from: any history, any mixture of outcomes, every state."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_engine.errors import JobAmbiguous, JobUnknown
from sync_engine.finishing import adds_up
from sync_engine.model import ENDED, CollectionRow, ItemRow, Job, JobState, Outcome, PageCommit, Phase, Presence, Want
from sync_engine.report import PAGE, Counts, build_report, problems, verdict_on
from sync_engine.run import tally, weigh
from sync_engine.safety import CONFIRMING_RUNS
from tests.sync_engine.builders import collection_row, execute, item, leased, skipped, spec, with_collection

if TYPE_CHECKING:
    from sync_engine.database import Database
    from sync_engine.jobs import Jobs
    from sync_engine.leases import Leases
    from sync_engine.ledger import Ledger
    from sync_engine.model import Lease

NAMES = st.sampled_from([f"i{number}" for number in range(12)])
ROWS = st.builds(
    lambda name, outcome, presence, copied: ItemRow(
        name, outcome=outcome, presence=presence, target_id=f"t-{name}" if copied else None, reason="why", run=1
    ),
    NAMES,
    st.sampled_from(Outcome),
    st.sampled_from(Presence),
    st.booleans(),
)
STEPS = st.lists(st.tuples(st.lists(ROWS, max_size=6), st.lists(NAMES, max_size=3)), max_size=6)
COUNTS = st.builds(Counts, *[st.integers(0, 1000)] * 5)


class History:
    """Rows as they come and go, beside what the ledger is told."""

    def __init__(self, ledger: Ledger, lease: Lease, collection: int) -> None:
        self.ledger, self.lease, self.collection = ledger, lease, collection
        self.rows: dict[str, ItemRow] = {}

    def step(self, rows: list[ItemRow], forgotten: list[str]) -> None:
        """Commit a page whose counters follow from what was there before."""
        after = {row.id: row for row in rows}
        gone = [name for name in dict.fromkeys(forgotten) if name in self.rows and name not in after]
        changed = [(self.rows.get(name), row) for name, row in after.items()]
        left = [(self.rows[name], None) for name in gone]
        page = PageCommit(self.collection, items=list(after.values()), forgotten=gone, tally=tally([*changed, *left]))
        self.ledger.commit(self.lease, page, ttl=60)
        self.rows |= after
        for name in gone:
            del self.rows[name]

    def counts(self) -> Counts:
        """Count the rows one by one."""
        here = [row for row in self.rows.values() if row.presence is Presence.HERE]
        by = Counter(row.outcome for row in here)
        values = (by[Outcome.COPIED], by[Outcome.SKIPPED], by[Outcome.FAILED])
        return Counts(len(here), *values, len(self.rows) - len(here))


@given(steps=STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sums_follow_any_history(
    steps: list[tuple[list[ItemRow], list[str]]], jobs: Jobs, leases: Leases, ledger: Ledger, database: Database
) -> None:
    execute(database, "delete from job")
    lease = leased(jobs, leases)
    history = History(ledger, lease, with_collection(ledger, lease).id)
    for rows, forgotten in steps:
        history.step(rows, forgotten)
    report = build_report(jobs, ledger, lease.job.id)
    assert report.totals == history.counts()
    assert report.totals.adds_up
    assert [collection.counts for collection in report.collections] == [history.counts()]
    wrong = {row.id for row in history.rows.values() if row.presence is Presence.HERE} - {
        row.id for row in history.rows.values() if row.outcome is Outcome.COPIED
    }
    assert {problem.item for problem in problems(jobs, lease.job.id)} == wrong
    assert report.totals.not_copied == len(wrong)


@given(rows=st.lists(st.tuples(st.none() | ROWS, st.none() | ROWS), max_size=20))
@settings(max_examples=150, deadline=None)
def test_a_tally_is_the_difference_of_the_weights(rows: list[tuple[ItemRow | None, ItemRow | None]]) -> None:
    before, after = Counter[str](), Counter[str]()
    for old, new in rows:
        before.update(weigh(old))
        after.update(weigh(new))
    for name in ("present", "copied", "skipped", "failed", "gone"):
        assert tally(rows).get(name, 0) == after[name] - before[name]
    assert 0 not in tally(rows).values()


@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_item_weighs_one_of_its_outcome_while_it_is_here(outcome: Outcome) -> None:
    row = ItemRow("a", outcome=outcome)
    assert weigh(row) == {"present": 1, outcome.value: 1}
    assert weigh(replace(row, presence=Presence.GONE)) == {"gone": 1}
    assert weigh(None) == {}


@given(one=COUNTS, two=COUNTS, three=COUNTS)
@settings(max_examples=60, deadline=None)
def test_counts_add_like_numbers(one: Counts, two: Counts, three: Counts) -> None:
    assert one + two == two + one
    assert (one + two) + three == one + (two + three)
    assert one + Counts() == one
    assert (one + two).not_copied == one.not_copied + two.not_copied
    if one.adds_up and two.adds_up:
        assert (one + two).adds_up


def job_in(state: JobState) -> Job:
    """Return a job as it would stand in *state*."""
    return Job(
        id="abcd",
        spec=spec(),
        state=state,
        want=Want.RUN,
        phase=Phase.FINISHING,
        run=1,
        created_at=0.0,
        started_at=0.5,
        ended_at=1.0 if state in ENDED else None,
        not_before=0.0,
        allow_deletions=False,
        problem=None,
        learned={},
    )


@pytest.mark.parametrize("state", list(JobState))
@pytest.mark.parametrize(
    ("counts", "kind"),
    [
        (Counts(), "empty"),
        (Counts(5, 5), "all"),
        (Counts(5, 3, 1, 1), "some"),
        (Counts(5, 0, 5), "none"),
        (Counts(5, 4), "broken"),
        (Counts(0, 0, 0, 0, 3), "empty"),
    ],
)
def test_a_verdict_never_promises_more_than_is_known(state: JobState, counts: Counts, kind: str) -> None:
    verdict = verdict_on(job_in(state), counts)
    finished = state in {JobState.DONE, JobState.DONE_WITH_PROBLEMS}
    assert ("do not balance" in verdict) is (kind == "broken")
    assert ("There is nothing at the source" in verdict) is (kind == "empty" and finished)
    assert ("Nothing has been copied yet" in verdict) is (kind == "empty" and not finished)
    assert ("Everything is there" in verdict) is (kind == "all" and finished)
    assert ("could not be copied" in verdict) is (kind in {"some", "none"} and finished)
    assert ("not finished" in verdict) is (kind in {"all", "some", "none"} and not finished)
    assert verdict.endswith(".")


def test_large_numbers_are_readable() -> None:
    verdict = verdict_on(job_in(JobState.DONE_WITH_PROBLEMS), Counts(1_234_567, 1_234_000, 567))
    assert "1,234,000 of 1,234,567 items" in verdict
    assert "567 could not" in verdict


@pytest.mark.parametrize("count", [0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE])
def test_problems_come_whole_however_many(count: int, jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id
    rows = [skipped(f"{number:05}", detail=None) for number in range(count)]
    ledger.commit(lease, PageCommit(collection, items=rows, tally={"present": count, "skipped": count}), ttl=60)
    found = list(problems(jobs, lease.job.id))
    assert [problem.item for problem in found] == [row.id for row in rows]
    assert {problem.detail for problem in found} <= {""}


def test_problems_of_several_collections_follow_each_other(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    for name in ("/b/", "/a/", "/c/"):
        collection = with_collection(ledger, lease, name, name=f"called {name}").id
        rows = [skipped("z"), item("y"), skipped("a", "odd-word")]
        ledger.commit(lease, PageCommit(collection, items=rows, tally={}), ttl=60)
    found = [(problem.collection, problem.item, problem.reason) for problem in problems(jobs, lease.job.id)]
    assert found == [
        (f"called {name}", item, reason)
        for name in ("/b/", "/a/", "/c/")
        for item, reason in (("a", "odd-word"), ("z", "too-large"))
    ]


@pytest.mark.parametrize("missing", [0, 1, CONFIRMING_RUNS, CONFIRMING_RUNS + 3])
def test_a_collection_that_is_gone_leaves_sums_and_problems(
    missing: int, jobs: Jobs, leases: Leases, ledger: Ledger
) -> None:
    lease = leased(jobs, leases)
    kept = with_collection(ledger, lease, "/kept/", name="kept")
    lost = with_collection(ledger, lease, "/lost/", name="lost", missing_runs=missing)
    for row in (kept, lost):
        page = PageCommit(row.id, items=[skipped("x"), item("y")], tally={"present": 2, "copied": 1, "skipped": 1})
        ledger.commit(lease, page, ttl=60)
    report = build_report(jobs, ledger, lease.job.id)
    there = missing < CONFIRMING_RUNS
    assert [(one.name, one.missing) for one in report.collections] == [("kept", False), ("lost", missing > 0)][
        : 1 + there
    ]
    assert report.totals == Counts(2, 1, 1) + (Counts(2, 1, 1) if there else Counts())
    assert len(list(problems(jobs, lease.job.id))) == report.totals.not_copied


def test_sums_by_kind_keep_the_order_of_first_appearance(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    for number, kind in enumerate(["contact", "event", "contact", "file"]):
        row = with_collection(ledger, lease, f"/{number}/", kind=kind)
        counts = {"present": number + 1, "copied": number + 1}
        ledger.commit(lease, PageCommit(row.id, tally=counts), ttl=60)
    by_kind = build_report(jobs, ledger, lease.job.id).by_kind()
    assert list(by_kind) == ["contact", "event", "file"]
    assert [counts.present for counts in by_kind.values()] == [4, 2, 4]
    assert sum((counts for counts in by_kind.values()), Counts()).present == 10


def test_jobs_are_named_or_refused(jobs: Jobs, leases: Leases, ledger: Ledger, database: Database) -> None:
    lease = leased(jobs, leases)
    assert build_report(jobs, ledger, lease.job.id[:2]).job.id == lease.job.id
    with pytest.raises(JobUnknown):
        build_report(jobs, ledger, "nope")
    with pytest.raises(JobUnknown):
        list(problems(jobs, ""))
    leases.release(lease, state=JobState.DONE)
    execute(database, "update job set id = 'abc1' where id = :id", id=lease.job.id)
    other = jobs.submit(spec("dav:other"))
    execute(database, "update job set id = 'abc2' where id = :id", id=other.id)
    with pytest.raises(JobAmbiguous):
        build_report(jobs, ledger, "abc")


@given(values=st.tuples(*[st.integers(0, 50)] * 4))
@settings(max_examples=60, deadline=None)
def test_books_add_up_or_do_not(values: tuple[int, int, int, int]) -> None:
    present, copied, left_out, broken = values
    row: CollectionRow = collection_row("j", present=present, copied=copied, skipped=left_out, failed=broken)
    assert adds_up(row) is (present == copied + left_out + broken)
    assert Counts(present, copied, left_out, broken).adds_up is adds_up(row)
