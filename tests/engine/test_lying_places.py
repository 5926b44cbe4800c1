"""A state machine over places that lie: whatever they do, nothing is lost that nobody deleted.

The model is small: which bodies the source really has, which of them were ever seen at
the destination, and what a person edited or deleted there. Faults come and go between
runs; at the end they stop, and source and copy must agree.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import uuid
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from connectors.memory.world import Faults
from sync_engine.database import Database
from sync_engine.model import JobState
from tests.engine.bench import Bench, event, open_bench

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)

ITEMS = st.integers(0, 29)
SOME = st.frozensets(ITEMS, max_size=6)

SOURCE_FAULTS = st.one_of(
    st.builds(Faults, flaky_revisions=st.booleans(), duplicates=st.booleans()),
    st.builds(Faults, truncated_at=st.integers(0, 30)),
    st.builds(Faults, short_at=st.integers(0, 30)),
    st.builds(Faults, cut_after_pages=st.integers(0, 4)),
    st.builds(Faults, cut_fetch_after=st.integers(0, 9)),
    st.builds(Faults, expire_cursors=st.just(value=True)),
    st.builds(Faults, gone=st.just(frozenset({"work"}))),
    SOME.map(lambda ids: Faults(unknown_revisions=frozenset(map(name, ids)))),
    SOME.map(lambda ids: Faults(unreadable=frozenset(map(name, ids)))),
)
TARGET_FAULTS = st.one_of(
    st.builds(Faults, break_before_write=st.integers(0, 60)),
    st.builds(Faults, break_after_write=st.integers(0, 60)),
    st.builds(Faults, full_at=st.integers(0, 30)),
    st.builds(Faults, rewrite=st.just("told")),
    st.builds(Faults, read_only=st.just(value=True)),
    SOME.map(lambda ids: Faults(reject=frozenset(f"work/{name(i)}" for i in ids))),
)


def name(number: int) -> str:
    """Return the id of item *number* at the source."""
    return f"{number:02}.ics"


def uid_of(body: bytes) -> str:
    """Return the UID of an event, whatever its line ends."""
    return next(line for line in body.splitlines() if line.startswith(b"UID:"))[4:].decode()


@cache
def empty_database() -> Path:
    """Return a state database without jobs, made once in this process."""
    path = Path(tempfile.mkdtemp()) / "empty.db"
    Database.open(f"sqlite:///{path}").close()
    return path


class LyingPlaces(RuleBasedStateMachine):
    """Edits on both sides, faults on both sides, runs in between."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.versions = itertools.count()
        self.edited: set[str] = set()
        self.removed_there: set[str] = set()
        self.arrived: set[str] = set()

    @initialize(count=st.integers(0, 30))
    def begin(self, count: int) -> None:
        shutil.copy(empty_database(), self.folder / "state.db")
        self.bench: Bench = open_bench(self.folder / "state.db", uuid.uuid4().hex)
        self.bench.source.page_size = 7
        self.bench.source.create("work")
        for number in range(count):
            self.write(number)

    def write(self, number: int) -> None:
        self.bench.source.add("work", name(number), event(f"uid-{number}", f"version {next(self.versions)}"))

    @rule(number=ITEMS)
    def add_or_change(self, number: int) -> None:
        self.write(number)

    @rule(number=ITEMS)
    def delete(self, number: int) -> None:
        if name(number) in self.bench.source.bodies("work"):
            self.bench.source.delete("work", name(number))

    @rule(number=ITEMS)
    def edit_the_copy(self, number: int) -> None:
        for item, body in self.there().items():
            if uid_of(body) == f"uid-{number}":
                edited = event(f"uid-{number}", f"edited {next(self.versions)}")
                self.bench.target.change(self.target(), item, edited)
                self.edited.add(f"uid-{number}")

    @rule(number=ITEMS)
    def delete_the_copy(self, number: int) -> None:
        for item, body in self.there().items():
            if uid_of(body) == f"uid-{number}":
                self.bench.target.delete(self.target(), item)
                self.removed_there.add(f"uid-{number}")

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
        self.bench.run(allow_deletions=allow)
        self.bench.check_books()
        self.arrived |= self.uids_there()

    @invariant()
    def nothing_is_lost_that_nobody_deleted(self) -> None:
        if not hasattr(self, "bench"):
            return
        at_source = set(self.bench.originals())
        lost = (self.arrived & at_source) - self.uids_there() - self.removed_there
        assert not lost, f"lost at the destination: {lost}"
        edits = {uid for uid in self.edited if uid not in self.removed_there}
        assert edits <= self.uids_there() | self.removed_there, "an edit made at the destination is gone"

    def target(self) -> str:
        shelves = list(self.bench.target.shelves)
        return shelves[0] if shelves else ""

    def there(self) -> dict[str, bytes]:
        return self.bench.target.bodies(self.target()) if self.target() else {}

    def uids_there(self) -> set[str]:
        return {uid_of(body) for body in self.there().values()}

    def teardown(self) -> None:
        if not hasattr(self, "bench"):
            return
        self.truth()
        for _ in range(70):  # quarantined items are offered again after at most 64 runs
            job = self.bench.run(allow_deletions=True)
            if job.state is JobState.DONE:
                break
            if set(self.bench.problems().values()) <= {"edited-at-destination"} and not self.bench.notes():
                break
        self.bench.check_books()
        originals, copies = self.bench.originals(), self.copies_by_uid()
        for uid, body in originals.items():
            if uid not in self.edited and uid not in self.removed_there:
                assert copies[uid].splitlines() == body.splitlines(), f"{uid} differs"
        extra = set(copies) - set(originals) - self.edited
        assert not extra, f"copies of deleted items stayed: {extra}"
        self.bench.close()
        shutil.rmtree(self.folder)

    def copies_by_uid(self) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for body in self.there().values():
            uid = uid_of(body)
            assert uid not in found, f"two copies of {uid}"
            found[uid] = body
        return found


TestLyingPlaces = LyingPlaces.TestCase
TestLyingPlaces.settings = settings(
    max_examples=int(os.environ.get("LYING_EXAMPLES", "25")),
    stateful_step_count=25,
    phases=PHASES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
