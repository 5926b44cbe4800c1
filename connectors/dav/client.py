"""Requests to a DAV server and what comes back, over the transport the engine lends."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final

from connectors.dav import names, requests_xml
from connectors.dav.errors import ERROR_BODY, failure, refusal
from connectors.dav.hrefs import origin_and_path
from connectors.dav.multistatus import Multistatus, Response
from connectors.errors import CollectionGone, NotTheService, TooMuchAtOnce, Transient, Vanished

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from connectors import answers
    from connectors.http import Http

SPOOL: Final = 1024 * 1024
"""Bytes of an answer kept in memory; the rest waits in an unnamed file."""

ANSWER_CAP: Final = 1024 * 1024 * 1024
"""Most bytes of one answer: some hundred thousand items with their bodies."""

_CHUNK: Final = 65536
_PAGES: Final = ("text/html", "application/xhtml")


class Answer:
    """A multistatus, fully received before the first response is read.

    Taking it off the wire first frees the connection while the engine works on a page,
    and no slow destination makes the source's server give up. Iterate once. *url* is
    where it came from, after redirects.
    """

    def __init__(self, spool: Spool, url: str) -> None:
        self.url = url
        self.size = spool.size
        self._spool = spool
        self._parsed = Multistatus(spool)

    @property
    def token(self) -> str | None:
        """The sync-token that stood beside the responses, known once iterated."""
        return self._parsed.token

    def __iter__(self) -> Iterator[Response]:
        """Yield the responses; raises like ``Multistatus``."""
        try:
            yield from self._parsed
        finally:
            self.close()

    def close(self) -> None:
        """Forget the answer, read or not."""
        self._spool.close()


class Client:
    """WebDAV methods on one transport.

    ``propfind`` and ``report`` raise what ``errors.failure`` makes of any status but 207.
    """

    def __init__(self, http: Http) -> None:
        self._http = http

    def propfind(self, url: str, asked: Iterable[str], *, depth: int) -> Answer:
        """Ask for properties of *url* and, with *depth* 1, of what is in it."""
        return self._ask("PROPFIND", url, requests_xml.propfind(asked), depth)

    def report(self, url: str, body: bytes, *, depth: int = 0) -> Answer:
        """Send a REPORT."""
        return self._ask("REPORT", url, body, depth)

    def assert_there(self, url: str) -> None:
        """Raise ``CollectionGone`` unless something is at *url*; some servers say so within a 207."""
        try:
            gone = any(one.status in {404, 410} for one in self.propfind(url, (names.RESOURCETYPE,), depth=0))
        except Vanished as missing:
            raise CollectionGone(str(missing)) from missing
        if gone:
            raise CollectionGone("the server says of it that nothing is there")

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        cap: int = ERROR_BODY,
    ) -> answers.Response:
        """Send any other request and return its answer, whatever its status."""
        return self._http.request(method, url, headers=headers, body=body, cap=cap)

    def _ask(self, method: str, url: str, body: bytes, depth: int) -> Answer:
        """Ask, and once more if the body broke off: the transport cannot, its head was handed out."""
        answer, fault = self._receive(method, url, body, depth)
        if fault is not None:
            answer, fault = self._receive(method, url, body, depth)
        if fault is not None:
            raise fault
        return answer

    def _receive(self, method: str, url: str, body: bytes, depth: int) -> tuple[Answer, Transient | None]:
        headers = {**requests_xml.TYPE, "Depth": str(depth)}
        with self._http.stream(method, url, headers=headers, body=body, cap=ANSWER_CAP) as stream:
            if stream.status != 207:
                said = _beginning(stream)
                raise _led_away(url, stream, said) or failure(stream.status, said)
            spool = Spool()
            return Answer(spool, stream.url), spool.take(stream)


class Spool:
    """The pieces of an answer: in memory while short, else in a file without a name."""

    def __init__(self) -> None:
        self.size = 0
        self._memory: list[bytes] = []
        self._file: IO[bytes] | None = None

    def take(self, pieces: Iterable[bytes]) -> Transient | None:
        """Keep all *pieces*; return the fault if they broke off."""
        try:
            for piece in pieces:
                self._keep(piece)
        except TooMuchAtOnce:
            self.close()
            raise
        except Transient as fault:
            self.close()
            return fault
        return None

    def _keep(self, piece: bytes) -> None:
        self.size += len(piece)
        if self._file is None and self.size > SPOOL:
            import tempfile

            self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by close)
        if self._file is None:
            self._memory.append(piece)
        else:
            self._file.write(piece)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the pieces again."""
        yield from self._memory
        if self._file is not None:
            self._file.seek(0)
            while piece := self._file.read(_CHUNK):
                yield piece

    def close(self) -> None:
        """Forget everything."""
        self._memory = []
        if self._file is not None:
            self._file.close()


def _led_away(asked: str, stream: answers.Stream, said: bytes) -> NotTheService | None:
    """Say whether a refusal comes from where a redirect led and no DAV server stands: a login page, mostly.

    Such pages answer our methods as they please. Another host counts unless it speaks
    WebDAV or wants a login; the same one only with a web page.
    """
    refused = 400 <= stream.status < 500 or stream.status == 501
    if stream.url == asked or not refused or stream.status in {401, 429} or refusal(said).names:
        return None
    there, here = (origin_and_path(url)[0].partition("://")[2].partition(":")[0] for url in (stream.url, asked))
    page = stream.headers.get("content-type", "").lower().startswith(_PAGES) and stream.status not in {404, 410}
    if there == here and not page:
        return None
    return NotTheService(f"a redirect led to {there}, which answered {stream.status}")


def _beginning(stream: answers.Stream) -> bytes:
    pieces: list[bytes] = []
    held = 0
    for piece in stream:
        pieces.append(piece)
        held += len(piece)
        if held >= ERROR_BODY:
            break
    return b"".join(pieces)
