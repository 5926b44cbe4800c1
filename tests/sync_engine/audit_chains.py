"""Looks whether the chains in a database are whole, without the product's code."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from tests.sync_engine.builders import execute

if TYPE_CHECKING:
    from sync_engine.database import Database


def store_of(database: Database) -> str:
    return str(execute(database, "select store from audit_head")[0][0])


def heads_of(database: Database) -> dict[str, tuple[int, str]]:
    """Read where the store and every job say that their chains end."""
    rows = execute(database, "select chain, seq, hash from audit_head")
    rows += execute(database, "select 'job' || '\\:' || id, audit_seq, audit_hash from job")
    return {chain: (seq, hash_) for chain, seq, hash_ in rows}


def records_of(database: Database, chain: str) -> list[dict[str, Any]]:
    rows = execute(database, "select record from audit where chain = :chain order by seq", chain=chain)
    return [json.loads(record) for (record,) in rows]


def assert_whole(database: Database) -> dict[str, int]:
    """Compute every chain anew and compare it with its head; return the lengths by chain."""
    store, heads = store_of(database), heads_of(database)
    ends = {
        chain: (0, hashlib.sha256(f"wherry audit chain v1\n{store}\n{chain}\n".encode()).hexdigest()) for chain in heads
    }
    for chain, seq, record, hash_ in execute(
        database, "select chain, seq, record, hash from audit order by chain, seq"
    ):
        before = ends[chain]
        assert seq == before[0] + 1, f"a gap in {chain} at {seq}"
        said = json.loads(record)
        assert said["seq"] == seq
        assert json.dumps(said, sort_keys=True, separators=(",", ":")) == record, "canonical"
        assert hashlib.sha256((before[1] + record).encode()).hexdigest() == hash_, f"{chain} breaks at {seq}"
        ends[chain] = (seq, hash_)
    assert ends == heads
    return {chain: seq for chain, (seq, _) in ends.items()}
