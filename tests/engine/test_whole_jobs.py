"""A state machine over whole jobs: edits, moves, deletions, lies, kills and pauses, checked against a small model.

The model knows what the source really has: UID -> name and body, per collection. Whatever
happens, the copy of an item that is there is never removed; once the lies stop, the copy
equals the source, the sums equal the inventory, and nothing is left in doubt.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from connectors.base import Receipt
from connectors.memory.world import Faults
from sync_engine.database import Database
from sync_engine.jobs import Jobs
from sync_engine.leases import Leases
from sync_engine.ledger import Ledger
from sync_engine.model import JobState, Want
from sync_engine.report import build_report
from tests.engine.bench import Bench, event, open_bench
from tests.engine.oddplaces import Archive, Odd, Oddities, OneUid, Remote, odd

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
COLLECTIONS = st.sampled_from(["work", "home"])
NUMBERS = st.integers(0, 11)

SOURCE_FAULTS = st.one_of(
    st.builds(Faults, duplicates=st.booleans(), flaky_revisions=st.booleans()),
    st.builds(Faults, truncated_at=st.integers(0, 12)),
    st.builds(Faults, short_at=st.integers(0, 12)),
    st.builds(Faults, cut_after_pages=st.integers(0, 2)),
    st.builds(Faults, cut_fetch_after=st.integers(0, 5)),
    st.builds(Faults, expire_cursors=st.just(value=True)),
    st.builds(Faults, gone=st.frozensets(COLLECTIONS)),
    st.builds(Faults, unreadable=st.frozensets(NUMBERS.map("{:02}.ics".format), max_size=4)),
    st.builds(Faults, vanish_on_fetch=st.frozensets(NUMBERS.map("{:02}.ics".format), max_size=4)),
)
TARGET_FAULTS = st.one_of(
    st.builds(Faults, break_before_write=st.integers(0, 40)),
    st.builds(Faults, break_after_write=st.integers(0, 40)),
    st.builds(Faults, full_at=st.integers(0, 12)),
    st.builds(Faults, read_only=st.just(value=True)),
    st.builds(Faults, gone=st.frozensets(COLLECTIONS)),
)


class Killed(BaseException):
    """The process is gone."""


@cache
def empty_database() -> Path:
    """Return a state database without jobs, made once in this process."""
    path = Path(tempfile.mkdtemp()) / "empty.db"
    Database.open(f"sqlite:///{path}").close()
    return path


def uid_of(body: bytes) -> str:
    """Return the UID of an event."""
    return next(line for line in body.splitlines() if line.startswith(b"UID:"))[4:].decode()


class WholeJobs(RuleBasedStateMachine):
    """Two calendars, one job, and a world that keeps changing."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.versions = itertools.count()
        self.source: dict[str, dict[str, str]] = {"work": {}, "home": {}}
        self.arrived: set[str] = set()
        self.odds = Oddities()

    @initialize(place=st.sampled_from([Odd, OneUid, Remote, Archive]), count=st.integers(0, 12))
    def begin(self, place: type[Odd], count: int) -> None:
        shutil.copy(empty_database(), self.folder / "state.db")
        self.bench: Bench = open_bench(self.folder / "state.db", uuid.uuid4().hex)
        self.bench.target_place = odd(self.odds, place)
        self.bench.source.page_size = 5
        for name in self.source:
            self.bench.source.create(name)
            for number in range(count):
                self.write(name, number)

    @rule(collection=COLLECTIONS, number=NUMBERS)
    def write(self, collection: str, number: int) -> None:
        uid = f"{collection}-{number}"
        name = self.source[collection].setdefault(uid, f"{number:02}.ics")
        self.bench.source.add(collection, name, event(uid, f"version {next(self.versions)}"))

    @rule(collection=COLLECTIONS, number=NUMBERS)
    def delete(self, collection: str, number: int) -> None:
        name = self.source[collection].pop(f"{collection}-{number}", None)
        if name is not None:
            self.bench.source.delete(collection, name)

    @rule(collection=COLLECTIONS, number=NUMBERS, edited=st.booleans())
    def move(self, collection: str, number: int, *, edited: bool) -> None:
        """Give an item another name. Until that name is recorded, its copy may go and come again."""
        uid = f"{collection}-{number}"
        name = self.source[collection].get(uid)
        if name is None:
            return
        body = self.bench.source.bodies(collection)[name]
        self.bench.source.delete(collection, name)
        self.source[collection][uid] = f"{number:02}-moved-{next(self.versions)}.ics"
        body = event(uid, f"moved {next(self.versions)}") if edited else body
        self.bench.source.add(collection, self.source[collection][uid], body)
        self.arrived.discard(uid)

    @rule(faults=SOURCE_FAULTS)
    def source_lies(self, faults: Faults) -> None:
        self.bench.source.faults = faults

    @rule(faults=TARGET_FAULTS)
    def target_lies(self, faults: Faults) -> None:
        self.bench.target.faults = faults

    @rule()
    def truth(self) -> None:
        self.bench.source.faults = self.bench.target.faults = Faults()

    @rule()
    def forget_cursors(self) -> None:
        self.bench.source.forget_cursors()

    @rule(allow=st.booleans())
    def run_job(self, *, allow: bool) -> None:
        assert self.bench.run(allow_deletions=allow).state is not JobState.LEASED
        self.after_a_run()

    @rule(after=st.integers(1, 9))
    def run_and_be_killed(self, after: int) -> None:
        left = [after]

        def kill(receipts: Iterator[Receipt]) -> Iterator[Receipt]:
            for receipt in receipts:
                left[0] -= 1
                if not left[0]:
                    raise Killed
                yield receipt

        self.odds.put = kill
        try:
            self.bench.run()
        except Killed:
            assert Leases(self.bench.database).expire(lambda _: True) == 1
        finally:
            self.odds.put = None
        self.after_a_run()

    @rule(moment=st.integers(1, 8))
    def run_and_pause(self, moment: int) -> None:
        job = self.bench.submit()
        self.bench.source.before_page = lambda: self.pause_at(job.id, moment)
        self.pages = 0
        self.bench.run()
        self.bench.source.before_page = lambda: None
        self.after_a_run()

    def pause_at(self, job: str, moment: int) -> None:
        self.pages += 1
        if self.pages == moment:
            Jobs(self.bench.database).want(job, Want.PAUSE)

    def after_a_run(self) -> None:
        self.bench.check_books()
        ledger = Ledger(self.bench.database)
        for row in ledger.collections(self.bench.submit().id):
            names = self.source[row.source_id]
            known = ledger.items(row.id, list(names.values()))
            self.arrived |= {uid for uid, name in names.items() if name in known and known[name].target_id}

    def bodies_there(self) -> list[bytes]:
        return [stored.body for shelf in self.bench.target.shelves.values() for stored in shelf.items.values()]

    def uids_there(self) -> set[str]:
        return set(map(uid_of, self.bodies_there()))

    @precondition(lambda self: hasattr(self, "bench"))
    @invariant()
    def nothing_present_loses_its_copy(self) -> None:
        present = {uid for items in self.source.values() for uid in items}
        lost = (self.arrived & present) - self.uids_there()
        assert not lost, f"present at the source, and its copy is gone: {lost}"
        self.arrived &= present

    def teardown(self) -> None:
        if not hasattr(self, "bench"):
            return
        self.truth()
        self.bench.source.forget_cursors()
        # A run that was killed goes on as it was: what it had settled is looked at by the run after it.
        states = [self.bench.run(allow_deletions=True).state for _ in range(4)]
        assert states[-1] is JobState.DONE
        bodies = [body for name in self.source for body in self.bench.source.bodies(name).values()]
        assert sorted(self.bodies_there()) == sorted(bodies), "each item has one copy, as it is now"
        self.check_the_end(len(bodies))
        self.bench.close()
        shutil.rmtree(self.folder)

    def check_the_end(self, count: int) -> None:
        self.bench.check_books()
        verdict = self.bench.verify()
        assert (verdict.good, verdict.same, verdict.extra, verdict.newer) == (True, count, 0, 0)
        jobs, ledger = Jobs(self.bench.database), Ledger(self.bench.database)
        job = self.bench.submit()
        report = build_report(jobs, ledger, job.id)
        assert (report.totals.present, report.totals.copied, report.totals.gone) == (count, count, 0)
        assert job.state is JobState.DONE
        assert all(row.doubt == {} for row in ledger.collections(job.id))


TestWholeJobs = WholeJobs.TestCase
TestWholeJobs.settings = settings(
    max_examples=int(os.environ.get("WHOLE_JOBS_EXAMPLES", "20")),
    stateful_step_count=20,
    phases=PHASES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
