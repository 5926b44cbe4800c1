"""How a grant ends: leases, the journal, the proof, the erasure, and clocks that go back (rules 5, 8, 9, 14)."""

from __future__ import annotations

from pathlib import Path

import pytest

from oauth.errors import GrantGone, GrantLeaseLost, GrantStateWrong
from oauth.grants import GrantState, Holder, HolderKind, may_follow
from sync_engine.database import Database
from tests.sync_engine.builders import execute
from tests.sync_engine.granting import Granting

S = GrantState
DAY = 86_400.0


# Leases.


def test_rule_5_one_reaper_at_a_time(grants: Granting) -> None:
    name, lease = grants.revoking()
    assert grants.store.lease(name, "another", 60) is None
    assert grants.store.owed() == []
    grants.store.give_back(lease)
    assert [grant.id for grant in grants.store.owed()] == [name]
    assert grants.store.lease(name, "another", 60) is not None


def test_rule_5_a_lease_runs_out_and_is_fenced(grants: Granting) -> None:
    name, old = grants.revoking()
    grants.skew = 61
    heir = grants.store.lease(name, "heir", 60)
    assert heir is not None
    assert heir.token == old.token + 1
    for step in (
        lambda: grants.store.record(old, state=S.REVOKED),
        lambda: grants.store.renew(old, 60),
        lambda: grants.store.refreshed(old, sealed={"access_token": b"late"}, expires_at=None),
        lambda: grants.store.erase(old),
    ):
        with pytest.raises(GrantLeaseLost) as lost:
            step()
        assert lost.value.token == old.token
    grants.store.give_back(old)
    grants.store.record(heir, last_error="still mine")
    assert grants.store.sealed(name)[1]["access_token"] == b"sealed access"


def test_a_lease_is_renewed(grants: Granting) -> None:
    name, lease = grants.revoking()
    grants.skew = 50
    grants.store.renew(lease, 60)
    grants.skew = 100
    assert grants.store.lease(name, "another", 60) is None


def test_a_dead_reapers_lease_runs_out_at_once(grants: Granting) -> None:
    name, _ = grants.revoking()
    assert grants.store.expire(lambda owner: owner == "another") == 0
    assert grants.store.expire(lambda owner: owner == "reaper") == 1
    assert [grant.id for grant in grants.store.owed()] == [name]


def test_a_grant_being_refreshed_is_not_ended(grants: Granting) -> None:
    """The reaper waits until the rotated token is kept: it is the one that has to be given back."""
    name = grants.live()
    refresher = grants.store.lease(name, "refresher", 60)
    assert refresher is not None
    grants.store.drain(name)
    assert grants.store.lease(name, "reaper", 60, to=S.REVOKING) is None
    assert grants.state(name) is S.DRAINING
    grants.store.refreshed(refresher, sealed={"refresh_token": b"rotated"}, expires_at=7.0)
    grants.store.give_back(refresher)
    grants.strike(name)
    assert grants.store.sealed(name)[1]["refresh_token"] == b"rotated"


@pytest.mark.parametrize("state", [S.ERASED, S.CLOSED])
def test_what_is_over_is_leased_by_nobody(state: GrantState, grants: Granting) -> None:
    name = grants.bring(state)
    assert grants.store.lease(name, "reaper", 60) is None


@pytest.mark.parametrize("state", list(GrantState), ids=str)
def test_the_end_begins_only_where_it_may(state: GrantState, grants: Granting) -> None:
    name = grants.bring(state)
    lease = grants.store.lease(name, "another", 60, to=S.REVOKING)
    allowed = may_follow(state, S.REVOKING) or state is S.REVOKING
    assert (lease is not None) is allowed
    assert grants.state(name) is (S.REVOKING if allowed else state)


def test_no_other_state_is_entered_with_the_lease(grants: Granting) -> None:
    with pytest.raises(ValueError, match="REVOKING"):
        grants.store.lease(grants.live(), "reaper", 60, to=S.ERASED)


# The journal.


@pytest.mark.parametrize("before", [s for s in GrantState if s not in {S.ERASED, S.CLOSED}], ids=str)
@pytest.mark.parametrize("after", [S.REVOKED, S.MANUAL, S.ESCALATED], ids=str)
def test_every_step_of_the_journal_is_one_of_the_table(before: GrantState, after: GrantState, grants: Granting) -> None:
    name = grants.bring(before)
    grants.skew = 1000
    lease = grants.store.lease(name, "reaper", 60)
    assert lease is not None
    if may_follow(before, after):
        assert grants.store.record(lease, state=after).state is after
        return
    with pytest.raises(GrantStateWrong):
        grants.store.record(lease, state=after, last_error="nothing of this is written", attempts=77)
    found = grants.store.get(name)
    assert (found.state, found.attempts) == (before, 0)
    assert found.last_error != "nothing of this is written"


