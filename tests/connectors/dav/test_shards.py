"""Accounts that live on several hosts (case 37): the password goes to those it is bound to, by real TLS.

The hosts share one port on several loopback addresses, as a provider's names share 443: the
front door, the hosts its answers lead to, strangers. What a credential is bound to is taken
from the composition root, not made up here.
"""

from __future__ import annotations

import logging
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from connectors.base import Collection, Endpoint, Item, ItemRef, Kind, Put, Result
from connectors.dav.client import Client
from connectors.dav.discovery import discover
from connectors.dav.place import Dav
from connectors.dav.service_records import ServiceRecords
from connectors.errors import ConnectorError, ReauthRequired, Transient
from connectors.guard import Guard
from connectors.http import Http
from oauth.secret import Secret
from simulators.dav_auth import Login
from simulators.faulty_dav import FaultyDav
from tests.connectors.authority import Authority
from tests.connectors.dav.behind import OPENED, PASSWORD, QUICK, body, context
from tests.connectors.dav.nameserver import Nameserver
from wherry.settings import Account
from wherry.signing import bound_to, make_authorizer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DOOR, SHARD, OTHER = "caldav.icloud.com", "p42-caldav.icloud.com", "p7-caldav.icloud.com"
STRANGERS = ["icloud.com.evil.example", "noticloud.com", "p42-caldav-icloud.com", "icloud.co"]
LOG = logging.getLogger("test")
SCHEMES = ["basic", "digest", "bearer", "guess"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@dataclass
class Provider:
    """Hosts by name, on one port, each at a loopback address of its own."""

    hosts: dict[str, FaultyDav]
    addresses: dict[str, str]
    authority: Authority

    def resolve(self, host: str, _port: int) -> list[str]:
        """Answer for DNS."""
        if host not in self.addresses:
            raise OSError(host)
        return [self.addresses[host]]

    def http(self, url: str, scheme: str = "basic") -> Http:
        """Return the transport an account at *url* gets, but for the names' addresses."""
        account = Account("home", "dav", url, "ana", scheme, allow_private=True)
        guard = Guard(allow_private=True, resolver=self.resolve)
        signer = make_authorizer(account, Secret(PASSWORD))
        OPENED.append(Http(guard=guard, authorizer=signer, retry=QUICK, ca=self.authority.file))
        return OPENED[-1]

    def place(self, scheme: str = "basic", host: str = DOOR, kind: str = "dav", path: str = "") -> Dav:
        """Connect an account as a person names it."""
        url = self.hosts[host].url + path
        return Dav(Endpoint(kind, url=url), context(self.http(url, scheme)))

    def signed(self, host: str) -> int:
        """Return how many requests to *host* carried a credential."""
        return sum("Authorization" in one.headers for one in self.hosts[host].requests)

    def secrets_at(self, host: str) -> list[object]:
        """Return the requests to *host* that hold the password in any form we send."""
        pair = "YW5hOm9wZW4gc2VzYW1l"  # ana:open sesame
        seen = [(one.method, one.path, dict(one.headers), one.body) for one in self.hosts[host].requests]
        return [one for one in seen if PASSWORD in str(one) or pair in str(one)]


@contextmanager
def provider(authority: Authority, names: Sequence[str], scheme: str | None = "basic") -> Iterator[Provider]:
    """Run a server for each of *names*; all but the first want a login by *scheme*."""
    with ExitStack() as stack:
        hosts: dict[str, FaultyDav] = {}
        port = 0
        for number, name in enumerate(names, 1):
            login = None if scheme is None else Login("basic" if scheme == "guess" else scheme)
            tls, address = authority.context(f"DNS:{name}"), (f"127.0.0.{number}", port)
            hosts[name] = stack.enter_context(FaultyDav(login=login, name=name, address=address, tls=tls))
            port = hosts[name].port
        yield Provider(hosts, {name: f"127.0.0.{n}" for n, name in enumerate(names, 1)}, authority)


def lead(front: FaultyDav, to: FaultyDav) -> None:
    """Let the front door name homes on another host, as iCloud does."""
    front.faults.switch("home-url", to.origin)
    to.store.make("calendar", "work")
    to.store.make("contacts", "people")


def test_case_37_a_shard_of_the_family_is_signed_to_and_works(authority: Authority, scheme: str) -> None:
    with provider(authority, [DOOR, SHARD], scheme) as there:
        lead(there.hosts[DOOR], there.hosts[SHARD])
        place = there.place(scheme)
        found = {one.slug: one for one in place.collections()}
        assert found.keys() == {"work", "people"}
        assert there.signed(DOOR) > 0
        assert there.signed(SHARD) > 0
        put = Put("k", Item(ItemRef("x"), "text/calendar", body(Kind.EVENT, 1)))
        (receipt,) = place.put(found["work"], [put])
        assert receipt.result is Result.CREATED
        assert len(there.hosts[SHARD].store.shelves["/dav/calendars/work/"].items) == 1
        assert there.hosts[DOOR].count("PUT") == 0


@pytest.mark.parametrize("stranger", STRANGERS)
def test_case_37_a_name_that_only_looks_like_the_family_gets_nothing(
    authority: Authority, scheme: str, stranger: str
) -> None:
    with provider(authority, [DOOR, stranger], scheme) as there:
        lead(there.hosts[DOOR], there.hosts[stranger])
        with pytest.raises(ReauthRequired):
            list(there.place(scheme).collections())
        assert there.hosts[stranger].requests, "it was asked, without a credential"
        assert there.signed(stranger) == 0
        assert there.secrets_at(stranger) == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_case_37_a_redirect_to_a_shard_is_followed_with_the_credential(
    authority: Authority, scheme: str, status: int
) -> None:
    with provider(authority, [DOOR, SHARD], scheme) as there:
        front, shard = there.hosts[DOOR], there.hosts[SHARD]
        shard.store.make("calendar", "work")
        front.faults.switch("status", (status, {"Location": f"{shard.url}dav/principal/"}, b"", ["PROPFIND"]))
        front.login = None
        assert [one.slug for one in there.place(scheme).collections()] == ["work"]
        assert there.signed(SHARD) > 0


def test_case_37_three_hosts_in_a_row_and_only_the_last_is_foreign(authority: Authority, scheme: str) -> None:
    with provider(authority, [DOOR, SHARD, "evil.example"], scheme) as there:
        shard, evil = there.hosts[SHARD], there.hosts["evil.example"]
        lead(there.hosts[DOOR], shard)
        place = there.place(scheme)
        (work,) = [one for one in place.collections() if one.slug == "work"]
        shard.faults.switch("redirect", f"{evil.url}dav/calendars/work/")
        shard.login = None
        with pytest.raises(ConnectorError):
            list(place.changes(work, None))
        assert evil.requests
        assert there.signed("evil.example") == 0
        assert there.secrets_at("evil.example") == []


def test_case_37_an_account_of_one_host_is_not_signed_to_its_neighbours(authority: Authority, scheme: str) -> None:
    """Only a family known to shard is bound as a whole; any other provider is its own host and no other."""
    names = ["dav.example.org", "p42.dav.example.org", "www.example.org"]
    with provider(authority, names, scheme) as there:
        for neighbour in names[1:]:
            lead(there.hosts[names[0]], there.hosts[neighbour])
            with pytest.raises(ReauthRequired):
                list(there.place(scheme, names[0]).collections())
            assert there.signed(neighbour) == 0


def test_case_37_a_shard_named_by_the_person_may_lead_to_another_one(authority: Authority, scheme: str) -> None:
    with provider(authority, [SHARD, OTHER], scheme) as there:
        lead(there.hosts[SHARD], there.hosts[OTHER])
        assert len(list(there.place(scheme, SHARD).collections())) == 2
        assert there.signed(OTHER) > 0


def test_case_37_what_was_learned_of_a_shard_is_used_without_asking_the_door_again(authority: Authority) -> None:
    with provider(authority, [DOOR, SHARD]) as there:
        lead(there.hosts[DOOR], there.hosts[SHARD])
        url, learned = there.hosts[DOOR].url, dict[str, str]()
        list(Dav(Endpoint("dav", url=url), context(there.http(url), learned)).collections())
        asked = there.hosts[DOOR].count()
        again = Dav(Endpoint("dav", url=url), context(there.http(url), learned))
        assert len(list(again.collections())) == 2
        assert there.hosts[DOOR].count() == asked


@pytest.mark.parametrize("status", [403, 404, 410])
def test_case_37_an_account_that_moved_to_another_shard_is_found_again(authority: Authority, status: int) -> None:
    with provider(authority, [DOOR, SHARD, OTHER]) as there:
        lead(there.hosts[DOOR], there.hosts[SHARD])
        url, learned = there.hosts[DOOR].url, dict[str, str]()
        list(Dav(Endpoint("dav", url=url), context(there.http(url), learned)).collections())
        there.hosts[SHARD].faults.switch("status", (status, {}, b""))
        lead(there.hosts[DOOR], there.hosts[OTHER])
        found = list(Dav(Endpoint("dav", url=url), context(there.http(url), learned)).collections())
        assert {one.id for one in found} == {"/dav/calendars/work/", "/dav/contacts/people/"}
        assert there.hosts[OTHER].count("PROPFIND") > 0
        assert OTHER in learned["dav.home.event"]


def test_case_37_a_shard_that_cannot_be_reached_is_passing(authority: Authority) -> None:
    with provider(authority, [DOOR, SHARD]) as there:
        lead(there.hosts[DOOR], there.hosts[SHARD])
        del there.addresses[SHARD]
        with pytest.raises(Transient):
            list(there.place().collections())
        there.addresses[SHARD] = "127.0.0.2"
        assert len(list(there.place().collections())) == 2


def test_case_37_a_shard_with_a_certificate_of_another_name_sees_no_request(authority: Authority) -> None:
    with provider(authority, [DOOR, "impostor.example"]) as there:
        impostor = there.hosts["impostor.example"]
        there.addresses[SHARD] = "127.0.0.2"
        there.hosts[DOOR].faults.switch("home-url", f"https://{SHARD}:{impostor.port}")
        with pytest.raises(ConnectorError):
            list(there.place().collections())
        assert impostor.requests == []


@pytest.mark.parametrize("port", ["", ":8443", ":443"])
@pytest.mark.parametrize("host", [DOOR, SHARD, "icloud.com", "contacts.icloud.com"])
def test_case_37_the_family_is_bound_on_the_port_of_its_door(host: str, port: str) -> None:
    bound = bound_to(f"https://{host}{port}/x/")
    assert bound == (f"https://{host}{port}", f"https://*.icloud.com{port}")


@pytest.mark.parametrize("url", ["http://caldav.icloud.com/", "http://caldav.icloud.com:8080/"])
def test_case_37_a_family_is_only_bound_by_tls(url: str) -> None:
    assert all(one.startswith("https://*.") or one == url.rstrip("/") for one in bound_to(url))


def infomaniak(server: FaultyDav) -> None:
    """Lay the account out as Infomaniak does: number-like user names, homes right below the root."""
    store = server.store
    store.calendars_home, store.contacts_home = "/calendars/AB12345/", "/addressbooks/AB12345/"
    store.principal = "/principals/AB12345/"
    for number, name in enumerate(("Privé", "Équipe été", "a/b")):
        store.make("calendar", f"0b5c-{number}", displayname=name)
    store.make("contacts", "default", displayname="Carnet d'adresses")


@pytest.mark.parametrize("path", ["", "principals/AB12345/", "calendars/AB12345/", ".well-known/carddav"])
def test_case_37_homes_right_below_the_root_are_found(authority: Authority, path: str) -> None:
    host = "sync.infomaniak.example"
    with provider(authority, [host]) as there:
        infomaniak(there.hosts[host])
        found = {one.name: one for one in there.place(host=host, path=path).collections()}
        assert found.keys() == {"Privé", "Équipe été", "a/b", "Carnet d'adresses"}
        assert [one.kind for one in found.values()].count(Kind.CONTACT) == 1


@pytest.mark.parametrize("kind", ["caldav", "carddav"])
def test_case_37_a_new_calendar_goes_to_the_home_of_its_kind(authority: Authority, kind: str) -> None:
    host = "sync.infomaniak.example"
    with provider(authority, [host]) as there:
        infomaniak(there.hosts[host])
        wish = Kind.EVENT if kind == "caldav" else Kind.CONTACT
        made = there.place(host=host, kind=kind).ensure(Collection("/far/new/", wish, "Neu", slug="new"), None)
        assert made.id == f"/{'calendars' if wish is Kind.EVENT else 'addressbooks'}/AB12345/new/"


def records(port: int, *targets: tuple[int, int, str], path: str = "") -> list[tuple[str, str, str]]:
    """Return what DNS says about example.org: (priority, weight, host) of its calendar service."""
    service = "_caldavs._tcp.example.org."
    said = [(service, "SRV", f"{priority} {weight} {port} {host}.") for priority, weight, host in targets]
    return said + ([(service, "TXT", f'"path={path}"')] if path else [])


@pytest.mark.parametrize("path", ["", "/dav/principal/", "/dav/calendars/"])
def test_case_37_dns_leads_a_mail_address_to_a_bound_host(authority: Authority, path: str) -> None:
    """The account was given with the service's host; the mail address finds the same one by SRV and TXT."""
    host = "dav.example.org"
    with provider(authority, [host]) as there:
        server = there.hosts[host]
        server.store.make("calendar", "work")
        with Nameserver(records(server.port, (1, 1, host), path=path)) as names:
            client = Client(there.http(server.url))
            lookup = ServiceRecords(LOG, names.address)
            found = discover(client, "mailto:ana@example.org", frozenset({Kind.EVENT}), lookup, LOG)
        assert found.homes == {Kind.EVENT: [f"{server.origin}/dav/calendars/"]}
        assert there.signed(host) > 0


def test_case_37_dns_that_names_a_stranger_first_gives_it_nothing(authority: Authority) -> None:
    host, stranger = "dav.example.org", "evil.example"
    with provider(authority, [host, stranger]) as there:
        there.hosts[host].store.make("calendar", "work")
        said = records(there.hosts[host].port, (1, 1, stranger), (5, 1, host))
        with Nameserver(said) as names:
            client = Client(there.http(there.hosts[host].url))
            lookup = ServiceRecords(LOG, names.address)
            found = discover(client, "ana@example.org", frozenset({Kind.EVENT}), lookup, LOG)
        assert found.homes == {Kind.EVENT: [f"{there.hosts[host].origin}/dav/calendars/"]}
        assert there.hosts[stranger].requests
        assert there.signed(stranger) == 0
