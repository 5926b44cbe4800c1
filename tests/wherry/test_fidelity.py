"""What mapping kept and what it lost, wherever a person or a script looks for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mappings.loss import Fate, LeafFate, LossReport
from sync_engine.database import Database
from sync_engine.fidelity import NOTHING_MAPPED, Fidelity, losses_of, packed
from sync_engine.jobs import Jobs
from sync_engine.leases import Leases
from sync_engine.ledger import Ledger
from sync_engine.model import JobKind, JobSpec, JobState, PageCommit
from sync_engine.report import Loss
from sync_engine.run import tally
from tests.sync_engine.builders import item, with_collection
from tests.wherry.conftest import make_pim
from tests.wherry.test_json_schema import check
from wherry.cli.dry_run import Plan, foresee
from wherry.fidelity import WORDS, fidelity_line, fidelity_words, loss_line

if TYPE_CHECKING:
    from tests.wherry.conftest import Run

LOST = LossReport.of(
    [
        LeafFate("photos[]", Fate.LOST, "too-large"),
        LeafFate("nicknames[].type", Fate.EXTENSION),
        LeafFate("names[].\x1b[2Jfake", Fate.REFUSED),
    ]
)


def job_with(home: Path, *, lossy: bool, mapped: bool = True) -> str:
    """Put a finished job of three contacts into the state database; return its id."""
    database = Database.open(f"sqlite:///{home}/wherry.db")
    try:
        jobs, ledger = Jobs(database), Ledger(database)
        job = jobs.submit(JobSpec(JobKind.BACKUP, "dav:home", f"vdir:{home}/pim", mirror=True))
        lease = Leases(database).claim("ada", ttl=60, job=job.id)
        assert lease is not None
        row = with_collection(ledger, lease, kind="contact", name="Friends")
        rows = [item("a", fate="exact" if mapped else None), item("b", fate="extension" if mapped else None)]
        rows.append(item("c", fate="refused", losses=packed(LOST)) if lossy else item("c"))
        ledger.commit(lease, PageCommit(row.id, items=rows, tally=tally((None, each) for each in rows)), ttl=60)
        Leases(database).release(lease, state=JobState.DONE_WITH_PROBLEMS if lossy else JobState.DONE)
        return job.id
    finally:
        database.close()


def test_the_report_names_what_is_missing(run: Run, home: Path) -> None:
    job = job_with(home, lossy=True)
    answer = run("report", job)
    assert answer.code == 0
    assert "All 3 items found at the source are in the copy, but of 1 a part is not in the copy." in answer.out
    assert (
        "Fidelity: 3 items in another format, as read back: 1 exact, 1 with parts kept as extensions, "
        "1 without a part the destination did not keep." in answer.out
    )
    head, _, told = answer.out.partition("Copied without a part\n")
    assert "Not copied" not in head
    assert "Friends  c: names[]." in told
    assert "photos[] not representable (too-large)" in told
    assert "nicknames" not in told, "what can be had back is not missing"
    assert "\x1b" not in answer.out


def test_the_report_as_json(run: Run, home: Path) -> None:
    job = job_with(home, lossy=True)
    lines = check(run("report", job, "--json"), "report", "collection", "loss")
    assert lines[0]["fidelity"] == {"exact": 1, "extension": 1, "not-representable": 0, "refused": 1}
    (loss,) = (line for line in lines if line["type"] == "loss")
    assert (loss["collection"], loss["kind"], loss["item"], loss["fate"], loss["more"]) == (
        "Friends",
        "contact",
        "c",
        "refused",
        0,
    )
    assert loss["leaves"][1] == {"leaf": "photos[]", "fate": "not-representable", "reason": "too-large", "count": 1}
    assert [leaf["fate"] for leaf in loss["leaves"]] == ["refused", "not-representable", "extension"]


def test_the_page(run: Run, home: Path, tmp_path: Path) -> None:
    job = job_with(home, lossy=True)
    page = tmp_path / "report.html"
    assert run("report", job, "--html", str(page)).code == 0
    text = page.read_text("utf-8")
    assert "Copied without a part" in text
    assert "photos[] not representable (too-large)" in text
    assert "1 with parts kept as extensions" in text
    assert "\x1b" not in text


def test_status_says_three_for_a_copy_that_is_not_whole(run: Run, home: Path) -> None:
    assert run("status", job_with(home, lossy=True)).code == 3


@pytest.mark.parametrize("mapped", [True, False])
def test_a_job_without_losses_says_nothing_of_them(run: Run, home: Path, tmp_path: Path, *, mapped: bool) -> None:
    job = job_with(home, lossy=False, mapped=mapped)
    answer = run("report", job)
    assert "Copied without a part" not in answer.out
    assert ("Fidelity" in answer.out) is mapped
    page = tmp_path / "report.html"
    run("report", job, "--html", str(page))
    assert "Copied without a part" not in page.read_text("utf-8")
    lines = check(run("report", job, "--json"), "report")
    assert (lines[0]["fidelity"] is not None) is mapped
    assert run("status", job).code == 0


def test_a_run_that_carries_bytes_has_no_fidelity(run: Run, tmp_path: Path) -> None:
    lines = check(run("backup", str(make_pim(tmp_path / "pim")), "--to", str(tmp_path / "copy"), "--json"), "summary")
    assert lines[-1]["fidelity"] is None


def test_words() -> None:
    assert fidelity_words(NOTHING_MAPPED) == ""
    assert fidelity_line(NOTHING_MAPPED) is None
    words = fidelity_words(Fidelity(exact=12_000, lost=1))
    assert words == (
        "12,001 items in another format, as read back: 12,000 exact, 1 without a part that has no place there"
    )
    assert WORDS.keys() == {fate.value for fate in Fate}


def test_a_line_of_a_loss_counts_what_is_not_named() -> None:
    many = LossReport.of(LeafFate(f"userDefined[].{number:05}", Fate.LOST) for number in range(400))
    line = loss_line(Loss("Friends", "contact", "c", "not-representable", losses_of(packed(many))))
    assert isinstance(line["leaves"], list)
    assert isinstance(line["more"], int)
    assert len(line["leaves"]) + line["more"] == 400


def test_a_plan_foresees_what_nothing_leads_to(tmp_path: Path, run: Run) -> None:
    from connectors.base import Collection, Kind

    strange = Collection("a", Kind.CONTACT, "A", media_types=("application/vnd.example+json",))
    plan = Plan("A", "contact")
    foresee(plan, strange, ("text/calendar", "text/vcard"))
    assert (plan.refused, plan.mapped) == ("no-mapping", "")
    foresee(plain := Plan("A", "contact"), Collection("a", Kind.CONTACT, "A", media_types=("text/vcard",)), ())
    assert (plain.refused, plain.mapped) == ("", "")
    lines = check(run("backup", str(make_pim(tmp_path / "pim")), "--to", str(tmp_path / "c"), "--dry-run", "--json"))
    assert {(line["refused"], line["mapped_to"]) for line in lines} == {(None, None)}
