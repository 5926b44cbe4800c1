"""Collections found, adopted or made at the destination (edge cases 24 and 38), and how they are described."""

from __future__ import annotations

import pytest

from connectors.base import Collection, Kind
from connectors.dav.creating import candidates, path_name
from connectors.dav.place import Dav
from connectors.errors import DestinationFull, ItemRejected, ReauthRequired
from simulators.davservers import DavServer
from tests.connectors.dav.behind import Bench, DavBackstage, context, http

WISH = Collection(
    "/far/work/",
    Kind.EVENT,
    "Wörk & <life>",
    slug="work",
    colour="#ff0000ff",
    description="All of it",
    order=3,
    timezone="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    components=frozenset({"VEVENT", "VTODO"}),
)
PEOPLE = Collection("/far/people/", Kind.CONTACT, "Péople", slug="people", description="Friends")


def test_a_calendar_is_made_with_its_properties(bench: Bench) -> None:
    made = bench.connect().ensure(WISH, None)
    assert (made.id, made.name, made.colour, made.description, made.order, made.components) == (
        "/dav/calendars/work/",
        WISH.name,
        WISH.colour,
        WISH.description,
        3,
        WISH.components,
    )
    shelf = bench.server.store.shelves[made.id]
    assert shelf.props["C:calendar-timezone"] == WISH.timezone
    assert bench.server.count("MKCALENDAR") == 1


def test_an_address_book_is_made_by_extended_mkcol(bench: Bench) -> None:
    made = bench.connect().ensure(PEOPLE, None)
    assert (made.id, made.kind, made.name, made.description) == (
        "/dav/contacts/people/",
        Kind.CONTACT,
        "Péople",
        "Friends",
    )
    assert bench.server.count("MKCOL") == 1


@pytest.mark.parametrize("wish", [WISH, PEOPLE], ids=["calendar", "contacts"])
def test_ensuring_again_makes_nothing(bench: Bench, wish: Collection) -> None:
    first = bench.connect().ensure(wish, None)
    for known in (None, first.id):
        assert bench.connect().ensure(wish, known).id == first.id
    assert bench.server.count("MKCALENDAR", "MKCOL") == 1


def test_a_collection_at_our_path_is_adopted(bench: Bench) -> None:
    shelf = bench.shelf(2)
    assert bench.connect().ensure(WISH, None).id == shelf.path
    assert bench.server.count("MKCALENDAR") == 0


def test_a_known_collection_is_used_wherever_it_is(bench: Bench) -> None:
    bench.shelf(0, "elsewhere")
    assert bench.connect().ensure(WISH, "/dav/calendars/elsewhere/").id == "/dav/calendars/elsewhere/"


def test_a_known_collection_that_is_gone_is_made_again_in_its_place(bench: Bench) -> None:
    assert bench.connect().ensure(WISH, "/dav/calendars/former/").id == "/dav/calendars/former/"


def test_case_24_one_that_is_too_narrow_is_passed_over(bench: Bench) -> None:
    bench.server.store.make("calendar", "work", components=("VTODO",))
    made = bench.connect().ensure(WISH, None)
    assert made.id != "/dav/calendars/work/"
    assert made.components == {"VEVENT", "VTODO"}


def test_two_sources_with_one_slug_stay_apart(bench: Bench) -> None:
    place = bench.connect()
    other = Collection("/far/WORK!/", Kind.EVENT, "Work", slug="WORK!")
    assert place.ensure(WISH, None).id != place.ensure(other, None).id
    assert place.ensure(WISH, None).id == "/dav/calendars/work/"


def test_the_collection_the_user_named_is_used(bench: Bench) -> None:
    bench.shelf(0, "chosen")
    bench.shelf(0, "other")
    assert bench.connect(path="chosen").ensure(WISH, None).id == "/dav/calendars/chosen/"
    assert bench.connect(path="new").ensure(WISH, None).id == "/dav/calendars/new/"


def test_a_place_that_is_one_collection_is_that_one(bench: Bench) -> None:
    bench.shelf(0, "only")
    place = bench.connect(url=f"{bench.server.url}dav/calendars/only/")
    assert place.ensure(WISH, None).id == "/dav/calendars/only/"
    with pytest.raises(ItemRejected):
        place.ensure(PEOPLE, None)


