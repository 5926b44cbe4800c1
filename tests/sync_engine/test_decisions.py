"""Decisions made of a few facts: when to try again, what to do next, whether to ask, who holds a lease."""

from __future__ import annotations

import itertools
import os
import string

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from connectors.base import ItemRef
from sync_engine.copying import is_due
from sync_engine.model import ENDED, ItemRow, JobState, Outcome, Presence, Want
from sync_engine.owners import is_dead, own_name
from sync_engine.plan import ONE_WAY, TABLE, Action, Side, Way, decide, seen_from
from sync_engine.safety import MOST_REMOVED, MOST_SHARE, Removal, is_massive
from tests.sync_engine.builders import failed, item

RIGHT_WRITES = {Action.CREATE_RIGHT, Action.UPDATE_RIGHT, Action.REMOVE_RIGHT}


# When a failed item is tried again.


@pytest.mark.parametrize(
    ("attempts", "pause"), [(0, 1), (1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 32), (7, 64), (8, 64), (500, 64)]
)
def test_the_pause_doubles_up_to_64_runs(attempts: int, pause: int) -> None:
    row = failed("a", attempts=attempts, run=100)
    assert not is_due(row, 100 + pause - 1)
    assert is_due(row, 100 + pause)
    assert is_due(row, 100 + pause + 50)


@given(attempts=st.integers(0, 40), last=st.integers(1, 1000), later=st.integers(0, 200))
@settings(max_examples=150, deadline=None)
def test_an_item_that_is_due_stays_due(attempts: int, last: int, later: int) -> None:
    row = failed("a", attempts=attempts, run=last)
    if is_due(row, last + later):
        assert is_due(row, last + later + 1)
    assert not is_due(row, last)
    assert is_due(row, last + 64)


@given(attempts=st.integers(0, 40), last=st.integers(1, 1000), run=st.integers(1, 1200))
@settings(max_examples=150, deadline=None)
def test_more_failures_never_make_it_due_sooner(attempts: int, last: int, run: int) -> None:
    if is_due(failed("a", attempts=attempts + 1, run=last), run):
        assert is_due(failed("a", attempts=attempts, run=last), run)


# What to do with an item.


@pytest.mark.parametrize("way", list(Way))
@pytest.mark.parametrize(("left", "right"), list(itertools.product(Side, Side)))
def test_the_table_is_total_over_what_can_occur(left: Side, right: Side, way: Way) -> None:
    """``NEW`` and ``NONE`` need a base of nothing on both sides; all other pairs have a row."""
    without_base = {Side.NONE, Side.NEW}
    possible = (left in without_base) == (right in without_base)
    assert ((left, right) in TABLE) is possible
    if possible:
        assert decide(left, right, way) in Action
    else:
        with pytest.raises(KeyError):
            decide(left, right, way)


@pytest.mark.parametrize(("left", "right"), list(TABLE))
def test_one_way_does_to_the_right_what_two_way_does_or_less(left: Side, right: Side) -> None:
    one, two = decide(left, right), decide(left, right, Way.BOTH)
    if two in RIGHT_WRITES:
        assert one is two
    elif one in RIGHT_WRITES:
        assert (left, right) == (Side.SAME, Side.GONE), "the copy that somebody deleted is made again"
    assert (one is two) is ((left, right) not in ONE_WAY or TABLE[left, right] is ONE_WAY[left, right])


@pytest.mark.parametrize(("left", "right"), list(TABLE))
def test_doubt_on_either_side_never_removes_or_overwrites(left: Side, right: Side) -> None:
    if Side.UNSURE in {left, right}:
        assert decide(left, right, Way.BOTH) is Action.LOOK
        assert decide(left, right) in {Action.LOOK, Action.NOTHING}


BASES = st.none() | st.builds(
    ItemRow,
    id=st.just("a"),
    revision=st.none() | st.sampled_from(["1", "2", ""]),
    target_id=st.none() | st.just("t"),
    outcome=st.sampled_from(Outcome),
    presence=st.sampled_from(Presence),
    attempts=st.integers(0, 3),
)
REFS = st.none() | st.builds(ItemRef, st.just("a"), st.none() | st.sampled_from(["1", "2", ""]))


