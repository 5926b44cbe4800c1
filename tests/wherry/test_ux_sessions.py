"""The example sessions the design promises, as far as calendars and address books reach, word by word."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.faulty_dav import FaultyDav, sample
from tests.wherry.conftest import Answer, Run, items_of, make_pim, write_event


@pytest.fixture
def server(run: Run) -> Iterator[FaultyDav]:
    """Return a server of 12 events and 5 cards; its account is ``dav:home``."""
    with FaultyDav() as running:
        for kind, name, number in (("calendar", "work", 12), ("contacts", "friends", 5)):
            shelf = running.store.make(kind, name)
            for index in range(number):
                shelf.put(f"{index}.{'ics' if kind == 'calendar' else 'vcf'}", sample(kind, index))
        answer = connect(run, running)
        assert answer.code == 0, answer.err
        yield running


def connect(run: Run, server: FaultyDav, name: str = "home") -> Answer:
    args = ("--name", name, "--url", server.url, "--username", "ana", "--allow-private")
    return run("connect", "dav", *args, env={"WHERRY_PASSWORD": "pass"})


def test_backup_of_an_account_is_one_command_and_its_block_answers_every_question(
    run: Run, server: FaultyDav, tmp_path: Path
) -> None:
    copy = tmp_path / "pim"
    answer = run("backup", "dav:home", "--to", str(copy))
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0] == "Backup finished."
    assert re.fullmatch(r"  Contacts +5 at the source +5 copied +0 not copied", lines[1])
    assert re.fullmatch(r"  Events +12 at the source +12 copied +0 not copied", lines[2])
    assert re.search(r"^  Verdict +Everything is there: all 17 items", answer.out, re.MULTILINE)
    assert re.search(rf"^  Where +{re.escape(str(copy))}$", answer.out, re.MULTILINE)
    assert len(items_of(copy)) == 17
    assert server.count("PUT", "DELETE", "MKCALENDAR", "MKCOL", "PROPPATCH") == 0


def test_items_nobody_can_copy_are_told_with_code_3_and_a_way_to_see_them(
    run: Run, server: FaultyDav, tmp_path: Path
) -> None:
    """The session that ends with ``echo $?`` -> 3."""
    shelf = next(iter(server.store.shelves.values()))
    for number in range(3):
        shelf.put(f"broken{number}.ics", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:x\r\n")
    answer = run("backup", "dav:home", "--to", str(tmp_path / "pim"))
    assert answer.code == 3
    found = re.search(r"^  Not copied +3 (.+?)   -> wherry report (\w+)$", answer.out, re.MULTILINE)
    assert found
    report = run("report", found[2])
    assert report.code == 0
    assert len(re.findall(r"broken\d\.ics", report.out)) == 3
    assert "17 of 20 items found at the source are in the copy; 3 could not be copied." in answer.out


def test_running_it_again_fetches_nothing(run: Run, server: FaultyDav, tmp_path: Path) -> None:
    run("backup", "dav:home", "--to", str(tmp_path / "pim"))
    before = server.count("REPORT", "GET")
    answer = run("backup", "dav:home", "--to", str(tmp_path / "pim"))
    assert answer.out == f"Nothing changed: all 17 items at the source are in {tmp_path / 'pim'}.\n"
    assert server.count("GET") == 0
    assert server.count("REPORT") - before <= 2


def test_verify_is_one_sentence_and_counts_what_is_new_since(run: Run, server: FaultyDav, tmp_path: Path) -> None:
    """``The backup looks good: ... 0 differ, 0 missing, 12 new since the run.``."""
    job = run("backup", "dav:home", "--to", str(tmp_path / "pim"), "--json").job
    shelf = next(iter(server.store.shelves.values()))
    for number in range(12):
        shelf.put(f"later{number}.ics", sample("calendar", 100 + number))
    answer = run("verify", job, "--plain")
    assert answer.code == 0
    assert answer.out.startswith("The backup looks good: all 17 copied items are in ")
    assert "0 differ, 0 missing, 0 unreadable; 12 new and 0 changed at the source since the run." in answer.out
    assert len(answer.out.splitlines()) == 1


def test_a_dry_run_of_a_migration_tells_totals_and_touches_neither_side(
    run: Run, server: FaultyDav, tmp_path: Path
) -> None:
    with FaultyDav() as other:
        assert connect(run, other, "work").code == 0
        answer = run("migrate", "dav:home", "--to", "dav:work", "--dry-run")
        assert answer.code == 0
        assert answer.out.splitlines()[0] == "dav:home -> dav:work"
        assert re.search(r"All +\+ 17 new", answer.out)
        for side in (server, other):
            assert side.count("PUT", "DELETE", "MKCALENDAR", "MKCOL", "PROPPATCH") == 0
        assert run("migrate", "dav:home", "--to", "dav:work").code == 0
        assert sum(len(shelf.items) for shelf in other.store.shelves.values()) == 17
    assert tmp_path.is_dir()


def test_access_that_was_withdrawn_is_code_12_with_what_to_do(run: Run, server: FaultyDav, tmp_path: Path) -> None:
    server.faults.switch("status", (401, {"WWW-Authenticate": "Basic"}, b""))
    answer = run("backup", "dav:home", "--to", str(tmp_path / "pim"))
    assert (answer.code, answer.out) == (12, "")
    assert answer.err.splitlines()[-2].startswith("wherry: The user name or password was refused")
    found = re.search(r"Then go on with: wherry resume (\w+)", answer.err)
    assert found
    server.faults.mend()
    assert run("resume", found[1]).code == 0
    assert len(items_of(tmp_path / "pim")) == 17


def test_the_words_of_the_lines_of_json_are_those_of_the_design(run: Run, server: FaultyDav, tmp_path: Path) -> None:
    """Scripts written after the design's examples keep working: these fields mean what they mean there."""
    shelf = next(iter(server.store.shelves.values()))
    shelf.put("broken.ics", b"BEGIN:VCALENDAR\r\n")
    lines = run("backup", "dav:home", "--to", str(tmp_path / "pim"), "--json").lines
    by_type = {line["type"]: line for line in lines}
    assert {"v", "type", "job", "kind", "source"} <= set(by_type["job"])
    assert {"phase", "done", "total", "bytes", "rate", "eta_s"} <= set(by_type["progress"])
    assert {"outcome", "ref", "reason", "retry"} <= set(by_type["item"])
    assert by_type["item"]["outcome"] == "failed"
    assert by_type["summary"]["exit_code"] == 3
    assert lines[-1] == by_type["summary"]


