"""What Gmail's methods cost, and how many units a minute are allowed: tables to choose from, not constants.

Sources: developers.google.com/gmail/api/reference/quota as it was until May 2026, and the same page since; the new
prices of messages.get and threads.get from developer.nylas.com/docs/cookbook/email/gmail-api-quotas. What the new
table says of the others is not confirmed: they keep their old price.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulators.google.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

MINUTE, DAY = 60.0, 86_400.0
USERS = "gmail.users."
_OLD_PRICES = {
    "getProfile": 1,
    "history.list": 2,
    "messages.list": 5,
    "messages.get": 5,
    "messages.attachments.get": 5,
    "threads.list": 10,
    "threads.get": 10,
    "labels.list": 1,
    "labels.get": 1,
    "drafts.list": 5,
    "drafts.get": 5,
    "messages.insert": 25,
    "messages.import": 25,
    "messages.send": 100,
    "messages.modify": 5,
    "messages.batchModify": 50,
    "messages.batchDelete": 50,
    "messages.delete": 10,
    "labels.create": 5,
    "drafts.create": 10,
    "drafts.send": 100,
    "drafts.update": 15,
    "settings.filters.create": 5,
    "settings.forwardingAddresses.create": 100,
    "settings.sendAs.create": 100,
    "watch": 100,
    "stop": 50,
}


@dataclass(frozen=True, slots=True)
class Table:
    """Prices by method without ``gmail.users.``, and the units that may be used. ``None`` is no limit."""

    prices: Mapping[str, int]
    per_user: int | None
    """Units a minute for one user of a project."""
    per_project: int | None
    """Units a minute for all users of a project together."""
    per_day: int | None = None
    """Units a day for a project."""
    otherwise: int = 1
    """The price of a method that is not named: reading a setting costs one."""

    def price(self, method: str) -> int:
        """Return what a method costs."""
        return self.prices.get(method.removeprefix(USERS), self.otherwise)


OLD = Table(_OLD_PRICES, 15_000, 1_200_000)
NEW = Table({**_OLD_PRICES, "messages.get": 20, "threads.get": 40}, 6_000, 1_200_000, 80_000_000)
"""For projects that began after 1 May 2026. The day's limit is a "billing threshold" which is not billed yet."""


@dataclass(slots=True)
class _Window:
    """Units used of late: in this minute of the clock, or in the last sixty seconds."""

    spans: deque[tuple[float, int]] = field(default_factory=deque)
    total: int = 0

    def used(self, since: float) -> int:
        while self.spans and self.spans[0][0] < since:
            self.total -= self.spans.popleft()[1]
        return self.total

    def add(self, now: float, units: int) -> None:
        self.total += units
        if self.spans and self.spans[-1][0] == now:
            self.spans[-1] = (now, self.spans[-1][1] + units)
        else:
            self.spans.append((now, units))


class Units:
    """Counts units always, and refuses what is too much when ``enforced``. A refused call costs nothing."""

    def __init__(self) -> None:
        self.table = NEW
        self.enforced = False
        self.moving = False
        """Look at the last sixty seconds instead of the minute of the clock: which of the two Google does is not said,
        and an older page spoke of a moving average."""
        self.status = 403
        """Or 429: both are named at developers.google.com/workspace/gmail/api/guides/handle-errors."""
        self.retry_after: int | None = None
        self.at_once: int | None = None
        """Calls of one user that may be under way, parts of a batch among them; more are "Too many concurrent requests
        for user" with 429 (googleapis/google-api-dotnet-client#1982)."""
        self.spent: Counter[str] = Counter()
        """Units by method."""
        self.used: Counter[str] = Counter()
        """Units by user."""
        self.refused: Counter[str] = Counter()
        """Refusals by what was too much: ``user``, ``project``, ``day``, ``throttled``, ``at once``."""
        self._windows: dict[tuple[str, str], _Window] = {}
        self._throttled: dict[str, tuple[float, str]] = {}
        self._under_way: Counter[str] = Counter()
        self._lock = threading.Lock()

    def throttle(self, user: str, until: float, reason: str = "userRateLimitExceeded") -> None:
        """Refuse every call of *user* until a time of the clock, in seconds since 1970."""
        with self._lock:
            self._throttled[user] = until, reason

    def spend(self, method: str, user: str, project: str, now: float) -> None:
        """Count a call. Raises ``Refusal`` when it is one too many."""
        units, table = self.table.price(method), self.table
        limits = (
            ("user", f"{project}/{user}", table.per_user, MINUTE),
            ("project", project, table.per_project, MINUTE),
            ("day", project, table.per_day, DAY),
        )
        with self._lock:
            until, reason = self._throttled.get(user, (0.0, ""))
            if now < until:
                self.refused["throttled"] += 1
                raise _throttled(reason, until)
            for name, whose, limit, span in limits:
                if self.enforced and limit is not None and self._used(name, whose, span, now) + units > limit:
                    self.refused[name] += 1
                    raise self._too_much(name, project)
            for name, whose, _, span in limits:
                window = self._windows.setdefault((name, whose), _Window())
                window.add(now if span == MINUTE else now // span * span, units)
            self.spent[method] += units
            self.used[user] += units

    def _used(self, name: str, whose: str, span: float, now: float) -> int:
        window = self._windows.setdefault((name, whose), _Window())
        return window.used(now - MINUTE if self.moving and span == MINUTE else now // span * span)

    @contextlib.contextmanager
    def place(self, user: str) -> Iterator[None]:
        """Hold one of the places for calls under way. Raises ``Refusal`` when there is none."""
        with self._lock:
            if self.at_once is not None and self._under_way[user] >= self.at_once:
                self.refused["at once"] += 1
                raise Refusal(429, "Too many concurrent requests for user.", "rateLimitExceeded", domain="global")
            self._under_way[user] += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way[user] -= 1

    def _too_much(self, name: str, project: str) -> Refusal:
        """Return the refusal: words of mxngls/gmail-cleaner#5 and GAM-team/got-your-back#309."""
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if name == "day":
            return Refusal(403, "Daily Limit Exceeded", "dailyLimitExceeded", domain="usageLimits", headers=headers)
        limit = "Queries per minute per user" if name == "user" else "Queries per minute"
        words = (
            f"Quota exceeded for quota metric 'Queries' and limit '{limit}' of service 'gmail.googleapis.com' "
            f"for consumer 'project_number:{project}'."
        )
        code = "RATE_LIMIT_EXCEEDED"
        return Refusal(self.status, words, "rateLimitExceeded", code, domain="usageLimits", headers=headers)


def _throttled(reason: str, until: float) -> Refusal:
    """Return the refusal of a user who is to wait: the time stands in the words (levz0r/gmail-tester#23)."""
    when = dt.datetime.fromtimestamp(until, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    words = {
        "userRateLimitExceeded": f"User-rate limit exceeded.  Retry after {when}",
        "dailyLimitExceeded": "Daily Limit Exceeded",
    }
    status = 403 if reason == "dailyLimitExceeded" else 429
    return Refusal(status, words.get(reason, "Rate Limit Exceeded"), reason, domain="usageLimits")
