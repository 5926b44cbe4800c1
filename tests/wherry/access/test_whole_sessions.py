"""Whole sessions by OAuth: access is given, used, and ended with proof."""

from __future__ import annotations

import time

import pytest

from simulators.identity.generic import Generic
from tests.wherry.access.household import SCOPES, Ana
from tests.wherry.conftest import items_of

pytestmark = pytest.mark.server


def test_access_is_given_used_and_ended_with_proof(ana: Ana) -> None:
    connected = ana.connected()
    assert connected.out.startswith("Connected: dav:mail has 2 collections.\n")
    assert "The access ends with your first job, or at " in connected.out
    assert ana.live == 1
    finished = ana.backup()
    assert finished.code == 0, finished.err
    last = finished.out.splitlines()[-1]
    assert last.startswith("  Access     to 'mail' ended at ")
    assert last.endswith("(the provider answered 200; a refresh was refused); the secrets are destroyed")
    assert ana.live == 0
    assert len(items_of(ana.folder / "copy")) == 8


def test_accounts_before_and_after(ana: Ana) -> None:
    ana.connected()
    shown = ana.run("accounts").out.splitlines()
    assert shown[0].split() == ["ACCOUNT", "USER", "MAY", "SEE", "UNTIL", "JOB", "ADDRESS"]
    assert shown[1].split()[:4] == ["dav:mail", *SCOPES]
    (line,) = ana.run("accounts", "--json").lines
    assert (line["state"], line["may"], line["provider"], line["jobs"]) == ("live", [*SCOPES], "oauth", [])
    assert line["until"] == pytest.approx(time.time() + 86400, abs=120)
    assert ana.backup().code == 0
    after = ana.run("accounts")
    assert (after.code, after.out) == (0, "")
    assert "wherry has access to nothing. Access to mail has ended" in after.err
    rows = ana.run("accounts", "--all").out.splitlines()
    assert rows[1].split()[:3] == ["dav:mail", "nothing", "ended"]
    assert (ana.account()["state"], ana.account()["may"], ana.account()["until"]) == (None, [], None)


def test_a_session_in_json(ana: Ana) -> None:
    connected = ana.connected("--json").lines
    assert [line["type"] for line in connected] == [
        *("disclosure", "consent_required", "connected", "collection", "collection")
    ]
    said = {line["type"]: line for line in connected}
    assert said["disclosure"]["scopes"] == [*SCOPES]
    assert said["consent_required"]["url"] == ana.person.urls[0]
    assert said["connected"]["ends_with_the_first_job"] is True
    assert said["connected"]["until"] == pytest.approx(time.time() + 86400, abs=120)
    lines = ana.backup("--json").lines
    assert [line["type"] for line in lines][-2:] == ["revoked", "summary"]
    ended, summary = lines[-2:]
    wanted = {"account": "mail", "provider": "oauth", "outcome": "revoked", "state": "erased", "answer": "200"}
    assert {name: ended[name] for name in wanted} == wanted
    assert ended["confirmed"] is True
    assert ended["at"] == pytest.approx(time.time(), abs=120)
    assert summary["exit_code"] == 0
    assert all(line["v"] == 1 for line in [*connected, *lines])


def test_a_second_backup_says_exactly_how_to_go_on(ana: Ana) -> None:
    ana.connected()
    assert ana.backup().code == 0
    refused = ana.backup()
    assert refused.code == 12
    assert "There is no access to 'mail' any more." in refused.err
    command = refused.err.partition("Give it again with: wherry ")[2].splitlines()[0]
    assert command == "connect dav --name mail"
    again = ana.run(*command.split(), input="yes\n")
    assert again.code == 0, again.err
    assert [line["may"] for line in ana.run("accounts", "--json").lines] == [[*SCOPES]]
    assert ana.backup().code == 0
    assert ana.live == 0
    assert len(ana.run("jobs", "--json").lines) == 1


def test_resume_goes_on_with_access_given_anew(ana: Ana) -> None:
    ana.connected()
    job = ana.backup("--json").job
    assert ana.run("resume", job).code == 12
    ana.run("connect", "dav", "--name", "mail", input="yes\n")
    resumed = ana.run("resume", job, "--json")
    assert (resumed.code, ana.live) == (0, 0)
    assert [line["type"] for line in resumed.lines][-2:] == ["revoked", "summary"]


