"""The Gmail API's methods for messages, attachments, threads and drafts.

Behaviour is the discovery document's unless said otherwise.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from simulators.google.gmail import payloads, walking
from simulators.google.gmail.refusing import invalid, missing, no_format
from simulators.google.mail import labels as names
from simulators.google.parameters import text, texts
from simulators.google.streams import Base64

if TYPE_CHECKING:
    from simulators.google.calling import Call
    from simulators.google.discovery import Json
    from simulators.google.mail.mailbox import Mailbox, Row

_ID = re.compile(r"[0-9a-fA-F]{1,16}")
MOST_ID = 2**63


def list_(call: Call) -> Json:
    """gmail.users.messages.list. An empty list has no ``messages``."""
    box = call.account.mail
    found = walking.page(call, box, walking.wanted_of(call, box))
    rows = [payloads.bare(box, row) for row in found.rows]
    return {**({"messages": rows} if rows else {}), **found.tail()}


def get(call: Call) -> Json:
    """gmail.users.messages.get."""
    box, form = call.account.mail, _format(call)
    return payloads.message(box, one(box, text(call.said, "id")), form, texts(call.said, "metadataHeaders"))


def attachment(call: Call) -> Json:
    """gmail.users.messages.attachments.get. The id that is told is not told again: ``size`` and ``data`` are."""
    box = call.account.mail
    row = one(box, text(call.said, "messageId"))
    found = payloads.attachment(box.body(row.number), row.number, text(call.said, "id"))
    if found is None:
        raise invalid("Invalid attachment token")
    return {"size": found.size, "data": Base64(found)}


def threads(call: Call) -> Json:
    """gmail.users.threads.list: threads that have a message which fits, the one with the newest such message first."""
    box = call.account.mail
    found = walking.page(call, box, walking.wanted_of(call, box), threads=True)
    rows = []
    for row in found.rows:
        whole = payloads.message(box, row, "minimal")
        rows.append({"id": whole["threadId"], "snippet": whole["snippet"], "historyId": whole["historyId"]})
    return {**({"threads": rows} if rows else {}), **found.tail()}


def thread(call: Call) -> Json:
    """gmail.users.threads.get: all its messages, also those in spam and trash."""
    box, form, root = call.account.mail, _format(call), number(call.account.mail, text(call.said, "id"))
    rows = box.thread(root) if root is not None else []
    if not rows or root != rows[0].thread:
        raise missing()
    told = [payloads.message(box, row, form, texts(call.said, "metadataHeaders")) for row in rows]
    return {"id": box.id(rows[0].thread), "historyId": str(max(row.history for row in rows)), "messages": told}


def drafts(call: Call) -> Json:
    """gmail.users.drafts.list."""
    box = call.account.mail
    wanted = walking.wanted_of(call, box, also=frozenset({names.DRAFT}))
    found = walking.page(call, box, wanted)
    known = {message: draft for draft, message in box.drafts.items()}
    rows = [
        {"id": box.draft_id(known.get(row.number, row.number)), "message": payloads.bare(box, row)}
        for row in found.rows
    ]
    return {**({"drafts": rows} if rows else {}), **found.tail()}


def draft(call: Call) -> Json:
    """gmail.users.drafts.get."""
    box, form, said = call.account.mail, _format(call), text(call.said, "id")
    first = box.draft_number(said)
    row = None if first is None else box.row(box.drafts.get(first, first))
    if row is None or names.DRAFT not in row.labels:
        raise missing()
    return {"id": said, "message": payloads.message(box, row, form)}


def one(box: Mailbox, said: str) -> Row:
    """Return the message of an id. Raises ``Refusal``."""
    found = number(box, said)
    row = None if found is None else box.row(found)
    if row is None:
        raise missing()
    return row


def number(box: Mailbox, said: str) -> int | None:
    """Return the number of an id; ids that cannot be one are refused with 400 (measured: brekkylab/backlot#39)."""
    if not _ID.fullmatch(said) or int(said, 16) >= MOST_ID:
        raise invalid("Invalid id value")
    return box.number(said)


def _format(call: Call) -> str:
    form = text(call.said, "format") or "full"
    if form in {"full", "raw"} and walking.METADATA in call.scopes:
        raise no_format(form)
    return form
