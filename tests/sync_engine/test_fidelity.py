"""Fidelity receipts: what is kept of them, how much, and the sums told from them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.errors import Malformed
from mappings.loss import ORDER, Fate, LeafFate, LossReport
from mappings.registry import Bridge, Mapped
from sync_engine import ledger_statements as sql
from sync_engine.database import Database
from sync_engine.fidelity import MOST_TEXT, NOTHING_MAPPED, WHOLE, Fidelity, losses_of, packed, prove
from sync_engine.model import Outcome, PageCommit, Presence
from sync_engine.report import build_report, losses
from sync_engine.safety import CONFIRMING_RUNS
from tests.sync_engine.builders import execute, item, leased, with_collection

if TYPE_CHECKING:
    from pathlib import Path

    from sync_engine.jobs import Jobs
    from sync_engine.leases import Leases
    from sync_engine.ledger import Ledger

FATES = st.builds(
    LeafFate,
    st.text(max_size=40),
    st.sampled_from(Fate),
    st.sampled_from(["", "too-large", "no-place"]),
    st.integers(1, 3),
)
REPORTS = st.lists(FATES, max_size=120).map(LossReport.of)


@given(REPORTS)
def test_what_is_kept_is_read_back_worst_first(report: LossReport) -> None:
    inexact = [leaf for leaf in report.leaves if leaf.fate is not Fate.EXACT]
    text = packed(report)
    kept = losses_of(text)
    assert (text is None) is (not inexact)
    assert len(text or "") <= MOST_TEXT
    assert len(kept.leaves) + kept.more == len(inexact)
    assert set(kept.leaves) <= set(inexact)
    order = [ORDER.index(leaf.fate) for leaf in kept.leaves]
    assert order == sorted(order, reverse=True)
    if kept.leaves:
        assert kept.leaves[0].fate is report.worst


def test_too_many_leaves_are_counted() -> None:
    report = LossReport.of(LeafFate(f"userDefined[].key-{number:04}", Fate.LOST, "too-large") for number in range(500))
    kept = losses_of(packed(report))
    assert kept.leaves
    assert kept.more == 500 - len(kept.leaves)
    assert kept.words().endswith(f"and {kept.more} more")


def test_a_leaf_of_any_length_is_kept_within_bounds() -> None:
    kept = losses_of(packed(LossReport((LeafFate("x" * 100_000, Fate.LOST),))))
    assert (kept.leaves, kept.more) == ((), 1)


def test_nothing_kept_is_nothing_lost() -> None:
    assert packed(LossReport()) is None
    assert losses_of(None).leaves == ()
    assert losses_of(None).words() == ""


def test_words_name_what_is_missing_and_not_what_is_elsewhere() -> None:
    report = LossReport.of(
        [
            LeafFate("names[].phoneticFullName", Fate.EXTENSION),
            LeafFate("photos[]", Fate.LOST, "too-large", 2),
            LeafFate("biographies[].value", Fate.REFUSED),
        ]
    )
    found = losses_of(packed(report))
    assert found.words() == "biographies[].value refused, photos[] not representable (too-large) x2"
    assert [leaf.leaf for leaf in found.bad] == ["biographies[].value", "photos[]"]


def bridge(report: LossReport | Exception) -> Bridge:
    def convert(body: bytes) -> Mapped:
        return Mapped(body, "text/vcard", LossReport())

    def judge(original: bytes, stored: bytes) -> LossReport:
        if isinstance(report, Exception):
            raise report
        return report if stored != original else LossReport()

    return Bridge("a/b", "text/vcard", convert, judge)


def test_a_receipt_is_of_what_stands_there() -> None:
    lost = LossReport.of([LeafFate("a", Fate.LOST, "no-place")])
    assert prove(None, b"a", b"b") == (None, None)
    assert prove(bridge(lost), b"a", b"a") == ("exact", None)
    assert prove(bridge(lost), b"a", b"b") == ("not-representable", '[["a","not-representable","no-place",1]]')


def test_a_copy_nobody_can_read_is_refused_as_a_whole() -> None:
    fate, text = prove(bridge(Malformed("truncated")), b"a", b"b")
    assert fate == "refused"
    assert [leaf.leaf for leaf in losses_of(text).leaves] == [WHOLE]


def test_a_mistake_in_a_bridge_is_not_hidden() -> None:
    with pytest.raises(KeyError):
        prove(bridge(KeyError("names")), b"a", b"b")


def test_sums() -> None:
    sums = Fidelity.of([("refused", 1), ("exact", 7), ("extension", 2)])
    assert (sums.exact, sums.extension, sums.lost, sums.refused) == (7, 2, 0, 1)
    assert (sums.mapped, sums.lossy) == (10, 1)
    assert sums.by_fate() == {"exact": 7, "extension": 2, "not-representable": 0, "refused": 1}
    assert Fidelity.of([]) == NOTHING_MAPPED
    assert NOTHING_MAPPED.mapped == 0


ROWS = [
    item("a", fate="exact"),
    item("b", fate="extension", losses='[["x","extension","",1]]'),
    item("c", fate="refused", losses='[["y","refused","",1]]'),
    item("d", fate="not-representable", losses='[["z","not-representable","no-place",2]]'),
    item("e", fate="not-representable", losses='[["z","not-representable","no-place",2]]'),
    item("f"),
    item("g", fate="refused", outcome=Outcome.FAILED, reason="rejected"),
    item("h", fate="refused", presence=Presence.GONE),
]


def test_sums_of_a_job(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    """Only copies that stand there now are counted, and none that was carried byte for byte."""
    lease = leased(jobs, leases)
    first = with_collection(ledger, lease)
    other = with_collection(ledger, lease, "/other/")
    vanished = with_collection(ledger, lease, "/gone/", missing_runs=CONFIRMING_RUNS)
    ledger.commit(lease, PageCommit(first.id, items=ROWS), ttl=60)
    ledger.commit(lease, PageCommit(other.id, items=[item("a", fate="refused", losses=ROWS[2].losses)]), ttl=60)
    ledger.commit(lease, PageCommit(vanished.id, items=ROWS), ttl=60)
    sums = ledger.fidelity(lease.job.id)
    assert sums == Fidelity(exact=1, extension=1, lost=2, refused=2)
    report = build_report(jobs, ledger, lease.job.id)
    assert report.fidelity == sums
    assert [(each.item, each.fate) for each in losses(ledger, lease.job.id)] == [
        ("d", "not-representable"),
        ("e", "not-representable"),
        ("c", "refused"),
        ("a", "refused"),
    ]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_losses_come_in_pages(jobs: Jobs, leases: Leases, ledger: Ledger, limit: int) -> None:
    lease = leased(jobs, leases)
    row = with_collection(ledger, lease)
    ledger.commit(lease, PageCommit(row.id, items=ROWS), ttl=60)
    found, after = [], ("", "")
    while page := ledger.lossy(row.id, after=after, limit=limit):
        assert len(page) <= limit
        found += [each.id for each in page]
        after = (page[-1].fate or "", page[-1].id)
    assert found == ["d", "e", "c"]


def test_a_row_written_anew_takes_its_receipt_with_it(jobs: Jobs, leases: Leases, ledger: Ledger) -> None:
    lease = leased(jobs, leases)
    row = with_collection(ledger, lease)
    ledger.commit(lease, PageCommit(row.id, items=ROWS), ttl=60)
    assert ledger.items(row.id, ["d"])["d"] == ROWS[3]
    ledger.commit(lease, PageCommit(row.id, items=[replace(ROWS[3], fate=None, losses=None)]), ttl=60)
    assert ledger.items(row.id, ["d"])["d"].fate is None
    assert ledger.fidelity(lease.job.id).lost == 1


def test_sums_are_read_from_the_index_of_mapped_items(sqlite_template: Path) -> None:
    """A job of items that were not mapped pays nothing for the question, however many they are."""
    database = Database.open(f"sqlite:///{sqlite_template}")
    plan = execute(database, f"explain query plan {sql.FATES}", job="x", confirming=CONFIRMING_RUNS)
    database.close()
    assert any("USING INDEX item_fate" in str(step) for step in plan), plan
