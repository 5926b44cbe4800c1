"""The end of a run: the block a person reads, the summary line of JSON, and the exit code."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_engine.model import JobKind, JobState
from sync_engine.report import Report, problems
from wherry.cli.session import place_words
from wherry.cli.trouble import tell
from wherry.exits import Exit
from wherry.explain import Explanation, explain_problem, reason_words
from wherry.fidelity import fidelity_line, fidelity_words
from wherry.showing import count, size
from wherry.verified import verified_words

if TYPE_CHECKING:
    from sync_engine.events import RunEnded
    from sync_engine.jobs import Jobs
    from sync_engine.model import Job
    from wherry.cli.flags import Flags

KIND_WORDS = {"contact": "Contacts", "event": "Events", "message": "Messages", "file": "Files"}
"""Kinds of the port as people call them."""


@dataclass(frozen=True, slots=True)
class Result:
    """A job after a run. *ended* is the run's closing event, if it came that far; *signal* what stopped it.

    *access* is ``NOT_REVOKED`` when the access it used could not be ended.
    """

    report: Report
    ended: RunEnded | None
    signal: Exit | None
    access: Exit = Exit.DONE

    @property
    def job(self) -> Job:
        """The job as it stands now."""
        return self.report.job

    @property
    def code(self) -> Exit:
        """The exit code."""
        code = code_for(self.job, self.signal)
        return self.access if code is Exit.DONE else code


def code_for(job: Job, signal: Exit | None = None) -> Exit:
    """Return the exit code that says how *job* stands; *signal* when one stopped the run."""
    if job.state in _SETTLED:
        return _SETTLED[job.state]
    if job.problem and job.state in (JobState.NEEDS_USER, JobState.FAILED):
        return explain_problem(job.problem).exit_code
    if signal is not None:
        return signal
    return _OPEN.get(job.state, Exit.UNEXPECTED)


_SETTLED = {
    JobState.DONE: Exit.DONE,
    JobState.DONE_WITH_PROBLEMS: Exit.SOME_NOT_COPIED,
    JobState.STOPPED: Exit.SAFETY_STOP,
}
_OPEN = {
    JobState.PAUSED: Exit.INTERRUPTED,
    JobState.CANCELLED: Exit.INTERRUPTED,
    JobState.READY: Exit.TEMPORARY,
    JobState.LEASED: Exit.TEMPORARY,
}


def show_result(result: Result, jobs: Jobs, flags: Flags) -> int:
    """Write the result where it belongs and return the exit code."""
    trouble = _trouble(result)
    if flags.json:
        line = json.dumps({"v": 1, "type": "summary", **summary(result)})
        sys.stdout.write(line + "\n")
    elif trouble is None and result.ended is not None:
        sys.stdout.write("\n".join(_block(result, jobs, quiet=flags.quiet)) + "\n")
    sys.stdout.flush()
    if trouble is not None:
        tell(trouble, (result.job.problem or {}).get("detail", ""), flags)
    elif result.ended is None and not flags.json:
        sys.stderr.write(_stopped(result))
    return result.code


def summary(result: Result) -> dict[str, object]:
    """Return what the summary line of JSON holds."""
    job, totals, ended = result.job, result.report.totals, result.ended
    return {
        "job": job.id,
        "state": job.state.value,
        "run": job.run,
        "present": totals.present,
        "copied": totals.copied,
        "skipped": totals.skipped,
        "failed": totals.failed,
        "gone": totals.gone,
        "changed": ended.changed if ended else None,
        "removed": ended.removed if ended else None,
        "bytes": ended.size if ended else None,
        "seconds": round(ended.seconds, 3) if ended else None,
        "verified": ended.verified if ended else None,
        "verified_how": (ended.verified_how or None) if ended else None,
        "fidelity": fidelity_line(result.report.fidelity),
        "verdict": result.report.verdict,
        "exit_code": int(result.code),
    }


def _trouble(result: Result) -> Explanation | None:
    """Return what somebody has to act on, with the job's id filled in."""
    job = result.job
    if job.state is not JobState.FAILED and not job.problem:
        return None
    if job.state in (JobState.DONE, JobState.DONE_WITH_PROBLEMS):
        return None
    row = explain_problem(job.problem or {})
    advice = row.what_to_do.replace("wherry resume JOB", f"wherry resume {job.id}")
    if job.state is JobState.NEEDS_USER:
        advice += f" Then go on with: wherry resume {job.id}"
    return replace(row, what_to_do=advice, exit_code=result.code)


