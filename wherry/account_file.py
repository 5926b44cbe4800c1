"""Write the settings file: only accounts come and go here, every other value is kept as it was."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from wherry.errors import AccountUnknown, FileTrouble
from wherry.folders import make_private, write_private
from wherry.nearest import did_you_mean
from wherry.settings import Account


def save_account(file: Path, account: Account) -> None:
    """Add *account*, or replace the one of its name. Raises ``FileTrouble``."""
    defaults = {field.name: field.default for field in fields(Account)}
    values = asdict(account)
    name = values.pop("name")
    with _alone(file):
        table = _read(file)
        table.setdefault("accounts", {})[name] = {
            key: value for key, value in values.items() if key in {"kind", "url"} or value != defaults[key]
        }
        _write(file, table)


def remove_account(file: Path, name: str) -> None:
    """Take the account *name* out. Raises ``AccountUnknown``, ``FileTrouble``."""
    with _alone(file):
        table = _read(file)
        accounts = table.get("accounts", {})
        if name not in accounts:
            raise AccountUnknown(f"No account is called '{name}'", hint=did_you_mean(name, accounts))
        del accounts[name]
        if not accounts:
            del table["accounts"]
        _write(file, table)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Keep other processes from changing *file* meanwhile: two accounts connected at once are both kept.

    The folder is locked, because the file itself is replaced.
    """
    import fcntl

    try:
        make_private(file.parent)
        descriptor = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise FileTrouble(f"{file}: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read(file: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:  # no TOML, or no text at all
        raise FileTrouble(f"{file} is not readable as TOML: {error}", hint="Repair it, or move it away.") from error
    except OSError as error:
        raise FileTrouble(f"{file}: {error.strerror}") from error


def _write(file: Path, table: dict[str, Any]) -> None:
    import tomli_w

    head = "# Written by `wherry connect`. Passwords are not kept here.\n"
    try:
        write_private(file, (head + tomli_w.dumps(table)).encode())
    except OSError as error:
        raise FileTrouble(f"{file}: {error.strerror}") from error
