"""Several calls in one request (multipart/mixed): developers.google.com/workspace/gmail/api/guides/batch.

A batch is always answered with 200 when it could be read; each part has a status of its own.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

from simulators.google.connections import PHRASES, Reply, Request
from simulators.google.refusals import STATUS
from simulators.google.streams import Joined, Stream, Whole

PATH = re.compile(r"/batch(/\w+/v\d+)?")
MOST_PARTS = 100
"""The limit of Gmail; "not more than 50" are recommended."""
_BOUNDARY = re.compile(r"""boundary=("?)([^";]+)\1""", re.IGNORECASE)


class Unreadable(ValueError):
    """A batch that cannot be taken apart, or has too many parts."""


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    request: Request


def answered(request: Request, answer: Callable[[Request], Reply]) -> Reply:
    """Answer each part by *answer*. A part whose connection breaks takes the whole answer with it."""
    try:
        parts = _parts(request)
    except Unreadable as error:
        return _refused(str(error))
    mark = f"batch_{secrets.token_urlsafe(12)}"
    pieces: list[Stream] = []
    broken = ""
    with ExitStack() as places:
        for part in parts:
            reply = answer(replace(part.request, places=places))
            broken = broken or reply.broken
            pieces += [Whole(_head(mark, part.name, reply)), reply.stream, Whole(b"\r\n")]
    pieces.append(Whole(f"--{mark}--\r\n".encode()))
    return Reply(200, Joined(pieces), f"multipart/mixed; boundary={mark}", broken=broken)


def _refused(words: str) -> Reply:
    """Return the 400, which has no ``errors`` (GAM-team/got-your-back#256)."""
    said = {"error": {"code": 400, "message": words, "status": STATUS[400]}}
    return Reply(400, json.dumps(said).encode())


def _parts(request: Request) -> list[_Part]:
    found = _BOUNDARY.search(request.headers.get("content-type", ""))
    if found is None or not request.headers["content-type"].lower().startswith("multipart/mixed"):
        raise Unreadable("Failed to parse batch request, error: Failed in parsing Content-Type")
    body = b"\n" + request.body.replace(b"\r\n", b"\n")
    pieces = body.split(b"\n--" + found[2].encode("latin-1"))
    whole = [piece.partition(b"\n")[2] for piece in pieces[1:] if not piece.startswith(b"--")]
    if not whole or not any(piece.startswith(b"--") for piece in pieces[1:]):
        raise Unreadable("Failed to parse batch request, error: 0 items; received batch request has no parts")
    if len(whole) > MOST_PARTS:
        raise Unreadable(f"Inner request count exceeds the limit. Received: {len(whole)}, Limit: {MOST_PARTS}")
    return [_part(piece, request) for piece in whole]


def _part(piece: bytes, outer: Request) -> _Part:
    """Return one call. "The HTTP headers for the outer batch request, except for the Content- headers, apply"."""
    about, _, inner = piece.partition(b"\n\n")
    outer_headers = _headers(about.split(b"\n"))
    line, _, rest = inner.partition(b"\n")
    words = line.decode("latin-1").split()
    kind = outer_headers.get("content-type", "").partition(";")[0].strip().lower()
    if len(words) not in {2, 3} or kind != "application/http" or not words[1].startswith("/"):
        raise Unreadable("Failed to parse batch request, error: an inner request is malformed")
    if PATH.fullmatch(words[1].partition("?")[0]):
        raise Unreadable("Failed to parse batch request, error: batches must not be nested")
    top, _, body = rest.partition(b"\n\n")
    inherited = {name: value for name, value in outer.headers.items() if not name.startswith("content-")}
    path, _, query = words[1].partition("?")
    headers = {**inherited, **_headers(top.split(b"\n"))}
    return _Part(outer_headers.get("content-id", ""), Request(words[0], path, query, headers, body))


def _headers(lines: list[bytes]) -> dict[str, str]:
    pairs = (line.decode("latin-1").partition(":") for line in lines if line.strip())
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _head(mark: str, name: str, reply: Reply) -> bytes:
    told = {"Content-Type": reply.kind, "Content-Length": str(reply.stream.size), **reply.headers}
    lines = [f"--{mark}", "Content-Type: application/http"]
    lines += [f"Content-ID: {_response(name)}"] if name else []
    lines += ["", f"HTTP/1.1 {reply.status} {PHRASES.get(reply.status, '')}", *_lines(told), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _lines(headers: Mapping[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items()]


def _response(name: str) -> str:
    return f"<response-{name[1:]}" if name.startswith("<") else f"response-{name}"
