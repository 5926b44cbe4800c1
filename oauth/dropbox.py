"""What is Dropbox's own: a token for one sitting, or one that can be renewed."""

from __future__ import annotations

from typing import Final

ACCESS_LIFE: Final = 4 * 3600.0
"""Seconds an access token lives (developers.dropbox.com/oauth-guide)."""

SPARE: Final = 0.5
"""Share of that life a job may be expected to take without a token that can be renewed."""


def offline_for(seconds: float | None) -> bool:
    """Say whether a job that takes *seconds* (``None``: nobody knows) needs a token that can be renewed."""
    return seconds is None or seconds > ACCESS_LIFE * SPARE


def parameters(*, offline: bool) -> dict[str, str]:
    """Return what is added to the authorization request."""
    return {"token_access_type": "offline" if offline else "online"}
