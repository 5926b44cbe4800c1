"""Choose where the vault's key is kept, and say why.

In this order: not at all (``--ephemeral``), a service for keys the user named, the
variable ``WHERRY_VAULT_KEY``, where the vault's key already is, and for a new vault the
system's keyring or else a private file. Memory is never a silent last resort: secrets
sealed by a key that ends with the process could not even be used to give access back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from oauth.errors import KeyMissing, KeyringShut, KeyServiceUnusable
from oauth.key_file import KeyFile
from oauth.key_list import document, read_list
from oauth.key_ring import KeyRing
from oauth.keys import VARIABLE, GivenKeys, KeyProvider, MemoryKeys

GROUP: Final = "wherry.keys"
"""Entry points of services for keys: callables without arguments that return a ``KeyProvider``."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Where keys are kept from now on, and *why* there, as a person reads it."""

    keys: KeyProvider
    why: str


def choose(
    path: Path,
    *,
    environ: Mapping[str, str],
    needed: Callable[[], Collection[str]],
    ephemeral: bool = False,
    service: str = "",
) -> Choice:
    """Return the keys of the vault whose list is, or will be, the file *path*.

    *needed* tells the ids of keys that sealed rows need; it is called only when no key is
    found. Raises ``KeyMissing`` when it names any: a new key would not open what is there.
    Raises ``KeyServiceUnusable``, ``BadVault``, ``UnsafeFile``, ``NotKept``, ``StoreBusy``.
    """
    if ephemeral:
        return Choice(MemoryKeys(), "nothing is to be kept")
    found = look(path, environ=environ, needed=needed, service=service)
    if found is not None:
        return found
    why = "a keyring is open"
    try:
        KeyRing(path).create()
    except KeyringShut as shut:
        why = f"no keyring can be used: {shut.why}"
        KeyFile(path).create()
    # Another process may have been quicker, and have found another place.
    made = existing(path)
    if made is None:
        raise KeyMissing("", str(path))
    return Choice(made, why)


def look(
    path: Path, *, environ: Mapping[str, str], needed: Callable[[], Collection[str]], service: str = ""
) -> Choice | None:
    """Return the keys as ``choose`` does where there are any; ``None`` for a vault that has none yet. Makes nothing.

    Raises what ``choose`` raises, without what goes wrong when a key is made.
    """
    if service:
        return Choice(load_service(service), f"the service '{service}' is configured")
    if environ.get(VARIABLE):
        return Choice(GivenKeys(environ[VARIABLE]), f"{VARIABLE} is set")
    found = existing(path)
    if found is not None:
        return Choice(found, "the vault's key is there already")
    ids = sorted(needed())
    if ids:
        raise KeyMissing(ids[0], f"the system's keyring or the key file {path}")
    return None


def existing(path: Path) -> KeyProvider | None:
    """Return where an existing vault's key is, by its list; ``None`` for no vault. Opens no keyring."""
    found = read_list(document(path, 10.0))
    if found is None:
        return None
    return KeyFile(path) if found.kept == "file" else KeyRing(path)


def load_service(name: str) -> KeyProvider:
    """Return the service for keys a third party calls *name*. Raises ``KeyServiceUnusable``."""
    from importlib.metadata import entry_points

    # The same distribution may be found twice on the path; two different targets are a quarrel.
    found = {point.value: point for point in entry_points(group=GROUP, name=name)}
    if not found:
        known = ", ".join(sorted(entry_points(group=GROUP).names))
        raise KeyServiceUnusable(name, f"not installed (there are: {known or 'none'})")
    if len(found) > 1:
        raise KeyServiceUnusable(name, f"several packages provide it: {', '.join(sorted(found))}")
    (point,) = found.values()
    try:
        made = cast("object", point.load()())
    except (ImportError, AttributeError, TypeError) as error:
        raise KeyServiceUnusable(name, f"{point.value} cannot be loaded: {error}") from error
    if not isinstance(made, KeyProvider):
        raise KeyServiceUnusable(name, f"{point.value} gives no key provider")
    return made
