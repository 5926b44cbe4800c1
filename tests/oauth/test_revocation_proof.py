"""What comes after the provider's yes, the deadline, and consents that were cut off: rules 7, 8 and 13."""

from __future__ import annotations

import pytest

from oauth.callbacks import pasted
from oauth.consent import Wish
from oauth.errors import ScopesDiffer
from oauth.grants import CONSENT_LIFE, EXCHANGE_LIFE, Grant, GrantState
from oauth.keys import MemoryKeys
from oauth.profiles import profile
from oauth.revocation import DEADLINE, LONGEST, ORPHAN, PROOF, RETENTION
from oauth.secret import Secret
from oauth.tokens import Client
from oauth.vault import Vault
from simulators.identity.dropbox import Dropbox
from simulators.identity.generic import Generic, generic
from simulators.identity.google import Google, google
from simulators.identity.nextcloud import nextcloud
from tests.oauth.consenting import (
    CALENDARS,
    World,
    generic_wish,
    google_wish,
    nextcloud_wish,
)
from tests.oauth.reaping import Reaping
from tests.oauth.wire import always, serving

S = GrantState


@pytest.fixture
def reaping(world: World) -> Reaping:
    return Reaping(world)


# Proof.


def test_rule_7_a_revocation_that_takes_its_time_is_proven_by_a_later_run(reaping: Reaping) -> None:
    with google() as provider:
        provider.revocation_delay = 300.0
        grant = reaping.drained(google_wish(provider), provider)
        (reaped,) = reaping.run()
        assert (reaped.after.state, reaped.after.answer, reaped.after.verified) == (S.REVOKED, "200", False)
        assert not reaped.outstanding, "the provider said so: no job fails for the proof"
        assert "refresh_token" in reaping.world.vault.secrets(grant.id)
        provider.clock.advance(301)
        reaping.at(60)
        reaping.run()
        found = reaping.world.store.get(grant.id)
        assert (found.state, found.verified) == (S.ERASED, True)
        assert provider.count("revoke") == 1


def test_rule_7_a_yes_that_has_no_effect_is_no_success(reaping: Reaping) -> None:
    """After ten minutes the refresh token still works: ask again, until the deadline."""
    with google() as provider, serving(always(200, b"{}", Content_Type="application/json")) as liar:
        real, provider.revoke_url = provider.revoke_url, f"{liar.url}/revoke"
        grant = reaping.drained(google_wish(provider), provider)
        reaping.run()
        assert reaping.state(grant) is S.REVOKED
        reaping.at(PROOF + 60)
        reaping.run()
        found = reaping.world.store.get(grant.id)
        assert (found.state, found.last_error) == (S.REVOKING, "still works after the revocation")
        assert len(provider.live_grants()) == 1
        assert real != provider.revoke_url
        reaping.at(DEADLINE + PROOF)
        (escalated,) = reaping.run()
        assert (escalated.after.state, escalated.outstanding) == (S.ESCALATED, True)


def test_rule_7_tokens_that_the_proof_brings_are_kept_and_given_back(reaping: Reaping) -> None:
    """A server that rotates hands out a new refresh token to whoever asks while it still lives."""
    with generic() as provider, serving(always(200)) as liar:
        provider.rotates = True
        wish = generic_wish(provider, reaping.world)
        from dataclasses import replace

        wish = replace(wish, profile=replace(wish.profile, revoke_url=f"{liar.url}/revoke"))
        grant = reaping.drained(wish, provider)
        before = reaping.world.vault.secrets(grant.id)["refresh_token"]
        reaping.run()
        after = reaping.world.vault.secrets(grant.id)["refresh_token"]
        assert after != before
        live = {token.value for token in provider.live_tokens("refresh")}
        assert live == {after.reveal()}


