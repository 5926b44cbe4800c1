"""From the intent to the kept tokens: rules 1 and 2, and what is left of a consent that was cut off."""

from __future__ import annotations

import pytest

from oauth.errors import GrantDying, GrantStateWrong, GrantUnknown
from oauth.grants import CONSENT_LIFE, EXCHANGE_LIFE, GrantState, Holder, HolderKind, Radius
from tests.sync_engine.granting import Granting

S = GrantState


def test_rule_1_the_intent_is_committed_with_everything_a_later_process_needs(grants: Granting) -> None:
    name = grants.intent(requested=["contacts", "calendar"])
    other = Granting(grants.database)
    found = other.store.by_state(f"hash-{name}")
    assert found is not None
    assert (found.state, found.requested, found.granted) == (S.INTENT, ("contacts", "calendar"), ())
    assert (found.subject, found.holders, found.expires_at) == (None, (), None)
    assert found.until == pytest.approx(grants.store.now() + 600, abs=30)
    wrapped, fields = other.store.sealed(name)
    assert wrapped == f"wrapped-{name}"
    assert set(fields) == {"state", "verifier", "client_id"}


def test_an_unknown_state_finds_nothing(grants: Granting) -> None:
    grants.intent()
    assert grants.store.by_state("another") is None


def test_a_state_finds_its_grant_whatever_became_of_it(grants: Granting) -> None:
    name = grants.exchanging()
    found = grants.store.by_state(f"hash-{name}")
    assert found is not None
    assert found.state is S.EXCHANGING
    grants.keep(name)
    assert grants.store.by_state(f"hash-{name}") is None, "a used state finds nothing that could be used again"


def test_the_code_is_kept_once(grants: Granting) -> None:
    name = grants.exchanging()
    with pytest.raises(GrantStateWrong) as refused:
        grants.store.exchanging(name, {"code": b"another"})
    assert (refused.value.state, refused.value.wanted) == (S.EXCHANGING, S.EXCHANGING)
    assert grants.store.sealed(name)[1]["code"] == b"sealed code"


def test_a_code_that_comes_too_late_is_not_kept(grants: Granting) -> None:
    name = grants.intent()
    grants.skew = 601
    with pytest.raises(GrantStateWrong) as refused:
        grants.store.exchanging(name, {"code": b"late"})
    assert refused.value.state == "too old"
    assert "code" not in grants.store.sealed(name)[1]


def test_rule_2_tokens_are_kept_whatever_they_are_good_for(grants: Granting) -> None:
    name = grants.exchanging(requested=["contacts", "calendar"])
    kept = grants.keep(name, granted=["contacts"], expires_at=5_000_000_000.0)
    assert (kept.state, kept.granted, kept.subject) == (S.LIVE, ("contacts",), "ana")
    assert (kept.expires_at, kept.until) == (5_000_000_000.0, None)
    assert set(grants.store.sealed(name)[1]) == {"client_id", "access_token", "refresh_token"}, "one-time fields went"
    assert [holder.kind for holder in kept.holders] == [HolderKind.CONSENT]
    assert kept.holders[0].until == pytest.approx(grants.store.now() + CONSENT_LIFE, abs=30)


def test_rule_2_a_partial_grant_is_owed_at_once(grants: Granting) -> None:
    name = grants.live()
    drained = grants.store.drain(name)
    assert (drained.state, drained.holders) == (S.DRAINING, ())
    assert [grant.id for grant in grants.store.owed()] == [name]
    grants.sound()


def test_an_abandoned_consent_is_owed_after_a_day(grants: Granting) -> None:
    name = grants.live()
    grants.skew = CONSENT_LIFE - 60
    assert grants.store.tidy() == []
    grants.skew = CONSENT_LIFE + 60
    assert grants.store.tidy() == [name]
    assert grants.state(name) is S.DRAINING
    grants.sound()


def test_a_consent_nobody_answered_is_owed_a_look(grants: Granting) -> None:
    name = grants.intent()
    assert grants.store.owed() == []
    grants.skew = 601
    assert [grant.id for grant in grants.store.owed()] == [name]


def test_a_dead_process_waits_for_no_answer(grants: Granting) -> None:
    waiting, dead = grants.intent(owner="here"), grants.exchanging(owner="gone")
    assert grants.store.owed() == []
    assert grants.store.expire(lambda owner: owner == "gone") == 1
    assert [grant.id for grant in grants.store.owed()] == [dead]
    assert grants.state(waiting) is S.INTENT


def test_an_exchange_is_left_alone_while_it_may_still_succeed(grants: Granting) -> None:
    name = grants.exchanging(owner="flow")
    assert grants.store.lease(name, "reaper", 60) is None
    grants.skew = EXCHANGE_LIFE + 1
    assert [grant.id for grant in grants.store.owed()] == [name]
    assert grants.store.lease(name, "reaper", 60) is not None


def test_closing_destroys_what_was_kept(grants: Granting) -> None:
    name = grants.exchanging()
    closed = grants.store.close(name, "access_denied")
    assert (closed.state, closed.last_error, closed.data_key) == (S.CLOSED, "access_denied", None)
    assert grants.store.sealed(name) == (None, {})
    assert grants.store.list() == []
    assert [grant.id for grant in grants.store.list(all=True)] == [name]


