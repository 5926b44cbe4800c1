"""A home with sealed passwords, as connecting leaves it, without a server to connect to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from oauth.grants import new_id
from oauth.key_choice import choose
from oauth.secret import Secret
from oauth.vault import Vault, key_ids
from sync_engine.database import Database
from sync_engine.grants import SqlGrants
from tests.wherry.conftest import Run
from wherry.exits import Exit
from wherry.settings import Settings, read_settings
from wherry.wiring import open_database


def settings_of(home: Path, **environ: str) -> Settings:
    """Return the settings of *home*."""
    return read_settings({"WHERRY_HOME": str(home), **environ})


@contextmanager
def vault_of(settings: Settings, environ: Mapping[str, str]) -> Iterator[tuple[Vault, SqlGrants]]:
    """Open the vault of a home; its key is made when there is none."""
    with closing(open_database(settings)) as database:
        store = SqlGrants(database)
        chosen = choose(
            settings.folders.vault_key,
            environ=environ,
            needed=lambda: key_ids(store),
            service=settings.key_service,
        )
        yield Vault(chosen.keys, store), store


def fill(settings: Settings, *, grants: int = 1, environ: Mapping[str, str] | None = None) -> list[str]:
    """Keep *grants* sealed passwords, one each; return the ids of their grants."""
    ids = [new_id() for _ in range(grants)]
    with vault_of(settings, environ or {}) as (vault, store):
        for number, grant_id in enumerate(ids):
            wrapped = vault.new_data_key(grant_id)
            store.begin(
                grant_id=grant_id,
                tenant=vault.tenant,
                provider="password",
                project="",
                account=f"account-{number}",
                requested=(),
                sealed=vault.seal_all(grant_id, wrapped, {"password": Secret(f"canary-{grant_id}")}),
                data_key=wrapped,
                until=4e9,
                state_hash=grant_id,
            )
    return ids


def the_secrets(settings: Settings, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return every sealed password, opened: id of the grant -> password."""
    with vault_of(settings, environ or {}) as (vault, store):
        return {grant.id: vault.secret(grant.id, "password").reveal() for grant in store.list()}


def events(database: Database) -> list[dict[str, Any]]:
    """Return the records of the store's chain, oldest first."""
    with database.read() as connection:
        rows = connection.exec_driver_sql("select record from audit where chain = 'store' order by seq").fetchall()
    return [json.loads(row[0]) for row in rows]


def shown(run: Run, code: Exit = Exit.DONE, **env: str) -> dict[str, Any]:
    """Return the one line of ``keys show``."""
    answer = run("keys", "show", "--json", env=env)
    assert (answer.code, answer.err) == (code, "")
    (line,) = answer.lines
    return line


def rotated(run: Run, *more: str, code: Exit = Exit.DONE, **env: str) -> dict[str, Any]:
    """Return the one line of ``keys rotate``."""
    answer = run("keys", "rotate", *more, "--json", env=env)
    assert (answer.code, answer.err) == (code, "")
    (line,) = answer.lines
    assert line["exit_code"] == code
    return line


def rotations(home: Path) -> list[dict[str, Any]]:
    """Return the records of rotations."""
    with closing(open_database(settings_of(home))) as database:
        return [each for each in events(database) if each["event"] == "key.rotated"]


def aged(home: Path, seconds: float) -> None:
    """Let *seconds* pass for the list of keys."""
    file = home / "secrets" / "vault-key"
    text = re.sub(r'("retired": )([\d.]+)', lambda found: f"{found[1]}{float(found[2]) - seconds}", file.read_text())
    file.write_text(text)