def test_rule_7_what_cannot_be_asked_is_not_called_verified(reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.drained(google_wish(provider), provider)
        provider.faults.switch("token", 503)
        reaping.run()
        assert reaping.state(grant) is S.REVOKED
        reaping.at(PROOF + 100)
        reaping.run()
        found = reaping.world.store.get(grant.id)
        assert (found.state, found.verified) == (S.ERASED, False)
        assert found.last_error is not None
        assert found.last_error.startswith("not verified")


# The deadline.


def test_rule_8_after_the_deadline_people_are_told_and_secrets_kept_then_erased(reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.drained(google_wish(provider), provider)
        provider.faults.switch("revoke", 503)
        reaping.run()
        reaping.at(DEADLINE + 60)
        (reaped,) = reaping.run()
        assert (reaped.after.state, reaped.outstanding) == (S.ESCALATED, True)
        assert reaped.link == "https://myaccount.google.com/connections"
        assert "refresh_token" in reaping.world.vault.secrets(grant.id)
        assert reaping.run() == []
        reaping.at(DEADLINE + RETENTION + 120)
        (erased,) = reaping.run()
        assert erased.after.state is S.ERASED
        assert "never seen to end" in (erased.after.last_error or "")


def test_rule_13_what_another_store_may_hold_is_not_revoked(reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.drained(google_wish(provider), provider)
        assert reaping.run(elsewhere=lambda _: True)[0].after.last_error == "may be held by another store"
        assert provider.count("revoke") == 0
        assert reaping.state(grant) is S.DRAINING
        reaping.at(LONGEST + 60)
        reaping.run(elsewhere=lambda _: False)
        assert reaping.state(grant) is S.ERASED


def test_sessions_are_closed_before_the_provider_is_asked(reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.drained(google_wish(provider), provider)
        seen: list[tuple[str, GrantState, int]] = []

        def close(one: Grant) -> None:
            seen.append((one.id, reaping.state(one), provider.count("revoke")))

        reaping.run(close_sessions=close)
        assert seen == [(grant.id, S.REVOKING, 0)]


def test_rule_5_what_another_reaper_works_on_is_left_to_it(reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.drained(google_wish(provider), provider)
        assert reaping.world.store.lease(grant.id, "another", 60, to=S.REVOKING)
        assert reaping.run() == []
        assert provider.count("revoke") == 0
        assert reaping.run(dead=lambda owner: owner == "another")[0].after.state is S.ERASED


def test_a_reaper_that_was_too_slow_writes_nothing(reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.drained(google_wish(provider), provider)

        def overtaken(_: Grant) -> None:
            reaping.at(300)
            assert reaping.world.store.lease(grant.id, "heir", 600)

        reaping.run(close_sessions=overtaken)
        found = reaping.world.store.get(grant.id)
        assert (found.state, found.attempts, found.answer) == (S.REVOKING, 0, None)
        assert provider.count("revoke") == 0


def test_a_vault_that_does_not_open_is_written_down_and_tried_again(reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.drained(google_wish(provider), provider)
        good, reaping.world.vault = reaping.world.vault, Vault(MemoryKeys(), reaping.world.store)
        (reaped,) = reaping.run()
        assert (reaped.after.state, reaped.after.last_error) == (S.REVOKING, "KeyMissing")
        reaping.world.vault = good
        reaping.at(60)
        assert reaping.run()[0].after.state is S.ERASED
        assert reaping.state(grant) is S.ERASED


def test_a_grant_the_other_side_ended_is_erased(reaping: Reaping) -> None:
    with google() as provider:
        grant = reaping.grant(google_wish(provider), provider)
        reaping.world.store.lost(grant.id, "invalid_grant")
        (reaped,) = reaping.run()
        assert (reaped.after.state, reaped.after.data_key) == (S.ERASED, None)
        assert provider.count("revoke") == 0


def test_an_abandoned_consent_is_given_back(reaping: Reaping) -> None:
    with google() as provider:
        reaping.grant(google_wish(provider), provider)
        reaping.at(CONSENT_LIFE + 60)
        assert reaping.run()[0].after.state is S.ERASED
        assert provider.live_grants() == []


def test_rule_2_a_partial_consent_is_given_back(reaping: Reaping) -> None:
    with google() as provider:
        wish = google_wish(provider, CALENDARS)
        begun = reaping.world.consent.begin(wish, "http://127.0.0.1:9/callback/google")
        back = provider.approve(begun.url, scopes=[CALENDARS[1]])
        with pytest.raises(ScopesDiffer):
            reaping.world.consent.receive(begun, pasted(back, begun.expected))
        assert len(provider.live_grants()) == 1
        assert reaping.run()[0].after.state is S.ERASED
        assert provider.live_grants() == []


# §4.3: a consent that was cut off between the code and the tokens.


def cut_off(reaping: Reaping, provider: Google | Dropbox | Generic, wish: Wish, *, used: bool) -> Grant:
    """Keep the code of a consent and go no further; *used* exchanges it, and loses the tokens."""
    world = reaping.world
    begun = world.consent.begin(wish, f"http://127.0.0.1:9{wish.profile.callback}")
    arrival = pasted(provider.approve(begun.url), begun.expected)
    assert arrival.code is not None
    grant = world.store.get(begun.grant_id)
    world.consent.keep(grant, {"code": arrival.code})
    if used:
        from oauth.code_flow import flow_of

        fields = world.vault.secrets(grant.id)
        flow_of(wish.profile).exchange_code(
            wish.profile,
            world.wire,
            wish.client,
            code=arrival.code,
            verifier=fields["verifier"],
            redirect_uri=fields["redirect_uri"].reveal(),
            requested=grant.requested,
        )
    return grant


def test_an_intent_nobody_answered_is_closed(reaping: Reaping) -> None:
    with google() as provider:
        reaping.world.consent.begin(google_wish(provider), "http://127.0.0.1:9/callback/google")
        assert reaping.run() == []
        reaping.at(700)
        assert reaping.run()[0].after.state is S.CLOSED


def test_a_code_nobody_exchanged_brings_the_tokens_after_the_crash(reaping: Reaping) -> None:
    with google() as provider:
        grant = cut_off(reaping, provider, google_wish(provider), used=False)
        assert reaping.run() == []
        reaping.at(EXCHANGE_LIFE + 1)
        reaping.run()
        assert reaping.state(grant) is S.LIVE
        assert reaping.world.vault.secrets(grant.id)["refresh_token"]


@pytest.mark.parametrize("strict", [True, False], ids=["ends-what-was-issued", "leaves-it"])
def test_a_used_code_is_for_a_person_or_their_next_consent(strict: bool, reaping: Reaping) -> None:
    with google() as provider:
        provider.replay_revokes = strict
        grant = cut_off(reaping, provider, google_wish(provider), used=True)
        reaping.at(EXCHANGE_LIFE + 1)
        (reaped,) = reaping.run()
        assert (reaped.after.state, reaped.outstanding) == (S.ESCALATED, True)
        assert reaped.link == "https://myaccount.google.com/connections"
        assert bool(provider.live_grants()) is not strict
        # At Google the next consent of the same person, once it is given back, takes the orphan along.
        reaping.drained(google_wish(provider), provider)
        reaping.run()
        assert provider.live_grants() == []
        assert reaping.state(grant) is S.ESCALATED, "nobody can prove that it was the same person"


def test_a_token_endpoint_that_is_down_is_asked_again_for_an_hour(reaping: Reaping) -> None:
    with google() as provider:
        grant = cut_off(reaping, provider, google_wish(provider), used=False)
        provider.faults.switch("token", 503)
        reaping.at(EXCHANGE_LIFE + 1)
        reaping.run()
        assert reaping.state(grant) is S.EXCHANGING
        reaping.at(ORPHAN + 60)
        reaping.run()
        assert reaping.state(grant) is S.ESCALATED


def test_a_password_that_was_typed_in_and_not_kept_is_simply_closed(reaping: Reaping) -> None:
    wish = Wish(profile("icloud"), Client(), (), "ana")
    grant_id = reaping.world.consent.intend(wish, Secret("s"), {"state": Secret("s")})
    reaping.world.store.exchanging(grant_id, {})
    reaping.at(EXCHANGE_LIFE + 1)
    assert reaping.run()[0].after.state is S.CLOSED


def test_a_password_a_server_may_have_made_is_for_a_person(reaping: Reaping) -> None:
    with nextcloud() as provider:
        wish = nextcloud_wish(provider)
        grant_id = reaping.world.consent.intend(wish, Secret("s"), {"state": Secret("s")})
        reaping.world.store.exchanging(grant_id, {})
        reaping.at(EXCHANGE_LIFE + 1)
        (reaped,) = reaping.run()
        assert reaped.after.state is S.ESCALATED
        assert reaped.link.endswith("/settings/user/security")
