"""Settings nobody would write on purpose: each is read as it is meant or refused by name, whatever the bytes."""

from __future__ import annotations

import os
import string
from pathlib import Path

import pytest
import tomli_w
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.wherry.conftest import Run
from wherry.errors import SettingsError
from wherry.settings import ACCOUNT_NAME, AUTH, Account, read_settings

ACCOUNT = '[accounts.{name}]\nkind = "dav"\nurl = "https://x.example.org/"\n'


def read(home: Path, content: bytes, **more: str) -> None:
    (home / "settings.toml").write_bytes(content)
    read_settings({"WHERRY_HOME": str(home), **more})


@pytest.mark.parametrize(
    "content",
    [
        b"\0",
        b"\xff\xfe\x00",
        b"\xef\xbb\xbfdatabase = 'x'",
        b"[",
        b"]",
        b"[accounts",
        b"[[accounts]]\nkind = 'dav'",
        b"accounts = []",
        b"accounts = 'x'",
        b"connectors = {}",
        b"connectors = [[]]",
        b"connectors = [['webdav']]",
        b"connectors = [true]",
        b"connectors = 1",
        b"database = []",
        b"database = 1979-05-27",
        b"database = nan",
        b"database = true",
        b"'' = 1",
        b"a.b.c = 1",
        b'"data\\u0062ase2" = 1',
        b"accounts.x.y.z = 1",
        b"accounts.x = 1979-05-27T07:32:00Z",
        b"accounts.x = { }",
        b"accounts.x = { kind = 'dav' }",
        b"accounts.x = { kind = 'dav', url = 3 }",
        b"accounts.x = { kind = '', url = 'https://x/' }",
        b"accounts.x = { kind = ['dav'], url = 'https://x/' }",
        b"accounts.x = { kind = 'dav', url = 'https://x/', auth = '' }",
        b"accounts.x = { kind = 'dav', url = 'https://x/', auth = 'BASIC' }",
        b"accounts.x = { kind = 'dav', url = 'https://x/', ca = false }",
        b"accounts.x = { kind = 'dav', url = 'https://x/', allow_private = 'false' }",
        b"accounts.x = { kind = 'dav', url = 'https://x/', name = 'y' }",
        b"accounts.x = { kind = 'dav', url = 'https://x/', password = 'geheim' }",
        b"accounts.x = { kind = 'dav', url = 'https://x/', username = 3 }",
        b"accounts.'' = { kind = 'dav', url = 'https://x/' }",
        b"accounts.'..' = { kind = 'dav', url = 'https://x/' }",
        b"accounts.'a:b' = { kind = 'dav', url = 'https://x/' }",
        b"accounts.'a\\nb' = { kind = 'dav', url = 'https://x/' }",
        b"x = 1\r" * 3,
        b"a = 1\n" * 2000,
        b"a = " + b"[" * 400 + b"]" * 400,
    ],
)
def test_it_is_refused_by_name(home: Path, content: bytes) -> None:
    with pytest.raises(SettingsError) as caught:
        read(home, content)
    assert caught.value.detail


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"# only words\n", b"[accounts]\n", b"connectors = []\n", b"accounts = {}\n"]
)
def test_what_says_nothing_is_fine(home: Path, content: bytes) -> None:
    read(home, content)


def test_a_password_in_the_file_is_not_repeated(home: Path, run: Run) -> None:
    """Somebody puts a password where none belongs: the refusal names the key, never the value."""
    (home / "settings.toml").write_text('[accounts.x]\nkind = "dav"\nurl = "https://x/"\npassword = "c4n4ry"\n')
    for flag in ("--json", "-v", "--plain"):
        answer = run("jobs", flag)
        assert answer.code == 2
        assert "accounts.x.password" in answer.err
        assert "c4n4ry" not in answer.out + answer.err


@given(st.binary(max_size=200))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(b"database = '\xc3'")
def test_any_bytes_are_read_or_refused(home: Path, content: bytes) -> None:
    try:
        read(home, content)
    except SettingsError as refused:
        named = str(home) in str(refused) or "'" in str(refused)
        assert named


names = st.from_regex(ACCOUNT_NAME, fullmatch=True)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30)
accounts = st.builds(
    Account,
    name=names,
    kind=texts.filter(bool),
    url=texts.filter(bool),
    username=texts,
    auth=st.sampled_from(AUTH),
    allow_private=st.booleans(),
    ca=texts,
)


