"""The flows over the product's own HTTP client: its guard, its limits, its way with redirects and waits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from oauth.client import Life, RevokeKind, probe, refresh, revoke
from oauth.consent import Consent
from oauth.errors import BadAnswer, Unreachable
from oauth.logins import by_login_flow
from oauth.metadata import discover
from oauth.secret import Secret
from oauth.tokens import Tokens, asking_of
from oauth.transport import LARGEST, Exchange, Request
from simulators.identity.dropbox import dropbox
from simulators.identity.generic import generic
from simulators.identity.google import google
from simulators.identity.infomaniak import infomaniak
from simulators.identity.nextcloud import nextcloud
from simulators.identity.provider import Provider
from tests.oauth.consenting import (
    World,
    beside,
    dropbox_wish,
    generic_wish,
    google_wish,
    infomaniak_wish,
    like,
    like_wish,
    nextcloud_wish,
)
from tests.oauth.wire import always, serving
from wherry.exchanging import Exchanging


@pytest.fixture
def exchange() -> Iterator[Exchanging]:
    """The product's client, with leave to talk to this machine."""
    opened = Exchanging(frozenset({"127.0.0.1"}))
    yield opened
    opened.close()


@pytest.fixture
def consent(world: World, exchange: Exchanging) -> Consent:
    return Consent(world.store, world.vault, exchange, pause=lambda _: None)


def test_it_is_an_exchange(exchange: Exchanging) -> None:
    assert isinstance(exchange, Exchange)


@pytest.mark.parametrize("which", ["google", "dropbox", "generic", "infomaniak"])
def test_a_grant_is_given_and_ended(world: World, consent: Consent, exchange: Exchanging, which: str) -> None:
    with google() as at_google, dropbox() as at_dropbox, generic() as at_generic, infomaniak() as at_infomaniak:
        choices: dict[str, tuple[Provider, object]] = {
            "google": (at_google, google_wish(at_google)),
            "dropbox": (at_dropbox, dropbox_wish(at_dropbox)),
            "generic": (at_generic, generic_wish(at_generic, world)),
            "infomaniak": (at_infomaniak, infomaniak_wish(at_infomaniak)),
        }
        provider, wish = choices[which]
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        grant = consent.by_browser(wish, show)  # type: ignore[arg-type]  # a wish, whichever it is
        tokens = world.kept(grant)
        made, client = asking_of(world.vault.secrets(grant.id))
        ended = revoke(made, exchange, tokens, client)
        if which == "infomaniak":
            assert ended.kind is RevokeKind.MANUAL
            return
        assert ended.kind is RevokeKind.DONE
        assert probe(made, exchange, tokens, client).life is Life.DEAD
        assert provider.live_grants() == []


def test_a_login_gives_a_password_and_deletes_it(world: World, consent: Consent, exchange: Exchanging) -> None:
    with nextcloud() as provider:
        show, _ = beside(provider.approve)
        grant = by_login_flow(consent, nextcloud_wish(provider), show)
        made, client = asking_of(world.vault.secrets(grant.id))
        tokens = world.kept(grant)
        assert probe(made, exchange, tokens, client).life is Life.ALIVE
        assert revoke(made, exchange, tokens, client).kind is RevokeKind.DONE
        assert probe(made, exchange, tokens, client).life is Life.DEAD


def test_without_leave_nothing_on_this_machine_is_asked() -> None:
    """Also where a profile would admit it: the guard has the last word."""
    closed = Exchanging()
    with generic() as provider:
        with pytest.raises(Unreachable):
            discover(provider.issuer, closed, allow_loopback=True)
        assert provider.calls == []
    closed.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_token_is_never_carried_on_by_a_redirect(exchange: Exchanging, status: int) -> None:
    with serving(always(200, b"{}")) as elsewhere, serving(always(status, Location=f"{elsewhere.url}/token")) as server:
        for method in ("POST", "DELETE", "GET"):
            answer = exchange(Request(method, f"{server.url}/token", {"Authorization": "Bearer canary"}, b""))
            assert answer.status != 200
        assert not [seen for seen in elsewhere.seen if "authorization" in seen.headers and seen.method != "GET"]


def test_an_answer_too_large_is_no_answer(world: World, exchange: Exchanging) -> None:
    with serving(always(200, b"x" * (LARGEST * 4))) as server, generic() as provider:
        wish = generic_wish(provider, world)
        made = like(wish.profile, token_url=f"{server.url}/token")
        with pytest.raises((BadAnswer, Unreachable)):
            refresh(made, exchange, Secret("rt"), wish.client)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_asked_once(exchange: Exchanging, status: int) -> None:
    """Trying again is for the reaper's journal; a client that repeats on its own would spend codes."""
    with serving(always(status, b"", Retry_After="1")) as server, google() as provider:
        wish = google_wish(provider)
        made = like(wish.profile, revoke_url=f"{server.url}/revoke")
        found = revoke(made, exchange, Tokens(refresh=Secret("rt")), wish.client)
        assert found.kind is RevokeKind.RETRY
        assert len(server.seen) == 1


def test_a_wish_can_be_changed_without_touching_the_first(world: World) -> None:
    with dropbox() as provider:
        wish = dropbox_wish(provider)
        assert like_wish(wish, account="other").account == "other"
        assert wish.account == "ana"
    assert world.states() == []
