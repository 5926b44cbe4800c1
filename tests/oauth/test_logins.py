"""Grants that are a password: from a login, from a token, or typed in."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from oauth import nextcloud
from oauth.client import RevokeKind, revoke
from oauth.consent import Wish
from oauth.errors import (
    BadAnswer,
    ConsentRefused,
    ConsentTimedOut,
    UnsafeEndpoint,
)
from oauth.grants import GrantState
from oauth.logins import by_login_flow, keep_password
from oauth.profiles import ProviderProfile, RevokeStyle, profile
from oauth.profiles import nextcloud as nextcloud_profile
from oauth.secret import Secret
from oauth.tokens import Client, Tokens, asking_of
from simulators.identity import infomaniak as infomaniak_side
from simulators.identity import nextcloud as nextcloud_side
from tests.oauth.consenting import World, beside, infomaniak_wish, nextcloud_wish
from tests.oauth.wire import Wire, always, saying, serving

JSON = {"content-type": "application/json"}


# Nextcloud, Login Flow v2.


def test_a_login_gives_an_app_password_that_ends_by_itself(world: World) -> None:
    with nextcloud_side.nextcloud() as provider:
        wish = nextcloud_wish(provider)
        show, threads = beside(provider.approve)
        grant = by_login_flow(world.consent, wish, show)
        for thread in threads:
            thread.join(timeout=30)
        tokens = world.kept(grant)
        assert grant.state is GrantState.LIVE
        assert (grant.subject, tokens.username) == ("ana@example.org", "ana@example.org")
        assert len(provider.live_grants("ana@example.org")) == 1
        made, client = asking_of(world.vault.secrets(grant.id))
        assert made == wish.profile, "the grant itself knows how to end"
        assert revoke(made, world.wire, tokens, client).kind is RevokeKind.DONE
        assert provider.live_grants() == []


def test_the_intent_is_committed_before_the_login_page_is_shown(world: World) -> None:
    class Enough(Exception):
        pass

    seen: list[list[str]] = []

    def show(_: str) -> None:
        seen.append(world.states())
        raise Enough

    with nextcloud_side.nextcloud() as provider, pytest.raises(Enough):
        by_login_flow(world.consent, nextcloud_wish(provider), show)
    assert seen == [["intent"]]
    assert world.states() == ["closed"]


def test_nobody_logs_in(world: World) -> None:
    with nextcloud_side.nextcloud() as provider, pytest.raises(ConsentTimedOut):
        by_login_flow(world.consent, nextcloud_wish(provider), lambda _: None, seconds=0.05)
    assert world.states() == ["closed"]


@pytest.mark.parametrize("fault", [503, "html", "reset"])
def test_a_fault_while_asking_ends_nothing(world: World, fault: int | str) -> None:
    with nextcloud_side.nextcloud() as provider:
        provider.faults.switch("poll", fault, times=3)
        provider_asked = threading.Event()

        def log_in(url: str) -> None:
            provider_asked.wait(timeout=10)
            provider.approve(url)

        def pause(_: float) -> None:
            provider_asked.set()

        world.consent.pause = pause
        show, _ = beside(log_in)
        assert by_login_flow(world.consent, nextcloud_wish(provider), show).state is GrantState.LIVE


def test_nothing_of_the_password_is_on_the_disk(world: World) -> None:
    with nextcloud_side.nextcloud() as provider:
        show, _ = beside(provider.approve)
        by_login_flow(world.consent, nextcloud_wish(provider), show)
        canaries = [token.value for token in provider.tokens]
    assert canaries
    assert not [value for value in canaries if value.encode() in world.on_disk()]


START = {
    "poll": {"token": "poll-token", "endpoint": "https://cloud.example/poll"},
    "login": "https://cloud.example/flow",
}


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"login": START["login"]},
        {"poll": START["poll"]},
        {"login": 7, "poll": START["poll"]},
        {"login": START["login"], "poll": "poll-token"},
        {"login": START["login"], "poll": {"token": "", "endpoint": "https://cloud.example/poll"}},
        {"login": START["login"], "poll": {"token": ["x"], "endpoint": "https://cloud.example/poll"}},
        {"login": "https://evil.example/flow", "poll": START["poll"]},
        {"login": "https://cloud.example:8443/flow", "poll": START["poll"]},
        {"login": START["login"], "poll": {"token": "t", "endpoint": "https://evil.example/poll"}},
        {"login": START["login"], "poll": {"token": "t", "endpoint": "http://cloud.example/poll"}},
        {"login": "javascript:alert(1)", "poll": START["poll"]},
    ],
    ids=str,
)
def test_a_login_that_leads_elsewhere_does_not_begin(world: World, said: object) -> None:
    """The browser would be sent, or the password fetched, from a place the person did not name."""
    exchange, _ = saying((200, said))
    world.consent.exchange = exchange
    wish = Wish(nextcloud_profile("https://cloud.example"), Client(), (), "ana")
    with pytest.raises((BadAnswer, UnsafeEndpoint)):
        by_login_flow(world.consent, wish, lambda _: None)
    assert world.states() == []


@pytest.mark.parametrize(("status", "body"), [(404, b""), (200, b"<html>"), (500, b"{}"), (302, b""), (200, b"[]")])
def test_a_server_that_knows_no_login_flow_is_said(status: int, body: bytes) -> None:
    exchange, _ = saying((status, body))
    with pytest.raises(BadAnswer):
        nextcloud.start(nextcloud_profile("https://cloud.example"), exchange)


LOGIN = nextcloud.Login("https://cloud.example/flow", "https://cloud.example/poll", Secret("poll-token"))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"server": "https://cloud.example", "loginName": "ana"},
        {"server": "https://cloud.example", "loginName": "", "appPassword": "p"},
        {"server": "https://cloud.example", "loginName": "ana", "appPassword": 7},
        {"server": None, "loginName": "ana", "appPassword": "p"},
        [],
    ],
    ids=str,
)
def test_an_answer_without_a_password_is_none(said: object) -> None:
    exchange, _ = saying((200, said))
    with pytest.raises(BadAnswer):
        nextcloud.poll(exchange, LOGIN)


def test_the_poll_token_travels_in_a_form() -> None:
    exchange, seen = saying((404, []))
    assert nextcloud.poll(exchange, LOGIN) is None
    assert (seen[0].method, seen[0].url, seen[0].body) == ("POST", LOGIN.endpoint, b"token=poll-token")


def test_a_password_for_another_server_is_kept_and_given_back(world: World) -> None:
    """It exists now: forgetting it would leave it standing at the provider."""
    said = {"server": "https://evil.example", "loginName": "ana", "appPassword": "p4ss"}
    exchange, _ = saying((200, START), (200, said))
    world.consent.exchange = exchange
    wish = Wish(nextcloud_profile("https://cloud.example"), Client(), (), "ana")
    with pytest.raises(BadAnswer, match="another server"):
        by_login_flow(world.consent, wish, lambda _: None)
    (grant,) = world.store.list(all=True)
    assert grant.state is GrantState.DRAINING
    assert world.kept(grant).password == Secret("p4ss")


# A password that was typed in.


def test_a_typed_password_lives_like_any_grant(world: World) -> None:
    wish = Wish(profile("icloud"), Client(), (), "ana")
    grant = keep_password(world.consent, wish, "ana@icloud.example", Secret("abcd-efgh-ijkl-mnop"))
    tokens = world.kept(grant)
    assert grant.state is GrantState.LIVE
    assert (tokens.username, tokens.password) == ("ana@icloud.example", Secret("abcd-efgh-ijkl-mnop"))
    assert b"abcd-efgh" not in world.on_disk()
    made, client = asking_of(world.vault.secrets(grant.id))
    assert revoke(made, world.wire, tokens, client).kind is RevokeKind.MANUAL
    assert world.wire.sent == [], "there is nobody to ask"


@pytest.mark.parametrize("username", ["", "ana", "ana@例え.テスト", "a:b", "x" * 500])
@pytest.mark.parametrize("password", ["p", "pässwörd ✓", " blank ", "\ud800", "x" * 5000])
def test_any_password_comes_back_as_it_was(world: World, username: str, password: str) -> None:
    wish = Wish(profile("password"), Client(), (), "ana")
    tokens = world.kept(keep_password(world.consent, wish, username, Secret(password)))
    assert tokens.username == username
    assert tokens.password is not None
    assert tokens.password.reveal() == password


def test_two_accounts_have_two_grants(world: World) -> None:
    for name in ("home", "work"):
        wish = replace(Wish(profile("password"), Client(), (), "x"), account=name)
        keep_password(world.consent, wish, "ana", Secret("p"))
    assert [grant.account for grant in world.store.list()] == ["home", "work"]
    assert world.states() == ["live", "live"]


# Refusals come back the same way for this flow as for all others.


def test_a_refused_infomaniak_consent_leaves_nothing(world: World) -> None:
    with infomaniak_side.infomaniak() as provider:
        show, _ = beside(lambda url: provider.deny(url, follow=True))
        with pytest.raises(ConsentRefused):
            world.consent.by_browser(infomaniak_wish(provider), show)
        assert provider.grants == []
    assert world.states() == ["closed"]


def test_a_deleted_password_answers_as_one_that_is_gone() -> None:
    made = ProviderProfile(
        name="example",
        revoke_url="https://cloud.example/ocs/v2.php/core/apppassword",
        revoke_style=RevokeStyle.DELETE_APP_PASSWORD,
    )
    tokens = Tokens(username="ana", password=Secret("p"))
    for status, kind in [
        (200, RevokeKind.DONE),
        (401, RevokeKind.ALREADY),
        (403, RevokeKind.MANUAL),
        (503, RevokeKind.RETRY),
    ]:
        exchange, seen = saying((status, {}))
        assert revoke(made, exchange, tokens, Client()).kind is kind
        assert seen[0].method == "DELETE"
        assert seen[0].headers["OCS-APIRequest"] == "true"


@pytest.mark.parametrize("status", [200, 401, 403])
def test_a_guest_network_s_page_deletes_nothing(status: int) -> None:
    with serving(always(status, b"<html>sign in", Content_Type="text/html")) as server:
        made = nextcloud_profile(server.url, allow_loopback=True)
        tokens = Tokens(username="ana", password=Secret("p"))
        assert revoke(made, Wire(), tokens, Client()).kind is RevokeKind.RETRY
