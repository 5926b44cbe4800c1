"""Carrier lines put on real servers come back from them with every value."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from mappings.carriers import JSON, LEAF_OCTETS, write_carrier
from mappings.contentlines import ContentLine
from simulators.davservers import SERVERS, DavServer
from simulators.davstores import Kind, fill
from tests.mappings.test_carrier_lines import HOSTILE, card_with, carried_by, event_with, same
from tests.simulators.dav import ask

pytestmark = pytest.mark.server

LEAVES: list[tuple[str, JSON]] = [
    *((f"/leaf/{number}", value) for number, value in enumerate(HOSTILE)),
    ('/a"b^c/x,y;z:w/é 😀/a\\b/%2C%3A/~0~1', "pointer"),
    ("/large", "ä,\n" * ((LEAF_OCTETS - 2) // 5)),
]


@pytest.fixture(scope="module", params=sorted(SERVERS))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DavServer]:
    """Run one server of each kind."""
    name: str = request.param
    with SERVERS[name](tmp_path_factory.mktemp(name)) as running:
        yield running


@pytest.mark.parametrize("kind", ["contacts", "calendar"])
def test_dav_every_carried_value_comes_back(server: DavServer, kind: Kind) -> None:
    lines: list[ContentLine] = [write_carrier(pointer, value) for pointer, value in LEAVES]
    body = card_with(*lines) if kind == "contacts" else event_with(*lines)
    url = fill(server, f"c{uuid.uuid4().hex}", [], kind=kind)
    suffix = "vcf" if kind == "contacts" else "ics"
    assert ask(server, "PUT", f"{url}u1.{suffix}", body).status in {201, 204}
    answer = ask(server, "GET", f"{url}u1.{suffix}")
    assert answer.status == 200
    found = {one.pointer: one.value for one in carried_by(answer.body)}
    assert found.keys() == dict(LEAVES).keys()
    assert [pointer for pointer, value in LEAVES if not same(found[pointer], value)] == []
