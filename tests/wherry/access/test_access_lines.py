"""The lines and words about access: they are those of docs/scripting.md, and none blurs who has to act."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from oauth.grants import Grant, GrantState, Holder, HolderKind, Radius
from oauth.revocation import Reaped
from simulators.identity.generic import Generic
from tests.wherry.access.household import Ana
from tests.wherry.conftest import ROOT
from wherry.cli.accounts import Standing, last_end
from wherry.cli.ending import end_words, outcome_of, tell_end, tell_left
from wherry.cli.flags import Flags
from wherry.disclosure import VERSION
from wherry.errors import AccountUnknown, PlaceError
from wherry.exits import Exit
from wherry.explain import explain

LINK = "https://id.example.org/settings"
GRANT = Grant(
    id="g1",
    tenant="local",
    provider="oauth",
    project="wherry",
    radius=Radius.AUTHORIZATION,
    subject=None,
    account="mail",
    state=GrantState.LIVE,
    requested=("calendars",),
    granted=("calendars",),
    created_at=1_000.0,
    changed_at=1_000.0,
    owed_at=None,
    revoked_at=None,
    expires_at=None,
    until=None,
    deadline=None,
    attempts=0,
    next_at=0.0,
    last_error=None,
    answer=None,
    verified=False,
    holders=(),
    data_key="k",
)


def documented() -> dict[str, set[str]]:
    """Return the fields of each type in the table about access."""
    text = (
        (ROOT / "docs" / "scripting.md").read_text(encoding="utf-8").partition("## Access\n")[2].partition("\n## ")[0]
    )
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE)
    return {kind: set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", fields))) for kind, fields in rows}


def ended(before: GrantState, after: GrantState, **changes: Any) -> Reaped:
    return Reaped(replace(GRANT, state=before), replace(GRANT, state=after, **changes), LINK)


S = GrantState
ENDS: list[tuple[Reaped, str, str]] = [
    (ended(S.DRAINING, S.ERASED, revoked_at=5.0, answer="200", verified=True), "revoked", "a refresh was refused"),
    (ended(S.DRAINING, S.ERASED, revoked_at=5.0, answer="200"), "revoked", "nothing could check it"),
    (ended(S.DRAINING, S.REVOKED, revoked_at=5.0, answer="200"), "revoked", "checked once more at the next start"),
    (ended(S.REVOKED, S.ERASED, revoked_at=5.0, answer="invalid_token", verified=True), "revoked", "invalid_token"),
    (ended(S.LOST, S.ERASED), "lost", "was ended by the other side"),
    (ended(S.DRAINING, S.ERASED, answer="no endpoint"), "manual", f"lets only you end it: {LINK}"),
    (ended(S.REVOKING, S.ERASED, answer="no endpoint"), "manual", "is forgotten on this machine"),
    (ended(S.MANUAL, S.ERASED), "manual", LINK),
    (ended(S.ESCALATED, S.ERASED, answer="503"), "given_up", f"Look there yourself: {LINK}"),
]
GOES_ON = [
    ended(S.DRAINING, S.REVOKING, answer="503", last_error="503"),
    ended(S.REVOKING, S.ESCALATED, answer="503"),
    ended(S.EXCHANGING, S.LIVE),
    ended(S.EXCHANGING, S.ESCALATED),
    ended(S.INTENT, S.CLOSED),
    ended(S.REVOKED, S.REVOKING),
]


def end_id(case: object) -> str:
    if isinstance(case, Reaped):
        return f"{case.before.state}-{case.after.state}-{case.after.answer or 'silent'}-{case.after.verified}"
    return ""


@pytest.mark.parametrize(("reaped", "outcome", "words"), ENDS, ids=end_id)
def test_each_end_is_told_for_what_it_was(
    capsys: pytest.CaptureFixture[str], reaped: Reaped, outcome: str, words: str
) -> None:
    assert outcome_of(reaped) == outcome
    assert words in end_words(reaped.after, outcome, LINK)
    tell_end(Flags(), reaped, LINK)
    told = capsys.readouterr().out
    assert told.startswith("  Access     to 'mail' ")
    assert words in told
    tell_end(Flags(json=True), reaped, LINK)
    line = json.loads(capsys.readouterr().out)
    assert line["type"] == ("revoked" if outcome in {"revoked", "lost"} else "not_revoked")
    assert line["outcome"] == outcome
    assert set(line) - {"v", "type"} <= documented()[line["type"]]
    assert ("link" in line) == (line["type"] == "not_revoked")


@pytest.mark.parametrize(("reaped", "outcome", "words"), ENDS, ids=end_id)
def test_quiet_is_silent_about_what_needs_nobody(
    capsys: pytest.CaptureFixture[str], reaped: Reaped, outcome: str, words: str
) -> None:
    tell_end(Flags(), reaped, LINK, quiet=True)
    told = capsys.readouterr().out
    assert (words in told) == (outcome in {"manual", "given_up"})


@pytest.mark.parametrize("reaped", GOES_ON, ids=end_id)
def test_what_goes_on_is_no_end(capsys: pytest.CaptureFixture[str], reaped: Reaped) -> None:
    assert outcome_of(reaped) == ""
    tell_end(Flags(), reaped, LINK)
    tell_end(Flags(json=True), reaped, LINK)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("outcome", ["manual", "given_up"])
def test_a_password_is_told_by_who_forgets_it(capsys: pytest.CaptureFixture[str], outcome: str) -> None:
    before = S.DRAINING if outcome == "manual" else S.ESCALATED
    reaped = ended(before, S.ERASED, provider="password", answer="no endpoint")
    assert outcome_of(reaped) == outcome
    tell_end(Flags(), reaped, "")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["mail", "\x1b[31mred", "a\nb"])
@pytest.mark.parametrize("state", [S.DRAINING, S.REVOKING, S.ESCALATED])
def test_what_is_left_is_told(capsys: pytest.CaptureFixture[str], state: GrantState, name: str) -> None:
    grant = replace(GRANT, state=state, account=name, last_error="503\x1b[2J", attempts=4, next_at=9e8, deadline=1e9)
    tell_left(Flags(), grant, LINK + "\x1b[2J")
    told = capsys.readouterr().err
    assert told.startswith("wherry: The access to ")
    assert told.count("\n") == 2
    assert "\x1b" not in told
    assert ("wherry has given up" in told) == (state is S.ESCALATED)
    assert (LINK in told) == (state is S.ESCALATED)
    tell_left(Flags(json=True), grant, LINK)
    line = json.loads(capsys.readouterr().out)
    assert line["outcome"] == ("escalated" if state is S.ESCALATED else "owed")
    assert set(line) - {"v", "type"} == documented()["not_revoked"]


@pytest.mark.parametrize(
    ("ends", "last"),
    [([], None), ([None], None), ([5.0], 5.0), ([5.0, 9.0], 9.0), ([9.0, None], None), ([0.0], 0.0)],
)
def test_the_last_of_several_ends(ends: list[float | None], last: float | None) -> None:
    assert last_end(ends) == last


HELD: list[tuple[tuple[Holder, ...], str, float | None]] = [
    ((Holder(HolderKind.JOB, "7f3a", 9e8),), "the job ends", None),
    ((Holder(HolderKind.KEPT, "mail"),), "you disconnect it", None),
    ((Holder(HolderKind.KEPT, "mail"), Holder(HolderKind.JOB, "7f3a", 9e8)), "you disconnect it", None),
    ((Holder(HolderKind.CONSENT, "g1", 8e8),), "1995-05-09", 8e8),
    ((Holder(HolderKind.KEPT, "mail", 8e8), Holder(HolderKind.JOB, "7f3a", 9e8)), "1995-05-09", 8e8),
    ((Holder(HolderKind.SCHEDULE, "s", 9e8), Holder(HolderKind.KEPT, "mail", 8e8)), "1998-07-09", 9e8),
]


@pytest.mark.parametrize(("holders", "words", "ends_at"), HELD, ids=[f"{n}" for n in range(len(HELD))])
def test_until_when_and_for_which_job(holders: tuple[Holder, ...], words: str, ends_at: float | None) -> None:
    standing = Standing("mail", None, replace(GRANT, holders=holders))
    assert standing.until.startswith(words)
    assert standing.ends_at == ends_at
    assert standing.jobs == [holder.ref for holder in holders if holder.kind is HolderKind.JOB]


@pytest.mark.parametrize("state", sorted(S))
def test_every_state_has_words(state: GrantState) -> None:
    standing = Standing("mail", None, replace(GRANT, state=state, holders=(Holder(HolderKind.KEPT, "mail"),)))
    assert standing.until
    assert (standing.ends_at is None) or state is S.LIVE
    assert Standing("mail", None, None).until == "ended"


def test_lines_have_the_fields_that_are_documented(ana: Ana, idp: Generic) -> None:
    lines = ana.connected("--json").lines
    lines += ana.run("accounts", "--json").lines
    idp.faults.switch("revoke", 503)
    lines += ana.run("disconnect", "mail", "--json").lines
    idp.faults.mend()
    lines += ana.run("disconnect", "mail", "--json").lines
    known = documented()
    del known["access_waits"]  # of two accounts at Google: see test_google.py
    seen = {line["type"]: set(line) - {"v", "type"} for line in lines if line["type"] in known}
    assert seen == known


def test_the_audit_log_says_which_words_were_agreed_to(ana: Ana) -> None:
    ana.connected()
    with ana.database() as database:
        rows = database.execute("select record from audit where chain = 'store' order by seq").fetchall()
    records = [json.loads(record) for (record,) in rows]
    shown, given = records[:2]
    assert [record["event"] for record in (shown, given)] == ["disclosure.shown", "consent.given"]
    for record in (shown, given):
        assert record["disclosure_version"] == VERSION
        assert record["legal_basis"] == "consent"
        assert record["actor"]["kind"] == "user"
        assert "mail" not in json.dumps(record)


def test_an_account_keeps_what_is_not_said_again(ana: Ana) -> None:
    ana.connected()
    before = (ana.home / "settings.toml").read_text()
    assert ana.run("connect", "caldav", "--name", "mail", input="yes\n").code == 0
    assert (ana.home / "settings.toml").read_text() == before
    assert ana.connect("--client-id", "secret-client").code == 12
    assert (ana.home / "settings.toml").read_text() == before, "what did not work is not kept"


@pytest.mark.parametrize("error", [PlaceError("x"), AccountUnknown("x")])
def test_these_are_explained(error: Exception) -> None:
    assert explain(error).exit_code in {Exit.USAGE, Exit.UNKNOWN_NAME}
