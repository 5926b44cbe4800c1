"""Signed ends of audit chains, and the Ed25519 key they are signed with (RFC 8032).

Whoever holds the database could compute every hash anew; not the signatures, because the key
lies elsewhere: in a file that only its owner can read.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from oauth.audit import VERSION, canonical
from oauth.errors import BadSigningKey
from oauth.private_files import PrivateFile

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

CHECKPOINT: Final = f"wherry audit checkpoint v{VERSION}\n"
EXPORT: Final = f"wherry audit export v{VERSION}\n"
"""What a signature is for stands before the text, so that none passes for another."""

HEADING: Final = "wherry audit signing key v1 "


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The end of *chain* in *store*: *seq* records, the last with *hash*, at *ts* (microseconds)."""

    store: str
    chain: str
    seq: int
    hash: str
    ts: int


class Signer:
    """Signs with one key. *public* is its public half, 32 bytes; *key_id* names it in records."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes_raw()
        self.key_id = key_id(self.public)

    def checkpoint(self, end: Checkpoint) -> tuple[str, str]:
        """Return the text of a checkpoint and its signature, in hex."""
        text = canonical(
            {
                "v": VERSION,
                "key_id": self.key_id,
                "store": end.store,
                "chain": end.chain,
                "seq": end.seq,
                "count": end.seq,
                "hash": end.hash,
                "ts": end.ts,
            }
        )
        return text, self._signed(CHECKPOINT, text)

    def export(self, *, store: str, scope: str, records: int, checkpoints: int, heads: str) -> tuple[str, str]:
        """Return the text of the end of an export, and its signature. *heads* is the hash over the chains' ends."""
        text = canonical(
            {
                "v": VERSION,
                "key_id": self.key_id,
                "store": store,
                "scope": scope,
                "records": records,
                "checkpoints": checkpoints,
                "heads": heads,
            }
        )
        return text, self._signed(EXPORT, text)

    def _signed(self, purpose: str, text: str) -> str:
        return self._key.sign((purpose + text).encode()).hex()


def key_id(public: bytes) -> str:
    """Name a public key: 16 hex digits."""
    return hashlib.sha256(public).hexdigest()[:16]


def open_signer(path: Path, *, patience: float = 10.0) -> Signer:
    """Read the key in the private file *path*; make one when there is none. Processes at the same time agree.

    Raises ``UnsafeFile``, ``BadSigningKey``, ``NotKept`` and ``StoreBusy``.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    file = PrivateFile(path, BadSigningKey, patience)
    kept = file.read()
    if kept is None:
        with file.locked() as held:
            kept = held.read()
            if kept is None:
                kept = f"{HEADING}{Ed25519PrivateKey.generate().private_bytes_raw().hex()}\n".encode()
                held.replace(kept)
    return Signer(Ed25519PrivateKey.from_private_bytes(_secret(path, kept)))


def _secret(path: Path, kept: bytes) -> bytes:
    heading, _, digits = kept.decode(errors="replace").strip().rpartition(" ")
    try:
        secret = bytes.fromhex(digits)
    except ValueError:
        # Without its cause: the traceback of that error would hold the key.
        secret = b""
    if heading + " " != HEADING or len(secret) != 32:
        raise BadSigningKey(path, "not a signing key of the audit log")
    return secret
