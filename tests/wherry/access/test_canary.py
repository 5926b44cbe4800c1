"""No token, code, verifier, state or password shows anywhere, at the most talkative level, in any flow."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from simulators.identity.generic import Generic
from simulators.identity.nextcloud import Nextcloud, nextcloud
from tests.wherry.access.household import Ana, Person
from tests.wherry.conftest import Run

pytestmark = pytest.mark.server
DEBUG = {"WHERRY_LOG_LEVEL": "debug"}


def secrets_of(ana: Ana) -> list[str]:
    """Return everything secret that the provider issued to, or heard from, this person's program."""
    codes = [code.value for code in ana.idp.book.codes.values() if code.grant.user == ana.user]
    tokens = [token.value for token in ana.tokens]
    verifiers = [
        call.request.one("code_verifier")
        for call in ana.idp.calls
        if call.endpoint == "token" and call.request.one("code") in codes
    ]
    assert codes
    assert tokens
    assert verifiers
    return [*codes, *tokens, *verifiers]


def everything(home: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each file of a home, whatever it is."""
    for path in sorted(home.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()


def assert_unseen(secrets: list[str], seen: list[tuple[str, bytes]]) -> None:
    for secret in secrets:
        assert len(secret) >= 20
        assert not [where for where, content in seen if secret.encode() in content]


@pytest.mark.parametrize("way", ["text", "json"])
def test_a_whole_session_shows_no_secret(ana: Ana, way: str, tmp_path: Path) -> None:
    more = ("--json",) if way == "json" else ("-v",)
    spoken: list[tuple[str, bytes]] = []

    def say(*args: str, expected: int = 0) -> None:
        answer = ana.run(*args, *more, input="yes\n", env=DEBUG)
        assert answer.code == expected, answer.err
        spoken.append((" ".join(args), (answer.out + answer.err).encode()))
        spoken.extend(everything(ana.home))

    copy = str(tmp_path / "copy")
    say(*ana.words())
    say("backup", "dav:mail", "--to", copy, "--keep-access")
    ana.idp.faults.switch("revoke", 503)
    say("disconnect", "mail", expected=16)
    ana.idp.faults.mend()
    say("accounts", "--all", expected=16)
    say("disconnect", "mail")
    say(*ana.words())
    say("backup", "dav:mail", "--to", copy)
    say("backup", "dav:mail", "--to", copy, expected=12)
    say("doctor", expected=1)
    say("report", "--html", str(tmp_path / "page.html"))
    say("audit", "export", str(tmp_path / "audit.jsonl"))
    say("jobs")
    spoken += [(name, (tmp_path / name).read_bytes()) for name in ("page.html", "audit.jsonl")]
    assert len(spoken) > 50
    assert_unseen(secrets_of(ana), spoken)


@pytest.mark.parametrize("trouble", ["refused", "lost", "scopes", "html", "closed"])
def test_trouble_shows_no_secret(ana: Ana, idp: Generic, trouble: str) -> None:
    match trouble:
        case "refused":
            ana.person.does = ana.person.refuse
        case "lost" | "html":
            idp.faults.switch("token", trouble)
        case "scopes":
            idp.faults.switch("introspect", 500)
        case _:
            idp.faults.switch("metadata", "cut")
    answer = ana.run(*ana.words("-v"), input="yes\n", env=DEBUG)
    assert answer.code != 0
    seen = [("spoken", (answer.out + answer.err).encode()), *everything(ana.home)]
    codes = [code.value for code in idp.book.codes.values() if code.grant.user == ana.user]
    assert_unseen([*codes, *(token.value for token in ana.tokens)], seen)


def test_the_state_is_in_the_address_that_is_shown_and_nowhere_else(ana: Ana) -> None:
    answer = ana.run(*ana.words(), input="yes\n", env=DEBUG)
    state = ana.person.urls[0].partition("state=")[2].partition("&")[0]
    assert len(state) >= 43
    assert answer.err.count(state) == 1
    assert_unseen([state], list(everything(ana.home)))


def test_an_app_password_is_seen_nowhere(run: Run, person: Person, home: Path) -> None:
    cloud: Nextcloud
    with nextcloud() as cloud:
        words = ("connect", "dav", "--name", "cloud", "--provider", "nextcloud", "--url", cloud.url, "--allow-private")
        answer = run(*words, "-v", input="yes\n", env=DEBUG)
        assert person.errors == []
        polls = [call.request.one("token") for call in cloud.calls if call.endpoint == "poll"]
        seen = [("spoken", (answer.out + answer.err).encode()), *everything(home)]
        assert_unseen([*(token.value for token in cloud.tokens), *polls], seen)


def test_sealed_secrets_are_gone_from_the_disk_once_access_has_ended(ana: Ana) -> None:
    """Not even the ciphertext stays, in no page of the database and not beside it."""
    ana.connected()
    with closing(sqlite3.connect(ana.home / "wherry.db")) as database:
        sealed = [bytes(row[0]) for row in database.execute("select ciphertext from sealed")]
        keys = [row[0].encode() for row in database.execute("select data_key from grants")]
    assert len(sealed) >= 5
    assert ana.backup().code == 0
    left = list(everything(ana.home))
    for secret in [*sealed, *keys]:
        assert not [where for where, content in left if secret in content]
