"""A login page in front of everything is a passing fault, a mistyped address is not (cases 09 and 37)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.base import Endpoint
from connectors.dav.place import Dav
from connectors.errors import (
    CollectionGone,
    ConfigError,
    ConnectorError,
    CursorExpired,
    ItemRejected,
    NotTheService,
    ReauthRequired,
    Throttled,
    Transient,
    UnsafeAddress,
    UnsafeRedirect,
    Vanished,
)
from connectors.guard import Guard
from connectors.http import Http
from simulators.dav_answers import PORTALS, error
from simulators.dav_auth import Login
from simulators.faulty_dav import FaultyDav
from tests.connectors.dav.behind import OPENED, QUICK, Bench, context
from wherry.exits import Exit
from wherry.explain import explain

if TYPE_CHECKING:
    from collections.abc import Iterator

HTML = ("text/html; charset=utf-8", "<!DOCTYPE html><html><body><form action=/login>")
REFUSALS = [400, 403, 404, 405, 410, 501]
"""What web servers answer a PROPFIND they do not know."""


@pytest.fixture
def two(bench: Bench) -> Bench:
    bench.server.store.make("calendar", "work")
    bench.server.store.make("contacts", "people")
    return bench


@pytest.fixture
def elsewhere() -> Iterator[FaultyDav]:
    """Run the host of a login page. Another name than the server's, though the same machine."""
    with FaultyDav() as server:
        yield server


def away(server: FaultyDav, path: str = "login") -> str:
    """Return the address of *server* by another name than the tests' servers go by."""
    return f"{server.url.replace('127.0.0.1', 'localhost')}{path}"


def trouble(bench: Bench, path: str = "", *, kind: str = "dav") -> ConnectorError:
    """Return what listing the collections raises at an address of the bench's server."""
    with pytest.raises(ConnectorError) as raised:
        list(bench.connect(url=bench.server.url + path, kind=kind).collections())
    return raised.value


def passing(error_: ConnectorError) -> bool:
    """Say whether a person is told to come back, and that something else answered."""
    row = explain(error_)
    return isinstance(error_, NotTheService) and row.exit_code is Exit.TEMPORARY and "login page" in row.what_to_do


@pytest.mark.parametrize("portal", sorted(PORTALS.keys() - {"nothing"}))
@pytest.mark.parametrize("path", ["", "dav/principal/", "dav/calendars/work/", "no/such/path"])
def test_case_09_a_page_in_place_of_every_answer_is_passing(two: Bench, portal: str, path: str) -> None:
    two.server.faults.switch("portal", portal)
    assert passing(trouble(two, path))
    two.server.faults.mend()
    assert list(two.connect().collections())


@pytest.mark.parametrize("kind", ["dav", "caldav", "carddav"])
def test_case_09_it_says_where_nobody_answered(two: Bench, kind: str) -> None:
    two.server.faults.switch("portal", "html")
    assert two.server.url in trouble(two, kind=kind).detail


@pytest.mark.parametrize("status", [200, 400, 403, 405, 406, 418, 501])
def test_case_09_a_gate_on_the_same_host_is_passing(two: Bench, status: int) -> None:
    two.server.faults.switch("gate", (status, *HTML))
    found = trouble(two)
    assert explain(found).exit_code is Exit.TEMPORARY
    assert isinstance(found, Transient)
    two.server.faults.mend()
    assert list(two.connect().collections())


@pytest.mark.parametrize("status", [200, 204, 207, 301, 400, 403, 404, 405, 410, 412, 418, 501])
def test_case_09_a_gate_on_another_host_is_passing(two: Bench, elsewhere: FaultyDav, status: int) -> None:
    elsewhere.faults.switch("status", (status, {"Content-Type": HTML[0]}, HTML[1].encode()))
    two.server.faults.switch("status", (302, {"Location": away(elsewhere)}, b""))
    found = trouble(two)
    assert isinstance(found, Transient)
    assert explain(found).exit_code is Exit.TEMPORARY
    assert elsewhere.requests
    assert not [one for one in elsewhere.requests if "Authorization" in one.headers]
    two.server.faults.mend()
    assert list(two.connect().collections())


