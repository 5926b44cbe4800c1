"""Labels: Gmail's own, and those of the user, whose names are not nice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.google.dice import Dice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.google.discovery import Json

INBOX, SENT, DRAFT, SPAM, TRASH, CHAT = "INBOX", "SENT", "DRAFT", "SPAM", "TRASH", "CHAT"
UNREAD, STARRED, IMPORTANT = "UNREAD", "STARRED", "IMPORTANT"
CATEGORIES = tuple(f"CATEGORY_{name}" for name in ("PERSONAL", "SOCIAL", "PROMOTIONS", "UPDATES", "FORUMS"))
SYSTEM = (CHAT, SENT, INBOX, IMPORTANT, TRASH, DRAFT, SPAM, *CATEGORIES, STARRED, UNREAD)
"""Ids that are names as well, the same in every language."""
OUT_OF_SIGHT = frozenset({SPAM, TRASH})
"""Not listed without ``includeSpamTrash``, nor in searches that do not name them."""
LONGEST = 225
"""Letters of a name; not documented, but what the page of settings takes."""
MOST = 10_000
"""Labels a mailbox may have (users.labels)."""
NAMES = (
    *("Work", "Work/Projects", 'Work/Projects/Ünï, 2024; "done"', "No parent/Child", "Family & friends", "🎉 Party"),
    *(
        "עברית",
        "日本語/メール",
        "../../etc/passwd",
        "C:\\temp\\new",
        "CON",
        " leading and trailing ",
        "100% <b>",
        "a'b",
    ),
    *("Inbox (old)", "[Gmail]/Important", "semi;colon:equals=", "\\Seen {1}", "(paren) *star*", "é decomposed e\u0301"),
    *("x" * LONGEST, "Receipts", "Newsletters", "Travel/2023/Zürich", "Travel/2023/Genève", "&AOk- looks encoded"),
)
_COLOURS = (("#ffffff", "#000000"), ("#000000", "#fb4c2f"), ("#0d3472", "#b6cff5"))
_HIDDEN = frozenset({CHAT, *CATEGORIES, UNREAD, STARRED})


def label_id(index: int, seed: int) -> str:
    """Return the id of a user's label: old ones are small numbers, newer ones have nineteen digits."""
    return f"Label_{index + 1}" if index % 3 else f"Label_{10**18 + Dice('label', seed, index).below(8 * 10**18)}"


def drawn(count: int, *, seed: int) -> dict[str, Json]:
    """Return Gmail's labels and *count* of the user, by id, as labels.get tells them without their counts."""
    own = {each["id"]: each for each in (_own(index, seed) for index in range(count))}
    return {**{name: _system(name) for name in SYSTEM}, **own}


def _system(name: str) -> Json:
    hidden = {"messageListVisibility": "hide", "labelListVisibility": "labelHide"} if name in _HIDDEN else {}
    return {"id": name, "name": name, **hidden, "type": "system"}


def _own(index: int, seed: int) -> Json:
    name = NAMES[index % len(NAMES)]
    if index >= len(NAMES):
        name = f"{name[: LONGEST - 8]} {index}"
    said = user_label(label_id(index, seed), name)
    if index % 4 == 1:
        said |= {"messageListVisibility": "hide", "labelListVisibility": "labelShowIfUnread"}
    elif index % 4 == 2:
        text, back = _COLOURS[index % len(_COLOURS)]
        said["color"] = {"textColor": text, "backgroundColor": back}
    return said


def user_label(label: str, name: str, **fields: object) -> Json:
    """Return a label of the user."""
    said: Json = {"id": label, "name": name, "messageListVisibility": "show", "labelListVisibility": "labelShow"}
    return {**said, "type": "user", **fields}


def named(labels: dict[str, Json], words: str) -> Iterator[str]:
    """Yield the ids of the labels that ``label:`` means: blanks and slashes may be hyphens, case does not count."""
    wanted = _plain(words)
    return (label for label, said in labels.items() if wanted in {_plain(said["name"]), _plain(label)})


def _plain(name: str) -> str:
    return name.casefold().replace(" ", "-").replace("/", "-")
