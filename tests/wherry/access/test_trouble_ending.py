"""Ending access goes wrong: it is said, tried again, and ends."""

from __future__ import annotations

import pytest

from oauth.revocation import DEADLINE, RETENTION
from simulators.identity.generic import Generic
from simulators.identity.serving import Incoming, Reply
from tests.wherry.access.household import Ana, interposed

pytestmark = pytest.mark.server


@pytest.fixture
def owing(ana: Ana, idp: Generic) -> Ana:
    """Return a person whose backup is done and whose access could not be ended."""
    ana.connected()
    idp.faults.switch("revoke", 503)
    assert ana.backup().code == 16
    return ana


def due(ana: Ana) -> None:
    """Let the time pass that the journal waits before it tries again."""
    ana.age(4000)


def test_data_done_but_the_access_stands(ana: Ana, idp: Generic) -> None:
    ana.connected()
    idp.faults.switch("revoke", 503)
    answer = ana.backup()
    assert answer.code == 16
    assert "Everything is there: all 8 items" in answer.out
    assert "Access     " not in answer.out
    assert "wherry: The access to 'mail' could not be ended yet (503)." in answer.err
    assert "Try now: wherry disconnect mail" in answer.err
    assert ana.live == 1
    assert "being ended" in ana.run("accounts").out


def test_the_same_in_json(ana: Ana, idp: Generic) -> None:
    ana.connected()
    idp.faults.switch("revoke", 503)
    answer = ana.backup("--json")
    assert answer.code == 16
    owed, summary = answer.lines[-2:]
    assert (owed["type"], owed["account"], owed["outcome"]) == ("not_revoked", "mail", "owed")
    assert (owed["state"], owed["last_error"], owed["attempts"]) == ("revoking", "503", 1)
    assert owed["link"] == idp.issuer
    assert (summary["type"], summary["exit_code"], summary["state"]) == ("summary", 16, "done")


@pytest.mark.parametrize(
    "command",
    [("accounts",), ("disconnect", "mail"), ("connect", "dav", "--name", "mail"), ("backup", "dav:mail", "--to", "{}")],
    ids=lambda words: words[0],
)
def test_the_next_start_tries_again(owing: Ana, idp: Generic, command: tuple[str, ...]) -> None:
    idp.faults.mend()
    due(owing)
    answer = owing.run(*(word.format(owing.folder / "copy") for word in command), input="yes\n")
    assert answer.code == (12 if command[0] == "backup" else 0), answer.err
    assert "Access     to 'mail' ended at" in answer.out
    assert len(owing.idp.live_grants(owing.user)) == (command[0] == "connect")
    assert owing.states()[0] == "erased"


def test_what_is_owed_waits_and_is_told_meanwhile(owing: Ana, idp: Generic) -> None:
    calls = idp.count("revoke")
    owing.age(-100)
    told = owing.run("accounts")
    assert told.code == 16
    assert "could not be ended yet (503)" in told.err
    assert idp.count("revoke") == calls


def test_disconnect_does_not_wait(owing: Ana, idp: Generic) -> None:
    owing.age(-100)
    idp.faults.mend()
    answer = owing.run("disconnect", "mail")
    assert answer.code == 0, answer.err
    assert owing.live == 0
    assert owing.secrets_left() == 0


def test_disconnect_that_fails_keeps_the_account(owing: Ana) -> None:
    answer = owing.run("disconnect", "mail", "--json")
    assert answer.code == 16
    assert [line["type"] for line in answer.lines] == ["not_revoked", "disconnected"]
    assert (answer.lines[-1]["ended"], answer.lines[-1]["exit_code"]) == (False, 16)
    assert "mail" in (owing.home / "settings.toml").read_text()
    assert owing.run("disconnect", "mail").code == 16


@pytest.mark.parametrize("fault", ["html", "reset", "lost", "cut", 403, 429])
def test_answers_that_are_no_yes(ana: Ana, idp: Generic, fault: int | str) -> None:
    ana.connected()
    idp.faults.switch("revoke", fault)
    answer = ana.backup()
    if fault in {"lost", "cut"}:
        assert answer.code in {0, 16}
    else:
        assert answer.code == 16
        assert ana.live == 1
    idp.faults.mend()
    due(ana)
    assert ana.run("accounts").code == 0
    assert ana.live == 0
    assert ana.states() == ["erased"]
    assert ana.secrets_left() == 0


def test_one_fault_is_got_over_within_the_run(ana: Ana, idp: Generic) -> None:
    ana.connected()
    idp.faults.switch("revoke", 503, times=1)
    answer = ana.backup()
    assert answer.code == 0, answer.err
    assert ana.live == 0


