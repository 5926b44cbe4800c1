"""Which hosts are asked. Imports next to nothing, so that whoever signs requests can know them."""

from __future__ import annotations

from typing import Final

from oauth.origins import origin, origins

PEOPLE: Final = "https://people.googleapis.com/"
CALENDAR: Final = "https://www.googleapis.com/"
"""``rootUrl`` of the discovery documents people.v1 and calendar.v3."""

API_ORIGINS: Final = (PEOPLE, CALENDAR)
"""The only origins an access token is sent to. Pictures come from elsewhere, without it."""

PHOTO_DOMAIN: Final = "googleusercontent.com"
"""Below this domain stand people's pictures (description of ``Photo.url`` in people.v1)."""

SCOPE: Final = "https://www.googleapis.com/auth/"
"""What scopes of both APIs begin with."""

CONTACTS_KIND: Final = "google-contacts"
CALENDAR_KIND: Final = "google-calendar"
PROVIDER: Final = "google"


def is_google(url: str) -> bool:
    """Say whether *url* is at Google's own APIs, not at a stand-in."""
    return origin(url) in origins(API_ORIGINS)


def stand_in(url: str) -> str:
    """Return the address of a stand-in for the APIs; empty when *url* names none: then Google itself is asked."""
    said = url.strip()
    return "" if not said or is_google(said) else said
