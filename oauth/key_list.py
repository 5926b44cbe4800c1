"""The list of keys: one private document that says which there are, which is the newest, and where they lie.

It holds the keys themselves when no keyring does; otherwise their ids only. That it is
there says that a vault exists: a new key is made only where it is not (``oauth/key_choice.py``).
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal, cast

from oauth.errors import BadVault, KeyMissing, OAuthError
from oauth.keys import Dates, decoded
from oauth.private_files import Held, PrivateFile
from oauth.sealing import id_of

VERSION: Final = 1
Kept = Literal["file", "keyring"]


@dataclass(frozen=True, slots=True)
class Listed:
    """One key: itself if it lies in the file, when it was made, and since when it is not the newest.

    Both in seconds since the epoch; *made* is not known of lists of the first version.
    """

    key: bytes | None = field(default=None, repr=False)
    retired: float | None = None
    made: float | None = None


@dataclass(frozen=True, slots=True)
class KeyList:
    """All keys of a vault by id."""

    kept: Kept
    newest: str
    keys: Mapping[str, Listed]

    def with_newest(self, key_id: str, key: bytes | None, *, now: float) -> KeyList:
        """Return the list with one more key, the newest from *now* on."""
        before = replace(self.keys[self.newest], retired=now)
        return replace(self, newest=key_id, keys={**self.keys, self.newest: before, key_id: Listed(key, made=now)})

    def without(self, key_id: str) -> KeyList:
        """Return the list without an older key. Raises ``ValueError`` for the newest."""
        if key_id == self.newest:
            raise ValueError("the newest key is not dropped")
        return replace(self, keys={each: listed for each, listed in self.keys.items() if each != key_id})

    def retired(self, *, before: float) -> list[str]:
        """Return the ids of keys that have not been the newest since *before*."""
        return [each for each, listed in self.keys.items() if listed.retired is not None and listed.retired <= before]

    def dates(self) -> dict[str, Dates]:
        """Return when each key was made and replaced."""
        return {each: Dates(listed.made, listed.retired) for each, listed in self.keys.items()}


def document(path: Path, patience: float) -> PrivateFile:
    """Return the file a list is kept in."""
    return PrivateFile(path, _damaged, patience)


def read_list(file: PrivateFile) -> KeyList | None:
    """Return the list; ``None`` when there is none. Raises ``BadVault``, ``UnsafeFile``."""
    return _parsed(file.path, file.read())


def existing_list(file: PrivateFile, held: Held | None = None) -> KeyList:
    """Return the list that has to be there. Raises ``KeyMissing``."""
    found = _parsed(file.path, held.read()) if held else read_list(file)
    if found is None:
        raise KeyMissing("", str(file.path))
    return found


def locked_list(held: Held) -> KeyList | None:
    """Return the list while its lock is held."""
    return _parsed(held.file.path, held.read())


def write_list(held: Held, keys: KeyList) -> None:
    """Put *keys* in place of the list, durably."""
    rows = {each: _row(listed) for each, listed in keys.keys.items()}
    content = {"version": VERSION, "kept": keys.kept, "newest": keys.newest, "keys": rows}
    held.replace(json.dumps(content, indent=1).encode())


def _row(listed: Listed) -> dict[str, object]:
    row: dict[str, object] = {} if listed.key is None else {"key": b64encode(listed.key).decode()}
    dates = {"retired": listed.retired, "made": listed.made}
    return row | {name: moment for name, moment in dates.items() if moment is not None}


def _damaged(path: Path, why: str) -> OAuthError:
    return BadVault(path, why)


def _parsed(path: Path, content: bytes | None) -> KeyList | None:
    if content is None:
        return None
    try:
        table = json.loads(content)
    except (ValueError, RecursionError):
        # Without its cause: the traceback of a JSON error holds the document.
        raise BadVault(path, "not readable as JSON") from None
    if not isinstance(table, dict) or table.get("version") != VERSION:
        raise BadVault(path, f"not of version {VERSION}")
    kept, newest, rows = (cast("Any", table.get(name)) for name in ("kept", "newest", "keys"))
    known = kept in ("file", "keyring") and isinstance(newest, str) and isinstance(rows, dict) and newest in rows
    if not known:
        raise BadVault(path, "holds something else than a list of keys")
    return KeyList(kept, newest, {each: _listed(path, kept, each, row) for each, row in rows.items()})


def _listed(path: Path, kept: Kept, key_id: str, row: Any) -> Listed:  # noqa: ANN401 - whatever JSON held
    if not isinstance(row, dict):
        raise BadVault(path, "holds something else than keys")
    retired, made = row.get("retired"), row.get("made")
    if not (isinstance(retired, int | float | None) and isinstance(made, int | float | None)):
        raise BadVault(path, "holds something else than keys")
    if kept == "keyring":
        return Listed(None, retired, made)
    if not isinstance(row.get("key"), str):
        raise BadVault(path, "a key is missing in it")
    key = decoded(row["key"], str(path))
    if id_of(key) != key_id:
        raise BadVault(path, "a key does not fit its id")
    return Listed(key, retired, made)
