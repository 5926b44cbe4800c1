from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from sync_engine.model import Job, JobKind, JobSpec, JobState, Phase, Want
from sync_engine.report import CollectionReport, Counts, Problem, Report, verdict_on
from wherry.pictures import Part, draw_calendar, draw_fate
from wherry.report_page import TEMPLATES, Page, mood_of, render_page

EVIL = "<img src=x onerror=alert(1)>\"'&</style><script>alert(2)</script>"


def job(state: JobState = JobState.DONE_WITH_PROBLEMS) -> Job:
    spec = JobSpec(JobKind.BACKUP, "dav:home", "vdir:/pim", mirror=True)
    return Job(
        id="7f3a",
        spec=spec,
        state=state,
        want=Want.RUN,
        phase=Phase.FINISHING,
        run=2,
        created_at=1.0,
        started_at=1.7e9,
        ended_at=1.7e9,
        not_before=0,
        allow_deletions=False,
        problem=None,
        learned={},
    )


def page(name: str = "Work", *, state: JobState = JobState.DONE_WITH_PROBLEMS, problems: int = 2) -> Page:
    collections = [
        CollectionReport(name, "event", Counts(10, 8, 1, 1, 2), missing=False),
        CollectionReport("Friends", "contact", Counts(5, 5, 0, 0, 0), missing=True),
    ]
    totals = Counts(15, 13, 1, 1, 2)
    found = job(state)
    return Page(
        report=Report(found, collections, totals, verdict_on(found, totals)),
        source=name,
        destination="~/pim",
        state="Done",
        mood="mixed",
        started="2026-11-22 21:10",
        ended="-",
        fate=draw_fate([Part("copied", 13, "copied"), Part("left out", 1, "skipped"), Part("failed", 1, "failed")]),
        calendar=draw_calendar([(19_800, 3, 2), (19_801, 1, 1)]),
        problems=[Problem(name, "event", f"{name}{number}", "failed", "conflict", name) for number in range(problems)],
        more_problems=0,
        losses=[],
        more_losses=0,
    )


class Reader(HTMLParser):
    """Collects tags with their attributes, and checks that they close in order."""

    VOID = frozenset({"meta", "br", "hr", "img", "link", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def test_the_page_is_well_formed() -> None:
    reader = Reader(render_page(page()))
    assert reader.open == []
    ids = [attrs["id"] for _, attrs in reader.tags if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_hostile_names_are_text_everywhere() -> None:
    text = render_page(page(EVIL))
    reader = Reader(text)
    assert not reader.named("img")
    assert not reader.named("script")
    assert text.count("</style>") == 1
    assert not [attrs for _, attrs in reader.tags if any(name.startswith("on") for name in attrs)]
    assert "&lt;img src=x onerror=alert(1)&gt;" in text


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    text = render_page(page())
    reader = Reader(text)
    assert not [tag for tag, _ in reader.tags if tag in {"script", "link", "iframe", "object", "embed", "img", "base"}]
    assert not [attrs for _, attrs in reader.tags if attrs.keys() & {"src", "href", "style"}]
    assert "@import" not in text
    assert "url(http" not in text
    policy = next(attrs["content"] for attrs in reader.named("meta") if "http-equiv" in attrs)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_headings_go_down_by_one_and_tables_have_captions() -> None:
    text = render_page(page())
    reader = Reader(text)
    levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(reader.named("caption")) == len(reader.named("table")) == 3
    assert all(attrs.get("scope") in {"row", "col"} for attrs in reader.named("th"))
    assert all(attrs["role"] == "img" for attrs in reader.named("svg"))
    assert reader.named("html")[0]["lang"] == "en"


def test_every_labelled_section_has_its_label() -> None:
    reader = Reader(render_page(page()))
    ids = {attrs.get("id") for _, attrs in reader.tags}
    labels = [attrs["aria-labelledby"] for _, attrs in reader.tags if attrs.get("aria-labelledby")]
    assert labels
    assert all(name in ids for label in labels for name in (label or "").split())


def test_what_scrolls_can_be_reached_by_keyboard() -> None:
    reader = Reader(render_page(page()))
    scrolling = [attrs for _, attrs in reader.tags if attrs.get("class") == "scroll"]
    assert len(scrolling) == 3
    assert all(attrs.get("tabindex") == "0" and attrs.get("role") == "region" for attrs in scrolling)


def test_the_page_says_what_the_report_says() -> None:
    text = render_page(page())
    assert "13 of 15 items found at the source are in the copy; 2 could not be copied." in text
    assert "something else stands where the copy should be" in text
    assert "(not found in the last run)" in text
    assert "2026-11-22 21:10" in text


def test_a_clean_page_says_so() -> None:
    assert "Nothing. Every item has its copy." in render_page(page(problems=0))


@pytest.mark.parametrize(
    ("state", "mood"),
    [
        (JobState.DONE, "good"),
        (JobState.DONE_WITH_PROBLEMS, "mixed"),
        (JobState.STOPPED, "open"),
        (JobState.LEASED, "open"),
        (JobState.FAILED, "open"),
    ],
)
def test_the_mood(state: JobState, mood: str) -> None:
    assert mood_of(page(state=state).report) == mood


def colours() -> dict[str, dict[str, str]]:
    """Return the colours of the style sheet by scheme."""
    css = (TEMPLATES / "report.css").read_text()
    light, dark, paper = re.findall(r":root \{([^}]*)\}", css)
    read = [dict(re.findall(r"--(\w+): (#\w+)", block)) for block in (light, dark, paper)]
    return dict(zip(("light", "dark", "print"), read, strict=True))


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2)."""
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    r, g, b = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def pairs() -> Iterator[tuple[str, str, str, float]]:
    """Yield (scheme, in front, behind, least contrast): 4.5 for text, 3 for shapes that mean something (WCAG 2.2)."""
    for scheme in ("light", "dark", "print"):
        for ground in ("paper", "card"):
            yield scheme, "ink", ground, 4.5
            yield scheme, "soft", ground, 4.5
        for mood in ("good", "mixed", "open"):
            yield scheme, "ink", mood, 4.5
        for shape in ("skipped", "failed"):
            yield scheme, shape, "card", 4.5
        yield scheme, "copied", "card", 3.0
        yield scheme, "failed", "ground", 3.0


@pytest.mark.parametrize(("scheme", "front", "behind", "least"), list(pairs()))
def test_contrast_is_sufficient(scheme: str, front: str, behind: str, least: float) -> None:
    found = colours()[scheme]
    assert contrast(found[front], found[behind]) >= least


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_levels_of_the_calendar_differ_from_each_other(scheme: str) -> None:
    found = colours()[scheme]
    levels = [found[name] for name in ("ground", "q1", "q2", "q3", "q4")]
    assert all(contrast(a, b) > 1.2 for a, b in pairwise(levels))


def test_the_style_is_for_paper_too() -> None:
    assert "@media print" in (TEMPLATES / "report.css").read_text()
