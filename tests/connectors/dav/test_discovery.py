"""From what a person types to their collections (edge case 37, RFC 6764)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from connectors.base import Kind
from connectors.dav.client import Client
from connectors.dav.discovery import discover
from connectors.dav.service_records import ServiceRecords
from connectors.errors import ConfigError, ConnectorError, NotTheService, ReauthRequired
from simulators.dav_auth import Login
from simulators.davservers import DavServer
from simulators.faulty_dav import FaultyDav
from tests.connectors.dav.behind import Bench, context, http
from tests.connectors.dav.nameserver import Nameserver

if TYPE_CHECKING:
    from collections.abc import Iterator

BOTH = frozenset({Kind.EVENT, Kind.CONTACT})
LOG = logging.getLogger("test")


def nothing(_: str) -> Iterator[str]:
    return iter(())


def collections(bench: Bench, url: str, kind: str = "dav") -> set[str]:
    return {one.id for one in bench.connect(url=url, kind=kind).collections()}


@pytest.fixture
def two(bench: Bench) -> Bench:
    bench.server.store.make("calendar", "work")
    bench.server.store.make("contacts", "people")
    return bench


ALL = {"/dav/calendars/work/", "/dav/contacts/people/"}


@pytest.mark.parametrize("path", ["", "dav/principal/", "no/such/path", ".well-known/caldav", "dav/calendars/"])
def test_case_37_any_address_of_the_account_will_do(two: Bench, path: str) -> None:
    assert collections(two, two.server.url + path) == ALL


def test_case_37_an_address_of_one_collection_is_that_one(two: Bench) -> None:
    two.server.store.make("calendar", "other")
    assert collections(two, f"{two.server.url}dav/calendars/work/") == {"/dav/calendars/work/"}
    before = two.server.count()
    assert len(list(two.connect(url=f"{two.server.url}dav/calendars/work/").collections())) == 1
    assert two.server.count() - before == 1


@pytest.mark.parametrize(("kind", "found"), [("caldav", "/dav/calendars/work/"), ("carddav", "/dav/contacts/people/")])
def test_a_place_of_one_kind_shows_that_kind(two: Bench, kind: str, found: str) -> None:
    assert collections(two, two.server.url, kind) == {found}


@pytest.mark.parametrize("how", ["404", "401"])
def test_case_37_a_missing_well_known_path_does_no_harm(two: Bench, how: str) -> None:
    two.server.faults.switch("well-known", how)
    assert collections(two, f"{two.server.url}somewhere") == ALL


def test_case_37_servers_that_name_no_principal_are_taken_by_their_homes(two: Bench) -> None:
    two.server.faults.switch("no-principal")
    assert collections(two, f"{two.server.url}dav/calendars/") == {"/dav/calendars/work/"}


def test_case_37_discovery_happens_once(two: Bench) -> None:
    collections(two, two.server.url)
    before = two.server.count()
    collections(two, two.server.url)
    assert two.server.count() - before == 2
    two.learned.clear()
    assert collections(two, two.server.url) == ALL


def test_another_address_is_looked_up_anew(two: Bench) -> None:
    collections(two, two.server.url)
    assert collections(two, f"{two.server.url}dav/calendars/work/") == {"/dav/calendars/work/"}


@pytest.mark.parametrize("status", [404, 403, 410])
def test_homes_that_moved_are_found_again(two: Bench, status: int) -> None:
    collections(two, two.server.url)
    two.server.faults.switch("status", (status, {}, b""), times=1)
    assert collections(two, two.server.url) == ALL


def test_what_is_learned_is_small(two: Bench) -> None:
    collections(two, two.server.url)
    assert sum(len(key) + len(value) for key, value in two.learned.items()) < 1000


def test_case_09_a_login_page_later_on_is_not_the_users_fault(two: Bench) -> None:
    collections(two, two.server.url)
    two.server.faults.switch("portal", "html")
    with pytest.raises(NotTheService):
        collections(two, two.server.url)


@pytest.mark.parametrize("scheme", ["basic", "digest"])
def test_logins_by_password(scheme: str) -> None:
    with FaultyDav(login=Login(scheme)) as server:
        server.store.make("calendar", "work")
        assert collections(Bench(server), server.url) == {"/dav/calendars/work/"}


def test_a_wrong_password_is_said() -> None:
    with FaultyDav(login=Login(password="another")) as server, pytest.raises(ReauthRequired):
        collections(Bench(server), server.url)


def test_case_37_homes_on_another_host_get_no_credentials(bench: Bench) -> None:
    with FaultyDav() as elsewhere:
        elsewhere.store.make("calendar", "theirs")
        bench.server.faults.switch("home-url", elsewhere.origin)
        collections(bench, bench.server.url)
        assert elsewhere.requests
        assert not [one for one in elsewhere.requests if "Authorization" in one.headers]
        assert [one for one in bench.server.requests if "Authorization" in one.headers]


@pytest.mark.parametrize("portal", ["redirect-in-a-circle", "reset"])
def test_faults_while_looking_pass(two: Bench, portal: str) -> None:
    if portal == "reset":
        two.server.faults.switch("reset", times=1)
        assert collections(two, two.server.url) == ALL
    else:
        two.server.faults.switch("redirect", two.server.url)
        with pytest.raises(ConnectorError):
            collections(two, two.server.url)


SERVICE = "_caldavs._tcp.example.org."


def test_case_37_service_records_are_followed_best_first() -> None:
    records = [(SERVICE, "SRV", "10 1 443 second.example.org."), (SERVICE, "SRV", "1 1 8443 first.example.org.")]
    records.append((SERVICE, "TXT", '"path=/dav/"'))
    with Nameserver(records) as there:
        urls = list(ServiceRecords(LOG, there.address)("_caldavs._tcp.example.org"))
    assert urls == ["https://first.example.org:8443/dav/", "https://second.example.org/dav/"]


def test_case_37_without_a_path_the_well_known_one_is_tried() -> None:
    with Nameserver([(SERVICE, "SRV", "1 1 443 dav.example.org.")]) as there:
        urls = list(ServiceRecords(LOG, there.address)("_caldavs._tcp.example.org"))
    assert urls == ["https://dav.example.org/.well-known/caldav"]


def test_case_37_a_dot_means_that_there_is_no_service() -> None:
    with Nameserver([(SERVICE, "SRV", "0 0 0 .")]) as there:
        assert list(ServiceRecords(LOG, there.address)("_caldavs._tcp.example.org")) == []


def test_no_records_are_no_urls() -> None:
    with Nameserver([]) as there:
        assert list(ServiceRecords(LOG, there.address)("_carddavs._tcp.example.org")) == []


def test_case_37_a_mail_address_leads_to_the_service(two: Bench) -> None:
    asked: list[str] = []

    def lookup(service: str) -> Iterator[str]:
        asked.append(service)
        yield two.server.url

    found = discover(Client(http(two.server.url)), "mailto:ana@example.org", BOTH, lookup, LOG)
    assert asked[0] in {"_caldavs._tcp.example.org", "_carddavs._tcp.example.org"}
    assert found.homes == {
        Kind.EVENT: [f"{two.server.origin}/dav/calendars/"],
        Kind.CONTACT: [f"{two.server.origin}/dav/contacts/"],
    }
    assert found.name == "Ana Example"


def test_only_secure_services_are_looked_for(bench: Bench) -> None:
    asked: list[str] = []

    def lookup(service: str) -> Iterator[str]:
        asked.append(service)
        return iter(())

    bench.server.faults.switch("no-principal")
    with pytest.raises(ConfigError):
        discover(Client(http(bench.server.url)), bench.server.url, BOTH, lookup, LOG)
    assert asked
    assert all(service.startswith(("_caldavs.", "_carddavs.")) for service in asked)


def test_check_says_who_and_how_much_room(two: Bench) -> None:
    place = two.connect()
    account = place.check()
    assert (account.name, account.writable, account.free) == ("Ana Example", True, 123456)
    before = two.server.count()
    two.connect().check()
    assert two.server.count() - before == 1


def test_real_servers_are_found_from_their_root(real: DavServer) -> None:
    found = discover(Client(http(real.url)), real.url, BOTH, nothing, LOG)
    assert found.homes == {Kind.EVENT: [real.calendars_home], Kind.CONTACT: [real.contacts_home]}


def test_caldav_agrees_on_real_servers(real: DavServer) -> None:
    """The independent client library finds the same home (docs/adr/0003-caldav-and-urllib3.md)."""
    import caldav

    with caldav.DAVClient(real.url, username=real.username, password=real.password) as client:
        home = str(caldav.Principal(client).calendar_home_set.url)
    found = discover(Client(http(real.url)), real.url, BOTH, nothing, LOG)
    assert [home] == found.homes[Kind.EVENT]


def test_a_place_needs_an_address() -> None:
    from connectors.base import Endpoint
    from connectors.dav.place import Dav

    for endpoint in (Endpoint("dav"), Endpoint("imap", url="https://x"), Endpoint("dav", url="  ")):
        with pytest.raises(ConfigError):
            Dav(endpoint, context(http("https://x.example")))
    with pytest.raises(ConfigError):
        Dav(Endpoint("dav", url="https://x"), context(None))
