"""Where a URL points: its spelling, and what kind of place an address is.

Pure functions, no look-up. ``connectors/guard.py`` decides with them.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum

from connectors.errors import UnsafeAddress

IPv4 = ipaddress.IPv4Address
IPv6 = ipaddress.IPv6Address

PORTS = {"https": 443, "http": 80}


class Standing(StrEnum):
    """What kind of place an address is."""

    PUBLIC = "public"
    PRIVATE = "private"
    FORBIDDEN = "forbidden"


_METADATA = frozenset({"169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254"})
"""Addresses where clouds hand out credentials. Two lie in private ranges, one in a public one."""

_PRIVATE = tuple(
    ipaddress.ip_network(net)
    for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10", "::1/128", "fc00::/7")
)
"""Loopback (RFC 1122), private (RFC 1918, RFC 4193) and shared space (RFC 6598, used by overlay networks)."""

_BEYOND = tuple(
    ipaddress.ip_network(net)
    for net in (
        *("64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "192.88.99.0/24"),
        *("fec0::/10", "3fff::/20", "5f00::/16"),
    )
)
"""First what carries IPv4 to somewhere we cannot see (local NAT64, 6to4, Teredo, IPv4-compatible), then
ranges for special use which Python's table does not know in every version we support."""

_GLOBAL = ipaddress.ip_network("2000::/3")
"""All IPv6 addresses given out for the Internet (IANA); what lies outside is translated, local or nobody's."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""The well-known prefix (RFC 6052); names of IPv4-only servers resolve to it on IPv6-only networks."""


def standing(address: str) -> Standing:
    """Say what kind of place *address* is, looking through IPv4 carried in IPv6."""
    ip = _inner(ipaddress.ip_address(address))
    if str(ip) in _METADATA or (isinstance(ip, IPv6) and ip.scope_id):
        return Standing.FORBIDDEN
    if _among(ip, _PRIVATE):
        return Standing.PRIVATE
    if ip.is_multicast or not ip.is_global or _among(ip, _BEYOND) or (isinstance(ip, IPv6) and ip not in _GLOBAL):
        return Standing.FORBIDDEN
    return Standing.PUBLIC


def _inner(ip: IPv4 | IPv6) -> IPv4 | IPv6:
    """Return the IPv4 address that is really reached through *ip*, or *ip* itself."""
    if isinstance(ip, IPv4):
        return ip
    if ip in _NAT64:
        return IPv4(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip


def _among(ip: IPv4 | IPv6, networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]) -> bool:
    return any(ip.version == network.version and ip in network for network in networks)


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart: *host* in lower case and ASCII, *path* with the query, ready to be sent."""

    scheme: str
    host: str
    port: int
    path: str
    literal: bool

    @property
    def authority(self) -> str:
        """Return host and port as the Host header wants them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Return scheme, host and port: all that may stand in logs and errors."""
        return f"{self.scheme}://{self.authority}"

    @property
    def url(self) -> str:
        """Return the URL as it is sent."""
        return self.origin + self.path


_UNWANTED = re.compile(r"[\x00-\x1f\x7f\\]")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.(?!-)[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")
_SENT_AS_IS = "/%:@!$&'()*+,;=~-._?"


def target(url: str) -> Target:
    """Take *url* apart. Raises ``UnsafeAddress`` for a spelling two readers could read differently."""
    from urllib.parse import quote, urlsplit

    if _UNWANTED.search(url) or url != url.strip():
        raise UnsafeAddress("the URL holds control characters, backslashes or outer blanks")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnsafeAddress("the URL cannot be read") from None
    if parts.scheme not in PORTS:
        raise UnsafeAddress("the URL is neither https nor http")
    if "@" in parts.netloc:
        raise UnsafeAddress("the URL holds a user name or a password")
    if port == 0:
        raise UnsafeAddress("the URL names port 0")
    host, literal = _host(parts.hostname or "", bracketed=parts.netloc.startswith("["))
    path = quote(parts.path or "/", safe=_SENT_AS_IS)
    query = "?" + quote(parts.query, safe=_SENT_AS_IS) if parts.query else ""
    return Target(parts.scheme, host, port or PORTS[parts.scheme], path + query, literal)


def _host(raw: str, *, bracketed: bool) -> tuple[str, bool]:
    """Return the host in its one spelling, and whether it is an address itself."""
    if bracketed:
        try:
            return str(IPv6(raw)), True
        except ValueError:
            raise UnsafeAddress("the URL holds an IPv6 address that cannot be read") from None
    try:
        name = raw.lower().removesuffix(".") if raw.isascii() else raw.encode("idna").decode().lower().removesuffix(".")
    except UnicodeError:
        raise UnsafeAddress("the host name cannot be read") from None
    if not _NAME.fullmatch(name) or len(name) > 253:
        raise UnsafeAddress("the URL has no host, or one that is no name")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        # inet_aton would read 127.1, 0177.0.0.1, 0x7f000001 and 2130706433 all as 127.0.0.1
        try:
            return str(IPv4(name)), True
        except ValueError:
            raise UnsafeAddress("the host is a number, but no IPv4 address in its usual spelling") from None
    return name, False
