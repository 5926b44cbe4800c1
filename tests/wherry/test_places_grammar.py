"""The grammar of places, searched: whatever is understood is written back so that it means the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wherry.errors import AccountUnknown, PlaceError
from wherry.folders import Folders
from wherry.places import LOCAL, ONLY, REMOTE, VIEWS, WrittenPlace, complete, parse_place, resolve, same_place
from wherry.settings import Account, Settings

KINDS = sorted(LOCAL | REMOTE | set(VIEWS))
HOSTILE = st.text(st.sampled_from("dav:/.~ \\'\"\n\x1b\u202ehome%2F?#@\u00e9\ud800"), max_size=14)


def settings_with(*accounts: Account) -> Settings:
    folders = Folders(Path("/config"), Path("/state"))
    return Settings(folders, folders.settings, "sqlite:////x", {account.name: account for account in accounts})


HOME = Account("home", "dav", "https://dav.example.org/", "ana")
OTHER = Account("other", "webdav", "https://x.example.org/", "ana")


@given(st.text(max_size=20) | HOSTILE | st.builds("{}:{}".format, st.sampled_from(KINDS), st.text(max_size=12)))
@settings(max_examples=400, deadline=None)
@example("dav:home//x")
@example("dav:/")
@example("dav:home/ x ")
@example("caldav:a:b/c:d")
@example("vdir:~")
@example("//")
@example("dav:home/\n")
@example("vdir: ")
def test_what_is_understood_is_understood_again_from_its_written_form(text: str) -> None:
    try:
        place = parse_place(text)
    except PlaceError as refused:
        assert refused.detail  # noqa: PT017 - a refusal is one of two right ends
        return
    written = str(place)
    assert parse_place(written) == place
    assert str(parse_place(written)) == written
    assert "\0" not in written
    written.encode()


@given(st.text(max_size=20) | HOSTILE)
@settings(max_examples=150, deadline=None)
def test_the_written_form_of_a_folder_does_not_depend_on_where_one_stands(text: str) -> None:
    try:
        place = parse_place(f"./{text}")
    except PlaceError:
        return
    here = os.getcwd()
    try:
        os.chdir("/")
        assert parse_place(str(place)) == place
    finally:
        os.chdir(here)
    assert place.path.startswith("/")
    assert os.path.normpath(place.path) == place.path


@given(st.sampled_from(KINDS), st.text(max_size=8), st.text(max_size=8))
@settings(max_examples=200, deadline=None)
def test_kind_account_and_path_never_leak_into_each_other(kind: str, account: str, path: str) -> None:
    if "/" in account or kind in LOCAL:
        return
    try:
        place = parse_place(f"{kind}:{account}/{path}")
    except PlaceError:
        return
    assert place.kind == kind
    assert place.account == account
    assert place.path == path.strip("/")
    assert not place.local


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_known_by_itself_and_by_nothing_near(kind: str) -> None:
    if kind not in LOCAL:
        assert parse_place(kind) == WrittenPlace(kind)
    for wrong in (kind.upper(), f"{kind}x", kind[:-1], f" {kind}", f"{kind} "):
        with pytest.raises(PlaceError):
            parse_place(f"{wrong}:home")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("caf\udce9", "UTF-8"),
        ("/srv/caf\udce9", "UTF-8"),
        ("dav:home/caf\udce9", "UTF-8"),
        ("vdir:caf\udce9", "UTF-8"),
    ],
)
def test_names_in_another_encoding_are_refused_before_anything_keeps_them(text: str, words: str) -> None:
    with pytest.raises(PlaceError, match=words):
        parse_place(text)


def test_a_folder_inside_one_that_cannot_be_named_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = os.fsencode(tmp_path) + b"/caf\xe9"
    try:
        os.mkdir(odd)
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    monkeypatch.chdir(os.fsdecode(odd))
    with pytest.raises(PlaceError, match="lies in one whose name is not text"):
        parse_place("./pim")
    assert parse_place(str(tmp_path)) == WrittenPlace("vdir", path=str(tmp_path))


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("pim", "For a folder write ./pim"),
        ("Documents/pim", "For a folder write ./Documents/pim"),
        ("dva", "Did you mean 'dav'? For a folder write ./dva"),
        ("mail:home", "Known: "),
        ("http://x/", "wherry connect"),
    ],
)
def test_advice_fits_what_was_probably_meant(text: str, advice: str) -> None:
    with pytest.raises(PlaceError) as caught:
        parse_place(text)
    assert advice in caught.value.hint


def test_the_same_place_in_other_words(tmp_path: Path) -> None:
    folder, link, other = tmp_path / "pim", tmp_path / "link", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    link.symlink_to(folder)
    here = parse_place(str(folder))
    for spelling in (f"{folder}/", f"{folder}/.", f"{tmp_path}/x/../pim", str(link), f"vdir:{link}", f"{link}/../pim"):
        assert same_place(here, parse_place(spelling)), spelling
        assert same_place(parse_place(spelling), here), spelling
    for spelling in (str(other), str(tmp_path), f"{tmp_path}/nowhere", "dav:home", f"{folder}/sub"):
        assert not same_place(here, parse_place(spelling)), spelling
    assert not same_place(parse_place(f"{tmp_path}/nowhere"), parse_place(f"{tmp_path}/no-more"))
    assert same_place(parse_place(f"{tmp_path}/nowhere"), parse_place(f"{tmp_path}/nowhere/"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("dav:home", "dav:home", True),
        ("dav:home", "dav:home/", True),
        ("dav:home", "dav:work", False),
        ("dav:home", "caldav:home", False),
        ("dav:home/A", "dav:home/B", False),
        ("dav:home", "/home", False),
    ],
)
def test_accounts_are_the_same_by_their_words(one: str, other: str, same: bool) -> None:
    assert same_place(parse_place(one), parse_place(other)) is same


@pytest.mark.parametrize("kind", sorted(VIEWS))
@pytest.mark.parametrize("only", sorted(ONLY))
def test_a_view_and_a_choice_agree_or_are_refused(kind: str, only: str) -> None:
    view = VIEWS[kind][1]
    place = parse_place(f"{kind}:home")
    if ONLY[only] == view:
        found = resolve(place, settings_with(HOME), only=frozenset({ONLY[only]}))
        assert {str(kind) for kind in found.kinds} == {view}
        return
    with pytest.raises(PlaceError):
        resolve(place, settings_with(HOME), only=frozenset({ONLY[only]}))


def test_an_account_of_another_kind_is_not_taken_for_ours() -> None:
    with pytest.raises(AccountUnknown) as caught:
        complete(parse_place("dav:other"), settings_with(HOME, OTHER))
    assert "Known: home." in caught.value.hint
    assert complete(parse_place("dav"), settings_with(HOME, OTHER)).account == "home"
    with pytest.raises(AccountUnknown, match="No dav account is connected"):
        complete(parse_place("dav"), settings_with(OTHER))


@given(st.text(max_size=12))
@settings(max_examples=100, deadline=None)
def test_completing_twice_is_completing_once(path: str) -> None:
    known = settings_with(HOME)
    try:
        place = complete(parse_place(f"dav:/{path}"), known)
    except PlaceError:
        return
    assert place.account == "home"
    assert complete(place, known) == place
    assert parse_place(str(place)) == place
