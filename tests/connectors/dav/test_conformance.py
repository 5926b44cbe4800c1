"""The DAV connector keeps what the port promises, on real servers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar
from uuid import uuid4

import pytest

from connectors.base import Destination, Item, ItemRef, Kind, Place, Result
from connectors.dav.place import Dav
from connectors.testing import TwoWaySuite
from tests.connectors.dav.behind import DavBackstage, context, http

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.testing.bench import Backstage
    from simulators.davservers import DavServer

SIZE = 300_000
"""Both servers need half a minute for an event of the suite's three megabytes."""


class _OnServer(TwoWaySuite):
    """The whole suite; each test has collections of its own on one server."""

    name: ClassVar[str]
    many = 12

    @pytest.fixture
    def server(self, request: pytest.FixtureRequest) -> DavServer:
        server: DavServer = request.getfixturevalue(self.name)
        return server

    @pytest.fixture
    def backstage(self, server: DavServer) -> DavBackstage:
        return DavBackstage(server, self.kind, uuid4().hex[:8])

    def connect(self, backstage: Backstage, stop: Callable[[], bool] = lambda: False) -> Place:
        assert isinstance(backstage, DavBackstage)
        return Dav(backstage.endpoint, context(http(backstage.server.url), clock=time.time, stop=stop))

    @pytest.fixture(autouse=True)
    def _wish_of_its_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        slug, plain = uuid4().hex[:12], self.wish
        from dataclasses import replace

        monkeypatch.setattr(self, "wish", lambda number=1: replace(plain(number), slug=slug))

    def test_a_large_item_is_stored(self, place: Place, backstage: Backstage) -> None:
        here, home = self.ensured(place)
        put = self.given("large", self.make_named("large", size=SIZE))
        ref = self.one(here, home, put, Result.CREATED)
        assert len(backstage.bodies(home.id)[ref.id]) > SIZE

    def test_a_large_item_arrives(self, place: Place, backstage: Backstage) -> None:
        home = backstage.create(self.kind)
        item = backstage.add(home, "large", self.make_named("large", size=SIZE))
        (answer,) = place.fetch(self.open(place, home), [ItemRef(item)])
        assert isinstance(place, Destination)
        assert isinstance(answer, Item)
        assert answer.body == backstage.bodies(home)[item]


class TestRadicaleCalendars(_OnServer):
    name = "radicale"


class TestRadicaleContacts(_OnServer):
    name = "radicale"
    kind = Kind.CONTACT


class TestXandikosCalendars(_OnServer):
    name = "xandikos"


class TestXandikosContacts(_OnServer):
    name = "xandikos"
    kind = Kind.CONTACT
