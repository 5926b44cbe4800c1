"""Items in one format, a destination that takes another: they are mapped, known again, and never mapped twice."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

import mappings.registry
from connectors.base import Kind, Result
from connectors.vdir.place import Vdir
from mappings.mediatypes import CARD, PERSON
from sync_engine.jobs import Jobs
from sync_engine.leases import Leases
from sync_engine.ledger import Ledger
from sync_engine.model import JobState, Outcome
from sync_engine.outgoing import AS_IT_IS, find_way, find_way_for, is_kin
from sync_engine.report import build_report, losses
from tests.engine.oddplaces import Odd, Oddities, Remote, odd
from tests.engine.smallbridge import People, Strangers, person
from tests.sync_engine.builders import expire

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from connectors.base import Receipt
    from tests.engine.bench import Bench

KINDS: dict[str, type[Odd]] = {"folder": Odd, "server": Remote}


@pytest.fixture(autouse=True)
def _small_bridge(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the way from people to cards lead over the small bridge."""
    ways = {**mappings.registry._BRIDGES, (PERSON, CARD): "tests.engine.smallbridge:to_card"}
    monkeypatch.setattr(mappings.registry, "_BRIDGES", ways)
    find_way.cache_clear()
    yield
    find_way.cache_clear()


@pytest.fixture
def oddities() -> Oddities:
    """What the destination does oddly just now."""
    return Oddities()


@pytest.fixture(params=KINDS)
def people(bench: Bench, oddities: Oddities, request: pytest.FixtureRequest) -> Bench:
    """Return a bench with five people, writing to a folder or to a server."""
    bench.source.shelves.clear()
    bench.source.create("all", Kind.CONTACT)
    for number in range(5):
        bench.source.add("all", f"c{number}", person(number))
    bench.source_place = odd(Oddities(), People)
    bench.target_place = odd(oddities, KINDS[request.param])
    return bench


def cards(bench: Bench) -> dict[str, bytes]:
    return bench.copies("all")


def writes(bench: Bench) -> int:
    return bench.target.writes


