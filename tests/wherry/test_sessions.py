"""Whole sessions at the command line, folder to folder, as a person would have them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.wherry.conftest import Run, items_of, make_pim, write_card, write_event


@pytest.fixture
def pim(tmp_path: Path) -> Path:
    return make_pim(tmp_path / "pim")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy"


def job_in(text: str) -> str:
    found = re.search(r"Job +(\w+)", text)
    assert found
    return found[1]


def test_the_first_backup_tells_by_kind_what_was_copied(run: Run, pim: Path, copy: Path) -> None:
    answer = run("backup", str(pim), "--to", str(copy))
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0] == "Backup finished."
    assert lines[1].split() == ["Contacts", "3", "at", "the", "source", "3", "copied", "0", "not", "copied"]
    assert lines[2].split() == ["Events", "4", "at", "the", "source", "4", "copied", "0", "not", "copied"]
    assert "Everything is there: all 7 items found at the source are in the copy." in answer.out
    assert f"wherry verify {job_in(answer.out)}" in answer.out
    assert items_of(copy) == items_of(pim)
    assert "copying" in answer.err


def test_the_second_backup_says_that_nothing_changed(run: Run, pim: Path, copy: Path) -> None:
    run("backup", str(pim), "--to", str(copy))
    answer = run("backup", str(pim), "--to", str(copy))
    assert (answer.code, answer.out) == (0, f"Nothing changed: all 7 items at the source are in {copy}.\n")


def test_only_what_is_new_or_changed_is_told(run: Run, pim: Path, copy: Path) -> None:
    run("backup", str(pim), "--to", str(copy))
    write_event(pim / "Work", "e000", summary="Moved")
    write_card(pim / "Friends", "new")
    (pim / "Work" / "e001.ics").unlink()
    answer = run("backup", str(pim), "--to", str(copy))
    assert answer.code == 0
    assert "This run   2 items new or changed" in answer.out
    assert f"Removed    1 item gone at the source; their last versions are kept: wherry history {copy}" in answer.out
    assert items_of(copy) == items_of(pim)


def test_the_same_place_written_otherwise_is_the_same_job(
    run: Run, pim: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup", str(pim), "--to", str(copy))
    monkeypatch.chdir(pim.parent)
    run("backup", "./pim/", "--to", "vdir:copy")
    assert len(run("jobs", "--json").lines) == 1


def test_dry_run_tells_totals_and_changes_nothing(run: Run, home: Path, pim: Path, copy: Path) -> None:
    answer = run("backup", str(pim), "--to", str(copy), "--dry-run")
    assert answer.code == 0
    assert re.search(r"Contacts +Friends +\+ 3 new", answer.out)
    assert re.search(r"Events +Work +\+ 4 new", answer.out)
    assert re.search(r"All +\+ 7 new", answer.out)
    assert answer.out.endswith("Nothing was changed (dry run).\n")
    assert not copy.exists()
    assert not (home / "wherry.db").exists()


def test_dry_run_after_a_run_tells_the_difference(run: Run, pim: Path, copy: Path) -> None:
    run("backup", str(pim), "--to", str(copy))
    before = items_of(copy)
    write_event(pim / "Work", "e000", summary="Moved elsewhere")
    write_event(pim / "Work", "new")
    (pim / "Friends" / "c000.vcf").unlink()
    lines = run("backup", str(pim), "--to", str(copy), "--dry-run", "--json").lines
    plans = {line["collection"]: line for line in lines}
    assert all(line["v"] == 1 and line["type"] == "plan" for line in lines)
    assert [plans["Work"][name] for name in ("present", "new", "changed", "same", "gone")] == [5, 1, 1, 3, 0]
    assert [plans["Friends"][name] for name in ("present", "new", "changed", "same", "gone")] == [2, 0, 0, 2, 1]
    assert items_of(copy) == before
    text = run("backup", str(pim), "--to", str(copy), "--dry-run").out
    assert "1 item gone at the source would leave the copy too." in text


@pytest.mark.parametrize(
    ("choice", "folders"),
    [
        (("--only", "contacts"), {"Friends"}),
        (("--only", "calendars"), {"Work"}),
        (("--only", "calendars", "--only", "contacts"), {"Work", "Friends"}),
        (("--collection", "Work"), {"Work"}),
        (("--collection", "Work", "--collection", "Friends"), {"Work", "Friends"}),
    ],
)
def test_choices_narrow_what_is_copied(
    run: Run, pim: Path, copy: Path, choice: tuple[str, ...], folders: set[str]
) -> None:
    assert run("backup", str(pim), "--to", str(copy), *choice).code == 0
    assert {name.split("/")[0] for name in items_of(copy)} == folders


def test_a_collection_that_is_not_there_is_named_with_the_nearest(run: Run, pim: Path, copy: Path) -> None:
    answer = run("backup", str(pim), "--to", str(copy), "--collection", "Wrok")
    assert answer.code == 2
    assert "there is no collection called 'Wrok'. Did you mean 'Work'?" in answer.err


def test_verify_says_in_one_sentence_that_all_is_well(run: Run, pim: Path, copy: Path) -> None:
    job = job_in(run("backup", str(pim), "--to", str(copy)).out)
    answer = run("verify", job, "--plain")
    assert answer.code == 0
    assert answer.out.startswith(f"The backup looks good: all 7 copied items are in {copy} as they should be.")
    assert "0 differ, 0 missing" in answer.out


def test_verify_names_what_is_wrong(run: Run, pim: Path, copy: Path) -> None:
    job = job_in(run("backup", str(pim), "--to", str(copy)).out)
    (copy / "Work" / "e000.ics").unlink()
    write_card(copy / "Friends", "c000", full="Somebody Else")
    write_event(pim / "Work", "new")
    answer = run("verify", job)
    assert answer.code == 4
    assert "does not look good: 1 differ, 1 missing" in answer.out
    assert re.search(r"missing +Work +e000", answer.out)
    assert re.search(r"differs +Friends +c000", answer.out)
    lines = run("verify", job, "--json").lines
    assert {line["type"] for line in lines} == {"difference", "verdict"}
    verdict = lines[-1]
    assert (verdict["good"], verdict["same"], verdict["missing"], verdict["differing"]) == (False, 5, 1, 1)
    assert (verdict["new_at_source"], verdict["exit_code"]) == (1, 4)


def test_too_many_deletions_stop_and_tell_how_to_go_on(run: Run, tmp_path: Path, copy: Path) -> None:
    pim = make_pim(tmp_path / "large", events=40)
    job = job_in(run("backup", str(pim), "--to", str(copy)).out)
    for number in range(30):
        (pim / "Work" / f"e{number:03}.ics").unlink()
    answer = run("backup", str(pim), "--to", str(copy))
    assert answer.code == 14
    assert answer.out == ""
    assert "30 of 40 in Work" in answer.err
    assert f"wherry resume {job} --allow-deletions" in answer.err
    assert len(items_of(copy)) == 43
    assert run("status", job).code == 14
    assert "safety stop" in run("status", job).out
    allowed = run("resume", job, "--allow-deletions")
    assert allowed.code == 0
    assert "Removed    30 items" in allowed.out
    assert items_of(copy) == items_of(pim)


def test_the_safety_stop_as_json(run: Run, tmp_path: Path, copy: Path) -> None:
    pim = make_pim(tmp_path / "large", events=40)
    run("backup", str(pim), "--to", str(copy))
    for number in range(30):
        (pim / "Work" / f"e{number:03}.ics").unlink()
    answer = run("backup", str(pim), "--to", str(copy), "--json")
    assert answer.lines[-1]["type"] == "summary"
    assert (answer.lines[-1]["state"], answer.lines[-1]["exit_code"]) == ("stopped", 14)
    error = json.loads(answer.err)
    assert (error["type"], error["code"], error["reason"]) == ("exit_error", 14, "mass-deletion")
    assert "--allow-deletions" in error["what_to_do"]


def test_json_lines_of_a_run(run: Run, pim: Path, copy: Path) -> None:
    answer = run("--json", "backup", str(pim), "--to", str(copy))
    assert (answer.code, answer.err) == (0, "")
    lines = answer.lines
    assert all(line["v"] == 1 for line in lines)
    assert lines[0]["type"] == "job"
    assert (lines[0]["kind"], lines[0]["source"]) == ("backup", f"vdir:{pim}")
    summary = lines[-1]
    assert summary["type"] == "summary"
    assert (summary["present"], summary["copied"], summary["failed"], summary["exit_code"]) == (7, 7, 0, 0)
    progress = [line for line in lines if line["type"] == "progress"]
    assert progress[-1]["done"] == progress[-1]["total"] == 7


def test_quiet_says_one_sentence(run: Run, pim: Path, copy: Path) -> None:
    answer = run("-q", "backup", str(pim), "--to", str(copy))
    assert answer.out == "Everything is there: all 7 items found at the source are in the copy.\n"
    assert answer.err == ""


def test_a_source_that_is_not_there(run: Run, tmp_path: Path, copy: Path) -> None:
    answer = run("backup", str(tmp_path / "nowhere"), "--to", str(copy))
    assert answer.code == 2
    assert "nowhere" in answer.err
    assert "Then go on with: wherry resume" in answer.err
    assert "Traceback" not in answer.err


def test_a_broken_item_is_reported_and_the_rest_is_copied(run: Run, pim: Path, copy: Path) -> None:
    (pim / "Work" / "broken.ics").write_bytes(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:x\r\n")
    answer = run("backup", str(pim), "--to", str(copy))
    assert answer.code == 3
    job = job_in(answer.out)
    assert re.search(r"Events +5 at the source +4 copied +1 not copied", answer.out)
    assert f"-> wherry report {job}" in answer.out
    report = run("report", job)
    assert report.code == 0
    assert "broken.ics" in report.out
    kinds = [line["type"] for line in run("report", job, "--json").lines]
    assert kinds.count("problem") == 1
    assert run("status").code == 3


def test_jobs_are_listed_newest_first(run: Run, pim: Path, tmp_path: Path) -> None:
    first = job_in(run("backup", str(pim), "--to", str(tmp_path / "one")).out)
    second = job_in(run("migrate", str(pim), "--to", str(tmp_path / "two")).out)
    lines = run("jobs").out.splitlines()
    assert lines[0].split()[:3] == ["JOB", "KIND", "STATE"]
    assert [line.split()[0] for line in lines[1:]] == [second, first]
    assert [line["job"] for line in run("jobs", "--json").lines] == [second, first]
    assert run("status").out.startswith(second)
    assert run("status", first).out.startswith(first)


def test_no_jobs_yet(run: Run) -> None:
    answer = run("jobs")
    assert (answer.code, answer.out) == (0, "")
    assert "wherry backup" in answer.err
    assert run("status").code == 10


@pytest.mark.parametrize(
    "args", [("status",), ("verify",), ("report",), ("resume",), ("pause",), ("cancel",), ("watch",)]
)
def test_a_job_nobody_knows(run: Run, args: tuple[str, ...]) -> None:
    answer = run(*args, "ffff")
    assert answer.code == 10
    assert "There is no such job" in answer.err
    assert "wherry jobs" in answer.err


def test_migrate_keeps_what_is_gone_unless_it_mirrors(run: Run, pim: Path, copy: Path) -> None:
    run("migrate", str(pim), "--to", str(copy))
    (pim / "Work" / "e000.ics").unlink()
    kept = run("migrate", str(pim), "--to", str(copy))
    assert "Kept       1 item gone at the source, still in the copy" in kept.out
    assert len(items_of(copy)) == 7
    run("migrate", str(pim), "--to", str(copy), "--mirror")
    assert len(items_of(copy)) == 6


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("backup", "{pim}", "--to", "{pim}"), "same place"),
        (("migrate", "{pim}", "--to", "{pim}/."), "same place"),
        (("backup", "{pim}", "--to", "dav:home"), "wherry migrate"),
        (("backup", "dva:home", "--to", "{pim}"), "Did you mean 'dav'?"),
        (("export", "{pim}", "--to", "x.txt"), ".ics"),
    ],
)
def test_what_cannot_be_meant(run: Run, pim: Path, args: tuple[str, ...], words: str) -> None:
    answer = run(*(arg.format(pim=pim) for arg in args))
    assert answer.code == 2
    assert words in answer.err


def test_pause_and_cancel_a_job_nobody_works_on(run: Run, pim: Path, copy: Path) -> None:
    job = job_in(run("backup", str(pim), "--to", str(copy)).out)
    assert "had ended already (done)" in run("pause", job).out
    assert run("cancel", job, "--json").lines[0]["state"] == "done"


def test_watch_ends_when_nobody_works(run: Run, pim: Path, copy: Path) -> None:
    job = job_in(run("backup", str(pim), "--to", str(copy)).out)
    answer = run("watch", job)
    assert answer.code == 0
    assert answer.out.startswith(f"{job}  done  7/7 items")
    assert run("watch", job, "--json").lines[-1]["state"] == "done"


def test_hostile_names_of_collections_do_not_reach_the_terminal(run: Run, tmp_path: Path, copy: Path) -> None:
    pim = make_pim(tmp_path / "pim")
    evil = "\x1b[31mWork\u202e<img src=x onerror=alert(1)>"
    (pim / "Work" / "displayname").write_text(evil)
    (pim / "Work" / "broken.ics").write_bytes(b"BEGIN:VCALENDAR\r\n")
    page = tmp_path / "page.html"
    spoken = ""
    for args in (
        ("backup", str(pim), "--to", str(copy)),
        ("backup", str(pim), "--to", str(copy), "--dry-run"),
        ("report",),
        ("report", "--html", str(page)),
        ("verify", json.loads(run("jobs", "--json").out or '{"job": "x"}')["job"]),
        ("jobs",),
    ):
        answer = run(*args)
        spoken += answer.out + answer.err
    assert "\\x1b[31mWork\\u202e" in spoken
    assert "\x1b" not in spoken
    assert "\u202e" not in spoken
    assert "<img" not in page.read_text()


def test_a_copy_made_elsewhere_is_taken_over_and_not_doubled(run: Run, pim: Path, copy: Path, home: Path) -> None:
    run("backup", str(pim), "--to", str(copy))
    for file in home.glob("wherry.db*"):
        file.unlink()
    answer = run("backup", str(pim), "--to", str(copy))
    assert answer.code == 0
    assert items_of(copy) == items_of(pim)
    shutil.rmtree(home)


def test_choices_may_change_from_run_to_run_and_nothing_counts_as_missing(run: Run, pim: Path, copy: Path) -> None:
    run("backup", str(pim), "--to", str(copy))
    for choice in (("--only", "contacts"), ("--only", "contacts"), ("--collection", "Friends"), ("--only", "contacts")):
        answer = run("backup", str(pim), "--to", str(copy), *choice)
        assert answer.code == 0
        assert "missing" not in answer.err
    write_event(pim / "Work", "later")
    assert run("backup", str(pim), "--to", str(copy)).code == 0
    assert items_of(copy) == items_of(pim)


def test_a_collection_that_is_gone_is_told_and_its_copy_stays(run: Run, pim: Path, copy: Path) -> None:
    run("backup", str(pim), "--to", str(copy))
    shutil.rmtree(pim / "Work")
    answer = run("backup", str(pim), "--to", str(copy))
    assert answer.code == 3
    assert "Work: collection-missing" in answer.err
    assert len(items_of(copy)) == 7


def test_letters_a_stream_does_not_know_do_not_end_a_run(process: Run, tmp_path: Path) -> None:
    pim = make_pim(tmp_path / "pim")
    (pim / "Work" / "displayname").write_text("Ünïcödé 日本語")
    env = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    assert process("backup", str(pim), "--to", str(tmp_path / "copy"), env=env).code == 0
    answer = process("report", env=env)
    assert answer.code == 0
    assert "\\u65e5" in answer.out


def test_another_settings_file_and_another_database(run: Run, pim: Path, tmp_path: Path, home: Path) -> None:
    config = tmp_path / "other.toml"
    config.write_text(f'database = "sqlite:///{tmp_path}/elsewhere.db"\n')
    answer = run("--config", str(config), "backup", str(pim), "--to", str(tmp_path / "copy"))
    assert answer.code == 0
    assert (tmp_path / "elsewhere.db").exists()
    assert not (home / "wherry.db").exists()
    assert run("jobs", "--config", str(config), "--json").lines[0]["copied"] == 7
    assert run("jobs", "--json").out == ""
