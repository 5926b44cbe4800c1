"""Consent against providers that keep grants: what is kept, in which order, and what is given back."""

from __future__ import annotations

import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest

from oauth.errors import (
    GrantDead,
    NoRefreshToken,
    ScopesDiffer,
)
from oauth.grants import GrantState, HolderKind
from oauth.tokens import Client
from simulators.identity.dropbox import account_id, dropbox
from simulators.identity.generic import generic
from simulators.identity.google import google, subject
from tests.oauth.consenting import (
    CALENDARS,
    CONTACTS,
    DAV,
    FILES,
    World,
    beside,
    dropbox_wish,
    generic_wish,
    google_wish,
    like,
    like_wish,
)


def _follow(address: str) -> None:
    with urllib.request.urlopen(address, timeout=10) as page:
        page.read()


def _asked(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


# What is asked, and what comes of it.


def test_google_gives_a_grant_through_the_loopback(world: World) -> None:
    with google() as provider:
        urls: list[str] = []

        def browser(url: str) -> None:
            urls.append(url)
            provider.approve(url, follow=True)

        show, _ = beside(browser)
        grant = world.consent.by_browser(google_wish(provider), show)
        kept = world.kept(grant)
        live = {token.value for token in provider.live_tokens()}
    asked = _asked(urls[0])
    assert asked["code_challenge_method"] == "S256"
    assert asked["access_type"] == "offline"
    assert asked["prompt"] == "consent"
    assert asked["include_granted_scopes"] == "false"
    assert asked["scope"].split() == list(CONTACTS)
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    assert urlsplit(asked["redirect_uri"]).path == "/callback/google"
    assert grant.state is GrantState.LIVE
    assert (grant.project, grant.subject) == ("111222333444", subject("ana@example.org"))
    assert grant.granted == CONTACTS
    assert [holder.kind for holder in grant.holders] == [HolderKind.CONSENT]
    assert kept.access is not None
    assert kept.refresh is not None
    assert {kept.access.reveal(), kept.refresh.reveal()} == live


def test_dropbox_names_the_account_and_renews_only_when_asked(world: World) -> None:
    with dropbox() as provider:
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        long = world.consent.by_browser(dropbox_wish(provider), show)
        short = world.consent.by_browser(dropbox_wish(provider, offline=False), show)
    assert long.subject == short.subject == account_id("ana@example.org")
    assert world.kept(long).refresh is not None
    assert world.kept(short).refresh is None
    assert long.granted == FILES
    assert long.expires_at is not None
    assert 14000 < long.expires_at - world.store.now() <= 14400


def test_a_described_provider_needs_nothing_but_its_address(world: World) -> None:
    with generic() as provider:
        wish = generic_wish(provider, world)
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        grant = world.consent.by_browser(wish, show)
    assert wish.profile.iss_required
    assert grant.granted == DAV
    assert grant.state is GrantState.LIVE


def test_a_confidential_client_proves_itself(world: World) -> None:
    from oauth.secret import Secret

    with generic() as provider:
        secret = Client("secret-client", Secret("made-up-secret"))
        for way in ("body", "basic"):
            wish = generic_wish(provider, world)
            wish = like_wish(wish, profile=like(wish.profile, client_auth=way), client=secret)
            show, _ = beside(lambda url: provider.approve(url, follow=True))
            assert world.consent.by_browser(wish, show).state is GrantState.LIVE
        sent = [call.request.headers.get("authorization", "") for call in provider.calls if call.endpoint == "token"]
    assert [value.partition(" ")[0] for value in sent] == ["", "Basic"]


# The order in which things are kept.


def test_the_intent_is_committed_before_the_address_is_shown(world: World) -> None:
    with dropbox() as provider:
        seen: list[list[str]] = []

        class Enough(Exception):
            pass

        def show(url: str) -> None:
            seen.append(world.states())
            raise Enough(url)

        with pytest.raises(Enough):
            world.consent.by_browser(dropbox_wish(provider), show)
    assert seen == [["intent"]]
    assert world.states() == ["closed"], "an interrupted consent leaves nothing behind"


def test_the_code_is_kept_before_it_is_used(world: World) -> None:
    """At the moment the token endpoint is asked the grant is EXCHANGING, and its code can be read back."""
    seen: list[tuple[list[str], set[str]]] = []
    with dropbox() as provider:
        wish = dropbox_wish(provider)
        begun = world.consent.begin(wish, "http://127.0.0.1:1234/callback/dropbox")
        ask = world.consent.exchange

        def watching(request: object) -> object:
            seen.append((world.states(), set(world.vault.secrets(begun.grant_id))))
            return ask(request)  # type: ignore[arg-type]  # passed on as it came

        world.consent.exchange = watching  # type: ignore[assignment]  # likewise
        grant = world.consent.returned(provider.approve(begun.url))
    assert len(seen) == 1
    assert seen[0][0] == ["exchanging"]
    assert {"code", "verifier", "client_id", "profile"} <= seen[0][1]
    left = set(world.vault.secrets(grant.id))
    assert not {"code", "state", "verifier"} & left, "what is good for one use is gone after it"
    assert {"access_token", "refresh_token", "profile", "client_id"} <= left


def test_a_crash_after_the_code_was_kept_is_made_good_by_another_process(world: World) -> None:
    with dropbox() as provider:
        begun = world.consent.begin(dropbox_wish(provider), "http://127.0.0.1:1234/callback/dropbox")
        code = parse_qs(urlsplit(provider.approve(begun.url)).query)["code"][0]
        from oauth.secret import Secret

        world.consent.keep(world.store.get(begun.grant_id), {"code": Secret(code)})
        # Here the process died. Another one has nothing but the database and the keys.
        other = type(world.consent)(world.store, world.vault, world.wire)
        grant = other.redeem(begun.grant_id)
    assert grant.state is GrantState.LIVE
    assert world.kept(grant).refresh is not None


def test_a_code_that_was_used_after_all_is_said_to_be_dead(world: World) -> None:
    with dropbox() as provider:
        begun = world.consent.begin(dropbox_wish(provider), "http://127.0.0.1:1234/callback/dropbox")
        code = parse_qs(urlsplit(provider.approve(begun.url)).query)["code"][0]
        from oauth.secret import Secret

        world.consent.keep(world.store.get(begun.grant_id), {"code": Secret(code)})
        fields = world.vault.secrets(begun.grant_id)
        world.consent.redeem(begun.grant_id)
        begun_again = world.consent.begin(dropbox_wish(provider), "http://127.0.0.1:1234/callback/dropbox")
        world.consent.keep(
            world.store.get(begun_again.grant_id), {"code": fields["code"], "verifier": fields["verifier"]}
        )
        with pytest.raises(GrantDead):
            world.consent.redeem(begun_again.grant_id)
    assert world.store.get(begun_again.grant_id).state is GrantState.EXCHANGING, "the caller decides what that means"


def test_nothing_that_is_secret_is_on_the_disk(world: World) -> None:
    with google() as provider:
        wish = google_wish(provider)
        begun = world.consent.begin(wish, "http://127.0.0.1:1234/callback/google")
        state = begun.expected.state.reveal()
        address = provider.approve(begun.url)
        code = parse_qs(urlsplit(address).query)["code"][0]
        world.consent.returned(address)
        canaries = [token.value for token in provider.tokens]
        canaries += [state, code, provider.client.secret, _asked(begun.url)["state"]]
    content = world.on_disk()
    assert len(canaries) >= 5
    for canary in canaries:
        assert canary.encode() not in content


# Other scopes than asked for.


@pytest.mark.parametrize("ticked", [(), (CALENDARS[1],)], ids=["none", "one"])
def test_unticked_boxes_are_named_and_the_grant_is_given_back(world: World, ticked: tuple[str, ...]) -> None:
    with google() as provider:
        show, _ = beside(lambda url: provider.approve(url, scopes=ticked, follow=True))
        with pytest.raises(ScopesDiffer) as caught:
            world.consent.by_browser(google_wish(provider, CALENDARS), show)
        (grant,) = world.store.list(all=True)
        live = {token.value for token in provider.live_tokens()}
        kept = world.kept(grant)
    assert caught.value.missing == tuple(sorted(set(CALENDARS[1:]) - set(ticked)))
    assert caught.value.extra == ()
    assert grant.state is GrantState.DRAINING
    assert grant.granted == ("openid", *ticked)
    assert kept.refresh is not None
    assert kept.refresh.reveal() in live, "what is to be ended must be in our hands"


def test_more_scopes_than_asked_for_are_given_back_too(world: World) -> None:
    """A project's earlier scopes must not ride on a job's token."""
    with google() as provider:
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        world.consent.by_browser(google_wish(provider, CALENDARS), show)
        wish = google_wish(provider)
        wish = like_wish(
            wish, profile=like(wish.profile, extra={**wish.profile.extra, "include_granted_scopes": "true"})
        )
        with pytest.raises(ScopesDiffer) as caught:
            world.consent.by_browser(wish, show)
    assert caught.value.missing == ()
    assert set(caught.value.extra) == set(CALENDARS[1:])
    assert world.store.list(all=True)[-1].state is GrantState.DRAINING


def test_by_default_earlier_scopes_do_not_come_along(world: World) -> None:
    with google() as provider:
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        world.consent.by_browser(google_wish(provider, CALENDARS), show)
        second = world.consent.by_browser(google_wish(provider), show)
    assert second.granted == CONTACTS


def test_the_switch_of_the_whole_process_stays_untouched(world: World) -> None:
    import os

    with google() as provider:
        show, _ = beside(lambda url: provider.approve(url, scopes=(), follow=True))
        with pytest.raises(ScopesDiffer):
            world.consent.by_browser(google_wish(provider, CALENDARS), show)
    assert not [name for name in os.environ if name.startswith("OAUTHLIB_")]


def test_a_missing_refresh_token_is_noticed_and_given_back(world: World) -> None:
    with google() as provider:
        wish = google_wish(provider)
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        online = {"prompt": "consent", "include_granted_scopes": "false", "access_type": "online"}
        wish = like_wish(wish, profile=like(wish.profile, extra=online))
        with pytest.raises(NoRefreshToken):
            world.consent.by_browser(wish, show)
    (grant,) = world.store.list(all=True)
    assert grant.state is GrantState.DRAINING
    assert world.kept(grant).access is not None


def test_prompt_consent_brings_a_refresh_token_every_time(world: World) -> None:
    with google() as provider:
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        grants = [world.consent.by_browser(google_wish(provider), show) for _ in range(2)]
    assert all(world.kept(grant).refresh is not None for grant in grants)
