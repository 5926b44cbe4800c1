"""What ``oauth`` wants sent, sent: once, to a checked address, without following redirects."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from oauth.transport import LARGEST, Answer, Request, Unreachable

if TYPE_CHECKING:
    from connectors.http import Http
    from wherry.settings import Settings


class Exchanging:
    """``oauth.transport.Exchange`` over the one way from Wherry to a server.

    Addresses in the user's own network, and plain http to them, are admitted only for hosts
    of *private*: those the user allowed with ``--allow-private``.
    """

    def __init__(
        self, private: frozenset[str] = frozenset(), *, ca: str | None = None, stop: Callable[[], bool] = lambda: False
    ) -> None:
        self._private, self._ca, self._stop = private, ca, stop
        self._https: dict[bool, Http] = {}

    def __call__(self, request: Request) -> Answer:
        """Send *request* and return the answer, whatever its status. Raises ``Unreachable``."""
        from connectors.addresses import target
        from connectors.errors import ConnectorError, Throttled

        private = (urlsplit(request.url).hostname or "") in self._private
        try:
            answer = self._http(private=private).request(
                request.method, request.url, headers=request.headers, body=request.body, cap=LARGEST + 1
            )
        except Throttled as wait:
            return Answer(429, {} if wait.retry_after is None else {"retry-after": f"{wait.retry_after:.0f}"})
        except ConnectorError as error:
            raise Unreachable(urlsplit(request.url).hostname or "", str(error)) from error
        if answer.url != target(request.url).url:
            # A GET was led elsewhere: for whom we ask, that is no answer.
            return Answer(302)
        return Answer(answer.status, dict(answer.headers), answer.body)

    def admit(self, hosts: frozenset[str]) -> None:
        """Count *hosts* to those that may lie in the user's own network."""
        self._private |= hosts

    def close(self) -> None:
        """Close idle connections. Harmless twice."""
        while self._https:
            self._https.popitem()[1].close()

    def _http(self, *, private: bool) -> Http:
        from connectors.guard import Guard
        from connectors.http import Http
        from connectors.retry import RetryPolicy

        if private not in self._https:
            self._https[private] = Http(
                guard=Guard(allow_private=private, allow_http=private),
                # Whoever asks decides whether to ask again: the reaper has a journal for it.
                retry=RetryPolicy(attempts=1, patience=0.0, total=0.0),
                stop=self._stop,
                ca=self._ca,
            )
        return self._https[private]


def private_hosts(settings: Settings) -> frozenset[str]:
    """Return the hosts whose accounts were connected with ``--allow-private``."""
    allowed = [account for account in settings.accounts.values() if account.allow_private]
    urls = [url for account in allowed for url in (account.url, account.issuer) if url]
    return frozenset(urlsplit(url).hostname or "" for url in urls) - {""}
