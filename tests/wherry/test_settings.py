from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from wherry.account_file import remove_account, save_account
from wherry.errors import AccountUnknown, SettingsError
from wherry.settings import Account, read_settings

GOOD = """
connectors = ["webdav"]
[accounts.home]
kind = "dav"
url = "https://dav.example.org/"
username = "ana"
[accounts."ana@example.org"]
kind = "dav"
url = "http://10.0.0.2/"
auth = "bearer"
allow_private = true
ca = "/etc/ca.pem"
"""


def read(home: Path, text: str, **more: str) -> object:
    (home / "settings.toml").write_text(text)
    return read_settings({"WHERRY_HOME": str(home), **more})


def test_without_a_file_everything_has_a_value(home: Path) -> None:
    settings = read_settings({"WHERRY_HOME": str(home)})
    assert settings.database == f"sqlite:///{home}/wherry.db"
    assert dict(settings.accounts) == {}
    assert settings.connectors == ()
    assert settings.file == home / "settings.toml"


@pytest.mark.parametrize(("text", "service"), [("", ""), ('keys = ""', ""), ('keys = "kms"', "kms")])
def test_a_service_for_keys(home: Path, text: str, service: str) -> None:
    (home / "settings.toml").write_text(text)
    assert read_settings({"WHERRY_HOME": str(home)}).key_service == service


def test_writing_accounts_keeps_the_service_for_keys(home: Path) -> None:
    (home / "settings.toml").write_text('keys = "kms"\n')
    save_account(home / "settings.toml", Account("home", "dav", "https://dav.example.org/"))
    remove_account(home / "settings.toml", "home")
    assert read_settings({"WHERRY_HOME": str(home)}).key_service == "kms"


