"""The server: finds the method, checks the token and its scopes, and answers in the API's own form."""

from __future__ import annotations

import contextlib
import re
import secrets
import threading
from collections import Counter
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs

from simulators.google import batches, calendar_api, events_api, groups_api, masks, parameters, people_api, photos
from simulators.google.account import Account
from simulators.google.calling import Call, Settings
from simulators.google.connections import Listener, Reply, Request
from simulators.google.discovery import Document, Method, document
from simulators.google.gmail import methods as gmail
from simulators.google.quotas import Faults, Quotas
from simulators.google.refusals import Refusal, body
from simulators.google.streams import written
from simulators.identity.browser import USER
from simulators.identity.google import Google
from simulators.identity.google_scopes import PREFIX
from simulators.identity.model import Token, random_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from simulators.google.discovery import Json

_FORM = re.compile(r"(?:\$|%24)\.xgafv=(\w*)")
PORTAL = b"<!doctype html><title>Welcome</title><h1>Please accept our terms to use this network</h1>"
HANDLERS: Mapping[str, Callable[[Call], Json]] = {
    "people.people.connections.list": people_api.connections,
    "people.people.get": people_api.get,
    "people.people.getBatchGet": people_api.batch_get,
    "people.otherContacts.list": people_api.other_contacts,
    "people.contactGroups.list": groups_api.list_,
    "people.contactGroups.get": groups_api.get,
    "people.contactGroups.batchGet": groups_api.batch_get,
    "calendar.calendarList.list": calendar_api.calendar_list,
    "calendar.calendarList.get": calendar_api.entry,
    "calendar.calendars.get": calendar_api.calendar,
    "calendar.colors.get": calendar_api.colors,
    "calendar.settings.list": calendar_api.settings_list,
    "calendar.settings.get": calendar_api.setting,
    "calendar.events.list": events_api.list_,
    "calendar.events.get": events_api.get,
    "calendar.events.instances": events_api.instances_,
    **gmail.HANDLERS,
}
MISSING = "Request is missing required authentication credential. "
INVALID = "Request had invalid authentication credentials. "
EXPECTED = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential. "
    "See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


