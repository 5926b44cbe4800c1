"""Discovery that leads to another host (case 37): the credential goes only where it is bound to."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from connectors.base import Endpoint, Kind
from connectors.dav.client import Client
from connectors.dav.discovery import discover
from connectors.dav.place import Dav
from connectors.errors import ConnectorError, ReauthRequired
from oauth.authorizers import Authorizer, Basic, Bearer, Digest, Guess
from oauth.secret import Secret
from simulators.dav_auth import Login
from simulators.faulty_dav import FaultyDav
from tests.connectors.dav.behind import PASSWORD, context, http

if TYPE_CHECKING:
    from collections.abc import Iterator

BOTH = frozenset({Kind.EVENT, Kind.CONTACT})
LOG = logging.getLogger("test")
SCHEMES = ["basic", "digest", "bearer", "guess"]


def authorizer(scheme: str, *to: str) -> Authorizer:
    """Return what signs by *scheme*, bound to the origins of *to*."""
    password = Secret(PASSWORD)
    if scheme == "bearer":
        return Bearer(password, to=to)
    forms = {"basic": Basic, "digest": Digest, "guess": Guess}
    signer: Authorizer = forms[scheme]("ana", password, to=to)
    return signer


@pytest.fixture
def first() -> Iterator[FaultyDav]:
    """Run the host a person names; it wants nobody's name."""
    with FaultyDav() as server:
        yield server


@pytest.fixture(params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> str:
    """Return each way to prove who asks."""
    name: str = request.param
    return name


@pytest.fixture
def second(scheme: str) -> Iterator[FaultyDav]:
    """Run the host the first one leads to; it wants a login."""
    with FaultyDav(login=Login("basic" if scheme == "guess" else scheme)) as server:
        server.store.make("calendar", "work")
        yield server


def signed(server: FaultyDav) -> int:
    """Return how many requests to *server* carried a credential."""
    return sum("Authorization" in one.headers for one in server.requests)


def redirect(first: FaultyDav, second: FaultyDav, status: int) -> None:
    """Send whoever asks *first* on to *second*, as shards and moved services do."""
    first.faults.switch("status", (status, {"Location": f"{second.url}dav/principal/"}, b"", ["PROPFIND"]))


def place(first: FaultyDav, signer: Authorizer) -> Dav:
    """Connect to *first* with *signer*."""
    return Dav(Endpoint("caldav", url=first.url), context(http(first.url, authorizer=signer)))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_case_37_a_redirect_to_another_host_takes_no_credential(
    first: FaultyDav, second: FaultyDav, scheme: str, status: int
) -> None:
    redirect(first, second, status)
    with pytest.raises(ReauthRequired):
        list(place(first, authorizer(scheme, first.url)).collections())
    assert second.requests
    assert signed(second) == 0


def test_case_37_a_redirect_to_a_bound_host_is_signed_there(first: FaultyDav, second: FaultyDav, scheme: str) -> None:
    redirect(first, second, 301)
    found = list(place(first, authorizer(scheme, first.url, second.url)).collections())
    assert [one.slug for one in found] == ["work"]
    assert signed(second) > 0


def test_case_37_a_login_before_the_redirect_stays_where_it_was(second: FaultyDav, scheme: str) -> None:
    with FaultyDav(login=Login("basic" if scheme == "guess" else scheme)) as first:
        redirect(first, second, 302)
        with pytest.raises(ReauthRequired):
            list(place(first, authorizer(scheme, first.url)).collections())
        assert signed(first) > 0
        assert signed(second) == 0


@pytest.mark.parametrize("bound", [True, False])
def test_case_37_what_dns_names_is_no_reason_to_trust_it(
    first: FaultyDav, second: FaultyDav, scheme: str, bound: bool
) -> None:
    """Whoever answers for DNS could name a host of their own."""
    to = (first.url, second.url) if bound else (first.url,)
    client = Client(http(first.url, authorizer=authorizer(scheme, *to)))
    address = f"ana@{first.origin.partition('://')[2]}"

    def lookup(_: str) -> Iterator[str]:
        yield second.url

    if bound:
        assert discover(client, address, BOTH, lookup, LOG).homes[Kind.EVENT] == [f"{second.origin}/dav/calendars/"]
    else:
        with pytest.raises(ConnectorError):
            discover(client, address, BOTH, lookup, LOG)
    assert (signed(second) > 0) is bound
    assert second.requests


def test_case_37_homes_remembered_from_before_are_bound_as_well(second: FaultyDav, scheme: str) -> None:
    """What an earlier run learned of another host does not widen what the credential is bound to."""
    with FaultyDav() as first:
        learned = {
            "dav.address": first.url,
            "dav.home.event": f"{second.origin}/dav/calendars/",
            "dav.principal": "",
            "dav.name": "",
        }
        http_ = http(first.url, authorizer=authorizer(scheme, first.url))
        with pytest.raises(ConnectorError):
            list(Dav(Endpoint("caldav", url=first.url), context(http_, learned)).collections())
        assert second.requests
        assert signed(second) == 0
