"""A token makes a password and is ended: Infomaniak's way, and where it can break."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from oauth import infomaniak
from oauth.app_passwords import Making
from oauth.client import RevokeKind, revoke
from oauth.errors import (
    BadAnswer,
    GrantLeaseLost,
    OAuthError,
    ProviderRefused,
    Unreachable,
)
from oauth.grants import GrantState, Radius
from oauth.profiles import profile
from oauth.secret import Secret
from oauth.tokens import Tokens, asking_of
from simulators.identity import infomaniak as infomaniak_side
from tests.oauth.consenting import World, beside, infomaniak_wish
from tests.oauth.wire import saying

# Infomaniak: a token makes a password and is ended.


def test_the_token_makes_a_password_and_is_gone(world: World) -> None:
    with infomaniak_side.infomaniak() as provider:
        wish = infomaniak_wish(provider)
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        grant = world.consent.by_browser(wish, show)
        tokens = world.kept(grant)
        assert grant.state is GrantState.LIVE
        assert tokens.access is None
        assert tokens.refresh is None
        assert tokens.username == infomaniak_side.login("ana@example.org")
        assert tokens.password is not None
        assert provider.live_tokens("access") == []
        assert [token.value for token in provider.live_tokens("app-password")] == [tokens.password.reveal()]
        order = [
            call.endpoint for call in provider.calls if call.endpoint in {"token", "profile", "password", "revoke"}
        ]
        named = [call.request.form["name"] for call in provider.calls if call.endpoint == "password"]
    assert order == ["token", "profile", "password", "revoke"]
    assert named == [["Wherry"]]
    assert grant.expires_at is None
    assert grant.radius is Radius.CREDENTIAL


@pytest.mark.parametrize("endpoint", ["profile", "password"])
@pytest.mark.parametrize("fault", [500, 403, "html", "reset"])
def test_without_a_password_the_token_is_ended_all_the_same(world: World, endpoint: str, fault: int | str) -> None:
    with infomaniak_side.infomaniak() as provider:
        provider.faults.switch(endpoint, fault)
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        with pytest.raises((BadAnswer, ProviderRefused, Unreachable)):
            world.consent.by_browser(infomaniak_wish(provider), show)
        assert provider.live_grants() == []
    (grant,) = world.store.list(all=True)
    assert grant.state is GrantState.DRAINING
    assert world.kept(grant).password is None


def test_a_token_that_cannot_be_ended_now_is_ended_with_the_grant(world: World) -> None:
    with infomaniak_side.infomaniak() as provider:
        provider.faults.switch("revoke", 503)
        wish = infomaniak_wish(provider)
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        grant = world.consent.by_browser(wish, show)
        tokens = world.kept(grant)
        assert grant.state is GrantState.LIVE, "the password is there, and the person can work"
        assert tokens.access is not None, "the token is kept until it is ended"
        provider.faults.mend()
        assert revoke(wish.profile, world.wire, tokens, wish.client).kind is RevokeKind.MANUAL
        assert provider.live_tokens("access") == []


def test_neither_password_nor_token_can_be_made_and_ended(world: World) -> None:
    with infomaniak_side.infomaniak() as provider:
        provider.faults.switch("password", 500)
        provider.faults.switch("revoke", "reset")
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        with pytest.raises(BadAnswer):
            world.consent.by_browser(infomaniak_wish(provider), show)
        (grant,) = world.store.list(all=True)
        assert grant.state is GrantState.DRAINING
        assert world.kept(grant).access is not None, "the reaper needs it"
        made, client = asking_of(world.vault.secrets(grant.id))
        provider.faults.mend()
        assert revoke(made, world.wire, world.kept(grant), client).kind is RevokeKind.DONE
        assert provider.live_grants() == []


def test_a_grant_another_process_works_on_is_left_to_it(world: World) -> None:
    with infomaniak_side.infomaniak() as provider:
        wish = infomaniak_wish(provider)
        begun = world.consent.begin(wish, "http://127.0.0.1:1/callback/infomaniak")
        code = parse_qs(urlsplit(provider.approve(begun.url)).query)["code"][0]
        world.consent.keep(world.store.get(begun.grant_id), {"code": Secret(code)})
        kept = world.consent.persist(world.store.get(begun.grant_id), Tokens(access=Secret("at")))
        assert world.store.lease(kept.id, "another process", 60.0) is not None
        making = Making(world.store, world.vault, world.wire, "this process")
        with pytest.raises(GrantLeaseLost):
            making.password(kept, Tokens(access=Secret("at")), wish.profile)
        assert provider.count("password") == 0
    assert world.store.get(kept.id).state is GrantState.DRAINING


OWNER = {"result": "success", "data": {"login": "AB1", "email": "ana@example.org"}}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((200, {"result": "error", "data": {"login": "AB1"}}), BadAnswer),
        ((200, {"result": "success"}), BadAnswer),
        ((200, {"result": "success", "data": []}), BadAnswer),
        ((200, {"result": "success", "data": {}}), BadAnswer),
        ((200, {"result": "success", "data": {"login": 7}}), BadAnswer),
        ((200, {"result": "success", "data": {"login": ""}}), BadAnswer),
        ((200, b"<html>"), BadAnswer),
        ((200, b""), BadAnswer),
        ((301, b""), BadAnswer),
        ((500, {}), BadAnswer),
        ((429, {}), BadAnswer),
        ((401, {"result": "error"}), ProviderRefused),
        ((403, {"result": "error"}), ProviderRefused),
    ],
    ids=str,
)
def test_an_api_that_says_something_else_is_named(answer: tuple[int, object], error: type[OAuthError]) -> None:
    """Both calls, one after the other."""
    made = profile("infomaniak")
    exchange, seen = saying(answer)
    with pytest.raises(error):
        infomaniak.credentials(made, exchange, Secret("at"), label="Wherry")
    assert len(seen) == 1, "no password is made for nobody"
    if answer[0] != 200 or not isinstance(answer[1], dict) or "login" not in str(answer[1]):
        exchange, seen = saying((200, OWNER), answer)
        with pytest.raises(error):
            infomaniak.credentials(made, exchange, Secret("at"), label="Wherry")
        assert [request.method for request in seen] == ["GET", "POST"]


def test_the_mail_address_stands_in_for_a_missing_login() -> None:
    said = {"result": "success", "data": {"email": "ana@example.org"}}
    exchange, seen = saying((200, said))
    assert infomaniak.login_of(profile("infomaniak"), exchange, Secret("at")) == "ana@example.org"
    assert seen[0].headers["Authorization"] == "Bearer at"
