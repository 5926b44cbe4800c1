"""Do at a provider's pages what a person with a browser does: fill in the forms, press a button.

Knows nothing about the provider but its HTML, so it also works from another process.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit

if TYPE_CHECKING:
    import http.client
    from collections.abc import Sequence

USER = "ana@example.org"
MOST_PAGES = 12
TIMEOUT = 60.0


class Refused(Exception):
    """The provider shows a page of its own instead of going on: *status* and the words on it."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"{status}: {words}")
        self.status, self.words = status, words


class NoSuchBox(ValueError):
    """The consent page has no box for this scope."""


@dataclass(slots=True)
class Form:
    """A form as it stands on the page."""

    action: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Read forms and the page's words."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(known.get("action", "")))
        elif tag in {"style", "title"}:
            self._silent += 1
        elif tag == "input" and self.forms and known.get("name"):
            pair = (known["name"], known.get("value", ""))
            (self.forms[-1].boxes if known.get("type") == "checkbox" else self.forms[-1].fields).append(pair)
        elif tag == "button" and self.forms:
            self.forms[-1].buttons.append(known.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"style", "title"}

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.words.append(data.strip())


@dataclass(frozen=True, slots=True)
class Page:
    """What was answered: a page with forms, or a redirect."""

    url: str
    status: int
    location: str
    forms: tuple[Form, ...]
    words: str


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


class Browser:
    """A browser just opened: no cookies yet, no proxy."""

    def __init__(self) -> None:
        jar = urllib.request.HTTPCookieProcessor()
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay, jar)

    def fetch(self, url: str, form: Sequence[tuple[str, str]] | None = None) -> Page:
        """Open *url*, posting *form* when there is one; redirects are not followed."""
        data = None if form is None else urlencode(form).encode()
        request = urllib.request.Request(url, data, {"Accept": "text/html"})
        try:
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                return _page(url, answer.status, answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return _page(url, refusal.code, refusal)


def _page(url: str, status: int, answer: http.client.HTTPResponse | urllib.error.HTTPError) -> Page:
    reader = _Reader()
    reader.feed(answer.read().decode("utf-8", "replace"))
    location = answer.headers.get("Location") or ""
    return Page(url, status, urljoin(url, location) if location else "", tuple(reader.forms), " ".join(reader.words))


def approve(url: str, *, user: str = USER, scopes: Sequence[str] | None = None, follow: bool = False) -> str:
    """Sign in as *user* and allow; return the redirect URL, or the last page's when there is none.

    *scopes*: the boxes to tick; every box when ``None``. With *follow* the redirect URL is opened
    too. Raises ``Refused`` for an error page and ``NoSuchBox``.
    """
    return _walk(url, user, scopes, "allow", follow=follow)


def deny(url: str, *, user: str = USER, follow: bool = False) -> str:
    """Sign in as *user* and refuse; return the redirect URL."""
    return _walk(url, user, (), "deny", follow=follow)


def _walk(url: str, user: str, scopes: Sequence[str] | None, decision: str, *, follow: bool) -> str:
    origin, browser = urlsplit(url)[:2], Browser()
    page = browser.fetch(url)
    for _ in range(MOST_PAGES):
        if page.location:
            if urlsplit(page.location)[:2] != origin:
                if follow:
                    browser.fetch(page.location)
                return page.location
            page = browser.fetch(page.location)
        elif page.status >= 400:
            raise Refused(page.status, page.words)
        elif not page.forms:
            return page.url
        else:
            form = page.forms[0]
            page = browser.fetch(urljoin(page.url, form.action), _filled(form, user, scopes, decision))
    raise Refused(page.status, "there is no end to the pages")


def _filled(form: Form, user: str, scopes: Sequence[str] | None, decision: str) -> list[tuple[str, str]]:
    """Return what the browser sends for *form*."""
    sent = [(name, user if name == "user" else value) for name, value in form.fields]
    offered = [value for _, value in form.boxes]
    wanted = offered if scopes is None else scopes
    if (form.boxes or decision in form.buttons) and (missing := [each for each in wanted if each not in offered]):
        raise NoSuchBox(", ".join(missing))
    sent += [pair for pair in form.boxes if pair[1] in wanted]
    button = decision if decision in form.buttons else form.buttons[0]
    return [*sent, ("decision", button)]
