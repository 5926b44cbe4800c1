"""Names of files and folders: what comes from the far side never becomes a path unchecked.

A file name is kept when it is harmless on every file system in use; otherwise the item
is stored under a digest of its key. Either way the same item gets the same name.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable

from connectors.base import Kind
from connectors.fingerprints import TAG_BITS, Tags, fingerprint

ENDINGS = {Kind.EVENT: ".ics", Kind.CONTACT: ".vcf"}
MEDIA_TYPES = {Kind.EVENT: "text/calendar", Kind.CONTACT: "text/vcard"}
ITEM_ENDINGS = tuple(ENDINGS.values())

_STEM = re.compile(r"[A-Za-z0-9_@+=-][A-Za-z0-9._@+=-]{0,119}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._@+=-]+")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_TAG = (1 << TAG_BITS) - 1
_OWNED = 1
"""Bit of a tag: the name was given to a key in this run."""

_DEFAULTS = {Kind.EVENT: "calendar", Kind.CONTACT: "contacts"}


def is_item(name: str) -> bool:
    """Say whether the vdir format calls a file of this name an item."""
    return name[-4:].lower() in ITEM_ENDINGS and name[0] != "."


def is_plain(name: str) -> bool:
    """Say whether *name* is one visible path component: no way up, out or into hidden folders."""
    return bool(name) and name[0] != "." and "/" not in name and "\0" not in name and is_text(name)


def is_text(name: str) -> bool:
    """Say whether a file name as the system gave it is valid UTF-8."""
    return name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)


def shown(name: str) -> str:
    """Return a name that is no text so that it can be told."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def is_harmless(stem: str) -> bool:
    """Say whether *stem* can be a file name on every file system in use."""
    return _STEM.fullmatch(stem) is not None and _DEVICE.fullmatch(stem) is None


def digest(key: str) -> bytes:
    """Return 16 bytes that stand for *key*."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:16]


def digest_stem(key: str) -> str:
    """Return the stem for an item whose own name cannot be used."""
    return digest(key).hex()


def fold(name: str) -> str:
    """Return *name* as a file system that ignores case and composition compares it."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def folder_name(wishes: Iterable[str], kind: Kind, taken: Iterable[str]) -> str:
    """Return a harmless folder name near the first usable wish, unlike every name *taken*."""
    stem = next(filter(None, map(_clean, wishes)), _DEFAULTS[kind])
    used = {fold(name) for name in taken}
    name, number = stem, 1
    while fold(name) in used:
        number += 1
        name = f"{stem}-{number}"
    return name


def _clean(wish: str) -> str:
    plain = unicodedata.normalize("NFKD", wish).encode("ascii", "ignore").decode()
    name = _UNSAFE.sub("-", plain).strip("-.")[:80].rstrip("-.")
    return f"{name}-folder" if _DEVICE.fullmatch(name) else name


class Names:
    """Hands out file names in one collection so that no two items ever share a file.

    Knows what stands in the folder (one scan) and which key got which name since: for
    each name, folded, a tag that says which file it is and, if that is known, whose.
    """

    __slots__ = ("_ending", "_taken")

    def __init__(self, ending: str, present: Iterable[str]) -> None:
        self._ending = ending
        self._taken = Tags()
        for name in present:
            self._taken.put(fold(name), _unowned(name))

    def assign(self, key: str, wish: str) -> tuple[str, bool]:
        """Return the file name for *key*, and whether such a file may stand there already.

        A file of unknown origin under exactly this name is taken to be the item's own,
        written before a crash: the caller compares the bytes.
        """
        if is_harmless(wish):
            name, mine = wish + self._ending, _owned(wish + self._ending, key)
            tag = self._taken.add(fold(name), mine)
            if tag in (None, mine):
                return name, False
            if tag == _unowned(name):
                self._taken.put(fold(name), mine)
                return name, True
        return self._assign_digest(key)

    def evade(self, key: str, name: str) -> tuple[str, bool]:
        """Return another name for *key*: the file *name* turned out to be another item's."""
        self._taken.put(fold(name), _owned(name, ""))
        return self._assign_digest(key)

    def _assign_digest(self, key: str) -> tuple[str, bool]:
        name = digest_stem(key) + self._ending
        before = self._taken.put(name, _owned(name, key))
        return name, before is not None and not before & _OWNED

    def claim(self, key: str, name: str) -> None:
        """Remember that *key* lives in the file *name*."""
        self._taken.put(fold(name), _owned(name, key))

    def release(self, name: str) -> None:
        """Forget a name whose file is gone."""
        self._taken.discard(fold(name))


def _unowned(name: str) -> int:
    return fingerprint(name) & ~_OWNED & _TAG


def _owned(name: str, key: str) -> int:
    return (fingerprint(f"{name}\0{key}") | _OWNED) & _TAG
