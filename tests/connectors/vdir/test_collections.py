"""Which folders are collections, what they say of themselves, and how they are made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from connectors import specimens
from connectors.base import Collection, Endpoint, Kind
from connectors.errors import ConfigError, ItemRejected
from connectors.testing import context
from connectors.vdir.place import Vdir

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.connectors.vdir.behind import VdirBackstage

EVENTS, CONTACTS = frozenset({Kind.EVENT}), frozenset({Kind.CONTACT})


def place(root: Path, path: str = "", kinds: frozenset[Kind] = frozenset()) -> Vdir:
    return Vdir(Endpoint("vdir", root=str(root), path=path, kinds=kinds), context())


def folder(root: Path, name: str, **files: str) -> Path:
    """Make a folder; ``a_ics="..."`` makes the file ``a.ics``."""
    home = root / name
    home.mkdir(parents=True)
    for file, text in files.items():
        (home / file.replace("_", ".")).write_text(text, encoding="utf-8")
    return home


def wish(number: int = 1, kind: Kind = Kind.EVENT, **more: object) -> Collection:
    return Collection(f"/far/{number}/", kind, str(more.get("name", "Home")), slug=str(more.get("slug", "home")))


def found(here: Vdir) -> dict[str, Kind]:
    return {collection.id: collection.kind for collection in here.collections()}


def test_the_kind_shows_in_the_endings(top: Path) -> None:
    folder(top, "cal", a_ics="x")
    folder(top, "people", a_vcf="x")
    folder(top, "mixed", a_vcf="x", b_vcf="x", c_ics="x")
    folder(top, "loud", A_ICS="x")
    folder(top, "notes", readme_txt="x")
    folder(top, "empty")
    folder(top, ".git", a_ics="x")
    (top / "stray.txt").write_text("x")
    assert found(place(top)) == {
        "cal": Kind.EVENT,
        "loud": Kind.EVENT,
        "mixed": Kind.CONTACT,
        "people": Kind.CONTACT,
    }


def test_the_endpoint_narrows_by_kind_and_path(top: Path) -> None:
    folder(top, "cal", a_ics="x", displayname="My Calendar")
    folder(top, "people", a_vcf="x")
    folder(top, "empty")
    assert found(place(top, kinds=CONTACTS)) == {"people": Kind.CONTACT, "empty": Kind.CONTACT}
    assert found(place(top, path="cal")) == {"cal": Kind.EVENT}
    assert found(place(top, path="/cal/")) == {"cal": Kind.EVENT}
    assert found(place(top, path="My Calendar")) == {"cal": Kind.EVENT}
    assert found(place(top, path="cal", kinds=CONTACTS)) == {}
    with pytest.raises(ConfigError, match="nothing-here"):
        found(place(top, path="nothing-here"))


def test_a_root_with_items_is_a_collection_beside_its_folders(top: Path) -> None:
    (top / "a.vcf").write_text("x")
    folder(top, "cal", a_ics="x")
    assert found(place(top)) == {".": Kind.CONTACT, "cal": Kind.EVENT}
    assert found(place(top, path=".")) == {".": Kind.CONTACT}


def test_metadata_is_read(top: Path) -> None:
    folder(top, "cal", a_ics="x", displayname="Räder\n", color="#12abEF\n", description="Two\nlines", order="-3")
    (collection,) = place(top).collections()
    assert (collection.name, collection.colour, collection.description, collection.order) == (
        "Räder",
        "#12abEF",
        "Two\nlines",
        -3,
    )


@pytest.mark.parametrize("colour", ["red", "#FFF", "#GGGGGG", "", "#112233445566", "x" * 100_000])
@pytest.mark.parametrize("order", ["first", "", "1.5", "9" * 50])
def test_metadata_that_makes_no_sense_is_left_out(top: Path, colour: str, order: str) -> None:
    folder(top, "cal", a_ics="x", color=colour, order=order)
    (collection,) = place(top).collections()
    assert (collection.name, collection.colour, collection.order) == ("cal", None, None)


def test_metadata_that_is_no_file_or_no_text_does_no_harm(top: Path) -> None:
    home = folder(top, "cal", a_ics="x")
    (home / "displayname").mkdir()
    (home / "color").symlink_to("/etc/hostname")
    (home / "description").write_bytes(b"caf\xe9")
    (home / ".wherry.json").write_text("{broken")
    (collection,) = place(top).collections()
    assert (collection.name, collection.colour, collection.description) == ("cal", None, "caf\ufffd")


@pytest.mark.parametrize("note", ["[]", "7", '{"kind": "event"}', '{"source": "x", "kind": "submarine"}', "null"])
def test_a_note_we_cannot_read_is_no_note(top: Path, note: str) -> None:
    home = folder(top, "empty")
    (home / ".wherry.json").write_text(note)
    assert found(place(top)) == {}


def test_check_says_where_and_how_much_room(top: Path) -> None:
    account = place(top).check()
    assert (account.name, account.writable) == (str(top), True)
    assert account.free is not None
    assert account.free > 0


def test_check_of_a_folder_still_to_be_made(top: Path) -> None:
    assert place(top / "new" / "deeper").check().writable
    assert not (top / "new").exists()


def test_check_of_what_is_no_folder(top: Path) -> None:
    (top / "file").write_text("x")
    for path in (top / "file", top / "file" / "below"):
        with pytest.raises(ConfigError):
            place(path).check()
    with pytest.raises(ConfigError):
        list(place(top / "file").collections())


def test_check_of_a_folder_that_may_not_be_written(
    top: Path, unprivileged: Callable[[], AbstractContextManager[None]]
) -> None:
    (top / "root").mkdir()
    with unprivileged():
        # access(2) asks for the real user, who may be root here: the answer may only be too hopeful.
        assert place(top / "root").check().name == str(top / "root")


def test_a_place_needs_a_folder() -> None:
    with pytest.raises(ConfigError):
        Vdir(Endpoint("vdir"), context())


def test_ensure_makes_folder_metadata_and_note(top: Path) -> None:
    source = Collection("/far/", Kind.EVENT, "Räder", "raeder", colour="#112233FF", description="d", order=4)
    made = place(top / "new").ensure(source, None)
    home = top / "new" / "raeder"
    files = {path.name: path.read_text() for path in home.iterdir()}
    assert json.loads(files.pop(".wherry.json")) == {"v": 1, "source": "/far/", "kind": "event"}
    assert files == {"displayname": "Räder", "color": "#112233", "description": "d", "order": "4"}
    assert (made.id, made.name, made.colour, made.kind) == ("raeder", "Räder", "#112233", Kind.EVENT)
    assert made.media_types == ("text/calendar",)


def test_ensure_follows_changed_metadata_and_keeps_the_users_own(top: Path) -> None:
    here = place(top)
    made = here.ensure(Collection("/far/", Kind.EVENT, "Old", "home", colour="#000000"), None)
    (top / "home" / "description").write_text("mine")
    again = here.ensure(Collection("/far/", Kind.EVENT, "New", "home", colour="red"), made.id)
    assert (again.id, again.name, again.colour, again.description) == ("home", "New", "#000000", "mine")


def test_an_empty_collection_made_by_ensure_is_found_again(top: Path) -> None:
    place(top).ensure(wish(kind=Kind.CONTACT), None)
    assert found(place(top)) == {"home": Kind.CONTACT}


def test_an_unmarked_folder_of_the_same_name_is_left_alone(top: Path) -> None:
    folder(top, "Home", a_ics="x")
    assert place(top).ensure(wish(), None).id == "home-2"
    folder(top, "other")
    assert place(top).ensure(wish(2, slug="other"), None).id == "other"


def test_a_file_of_the_same_name_is_left_alone(top: Path) -> None:
    (top / "home").write_text("x")
    assert place(top).ensure(wish(), None).id == "home-2"


def test_the_folder_the_user_names_is_taken(top: Path) -> None:
    folder(top, "mine", a_ics="x")
    here = place(top, path="mine")
    assert here.ensure(wish(), None).id == "mine"
    assert here.ensure(wish(), None).id == "mine"
    with pytest.raises(ItemRejected, match="folder-taken"):
        here.ensure(wish(2), None)
    with pytest.raises(ItemRejected):
        place(top, path="mine").ensure(wish(kind=Kind.CONTACT), None)
    assert place(top, path="new").ensure(wish(3), None).id == "new"


@pytest.mark.parametrize("path", ["../out", "a/b", "..", ".hidden"])
def test_a_path_that_is_no_folder_name_is_refused(top: Path, path: str) -> None:
    root = top / "root"
    with pytest.raises(ConfigError):
        place(root, path=path).ensure(wish(), None)
    assert [entry.name for entry in top.rglob("*")] == ["root"]


def test_a_folder_with_items_of_another_kind_is_refused(top: Path) -> None:
    folder(top, "mine", a_vcf=specimens.contact("a").decode())
    with pytest.raises(ItemRejected):
        place(top, path="mine").ensure(wish(), "mine")
    assert [entry.name for entry in (top / "mine").iterdir()] == ["a.vcf"]


def test_a_known_collection_is_made_again_when_its_folder_was_deleted(top: Path) -> None:
    here = place(top)
    assert here.ensure(wish(), "home-7").id == "home-7"
    assert (top / "home-7").is_dir()


def test_an_unmounted_destination_is_not_filled_up(top: Path) -> None:
    with pytest.raises(ConfigError, match="not mounted"):
        place(top / "usb" / "backup").ensure(wish(), "home")
    assert list(top.iterdir()) == []


@pytest.mark.parametrize("known", ["../out", "a/b", "", "..", ".x"])
def test_a_known_id_that_is_none_leads_nowhere(top: Path, known: str) -> None:
    (top / "root").mkdir()
    assert place(top / "root").ensure(wish(), known).id == "home"
    assert [entry.name for entry in top.iterdir()] == ["root"]


@pytest.mark.parametrize("kind", [Kind.MESSAGE, Kind.FILE])
def test_mail_and_files_are_refused(top: Path, kind: Kind) -> None:
    with pytest.raises(ItemRejected):
        place(top).ensure(wish(kind=kind), None)


def test_temporary_files_of_dead_processes_are_swept(backstage: VdirBackstage) -> None:
    here = backstage.connect()
    home = here.ensure(wish(), None)
    path = backstage.root / home.id
    dead = path / ".wherry-4194305-0a1b2c3d-0.tmp"  # above the largest process number there can be
    alive = path / ".wherry-1-0a1b2c3d-0.tmp"
    others = [path / ".other.tmp", path / "x.tmp", path / ".wherry-x-1-0.tmp"]
    for each in (dead, alive, *others):
        each.write_text("x")
    backstage.connect().ensure(wish(), None)
    assert not dead.exists()
    assert alive.exists()
    assert all(each.exists() for each in others)
