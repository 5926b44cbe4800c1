"""A look at one secret of a live grant, without the database library."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from oauth.errors import BadVault, KeyMissing, WrongKey
from oauth.grants import GrantState
from oauth.key_file import KeyFile
from oauth.keys import MemoryKeys
from oauth.vault import Vault
from sync_engine.database import Database
from sync_engine.glimpse_secret import MARGIN, live_secret
from sync_engine.grants import SqlGrants
from tests.sync_engine.sealed_grants import live_grant

ROOT = Path(__file__).parents[2]


class Room:
    """An embedded database with a vault over it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "state.db"
        self.database = Database.open(f"sqlite:///{self.file}")
        self.grants = SqlGrants(self.database)
        self.keys = MemoryKeys()
        self.vault = Vault(self.keys, self.grants)

    def close(self) -> None:
        self.database.close()

    def look(self, account: str = "home", field: str = "password", **more: float) -> str | None:
        found = live_secret(self.file, self.keys, account, field, now=more.get("now"))
        return None if found is None else found.reveal()

    def change(self, sql: str, *values: object) -> None:
        with closing(sqlite3.connect(self.file, isolation_level=None)) as database:
            assert database.execute(sql, values).rowcount == 1


@pytest.fixture
def room(tmp_path: Path) -> object:
    """Lend an embedded database with a vault."""
    with closing(Room(tmp_path)) as made:
        yield made


def test_the_secret_of_a_live_grant_is_seen(room: Room) -> None:
    live_grant(room.vault, room.grants, {"password": "hidden", "username": "ana"})
    assert room.look() == "hidden"
    assert room.look(field="username") == "ana"


@pytest.mark.parametrize(
    ("account", "field"), [("work", "password"), ("home", "refresh_token"), ("", ""), ("home' or 1", "password")]
)
def test_what_is_not_there_is_none(room: Room, account: str, field: str) -> None:
    live_grant(room.vault, room.grants, {"password": "hidden"})
    assert room.look(account, field) is None


def test_one_time_fields_are_gone(room: Room) -> None:
    live_grant(room.vault, room.grants, {"password": "hidden"})
    assert room.look(field="code") is None
    assert room.look(field="state") is None


def test_another_tenants_grant_is_not_seen(room: Room) -> None:
    live_grant(Vault(room.keys, room.grants, "other"), room.grants, {"password": "theirs"})
    assert room.look() is None
    found = live_secret(room.file, room.keys, "home", "password", tenant="other")
    assert found is not None
    assert found.reveal() == "theirs"


@pytest.mark.parametrize("state", [state for state in GrantState if state is not GrantState.LIVE])
def test_only_a_live_grant_is_used(room: Room, state: GrantState) -> None:
    grant = live_grant(room.vault, room.grants, {"password": "hidden"})
    if state in {GrantState.ERASED, GrantState.CLOSED}:
        room.change("update grants set state = ?, data_key = null where id = ?", state.value, grant.id)
    else:
        room.change("update grants set state = ? where id = ?", state.value, grant.id)
    assert room.look() is None


def test_of_two_the_newer_is_used(room: Room) -> None:
    """As the store of grants says which is the newer: by turns, whatever the clock did."""
    first = live_grant(room.vault, room.grants, {"password": "old"})
    live_grant(room.vault, room.grants, {"password": "new"})
    room.change("update grants set created_at = created_at + 10 where id = ?", first.id)
    assert room.look() == "new"
    assert room.vault.secret(room.grants.of_account("home")[0].id, "password").reveal() == "new"


def test_an_access_token_about_to_end_is_not_worth_a_start(room: Room) -> None:
    now = time.time()
    live_grant(room.vault, room.grants, {"access_token": "hidden", "refresh_token": "kept"}, expires_at=now + 3600)
    assert room.look(field="access_token", now=now) == "hidden"
    assert room.look(field="access_token", now=now + 3600 - MARGIN - 1) == "hidden"
    assert room.look(field="access_token", now=now + 3600 - MARGIN + 1) is None
    assert room.look(field="refresh_token", now=now + 9999) == "kept"


