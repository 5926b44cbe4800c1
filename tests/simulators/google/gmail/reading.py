"""What tests of Gmail ask again and again."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import Any

from simulators.google.mail.mailbox import Mailbox
from tests.simulators.google.asking import Caller


def ids(caller: Caller, **query: object) -> list[str]:
    """Return the ids of all messages that are listed."""
    pages = caller.pages("/gmail/v1/users/me/messages", **{"maxResults": 500, **query})
    return [each["id"] for page in pages for each in page.get("messages", [])]


def decoded(said: str) -> bytes:
    """Return what base64url says, with its padding or without."""
    return urlsafe_b64decode(said + "=" * (-len(said) % 4))


def raw(caller: Caller, message: str) -> bytes:
    """Return the bytes of a message."""
    said: Any = caller.gmail(f"messages/{message}", format="raw").json
    return decoded(said.get("raw", ""))


def history(caller: Caller, start: str | int, **query: object) -> list[Any]:
    """Return all records of history."""
    pages = caller.pages("/gmail/v1/users/me/history", **{"startHistoryId": start, "maxResults": 500, **query})
    return [each for page in pages for each in page.get("history", [])]


def now(caller: Caller) -> str:
    """Return the id of the mailbox's history."""
    return str(caller.gmail("profile").json["historyId"])


def of_kind(box: Mailbox, kind: str) -> str:
    """Return the id of the first message of an awkward kind."""
    return box.id(next(number for number in range(box.size) if box.kind(number) == kind))
