"""The made-up messages: ordinary ones are good mail, awkward ones are awkward in the way their name says."""

from __future__ import annotations

import email
import email.policy
import re
from email.utils import parsedate_to_datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.google.mail import awkward, bodies
from simulators.google.mail.letters import Letter, heavy, made, message_id, number_of, word
from simulators.google.mail.mailbox import Mailbox
from simulators.google.words import FAMILY, GIVEN, TEXTS
from simulators.identity.model import Clock

LETTER = Letter(2000, 7, "ana@example.org", 1.7e9)


def _of(box: Mailbox, kind: str) -> bytes:
    number = next(n for n in range(box.size) if box.kind(n) == kind)
    return box.body(number).whole()


def _headers(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[0] + b"\r\n"


@pytest.mark.parametrize("number", range(0, 400, 3))
def test_an_ordinary_message_is_good_mail(number: int) -> None:
    raw = made(Letter(number, 7, "ana@example.org", 1.6e9 + number, number - 1 if number % 5 == 0 else None)).whole()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert [part.defects for part in message.walk() if part.defects] == []
    assert message["Message-ID"] == message_id(number, 7)
    assert parsedate_to_datetime(message["Date"]).timestamp() == 1_600_000_000 + number
    assert "ana@example.org" in message["To"]
    assert message["Subject"].strip()
    assert (message["In-Reply-To"] is not None) == (number % 5 == 0)
    lines = raw.split(b"\r\n")
    assert all(len(line) <= 998 and b"\n" not in line and b"\r" not in line for line in lines), "RFC 5322 §2.1.1"


def test_there_are_texts_pages_and_attachments() -> None:
    kinds = [email.message_from_bytes(made(Letter(n, 1, "a@b.c", 1e9)).whole()).get_content_type() for n in range(300)]
    share = {kind: kinds.count(kind) for kind in set(kinds)}
    assert set(share) == {"text/plain", "multipart/alternative", "multipart/mixed"}
    assert share["text/plain"] > share["multipart/alternative"] > share["multipart/mixed"] > 20


def test_a_message_is_the_same_each_time_and_another_for_another_seed() -> None:
    same = [made(LETTER).whole() for _ in range(2)]
    assert same[0] == same[1]
    assert made(Letter(2000, 8, "ana@example.org", 1.7e9)).whole() != same[0]


def test_a_sent_one_is_from_the_user() -> None:
    raw = made(Letter(1, 1, "ana@example.org", 1e9, sent=True)).whole()
    assert email.message_from_bytes(raw)["From"] == "ana@example.org"


@given(st.text(max_size=300))
def test_any_text_can_stand_in_a_header(text: str) -> None:
    said = word(text.encode("utf-8", "replace").decode())
    assert said.isascii()
    assert all(len(line) < 76 for line in said.split("\r\n")), "RFC 2047 §2"
    assert re.fullmatch(r"[^\r\n]*(\r\n [^\r\n]*)*", said)


def test_the_hostile_words_come_back_out_of_a_header() -> None:
    for said in (*GIVEN, *FAMILY, *TEXTS):
        folded = f"Subject: {word(said)}\r\n\r\n".encode()
        message = email.message_from_bytes(folded, policy=email.policy.default)
        assert message["Subject"].split() == said.split()


@given(number=st.integers(0, 10**12), seed=st.integers(0, 99))
def test_a_message_id_says_its_number_for_its_seed_alone(number: int, seed: int) -> None:
    assert number_of(message_id(number, seed), seed) == number
    assert number_of(message_id(number, seed), seed + 1) is None


@given(st.text(max_size=60))
def test_other_message_ids_say_no_number(said: str) -> None:
    assert number_of(said, 1) is None or said.strip("<>").endswith("@letters.example.org")


@pytest.mark.parametrize("size", [10_000, 1_000_000, 25_000_000, 157_286_400])
def test_a_heavy_message_has_the_size_that_was_asked_for(size: int) -> None:
    """150 MB = 157,286,400 bytes is the most Gmail takes."""
    body = heavy(LETTER, size)
    assert 0 <= body.size - size < bodies.WRITTEN
    assert len(body.outline) < 4000


@pytest.mark.parametrize("size", [5_000, 300_000])
def test_a_heavy_message_is_good_mail_with_one_attachment(size: int) -> None:
    body = heavy(LETTER, size)
    raw = body.whole()
    assert len(raw) == body.size
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert [part.defects for part in message.walk() if part.defects] == []
    attachment = next(iter(message.iter_attachments()))
    assert attachment.get_filename() == "big.bin"
    assert body.filling is not None
    assert attachment.get_content() == b"".join(body.filling.attachment.chunks())


def test_pieces_of_a_heavy_message_are_small() -> None:
    sizes = [len(piece) for piece in heavy(LETTER, 50_000_000).chunks()]
    assert max(sizes) < 100_000
    assert sum(sizes) == heavy(LETTER, 50_000_000).size


@given(lines=st.integers(0, 5000))
def test_a_filling_says_how_long_it_is(lines: int) -> None:
    filling = bodies.Filling(lines)
    assert sum(map(len, filling.chunks())) == filling.size == lines * 78
    assert sum(map(len, filling.attachment.chunks())) == filling.attachment.size == lines * 57


CONTAINS = {
    "latin-1-header": rb"Subject: Gr\xf6\xdfe",
    "utf-8-header": "Subject: Grüße 🎉".encode(),
    "invalid-utf-8": rb"Subject: caf\xc3 \xff\xfe",
    "broken-encoded-word": rb"=\?utf-8\?B\?8J\+Y\?=",
    "nul": rb"before\x00after",
    "bare-cr": rb"one\rtwo\rthree",
    "cr-cr-lf": rb"line\r\r\nline\r\r\n",
    "garbage-header": rb"\Athis is no header\r\n: nor this\r\n",
    "from-line": rb"\AFrom someone Sat",
    "from-in-body": rb"\r\nFrom here\r\n>From there\r\n>>From far\r\n\.\r\n",
    "garbage-date": rb"Date: Yesterday",
    "date-1899": rb"Date: Sun, 31 Dec 1899 23:59:59 \+0000",
    "date-2100": rb"Date: Fri, 1 Jan 2100 00:00:00 \+1400",
    "unterminated": rb"never closed\r\n\Z",
    "unknown-charset": rb"charset=x-klingon",
    "unknown-encoding": rb"Content-Transfer-Encoding: x-uuencode-2",
    "huge-header": rb"X-Huge: h{100000}\r\n",
    "long-line": rb"x{100000}\r\n\Z",
    "carried": rb"Content-Type: message/rfc822\r\n\r\nFrom: inner@example.net",
    "signed": rb"trailing blanks   \r\n\ttab\r\n",
    "utf-8-address": "From: 用户@例子.example".encode(),
    "invitation": rb"text/calendar; method=REQUEST",
    "pictures": rb"Content-ID: <one@example>",
}


@pytest.mark.parametrize("kind", CONTAINS)
def test_an_awkward_message_has_what_its_name_says(kind: str, letters: Mailbox) -> None:
    assert re.search(CONTAINS[kind], _of(letters, kind)), kind


def test_what_is_missing_is_missing(letters: Mailbox) -> None:
    assert b"\r" not in _of(letters, "bare-lf")
    assert not _of(letters, "no-final-newline").endswith(b"\n")
    assert b"\r\n\r\n" not in _of(letters, "only-headers")
    assert _of(letters, "only-body").startswith(b"\r\n")
    assert b"message-id:" not in _headers(_of(letters, "no-message-id")).lower()
    assert b"\r\ndate:" not in _headers(_of(letters, "no-date")).lower()
    assert _of(letters, "unterminated").count(b"--=_open") == 1


def test_a_twin_has_the_message_id_of_the_one_before_it_and_another_text(letters: Mailbox) -> None:
    number = next(n for n in range(letters.size) if letters.kind(n) == "twin")
    twin, other = (email.message_from_bytes(letters.body(n).whole()) for n in (number, number - 1))
    assert twin["Message-ID"] == other["Message-ID"]
    assert twin.get_payload() != other.get_payload()


@pytest.mark.parametrize(("kind", "levels"), [("nested-60", 60), ("nested-10000", 10_000)])
def test_nested_ones_are_as_deep_as_they_say(kind: str, levels: int) -> None:
    """Case of mail: 60 and 10,000 levels of multipart."""
    raw = {**awkward.KINDS, **awkward.RARE}[kind](LETTER, LETTER.dice).whole()
    assert len(re.findall(rb"(?m)^--level\d+\r?$", raw)) == levels
    assert len(re.findall(rb"(?m)^--level\d+--\r?$", raw)) == levels


def test_the_rare_ones_are_as_large_as_they_say() -> None:
    assert awkward.RARE["empty"](LETTER, LETTER.dice).size == 0
    line = max(awkward.RARE["line-of-10-mb"](LETTER, LETTER.dice).whole().split(b"\r\n"), key=len)
    assert len(line) == 10_000_000


@pytest.mark.parametrize("kind", [*awkward.KINDS, *awkward.RARE])
def test_every_kind_is_the_same_each_time(kind: str) -> None:
    making = {**awkward.KINDS, **awkward.RARE}[kind]
    assert making(LETTER, LETTER.dice) == making(LETTER, LETTER.dice)


def test_without_strange_ones_all_are_ordinary() -> None:
    box = Mailbox("ana@example.org", Clock(), size=600, strange=False)
    assert {box.kind(number) for number in range(600)} == {""}
    for number in range(0, 600, 7):
        message = email.message_from_bytes(box.body(number).whole(), policy=email.policy.default)
        assert [part.defects for part in message.walk() if part.defects] == []


def test_dates_go_up_but_for_those_that_are_odd_on_purpose(letters: Mailbox) -> None:
    """``internalDate`` "may be 0 or negative for odd mail"."""
    odd = {number: letters.date(number) for number in range(letters.size) if letters.date(number) <= 0}
    assert set(odd.values()) == {0, -86_400_000}
    assert len(odd) == 6, "two in each of three whole cycles"
    plain = [letters.date(number) for number in range(letters.size) if number not in odd]
    assert all(one < two for one, two in pairwise(plain))
