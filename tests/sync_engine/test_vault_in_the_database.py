"""The vault over the grants of the state database, SQLite and PostgreSQL."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from contextlib import closing
from pathlib import Path

import pytest

from oauth.errors import KeyMissing, NoSuchSecret, WrongKey
from oauth.key_file import KeyFile
from oauth.keys import MemoryKeys
from oauth.vault import SealedRows, Vault, key_ids
from sync_engine.database import Database
from sync_engine.grants import SqlGrants
from tests.sync_engine.sealed_grants import live_grant

CANARY = "canary-database-4b7e"


@pytest.fixture
def grants(database: Database) -> SqlGrants:
    """Return the grants of an empty state database."""
    return SqlGrants(database)


def erase(grants: SqlGrants, grant_id: str) -> None:
    """End a grant that the provider says is gone."""
    grants.lost(grant_id, "invalid_grant")
    lease = grants.lease(grant_id, "test", 60)
    assert lease is not None
    grants.erase(lease)


def test_secrets_come_back_and_one_time_ones_are_gone(grants: SqlGrants) -> None:
    rows: SealedRows = grants
    vault = Vault(MemoryKeys(), rows)
    grant = live_grant(vault, grants, {"access_token": CANARY, "refresh_token": "ü\udc80"})
    assert {name: secret.reveal() for name, secret in vault.secrets(grant.id).items()} == {
        "access_token": CANARY,
        "refresh_token": "ü\udc80",
    }
    with pytest.raises(NoSuchSecret):
        vault.secret(grant.id, "code")


def test_rotation_wraps_every_grant_anew(grants: SqlGrants) -> None:
    vault = Vault(MemoryKeys(), grants)
    other = Vault(vault.keys, grants, "other")
    made = [live_grant(vault, grants, {"password": f"{number}"}, account=f"a{number}") for number in range(3)]
    theirs = live_grant(other, grants, {"password": "theirs"})
    before = key_ids(grants)
    done = vault.rotate(grace=0)
    assert (done.rewrapped, set(done.dropped), done.waiting) == (4, set(before), ())
    assert key_ids(grants) == {done.newest}
    assert [vault.secret(grant.id, "password").reveal() for grant in made] == ["0", "1", "2"]
    assert other.secret(theirs.id, "password").reveal() == "theirs"
    with pytest.raises(WrongKey):
        vault.secret(theirs.id, "password")


def test_an_erased_grant_has_nothing_to_open_and_needs_no_key(grants: SqlGrants) -> None:
    vault = Vault(MemoryKeys(), grants)
    gone, stays = (live_grant(vault, grants, {"password": name}, account=name) for name in ("a", "b"))
    wrapped, fields = grants.sealed(gone.id)
    erase(grants, gone.id)
    assert grants.sealed(gone.id) == (None, {})
    assert vault.secrets(gone.id) == {}
    assert vault.rotate(grace=0).rewrapped == 1
    assert vault.secret(stays.id, "password").reveal() == "b"
    assert wrapped is not None
    with pytest.raises(KeyMissing):
        vault.open(gone.id, wrapped, "password", fields["password"])


def test_a_data_key_that_changed_meanwhile_is_not_overwritten(grants: SqlGrants) -> None:
    vault = Vault(MemoryKeys(), grants)
    grant = live_grant(vault, grants, {"password": CANARY})
    wrapped, _ = grants.sealed(grant.id)
    assert wrapped is not None
    assert not grants.rewrap(grant.id, old="something else", new="lost")
    assert grants.sealed(grant.id)[0] == wrapped
    erase(grants, grant.id)
    assert not grants.rewrap(grant.id, old=wrapped, new=wrapped)
    assert grants.sealed(grant.id) == (None, {})


def test_no_file_of_the_database_ever_holds_a_secret(tmp_path: Path) -> None:
    """While it lives, and after it is erased: then not even what it was sealed as, or by which data key."""
    keys = KeyFile(tmp_path / "private" / "keys.json")
    keys.create()
    (tmp_path / "state").mkdir()
    with closing(Database.open(f"sqlite:///{tmp_path / 'state' / 'state.db'}")) as database:
        grants = SqlGrants(database)
        vault = Vault(keys, grants)
        grant = live_grant(vault, grants, {"password": CANARY})
        wrapped, fields = grants.sealed(grant.id)
        assert wrapped is not None
        sealed = fields["password"]
        raw = CANARY.encode()
        forms = [raw, raw.hex().encode(), b64encode(raw).rstrip(b"="), urlsafe_b64encode(raw).rstrip(b"=")]
        assert found(tmp_path, [sealed, wrapped.encode()]), "the look at the files finds what is there"
        assert found(tmp_path, forms) == []
        vault.rotate(grace=0)
        assert found(tmp_path, [wrapped.encode()]) == [], "what the old key wrapped is gone from the pages too"
        wrapped = grants.sealed(grant.id)[0] or ""
        erase(grants, grant.id)
        assert found(tmp_path, [*forms, sealed, wrapped.encode()]) == []


def found(folder: Path, needles: list[bytes]) -> list[str]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert {"keys.json", "state.db"} <= {file.name for file in files}
    return [file.name for file in files for needle in needles if needle in file.read_bytes()]
