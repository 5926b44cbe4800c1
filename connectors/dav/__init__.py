"""CalDAV and CardDAV."""
