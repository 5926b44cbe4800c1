"""What goes to the destination and what the ledger keeps of it: bytes, digests, days, refusals, rewritings."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from connectors.base import Item, Kind, Receipt
from sync_engine.jobs import Jobs
from sync_engine.model import JobState, Outcome
from tests.engine.bench import card, event
from tests.engine.oddplaces import Odd, Oddities, Remote, odd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from connectors.base import Collection, Failed
    from tests.engine.bench import Bench

GUEST = b"ATTENDEE;CN=Bob:mailto:bob@example.org\r\n"


@pytest.fixture
def kind() -> str:
    """The ledger is not the subject here; the faster database will do."""
    return "sqlite"


def meeting(uid: str, *, method: bool = False) -> bytes:
    """Return an event with a guest, as a message if *method*."""
    body = event(uid).replace(b"SUMMARY", GUEST + b"SUMMARY")
    return body.replace(b"VERSION:2.0\r\n", b"VERSION:2.0\r\nMETHOD:REQUEST\r\n") if method else body


def todo(uid: str) -> bytes:
    """Return a task."""
    return event(uid).replace(b"VEVENT", b"VTODO")


def test_a_row_says_what_was_copied(bench: Bench) -> None:
    body = event("the-uid", day="20240304")
    bench.source.add("work", "a.ics", body)
    bench.run()
    row = bench.rows()["a.ics"]
    assert (row.outcome, row.reason, row.detail, row.attempts) == (Outcome.COPIED, None, None, 0)
    assert (row.digest, row.size) == (sha256(body).hexdigest(), len(body))
    assert (row.uid, row.day, row.run) == ("the-uid", 19_786, 1)
    assert row.target_digest is None, "the same bytes stand there"
    assert list(Jobs(bench.database).days(bench.submit().id)) == [(19_786, 1, 1)]


@pytest.mark.parametrize("method", [False, True])
@pytest.mark.parametrize(("place", "quiet"), [(Odd, False), (Remote, True)], ids=["folder", "server"])
def test_a_meeting_is_kept_quiet_at_a_server_and_left_alone_in_a_folder(
    bench: Bench, place: type[Odd], *, quiet: bool, method: bool
) -> None:
    body = meeting("m", method=method)
    bench.target_place = odd(Oddities(), place)
    bench.source.add("work", "m.ics", body)
    bench.run()
    stored = bench.copies()["m"]
    assert (b"SCHEDULE-AGENT=CLIENT" in stored) is quiet
    assert (b"METHOD" in stored) is (method and not quiet)
    assert (stored == body) is not quiet
    row = bench.rows()["m.ics"]
    assert row.digest == sha256(body).hexdigest()
    assert row.target_digest == (sha256(stored).hexdigest() if quiet else None)
    assert bench.run().state is JobState.DONE
    assert bench.ended().changed == 0
    assert bench.verify().good


def test_a_quiet_meeting_that_changes_is_written_again(bench: Bench) -> None:
    bench.target_place = odd(Oddities(), Remote)
    bench.source.add("work", "m.ics", meeting("m"))
    bench.run()
    bench.source.change("work", "m.ics", meeting("m").replace(b"Tea", b"Coffee"))
    assert bench.run().state is JobState.DONE
    assert b"Coffee" in bench.copies()["m"]
    assert bench.copies()["m"].count(b"SCHEDULE-AGENT=CLIENT") == 1
    bench.check_books()


def only(*components: str) -> Callable[[Collection], Collection]:
    """Return what a destination says that takes only these components."""
    return lambda collection: replace(collection, components=frozenset(components))


def test_a_component_the_destination_does_not_keep_is_left_out_for_good(bench: Bench) -> None:
    bench.target_place = odd(Oddities(ensure=only("VEVENT")))
    bench.fill(3)
    bench.source.add("work", "task.ics", todo("task"))
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert bench.problems() == {"task.ics": "component-refused"}
    row = bench.rows()["task.ics"]
    assert (row.outcome, row.attempts, row.target_id) == (Outcome.SKIPPED, 0, None)
    fetched = bench.source.calls["fetch"]
    for _ in range(3):
        bench.source.forget_cursors()
        assert bench.run().state is JobState.DONE_WITH_PROBLEMS
        assert bench.problems() == {}, "it was said once; the sums still show it"
        assert bench.ended().skipped == 1
    assert bench.source.calls["fetch"] == fetched, "a decision is not looked at again"
    bench.check_books()


def test_a_task_turned_into_an_event_is_taken(bench: Bench) -> None:
    bench.target_place = odd(Oddities(ensure=only("VEVENT")))
    bench.source.add("work", "a.ics", todo("a"))
    bench.run()
    bench.source.change("work", "a.ics", event("a"))
    assert bench.run().state is JobState.DONE
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_an_event_turned_into_a_task_keeps_its_older_copy(bench: Bench) -> None:
    bench.target_place = odd(Oddities(ensure=only("VEVENT")))
    bench.source.add("work", "a.ics", event("a"))
    bench.run()
    bench.source.change("work", "a.ics", todo("a"))
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert b"VEVENT" in bench.copies()["a"]
    row = bench.rows()["a.ics"]
    assert (row.outcome, row.reason) == (Outcome.SKIPPED, "component-refused")
    assert row.target_id is not None
    bench.check_books()


def test_a_left_out_item_that_goes_and_comes_back_is_here(bench: Bench) -> None:
    """Same revision or not: what is listed is not gone."""
    bench.mirror = False
    bench.target_place = odd(Oddities(ensure=only("VEVENT")))
    bench.source.add("work", "a.ics", event("a"))
    bench.run()
    bench.source.change("work", "a.ics", todo("a"))
    bench.run()
    stored = bench.source.shelves["work"].items["a.ics"]
    bench.source.delete("work", "a.ics")
    bench.run()
    assert bench.ended().gone == 1
    bench.source.shelves["work"].items["a.ics"] = stored
    bench.source.forget_cursors()
    bench.run()
    assert (bench.ended().present, bench.ended().gone) == (1, 0)
    bench.check_books()


def cutting(line: bytes) -> Callable[[Iterator[Receipt]], Iterable[Receipt]]:
    """Return a filter under which the destination says it stored a body without *line*."""

    def cut(receipts: Iterator[Receipt]) -> Iterable[Receipt]:
        for receipt in receipts:
            stored = event(receipt.key.removeprefix("work/").removesuffix(".ics")).replace(line, b"")
            yield replace(receipt, stored=stored)

    return cut


def without(line: bytes) -> Callable[[Iterator[Item | Failed]], Iterable[Item | Failed]]:
    """Return a filter under which the destination also hands out bodies without *line*."""
    return lambda answers: (
        replace(answer, body=answer.body.replace(line, b"")) if isinstance(answer, Item) else answer
        for answer in answers
    )


def test_a_loss_that_was_told_and_did_not_happen_is_told_no_more(bench: Bench) -> None:
    """What stands there when the run ends counts, not what the receipt said of it."""
    bench.target_place = odd(Oddities(put=cutting(b"SUMMARY:Tea\r\n")), Remote)
    bench.source.add("work", "a.ics", event("a"))
    assert bench.run().state is JobState.DONE
    row = bench.rows()["a.ics"]
    assert (row.outcome, row.reason, row.detail) == (Outcome.COPIED, None, None)
    assert row.target_digest == sha256(event("a")).hexdigest()
    assert bench.verify().good


def test_what_a_destination_cuts_off_is_named_and_counts_as_copied(bench: Bench) -> None:
    line = b"SUMMARY:Tea\r\n"
    bench.target_place = odd(Oddities(put=cutting(line), fetch=without(line)), Remote)
    bench.source.add("work", "a.ics", event("a"))
    assert bench.run().state is JobState.DONE
    row = bench.rows()["a.ics"]
    assert (row.outcome, row.reason) == (Outcome.COPIED, "changed-by-destination")
    assert row.detail == "the destination changed: SUMMARY"
    assert row.target_digest == sha256(event("a").replace(b"SUMMARY:Tea\r\n", b"")).hexdigest()


def test_what_a_destination_only_writes_differently_is_no_change(bench: Bench) -> None:
    bench.target_place = odd(Oddities(put=cutting(b"DTSTAMP:20260101T000000Z\r\n")), Remote)
    bench.source.add("work", "a.ics", event("a"))
    assert bench.run().state is JobState.DONE
    row = bench.rows()["a.ics"]
    assert (row.reason, row.detail) == (None, None)
    assert row.target_digest is not None


@pytest.mark.parametrize("length", [10, 5_000])
def test_a_long_word_of_a_server_is_cut_in_the_row(bench: Bench, length: int) -> None:
    names = "".join(f"X-NAME-{number:05}:1\r\n" for number in range(length // 10)).encode()
    body = event("a").replace(b"SUMMARY", names + b"SUMMARY")
    bench.target_place = odd(Oddities(put=cutting(b""), fetch=without(names)), Remote)
    bench.source.add("work", "a.ics", body)
    bench.run()
    detail = bench.rows()["a.ics"].detail or ""
    assert detail.startswith("the destination changed: X-NAME-00000")
    assert len(detail) <= 300


def test_contacts_and_events_each_go_to_their_kind(bench: Bench) -> None:
    bench.source.create("people", Kind.CONTACT)
    bench.source.add("people", "a.vcf", card("a"))
    bench.source.add("people", "wrong.vcf", event("wrong"))
    bench.source.add("work", "wrong.ics", card("wrong"))
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert bench.problems() == {"wrong.ics": "wrong-type", "wrong.vcf": "wrong-type"}
    assert bench.copies("people") == {"a": card("a")}
    assert bench.copies() == {}
    bench.check_books()


def test_several_events_of_one_uid_are_one_item(bench: Bench) -> None:
    series = event("s").replace(
        b"END:VCALENDAR\r\n",
        b"BEGIN:VEVENT\r\nUID:s\r\nRECURRENCE-ID:20260302T100000Z\r\nDTSTAMP:20260101T000000Z\r\n"
        b"DTSTART:20260302T120000Z\r\nSUMMARY:moved\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    )
    bench.source.add("work", "s.ics", series)
    assert bench.run().state is JobState.DONE
    assert bench.copies() == {"s": series}
    assert bench.ended().present == 1


def test_bytes_are_carried_unchanged_whatever_they_are(bench: Bench) -> None:
    odd_bodies = {
        "bom": b"\xef\xbb\xbf" + event("bom"),
        "feeds": event("feeds").replace(b"\r\n", b"\n"),
        "latin": event("latin").replace(b"Tea", b"Caf\xe9"),
        "folds": event("folds").replace(b"SUMMARY:Tea", b"SUM\r\n MARY:T\r\n\tea"),
        "case": event("case").lower().replace(b"uid:case", b"UID:case"),
    }
    for name, body in odd_bodies.items():
        bench.source.add("work", f"{name}.ics", body)
    assert bench.run().state is JobState.DONE
    assert set(bench.target.bodies("work").values()) == set(odd_bodies.values())
    assert bench.verify().good