def test_a_full_file(home: Path) -> None:
    (home / "settings.toml").write_text(GOOD)
    settings = read_settings({"WHERRY_HOME": str(home)})
    assert settings.connectors == ("webdav",)
    assert settings.accounts["home"] == Account("home", "dav", "https://dav.example.org/", "ana")
    assert settings.accounts["ana@example.org"] == Account(
        "ana@example.org", "dav", "http://10.0.0.2/", auth="bearer", allow_private=True, ca="/etc/ca.pem"
    )


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ('databse = "x"', "Unknown key 'databse'", "Did you mean 'database'?"),
        ("zzz = 1", "Unknown key 'zzz'", "Known: accounts, connectors, database, keys, providers."),
        ("database = 3", "'database' must be a text", ""),
        ("keys = 3", "'keys' must be a text", ""),
        ('keys = ["kms"]', "'keys' must be a text", ""),
        ('key = "kms"', "Unknown key 'key'", "Did you mean 'keys'?"),
        ('connectors = "x"', "'connectors' must be a list of texts", ""),
        ("connectors = [1]", "'connectors' must be a list of texts", ""),
        ("accounts = 3", "'accounts' must be a table", ""),
        ("[accounts]\nhome = 3", "'accounts.home' must be a table", ""),
        ('[accounts.home]\nkind = "dav"', "'accounts.home.url' is missing", ""),
        ('[accounts.home]\nurl = "https://x/"', "'accounts.home.kind' is missing", ""),
        ('[accounts.home]\nkind = "dav"\nurl = ""', "'accounts.home.url' is missing", ""),
        (
            '[accounts.home]\nkind = "dav"\nurl = "https://x/"\nuser = "a"',
            "Unknown key 'accounts.home.user'",
            "Did you mean 'username'?",
        ),
        (
            '[accounts.home]\nkind = "dav"\nurl = "https://x/"\nallow_private = "yes"',
            "'accounts.home.allow_private' must be true or false",
            "",
        ),
        (
            '[accounts.home]\nkind = "dav"\nurl = "https://x/"\nallow_private = 1',
            "'accounts.home.allow_private' must be true or false",
            "",
        ),
        (
            '[accounts.home]\nkind = "dav"\nurl = "https://x/"\nauth = "bsic"',
            "'accounts.home.auth' must be one of",
            "Did you mean 'basic'?",
        ),
        ('[accounts."a/b"]\nkind = "dav"\nurl = "https://x/"', "'a/b' cannot be the name", "letters"),
        ('[accounts."-x"]\nkind = "dav"\nurl = "https://x/"', "'-x' cannot be the name", "letters"),
        ('[accounts."a\\u001b"]\nkind = "dav"\nurl = "https://x/"', "cannot be the name", "letters"),
        ("a = = b", "not readable as TOML", ""),
        ("a = 1\na = 2", "not readable as TOML", ""),
    ],
)
def test_each_mistake_is_named(home: Path, text: str, words: str, hint: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(home, text)
    assert words in caught.value.detail
    assert hint in caught.value.hint


def test_a_file_that_is_no_text_is_named(home: Path) -> None:
    (home / "settings.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="not readable as TOML"):
        read_settings({"WHERRY_HOME": str(home)})


def test_a_folder_in_place_of_the_file_is_named(home: Path) -> None:
    (home / "settings.toml").mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings({"WHERRY_HOME": str(home)})


def test_variables_win_over_the_file(home: Path) -> None:
    (home / "settings.toml").write_text('database = "sqlite:////in-file"')
    plain = {"WHERRY_HOME": str(home)}
    assert read_settings(plain).database == "sqlite:////in-file"
    assert read_settings({**plain, "WHERRY_DATABASE": "postgresql://x/y"}).database == "postgresql://x/y"


def test_an_unknown_variable_is_named(home: Path) -> None:
    with pytest.raises(SettingsError, match="WHERRY_DATABSE") as caught:
        read_settings({"WHERRY_HOME": str(home), "WHERRY_DATABSE": "x"})
    assert caught.value.hint == "Did you mean 'WHERRY_DATABASE'?"


def test_the_variable_with_the_vaults_key_is_known(home: Path) -> None:
    settings = read_settings({"WHERRY_HOME": str(home), "WHERRY_VAULT_KEY": "not read here"})
    assert "not read here" not in repr(settings)
    with pytest.raises(SettingsError, match="WHERRY_VAULTKEY") as caught:
        read_settings({"WHERRY_HOME": str(home), "WHERRY_VAULTKEY": "canary-key"})
    assert caught.value.hint == "Did you mean 'WHERRY_VAULT_KEY'?"
    assert "canary-key" not in str(caught.value)


def test_a_chosen_file_has_to_be_there(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    with pytest.raises(SettingsError, match="no settings file"):
        read_settings({"WHERRY_HOME": str(home)}, file=other)
    with pytest.raises(SettingsError, match="no settings file"):
        read_settings({"WHERRY_HOME": str(home), "WHERRY_CONFIG": str(other)})
    other.write_text('database = "sqlite:////other"')
    assert read_settings({"WHERRY_HOME": str(home), "WHERRY_CONFIG": str(other)}).database == "sqlite:////other"


def test_without_wherry_home_the_folders_are_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    settings = read_settings({})
    assert settings.file == tmp_path / "config" / "wherry" / "settings.toml"
    assert settings.folders.database == tmp_path / "state" / "wherry" / "wherry.db"


def test_what_is_saved_is_read_again(home: Path) -> None:
    account = Account("nas", "dav", "http://10.0.0.2/", "ana", auth="digest", allow_private=True)
    save_account(home / "settings.toml", account)
    assert read_settings({"WHERRY_HOME": str(home)}).accounts["nas"] == account


def test_saving_keeps_everything_else(home: Path) -> None:
    file = home / "settings.toml"
    file.write_text(GOOD)
    save_account(file, Account("new", "dav", "https://new.example.org/"))
    save_account(file, Account("home", "dav", "https://moved.example.org/"))
    settings = read_settings({"WHERRY_HOME": str(home)})
    assert sorted(settings.accounts) == ["ana@example.org", "home", "new"]
    assert settings.accounts["home"] == Account("home", "dav", "https://moved.example.org/")
    assert settings.connectors == ("webdav",)


def test_the_file_is_private_and_leaves_nothing_beside_it(home: Path) -> None:
    save_account(home / "settings.toml", Account("a", "dav", "https://x/"))
    assert stat.S_IMODE((home / "settings.toml").stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir()] == ["settings.toml"]
    assert tomllib.loads((home / "settings.toml").read_text())["accounts"]["a"] == {"kind": "dav", "url": "https://x/"}


def test_an_account_can_be_removed(home: Path) -> None:
    file = home / "settings.toml"
    file.write_text(GOOD)
    remove_account(file, "home")
    assert list(read_settings({"WHERRY_HOME": str(home)}).accounts) == ["ana@example.org"]
    with pytest.raises(AccountUnknown):
        remove_account(file, "home")
    remove_account(file, "ana@example.org")
    assert "accounts" not in tomllib.loads(file.read_text())
