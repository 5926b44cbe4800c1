"""Options of a place that are switched on or off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


def yes(options: Mapping[str, str], name: str, default: str) -> bool:
    """Say whether the option *name* is on. Raises ``ConfigError`` when it is neither ``yes`` nor ``no``."""
    said = options.get(name, default)
    if said not in {"yes", "no"}:
        raise ConfigError(f"{name} is neither yes nor no: {said[:40]}")
    return said == "yes"