@pytest.mark.parametrize(
    "location",
    ["http://169.254.169.254/login", "http://10.0.0.1:1/login", "http://login.example/", "file:///etc/passwd"],
)
def test_case_09_a_gate_at_an_address_that_is_not_safe_is_passing_and_not_asked(two: Bench, location: str) -> None:
    two.server.faults.switch("status", (302, {"Location": location}, b""))
    OPENED.append(Http(guard=Guard(allow_private=True, allow_http=True, resolver=nobody), retry=QUICK))
    with pytest.raises(Transient) as raised:
        list(Dav(Endpoint("dav", url=two.server.url), context(OPENED[-1])).collections())
    assert explain(raised.value).exit_code is Exit.TEMPORARY


def nobody(host: str, _port: int) -> list[str]:
    """Resolve the server's own name and nothing else."""
    return ["127.0.0.1"] if host == "127.0.0.1" else ["93.184.216.34"]


def test_case_09_an_unsafe_redirect_says_that_nobody_was_asked(two: Bench) -> None:
    two.server.faults.switch("status", (302, {"Location": "http://169.254.169.254/latest/"}, b""))
    found = trouble(two)
    assert isinstance(found, UnsafeRedirect)
    assert "nobody was asked" in explain(found).title


def test_case_37_an_address_that_is_not_safe_itself_stays_the_users_to_mend() -> None:
    OPENED.append(Http(guard=Guard(), retry=QUICK))
    with pytest.raises(UnsafeAddress) as raised:
        list(Dav(Endpoint("dav", url="https://127.0.0.1:1/"), context(OPENED[-1])).collections())
    assert explain(raised.value).exit_code is Exit.USAGE


@pytest.mark.parametrize("body", [b"", HTML[1].encode(), b"<?xml version='1.0'?><login/>"])
def test_case_09_a_network_that_says_so_is_believed(two: Bench, body: bytes) -> None:
    """RFC 6585 section 6: the status made for captive portals."""
    two.server.faults.switch("status", (511, {"Content-Type": HTML[0]}, body))
    assert passing(trouble(two))
    two.server.faults.mend()
    place = two.connect()
    collection = next(place.collections())
    two.server.faults.switch("status", (511, {}, body))
    with pytest.raises(NotTheService):
        list(place.changes(collection, None))


@pytest.mark.parametrize("status", REFUSALS)
def test_case_37_a_server_that_has_no_calendars_is_the_users_to_mend(bench: Bench, status: int) -> None:
    bench.server.faults.switch("status", (status, {"Content-Type": HTML[0]}, HTML[1].encode()))
    found = trouble(bench)
    assert isinstance(found, ConfigError)
    assert explain(found).exit_code is Exit.USAGE
    assert bench.server.url in found.detail


def test_case_37_a_dav_server_without_calendars_is_the_users_to_mend(bench: Bench) -> None:
    bench.server.faults.switch("no-principal")
    found = trouble(bench)
    assert isinstance(found, ConfigError)
    assert "no calendars" in found.detail


@pytest.mark.parametrize("refusal", [404, 405])
def test_case_37_a_web_site_with_a_page_for_visitors_is_the_users_to_mend(bench: Bench, refusal: int) -> None:
    """It answers a page to whoever asks for its root, but it does say that there is no CalDAV."""
    page = {"Content-Type": HTML[0]}
    bench.server.faults.switch("status", (200, page, HTML[1].encode()), times=1)
    for url in ("", "somewhere"):
        place = bench.connect(url=bench.server.url + url)
        bench.server.faults.switch("well-known", refusal)
        bench.server.faults.switch("no-principal")
        with pytest.raises(ConfigError) as raised:
            list(place.collections())
        assert explain(raised.value).exit_code is Exit.USAGE


