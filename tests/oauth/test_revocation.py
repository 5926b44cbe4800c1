"""The reaper against providers that model grants: rules 5 to 9, 13, and what a crash leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth.consent import Wish
from oauth.grants import GrantState, Holder, HolderKind
from oauth.logins import keep_password
from oauth.profiles import profile
from oauth.revocation import LONGEST, TRIES, pause_after
from oauth.secret import Secret
from oauth.tokens import Client
from simulators.identity.dropbox import dropbox
from simulators.identity.generic import generic
from simulators.identity.google import Google, google
from simulators.identity.nextcloud import nextcloud
from tests.oauth.consenting import (
    World,
    beside,
    dropbox_wish,
    generic_wish,
    google_wish,
    nextcloud_wish,
)
from tests.oauth.reaping import Reaping
from tests.oauth.wire import always, serving

S = GrantState
KEPT = Holder(HolderKind.KEPT, "k")


@pytest.fixture
def reaping(world: World) -> Reaping:
    return Reaping(world)


def test_nothing_owed_is_nothing_done(reaping: Reaping) -> None:
    assert reaping.run() == []
    assert reaping.world.wire.sent == []


def test_the_whole_way_to_the_end(reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.drained(google_wish(provider), provider)
        assert provider.live_grants()
        (reaped,) = reaping.run()
        assert (reaped.before.state, reaped.after.state) == (S.DRAINING, S.ERASED)
        assert (reaped.after.answer, reaped.after.verified, reaped.after.data_key) == ("200", True, None)
        assert not reaped.outstanding
        assert not reaped.link
        assert provider.live_grants() == []
        assert provider.count("revoke") == 1
    assert reaping.world.vault.secrets(grant.id) == {}


def test_what_somebody_holds_is_left_alone(reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.grant(google_wish(provider), provider)
        reaping.world.store.attach(grant.id, KEPT)
        assert reaping.run() == []
        assert provider.count("revoke") == 0
        assert len(provider.live_grants()) == 1


def test_siblings_of_one_project_end_together_and_not_before_the_last_lets_go(reaping: Reaping) -> None:
    """Revoking either ends both at Google: the one nobody holds has to wait for the other."""
    with google() as provider:
        used, idle = (reaping.grant(google_wish(provider), provider) for _ in range(2))
        reaping.world.store.attach(used.id, KEPT)
        reaping.world.store.drain(idle.id)
        assert reaping.run() == []
        assert provider.count("revoke") == 0
        reaping.world.store.release(HolderKind.KEPT, "k")
        reaped = reaping.run()
        assert {each.after.state for each in reaped} == {S.ERASED}
        assert sorted(each.after.answer or "" for each in reaped) == ["200", "invalid_token"]
        assert provider.live_grants() == []


def test_at_dropbox_each_authorization_ends_alone(reaping: Reaping) -> None:
    with dropbox() as provider:
        used, idle = (reaping.grant(dropbox_wish(provider), provider) for _ in range(2))
        reaping.world.store.attach(used.id, KEPT)
        reaping.world.store.drain(idle.id)
        (reaped,) = reaping.run()
        assert reaped.after.state is S.ERASED
        assert reaping.state(used) is S.LIVE
        assert len(provider.live_grants()) == 1


def test_an_expired_dropbox_token_is_refreshed_before_it_is_revoked(reaping: Reaping) -> None:
    with dropbox() as provider:
        grant = reaping.drained(dropbox_wish(provider), provider)
        provider.clock.advance(5 * 3600)
        reaping.at(5 * 3600)
        (reaped,) = reaping.run()
        assert (reaped.after.id, reaped.after.state, reaped.after.verified) == (grant.id, S.ERASED, True)
        assert provider.live_grants() == []


def test_a_generic_provider_by_rfc_7009(reaping: Reaping) -> None:
    with generic() as provider:
        reaping.drained(generic_wish(provider, reaping.world), provider)
        (reaped,) = reaping.run()
        assert (reaped.after.state, reaped.after.verified) == (S.ERASED, True)
        assert provider.live_grants() == []


def test_an_app_password_deletes_itself(reaping: Reaping) -> None:
    from oauth.logins import by_login_flow

    with nextcloud() as provider:
        show, threads = beside(provider.approve)
        grant = by_login_flow(reaping.world.consent, nextcloud_wish(provider), show)
        for thread in threads:
            thread.join()
        reaping.world.store.drain(grant.id)
        (reaped,) = reaping.run()
        assert (reaped.after.state, reaped.after.verified) == (S.ERASED, True)


def test_rule_6_what_only_a_person_can_end_is_said_and_erased(reaping: Reaping) -> None:
    wish = Wish(profile("icloud"), Client(), (), "ana")
    grant = keep_password(reaping.world.consent, wish, "ana", Secret("app-specific"))
    reaping.world.store.drain(grant.id)
    (reaped,) = reaping.run()
    assert (reaped.after.state, reaped.after.answer, reaped.after.verified) == (S.ERASED, "no endpoint", False)
    assert reaped.link == "https://account.apple.com/account/manage"
    assert b"app-specific" not in reaping.world.on_disk()


def test_rule_6_not_revocable_is_for_a_person(reaping: Reaping) -> None:
    body = b'{"error": "invalid_request", "error_description": "Token is not revocable."}'
    with google() as provider, serving(always(400, body, Content_Type="application/json")) as odd:
        provider.revoke_url = f"{odd.url}/revoke"
        reaping.drained(google_wish(provider), provider)
        (reaped,) = reaping.run()
        assert reaped.after.state is S.ERASED
        assert reaped.link == "https://myaccount.google.com/connections"


NOT_SUCCESS = [
    (503, b"", {}),
    (500, b"oops", {}),
    (429, b"", {}),
    (403, b'{"error": "access_denied"}', {"Content_Type": "application/json"}),
    (200, b"<!doctype html><title>Hotel</title>", {"Content_Type": "text/html"}),
    (302, b"", {"Location": "https://example.org/"}),
    (400, b'{"error": "invalid_request"}', {"Content_Type": "application/json"}),
    (400, b"", {}),
    (404, b"", {}),
]


@pytest.mark.parametrize(("status", "body", "headers"), NOT_SUCCESS, ids=lambda value: str(value)[:24])
def test_rule_6_nothing_else_is_success(status: int, body: bytes, headers: dict[str, str], reaping: Reaping) -> None:
    with google() as provider, serving(always(status, body, **headers)) as odd:
        provider.revoke_url = f"{odd.url}/revoke"
        grant = reaping.drained(google_wish(provider), provider)
        (reaped,) = reaping.run()
        assert reaped.after.state is S.REVOKING
        assert reaped.outstanding
        assert reaped.after.attempts == 1
        assert reaped.after.last_error
        assert reaping.world.vault.secrets(grant.id), "kept: they are needed for the next try"
        assert len(provider.live_grants()) == 1


def test_no_answer_is_no_success(reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.drained(google_wish(provider), provider)
        provider.faults.switch("revoke", "reset")
        (reaped,) = reaping.run()
        assert (reaped.after.state, reaped.after.last_error) == (S.REVOKING, "no answer")
        assert provider.count("revoke") == TRIES
        provider.faults.mend("revoke")
        reaping.at(10)
        assert reaping.run()[0].after.id == grant.id
        assert reaping.state(grant) is S.ERASED


def test_an_answer_that_got_lost_is_learned_at_the_next_try(reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.drained(google_wish(provider), provider)
        provider.faults.switch("revoke", "lost", times=1)
        reaping.run()
        found = reaping.world.store.get(grant.id)
        assert (found.state, found.answer, found.verified) == (S.ERASED, "invalid_token", True)


def test_rule_9_a_few_tries_at_once_and_the_rest_by_the_journal(reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.drained(google_wish(provider), provider)
        provider.faults.switch("revoke", 503)
        later, waits = 0.0, []
        for attempt in range(1, 16):
            reaping.at(later)
            (reaped,) = reaping.run()
            assert reaped.after.attempts == attempt
            assert reaping.run() == [], "not due again yet"
            waits.append(reaped.after.next_at - reaping.world.store.now())
            later += waits[-1] + 1
        assert provider.count("revoke") == 15 * TRIES
        assert all(wait <= LONGEST for wait in waits)
        assert max(waits) > LONGEST / 2 - 60
        assert waits[0] <= 1
        assert reaping.state(grant) is S.REVOKING


@given(attempts=st.integers(1, 10_000), seed=st.integers())
def test_rule_9_waits_double_with_jitter_up_to_an_hour(attempts: int, seed: int) -> None:
    wait = pause_after(attempts, Random(seed))
    longest = min(LONGEST, 2.0 ** min(attempts - 1, 100))
    assert longest / 2 <= wait <= longest


def test_a_provider_that_says_when_is_asked_then(reaping: Reaping) -> None:
    with google() as provider, serving(always(429, b"", Retry_After="120")) as odd:
        provider.revoke_url = f"{odd.url}/revoke"
        reaping.drained(google_wish(provider), provider)
        (reaped,) = reaping.run()
        assert len(odd.seen) == 1
        assert reaped.after.next_at - reaping.world.store.now() == pytest.approx(120, abs=20)


# Any mix of troubles comes to an end.

Trouble = Callable[[Google], None]
TROUBLES: dict[str, Trouble] = {
    "503": lambda p: p.faults.switch("revoke", 503, times=2),
    "reset": lambda p: p.faults.switch("revoke", "reset", times=4),
    "lost": lambda p: p.faults.switch("revoke", "lost", times=1),
    "cut": lambda p: p.faults.switch("revoke", "cut", times=2),
    "html": lambda p: p.faults.switch("revoke", "html", times=3),
    "token-down": lambda p: p.faults.switch("token", 503, times=3),
    "user-was-faster": lambda p: p.remove_access("ana@example.org"),
}


@pytest.mark.parametrize("second", sorted(TROUBLES))
@pytest.mark.parametrize("first", sorted(TROUBLES))
def test_whatever_goes_wrong_in_the_end_nothing_is_left(first: str, second: str, reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.drained(google_wish(provider), provider)
        TROUBLES[first](provider)
        reaping.run()
        TROUBLES[second](provider)
        later = 0.0
        for _ in range(12):
            later += 120
            reaping.at(later)
            reaping.run()
            if reaping.state(grant) is S.ERASED:
                break
        assert reaping.state(grant) is S.ERASED
        assert provider.live_grants() == []
        assert reaping.world.vault.secrets(grant.id) == {}
