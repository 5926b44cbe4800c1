from __future__ import annotations

import dataclasses

import pytest

from sync_engine.model import Job, JobKind, JobSpec, JobState, Phase, Want
from sync_engine.report import Counts, Report, verdict_on
from wherry.cli.result import Result, code_for, summary
from wherry.exits import Exit

SPEC = JobSpec(JobKind.BACKUP, "dav:home", "vdir:/pim", mirror=True)


def job(state: JobState, reason: str = "", error: str = "") -> Job:
    return Job(
        id="7f3a",
        spec=SPEC,
        state=state,
        want=Want.RUN,
        phase=Phase.COPY,
        run=1,
        created_at=0.0,
        started_at=1.0,
        ended_at=None,
        not_before=0.0,
        allow_deletions=False,
        problem={"reason": reason, "error": error, "detail": "d"} if reason else None,
        learned={},
    )


@pytest.mark.parametrize(
    ("state", "reason", "error", "signal", "code"),
    [
        (JobState.DONE, "", "", None, 0),
        (JobState.DONE, "", "", Exit.INTERRUPTED, 0),
        (JobState.DONE_WITH_PROBLEMS, "", "", None, 3),
        (JobState.DONE_WITH_PROBLEMS, "", "", Exit.TERMINATED, 3),
        (JobState.STOPPED, "mass-deletion", "", None, 14),
        (JobState.NEEDS_USER, "access-refused", "ReauthRequired", None, 12),
        (JobState.NEEDS_USER, "scope-missing", "ScopeMissing", None, 12),
        (JobState.NEEDS_USER, "destination-full", "DestinationFull", None, 13),
        (JobState.NEEDS_USER, "configuration", "ConfigError", None, 2),
        (JobState.NEEDS_USER, "unsafe-address", "UnsafeAddress", None, 2),
        (JobState.FAILED, "connector-bug", "ConnectorBroken", None, 1),
        (JobState.FAILED, "provider-forbids", "ProviderForbids", None, 12),
        (JobState.FAILED, "", "", None, 1),
        (JobState.READY, "temporary", "Transient", None, 5),
        (JobState.READY, "throttled", "Throttled", None, 5),
        (JobState.READY, "", "", Exit.INTERRUPTED, 130),
        (JobState.LEASED, "", "", None, 5),
        (JobState.PAUSED, "", "", None, 130),
        (JobState.PAUSED, "", "", Exit.INTERRUPTED, 130),
        (JobState.PAUSED, "", "", Exit.TERMINATED, 143),
        (JobState.CANCELLED, "", "", None, 130),
    ],
)
def test_how_a_job_stands_is_an_exit_code(
    state: JobState, reason: str, error: str, signal: Exit | None, code: int
) -> None:
    assert code_for(job(state, reason, error), signal) == code


@pytest.mark.parametrize("state", list(JobState))
def test_every_state_has_a_code_and_only_done_is_zero(state: JobState) -> None:
    assert (code_for(job(state)) == 0) == (state is JobState.DONE)


WHOLE = Counts(10, 10, 0, 0, 0)


@pytest.mark.parametrize(
    ("state", "totals", "words"),
    [
        (JobState.DONE, WHOLE, "Everything is there: all 10 items found at the source are in the copy."),
        (
            JobState.DONE_WITH_PROBLEMS,
            Counts(1204, 1203, 0, 1),
            "1,203 of 1,204 items found at the source are in the copy",
        ),
        (JobState.PAUSED, Counts(10, 4, 0, 0, 0), "The books do not balance"),
        (JobState.PAUSED, Counts(4, 4), "The job is not finished: 4 of 4 items are in the copy so far."),
        (JobState.LEASED, Counts(), "Nothing has been copied yet."),
        (JobState.STOPPED, WHOLE, "The job is not finished"),
        (JobState.DONE, Counts(2, 1, 0, 0), "The books do not balance"),
    ],
)
def test_the_verdict_is_one_sentence(state: JobState, totals: Counts, words: str) -> None:
    verdict = verdict_on(job(state), totals)
    assert verdict.startswith(words)
    assert verdict.endswith(".")


def test_a_source_with_nothing_in_it_is_no_failure() -> None:
    ended = dataclasses.replace(job(JobState.DONE), ended_at=2.0)
    assert verdict_on(ended, Counts()) == "There is nothing at the source."


def test_counts_add_up() -> None:
    total = Counts(10, 8, 1, 1, 2) + Counts(5, 5)
    assert total == Counts(15, 13, 1, 1, 2)
    assert total.adds_up
    assert total.not_copied == 2
    assert not Counts(1).adds_up


def test_the_summary_line_has_its_shape() -> None:
    found = job(JobState.DONE)
    line = summary(Result(Report(found, [], WHOLE, "Fine."), None, None))
    assert set(line) == {
        "job",
        "state",
        "run",
        "present",
        "copied",
        "skipped",
        "failed",
        "gone",
        "changed",
        "removed",
        "bytes",
        "seconds",
        "verified",
        "verified_how",
        "fidelity",
        "verdict",
        "exit_code",
    }
    assert line["exit_code"] == 0
    assert line["bytes"] is None
