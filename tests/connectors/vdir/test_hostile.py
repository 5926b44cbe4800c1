"""Whatever names the far side sends: nothing outside the root, no item in another's file."""

from __future__ import annotations

import os
import shutil
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.base import Collection, Endpoint, Item, ItemRef, Kind, Put, Result
from connectors.errors import CollectionGone, ConfigError
from connectors.specimens import HOSTILE_NAMES
from connectors.testing import context
from connectors.vdir.place import Vdir
from tests.connectors.vdir.conftest import MEMORY

PIECES = ["..", ".", "/", "\\", "\0", "~", "a", "A", "CON", "\u202e", "é", "e\u0301", "%2e", " ", "\n", ":", ".ics"]
HOSTILE = st.one_of(
    st.sampled_from([*HOSTILE_NAMES, "....//....//x", "..%2f..", "a/./b", "aux.ics", "x" * 255, "\udcff"]),
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.text(max_size=30),
)


def everything(top: Path) -> set[str]:
    """Return every path below *top*, as bytes would show them."""
    return {
        os.path.relpath(os.path.join(base, name), top) for base, dirs, files in os.walk(top) for name in dirs + files
    }


@settings(max_examples=60)
@given(
    collection=HOSTILE, items=st.lists(st.tuples(HOSTILE, HOSTILE), min_size=1, max_size=8, unique_by=lambda i: i[0])
)
def test_hostile_names_stay_inside_and_apart(collection: str, items: list[tuple[str, str]]) -> None:
    top = Path(tempfile.mkdtemp(dir=MEMORY))
    try:
        root = top / "a" / "root"
        root.parent.mkdir()
        place = Vdir(Endpoint("vdir", root=str(root)), context())
        home = place.ensure(Collection(collection, Kind.EVENT, collection, slug=collection), None)
        batch = [
            Put(key, Item(ItemRef(key), "text/calendar", f"body of {number}".encode(), name))
            for number, (key, name) in enumerate(items)
        ]
        receipts = list(place.put(home, batch))
        assert {receipt.result for receipt in receipts} == {Result.CREATED}
        stored = {receipt.key: receipt.target.id for receipt in receipts if receipt.target}
        folded = {unicodedata.normalize("NFC", name).casefold() for name in stored.values()}
        assert len(folded) == len(items)
        for number, (key, _) in enumerate(items):
            assert (root / home.id / stored[key]).read_text() == f"body of {number}"
        files = {f"a/root/{home.id}/{name}" for name in stored.values()}
        metadata = {f"a/root/{home.id}/{name}" for name in (".wherry.json", "displayname")}
        assert everything(top) <= {"a", "a/root", f"a/root/{home.id}"} | files | metadata
        again = Vdir(Endpoint("vdir", root=str(root)), context())
        assert {receipt.result for receipt in again.put(home, batch)} == {Result.UNCHANGED}
    finally:
        shutil.rmtree(top)


@settings(max_examples=60)
@given(collection=HOSTILE, ids=st.lists(HOSTILE, max_size=6))
def test_hostile_ids_reach_nothing_outside(collection: str, ids: list[str]) -> None:
    top = Path(tempfile.mkdtemp(dir=MEMORY))
    try:
        (top / "secret.ics").write_text("secret")
        place = Vdir(Endpoint("vdir", root=str(top / "root")), context())
        home = place.ensure(Collection("/far/", Kind.EVENT, "Home"), None)
        before = everything(top)
        refs = [ItemRef(name) for name in [*ids, "../secret.ics", "../../secret.ics", str(top / "secret.ics")]]
        for shown in (home, Collection(collection, Kind.EVENT, "x"), Collection("..", Kind.EVENT, "x")):
            for act in (_fetch, _update, _remove):
                assert b"secret" not in act(place, shown, refs)
        assert everything(top) == before
        assert (top / "secret.ics").read_text() == "secret"
    finally:
        shutil.rmtree(top)


def _tolerant(act: Callable[[], list[bytes]]) -> list[bytes]:
    """Return what *act* reached; a collection that is none reaches nothing."""
    try:
        return act()
    except (CollectionGone, ConfigError):
        return []


def _fetch(place: Vdir, home: Collection, refs: list[ItemRef]) -> list[bytes]:
    return _tolerant(lambda: [answer.body for answer in place.fetch(home, refs) if isinstance(answer, Item)])


def _update(place: Vdir, home: Collection, refs: list[ItemRef]) -> list[bytes]:
    batch = [Put("k", Item(ref, "text/calendar", b"evil"), ref) for ref in refs]
    return _tolerant(lambda: [receipt.stored or b"" for receipt in place.put(home, batch)])


def _remove(place: Vdir, home: Collection, refs: list[ItemRef]) -> list[bytes]:
    return _tolerant(lambda: [receipt.stored or b"" for receipt in place.remove(home, refs)])