def test_a_quiet_backup_is_quiet_about_what_went_well(ana: Ana) -> None:
    ana.connected()
    quiet = ana.run("-q", "backup", "dav:mail", "--to", str(ana.folder / "copy"))
    assert (quiet.code, ana.live) == (0, 0)
    assert "Access" not in quiet.out


def test_kept_access_serves_a_second_job_and_is_disconnected(ana: Ana) -> None:
    ana.connected()
    assert ana.backup("--keep-access", to="one").code == 0
    line = ana.account()
    assert (line["state"], line["jobs"]) == ("live", [])
    assert line["until"] == pytest.approx(time.time() + 30 * 86400, abs=120)
    second = ana.backup(to="two")
    assert (second.code, ana.live) == (0, 1)
    assert "Access" not in second.out
    ended = ana.run("disconnect", "mail")
    assert (ended.code, ana.live) == (0, 0)
    assert "Access     to 'mail' ended at" in ended.out
    assert ended.out.endswith("'mail' is disconnected.\n")
    assert ana.run("accounts", "--all", "--json").out == ""


def test_kept_access_ends_when_its_time_is_over(ana: Ana) -> None:
    from wherry.access import KEPT_FOR

    ana.connected()
    assert ana.backup("--keep-access").code == 0
    ana.age(KEPT_FOR)
    listed = ana.run("accounts")
    assert (listed.code, ana.live) == (0, 0)
    assert "Access     to 'mail' ended at" in listed.out


def test_a_consent_nobody_used_ends_after_a_day(ana: Ana) -> None:
    ana.connected()
    ana.age(86400.0 - 600)
    assert ana.run("accounts").code == 0
    assert ana.live == 1
    ana.age(1200.0)
    assert ana.run("jobs").code == 0
    assert ana.run("accounts").code == 0
    assert ana.live == 0


def test_disconnect_as_json(ana: Ana) -> None:
    ana.connected()
    lines = ana.run("disconnect", "dav:mail", "--json").lines
    assert [line["type"] for line in lines] == ["revoked", "disconnected"]
    assert lines[-1] == {"v": 1, "type": "disconnected", "account": "mail", "ended": True, "exit_code": 0}


def test_disconnect_of_what_has_ended_already(ana: Ana) -> None:
    ana.connected()
    assert ana.backup().code == 0
    ended = ana.run("disconnect", "mail")
    assert (ended.code, ended.out) == (0, "'mail' is disconnected. There was no access left to end.\n")
    gone = ana.run("disconnect", "mail")
    assert gone.code == 10
    assert "No account is called 'mail'" in gone.err


def test_a_migration_holds_both_ends_and_ends_both(ana: Ana) -> None:
    from dataclasses import replace as changed

    from tests.wherry.access.household import move_in

    ana.connected(name="left")
    other = f"bea-{ana.user}"
    right = changed(ana, user=other, dav=move_in(ana.dav, other, empty=True))
    ana.person.user = other
    right.connected(name="right")
    lines = ana.run("migrate", "dav:left", "--to", "dav:right", "--json").lines
    assert sorted(line["account"] for line in lines if line["type"] == "revoked") == ["left", "right"]
    assert (lines[-1]["type"], lines[-1]["exit_code"], lines[-1]["copied"]) == ("summary", 0, 8)
    assert (ana.live, right.live) == (0, 0)
    assert len(list(right.dav.store.glob("*/*.ics"))) == 5
    assert ana.run("accounts", "--json").out == ""


def test_dry_runs_and_looks_leave_the_access_as_it_was(ana: Ana) -> None:
    ana.connected()
    before = ana.account()
    assert ana.backup("--dry-run").code == 0
    assert ana.run("doctor").code == 0
    assert ana.account() == before
    assert ana.live == 1


def test_refresh_tokens_are_kept_when_they_rotate(ana: Ana, idp: Generic) -> None:
    """Each token lives so short that every command, and requests within a run, have to renew it."""
    idp.access_lifetime = 1.0
    ana.connected()
    assert ana.backup("--keep-access").code == 0
    assert ana.backup().code == 0
    refreshes = [token for token in ana.tokens if token.kind == "refresh"]
    assert len(refreshes) > 3
    assert [token.spent for token in refreshes[:-1]] == [True] * (len(refreshes) - 1)
    assert ana.run("disconnect", "mail").code == 0
    assert ana.live == 0
