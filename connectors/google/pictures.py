"""Pictures of people, at full size, from where their URLs point: never with the access token.

A picture that cannot be had is said in the item, as ``{"problem": word}`` in the place of its bytes.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from connectors.errors import ConfigError, ItemRejected, NotTheService, TooMuchAtOnce, Transient
from connectors.google import persons
from connectors.google.hosts import PHOTO_DOMAIN
from oauth.origins import origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from connectors.base import Context
    from connectors.google.answers import Json
    from connectors.http import Http

CAP: Final = 8 * 1024 * 1024
"""Most bytes of one picture."""

MOST: Final = 8
"""Most pictures of one person; contacts have one, and one of each linked profile."""

ABREAST: Final = 4
"""Pictures on their way at once; the transport keeps as many connections."""

AHEAD: Final = 8
"""People whose pictures are asked for before they are needed."""

_SIZE: Final = re.compile(r"=[swh]\d{1,5}(?:-[a-z0-9-]{1,40})?$")
_OLD_SIZE: Final = re.compile(r"/s\d{1,5}(?:-[a-z0-9-]{1,40})?/(?=[^/]*$)")
_MAGIC: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
)


def full_size(url: str) -> str:
    """Return the URL of the picture as it was uploaded (developers.google.com/people/image-sizing: ``=s0``)."""
    bare = url.partition("?")[0] if "sz=" in url.partition("?")[2] else url
    return _OLD_SIZE.sub("/s0/", _SIZE.sub("=s0", bare))


def media_type(data: bytes, said: str) -> str:
    """Return what a picture is by its first bytes, else as its server says; empty if it is none."""
    for magic, found in _MAGIC:
        if data.startswith(magic):
            return found
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    named = said.partition(";")[0].strip().lower()
    return named if data and re.fullmatch(r"image/[a-z0-9.+-]{1,40}", named) else ""


class Pictures:
    """Fetches the pictures of people. *root* is the address of the API if it is not Google's own."""

    def __init__(self, http: Http, ctx: Context, *, root: str = "") -> None:
        self._http, self._ctx = http, ctx
        self._home = origin(root) if root else ""

    def of(self, people: Iterable[Json]) -> Iterator[tuple[Json, dict[str, Json]]]:
        """Yield each person with its pictures by URL, several on their way at once.

        Raises ``Transient`` when they cannot be had today.
        """
        with ThreadPoolExecutor(ABREAST, thread_name_prefix="pictures") as pool:
            waiting: deque[tuple[Json, dict[str, Future[Json]]]] = deque()
            try:
                for person in people:
                    urls = persons.picture_urls(person)
                    tasks = {url: pool.submit(self.take, url) for url in urls[:MOST]}
                    waiting.append((person, tasks))
                    if urls[MOST:]:
                        self._ctx.log.warning("a person has %d pictures; %d are kept", len(urls), MOST)
                    if len(waiting) > AHEAD:
                        yield _taken(*waiting.popleft())
                while waiting:
                    yield _taken(*waiting.popleft())
            finally:
                for _, tasks in waiting:
                    for task in tasks.values():
                        task.cancel()

    def take(self, url: str) -> Json:
        """Return ``{"mediaType": ..., "data": base64}`` or ``{"problem": word}``. Raises ``Transient``."""
        if not self._may_ask(url):
            return self._problem("elsewhere")
        try:
            answer = self._http.request("GET", full_size(url), headers={"Accept": "image/*"}, cap=CAP)
        except TooMuchAtOnce:
            return self._problem("too-large")
        except (NotTheService, ConfigError, ItemRejected) as refused:
            return self._problem(refused.reason)
        if answer.status >= 500:
            raise Transient(f"a picture's server answered {answer.status}")
        if answer.status != 200:
            return self._problem("not-found" if answer.status in {404, 410} else "refused")
        if not self._may_ask(answer.url):
            return self._problem("elsewhere")
        kind = media_type(answer.body, answer.headers.get("content-type", ""))
        if not kind:
            return self._problem("no-picture")
        return {"mediaType": kind, "data": b64encode(answer.body).decode()}

    def _may_ask(self, url: str) -> bool:
        """Say whether a picture may stand there: at Google's pictures, or at the stand-in's own address."""
        where = origin(url)
        if self._home:
            return where == self._home
        host = urlsplit(url).hostname or "" if where else ""
        return where.startswith("https://") and host.endswith(f".{PHOTO_DOMAIN}")

    def _problem(self, word: str) -> Json:
        self._ctx.log.warning("a picture could not be had: %s", word)
        return {"problem": word}


def _taken(person: Json, tasks: dict[str, Future[Json]]) -> tuple[Json, dict[str, Json]]:
    return person, {url: task.result() for url, task in tasks.items()}
