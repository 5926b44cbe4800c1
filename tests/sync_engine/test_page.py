"""A page made ready: each id in one list, texts storable, counters known."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.model import (
    ItemRow,
    Job,
    JobKind,
    JobSpec,
    JobState,
    Lease,
    Outcome,
    PageCommit,
    Phase,
    Presence,
    Want,
)
from sync_engine.page import page_of
from sync_engine.rows import COUNTERS, ITEM_COLUMNS, item_of, item_values, packed, storable

JOB = Job(
    id="abcd",
    spec=JobSpec(JobKind.BACKUP, "dav:home", "vdir:/x", mirror=True),
    state=JobState.LEASED,
    want=Want.RUN,
    phase=Phase.COPY,
    run=3,
    created_at=0.0,
    started_at=None,
    ended_at=None,
    not_before=0.0,
    allow_deletions=False,
    problem=None,
    learned={},
)
LEASE = Lease(JOB, "ada", 7, 100.0)
IDS = st.lists(st.sampled_from("abcdef"), max_size=8)
ROWS = st.builds(
    ItemRow,
    id=st.text(max_size=5),
    revision=st.none() | st.text(max_size=5),
    digest=st.none() | st.text(max_size=5),
    size=st.none() | st.integers(0, 2**40),
    uid=st.none() | st.text(max_size=5),
    day=st.none() | st.integers(-99999, 99999),
    target_id=st.none() | st.text(max_size=5),
    target_revision=st.none() | st.text(max_size=5),
    target_digest=st.none() | st.text(max_size=5),
    outcome=st.sampled_from(Outcome),
    reason=st.none() | st.text(max_size=5),
    detail=st.none() | st.text(max_size=5),
    presence=st.sampled_from(Presence),
    attempts=st.integers(0, 9),
    run=st.integers(0, 9),
    seen=st.integers(0, 9),
)


@given(written=IDS, seen=IDS, forgotten=IDS)
def test_each_id_stands_in_one_list(written: list[str], seen: list[str], forgotten: list[str]) -> None:
    rows = [ItemRow(name, digest=str(n)) for n, name in enumerate(written)]
    page = page_of(LEASE, PageCommit(1, items=rows, seen=seen, forgotten=forgotten), ttl=30)
    listed = [row.id for row in page.items] + page.seen + page.forgotten
    assert len(listed) == len(set(listed))
    assert set(listed) == {*written, *seen, *forgotten}
    assert {row.id: row.digest for row in page.items} == {row.id: row.digest for row in rows}
    assert not set(page.forgotten) & set(written)
    assert not set(page.seen) & ({*written} | {*forgotten})


@given(tally=st.dictionaries(st.sampled_from(COUNTERS), st.integers(-9, 9)))
def test_the_tally_follows_the_counters(tally: dict[str, int]) -> None:
    page = page_of(LEASE, PageCommit(1, tally=tally), ttl=30)
    assert dict(zip(COUNTERS, page.tally, strict=True)) == dict.fromkeys(COUNTERS, 0) | tally


@given(name=st.text(max_size=8).filter(lambda name: name not in COUNTERS))
def test_no_other_counter_is_known(name: str) -> None:
    with pytest.raises(ValueError, match="counter"):
        page_of(LEASE, PageCommit(1, tally={name: 1}), ttl=30)


def test_the_lease_and_the_maps_are_written_down() -> None:
    commit = PageCommit(5, cursor={"b": 1, "a": True}, generation=2, doubt={"x": "y"}, count=3, size=4)
    page = page_of(LEASE, commit, ttl=30, record="the record")
    assert (page.job, page.token, page.ttl, page.record) == ("abcd", 7, 30, "the record")
    assert (page.collection, page.generation) == (5, 2)
    assert page.cursor == '{"a":true,"b":1}'
    assert json.loads(page.doubt) == {"x": "y"}
    assert page_of(LEASE, PageCommit(5), ttl=30).cursor is None


@given(text=st.text())
def test_storable_is_kept_and_the_rest_replaced(text: str) -> None:
    found = storable(text)
    assert found is not None
    assert len(found) == len(text)
    assert "\x00" not in found
    found.encode()
    assert all(b in {a, "\ufffd"} for a, b in zip(text, found, strict=True))
    if "\x00" not in text:
        assert found == text


@given(text=st.text(st.characters(categories=["Cs"]), min_size=1))
def test_lone_surrogates_are_replaced(text: str) -> None:
    assert storable(text) == "\ufffd" * len(text)


def test_nothing_stays_nothing() -> None:
    assert storable(None) is None
    assert storable("") == ""
    assert packed(None) is None
    assert packed({}) == "{}"


@given(row=ROWS)
def test_a_rows_values_read_back(row: ItemRow) -> None:
    values = item_values(row)
    assert [type(value) for value in values].count(Outcome) == 0, "bare values bind faster"
    assert item_of(values) == row  # type: ignore[arg-type]  # a tuple serves as a row
    clean = page_of(LEASE, PageCommit(1, items=[row]), ttl=30).items[0]
    assert (clean.uid, clean.detail) == (storable(row.uid), storable(row.detail))


def test_columns_stand_in_the_order_of_the_fields() -> None:
    assert ITEM_COLUMNS.split(", ") == [field.name for field in fields(ItemRow)]
