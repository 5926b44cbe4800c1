"""A small real store of sealed rows, on the standard library's SQLite: what the vault asks of grants."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from oauth.grants import LOCAL, Grant, GrantState, Radius
from oauth.secret import Secret
from oauth.vault import Vault

FIELDS = ("access_token", "refresh_token")


class SqliteRows:
    """Grants with their wrapped data keys, and sealed fields."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._db.execute("pragma synchronous = off")  # processes are killed here, machines are not
        self._db.execute("create table if not exists grants (id text primary key, tenant text, data_key text)")
        self._db.execute(
            "create table if not exists sealed (grant_id text, field text, value blob, primary key (grant_id, field))"
        )

    def close(self) -> None:
        self._db.close()

    def put(self, grant_id: str, data_key: str, sealed: Mapping[str, bytes], *, tenant: str = LOCAL) -> None:
        """Keep a grant in one transaction."""
        with self._db:
            self._db.execute("begin immediate")
            self._db.execute("insert or replace into grants values (?, ?, ?)", (grant_id, tenant, data_key))
            for field, value in sealed.items():
                self._db.execute("insert or replace into sealed values (?, ?, ?)", (grant_id, field, value))

    def erase(self, grant_id: str) -> None:
        """Destroy the data key and the sealed fields."""
        with self._db:
            self._db.execute("begin immediate")
            self._db.execute("update grants set data_key = null where id = ?", (grant_id,))
            self._db.execute("delete from sealed where grant_id = ?", (grant_id,))

    def sealed(self, grant_id: str) -> tuple[str | None, Mapping[str, bytes]]:
        row = self._db.execute("select data_key from grants where id = ?", (grant_id,)).fetchone()
        found = self._db.execute("select field, value from sealed where grant_id = ?", (grant_id,)).fetchall()
        return (row[0] if row else None), dict(found)

    def rewrap(self, grant_id: str, *, old: str, new: str) -> bool:
        done = self._db.execute("update grants set data_key = ? where id = ? and data_key = ?", (new, grant_id, old))
        return done.rowcount == 1

    def list(self, *, all: bool = False) -> list[Grant]:  # noqa: A002 - the word of the port
        rows = self._db.execute("select id, tenant, data_key from grants order by id").fetchall()
        return [a_grant(*row) for row in rows if all or row[2] is not None]


def a_grant(grant_id: str, tenant: str, data_key: str | None) -> Grant:
    """Return a live grant with nothing particular about it."""
    return Grant(
        id=grant_id,
        tenant=tenant,
        provider="example",
        project="",
        radius=Radius.AUTHORIZATION,
        subject="ana",
        account="home",
        state=GrantState.LIVE,
        requested=(),
        granted=(),
        created_at=0.0,
        changed_at=0.0,
        owed_at=None,
        revoked_at=None,
        expires_at=None,
        until=None,
        deadline=None,
        attempts=0,
        next_at=0.0,
        last_error=None,
        answer=None,
        verified=False,
        holders=(),
        data_key=data_key,
    )


def filled(vault: Vault, store: SqliteRows, *, grants: int = 1) -> list[str]:
    """Keep *grants* grants with two secrets each and return their ids; a secret says where it lies."""
    ids = [f"grant-{number}" for number in range(grants)]
    for grant_id in ids:
        wrapped = vault.new_data_key(grant_id)
        secrets = {field: Secret(f"{grant_id}/{field}") for field in FIELDS}
        store.put(grant_id, wrapped, vault.seal_all(grant_id, wrapped, secrets), tenant=vault.tenant)
    return ids
