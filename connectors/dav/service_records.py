"""What DNS says about a host's CalDAV and CardDAV service (RFC 6764 sections 3 and 4). Only the secure one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterator

    import dns.resolver


class ServiceRecords:
    """Look up SRV and TXT records. *nameserver* (``address:port``) replaces the system's resolvers."""

    def __init__(self, log: logging.Logger, nameserver: str = "") -> None:
        self._log = log
        self._nameserver = nameserver

    def __call__(self, service: str) -> Iterator[str]:
        """Yield the URLs for *service* (``_caldavs._tcp.example.org``), best first; none if there are none."""
        import dns.exception
        import dns.resolver

        try:
            resolver = self._resolver()
            targets = sorted(resolver.resolve(service, "SRV"), key=lambda record: (record.priority, -record.weight))
            path = self._path(resolver, service)
        except (dns.exception.DNSException, OSError, ValueError) as error:
            self._log.debug("no service records: %s", type(error).__name__)
            return
        well_known = f"/.well-known/{service[1:].partition('s._')[0]}"
        for record in targets:
            host = record.target.to_text(omit_final_dot=True)
            if host in {"", "."}:
                continue  # "the service is decidedly not available" (RFC 2782)
            port = "" if record.port == 443 else f":{record.port}"
            yield f"https://{host}{port}{path or well_known}"

    def _resolver(self) -> dns.resolver.Resolver:
        import dns.resolver

        if not self._nameserver:
            resolver = dns.resolver.Resolver()
        else:
            host, _, port = self._nameserver.rpartition(":")
            resolver = dns.resolver.Resolver(configure=False)
            resolver.nameservers = [host]
            resolver.port = int(port)
        resolver.lifetime = 5.0
        return resolver

    def _path(self, resolver: dns.resolver.Resolver, service: str) -> str:
        """Return the context path the TXT record gives, or nothing."""
        import dns.exception

        try:
            texts = [b"".join(record.strings) for record in resolver.resolve(service, "TXT")]
        except dns.exception.DNSException:
            return ""
        for text in texts:
            key, _, value = text.decode("ascii", "replace").partition("=")
            if key.lower() == "path" and value.startswith("/"):
                return value
        return ""
