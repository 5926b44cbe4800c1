"""Google's accounts from the command line: consent at a stand-in, and what is and is not asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from simulators.google import Service, google
from simulators.identity import browser
from simulators.identity.google import CLIENTS, Google
from tests.wherry.access.household import Person
from tests.wherry.access.test_access_lines import documented
from wherry.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.wherry.conftest import Answer, Run

PREFIX = "https://www.googleapis.com/auth/"
CLIENT = CLIENTS[0]


@pytest.fixture
def at_google(home: Path) -> Iterator[Service]:
    """Run the stand-in, and name it in the settings as an operator would name a client."""
    with Google() as identity, google(people=4, events=6, identity=identity) as server:
        secret = home / "google.secret"
        secret.write_text(f"{CLIENT.secret}\n", encoding="utf-8")
        secret.chmod(0o600)
        (home / "settings.toml").write_text(
            f'[providers.google]\nclient_id = "{CLIENT.id}"\nclient_secret_file = "{secret}"\n'
            f'authorize_url = "{identity.authorize_url}"\ntoken_url = "{identity.token_url}"\n'
            f'revoke_url = "{identity.revoke_url}"\nissuer = "{identity.url}"\n',
            encoding="utf-8",
        )
        yield server


@pytest.fixture
def ana(person: Person) -> Person:
    """Return the person whose account the stand-in has."""
    person.user = browser.USER
    return person


def connect(run: Run, server: Service, kind: str, *more: str, name: str = "ana", answer: str = "yes\n") -> Answer:
    words = ("--name", name, "--url", server.url, "--allow-private")
    return run("connect", kind, *words, *more, input=answer)


def asked(server: Service) -> list[str]:
    """Return the scopes of the grants that stand."""
    return sorted({scope.removeprefix(PREFIX) for grant in server.identity.live_grants() for scope in grant.scopes})


@pytest.mark.parametrize(
    ("kind", "more", "scopes"),
    [
        ("google-contacts", (), ["contacts.readonly", "openid"]),
        ("google-contacts", ("--other-contacts",), ["contacts.other.readonly", "contacts.readonly", "openid"]),
        ("google-calendar", (), ["calendar.calendarlist.readonly", "calendar.events.readonly", "openid"]),
        (
            "google-calendar",
            ("--own-calendars",),
            ["calendar.calendarlist.readonly", "calendar.events.owned.readonly", "openid"],
        ),
    ],
)
def test_the_narrowest_is_asked_for(
    run: Run, at_google: Service, ana: Person, kind: str, more: tuple[str, ...], scopes: list[str]
) -> None:
    answer = connect(run, at_google, kind, *more)
    assert answer.code == 0, answer.err
    assert ana.errors == []
    assert asked(at_google) == scopes
    for scope in scopes:
        assert f"{PREFIX}{scope}" in answer.err or scope == "openid"
    assert "Connected: " in answer.out
    assert "code_challenge_method=S256" in ana.urls[0]


def test_what_is_read_before_the_browser_opens(run: Run, at_google: Service, ana: Person) -> None:
    answer = connect(run, at_google, "google-contacts", answer="no\n")
    assert answer.code == 12
    assert ana.urls == []
    said = " ".join(answer.err.split())
    assert "see your contacts, their groups and pictures; it can change nothing" in said
    assert "know which account it is" in said
    assert "to read your contacts, their groups and their pictures for the jobs you start; for nothing else" in said
    assert "Limited Use" in said
    assert "Google ends everything you allowed this program at once" in said
    assert at_google.identity.live_grants() == []


def test_partial_consent_is_told_and_given_back(run: Run, at_google: Service, ana: Person) -> None:
    """[GRAN] A person may untick one of two boxes: half an access is none, and is not kept in secret."""
    ana.does = lambda url: browser.approve(
        url, user=ana.user, scopes=[f"{PREFIX}calendar.calendarlist.readonly"], follow=True
    )
    answer = connect(run, at_google, "google-calendar")
    assert answer.code == 12
    assert "Something else was allowed than was asked for" in answer.err
    assert "calendar.events.readonly" in answer.err
    assert "leave all boxes of the page ticked" in answer.err
    assert at_google.identity.live_grants() == []
    assert run("accounts", "--all").out == ""


def test_refused_at_google(run: Run, at_google: Service, ana: Person) -> None:
    ana.does = ana.refuse
    answer = connect(run, at_google, "google-contacts")
    assert answer.code == 12
    assert at_google.identity.live_grants() == []


def test_without_a_client_nobody_is_asked(run: Run, at_google: Service, ana: Person, home: Path) -> None:
    (home / "settings.toml").write_text("", encoding="utf-8")
    answer = connect(run, at_google, "google-contacts")
    assert answer.code == 2
    assert "--client-id" in answer.err
    assert ana.urls == []


@pytest.mark.usefixtures("ana")
def test_a_client_from_the_command_line(run: Run, at_google: Service, home: Path) -> None:
    text = (home / "settings.toml").read_text("utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("client_")]
    (home / "settings.toml").write_text("\n".join(kept) + "\n", encoding="utf-8")
    words = ("--client-id", CLIENT.id, "--client-secret-file", str(home / "google.secret"))
    assert connect(run, at_google, "google-contacts", *words).code == 0
    account = read_settings({"WHERRY_HOME": str(home)}).accounts["ana"]
    assert (account.kind, account.provider, account.client_id) == ("google-contacts", "google", CLIENT.id)
    assert CLIENT.secret not in (home / "settings.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("google-contacts", "--url", "https://people.example.org"), "Leave --url out"),
        (("google-contacts", "--provider", "fastmail"), "Google gives access to"),
        (("dav", "--provider", "google", "--url", "https://dav.example.org"), "Google gives access to"),
        (("google-mail",), "Did you mean"),
    ],
)
@pytest.mark.usefixtures("at_google")
def test_what_cannot_be_meant(run: Run, ana: Person, words: tuple[str, ...], hint: str) -> None:
    answer = run("connect", words[0], "--name", "ana", *words[1:], input="yes\n")
    assert answer.code == 2
    assert hint in answer.err
    assert ana.urls == []


@pytest.mark.usefixtures("ana")
def test_a_name_is_of_one_account(run: Run, at_google: Service) -> None:
    assert connect(run, at_google, "google-contacts").code == 0
    answer = connect(run, at_google, "google-calendar")
    assert answer.code == 2
    assert "'ana' is a google-contacts account" in answer.err
    assert connect(run, at_google, "google-calendar", name="dates").code == 0


@pytest.mark.usefixtures("ana")
def test_nothing_is_written_to_google(run: Run, at_google: Service, tmp_path: Path) -> None:
    assert connect(run, at_google, "google-contacts").code == 0
    (tmp_path / "pim").mkdir()
    answer = run("migrate", str(tmp_path / "pim"), "--to", "google-contacts:ana")
    assert answer.code == 2
    assert "only read" in answer.err


@pytest.mark.usefixtures("ana")
def test_only_what_the_account_holds(run: Run, at_google: Service, tmp_path: Path) -> None:
    assert connect(run, at_google, "google-contacts").code == 0
    answer = run("backup", "google-contacts", "--to", str(tmp_path / "pim"), "--only", "calendars")
    assert answer.code == 2
    assert "has nothing of what --only selects" in answer.err


@pytest.mark.usefixtures("ana")
def test_disconnecting_ends_it_with_proof(run: Run, at_google: Service) -> None:
    assert connect(run, at_google, "google-calendar").code == 0
    answer = run("disconnect", "google-calendar:ana")
    assert answer.code == 0, answer.err
    assert at_google.identity.live_grants() == []
    assert [call.status for call in at_google.identity.calls if call.endpoint == "revoke"] == [200]
    refused = [call.status for call in at_google.identity.calls if call.endpoint == "token"][-1]
    assert refused == 400, "a refresh was tried, and refused: that is the proof"


@pytest.mark.usefixtures("ana")
def test_accounts_says_what_may_be_seen(run: Run, at_google: Service) -> None:
    assert connect(run, at_google, "google-contacts").code == 0
    assert connect(run, at_google, "google-calendar", name="dates").code == 0
    lines = {line["account"]: line for line in run("accounts", "--json").lines if line["type"] == "account"}
    assert lines["ana"]["kind"] == "google-contacts"
    assert {scope.removeprefix(PREFIX) for scope in lines["ana"]["may"]} == {"contacts.readonly", "openid"}
    assert {scope.removeprefix(PREFIX) for scope in lines["dates"]["may"]} == {
        "calendar.calendarlist.readonly",
        "calendar.events.readonly",
        "openid",
    }


@pytest.mark.usefixtures("ana")
def test_accounts_of_one_person_end_together(run: Run, at_google: Service) -> None:
    """One revocation at Google ends everything of a person: the first to go waits for the last, and that is said."""
    assert connect(run, at_google, "google-contacts", name="people").code == 0
    assert connect(run, at_google, "google-calendar", name="dates").code == 0
    answer = run("disconnect", "people")
    assert answer.code == 16
    assert "to 'people' is not needed any more. Google ends it together with 'dates'" in answer.out
    assert "is disconnected" not in answer.out
    assert at_google.identity.live_grants() != []
    listed = run("accounts", "--json")
    assert listed.code == 0, "nobody has to act"
    (waiting,) = (line for line in listed.lines if line["type"] == "access_waits")
    assert set(waiting) - {"v", "type"} == documented()["access_waits"]
    assert (waiting["account"], waiting["state"], waiting["with"]) == ("people", "draining", ["dates"])
    assert run("disconnect", "dates").code == 0
    assert at_google.identity.live_grants() == []
    assert run("accounts", "--json").out == ""
    assert run("disconnect", "people").code == 0
