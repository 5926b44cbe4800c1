"""The collections of a place as its homes list them, and where each one stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.base import Collection, Kind
from connectors.dav import names
from connectors.dav.hrefs import Folder, absolute, item_segment, origin_and_path
from connectors.dav.shelf import ASKED, Shelved, shelved
from connectors.errors import CollectionGone, NotTheService, Transient, Vanished

if TYPE_CHECKING:
    from connectors.base import Context
    from connectors.dav.client import Client
    from connectors.dav.homes import Homes

_CTAG = "dav.ctag"


class Shelves:
    """Reads homes, and remembers for this run what stood where."""

    def __init__(self, client: Client, ctx: Context, homes: Homes) -> None:
        self._client, self._ctx, self._homes = client, ctx, homes
        self._known: dict[str, Shelved] = {}
        self._listed = False
        self._fresh: set[str] = set()
        self._folders: dict[str, Folder] = {}

    def read_all(self) -> list[Shelved]:
        """List every home, by one request each. Raises what stands against it."""
        return self._homes.trying(self._read_homes)

    def known(self) -> dict[str, Shelved]:
        """Return what the homes listed in this run, by id; lists them now if nobody did."""
        if not self._listed:
            self.read_all()
        return self._known

    def read(self, url: str) -> Shelved | None:
        """Return the collection at *url*, ``None`` if there is none of our kinds."""
        try:
            answer = self._client.propfind(url, self._asked(), depth=0)
            found = [shelved(response, answer.url, frozenset(Kind)) for response in answer]
        except Vanished:
            return None
        one = next((one for one in found if isinstance(one, Shelved)), None)
        if one is not None:
            self._known[one.collection.id] = one
        return one

    def folder(self, collection: Collection) -> Folder:
        """Return where *collection* stands, as its server spells it."""
        folder = self._folders.get(collection.id)
        if folder is None:
            one = self._known.get(collection.id)
            url = one.url if one else self._url(collection)
            folder = self._folders[collection.id] = Folder(url)
        return folder

    def syncs(self, collection: Collection) -> bool:
        """Say whether the server offers ``sync-collection`` there, as far as is known."""
        one = self._known.get(collection.id)
        return one.syncs if one else True

    def clear(self) -> None:
        """Forget everything."""
        self._known.clear()
        self._fresh.clear()
        self._folders.clear()

    def take_state(self, collection: Collection) -> Collection:
        """Return *collection* with its state only if a listing of this run said it and nobody used it yet.

        A state from an earlier run, or from before our own writes, would hide what happened since.
        """
        fresh = collection.id in self._fresh
        self._fresh.discard(collection.id)
        return collection if fresh else replace(collection, state=None)

    def _url(self, collection: Collection) -> str:
        homes = self._homes.of(collection.kind)
        if not homes:
            raise CollectionGone(f"the place holds no {collection.kind} collections")
        home = homes[0].removeprefix("=")
        if collection.id.startswith("/"):
            return origin_and_path(home)[0] + collection.id
        return f"{home.rstrip('/')}/{item_segment(collection.id)}"

    def _read_homes(self) -> list[Shelved]:
        found: dict[str, Shelved] = {}
        for home, kinds in self._homes.grouped():
            for one in self._read_home(home, kinds):
                found.setdefault(one.collection.id, one)
        self._learn_states(found)
        self._known, self._listed = found, True
        self._fresh = set(found)
        return list(found.values())

    def _read_home(self, home: str, kinds: frozenset[Kind]) -> list[Shelved]:
        single = home.startswith("=")
        answer = self._client.propfind(home.removeprefix("="), self._asked(), depth=0 if single else 1)
        found: list[Shelved] = []
        named = 0
        for response in answer:
            named += 1
            itself = absolute(answer.url, response.href).rstrip("/") == answer.url.rstrip("/")
            if itself and response.status >= 400:
                raise Transient(f"the server lists only a part of the collections ({response.status})")
            one = shelved(response, answer.url, kinds)
            if isinstance(one, Shelved):
                found.append(one)
            elif one:
                self._ctx.log.info("a collection is left out: it %s", one)
        if not named:
            raise NotTheService("a list of collections that names nothing, not even itself")
        return found

    def _asked(self) -> tuple[str, ...]:
        """Return what to ask: ctags cost a server work, so only where sync-tokens are not enough."""
        return ASKED if self._ctx.learned.get(_CTAG) == "no" else (*ASKED, names.CTAG)

    def _learn_states(self, found: dict[str, Shelved]) -> None:
        if found:
            enough = all(one.has_token for one in found.values())
            self._ctx.learned[_CTAG] = "no" if enough else "yes"
