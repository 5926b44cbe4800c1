"""Make a calendar or an address book, with as many of its properties as the server takes."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from connectors.base import Collection, Kind
from connectors.dav import names, requests_xml
from connectors.dav.errors import failure, refusal
from connectors.dav.hrefs import item_segment
from connectors.dav.shelf import TYPES
from connectors.errors import DestinationFull, ItemRejected, ReauthRequired, Throttled, Transient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors import answers
    from connectors.base import Context
    from connectors.dav.client import Client

_SLUG: Final = re.compile(r"[^a-z0-9]+")
_LONGEST: Final = 60
_DEFAULT_NAMES: Final = {Kind.EVENT: "calendar", Kind.CONTACT: "contacts"}


def path_name(collection: Collection) -> str:
    """Return the last path part a new collection gets: its slug in plain letters, the same in every run."""
    from unicodedata import normalize

    wish = collection.slug or collection.name
    plain = normalize("NFKD", wish).encode("ascii", "ignore").decode().lower()
    slug = _SLUG.sub("-", plain).strip("-")[:_LONGEST].strip("-")
    if slug:
        return slug
    return f"{_DEFAULT_NAMES[collection.kind]}-{fingerprint(wish)}" if wish else _DEFAULT_NAMES[collection.kind]


def fingerprint(text: str) -> str:
    """Return six letters that tell *text* from others."""
    return sha256(text.encode()).hexdigest()[:6]


def candidates(collection: Collection) -> Iterator[str]:
    """Yield path names for *collection*: the plain one, then one that is its own, always in this order."""
    name = path_name(collection)
    yield name
    yield f"{name}-{fingerprint(collection.id or collection.name)}"


class Creator:
    """Creates collections at one place."""

    def __init__(self, client: Client, ctx: Context) -> None:
        self._client, self._ctx = client, ctx

    def create(self, home: str, name: str, wish: Collection) -> str:
        """Create *wish* in *home* and return its URL; one that stands there already is left as it is.

        Raises ``ItemRejected`` when the place cannot hold it.
        """
        url = f"{home.rstrip('/')}/{item_segment(name)}/"
        last: answers.Response | None = None
        for method, body, later in _attempts(wish):
            answer = self._client.send(method, url, headers=requests_xml.TYPE if body else None, body=body)
            if answer.status in {200, 201, 204, 207} or _stands(answer):
                if later and answer.status in {201, 204}:
                    self._set(url, later)
                return url
            self._stop_early(answer)
            self._ctx.log.debug("%s was answered %d", method, answer.status)
            last = answer
        status = last.status if last else 0
        raise ItemRejected("cannot-create", f"the server does not let collections be made ({status})")

    def _stop_early(self, answer: answers.Response) -> None:
        """Raise for answers that asking in another way does not change."""
        error = failure(answer.status, answer.body)
        if isinstance(error, ReauthRequired | Throttled):
            raise error
        found = refusal(answer.body)
        if answer.status == 507 or "quota-not-exceeded" in found or "sufficient-disk-space" in found:
            raise DestinationFull(error.detail)
        if isinstance(error, Transient) and answer.status in {502, 503, 504}:
            raise error

    def _set(self, url: str, content: str) -> None:
        """Give it the properties its making did not take, as far as the server likes them."""
        answer = self._client.send("PROPPATCH", url, headers=requests_xml.TYPE, body=requests_xml.proppatch(content))
        if answer.status >= 300:
            self._ctx.log.info("a new collection keeps the server's own properties (%d)", answer.status)


def _attempts(wish: Collection) -> Iterator[tuple[str, bytes, str]]:
    """Yield method, body and what is left to set afterwards, most wished for first.

    Some servers refuse a property, some every property, some the method: iCloud knows
    MKCALENDAR only, others only extended MKCOL (RFC 5689).
    """
    full, plain = _content(wish), _content(wish, bare=True)
    if wish.kind is Kind.EVENT:
        yield "MKCALENDAR", requests_xml.mkcalendar(full), ""
        if plain != full:
            yield "MKCALENDAR", requests_xml.mkcalendar(plain), ""
    yield "MKCOL", requests_xml.mkcol(TYPES[wish.kind], full), ""
    if plain != full:
        yield "MKCOL", requests_xml.mkcol(TYPES[wish.kind], plain), ""
    if wish.kind is Kind.EVENT:
        yield "MKCALENDAR", b"", _content(wish, components=False)


def _content(wish: Collection, *, bare: bool = False, components: bool = True) -> str:
    values = {names.DISPLAYNAME: wish.name} if wish.name else {}
    event = wish.kind is Kind.EVENT
    if not bare:
        if wish.description:
            values[names.CALENDAR_DESCRIPTION if event else names.ADDRESSBOOK_DESCRIPTION] = wish.description
        if event and wish.colour:
            values[names.CALENDAR_COLOUR] = wish.colour
        if event and wish.order is not None:
            values[names.CALENDAR_ORDER] = str(wish.order)
        if event and wish.timezone and wish.timezone.startswith("BEGIN:"):
            values[names.CALENDAR_TIMEZONE] = wish.timezone
    return requests_xml.properties(values, sorted(wish.components) if event and components else ())


def _stands(answer: answers.Response) -> bool:
    """Say whether the refusal means that something is there already (RFC 4918 section 9.3.1)."""
    return answer.status == 405 or "resource-must-be-null" in refusal(answer.body)
