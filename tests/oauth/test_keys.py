"""Keys in memory and in a variable, and what every provider promises."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth.errors import BadVault, KeyFixed, KeyMissing, WrongKey
from oauth.key_file import KeyFile
from oauth.keys import VARIABLE, GivenKeys, KeyProvider, MemoryKeys, decoded
from oauth.sealing import id_of, key_id_of, new_key

PLACE = ("data key", "local", "grant-1")
OLD, NEW = bytes(32), bytes(range(32))
TEXT = b64encode(NEW).decode()


def given_two() -> KeyProvider:
    return GivenKeys(f"{TEXT},{b64encode(OLD).decode()}")


def a_file(folder: Path) -> KeyProvider:
    keys = KeyFile(folder / "keys" / "keys.json")
    keys.create()
    return keys


PROVIDERS: dict[str, Callable[[Path], KeyProvider]] = {
    "memory": lambda _: MemoryKeys(),
    "given": lambda _: given_two(),
    "file": a_file,
}


@pytest.fixture(params=PROVIDERS)
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> KeyProvider:
    """Return each provider in turn."""
    return PROVIDERS[request.param](tmp_path)


def test_it_is_a_key_provider_with_a_name(keys: KeyProvider) -> None:
    assert isinstance(keys, KeyProvider)
    assert keys.name


def test_a_data_key_comes_back(keys: KeyProvider) -> None:
    data_key = new_key()
    wrapped = keys.wrap(data_key, place=PLACE)
    assert keys.unwrap(wrapped, place=PLACE) == data_key
    assert key_id_of(wrapped) == keys.current()
    assert data_key.hex() not in wrapped
    assert b64encode(data_key).decode()[:20] not in wrapped


def test_a_data_key_opens_in_its_place_only(keys: KeyProvider) -> None:
    wrapped = keys.wrap(new_key(), place=PLACE)
    for place in (("data key", "other", "grant-1"), ("data key", "local", "grant-2"), ("field", "local", "grant-1")):
        with pytest.raises(WrongKey):
            keys.unwrap(wrapped, place=place)


def test_a_key_from_elsewhere_is_missing_and_named(keys: KeyProvider) -> None:
    stranger = MemoryKeys()
    with pytest.raises(KeyMissing) as fault:
        keys.unwrap(stranger.wrap(new_key(), place=PLACE), place=PLACE)
    assert fault.value.key_id == stranger.current()
    assert fault.value.where == keys.name


def test_another_key_under_the_same_id_does_not_open(keys: KeyProvider) -> None:
    stranger = MemoryKeys()
    _, _, rest = stranger.wrap(new_key(), place=PLACE).partition(f"|{stranger.current()}|")
    with pytest.raises(WrongKey):
        keys.unwrap(f"v1|{keys.current()}|{rest}", place=PLACE)


@pytest.mark.parametrize("wrapped", ["", "x", "v1|", "v2|a|b|c"])
def test_what_has_another_form_is_named(keys: KeyProvider, wrapped: str) -> None:
    with pytest.raises(BadVault, match="data key/local/grant-1"):
        keys.unwrap(wrapped, place=PLACE)


def test_the_newest_key_is_never_dropped(keys: KeyProvider) -> None:
    with pytest.raises(ValueError, match="newest"):
        keys.drop(keys.current())
    assert keys.unwrap(keys.wrap(NEW, place=PLACE), place=PLACE) == NEW


def test_dropping_what_is_not_there_is_no_matter(keys: KeyProvider) -> None:
    before = keys.current()
    keys.drop("0123456789abcdef")
    assert keys.current() == before


@pytest.mark.parametrize("where", ["memory", "file"])
def test_after_a_rotation_old_and_new_open_and_the_new_one_wraps(where: str, tmp_path: Path) -> None:
    keys = PROVIDERS[where](tmp_path)
    first, wrapped = keys.current(), keys.wrap(NEW, place=PLACE)
    ids = [keys.rotate() for _ in range(4)]
    assert len({first, *ids}) == 5
    assert keys.current() == ids[-1]
    assert keys.unwrap(wrapped, place=PLACE) == NEW
    assert key_id_of(keys.wrap(NEW, place=PLACE)) == ids[-1]
    assert keys.retired() == [first, *ids[:-1]]
    keys.drop(first)
    assert keys.retired() == ids[:-1]
    with pytest.raises(KeyMissing):
        keys.unwrap(wrapped, place=PLACE)


def test_two_memories_know_nothing_of_each_other() -> None:
    assert MemoryKeys().current() != MemoryKeys().current()


def test_the_first_key_given_wraps_and_the_others_open() -> None:
    before = GivenKeys(b64encode(OLD).decode())
    wrapped = before.wrap(NEW, place=PLACE)
    after = given_two()
    assert after.current() == id_of(NEW)
    assert after.retired() == [id_of(OLD)]
    assert after.unwrap(wrapped, place=PLACE) == NEW
    assert after.rotate() == id_of(NEW)
    after.drop(id_of(OLD))
    assert after.unwrap(wrapped, place=PLACE) == NEW, "only who sets the variable takes a key out of it"


def test_a_single_given_key_is_not_ours_to_change() -> None:
    with pytest.raises(KeyFixed, match=VARIABLE):
        GivenKeys(TEXT).rotate()
    with pytest.raises(KeyFixed):
        GivenKeys(f"{TEXT},{TEXT}").rotate()


@pytest.mark.parametrize(
    "text",
    [TEXT, TEXT.rstrip("="), urlsafe_b64encode(NEW).decode(), f" {TEXT} ", f"{TEXT}\n", f"{TEXT} , {TEXT}"],
    ids=range(6),
)
def test_a_key_may_be_spelled_in_several_ways(text: str) -> None:
    assert GivenKeys(text).current() == id_of(NEW)


@given(st.binary(min_size=32, max_size=32))
def test_any_key_in_any_base64_is_read(key: bytes) -> None:
    for text in (b64encode(key).decode(), urlsafe_b64encode(key).decode(), b64encode(key).decode().rstrip("=")):
        assert decoded(text, "here") == key


@given(st.binary(max_size=80).filter(lambda key: len(key) != 32))
def test_a_key_of_another_length_is_refused(key: bytes) -> None:
    with pytest.raises(BadVault, match="32 bytes"):
        decoded(b64encode(key).decode(), "here")


@pytest.mark.parametrize(
    "text",
    ["", ",", f"{TEXT},", f",{TEXT}", "canary-not-a-key", "canary" * 8, TEXT + "canary", "ä" * 43, "=" * 44, "\0" * 43],
    ids=range(10),
)
def test_a_bad_variable_is_named_and_not_quoted(text: str) -> None:
    with pytest.raises(BadVault, match=VARIABLE) as fault:
        GivenKeys(text)
    assert "canary" not in str(fault.value)
    assert TEXT not in str(fault.value)
    assert fault.value.__suppress_context__ or fault.value.__context__ is None


def test_nothing_printed_shows_a_key() -> None:
    keys = GivenKeys(TEXT)
    for shown in (repr(keys), str(keys), keys.name, keys.current(), repr(MemoryKeys())):
        assert TEXT not in shown
        assert NEW.hex() not in shown
        assert repr(NEW) not in shown
