"""What is said of a verification claims no more than was compared."""

from __future__ import annotations

import dataclasses

import pytest

from sync_engine.model import Compared, JobState, Verified
from sync_engine.report import Counts, Report
from tests.wherry.test_report_page import page
from tests.wherry.test_result import job
from wherry.report_page import render_page
from wherry.verified import HOW, verified_in, verified_words

FOLDER, SERVER = "size-and-revision", "bytes"


@pytest.mark.parametrize(
    ("number", "how", "copied", "words"),
    [
        (0, "", 0, ""),
        (0, "", 10, ""),
        (18_201, FOLDER, 18_201, "all 18,201 copied items: size and revision are those told when they were written"),
        (18_201, SERVER, 18_201, "all 18,201 copied items: read back, byte for byte as they were written"),
        (1, FOLDER, 1, "all 1 copied item: size and revision are those told when they were written"),
        (12, SERVER, 500, "12 items written in this run: read back, byte for byte as they were written"),
        (0, SERVER, 5, "0 items written in this run: read back, byte for byte as they were written"),
        (3, "some-new-way", 3, "all 3 copied items: some-new-way"),
    ],
)
def test_the_line(number: int, how: str, copied: int, words: str) -> None:
    assert verified_words(number, how, copied=copied) == words


def test_every_way_of_comparing_has_words() -> None:
    assert {how.value for how in Compared} == HOW.keys()


def test_only_what_was_read_is_called_read() -> None:
    assert "byte" not in verified_words(5, FOLDER, copied=5)
    assert "read" not in verified_words(5, FOLDER, copied=5)


@pytest.mark.parametrize(
    ("verified", "words"),
    [
        (Verified(), ""),
        (Verified(upto=7), ""),
        (Verified(7, 7, 13, Compared.BYTES), "all 13 copied items: read back, byte for byte as they were written"),
        (Verified(7, 4, 2, Compared.BYTES), "2 items written in run 4: read back, byte for byte as they were written"),
    ],
)
def test_a_report_names_the_run(verified: Verified, words: str) -> None:
    assert verified_in(verified, copied=13) == words


def shown(verified: Verified) -> str:
    """Return the page of a job that verified so much."""
    before = page()
    found = dataclasses.replace(job(JobState.DONE), verified=verified)
    return render_page(dataclasses.replace(before, report=dataclasses.replace(before.report, job=found)))


def test_the_page_says_it() -> None:
    assert "2 items written in run 4: read back" in shown(Verified(7, 4, 2, Compared.BYTES))
    assert "Verified" not in shown(Verified(upto=7))


def test_counts_of_the_report_decide_what_is_all() -> None:
    report = Report(job(JobState.DONE), [], Counts(4, 4), "Fine.")
    assert verified_in(Verified(1, 1, 4, Compared.BYTES), copied=report.totals.copied).startswith("all 4")