class Service:
    """People, Calendar and Gmail for the users of *identity*. ``accounts`` by user; ``account`` is the first one's."""

    def __init__(self, identity: Google, *, people: int = 0, events: int = 0, seed: int = 1, **more: int) -> None:
        self.identity = identity
        self.settings, self.quotas, self.faults = Settings(), Quotas(), Faults()
        self.calls: Counter[str] = Counter()
        """How often each method was called, by id, also in a batch; pictures are ``photos``, a batch itself ``batch``,
        anything else ``nothing``."""
        self.answers: Counter[tuple[str, int]] = Counter()
        """The same with the status that was answered; 0 when the connection was reset."""
        self.bytes: Counter[str] = Counter()
        """Bytes of the bodies that were sent, by method, before they were compressed."""
        self._documents = (document("people.v1"), document("calendar.v3"), document("gmail.v1"))
        self._listener = Listener(self._answer)
        self._key = secrets.token_bytes(16)
        self._lock = threading.Lock()
        self.url = self._listener.url
        self.accounts: dict[str, Account] = {}
        self.account = self.add_account(USER, people=people, events=events, seed=seed, **more)

    def __enter__(self) -> Self:
        """Listen."""
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and close every connection."""
        self._listener.stop()

    def add_account(self, user: str, *, people: int = 0, events: int = 0, seed: int = 1, **more: int) -> Account:
        """Give *user* contacts and events: see ``Account``. A user without an account has an empty one."""
        photo_host = self.url.rstrip("/") + "/photos"
        made = Account(user, self.identity.clock, people=people, events=events, seed=seed, photos=photo_host, **more)
        self.accounts[user] = made
        return made

    def token(self, *scopes: str, user: str = USER) -> str:
        """Return a live access token without asking anybody. A short scope lies below www.googleapis.com/auth/."""
        book, now = self.identity.book, self.identity.clock.now()
        named = tuple(each if "/" in each else PREFIX + each for each in scopes)
        with book.lock:
            grant = book.begin("backstage", user, named)
            value = random_token(self.identity.access_prefix)
            expires = now + self.identity.access_lifetime
            return book.add(Token(value, "access", "backstage", grant, named, now, expires)).value

    def advance(self, seconds: float) -> None:
        """Move the clock of the identity provider and of the APIs."""
        self.identity.clock.advance(seconds)

    def expire_sync_tokens(self) -> None:
        """Let no sync token that was ever given out be good any more."""
        self.settings.generation += 1

    def _answer(self, request: Request) -> Reply:
        if request.path.startswith("/photos/"):
            name, reply = (
                "photos",
                self._met("photos") or photos.served(request.path, request.query, self.settings.photos),
            )
        elif request.verb == "POST" and batches.PATH.fullmatch(request.path):
            name, reply = "batch", self._met("batch") or batches.answered(request, self._answer)
        else:
            name, reply = self._api(request)
        with self._lock:
            self.calls[name] += 1
            self.answers[name, 0 if reply.broken == "reset" else reply.status] += 1
            self.bytes[name] += reply.stream.size
        return reply

    def _met(self, name: str) -> Reply | None:
        """Return what a fault answers for everybody alike."""
        happens = self.faults.meet(name)
        if isinstance(happens, Refusal):
            return Reply(happens.status, b"", "text/plain", happens.headers)
        return None if happens is None else _broken(happens, Reply(200, b"nothing to see"))

    def _api(self, request: Request) -> tuple[str, Reply]:
        for each in self._documents:
            found = each.find(request.verb, request.path)
            if found is not None:
                return found[0].id, self._method(each, *found, request)
        if request.path.startswith(self._documents[1].root):
            return "nothing", _json(404, body(Refusal(404, "Not Found", "notFound"), "calendar"))
        return "nothing", Reply(404, b"<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>", "text/html")

    def _method(self, api: Document, method: Method, path: dict[str, str], request: Request) -> Reply:
        happens = self.faults.meet(method.id, request.path)
        try:
            if isinstance(happens, Refusal):
                raise happens
            if happens in {"reset", "html"}:
                return _broken(happens, Reply(200))
            said = self._done(api, method, path, request)
            return _broken(happens or "", _json(200, said))
        except Refusal as refusal:
            form = _FORM.findall(request.query)
            said = body(refusal, method.api, method.id, form=form[-1] if form else "")
            return _json(refusal.status, said, refusal.headers)

    def _done(self, api: Document, method: Method, path: dict[str, str], request: Request) -> Json:
        token = self._token(request, method)
        if not method.scopes & set(token.scopes):
            raise _out_of_scope(method)
        said = parameters.read(method, path, request.query)
        with contextlib.ExitStack() as until_done:
            if method.api == "gmail":
                self._charge(method, token, request.places or until_done)
            else:
                self.quotas.spend(method.api, said, method.id, self.identity.clock.now)
            return self._handled(api, method, token, said)

    def _charge(self, method: Method, token: Token, places: contextlib.ExitStack) -> None:
        units, user = self.quotas.mail, token.grant.user
        places.enter_context(units.place(user))
        units.spend(method.id, user, token.grant.project, self.identity.clock.now())

    def _handled(self, api: Document, method: Method, token: Token, said: dict[str, parameters.Value]) -> Json:
        handler = HANDLERS.get(method.id)
        if handler is None:
            raise Refusal(501, f"{method.id} is not stood in for.", "notImplemented")
        tree = masks.partial(api, method.response, parameters.text(said, "fields"))
        account = self.accounts.get(token.grant.user) or self.add_account(token.grant.user)
        key = self._key + token.grant.user.encode()[:32]
        answered = handler(Call(method, said, account, token.scopes, self.settings, key))
        cut: Json = masks.cut(answered, tree)
        return cut

    def _token(self, request: Request, method: Method) -> Token:
        """Return the live access token of a call, from the header or the query (RFC 6750 §2.1, §2.3)."""
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer":
            asked = parse_qs(request.query)
            value = next((asked[name][0] for name in ("access_token", "oauth_token") if name in asked), "")
        if not value:
            raise _unauthenticated(MISSING, "CREDENTIALS_MISSING", method, "Login Required.", "required")
        book = self.identity.book
        with book.lock:
            token = book.tokens.get(value.strip())
            usable = token is not None and token.kind == "access" and book.alive(token)
        if token is None or not usable:
            code = "ACCESS_TOKEN_EXPIRED" if token is not None else "ACCESS_TOKEN_TYPE_UNSUPPORTED"
            raise _unauthenticated(INVALID, code, method, "Invalid Credentials", "authError")
        return token


def _unauthenticated(words: str, code: str, method: Method, old: str, reason: str) -> Refusal:
    """Return the 401: errors[] as GUIDE/errors has them, words as in Atrejoe/Inky-Calendar-Server#77."""
    del method
    realm = 'Bearer realm="https://accounts.google.com/"'
    headers = {"WWW-Authenticate": realm if reason == "required" else f'{realm}, error="invalid_token"'}
    return Refusal(401, words + EXPECTED, reason, code, "Authorization", headers=headers, old_words=old)


def _out_of_scope(method: Method) -> Refusal:
    """Return the 403 (kwent/react-google-contacts#6 with its header, php-google-api-client#2307 for ``errors``)."""
    scopes = " ".join(sorted(method.scopes))
    challenge = f'Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="{scopes}"'
    words, code = "Request had insufficient authentication scopes.", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    old = "Insufficient Permission"
    return Refusal(403, words, "insufficientPermissions", code, headers={"WWW-Authenticate": challenge}, old_words=old)


def _json(status: int, said: Json, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, written(said), headers=headers or {})


def _broken(fault: str, reply: Reply) -> Reply:
    if fault == "html":
        return Reply(200, PORTAL, "text/html")
    how = {"reset": "reset", "lost": "reset", "cut": "cut", "short": "short"}.get(fault, "")
    return Reply(reply.status, reply.body, reply.kind, reply.headers, how)


@contextlib.contextmanager
def google(
    *, people: int = 10, events: int = 10, seed: int = 1, identity: Google | None = None, **more: int
) -> Iterator[Service]:
    """Serve People, Calendar and Gmail on a free port of 127.0.0.1, with *identity* or one of its own.

    *more* goes to the account: ``groups=12``, ``others=0``, ``messages=0``, ``labels=12``.
    """
    with contextlib.ExitStack() as stack:
        provider = identity if identity is not None else stack.enter_context(Google())
        yield stack.enter_context(Service(provider, people=people, events=events, seed=seed, **more))
