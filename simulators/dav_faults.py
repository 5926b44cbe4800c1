"""What a stand-in DAV server can do wrong, by name. Each is something real servers were seen to do."""

from __future__ import annotations

import threading
from typing import Any

FAULTS: dict[str, str] = {
    "listing-507": "PROPFIND of a collection names so many members, then 507 on the collection",
    "listing-short": "PROPFIND of a collection names so many members and says nothing",
    "listing-no-etag": "the first so many members are listed without getetag",
    "listing-member": "{name: status} for members of a listing",
    "listing-most": "(most, status) for a listing, by PROPFIND or from an empty token, of more members than that",
    "listing-extra": "a sub-collection, an image and a web page are listed as well",
    "listing-foreign": "so many hrefs elsewhere are listed as well",
    "portal": "everything is answered by html | xhtml | foreign | empty | plain | doctype | bare",
    "redirect": "PROPFIND and REPORT are answered 302 to this URL",
    "gate": "(status, type, text): everything is sent on to /login by 302, and that answers so",
    "latency": "every answer comes so many seconds late",
    "status": "(status, headers, body) for every request; with `methods` only for those",
    "cut": "the body breaks off after so many bytes",
    "cut-xml": "the XML ends after so many bytes, well framed",
    "reset": "the connection is reset before any answer",
    "spelling": "hrefs are absolute | lower | raw | double | semicolon | relative | http",
    "split": "every property stands in a propstat of its own",
    "duplicates": "every response comes twice",
    "cdata": "bodies stand in CDATA sections",
    "propstat-status": "what is gone says so in an empty propstat, not in the response",
    "control": "a character XML cannot hold stands in the body of the item of this name, or of {names}",
    "control-as": "that character, as it stands in the answer (a vertical tab)",
    "huge": "one body of so many bytes",
    "bomb": "the answer begins with this document type",
    "no-sync": "no sync-collection, no sync-token",
    "sync-hidden": "supported-report-set is not said",
    "no-ctag": "no getctag",
    "token-invalid": "every token that is not empty is answered by this status, with `element` unless it is empty",
    "empty-token": "the empty token is refused by this status",
    "token-zero": "the token is 0 whenever nothing changed",
    "token-time": "tokens are the second of the last change, read from `clock`",
    "sync-507": "sync-collection gives so many at once, then 507 and a token to go on from",
    "sync-stuck": "sync-collection always says 507 and never moves on",
    "sync-no-deletions": "sync-collection never names what was deleted",
    "sync-no-token": "sync-collection gives no token",
    "sync-old-deletions": "an empty token names what was deleted long ago",
    "no-inline": "no bodies in sync-collection",
    "multiget-left-out": "{names} multiget does not mention",
    "multiget-gone": "{names} multiget calls 404",
    "multiget-507": "multiget stops after so many with a 507",
    "multiget-most": "(most, status) for a multiget of more hrefs than that",
    "get": "{name: status} for GET",
    "put-rewrite": "PUT stores the lines in another order, or one more (add), and returns a strong etag",
    "put-no-etag": "PUT returns no etag",
    "put-rename": "PUT stores under another name: says so (location) or not (silent)",
    "put-uid": "PUT stores the item with a UID of the server's own",
    "uid-fixed": "PUT of another UID under a name in use is refused by this status and no-uid-conflict with that name",
    "schedule-tags": "answers to PUT and GET carry a Schedule-Tag, and none to PUT an etag",
    "delete-status": "{text in the body: (status, element)} for DELETE",
    "put-stored": "PUT stores and then answers 500 | reset",
    "put-lost": "PUT answers 500 | reset and stores nothing",
    "put-status": "{text in the body: (status, element)} for PUT",
    "put-most": "PUT of more bytes than that is refused with max-resource-size",
    "uid-conflict": "PUT of a UID stored elsewhere is refused with this status; `href` says where",
    "read-only": "every write is refused with need-privileges",
    "etag-ends": "etags end in these letters, as a proxy adds them or as after a restore of the server",
    "weak-etags": "etags are weak, and If-Match with one never matches",
    "no-if-none-match": "If-None-Match is ignored, as Google does",
    "mk-refused": "{methods} that make collections are answered 403",
    "mk-props": "collections are not made with these properties",
    "mk-late": "a new collection is not shown for so many requests",
    "no-principal": "current-user-principal and home sets are not said anywhere",
    "home-url": "home sets are given below this origin",
    "well-known": "redirect | 404 | 401",
}


class Faults:
    """The faults switched on now. Reading one that is limited uses it up."""

    def __init__(self) -> None:
        self._on: dict[str, Any] = {}
        self._left: dict[str, int] = {}
        self._lock = threading.Lock()

    def switch(self, name: str, value: object = True, *, times: int | None = None) -> None:  # noqa: FBT002 (a value)
        """Switch a fault on, for good or for so many uses. Raises ``KeyError`` for one there is not."""
        if name not in FAULTS:
            raise KeyError(name)
        with self._lock:
            self._on[name] = value
            self._left.pop(name, None)
            if times is not None:
                self._left[name] = times

    def mend(self, *names: str) -> None:
        """Switch faults off; all of them when none is named."""
        with self._lock:
            for name in names or list(self._on):
                self._on.pop(name, None)
                self._left.pop(name, None)

    def concerns(self, method: str) -> bool:
        """Say whether the fault ``status`` is for *method*: a fourth value names the methods."""
        value = self._on.get("status")
        return value is not None and (len(value) < 4 or method in value[3])

    def __contains__(self, name: str) -> bool:
        """Say whether a fault is on, without using it up."""
        return name in self._on

    def value(self, name: str) -> Any:  # noqa: ANN401 (as it was switched on)
        """Return a fault's value, ``None`` when it is off."""
        with self._lock:
            value = self._on.get(name)
            if value is not None and name in self._left:
                self._left[name] -= 1
                if self._left[name] <= 0:
                    del self._on[name], self._left[name]
            return value