def _stopped(result: Result) -> str:
    job, copied = result.job, result.report.totals.copied
    where = place_words(job.spec.destination)
    if job.state is JobState.CANCELLED:
        return f"Cancelled. {count(copied, 'item')} stay in {where}.\n"
    word = "item is" if copied == 1 else "items are"
    return f"stopped. {count(copied)} {word} safe in {where}.\nContinue with: wherry resume {job.id}\n"


def _block(result: Result, jobs: Jobs, *, quiet: bool) -> list[str]:
    ended, totals = result.ended, result.report.totals
    where, lossy = place_words(result.job.spec.destination), result.report.fidelity.lossy
    if ended is None or quiet:
        return [result.report.verdict]
    if ended.run > 1 and not (ended.changed or ended.removed or totals.not_copied or totals.gone or lossy):
        return [f"Nothing changed: all {count(totals.present, 'item')} at the source are in {where}."]
    noun = "Backup" if result.job.spec.kind is JobKind.BACKUP else "Migration"
    lines = [f"{noun} finished.", *_table(result.report)]
    lines += [f"  {word:<11}{text}" for word, text in _facts(result, jobs, where)]
    return lines


def _table(report: Report) -> list[str]:
    rows = [
        (
            KIND_WORDS.get(kind, kind.capitalize()),
            f"{counts.present:,} at the source",
            f"{counts.copied:,} copied",
            f"{counts.not_copied:,} not copied",
        )
        for kind, counts in report.by_kind().items()
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (1, 2, 3)]
    return [f"  {kind:<11}{a:>{widths[0]}}    {b:>{widths[1]}}    {c:>{widths[2]}}" for kind, a, b, c in rows]


def _facts(result: Result, jobs: Jobs, where: str) -> list[tuple[str, str]]:
    job, totals, ended = result.job, result.report.totals, result.ended
    facts = []
    if totals.not_copied:
        facts.append(("Not copied", f"{_reasons(jobs, job.id)}   -> wherry report {job.id}"))
    if ended is not None and ended.run > 1 and ended.changed:
        facts.append(("This run", f"{count(ended.changed, 'item')} new or changed, {size(ended.size)}"))
    if ended is not None and ended.removed:
        kept = f"; their last versions are kept: wherry history {where}" if job.spec.kind is JobKind.BACKUP else ""
        facts.append(("Removed", f"{count(ended.removed, 'item')} gone at the source{kept}"))
    if totals.gone:
        facts.append(("Kept", f"{count(totals.gone, 'item')} gone at the source, still in the copy"))
    verified = verified_words(ended.verified, ended.verified_how, copied=totals.copied) if ended is not None else ""
    if verified:
        facts.append(("Verified", verified))
    if kept := fidelity_words(result.report.fidelity):
        more = f"   -> wherry report {job.id}" if result.report.fidelity.lossy else ""
        facts.append(("Fidelity", kept + more))
    return [
        *facts,
        ("Verdict", result.report.verdict),
        ("Where", where),
        ("Job", f"{job.id}   compare any time: wherry verify {job.id}"),
    ]


def _reasons(jobs: Jobs, job: str) -> str:
    reasons = Counter(problem.reason or problem.outcome for problem in problems(jobs, job))
    named = [f"{number:,} {reason_words(reason)}" for reason, number in reasons.most_common(3)]
    others = sum(reasons.values()) - sum(number for _, number in reasons.most_common(3))
    return ", ".join([*named, *([f"{others:,} others"] if others else [])])
