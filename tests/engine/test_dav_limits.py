"""Servers that lack something: conditions, creation of calendars, permission, plain XML, a quick search index."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest

from simulators.faulty_dav import FaultyDav
from sync_engine.database import Database
from sync_engine.model import JobState
from tests.engine.bench import event
from tests.engine.davbench import DavBench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT = 12
WORK = "/dav/calendars/work/"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[DavBench]:
    """Return a bench between two servers."""
    with FaultyDav() as left, FaultyDav() as right:
        bench = DavBench(Database.open(f"sqlite:///{tmp_path}/state.db"), left, tmp_path / "copy", right)
        bench.fill(COUNT)
        yield bench
        bench.database.close()


def target(bench: DavBench) -> FaultyDav:
    """Return the server that is written."""
    assert bench.right is not None
    return bench.right


def forget_everything(bench: DavBench, path: Path) -> None:
    """Lose the state database, as after a reinstallation."""
    bench.database.close()
    bench.database = Database.open(f"sqlite:///{path}")


@pytest.mark.parametrize("google", [True, False], ids=["google", "honest"])
def test_dav_29_edits_there_survive_the_loss_of_our_state(bench: DavBench, google: bool, tmp_path: Path) -> None:
    """All items are created anew at the names they have already; an edited one is somebody's work."""
    if google:
        target(bench).faults.switch("no-if-none-match")
    assert bench.run().state is JobState.DONE, bench.explained()
    (shelf,) = target(bench).store.shelves.values()
    name = next(name for name, item in shelf.items.items() if item.uid == "work-3")
    shelf.put(name, event("work-3", "edited there"))
    writes = target(bench).count("PUT")
    forget_everything(bench, tmp_path / "new.db")
    assert bench.run().state is JobState.DONE_WITH_PROBLEMS
    assert b"edited there" in bench.copies()["work-3"]
    assert len(bench.copies()) == COUNT
    assert target(bench).count("PUT") == writes, "what stands there already is not written again"


def test_dav_32_what_may_only_be_read_is_backed_up(bench: DavBench) -> None:
    bench.right = None
    bench.left.faults.switch("read-only")
    for _ in range(2):
        assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies() == bench.originals()
    bench.check_books()


def test_dav_32_a_share_that_became_read_only_keeps_what_stands_there(bench: DavBench) -> None:
    bench.run()
    before = bench.copies()
    target(bench).faults.switch("read-only")
    shelf = bench.left.store.shelves[WORK]
    shelf.put("0003.ics", event("work-3", "changed"))
    shelf.delete("0004.ics")
    assert bench.run().state is not JobState.DONE
    assert "read-only" in bench.explained()
    assert bench.copies() == before
    assert shelf.items["0003.ics"].body == event("work-3", "changed"), "the source's edit is not reverted"


def test_dav_38_a_server_that_makes_no_calendars_is_said_and_an_existing_one_used(bench: DavBench) -> None:
    target(bench).faults.switch("mk-refused", {"MKCALENDAR", "MKCOL"})
    assert bench.run().state is not JobState.DONE
    assert "cannot-create" in bench.explained()
    assert bench.copies() == {}
    target(bench).store.make("calendar", "work")
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies().keys() == bench.originals().keys()
    assert len(target(bench).store.shelves) == 1


@pytest.mark.parametrize("refused", [{"MKCALENDAR"}, {"MKCOL"}], ids=["only-mkcol", "only-mkcalendar"])
def test_dav_38_one_way_to_make_a_calendar_is_enough(bench: DavBench, refused: set[str]) -> None:
    target(bench).faults.switch("mk-refused", refused)
    target(bench).faults.switch("mk-late", 2)
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies().keys() == bench.originals().keys()
    assert len(target(bench).store.shelves) == 1


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
BOMBS = {
    "file": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><multistatus xmlns="DAV:">&x;</multistatus>',
    "laughs": f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><multistatus xmlns="DAV:">&l8;</multistatus>',
    "outside": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><multistatus xmlns="DAV:"/>',
    "parameter": '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x">%x;]><multistatus xmlns="DAV:"/>',
    "harmless": '<!DOCTYPE multistatus><multistatus xmlns="DAV:"/>',
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_dav_39_a_document_type_is_no_answer(bench: DavBench, bomb: str) -> None:
    bench.run()
    before = bench.copies()
    bench.left.store.shelves[WORK].put("0003.ics", event("work-3", "changed"))
    bench.left.faults.switch("bomb", bomb)
    tracemalloc.start()
    try:
        state = bench.run().state
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert state is not JobState.DONE
    assert peak < 30 * 1024 * 1024
    assert bench.copies() == before
    assert target(bench).count("DELETE") == 0
    bench.left.faults.mend()
    assert bench.run().state is JobState.DONE, bench.explained()
    assert b"changed" in bench.copies()["work-3"]


def test_dav_11_and_26_no_search_is_relied_on(bench: DavBench) -> None:
    """Indexes lag behind by minutes and collations differ: what was written is read by its name."""
    bench.run()
    bench.left.store.shelves[WORK].put("0003.ics", event("work-3", "changed"))
    bench.left.store.shelves[WORK].delete("0004.ics")
    assert bench.run().state is JobState.DONE
    asked = [one.body for one in (*bench.left.requests, *target(bench).requests) if one.method == "REPORT"]
    assert asked
    assert not [body for body in asked if b"-query" in body or b"text-match" in body]


def test_dav_16_an_item_a_trash_bin_is_in_the_way_of_is_told_and_tried_again(bench: DavBench) -> None:
    """Nextcloud fails with 500 on a UID that lies in its trash bin (nextcloud/server issue 30096)."""
    target(bench).faults.switch("put-status", {"UID:work-7\r": (500, "")})
    assert bench.run().state is not JobState.DONE
    assert bench.copies().keys() == bench.originals().keys() - {"work-7"}
    assert "work-7" not in bench.copies()
    target(bench).faults.mend()
    assert bench.run().state is JobState.DONE, bench.explained()
    assert bench.copies().keys() == bench.originals().keys()


def test_links_in_items_are_never_followed(bench: DavBench) -> None:
    """An item may name any address; only the two servers of the job are spoken to."""
    with FaultyDav() as beacon:
        link = f"{beacon.url}seen"
        lines = (f"ATTACH:{link}", f"URL:{link}", f"CONFERENCE;VALUE=URI:{link}", f'LOCATION;ALTREP="{link}":There')
        body = event("links").replace(b"SUMMARY", "\r\n".join((*lines, "SUMMARY")).encode())
        bench.left.store.shelves[WORK].put("links.ics", body)
        photo = f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:p\r\nFN:Ana\r\nN:Ana;;;;\r\nPHOTO;VALUE=URI:{link}\r\nEND:VCARD\r\n"
        bench.left.store.make("contacts", "people").put("p.vcf", photo.encode())
        for _ in range(2):
            assert bench.run().state is JobState.DONE, bench.explained()
        assert bench.copies().keys() == bench.originals().keys()
        assert link.encode() in bench.copies()["links"].replace(b"\r\n ", b"")
        assert beacon.requests == []
