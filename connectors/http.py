"""The only way from Wherry to a server.

Connectors ask here and get an answer or one of ``connectors/errors.py``. Addresses are
checked, credentials stay at their origin, waits are bounded, answers are capped, and
what is worth trying again is tried again. No status but a refusal for the time being is an
error: what a status means is for the connector to say.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from connectors.answers import Headers, Limits, Meter, Response, Stream
from connectors.asking import Ask, redirected
from connectors.decoding import ACCEPTED
from connectors.errors import (
    AccessGone,
    ConnectorError,
    NotTheService,
    Throttled,
    Transient,
    UnsafeAddress,
    UnsafeRedirect,
)
from connectors.guard import Guard
from connectors.pace import Pace
from connectors.retry import SLICE, RetryPolicy, call, retry_after
from oauth.errors import BadAnswer, GrantBusy, OAuthError, Unreachable, UnsafeOrigin
from oauth.origins import covers

if TYPE_CHECKING:
    from connectors.addresses import Target
    from connectors.asking import Terms
    from connectors.wire import Connection, Pool
    from oauth.authorizers import Authorizer

__all__ = ["Guard", "Headers", "Http", "Limits", "Meter", "Pace", "Response", "RetryPolicy", "Stream"]

REDIRECTS = 3
NOTICED = 1.0
"""Seconds from which a wait is worth a word."""

log = logging.getLogger(__name__)

T = TypeVar("T")


class Http:
    """Ask servers, from any thread. Errors that may leave it are said at ``request``.

    *connections* is how many idle connections are kept for each origin; *ca* a file with
    certificate authorities instead of the system's (``WHERRY_CA`` in the environment).
    *waiting* is told the seconds of a wait a server asked for, before it begins, from the
    thread that waits.
    """

    def __init__(
        self,
        *,
        guard: Guard,
        authorizer: Authorizer | None = None,
        limits: Limits = Limits(),  # noqa: B008  (frozen)
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008  (frozen)
        pace: Pace | None = None,
        stop: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        connections: int = 4,
        ca: str | None = None,
        waiting: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.guard, self.limits, self.meter = guard, limits, Meter()
        self._authorizer, self._retry = authorizer, retry
        self._pace = pace or Pace(stop=stop, sleep=sleep, clock=clock)
        self._stop, self._clock, self._sleep = stop, clock, sleep
        self._connections, self._ca, self._waiting = connections, ca, waiting
        self._pool: Pool | None = None
        self._closed = False
        self._lock = threading.Lock()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        cap: int | None = None,
        terms: Terms | None = None,
    ) -> Response:
        """Return the answer with its whole body, at most *cap* decoded bytes (``Limits.body``).

        *terms* are the service's own: they say when the request is due, and instead of the bare
        status which refusals are worth another try.
        Raises ``Transient`` (the network failed, a safe method was tried again), ``InDoubt``
        (it failed after a write was sent), ``Throttled`` (the wait asked for is too long),
        ``TooMuchAtOnce`` (over the cap), ``NotTheService``, ``UnsafeRedirect``, ``UnsafeAddress``.
        """
        ask = Ask(method.upper(), url, headers or {}, body, self.limits.body if cap is None else cap, terms)

        def whole() -> Response:
            stream = self._follow(ask)
            response = Response(stream.status, stream.headers, stream.url, stream.read_all())
            if ask.terms is not None:
                self._heed(ask.terms, response)
            return response

        return self._again(whole)

    @contextmanager
    def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        cap: int | None = None,
    ) -> Iterator[Stream]:
        """Lend the answer while its body is read piece by piece, at most *cap* bytes (``Limits.stream``).

        Raises like ``request``. Once the head has come nothing is tried again: faults
        come out of ``Stream.read``.
        """
        ask = Ask(method.upper(), url, headers or {}, body, self.limits.stream if cap is None else cap)
        stream = self._again(lambda: self._follow(ask))
        try:
            yield stream
        except BaseException:
            stream.abandon()
            raise
        stream.close()

    def close(self) -> None:
        """Close every idle connection. Whoever still asks, in another thread, leaves none behind."""
        with self._lock:
            pool, self._pool, self._closed = self._pool, None, True
        if pool is not None:
            pool.close()

    def _again(self, work: Callable[[], T]) -> T:
        return call(work, self._retry, stop=self._stop, sleep=self._sleep, clock=self._clock)

    def _follow(self, ask: Ask) -> Stream:
        """Ask, and follow redirects of safe methods; every target passes the guard like the first URL."""
        for hop in range(REDIRECTS + 1):
            try:
                stream = self._authorized(ask)
            except UnsafeAddress as refused:
                if not hop:
                    raise
                raise UnsafeRedirect(f"the server redirects where we do not go: {refused.detail}") from refused
            onward = redirected(ask, stream)
            if onward is None:
                if ask.terms is None:
                    self._judge(ask, stream)
                return stream
            stream.close()
            ask = onward
        raise NotTheService("the server redirects in a circle")

    def _authorized(self, ask: Ask) -> Stream:
        """Ask with the credentials bound to this origin; answer one challenge."""
        stream = self._exchange(ask)
        who = self._authorizer
        if stream.status != 401 or who is None or not covers(who.origins, stream.url):
            return stream
        try:
            answered = who.challenge(stream.headers, ask.method, stream.url)
        except OAuthError as refused:
            stream.abandon()
            raise _access_error(refused) from refused
        if not answered:
            return stream
        stream.close()
        return self._exchange(ask)

    def _exchange(self, ask: Ask) -> Stream:
        """Send one request and return its answer; a kept connection found dead is replaced once, silently."""
        there = self.guard.check(ask.url)
        headers = self._headers(ask, there)
        if ask.terms is not None:
            self._wait(ask.terms.due(self._clock()))
        self._pace.wait()
        for fresh in (False, True):
            connection = self._connected().take(there, fresh=fresh)
            stream = self._try(ask, there, headers, connection)
            if stream is not None:
                return stream
        raise Transient(f"no connection to {there.origin}")

    def _try(self, ask: Ask, there: Target, headers: Mapping[str, str], connection: Connection) -> Stream | None:
        """Return the answer, or ``None`` when a kept connection had died and nothing was done."""
        from connectors.wire import FAULTS, Body

        self.meter.add(requests=1)
        try:
            answer = connection.exchange(ask.method, there.path, headers, ask.body)
        except FAULTS as cause:
            connection.close()
            died = connection.kept and not isinstance(cause, TimeoutError)
            if died and (ask.safe or not connection.sent):
                return None
            raise connection.fault(cause, safe=ask.safe) from cause
        except BaseException:
            connection.close()
            raise
        log.debug("%s %s answered %d", ask.method, there.origin, answer.status)
        incoming = Body(answer, connection, self._connected(), safe=ask.safe)
        if answer.status < 200:
            incoming.release(reusable=False)
            raise NotTheService(f"{there.origin} answered {answer.status} and nothing after it")
        return Stream(answer.status, Headers(answer.getheaders()), there.url, incoming=incoming, cap=ask.cap)

    def _headers(self, ask: Ask, there: Target) -> dict[str, str]:
        headers = {"Host": there.authority, "User-Agent": "Wherry", "Accept-Encoding": ACCEPTED, **ask.headers}
        if ask.body or ask.method in {"PUT", "POST", "PATCH"}:
            headers["Content-Length"] = str(len(ask.body))
        if self._authorizer is not None and covers(self._authorizer.origins, there.url):
            try:
                headers.update(self._authorizer.headers(ask.method, there.url))
            except OAuthError as refused:
                raise _access_error(refused) from refused
        return headers

    def _judge(self, ask: Ask, stream: Stream) -> None:
        """Turn "not now" into an error for the one retry policy. Raises ``Throttled``, ``Transient``."""
        status, asked = stream.status, retry_after(stream.headers)
        if status == 429 or (status == 503 and asked is not None):
            stream.close()
            self._hold(asked)
            raise Throttled(f"the server answered {status}", retry_after=asked)
        if status in {502, 503, 504} and ask.safe:
            stream.close()
            raise Transient(f"the server answered {status}")
        self._pace.went_well()

    def _heed(self, terms: Terms, response: Response) -> None:
        """Raise what *terms* call "not now"."""
        error = terms.again(response) if response.status >= 400 else None
        if error is None:
            self._pace.went_well()
            return
        if isinstance(error, Throttled):
            self._hold(error.retry_after)
        raise error

    def _hold(self, asked: float | None) -> None:
        """Hold everyone back who asks this service: as long as it *asked*, if we have the patience."""
        self._pace.throttled(asked if asked is not None and asked <= self._retry.patience else 0.0)
        self._tell(asked or 0.0)

    def _wait(self, seconds: float) -> None:
        """Wait until a request is due; returns early when told to stop."""
        until = self._clock() + seconds
        while (left := until - self._clock()) > 0 and not self._stop():
            self._sleep(min(SLICE, left))

    def _tell(self, seconds: float) -> None:
        """Let a wait that a person notices be seen, in the log and by whoever listens."""
        if seconds < NOTICED:
            return
        log.info("the server asks to wait %.0f seconds", seconds)
        if seconds <= self._retry.patience:
            self._waiting(seconds)

    def _connected(self) -> Pool:
        from connectors.wire import Pool

        with self._lock:
            if self._pool is None:
                keep = 0 if self._closed else self._connections
                self._pool = Pool(self.guard, self.limits, self.meter, clock=self._clock, keep=keep, ca=self._ca)
            return self._pool


def _access_error(error: OAuthError) -> ConnectorError:
    """Say in the port's words why a request could not be signed: a token is refreshed while a run goes on."""
    if isinstance(error, UnsafeOrigin):
        return UnsafeAddress(f"{error.origin} wants the password on a line that others can read")
    if isinstance(error, Unreachable | BadAnswer | GrantBusy):
        return Transient(f"the access could not be renewed: {error}")
    return AccessGone(str(error))
