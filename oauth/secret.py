"""A value that does not show itself.

Every live secret is known to the redaction of logs (``oauth/redaction.py``).
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Never, Self

HIDDEN = "***"


class Secret:
    """A password, token or key. Only code in this package may call ``reveal``."""

    __slots__ = ("__value", "__weakref__")

    def __init__(self, value: str) -> None:
        self.__value = value
        _live[id(self)] = self

    def reveal(self) -> str:
        """Return the value itself."""
        return self.__value

    def __repr__(self) -> str:
        """Hide the value."""
        return "Secret(***)"

    def __str__(self) -> str:
        """Hide the value."""
        return HIDDEN

    def __format__(self, spec: str) -> str:
        """Hide the value, whatever width is asked for."""
        return HIDDEN

    def __bool__(self) -> bool:
        """Say whether there is a value."""
        return bool(self.__value)

    def __eq__(self, other: object) -> bool:
        """Compare without saying by the time it takes how much is equal."""
        if not isinstance(other, Secret):
            return NotImplemented
        from hmac import compare_digest

        return compare_digest(self.__value.encode(), other.__value.encode())

    def __hash__(self) -> int:
        """Hash with the process's own seed."""
        return hash((Secret, self.__value))

    def __copy__(self) -> Self:
        """Return itself: a secret does not multiply."""
        return self

    def __deepcopy__(self, memo: object) -> Self:
        """Return itself: a secret does not multiply."""
        return self

    def __reduce_ex__(self, protocol: object) -> Never:
        """Refuse to be pickled."""
        raise TypeError("a secret is not pickled")


_live: weakref.WeakValueDictionary[int, Secret] = weakref.WeakValueDictionary()


def live() -> Iterator[Secret]:
    """Yield every secret there is now."""
    yield from list(_live.values())
