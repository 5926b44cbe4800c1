"""Opaque tokens: where a list goes on, and since when changes are wanted.

A client can do nothing with one but send it back; one that was touched, or comes from another account, is refused.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from hashlib import blake2b
from hmac import compare_digest


class Forged(ValueError):
    """A token that was not issued here."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a token stands for.

    *kind* is ``page`` or ``sync``, *list* names the account's list, *asked* stands for the parameters that syncs have
    in common, *exactly* for those that pages have in common.
    """

    kind: str
    list: str
    asked: str
    exactly: str
    snapshot: int
    """The changes up to this number are told with the listing; the sync token that follows goes on from here."""
    full: float
    """When the full sync was made."""
    position: tuple[int, int, int] = (0, 0, 0)
    since: int = -1
    """The number of the change before the first that is told; -1 for a full list."""
    generation: int = 0


def issue(place: Place, key: bytes) -> str:
    """Return the token for a place."""
    said = json.dumps(list(asdict(place).values()), separators=(",", ":")).encode()
    return urlsafe_b64encode(_seal(said, key) + said).decode().rstrip("=")


def read(token: str, key: bytes) -> Place:
    """Return the place of a token. Raises ``Forged``."""
    try:
        sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError as error:
        raise Forged(token) from error
    seal, said = sealed[:8], sealed[8:]
    if not compare_digest(seal, _seal(said, key)):
        raise Forged(token)
    kind, name, asked, exactly, snapshot, full, position, since, generation = json.loads(said)
    return Place(kind, name, asked, exactly, snapshot, full, tuple(position), since, generation)


def _seal(said: bytes, key: bytes) -> bytes:
    return blake2b(said, digest_size=8, key=key).digest()
