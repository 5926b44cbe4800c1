"""Before a run ends it looks at what it wrote: what is missing or changed by then is said, and written again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import pytest

from connectors.base import Item, Manifest
from connectors.errors import ItemRejected, ReauthRequired, Transient
from connectors.memory.place import Memory
from sync_engine.checking import CHANGED, FEW, NOT_THERE, UNREADABLE
from sync_engine.errors import JobBusy
from sync_engine.events import PhaseEntered, Progress
from sync_engine.jobs import Jobs
from sync_engine.leases import Leases
from sync_engine.model import Compared, JobState, Phase, Want
from sync_engine.run import MOST_NAMED, Written
from tests.engine.bench import event
from tests.engine.oddplaces import Oddities, Remote, odd, raising
from tests.sync_engine.builders import expire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectors.base import Collection, Failed, ItemRef
    from sync_engine.events import Event
    from sync_engine.model import Job
    from tests.engine.bench import Bench

SIZE, BYTES = Compared.SIZE_AND_REVISION, Compared.BYTES


class At(list["Event"]):
    """A list of events that acts once, when the run begins to look at what it wrote."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self.act: Callable[[], object] | None = act

    def append(self, happened: Event, /) -> None:
        super().append(happened)
        if isinstance(happened, PhaseEntered) and happened.phase == Phase.VERIFY and self.act is not None:
            act, self.act = self.act, None
            act()


class Killed(BaseException):
    """Ends a run as a kill does: nothing is given back."""


def kill() -> None:
    raise Killed


@pytest.fixture(params=["local", "remote"])
def filled(bench: Bench, request: pytest.FixtureRequest) -> Bench:
    """Return a bench with ten events, writing to a place on this machine or far away."""
    bench.fill(10)
    if request.param == "remote":
        bench.target_place = odd(Oddities(), Remote)
    return bench


def how(bench: Bench) -> Compared:
    return SIZE if bench.target_place is Memory else BYTES


def drop(bench: Bench, *uids: str) -> None:
    """Remove copies behind everybody's back."""
    home = bench.collection().target_id or ""
    for name, body in bench.target.bodies(home).items():
        if any(f"UID:{uid}\r\n".encode() in body for uid in uids):
            bench.target.delete(home, name)


def spoil(bench: Bench, uid: str, *, quietly: bool = False) -> None:
    """Change a copy behind everybody's back; *quietly* leaves its revision as it was."""
    home = bench.target.shelf(bench.collection().target_id or "")
    name = next(name for name, stored in home.items.items() if f"UID:{uid}\r\n".encode() in stored.body)
    before = home.items[name]
    changed = replace(before, body=event(uid, "Spoilt"), sent=None)
    if quietly:
        home.items[name] = changed
    else:
        bench.target.store(home, name, changed)


def phases(bench: Bench) -> list[str]:
    return [each.phase for each in bench.events if isinstance(each, PhaseEntered)]


def again(bench: Bench) -> Job:
    bench.events = []
    return bench.run()


def whole(bench: Bench) -> bool:
    return bench.copies() == bench.originals()


def test_what_was_written_is_verified(filled: Bench) -> None:
    job = filled.run()
    assert job.state is JobState.DONE
    ended = filled.ended()
    assert (ended.verified, ended.verified_how) == (10, how(filled))
    assert (job.verified.upto, job.verified.run, job.verified.count, job.verified.how) == (1, 1, 10, how(filled))
    assert phases(filled) == ["collections", "copy", "verify", "finishing"]
    last = [each for each in filled.events if isinstance(each, Progress)][-1]
    assert (last.phase, last.done, last.total) == ("verify", 10, 10)


def test_a_run_that_wrote_nothing_asks_nothing(filled: Bench) -> None:
    filled.run()
    before = dict(filled.target.calls)
    job = again(filled)
    calls = {name: count - before.get(name, 0) for name, count in filled.target.calls.items()}
    assert {name: count for name, count in calls.items() if count} == {"ensure": 1}
    assert phases(filled) == ["collections", "copy", "finishing"]
    assert (filled.ended().verified, filled.ended().verified_how) == (0, "")
    assert (job.verified.upto, job.verified.run, job.verified.count) == (2, 1, 10), "what was said before still holds"


def test_only_what_this_run_wrote_is_looked_at(filled: Bench) -> None:
    filled.run()
    drop(filled, "work-3")
    filled.source.change("work", "00007.ics", event("work-7", "New"))
    before = filled.target.calls.get("inventory", 0)
    job = again(filled)
    assert job.state is JobState.DONE, "the copy lost since is for verify to find"
    assert (filled.ended().verified, filled.ended().verified_how) == (1, BYTES), "one of many: read, wherever it is"
    assert filled.target.calls.get("inventory", 0) == before
    assert filled.verify().missing == 1


