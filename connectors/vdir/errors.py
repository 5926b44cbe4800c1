"""What the operating system says, told by who must act."""

from __future__ import annotations

import errno

from connectors.errors import (
    CollectionGone,
    ConfigError,
    ConnectorError,
    DestinationFull,
    ItemRejected,
    ReadOnly,
    Transient,
    Vanished,
)

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
# A name too long for the file system is the name of nothing.
_MISSING = frozenset({errno.ENOENT, errno.ESTALE, errno.ENAMETOOLONG})
_MISPLACED = frozenset({errno.ENOTDIR, errno.ELOOP})

NO_HARD_LINKS = frozenset({errno.EPERM, errno.EXDEV, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
"""What file systems without hard links answer to a request for one (FAT, some network mounts)."""


def of_folder(error: OSError, folder: str, *, writing: bool) -> ConnectorError:
    """Translate an error that touched a whole collection."""
    detail = f"{folder}: {error.strerror}"
    if error.errno in _MISSING:
        return CollectionGone(detail)
    if error.errno in _MISPLACED:
        return ConfigError(f"{folder} is not a folder (symbolic links are not followed)")
    if error.errno in _FORBIDDEN and not writing:
        return ConfigError(f"{folder} may not be read")
    return _general(error, detail)


def of_root(error: OSError, root: str) -> ConnectorError:
    """Translate an error that touched the place as such."""
    if error.errno in _MISSING:
        return ConfigError(f"there is no folder {root}; is a disk not mounted?")
    if error.errno in _MISPLACED:
        return ConfigError(f"{root} is not a folder")
    return _general(error, f"{root}: {error.strerror}")


def of_item(error: OSError) -> ConnectorError:
    """Translate an error met while reading one item. Never says "gone" unless it is."""
    if error.errno == errno.ENOENT:
        return Vanished()
    if error.errno == errno.ELOOP:
        return ItemRejected("symbolic-link", "symbolic links are not followed")
    if error.errno == errno.EISDIR:
        return ItemRejected("not-a-file", "a folder stands in the place of a file")
    return ItemRejected("unreadable", error.strerror or "")


def _general(error: OSError, detail: str) -> ConnectorError:
    if error.errno in _FULL:
        return DestinationFull(detail)
    if error.errno in _FORBIDDEN:
        return ReadOnly(detail)
    return Transient(detail)
