"""What repeats is found without a look at what does not have it, and counted without counting."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.google.mail import labels as names
from simulators.google.mail.awkward import KINDS, kind_at
from simulators.google.mail.cycle import LENGTH, NONE, Cycle

OWN = ("Label_1", "Label_2", "Label_3")
CYCLE = Cycle(OWN, seed=3)
LABELS = st.frozensets(st.sampled_from([names.INBOX, names.UNREAD, names.TRASH, names.SPAM, *OWN]), max_size=2)
SIZES = st.integers(0, 3 * LENGTH + 7)


def _has(number: int) -> frozenset[str]:
    return CYCLE.labels[number % LENGTH]


@given(size=SIZES, every=LABELS, none=LABELS)
def test_those_with_labels_are_those_one_finds_by_looking_at_all(
    size: int, every: frozenset[str], none: frozenset[str]
) -> None:
    looked = [n for n in range(size - 1, -1, -1) if every <= _has(n) and not none & _has(n)]
    assert list(CYCLE.backwards(size, every, none)) == looked
    assert CYCLE.count(size, every, none) == len(looked)


@given(size=SIZES, every=LABELS)
def test_threads_are_counted_as_by_looking_at_all(size: int, every: frozenset[str]) -> None:
    assert CYCLE.threads(size, every) == len({CYCLE.thread(n) for n in range(size) if every <= _has(n)})


@given(number=st.integers(0, 10**9), size=st.integers(1, 10**9))
def test_a_message_is_among_the_members_of_its_thread(number: int, size: int) -> None:
    root = CYCLE.thread(number)
    assert root <= number
    assert CYCLE.thread(root) == root
    members = CYCLE.thread_members(root, size)
    assert (number in members) == (number < size)
    assert members == sorted(members)
    assert all(CYCLE.thread(each) == root for each in members)


def test_every_label_is_used_and_every_place() -> None:
    used = Counter(label for has in CYCLE.labels for label in has)
    assert set(used) == {*names.SYSTEM, *OWN}
    assert used[names.INBOX] > used[names.SENT] > used[names.DRAFT] > 0


def test_a_message_lies_in_one_place() -> None:
    places = {names.INBOX, names.SENT, names.DRAFT, names.SPAM, names.TRASH, names.CHAT}
    assert all(len(places & has) <= 1 for has in CYCLE.labels)
    assert any(not places & has for has in CYCLE.labels), "some are archived"


def test_drafts_and_chats_have_no_other_label_and_are_never_awkward() -> None:
    for position, has in enumerate(CYCLE.labels):
        if has & {names.DRAFT, names.CHAT}:
            assert len(has) == 1
            assert kind_at(position) == ""


def test_a_chat_is_a_thread_of_its_own() -> None:
    chats = [at for at, has in enumerate(CYCLE.labels) if names.CHAT in has]
    assert chats
    assert all(CYCLE.thread_members(at, LENGTH) == [at] for at in chats)


def test_some_threads_have_several_messages_and_labels_differ_within() -> None:
    """users.messages.list: "Messages in a thread might have labels that other messages in the same thread don't"."""
    long = [members for members in CYCLE.members.values() if len(members) > 2]
    assert len(long) > 20
    assert any(len({CYCLE.labels[at] for at in members}) > 1 for members in long)


def test_the_same_seed_gives_the_same_cycle() -> None:
    again, other = Cycle(OWN, seed=3), Cycle(OWN, seed=4)
    assert (again.labels, again.roots) == (CYCLE.labels, CYCLE.roots)
    assert other.labels != CYCLE.labels


def test_without_labels_of_ones_own_there_are_only_gmails() -> None:
    assert {label for has in Cycle((), seed=1).labels for label in has} <= set(names.SYSTEM)


def test_each_awkward_kind_stands_once_in_a_cycle() -> None:
    found = [kind_at(position) for position in range(LENGTH)]
    assert [kind for kind in found if kind] == list(KINDS)


@pytest.mark.parametrize("size", [10**4, 10**6, 10**9])
def test_a_page_of_any_mailbox_needs_little_memory(size: int) -> None:
    cycle = Cycle(OWN, seed=1)
    tracemalloc.start()
    try:
        found = list(islice(cycle.backwards(size, frozenset({OWN[0]}), NONE), 500))
        cycle.count(size, frozenset({OWN[0]}))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found) == 500
    assert peak < 100_000
