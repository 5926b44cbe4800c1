"""A consent that does not come about: refused, abandoned, mistyped, or with a provider that stumbles."""

from __future__ import annotations

import pytest

from oauth.errors import (
    ClientMissing,
    ConsentRefused,
    ConsentTimedOut,
    GrantDying,
    PortTaken,
    ProviderRefused,
    Unreachable,
    WrongCallback,
)
from oauth.grants import GrantState
from oauth.loopback import Listener
from oauth.tokens import Client
from simulators.identity.dropbox import dropbox
from simulators.identity.generic import generic
from simulators.identity.google import google
from tests.oauth.consenting import World, beside, dropbox_wish, generic_wish, google_wish, like_wish

# A person who says no, goes away, or has set nothing up.


def test_a_refused_consent_leaves_nothing(world: World) -> None:
    with google() as provider:
        show, _ = beside(lambda url: provider.deny(url, follow=True))
        with pytest.raises(ConsentRefused) as caught:
            world.consent.by_browser(google_wish(provider), show)
        assert provider.grants == []
    assert caught.value.code == "access_denied"
    (grant,) = world.store.list(all=True)
    assert grant.state is GrantState.CLOSED
    assert world.vault.secrets(grant.id) == {}


def test_a_closed_browser_ends_at_the_deadline(world: World) -> None:
    with dropbox() as provider, pytest.raises(ConsentTimedOut) as caught:
        world.consent.by_browser(dropbox_wish(provider), lambda _: None, seconds=0.2)
    assert caught.value.seconds == 0.2
    assert world.states() == ["closed"]


def test_a_person_who_presses_control_c_leaves_nothing(world: World) -> None:
    def show(_: str) -> None:
        raise KeyboardInterrupt

    with dropbox() as provider, pytest.raises(KeyboardInterrupt):
        world.consent.by_browser(dropbox_wish(provider), show)
    assert world.states() == ["closed"]


def test_a_taken_port_is_said_before_anything_is_recorded(world: World) -> None:
    with dropbox() as provider, Listener("/other") as other, pytest.raises(PortTaken) as caught:
        world.consent.by_browser(dropbox_wish(provider), lambda _: None, port=other.port)
    assert caught.value.port == other.port
    assert world.states() == []


@pytest.mark.parametrize("wished", [google_wish, dropbox_wish], ids=["google", "dropbox"])
def test_without_a_client_id_nothing_begins(world: World, wished: object) -> None:
    with google() as provider:
        wish = like_wish(wished(provider), client=Client())  # type: ignore[operator]  # one of two functions
        with pytest.raises(ClientMissing):
            world.consent.by_browser(wish, lambda _: None)
    assert world.states() == []


# The token endpoint says something else.


def test_a_wrong_client_secret_is_refused_without_a_grant(world: World) -> None:
    from oauth.secret import Secret

    with google() as provider:
        wish = google_wish(provider)
        wish = like_wish(wish, client=Client(wish.client.client_id, Secret("GOCSPX-wrong")))
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        with pytest.raises(ProviderRefused) as caught:
            world.consent.by_browser(wish, show)
    assert caught.value.code == "invalid_client"
    assert world.states() == ["closed"]


@pytest.mark.parametrize("fault", [503, "html", "reset"])
def test_a_passing_fault_of_the_token_endpoint_is_waited_out(world: World, fault: int | str) -> None:
    with generic() as provider:
        provider.faults.switch("token", fault, times=2)
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        grant = world.consent.by_browser(generic_wish(provider, world), show)
    assert grant.state is GrantState.LIVE
    assert world.pauses == [0.5, 1.0]


def test_a_lasting_fault_leaves_the_code_for_the_reaper(world: World) -> None:
    with generic() as provider:
        provider.faults.switch("token", "reset")
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        with pytest.raises(Unreachable):
            world.consent.by_browser(generic_wish(provider, world), show)
        (grant,) = world.store.list(all=True)
        assert grant.state is GrantState.EXCHANGING
        provider.faults.mend()
        assert world.consent.redeem(grant.id).state is GrantState.LIVE


def test_a_lost_answer_is_not_taken_for_a_refusal(world: World) -> None:
    """The code was used, the answer never came: tokens may exist, so the grant is not closed."""
    with generic() as provider:
        provider.faults.switch("token", "lost", times=1)
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        with pytest.raises(Unreachable):
            world.consent.by_browser(generic_wish(provider, world), show)
        assert provider.count("token", status=400) == 1, "the code was shown a second time"
    assert world.states() == ["exchanging"]


# An answer that is pasted.


def test_a_pasted_address_is_as_good(world: World) -> None:
    with dropbox() as provider:
        shown: list[str] = []
        grant = world.consent.by_paste(
            dropbox_wish(provider), shown.append, lambda _: "  " + provider.approve(shown[0]) + "\n"
        )
    assert grant.state is GrantState.LIVE


def test_a_wrong_paste_is_explained_and_asked_for_again(world: World) -> None:
    with dropbox() as provider:
        shown: list[str] = []
        words: list[str] = []

        def ask(why: str) -> str:
            words.append(why)
            return ["just-a-code", "http://127.0.0.1:53682/callback/dropbox?code=1", provider.approve(shown[0])][
                len(words) - 1
            ]

        grant = world.consent.by_paste(dropbox_wish(provider), shown.append, ask)
    assert grant.state is GrantState.LIVE
    assert words[0] == ""
    assert "no address" in words[1]
    assert "no state" in words[2]


def test_three_wrong_pastes_end_it(world: World) -> None:
    with dropbox() as provider, pytest.raises(WrongCallback):
        world.consent.by_paste(dropbox_wish(provider), lambda _: None, lambda _: "http://elsewhere.example/?code=1")
    assert world.states() == ["closed"]


def test_a_pasted_refusal_is_a_refusal(world: World) -> None:
    with dropbox() as provider:
        shown: list[str] = []
        with pytest.raises(ConsentRefused):
            world.consent.by_paste(dropbox_wish(provider), shown.append, lambda _: provider.deny(shown[0]))
    assert world.states() == ["closed"]


# While access of the same person is just being ended.


def test_a_consent_that_dies_with_another_grant_is_asked_for_again(world: World) -> None:
    """At Google the end of one grant ends all of them: what came meanwhile may be dead, and is not used."""
    with google() as provider:
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        first = world.consent.by_browser(google_wish(provider), show)
        begun = world.consent.begin(
            like_wish(google_wish(provider), account="ana-again"), "http://127.0.0.1:1/callback/google"
        )
        address = provider.approve(begun.url)
        world.store.drain(first.id)
        assert world.store.lease(first.id, "the reaper", 60.0, to=GrantState.REVOKING) is not None
        with pytest.raises(GrantDying):
            world.consent.returned(address)
    assert world.store.get(begun.grant_id).state is GrantState.REVOKING, "its end is owed as well"
    assert world.kept(world.store.get(begun.grant_id)).refresh is not None, "and can be proven"


def test_nobody_is_asked_while_the_account_s_access_is_being_ended(world: World) -> None:
    with google() as provider:
        show, _ = beside(lambda url: provider.approve(url, follow=True))
        first = world.consent.by_browser(google_wish(provider), show)
        world.store.drain(first.id)
        assert world.store.lease(first.id, "the reaper", 60.0, to=GrantState.REVOKING) is not None
        shown: list[str] = []
        with pytest.raises(GrantDying):
            world.consent.by_browser(google_wish(provider), shown.append)
        assert shown == []
