"""A session at a real OpenID provider, with a real calendar server behind it, through the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.davservers import DavServer, radicale_with_bearer
from simulators.identity import browser
from simulators.oidc_servers import OidcMissing, OidcServer, oidc_provider
from tests.simulators.identity.asking import basic, send
from tests.wherry.access.household import CARDS, EVENTS, Person, move_in
from tests.wherry.conftest import Run

pytestmark = pytest.mark.server
SCOPES = ("openid", "offline_access", "calendars", "contacts")


@pytest.fixture(scope="module")
def oidc() -> Iterator[OidcServer]:
    try:
        running = oidc_provider()
        with running as provider:
            yield provider
    except OidcMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def dav(oidc: OidcServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DavServer]:
    keeper = oidc.resource_server
    folder = tmp_path_factory.mktemp("oidc-dav")
    with radicale_with_bearer(
        folder, introspect_url=oidc.introspect_url, client=keeper.id, secret=keeper.secret, username="nobody"
    ) as running:
        yield running


def active(oidc: OidcServer, token: str) -> bool:
    """Ask as the calendar server does (RFC 7662)."""
    keeper = oidc.resource_server
    answer = send("POST", oidc.introspect_url, {"token": token}, headers=basic(keeper.id, keeper.secret))
    return bool(answer.json["active"])


def tokens_of(home: Path) -> list[str]:
    """Open the vault of *home*, as wherry itself does; return the tokens of its live grants."""
    from contextlib import closing

    from wherry.access import Access
    from wherry.settings import read_settings
    from wherry.wiring import open_database

    settings = read_settings({"WHERRY_HOME": str(home)})
    with closing(open_database(settings)) as database, closing(Access(settings, database, environ={})) as access:
        found = [access.vault.secrets(grant.id) for grant in access.store.list()]
        return [_shown(each[name]) for each in found for name in ("access_token", "refresh_token")]


def _shown(secret: object) -> str:
    return str(secret.reveal())  # type: ignore[attr-defined]  # a secret; tests may look


@pytest.mark.parametrize("kind", ["public", "confidential"])
def test_from_consent_to_proof(
    run: Run, oidc: OidcServer, dav: DavServer, person: Person, home: Path, tmp_path: Path, kind: str
) -> None:
    own = move_in(dav, person.user)
    client = getattr(oidc, kind)
    (tmp_path / "secret").write_text(client.secret)
    more = ("--client-secret-file", str(tmp_path / "secret")) if client.secret else ()
    asked = [word for scope in SCOPES for word in ("--scope", scope)]
    connected = run(
        *("connect", "dav", "--name", "mail", "--provider", "oauth", "--issuer", oidc.url, "--client-id", client.id),
        *("--url", own.url, *asked, *more, "--allow-private"),
        input="yes\n",
    )
    assert person.errors == []
    assert connected.code == 0, connected.err
    kept = tokens_of(home)
    assert len(kept) == 2
    assert [active(oidc, token) for token in kept] == [True, True]
    finished = run("backup", "dav:mail", "--to", str(tmp_path / "copy"), "--json")
    assert finished.code == 0, finished.err
    ended, summary = finished.lines[-2:]
    assert (ended["type"], ended["outcome"], ended["answer"], ended["confirmed"]) == ("revoked", "revoked", "200", True)
    assert (summary["copied"], summary["exit_code"]) == (EVENTS + CARDS, 0)
    assert [active(oidc, token) for token in kept] == [False, False]
    everything = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert not [token for token in kept if token.encode() in everything]
    assert run("accounts", "--json").out == ""
    assert run("backup", "dav:mail", "--to", str(tmp_path / "copy")).code == 12


def test_partly_allowed_is_given_back(run: Run, oidc: OidcServer, dav: DavServer, person: Person, home: Path) -> None:
    """Its page has a box for each scope."""
    own = move_in(dav, person.user)
    person.does = lambda url: browser.approve(url, user=person.user, scopes=["calendars"], follow=True)
    asked = [word for scope in SCOPES for word in ("--scope", scope)]
    answer = run(
        *("connect", "dav", "--name", "mail", "--provider", "oauth", "--issuer", oidc.url),
        *("--client-id", oidc.public.id, "--url", own.url, *asked, "--allow-private", "--json"),
        input="yes\n",
    )
    assert person.errors == []
    assert answer.code == 12
    assert json.loads(answer.err.splitlines()[-1])["reason"] == "scopes-differ"
    assert "contacts" in answer.err
    assert [line["outcome"] for line in answer.lines if line["type"] == "revoked"] == ["revoked"]
    assert not (home / "settings.toml").exists()