@given(base=BASES, ref=REFS)
@settings(max_examples=300, deadline=None)
def test_every_base_and_listing_lead_to_an_action(base: ItemRow | None, ref: ItemRef | None) -> None:
    left = seen_from(base, ref)
    copied = base is not None and base.target_id is not None
    action = decide(left, Side.SAME if copied else Side.NONE)
    assert (action is Action.REMOVE_RIGHT) is (copied and ref is None)
    assert (action is Action.CREATE_RIGHT) is (ref is not None and not copied)
    if action in {Action.NOTHING, Action.UPDATE_RIGHT}:
        assert base is not None
        assert ref is not None
        assert (base.revision == ref.revision) is (action is Action.NOTHING)


@given(base=BASES, revision=st.none() | st.sampled_from(["1", "2", ""]))
@settings(max_examples=150, deadline=None)
def test_what_is_listed_is_never_gone(base: ItemRow | None, revision: str | None) -> None:
    assert seen_from(base, ItemRef("a", revision)) not in {Side.GONE, Side.NONE}


# Whether to ask before removing.


@given(gone=st.integers(0, 400), here=st.integers(0, 400))
@settings(max_examples=200, deadline=None)
def test_asked_exactly_beyond_both_bounds(gone: int, here: int) -> None:
    known = gone + here
    assert is_massive(Removal("x", gone, known)) is (gone > 10 and gone * 4 > known)


@given(known=st.integers(1, 10_000))
@settings(max_examples=150, deadline=None)
def test_the_largest_removal_without_a_question(known: int) -> None:
    """It is a quarter, or ten: whichever is more."""
    most = max(gone for gone in range(known + 1) if not is_massive(Removal("x", gone, known)))
    assert most == max(min(MOST_REMOVED, known), int(known * MOST_SHARE))


@given(gone=st.integers(0, 100), known=st.integers(1, 400), more=st.integers(0, 400))
@settings(max_examples=150, deadline=None)
def test_a_larger_collection_is_asked_about_no_sooner(gone: int, known: int, more: int) -> None:
    assume(gone <= known)
    if is_massive(Removal("x", gone, known + more)):
        assert is_massive(Removal("x", gone, known))


# Who holds a lease.


@given(owner=st.text(max_size=30))
@settings(max_examples=150, deadline=None)
def test_a_name_we_did_not_give_is_never_called_dead(owner: str) -> None:
    assert not is_dead(owner)


@pytest.mark.parametrize("number", ["", "0", "-1", "1.5", "９", "²", "x", " 1", "99999999999999999999999"])
def test_odd_process_numbers_are_never_called_dead_without_proof(number: str) -> None:
    """Only the operating system's word that there is no such process counts."""
    machine = own_name().rsplit(":", 2)[0]
    assert not is_dead(f"{machine}:{number}:abc")


def test_names_say_machine_and_process_and_are_unlike_each_other() -> None:
    names = [own_name() for _ in range(50)]
    assert len(set(names)) == 50
    for name in names:
        machine, process, unique = name.rsplit(":", 2)
        assert process == str(os.getpid())
        assert set(unique) <= set(string.hexdigits)
        assert machine == names[0].rsplit(":", 2)[0]
        assert not is_dead(name)


def test_another_machine_of_the_same_name_is_another_machine() -> None:
    """Containers share host names; the space of their process numbers tells them apart."""
    machine, space = own_name().rsplit(":", 2)[0].rsplit("/", 1)
    assert not is_dead(f"{machine}/{int(space, 16) + 1:x}:999999:abc")


# States.


def test_states_that_end_are_those_nothing_follows_by_itself() -> None:
    going_on = {JobState.READY, JobState.LEASED, JobState.PAUSED, JobState.NEEDS_USER}
    assert set(JobState) == going_on | ENDED
    assert not going_on & ENDED


@pytest.mark.parametrize("enumeration", [JobState, Want, Outcome, Presence, Side, Action])
def test_words_are_stable_and_plain(enumeration: type[JobState]) -> None:
    """They stand in databases and JSON lines: lower case, no blanks, each once."""
    words = [member.value for member in enumeration]
    assert len(words) == len(set(words))
    assert all(set(word) <= set(string.ascii_lowercase + "_-") for word in words)
    assert item("a").outcome is Outcome.COPIED