def test_each_item_arrives_in_the_format_of_the_destination(people: Bench) -> None:
    assert people.run().state is JobState.DONE
    assert cards(people)["people/c3"].startswith(b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:people/c3\r\nFN:Ana 3\r\n")
    people.check_books()
    assert people.ended().verified == 5
    rows = people.rows()
    original = people.source.bodies("all")
    for id_, row in rows.items():
        assert row.digest == sha256(original[id_]).hexdigest(), "the digest is that of the source's bytes"
        assert row.target_digest == sha256(cards(people)[row.uid or ""]).hexdigest()
        assert (row.fate, row.losses) == ("exact", None)


def test_a_second_run_writes_and_asks_nothing(people: Bench) -> None:
    people.run()
    before, calls = writes(people), dict(people.source.calls)
    assert people.run().state is JobState.DONE
    assert writes(people) == before
    assert {name: people.source.calls[name] - calls[name] for name in calls} == {
        "collections": 1,
        "changes": 1,
        "fetch": 0,
    }


def test_a_listing_anew_writes_nothing(people: Bench) -> None:
    people.run()
    before = writes(people)
    people.source.forget_cursors()
    people.faults(flaky_revisions=True)
    assert people.run().state is JobState.DONE
    assert writes(people) == before
    assert {row.fate for row in people.rows().values()} == {"exact"}


def test_a_change_is_followed_and_a_deletion(people: Bench) -> None:
    people.run()
    people.source.change("all", "c1", person(1, name="Ana Maria"))
    people.source.delete("all", "c2")
    assert people.run().state is JobState.DONE
    there = cards(people)
    assert there.keys() == {f"people/c{number}" for number in (0, 1, 3, 4)}
    assert b"FN:Ana Maria\r\n" in there["people/c1"]
    assert people.ended().changed == 1
    people.check_books()


def test_what_cannot_be_mapped_fails_alone_and_heals(people: Bench) -> None:
    people.source.change("all", "c2", person(2, name=""))
    assert people.run().state is JobState.DONE_WITH_PROBLEMS
    assert people.problems() == {"c2": "nameless"}
    assert len(cards(people)) == 4
    people.check_books()
    people.source.change("all", "c2", person(2, name="Named"))
    assert people.run().state is JobState.DONE
    assert len(cards(people)) == 5


def test_what_cannot_be_mapped_any_more_keeps_its_copy(people: Bench) -> None:
    people.run()
    people.source.change("all", "c2", person(2, name=""))
    assert people.run().state is JobState.DONE_WITH_PROBLEMS
    assert people.problems() == {"c2": "nameless"}
    assert b"FN:Ana 2" in cards(people)["people/c2"]
    people.check_books()


def test_a_body_cut_off_is_no_item(people: Bench) -> None:
    people.source.change("all", "c2", person(2)[:-5])
    people.run()
    assert people.problems() == {"c2": "truncated"}
    people.check_books()


def test_where_nothing_leads_it_is_said_before_and_for_each_item(people: Bench) -> None:
    people.source_place = odd(Oddities(), Strangers)
    assert people.run().state is JobState.DONE_WITH_PROBLEMS
    assert people.notes() == ["no-mapping"]
    assert set(people.problems().values()) == {"no-mapping"}
    assert people.target.calls.get("ensure", 0) == 0, "nothing is created for what cannot be filled"
    assert not people.target.shelves
    assert people.source.calls.get("fetch", 0) == 0
    people.check_books()
    people.source_place = odd(Oddities(), People)
    assert people.run().state is JobState.DONE, "a later version may know the way"
    assert len(cards(people)) == 5


def test_where_only_the_collection_tells_what_it_takes(people: Bench, oddities: Oddities) -> None:
    """A server may keep cards and this one address book of it something else."""
    oddities.ensure = lambda made: replace(made, media_types=("text/calendar",))
    assert people.run().state is JobState.DONE_WITH_PROBLEMS
    assert people.notes() == ["no-mapping"]
    assert set(people.problems().values()) == {"no-mapping"}
    assert writes(people) == 0
    people.check_books()


def test_the_best_version_the_destination_takes_is_written(people: Bench, oddities: Oddities) -> None:
    oddities.ensure = lambda made: replace(made, media_types=("text/vcard;version=4.0", "text/vcard;version=3.0"))
    people.run()
    assert all(b"VERSION:4.0" in body for body in cards(people).values())


@pytest.mark.parametrize("after", [1, 3, 5])
def test_killed_between_write_and_record_nothing_is_written_twice(
    people: Bench, oddities: Oddities, after: int
) -> None:
    left = [after]

    class Killed(BaseException):
        pass

    def dying(receipts: Iterator[Receipt]) -> Iterable[Receipt]:
        for receipt in receipts:
            left[0] -= 1
            if left[0] <= 0:
                raise Killed
            yield receipt

    oddities.put = dying
    with pytest.raises(Killed):
        people.run()
    oddities.put = None
    expire(people.database, [people.submit().id])
    Leases(people.database).expire(lambda _: True)
    assert people.run().state is JobState.DONE
    assert len(cards(people)) == 5
    assert writes(people) == 5, "the same bytes came again and were known again"
    people.check_books()
    assert {row.fate for row in people.rows().values()} == {"exact"}


def test_killed_after_an_update_the_older_copy_is_still_ours(people: Bench, oddities: Oddities) -> None:
    people.run()

    class Killed(BaseException):
        pass

    def dying(receipts: Iterator[Receipt]) -> Iterable[Receipt]:
        for _ in receipts:
            raise Killed
        return ()

    people.source.change("all", "c1", person(1, name="Second"))
    oddities.put = dying
    with pytest.raises(Killed):
        people.run()
    oddities.put = None
    people.source.change("all", "c1", person(1, name="Third"))
    expire(people.database, [people.submit().id])
    Leases(people.database).expire(lambda _: True)
    assert people.run().state is JobState.DONE
    assert b"FN:Third" in cards(people)["people/c1"]
    assert len(cards(people)) == 5


def test_an_edit_at_the_destination_wins(people: Bench) -> None:
    people.run()
    home = people.collection("all").target_id or ""
    name = next(name for name, body in people.target.bodies(home).items() if b"UID:people/c1" in body)
    people.target.change(home, name, people.target.bodies(home)[name].replace(b"Ana 1", b"Mine"))
    people.source.change("all", "c1", person(1, name="Theirs"))
    assert people.run().state is JobState.DONE_WITH_PROBLEMS
    assert people.problems() == {"c1": "edited-at-destination"}
    assert b"FN:Mine" in cards(people)["people/c1"]


def test_what_a_server_rewrites_is_known_again(people: Bench) -> None:
    people.target_faults(rewrite="told")
    assert people.run().state is JobState.DONE
    rows = people.rows()
    home = people.target.bodies(people.collection("all").target_id or "")
    assert {row.target_digest for row in rows.values()} == {sha256(body).hexdigest() for body in home.values()}
    assert {row.fate for row in rows.values()} == {"exact"}
    before = writes(people)
    assert people.run().state is JobState.DONE
    assert writes(people) == before


def test_what_a_server_rewrites_silently_is_found_when_it_is_read_back(people: Bench) -> None:
    people.target_faults(rewrite="silent")
    job = people.run()
    if people.ended().verified_how == "bytes":
        assert job.state is JobState.DONE, "it says the same"
        assert {row.fate for row in people.rows().values()} == {"exact"}
    else:
        assert job.state is JobState.DONE_WITH_PROBLEMS, "a folder that changes bytes is broken"


def test_verify_compares_with_what_was_written(people: Bench) -> None:
    people.run()
    verdict = people.verify()
    assert verdict.good
    assert (verdict.same, verdict.newer, verdict.extra) == (5, 0, 0)
    home = people.collection("all").target_id or ""
    people.target.change(home, next(iter(people.target.bodies(home))), b"BEGIN:VCARD\r\nEND:VCARD\r\n")
    assert people.verify().differing == 1


def test_a_leaf_without_a_place_is_copied_without_and_told(people: Bench) -> None:
    people.source.change("all", "c2", person(2, nick="Nita", aura="blue"))
    people.source.change("all", "c3", person(3, nick="Nini"))
    job = people.run()
    assert job.state is JobState.DONE_WITH_PROBLEMS
    rows = people.rows()
    assert (rows["c2"].outcome, rows["c2"].fate) == (Outcome.COPIED, "not-representable")
    assert (rows["c3"].outcome, rows["c3"].fate) == (Outcome.COPIED, "extension")
    assert people.problems() == {"c2": "not-representable"}
    report = build_report(Jobs(people.database), Ledger(people.database), job.id)
    assert report.fidelity.by_fate() == {"exact": 3, "extension": 1, "not-representable": 1, "refused": 0}
    assert "of 1 a part is not in the copy" in report.verdict
    (loss,) = losses(Ledger(people.database), job.id)
    assert (loss.item, loss.fate) == ("c2", "not-representable")
    assert [(leaf.leaf, leaf.fate, leaf.reason) for leaf in loss.losses.leaves] == [
        ("aura", "not-representable", "no-place"),
        ("nick", "extension", ""),
    ]
    people.check_books()


def test_a_second_run_still_says_that_a_part_is_missing(people: Bench) -> None:
    """The exit code tells how the copy stands, not how this run went."""
    people.source.change("all", "c2", person(2, aura="blue"))
    people.run()
    assert people.run().state is JobState.DONE_WITH_PROBLEMS
    assert people.problems() == {}, "it was told when it was written"
    people.source.change("all", "c2", person(2))
    assert people.run().state is JobState.DONE


def test_a_line_the_destination_drops_is_refused(people: Bench, oddities: Oddities) -> None:
    """What counts is what was read back, not what was sent."""
    people.source.change("all", "c2", person(2, nick="Nita"))

    def dropping(receipts: Iterator[Receipt]) -> Iterable[Receipt]:
        for receipt in receipts:
            shelf = people.target.shelf(people.collection("all").target_id or "")
            assert receipt.target is not None
            stored = shelf.items[receipt.target.id]
            body = b"".join(line for line in stored.body.splitlines(keepends=True) if not line.startswith(b"X-"))
            shelf.items[receipt.target.id] = replace(stored, body=body)
            told = body if body != stored.sent else None
            yield replace(receipt, stored=told, result=Result.CREATED)

    oddities.put = dropping
    people.run()
    row = people.rows()["c2"]
    assert (row.outcome, row.fate) == (Outcome.COPIED, "refused")
    assert people.problems()["c2"] == "refused"
    assert row.detail == "the destination changed: X-NICK"


def test_a_folder_gets_files_with_the_right_ending(bench: Bench, tmp_path: Path) -> None:
    """The source's bodies are JSON; what lies in the folder are cards, named as cards are."""
    bench.source.shelves.clear()
    bench.source.create("all", Kind.CONTACT)
    for number in range(3):
        bench.source.add("all", f"people/c{number}", person(number), name=f"Ana {number}" if number else "")
    bench.source_place = odd(Oddities(), People)
    bench.target_place = lambda endpoint, ctx: Vdir(replace(endpoint, kind="vdir", root=str(tmp_path)), ctx)
    assert bench.run().state is JobState.DONE
    files = [path for path in tmp_path.glob("[!.]*/[!.]*") if path.name not in {"displayname", "color"}]
    assert len(files) == 3
    assert {path.suffix for path in files} == {".vcf"}
    assert all(path.read_bytes().startswith(b"BEGIN:VCARD") for path in files)
    assert bench.verify().good


def test_what_is_carried_byte_for_byte_has_no_receipt(bench: Bench) -> None:
    bench.fill(5)
    assert bench.run().state is JobState.DONE
    assert {(row.fate, row.losses, row.target_digest) for row in bench.rows().values()} == {(None, None, None)}
    report = build_report(Jobs(bench.database), Ledger(bench.database), bench.submit().id)
    assert report.fidelity.mapped == 0


@pytest.mark.parametrize(
    ("one", "other", "kin"),
    [
        ("text/calendar", "text/calendar; charset=utf-8", True),
        ("text/x-vcard", "text/vcard;version=4.0", True),
        ("message/rfc822", "MESSAGE/RFC822", True),
        ("text/calendar", "text/vcard", False),
        (PERSON, "text/vcard", False),
        ("application/x-one", "application/x-other", False),
    ],
)
def test_kin(one: str, other: str, *, kin: bool) -> None:
    assert is_kin(one, other) is kin
    assert is_kin(other, one) is kin


def test_ways() -> None:
    assert find_way("text/vcard", ()) is AS_IT_IS, "a place that names no types takes what it is given"
    assert find_way(PERSON, ("text/calendar",)) is None
    over = find_way(PERSON, ("text/calendar", "text/vcard;version=4.0", "text/vcard"))
    assert over is not None
    assert over.bridge is not None
    assert over.bridge.target == "text/vcard;version=4.0"
    assert find_way_for((PERSON, "text/vcard"), ("text/vcard",)) is AS_IT_IS, "what need not be mapped comes first"
    assert find_way_for((), ("text/vcard",)) is AS_IT_IS
    assert find_way_for(("application/x-one",), ("text/vcard",)) is None