def test_a_fatal_error_is_the_last_line_of_standard_error(run: Run, server: FaultyDav, tmp_path: Path) -> None:
    server.faults.switch("cut-xml", 40)
    answer = run("backup", "dav:home", "--to", str(tmp_path / "pim"), "--json")
    error = json.loads(answer.err.splitlines()[-1])
    assert {"type", "code", "title", "what_to_do"} <= set(error)
    assert (error["type"], error["code"]) == ("exit_error", answer.code)
    server.faults.mend()


def test_nothing_asks_when_nobody_is_there(process: Run, server: FaultyDav) -> None:
    args = ("--name", "other", "--url", server.url, "--username", "ana", "--allow-private")
    answer = process("connect", "dav", *args)
    assert answer.code == 2
    assert "nobody is there to answer" in answer.err
    assert "--password-file" in answer.err


def test_a_backup_is_readable_without_this_program(run: Run, server: FaultyDav, tmp_path: Path) -> None:
    run("backup", "dav:home", "--to", str(tmp_path / "pim"))
    originals = {
        body for shelf in server.store.shelves.values() for body in (item.body for item in shelf.items.values())
    }
    assert set(items_of(tmp_path / "pim").values()) == originals


def test_the_first_page_fits_the_example_of_the_design(run: Run) -> None:
    page = run("--help").out
    assert page.startswith("Usage: wherry [--config FILE] [--json | --plain] [-q | -v] COMMAND ...\n")
    for line in (
        "  backup SOURCE --to FOLDER         copy everything into a folder; run again for only what is new",
        "  migrate SOURCE --to DESTINATION   copy from one account into another",
        "  jobs                              all jobs, newest first",
        "  verify JOB                        compare source and copy, item by item",
    ):
        assert line in page.splitlines()


@pytest.mark.parametrize("only", ["contacts", "calendars"])
def test_only_one_kind_of_an_account(run: Run, server: FaultyDav, tmp_path: Path, only: str) -> None:
    assert run("backup", "dav:home", "--to", str(tmp_path / "pim"), "--only", only).code == 0
    assert len(items_of(tmp_path / "pim")) == (5 if only == "contacts" else 12)
    assert server.count("PUT") == 0


@pytest.mark.parametrize(
    ("place", "number"), [("caldav:home", 12), ("carddav:home", 5), ("dav", 17), ("dav:home/work", 12)]
)
def test_an_account_seen_as_one_kind_or_one_collection(
    run: Run, server: FaultyDav, tmp_path: Path, place: str, number: int
) -> None:
    assert server.url
    assert run("backup", place, "--to", str(tmp_path / "pim")).code == 0
    assert len(items_of(tmp_path / "pim")) == number


def test_a_whole_way_there_and_back(run: Run, tmp_path: Path) -> None:
    """Folder -> server -> folder: the same bytes come home."""
    pim = make_pim(tmp_path / "pim")
    write_event(pim / "Work", "ünïcödé", summary="Größe 日本語")
    with FaultyDav() as server:
        assert connect(run, server).code == 0
        assert run("migrate", str(pim), "--to", "dav:home").code == 0
        assert run("backup", "dav:home", "--to", str(tmp_path / "back")).code == 0
    assert sorted(items_of(tmp_path / "back").values()) == sorted(items_of(pim).values())
