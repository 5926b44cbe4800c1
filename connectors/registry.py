"""Which connectors there are. Nothing is imported until a place of its kind is opened.

Third parties add theirs through the entry-point group ``wherry.connectors``. An entry
point is code that will see the user's data, so only those the configuration names are
ever loaded.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from connectors.base import CONTRACT, Connector, Context, Endpoint, Manifest, Place
from connectors.errors import ConfigError, ConnectorBroken

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP = "wherry.connectors"
"""Name of the entry-point group."""

BUILT_IN: Mapping[str, str] = {
    "caldav": "connectors.dav.place:Dav",
    "carddav": "connectors.dav.place:Dav",
    "dav": "connectors.dav.place:Dav",
    "google-calendar": "connectors.google.calendar:Calendars",
    "google-contacts": "connectors.google.contacts:Contacts",
    "memory": "connectors.memory.place:Memory",
    "vdir": "connectors.vdir.place:Vdir",
}
"""Kind of place -> where its class is written. These names cannot be taken over."""

EXTRAS: Mapping[str, str] = {
    "caldav": "dav",
    "carddav": "dav",
    "dav": "dav",
    "google-calendar": "google",
    "google-contacts": "google",
}
"""Kind of place -> the optional part of the distribution that holds its libraries."""


def kinds(enabled: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the kinds of places that can be named: our own and those *enabled*. Imports nothing."""
    return tuple(sorted(BUILT_IN.keys() | enabled))


def load(kind: str, enabled: frozenset[str] = frozenset()) -> Connector:
    """Return the connector for *kind*, imported now.

    Raises ``ConfigError`` when there is none or a library of its is not installed,
    ``ConnectorBroken`` when it is no connector or was made for another contract.
    """
    if kind in BUILT_IN:
        found = _import(kind, BUILT_IN[kind])
    elif kind in enabled:
        found = _third_party(kind)
    else:
        raise ConfigError(f"there is no connector called {kind!r}{_nearest(kind, enabled)}")
    return _checked(kind, found)


def manifest(kind: str, enabled: frozenset[str] = frozenset()) -> Manifest:
    """Return what the connector for *kind* says of itself. Raises as ``load`` does."""
    return _manifest_of(load(kind, enabled))


def connect(endpoint: Endpoint, ctx: Context, enabled: frozenset[str] = frozenset()) -> Place:
    """Return the place *endpoint* names. Raises as ``load`` does, and what the connector raises."""
    return load(endpoint.kind, enabled)(endpoint, ctx)


def _import(kind: str, where: str) -> object:
    module, _, name = where.partition(":")
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        extra = EXTRAS.get(kind)
        if extra is None or (error.name or "").partition(".")[0] == "connectors":
            raise
        raise ConfigError(f"{kind!r} needs {error.name}: pip install 'wherry[{extra}]'") from error


def _third_party(kind: str) -> object:
    from importlib.metadata import entry_points

    # The same distribution may be found twice on the path; two different targets are a quarrel.
    found = {point.value: point for point in entry_points(group=GROUP, name=kind)}
    if not found:
        raise ConfigError(f"the connector {kind!r} is enabled, but no installed package provides it")
    if len(found) > 1:
        raise ConfigError(f"several installed packages provide {kind!r}: {', '.join(sorted(found))}")
    (point,) = found.values()
    try:
        return cast("object", point.load())
    except (ImportError, AttributeError) as error:
        raise ConnectorBroken(f"{kind!r} ({point.value}) cannot be loaded: {error}") from error


def _checked(kind: str, found: object) -> Connector:
    said = _manifest_of(found)
    if said.contract != CONTRACT:
        raise ConnectorBroken(f"{kind!r} is made for contract {said.contract}, this is contract {CONTRACT}")
    missing = [name for name in ("check", "collections", "fetch", "inventory", "close") if not hasattr(found, name)]
    if said.reads and not hasattr(found, "changes"):
        missing.append("changes")
    missing += [name for name in ("ensure", "put", "remove") if said.writes and not hasattr(found, name)]
    if missing or not callable(found):
        raise ConnectorBroken(f"{kind!r} is no connector: it lacks {', '.join(missing) or 'a constructor'}")
    return cast("Connector", found)


def _manifest_of(found: object) -> Manifest:
    said = getattr(found, "manifest", None)
    if not isinstance(said, Manifest):
        raise ConnectorBroken(f"{found!r} has no manifest")
    return said


def _nearest(kind: str, enabled: frozenset[str]) -> str:
    from difflib import get_close_matches

    known = kinds(enabled)
    near = get_close_matches(kind, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f" (there are: {', '.join(known)})"
