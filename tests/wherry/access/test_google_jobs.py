"""From consent at Google's stand-in to the proof that the access is over, by the command line alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from simulators.davservers import radicale, xandikos
from tests.wherry.access.test_google import ana, at_google, connect
from tests.wherry.test_json_schema import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.davservers import DavServer
    from simulators.google import Service
    from tests.wherry.conftest import Run

__all__ = ["ana", "at_google"]

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("ana")]
CLOSED = "someone.else@example.org"


@pytest.fixture(params=["google-contacts", "google-calendar"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(at_google: Service) -> Service:
    """Return the stand-in, without the calendar that shows only when its owner is busy."""
    at_google.account.remove_calendar(CLOSED)
    return at_google


@pytest.fixture(params=[radicale, xandikos])
def dav(request: pytest.FixtureRequest, tmp_path: Path, run: Run) -> Iterator[DavServer]:
    """Return a connected, empty server: ``dav:new``."""
    with request.param(tmp_path / "server") as running:
        words = ("--name", "new", "--url", running.url, "--username", running.username, "--allow-private")
        assert run("connect", "dav", *words, env={"WHERRY_PASSWORD": running.password}).code == 0
        yield running


def ended(server: Service) -> None:
    """Ask the provider itself: nobody has access any more, and a refresh was refused."""
    assert server.identity.live_grants() == []
    calls = [(call.endpoint, call.status) for call in server.identity.calls]
    assert ("revoke", 200) in calls
    assert calls.index(("revoke", 200)) < len(calls) - 1 - calls[::-1].index(("token", 400))


def copied(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in folder.glob("[!.]*/*")
        if path.suffix in {".ics", ".vcf"} and not path.name.startswith(".")
    }


def test_a_backup_from_consent_to_proof(run: Run, server: Service, kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "pim"
    assert connect(run, server, kind).code == 0
    plan = check(run("backup", kind, "--to", str(folder), "--dry-run", "--json"), "plan")
    assert {line["mapped_to"] for line in plan} == {"text/vcard" if kind == "google-contacts" else "text/calendar"}
    assert not folder.exists()
    answer = run("backup", kind, "--to", str(folder))
    assert answer.code == 0, answer.out + answer.err
    files = copied(folder)
    assert len(files) == sum(line["new"] for line in plan)
    assert {Path(name).suffix for name in files} == {".vcf" if kind == "google-contacts" else ".ics"}
    assert "Everything is there" in answer.out
    assert "in another format, as read back" in answer.out
    ended(server)
    assert "nothing" in run("accounts", "--all").out


def test_a_second_backup_fetches_only_what_changed(run: Run, server: Service, kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "pim"
    assert connect(run, server, kind).code == 0
    assert run("backup", kind, "--to", str(folder), "--keep-access").code == 0
    before = copied(folder)
    lines = run("backup", kind, "--to", str(folder), "--keep-access", "--json").lines
    assert (lines[-1]["changed"], lines[-1]["exit_code"]) == (0, 0)
    assert copied(folder) == before
    if kind == "google-contacts":
        server.account.edit_person(next(iter(server.account.person_names())), nicknames=[{"value": "Nita"}])
    else:
        times = {"start": {"date": "2026-03-01"}, "end": {"date": "2026-03-02"}}
        server.account.add_event(summary="New", **times)
    answer = run("backup", kind, "--to", str(folder), "--json")
    summary = next(line for line in answer.lines if line["type"] == "summary")
    assert (summary["changed"], answer.code) == (1, 0)
    assert run("verify", answer.job).code == 0
    assert run("status", answer.job).code == 0
    assert run("disconnect", "ana").code == 0
    ended(server)


def test_a_migration_from_consent_to_proof(
    run: Run, server: Service, kind: str, dav: DavServer, tmp_path: Path
) -> None:
    assert connect(run, server, kind).code == 0
    to = "carddav:new" if kind == "google-contacts" else "caldav:new"
    answer = run("migrate", kind, "--to", to, "--keep-access", "--json")
    assert answer.code == 0, answer.out + answer.err
    summary = next(line for line in answer.lines if line["type"] == "summary")
    assert summary["copied"] == summary["present"] == summary["verified"] > 0
    kept = summary["fidelity"]
    assert kept["exact"] + kept["extension"] == summary["copied"]
    assert kept["not-representable"] == kept["refused"] == 0
    assert run("verify", answer.job).code == 0
    page = tmp_path / "report.html"
    assert run("report", answer.job, "--html", str(page)).code == 0
    assert "Copied without a part" not in page.read_text("utf-8")
    assert "Fidelity" in page.read_text("utf-8")
    assert run("disconnect", kind + ":ana").code == 0
    ended(server)
    assert dav.url


def test_calendars_are_chosen_by_name(run: Run, server: Service, tmp_path: Path) -> None:
    """Names of calendars, as the account shows them; and one by its place."""
    assert connect(run, server, "google-calendar").code == 0
    server.account.add_calendar("team@group.calendar.google.com", summary="Team")
    times = {"start": {"date": "2026-03-01"}, "end": {"date": "2026-03-02"}}
    server.account.add_event("team@group.calendar.google.com", summary="Offsite", **times)
    chosen = ("--collection", "Team", "--keep-access")
    answer = run("backup", "google-calendar", "--to", str(tmp_path / "one"), *chosen)
    assert answer.code == 0, answer.err
    assert len(copied(tmp_path / "one")) == 1
    answer = run("backup", "google-calendar:ana/Team", "--to", str(tmp_path / "two"), "--keep-access")
    assert answer.code == 0, answer.err
    assert len(copied(tmp_path / "two")) == 1
    assert run("backup", "google-calendar", "--to", str(tmp_path / "three"), "--collection", "Nobody").code == 2


def test_a_calendar_that_cannot_be_read_is_said(run: Run, at_google: Service, tmp_path: Path) -> None:
    assert connect(run, at_google, "google-calendar").code == 0
    answer = run("backup", "google-calendar", "--to", str(tmp_path / "pim"), "--json")
    assert answer.code == 3
    assert [line["reason"] for line in answer.lines if line["type"] == "note"] == ["free-busy-only"]
    ended(at_google)


def test_two_accounts_of_one_person_end_together_and_not_before(run: Run, server: Service, tmp_path: Path) -> None:
    """At Google one revocation ends all of a person's grants: the first job must not end the second one's access."""
    assert connect(run, server, "google-contacts", name="people").code == 0
    assert connect(run, server, "google-calendar", name="dates").code == 0
    answer = run("backup", "google-contacts:people", "--to", str(tmp_path / "a"))
    assert answer.code == 0, answer.err
    assert "Access     to 'people' is not needed any more. Google ends it together with 'dates'" in answer.out
    assert server.identity.live_grants() != []
    assert run("accounts", "--json").lines[0] == {
        "v": 1,
        "type": "access_waits",
        "account": "people",
        "provider": "google",
        "state": "draining",
        "with": ["dates"],
    }
    answer = run("disconnect", "people")
    assert answer.code == 16
    assert "together with 'dates'" in answer.out
    assert "is disconnected" not in answer.out
    answer = run("backup", "google-calendar:dates", "--to", str(tmp_path / "b"))
    assert answer.code == 0, answer.err
    ended(server)


def test_access_taken_away_in_between_needs_the_person(run: Run, server: Service, kind: str, tmp_path: Path) -> None:
    assert connect(run, server, kind).code == 0
    assert run("backup", kind, "--to", str(tmp_path / "pim"), "--keep-access").code == 0
    with server.identity.book.lock:
        for grant in server.identity.live_grants():
            server.identity.book.end(grant, "by the user")
    answer = run("backup", kind, "--to", str(tmp_path / "pim"))
    assert answer.code == 12
    assert f"wherry connect {kind}" in answer.err
    assert copied(tmp_path / "pim")
