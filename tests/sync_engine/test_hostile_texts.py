"""Texts others wrote: kept as they are where a database can, made storable where it cannot, on both alike."""

from __future__ import annotations

import json
import string
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_engine.errors import JobUnknown
from sync_engine.model import Outcome, PageCommit
from sync_engine.rows import packed, storable
from tests.sync_engine.builders import collection_row, execute, failed, item, leased, skipped, spec, with_collection

if TYPE_CHECKING:
    from sync_engine.database import Database
    from sync_engine.jobs import Jobs
    from sync_engine.leases import Leases
    from sync_engine.ledger import Ledger

SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ANY = st.text(st.characters(), max_size=40)
STORABLE = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), min_size=1, max_size=40)
HOSTILE = [
    "",
    " ",
    "\t\r\n",
    "'; drop table item; --",
    '"quoted" \\back\\slash',
    "%s %(name)s {braces} :bind ?",
    "\\x00 \\u0000 written out",
    "null",
    "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe",
    "e\u0301 é",
    "\N{PILE OF POO}" * 50,
    "\ufffe\uffff",
    "\u2028\u2029\x85",
    "\x01\x02\x1f\x7f",
    "x" * 10_000,
    "{}",
    "[1,2]",
    "true",
]
NAMES = [text for text in HOSTILE if text]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_every_text_column_keeps_what_it_is_given(text: str, jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease, name=text, properties={text or "k": text}, target_id=text)
    row = failed("a", revision=text, digest=text, uid=text, target_id=text, target_revision=text, target_digest=text,
                 reason=text, detail=text)  # fmt: skip
    ledger.commit(lease, PageCommit(collection.id, items=[row], doubt={text: text}), ttl=60)
    assert ledger.items(collection.id, ["a"])["a"] == row
    (stored,) = ledger.collections(lease.job.id)
    assert (stored.name, stored.target_id) == (text, text)
    assert stored.properties == {text or "k": text}
    assert stored.doubt == {text: text}


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_an_item_may_be_called_anything(name: str, jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease, name).id
    ledger.commit(lease, PageCommit(collection, items=[item(name), item(f"{name}2")]), ttl=60)
    assert set(ledger.items(collection, [name, f"{name}2", f"{name}3"])) == {name, f"{name}2"}
    ledger.commit(lease, PageCommit(collection, seen=[name], generation=9), ttl=60)
    assert ledger.items(collection, [name])[name].seen == 9
    ledger.commit(lease, PageCommit(collection, forgotten=[name]), ttl=60)
    assert list(ledger.items(collection, [name, f"{name}2"])) == [f"{name}2"]


@given(names=st.lists(STORABLE, min_size=1, max_size=12, unique=True))
@SLOW
def test_pages_of_any_names_follow_by_code_point(
    names: list[str], jobs: Jobs, leases: Leases, ledger: Ledger, database: Database
) -> None:
    execute(database, "delete from job")
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id
    ledger.commit(lease, PageCommit(collection, items=[skipped(name) for name in names]), ttl=60)
    assert [row.id for row in ledger.all_items(collection)] == sorted(names)
    assert [row.id for _, row in jobs.problems(lease.job.id, limit=100)] == sorted(names)
    found: list[str] = []
    while rows := ledger.all_items(collection, after=found[-1] if found else "", limit=1):
        found += [row.id for row in rows]
    assert found == sorted(names)


@given(texts=st.lists(st.tuples(ANY, ANY), min_size=1, max_size=6))
@SLOW
def test_uid_and_detail_are_kept_as_near_as_can_be(
    texts: list[tuple[str, str]], jobs: Jobs, leases: Leases, ledger: Ledger, database: Database
) -> None:
    execute(database, "delete from job")
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id
    rows = [skipped(f"{number}", uid=uid, detail=detail) for number, (uid, detail) in enumerate(texts)]
    ledger.commit(lease, PageCommit(collection, items=rows), ttl=60)
    found = {row.id: row for row in ledger.all_items(collection)}
    for number, (uid, detail) in enumerate(texts):
        assert (found[str(number)].uid, found[str(number)].detail) == (storable(uid), storable(detail))
    for uid, _ in texts:
        assert {row.uid for row in ledger.by_uid(collection, [uid]).get(uid, [])} == {storable(uid)}


@given(values=st.dictionaries(ANY, ANY, max_size=5))
@settings(max_examples=100, deadline=None)
def test_maps_are_packed_in_plain_ascii_and_come_back(values: dict[str, str]) -> None:
    written = packed(values)
    assert written is not None
    assert written.isascii()
    assert "\x00" not in written
    assert json.loads(written) == values
    assert packed(dict(reversed(values.items()))) == written, "the order says nothing"


@given(text=ANY)
@settings(max_examples=200, deadline=None)
def test_storable_is_idempotent_and_keeps_the_length(text: str) -> None:
    found = storable(text)
    assert found is not None
    assert storable(found) == found
    assert len(found) == len(text)
    found.encode()


@given(cursor=st.dictionaries(ANY, ANY | st.integers(-(2**53), 2**53) | st.booleans(), max_size=5))
@SLOW
def test_any_cursor_comes_back(
    cursor: dict[str, str | int | bool], jobs: Jobs, leases: Leases, ledger: Ledger, database: Database
) -> None:
    execute(database, "delete from job")
    lease = leased(jobs, leases)
    collection = with_collection(ledger, lease).id
    ledger.commit(lease, PageCommit(collection, cursor=cursor), ttl=60)
    assert ledger.collections(lease.job.id)[0].cursor == cursor
    ledger.commit(lease, PageCommit(collection), ttl=60)
    assert ledger.collections(lease.job.id)[0].cursor == cursor, "no cursor keeps the one before"


@pytest.mark.parametrize("asked", [*NAMES[:10], "%", "_", "*", "a b", "A", "é"])
def test_no_text_finds_a_job_it_is_not_the_beginning_of(asked: str, jobs: Jobs) -> None:
    job = jobs.submit(spec())
    if job.id.startswith(asked):
        return
    assert jobs.get(asked) is None
    for act in (jobs.start, jobs.allow_deletions, jobs.leased_by):
        with pytest.raises(JobUnknown):
            act(asked)
    assert [one.state for one in jobs.list()] == [job.state]


def test_ids_are_hexadecimal_however_many(jobs: Jobs) -> None:
    ids = [jobs.submit(spec(f"dav:{number}")).id for number in range(40)]
    assert len(set(ids)) == 40
    for id_ in ids:
        assert set(id_) <= set(string.hexdigits.lower())
        found = jobs.get(id_)
        assert found is not None
        assert found.id == id_


def test_outcomes_are_words_and_not_numbers(jobs: Jobs, leases: Leases, ledger: Ledger, database: Database) -> None:
    """Somebody reads this table with their own tools, too."""
    lease = leased(jobs, leases)
    collection = ledger.save_collection(lease, collection_row(lease.job.id)).id
    ledger.commit(lease, PageCommit(collection, items=[item("a"), skipped("b"), failed("c")]), ttl=60)
    rows = execute(database, "select id, outcome, presence from item order by id")
    assert rows == [(name, outcome.value, "here") for name, outcome in zip("abc", Outcome, strict=True)]