@pytest.mark.parametrize("state", [s for s in GrantState if s not in {S.INTENT, S.EXCHANGING}], ids=str)
def test_only_a_consent_is_closed(state: GrantState, grants: Granting) -> None:
    name = grants.bring(state)
    with pytest.raises(GrantStateWrong):
        grants.store.close(name, "no")
    assert grants.state(name) is state


@pytest.mark.parametrize("state", [s for s in GrantState if s is not S.EXCHANGING], ids=str)
def test_tokens_come_to_an_exchange_only(state: GrantState, grants: Granting) -> None:
    name = grants.bring(state)
    before = grants.store.sealed(name)
    with pytest.raises(GrantStateWrong):
        grants.keep(name)
    assert (grants.state(name), grants.store.sealed(name)) == (state, before)


def test_nothing_is_known_of_an_unknown_grant(grants: Granting) -> None:
    store = grants.store
    for ask in (
        lambda: store.get("x"),
        lambda: store.sealed("x"),
        lambda: store.exchanging("x", {}),
        lambda: grants.keep("x"),
        lambda: store.attach("x", Holder(HolderKind.KEPT, "k")),
        lambda: store.drain("x"),
        lambda: store.lost("x", "why"),
        lambda: store.close("x", "why"),
        lambda: store.lease("x", "owner", 5),
        lambda: store.lease("x", "owner", 5, to=S.REVOKING),
    ):
        with pytest.raises(GrantUnknown):
            ask()
    assert store.rewrap("x", old="a", new="b") is False


# What the provider ends together.


def test_rule_4_no_consent_is_asked_for_while_the_same_access_is_being_ended(grants: Granting) -> None:
    grants.revoking()
    with pytest.raises(GrantDying):
        grants.intent()
    assert grants.intent(account="another")
    assert grants.intent(provider="dropbox")


def test_rule_4_nor_before_the_end_is_proven(grants: Granting) -> None:
    """A revocation "might take some time": whoever consents before its proof may lose it again."""
    _, lease = grants.revoked()
    with pytest.raises(GrantDying):
        grants.intent()
    grants.store.erase(lease)
    assert grants.state(grants.live()) is S.LIVE


def test_tokens_that_came_while_the_radius_was_ended_are_ended_too(grants: Granting) -> None:
    """Begun under another name of the account, the intent could not know."""
    old = grants.draining()
    new = grants.exchanging(account="other name")
    grants.strike(old)
    kept = grants.keep(new)
    assert (kept.state, kept.holders) == (S.REVOKING, ())
    assert grants.store.sealed(new)[1]["refresh_token"] == b"sealed refresh", "kept, so that they can be given back"
    assert new in {grant.id for grant in grants.store.owed()}
    grants.sound()


def test_also_when_the_end_was_over_before_the_tokens_came(grants: Granting) -> None:
    new = grants.exchanging(account="other name")
    grants.bring(S.ERASED)
    assert grants.keep(new).state is S.REVOKING


@pytest.mark.parametrize("jump", [0.0, -600.0, -86_400.0, 86_400.0])
def test_a_consent_begun_after_the_end_is_not_touched_by_it(jump: float, grants: Granting) -> None:
    """Whatever the clock does in between."""
    grants.bring(S.ERASED)
    grants.skew = jump
    assert grants.state(grants.live()) is S.LIVE


@pytest.mark.parametrize(
    "other",
    [
        {"subject": "eva"},
        {"project": "q"},
        {"tenant": "t"},
        {"provider": "googlish"},
        {"radius": Radius.AUTHORIZATION},
    ],
    ids=lambda other: next(iter(other)),
)
def test_the_end_of_one_radius_is_nothing_to_another(other: dict[str, str], grants: Granting) -> None:
    given = {"account": "other name"} | {key: value for key, value in other.items() if key != "subject"}
    new = grants.exchanging(**given)
    grants.revoking()
    assert grants.keep(new, other.get("subject", "ana")).state is S.LIVE


def test_a_project_learned_with_the_tokens_counts(grants: Granting) -> None:
    new = grants.exchanging(account="other name", project="")
    grants.revoking()
    assert grants.keep(new, project="p").state is S.REVOKING


def test_without_a_subject_the_account_tells_whose_grants_end_together(grants: Granting) -> None:
    first = grants.live(None)
    second = grants.exchanging()
    grants.store.drain(first)
    grants.strike(first)
    assert grants.store.get(first).subject == "account:home"
    assert grants.keep(second, None).state is S.REVOKING


def test_the_sealed_bytes_come_back_as_they_were(grants: Granting) -> None:
    every = bytes(range(256))
    name = grants.intent(sealed={"verifier": every, "empty": b""})
    assert grants.store.sealed(name)[1] == {"verifier": every, "empty": b""}


def test_names_of_people_may_be_anything(grants: Granting) -> None:
    odd = "Ana \u00e9\U0001f600 'or 1=1 --"
    name = grants.live(account=odd, subject=odd)
    assert grants.store.get(name).account == odd
    assert [grant.id for grant in grants.store.of_account(odd)] == [name]
    grants.intent(account="half \ud800 and \x00")


def test_jobs_are_offered_live_grants_first_and_the_newest_of_them(grants: Granting) -> None:
    old, new = grants.live(), grants.live()
    draining, waiting = grants.draining(), grants.intent()
    assert [grant.id for grant in grants.store.of_account("home")] == [new, old, draining, waiting]
    assert grants.store.of_account("another") == []
    assert grants.store.of_account("home", tenant="another") == []