@given(st.lists(accounts, max_size=5, unique_by=lambda account: account.name), st.lists(texts, max_size=3))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_valid_file_is_read_as_written(home: Path, some: list[Account], connectors: list[str]) -> None:
    fields = ("kind", "url", "username", "auth", "allow_private", "ca")
    table = {account.name: {field: getattr(account, field) for field in fields} for account in some}
    (home / "settings.toml").write_text(tomli_w.dumps({"accounts": table, "connectors": connectors}))
    found = read_settings({"WHERRY_HOME": str(home)})
    assert dict(found.accounts) == {account.name: account for account in some}
    assert found.connectors == tuple(connectors)


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("a", True),
        ("A9", True),
        ("ana@example.org", True),
        ("a+b-c_d.e", True),
        ("9lives", True),
        ("x" * 63, True),
        ("x" * 64, False),
        ("", False),
        (".a", False),
        ("-a", False),
        ("@a", False),
        ("a b", False),
        ("a/b", False),
        ("a:b", False),
        ("ä", False),
        ("а", False),
        ("a\n", False),
        ("a\u200b", False),
        ("a\0", False),
    ],
)
def test_names_of_accounts(home: Path, name: str, good: bool) -> None:
    content = tomli_w.dumps({"accounts": {name: {"kind": "dav", "url": "https://x/"}}}).encode()
    if good:
        read(home, content)
        return
    with pytest.raises(SettingsError, match="cannot be the name of an account"):
        read(home, content)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("databse", "database"),
        ("Database", "database"),
        ("account", "accounts"),
        ("connector", "connectors"),
    ],
)
def test_the_nearest_key_is_proposed(home: Path, wrong: str, right: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(home, f"{wrong} = 1".encode())
    assert caught.value.hint == f"Did you mean '{right}'?"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("user", "username"),
        ("Url", "url"),
        ("kinds", "kind"),
        ("allow-private", "allow_private"),
        ("authentication", "auth"),
    ],
)
def test_the_nearest_key_of_an_account_is_proposed(home: Path, wrong: str, right: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(home, f"{ACCOUNT.format(name='home')}{wrong} = 1".encode())
    assert f"'accounts.home.{wrong}'" in caught.value.detail
    assert right in caught.value.hint


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"WHERRY_": "x"}, "WHERRY_"),
        ({"WHERRY_HOMES": "x"}, "WHERRY_HOMES"),
        ({"WHERRY_DB": "x"}, "WHERRY_DB"),
        ({"WHERRY_CONFIG": "/nowhere/at/all.toml"}, "/nowhere/at/all.toml"),
        ({"WHERRY_CONFIG": "/"}, "There is no settings file"),
    ],
)
def test_variables_that_cannot_be_meant(home: Path, variables: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"WHERRY_HOME": str(home), **variables})
    assert words in caught.value.detail


@pytest.mark.parametrize(
    "variables",
    [{"WHERRY_CONFIG": ""}, {"WHERRY_DATABASE": ""}, {"WHERRY_LOG_LEVEL": "x"}, {"wherry_x": "1"}, {"XWHERRY_X": "1"}],
)
def test_variables_that_say_nothing_change_nothing(home: Path, variables: dict[str, str]) -> None:
    plain = {"WHERRY_HOME": str(home)}
    assert read_settings({**plain, **variables}) == read_settings(plain)


def test_a_value_of_a_variable_is_not_repeated_when_its_name_is_wrong(home: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"WHERRY_HOME": str(home), "WHERRY_PASSWROD": "c4n4ry"})
    assert "c4n4ry" not in caught.value.detail + caught.value.hint
    assert caught.value.hint == "Did you mean 'WHERRY_PASSWORD'?"


def test_the_settings_file_may_be_a_link_and_a_pipe_never_hangs(home: Path, tmp_path: Path) -> None:
    real = tmp_path / "real.toml"
    real.write_text('database = "sqlite:////elsewhere"')
    (home / "settings.toml").symlink_to(real)
    assert read_settings({"WHERRY_HOME": str(home)}).database == "sqlite:////elsewhere"
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(SettingsError, match="There is no settings file"):
        read_settings({"WHERRY_HOME": str(home)}, file=pipe)


def test_a_link_to_nowhere_is_no_file(home: Path) -> None:
    (home / "settings.toml").symlink_to(home / "gone.toml")
    assert dict(read_settings({"WHERRY_HOME": str(home)}).accounts) == {}


def test_many_accounts_are_read_and_cannot_be_changed_by_whoever_got_them(home: Path) -> None:
    many = "".join(ACCOUNT.format(name=f"a{number}") for number in range(500))
    (home / "settings.toml").write_text(many)
    found = read_settings({"WHERRY_HOME": str(home)})
    assert len(found.accounts) == 500
    with pytest.raises(TypeError):
        found.accounts["x"] = found.accounts["a0"]  # type: ignore[index]  # that is the point
    assert set("".join(found.accounts)) <= {*string.digits, "a"}
