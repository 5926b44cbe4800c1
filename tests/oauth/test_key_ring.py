"""Keys in the system's keyring: there, or said why not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null

from oauth.errors import BadVault, KeyMissing, KeyringShut, UnsafeFile, WrongKey
from oauth.key_file import KeyFile
from oauth.key_list import document, read_list
from oauth.key_ring import SERVICE, KeyRing
from oauth.keys import KeyProvider
from oauth.sealing import id_of, key_id_of
from tests.oauth.keyrings import BrokenKeyring, DictKeyring, PlainKeyring, plugged

PLACE = ("data key", "local", "grant-1")
DATA = bytes(range(32))
ROOT = Path(__file__).parents[2]


@pytest.fixture
def ring() -> Iterator[DictKeyring]:
    """Lend a keyring, plugged in."""
    with plugged(DictKeyring()) as made:
        yield made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the list of ids will be."""
    return tmp_path / "private" / "keys.json"


@pytest.fixture
def keys(ring: DictKeyring, path: Path) -> KeyRing:
    """Return keys in the keyring, with a first one made."""
    made = KeyRing(path, patience=1.0)
    made.create()
    assert ring.kept
    return made


def test_it_is_a_key_provider(keys: KeyRing) -> None:
    assert isinstance(keys, KeyProvider)
    assert keys.name == "the system's keyring"


def test_the_key_is_in_the_keyring_and_not_in_the_file(keys: KeyRing, ring: DictKeyring, path: Path) -> None:
    ((service, name), text) = next(iter(ring.kept.items()))
    assert (service, name) == (SERVICE, keys.current())
    key = b64decode(text)
    assert id_of(key) == name
    for file in path.parent.iterdir():
        assert text.encode() not in file.read_bytes()
        assert key not in file.read_bytes()
    listed = json.loads(path.read_text())
    assert isinstance(listed["keys"][name].pop("made"), float)
    assert listed == {"version": 1, "kept": "keyring", "newest": name, "keys": {name: {}}}


def test_a_data_key_comes_back_in_its_place_only(keys: KeyRing) -> None:
    wrapped = keys.wrap(DATA, place=PLACE)
    assert key_id_of(wrapped) == keys.current()
    assert keys.unwrap(wrapped, place=PLACE) == DATA
    with pytest.raises(WrongKey):
        keys.unwrap(wrapped, place=("data key", "other", "grant-1"))


def test_making_it_twice_changes_nothing(keys: KeyRing, ring: DictKeyring, path: Path) -> None:
    before, newest = dict(ring.kept), keys.current()
    KeyRing(path).create()
    assert ring.kept == before
    assert keys.current() == newest


def test_a_vault_with_a_key_file_is_left_to_it(ring: DictKeyring, path: Path) -> None:
    newest = KeyFile(path).create()
    KeyRing(path).create()
    assert ring.kept == {}
    assert KeyFile(path).current() == newest


def test_two_vaults_of_one_user_do_not_meet(keys: KeyRing, ring: DictKeyring, tmp_path: Path) -> None:
    other = KeyRing(tmp_path / "other" / "keys.json")
    other.create()
    assert len(ring.kept) == 2
    assert other.current() != keys.current()
    other.rotate()
    other.drop(other.retired()[0])
    assert keys.unwrap(keys.wrap(DATA, place=PLACE), place=PLACE) == DATA


def test_rotation_keeps_the_old_key_until_it_is_dropped(keys: KeyRing, ring: DictKeyring) -> None:
    first, wrapped = keys.current(), keys.wrap(DATA, place=PLACE)
    second = keys.rotate()
    assert keys.current() == second
    assert keys.retired() == [first]
    assert keys.unwrap(wrapped, place=PLACE) == DATA
    keys.drop(first)
    assert set(ring.kept) == {(SERVICE, second)}
    assert keys.retired() == []
    with pytest.raises(KeyMissing) as fault:
        keys.unwrap(wrapped, place=PLACE)
    assert fault.value.key_id == first


