"""Where the application keeps its things on this machine."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from wherry.errors import SettingsError

_MEANS_MORE = re.compile(r"\?|%[0-9A-Fa-f]{2}")
"""What the address of a database would read as something else than part of a path."""


@dataclass(frozen=True, slots=True)
class Folders:
    """*config* holds ``settings.toml`` and the secrets; *state* the database, the log and caches."""

    config: Path
    state: Path

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.config / "settings.toml"

    @property
    def vault_key(self) -> Path:
        """The list of the vault's keys, readable by its owner only (see ``oauth.key_choice``)."""
        return self.config / "secrets" / "vault-key"

    @property
    def audit_key(self) -> Path:
        """The key the audit log is signed with, readable by its owner only."""
        return self.config / "secrets" / "audit-key"

    @property
    def database(self) -> Path:
        """The embedded database."""
        return self.state / "wherry.db"

    @property
    def log(self) -> Path:
        """The log file."""
        return self.state / "wherry.log"


def find_folders(environ: Mapping[str, str]) -> Folders:
    """Return the folders of this user; ``WHERRY_HOME`` puts everything into one."""
    home = environ.get("WHERRY_HOME")
    if home:
        root = _checked(home)
        return Folders(config=root, state=root)
    import platformdirs

    return Folders(
        config=_checked(platformdirs.user_config_dir("wherry", appauthor=False)),
        state=_checked(platformdirs.user_state_dir("wherry", appauthor=False)),
    )


def _checked(name: str) -> Path:
    """Return the folder *name* means.

    Raises ``SettingsError``: the home of somebody who is not there, or a name that cannot stand
    in the address of a database.
    """
    try:
        folder = Path(name).expanduser().absolute()
    except RuntimeError:
        raise SettingsError(f"There is no home folder for '{name}'", hint="Set WHERRY_HOME to a whole path.") from None
    if odd := _MEANS_MORE.search(str(folder)):
        raise SettingsError(f"The folder '{folder}' has '{odd[0]}' in its name", hint="Set WHERRY_HOME to another one.")
    return folder


def make_private(folder: Path) -> None:
    """Create *folder* for its owner alone; an existing one is left as it is."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_private(path: Path, data: bytes) -> None:
    """Replace *path* by *data* atomically, mode 0600: a reader sees the old file or the new one."""
    make_private(path.parent)
    write_atomically(path, data, mode=0o600)


def write_atomically(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Replace *path* by *data*: a reader sees the old file or the new one; *mode* is cut by the umask."""
    with replacing(path, mode=mode) as stream:
        stream.write(data)


@contextmanager
def replacing(path: Path, *, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Lend a stream whose content replaces *path* at the end; an error leaves *path* as it was.

    A pipe or a device (``/dev/null``) is written to: it must not become a file.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        with path.open("wb") as stream:
            yield stream
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, flags, mode)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
