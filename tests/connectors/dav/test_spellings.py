"""A folder's way of spelling is learned; only what it does not explain is remembered by name."""

from __future__ import annotations

from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.dav.hrefs import Folder, item_id
from connectors.dav.spellings import MOST, Spellings, ours

NAMES = ["a@b.ics", "a+b@c.ics", "é.ics", "x:y;z.ics", "sp ace.ics", "plain.ics", "%C3%A9%25.ics"]
SAFE = {"ours": "@:", "strict": "", "lenient": "@:!$&'()*+,;="}
raw_names = st.text(alphabet="ab@:+;,é %/?#.", min_size=1, max_size=12).filter(lambda name: name not in {".", ".."})


def spell(name: str, way: str) -> str:
    """Spell the item *name*, written by hand rather than by the code under test."""
    decoded = unquote(name) if "%" in name else name
    if way == "bare":
        return decoded if "%" not in name else spell(name, "lenient")
    if way == "strict-lower":
        head, *parts = quote(decoded, safe="").split("%")
        return head + "".join(f"%{part[:2].lower()}{part[2:]}" for part in parts)
    return quote(decoded, safe=SAFE[way])


WAYS = [*SAFE, "strict-lower", "bare"]


@pytest.mark.parametrize("way", WAYS)
def test_names_never_seen_are_spelled_as_the_server_spells(way: str) -> None:
    spellings = Spellings()
    for name in ("a+b@é.ics", "x y:z.ics"):
        spellings.learn(name, spell(name, way))
    assert [spellings.of(name) for name in NAMES] == [spell(name, way) for name in NAMES]


@pytest.mark.parametrize("way", WAYS)
def test_case_13_every_known_way_is_kept_to_without_remembering_names(way: str) -> None:
    spellings = Spellings()
    many = [name.replace(".ics", f"-{number}.ics") for number in range(MOST) for name in NAMES]
    for name in many:
        spellings.learn(name, spell(name, way))
    assert [spellings.of(name) for name in many] == [spell(name, way) for name in many]


@given(st.lists(st.tuples(raw_names, st.sampled_from(WAYS)), max_size=20, unique_by=lambda one: one[0]))
@settings(max_examples=150, deadline=None)
def test_whatever_was_seen_lately_is_spelled_as_seen(seen: list[tuple[str, str]]) -> None:
    spellings, latest = Spellings(), dict[str, str]()
    for raw, way in seen:
        id_ = item_id(quote(raw, safe=""))
        encoded = quote(raw, safe=SAFE.get(way, ""))
        spellings.learn(id_, encoded)
        latest[id_] = encoded
    assert {id_: spellings.of(id_) for id_ in latest} == latest


def test_before_anything_is_seen_names_are_spelled_our_way() -> None:
    assert [Spellings().of(name) for name in NAMES] == [ours(name) for name in NAMES]


def test_an_odd_name_changes_nothing_for_the_others() -> None:
    spellings = Spellings()
    spellings.learn("a@b.ics", "a%40b.ics")
    spellings.learn("c@d.ics", "c@d.ics")
    spellings.learn("plain.ics", "pl%61in.ics")
    assert [spellings.of(name) for name in ("a@b.ics", "c@d.ics", "e@f.ics")] == ["a%40b.ics", "c@d.ics", "e%40f.ics"]
    assert spellings.of("plain.ics") == "pl%61in.ics"


def test_a_name_that_stops_being_odd_is_forgotten() -> None:
    spellings = Spellings()
    for encoded in ("pl%61in.ics", "plain.ics"):
        spellings.learn("plain.ics", encoded)
    assert spellings.of("plain.ics") == "plain.ics"


def test_of_odd_names_the_latest_are_remembered() -> None:
    spellings = Spellings()
    for number in range(MOST + 2):
        spellings.learn(f"n{number}", f"%6E{number}")
    spellings.learn("n2", "%6e2")
    spellings.learn("new", "%6Eew")
    assert [spellings.of(name) for name in ("n0", "n1", "n2", "n3", "n4")] == ["n0", "n1", "%6e2", "n3", "%6E4"]
    assert spellings.of("new") == "%6Eew"


@given(st.lists(raw_names, max_size=6), st.text(alphabet="ab/?#%é .@+", min_size=1, max_size=12))
@settings(max_examples=200, deadline=None)
def test_no_way_learned_leads_out_of_the_collection(bare: list[str], raw: str) -> None:
    folder = Folder("https://dav.example.org/u/cal/")
    folder.member("/u/cal/é x.ics")
    for name in bare:
        folder.member(f"/u/cal/{name}")
    id_ = item_id(quote(raw, safe=""))
    if raw in {".", ".."}:
        return
    href = folder.href(id_)
    assert "/" not in href.removeprefix("/u/cal/")
    assert folder.member(href) == id_
