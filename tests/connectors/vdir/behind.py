"""Hands that reach into a vdir as other programs do: with plain file operations."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from connectors.base import Endpoint, Kind
from connectors.testing import context
from connectors.vdir.place import Vdir

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from connectors.base import Collection, Connector

ENDINGS = {Kind.EVENT: ".ics", Kind.CONTACT: ".vcf"}


class VdirBackstage:
    """A root folder under *root*, and what somebody else does to it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.connector: Connector = Vdir
        self.endpoint = Endpoint("vdir", root=str(root))
        self._numbers = count(1)

    def create(self, kind: Kind) -> str:
        folder = self.root / f"home-{next(self._numbers)}"
        folder.mkdir(parents=True)
        (folder / ".wherry.json").write_text(f'{{"v": 1, "source": "elsewhere", "kind": "{kind}"}}')
        return folder.name

    def add(self, collection: str, name: str, body: bytes) -> str:
        ending = ".vcf" if body.startswith(b"BEGIN:VCARD") else ".ics"
        (self.root / collection / (name + ending)).write_bytes(body)
        return name + ending

    def change(self, collection: str, item: str, body: bytes) -> None:
        (self.root / collection / item).write_bytes(body)

    def delete(self, collection: str, item: str) -> None:
        (self.root / collection / item).unlink()

    def bodies(self, collection: str) -> Mapping[str, bytes]:
        found = (self.root / collection).iterdir()
        return {path.name: path.read_bytes() for path in found if path.suffix in ENDINGS.values()}

    def connect(self, path: str = "") -> Vdir:
        """Open the place, narrowed to *path*."""
        return Vdir(Endpoint("vdir", root=str(self.root), path=path), context())

    def open(self, collection: str) -> tuple[Vdir, Collection]:
        """Open the place and one collection of it."""
        place = self.connect()
        return place, next(each for each in place.collections() if each.id == collection)
