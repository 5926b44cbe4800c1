"""What is known of a body that was looked at and not read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is known of a body without reading its content.

    *problem* is empty exactly if *complete*; else ``unknown-type``, ``empty``, ``not-text``,
    ``wrong-type`` (something else stands there), ``truncated`` (a component is still open at
    the end), ``unbalanced``, ``trailing`` (text outside every component), ``no-component``,
    ``too-large``, ``too-deep`` or (of JSON) ``several``. Of an incomplete body the other fields say what was seen
    before the problem.

    *component* is the first item (``VEVENT``, ``VCARD`` …), *uid* its UID and *uids* the
    number of different ones. *day* counts days since 1970-01-01 to the first DTSTART of an
    item, else its DUE. *meeting* says that somebody is invited; *method* that the calendar
    is a message (RFC 5546), not stored data.
    """

    complete: bool
    problem: str = ""
    component: str = ""
    uid: str | None = None
    uids: int = 0
    day: int | None = None
    meeting: bool = False
    method: bool = False
