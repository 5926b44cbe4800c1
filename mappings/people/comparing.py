"""Whether two sets of lines of one card say the same, whatever their groups are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mappings.meanings import meanings

if TYPE_CHECKING:
    from mappings.contentlines import ContentLine
    from mappings.meanings import Meaning


def say_the_same(left: Iterable[ContentLine], right: Iterable[ContentLine]) -> bool:
    """Compare lines by their octets, and where these differ by what ``mappings.canonical`` takes for a meaning."""
    ours, theirs = _grouped(left), _grouped(right)
    return _contents(ours) == _contents(theirs) or _meanings(ours) == _meanings(theirs)


def _grouped(lines: Iterable[ContentLine]) -> tuple[list[ContentLine], list[list[ContentLine]]]:
    alone: list[ContentLine] = []
    groups: dict[str, list[ContentLine]] = {}
    for line in lines:
        group = line.group
        (groups.setdefault(group.upper(), []) if group else alone).append(line)
    return alone, list(groups.values())


def _contents(lines: tuple[list[ContentLine], list[list[ContentLine]]]) -> tuple[list[bytes], list[list[bytes]]]:
    alone, groups = lines
    return sorted(line.content for line in alone), sorted(
        sorted(line.content.partition(b".")[2] for line in group) for group in groups
    )


def _meanings(lines: tuple[list[ContentLine], list[list[ContentLine]]]) -> tuple[list[Meaning], list[list[Meaning]]]:
    alone, groups = lines
    return _said(alone), sorted(_said(group) for group in groups)


def _said(lines: Iterable[ContentLine]) -> list[Meaning]:
    return sorted(said for line in lines for said in meanings(line))
