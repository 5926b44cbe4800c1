"""Jobs as the command line sees them: submit, find, look into."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_engine.errors import JobAmbiguous, JobUnknown
from sync_engine.model import JobKind, JobSpec, JobState, Outcome, PageCommit, Phase, Presence, Want
from tests.sync_engine.builders import execute, expire, failed, item, leased, skipped, spec, with_collection

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_engine.database import Database
    from sync_engine.jobs import Jobs
    from sync_engine.leases import Leases
    from sync_engine.ledger import Ledger


def test_a_new_job_is_ready(jobs: Jobs, database: Database) -> None:
    wanted = spec(options={"only": "calendars", "allow-private": "yes"})
    with database.read() as connection:
        before = database.now(connection)
    job = jobs.submit(wanted)
    assert job.spec == wanted
    assert (job.state, job.want, job.phase, job.run) == (JobState.READY, Want.RUN, Phase.COLLECTIONS, 1)
    assert (job.started_at, job.ended_at, job.not_before) == (None, None, 0.0)
    assert (job.allow_deletions, job.problem, job.learned) == (False, None, {})
    assert before <= job.created_at <= before + 5
    assert jobs.get(job.id) == job
    assert jobs.list() == [job]


def test_an_id_is_short_hex(jobs: Jobs) -> None:
    ids = [jobs.submit(spec(f"dav:{n}")).id for n in range(30)]
    assert len(set(ids)) == 30
    assert all(len(name) >= 4 and set(name) <= set("0123456789abcdef") for name in ids)


def test_the_same_spec_is_the_same_job(jobs: Jobs) -> None:
    first = jobs.submit(spec(mirror=True, options={"a": "1"}))
    again = jobs.submit(spec(mirror=False, options={"b": "2"}))
    assert again == replace(first, spec=spec(mirror=False, options={"b": "2"}))
    assert jobs.list() == [again]


def test_submitting_again_does_not_disturb_a_job_at_work(jobs: Jobs, leases: Leases) -> None:
    job = jobs.submit(spec())
    lease = leases.claim("ada", ttl=30)
    assert lease is not None
    assert jobs.submit(spec(mirror=False)).state is JobState.LEASED
    assert leases.renew(lease, ttl=30) is Want.RUN
    assert jobs.submit(spec()).id == job.id


@pytest.mark.parametrize(
    "other",
    [spec("dav:work"), spec(destination="vdir:/else"), spec(kind=JobKind.MIGRATE), spec("vdir:/copy", "dav:home")],
    ids=["source", "destination", "kind", "turned-round"],
)
def test_another_spec_is_another_job(other: JobSpec, jobs: Jobs) -> None:
    assert jobs.submit(spec()).id != jobs.submit(other).id
    assert len(jobs.list()) == 2


TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=20)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(source=TEXT, destination=TEXT, mirror=st.booleans(), options=st.dictionaries(TEXT, TEXT, max_size=3))
def test_any_spec_comes_back(source: str, destination: str, mirror: bool, options: dict[str, str], jobs: Jobs) -> None:
    wanted = JobSpec(JobKind.BACKUP, source, destination, mirror=mirror, options=options)
    job = jobs.submit(wanted)
    assert job.spec == wanted
    assert jobs.submit(wanted).id == job.id


def rename(database: Database, jobs: Jobs, names: list[str]) -> None:
    """Make jobs with these ids."""
    for number, name in enumerate(names):
        job = jobs.submit(spec(f"dav:{number}", f"vdir:/{number}"))
        execute(database, "update job set id = :new where id = :old", new=name, old=job.id)


@pytest.mark.parametrize(
    ("asked", "found"),
    [("abcd", "abcd"), ("abce", "abce"), ("f", "f00d"), ("f00d", "f00d"), ("abcd12", "abcd12"), ("abcd1", "abcd12")],
)
def test_a_job_is_found_by_the_beginning_of_its_id(asked: str, found: str, jobs: Jobs, database: Database) -> None:
    """``abcd`` is an id and the beginning of another one: the whole id wins."""
    rename(database, jobs, ["abcd12", "abcd", "abce", "f00d"])
    job = jobs.get(asked)
    assert job is not None
    assert job.id == found


@pytest.mark.parametrize("asked", ["", "0", "abcf", "%", "____", "abcd123", "ABCD", "' or 1=1"])
def test_what_is_no_job(asked: str, jobs: Jobs, database: Database) -> None:
    rename(database, jobs, ["abcd12", "abcd", "abce"])
    assert jobs.get(asked) is None
    for ask in (
        lambda: jobs.start(asked),
        lambda: jobs.want(asked, Want.PAUSE),
        lambda: jobs.allow_deletions(asked),
        lambda: list(jobs.problems(asked)),
        lambda: list(jobs.days(asked)),
        lambda: jobs.leased_by(asked),
    ):
        with pytest.raises(JobUnknown) as unknown:
            ask()
        assert unknown.value.job == asked


def test_an_ambiguous_beginning_names_the_candidates(jobs: Jobs, database: Database) -> None:
    rename(database, jobs, ["abcd", "abce", "f00d"])
    with pytest.raises(JobAmbiguous) as ambiguous:
        jobs.get("ab")
    assert (ambiguous.value.prefix, ambiguous.value.matches) == ("ab", ("abcd", "abce"))
    for ask in (jobs.start, jobs.allow_deletions, jobs.leased_by):
        with pytest.raises(JobAmbiguous):
            ask("ab")


def test_jobs_are_listed_oldest_first(jobs: Jobs, database: Database) -> None:
    rename(database, jobs, ["cccc", "aaaa", "bbbb"])
    for at, name in enumerate(["bbbb", "cccc", "aaaa"]):
        execute(database, "update job set created_at = :at where id = :id", at=at, id=name)
    assert [job.id for job in jobs.list()] == ["bbbb", "cccc", "aaaa"]


def test_who_works_on_a_job(jobs: Jobs, leases: Leases, database: Database) -> None:
    job = jobs.submit(spec()).id
    assert jobs.leased_by(job) is None
    lease = leases.claim("ada@host:17", ttl=30)
    assert lease is not None
    assert jobs.leased_by(job) == ("ada@host:17", lease.until)
    expire(database, [job])
    assert jobs.leased_by(job) is None, "the dead hold nothing"


def test_deletions_are_allowed_for_one_run(jobs: Jobs, leases: Leases) -> None:
    job = jobs.submit(spec()).id
    jobs.allow_deletions(job)
    lease = leases.claim("ada", ttl=30)
    assert lease is not None
    assert lease.job.allow_deletions
    leases.release(lease, state=JobState.READY)
    lease = leases.claim("ada", ttl=30)
    assert lease is not None
    assert lease.job.allow_deletions, "the run is not over"
    leases.release(lease, state=JobState.DONE)
    assert not jobs.start(job).allow_deletions


PAGE: dict[str, list[Any]] = {
    "/one/": [item("a"), failed("b", run=1), skipped("c", run=2), failed("d", run=2, presence=Presence.GONE)],
    "/two/": [skipped("a", run=2), failed("e", run=1), item("f")],
}


def filled(jobs: Jobs, leases: Leases, ledger: Ledger) -> str:
    lease = leased(jobs, leases)
    other = leased(jobs, leases, source="dav:other")
    for name, rows in PAGE.items():
        collection = with_collection(ledger, lease, name).id
        ledger.commit(lease, PageCommit(collection, items=rows), ttl=30)
    elsewhere = with_collection(ledger, other).id
    ledger.commit(other, PageCommit(elsewhere, items=[failed("x", day=3)]), ttl=30)
    return lease.job.id


@pytest.mark.parametrize(
    ("run", "expected"),
    [(None, ["/one/b", "/one/c", "/two/a", "/two/e"]), (1, ["/one/b", "/two/e"]), (2, ["/one/c", "/two/a"]), (3, [])],
)
def test_problems(run: int | None, expected: list[str], jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    job = filled(jobs, leases, ledger)
    found = [(c.source_id, row) for c, row in jobs.problems(job, run=run)]
    assert [name + row.id for name, row in found] == expected
    assert all(row in PAGE[name] for name, row in found)


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_problems_come_in_pages(limit: int, jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    job = filled(jobs, leases, ledger)
    found: list[str] = []
    after = (0, "")
    while page := list(jobs.problems(job, after=after, limit=limit)):
        assert len(page) <= limit
        found += [c.source_id + row.id for c, row in page]
        after = (page[-1][0].id, page[-1][1].id)
    assert found == ["/one/b", "/one/c", "/two/a", "/two/e"]


def test_days_count_what_is_at_the_source(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    one, two = with_collection(ledger, lease, "/1/").id, with_collection(ledger, lease, "/2/").id
    rows = [
        item("a", day=5),
        failed("b", day=5),
        item("c", day=-9),
        item("d"),
        item("e", day=7, presence=Presence.GONE),
    ]
    ledger.commit(lease, PageCommit(one, items=rows), ttl=30)
    ledger.commit(lease, PageCommit(two, items=[item("a", day=5), skipped("b", day=9)]), ttl=30)
    assert list(jobs.days(lease.job.id)) == [(-9, 1, 1), (5, 3, 2), (9, 1, 0)]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.integers(-3, 3), st.sampled_from(Outcome), st.sampled_from(Presence)), max_size=12))
def test_days_add_up(
    rows: list[tuple[int, Outcome, Presence]], jobs: Jobs, leases: Leases, ledger: Ledger, database: Database
) -> None:
    for table in ("item", "collection", "job"):
        execute(database, f"delete from {table}")
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id
    items = [item(f"{n}", day=day, outcome=o, presence=p) for n, (day, o, p) in enumerate(rows)]
    ledger.commit(lease, PageCommit(collection, items=items), ttl=30)
    here = [row for row in rows if row[2] is Presence.HERE]
    found = list(jobs.days(lease.job.id))
    assert sum(count for _, count, _ in found) == len(here)
    assert sum(copied for _, _, copied in found) == sum(row[1] is Outcome.COPIED for row in here)
    assert [day for day, _, _ in found] == sorted({row[0] for row in here})


def test_looking_takes_no_lock(jobs: Jobs, leases: Leases, ledger: Ledger, database: Database) -> None:
    """A page that shows jobs works while somebody writes."""
    job = filled(jobs, leases, ledger)
    looks: list[Callable[[], object]] = [
        jobs.list,
        lambda: jobs.get(job),
        lambda: list(jobs.problems(job)),
        lambda: list(jobs.days(job)),
        lambda: jobs.leased_by(job),
        lambda: list(ledger.audit_rows(job)),
    ]
    with database.write() as connection:
        connection.exec_driver_sql("update job set served_at = 1")
        for look in looks:
            look()
