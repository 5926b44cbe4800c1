"""Reading and writing contacts and calendars: Wherry's mappings beside vobject and icalendar."""
