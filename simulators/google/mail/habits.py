"""What Gmail does that its documents leave open, or say in words: each a knob, with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

WEEK = 7 * 86400.0


@dataclass(slots=True)
class Habits:
    """The knobs of one mailbox."""

    history_life: float = WEEK
    """ "A historyId is typically valid for at least a week, but in some rare circumstances may be valid for only a few
    hours" (users.history.list). Older ones are answered with 404."""
    stale_when_quiet: bool = False
    """Also the newest historyId is too old once nothing has happened for so long: a full sync gets the same number
    again and is refused again (gauteh/lieer#203)."""
    empty_history_pages: bool = False
    """The first page of a history has a token and no ``history``, and the records come after it (gauteh/lieer#24,
    #120). Without this it happens where a filter leaves nothing of a page."""
    shifting: bool = False
    """Page tokens count from the newest message, so that arrivals shift what follows and messages are named twice,
    and deletions leave some out. Which of the two Gmail does is not documented."""
    disabled: bool = False
    """The account has no Gmail: every call is answered 400 ``failedPrecondition``, "Mail service not enabled"
    (FlowCrypt/flowcrypt-browser#435, WPManageNinja/fluent-smtp#152)."""
    delegates_readable: bool = False
    """settings.delegates: "only available to service account clients that have been delegated domain-wide authority".
    Everybody else is refused with 403."""
