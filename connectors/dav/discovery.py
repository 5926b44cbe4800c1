"""Find a person's calendars and address books from whatever address they gave (RFC 6764, RFC 4791, RFC 6352).

Candidates are tried until every kind has a home: the address itself, what DNS says,
the well-known path, the root. An address may be a principal, a home, a single collection
or just a host or a mail address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from connectors.base import Kind
from connectors.dav import names
from connectors.dav.errors import failure
from connectors.dav.hrefs import absolute, origin_and_path
from connectors.dav.shelf import TYPES
from connectors.errors import (
    ConfigError,
    ConnectorError,
    NotTheService,
    ReauthRequired,
    Throttled,
    Transient,
    UnsafeAddress,
    UnsafeRedirect,
)

if TYPE_CHECKING:
    import logging

    from connectors.dav.client import Client
    from connectors.dav.multistatus import Response

HOMES: Final = {Kind.EVENT: names.CALENDAR_HOME, Kind.CONTACT: names.ADDRESSBOOK_HOME}
SERVICES: Final = {Kind.EVENT: "caldav", Kind.CONTACT: "carddav"}
_ASKED: Final = (names.RESOURCETYPE, names.PRINCIPAL, names.CALENDAR_HOME, names.ADDRESSBOOK_HOME, names.DISPLAYNAME)

Lookup = Callable[[str], Iterator[str]]
"""Yield the URLs DNS gives for ``_caldavs._tcp.<host>``; see ``connectors/dav/service_records.py``."""


@dataclass(slots=True)
class Found:
    """What discovery found: the principal and, by kind, the homes.

    A home that is itself a collection is marked by a leading ``=``.
    """

    principal: str = ""
    name: str = ""
    homes: dict[Kind, list[str]] = field(default_factory=dict)


def discover(client: Client, address: str, kinds: frozenset[Kind], lookup: Lookup, log: logging.Logger) -> Found:
    """Return the homes for *kinds*, as far as there are any, and at least one.

    Raises ``ConfigError`` when *address* leads to no such server, ``ReauthRequired`` when
    it does but refuses the login, ``NotTheService`` when whatever was asked something else
    answered (a login page, so nothing is known of the server), ``Transient`` when nothing
    can be said now.
    """
    found = Found()
    problem: ConnectorError | None = None
    met = False
    for kind, candidate in _candidates(address, kinds, lookup):
        if not kinds - found.homes.keys():
            break
        if kind in found.homes:
            continue
        try:
            _explore(client, candidate, kinds, found)
            met = True
        except Throttled:
            raise  # the other addresses are the same server's, and it asked to be left alone
        except (ReauthRequired, UnsafeAddress) as error:
            problem = error
        except ConnectorError as error:
            log.debug("no principal at a candidate address: %s", error.reason)
            problem = _worse(problem, error)
            met |= not isinstance(error, Transient)
    if not found.homes:
        raise _nothing(problem, address, met=met)
    return found


def _candidates(address: str, kinds: frozenset[Kind], lookup: Lookup) -> Iterator[tuple[Kind | None, str]]:
    """Yield addresses to try, most likely first; a kind says that only this one is looked for there."""
    address = address.strip().removeprefix("mailto:")
    order = sorted(kinds)
    if "://" in address:
        yield None, address
        base = origin_and_path(address)[0]
    else:
        host, slash, path = address.rpartition("@")[2].partition("/")
        base = f"https://{host}"
        if path:
            yield None, f"{base}{slash}{path}"
        elif "@" in address:
            for kind in order:
                yield from ((kind, url) for url in lookup(f"_{SERVICES[kind]}s._tcp.{host}"))
    for kind in order:
        yield kind, f"{base}/.well-known/{SERVICES[kind]}"
    yield None, f"{base}/"
    if "@" not in address or "://" in address:
        host = base.partition("://")[2].rpartition(":")[0] or base.partition("://")[2]
        for kind in order:
            yield from ((kind, url) for url in lookup(f"_{SERVICES[kind]}s._tcp.{host}"))


def _explore(client: Client, url: str, kinds: frozenset[Kind], found: Found) -> None:
    """Follow *url* to its principal and note the homes and collections met on the way."""
    missing = kinds - found.homes.keys()
    answer = client.propfind(url, _ASKED, depth=0)
    here = next(iter(answer), None)
    if here is None:
        raise NotTheService("an answer about nothing")
    if here.status >= 400:
        raise failure(here.status, b"")
    base = answer.url
    if _note_collection(here, base, kinds, found) or _note_homes(here, base, kinds, found):
        return
    for href in here.hrefs(names.PRINCIPAL)[:1]:
        principal = absolute(base, href)
        answer = client.propfind(principal, _ASKED, depth=0)
        for response in answer:
            if _note_homes(response, answer.url, kinds, found):
                return
    if names.COLLECTION in here.inside(names.RESOURCETYPE):
        _note_as_home(client, base, missing, found)


def _note_collection(here: Response, base: str, kinds: frozenset[Kind], found: Found) -> bool:
    types = here.inside(names.RESOURCETYPE)
    met = [kind for kind in sorted(kinds) if TYPES[kind] in types]
    for kind in met:
        found.homes.setdefault(kind, []).append(f"={absolute(base, here.href)}")
        # The user named this one collection: nothing else of the account is meant.
        for other in kinds - {kind}:
            found.homes.setdefault(other, [])
    return bool(met)


def _note_homes(here: Response, base: str, kinds: frozenset[Kind], found: Found) -> bool:
    noted = False
    for kind in sorted(kinds):
        homes = [absolute(base, href) for href in here.hrefs(HOMES[kind])]
        if homes and not found.homes.get(kind):
            found.homes[kind] = list(dict.fromkeys(homes))
            noted = True
    if noted:
        found.principal = absolute(base, here.href)
        found.name = here.props.get(names.DISPLAYNAME, "").strip()
    return noted


def _note_as_home(client: Client, url: str, kinds: frozenset[Kind], found: Found) -> None:
    """Take *url* as a home if collections lie in it: for servers that name no principal."""
    for response in client.propfind(url, (names.RESOURCETYPE,), depth=1):
        types = response.inside(names.RESOURCETYPE)
        for kind in kinds:
            if TYPES[kind] in types and url not in found.homes.get(kind, ()):
                found.homes.setdefault(kind, []).append(url)


def _worse(problem: ConnectorError | None, error: ConnectorError) -> ConnectorError:
    """Keep what tells the user most: a refusal that asks for them, then a fault that may pass."""
    if isinstance(problem, ReauthRequired | UnsafeAddress):
        return problem
    if isinstance(problem, Transient) and not isinstance(problem, NotTheService):
        return problem
    return error


def _nothing(problem: ConnectorError | None, address: str, *, met: bool) -> ConnectorError:
    """Say why nothing was found; *met* that the server itself answered at least once, and has nothing for us.

    A login page answers everything in the server's place; who mistyped an address hears
    of it from the server, at one candidate or another.
    """
    if isinstance(problem, ReauthRequired | UnsafeAddress):
        return problem
    if isinstance(problem, Transient) and not isinstance(problem, NotTheService):
        return problem
    where = address.rpartition("@")[2][:200]
    if isinstance(problem, NotTheService) and not met:
        return problem if isinstance(problem, UnsafeRedirect) else NotTheService(f"{problem.detail} (at {where})")
    why = f" ({problem.detail})" if problem is not None and problem.detail else ""
    return ConfigError(f"no calendars or address books at {where}{why}")
