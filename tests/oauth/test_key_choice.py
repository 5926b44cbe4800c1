"""Where the key is kept: found where it is, made only where nothing needs one, and the reason told."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from oauth.errors import BadVault, KeyMissing, KeyringShut, KeyServiceUnusable, NotKept, UnsafeFile
from oauth.key_choice import choose, existing, load_service
from oauth.key_file import KeyFile
from oauth.key_ring import KeyRing
from oauth.keys import VARIABLE, GivenKeys, MemoryKeys
from oauth.sealing import id_of
from tests.oauth.keyrings import BrokenKeyring, DictKeyring, PlainKeyring, plugged

ROOT = Path(__file__).parents[2]
KEY = b64encode(bytes(32)).decode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the vault's list of keys will be."""
    return tmp_path / "private" / "keys.json"


@pytest.fixture
def ring() -> Iterator[DictKeyring]:
    """Lend a keyring that works."""
    with plugged(DictKeyring()) as made:
        yield made


@pytest.fixture
def no_ring() -> Iterator[None]:
    """Lend a machine without one."""
    with plugged(PlainKeyring()):
        yield


def nothing() -> frozenset[str]:
    return frozenset()


def never() -> frozenset[str]:
    raise AssertionError("the database was asked although a key is there")


@pytest.mark.usefixtures("ring")
def test_a_new_vault_takes_the_keyring(path: Path) -> None:
    choice = choose(path, environ={}, needed=nothing)
    assert isinstance(choice.keys, KeyRing)
    assert choice.why == "a keyring is open"
    assert choice.keys.wrap(bytes(32), place=("x",))


@pytest.mark.usefixtures("no_ring")
def test_without_a_keyring_it_takes_a_file_and_says_why(path: Path) -> None:
    choice = choose(path, environ={}, needed=nothing)
    assert isinstance(choice.keys, KeyFile)
    assert choice.why == "no keyring can be used: this system has none"
    assert path.exists()


@pytest.mark.parametrize("fault", ["locked", "read_only", "forgets"])
def test_a_keyring_that_does_not_keep_is_passed_over(ring: DictKeyring, path: Path, fault: str) -> None:
    setattr(ring, fault, True)
    choice = choose(path, environ={}, needed=nothing)
    assert isinstance(choice.keys, KeyFile)
    assert choice.why.startswith("no keyring can be used: it ")
    assert ring.kept == {}


def test_a_keyring_that_breaks_is_passed_over(path: Path) -> None:
    with plugged(BrokenKeyring()):
        choice = choose(path, environ={}, needed=nothing)
    assert isinstance(choice.keys, KeyFile)
    assert choice.why == "no keyring can be used: it answered OSError"


def test_a_vault_stays_where_it_is(ring: DictKeyring, path: Path) -> None:
    """A file made on a day without keyring is not left for a keyring, nor the other way round."""
    KeyFile(path).create()
    choice = choose(path, environ={}, needed=never)
    assert isinstance(choice.keys, KeyFile)
    assert choice.why == "the vault's key is there already"
    assert ring.asked == 0


def test_a_vault_in_a_keyring_is_found_and_never_moved_to_a_file(ring: DictKeyring, path: Path) -> None:
    made = choose(path, environ={}, needed=nothing).keys
    wrapped = made.wrap(bytes(32), place=("x",))
    again = choose(path, environ={}, needed=never).keys
    assert again.unwrap(wrapped, place=("x",)) == bytes(32)
    ring.locked = True
    shut = choose(path, environ={}, needed=never).keys
    assert isinstance(shut, KeyRing)
    with pytest.raises(KeyringShut):
        shut.unwrap(wrapped, place=("x",))
    with plugged(PlainKeyring()), pytest.raises(KeyringShut, match="has none"):
        choose(path, environ={}, needed=never).keys.unwrap(wrapped, place=("x",))


@pytest.mark.parametrize("with_ring", [True, False])
def test_where_rows_need_a_key_none_is_made(path: Path, with_ring: bool) -> None:
    with plugged(DictKeyring() if with_ring else PlainKeyring()) as ring:
        with pytest.raises(KeyMissing) as fault:
            choose(path, environ={}, needed=lambda: {"beef", "abba"})
        assert fault.value.key_id == "abba"
        assert str(path) in fault.value.where
        assert ring.kept == {}
    assert not path.exists()
    assert not path.parent.exists()


