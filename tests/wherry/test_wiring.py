from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from connectors.base import (
    Account as Who,
)
from connectors.base import (
    ChangePage,
    Collection,
    Cursor,
    Destination,
    Failed,
    Item,
    ItemRef,
    Kind,
    Manifest,
    Place,
    Source,
)
from connectors.errors import ConfigError, ReauthRequired, UnsafeAddress
from connectors.vdir.place import Vdir
from oauth.authorizers import Basic, Bearer, Digest, Guess
from oauth.secret import Secret
from sync_engine.model import JobKind, JobSpec
from tests.wherry.conftest import make_pim
from wherry.narrowing import NarrowedSource, choose
from wherry.settings import Account, Settings, read_settings
from wherry.signing import bound_to, make_authorizer
from wherry.wiring import Wiring

WORK = Collection("id-1", Kind.EVENT, "Work", slug="work")
FRIENDS = Collection("id-2", Kind.CONTACT, "Friends", slug="friends")


class Shelf:
    """A source with two collections that counts how often it is asked and says when it is closed."""

    manifest: ClassVar[Manifest] = Manifest("shelf", "Shelf", reads=frozenset(Kind))

    def __init__(self, trouble: Exception | None = None) -> None:
        self.asked = 0
        self.closed = 0
        self.thread = ""
        self.trouble = trouble

    def check(self) -> Who:
        return Who("me")

    def collections(self) -> Iterator[Collection]:
        self.asked += 1
        self.thread = threading.current_thread().name
        if self.trouble is not None:
            raise self.trouble
        yield from (WORK, FRIENDS)

    def changes(self, collection: Collection, cursor: Cursor | None) -> Iterator[ChangePage]:
        yield ChangePage([], cursor=cursor, last=True, total=len(collection.id))

    def fetch(self, collection: Collection, refs: Sequence[ItemRef]) -> Iterator[Item | Failed]:
        for ref in refs:
            yield Item(ref, "text/calendar", collection.id.encode())

    def inventory(self, collection: Collection) -> Iterator[ItemRef]:
        yield ItemRef(collection.id)

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (frozenset[str](), [WORK, FRIENDS]),
        (frozenset({"Work"}), [WORK]),
        (frozenset({"work"}), [WORK]),
        (frozenset({"id-2"}), [FRIENDS]),
        (frozenset({"Work", "friends"}), [WORK, FRIENDS]),
    ],
)
def test_collections_are_chosen_by_id_slug_or_name(names: frozenset[str], found: list[Collection]) -> None:
    assert list(choose([WORK, FRIENDS], names)) == found


def test_a_name_that_chooses_nothing_is_an_error_with_advice() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'Friends'"):
        list(choose([WORK, FRIENDS], frozenset({"Work", "Freinds"})))


def test_a_narrowed_source_is_a_source_and_no_destination() -> None:
    shelf = Shelf()
    seen: object = NarrowedSource(shelf, names=frozenset({"Work"}))
    assert isinstance(seen, Place)
    assert isinstance(seen, Source)
    assert not isinstance(seen, Destination)
    narrowed = NarrowedSource(shelf, names=frozenset({"Work"}))
    assert narrowed.manifest is shelf.manifest
    assert narrowed.check() == Who("me")
    assert list(narrowed.collections()) == [WORK]
    assert list(narrowed.inventory(WORK)) == [ItemRef("id-1")]
    assert [page.last for page in narrowed.changes(WORK, None)] == [True]
    assert list(narrowed.fetch(WORK, [ItemRef("x")])) == [Item(ItemRef("x"), "text/calendar", b"id-1")]


def spec(source: str, destination: str, **options: str) -> JobSpec:
    return JobSpec(JobKind.BACKUP, source, destination, mirror=True, options=options)


@pytest.fixture
def settings(home: Path) -> Settings:
    (home / "settings.toml").write_text('[accounts.home]\nkind = "dav"\nurl = "https://dav.invalid/"\nusername = "a"\n')
    return read_settings({"WHERRY_HOME": str(home)})


def test_folders_are_opened(settings: Settings, tmp_path: Path) -> None:
    pim = make_pim(tmp_path / "pim")
    wiring = Wiring(settings)
    job = spec(f"vdir:{pim}", f"vdir:{tmp_path}/copy", only="event")
    source = wiring.open_place(job.source, job, {})
    destination = wiring.open_place(job.destination, job, {})
    assert [collection.name for collection in source.collections()] == ["Work"]
    assert isinstance(destination, Vdir)
    assert not isinstance(source, Vdir)
    wiring.close()


@pytest.mark.parametrize(
    ("source", "error", "words"),
    [
        ("dav:home", ReauthRequired, "no access to 'home'"),
        ("dav:gone", ConfigError, "'gone'"),
        ("nonsense:x", ConfigError, "nonsense"),
    ],
)
def test_what_cannot_be_opened_is_said_in_the_engines_words(
    settings: Settings, source: str, error: type[Exception], words: str
) -> None:
    wiring = Wiring(settings)
    job = spec(source, "vdir:/nowhere")
    with pytest.raises(error, match=words):
        wiring.open_place(source, job, {})
    wiring.close()


@pytest.mark.parametrize(("auth", "kind"), [("basic", Basic), ("digest", Digest), ("bearer", Bearer), ("guess", Guess)])
def test_each_way_to_sign_in(auth: str, kind: type) -> None:
    account = Account("home", "dav", "https://dav.example.org/x/", "ana", auth=auth)
    signer = make_authorizer(account, Secret("s"))
    assert type(signer) is kind
    assert signer.origins == frozenset({"https://dav.example.org:443"})
    assert signer.headers("GET", "https://evil.example.org/") == {}


def test_a_secret_is_not_bound_to_nonsense() -> None:
    with pytest.raises(UnsafeAddress):
        make_authorizer(Account("home", "dav", "ftp://x/", "ana"), Secret("s"))


@pytest.mark.parametrize(
    ("url", "bound"),
    [
        ("https://dav.example.org/a/", ("https://dav.example.org",)),
        ("http://10.0.0.2:5232/", ("http://10.0.0.2:5232",)),
        ("https://caldav.icloud.com/", ("https://caldav.icloud.com", "https://*.icloud.com")),
        ("https://icloud.com", ("https://icloud.com", "https://*.icloud.com")),
        ("https://noticloud.com/", ("https://noticloud.com",)),
        ("dav.example.org", ("https://dav.example.org",)),
        ("https://people.googleapis.com/", ("https://people.googleapis.com/", "https://www.googleapis.com/")),
        ("https://www.googleapis.com/", ("https://people.googleapis.com/", "https://www.googleapis.com/")),
        ("https://lh3.googleusercontent.com/", ("https://lh3.googleusercontent.com",)),
    ],
)
def test_where_a_secret_may_be_sent(url: str, bound: tuple[str, ...]) -> None:
    assert bound_to(url) == bound
