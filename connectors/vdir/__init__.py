"""Calendars and address books as folders of ``.ics`` and ``.vcf`` files (the vdir format)."""
