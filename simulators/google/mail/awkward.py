"""Messages that break programs, each by name; numbers are those of the cases that were collected."""

from __future__ import annotations

from base64 import encodebytes
from typing import TYPE_CHECKING

from simulators.google.mail.bodies import Body
from simulators.google.mail.letters import Letter, attachment, head, made, message_id, multipart, page, part, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulators.google.dice import Dice

_TEXT = ("Content-Type: text/plain; charset=UTF-8", "Content-Transfer-Encoding: 8bit")


def _simple(letter: Letter, dice: Dice, said: bytes = b"", *lines: str, skip: str = "", **more: str) -> bytes:
    """Return a message of one part; *lines* stand in place of the usual content headers."""
    top = head(letter, dice, skip=frozenset(skip.split()), **more)
    return "\r\n".join([*top, *(lines or _TEXT), "", ""]).encode() + (said or text(dice, 4))


def _subject(letter: Letter, dice: Dice, raw: bytes, said: bytes = b"") -> Body:
    """Return a message whose subject has the bytes *raw*."""
    return Body(_simple(letter, dice, said, skip="subject", Subject="@@").replace(b"@@", raw, 1))


def _latin(letter: Letter, dice: Dice) -> Body:
    whole = _simple(letter, dice, "Grüße aus Zürich\r\n".encode("latin-1"), "Content-Type: text/plain", skip="subject")
    return Body("Subject: Größe".encode("latin-1") + b"\r\n" + whole)


def _date(value: str) -> Callable[[Letter, Dice], Body]:
    return lambda letter, dice: Body(_simple(letter, dice, skip="date", Date=value))


def _twin(letter: Letter, dice: Dice) -> Body:
    """Return a message with the Message-ID of the one before it, and another text."""
    said = {"Message_ID": message_id(letter.number - 1, letter.seed)}
    return Body(_simple(letter, dice, b"The same Message-ID, another text.\r\n", skip="message-id", **said))


def _nested(levels: int) -> Callable[[Letter, Dice], Body]:
    def nested(letter: Letter, dice: Dice) -> Body:
        marks = [f"level{at}" for at in range(levels)]
        begin = head(letter, dice)
        lines = [*begin, f'Content-Type: multipart/mixed; boundary="{marks[0]}"', ""]
        for mark, inner in zip(marks, [*marks[1:], ""], strict=True):
            kind = f'multipart/mixed; boundary="{inner}"' if inner else "text/plain"
            lines += [f"--{mark}", f"Content-Type: {kind}", ""]
        lines += ["the innermost", *(f"--{mark}--" for mark in reversed(marks)), ""]
        return Body("\r\n".join(lines).encode())

    return nested


def _carried(letter: Letter, dice: Dice) -> Body:
    """Return a message that carries another one, which has an attachment of its own."""
    inner = multipart(
        ["From: inner@example.net", "Subject: =?utf-8?q?inn=C3=A9r?=", "Message-ID: <inner@example.net>"],
        "=_inner",
        [part("text/plain", b"inside\r\n", "7bit"), attachment("inner.bin", encodebytes(b"\0" * 90))],
    )
    parts = [part("text/plain", b"see below\r\n", "7bit"), b"Content-Type: message/rfc822\r\n\r\n" + inner.head]
    return multipart(head(letter, dice), "=_outer", parts)


def _signed(letter: Letter, dice: Dice) -> Body:
    """Return a message whose signature breaks when anything is written anew: trailing blanks, tabs, odd folding."""
    said = b"Content-Type: text/plain; charset=us-ascii\r\n\r\ntrailing blanks   \r\n\ttab\r\n\r\n\r\nlast\r\n"
    seal = b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    whole = multipart(head(letter, dice), "=_signed", [said, seal + encodebytes(b"\x30\x82" * 40)], "signed")
    return Body(b"DKIM-Signature: v=1; a=rsa-sha256;\r\n\tbh=AAAA; \r\n b=BBBB;\r\n" + whole.head)


def _huge_header(letter: Letter, dice: Dice) -> Body:
    references = "\r\n ".join(f"<reference{number}@example.org>" for number in range(500))
    return Body(_simple(letter, dice, skip="references", References=references, X_Huge="h" * 100_000))


def _invitation(letter: Letter, dice: Dice) -> Body:
    said = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    parts = [part("text/plain", b"You are invited\r\n", "7bit"), part("text/calendar; method=REQUEST", said, "7bit")]
    return multipart(head(letter, dice), "=_invitation", parts, "alternative")


