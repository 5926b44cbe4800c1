"""The end of a run: the sums, the state, and (with the next grants) giving the access back.

Every end passes through here, so this is the one place where sessions are closed,
access is ended and staged data is deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_engine.events import RunEnded
from sync_engine.model import CollectionRow, JobState
from sync_engine.safety import CONFIRMING_RUNS

if TYPE_CHECKING:
    from sync_engine.fidelity import Fidelity
    from sync_engine.model import Verified
    from sync_engine.run import Run


def finish(run: Run, verified: Verified, *, stopped: bool) -> JobState:
    """Close the run's books and return the state the job ends in."""
    rows = [row for row in run.ledger.collections(run.job) if row.missing_runs < CONFIRMING_RUNS]
    wrong = [row for row in rows if not adds_up(row)]
    for row in wrong:
        run.note(
            row.name, "does-not-add-up", f"{row.present} present, {row.copied + row.skipped + row.failed} outcomes"
        )
    state = end_state(run, rows, run.ledger.fidelity(run.job), stopped=stopped)
    tell_end(run, rows, state, verified)
    return state


def adds_up(row: CollectionRow) -> bool:
    """Check the promise: every item of the source has exactly one outcome."""
    return row.present == row.copied + row.skipped + row.failed


def end_state(run: Run, rows: list[CollectionRow], fidelity: Fidelity, *, stopped: bool) -> JobState:
    """Say how the run went: any item without a copy that is whole, or any collection in trouble, is a problem."""
    if stopped:
        return JobState.STOPPED
    if run.counters.problems or fidelity.lossy or any(row.skipped or row.failed or row.missing_runs for row in rows):
        return JobState.DONE_WITH_PROBLEMS
    return JobState.DONE


def tell_end(run: Run, rows: list[CollectionRow], state: JobState, verified: Verified) -> None:
    """Tell the sums of the run."""
    counters, now = run.counters, verified.run == run.number
    job = run.lease.job
    seconds = max(0.0, run.clock() - (job.started_at or run.clock()))
    run.tell(
        RunEnded(
            job=run.job,
            state=state.value,
            run=run.number,
            present=sum(row.present for row in rows),
            copied=sum(row.copied for row in rows),
            skipped=sum(row.skipped for row in rows),
            failed=sum(row.failed for row in rows),
            gone=sum(row.gone for row in rows),
            changed=counters.changed,
            removed=counters.removed,
            size=counters.size,
            seconds=seconds,
            verified=verified.count if now else 0,
            verified_how=verified.how.value if now and verified.how is not None else "",
        )
    )
