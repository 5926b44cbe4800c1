"""Whatever a card says, it says again after it was written in another version and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.bundles import split
from mappings.canonical import differences
from mappings.cards.versions import convert, version_of
from mappings.documents import parse
from mappings.inspect import inspect
from tests.mappings.cards import ODD_CARDS, VERSIONS, cards
from tests.mappings.samples import CARD, VCF_FILES

WAYS = [(here, there) for here in VERSIONS for there in VERSIONS if here != there]


def own_version(body: bytes) -> str:
    """Return the version of the one card of *body*."""
    return version_of(next(parse(body).components()))


@pytest.mark.parametrize(("here", "there"), WAYS)
@given(data=st.data())
def test_there_and_back_says_the_same(here: str, there: str, data: st.DataObject) -> None:
    """3->4->3, 4->3->4, 2.1->3->2.1, 2.1->4->2.1 and the others."""
    body = data.draw(cards(here))
    mapped = convert(body, there)
    assert mapped.losses.lossless
    assert own_version(mapped.body) == there
    assert inspect(CARD, mapped.body).complete
    back = convert(mapped.body, here)
    assert differences(CARD, body, back.body) == ()
    assert back.losses.lossless


@given(body=ODD_CARDS, there=st.sampled_from(VERSIONS))
def test_no_line_is_lost_of_the_oddest_card(body: bytes, there: str) -> None:
    if not inspect(CARD, body).complete:
        return
    here = own_version(body)
    mapped = convert(body, there)
    assert inspect(CARD, mapped.body).complete
    assert mapped.losses.lossless
    back = convert(mapped.body, here)
    assert set(differences(CARD, body, back.body)) <= {"JSPROP"}


@given(body=st.sampled_from(VERSIONS).flatmap(cards), there=st.sampled_from(VERSIONS))
def test_a_second_time_there_changes_nothing(body: bytes, there: str) -> None:
    once = convert(body, there).body
    assert convert(once, there).body == once
    again = convert(convert(once, own_version(body)).body, there).body
    assert differences(CARD, once, again) == ()


@given(body=st.sampled_from(VERSIONS).flatmap(cards), there=st.sampled_from(VERSIONS))
def test_each_line_is_in_the_report_once(body: bytes, there: str) -> None:
    """What came in is counted, no more and no less; a card that stays what it is was not mapped."""
    losses = convert(body, there).losses
    if own_version(body) == there:
        assert losses.leaves == ()
        return
    (component,) = parse(body).components()
    names = sorted(line.name for line in component.lines() if line.name != "VERSION" and not line.blank)
    assert sorted(one.leaf for one in losses.leaves for _ in range(one.count)) == names


@given(body=st.sampled_from(VERSIONS).flatmap(cards), there=st.sampled_from(VERSIONS))
def test_what_is_written_is_of_its_version(body: bytes, there: str) -> None:
    """4.0 has no ENCODING and is UTF-8; 3.0 has no bare words; 2.1 says the charset of a text beyond ASCII."""
    written = convert(body, there).body
    written.decode()
    if there == own_version(body):
        return
    (component,) = parse(written).components()
    for line in component.lines():
        if there != "2.1":
            assert all("=" in part for part in line.head.split('"')[0].split(";")[1:] if part), line
            assert line.encoding in ({"", "B"} if there == "3.0" else {""})
            assert not line.param("CHARSET")
        elif not line.content.isascii():
            assert line.name.startswith(("X-", "JSPROP")) or line.param("CHARSET"), line


@pytest.mark.parametrize("path", VCF_FILES, ids=lambda path: path.name)
def test_every_card_of_the_corpora_survives_every_version(path: Path) -> None:
    for body in split(CARD, path.read_bytes()):
        if not inspect(CARD, body).complete:
            continue
        for there in VERSIONS:
            mapped = convert(body, there)
            assert mapped.losses.lossless
            back = convert(mapped.body, own_version(body))
            assert differences(CARD, body, back.body) == ()