def test_the_newest_key_stays(keys: KeyRing, ring: DictKeyring) -> None:
    with pytest.raises(ValueError, match="newest"):
        keys.drop(keys.current())
    assert len(ring.kept) == 1


def test_since_when_a_key_is_old_is_told_by_the_clock(ring: DictKeyring, path: Path) -> None:
    now = [1000.0]
    keys = KeyRing(path, clock=lambda: now[0])
    keys.create()
    first = keys.current()
    keys.rotate()
    now[0] = 1600.0
    assert keys.retired(since=600.0) == [first]
    assert keys.retired(since=601.0) == []
    assert len(ring.kept) == 2


def test_a_removed_entry_is_missed_and_not_made_again(keys: KeyRing, ring: DictKeyring) -> None:
    wrapped = keys.wrap(DATA, place=PLACE)
    ring.kept.clear()
    for attempt in (lambda: keys.unwrap(wrapped, place=PLACE), lambda: keys.wrap(DATA, place=PLACE)):
        with pytest.raises(KeyMissing, match="keyring"):
            attempt()
    assert ring.kept == {}


def test_a_removed_list_is_missed_and_not_made_again(keys: KeyRing, path: Path, ring: DictKeyring) -> None:
    path.unlink()
    before = dict(ring.kept)
    attempts: list[Callable[[], object]] = [keys.current, keys.rotate, keys.retired, lambda: keys.drop("x")]
    for attempt in attempts:
        with pytest.raises(KeyMissing, match=str(path)):
            attempt()
    assert ring.kept == before
    assert not path.exists()


def test_a_locked_keyring_is_named_and_its_words_are_not_repeated(keys: KeyRing, ring: DictKeyring) -> None:
    wrapped = keys.wrap(DATA, place=PLACE)
    ring.locked = True
    attempts: list[Callable[[], object]] = [
        lambda: keys.unwrap(wrapped, place=PLACE),
        lambda: keys.wrap(DATA, place=PLACE),
        keys.rotate,
    ]
    for attempt in attempts:
        with pytest.raises(KeyringShut, match="KeyringLocked") as fault:
            attempt()
        assert "canary" not in str(fault.value)
        assert fault.value.__suppress_context__
    ring.locked = False
    assert keys.unwrap(wrapped, place=PLACE) == DATA


def test_a_rotation_that_cannot_be_kept_changes_nothing(keys: KeyRing, ring: DictKeyring, path: Path) -> None:
    before, entries = path.read_bytes(), dict(ring.kept)
    ring.read_only = True
    with pytest.raises(KeyringShut, match="PasswordSetError"):
        keys.rotate()
    assert path.read_bytes() == before
    assert ring.kept == entries


def test_a_key_that_cannot_be_deleted_stays_listed(keys: KeyRing, ring: DictKeyring) -> None:
    first = keys.current()
    keys.rotate()
    ring.read_only = True
    with pytest.raises(KeyringShut, match="PasswordDeleteError"):
        keys.drop(first)
    assert keys.retired() == [first]
    ring.read_only = False
    keys.drop(first)
    assert len(ring.kept) == 1


def test_a_drop_that_died_half_way_is_finished(keys: KeyRing, ring: DictKeyring) -> None:
    """Gone from the keyring, still on the list: the next one takes it off."""
    first = keys.current()
    keys.rotate()
    ring.delete_password(SERVICE, first)
    assert keys.retired() == [first]
    keys.drop(first)
    assert keys.retired() == []


def test_a_rotation_that_died_half_way_harms_nothing(keys: KeyRing, ring: DictKeyring) -> None:
    """In the keyring, not yet on the list: it has sealed nothing."""
    wrapped, before = keys.wrap(DATA, place=PLACE), keys.current()
    ring.set_password(SERVICE, id_of(DATA), b64encode(DATA).decode())
    assert keys.current() == before
    assert keys.unwrap(wrapped, place=PLACE) == DATA
    assert keys.rotate() not in {before, id_of(DATA)}


