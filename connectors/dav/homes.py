"""Where a place's collections are, kept between runs so that discovery happens once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from connectors.base import Kind
from connectors.dav.discovery import Found, discover
from connectors.dav.service_records import ServiceRecords
from connectors.errors import ItemRejected, ReadOnly, Vanished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectors.base import Context, Endpoint
    from connectors.dav.client import Client

KINDS: Final = {
    "dav": frozenset({Kind.EVENT, Kind.CONTACT}),
    "caldav": frozenset({Kind.EVENT}),
    "carddav": frozenset({Kind.CONTACT}),
}
_PREFIX: Final = "dav.home."

T = TypeVar("T")


class Homes:
    """The homes of one endpoint, from memory or by discovery."""

    def __init__(self, endpoint: Endpoint, ctx: Context, client: Client) -> None:
        self.kinds = KINDS[endpoint.kind] & (endpoint.kinds or frozenset(Kind))
        self._endpoint, self._ctx, self._client = endpoint, ctx, client
        self._certain = False

    def of(self, kind: Kind) -> list[str]:
        """Return the homes for *kind*, none if the place has none. A single collection is marked by ``=``."""
        return self._known()[kind]

    def grouped(self) -> Iterator[tuple[str, frozenset[Kind]]]:
        """Yield each home once, with the kinds it is the home of."""
        known = self._known()
        urls = dict.fromkeys(url for kind in sorted(known) for url in known[kind])
        for url in urls:
            yield url, frozenset(kind for kind in known if url in known[kind])

    def trying(self, work: Callable[[], T]) -> T:
        """Return what *work* returns; if remembered homes refuse it, find them again and try once more."""
        try:
            return work()
        except (Vanished, ItemRejected, ReadOnly):
            if self._certain:
                raise
        self._ctx.log.info("the homes known from an earlier run are not there any more; looking for them again")
        self._forget()
        return work()

    @property
    def principal(self) -> tuple[str, str]:
        """The principal's URL and display name, each empty if unknown."""
        self._known()
        return self._ctx.learned.get("dav.principal", ""), self._ctx.learned.get("dav.name", "")

    def _known(self) -> dict[Kind, list[str]]:
        learned = self._ctx.learned
        if learned.get("dav.address") != self._endpoint.url:
            self._forget()
        if not all(f"{_PREFIX}{kind}" in learned for kind in self.kinds):
            self._learn(self._discover())
        return {kind: learned[f"{_PREFIX}{kind}"].split() for kind in sorted(self.kinds)}

    def _discover(self) -> Found:
        lookup = ServiceRecords(self._ctx.log, self._endpoint.options.get("nameserver", ""))
        return discover(self._client, self._endpoint.url, self.kinds, lookup, self._ctx.log)

    def _learn(self, found: Found) -> None:
        learned = self._ctx.learned
        learned["dav.address"] = self._endpoint.url
        learned["dav.principal"], learned["dav.name"] = found.principal, found.name[:200]
        for kind in self.kinds:
            # URLs hold no blanks, so a blank can part them.
            learned[f"{_PREFIX}{kind}"] = " ".join(url.replace(" ", "%20") for url in found.homes.get(kind, ()))
        self._certain = True

    def _forget(self) -> None:
        for name in [name for name in self._ctx.learned if name.startswith("dav.")]:
            del self._ctx.learned[name]