@pytest.mark.usefixtures("no_ring")
def test_the_old_file_put_back_opens_again(path: Path, tmp_path: Path) -> None:
    keys = choose(path, environ={}, needed=nothing).keys
    wrapped = keys.wrap(bytes(range(32)), place=("x",))
    path.rename(tmp_path / "backup")
    with pytest.raises(KeyMissing):
        choose(path, environ={}, needed=lambda: {keys_id(wrapped)})
    (tmp_path / "backup").rename(path)
    back = choose(path, environ={}, needed=never).keys
    assert back.unwrap(wrapped, place=("x",)) == bytes(range(32))


def keys_id(wrapped: str) -> str:
    return wrapped.split("|")[1]


@pytest.mark.usefixtures("no_ring")
def test_an_older_file_put_back_misses_the_newer_key_and_opens_the_rest(path: Path) -> None:
    keys = choose(path, environ={}, needed=nothing).keys
    old, backup = keys.wrap(bytes(32), place=("x",)), path.read_bytes()
    newest = keys.rotate()
    new = keys.wrap(bytes(32), place=("x",))
    path.write_bytes(backup)
    again = choose(path, environ={}, needed=never).keys
    assert again.unwrap(old, place=("x",)) == bytes(32)
    with pytest.raises(KeyMissing) as fault:
        again.unwrap(new, place=("x",))
    assert fault.value.key_id == newest


def test_a_failing_database_makes_no_key(path: Path, ring: DictKeyring) -> None:
    """Not knowing whether rows need a key is not the same as knowing that none does."""

    def broken() -> frozenset[str]:
        raise OSError("the database does not answer")

    with pytest.raises(OSError, match="does not answer"):
        choose(path, environ={}, needed=broken)
    assert not path.exists()
    assert ring.kept == {}


def test_the_variable_wins(path: Path, ring: DictKeyring) -> None:
    KeyFile(path).create()
    choice = choose(path, environ={VARIABLE: KEY}, needed=never)
    assert isinstance(choice.keys, GivenKeys)
    assert choice.keys.current() == id_of(bytes(32))
    assert choice.why == "WHERRY_VAULT_KEY is set"
    assert ring.asked == 0


@pytest.mark.usefixtures("no_ring")
def test_an_empty_variable_is_none(path: Path) -> None:
    assert isinstance(choose(path, environ={VARIABLE: ""}, needed=nothing).keys, KeyFile)


def test_a_bad_variable_is_named_and_nothing_else_tried(path: Path) -> None:
    with pytest.raises(BadVault, match=VARIABLE):
        choose(path, environ={VARIABLE: "canary"}, needed=nothing)
    assert not path.exists()


def test_memory_is_chosen_by_name_only(path: Path, ring: DictKeyring) -> None:
    choice = choose(path, environ={VARIABLE: KEY}, needed=never, ephemeral=True)
    assert isinstance(choice.keys, MemoryKeys)
    assert choice.why == "nothing is to be kept"
    assert not path.parent.exists()
    assert ring.kept == {}


@pytest.mark.usefixtures("no_ring")
def test_memory_is_no_silent_last_resort(tmp_path: Path) -> None:
    """What a forgotten key has sealed could not even be used to give the access back."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UnsafeFile):
        choose(tmp_path / "file" / "keys.json", environ={}, needed=nothing)
    with pytest.raises((NotKept, UnsafeFile)):
        choose(Path("/proc/no-such-folder/keys.json"), environ={}, needed=nothing)


@pytest.mark.parametrize("bits", [0o644, 0o640])
def test_an_open_key_file_is_refused_and_not_replaced(path: Path, bits: int) -> None:
    KeyFile(path).create()
    content = path.read_bytes()
    path.chmod(bits)
    with pytest.raises(UnsafeFile):
        choose(path, environ={}, needed=nothing)
    assert path.read_bytes() == content


def test_a_damaged_key_file_is_refused_and_not_replaced(path: Path) -> None:
    KeyFile(path).create()
    path.write_bytes(b"{")
    with pytest.raises(BadVault):
        choose(path, environ={}, needed=nothing)
    assert path.read_bytes() == b"{"


def test_looking_makes_nothing(path: Path) -> None:
    assert existing(path) is None
    assert not path.parent.exists()


RACE = """
import sys
from pathlib import Path
import keyring
from oauth.key_choice import choose
if sys.argv[2] == "ring":
    from tests.oauth.keyrings import DictKeyring
    keyring.set_keyring(DictKeyring())
