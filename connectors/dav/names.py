"""The XML names we speak, in the spelling expat gives them (``namespace}local``)."""

from __future__ import annotations

from typing import Final

DAV: Final = "DAV:"
CALDAV: Final = "urn:ietf:params:xml:ns:caldav"
CARDDAV: Final = "urn:ietf:params:xml:ns:carddav"
SERVER: Final = "http://calendarserver.org/ns/"
APPLE: Final = "http://apple.com/ns/ical/"

ADDRESSBOOK: Final = f"{CARDDAV}}}addressbook"
ADDRESSBOOK_DESCRIPTION: Final = f"{CARDDAV}}}addressbook-description"
ADDRESSBOOK_HOME: Final = f"{CARDDAV}}}addressbook-home-set"
ADDRESS_DATA: Final = f"{CARDDAV}}}address-data"
ADDRESS_TYPE: Final = f"{CARDDAV}}}address-data-type"
CALENDAR: Final = f"{CALDAV}}}calendar"
CALENDAR_COLOUR: Final = f"{APPLE}}}calendar-color"
CALENDAR_DATA: Final = f"{CALDAV}}}calendar-data"
CALENDAR_DESCRIPTION: Final = f"{CALDAV}}}calendar-description"
CALENDAR_HOME: Final = f"{CALDAV}}}calendar-home-set"
CALENDAR_ORDER: Final = f"{APPLE}}}calendar-order"
CALENDAR_TIMEZONE: Final = f"{CALDAV}}}calendar-timezone"
COLLECTION: Final = f"{DAV}}}collection"
COMPONENT: Final = f"{CALDAV}}}comp"
COMPONENTS: Final = f"{CALDAV}}}supported-calendar-component-set"
CONTENT_TYPE: Final = f"{DAV}}}getcontenttype"
CTAG: Final = f"{SERVER}}}getctag"
DISPLAYNAME: Final = f"{DAV}}}displayname"
ETAG: Final = f"{DAV}}}getetag"
HREF: Final = f"{DAV}}}href"
LENGTH: Final = f"{DAV}}}getcontentlength"
PRINCIPAL: Final = f"{DAV}}}current-user-principal"
PRIVILEGES: Final = f"{DAV}}}current-user-privilege-set"
QUOTA_FREE: Final = f"{DAV}}}quota-available-bytes"
REPORTS: Final = f"{DAV}}}supported-report-set"
RESOURCETYPE: Final = f"{DAV}}}resourcetype"
SUPPORTED_ADDRESS_DATA: Final = f"{CARDDAV}}}supported-address-data"
SYNC_COLLECTION: Final = f"{DAV}}}sync-collection"
SYNC_TOKEN: Final = f"{DAV}}}sync-token"


def local(name: str) -> str:
    """Return the part of *name* after its namespace."""
    return name.rpartition("}")[2]
