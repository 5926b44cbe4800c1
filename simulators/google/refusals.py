"""Errors as the APIs say them.

People: google.rpc.Status with ``status`` and ``details`` (cloud.google.com/apis/design/errors); the older ``errors``
come with ``$.xgafv=1``. Calendar: ``errors`` with domain and reason, as listed at
developers.google.com/workspace/calendar/api/guides/errors. Gmail: both at once, ``errors`` unless ``$.xgafv`` is 2
(measured: brekkylab/backlot#202; an example in googleapis/google-api-php-client#1879).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulators.google.discovery import Json

TYPES = "type.googleapis.com/google.rpc."
STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    409: "ALREADY_EXISTS",
    410: "NOT_FOUND",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
"""google.rpc.Code by HTTP status, as cloud.google.com/apis/design/errors maps them."""
_OLD_REASONS = {
    400: "badRequest",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    429: "rateLimitExceeded",
    500: "backendError",
    503: "backendError",
}
_USAGE = {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded", "accessNotConfigured"}


@dataclass(slots=True)
class Refusal(Exception):
    """What is answered instead: *reason* is ``errors[].reason`` of Calendar, *code* the ErrorInfo reason."""

    status: int
    words: str
    reason: str = ""
    code: str = ""
    location: str = ""
    """The parameter that is wrong, or ``Authorization``."""
    domain: str = ""
    detail: Json | None = None
    """A further entry of ``details``."""
    rpc: str = ""
    """``error.status`` where it is not the one of the HTTP status."""
    headers: Mapping[str, str] = field(default_factory=dict)
    old_words: str = ""
    """``errors[].message`` where it differs."""


def body(refusal: Refusal, api: str, method: str = "", *, form: str = "") -> Json:
    """Return the JSON of an error of *api*. *form* is what ``$.xgafv`` asks for."""
    error: Json = {"code": refusal.status, "message": refusal.words}
    if api == "calendar" or form == "1" or (api == "gmail" and form != "2"):
        error["errors"] = [_old(refusal, api)]
    details = _details(refusal, api, method)
    if api != "calendar" or details:
        error["status"] = refusal.rpc or STATUS.get(refusal.status, "UNKNOWN")
    if details:
        error["details"] = details
    return {"error": error}


def _details(refusal: Refusal, api: str, method: str) -> list[Json]:
    details = []
    if refusal.code.isupper() or (refusal.code and api != "gmail"):
        service = "calendar-json" if api == "calendar" else api
        metadata = {"service": f"{service}.googleapis.com", "method": method}
        own = {"domain": "googleapis.com", "metadata": metadata}
        details.append({"@type": TYPES + "ErrorInfo", "reason": refusal.code, **own})
    return details if refusal.detail is None else [*details, refusal.detail]


def _old(refusal: Refusal, api: str) -> Json:
    reason = refusal.reason or _OLD_REASONS.get(refusal.status, "badRequest")
    if api == "gmail" and reason == "invalidParameter":  # a guess: no answer of Gmail's to an unknown name was found
        return {"domain": "global", "reason": "badRequest", "message": refusal.words}
    domain = refusal.domain or ("usageLimits" if reason in _USAGE else "global")
    said: Json = {"domain": domain, "reason": reason, "message": refusal.old_words or refusal.words}
    if refusal.location:
        kind = "header" if refusal.location == "Authorization" else "parameter"
        said |= {"locationType": kind, "location": refusal.location}
    return said


def wrong_argument(name: str, words: str) -> Refusal:
    """Return the refusal of a parameter."""
    detail = {"@type": TYPES + "BadRequest", "fieldViolations": [{"field": name, "description": words}]}
    return Refusal(400, words, "invalidParameter", location=name, detail=detail)


def not_found() -> Refusal:
    """Return the refusal of something that is not there, or not for this user to see."""
    return Refusal(404, "Not Found", "notFound")
