"""The search words that are stood in for: ``in:``, ``label:``, ``is:``, ``after:``, ``before:``, ``rfc822msgid:``.

Words: support.google.com/mail/answer/7190. Anything else is refused with 501 rather than found wrong.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace

from simulators.google.mail import labels
from simulators.google.mail.cycle import NONE
from simulators.google.refusals import Refusal

_TERM = re.compile(r'(-?)(\w+):("[^"]*"|\S+)')
_DAY = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})")
_IN = {
    **{each.lower(): each for each in labels.SYSTEM},
    "drafts": labels.DRAFT,
    "draft": labels.DRAFT,
    "chats": labels.CHAT,
    "chat": labels.CHAT,
}
_IS = {"unread": labels.UNREAD, "starred": labels.STARRED, "important": labels.IMPORTANT, "chat": labels.CHAT}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. *after* and *before* are milliseconds: from the one on, and earlier than the other."""

    every: frozenset[str] = NONE
    none: frozenset[str] = NONE
    anywhere: bool = False
    after: int | None = None
    before: int | None = None
    message_id: str = ""
    nothing: bool = False
    """A label that is not there was asked for, which a search finds nothing by."""

    def sees(self, *, spam_trash: bool) -> Wanted:
        """Leave out spam and trash, unless they are asked for."""
        if spam_trash or self.anywhere or labels.OUT_OF_SIGHT & self.every:
            return self
        return replace(self, none=self.none | labels.OUT_OF_SIGHT)


def wanted(said: str, known: dict[str, dict[str, object]]) -> Wanted:
    """Return what *said* looks for among the labels *known*. Raises ``Refusal`` (501) for words not stood in for."""
    found, left = Wanted(), said
    for term in _TERM.finditer(said):
        left = left.replace(term[0], "", 1)
        found = _term(found, term[2].lower(), term[3].strip('"'), known, negated=bool(term[1]))
    if left.strip():
        raise _unknown(left.strip())
    return found


def _term(found: Wanted, name: str, value: str, known: dict[str, dict[str, object]], *, negated: bool) -> Wanted:
    if name in {"in", "is", "label"}:
        return _labelled(found, name, value, known, negated=negated)
    if negated:
        raise _unknown(f"-{name}:{value}")
    if name == "rfc822msgid":
        return replace(found, message_id=value.strip("<>"))
    if name in {"after", "newer"}:
        return replace(found, after=_moment(name, value))
    if name in {"before", "older"}:
        return replace(found, before=_moment(name, value))
    raise _unknown(f"{name}:{value}")


def _labelled(found: Wanted, name: str, value: str, known: dict[str, dict[str, object]], *, negated: bool) -> Wanted:
    if name == "in" and value.lower() == "anywhere" and not negated:
        return replace(found, anywhere=True)
    table = _IS if name == "is" else _IN
    if value.lower() in table:
        ids = [table[value.lower()]]
    elif name == "is":
        raise _unknown(f"is:{value}")
    else:
        ids = list(labels.named(known, value))
    if negated:
        return replace(found, none=found.none | set(ids))
    return replace(found, every=found.every | set(ids[:1]), nothing=found.nothing or not ids)


def _moment(name: str, value: str) -> int:
    """Return milliseconds: of seconds since 1970, or of the beginning of a day, in UTC. Google has the user's zone."""
    day = _DAY.fullmatch(value)
    try:
        if day:
            return int(dt.datetime(int(day[1]), int(day[2]), int(day[3]), tzinfo=dt.UTC).timestamp()) * 1000
        return int(value[:12]) * 1000
    except ValueError as error:
        raise _unknown(f"{name}:{value}") from error


def _unknown(words: str) -> Refusal:
    return Refusal(501, f"Searching for {words!r} is not stood in for.", "notImplemented")
