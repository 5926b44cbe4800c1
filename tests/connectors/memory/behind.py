"""Hands that reach into a ``World``."""

from __future__ import annotations

import uuid
from itertools import count
from typing import TYPE_CHECKING

from connectors.base import Endpoint, Kind
from connectors.memory.place import Memory
from connectors.memory.world import World, forget, world
from connectors.testing import context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.base import Collection, Connector


class MemoryBackstage:
    """A world of its own."""

    def __init__(self) -> None:
        self.name = uuid.uuid4().hex
        self.world: World = world(self.name)
        self.connector: Connector = Memory
        self.endpoint = Endpoint("memory", account=self.name)
        self._numbers = count(1)

    def create(self, kind: Kind) -> str:
        return self.world.create(f"home-{next(self._numbers)}", kind).id

    def add(self, collection: str, name: str, body: bytes) -> str:
        self.world.add(collection, name, body, name=name)
        return name

    def change(self, collection: str, item: str, body: bytes) -> None:
        self.world.change(collection, item, body)

    def delete(self, collection: str, item: str) -> None:
        self.world.delete(collection, item)

    def bodies(self, collection: str) -> Mapping[str, bytes]:
        return self.world.bodies(collection)

    def connect(self, path: str = "") -> Memory:
        return Memory(Endpoint("memory", account=self.name, path=path), context())

    def fill(self, count_of_items: int) -> tuple[Memory, Collection]:
        """Make a collection with items ``0``, ``1`` … and open it."""
        home = self.world.create("home")
        for number in range(count_of_items):
            self.world.add(home.id, str(number), f"body {number}".encode())
        return self.connect(), home

    def forget(self) -> None:
        forget(self.name)
