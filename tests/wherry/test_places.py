from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Kind
from wherry.errors import AccountUnknown, PlaceError
from wherry.folders import Folders
from wherry.places import WrittenPlace, complete, find_account, parse_place, resolve
from wherry.settings import Account, Settings

HERE = os.getcwd()


def settings_with(*accounts: Account) -> Settings:
    folders = Folders(Path("/config"), Path("/state"))
    return Settings(folders, folders.settings, "sqlite:////x", {account.name: account for account in accounts})


HOME = Account("home", "dav", "https://dav.example.org/", "ana")
WORK = Account("work", "dav", "http://10.0.0.2/", "ana", auth="digest", allow_private=True, ca="/ca.pem")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("dav:home", WrittenPlace("dav", "home")),
        ("dav", WrittenPlace("dav")),
        ("dav:home/Holidays", WrittenPlace("dav", "home", "Holidays")),
        ("dav:home/", WrittenPlace("dav", "home")),
        ("dav/Holidays", WrittenPlace("dav", "", "Holidays")),
        ("dav:/Holidays", WrittenPlace("dav", "", "Holidays")),
        ("caldav:ana@example.org/Two words", WrittenPlace("caldav", "ana@example.org", "Two words")),
        ("carddav:home", WrittenPlace("carddav", "home")),
        ("dav:home/a/b", WrittenPlace("dav", "home", "a/b")),
        ("dav:home/a:b", WrittenPlace("dav", "home", "a:b")),
        ("/srv/pim", WrittenPlace("vdir", path="/srv/pim")),
        ("/srv/pim/", WrittenPlace("vdir", path="/srv/pim")),
        ("/srv/../srv/pim", WrittenPlace("vdir", path="/srv/pim")),
        ("/with:colon", WrittenPlace("vdir", path="/with:colon")),
        ("./pim", WrittenPlace("vdir", path=f"{HERE}/pim")),
        (".", WrittenPlace("vdir", path=HERE)),
        ("../x", WrittenPlace("vdir", path=os.path.abspath("../x"))),
        ("~/pim", WrittenPlace("vdir", path=os.path.expanduser("~/pim"))),
        ("vdir:/srv/pim", WrittenPlace("vdir", path="/srv/pim")),
        ("vdir:pim", WrittenPlace("vdir", path=f"{HERE}/pim")),
        ("vdir:~/pim", WrittenPlace("vdir", path=os.path.expanduser("~/pim"))),
    ],
)
def test_places_are_read_as_written(text: str, place: WrittenPlace) -> None:
    assert parse_place(text) == place


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("", "kind:account"),
        ("   ", "kind:account"),
        ("dva:home", "Did you mean 'dav'?"),
        ("cardav:home", "Did you mean 'carddav'?"),
        ("https://dav.example.org/", "wherry connect dav --name NAME --url https://dav.example.org/"),
        ("gopher", "Known: caldav, carddav, dav, google-calendar, google-contacts, vdir."),
        ("vdir", "~/folder"),
        ("vdir:", "~/folder"),
        ("~nobody-of-this-name/x", ""),
        ("a\0b", "kind:account"),
    ],
)
def test_what_is_no_place_is_refused_with_advice(text: str, advice: str) -> None:
    with pytest.raises(PlaceError) as caught:
        parse_place(text)
    assert advice in caught.value.hint


def test_a_folder_written_without_a_dot_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pim").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PlaceError) as caught:
        parse_place("pim")
    assert caught.value.hint == "For the folder write ./pim"


def test_kinds_of_enabled_connectors_are_known() -> None:
    assert parse_place("webdav:x", extra=("webdav",)) == WrittenPlace("webdav", "x")


names = st.text(st.characters(codec="utf-8", exclude_characters="/:\0"), min_size=1, max_size=12).filter(
    lambda name: name.strip() == name
)


@given(st.sampled_from(["dav", "caldav", "carddav"]), names, st.one_of(st.just(""), names))
@settings(max_examples=150, deadline=None)
def test_a_place_written_back_is_the_same_place(kind: str, account: str, path: str) -> None:
    place = WrittenPlace(kind, account, path)
    assert parse_place(str(place)) == place


@given(st.lists(names, min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_a_folder_written_back_is_the_same_folder(parts: list[str]) -> None:
    place = parse_place("/" + "/".join(parts))
    assert parse_place(str(place)) == place
    assert str(place).startswith("vdir:/")


def test_an_account_is_found_by_name_and_by_being_the_only_one() -> None:
    assert find_account(parse_place("dav:work"), settings_with(HOME, WORK)) is WORK
    assert find_account(parse_place("carddav"), settings_with(HOME)) is HOME
    assert complete(parse_place("caldav"), settings_with(HOME)) == WrittenPlace("caldav", "home")
    assert complete(parse_place("/x"), settings_with()) == WrittenPlace("vdir", path="/x")


@pytest.mark.parametrize(
    ("text", "accounts", "words", "advice"),
    [
        ("dav:hoem", (HOME, WORK), "'hoem'", "Did you mean 'home'?"),
        ("dav:other", (HOME,), "'other'", "Known: home."),
        ("dav:new", (), "'new'", "wherry connect dav --name new"),
        ("dav", (), "No dav account is connected", "wherry connect dav --name NAME"),
        ("dav", (HOME, WORK), "home, work", "dav:NAME"),
        ("caldav:nobody", (), "No dav account", "wherry connect dav --name nobody"),
    ],
)
def test_unknown_accounts_are_refused_with_advice(
    text: str, accounts: tuple[Account, ...], words: str, advice: str
) -> None:
    with pytest.raises(AccountUnknown) as caught:
        find_account(parse_place(text), settings_with(*accounts))
    assert words in caught.value.detail
    assert advice in caught.value.hint


def test_a_remote_place_becomes_an_endpoint() -> None:
    endpoint = resolve(parse_place("dav:work/Team"), settings_with(WORK))
    assert (endpoint.kind, endpoint.account, endpoint.path, endpoint.url) == ("dav", "work", "Team", "http://10.0.0.2/")
    assert endpoint.options == {"username": "ana", "auth": "digest", "allow-private": "yes"}
    assert endpoint.kinds == frozenset()
    assert "allow-private" not in resolve(parse_place("dav:home"), settings_with(HOME)).options


@pytest.mark.parametrize(
    ("text", "only", "kinds"),
    [
        ("dav:home", frozenset[str](), frozenset[Kind]()),
        ("dav:home", frozenset({"contact"}), frozenset({Kind.CONTACT})),
        ("caldav:home", frozenset[str](), frozenset({Kind.EVENT})),
        ("carddav:home", frozenset({"contact"}), frozenset({Kind.CONTACT})),
        ("caldav:home", frozenset({"contact", "event"}), frozenset({Kind.EVENT})),
    ],
)
def test_views_and_choices_narrow_the_kinds(text: str, only: frozenset[str], kinds: frozenset[Kind]) -> None:
    assert resolve(parse_place(text), settings_with(HOME), only=only).kinds == kinds


def test_a_choice_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(PlaceError, match="--only"):
        resolve(parse_place("caldav:home"), settings_with(HOME), only=frozenset({"contact"}))


def test_a_folder_becomes_an_endpoint() -> None:
    endpoint = resolve(parse_place("/srv/pim"), settings_with(), only=frozenset({"event"}))
    assert (endpoint.kind, endpoint.root, endpoint.kinds) == ("vdir", "/srv/pim", frozenset({Kind.EVENT}))
