"""Tests of the CalDAV and CardDAV connector."""
