"""Messages as messages.get tells them: what it says of each, and the payload of ``full`` and ``metadata``."""

from __future__ import annotations

import html
import itertools
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING

from simulators.google.mail import parts
from simulators.google.streams import Base64, Stream, Whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from simulators.google.discovery import Json
    from simulators.google.mail.bodies import Body
    from simulators.google.mail.mailbox import Mailbox, Row

SNIPPET = 120
LOOKED_AT = 64 * 1024
"""Bytes of a message that are taken apart where only its beginning is told."""
_SEEN = itertools.count()
"""Makes each attachmentId another one: they are good, but not the same twice."""


def bare(box: Mailbox, row: Row) -> Json:
    """Return a message as lists tell it."""
    return {"id": box.id(row.number), "threadId": box.id(row.thread)}


def message(box: Mailbox, row: Row, form: str, only: Sequence[str] = ()) -> Json:
    """Return a message in a format: ``minimal``, ``metadata`` (with the headers *only*), ``full`` or ``raw``."""
    body = box.body(row.number)
    outline = body.outline
    tree = parts.parsed(outline, end=None if form in {"full", "metadata"} else min(len(outline), LOOKED_AT))
    said = bare(box, row)
    if row.labels:
        said["labelIds"] = sorted(row.labels)
    said |= {"snippet": _snippet(tree, outline), "historyId": str(row.history)}
    said |= {"internalDate": str(box.date(row.number)), "sizeEstimate": _estimate(row.number, body.size)}
    if form == "raw" and body.size:  # an empty text is not sent
        said["raw"] = Base64(body, padded=padded(row.number))
    elif form == "metadata":
        said["payload"] = {"mimeType": tree.type, "headers": _headers(tree, only)}
    elif form == "full":
        said["payload"] = _payload(tree, body, row.number)
    return said


def padded(number: int) -> bool:
    """Say whether base64url ends with its padding: "may be missing", so every other message is without."""
    return number % 2 == 0


def _estimate(number: int, size: int) -> int:
    """Return "estimated size in bytes of the message", which is right for two of three."""
    return min(size + (number % 3 == 2) * (size // 50 + 7), 2**31 - 1)


def _snippet(tree: parts.Part, raw: bytes) -> str:
    for part in _leaves(tree):
        if part.type == "text/plain":
            said = part.content(raw)[: SNIPPET * 4].decode("utf-8", "replace")
            return html.escape(" ".join(said.split())[:SNIPPET])
    return ""


def _leaves(part: parts.Part) -> Iterator[parts.Part]:
    waiting = [part]
    while waiting:
        this = waiting.pop()
        if this.parts:
            waiting.extend(reversed(this.parts))
        else:
            yield this


def _headers(part: parts.Part, only: Sequence[str] = ()) -> list[Json]:
    wanted = {name.lower() for name in only}
    return [
        {"name": name, "value": parts.decoded_words(value)}
        for name, value in part.headers
        if not wanted or name.lower() in wanted
    ]


def _payload(part: parts.Part, body: Body, number: int, path: str = "") -> Json:
    said: Json = {"partId": path, "mimeType": part.type, "filename": part.filename, "headers": _headers(part)}
    if part.parts:
        below = (f"{path}.{at}".lstrip(".") for at in range(len(part.parts)))
        inner = [_payload(each, body, number, name) for each, name in zip(part.parts, below, strict=True)]
        return {**said, "body": {"size": 0}, "parts": inner}
    stream = _stream(part, body)
    if part.filename or part.type == "message/rfc822" or not part.type.startswith("text/"):
        return {**said, "body": {"attachmentId": attachment_id(number, path), "size": stream.size}}
    data = {"data": Base64(stream)} if stream.size else {}
    return {**said, "body": {"size": stream.size, **data}}


def _stream(part: parts.Part, body: Body) -> Stream:
    if body.filling and part.start <= len(body.head) <= part.end and not part.parts:
        return body.filling.attachment
    return Whole(part.content(body.outline))


def attachment_id(number: int, path: str) -> str:
    """Return an id by which an attachment can be got."""
    said = f"{next(_SEEN)}/{number}/{path}".encode()
    return "ANGjdJ" + urlsafe_b64encode(said).decode().rstrip("=")


def attachment(body: Body, number: int, said: str) -> Stream | None:
    """Return the attachment of an id, ``None`` when it is none of this message."""
    try:
        inner = said.removeprefix("ANGjdJ")
        _, owner, path = urlsafe_b64decode(inner + "=" * (-len(inner) % 4)).decode().split("/")
        part = parts.parsed(body.outline)
        for at in path.split(".") if path else []:
            part = part.parts[int(at)]
    except (ValueError, IndexError):
        return None
    return _stream(part, body) if owner == str(number) and said.startswith("ANGjdJ") else None
