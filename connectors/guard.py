"""Which addresses Wherry may talk to.

A URL comes from a user, from DNS or from a server's answer, so every one passes here:
its spelling, its scheme, its host, and **every** address its name stands for. The
connection is then made to a checked address, never to the name: a second look-up could
answer something else (DNS rebinding).
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connectors.addresses import Standing, Target, standing, target
from connectors.errors import Transient, UnsafeAddress

Resolver = Callable[[str, int], Sequence[str]]
"""Return the addresses of a name, best first. Raises ``OSError`` when it has none."""


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of *host*, best first, each once."""
    found = socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Guard:
    """Let only safe addresses through.

    *allow_private* admits loopback and private networks (a server at home), never
    link-local or metadata addresses. *allow_http* admits plain http, and only to such a
    private address. *hosts* limits the names; ``None`` admits every name.
    """

    allow_private: bool = False
    allow_http: bool = False
    hosts: frozenset[str] | None = None
    resolver: Resolver = resolve

    def check(self, url: str) -> Target:
        """Take *url* apart if it may be asked for, as far as that shows without a look-up.

        Raises ``UnsafeAddress``.
        """
        there = target(url)
        if there.scheme == "http" and not (self.allow_http and self.allow_private):
            raise UnsafeAddress(f"{there.origin} is not encrypted")
        if self.hosts is not None and there.host not in self.hosts:
            raise UnsafeAddress(f"{there.origin} is none of the hosts this connection may talk to")
        if there.literal:
            self._admit(there, there.host)
        return there

    def addresses(self, there: Target) -> Sequence[str]:
        """Return the addresses to connect to, best first, all of them checked.

        Raises ``UnsafeAddress`` when even one is not safe, ``Transient`` when the name has none now.
        """
        if there.literal:
            return [there.host]
        try:
            found = self.resolver(there.host, there.port)
        except (OSError, UnicodeError) as fault:
            raise Transient(f"the name of {there.origin} cannot be resolved now") from fault
        for address in found:
            self._admit(there, address)
        if not found:
            raise Transient(f"the name of {there.origin} has no address")
        return found

    def _admit(self, there: Target, address: str) -> None:
        kind = standing(address)
        if kind is Standing.FORBIDDEN or (kind is Standing.PRIVATE and not self.allow_private):
            raise UnsafeAddress(f"{there.origin} leads to a {kind} address")
        if kind is Standing.PUBLIC and there.scheme == "http":
            raise UnsafeAddress(f"{there.origin} is not encrypted")
