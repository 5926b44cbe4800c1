"""The report as one page: complete in itself, without scripts, for screens and for paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from wherry.explain import reason_words
from wherry.fidelity import fidelity_words
from wherry.pictures import Part, Picture, draw_calendar, draw_fate
from wherry.showing import moment, show
from wherry.verified import verified_in

if TYPE_CHECKING:
    from sync_engine.database import Database
    from sync_engine.report import Loss, Problem, Report

TEMPLATES = Path(__file__).with_name("templates")

MOST_PROBLEMS = 2000
"""Problems listed on the page; beyond that it says how many more there are."""

STATE_WORDS = {
    "done": "Done",
    "done_with_problems": "Done, some items not copied or not whole",
    "cancelled": "Cancelled",
    "failed": "Failed",
    "needs_user": "Waiting for you",
    "stopped": "Safety stop",
    "paused": "Paused",
    "ready": "Ready",
    "leased": "Running",
}


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the template shows; *mood* is ``good``, ``mixed`` or ``open``."""

    report: Report
    source: str
    destination: str
    state: str
    mood: str
    started: str
    ended: str
    fate: Picture
    calendar: Picture
    problems: Sequence[Problem]
    more_problems: int
    losses: Sequence[Loss]
    more_losses: int


def render(database: Database, report: Report, *, words: tuple[str, str]) -> str:
    """Return the page for *report*; *words* are source and destination as a person reads them."""
    from sync_engine.jobs import Jobs
    from sync_engine.ledger import Ledger
    from sync_engine.report import losses, problems

    jobs = Jobs(database)
    job, totals = report.job, report.totals
    named = list(islice(problems(jobs, job.id), MOST_PROBLEMS))
    partial = list(islice(losses(Ledger(database), job.id), MOST_PROBLEMS))
    page = Page(
        report=report,
        source=words[0],
        destination=words[1],
        state=STATE_WORDS.get(job.state.value, job.state.value),
        mood=mood_of(report),
        started=moment(job.started_at),
        ended=moment(job.ended_at),
        fate=draw_fate(
            [
                Part("copied", totals.copied, "copied"),
                Part("left out", totals.skipped, "skipped"),
                Part("failed", totals.failed, "failed"),
            ]
        ),
        calendar=draw_calendar(jobs.days(job.id)),
        problems=named,
        more_problems=max(0, totals.not_copied - len(named)) if len(named) == MOST_PROBLEMS else 0,
        losses=partial,
        more_losses=max(0, report.fidelity.lossy - len(partial)),
    )
    return render_page(page)


def render_page(page: Page) -> str:
    """Fill the template. Everything but the pictures, which are ours, is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["picture"] = lambda picture: Markup(picture.svg)  # noqa: S704 - made in wherry/pictures.py
    environment.filters["words"] = reason_words
    environment.filters["verified"] = lambda report: verified_in(report.job.verified, copied=report.totals.copied)
    environment.filters["fidelity"] = lambda report: fidelity_words(report.fidelity)
    environment.filters["shown"] = lambda text: show(text, limit=1000)
    environment.filters["number"] = lambda number: f"{number:,}"
    environment.filters["kind"] = lambda kind: {"contact": "Contacts", "event": "Events"}.get(kind, kind.capitalize())
    return environment.get_template("report.html.j2").render(page=page, report=page.report, totals=page.report.totals)


def mood_of(report: Report) -> str:
    """Return how the page greets: all is well, something is missing, or not finished."""
    state = report.job.state.value
    if state == "done" and report.totals.adds_up:
        return "good"
    return "mixed" if state == "done_with_problems" else "open"
