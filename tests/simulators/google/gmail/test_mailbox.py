"""A mailbox behaves like a plain dictionary of messages, whatever is done to it, and holds only what was done."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass, field
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.google.gmail.labels_api import messages, threads
from simulators.google.mail import labels as names
from simulators.google.mail.mailbox import Mailbox, said_id
from simulators.identity.model import Clock

SIZE = 530
LABELS = (names.INBOX, names.STARRED, names.UNREAD, names.TRASH, "Label_2")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["arrive", "answer", "delete", "add", "remove", "trash"]),
        st.integers(0, SIZE + 20),
        st.sampled_from(LABELS),
    ),
    max_size=25,
)
SETS = st.frozensets(st.sampled_from(LABELS), max_size=2)


@dataclass
class Model:
    """The labels and the thread of each message that is there, by number."""

    labels: dict[int, frozenset[str]] = field(default_factory=dict)
    threads: dict[int, int] = field(default_factory=dict)


def _begin() -> tuple[Mailbox, Model]:
    box, model = Mailbox("ana@example.org", Clock(), size=SIZE, seed=9), Model()
    for number in range(SIZE):
        row = box.computed(number)
        model.labels[number], model.threads[number] = row.labels, row.thread
    return box, model


def _step(box: Mailbox, model: Model, what: str, number: int, label: str) -> None:
    if what == "arrive" or (what == "answer" and number not in model.labels):
        new = box.number(box.arrive(b"Subject: x\r\n\r\ny\r\n", add=[label]))
        assert new is not None
        model.labels[new], model.threads[new] = frozenset({label}), new
    elif number not in model.labels:
        with pytest.raises(KeyError):
            box.delete(box.id(number))
    elif what == "answer":
        new = box.number(box.arrive(b"Subject: x\r\n\r\ny\r\n", add=[label], thread=box.id(number)))
        assert new is not None
        model.labels[new], model.threads[new] = frozenset({label}), model.threads[number]
    elif what == "delete":
        box.delete(box.id(number))
        del model.labels[number]
    elif what == "trash":
        box.trash(box.id(number))
        model.labels[number] = model.labels[number] - {names.INBOX, names.SPAM} | {names.TRASH}
    else:
        added = what == "add"
        box.relabel(box.id(number), add=[label] if added else [], remove=[] if added else [label])
        model.labels[number] = model.labels[number] | {label} if added else model.labels[number] - {label}


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, every=SETS, none=SETS)
def test_it_lists_what_a_dictionary_would(
    steps: list[tuple[str, int, str]], every: frozenset[str], none: frozenset[str]
) -> None:
    box, model = _begin()
    for step in steps:
        _step(box, model, *step)
    fitting = [n for n in sorted(model.labels, reverse=True) if every <= model.labels[n] and not none & model.labels[n]]
    assert [row.number for row in box.rows(every, none)] == fitting
    assert {n: row.labels for n in range(box.below) if (row := box.row(n)) is not None} == model.labels
    middle = fitting[len(fitting) // 2] if fitting else 0
    assert [row.number for row in box.rows(every, none, below=middle)] == [n for n in fitting if n < middle]


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, every=SETS)
def test_it_counts_what_a_dictionary_would(steps: list[tuple[str, int, str]], every: frozenset[str]) -> None:
    box, model = _begin()
    for step in steps:
        _step(box, model, *step)
    fitting = [number for number, has in model.labels.items() if every <= has]
    assert messages(box, every) == len(fitting)
    assert threads(box, every) == len({model.threads[number] for number in fitting})


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_threads_hold_what_a_dictionary_would(steps: list[tuple[str, int, str]]) -> None:
    box, model = _begin()
    for step in steps:
        _step(box, model, *step)
    for root in {model.threads[number] for number in model.labels}:
        assert [row.number for row in box.thread(root)] == [n for n in sorted(model.labels) if model.threads[n] == root]


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, since=st.integers(0, 25))
def test_history_leads_from_one_state_to_the_next(steps: list[tuple[str, int, str]], since: int) -> None:
    box, model = _begin()
    for step in steps[:since]:
        _step(box, model, *step)
    copy, start = dict(model.labels), box.log.newest
    for step in steps[since:]:
        _step(box, model, *step)
    for record in box.log.since(start, 1000):
        if record.kind == "messageDeleted":
            assert copy.pop(record.number) == record.labels
        elif record.kind == "messageAdded":
            assert record.number not in copy
            copy[record.number] = record.labels
        elif record.kind == "labelAdded":
            copy[record.number] |= record.changed
        else:
            copy[record.number] -= record.changed
        assert copy.get(record.number, record.labels) == record.labels
    assert copy == model.labels


@given(number=st.integers(0, 10**6 - 1))
def test_an_id_stands_for_its_message(number: int) -> None:
    box = Mailbox("ana@example.org", Clock(), size=10**6)
    said = box.id(number)
    assert len(said) == 16
    assert int(said, 16) < 2**63
    assert box.number(said) == number
    assert box.number(said.upper()) == number


@given(value=st.integers(0, 2**63 - 1))
def test_another_id_stands_for_nothing(value: int) -> None:
    box = Mailbox("ana@example.org", Clock(), size=1000)
    found = box.number(f"{value:x}")
    assert found is None or box.id(found) == f"{value:x}"


def test_ids_differ_between_seeds_and_are_no_numbers_in_a_row() -> None:
    one, two = Mailbox("a@b.c", Clock(), size=9, seed=1), Mailbox("a@b.c", Clock(), size=9, seed=2)
    assert not {one.id(n) for n in range(9)} & {two.id(n) for n in range(9)}
    assert [one.id(n) for n in range(9)] != sorted(one.id(n) for n in range(9))


def test_the_same_seed_gives_the_same_mailbox() -> None:
    one, two = Mailbox("a@b.c", Clock(), size=600, seed=5), Mailbox("a@b.c", Clock(), size=600, seed=5)
    for number in range(0, 600, 13):
        assert one.row(number) == two.row(number)
        assert one.body(number).whole() == two.body(number).whole()
        assert one.date(number) == two.date(number)
    assert one.labels == two.labels


def test_what_arrives_keeps_its_bytes_and_its_date() -> None:
    box = Mailbox("ana@example.org", Clock(), size=5)
    number = box.number(box.arrive(b"\xff\0no mail at all", date=-5))
    assert number == 5
    assert (box.body(5).whole(), box.date(5), box.kind(5)) == (b"\xff\0no mail at all", -5, "")
    now = box.clock.now() * 1000
    later = box.number(box.arrive())
    assert later is not None
    assert abs(box.date(later) - now) < 60_000


@pytest.mark.parametrize("kind", ["nul", "empty", "twin", "nested-10000"])
def test_an_awkward_one_can_arrive(kind: str) -> None:
    box = Mailbox("ana@example.org", Clock(), size=5)
    box.arrive(kind=kind)
    assert box.body(5) == box.body(5)
    with pytest.raises(KeyError):
        box.arrive(kind="no such kind")


def test_an_answer_joins_the_thread_and_says_so() -> None:
    box = Mailbox("ana@example.org", Clock(), size=5)
    first = box.arrive()
    second = box.number(box.arrive(thread=first))
    assert second is not None
    row = box.row(second)
    assert row is not None
    assert box.id(row.thread) == first
    assert b"\r\nIn-Reply-To: <5.1@letters.example.org>\r\n" in box.body(second).whole()
    with pytest.raises(KeyError):
        box.arrive(thread="1")


def test_a_message_is_found_by_its_message_id_also_if_it_is_not_the_only_one(letters: Mailbox) -> None:
    """Case of mail: the same Message-ID on messages with different bodies."""
    number = next(n for n in range(letters.size) if letters.kind(n) == "twin")
    said = said_id(letters.body(number))
    assert letters.with_message_id(said) == [number - 1, number]
    assert letters.with_message_id("nobody@example.org") == []
    box = Mailbox("ana@example.org", Clock(), size=5)
    twice = [box.number(box.arrive(b"Message-Id: <Me@x>\r\n\r\n" + each)) for each in (b"one", b"two")]
    assert box.with_message_id("Me@x") == twice


def test_without_a_message_id_there_is_none(letters: Mailbox) -> None:
    for kind in ("no-message-id", "only-body"):
        number = next(n for n in range(letters.size) if letters.kind(n) == kind)
        assert said_id(letters.body(number)) == ""
        assert letters.with_message_id(f"{number}.{letters.seed}@letters.example.org") == []


def test_a_draft_has_another_message_after_each_edit_and_the_same_id() -> None:
    box = Mailbox("ana@example.org", Clock(), size=5)
    draft = box.draft(b"Subject: one\r\n\r\n")
    first = box.draft_number(draft)
    assert first == 5
    messages_of = [box.edit_draft(draft, b"Subject: %d\r\n\r\n" % number) for number in range(3)]
    assert len(set(messages_of)) == 3
    assert next(box.rows(frozenset({names.DRAFT}))).number == box.number(messages_of[-1])
    assert box.draft_number(draft) == 5
    with pytest.raises(KeyError):
        box.edit_draft("r1")
    assert box.draft_number("x" * 40) is None


def test_labels_are_made_renamed_and_deleted() -> None:
    box = Mailbox("ana@example.org", Clock(), size=SIZE)
    label = box.add_label("New/Sub", color={"textColor": "#ffffff", "backgroundColor": "#000000"})
    assert box.labels[label]["name"] == "New/Sub"
    message = box.arrive(add=[label, names.INBOX])
    box.rename_label(label, "Newer")
    assert box.labels[label]["name"] == "Newer"
    box.delete_label(label)
    row = box.row(SIZE)
    assert row is not None
    assert row.labels == {names.INBOX}
    assert label not in box.labels
    assert box.number(message) == SIZE
    for change in (box.delete_label, lambda each: box.rename_label(each, "x")):
        with pytest.raises(KeyError):
            change(label)


def test_a_label_of_many_messages_leaves_them_all_or_stays_without_a_name() -> None:
    """gauteh/lieer#48: messages have a label that labels.list does not know."""
    box = Mailbox("ana@example.org", Clock(), size=SIZE)
    label = "Label_2"
    had = [row.number for row in box.rows(frozenset({label}))]
    assert had
    start = box.log.newest
    box.delete_label(label, leave=True)
    assert [row.number for row in box.rows(frozenset({label}))] == had
    assert box.log.newest == start
    other = next(each for each in box.labels if each.startswith("Label_"))
    count = messages(box, frozenset({other}))
    box.delete_label(other)
    assert list(box.rows(frozenset({other}))) == []
    assert len(box.log.since(start, 1000)) == count


