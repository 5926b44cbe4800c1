"""The Gmail API's methods for the profile, labels and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.google.gmail.refusing import for_administrators, missing
from simulators.google.mail import labels as names
from simulators.google.mail.cycle import NONE
from simulators.google.mail.preferences import KEYS
from simulators.google.parameters import text

if TYPE_CHECKING:
    from simulators.google.calling import Call
    from simulators.google.discovery import Json
    from simulators.google.mail.mailbox import Mailbox


def profile(call: Call) -> Json:
    """gmail.users.getProfile. Spam, trash, drafts and chats count; whether they do at Gmail is not documented."""
    box = call.account.mail
    with box.lock:
        said: Json = {"emailAddress": box.user, "messagesTotal": messages(box, NONE)}
        return {**said, "threadsTotal": threads(box, NONE), "historyId": str(box.log.newest)}


def list_(call: Call) -> Json:
    """gmail.users.labels.list."""
    box = call.account.mail
    with box.lock:
        return {"labels": list(box.labels.values())}


def get(call: Call) -> Json:
    """gmail.users.labels.get, with its counts: of all messages that have it, wherever they are."""
    box, label = call.account.mail, text(call.said, "id")
    with box.lock:
        if label not in box.labels:
            raise missing()
        has, unread = frozenset({label}), frozenset({label, names.UNREAD})
        return {
            **box.labels[label],
            "messagesTotal": messages(box, has),
            "messagesUnread": messages(box, unread),
            "threadsTotal": threads(box, has),
            "threadsUnread": threads(box, unread),
        }


def messages(box: Mailbox, every: frozenset[str]) -> int:
    """Return how many messages have *every* label: counted where they changed, known where they did not."""
    count = box.cycle.count(box.size, every)
    for number, row in box.changed():
        count -= number < box.size and every <= box.computed(number).labels
        count += row is not None and every <= row.labels
    return count


def threads(box: Mailbox, every: frozenset[str]) -> int:
    """Return how many threads have a message with *every* label."""
    count = box.cycle.threads(box.size, every)
    touched = {box.root(number) for number, _ in box.changed()}
    for root in touched:
        before = (box.computed(number) for number in box.cycle.thread_members(root, box.size))
        count -= any(every <= row.labels for row in before)
        count += any(every <= row.labels for row in box.thread(root))
    return count


def setting(call: Call) -> Json:
    """gmail.users.settings.getImap, getPop, getLanguage, getVacation, getAutoForwarding."""
    said = call.account.mail.preferences[call.method.id.rpartition(".")[2]]
    assert isinstance(said, dict)
    return said


def entries(call: Call) -> Json:
    """gmail.users.settings.filters.list and its like. Without entries there is no list either."""
    name = _collection(call)
    found = call.account.mail.preferences[name]
    return {"filter" if name == "filters" else name: found} if found else {}


def entry(call: Call) -> Json:
    """gmail.users.settings.filters.get and its like."""
    name = _collection(call)
    asked = text(call.said, KEYS[name])
    for each in call.account.mail.preferences[name]:
        if isinstance(each, dict) and each[KEYS[name]].casefold() == asked.casefold():
            return each
    raise missing()


def _collection(call: Call) -> str:
    name = call.method.id.split(".")[-2]
    if name == "delegates" and not call.account.mail.habits.delegates_readable:
        raise for_administrators()
    return name
