"""The component tree of a file, over raw lines: everything read is written back as it stood.

Structure is all that is read here. A BEGIN that cannot stand inside what is open closes
it as broken, an END that fits nothing is a line like any other, so one bad object never
swallows the good ones behind it; each such place is a ``Problem``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mappings.contentlines import ContentLine, property_name
from mappings.errors import TooDeep, TooLarge
from mappings.folding import BOM, raw_lines, unfold
from mappings.limits import DEFAULT_LIMITS, Limits

OUTERMOST = frozenset({"VCALENDAR", "VCARD"})
"""Never inside another component, but for the VCARD of a vCard 2.1 AGENT."""

SECOND = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE", "VAVAILABILITY"})
"""Only directly inside a VCALENDAR (RFC 5545 §3.6, RFC 7953 §3.1)."""

CARRIERS = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY"})
"""The components of a calendar that are items of their own: all of ``SECOND`` but the time zones."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something odd at logical line *line* (from 1).

    *code* is ``junk`` (a line without a colon), ``control`` (control characters),
    ``outside`` (text outside every component), ``unclosed`` or ``stray-end``.
    """

    code: str
    line: int

    @property
    def breaks(self) -> bool:
        """Whether an object is not complete because of it."""
        return self.code in {"unclosed", "stray-end", "outside"}


@dataclass(slots=True, eq=False)
class Component:
    """One BEGIN … END: raw lines and components in the order of the file.

    *end* is empty if the component was never closed. *items* may be edited; what is
    not touched stays as read.
    """

    name: str
    begin: bytes
    items: list[bytes | Component] = field(default_factory=list)
    end: bytes = b""

    def lines(self, *names: str) -> Iterator[ContentLine]:
        """Yield this component's own lines, or only those of the *names* (upper case)."""
        for item in self.items:
            if isinstance(item, bytes) and (not names or property_name(item) in names):
                yield ContentLine(item)

    def by_name(self) -> dict[str, list[ContentLine]]:
        """Return this component's own lines by name (upper case), for a look at many of them."""
        found: dict[str, list[ContentLine]] = {}
        for item in self.items:
            if isinstance(item, bytes):
                found.setdefault(property_name(item), []).append(ContentLine(item))
        return found

    def components(self, *names: str) -> Iterator[Component]:
        """Yield the components directly inside, or only those of the *names* (upper case)."""
        for item in self.items:
            if isinstance(item, Component) and (not names or item.name in names):
                yield item

    def text(self, name: str) -> str | None:
        """Return the first such line's text, or ``None``."""
        return next((line.text() for line in self.lines(name)), None)

    def raw(self) -> Iterator[bytes]:
        """Yield the raw lines of this component and all inside, from BEGIN to END."""
        yield self.begin
        open_items = [(self, iter(self.items))]
        while open_items:
            component, rest = open_items[-1]
            for item in rest:
                if isinstance(item, Component):
                    yield item.begin
                    open_items.append((item, iter(item.items)))
                    break
                yield item
            else:
                yield component.end
                open_items.pop()

    def to_bytes(self) -> bytes:
        """Return the component as it stands in the file."""
        return b"".join(self.raw())


@dataclass(slots=True, eq=False)
class Document:
    """A whole file: its byte order mark, the outermost components, and lines around them."""

    bom: bytes = b""
    items: list[bytes | Component] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def components(self, *names: str) -> Iterator[Component]:
        """Yield the outermost components, or only those of the *names* (upper case)."""
        for item in self.items:
            if isinstance(item, Component) and (not names or item.name in names):
                yield item

    def to_bytes(self, *, bom: bool = True) -> bytes:
        """Return the file as it was read, but for edited items; without its byte order mark on request."""
        pieces = (item.to_bytes() if isinstance(item, Component) else item for item in self.items)
        return (self.bom if bom else b"") + b"".join(pieces)


