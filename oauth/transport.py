"""How this package talks to providers: it says what it wants sent, somebody else sends it.

No socket is opened in ``oauth/``. The product wires in a client that checks addresses
(``wherry/exchanging.py``); a library with a client of its own is given an adapter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from oauth.errors import Unreachable

__all__ = ["LARGEST", "Answer", "Exchange", "Request", "Unreachable"]

LARGEST = 256 * 1024
"""Most bytes an answer may have: token answers and metadata are a few kilobytes."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, ready to be sent. Its headers and body hold secrets: they are never shown."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, whatever its status. Names of *headers* are in lower case; *body* is decoded."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@runtime_checkable
class Exchange(Protocol):
    """Something that sends a request once and returns the answer."""

    def __call__(self, request: Request, /) -> Answer:
        """Send *request* and return its answer.

        Redirects are not followed and nothing is sent twice: a code or a rotating refresh
        token is good for one use. Reads at most ``LARGEST`` bytes and one more, so that
        its reader sees that there was more. Raises ``Unreachable`` for everything that
        brought no answer: no address, no connection, no end in time.
        """
