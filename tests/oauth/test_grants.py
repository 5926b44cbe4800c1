"""The states of a grant: what may follow what, pair by pair."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth.grants import OUTSTANDING, OVER, TRANSITIONS, USABLE, GrantState, leading_to, may_follow, new_id

S = GrantState
ALLOWED = {
    (S.INTENT, S.EXCHANGING),
    (S.INTENT, S.CLOSED),
    (S.EXCHANGING, S.LIVE),
    (S.EXCHANGING, S.CLOSED),
    (S.EXCHANGING, S.ESCALATED),
    (S.LIVE, S.DRAINING),
    (S.LIVE, S.LOST),
    (S.DRAINING, S.LIVE),
    (S.DRAINING, S.REVOKING),
    (S.DRAINING, S.LOST),
    (S.REVOKING, S.REVOKED),
    (S.REVOKING, S.MANUAL),
    (S.REVOKING, S.ESCALATED),
    (S.REVOKED, S.ERASED),
    (S.REVOKED, S.REVOKING),
    (S.LOST, S.ERASED),
    (S.MANUAL, S.ERASED),
    (S.ESCALATED, S.REVOKING),
    (S.ESCALATED, S.ERASED),
}
PAIRS = [(before, after) for before in GrantState for after in GrantState]


@pytest.mark.parametrize(("before", "after"), PAIRS, ids=lambda state: state.value)
def test_every_pair_of_states(before: GrantState, after: GrantState) -> None:
    assert may_follow(before, after) is ((before, after) in ALLOWED)
    assert (before in leading_to(after)) is ((before, after) in ALLOWED)


def test_every_state_has_its_row() -> None:
    assert set(TRANSITIONS) == set(GrantState)


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        TRANSITIONS[S.ERASED] = frozenset({S.LIVE})  # type: ignore[index]  # that it is refused is the point


def test_nothing_follows_what_is_over() -> None:
    assert {state for state in GrantState if not TRANSITIONS[state]} == OVER


def test_everything_comes_to_an_end() -> None:
    """From each state the end can be reached: no grant is stuck by the rules."""
    reached, before = set(OVER), set[GrantState]()
    while reached != before:
        before = set(reached)
        reached |= {state for state in GrantState if TRANSITIONS[state] & reached}
    assert reached == set(GrantState)


def test_no_way_leads_from_the_end_of_access_back_into_use() -> None:
    """Once the provider was asked to end it, no grant is ever used again."""
    reached, before = {S.REVOKING}, set[GrantState]()
    while reached != before:
        before = set(reached)
        reached |= {after for state in reached for after in TRANSITIONS[state]}
    assert reached == {S.REVOKING, S.REVOKED, S.MANUAL, S.ESCALATED, S.ERASED}
    assert not reached & USABLE


def test_secrets_are_destroyed_after_proof_only() -> None:
    assert set(leading_to(S.ERASED)) == {S.REVOKED, S.MANUAL, S.LOST, S.ESCALATED}


def test_what_is_outstanding_is_neither_used_nor_over() -> None:
    assert {S.DRAINING, S.REVOKING, S.ESCALATED} == OUTSTANDING
    assert not OUTSTANDING & OVER


@given(st.data())
def test_no_walk_revokes_what_is_held(data: st.DataObject) -> None:
    """Whatever way is taken, between the last use and REVOKING stands DRAINING, and no use comes after."""
    walk = [S.INTENT]
    while TRANSITIONS[walk[-1]] and len(walk) < 20:
        walk.append(data.draw(st.sampled_from(sorted(TRANSITIONS[walk[-1]]))))
    for before, after in pairwise(walk):
        assert (after is S.REVOKING) <= (before in {S.DRAINING, S.REVOKED, S.ESCALATED})
    if S.REVOKING in walk:
        assert not USABLE & set(walk[walk.index(S.REVOKING) :])


def test_ids_are_new_and_fit_the_audit_log() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(name) == 16 and name.isalnum() for name in ids)