print("ready", flush=True)
sys.stdin.readline()
chosen = choose(Path(sys.argv[1]), environ={}, needed=frozenset)
print(type(chosen.keys).__name__, chosen.keys.current(), flush=True)
"""


def test_processes_that_choose_at_the_same_time_agree_on_place_and_key(path: Path) -> None:
    """Even when only some of them see a keyring."""

    def start(kind: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", RACE, str(path), kind]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT)

    running = [start(kind) for kind in ("ring", "none", "ring", "none")]
    try:
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in running:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [process.communicate(timeout=60)[0] for process in running]
    finally:
        for process in running:
            process.kill()
            process.wait()
    assert len(set(said)) == 1
    found = existing(path)
    assert found is not None
    assert said[0] == f"{type(found).__name__} {found.current()}\n"


SERVICE = '''
from oauth.keys import MemoryKeys

class Remote(MemoryKeys):
    """Stands for a service far away: wraps and unwraps, hands out no key."""
    name = "a service far away"

class Half:
    name = "half"

broken = 5
'''

ENTRIES = """[wherry.keys]
remote = far_away:Remote
half = far_away:Half
broken = far_away:broken
absent = far_away:Nothing
nowhere = no_such_module:Nothing
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a distribution with services for keys, for this test."""
    site = tmp_path / "site"
    record = site / "far_away-1.0.dist-info"
    record.mkdir(parents=True)
    (site / "far_away.py").write_text(SERVICE)
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: far-away\nVersion: 1.0\n")
    (record / "entry_points.txt").write_text(ENTRIES)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.delitem(sys.modules, "far_away", raising=False)
    return site


@pytest.mark.usefixtures("installed")
def test_a_service_of_a_third_party_wraps_and_unwraps(path: Path) -> None:
    choice = choose(path, environ={VARIABLE: KEY}, needed=never, service="remote")
    assert choice.keys.name == "a service far away"
    assert choice.why == "the service 'remote' is configured"
    wrapped = choice.keys.wrap(bytes(32), place=("x",))
    assert choice.keys.unwrap(wrapped, place=("x",)) == bytes(32)
    assert not path.parent.exists()


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("remotes", "there are: absent, broken, half, nowhere, remote"),
        ("half", "gives no key provider"),
        ("broken", "cannot be loaded"),
        ("absent", "cannot be loaded"),
        ("nowhere", "cannot be loaded"),
    ],
)
def test_a_service_that_cannot_be_used_is_named(name: str, why: str) -> None:
    with pytest.raises(KeyServiceUnusable, match=why) as fault:
        load_service(name)
    assert fault.value.name == name


def test_without_any_service_it_says_so() -> None:
    with pytest.raises(KeyServiceUnusable, match="there are: none"):
        load_service("remote")


def test_two_packages_with_one_name_are_a_quarrel(installed: Path) -> None:
    """Whoever wraps the keys can open everything: that is not decided by chance."""
    record = installed / "other-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (record / "entry_points.txt").write_text("[wherry.keys]\nremote = other:Remote\n")
    with pytest.raises(KeyServiceUnusable, match="several packages"):
        load_service("remote")


def test_choosing_an_existing_file_loads_neither_keyring_nor_cipher(path: Path) -> None:
    """What every start pays for."""
    KeyFile(path).create()
    script = (
        "import sys; from pathlib import Path; from oauth.key_choice import choose\n"
        "choose(Path(sys.argv[1]), environ={}, needed=frozenset).keys.current()\n"
        "print(sorted({'keyring', 'cryptography', 'sqlalchemy', 'importlib.metadata', 'secrets'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "[]\n"
