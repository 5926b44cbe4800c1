"""How many calls a minute are answered, and faults made on purpose."""

from __future__ import annotations

import fnmatch
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from simulators.google.refusals import TYPES, Refusal
from simulators.google.units import Units

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FAULTS = ("reset", "cut", "html", "lost", "short")
"""The connection is reset before the call is done; the answer breaks off in the middle; a page of a captive portal
comes with status 200; the call is done, then the connection is reset; half of the answer comes as if it were whole."""


@dataclass(slots=True)
class Fault:
    """What happens to a call instead: a refusal, or one of ``FAULTS``. *call* and *times* count matching calls.

    *item* is a part of the path, like the id of the one message it happens to.
    """

    method: str
    happens: Refusal | str
    call: int = 1
    times: int = 1
    item: str = ""
    met: int = 0


@dataclass(slots=True)
class Faults:
    """The faults to come. Methods are named by id, or by a pattern: ``people.*``, ``photos``, ``*``."""

    _waiting: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def refuse(
        self,
        method: str,
        status: int,
        reason: str = "",
        *,
        call: int = 1,
        times: int = 1,
        retry_after: str | float | None = None,
        words: str = "made to fail",
        item: str = "",
    ) -> None:
        """Answer *status* from the next *call*-th call on, *times* times.

        *reason* is Calendar's and Gmail's ``errors[].reason`` and People's ErrorInfo reason. *retry_after* is the
        header's value: seconds or a date. With an *item* only calls are meant that have it in their path.
        """
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self._add(Fault(method, Refusal(status, words, reason, reason, headers=headers), call, times, item))

    def break_(self, method: str, fault: str, *, call: int = 1, times: int = 1, item: str = "") -> None:
        """Break the next *call*-th call, *times* times, in one of the ways of ``FAULTS``. Raises ``KeyError``."""
        if fault not in FAULTS:
            raise KeyError(fault)
        self._add(Fault(method, fault, call, times, item))

    def mend(self) -> None:
        """Forget all faults."""
        with self._lock:
            self._waiting.clear()

    def _add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def meet(self, method: str, path: str = "") -> Refusal | str | None:
        """Return what happens to a call of *method* at *path*."""
        if not self._waiting:
            return None
        with self._lock:
            matching = [
                fault for fault in self._waiting if fnmatch.fnmatchcase(method, fault.method) and fault.item in path
            ]
            for fault in matching:
                fault.met += 1
            due = next((fault for fault in matching if fault.met >= fault.call), None)
            self._waiting = [fault for fault in self._waiting if fault.met < fault.call + fault.times - 1]
            if due is None or isinstance(due.happens, str):
                return None if due is None else due.happens
            return replace(due.happens)  # one that was raised keeps what it was raised through


@dataclass(slots=True)
class Quotas:
    """Calls a minute and user. ``None`` is no limit. Google's figures belong to the project; none is assumed here.

    Gmail counts in units instead: ``mail``.
    """

    people: int | None = None
    calendar: int | None = None
    full_syncs: int | None = None
    """The first pages of full syncs of People, which have "an additional quota"."""
    status: int = 429
    """403 or 429: "either is possible", says the Calendar API's page on quotas."""
    reason: str = "rateLimitExceeded"
    """Of Calendar: or ``userRateLimitExceeded``, ``quotaExceeded`` ("Calendar usage limits exceeded")."""
    retry_after: int | None = None
    mail: Units = field(default_factory=Units)
    _used: Counter[tuple[str, int]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def spend(self, api: str, said: Mapping[str, object], method: str, now: Callable[[], float]) -> None:
        """Count a call. Raises ``Refusal`` when it is one too many."""
        limit = self.people if api == "people" else self.calendar
        first = method.endswith(("connections.list", "otherContacts.list")) and not (
            said.get("pageToken") or said.get("syncToken")
        )
        if limit is not None:
            self._take(api, limit, now())
        if first and self.full_syncs is not None:
            self._take("full", self.full_syncs, now())

    def _take(self, name: str, limit: int, now: float) -> None:
        minute = int(now // 60)
        with self._lock:
            self._used[name, minute] += 1
            if self._used[name, minute] <= limit:
                return
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if name == "calendar":
            words = {
                "userRateLimitExceeded": "User Rate Limit Exceeded",
                "quotaExceeded": "Calendar usage limits exceeded.",
            }
            said = words.get(self.reason, "Rate Limit Exceeded")
            raise Refusal(self.status, said, self.reason, domain="usageLimits", headers=headers)
        # rapidwebltd/php-google-people-api#45
        words_ = "Resource has been exhausted (e.g. check quota)."
        failure = {"@type": TYPES + "QuotaFailure", "violations": [{"subject": "QUOTA_EXCEEDED"}]}
        raise Refusal(429, words_, "rateLimitExceeded", detail=failure, headers=headers)