@pytest.mark.parametrize("written", [2, 3, 10])
def test_a_folder_is_looked_through_when_much_of_it_is_new(bench: Bench, written: int) -> None:
    bench.fill(10)
    bench.run()
    for number in range(written):
        bench.source.change("work", f"{number:05}.ics", event(f"work-{number}", "New"))
    bench.run()
    assert bench.ended().verified == written
    assert bench.ended().verified_how == (BYTES if written * FEW < 10 else SIZE)


def test_what_was_acknowledged_and_dropped_is_written_again(filled: Bench) -> None:
    filled.events = At(lambda: drop(filled, "work-3", "work-4"))
    job = filled.run()
    assert job.state is JobState.DONE_WITH_PROBLEMS
    assert filled.problems() == {"00003.ics": NOT_THERE, "00004.ics": NOT_THERE}
    ended = filled.ended()
    assert (ended.present, ended.copied, ended.failed, ended.changed, ended.verified) == (10, 8, 2, 8, 8)
    filled.check_books()
    assert again(filled).state is JobState.DONE
    assert whole(filled)
    assert filled.ended().verified == 2
    filled.check_books()


def test_what_was_changed_after_writing_is_said(filled: Bench) -> None:
    filled.events = At(lambda: spoil(filled, "work-5"))
    assert filled.run().state is JobState.DONE_WITH_PROBLEMS
    assert filled.problems() == {"00005.ics": CHANGED}
    assert filled.ended().verified == 9
    filled.check_books()


def test_an_edit_made_meanwhile_is_not_overwritten(filled: Bench) -> None:
    """Somebody may have made it: with another revision it is theirs, and the next run sets the item aside."""
    filled.events = At(lambda: spoil(filled, "work-5"))
    filled.run()
    assert again(filled).state is JobState.DONE_WITH_PROBLEMS
    assert filled.problems() == {"00005.ics": "edited-at-destination"}
    assert b"Spoilt" in filled.copies()["work-5"]
    filled.check_books()


def test_a_server_that_spoils_what_it_says_it_has_is_written_again(bench: Bench) -> None:
    """Under the revision it was written with: nobody edited it."""
    bench.fill(10)
    bench.target_place = odd(Oddities(), Remote)
    bench.events = At(lambda: spoil(bench, "work-5", quietly=True))
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert bench.problems() == {"00005.ics": CHANGED}
    assert again(bench).state is JobState.DONE
    assert whole(bench)
    bench.check_books()


def test_a_server_that_keeps_house_after_writing_is_no_liar(bench: Bench) -> None:
    """Other bytes that say the same are the copy; what stands there is remembered, so that it can be updated."""
    bench.fill(3)
    bench.target_place = odd(Oddities(), Remote)

    def keep_house() -> None:
        shelf = bench.target.shelf(bench.collection().target_id or "")
        for name, stored in list(shelf.items.items()):
            bench.target.store(shelf, name, replace(stored, body=stored.body.replace(b"\r\n", b"\n")))

    bench.events = At(keep_house)
    assert bench.run().state is JobState.DONE
    assert bench.ended().verified == 3
    assert bench.verify().good
    bench.source.change("work", "00001.ics", event("work-1", "New"))
    assert again(bench).state is JobState.DONE
    assert b"New" in bench.copies()["work-1"]


def test_a_whole_collection_removed_meanwhile(filled: Bench) -> None:
    filled.events = At(filled.target.shelves.clear)
    assert filled.run().state is JobState.DONE_WITH_PROBLEMS
    assert set(filled.problems().values()) == {NOT_THERE}
    filled.check_books()
    assert again(filled).state is JobState.DONE
    assert whole(filled)


def test_what_cannot_be_read_back_is_not_called_verified(filled: Bench) -> None:
    """A local place is read only where names do not settle it."""

    def refuse(answers: Iterator[Item | Failed]) -> Iterator[Item | Failed]:
        for answer in answers:
            yield answer if not isinstance(answer, Item) else failed(answer)

    def failed(answer: Item) -> Failed:
        from connectors.base import Failed

        return Failed(answer.ref, ItemRejected("unreadable"))

    oddities = Oddities(fetch=refuse)
    filled.target_place = odd(oddities, Remote)
    assert filled.run().state is JobState.DONE_WITH_PROBLEMS
    assert set(filled.problems().values()) == {UNREADABLE}
    assert filled.ended().verified == 0
    filled.check_books()
    oddities.fetch = None
    assert again(filled).state is JobState.DONE
    assert whole(filled)
    assert filled.ended().verified == 10


class Touching(Memory):
    """A place on this machine that forgets the revisions it told, as a file system with coarse time stamps does."""

    manifest: ClassVar[Manifest] = Memory.manifest

    def inventory(self, collection: Collection) -> Iterator[ItemRef]:
        yield from (replace(ref, revision=f"{ref.revision}.0") for ref in super().inventory(collection))


def test_what_names_do_not_settle_is_read(bench: Bench) -> None:
    bench.fill(10)
    bench.target_place = Touching
    assert bench.run().state is JobState.DONE
    assert bench.target.calls["fetch"] == 1
    assert bench.ended().verified == 10