def test_after_a_rotation_it_is_still_seen(room: Room) -> None:
    live_grant(room.vault, room.grants, {"password": "hidden"})
    assert room.vault.rotate(grace=0).rewrapped == 1
    assert room.look() == "hidden"


def test_without_the_key_it_says_so(room: Room) -> None:
    live_grant(room.vault, room.grants, {"password": "hidden"})
    with pytest.raises(KeyMissing):
        live_secret(room.file, MemoryKeys(), "home", "password")


def test_a_swapped_row_does_not_open(room: Room) -> None:
    mine = live_grant(room.vault, room.grants, {"password": "mine"}, account="a")
    theirs = live_grant(room.vault, room.grants, {"password": "theirs"}, account="b")
    room.change(
        "update sealed set ciphertext = (select ciphertext from sealed where grant_id = ? and field = 'password')"
        " where grant_id = ? and field = 'password'",
        theirs.id,
        mine.id,
    )
    with pytest.raises(WrongKey):
        room.look("a")
    assert room.look("b") == "theirs"


@pytest.mark.parametrize("column", ["data_key", "ciphertext"])
def test_a_damaged_row_is_named(room: Room, column: str) -> None:
    grant = live_grant(room.vault, room.grants, {"password": "hidden"})
    if column == "data_key":
        room.change("update grants set data_key = 'canary' where id = ?", grant.id)
    else:
        room.change("update sealed set ciphertext = x'ff' where grant_id = ?", grant.id)
    with pytest.raises(BadVault) as fault:
        room.look()
    assert "canary" not in str(fault.value)


@pytest.mark.parametrize("content", [None, b"", b"not a database", b"SQLite format 3\0" + bytes(100)], ids=range(4))
def test_a_database_that_cannot_be_read_is_none(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "state.db"
    if content is not None:
        file.write_bytes(content)
    assert live_secret(file, MemoryKeys(), "home", "password") is None
    assert file.exists() == (content is not None)


def test_an_older_database_without_grants_is_none(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "state.db")) as database:
        database.execute("create table job (id text)")
    assert live_secret(tmp_path / "state.db", MemoryKeys(), "home", "password") is None


@pytest.mark.parametrize("name", ["a%20b?mode=rwc", "ü#1", "\udcff"], ids=range(3))
def test_odd_names_of_files_are_no_matter(tmp_path: Path, name: str) -> None:
    assert live_secret(tmp_path / name, MemoryKeys(), "home", "password") is None
    assert list(tmp_path.iterdir()) == []


def test_a_writer_does_not_hold_it_up(room: Room) -> None:
    live_grant(room.vault, room.grants, {"password": "hidden"})
    with closing(sqlite3.connect(room.file, isolation_level=None)) as writer:
        writer.execute("begin immediate")
        writer.execute("update grants set account = 'moved'")
        assert room.look() == "hidden", "what is committed is what is seen"
        writer.execute("rollback")


def test_it_loads_no_database_library(room: Room, tmp_path: Path) -> None:
    """The reason for it: a start that needs one secret pays for SQLite and the cipher only."""
    keys = KeyFile(tmp_path / "private" / "keys.json")
    keys.create()
    live_grant(Vault(keys, room.grants), room.grants, {"password": "hidden"})
    script = (
        "import sys; from pathlib import Path\n"
        "from oauth.key_choice import choose; from sync_engine.glimpse_secret import live_secret\n"
        "keys = choose(Path(sys.argv[1]), environ={}, needed=frozenset).keys\n"
        "print(live_secret(Path(sys.argv[2]), keys, 'home', 'password').reveal())\n"
        "print(sorted({'sqlalchemy', 'keyring', 'alembic', 'oauth.grants', 'importlib.metadata'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "private" / "keys.json"), str(room.file)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "hidden\n[]\n"
