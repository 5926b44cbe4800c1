"""Ordinary messages (RFC 5322), computed from a seed and a number: plain, with HTML, with attachments."""

from __future__ import annotations

import datetime as dt
from base64 import b64encode
from dataclasses import dataclass
from email.utils import format_datetime
from functools import lru_cache

from simulators.google.dice import Dice
from simulators.google.mail.bodies import WRITTEN, Body, Filling, encoded
from simulators.google.words import FAMILY, GIVEN, TEXTS

ZONES = (0, 60, 120, -300, -480, 330, 765, -210)
"""Offsets of Date headers, in minutes."""
_POOL_LINES = 700
ATTACHED = (
    "scan.pdf",
    "photo 1.jpg",
    "übersicht.xlsx",
    "..\\..\\autoexec.bat",
    "../../etc/passwd",
    "日本.docx",
    'a"b.zip',
)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a message is made from. *date* is in seconds since 1970; *answers* is the number of what it answers."""

    number: int
    seed: int
    user: str
    date: float
    answers: int | None = None
    sent: bool = False
    subject: str = ""

    @property
    def dice(self) -> Dice:
        """Draws that are this message's own."""
        return Dice("letter", self.seed, self.number)

    @property
    def message_id(self) -> str:
        """The Message-ID, with its brackets."""
        return message_id(self.number, self.seed)


def message_id(number: int, seed: int) -> str:
    """Return the Message-ID of a computed message."""
    return f"<{number}.{seed}@letters.example.org>"


def number_of(said: str, seed: int) -> int | None:
    """Return the number whose Message-ID this is."""
    left, at, right = said.strip("<>").partition("@")
    number, dot, own = left.partition(".")
    good = (
        at and dot and right == "letters.example.org" and own == str(seed) and number.isdecimal() and len(number) < 19
    )
    return int(number) if good else None


def date_header(letter: Letter) -> str:
    """Return the value of the Date header, in a zone of the sender's."""
    zone = dt.timezone(dt.timedelta(minutes=ZONES[letter.number % len(ZONES)]))
    return format_datetime(dt.datetime.fromtimestamp(int(letter.date), zone))


def word(text: str) -> str:
    """Return a text for a header, encoded where it is not ASCII or breaks lines (RFC 2047 §2), folded to its length."""
    if text.isascii() and text.isprintable() and len(text) < 60 and "=?" not in text:
        return text
    pieces, piece = [], ""
    for letter in text:
        if len((piece + letter).encode()) > 42:
            pieces.append(piece)
            piece = ""
        piece += letter
    return "\r\n ".join(f"=?UTF-8?B?{b64encode(each.encode()).decode()}?=" for each in [*pieces, piece])


def head(letter: Letter, dice: Dice, *, skip: frozenset[str] = frozenset(), **more: str) -> list[str]:
    """Return the lines of the usual headers but those of *skip* (in small letters); *more* go on top."""
    other = f"person{dice.below(300)}@example.net"
    name = word(f"{dice.pick(GIVEN)} {dice.pick(FAMILY)}".replace('"', "'"))
    them, me = f"{name if name.startswith('=?') else chr(34) + name + chr(34)} <{other}>", letter.user
    subject = letter.subject or f"{'Re: ' if letter.answers is not None else ''}{dice.pick(TEXTS)[:70]}".strip()
    received = f"from mx.example.net (mx.example.net. [192.0.2.{dice.below(256)}])"
    received += f"\r\n        by mx.google.example with ESMTPS id {letter.number:x}"
    lines = [
        f"Received: {received}",
        f"From: {me if letter.sent else them}",
        f"To: {them if letter.sent else me}",
        f"Subject: {word(subject)}",
        f"Date: {date_header(letter)}",
        f"Message-ID: {letter.message_id}",
        "MIME-Version: 1.0",
    ]
    if letter.answers is not None:
        root = message_id(letter.answers, letter.seed)
        lines += [f"In-Reply-To: {root}", f"References: {root}"]
    top = [f"{key.replace('_', '-')}: {value}" for key, value in more.items()]
    return [*top, *(line for line in lines if line.partition(":")[0].lower() not in skip)]


