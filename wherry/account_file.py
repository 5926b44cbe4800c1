"""Write the settings file: only accounts come and go here, everything else is kept as it was."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from wherry.errors import AccountUnknown, FileTrouble
from wherry.folders import write_private
from wherry.nearest import did_you_mean
from wherry.settings import Account


def save_account(file: Path, account: Account) -> None:
    """Add *account*, or replace the one of its name. Raises ``FileTrouble``."""
    table = _read(file)
    defaults = {field.name: field.default for field in fields(Account)}
    values = asdict(account)
    name = values.pop("name")
    table.setdefault("accounts", {})[name] = {
        key: value for key, value in values.items() if key in {"kind", "url"} or value != defaults[key]
    }
    _write(file, table)


def remove_account(file: Path, name: str) -> None:
    """Take the account *name* out. Raises ``AccountUnknown``, ``FileTrouble``."""
    table = _read(file)
    accounts = table.get("accounts", {})
    if name not in accounts:
        raise AccountUnknown(f"No account is called '{name}'", hint=did_you_mean(name, accounts))
    del accounts[name]
    if not accounts:
        del table["accounts"]
    _write(file, table)


def _read(file: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}


def _write(file: Path, table: dict[str, Any]) -> None:
    import tomli_w

    head = "# Written by `wherry connect`. Passwords are not kept here.\n"
    try:
        write_private(file, (head + tomli_w.dumps(table)).encode())
    except OSError as error:
        raise FileTrouble(f"{file}: {error.strerror}") from error
