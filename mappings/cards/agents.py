"""The card of an assistant inside a card: nested in 2.1 (§2.4.3), one escaped text in 3.0 (RFC 2426 §3.5.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from mappings.contentlines import ContentLine
from mappings.documents import Component, parse
from mappings.errors import MappingError
from mappings.escapes import escape_text
from mappings.folding import line_end, unfold
from mappings.meanings import meanings

Change = Callable[[Component], bytes]
"""Writes an inner card in the other version."""


def inline_agents(card: Component, change: Change) -> tuple[list[ContentLine], list[bytes]]:
    """Return the lines of *card* with each agent's card as one text, and what is left as it stands.

    An agent that has an agent stays nested: escapes of escapes double with every level.
    """
    lines: list[ContentLine] = []
    others: list[bytes] = []
    for item in card.items:
        if isinstance(item, bytes):
            lines.append(ContentLine(item))
            continue
        announced = bool(lines) and lines[-1].name == "AGENT" and not lines[-1].value.strip()
        if announced and item.name == "VCARD" and item.end and not any(True for _ in item.components()):
            lines[-1] = _inline(lines[-1], change(item))
        else:
            others.append((lines.pop().raw if announced else b"") + item.to_bytes())
    return lines, others


def _inline(agent: ContentLine, body: bytes) -> ContentLine:
    (inner,) = parse(body).components()
    text = "".join(unfold(raw).decode("utf-8", "replace") + "\n" for raw in inner.raw())
    return agent.with_value(escape_text(text))


def nest_agents(lines: Iterable[ContentLine], change: Change, back: Change) -> Iterator[bytes]:
    """Yield the raw lines with each agent's text as a nested card, where *back* makes the same text of it."""
    for line in lines:
        yield _nested(line, change, back) if line.name == "AGENT" else line.raw


def _nested(line: ContentLine, change: Change, back: Change) -> bytes:
    text = line.text()
    if not text[:11].upper().startswith("BEGIN:VCARD"):
        return line.raw
    try:
        document = parse(text.replace("\n", "\r\n").encode("utf-8", "surrogatepass"))
        (inner,) = document.components()
        if document.problems or any(True for _ in inner.components()) or any(True for _ in inner.lines("AGENT")):
            return line.raw
        body = change(inner)
        (nested,) = parse(body).components()
        head = line.with_value("")
        returned = _inline(head, back(nested))
    except (MappingError, ValueError):
        return line.raw
    if list(meanings(returned)) != list(meanings(line)):
        return line.raw
    end = line_end(line.raw) or b"\r\n"
    return head.raw + (body if body.endswith((b"\n", b"\r")) else body + end)