def parse(body: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read *body* into its tree. ``parse(body).to_bytes() == body``, whatever *body* is.

    Raises:
        TooLarge: more octets, longer lines or more lines than *limits* allow.
        TooDeep: components are nested deeper than *limits* allow.
    """
    if len(body) > limits.octets:
        raise TooLarge("bytes", limits.octets)
    builder = _Builder(limits)
    if body.startswith(BOM):
        builder.document.bom = BOM
        body = body[len(BOM) :]
    builder.read(body)
    return builder.finish()


def boundary(raw: bytes) -> tuple[str, str]:
    """Return ``("BEGIN" or "END", component name)`` of a raw line, two empty words for any other."""
    if raw[:1] not in b"BbEe\r\n":
        return "", ""
    verb, colon, name = unfold(raw).upper().partition(b":")
    if not colon or verb not in {b"BEGIN", b"END"}:
        return "", ""
    return verb.decode(), name.strip(b" \t").decode("latin-1")


class _Builder:
    """Puts raw lines into a tree and notes what is odd."""

    def __init__(self, limits: Limits) -> None:
        self.document = Document()
        self._limits = limits
        self._open: list[tuple[Component, int]] = []
        self._count = 0
        self._items = self.document.items
        """Where the next line goes: into the innermost open component, or beside all."""

    def read(self, body: bytes) -> None:
        """Take all raw lines of *body*.

        What most files have none of is looked for in the whole body first, so that a line
        without oddities costs two look-ups and an ``append``.
        """
        most, longest = self._limits.lines, self._limits.line_octets
        long = len(body) > longest
        odd = body.translate(None, _CONTROLS) != body
        for self._count, raw in enumerate(raw_lines(body), 1):
            if self._count > most:
                raise TooLarge("lines", most)
            if long and len(raw) > longest:
                raise TooLarge("line", longest)
            if raw[0] in _BOUNDARY:
                verb, name = boundary(raw)
                if verb:
                    (self._begin if verb == "BEGIN" else self._end)(raw, name)
                    continue
            self._items.append(raw)
            if odd or not self._open or b":" not in raw:
                self._look_at(raw)

    def finish(self) -> Document:
        """Close what is still open, as broken, and hand out the tree."""
        self._abandon(0)
        self.document.problems.sort(key=lambda problem: problem.line)
        return self.document

    def _begin(self, raw: bytes, name: str) -> None:
        if name in OUTERMOST and not (name == "VCARD" and self._opens_agent()):
            self._abandon(0)
        elif name in SECOND and self._open and self._open[0][0].name == "VCALENDAR":
            self._abandon(1)
        component = Component(name, raw)
        self._items.append(component)
        self._open.append((component, self._count))
        self._items = component.items
        if len(self._open) > self._limits.depth:
            raise TooDeep(self._limits.depth)

    def _opens_agent(self) -> bool:
        """Say whether the line before was the AGENT of an open card (vCard 2.1)."""
        if not self._open:
            return False
        before = next(
            (item for item in reversed(self._items) if isinstance(item, Component) or not item.isspace()), b""
        )
        if isinstance(before, Component):
            return False
        line = ContentLine(before)
        return line.name == "AGENT" and not line.value.strip()

    def _end(self, raw: bytes, name: str) -> None:
        depth = next((n for n in range(len(self._open) - 1, -1, -1) if self._open[n][0].name == name), -1)
        if depth < 0:
            self._note("stray-end", self._count)
            self._items.append(raw)
            return
        self._abandon(depth + 1)
        self._open.pop()[0].end = raw
        self._leave()

    def _look_at(self, raw: bytes) -> None:
        """Note what is odd about a line that stands in its place."""
        if raw in _LINE_ENDS or raw.isspace():
            return
        if not self._open:
            self._note("outside", self._count)
        elif b":" not in raw:
            self._note("junk", self._count)
        if raw.translate(None, _CONTROLS) != raw:
            self._note("control", self._count)

    def _abandon(self, depth: int) -> None:
        """Leave the components open at *depth* and deeper as they are: they were never closed."""
        for _, line in self._open[depth:]:
            self._note("unclosed", line)
        del self._open[depth:]
        self._leave()

    def _leave(self) -> None:
        self._items = self._open[-1][0].items if self._open else self.document.items

    def _note(self, code: str, line: int) -> None:
        self.document.problems.append(Problem(code, line))


_BOUNDARY = frozenset(b"BbEe\r\n")
"""Octets that a line with BEGIN or END starts with; folded ones may start with the fold."""
_LINE_ENDS = frozenset({b"\r\n", b"\n", b"\r", b"\r\r\n"})
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\r\n")) + b"\x7f"