@pytest.mark.parametrize(
    ("refused", "props"),
    [
        (("MKCOL",), ()),
        (("MKCALENDAR",), ()),
        ((), ("I:calendar-color",)),
        (("MKCOL",), ("D:displayname",)),
        (("MKCALENDAR",), ("C:calendar-timezone",)),
    ],
    ids=["only-mkcalendar", "only-mkcol", "no-colour", "no-properties", "mkcol-without-timezone"],
)
def test_case_38_servers_are_asked_until_one_way_works(
    bench: Bench, refused: tuple[str, ...], props: tuple[str, ...]
) -> None:
    bench.server.faults.switch("mk-refused", refused)
    bench.server.faults.switch("mk-props", props)
    made = bench.connect().ensure(WISH, None)
    assert made.id == "/dav/calendars/work/"
    assert made.name == WISH.name


def test_case_38_a_server_that_makes_none_says_why(bench: Bench) -> None:
    bench.server.faults.switch("mk-refused", ("MKCOL", "MKCALENDAR"))
    with pytest.raises(ItemRejected) as caught:
        bench.connect().ensure(WISH, None)
    assert caught.value.code == "cannot-create"


def test_case_38_a_collection_shown_late_can_be_used(bench: Bench) -> None:
    bench.server.faults.switch("mk-late", 3)
    made = bench.connect().ensure(WISH, None)
    assert (made.id, made.name) == ("/dav/calendars/work/", WISH.name)


@pytest.mark.parametrize(("status", "error"), [(507, DestinationFull), (401, ReauthRequired)])
def test_refusals_that_mean_more_are_said(bench: Bench, status: int, error: type[Exception]) -> None:
    bench.server.faults.switch("status", (status, {}, b"", ["MKCALENDAR", "MKCOL"]))
    with pytest.raises(error):
        bench.connect().ensure(WISH, None)


def test_kinds_that_are_not_for_this_place_are_refused(bench: Bench) -> None:
    with pytest.raises(ItemRejected):
        bench.connect(kind="caldav").ensure(PEOPLE, None)


@pytest.mark.parametrize("wish", [WISH, PEOPLE], ids=["calendar", "contacts"])
def test_real_servers_make_and_keep_collections(real: DavServer, wish: Collection) -> None:
    there = Dav(DavBackstage(real, wish.kind, "x").endpoint, context(http(real.url)))
    made = there.ensure(wish, None)
    assert (made.name, made.kind) == (wish.name, wish.kind)
    assert there.ensure(wish, made.id).id == made.id
    assert made.id in {one.id for one in there.collections()}


@pytest.mark.parametrize(
    ("slug", "name", "path"),
    [
        ("work", "x", "work"),
        ("Wörk & Life", "x", "work-life"),
        ("../../etc", "x", "etc"),
        ("", "My Calendar", "my-calendar"),
        ("", "", "calendar"),
        ("x" * 200, "x", "x" * 60),
    ],
)
def test_paths_are_plain(slug: str, name: str, path: str) -> None:
    assert path_name(Collection("/s/", Kind.EVENT, name, slug=slug)) == path


def test_names_in_other_scripts_get_a_path_of_their_own() -> None:
    one, other = (path_name(Collection("/s/", Kind.CONTACT, name)) for name in ("日本語", "中文"))
    assert one.startswith("contacts-")
    assert one != other
    assert len(set(candidates(WISH))) == 2


def test_collections_are_described(bench: Bench) -> None:
    shelf = bench.server.store.make("calendar", "w%k ä", displayname=" Täsks ", components=("VTODO",))
    shelf.props |= {"I:calendar-color": "#00FF00FF", "I:calendar-order": "7", "C:calendar-description": "d"}
    bench.server.store.make("contacts", "people")
    contact, event = sorted(bench.connect().collections(), key=lambda one: one.kind)
    assert (event.id, event.name, event.slug) == ("/dav/calendars/w%25k%20%C3%A4/", "Täsks", "w%25k%20%C3%A4")
    assert (event.colour, event.order, event.description) == ("#00FF00FF", 7, "d")
    assert event.components == {"VTODO"}
    assert (event.media_types, contact.media_types) == (("text/calendar",), ("text/vcard;version=3.0",))
    assert event.writable
    assert contact.components == {"VCARD"}


@pytest.mark.parametrize("path", ["work", "/dav/calendars/work/", "/dav/calendars/work", "Work at home"])
def test_one_collection_is_selected_by_id_slug_or_name(bench: Bench, path: str) -> None:
    bench.server.store.make("calendar", "work", displayname="Work at home")
    bench.server.store.make("calendar", "other")
    assert [one.slug for one in bench.connect(path=path).collections()] == ["work"]


def test_case_32_read_only_collections_are_marked(bench: Bench) -> None:
    bench.shelf(1)
    bench.server.faults.switch("read-only")
    assert [one.writable for one in bench.connect().collections()] == [False]
