"""Fault scripts nobody wrote: random faults on both servers, random edits, runs in between.

Whatever the order: no item is lost that nobody deleted, nothing stands at the copy that the source
never held, the source is never written. Then the faults go, the job runs again, and both
sides are equal. ``FAULT_SCRIPTS`` in the environment sets how many scripts are tried.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.dav.listing import FULL_EVERY
from simulators.dav_faults import FAULTS, Faults
from simulators.faulty_dav import FaultyDav
from sync_engine.database import Database
from sync_engine.ledger import Ledger
from sync_engine.model import JobState, Outcome
from tests.engine.bench import event
from tests.engine.davbench import DavBench
from wherry.cli.result import code_for
from wherry.exits import Exit

WORK = "/dav/calendars/work/"
COUNT = 14
SCRIPTS = int(os.environ.get("FAULT_SCRIPTS", "12"))
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)

few = st.integers(0, COUNT)
names = st.frozensets(st.integers(0, COUNT - 1).map(lambda number: f"{number:04}.ics"), min_size=1, max_size=4)
statuses = st.sampled_from([400, 401, 403, 404, 405, 409, 410, 412, 413, 418, 423, 500, 501, 503, 507, 511])
reading = st.sampled_from([["PROPFIND"], ["REPORT"], ["GET"], ["PROPFIND", "REPORT", "GET"]])
writing = st.sampled_from([["PUT"], ["DELETE"], ["PUT", "DELETE"], ["MKCALENDAR", "MKCOL"]])
waits = st.sampled_from([{}, {"Retry-After": "0"}, {"Retry-After": "9999"}])
once = st.sampled_from([None, 1, 2, 5])
yes = st.just(value=True)

READING: dict[str, st.SearchStrategy[Any]] = {
    "listing-507": few,
    "listing-short": few,
    "listing-no-etag": few,
    "listing-most": st.tuples(few, st.sampled_from([500, 507])),
    "listing-member": st.dictionaries(st.sampled_from(["0001.ics", "0002.ics"]), statuses, min_size=1),
    "listing-extra": yes,
    "listing-foreign": st.integers(1, 3),
    "portal": st.sampled_from(["html", "xhtml", "xhtml-207", "foreign", "empty", "plain", "bare", "nothing"]),
    "gate": st.tuples(statuses, st.just("text/html"), st.just("<html>")),
    "redirect": st.sampled_from(["http://127.0.0.1:9/", "http://169.254.169.254/", "/dav/calendars/"]),
    "status": st.tuples(statuses, waits, st.just(b""), reading),
    "cut": st.integers(0, 3000),
    "cut-xml": st.integers(0, 3000),
    "reset": yes,
    "spelling": st.sampled_from(["absolute", "lower", "raw", "http", "relative"]),
    "split": yes,
    "duplicates": yes,
    "cdata": yes,
    "propstat-status": yes,
    "control": names,
    "bomb": st.just('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'),
    "no-sync": yes,
    "sync-hidden": yes,
    "no-ctag": yes,
    "token-invalid": statuses,
    "empty-token": st.sampled_from([400, 403, 412]),
    "token-zero": yes,
    "sync-507": st.integers(0, 9),
    "sync-stuck": yes,
    "sync-no-token": yes,
    "sync-old-deletions": yes,
    "no-inline": yes,
    "multiget-left-out": names,
    "multiget-gone": names,
    "multiget-507": st.integers(0, 9),
    "multiget-most": st.tuples(st.integers(1, 9), st.sampled_from([413, 500, 507])),
    "get": st.dictionaries(st.sampled_from(["0001.ics", "0002.ics"]), statuses, min_size=1),
    "weak-etags": yes,
    "etag-ends": st.sampled_from(["-gzip", "x"]),
    "no-principal": yes,
    "well-known": st.sampled_from(["404", "401", "redirect"]),
}
WRITING: dict[str, st.SearchStrategy[Any]] = {
    "status": st.tuples(statuses, waits, st.just(b""), writing),
    "put-rewrite": st.sampled_from([True, "add"]),
    "put-no-etag": yes,
    "put-rename": st.sampled_from(["location", "silent"]),
    "put-stored": st.sampled_from([500, "reset"]),
    "put-lost": st.sampled_from([500, "reset"]),
    "put-status": st.dictionaries(
        st.sampled_from(["UID:u-1\r", "UID:u-2\r"]), st.tuples(statuses, st.just("")), min_size=1
    ),
    "delete-status": st.dictionaries(
        st.sampled_from(["UID:u-1\r", "UID:u-2\r"]), st.tuples(statuses, st.just("")), min_size=1
    ),
    "put-most": st.sampled_from([1, 400]),
    "schedule-tags": yes,
    "read-only": yes,
    "weak-etags": yes,
    "etag-ends": st.sampled_from(["-gzip", "x"]),
    "mk-refused": st.just({"MKCALENDAR", "MKCOL"}),
    "mk-late": st.integers(1, 3),
}
OF_A_SERVER = {"put-uid", "uid-fixed", "uid-conflict", "no-if-none-match", "mk-props"}
"""Properties of a server rather than faults: they have tests of their own."""

OTHERWISE = {"latency", "huge", "home-url", "control-as", "sync-no-deletions", "token-time"}
"""Slow, large, elsewhere; or lies that last until the next full listing, and are tested with it."""


def steps(faults: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[tuple[str, Any, int | None]]:
    """Return a strategy for one fault: its name, its value, how often it happens."""
    return st.one_of([st.tuples(st.just(name), value, once) for name, value in faults.items()])


edits = st.one_of(
    st.tuples(st.just("change"), st.integers(0, COUNT - 1)),
    st.tuples(st.just("add"), st.integers(COUNT, COUNT + 9)),
    st.tuples(st.just("delete"), st.integers(0, COUNT - 1)),
)
turn = st.tuples(
    st.lists(steps(READING), max_size=3),
    st.lists(steps(WRITING), max_size=2),
    st.lists(edits, max_size=3),
    st.booleans(),
)
script = st.lists(turn, min_size=1, max_size=4)


@cache
def empty_database_once() -> Path:
    """Return a state database without jobs, made once in this process."""
    path = Path(tempfile.mkdtemp()) / "empty.db"
    Database.open(f"sqlite:///{path}").close()
    return path


class Stage:
    """A bench, and what may stand at the copy: everything the source ever held."""

    def __init__(self, stack: ExitStack, *, folder: bool) -> None:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        shutil.copy(empty_database_once(), root / "state.db")
        database = Database.open(f"sqlite:///{root}/state.db")
        stack.callback(database.close)
        left, right = stack.enter_context(FaultyDav()), stack.enter_context(FaultyDav())
        self.bench = DavBench(database, left, root / "copy", None if folder else right)
        self.shelf = left.store.make("calendar", "work")
        self.truths: dict[str, set[str]] = {}
        self.arrived: set[str] = set()
        self.deleted: set[str] = set()
        self.version = 0
        for number in range(COUNT):
            self.put(number)

    def put(self, number: int) -> None:
        """Write an item at the source."""
        self.version += 1
        summary = f"version {self.version}"
        self.shelf.put(f"{number:04}.ics", event(f"u-{number}", summary))
        self.truths.setdefault(f"u-{number}", set()).add(summary)

    def edit(self, what: str, number: int) -> None:
        """Let somebody do something at the source."""
        name = f"{number:04}.ics"
        if what == "delete":
            if name in self.shelf.items:
                self.shelf.delete(name)
                self.deleted.add(f"u-{number}")
        else:
            self.put(number)

    def run(self, *, last: bool = False) -> Exit:
        """Run the job, and check what must always be so."""
        code = code_for(self.bench.run(allow_deletions=last))
        copies = self.bench.copies()
        lost = self.arrived - set(copies) - self.deleted
        assert not lost, f"lost that nobody deleted: {lost}"
        for uid, body in copies.items():
            summary = next(line for line in body.splitlines() if line.startswith(b"SUMMARY:"))[8:].decode()
            assert summary in self.truths[uid], f"junk stands there: {summary}"
            assert body.startswith(b"BEGIN:VCALENDAR")
            assert body.rstrip().endswith(b"END:VCALENDAR")
        self.arrived |= set(copies)
        self.deleted -= set(copies) & {item.uid for item in self.shelf.items.values()}
        self.bench.check_books()
        if code is not Exit.DONE:
            assert self.words(), "trouble without a word"
        return code

    def words(self) -> list[str]:
        """Return what a person is told: by the run, by the job, or by the report about each item that waits."""
        ledger, job = Ledger(self.bench.database), self.bench.submit()
        rows = [item for row in ledger.collections(job.id) for item in ledger.all_items(row.id, limit=1000)]
        reasons = [item.reason for item in rows if item.reason and item.outcome is not Outcome.COPIED]
        return [word for word in (self.bench.explained(), *(job.problem or {}), *reasons) if word]

    def agree(self) -> bool:
        """Say whether both sides hold the same items in the same state."""

        def states(bodies: dict[str, bytes]) -> dict[str, bytes]:
            return {u: next(x for x in b.splitlines() if x.startswith(b"SUMMARY:")) for u, b in bodies.items()}

        return states(self.bench.copies()) == states(self.bench.originals())


def play(turns: list[Any], *, folder: bool) -> None:
    """Play a script, then let everything be well again."""
    with ExitStack() as stack:
        stage = Stage(stack, folder=folder)
        bench = stage.bench
        there = bench.right.faults if bench.right else Faults()
        for reads, writes, changes, mended in turns:
            for name, value, times in reads:
                bench.left.faults.switch(name, value, times=times)
            for name, value, times in writes:
                there.switch(name, value, times=times)
            for what, number in changes:
                stage.edit(what, number)
            stage.run()
            if mended:
                bench.left.faults.mend()
        for server in filter(None, (bench.left, bench.right)):
            server.faults.mend()
        heal(stage)


def heal(stage: Stage) -> None:
    """Run until all is well. What was refused is offered again after 1, 2, 4, 8 ... runs.

    A listing that was short without a word, and gave a token all the same, is seen through when
    everything is listed again: that is once a week.
    """
    for _ in range(34):
        if stage.run(last=True) is Exit.DONE:
            if stage.agree():
                break
            stage.bench.later += FULL_EVERY
    assert stage.agree(), stage.bench.explained()
    assert stage.bench.run().state is JobState.DONE, stage.bench.explained()


STANDARD = settings(
    max_examples=SCRIPTS, phases=PHASES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)


@given(turns=script)
@STANDARD
def test_any_fault_script_to_a_folder(turns: list[Any]) -> None:
    play(turns, folder=True)


@given(turns=script)
@STANDARD
def test_any_fault_script_to_a_second_server(turns: list[Any]) -> None:
    play(turns, folder=False)


def test_no_knob_of_the_server_is_forgotten() -> None:
    assert READING.keys() | WRITING.keys() | OF_A_SERVER | OTHERWISE == FAULTS.keys()


CASES: list[tuple[str, list[Any]]] = [
    (
        "a portal while the first listing runs",
        [([("portal", "html", 2)], [], [], True), ([], [], [("change", 1)], True)],
    ),
    (
        "a forgotten token and a short listing",
        [
            ([], [], [], True),
            (
                [("token-invalid", 403, None), ("listing-short", 3, None), ("no-sync", True, None)],
                [],
                [("delete", 2)],
                False,
            ),
            ([], [], [], True),
        ],
    ),
    ("stored and lost answers in a row", [([], [("put-stored", "reset", 2), ("put-lost", 500, 1)], [], True)]),
    (
        "the copy becomes read-only while items go",
        [([], [], [], True), ([], [("read-only", True, None)], [("delete", 3), ("change", 4)], True)],
    ),
    (
        "items come and go behind a bad multiget",
        [
            ([("no-inline", True, None), ("multiget-gone", frozenset({"0001.ics", "0005.ics"}), None)], [], [], False),
            ([], [], [("delete", 1), ("add", 15)], True),
        ],
    ),
    (
        "renamed copies and a changed original",
        [([], [("put-rename", "silent", None)], [], True), ([], [], [("change", 1), ("delete", 2)], True)],
    ),
    (
        "a listing that names members as failing",
        [
            ([("no-sync", True, None)], [], [], False),
            ([("listing-member", {"0001.ics": 404, "0002.ics": 507}, None)], [], [("change", 3)], True),
        ],
    ),
    (
        "a gate with a status for each method",
        [([], [], [], True), ([("gate", (405, "text/html", "<html>"), None)], [], [("change", 5)], True)],
    ),
]


@pytest.mark.parametrize("folder", [True, False], ids=["folder", "server"])
@pytest.mark.parametrize("turns", [turns for _, turns in CASES], ids=[name for name, _ in CASES])
def test_scripts_worth_keeping(turns: list[Any], *, folder: bool) -> None:
    play(turns, folder=folder)
