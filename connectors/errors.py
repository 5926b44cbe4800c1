"""What can go wrong at a provider, named by who must act.

Connectors translate what a server or library answers into one of these, by its
*reason* and never by the bare status code, in their own ``errors.py``. Each leaf
carries data; the sentence a person reads is made in ``wherry/explain.py``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Actor(StrEnum):
    """Who has to do something before the work can go on."""

    ENGINE = "engine"
    NOBODY = "nobody"
    USER = "user"
    OPERATOR = "operator"
    DEVELOPER = "developer"


class Blast(StrEnum):
    """How much of the job the error touches."""

    REQUEST = "request"
    ITEM = "item"
    COLLECTION = "collection"
    CONNECTION = "connection"
    JOB = "job"


class ConnectorError(Exception):
    """Root of every error a connector may raise.

    *detail* is for people who read logs; it never holds a secret or a body.
    """

    actor: ClassVar[Actor] = Actor.DEVELOPER
    blast: ClassVar[Blast] = Blast.JOB
    reason: ClassVar[str] = "unexpected"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class Transient(ConnectorError):
    """Try the same request again: connection lost, 5xx, body cut off."""

    actor, blast, reason = Actor.ENGINE, Blast.REQUEST, "temporary"


class Throttled(Transient):
    """The provider asks to wait. Not an attempt: waiting is what was asked for."""

    reason = "throttled"

    def __init__(self, detail: str = "", *, retry_after: float | None = None, per: str = "user") -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        self.per = per


class NotTheService(Transient):
    """Something answered that is not the service: a captive portal, a login page, a proxy."""

    reason = "not-the-service"


class UnsafeRedirect(NotTheService):
    """The server sent us on to an address we do not ask: unencrypted, inside a private network, no web address."""

    reason = "unsafe-redirect"


class TooMuchAtOnce(Transient):
    """The server cannot answer a request of this size; ask for less of it."""

    reason = "too-much-at-once"


class InDoubt(Transient):
    """The connection broke after a write was sent: it may or may not have happened. Look before trying again."""

    reason = "in-doubt"


class CursorExpired(ConnectorError):
    """The server no longer knows the cursor: list the collection from the beginning."""

    actor, blast, reason = Actor.ENGINE, Blast.COLLECTION, "cursor-expired"


class Conflict(ConnectorError):
    """The destination holds something else than expected.

    *current* is the id of what stands there, *revision* its revision, *stored* its
    bytes, each where it is known.
    """

    actor, blast, reason = Actor.ENGINE, Blast.ITEM, "conflict"

    def __init__(
        self,
        detail: str = "",
        *,
        current: str | None = None,
        revision: str | None = None,
        stored: bytes | None = None,
        same_uid: bool = False,
    ) -> None:
        super().__init__(detail)
        self.current = current
        self.revision = revision
        self.stored = stored
        self.same_uid = same_uid


class ItemRejected(ConnectorError):
    """This one item cannot be read or written; everything else goes on.

    *code* is a short stable word for reports (``invalid-data``, ``too-large`` …).
    """

    actor, blast, reason = Actor.NOBODY, Blast.ITEM, "rejected"

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail)
        self.code = code

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


class Vanished(ConnectorError):
    """The item is not there any more. An answer, not a fault."""

    actor, blast, reason = Actor.NOBODY, Blast.ITEM, "vanished"


class CollectionGone(ConnectorError):
    """The whole collection answers 404 or 410; may be passing, so it is confirmed on a second run."""

    actor, blast, reason = Actor.NOBODY, Blast.COLLECTION, "collection-gone"


class ReadOnly(ConnectorError):
    """The collection, or the account, may be read but not written."""

    actor, blast, reason = Actor.USER, Blast.COLLECTION, "read-only"


class ReauthRequired(ConnectorError):
    """The credential is refused: wrong, expired or withdrawn."""

    actor, blast, reason = Actor.USER, Blast.CONNECTION, "access-refused"


class AccessGone(ReauthRequired):
    """There is no credential: access was never given, or has ended."""

    reason = "access-gone"


class ScopeMissing(ConnectorError):
    """The grant does not cover what was asked for."""

    actor, blast, reason = Actor.USER, Blast.CONNECTION, "scope-missing"

    def __init__(self, scope: str, detail: str = "") -> None:
        super().__init__(detail)
        self.scope = scope


class DestinationFull(ConnectorError):
    """No space, or the account's quota is used up."""

    actor, blast, reason = Actor.USER, Blast.JOB, "destination-full"


class ConfigError(ConnectorError):
    """What the user configured cannot work (a URL that is no such server, an unknown option)."""

    actor, blast, reason = Actor.USER, Blast.JOB, "configuration"


class UnsafeAddress(ConfigError):
    """The address is refused: plain http, another origin, or one inside a private network."""

    reason = "unsafe-address"


class ProviderForbids(ConnectorError):
    """The provider refuses this application altogether."""

    actor, blast, reason = Actor.OPERATOR, Blast.JOB, "provider-forbids"


class ConnectorBroken(ConnectorError):
    """The connector broke its own contract: a bug, in ours or in a third party's."""

    actor, blast, reason = Actor.DEVELOPER, Blast.JOB, "connector-bug"