def test_case_37_a_login_is_asked_for_rather_than_an_address() -> None:
    with FaultyDav(login=Login(password="another")) as server:
        found = trouble(Bench(server))
    assert isinstance(found, ReauthRequired)
    assert explain(found).exit_code is Exit.ACCESS


@pytest.mark.parametrize(("status", "kind"), [(429, Throttled), (500, Transient), (503, Transient)])
def test_a_server_in_trouble_is_not_taken_for_something_else(two: Bench, status: int, kind: type[Transient]) -> None:
    two.server.faults.switch("status", (status, {"Retry-After": "3600"}, b""))
    found = trouble(two)
    assert isinstance(found, kind)
    assert not isinstance(found, NotTheService)


@pytest.mark.parametrize("portal", ["html", "xhtml", "foreign"])
def test_case_09_a_gate_that_opens_half_way_does_no_harm(two: Bench, portal: str) -> None:
    """The first questions meet the page, the later ones the server: that is enough to find everything."""
    two.server.faults.switch("portal", portal, times=2)
    assert {one.slug for one in two.connect().collections()} == {"work", "people"}


def moved(bench: Bench, elsewhere: FaultyDav, reply: tuple[int, bytes]) -> None:
    """Send requests on to another host, as sharded services do for good, where *reply* waits."""
    bench.server.faults.switch("status", (307, {"Location": away(elsewhere, "dav/x/")}, b"", ["PROPFIND", "REPORT"]))
    elsewhere.faults.switch("status", (reply[0], {"Content-Type": "application/xml"}, reply[1]))


@pytest.mark.parametrize("status", [400, 403, 409, 410, 412])
def test_case_01_a_shard_that_forgot_the_token_is_a_dav_server(two: Bench, elsewhere: FaultyDav, status: int) -> None:
    """It names the precondition, so the refusal counts though it came by a redirect."""
    shelf = two.shelf(3, name="moved")
    cursor = two.changed(name="moved").cursor
    shelf.put("000.ics", shelf.items["001.ics"].body)
    place, collection = two.open("moved")
    moved(two, elsewhere, (status, error("<D:valid-sync-token/>")))
    with pytest.raises(CursorExpired):
        list(place.changes(collection, cursor))


@pytest.mark.parametrize("status", [403, 404, 405, 410])
def test_case_09_a_page_in_the_way_of_a_listing_is_no_missing_collection(
    two: Bench, elsewhere: FaultyDav, status: int
) -> None:
    two.shelf(3, name="moved")
    place, collection = two.open("moved")
    moved(two, elsewhere, (status, b"<html>"))
    with pytest.raises(NotTheService):
        list(place.changes(collection, None))


@pytest.mark.parametrize("status", [404, 410])
def test_case_33_on_the_same_host_a_missing_collection_is_missing(two: Bench, status: int) -> None:
    two.shelf(3, name="there")
    place, collection = two.open("there")
    two.server.faults.switch("gate", (status, *HTML))
    with pytest.raises(CollectionGone):
        list(place.changes(collection, None))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_case_30_a_write_that_is_sent_on_is_neither_followed_nor_lost(
    two: Bench, elsewhere: FaultyDav, status: int
) -> None:
    shelf = two.shelf(2)
    place, collection = two.open()
    two.server.faults.switch("status", (status, {"Location": away(elsewhere)}, b"", ["PUT"]))
    with pytest.raises(Transient):
        list(place.put(collection, [two.item(7)]))
    assert not elsewhere.requests
    two.server.faults.mend()
    (receipt,) = place.put(collection, [two.item(7)])
    assert receipt.error is None
    assert len(shelf.items) == 3


def test_errors_met_here_are_what_they_say() -> None:
    """One more look at the table: what asks for patience exits 5, what asks for the user does not."""
    for kind in (NotTheService, UnsafeRedirect, Transient):
        assert explain(kind("x")).exit_code is Exit.TEMPORARY
    for other in (ConfigError("x"), UnsafeAddress("x"), ReauthRequired("x"), Vanished("x"), ItemRejected("x")):
        assert explain(other).exit_code is not Exit.TEMPORARY