def test_names_of_labels_are_hostile_and_differ() -> None:
    drawn = names.drawn(60, seed=1)
    own = [each for each in drawn.values() if each["type"] == "user"]
    assert len({each["name"] for each in own}) == 60
    assert {"../../etc/passwd", "[Gmail]/Important", "No parent/Child"} <= {each["name"] for each in own}
    assert "No parent" not in {each["name"] for each in own}
    assert all(len(each["name"]) <= names.LONGEST for each in own)
    assert len(names.drawn(names.MOST - len(names.SYSTEM), seed=1)) == names.MOST, "10,000 labels"


@pytest.mark.parametrize("size", [10_000, 1_000_000])
def test_ten_thousand_messages_need_as_little_as_a_million(size: int) -> None:
    tracemalloc.start()
    try:
        box = Mailbox("ana@example.org", Clock(), size=size)
        for row in islice(box.rows(), 2000):
            assert box.body(row.number).size >= 0
        assert messages(box, frozenset()) == size
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000


def test_all_ids_of_a_million_messages_are_walked_in_flat_memory() -> None:
    """Numbers: 1,000,000 ids, of which 8 of 1,000 are in one label, looked at without a look at the others."""
    box = Mailbox("ana@example.org", Clock(), size=1_000_000)
    tracemalloc.start()
    try:
        found = sum(1 for _ in box.rows(frozenset({names.STARRED})))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == messages(box, frozenset({names.STARRED})) > 10_000
    assert peak < 200_000