def _pictures(letter: Letter, dice: Dice) -> Body:
    html = page(b"a picture").replace(b"a picture", b'<img src="cid:one@example">')
    image = part("image/png", encodebytes(b"\x89PNG\r\n\x1a\n" * 30), "base64", "Content-ID: <one@example>")
    return multipart(head(letter, dice), "=_related", [part("text/html", html, "7bit"), image], "related")


def _changed(change: Callable[[bytes], bytes]) -> Callable[[Letter, Dice], Body]:
    return lambda letter, dice: Body(change(_simple(letter, dice)))


KINDS: Mapping[str, Callable[[Letter, Dice], Body]] = {
    "latin-1-header": _latin,
    "utf-8-header": lambda letter, dice: _subject(letter, dice, "Grüße 🎉".encode()),
    "invalid-utf-8": lambda letter, dice: _subject(letter, dice, b"caf\xc3 \xff\xfe", b"\xc3\x28 \xf0\x9f\r\n"),
    "broken-encoded-word": lambda letter, dice: _subject(letter, dice, b"=?utf-8?B?8J+Y?= =?x-no?Q?=ZZ?= =?utf-8?q?"),
    "nul": lambda letter, dice: _subject(letter, dice, b"nul\0here", b"before\0after\r\n"),
    "bare-lf": _changed(lambda raw: raw.replace(b"\r\n", b"\n")),
    "bare-cr": _changed(lambda raw: raw + b"one\rtwo\rthree\r\n"),
    "cr-cr-lf": _changed(lambda raw: raw + b"line\r\r\nline\r\r\n"),
    "no-final-newline": _changed(lambda raw: raw.rstrip(b"\r\n") + b" end"),
    "only-headers": lambda letter, dice: Body("\r\n".join([*head(letter, dice), ""]).encode()),
    "only-body": lambda _, dice: Body(b"\r\n" + text(dice, 3)),
    "garbage-header": _changed(lambda raw: b"this is no header\r\n: nor this\r\n" + raw),
    "from-line": _changed(lambda raw: b"From someone Sat Jan  1 00:00:00 2022\r\n" + raw),
    "from-in-body": _changed(lambda raw: raw + b"From here\r\n>From there\r\n>>From far\r\n.\r\n..\r\n"),
    "no-message-id": lambda letter, dice: Body(_simple(letter, dice, skip="message-id")),
    "no-date": lambda letter, dice: Body(_simple(letter, dice, skip="date")),
    "garbage-date": _date("Yesterday, at tea time"),
    "date-1899": _date("Sun, 31 Dec 1899 23:59:59 +0000"),
    "date-2100": _date("Fri, 1 Jan 2100 00:00:00 +1400"),
    "twin": _twin,
    "unterminated": lambda letter, dice: Body(
        multipart(head(letter, dice), "=_open", [part("text/plain", b"never closed\r\n", "7bit")]).head[
            : -len("--=_open--\r\n")
        ]
    ),
    "nested-60": _nested(60),
    "unknown-charset": lambda letter, dice: Body(
        _simple(letter, dice, b"\xa4\xa4\r\n", "Content-Type: text/plain; charset=x-klingon")
    ),
    "unknown-encoding": lambda letter, dice: Body(
        _simple(letter, dice, b"==??\r\n", "Content-Type: text/plain", "Content-Transfer-Encoding: x-uuencode-2")
    ),
    "huge-header": _huge_header,
    "long-line": _changed(lambda raw: raw + b"x" * 100_000 + b"\r\n"),
    "carried": _carried,
    "signed": _signed,
    "utf-8-address": lambda letter, dice: Body(_simple(letter, dice, skip="from", From="用户@例子.example")),
    "invitation": _invitation,
    "pictures": _pictures,
    "internal-date-0": lambda letter, _: made(letter),
    "internal-date-1969": lambda letter, _: made(letter),
}
"""What is in a mailbox from the beginning."""
RARE: Mapping[str, Callable[[Letter, Dice], Body]] = {
    "empty": lambda *_: Body(b""),
    "nested-10000": _nested(10_000),
    "line-of-10-mb": _changed(lambda raw: raw + b"x" * 10_000_000 + b"\r\n"),
}
"""What comes only by ``Mailbox.arrive``. Whether Gmail can hold an empty message is not known."""
INTERNAL_DATES = {"internal-date-0": 0, "internal-date-1969": -86_400_000}
"""Milliseconds: "may be 0 or negative for odd mail"."""
STEP, FIRST = 11, 2


def kind_at(position: int) -> str:
    """Return the kind of the message at a position of the cycle, ``""`` for an ordinary one."""
    index, off = divmod(position - FIRST, STEP)
    return _NAMES[index] if off == 0 and 0 <= index < len(_NAMES) else ""


_NAMES = tuple(KINDS)
