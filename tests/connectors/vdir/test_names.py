from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Kind
from connectors.specimens import HOSTILE_NAMES
from connectors.vdir.names import Names, digest_stem, fold, folder_name, is_harmless, is_item, is_plain, is_text

WISHES = st.one_of(
    st.text(max_size=40),
    st.sampled_from([*HOSTILE_NAMES, "a", "A", "uid@example.org", "x" * 120, "x" * 121]),
    st.from_regex(r"[A-Za-z0-9._@+=-]{1,6}", fullmatch=True),
)


@pytest.mark.parametrize(
    ("stem", "harmless"),
    [
        ("20260101T101010Z-77@example.org", True),
        ("7c4e9f0a-1b2c-4d5e-8f90-a1b2c3d4e5f6", True),
        ("a+b=c_d", True),
        ("console", True),
        ("com10", True),
        ("x" * 120, True),
        ("x" * 121, False),
        ("", False),
        (".", False),
        ("..", False),
        (".hidden", False),
        ("a/b", False),
        ("a\\b", False),
        ("a:b", False),
        ("a b", False),
        ("a%b", False),
        ("a\nb", False),
        ("a\n", False),
        ("a\0b", False),
        ("é", False),
        ("a\u202eb", False),
        ("con", False),
        ("NUL", False),
        ("Aux.1", False),
        ("lpt1.2.3", False),
        ("com0", False),
    ],
)
def test_harmless_stems(stem: str, harmless: bool) -> None:
    assert is_harmless(stem) is harmless


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("a.ics", True),
        ("a.vcf", True),
        ("A.ICS", True),
        ("a.b.ics", True),
        ("a.ics.tmp", False),
        (".a.ics", False),
        (".ics", False),
        ("ics", False),
        ("color", False),
        ("a.txt", False),
        ("a.ics~", False),
    ],
)
def test_items_by_their_ending(name: str, item: bool) -> None:
    assert is_item(name) is item


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", "/a", ".wherry", "a\0", "a\udcff"])
def test_ids_that_are_no_plain_name(name: str) -> None:
    assert not is_plain(name)


def test_undecodable_names_are_recognised() -> None:
    assert is_text("Zoë")
    assert not is_text("Zo\udceb")


@given(st.lists(st.tuples(st.integers(0, 30), WISHES), max_size=40), st.lists(WISHES, max_size=5))
def test_no_two_items_share_a_file(wishes: list[tuple[int, str]], present: list[str]) -> None:
    names = Names(".ics", [wish + ".ics" for wish in present])
    owners: dict[str, str] = {}
    for number, wish in wishes:
        key = f"{number} {wish}"  # one wish per key, as an item has one name
        name, _ = names.assign(key, wish)
        assert owners.setdefault(fold(name), key) == key
        assert is_plain(name)
        assert is_item(name)
        assert len(name.encode()) <= 124
        assert name.isascii()


@given(st.text(max_size=20), WISHES)
def test_the_same_item_gets_the_same_name_in_every_run(key: str, wish: str) -> None:
    name, standing = Names(".ics", []).assign(key, wish)
    assert not standing
    again = Names(".ics", [name])
    assert again.assign(key, wish) == (name, True)
    assert again.assign(key, wish) == (name, False)


def test_a_name_in_another_case_belongs_to_another_item() -> None:
    names = Names(".ics", ["Party.ics"])
    assert names.assign("k", "party") == (digest_stem("k") + ".ics", False)


def test_a_name_someone_else_turns_out_to_own_is_evaded_for_good() -> None:
    names = Names(".ics", ["a.ics"])
    assert names.assign("mine", "a") == ("a.ics", True)
    other = names.evade("mine", "a.ics")
    assert other == (digest_stem("mine") + ".ics", False)
    assert names.assign("mine", "a") == other


def test_a_released_name_is_free_again() -> None:
    names = Names(".ics", ["a.ics"])
    names.release("a.ics")
    assert names.assign("k", "a") == ("a.ics", False)


def test_a_claimed_name_is_not_given_to_another_item() -> None:
    names = Names(".ics", ["a.ics"])
    names.claim("first", "a.ics")
    assert names.assign("second", "a")[0] == digest_stem("second") + ".ics"


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        (("home", "Home"), "home"),
        (("", "Mein Kalender"), "Mein-Kalender"),
        (("Räder & Boote", ""), "Rader-Boote"),
        (("../../etc", ""), "etc"),
        (("..", "..."), "calendar"),
        (("日本語", ""), "calendar"),
        (("日本語", "Work"), "Work"),
        (("CON", ""), "CON-folder"),
        (("nul.ics", ""), "nul.ics-folder"),
        ((".wherry", ""), "wherry"),
        (("x" * 300, ""), "x" * 80),
        (("a\0b\nc", ""), "a-b-c"),
    ],
)
def test_folder_names(wishes: tuple[str, str], expected: str) -> None:
    assert folder_name(wishes, Kind.EVENT, []) == expected


@pytest.mark.parametrize("taken", [["home"], ["HOME"], ["Home", "x"]])
def test_folder_names_are_unlike_any_other_in_any_case(taken: list[str]) -> None:
    assert folder_name(["home"], Kind.EVENT, taken) == "home-2"
    assert folder_name(["home"], Kind.EVENT, [*taken, "Home-2"]) == "home-3"


@given(st.lists(st.text(max_size=100), max_size=3), st.sampled_from([Kind.EVENT, Kind.CONTACT]))
def test_every_folder_name_is_plain(wishes: list[str], kind: Kind) -> None:
    name = folder_name(wishes, kind, [])
    assert is_plain(name)
    assert is_harmless(name)
