"""The beginning of the store's chain, in a database that is made just now."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING, Final

from oauth.audit import STORE, genesis

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import TextClause
    from sqlalchemy.engine import Connection

FOUND: Final = "insert into audit_head (chain, store, seq, hash) values (:chain, :store, 0, :hash)"


def found_store(connection: Connection, prepare: Callable[[str], TextClause]) -> None:
    """Give a new database its id, and the store's chain what its first record follows."""
    store = token_hex(16)
    connection.execute(prepare(FOUND), {"chain": STORE, "store": store, "hash": genesis(store, STORE)})
