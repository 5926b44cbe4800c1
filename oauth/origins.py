"""Origins: the scheme, host and port a credential is bound to (RFC 6454)."""

from __future__ import annotations

from collections.abc import Iterable

_PORTS = {"https": 443, "http": 80}


def origin(url: str) -> str:
    """Return the origin of *url* in its one spelling, empty when it has none.

    A host may be ``*.example.org``, which stands for every name below it.
    """
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return ""
    return f"{parts.scheme}://{_spelled(parts.hostname)}:{port or _PORTS[parts.scheme]}"


def origins(urls: Iterable[str]) -> frozenset[str]:
    """Return the origins of *urls*. Raises ``ValueError`` for one that has none."""
    found = frozenset(origin(url) for url in urls)
    if "" in found:
        raise ValueError("a credential can only be bound to an http or https origin")
    return found


def covers(bound: frozenset[str], url: str) -> bool:
    """Say whether a credential bound to *bound* may be sent to *url*."""
    where = origin(url)
    if not where:
        return False
    if where in bound:
        return True
    scheme, _, rest = where.partition("://")
    return any(
        rest.endswith(pattern.removeprefix(f"{scheme}://*"))
        for pattern in bound
        if pattern.startswith(f"{scheme}://*.")
    )


def private_line(url: str) -> bool:
    """Say whether nobody on the way can read what is sent: TLS, or the machine itself."""
    where = origin(url)
    host = where.partition("://")[2].rpartition(":")[0]
    return where.startswith("https://") or host in {"localhost", "[::1]"} or _is_loopback(host)


def _spelled(host: str) -> str:
    """Return *host* as it is sent: names in ASCII, IPv6 addresses short and in brackets."""
    if ":" in host:
        import ipaddress

        try:
            return f"[{ipaddress.IPv6Address(host)}]"
        except ValueError:
            return f"[{host}]"
    if not host.isascii():
        try:
            host = host.encode("idna").decode().lower()
        except UnicodeError:
            return host
    return host.removesuffix(".")


def _is_loopback(host: str) -> bool:
    import ipaddress

    try:
        return ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return False
