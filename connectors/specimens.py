"""Small valid items to write into real servers: events (RFC 5545), contacts (RFC 2426), messages (RFC 5322).

Servers refuse what lacks a UID, DTSTAMP, PRODID or FN; these have everything required.
"""

from __future__ import annotations

from connectors.base import Kind

WEIRD_IDS = (
    "a/b/c",
    "user@example.org",
    "urn:uuid:7c4e9f0a-1b2c-4d5e-8f90-a1b2c3d4e5f6",
    "two words",
    "100%25",
    "c++ & d",
    "Zoë-日本語-🎂",
    "x" * 255,
)
"""UIDs that are legal and unloved: separators, percent signs, other scripts, the full length."""

HOSTILE_NAMES = (
    "",
    ".",
    "..",
    "../../etc/passwd",
    "..\\..\\autoexec",
    "/etc/passwd",
    ".hidden",
    "nul\0byte",
    "CON",
    "lpt1.txt",
    "gnp\u202escj",
    "line\nbreak",
    "n" * 300,
    "-rf",
    "name.tmp",
    "caf\u00e9",
    "cafe\u0301",
)
"""Wishes for file names that must never become paths as they are."""


def body(kind: Kind, uid: str, *, version: int = 0, size: int = 0) -> bytes:
    """Return a valid item of *kind*, the same for the same arguments, of at least *size* bytes."""
    make = {Kind.CONTACT: contact, Kind.EVENT: event}.get(kind, message)
    return make(uid, version=version, size=size)


def event(uid: str, *, version: int = 0, size: int = 0) -> bytes:
    """Return a calendar with one event; *version* shows in its title and sequence number."""
    return _join(
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Wherry//Specimen//EN",
        "BEGIN:VEVENT",
        f"UID:{_escape(uid)}",
        "DTSTAMP:20260101T000000Z",
        f"DTSTART:202601{1 + version % 28:02}T100000Z",
        f"DTEND:202601{1 + version % 28:02}T110000Z",
        f"SEQUENCE:{version}",
        f"SUMMARY:Version {version}",
        *([f"DESCRIPTION:{'wherry ' * (size // 7 + 1)}end"] if size else []),
        "END:VEVENT",
        "END:VCALENDAR",
    )


def contact(uid: str, *, version: int = 0, size: int = 0) -> bytes:
    """Return a vCard 3.0 with one person; *version* shows in the name."""
    return _join(
        "BEGIN:VCARD",
        "VERSION:3.0",
        "PRODID:-//Wherry//Specimen//EN",
        f"UID:{_escape(uid)}",
        f"FN:Version {version}",
        f"N:{version};Version;;;",
        *([f"NOTE:{'wherry ' * (size // 7 + 1)}end"] if size else []),
        "END:VCARD",
    )


def message(uid: str, *, version: int = 0, size: int = 0) -> bytes:
    """Return a message in plain text; *version* shows in its subject, *uid* in its text."""
    return _join(
        "From: ana@example.org",
        "Date: Thu, 01 Jan 2026 00:00:00 +0000",
        f"Subject: Version {version}",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        uid,
        "wherry " * (size // 7 + 1),
    )


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")


def _join(*lines: str) -> bytes:
    return b"".join(map(_folded, lines))


def _folded(line: str) -> bytes:
    """Break a line after 75 bytes at most, never within a character (RFC 5545 §3.1)."""
    text, parts, start, room = line.encode(), [], 0, 75
    while len(text) - start > room:
        end = start + room
        while text[end] & 0xC0 == 0x80:
            end -= 1
        parts.append(text[start:end])
        start, room = end, 74
    return b"\r\n ".join([*parts, text[start:]]) + b"\r\n"
