"""Grants that are a password from the start: handed out after a login, or typed in.

They follow the same life as tokens do: intent, kept, held, ended. How they end differs, and
their profile says it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from oauth import nextcloud
from oauth.consent import STATE_LIFE, Consent, Wish
from oauth.errors import BadAnswer, ConsentTimedOut, Unreachable
from oauth.origins import origin
from oauth.secret import Secret
from oauth.tokens import Tokens

if TYPE_CHECKING:
    from oauth.grants import Grant

log = logging.getLogger(__name__)


def by_login_flow(consent: Consent, wish: Wish, show: Callable[[str], None], *, seconds: float = STATE_LIFE) -> Grant:
    """Return the grant a person gives on their own server's login page (Nextcloud, Login Flow v2).

    The server is asked once a second. Raises ``ConsentTimedOut``, ``BadAnswer``, ``UnsafeEndpoint``,
    ``Unreachable``, ``GrantDying``.
    """
    login = nextcloud.start(wish.profile, consent.exchange)
    grant_id = consent.intend(wish, login.token, {"state": login.token})
    try:
        show(login.url)
        found = _asked(consent, login, until=time.monotonic() + min(seconds, STATE_LIFE))
    except BaseException:
        consent.close(grant_id, "interrupted")
        raise
    if found is None:
        consent.close(grant_id, "no answer")
        raise ConsentTimedOut(wish.profile.name, min(seconds, STATE_LIFE))
    tokens, server = found
    kept = _kept(consent, grant_id, tokens)
    if origin(server) != origin(wish.profile.api_url):
        consent.store.drain(kept.id)
        raise BadAnswer(origin(wish.profile.api_url), "hands out a password for another server")
    return kept


def keep_password(consent: Consent, wish: Wish, username: str, password: Secret) -> Grant:
    """Return the grant of a password somebody typed in. Its profile says whether we can end it."""
    state = Secret(token_urlsafe(32))
    grant_id = consent.intend(wish, state, {"state": state})
    return _kept(consent, grant_id, Tokens(username=username, password=password, subject=username or None))


def _kept(consent: Consent, grant_id: str, tokens: Tokens) -> Grant:
    grant = consent.store.get(grant_id)
    consent.keep(grant, {})
    return consent.persist(grant, tokens)


def _asked(consent: Consent, login: nextcloud.Login, *, until: float) -> tuple[Tokens, str] | None:
    """Ask until the person has agreed or the time is over; one answer that makes no sense ends nothing."""
    while True:
        try:
            found = nextcloud.poll(consent.exchange, login)
        except (Unreachable, BadAnswer) as fault:
            log.debug("the login's server gave no answer: %s", type(fault).__name__)
            found = None
        if found is not None or time.monotonic() >= until:
            return found
        consent.pause(1.0)
