"""The specimens third parties test with: valid, foldable, the same each time, and as large as asked."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Kind
from connectors.specimens import HOSTILE_NAMES, WEIRD_IDS, body, contact, event, message
from mappings.inspect import inspect

MEDIA = {Kind.EVENT: "text/calendar", Kind.CONTACT: "text/vcard"}
uids = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=120).filter(
    lambda uid: uid.strip() == uid
)


@given(st.sampled_from(sorted(MEDIA)), uids, st.integers(0, 500), st.integers(0, 3000))
@settings(max_examples=120, deadline=None)
def test_every_specimen_is_whole_and_says_its_uid(kind: Kind, uid: str, version: int, size: int) -> None:
    made = body(kind, uid, version=version, size=size)
    found = inspect(MEDIA[kind], made)
    assert not found.problem
    assert found.complete
    assert found.uids == 1
    assert len(made) >= size
    assert all(len(line) <= 75 for line in made.split(b"\r\n"))
    made.decode()
    for line in made.split(b"\r\n"):
        line.decode()


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("uid", WEIRD_IDS)
def test_the_same_words_make_the_same_bytes_and_others_make_others(kind: Kind, uid: str) -> None:
    assert body(kind, uid) == body(kind, uid)
    assert body(kind, uid) != body(kind, uid, version=1)
    assert body(kind, uid) != body(kind, uid + "x")
    assert len(body(kind, uid, size=5000)) >= 5000


@pytest.mark.parametrize("version", range(0, 60, 7))
def test_versions_of_an_event_lie_on_days_of_january(version: int) -> None:
    text = event("x", version=version).decode()
    day = int(text.partition("DTSTART:202601")[2][:2])
    assert 1 <= day <= 28
    assert f"SUMMARY:Version {version}\r\n" in text
    assert f"SEQUENCE:{version}\r\n" in text


def test_a_contact_has_what_servers_insist_on() -> None:
    lines = contact("uid-1", version=3).decode().split("\r\n")
    assert lines[0] == "BEGIN:VCARD"
    assert lines[-2:] == ["END:VCARD", ""]
    assert {"VERSION:3.0", "UID:uid-1", "FN:Version 3"} <= set(lines)


@pytest.mark.parametrize(
    ("uid", "written"), [("a,b", "UID:a\\,b"), ("a;b", "UID:a\\;b"), ("a\\b", "UID:a\\\\b"), ("plain", "UID:plain")]
)
def test_what_would_end_a_value_is_escaped(uid: str, written: str) -> None:
    assert written in event(uid).decode().split("\r\n")
    assert written in contact(uid).decode().split("\r\n")


def test_a_message_has_a_head_and_a_body() -> None:
    head, _, text = message("words of mine", version=7, size=100).decode().partition("\r\n\r\n")
    assert "Subject: Version 7" in head
    assert "Date: Thu, 01 Jan 2026 00:00:00 +0000" in head
    assert text.startswith("words of mine\r\n")


def test_the_lists_hold_what_their_names_say() -> None:
    assert len(set(WEIRD_IDS)) == len(WEIRD_IDS)
    assert len(set(HOSTILE_NAMES)) == len(HOSTILE_NAMES)
    assert {"", ".", ".."} <= set(HOSTILE_NAMES)
    assert any(len(name) > 255 for name in HOSTILE_NAMES)
    assert any("\0" in name for name in HOSTILE_NAMES)
    assert any("/" in name for name in WEIRD_IDS)
    assert any(not name.isascii() for name in WEIRD_IDS)
