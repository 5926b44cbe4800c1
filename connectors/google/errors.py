"""Translate what Google's APIs refuse into who must act: by the reason given, not by the status alone.

Two envelopes are in use, at times in one answer: ``error.errors[].reason`` (Calendar;
developers.google.com/workspace/calendar/api/guides/errors) and ``error.details[]`` with an
``ErrorInfo`` (People; google.aip.dev/193, cloud.google.com/apis/design/errors).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from connectors.errors import (
    ConnectorError,
    CursorExpired,
    ItemRejected,
    NotTheService,
    ProviderForbids,
    ReauthRequired,
    ScopeMissing,
    Throttled,
    TooMuchAtOnce,
    Transient,
    Vanished,
)
from connectors.google.answers import parsed, part, parts, text
from connectors.retry import retry_after

if TYPE_CHECKING:
    from connectors.answers import Response
    from connectors.google.answers import Json

HOUR: Final = 3600.0
"""Seconds after which a limit of the day is tried again, where Google says nothing."""

_SCOPES: Final = re.compile(r'scope="([^"]*)"')
_WORD: Final = re.compile(r"[A-Za-z0-9_.-]{1,80}")


@dataclass(frozen=True, slots=True)
class Said:
    """A refusal, read. *reasons* are the words that tell why, the most telling first.

    *blamed* is the parameter it blames, *limit* the quota that is used up, *scopes* what would be needed.
    """

    status: int
    reasons: tuple[str, ...] = ()
    blamed: frozenset[str] = field(default_factory=frozenset)
    limit: str = ""
    scopes: str = ""
    wait: float | None = None
    by_api: bool = True
    """Whether the API itself refuses; a proxy or a captive portal sends another body."""

    def __str__(self) -> str:
        """Say it for the log: words of Google's vocabulary, nothing of the user's."""
        return " ".join([str(self.status), *self.reasons, self.limit]).strip()


class PageLost(Transient):
    """A listing cannot go on: the API does not know the token of its next page any more. Begin from the checkpoint."""

    reason = "page-lost"


class Stopped(Transient):
    """The engine wants to stop: what was read so far counts."""


def read(response: Response) -> Said:
    """Return what *response* says. A body that is no such envelope says nothing but its status."""
    found = _SCOPES.search(response.headers.get("www-authenticate", ""))
    scopes = found[1] if found else ""
    wait = retry_after(response.headers)
    try:
        whole = parsed(response.body)
    except NotTheService:
        return Said(response.status, scopes=scopes, wait=wait, by_api=False)
    error = part(whole, "error")
    words, blamed, limit = _details(error)
    old = list(parts(error, "errors"))
    words += [text(each, "reason") for each in old]
    blamed |= {text(each, "location") for each in old}
    words += [text(error, "status"), text(whole, "error")]
    reasons = tuple(dict.fromkeys(word for word in words if _WORD.fullmatch(word)))
    return Said(response.status, reasons, frozenset(blamed), limit, scopes, wait, by_api=bool(error or reasons))


def _details(error: Json) -> tuple[list[str], set[str], str]:
    """Return the reasons, the blamed parameters and the quota in ``details``."""
    words: list[str] = []
    blamed: set[str] = set()
    limit = ""
    for each in parts(error, "details"):
        kind = text(each, "@type").rpartition(".")[2]
        if kind == "ErrorInfo":
            words.append(text(each, "reason"))
            named = text(part(each, "metadata"), "quota_limit")
            limit = named if _WORD.fullmatch(named) else limit
        blamed |= {text(violation, "field") for violation in parts(each, "fieldViolations")}
    return words, blamed, limit


def _throttled(said: Said, per: str) -> Throttled:
    return Throttled(str(said), retry_after=said.wait, per=per)


def _rate(said: Said) -> Throttled:
    """Say who is asked too often: quotas are called after what they count (``ReadRequestsPerMinutePerUser``)."""
    if "PerDay" in said.limit:
        return _day(said)
    return _throttled(said, "project" if said.limit.endswith("PerProject") else "user")


def _day(said: Said) -> Throttled:
    return Throttled(str(said), retry_after=said.wait or HOUR, per="project")


def _usage(said: Said) -> Throttled:
    """Say that the user's calendars are used too much; it may last for hours (GUIDE/quota)."""
    return Throttled(str(said), retry_after=said.wait or HOUR, per="user") if not said.limit else _rate(said)


def _wrong(said: Said) -> ConnectorError:
    """Say which parameter an API does not like; its own tokens become unknown to it."""
    if "syncToken" in said.blamed or "sync_token" in said.blamed:
        return CursorExpired(str(said))
    if "pageToken" in said.blamed or "page_token" in said.blamed:
        return PageLost(str(said))
    return ItemRejected("refused", str(said))


