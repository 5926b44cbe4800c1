"""How much of a stranger's file is read before it is refused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on one object: its octets, one content line's octets, content lines, nested components.

    Real objects stay far below: the deepest standard nesting is four, a line of megabytes
    is a photo. Work and memory are linear in the octets, so the caps bound both.
    """

    octets: int = 64 * 1024 * 1024
    line_octets: int = 32 * 1024 * 1024
    lines: int = 2_000_000
    depth: int = 16


DEFAULT_LIMITS = Limits()
