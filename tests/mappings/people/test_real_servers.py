"""Cards through a real Radicale and a real Xandikos: put over HTTP, read back, and every leaf still there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from mappings.loss import Fate
from mappings.people.bridges import to_card, to_person
from simulators.davservers import SERVERS, DavServer
from tests.mappings.people.discovery import writable
from tests.mappings.people.people import VERSIONS, back, comparable, document, full_person, leaves_of
from tests.mappings.people.test_samples import google, named, stranger

pytestmark = pytest.mark.server

MKCOL = """<?xml version="1.0"?><mkcol xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><set><prop>
<resourcetype><collection/><C:addressbook/></resourcetype></prop></set></mkcol>"""


@pytest.fixture(scope="module", params=sorted(SERVERS))
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    folder: Path = tmp_path_factory.mktemp(request.param)
    with ExitStack() as stack:
        server = stack.enter_context(SERVERS[request.param](folder))
        session = stack.enter_context(requests.Session())
        yield Book(server, session)


class Book:
    """One address book on a server."""

    def __init__(self, server: DavServer, session: requests.Session) -> None:
        self.name = server.name
        session.auth = (server.username, server.password)
        self._session = session
        self._url = f"{server.contacts_home}people/"
        made = session.request("MKCOL", self._url, data=MKCOL, timeout=30, headers={"Content-Type": "application/xml"})
        assert made.status_code in {201, 405}, made.text

    def through(self, name: str, body: bytes) -> bytes:
        """Return what the server hands out of a card it was given."""
        url = f"{self._url}{name}.vcf"
        put = self._session.put(url, data=body, timeout=30, headers={"Content-Type": "text/vcard; charset=utf-8"})
        assert put.status_code in {200, 201, 204}, put.text
        got = self._session.get(url, timeout=30)
        assert got.status_code == 200
        return got.content


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("count", [1, 3])
def test_90_of_90_leaves_live_through_a_server(book: Book, version: str, count: int) -> None:
    person = full_person(count) | {"resourceName": f"people/full{count}"}
    bridge = to_card(f"text/vcard;version={version}")
    mapped = bridge.convert(document(person))
    stored = book.through(f"full-{version}-{count}", mapped.body)
    found, wanted = leaves_of(comparable(back(stored))), leaves_of(comparable(person))
    lost = {path for path, _ in wanted} - {path for path, _ in found}
    assert lost == set()
    assert found == wanted
    assert {leaf.path for leaf in writable()} <= {path for path, _ in found}
    receipt = bridge.prove(document(person), stored)
    assert receipt == mapped.losses
    assert receipt.count(Fate.REFUSED) == 0


@pytest.mark.parametrize("name", named("googles"))
def test_what_google_answers_lives_through_a_server(book: Book, name: str) -> None:
    original = json.dumps(google(name).document).encode()
    bridge = to_card("text/vcard")
    mapped = bridge.convert(original)
    stored = book.through(f"google-{name}", mapped.body)
    assert bridge.prove(original, stored) == mapped.losses
    assert json.loads(to_person("").convert(stored).body) == google(name).returned


@pytest.mark.parametrize("name", named("strangers"))
def test_a_strangers_person_lives_through_a_server(book: Book, name: str) -> None:
    said = {key: value for key, value in stranger(name).document.items() if key != "vcardLines"}
    original = json.dumps(said).encode()
    bridge = to_card("text/vcard")
    mapped = bridge.convert(original)
    receipt = bridge.prove(original, book.through(f"stranger-{name}", mapped.body))
    assert list(receipt.only(Fate.REFUSED)) == []


def test_a_picture_in_vcard_4_lives_through_a_server_that_keeps_octets(book: Book) -> None:
    """Radicale reads a ``data:`` URI as text and cuts it at its comma: there the receipt says so."""
    original = json.dumps(google("family").document).encode()
    bridge = to_card("text/vcard;version=4.0")
    receipt = bridge.prove(original, book.through("picture", bridge.convert(original).body))
    refused = [one.leaf for one in receipt.only(Fate.REFUSED)]
    assert refused == (["photos[].url"] if book.name == "radicale" else [])
