"""Contacts with photos and calendars from the stand-in for Google to a real CardDAV and CalDAV server."""
