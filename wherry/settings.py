"""The settings file, read into frozen values and checked here, by hand.

Nobody has to write it: ``wherry connect`` does. Somebody may read or repair it, so
every refusal names the key and the nearest known one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from wherry.errors import SettingsError
from wherry.folders import Folders, find_folders
from wherry.nearest import did_you_mean

ACCOUNT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,62}")
"""What an account may be called: it becomes part of places and file names."""

NAME_RULE = "Use letters, digits and . _ @ + - only, beginning with a letter or digit."

AUTH = ("basic", "digest", "bearer", "guess")
"""How a password or token is presented; ``guess`` asks the server."""


@dataclass(frozen=True, slots=True)
class Account:
    """One connected account, without its secret.

    *allow_private* permits addresses inside the own network and plain http to them;
    *ca* names a file of certificates to trust instead of the system's. *provider* is who
    was asked for access, empty where a password was given; *issuer* and *client_id* are for
    a provider nobody wrote a profile for. At Google *own_calendars* leaves out calendars of
    others, *other_contacts* adds the people it only remembers: what is asked for follows.
    """

    name: str
    kind: str
    url: str
    username: str = ""
    auth: str = "guess"
    allow_private: bool = False
    ca: str = ""
    provider: str = ""
    issuer: str = ""
    client_id: str = ""
    own_calendars: bool = False
    other_contacts: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything configured.

    *connectors* are third parties' connectors the user enabled; *providers* holds addresses,
    the client id and the file with its secret, of providers of access, by their names; *key_service* is the service for
    keys that wraps the vault's (``oauth.key_choice``), empty for the usual places.
    """

    folders: Folders
    file: Path
    database: str
    accounts: Mapping[str, Account] = field(default_factory=lambda: MappingProxyType({}))
    connectors: tuple[str, ...] = ()
    providers: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    key_service: str = ""

    def with_account(self, account: Account) -> Settings:
        """Return the same settings with *account* among them."""
        return replace(self, accounts=MappingProxyType({**self.accounts, account.name: account}))


_TOP: dict[str, type] = {"database": str, "connectors": list, "accounts": dict, "providers": dict, "keys": str}
_ACCOUNT: dict[str, type] = {
    **dict.fromkeys(("kind", "url", "username", "auth", "ca", "provider", "issuer", "client_id"), str),
    **dict.fromkeys(("allow_private", "own_calendars", "other_contacts"), bool),
}
_PROVIDER: dict[str, type] = dict.fromkeys(
    (
        "client_id",
        "client_secret_file",
        "authorize_url",
        "token_url",
        "revoke_url",
        "introspect_url",
        "api_url",
        "issuer",
        "manual_url",
    ),
    str,
)
_VARIABLES = (
    *("WHERRY_HOME", "WHERRY_CONFIG", "WHERRY_DATABASE", "WHERRY_PASSWORD", "WHERRY_VAULT_KEY"),
    *("WHERRY_LOG_LEVEL", "WHERRY_CA"),
)
_WORDS: dict[type, str] = {str: "a text", bool: "true or false", list: "a list of texts", dict: "a table"}


def read_settings(environ: Mapping[str, str], *, file: Path | None = None) -> Settings:
    """Return the settings of this user, from *file* and ``WHERRY_*`` variables.

    Raises SettingsError: unreadable, unknown key or variable, a value of the wrong form.
    """
    _check_variables(environ)
    folders = find_folders(environ)
    chosen = file or (Path(environ["WHERRY_CONFIG"]).expanduser() if environ.get("WHERRY_CONFIG") else None)
    path = chosen or folders.settings
    if chosen is not None and not chosen.is_file():
        raise SettingsError(f"There is no settings file {chosen}")
    table = _read_toml(path)
    _check_keys(table, _TOP, where="")
    accounts = {name: _account(name, value) for name, value in table.get("accounts", {}).items()}
    connectors = table.get("connectors", [])
    if not all(isinstance(name, str) for name in connectors):
        raise SettingsError("'connectors' must be a list of texts")
    database = environ.get("WHERRY_DATABASE") or table.get("database") or sqlite_url(folders.database)
    providers = {name: _provider(name, value) for name, value in table.get("providers", {}).items()}
    return Settings(
        folders,
        path,
        database,
        MappingProxyType(accounts),
        tuple(connectors),
        MappingProxyType(providers),
        table.get("keys", ""),
    )


SQLITE = "sqlite:///"


def sqlite_url(path: Path) -> str:
    """Return the database address of an embedded database file."""
    return f"{SQLITE}{path}"


def _check_variables(environ: Mapping[str, str]) -> None:
    for name in environ:
        if name.startswith("WHERRY_") and name not in _VARIABLES:
            raise SettingsError(f"The variable {name} means nothing to wherry", hint=did_you_mean(name, _VARIABLES))


def _read_toml(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not readable as TOML: {error}") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from None


def _check_keys(table: Mapping[str, object], known: Mapping[str, type], *, where: str) -> None:
    for key, value in table.items():
        if key not in known:
            raise SettingsError(f"Unknown key '{where}{key}'", hint=did_you_mean(key, known))
        if type(value) is not known[key]:
            raise SettingsError(f"'{where}{key}' must be {_WORDS[known[key]]}")


def _provider(name: str, table: object) -> Mapping[str, str]:
    where = f"providers.{name}."
    if not isinstance(table, dict):
        raise SettingsError(f"'providers.{name}' must be a table")
    _check_keys(table, _PROVIDER, where=where)
    return MappingProxyType(table)


def _account(name: str, table: object) -> Account:
    where = f"accounts.{name}."
    if not isinstance(table, dict):
        raise SettingsError(f"'accounts.{name}' must be a table")
    if not ACCOUNT_NAME.fullmatch(name):
        raise SettingsError(f"'{name}' cannot be the name of an account", hint=NAME_RULE)
    _check_keys(table, _ACCOUNT, where=where)
    for needed in ("kind", "url"):
        if not table.get(needed):
            raise SettingsError(f"'{where}{needed}' is missing")
    if table.get("auth", "guess") not in AUTH:
        hint = did_you_mean(str(table["auth"]), AUTH)
        raise SettingsError(f"'{where}auth' must be one of {', '.join(AUTH)}", hint=hint)
    return Account(name=name, **table)
