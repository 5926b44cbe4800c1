"""Advance one job under a lease: the function every driver calls, embedded or distributed.

``advance`` is idempotent and fenced. Called at least once it brings the job on; called
twice at once, one of the two is refused by the ledger. A worker in this process, or a
queue over many machines, calls the same function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.errors import (
    Actor,
    ConnectorError,
    Throttled,
    Transient,
)
from sync_engine.checking import check_written
from sync_engine.events import JobStarted
from sync_engine.finishing import finish
from sync_engine.lanes import copy_all
from sync_engine.model import JobState, Phase, Verified, Want
from sync_engine.run import Interrupted, Run, code_of
from sync_engine.surveying import survey

if TYPE_CHECKING:
    from sync_engine.safety import Removal

PAUSE_AFTER_FAULT = 60.0
"""Seconds before a job that met an unreachable place is due again."""


@dataclass(frozen=True, slots=True)
class Done:
    """The run has ended in *state*; the job is released."""

    state: JobState
    problem: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Yield:
    """The slice is over; the job is due again after *seconds*.

    *asked* says that the provider named that time; otherwise it is our guess after a fault.
    """

    seconds: float
    asked: bool = False
    problem: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class NeedsUser:
    """The job waits for a person: access, space, configuration, or an answer."""

    problem: Mapping[str, str]
    state: JobState = JobState.NEEDS_USER


Next = Done | Yield | NeedsUser


def advance(run: Run) -> Next:
    """Work on the job until its run ends, the slice is over or somebody has to act.

    Raises ``LeaseLost`` when another worker has taken the job, and whatever a bug raises;
    either way nothing that is in the ledger is lost.
    """
    job = run.lease.job
    resumed = job.phase is not Phase.COLLECTIONS
    if job.started_at is None:
        run.ledger.set_job(run.lease, started_at=run.clock())
    run.tell(JobStarted(job.id, job.spec.kind.value, job.spec.source, job.spec.destination, job.run, resumed))
    try:
        return work(run)
    except Interrupted as stop:
        return interrupted(stop)
    except ConnectorError as error:
        return after_error(error, stopped=run.stop())


def after_error(error: ConnectorError, *, stopped: bool) -> Next:
    """Say what *error* means for the job: it may pass, a person has to act, or the run has failed."""
    if isinstance(error, Transient):
        return interrupted(Interrupted(Want.PAUSE)) if stopped else put_off([error])
    if error.actor is Actor.USER:
        return NeedsUser(problem_of(error))
    return Done(JobState.FAILED, problem_of(error))


def work(run: Run) -> Next:
    """Survey, copy each collection, look at what was written, and finish."""
    run.enter(Phase.COLLECTIONS)
    pairs = list(survey(run))
    run.enter(Phase.COPY)
    copied = copy_all(run, pairs)
    if copied.faults:
        return put_off(copied.faults)
    checked = check_written(run, pairs)
    if checked.faults:
        return put_off(checked.faults)
    run.enter(Phase.FINISHING, verified=checked.verified)
    return concluded(run, copied.held, checked.verified)


def concluded(run: Run, held: list[Removal], verified: Verified) -> Next:
    """Say how the run ended, and whether a question is open."""
    state = finish(run, verified, stopped=bool(held))
    if not held:
        return Done(state)
    words = "; ".join(f"{r.gone} of {r.known} in {r.collection}" for r in held)
    return NeedsUser({"reason": "mass-deletion", "detail": words}, JobState.STOPPED)


def interrupted(stop: Interrupted) -> Next:
    """Translate what the user wants into the state the job is left in."""
    if stop.want is Want.CANCEL:
        return Done(JobState.CANCELLED)
    if stop.want is Want.PAUSE:
        return Done(JobState.PAUSED)
    return Yield(0.0)


def put_off(faults: Sequence[Transient]) -> Yield:
    """Give the job back until the places that failed are worth another try."""
    asked = [f.retry_after for f in faults if isinstance(f, Throttled) and f.retry_after is not None]
    if len(asked) == len(faults):
        return Yield(max(asked), asked=True, problem=problem_of(faults[0]))
    return Yield(PAUSE_AFTER_FAULT, problem=problem_of(faults[0]))


def problem_of(error: ConnectorError) -> dict[str, str]:
    """Return *error* as the job's row keeps it."""
    return {"reason": code_of(error), "error": type(error).__name__, "detail": str(error)}
