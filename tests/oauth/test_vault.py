"""The vault over a real store of rows: seals, opens, rotates, forgets."""

from __future__ import annotations

import shutil
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth.errors import BadVault, KeyFixed, KeyMissing, NoSuchSecret, OAuthError, WrongKey
from oauth.key_file import KeyFile
from oauth.keys import GivenKeys, MemoryKeys
from oauth.sealing import key_id_of
from oauth.secret import Secret
from oauth.vault import Rotation, Vault, key_ids
from tests.oauth.rows import FIELDS, SqliteRows, filled

CANARY = "canary-vault-8e13"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteRows]:
    """Lend an empty store."""
    with closing(SqliteRows(tmp_path / "rows.db")) as made:
        yield made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the key file is."""
    return tmp_path / "private" / "keys.json"


@pytest.fixture
def keys(path: Path) -> KeyFile:
    """Return a key file with one key."""
    made = KeyFile(path)
    made.create()
    return made


@pytest.fixture
def vault(keys: KeyFile, store: SqliteRows) -> Vault:
    """Return a vault of the local tenant."""
    return Vault(keys, store)


def contents(vault: Vault, grant_id: str) -> dict[str, str]:
    return {field: secret.reveal() for field, secret in vault.secrets(grant_id).items()}


def test_what_is_sealed_and_kept_can_be_opened(vault: Vault, store: SqliteRows) -> None:
    wrapped = vault.new_data_key("g")
    store.put("g", wrapped, {"password": vault.seal("g", wrapped, "password", Secret(CANARY))})
    assert vault.secret("g", "password").reveal() == CANARY
    assert contents(vault, "g") == {"password": CANARY}
    assert vault.open("g", wrapped, "password", store.sealed("g")[1]["password"]).reveal() == CANARY


def test_what_comes_out_is_a_secret_and_known_to_the_log(vault: Vault, store: SqliteRows) -> None:
    from oauth.redaction import redact

    filled(vault, store)
    opened = vault.secret("grant-0", "access_token")
    assert str(opened) == "***"
    assert redact("token grant-0/access_token in a log") == "token *** in a log"


def test_another_process_opens_it_with_the_same_key_file(vault: Vault, store: SqliteRows, path: Path) -> None:
    filled(vault, store)
    assert contents(Vault(KeyFile(path), store), "grant-0") == {field: f"grant-0/{field}" for field in FIELDS}


def test_what_is_not_there_has_a_name(vault: Vault, store: SqliteRows) -> None:
    filled(vault, store)
    for grant_id, field in (("grant-0", "password"), ("nobody", "access_token")):
        with pytest.raises(NoSuchSecret) as fault:
            vault.secret(grant_id, field)
        assert fault.value.name == field
    assert vault.secrets("nobody") == {}


def test_each_grant_has_a_data_key_of_its_own(vault: Vault) -> None:
    one, other = vault.new_data_key("a"), vault.new_data_key("a")
    sealed = vault.seal("a", one, "f", Secret(CANARY))
    with pytest.raises(WrongKey):
        vault.open("a", other, "f", sealed)


@given(secrets=st.dictionaries(st.text(min_size=1, max_size=10), st.text(st.characters(), max_size=60), max_size=5))
def test_any_text_under_any_name_survives(secrets: dict[str, str]) -> None:
    with closing(SqliteRows(Path(":memory:"))) as store:
        vault = Vault(MemoryKeys(), store)
        wrapped = vault.new_data_key("g")
        sealed = vault.seal_all("g", wrapped, {field: Secret(text) for field, text in secrets.items()})
        assert all(value.isascii() for value in sealed.values())
        opened = {field: vault.open("g", wrapped, field, value).reveal() for field, value in sealed.items()}
        assert opened == secrets


# What somebody with the right to write to the database could try.


def two_tenants(keys: KeyFile, store: SqliteRows) -> tuple[Vault, Vault]:
    mine, theirs = Vault(keys, store, "mine"), Vault(keys, store, "theirs")
    for vault, grant_id in ((mine, "a"), (mine, "b"), (theirs, "c")):
        wrapped = vault.new_data_key(grant_id)
        sealed = vault.seal_all(grant_id, wrapped, {name: Secret(f"{grant_id}/{name}") for name in FIELDS})
        store.put(grant_id, wrapped, sealed, tenant=vault.tenant)
    return mine, theirs


def test_the_row_of_another_tenant_does_not_open(keys: KeyFile, store: SqliteRows) -> None:
    mine, theirs = two_tenants(keys, store)
    for vault, grant_id in ((mine, "c"), (theirs, "a")):
        with pytest.raises(WrongKey) as fault:
            vault.secrets(grant_id)
        assert fault.value.what == f"data key/{vault.tenant}/{grant_id}"


def test_a_whole_row_copied_to_another_grant_does_not_open(keys: KeyFile, store: SqliteRows) -> None:
    mine, _ = two_tenants(keys, store)
    for taken in ("b", "c"):
        wrapped, sealed = store.sealed(taken)
        assert wrapped is not None
        store.put("a", wrapped, sealed, tenant="mine")
        with pytest.raises(WrongKey):
            mine.secrets("a")


def test_a_sealed_field_copied_to_another_place_does_not_open(keys: KeyFile, store: SqliteRows) -> None:
    mine, _ = two_tenants(keys, store)
    wrapped, own = store.sealed("a")
    assert wrapped is not None
    swapped = {"access_token": own["refresh_token"], "refresh_token": own["access_token"]}
    for fields in (swapped, store.sealed("b")[1], store.sealed("c")[1]):
        for field in FIELDS:
            with pytest.raises(WrongKey) as fault:
                mine.open("a", wrapped, field, fields[field])
            assert fault.value.what == f"field/mine/a/{field}"


def test_a_data_key_in_place_of_a_field_does_not_open(vault: Vault, store: SqliteRows) -> None:
    """What one key sealed is never read as what the other did."""
    filled(vault, store)
    wrapped, _ = store.sealed("grant-0")
    assert wrapped is not None
    with pytest.raises(WrongKey):
        vault.open("grant-0", wrapped, "access_token", wrapped.encode())
    with pytest.raises((WrongKey, KeyMissing)):
        vault.open("grant-0", store.sealed("grant-0")[1]["access_token"].decode(), "access_token", b"v1|a|b|c")


@pytest.mark.parametrize("which", ["data key", "field"])
def test_every_single_flipped_byte_is_noticed(vault: Vault, store: SqliteRows, which: str) -> None:
    filled(vault, store)
    wrapped, fields = store.sealed("grant-0")
    assert wrapped is not None
    whole = wrapped.encode() if which == "data key" else fields["access_token"]
    for at in range(len(whole)):
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        key = changed.decode() if which == "data key" else wrapped
        sealed = changed if which == "field" else fields["access_token"]
        with pytest.raises((WrongKey, BadVault, KeyMissing)):
            vault.open("grant-0", key, "access_token", sealed)


@pytest.mark.parametrize("garbage", [b"", b"canary", b"\xff\xfe", b"v1|x", b"v1|a|b|c", b"{}", b"v9|a|b|c"])
def test_garbage_in_a_row_is_named_and_not_quoted(vault: Vault, store: SqliteRows, garbage: bytes) -> None:
    filled(vault, store)
    wrapped, _ = store.sealed("grant-0")
    assert wrapped is not None
    with pytest.raises(BadVault, match="field/local/grant-0/access_token") as fault:
        vault.open("grant-0", wrapped, "access_token", garbage)
    assert "canary" not in str(fault.value)


# What lies on the disk.


def test_no_file_holds_the_secret_or_the_key_that_opens_it(vault: Vault, store: SqliteRows, tmp_path: Path) -> None:
    wrapped = vault.new_data_key("g")
    store.put("g", wrapped, {"password": vault.seal("g", wrapped, "password", Secret(CANARY))})
    raw = CANARY.encode()
    forms = {raw, b64encode(raw).rstrip(b"="), urlsafe_b64encode(raw).rstrip(b"="), raw.hex().encode()}
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {file.name for file in files} >= {"rows.db", "keys.json"}
    for file in files:
        assert not [form for form in forms if form in file.read_bytes()], file.name
    key = vault.keys.key(vault.keys.current()) if isinstance(vault.keys, KeyFile) else b""
    database = (tmp_path / "rows.db").read_bytes()
    assert len(key) == 32
    assert key not in database
    assert b64encode(key).rstrip(b"=") not in database
    assert b"password" in database, "the look at the file finds what is there"


# Destroying.


def test_erasing_the_data_key_reaches_the_copies_of_what_it_sealed(vault: Vault, store: SqliteRows) -> None:
    """A backup that holds sealed fields only: with everything that is left, none of it opens."""
    filled(vault, store, grants=2)
    backup = dict(store.sealed("grant-0")[1])
    store.erase("grant-0")
    assert vault.secrets("grant-0") == {}
    with pytest.raises(NoSuchSecret):
        vault.secret("grant-0", "access_token")
    left = [grant.data_key for grant in store.list(all=True) if grant.data_key]
    assert left, "the other grant's key is still there, and does not help"
    for wrapped in [*left, vault.new_data_key("grant-0")]:
        for field, sealed in backup.items():
            for grant_id in ("grant-0", "grant-1"):
                with pytest.raises(WrongKey):
                    vault.open(grant_id, wrapped, field, sealed)
    assert contents(vault, "grant-1") == {field: f"grant-1/{field}" for field in FIELDS}


def test_a_backup_of_the_whole_database_is_closed_by_the_next_rotation(
    keys: KeyFile, store: SqliteRows, tmp_path: Path
) -> None:
    """Such a copy holds the wrapped data key too: it opens until the key that wrapped it is dropped."""
    vault = Vault(keys, store)
    filled(vault, store, grants=2)
    shutil.copy(tmp_path / "rows.db", tmp_path / "backup.db")
    store.erase("grant-0")
    with closing(SqliteRows(tmp_path / "backup.db")) as backup:
        assert contents(Vault(keys, backup), "grant-0") == {field: f"grant-0/{field}" for field in FIELDS}
        assert vault.rotate(grace=0).dropped
        for grant_id in ("grant-0", "grant-1"):
            with pytest.raises(KeyMissing):
                Vault(keys, backup).secrets(grant_id)
    assert contents(vault, "grant-1") == {field: f"grant-1/{field}" for field in FIELDS}


# Rotation.


def test_a_rotation_wraps_data_keys_and_touches_no_secret(keys: KeyFile, store: SqliteRows) -> None:
    vault = Vault(keys, store)
    ids = filled(vault, store, grants=5)
    before = {grant_id: store.sealed(grant_id) for grant_id in ids}
    old = keys.current()
    done = vault.rotate(grace=0)
    assert done == Rotation(newest=keys.current(), rewrapped=5, dropped=(old,), waiting=(), unreadable=())
    assert key_ids(store) == {done.newest} != {old}
    for grant_id in ids:
        wrapped, fields = store.sealed(grant_id)
        assert wrapped != before[grant_id][0]
        assert fields == before[grant_id][1]
        assert contents(vault, grant_id) == {field: f"{grant_id}/{field}" for field in FIELDS}


def test_it_takes_the_grants_of_every_tenant(keys: KeyFile, store: SqliteRows) -> None:
    mine, theirs = two_tenants(keys, store)
    assert mine.rotate(grace=0).rewrapped == 3
    assert contents(theirs, "c") == {field: f"c/{field}" for field in FIELDS}
    assert contents(mine, "a") == {field: f"a/{field}" for field in FIELDS}


def test_a_key_just_retired_waits(store: SqliteRows, path: Path) -> None:
    """Another process may be about to keep what it has just wrapped with it."""
    now = [1000.0]
    keys = KeyFile(path, clock=lambda: now[0])
    old = keys.create()
    vault = Vault(keys, store)
    late = vault.new_data_key("late")
    assert vault.rotate().waiting == (old,)
    store.put("late", late, vault.seal_all("late", late, {"password": Secret(CANARY)}))
    now[0] += 3600.0
    after = vault.rewrap()
    assert (after.rewrapped, after.dropped, after.waiting) == (1, (old,), ())
    assert contents(vault, "late") == {"password": CANARY}


def test_a_key_that_a_row_needs_is_kept_however_old(keys: KeyFile, store: SqliteRows) -> None:
    """A row that does not open is left as it is: its key may be all that somebody needs to mend it."""
    vault = Vault(keys, store)
    filled(vault, store, grants=2)
    wrapped, fields = store.sealed("grant-0")
    assert wrapped is not None
    broken = wrapped[:-1] + ("A" if wrapped[-1] != "A" else "Q")
    store.put("grant-0", broken, fields)
    old = keys.current()
    done = vault.rotate(grace=0)
    assert done.unreadable == ("grant-0",)
    assert (done.rewrapped, done.dropped, done.waiting) == (1, (), (old,))
    store.put("grant-0", wrapped, fields)
    assert vault.rewrap(grace=0).dropped == (old,)
    assert contents(vault, "grant-0") == {field: f"grant-0/{field}" for field in FIELDS}


@pytest.mark.parametrize("foreign", ["v1|0123456789abcdef|AAAAAAAAAAAAAAAA|" + "A" * 64, "garbage", ""])
def test_rows_of_other_keys_stop_no_rotation(keys: KeyFile, store: SqliteRows, foreign: str) -> None:
    vault = Vault(keys, store)
    filled(vault, store, grants=2)
    store.put("grant-0", foreign, {})
    done = vault.rotate(grace=0)
    assert (done.rewrapped, done.unreadable) == (1, ("grant-0",))
    assert done.waiting == ()
    assert store.sealed("grant-0")[0] == foreign


def test_what_changes_meanwhile_is_left_alone(keys: KeyFile, store: SqliteRows) -> None:
    """Between reading a row and writing it back, its grant was ended: nothing comes back to life."""

    class Ending(SqliteRows):
        def rewrap(self, grant_id: str, *, old: str, new: str) -> bool:
            self.erase(grant_id)
            return super().rewrap(grant_id, old=old, new=new)

    with closing(Ending(Path(":memory:"))) as ending:
        vault = Vault(keys, ending)
        filled(vault, ending, grants=3)
        done = vault.rotate(grace=0)
        assert done.rewrapped == 0
        assert done.unreadable == ()
        assert [grant.data_key for grant in ending.list(all=True)] == [None] * 3
    assert store.list() == []


def test_an_empty_vault_rotates(vault: Vault, keys: KeyFile) -> None:
    old = keys.current()
    done = vault.rotate(grace=0)
    assert (done.rewrapped, done.dropped) == (0, (old,))


def test_many_rotations_leave_one_key(vault: Vault, store: SqliteRows, keys: KeyFile) -> None:
    filled(vault, store)
    for _ in range(5):
        vault.rotate(grace=0)
    assert keys.retired() == []
    assert contents(vault, "grant-0") == {field: f"grant-0/{field}" for field in FIELDS}


def test_a_key_given_from_outside_is_rotated_by_giving_two(store: SqliteRows) -> None:
    old, new = b64encode(bytes(32)).decode(), b64encode(bytes(range(32))).decode()
    filled(Vault(GivenKeys(old), store), store, grants=2)
    with pytest.raises(KeyFixed):
        Vault(GivenKeys(old), store).rotate()
    with pytest.raises(KeyMissing):
        Vault(GivenKeys(new), store).secrets("grant-0")
    done = Vault(GivenKeys(f"{new},{old}"), store).rotate(grace=0)
    assert done.rewrapped == 2
    assert contents(Vault(GivenKeys(new), store), "grant-1") == {field: f"grant-1/{field}" for field in FIELDS}


def test_secrets_kept_in_memory_are_missed_by_the_next_process(store: SqliteRows) -> None:
    filled(Vault(MemoryKeys(), store), store)
    with pytest.raises(KeyMissing, match="memory"):
        Vault(MemoryKeys(), store).secrets("grant-0")


def test_the_keys_that_rows_need_are_told(vault: Vault, store: SqliteRows, keys: KeyFile) -> None:
    assert key_ids(store) == frozenset()
    filled(vault, store, grants=2)
    first = keys.current()
    assert key_ids(store) == {first}
    keys.rotate()
    wrapped = vault.new_data_key("new")
    store.put("new", wrapped, {})
    assert key_ids(store) == {first, keys.current()}
    assert key_id_of(wrapped) == keys.current()
    for grant in store.list():
        store.erase(grant.id)
    assert key_ids(store) == frozenset()


def test_a_lost_key_is_an_error_a_person_can_read(vault: Vault, store: SqliteRows, path: Path) -> None:
    from wherry.explain import explain

    filled(vault, store)
    path.unlink()
    with pytest.raises(OAuthError) as fault:
        vault.secrets("grant-0")
    assert explain(fault.value).reason == "key-missing"
    assert set(store.sealed("grant-0")[1]) == set(FIELDS), "nothing was thrown away"
