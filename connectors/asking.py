"""A request on its way: what it asks, and where a redirect sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from connectors.errors import UnsafeRedirect
from oauth.origins import origin

if TYPE_CHECKING:
    from connectors.answers import Response, Stream
    from connectors.errors import Transient

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"})
"""Methods that change nothing, so that asking twice does no harm."""

_PERSONAL = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Fields a caller set for one origin; another one must not see them."""


class Terms(Protocol):
    """What a service asks of its callers. The connector says it, the transport keeps it: only the transport waits."""

    def due(self, now: float) -> float:
        """Book one request at *now* (seconds of a monotonic clock); return the seconds it has to wait."""

    def again(self, response: Response) -> Transient | None:
        """Return the error of a refusal that means "not now", read from its body; ``None`` for all others."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request; *cap* is the most decoded bytes its answer may have."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    cap: int | None
    terms: Terms | None = None

    @property
    def safe(self) -> bool:
        """Say whether asking twice does no harm."""
        return self.method in SAFE


def redirected(ask: Ask, stream: Stream) -> Ask | None:
    """Return what to ask next, ``None`` if *stream* is no redirect to follow.

    Method and body stay (a PROPFIND that became a GET would find nothing). Raises
    ``UnsafeRedirect`` when the way leads from https to http.
    """
    from urllib.parse import urljoin

    location = stream.headers.get("location")
    if stream.status not in {301, 302, 303, 307, 308} or not ask.safe or not location:
        return None
    # http.client reads header bytes as Latin-1; servers put UTF-8 into them
    url = urljoin(stream.url, location.encode("latin-1", "replace").decode("utf-8", "replace").strip())
    if stream.url.startswith("https:") and not url.startswith("https:"):
        stream.abandon()
        raise UnsafeRedirect("the server redirects to a place that is not encrypted")
    if origin(url) == origin(stream.url):
        return replace(ask, url=url)
    kept = {name: value for name, value in ask.headers.items() if name.lower() not in _PERSONAL}
    return replace(ask, url=url, headers=kept)
