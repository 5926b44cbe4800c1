"""Read a WebDAV multistatus as it arrives, one response at a time (RFC 4918 section 13).

Servers write the same answer in many ways: properties split over several ``propstat``
blocks, a status only inside one, several hrefs under one status. What leaves this
module has one shape. Memory stays flat: at most one response is held, and nothing
in an answer may grow it (document types and entities are refused, depth and text are
capped).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from connectors.dav.names import DAV
from connectors.errors import NotTheService, TooMuchAtOnce, Transient

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TEXT_CAP: Final = 16 * 1024 * 1024
"""Longest text of one element, in characters: an item with a large picture fits."""

DEPTH_CAP: Final = 64
NODES_CAP: Final = 10_000
"""Most elements inside one property, properties of one response, hrefs under one status."""

_ERRORS_CAP: Final = 20
_CHILD, _PART, _BLOCK, _PROPERTY = 2, 3, 4, 5
"""Depths: multistatus > response > propstat > prop > a property."""

_MULTISTATUS: Final = f"{DAV}}}multistatus"
_RESPONSE: Final = f"{DAV}}}response"
_PROPSTAT: Final = f"{DAV}}}propstat"
_PROP: Final = f"{DAV}}}prop"
_STATUS: Final = f"{DAV}}}status"
_HREF: Final = f"{DAV}}}href"
_ERROR: Final = f"{DAV}}}error"
_TOKEN: Final = f"{DAV}}}sync-token"
_CUT_OFF: Final = frozenset(
    {
        expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
        expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
        expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
    },
)


@dataclass(slots=True)
class Node:
    """One element inside a property."""

    name: str
    attributes: dict[str, str]
    text: str = ""


@dataclass(slots=True)
class Response:
    """What a server says about one href.

    *status* is 0 where none was said for the whole. *props* holds the text of the
    properties that were found, *trees* the elements inside those that have some, in
    document order; *refused* the status of those that were not given.
    """

    href: str = ""
    status: int = 0
    props: dict[str, str] = field(default_factory=dict)
    trees: dict[str, list[Node]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    errors: tuple[str, ...] = ()

    def hrefs(self, name: str) -> list[str]:
        """Return the hrefs inside the property *name*."""
        return [node.text.strip() for node in self.trees.get(name, ()) if node.name == _HREF and node.text.strip()]

    def inside(self, name: str) -> frozenset[str]:
        """Return the names of the elements inside the property *name*."""
        return frozenset([node.name for node in self.trees.get(name, ())])


def parse_status(line: str) -> int:
    """Return the code in a status line such as ``HTTP/1.1 200 OK``; 0 if there is none."""
    code = line[9:12] if line.startswith("HTTP/") else ""
    if code.isdecimal():
        return int(code)
    return next((int(word) for word in line.split() if len(word) == 3 and word.isdecimal()), 0)


class Multistatus:
    """The responses in *chunks*, each yielded as soon as it is complete.

    Iterate once. *token* is the ``sync-token`` that stood beside the responses, known
    when the iteration has ended. Raises ``NotTheService`` for anything that is not a
    multistatus, ``Transient`` when it is cut off, ``TooMuchAtOnce`` when a part of it
    cannot be read.
    """

    def __init__(self, chunks: Iterable[bytes], *, text_cap: int = TEXT_CAP) -> None:
        self.token: str | None = None
        self._chunks = chunks
        self._text_cap = text_cap
        self._text: list[str] = []
        self._depth = 0
        self._leaf = False
        self._rooted = False
        self._ready: list[Response] = []
        self._response = Response()
        self._hrefs: list[str] = []
        self._block: dict[str, str] = {}
        self._block_status = 0
        self._nodes: list[Node] = []
        self._trees: dict[str, list[Node]] = {}
        self._part = ""
        self._block_name = ""
        self._statuses: dict[str, int] = {}

    def __iter__(self) -> Iterator[Response]:
        """Yield the responses in the server's order."""
        parser = self._parser()
        fed = 0
        for chunk in self._chunks:
            fed += len(chunk)
            fault = self._feed(parser, chunk, final=False)
            ready, self._ready = self._ready, []
            yield from ready
            if fault is not None:
                raise fault
            if fed - max(parser.CurrentByteIndex, 0) > self._text_cap or self._too_long():
                raise TooMuchAtOnce("one element of the answer is longer than we read")
        fault = self._feed(parser, b"", final=True)
        if fault is not None:
            raise fault

    def _parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate(None, "}")
        parser.buffer_text = True
        parser.buffer_size = 65536
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        return parser

    def _feed(self, parser: expat.XMLParserType, chunk: bytes, *, final: bool) -> Transient | None:
        """Parse on; return what is wrong, for what came before it still counts."""
        try:
            parser.Parse(chunk, final)
        except Transient as refusal:
            return refusal
        except expat.ExpatError as error:
            if error.code in _CUT_OFF and final:
                return Transient("the answer is cut off")
            if not self._rooted:
                return NotTheService("the answer is no XML")
            return TooMuchAtOnce(f"the answer is no well-formed XML: {expat.ErrorString(error.code)}")
        return None

    def _too_long(self) -> bool:
        text = self._text
        return len(text) > 1 and sum(map(len, text)) > self._text_cap

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        depth = self._depth = self._depth + 1
        self._text.clear()
        self._leaf = True
        if depth > _PROPERTY:
            if depth > DEPTH_CAP or len(self._nodes) > NODES_CAP:
                raise TooMuchAtOnce("an element of the answer holds more than we read")
            self._nodes.append(Node(name, attributes))
        elif depth == _BLOCK:
            self._block_name = name
        elif depth == _PART:
            self._part = name
        elif depth == 1:
            if name != _MULTISTATUS:
                raise NotTheService(f"the answer is a <{name[-60:]}>, no multistatus")
            self._rooted = True

    def _end(self, name: str) -> None:
        depth = self._depth
        self._depth = depth - 1
        if depth == _PROPERTY:
            self._end_property(name)
        elif depth > _PROPERTY:
            if self._leaf:
                self._nodes[-1].text = "".join(self._text)
        elif name == _STATUS:
            self._end_status(depth)
        elif depth == _PART:
            self._end_part(name)
        elif depth == _BLOCK:
            if self._part == _ERROR:
                self._note_error(name)
        elif name == _RESPONSE:
            self._end_response()
        elif name == _TOKEN and depth == _CHILD:
            self.token = "".join(self._text).strip() or None
        self._leaf = False

    def _end_part(self, name: str) -> None:
        if name == _PROPSTAT:
            self._end_propstat()
        elif name == _HREF:
            if len(self._hrefs) > NODES_CAP:
                raise TooMuchAtOnce("a response of the answer names more than we read")
            self._hrefs.append("".join(self._text).strip())

    def _end_property(self, name: str) -> None:
        nodes = self._nodes
        if nodes:
            self._nodes = []
        if self._block_name == _PROP:
            if len(self._block) > NODES_CAP:
                raise TooMuchAtOnce("a response of the answer holds more than we read")
            if nodes:
                self._trees[name] = nodes
            self._block[name] = "" if nodes else "".join(self._text)
        elif self._block_name == _ERROR:
            self._note_error(name)

    def _note_error(self, name: str) -> None:
        if len(self._response.errors) < _ERRORS_CAP:
            self._response.errors += (name,)

    def _end_status(self, depth: int) -> None:
        line = "".join(self._text).strip()
        status = self._statuses.get(line)
        if status is None:
            status = parse_status(line)
            self._statuses = {line: status}
        if depth == _PART:
            self._response.status = status
        elif depth == _BLOCK:
            self._block_status = status

    def _end_propstat(self) -> None:
        response, status = self._response, self._block_status
        if not status or 200 <= status < 300:
            response.props = {**response.props, **self._block} if response.props else self._block
            if self._trees:
                response.trees.update(self._trees)
        elif self._block:
            response.refused.update(dict.fromkeys(self._block, status))
        elif not response.status:
            # A propstat without properties speaks of the resource itself.
            response.status = status
        self._block, self._block_status = {}, 0
        if self._trees:
            self._trees = {}

    def _end_response(self) -> None:
        response, hrefs = self._response, self._hrefs
        self._response, self._hrefs = Response(), []
        if not hrefs:
            return
        response.href = hrefs[0]
        self._ready.append(response)
        self._ready.extend(Response(href, response.status, errors=response.errors) for href in hrefs[1:])


def _refuse_doctype(name: str, *_: object) -> None:
    if name.lower() == "html":
        raise NotTheService("the answer is a web page")
    raise NotTheService("the answer declares a document type, which could hide anything")
