"""The report over a real database: many problems, many days, collections that vanish."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest

from sync_engine.database import Database
from sync_engine.errors import JobUnknown
from sync_engine.jobs import Jobs
from sync_engine.ledger import Ledger
from sync_engine.report import PAGE, Counts, build_report, problems
from tests.wherry.conftest import Run, make_pim, write_event


@pytest.fixture
def job(run: Run, tmp_path: Path) -> str:
    """Return a job with more broken items than one page of problems holds."""
    pim = make_pim(tmp_path / "pim")
    for number in range(PAGE + 20):
        (pim / "Work" / f"broken{number:04}.ics").write_bytes(b"BEGIN:VCALENDAR\r\n")
    for number in range(3):
        (pim / "Friends" / f"broken{number}.vcf").write_bytes(b"BEGIN:VCARD\r\n")
    answer = run("backup", str(pim), "--to", str(tmp_path / "copy"), "--json")
    assert answer.code == 3
    return answer.job


@pytest.fixture
def database(home: Path, job: str) -> Database:
    assert job
    return Database.open(f"sqlite:///{home}/wherry.db")


def test_every_problem_is_yielded_once_over_all_pages(database: Database, job: str) -> None:
    try:
        jobs = Jobs(database)
        found = list(problems(jobs, job))
        report = build_report(jobs, Ledger(database), job)
    finally:
        database.close()
    assert len(found) == len({(problem.collection, problem.item) for problem in found}) == PAGE + 23
    assert report.totals == Counts(7 + PAGE + 23, 7, report.totals.skipped, report.totals.failed)
    assert report.totals.adds_up
    assert report.totals.not_copied == len(found)
    assert set(report.by_kind()) == {"event", "contact"}
    assert sum((counts for counts in report.by_kind().values()), Counts()) == report.totals
    assert all(problem.reason for problem in found)


def test_the_beginning_of_an_id_is_enough(database: Database, job: str) -> None:
    try:
        jobs, ledger = Jobs(database), Ledger(database)
        assert build_report(jobs, ledger, job[:2]).job.id == job
        with pytest.raises(JobUnknown):
            build_report(jobs, ledger, "zz")
    finally:
        database.close()


def test_the_text_names_each_problem_and_the_page_counts_them(run: Run, job: str, tmp_path: Path) -> None:
    text = run("report", job).out
    assert len(re.findall(r"broken\d+\.(?:ics|vcf)", text)) == PAGE + 23
    assert "could not be copied" in text
    page = tmp_path / "page.html"
    run("report", job, "--html", str(page))
    assert len(re.findall(r'class="ref">broken', page.read_text())) == PAGE + 23


def test_json_lines_of_a_report(run: Run, job: str) -> None:
    lines = run("report", job, "--json").lines
    shapes = {
        "report": {"job", "kind", "source", "destination", "state", "run", "verdict"}
        | {"verified", "verified_how", "verified_run", "fidelity"},
        "collection": {"name", "kind"},
        "problem": {"collection", "kind", "item", "outcome", "reason", "detail"},
        "day": {"day", "source", "copied"},
    }
    counts = {"present", "copied", "skipped", "failed", "gone"}
    for line in lines:
        shape = shapes[line["type"]] | {"v", "type"}
        assert set(line) == (shape | counts if line["type"] in {"report", "collection"} else shape)
        assert line["v"] == 1
    assert [line["type"] for line in lines[:3]] == ["report", "collection", "collection"]
    assert sum(line["type"] == "problem" for line in lines) == PAGE + 23


def test_days_show_source_over_copy(run: Run, tmp_path: Path, home: Path) -> None:
    pim = tmp_path / "pim"
    for name, start in (("a", "20240304T100000Z"), ("b", "20240304T120000Z"), ("c", "20240305T100000Z")):
        write_event(pim / "Work", name, start=start)
    job = run("backup", str(pim), "--to", str(tmp_path / "copy"), "--json").job
    days = [line for line in run("report", job, "--json").lines if line["type"] == "day"]
    assert [(line["day"], line["source"], line["copied"]) for line in days] == [(19_786, 2, 2), (19_787, 1, 1)]
    with sqlite3.connect(home / "wherry.db") as database:
        database.execute("update item set outcome = 'failed', reason = 'rejected' where id like 'c%'")
    database.close()
    page = tmp_path / "page.html"
    run("report", job, "--html", str(page))
    assert "2024-03-05: 1 at the source, 0 copied" in page.read_text()
    assert 'class="hole"' in page.read_text()


def test_books_that_do_not_balance_are_said(run: Run, tmp_path: Path, home: Path) -> None:
    job = run("backup", str(make_pim(tmp_path / "pim")), "--to", str(tmp_path / "copy"), "--json").job
    with sqlite3.connect(home / "wherry.db") as database:
        database.execute("update collection set copied = copied - 1")
    database.close()
    assert "The books do not balance" in run("report", job).out


def test_an_unexpected_error_shows_no_trace_and_says_where_the_details_are(
    process: Run, run: Run, tmp_path: Path, home: Path
) -> None:
    run("backup", str(make_pim(tmp_path / "pim")), "--to", str(tmp_path / "copy"))
    with sqlite3.connect(home / "wherry.db") as database:
        database.execute("update job set state = 'nonsense'")
    database.close()
    answer = process("jobs")
    assert answer.code == 1
    assert answer.out == ""
    assert "Traceback" not in answer.err
    assert str(home / "wherry.log") in answer.err
    assert "Traceback" in (home / "wherry.log").read_text()
    error = json.loads(process("jobs", "--json").err)
    assert (error["type"], error["code"], error["reason"]) == ("exit_error", 1, "unexpected")
    assert set(error) == {"v", "type", "code", "reason", "title", "detail", "what_to_do"}
