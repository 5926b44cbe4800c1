"""Which hosts are asked. Imports nothing, so that whoever signs requests can know them."""

from __future__ import annotations

from typing import Final

PEOPLE: Final = "https://people.googleapis.com/"
CALENDAR: Final = "https://www.googleapis.com/"
"""``rootUrl`` of the discovery documents people.v1 and calendar.v3."""

API_ORIGINS: Final = (PEOPLE, CALENDAR)
"""The only origins an access token is sent to. Pictures come from elsewhere, without it."""

PHOTO_DOMAIN: Final = "googleusercontent.com"
"""Below this domain stand people's pictures (description of ``Photo.url`` in people.v1)."""

CONTACTS_KIND: Final = "google-contacts"
CALENDAR_KIND: Final = "google-calendar"
PROVIDER: Final = "google"