@pytest.mark.parametrize("state", [s for s in GrantState if s not in {S.REVOKED, S.MANUAL, S.ESCALATED}], ids=str)
def test_the_other_steps_have_ways_of_their_own(state: GrantState, grants: Granting) -> None:
    name, lease = grants.revoking()
    with pytest.raises(ValueError, match="of its own"):
        grants.store.record(lease, state=state)
    assert grants.state(name) is S.REVOKING


def test_rule_9_the_journal_says_when_to_try_again(grants: Granting) -> None:
    name, lease = grants.revoking()
    found = grants.store.record(lease, attempts=3, wait=500, last_error="503", answer="503", deadline=7 * DAY)
    grants.store.give_back(lease)
    assert (found.attempts, found.last_error, found.answer) == (3, "503", "503")
    assert found.deadline == pytest.approx(grants.store.now() + 7 * DAY, abs=30)
    grants.skew = 490
    assert grants.store.owed() == []
    grants.skew = 510
    assert [grant.id for grant in grants.store.owed()] == [name]


def test_what_is_not_named_stays(grants: Granting) -> None:
    _, lease = grants.revoking()
    grants.store.record(lease, attempts=2, last_error="503", answer="503", deadline=50)
    before = grants.store.get(lease.grant_id)
    after = grants.store.record(lease, verified=False)
    assert (after.attempts, after.last_error, after.answer) == (2, "503", "503")
    assert after.deadline == before.deadline


def test_the_provider_s_word_is_dated(grants: Granting) -> None:
    name, _ = grants.revoked()
    found = grants.store.get(name)
    assert (found.answer, found.verified) == ("200", False)
    assert found.owed_at is not None
    assert found.revoked_at is not None
    assert found.owed_at <= found.revoked_at


def test_the_longest_due_comes_first(grants: Granting) -> None:
    names = [grants.bring(S.REVOKING, account=f"{n}") for n in range(2)]
    names.insert(0, grants.draining("eva", account="eva"))
    for number, name in enumerate(names):
        execute(grants.database, "update grants set next_at = :at where id = :id", at=float(-number), id=name)
    assert [grant.id for grant in grants.store.owed()] == names[::-1]
    assert [grant.id for grant in grants.store.owed(limit=1)] == names[-1:]


def test_back_to_revoking_keeps_the_deadline(grants: Granting) -> None:
    name, lease = grants.revoking()
    deadline = grants.store.record(lease, deadline=DAY).deadline
    grants.store.record(lease, state=S.REVOKED, answer="200")
    grants.store.give_back(lease)
    grants.strike(name)
    assert grants.store.get(name).deadline == deadline


def test_a_person_s_wish_gives_an_escalated_grant_a_new_deadline(grants: Granting) -> None:
    name, lease = grants.revoking()
    grants.store.record(lease, deadline=-1)
    grants.store.record(lease, state=S.ESCALATED, wait=30 * DAY)
    grants.store.give_back(lease)
    assert grants.store.owed() == []
    grants.strike(name)
    assert grants.store.get(name).deadline is None


def test_a_revoked_grant_is_not_asked_about_again_while_a_sibling_is_used(grants: Granting) -> None:
    name, lease = grants.revoked()
    grants.store.give_back(lease)
    other = grants.exchanging(account="other")
    execute(grants.database, "update grants set struck_at = null where id = :id", id=name)
    grants.keep(other)
    assert grants.store.lease(name, "reaper", 60, to=S.REVOKING) is None


# Erasing.


@pytest.mark.parametrize("state", [S.REVOKED, S.MANUAL, S.LOST, S.ESCALATED], ids=str)
def test_rule_8_secrets_are_destroyed_with_their_key(state: GrantState, grants: Granting) -> None:
    name = grants.bring(state)
    lease = grants.store.lease(name, "reaper", 60)
    assert lease is not None
    erased = grants.store.erase(lease, "kept long enough")
    assert (erased.state, erased.data_key, erased.last_error) == (S.ERASED, None, "kept long enough")
    assert grants.store.sealed(name) == (None, {})
    grants.sound()


@pytest.mark.parametrize("state", [S.INTENT, S.EXCHANGING, S.LIVE, S.DRAINING, S.REVOKING], ids=str)
def test_rule_8_and_not_before_the_end_is_known(state: GrantState, grants: Granting) -> None:
    name = grants.bring(state)
    grants.skew = 1000
    lease = grants.store.lease(name, "another", 60)
    assert lease is not None
    with pytest.raises(GrantStateWrong):
        grants.store.erase(lease)
    assert grants.store.sealed(name)[0] == f"wrapped-{name}"


def test_no_refresh_comes_back_after_the_erasure(grants: Granting) -> None:
    _, lease = grants.revoked()
    execute(grants.database, "update grants set data_key = null")
    with pytest.raises(GrantGone):
        grants.store.refreshed(lease, sealed={"access_token": b"x"}, expires_at=None)


def test_rewrapping_replaces_the_key_it_knows(grants: Granting) -> None:
    name = grants.live()
    assert not grants.store.rewrap(name, old="another", new="new")
    assert grants.store.rewrap(name, old=f"wrapped-{name}", new="new")
    assert grants.store.sealed(name)[0] == "new"


