"""What a folder may look like when somebody, or a power cut, was there: never a deletion."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from connectors import specimens
from connectors.base import ChangePage, Collection, Context, Endpoint, Failed, Item, ItemRef, Kind
from connectors.errors import CollectionGone, ConfigError, ItemRejected, Vanished
from connectors.testing import context
from connectors.vdir import listing
from connectors.vdir.place import Vdir

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.connectors.vdir.behind import VdirBackstage

GOOD = specimens.event("good")


@pytest.fixture
def home(backstage: VdirBackstage) -> str:
    """Return a collection with three whole events."""
    home = backstage.create(Kind.EVENT)
    for name in ("a", "b", "c"):
        backstage.add(home, name, specimens.event(name))
    return home


def read(backstage: VdirBackstage, home: str) -> list[ChangePage]:
    place, collection = backstage.open(home)
    return list(place.changes(collection, None))


def ids(pages: list[ChangePage], *, problems: bool = False) -> list[str]:
    return [change.ref.id for page in pages for change in page.changes if (change.problem is not None) is problems]


def age(path: Path, seconds: float) -> None:
    """Make a file look as if it was last written *seconds* ago."""
    stamp = path.stat().st_mtime_ns - int(seconds * 1e9)
    os.utime(path, ns=(stamp, stamp))


@pytest.mark.parametrize(
    "body",
    [b"", GOOD[: len(GOOD) // 2], b"BEGIN:VCALENDAR\r\nSUMMARY:\xff\xfe\r\n", b"\0" * 512],
    ids=["dav-35-empty", "dav-35-truncated", "dav-35-not-utf-8", "dav-35-zeros"],
)
def test_case_35_junk_is_present_and_handed_over_as_it_is(backstage: VdirBackstage, home: str, body: bytes) -> None:
    backstage.change(home, "b.ics", body)
    pages = read(backstage, home)
    assert ids(pages) == ["a.ics", "b.ics", "c.ics"]
    assert pages[-1].complete
    place, collection = backstage.open(home)
    (item,) = place.fetch(collection, [ItemRef("b.ics")])
    assert isinstance(item, Item)
    assert item.body == body


def test_case_35_unreadable_file_is_a_problem_when_fetched(
    backstage: VdirBackstage, home: str, unprivileged: Callable[[], AbstractContextManager[None]]
) -> None:
    (backstage.root / home / "b.ics").chmod(0)
    with unprivileged():
        assert ids(read(backstage, home)) == ["a.ics", "b.ics", "c.ics"]
        place, collection = backstage.open(home)
        a, b = place.fetch(collection, [ItemRef("a.ics"), ItemRef("b.ics")])
    assert isinstance(a, Item)
    assert isinstance(b, Failed)
    assert isinstance(b.error, ItemRejected)
    assert b.error.code == "unreadable"


def test_case_35_unreadable_folder_is_no_empty_listing(
    backstage: VdirBackstage, home: str, unprivileged: Callable[[], AbstractContextManager[None]]
) -> None:
    place, collection = backstage.open(home)
    (backstage.root / home).chmod(0)
    with unprivileged(), pytest.raises(ConfigError):
        list(place.changes(collection, None))
    with unprivileged():
        assert list(backstage.connect().collections()) == []


def test_case_35_unmounted_folder_is_gone_not_empty(backstage: VdirBackstage, home: str) -> None:
    place, collection = backstage.open(home)
    backstage.root.rename(backstage.root.with_name("elsewhere"))
    with pytest.raises(CollectionGone):
        list(place.changes(collection, None))
    with pytest.raises(ConfigError, match="not mounted"):
        list(place.collections())
    backstage.root.mkdir()  # the empty mount point
    with pytest.raises(CollectionGone):
        list(place.changes(collection, None))
    assert list(place.collections()) == []


def test_case_35_root_that_is_a_collection_is_gone_when_emptied(backstage: VdirBackstage) -> None:
    backstage.root.mkdir()
    (backstage.root / "a.ics").write_bytes(GOOD)
    place = backstage.connect()
    (collection,) = place.collections()
    assert (collection.id, collection.kind) == (".", Kind.EVENT)
    (page,) = place.changes(collection, None)
    assert [change.ref.id for change in page.changes] == ["a.ics"]
    (backstage.root / "a.ics").unlink()
    with pytest.raises(CollectionGone):
        list(place.changes(collection, None))


def test_case_35_folder_vanishing_during_the_listing_is_incomplete(backstage: VdirBackstage) -> None:
    home = backstage.create(Kind.EVENT)
    for number in range(listing.PAGE + 1):
        backstage.add(home, f"item-{number:04}", b"x")
    place, collection = backstage.open(home)
    pages = place.changes(collection, None)
    assert not next(pages).last
    (backstage.root / home).rename(backstage.root / "moved")
    (last,) = pages
    assert last.last
    assert not last.complete


def clocked(backstage: VdirBackstage, now: float) -> Vdir:
    ctx = context()
    return Vdir(
        Endpoint("vdir", root=str(backstage.root)),
        Context(http=None, stop=ctx.stop, clock=lambda: now, log=ctx.log, learned={}),
    )


@pytest.mark.parametrize(
    ("ago", "known"),
    [(0.0, False), (1.0, False), (1.999, False), (2.5, True), (3600.0, True), (-3600.0, False)],
    ids=["now", "dav-35-one-second", "almost-two", "settled", "old", "dav-35-clock-jump"],
)
def test_case_35_only_settled_files_have_a_revision(
    backstage: VdirBackstage,
    home: str,
    ago: float,
    known: bool,
) -> None:
    path = backstage.root / home / "b.ics"
    place = clocked(backstage, path.stat().st_mtime + ago)
    collection = next(each for each in place.collections() if each.id == home)
    (page,) = place.changes(collection, None)
    revision = {change.ref.id: change.ref.revision for change in page.changes}["b.ics"]
    assert (revision is not None) is known
    (item,) = place.fetch(collection, [ItemRef("b.ics")])
    assert item.ref.revision == revision


def test_case_35_edit_with_the_same_time_stamp_and_size_is_found(backstage: VdirBackstage, home: str) -> None:
    path = backstage.root / home / "b.ics"
    before = path.stat()
    place = clocked(backstage, before.st_mtime + 0.5)
    collection = next(each for each in place.collections() if each.id == home)
    (first,) = place.changes(collection, None)
    path.write_bytes(path.read_bytes().replace(b"Version 0", b"Version 9"))
    os.utime(path, ns=(before.st_mtime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino)
    # No stat can tell the two apart: so none was promised to.
    assert {change.ref.id: change.ref.revision for change in first.changes}["b.ics"] is None


def test_case_35_renamed_file_is_one_gone_and_one_new(backstage: VdirBackstage, home: str) -> None:
    (backstage.root / home / "b.ics").rename(backstage.root / home / "z.ics")
    pages = read(backstage, home)
    assert ids(pages) == ["a.ics", "c.ics", "z.ics"]
    assert pages[-1].complete


def test_case_35_two_files_with_one_uid_are_two_items(backstage: VdirBackstage, home: str) -> None:
    backstage.add(home, "twin", specimens.event("a"))
    assert ids(read(backstage, home)) == ["a.ics", "b.ics", "c.ics", "twin.ics"]


def test_a_file_replaced_by_another_program_has_another_revision(backstage: VdirBackstage, home: str) -> None:
    path = backstage.root / home / "b.ics"
    age(path, 100)
    place, collection = backstage.open(home)
    before = {ref.id: ref.revision for ref in place.inventory(collection)}
    other = path.with_suffix(".tmp")
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(path.stat().st_mtime_ns, path.stat().st_mtime_ns))
    other.rename(path)
    after = {ref.id: ref.revision for ref in place.inventory(collection)}
    assert [item for item in before if before[item] != after[item]] == ["b.ics"]


def test_what_is_no_plain_file_is_a_problem_never_absent(backstage: VdirBackstage, home: str) -> None:
    folder = backstage.root / home
    (folder / "dir.ics").mkdir()
    (folder / "link.ics").symlink_to(folder / "a.ics")
    (folder / "dangling.ics").symlink_to("/nowhere/at/all")
    os.mkfifo(folder / "pipe.ics")
    pages = read(backstage, home)
    assert ids(pages, problems=True) == ["dangling.ics", "dir.ics", "link.ics", "pipe.ics"]
    assert ids(pages) == ["a.ics", "b.ics", "c.ics"]
    assert pages[-1].complete
    place, collection = backstage.open(home)
    answers = list(place.fetch(collection, [ItemRef(item) for item in ids(pages, problems=True)]))
    assert len(answers) == 4
    assert all(isinstance(a, Failed) and isinstance(a.error, ItemRejected) for a in answers)
    assert {ref.id for ref in place.inventory(collection)} == {*ids(pages), *ids(pages, problems=True)}


def test_a_card_among_events_is_a_problem(backstage: VdirBackstage, home: str) -> None:
    backstage.add(home, "card", specimens.contact("card"))
    pages = read(backstage, home)
    (problem,) = [change.problem for page in pages for change in page.changes if change.problem]
    assert isinstance(problem, ItemRejected)
    assert problem.code == "other-kind"
    assert ids(pages, problems=True) == ["card.vcf"]


def test_an_undecodable_name_is_a_problem_with_a_printable_id(backstage: VdirBackstage, home: str) -> None:
    with open(os.fsencode(backstage.root / home) + b"/b\xe9.ics", "wb") as file:
        file.write(GOOD)
    pages = read(backstage, home)
    (bad,) = ids(pages, problems=True)
    assert bad.encode() == b"b\\xe9.ics"


def test_hidden_temporary_and_other_files_are_passed_over(backstage: VdirBackstage, home: str) -> None:
    for name in (".x.ics", "y.ics.tmp", "notes.txt", "color", "displayname", "z.ics~", ".wherry-1-ab-0.tmp"):
        (backstage.root / home / name).write_bytes(b"x")
    pages = read(backstage, home)
    assert ids(pages) == ["a.ics", "b.ics", "c.ics"]
    assert ids(pages, problems=True) == []


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 400, 401])
def test_pages_hold_two_hundred(backstage: VdirBackstage, count: int) -> None:
    home = backstage.create(Kind.EVENT)
    for number in range(count):
        backstage.add(home, f"item-{number:04}", b"x")
    pages = read(backstage, home)
    assert ids(pages) == [f"item-{number:04}.ics" for number in range(count)]
    assert [len(page.changes) for page in pages[:-1]] == [200] * (len(pages) - 1)
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert all(page.listing and page.complete and page.total == count for page in pages)


def test_a_file_deleted_while_it_is_listed_is_absent(backstage: VdirBackstage) -> None:
    home = backstage.create(Kind.EVENT)
    for number in range(201):
        backstage.add(home, f"item-{number:04}", b"x")
    place, collection = backstage.open(home)
    pages = place.changes(collection, None)
    next(pages)
    backstage.delete(home, "item-0200.ics")
    (last,) = pages
    assert last.changes == []
    assert last.complete


def test_a_folder_that_never_stands_still_is_incomplete(
    backstage: VdirBackstage, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, collection = backstage.open(home)
    folder, real, calls = backstage.root / home, os.scandir, []

    def busy(path: int) -> os._ScandirIterator[str]:
        found = real(path)
        calls.append(path)
        moment = (folder.stat().st_mtime_ns // 10**9 + len(calls)) * 10**9
        os.utime(folder, ns=(moment, moment))
        return found

    monkeypatch.setattr(os, "scandir", busy)
    (page,) = place.changes(collection, None)
    assert not page.complete
    assert len(calls) == 3


def test_a_vanished_file_is_said_to_be(backstage: VdirBackstage, home: str) -> None:
    place, collection = backstage.open(home)
    (answer,) = place.fetch(collection, [ItemRef("nothing.ics")])
    assert isinstance(answer, Failed)
    assert isinstance(answer.error, Vanished)


def test_a_collection_id_never_leads_out_of_the_root(backstage: VdirBackstage, home: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "s.ics").write_bytes(GOOD)
    (backstage.root / "link").symlink_to(secret)
    place, shown = backstage.open(home)
    for hostile in ("..", f"../../{tmp_path.name}/secret", str(secret), "link", f"{home}/..", "a\0b"):
        collection = Collection(hostile, Kind.EVENT, "x", media_types=shown.media_types)
        with pytest.raises((CollectionGone, ConfigError)):
            list(place.changes(collection, None))
        with pytest.raises((CollectionGone, ConfigError)):
            list(place.fetch(collection, [ItemRef("s.ics")]))
    assert "link" not in {collection.id for collection in place.collections()}