def _scope(said: Said) -> ScopeMissing:
    return ScopeMissing(said.scopes, str(said))


Make = Callable[[Said], ConnectorError]


def _as(leaf: type[ConnectorError]) -> Make:
    return lambda said: leaf(str(said))


def _forbidden(said: Said) -> ItemRejected:
    return ItemRejected("forbidden", str(said))


def _per(who: str) -> Make:
    return lambda said: _throttled(said, who)


REASONS: Final[Mapping[str, Make]] = {
    # Too often, or too much.
    "RATE_LIMIT_EXCEEDED": _rate,
    "rateLimitExceeded": _rate,
    "userRateLimitExceeded": _per("user"),
    "servingLimitExceeded": _per("project"),
    "concurrentLimitExceeded": _per("project"),
    "dailyLimitExceeded": _day,
    "dailyLimitExceededUnreg": _day,
    "quotaExceeded": _usage,
    "RESOURCE_EXHAUSTED": _rate,
    # The token of a list.
    "EXPIRED_SYNC_TOKEN": _as(CursorExpired),
    "fullSyncRequired": _as(CursorExpired),
    "updatedMinTooLongAgo": _as(CursorExpired),
    # Who asks.
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": _scope,
    "insufficientPermissions": _scope,
    "insufficient_scope": _scope,
    "ACCESS_TOKEN_EXPIRED": _as(ReauthRequired),
    "ACCESS_TOKEN_TYPE_UNSUPPORTED": _as(ReauthRequired),
    "CREDENTIALS_MISSING": _as(ReauthRequired),
    "ACCOUNT_STATE_INVALID": _as(ReauthRequired),
    "SESSION_COOKIE_INVALID": _as(ReauthRequired),
    "authError": _as(ReauthRequired),
    "expired": _as(ReauthRequired),
    "invalid_token": _as(ReauthRequired),
    "UNAUTHENTICATED": _as(ReauthRequired),
    # What the application may not do at all.
    "SERVICE_DISABLED": _as(ProviderForbids),
    "accessNotConfigured": _as(ProviderForbids),
    "CONSUMER_SUSPENDED": _as(ProviderForbids),
    "CONSUMER_INVALID": _as(ProviderForbids),
    "BILLING_DISABLED": _as(ProviderForbids),
    "USER_PROJECT_DENIED": _as(ProviderForbids),
    "domainPolicy": _as(ProviderForbids),
    "usageLimits.accessNotConfigured": _as(ProviderForbids),
    # What is asked for.
    "notFound": _as(Vanished),
    "NOT_FOUND": _as(Vanished),
    "deleted": _as(Vanished),
    "forbidden": _forbidden,
    "PERMISSION_DENIED": _forbidden,
    "requiredAccessLevel": _forbidden,
    "forbiddenForNonOrganizer": _forbidden,
    "invalid": _wrong,
    "invalidParameter": _wrong,
    "syncTokenWithRequestRestrictions": _wrong,
    "badRequest": _wrong,
    "INVALID_ARGUMENT": _wrong,
    # Their trouble.
    "backendError": _as(Transient),
    "internalError": _as(Transient),
    "INTERNAL": _as(Transient),
    "UNAVAILABLE": _as(Transient),
    "DEADLINE_EXCEEDED": _as(Transient),
    "ABORTED": _as(Transient),
}
"""Google's word -> whose turn it is. The first word of an answer that stands here decides."""

STATUSES: Final[Mapping[int, Make]] = {
    400: _wrong,
    401: _as(ReauthRequired),
    403: _forbidden,
    404: _as(Vanished),
    408: _as(Transient),
    410: _as(CursorExpired),
    413: _as(TooMuchAtOnce),
    414: _as(TooMuchAtOnce),
    429: _rate,
    511: _as(NotTheService),
}
"""What a status means that no reason explains."""


def failure(response: Response) -> ConnectorError:
    """Say what a refusal means and who must act."""
    said = read(response)
    make = next((REASONS[word] for word in said.reasons if word in REASONS), None)
    if not said.by_api and response.status in {403, 404}:
        return NotTheService(f"answered {response.status} and no reason")
    make = make or STATUSES.get(response.status)
    if make is not None:
        return make(said)
    if response.status < 400:
        return NotTheService(f"answered {response.status} where the API answers 200")
    return Transient(str(said)) if response.status >= 500 else ItemRejected("refused", str(said))


def passing(response: Response) -> Transient | None:
    """Return the error if the same request may be made once more: a limit, or their trouble."""
    error = failure(response)
    worth = isinstance(error, Throttled) or (isinstance(error, Transient) and response.status >= 500)
    return error if worth and isinstance(error, Transient) else None
