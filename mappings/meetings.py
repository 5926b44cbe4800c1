"""Keep a copied meeting from mailing its guests.

A scheduling server that stores an event with guests invites them by itself. The sender
may take that over: ``SCHEDULE-AGENT=CLIENT`` (RFC 6638 §7.1) says "I have seen to it",
and nobody is written to.
"""

from __future__ import annotations

from mappings.contentlines import ContentLine
from mappings.documents import boundary
from mappings.folding import BOM, raw_lines

INVITING = frozenset({"ATTENDEE", "ORGANIZER"})
SILENT = frozenset({"CLIENT", "NONE"})
"""The agents with which the server sends nothing. Any other word is one it may take for its own."""


def quiet(body: bytes) -> bytes:
    """Return the calendar *body* such that storing it sends no mail; everything else octet for octet.

    ATTENDEE and ORGANIZER outside alarms get ``SCHEDULE-AGENT=CLIENT`` unless they are
    silent already; METHOD goes, which a stored object must not have (RFC 4791 §4.1).
    Doing it twice is doing it once.
    """
    kept = [BOM] if body.startswith(BOM) else []
    opened: list[str] = []
    for raw in raw_lines(body.removeprefix(BOM)):
        verb, component = boundary(raw)
        if verb == "BEGIN":
            opened.append(component)
        elif verb == "END" and component in opened:
            while opened.pop() != component:
                pass
        kept.append(raw if verb else _quiet_line(raw, opened))
    return b"".join(kept)


def _quiet_line(raw: bytes, opened: list[str]) -> bytes:
    if raw[:1] not in b"AaOoMm\r\n" or "VALARM" in opened:
        return raw
    line = ContentLine(raw)
    if line.name == "METHOD" and opened == ["VCALENDAR"]:
        return b""
    if line.name not in INVITING:
        return raw
    agents = line.param("SCHEDULE-AGENT")
    if len(agents) == 1 and agents[0].upper() in SILENT:
        return raw
    return line.with_param("SCHEDULE-AGENT", "CLIENT").raw