def test_a_provider_that_stays_away_for_a_week_is_told_with_where_to_go(owing: Ana, idp: Generic) -> None:
    owing.age(DEADLINE + 60)
    told = owing.run("accounts")
    assert told.code == 16
    assert "wherry has given up" in told.err
    assert f"End it yourself: {idp.issuer}  One more try: wherry disconnect mail" in told.err
    (line,) = (line for line in owing.run("accounts", "--json").lines if line["type"] == "not_revoked")
    assert (line["outcome"], line["link"]) == ("escalated", idp.issuer)
    assert "you end it at the provider" in owing.run("accounts").out
    idp.faults.mend()
    assert owing.run("disconnect", "mail").code == 0
    assert owing.live == 0


def test_what_never_ends_is_forgotten_after_a_month_and_said(owing: Ana) -> None:
    owing.age(DEADLINE + 60)
    assert owing.run("accounts").code == 16
    owing.age(RETENTION + 60)
    answer = owing.run("accounts")
    assert "was never seen to end; the secrets are destroyed. Look there yourself" in answer.out
    assert answer.code == 0
    assert owing.secrets_left() == 0


def test_a_new_connection_while_an_old_end_is_owed(owing: Ana, idp: Generic) -> None:
    """Authorizations of this provider end one by one: the new one lives, the old one is still ended."""
    owing.age(-100)
    assert owing.run("connect", "dav", "--name", "mail", input="yes\n").code == 16
    idp.faults.mend()
    due(owing)
    assert owing.backup().code == 0
    assert owing.live == 0
    assert set(owing.states()) == {"erased"}


@pytest.mark.parametrize("calls", [1, 3, 4])
def test_the_provider_ends_it_in_the_middle_of_a_run(ana: Ana, idp: Generic, calls: int) -> None:
    ana.connected()
    with interposed(idp, "introspect", calls, lambda: idp.remove_access(ana.user)):
        answer = ana.backup()
    assert answer.code == 12, answer.err
    assert "The access to 'mail' has ended. Give it again with: wherry connect dav --name mail" in answer.err
    assert "Then go on with: wherry resume" in answer.err
    assert "was ended by the other side" in answer.out
    assert ana.states() == ["erased"]
    assert ana.secrets_left() == 0
    ana.connected()
    finished = ana.backup()
    assert finished.code == 0, finished.err
    assert "all 8 items" in finished.out
    assert ana.live == 0


@pytest.mark.parametrize("calls", [2, 5])
def test_a_token_that_ends_in_the_middle_of_a_run_is_renewed(ana: Ana, idp: Generic, calls: int) -> None:
    def end() -> None:
        for token in ana.tokens:
            if token.kind == "access":
                idp.book.end_token(token)

    ana.connected()
    with interposed(idp, "introspect", calls, end):
        answer = ana.backup()
    assert answer.code == 0, answer.err
    assert "all 8 items" in answer.out
    assert len([token for token in ana.tokens if token.kind == "refresh"]) == 2
    assert ana.live == 0


def test_a_provider_that_cannot_refresh_for_a_while(ana: Ana, idp: Generic) -> None:
    idp.access_lifetime = 1.0
    ana.connected()
    idp.faults.switch("token", 503)
    answer = ana.backup()
    assert answer.code == 5, answer.err
    assert ana.live == 1
    assert ana.account()["jobs"] == [ana.run("jobs", "--json").job]
    idp.faults.mend()
    assert ana.backup().code == 0
    assert ana.live == 0


def test_a_provider_without_revocation(ana: Ana, idp: Generic, monkeypatch: pytest.MonkeyPatch) -> None:
    import json

    real = idp.metadata

    def silent(request: Incoming) -> Reply:
        said = real(request)
        kept = {key: value for key, value in json.loads(said.body).items() if key != "revocation_endpoint"}
        return Reply(said.status, json.dumps(kept).encode(), said.headers)

    monkeypatch.setattr(idp, "metadata", silent)
    ana.connected()
    answer = ana.backup()
    assert answer.code == 0, answer.err
    assert f"is forgotten on this machine; the provider lets only you end it: {idp.issuer}" in answer.out
    assert ana.secrets_left() == 0
    monkeypatch.setattr(idp, "metadata", silent)
    ana.connected()
    (line,) = (line for line in ana.backup("--json").lines if line["type"] == "not_revoked")
    assert (line["outcome"], line["link"], line["state"]) == ("manual", idp.issuer, "erased")
