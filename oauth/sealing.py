"""Sealing: AES-256-GCM, bound to the place where the sealed text lies.

The form is ``v1|key_id|nonce|ct``, the last two in URL-safe base64 without padding. What
belongs to the place (tenant, grant, field) and the key's id are authenticated with it
(NIST SP 800-38D, RFC 5116), so that a row copied to another place does not open there.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from oauth.errors import BadVault, WrongKey

KEY_BYTES: Final = 32
VERSION: Final = "v1"
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


def new_key() -> bytes:
    """Return a fresh key of 256 bits."""
    return os.urandom(KEY_BYTES)


def id_of(key: bytes) -> str:
    """Return the id of *key*: the same for the same key, and saying nothing about it."""
    from hashlib import sha256

    return sha256(b"wherry key id\0" + key).hexdigest()[:16]


def seal(key: bytes, plain: bytes, *, key_id: str, place: tuple[str, ...]) -> str:
    """Return *plain* sealed by *key* for this *place*, which names what it is and where it lies."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, plain, _bound(key_id, place))
    return "|".join((VERSION, key_id, _text(nonce), _text(sealed)))


def open_sealed(key: bytes, sealed: str, *, place: tuple[str, ...]) -> bytes:
    """Return what was sealed by *key* for this *place*.

    Raises ``BadVault`` when *sealed* has not our form, ``WrongKey`` when it was changed,
    belongs to another place or was sealed by another key.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key_id, nonce, ciphertext = _parts(sealed, place)
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, _bound(key_id, place))
    except InvalidTag:
        raise WrongKey(_shown(place)) from None


def key_id_of(sealed: str, *, place: tuple[str, ...] = ()) -> str:
    """Return the id of the key that sealed this. Raises ``BadVault``.

    Looks at the beginning only: what a service for keys wrapped has a form of its own behind it.
    """
    version, _, rest = sealed.partition("|")
    key_id, bar, _ = rest.partition("|")
    if version != VERSION or not bar or not key_id:
        raise BadVault(_shown(place), f"not of the form {VERSION}|key|...")
    return key_id


def _parts(sealed: str, place: tuple[str, ...]) -> tuple[str, bytes, bytes]:
    parts = sealed.split("|")
    if len(parts) != 4 or parts[0] != VERSION or not parts[1]:
        raise BadVault(_shown(place), f"not of the form {VERSION}|key|nonce|ciphertext")
    nonce, ciphertext = _bytes(parts[2], place), _bytes(parts[3], place)
    if len(nonce) != _NONCE_BYTES or len(ciphertext) < _TAG_BYTES:
        raise BadVault(_shown(place), "too short")
    return parts[1], nonce, ciphertext


def _bound(key_id: str, place: tuple[str, ...]) -> bytes:
    """Return what is authenticated beside the plain text: each part with its length before it."""
    parts = [part.encode("utf-8", "surrogatepass") for part in (VERSION, *place, key_id)]
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str, place: tuple[str, ...]) -> bytes:
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise BadVault(_shown(place), "not base64") from None
    # The decoder passes over foreign characters and spare bits: what is not our own spelling was changed.
    if _text(raw) != text:
        raise BadVault(_shown(place), "not base64 as we write it")
    return raw


def _shown(place: tuple[str, ...]) -> str:
    return "/".join(place) or "a sealed text"