@lru_cache(maxsize=1)
def _pool() -> tuple[bytes, list[int]]:
    """Return much text in lines that any transport takes, and where its lines begin."""
    words = " ".join(TEXTS).encode().replace(b"\n", b" ").replace(b"\r", b" ").decode().split()
    dice, lines = Dice("pool"), []
    for _ in range(_POOL_LINES):
        line = ""
        while len(line.encode()) < 60:
            line += dice.pick(words)[:12] + " "
        lines.append(line.rstrip().encode().lstrip(b".") + b"\r\n")
    starts = [0]
    for each in lines:
        starts.append(starts[-1] + len(each))
    return b"".join(lines), starts


def text(dice: Dice, lines: int) -> bytes:
    """Return so many lines of text in UTF-8."""
    pool, starts = _pool()
    lines = min(lines, _POOL_LINES - 1)
    at = dice.below(_POOL_LINES - lines)
    return pool[starts[at] : starts[at + lines]]


def page(said: bytes) -> bytes:
    """Return a text as HTML."""
    safe = said.replace(b"&", b"&amp;").replace(b"<", b"&lt;")
    return b"<html><body><p>" + safe.replace(b"\r\n", b"<br>\r\n") + b"</p></body></html>\r\n"


def attached(dice: Dice, lines: int) -> bytes:
    """Return so many lines of an attachment in base64."""
    block = encoded()
    at = dice.below(len(block) // WRITTEN)
    turned = block[at * WRITTEN :] + block[: at * WRITTEN]
    whole, rest = divmod(lines * WRITTEN, len(turned))
    return turned * whole + turned[:rest]


def made(letter: Letter) -> Body:
    """Return an ordinary message: seven of ten are text alone, one of eight has an attachment."""
    dice = letter.dice
    said, drawn = text(dice, 3 + dice.below(40)), dice.below(100)
    lines = head(letter, dice)
    if drawn < 55:
        lines += ["Content-Type: text/plain; charset=UTF-8", "Content-Transfer-Encoding: 8bit", ""]
        return Body("\r\n".join(lines).encode() + b"\r\n" + said)
    mark = f"=_{letter.number:x}_{letter.seed}"
    parts = [part("text/plain; charset=UTF-8", said, "8bit")]
    if drawn < 87:
        parts.append(part("text/html; charset=UTF-8", page(said), "8bit"))
        return multipart(lines, mark, parts, "alternative")
    size = 100 + dice.below(600) if drawn < 98 else 1500 + dice.below(3000)
    parts.append(attachment(dice.pick(ATTACHED), attached(dice, size)))
    return multipart(lines, mark, parts)


def part(kind: str, said: bytes, encoding: str, *more: str) -> bytes:
    """Return a part of a multipart message, with its headers."""
    lines = [f"Content-Type: {kind}", f"Content-Transfer-Encoding: {encoding}", *more, "", ""]
    return "\r\n".join(lines).encode() + said


def attachment(name: str, said: bytes) -> bytes:
    """Return the part of an attachment that is in base64 already."""
    safe = name.replace("\\", "\\\\").replace('"', '\\"') if name.isascii() else word(name)
    return part("application/octet-stream", said, "base64", f'Content-Disposition: attachment; filename="{safe}"')


def multipart(lines: list[str], mark: str, parts: list[bytes], kind: str = "mixed") -> Body:
    """Return a message of several parts."""
    begin = "\r\n".join([*lines, f'Content-Type: multipart/{kind}; boundary="{mark}"', "", ""]).encode()
    between = f"--{mark}\r\n".encode()
    inner = b"".join(between + (each if each.endswith(b"\r\n") else each + b"\r\n") for each in parts)
    return Body(begin + inner + f"--{mark}--\r\n".encode())


def heavy(letter: Letter, size: int) -> Body:
    """Return a message with one attachment, of *size* bytes in all, or a few more: the attachment is in whole lines."""
    dice, mark = letter.dice, f"=_{letter.number:x}_heavy"
    parts = [part("text/plain; charset=UTF-8", text(dice, 3), "8bit"), attachment("big.bin", b"")]
    empty = multipart(head(letter, dice), mark, parts)
    end = len(f"--{mark}--\r\n")
    lines = max(0, -((empty.size - size) // WRITTEN))
    return Body(empty.head[:-end], Filling(lines), f"--{mark}--\r\n".encode())