# Trouble meanwhile.


def test_a_fault_in_passing_is_waited_for(bench: Bench) -> None:
    bench.fill(10)
    cuts = [3, 5]

    def cut(answers: Iterator[Item | Failed]) -> Iterator[Item | Failed]:
        for number, answer in enumerate(answers):
            if cuts and number == cuts[0]:
                cuts.pop(0)
                raise Transient("cut")
            yield answer

    bench.target_place = odd(Oddities(fetch=cut), Remote)
    assert bench.run().state is JobState.DONE
    assert not cuts
    assert bench.ended().verified == 10


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (Transient("down"), JobState.READY, "temporary"),
        (ReauthRequired("no more"), JobState.NEEDS_USER, "access-refused"),
    ],
)
def test_what_could_not_be_looked_at_is_looked_at_later(
    bench: Bench, error: Exception, state: JobState, reason: str
) -> None:
    bench.fill(10)

    oddities = Oddities(fetch=raising(error))
    bench.target_place = odd(oddities, Remote)
    job = bench.run()
    assert (job.state, (job.problem or {})["reason"]) == (state, reason)
    assert job.verified.upto == 0
    oddities.fetch = None
    drop(bench, "work-2")
    assert again(bench).state is JobState.DONE_WITH_PROBLEMS
    assert bench.problems() == {"00002.ics": NOT_THERE}
    assert bench.ended().verified == 9
    assert again(bench).state is JobState.DONE
    assert whole(bench)


@pytest.mark.parametrize("restart", [True, False], ids=["a new run", "the same run goes on"])
def test_killed_while_looking(filled: Bench, restart: bool) -> None:
    """What the killed run wrote is looked at by whoever comes next."""
    filled.events = At(kill)
    with pytest.raises(Killed):
        filled.run()
    job = filled.submit()
    assert (job.state, job.phase) == (JobState.LEASED, Phase.VERIFY)
    expire(filled.database, [job.id])
    drop(filled, "work-1")
    filled.events = []
    ended = filled.run() if restart else filled.worker().run_job(job.id)
    assert (ended.run, ended.state) == (1 + restart, JobState.DONE_WITH_PROBLEMS)
    assert filled.problems() == {"00001.ics": NOT_THERE}
    assert filled.ended().verified == 9
    filled.check_books()
    assert again(filled).state is JobState.DONE
    assert whole(filled)


@pytest.mark.parametrize(("want", "state"), [(Want.PAUSE, JobState.PAUSED), (Want.CANCEL, JobState.CANCELLED)])
def test_stopped_while_looking(filled: Bench, want: Want, state: JobState) -> None:
    job = filled.submit()
    filled.events = At(lambda: Jobs(filled.database).want(job.id, want))
    stopped = filled.run()
    assert (stopped.state, stopped.verified.upto) == (state, 0)
    drop(filled, "work-9")
    assert again(filled).state is JobState.DONE_WITH_PROBLEMS
    assert filled.problems() == {"00009.ics": NOT_THERE}
    filled.check_books()


def test_a_worker_that_lost_its_job_changes_nothing(filled: Bench) -> None:
    def lose() -> None:
        drop(filled, "work-1", "work-2")
        job = filled.submit()
        expire(filled.database, [job.id])
        Jobs(filled.database).start(job.id)
        assert Leases(filled.database).claim("elsewhere/0:1:abc", ttl=60, job=job.id) is not None

    filled.events = At(lose)
    with pytest.raises(JobBusy):
        filled.run()
    assert not filled.problems()
    assert {row.reason for row in filled.rows().values()} == {None}
    expire(filled.database, [filled.submit().id])
    assert again(filled).state is JobState.DONE_WITH_PROBLEMS
    assert set(filled.problems()) == {"00001.ics", "00002.ics"}


def test_the_look_comes_before_a_question_as_well(bench: Bench) -> None:
    bench.fill(30)
    bench.run()
    for number in range(20):
        bench.source.delete("work", f"{number:05}.ics")
    bench.source.add("work", "new.ics", event("new"))
    bench.events = At(lambda: drop(bench, "new"))
    assert bench.run().state is JobState.STOPPED
    assert bench.problems() == {"new.ics": NOT_THERE}


def test_more_than_a_run_remembers_by_name(bench: Bench) -> None:
    bench.source.page_size = 500
    bench.fill(MOST_NAMED + 300)
    bench.events = At(lambda: drop(bench, "work-7"))
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert bench.problems() == {"00007.ics": NOT_THERE}
    assert bench.ended().verified == MOST_NAMED + 299


def test_names_are_remembered_up_to_a_bound() -> None:
    written = Written()
    assert not written
    assert written.names(1) == set()
    written.note(1, ["a", "b"])
    written.note(1, ["b"])
    written.note(2, [str(number) for number in range(MOST_NAMED + 1)])
    assert written
    assert written.names(1) == {"a", "b"}
    assert written.names(2) is None
    written.note(2, ["more"])
    assert written.names(2) is None
