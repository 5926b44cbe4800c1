"""Reading what providers answer: bounded, strict, and without ever repeating what stands in it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from oauth.errors import BadAnswer, GrantDead, ProviderRefused
from oauth.secret import Secret
from oauth.tokens import Tokens
from oauth.transport import LARGEST

if TYPE_CHECKING:
    from oauth.profiles import ProviderProfile
    from oauth.transport import Answer

CODES = frozenset(
    {
        *("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type"),
        *("invalid_scope", "access_denied", "unsupported_response_type", "server_error", "temporarily_unavailable"),
        *("unsupported_token_type", "invalid_token", "interaction_required", "login_required", "consent_required"),
        *("account_selection_required", "org_internal", "admin_policy_enforced", "redirect_uri_mismatch"),
        *("deleted_client", "disallowed_useragent", "invalid_access_token", "expired_access_token"),
    }
)
"""Words of RFC 6749, RFC 7009, OpenID Connect, Google and Dropbox. Any other could hold anything."""

LONGEST = 10 * 365 * 86400.0
"""Most seconds a lifetime is believed."""


def known_code(code: object) -> str:
    """Return *code* if it is a word we know: what else stands in its place may be a secret, echoed."""
    return code if isinstance(code, str) and code in CODES else "another error"


def origin_of(url: str) -> str:
    """Return all of an address that may stand in logs and errors."""
    from oauth.origins import origin

    return origin(url) or "the provider"


def document(answer: Answer, url: str) -> dict[str, Any]:
    """Return the JSON object that *answer* holds. Raises ``BadAnswer``."""
    where = origin_of(url)
    if 300 <= answer.status < 400:
        raise BadAnswer(where, "redirects")
    if len(answer.body) > LARGEST:
        raise BadAnswer(where, "answers too much")
    if not answer.body.strip():
        raise BadAnswer(where, f"answers {answer.status} and nothing")
    if is_page(answer):
        raise BadAnswer(where, f"answers {answer.status} with a web page")
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        # Without its cause: the traceback of a JSON error holds the document.
        raise BadAnswer(where, f"answers {answer.status} and no JSON") from None
    if not isinstance(found, dict):
        raise BadAnswer(where, f"answers {answer.status} and no JSON object")
    return found


def is_page(answer: Answer) -> bool:
    """Say whether *answer* is a web page: that of a guest network, a proxy or an error."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in {"text/html", "application/xhtml+xml"} or answer.body.lstrip()[:1] == b"<"


def error_code(answer: Answer) -> str:
    """Return the error word of *answer*, ``another error`` if it has none that is known."""
    try:
        found = json.loads(answer.body) if len(answer.body) <= LARGEST else None
    except (ValueError, RecursionError):
        return "another error"
    code = found.get("error") if isinstance(found, dict) else None
    if isinstance(code, Mapping):
        # Dropbox wraps its word in an object.
        code = code.get(".tag")
    return known_code(code)


def token_document(answer: Answer, profile: ProviderProfile, url: str) -> dict[str, Any]:
    """Return a token endpoint's document (RFC 6749 5.1).

    Raises ``GrantDead`` for ``invalid_grant``, ``ProviderRefused`` for another error
    (5.2), ``BadAnswer`` for what is neither: 5xx, a page, nothing, too much.
    """
    where = origin_of(url)
    if answer.status >= 500 or answer.status == 429:
        raise BadAnswer(where, f"answers {answer.status}")
    found = document(answer, url)
    if answer.status != 200 or "error" in found:
        code = error_code(answer)
        if code == "invalid_grant":
            raise GrantDead(profile.name, code)
        if answer.status == 200 or 400 <= answer.status < 500:
            raise ProviderRefused(where, code)
        raise BadAnswer(where, f"answers {answer.status}")
    if not _text(found.get("access_token")):
        raise BadAnswer(where, "answers without an access token")
    if str(found.get("token_type", "bearer")).lower() != "bearer":
        raise BadAnswer(where, "answers with a token of another type than bearer")
    return found


def tokens_from(
    found: Mapping[str, Any], profile: ProviderProfile, requested: tuple[str, ...], *, now: float
) -> Tokens:
    """Return the tokens of a token document. Without ``scope`` those *requested* are granted (RFC 6749 5.1)."""
    expires, ends = _seconds(found.get("expires_in")), _seconds(found.get("refresh_token_expires_in"))
    refresh = _text(found.get("refresh_token"))
    return Tokens(
        access=Secret(str(found["access_token"])),
        refresh=Secret(refresh) if refresh else None,
        expires_at=None if expires is None else now + expires,
        granted=_scopes(found.get("scope"), profile.scope_separator) or requested,
        subject=_subject(found),
        ends_at=None if ends is None else now + ends,
    )


def _scopes(given: object, separator: str) -> tuple[str, ...]:
    if isinstance(given, list):
        return tuple(each for each in given if isinstance(each, str))
    if not isinstance(given, str):
        return ()
    return tuple(dict.fromkeys(filter(None, (word.strip() for word in given.split(separator)))))


def _subject(found: Mapping[str, Any]) -> str | None:
    """Return whom the tokens belong to: Dropbox's account, or the ``sub`` of an id token.

    Its signature is not checked: it came from the token endpoint itself, over TLS
    (OpenID Connect Core 3.1.3.7, item 6).
    """
    if account := _text(found.get("account_id")):
        return account
    parts = _text(found.get("id_token")).split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    return (_text(claims.get("sub")) or None) if isinstance(claims, dict) else None


def _seconds(given: object) -> float | None:
    """Return a lifetime; some servers write it as a text. What is no lifetime is none."""
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return None
    try:
        seconds = float(given)
    except (ValueError, OverflowError):
        return None
    return min(seconds, LONGEST) if seconds >= 0 else None


def _text(given: object) -> str:
    return given if isinstance(given, str) else ""