@pytest.mark.parametrize("text", ["", "canary", "AAAA", "ä", b64encode(bytes(31)).decode()])
def test_an_entry_that_is_no_key_is_named(keys: KeyRing, ring: DictKeyring, text: str) -> None:
    ring.kept[SERVICE, keys.current()] = text
    with pytest.raises(BadVault, match="keyring's entry") as fault:
        keys.wrap(DATA, place=PLACE)
    assert "canary" not in str(fault.value)


def test_an_entry_with_another_key_opens_nothing(keys: KeyRing, ring: DictKeyring) -> None:
    wrapped = keys.wrap(DATA, place=PLACE)
    ring.kept[SERVICE, keys.current()] = b64encode(bytes(32)).decode()
    with pytest.raises(WrongKey):
        keys.unwrap(wrapped, place=PLACE)


@pytest.mark.parametrize(
    ("backend", "why"),
    [
        (fail.Keyring, "has none"),
        (null.Keyring, "has none"),
        (PlainKeyring, "has none"),
        (BrokenKeyring, "OSError"),
    ],
    ids=["fail", "null", "plain", "broken"],
)
def test_a_keyring_that_cannot_be_trusted_is_none(path: Path, backend: type[KeyringBackend], why: str) -> None:
    with plugged(backend()), pytest.raises(KeyringShut, match=why) as fault:
        KeyRing(path).create()
    assert "the bus" not in str(fault.value)
    assert not path.exists()


@pytest.mark.parametrize("fault", ["locked", "read_only", "forgets"])
def test_a_keyring_that_does_not_keep_makes_no_vault(ring: DictKeyring, path: Path, fault: str) -> None:
    setattr(ring, fault, True)
    with pytest.raises(KeyringShut):
        KeyRing(path).create()
    assert not path.exists()
    assert ring.kept == {}


def test_the_list_is_as_private_as_a_key_file(keys: KeyRing, path: Path) -> None:
    path.chmod(0o640)
    for attempt in (keys.current, keys.rotate, keys.create):
        with pytest.raises(UnsafeFile):
            attempt()


@pytest.mark.parametrize("row", [5, "x", [], None, {"retired": "today"}])
def test_a_damaged_list_is_named(keys: KeyRing, path: Path, row: object) -> None:
    newest = keys.current()
    path.write_text(json.dumps({"version": 1, "kept": "keyring", "newest": newest, "keys": {newest: row}}))
    with pytest.raises(BadVault):
        keys.current()


def test_looking_where_keys_are_opens_no_keyring(keys: KeyRing, ring: DictKeyring, path: Path) -> None:
    before = ring.asked
    assert keys.current()
    assert read_list(document(path, 1.0)) is not None
    assert ring.asked == before


WITHOUT = """
import sys
sys.modules["keyring"] = None  # what an import finds where the package is not installed
from pathlib import Path
from oauth.errors import KeyringShut
from oauth.key_ring import KeyRing
try:
    KeyRing(Path(sys.argv[1])).create()
except KeyringShut as error:
    print(error.why)
"""


def test_without_the_package_it_says_what_to_install(path: Path) -> None:
    command = [sys.executable, "-c", WITHOUT, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "the package keyring is not installed (pip install 'wherry[keyring]')\n"
    assert not path.exists()


def test_a_misconfigured_keyring_is_named(path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from oauth.errors import KeyringShut; from oauth.key_ring import KeyRing\n"
        "try: KeyRing(Path(sys.argv[1])).create()\n"
        "except KeyringShut as error: print(error.why)"
    )
    environment = {**os.environ, "PYTHON_KEYRING_BACKEND": "no.such.Backend"}
    command = [sys.executable, "-c", script, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=environment)
    assert done.stdout == "it answered ModuleNotFoundError\n"
