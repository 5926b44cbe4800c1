"""Every way to log in, through the whole connector: made, written, listed, read, changed, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.base import Collection, Endpoint, Item, ItemRef, Kind, Put, Result
from connectors.dav.place import Dav
from connectors.errors import ReauthRequired
from simulators.dav_auth import Login
from simulators.faulty_dav import FaultyDav
from tests.connectors.dav.behind import PASSWORD, TYPES, body, context, http
from tests.connectors.dav.test_elsewhere import SCHEMES, authorizer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from oauth.authorizers import Authorizer

WISH = Collection("/far/work/", Kind.EVENT, "Work", slug="work")


@pytest.fixture(params=[*SCHEMES, "guess-digest"])
def login(request: pytest.FixtureRequest) -> Iterator[tuple[FaultyDav, Authorizer]]:
    """Return a server that wants a login and what gives it one."""
    scheme = {"guess": "basic", "guess-digest": "digest"}.get(request.param, request.param)
    with FaultyDav(login=Login(scheme)) as server:
        yield server, authorizer(request.param.partition("-")[0], server.url)


def put(number: int, version: int = 0, target: ItemRef | None = None) -> Put:
    """Return item *number* to be written."""
    return Put(f"key-{number}", Item(ItemRef("x"), TYPES[Kind.EVENT], body(Kind.EVENT, number, version)), target)


def test_the_whole_life_of_items(login: tuple[FaultyDav, Authorizer]) -> None:
    server, signer = login
    place = Dav(Endpoint("dav", url=server.url), context(http(server.url, authorizer=signer)))
    here = place.ensure(WISH, None)
    receipts = list(place.put(here, [put(number) for number in range(12)]))
    assert [one.result for one in receipts] == [Result.CREATED] * 12
    refs = [change.ref for page in place.changes(here, None) for change in page.changes]
    assert len(refs) == 12
    assert sum(isinstance(one, Item) for one in place.fetch(here, refs)) == 12
    (updated,) = place.put(here, [put(0, 1, receipts[0].target)])
    assert updated.result is Result.UPDATED
    assert receipts[1].target is not None
    assert [one.result for one in place.remove(here, [receipts[1].target])] == [Result.REMOVED]
    assert place.check().name == "Ana Example"


def test_a_login_costs_one_refusal_at_most(login: tuple[FaultyDav, Authorizer]) -> None:
    server, signer = login
    place = Dav(Endpoint("dav", url=server.url), context(http(server.url, authorizer=signer)))
    list(place.put(place.ensure(WISH, None), [put(number) for number in range(5)]))
    assert [one.status for one in server.requests].count(401) <= 1
    assert sum(one.status == 401 for one in server.requests if one.method == "PUT") == 0


def test_a_digest_password_never_leaves() -> None:
    with FaultyDav(login=Login("digest")) as server:
        transport = http(server.url, authorizer=authorizer("digest", server.url))
        list(Dav(Endpoint("dav", url=server.url), context(transport)).collections())
        assert not [one for one in server.requests if PASSWORD in str(dict(one.headers)) or b"sesame" in one.body]


def test_a_login_that_ends_on_the_way_is_said_and_writes_nothing(login: tuple[FaultyDav, Authorizer]) -> None:
    server, signer = login
    place = Dav(Endpoint("dav", url=server.url), context(http(server.url, authorizer=signer)))
    here = place.ensure(WISH, None)
    list(place.put(here, [put(0)]))
    server.login = Login(server.login.scheme if server.login else "basic", password="changed meanwhile")
    with pytest.raises(ReauthRequired):
        list(place.put(here, [put(1)]))
    with pytest.raises(ReauthRequired):
        list(place.changes(here, None))
    assert len(server.store.shelves[here.id].items) == 1