def test_nothing_of_a_key_stays_in_the_file(tmp_path: Path) -> None:
    """Deleted cells are zeroed, and the journal is emptied: a backup made now holds no key."""
    database = Database.open(f"sqlite:///{tmp_path / 'state.db'}")
    grants = Granting(database)
    for number in range(40):
        key = f"CANARY-KEY-{number:03}-" + "k" * 100
        name = grants.intent(
            account=f"{number}",
            data_key=key,
            sealed={"verifier": f"CANARY-SEALED-{number}".encode() * 30, "state": b"x" * 50},
        )
        grants.store.exchanging(name, {"code": b"CANARY-CODE" * 20})
        grants.keep(name, f"person {number}")
        lease = grants.store.lease(name, "refresher", 60)
        assert lease is not None
        grants.store.refreshed(lease, sealed={"refresh_token": b"CANARY-ROTATED" * 40}, expires_at=1.0)
        grants.store.give_back(lease)
    during = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert during.count(b"CANARY-KEY") >= 40, "the test would see them"
    for name in [f"g{number}" for number in range(1, 41)]:
        grants.store.drain(name)
        lease = grants.strike(name)
        grants.store.record(lease, state=S.REVOKED)
        grants.store.erase(lease)
    after = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert [
        word for word in (b"CANARY-KEY", b"CANARY-SEALED", b"CANARY-CODE", b"CANARY-ROTATED") if word in after
    ] == []
    database.close()


def test_what_is_kept_survives_a_power_cut(tmp_path: Path) -> None:
    """Durable transactions sync the journal; the connection goes back to the cheap way afterwards."""
    database = Database.open(f"sqlite:///{tmp_path / 'state.db'}")
    with database.write(durable=True) as connection:
        assert connection.exec_driver_sql("pragma synchronous").scalar() == 2
    with database.write() as connection:
        assert connection.exec_driver_sql("pragma synchronous").scalar() == 1
    with pytest.raises(ZeroDivisionError), database.write(durable=True):
        raise ZeroDivisionError
    with database.read() as connection:
        assert connection.exec_driver_sql("pragma synchronous").scalar() == 1
    database.close()


# Rule 14: clocks.


@pytest.mark.parametrize("back", [2 * 3600.0, 40 * DAY, 4000 * DAY], ids=["hours", "days", "years"])
def test_rule_14_a_clock_that_goes_back_postpones_by_no_more_than_was_meant(back: float, grants: Granting) -> None:
    name, lease = grants.revoking()
    grants.store.record(lease, wait=3600, deadline=7 * DAY)
    grants.store.give_back(lease)
    grants.skew = -back
    grants.store.tidy()
    found, now = grants.store.get(name), grants.store.now()
    assert found.next_at - now == pytest.approx(3600, abs=30)
    assert (found.deadline or 0) - now == pytest.approx(7 * DAY, abs=30)
    grants.skew = -back + 3700
    assert [grant.id for grant in grants.store.owed()] == [name]


def test_rule_14_holds_end_in_time_too(grants: Granting) -> None:
    name = grants.live()
    grants.store.attach(name, Holder(HolderKind.KEPT, "k", grants.store.now() + 1000))
    grants.skew = -400 * DAY
    assert grants.store.tidy() == []
    grants.skew = -400 * DAY + 1100
    assert grants.store.tidy() == [name]


def test_rule_14_a_lease_taken_before_does_not_last_for_ever(grants: Granting) -> None:
    name, _ = grants.revoking()
    grants.skew = -400 * DAY
    grants.store.tidy()
    assert grants.store.lease(name, "another", 60) is None
    grants.skew = -400 * DAY + 70
    assert grants.store.lease(name, "another", 60) is not None


def test_rule_14_what_is_due_at_once_stays_due(grants: Granting) -> None:
    name = grants.draining()
    grants.skew = -4000 * DAY
    grants.store.tidy()
    assert [grant.id for grant in grants.store.owed()] == [name]


def test_rule_14_an_open_intent_closes_in_time(grants: Granting) -> None:
    name = grants.intent()
    grants.skew = -30 * DAY
    grants.store.tidy()
    assert grants.store.owed() == []
    grants.skew = -30 * DAY + 700
    assert [grant.id for grant in grants.store.owed()] == [name]


def test_rule_14_small_steps_of_a_clock_change_nothing(grants: Granting) -> None:
    """A clock that is being set right by a second must not move every deadline at every look."""
    name, lease = grants.revoking()
    before = grants.store.record(lease, wait=100)
    grants.skew = -0.5
    grants.store.tidy()
    assert grants.store.get(name).next_at == before.next_at


def test_rule_14_also_when_the_journal_is_written_after_the_jump(grants: Granting) -> None:
    _, lease = grants.revoking()
    grants.store.record(lease, deadline=DAY)
    grants.skew = -100 * DAY
    found = grants.store.record(lease, wait=10)
    assert (found.deadline or 0) - grants.store.now() == pytest.approx(DAY, abs=30)
