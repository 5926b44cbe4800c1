"""One user's mail: computed messages, over them what has changed, and the hands behind the stage that change it."""

from __future__ import annotations

import re
import threading
from bisect import bisect_left, insort
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from simulators.google.dice import Numbering
from simulators.google.mail import awkward, history, labels, letters
from simulators.google.mail.bodies import Body
from simulators.google.mail.cycle import LENGTH, NONE, Cycle
from simulators.google.mail.habits import Habits
from simulators.google.mail.preferences import preferences

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from simulators.identity.model import Clock

BEGIN, END = 1_080_777_600, 1_767_225_600
"""Computed messages came between April 2004, when Gmail began, and January 2026."""
OLDEST_ID = 2**60
"""So that ids have sixteen digits; above 2**63 there are none (brekkylab/backlot#39)."""
_ID = re.compile(rb"^message-id:[ \t]*<?([^>\r\n]*)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Row:
    """One message without its body. *thread* is the number of the thread's first message."""

    number: int
    labels: frozenset[str]
    thread: int
    history: int


class Mailbox:
    """The mail of *user*: *size* computed messages, *own* labels of the user's.

    Messages have numbers in the order they came; clients see ids. The same *seed* gives the same mail. Nothing is
    held but what was changed. Without *awkward* every message is an ordinary one.
    """

    def __init__(
        self, user: str, clock: Clock, *, size: int = 0, own: int = 12, seed: int = 1, strange: bool = True
    ) -> None:
        self.user, self.clock, self.size, self.seed, self.strange = user, clock, size, seed, strange
        self.habits = Habits()
        self.labels = labels.drawn(own, seed=seed)
        """By id, as labels.get tells them without counts."""
        self.preferences = preferences(user, list(self.labels))
        """What settings.* tells, by the last part of the method: change it in place."""
        self.lock = threading.RLock()
        self.numbers = Numbering("mail", seed)
        self.cycle = Cycle(list(self.labels)[len(labels.SYSTEM) :], seed=seed)
        self.log = history.Log(10_000 + 3 * size, clock.now())
        self.drafts: dict[int, int] = {}
        """Number of a draft -> number of its message, where the two are not the same."""
        self._changed: dict[int, Row | None] = {}
        self._order: list[int] = []
        self._bodies: dict[int, Body] = {}
        self._dates: dict[int, int] = {}
        self._answers: dict[int, list[int]] = {}
        self._roots: dict[int, int] = {}
        self._named: dict[str, list[int]] = {}
        self._next = size

    @property
    def below(self) -> int:
        """The number the next message will have."""
        return self._next

    def id(self, number: int) -> str:
        """Return the id of a message; of a thread, for the number of its first one."""
        return f"{OLDEST_ID + self.numbers.number(number):016x}"

    def number(self, said: str) -> int | None:
        """Return the number an id stands for, ``None`` if there was never such a message."""
        value = int(said, 16) - OLDEST_ID
        found = self.numbers.index(value) if 0 <= value < 2**61 else self._next
        return found if found < self._next and self.id(found) == said.lower() else None

    def row(self, number: int) -> Row | None:
        """Return a message, ``None`` when it was deleted."""
        if number in self._changed:
            return self._changed[number]
        return self.computed(number) if 0 <= number < self.size else None

    def computed(self, number: int) -> Row:
        """Return a message as it was from the beginning."""
        return Row(number, self.cycle.labels[number % LENGTH], self.cycle.thread(number), 10_000 + 3 * number)

    def changed(self) -> Iterator[tuple[int, Row | None]]:
        """Yield the messages that are not as they were computed, by number; ``None`` for deleted ones."""
        return ((number, self._changed[number]) for number in self._order)

    def rows(
        self, every: frozenset[str] = NONE, none: frozenset[str] = NONE, *, below: int | None = None
    ) -> Iterator[Row]:
        """Yield the messages that have *every* label and *none* of the others, newest first."""
        below = self._next if below is None else below
        at = bisect_left(self._order, below) - 1
        for number in self.cycle.backwards(min(below, self.size), every, none):
            while at >= 0 and self._order[at] > number:
                yield from self._fits(self._order[at], every, none)
                at -= 1
            if number not in self._changed:
                yield self.computed(number)
        for index in range(at, -1, -1):
            yield from self._fits(self._order[index], every, none)

    def _fits(self, number: int, every: frozenset[str], none: frozenset[str]) -> Iterator[Row]:
        row = self._changed[number]
        if row is not None and every <= row.labels and not none & row.labels:
            yield row

    def root(self, number: int) -> int:
        """Return the number of the first message of a thread, also for a message that was deleted."""
        return self._roots.get(number, number) if number >= self.size else self.cycle.thread(number)

    def thread(self, root: int) -> list[Row]:
        """Return the messages of a thread, oldest first."""
        first = [root] if root >= self.size else self.cycle.thread_members(root, self.size)
        numbers = [*first, *self._answers.get(root, ())]
        return [row for number in numbers if (row := self.row(number)) is not None]

    def date(self, number: int) -> int:
        """Return when a message came, in milliseconds since 1970."""
        if number in self._dates:
            return self._dates[number]
        odd = awkward.INTERNAL_DATES.get(self.kind(number))
        step = (END - BEGIN) / max(1, self.size)
        return odd if odd is not None else int((BEGIN + number * step) * 1000)

    def kind(self, number: int) -> str:
        """Return how a computed message is awkward, ``""`` when it is not."""
        return awkward.kind_at(number % LENGTH) if self.strange and number < self.size else ""

    def body(self, number: int) -> Body:
        """Return the bytes of a message."""
        if number in self._bodies:
            return self._bodies[number]
        letter, kind = self.letter(number), self.kind(number)
        return awkward.KINDS[kind](letter, letter.dice) if kind else letters.made(letter)

    def with_message_id(self, said: str) -> list[int]:
        """Return the numbers of the messages that have this Message-ID (without brackets): it need not be one."""
        number = letters.number_of(said, self.seed)
        near = [] if number is None else [number, number + 1]
        computed = [each for each in near if each < self.size and said_id(self.body(each)) == said]
        return [*computed, *(each for each in self._named.get(said, ()) if each not in computed)]

    def letter(self, number: int) -> letters.Letter:
        """Return what a message is made from."""
        row = self.row(number)
        root = number if row is None else row.thread
        sent = row is not None and labels.SENT in row.labels
        answers = None if root == number else root
        return letters.Letter(number, self.seed, self.user, abs(self.date(number)) / 1000, answers, sent)

    def arrive(
        self,
        body: bytes | Body | None = None,
        *,
        add: Collection[str] = (labels.INBOX, labels.UNREAD),
        thread: str = "",
        kind: str = "",
        size: int = 0,
        date: int | None = None,
    ) -> str:
        """Let a message come and return its id.

        Its bytes are *body*, or one of ``awkward`` by *kind*, or an attachment of *size* bytes in all, or ordinary.
        *add* are its labels, *thread* the thread it joins, *date* its internalDate in milliseconds.
        """
        with self.lock:
            number = self._next
            root = self._known(thread).thread if thread else number
            self._next += 1
            self._dates[number] = int(self.clock.now() * 1000) if date is None else date
            letter = letters.Letter(number, self.seed, self.user, self._dates[number] / 1000)
            letter = replace(letter, answers=None if root == number else root, sent=labels.SENT in add)
            if isinstance(body, bytes):
                body = Body(body)
            elif body is None and kind:
                body = {**awkward.KINDS, **awkward.RARE}[kind](letter, letter.dice)
            elif body is None:
                body = letters.heavy(letter, size) if size else letters.made(letter)
            self._bodies[number] = body
            self._named.setdefault(said_id(body), []).append(number)
            if root != number:
                self._answers.setdefault(root, []).append(number)
                self._roots[number] = root
            row = Row(number, frozenset(add), root, 0)
            self._note(row, history.ADDED, row.labels)
            return self.id(number)

    def delete(self, message: str) -> None:
        """Delete a message for ever. Raises ``KeyError``."""
        with self.lock:
            row = self._known(message)
            self._note(row, history.DELETED, row.labels)
            self._put(row.number, None)
            self._bodies.pop(row.number, None)

    def relabel(self, message: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> None:
        """Add and remove labels: one record of history for each of the two. Raises ``KeyError``."""
        with self.lock:
            row = self._known(message)
            new, gone = frozenset(add) - row.labels, frozenset(remove) & row.labels
            if new:
                row = self._note(replace(row, labels=row.labels | new), history.LABELS_ADDED, new)
            if gone:
                self._note(replace(row, labels=row.labels - gone), history.LABELS_REMOVED, gone)

    def trash(self, message: str) -> None:
        """Move a message to the trash. Raises ``KeyError``."""
        self.relabel(message, add=[labels.TRASH], remove=[labels.INBOX, labels.SPAM])

    def untrash(self, message: str) -> None:
        """Take a message out of the trash. Raises ``KeyError``."""
        self.relabel(message, remove=[labels.TRASH])

    def spam(self, message: str) -> None:
        """Move a message to spam. Raises ``KeyError``."""
        self.relabel(message, add=[labels.SPAM], remove=[labels.INBOX, labels.TRASH])

    def draft(self, body: bytes | Body | None = None) -> str:
        """Begin a draft and return its id."""
        return self.draft_id(self._number(self.arrive(body, add=[labels.DRAFT])))

    def edit_draft(self, draft: str, body: bytes | Body | None = None) -> str:
        """Change a draft and return the id of its message, which is another one each time. Raises ``KeyError``."""
        with self.lock:
            number = self.draft_number(draft)
            old = None if number is None else self.row(self.drafts.get(number, number))
            if number is None or old is None:
                raise KeyError(draft)
            message = self.arrive(body, add=old.labels, thread=self.id(old.number))
            self.delete(self.id(old.number))
            self.drafts[number] = self._number(message)
            return message

    def draft_id(self, number: int) -> str:
        """Return the id of a draft; *number* is that of its message when it was begun."""
        return f"r{self.numbers.number(number)}"

    def draft_number(self, draft: str) -> int | None:
        """Return the number of a draft's id: that of its first message."""
        digits = draft.removeprefix("r")
        number = self.numbers.index(int(digits)) if digits.isdecimal() and len(digits) < 20 else self._next
        return number if number < self._next and self.draft_id(number) == draft else None

    def add_label(self, name: str, **fields: object) -> str:
        """Make a label and return its id."""
        with self.lock:
            made = max((int(each[6:]) for each in self.labels if each.startswith("Label_")), default=0) + 1
            self.labels[f"Label_{made}"] = labels.user_label(f"Label_{made}", name, **fields)
            return f"Label_{made}"

    def rename_label(self, label: str, name: str) -> None:
        """Rename a label, which history does not tell. Raises ``KeyError``."""
        with self.lock:
            self.labels[label] = {**self.labels[label], "name": name}

    def delete_label(self, label: str, *, leave: bool = False) -> None:
        """Delete a label and take it off its messages, unless it is to *leave* a trace there. Raises ``KeyError``.

        Messages with a label that labels.list does not know: gauteh/lieer#48.
        """
        with self.lock:
            del self.labels[label]
            for row in [] if leave else list(self.rows(frozenset({label}))):
                self.relabel(self.id(row.number), remove=[label])

    def expire_history(self) -> None:
        """Let every historyId that was given out be too old, but the newest."""
        with self.lock:
            self.log.forget()

    def _number(self, message: str) -> int:
        number = self.number(message)
        if number is None:
            raise KeyError(message)
        return number

    def _known(self, message: str) -> Row:
        row = self.row(self._number(message))
        if row is None:
            raise KeyError(message)
        return row

    def _note(self, row: Row, kind: str, changed: frozenset[str]) -> Row:
        row = replace(row, history=self.log.add(kind, row.number, self.clock.now(), row.labels, changed))
        self._put(row.number, row)
        return row

    def _put(self, number: int, row: Row | None) -> None:
        if number not in self._changed:
            insort(self._order, number)
        self._changed[number] = row


def said_id(body: Body) -> str:
    """Return the Message-ID in a message's headers, without its brackets."""
    headers = body.head.partition(b"\r\n\r\n")[0].partition(b"\n\n")[0]
    found = _ID.search(headers)
    return found[1].decode("latin-1").strip() if found else ""
