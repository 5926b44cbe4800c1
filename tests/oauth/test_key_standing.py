"""How keys stand: each named with its state, its ages and what needs it, whoever keeps them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oauth.errors import BadVault, KeyMissing, KeyringShut
from oauth.key_choice import choose, look
from oauth.key_file import KeyFile
from oauth.key_list import document, read_list
from oauth.key_ring import KeyRing
from oauth.key_standing import KeyState, Standing, standing
from oauth.keys import VARIABLE, Dates, GivenKeys, KeyProvider, MemoryKeys
from oauth.sealing import id_of
from oauth.vault import Vault
from tests.oauth.keyrings import DictKeyring, PlainKeyring, plugged
from tests.oauth.rows import SqliteRows, filled

OLD, NEW = bytes(32), bytes(range(32))
NEWEST, OLDER, MISSING = KeyState.NEWEST, KeyState.OLDER, KeyState.MISSING


def text(*keys: bytes) -> str:
    return ",".join(b64encode(key).decode() for key in keys)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteRows]:
    with closing(SqliteRows(tmp_path / "rows.db")) as made:
        yield made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "private" / "keys.json"


def states(found: Standing) -> list[tuple[str, KeyState, int]]:
    return [(each.id, each.state, len(each.grants)) for each in found.keys]


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


# What is looked at.


def test_one_key_and_what_needs_it(store: SqliteRows) -> None:
    keys = GivenKeys(text(NEW))
    ids = filled(Vault(keys, store), store, grants=3)
    (only,) = standing(keys, store).keys
    assert (only.id, only.state, only.grants) == (id_of(NEW), NEWEST, tuple(ids))
    assert only.dates == Dates(None, None), "a variable knows no ages"


def test_grants_whose_secrets_are_destroyed_need_no_key(store: SqliteRows) -> None:
    keys = GivenKeys(text(NEW))
    first, *rest = filled(Vault(keys, store), store, grants=3)
    store.erase(first)
    (only,) = standing(keys, store).keys
    assert only.grants == tuple(rest)


def test_before_and_after_a_rotation(store: SqliteRows) -> None:
    filled(Vault(GivenKeys(text(OLD)), store), store, grants=2)
    keys = GivenKeys(text(NEW, OLD))
    assert states(standing(keys, store)) == [(id_of(NEW), NEWEST, 0), (id_of(OLD), OLDER, 2)]
    Vault(keys, store).rewrap()
    assert states(standing(keys, store)) == [(id_of(NEW), NEWEST, 2), (id_of(OLD), OLDER, 0)]


def test_a_key_that_is_needed_and_not_there_is_missing(store: SqliteRows) -> None:
    filled(Vault(GivenKeys(text(OLD)), store), store, grants=2)
    found = standing(GivenKeys(text(NEW)), store)
    assert states(found) == [(id_of(NEW), NEWEST, 0), (id_of(OLD), MISSING, 2)]


@pytest.mark.parametrize("wrapped", ["", "nonsense", "v2|key|x|y", "v1||x|y", "v1|", "\0|"])
def test_a_row_that_names_no_key_is_told_by_its_grant(store: SqliteRows, wrapped: str) -> None:
    keys = GivenKeys(text(NEW))
    filled(Vault(keys, store), store)
    store.put("broken", wrapped, {})
    found = standing(keys, store)
    assert found.unreadable == ("broken",)
    assert states(found) == [(id_of(NEW), NEWEST, 1)]


def test_an_empty_vault(store: SqliteRows) -> None:
    found = standing(GivenKeys(text(NEW, OLD)), store)
    assert states(found) == [(id_of(NEW), NEWEST, 0), (id_of(OLD), OLDER, 0)]
    assert found.unreadable == ()


def test_looking_changes_nothing_and_shows_no_key(store: SqliteRows, path: Path) -> None:
    keys = KeyFile(path)
    keys.create()
    filled(Vault(keys, store), store, grants=2)
    keys.rotate()
    content, rows = path.read_bytes(), store.list()
    found = standing(keys, store)
    assert (path.read_bytes(), store.list()) == (content, rows)
    shown = repr(found)
    for each in found.keys:
        key = keys.key(each.id)
        assert b64encode(key).decode() not in shown
        assert key.hex() not in shown


# Ages.


def test_a_file_knows_when_each_key_was_made_and_replaced(store: SqliteRows, path: Path) -> None:
    clock = Clock(1000.0)
    keys = KeyFile(path, clock=clock)
    first = keys.create()
    clock.now = 2000.0
    second = keys.rotate()
    clock.now = 3000.0
    third = keys.rotate()
    assert {each.id: each.dates for each in standing(KeyFile(path), store).keys} == {
        third: Dates(3000.0, None),
        second: Dates(2000.0, 3000.0),
        first: Dates(1000.0, 2000.0),
    }
    assert [each.id for each in standing(keys, store).keys] == [third, second, first], "the newest first"


def test_a_list_from_before_ages_were_kept_is_read(store: SqliteRows, path: Path) -> None:
    keys = KeyFile(path)
    key_id = keys.create()
    path.write_bytes(path.read_bytes().replace(b'"made"', b'"unheard-of"'))
    (only,) = standing(keys, store).keys
    assert (only.id, only.dates) == (key_id, Dates(None, None))
    found = read_list(document(path, 1.0))
    assert found is not None
    assert found.newest == key_id


@pytest.mark.parametrize("made", [b'"yesterday"', b"[]", b"{}"])
def test_an_age_that_is_no_number_is_refused(store: SqliteRows, path: Path, made: bytes) -> None:
    keys = KeyFile(path, clock=Clock(7.25))
    keys.create()
    path.write_bytes(path.read_bytes().replace(b"7.25", made))
    with pytest.raises(BadVault):
        standing(keys, store)


# A keyring.


def test_a_keyring_is_asked_for_each_key(store: SqliteRows, path: Path) -> None:
    with plugged(DictKeyring()) as ring:
        clock = Clock(1000.0)
        keys = KeyRing(path, clock=clock)
        keys.create()
        filled(Vault(keys, store), store, grants=2)
        old = keys.current()
        clock.now = 2000.0
        new = keys.rotate()
        found = standing(keys, store)
        assert states(found) == [(new, NEWEST, 0), (old, OLDER, 2)]
        assert [each.dates for each in found.keys] == [Dates(2000.0), Dates(1000.0, 2000.0)]
        del ring.kept["wherry vault", old]
        assert states(standing(keys, store)) == [(new, NEWEST, 0), (old, MISSING, 2)]
        del ring.kept["wherry vault", new]
        assert [each.state for each in standing(keys, store).keys] == [MISSING, MISSING]


def test_a_keyring_that_is_shut_is_told(store: SqliteRows, path: Path) -> None:
    with plugged(DictKeyring()) as ring:
        keys = KeyRing(path)
        keys.create()
        ring.locked = True
        with pytest.raises(KeyringShut):
            standing(keys, store)


# A service far away: it hands out no key, and is believed about those it lists.


class Remote:
    """Wraps and unwraps; nobody can have its keys."""

    name = "a service far away"

    def __init__(self) -> None:
        self._inside = MemoryKeys()

    def current(self) -> str:
        return self._inside.current()

    def wrap(self, data_key: bytes, *, place: tuple[str, ...]) -> str:
        return self._inside.wrap(data_key, place=place)

    def unwrap(self, wrapped: str, *, place: tuple[str, ...]) -> bytes:
        return self._inside.unwrap(wrapped, place=place)

    def rotate(self) -> str:
        return self._inside.rotate()

    def retired(self, *, since: float = 0.0) -> list[str]:
        return self._inside.retired(since=since)

    def drop(self, key_id: str) -> None:
        self._inside.drop(key_id)


def test_a_service_is_believed(store: SqliteRows) -> None:
    keys = Remote()
    assert isinstance(keys, KeyProvider)
    filled(Vault(keys, store), store, grants=2)
    old = keys.current()
    new = keys.rotate()
    assert states(standing(keys, store)) == [(new, NEWEST, 0), (old, OLDER, 2)]
    keys.drop(old)
    assert states(standing(keys, store)) == [(new, NEWEST, 0), (old, MISSING, 2)]


@settings(max_examples=30, deadline=None)
@given(steps=st.lists(st.sampled_from(["grant", "rotate", "rewrap", "erase", "drop"]), max_size=12))
def test_every_grant_is_counted_once_and_only_lost_keys_are_missing(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    keys = MemoryKeys()
    with closing(SqliteRows(tmp_path_factory.mktemp("rows") / "rows.db")) as store:
        vault, made, lost = Vault(keys, store), 0, set[str]()
        for step in steps:
            if step == "grant":
                made += 1
                store.put(f"g{made}", vault.new_data_key(f"g{made}"), {})
            elif step == "rotate":
                keys.rotate()
            elif step == "rewrap":
                vault.rewrap(grace=1e9)
            elif step == "erase" and made:
                store.erase(f"g{made}")
            elif step == "drop" and keys.retired():
                lost.add(keys.retired()[0])
                keys.drop(keys.retired()[0])
        found = standing(keys, store)
        counted = [grant for each in found.keys for grant in each.grants]
        assert sorted(counted) == sorted(grant.id for grant in store.list())
        assert [each.state for each in found.keys].count(NEWEST) == 1
        assert {each.id for each in found.keys if each.state is MISSING} <= lost


# Looking for keys without making any.


def test_looking_where_nothing_is(path: Path) -> None:
    assert look(path, environ={}, needed=frozenset) is None
    assert not path.parent.exists()


def test_looking_finds_what_choosing_found(path: Path) -> None:
    with plugged(PlainKeyring()):
        made = choose(path, environ={}, needed=frozenset)
        found = look(path, environ={}, needed=frozenset)
    assert found is not None
    assert found.keys.current() == made.keys.current()
    assert found.why == "the vault's key is there already"


def test_looking_at_a_variable(path: Path) -> None:
    found = look(path, environ={VARIABLE: text(NEW)}, needed=frozenset)
    assert found is not None
    assert (found.keys.current(), found.why) == (id_of(NEW), "WHERRY_VAULT_KEY is set")


def test_looking_tells_that_rows_need_a_key_nobody_has(path: Path) -> None:
    with pytest.raises(KeyMissing) as fault:
        look(path, environ={}, needed=lambda: {"beef"})
    assert fault.value.key_id == "beef"
    assert not path.parent.exists()
