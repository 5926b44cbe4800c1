"""Google: contacts and calendars, read through the People and Calendar APIs."""
