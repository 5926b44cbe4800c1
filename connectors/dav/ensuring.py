"""Which collection of a destination takes the items of one at the source."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.dav.creating import Creator, candidates
from connectors.dav.hrefs import canonical, item_segment, last_part, origin_and_path
from connectors.dav.shelf import Shelved, selected
from connectors.errors import ItemRejected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.base import Collection, Endpoint
    from connectors.dav.homes import Homes
    from connectors.dav.shelves import Shelves


class Ensurer:
    """Finds or makes collections. Two sources never share one within a run."""

    def __init__(self, endpoint: Endpoint, homes: Homes, shelves: Shelves, creator: Creator) -> None:
        self._endpoint, self._homes = endpoint, homes
        self._shelves, self._creator = shelves, creator
        self._taken: dict[str, str] = {}

    def ensure(self, collection: Collection, known: str | None) -> Collection:
        """Return the collection here that takes *collection*'s items; see ``Destination.ensure``."""
        if collection.kind not in self._homes.kinds:
            raise ItemRejected("kind-refused", f"this place is not for {collection.kind} collections")
        there = self._shelves.known()
        if known in there:
            return self._take(there[known], collection)
        if self._endpoint.path and (chosen := self._chosen(collection)) is not None:
            return self._take(chosen, collection)
        homes = self._homes.of(collection.kind)
        if not homes:
            raise ItemRejected("cannot-create", f"this place has no room for {collection.kind} collections")
        if homes[0].startswith("="):
            return self._single(collection, homes[0])
        return self._own(collection, homes[0], known)

    def _chosen(self, collection: Collection) -> Shelved | None:
        """Return the one collection the user named, if it is of this kind."""
        found = selected(iter(self._shelves.known().values()), self._endpoint.path)
        return next((one for one in found if one.collection.kind is collection.kind), None)

    def _single(self, collection: Collection, home: str) -> Collection:
        id_ = canonical(origin_and_path(home.removeprefix("="))[1].rstrip("/") + "/")
        one = self._shelves.known().get(id_)
        if one is None:
            raise ItemRejected("cannot-create", "the address is one collection, and of another kind")
        return self._take(one, collection)

    def _own(self, collection: Collection, home: str, known: str | None) -> Collection:
        """Adopt what stands at our path, or make it; pass over what is something else."""
        path = origin_and_path(home)[1].rstrip("/")
        there = self._shelves.known()
        for name in self._names(collection, known):
            id_ = canonical(f"{path}/{item_segment(name)}/")
            if self._taken.get(id_, collection.id) != collection.id:
                continue
            standing = there.get(id_)
            if standing is None:
                url = self._creator.create(home, name, collection)
                standing = self._shelves.read(url)
                if standing is None:
                    return self._not_shown_yet(collection, id_)
            if _fits(standing.collection, collection):
                return self._take(standing, collection)
        raise ItemRejected("cannot-create", "something else stands under every name for it")

    def _names(self, collection: Collection, known: str | None) -> Iterator[str]:
        if known:
            yield last_part(known)
        if self._endpoint.path and "/" not in self._endpoint.path:
            wished = replace(collection, slug=self._endpoint.path)
            yield next(candidates(wished))
        yield from candidates(collection)

    def _not_shown_yet(self, collection: Collection, id_: str) -> Collection:
        """Return what was made and cannot be read: some servers make collections only after they answered."""
        self._taken[id_] = collection.id
        return replace(collection, id=id_, slug=last_part(id_), state=None, writable=True)

    def _take(self, one: Shelved, collection: Collection) -> Collection:
        self._taken[one.collection.id] = collection.id
        return one.collection


def _fits(standing: Collection, wanted: Collection) -> bool:
    allowed = standing.components
    return standing.kind is wanted.kind and (not allowed or not wanted.components or wanted.components <= allowed)
