"""Translate what a DAV server refuses into who must act.

The reason is read from the precondition element in the body where there is one
(RFC 4918 section 16); the status code alone decides only what no element explains.
Servers disagree on codes: 403, 412, 410 and 400 all say "this sync-token is no longer known".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from xml.parsers import expat

from connectors.dav.names import HREF, local
from connectors.errors import (
    Conflict,
    ConnectorError,
    CursorExpired,
    DestinationFull,
    ItemRejected,
    NotTheService,
    ReadOnly,
    ReauthRequired,
    Throttled,
    TooMuchAtOnce,
    Transient,
    Vanished,
)

ERROR_BODY: Final = 256 * 1024
"""Most bytes of an error's body worth reading."""

_GONE: Final = frozenset({404, 410})
_FULL: Final = frozenset({"quota-not-exceeded", "sufficient-disk-space"})
_INVALID: Final = frozenset(
    {
        "valid-calendar-data",
        "valid-calendar-object-resource",
        "valid-address-data",
        "supported-calendar-data",
        "supported-address-data",
        "min-date-time",
        "max-date-time",
        "max-instances",
        "max-attendees-per-instance",
    },
)
_LIMITS: Final = (b"ratelimitexceeded", b"quotaexceeded", b"dailylimitexceeded")
"""Google's reasons for a 403 that means "wait" (developers.google.com/workspace/calendar/api/guides/errors)."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The preconditions a server names, without their namespaces, and the hrefs it gives with them."""

    names: frozenset[str] = frozenset()
    hrefs: tuple[str, ...] = ()

    def __contains__(self, name: object) -> bool:
        """Say whether the server names this precondition."""
        return name in self.names


def refusal(body: bytes) -> Refusal:
    """Read an error's body; anything that is no ``DAV:error`` names nothing."""
    if b"<" not in body[:200]:
        return Refusal()
    names: list[str] = []
    hrefs: list[str] = []
    text: list[str] = []

    def end(name: str) -> None:
        if name == HREF:
            hrefs.append("".join(text).strip())

    def start(name: str, _: object) -> None:
        names.append(local(name))
        text.clear()

    parser = expat.ParserCreate(None, "}")
    parser.StartDoctypeDeclHandler = _stop
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text.append
    try:
        parser.Parse(body[:ERROR_BODY], True)  # noqa: FBT003 (expat takes it by position only)
    except (expat.ExpatError, Transient):
        return Refusal()
    return Refusal(frozenset(names), tuple(hrefs)) if names[:1] == ["error"] else Refusal()


def _stop(*_: object) -> None:
    raise NotTheService("a document type in an error")


def failure(status: int, body: bytes) -> ConnectorError:
    """Say what *status* means wherever nothing more is known about the request."""
    found = refusal(body)
    said = f"{status} {' '.join(sorted(found.names - {'error', 'href'}))}".strip()
    if status == 401:
        return ReauthRequired("the server refuses the login")
    if "valid-sync-token" in found:
        return CursorExpired(said)
    if status == 403 and any(word in body[:4096].lower() for word in _LIMITS):
        return Throttled(said)
    if status in {413, 507} or "number-of-matches-within-limits" in found:
        return TooMuchAtOnce(said)
    if status == 403:
        return ReadOnly(said) if "need-privileges" in found else ItemRejected("forbidden", said)
    return _by_status(status, said)


def _by_status(status: int, said: str) -> ConnectorError:
    if status in _GONE:
        return Vanished(said)
    if status < 400:
        return NotTheService(f"answered {status} where WebDAV answers 207")
    if status == 511:
        return NotTheService("the network wants a login first (RFC 6585 section 6)")
    return Transient(said) if status >= 500 and status not in {501, 505} else ItemRejected("refused", said)


def write_failure(status: int, body: bytes, *, current: str | None) -> ConnectorError:
    """Say why a PUT was refused (RFC 4791 section 5.3.2.1, RFC 6352 section 6.3.2.1).

    *current* is the id of the item another one with the same UID is stored under.
    A ``Conflict`` without ``same_uid`` means: something else than expected stands there.
    """
    found = refusal(body)
    said = f"{status} {' '.join(sorted(found.names - {'error', 'href'}))}".strip()
    if "no-uid-conflict" in found:
        return Conflict(said, current=current, same_uid=True)
    if found.names & _INVALID or status in {400, 415, 422}:
        return ItemRejected("invalid-data", said)
    if "max-resource-size" in found or status == 413:
        return ItemRejected("too-large", said)
    if "supported-calendar-component" in found:
        return ItemRejected("component-refused", said)
    if found.names & _FULL or status == 507:
        return DestinationFull(said)
    if status == 412:
        return Conflict(said)
    if status == 423:
        return Transient(said)
    error = failure(status, body)
    return Transient(said) if isinstance(error, NotTheService | TooMuchAtOnce | CursorExpired) else error
