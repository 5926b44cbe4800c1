"""A store filled on disk is, to a client, the same as one filled by PUT."""

from __future__ import annotations

import re
import urllib.parse
import uuid
from xml.sax.saxutils import escape

import pytest

from simulators import pimdata
from simulators.davservers import DavServer
from simulators.davstores import Kind, fill
from tests.simulators.dav import CALDAV, CARDDAV, DAV, ask, propfind

pytestmark = pytest.mark.server
SYNC = (
    '<sync-collection xmlns="DAV:"><sync-token>{}</sync-token><sync-level>1</sync-level>'
    "<prop><getetag/></prop></sync-collection>"
)
TYPES = {"calendar": f"{CALDAV}calendar", "contacts": f"{CARDDAV}addressbook"}
MAKERS = {"calendar": pimdata.events, "contacts": pimdata.contacts}
SUFFIXES = {"calendar": "ics", "contacts": "vcf"}
KINDS: list[Kind] = ["calendar", "contacts"]


@pytest.fixture
def name() -> str:
    return f"c{uuid.uuid4().hex}"


def changes(server: DavServer, url: str, token: str = "") -> tuple[set[str], str]:
    """Return (member hrefs, token) of a sync-collection REPORT."""
    answer = ask(server, "REPORT", url, SYNC.format(escape(token)).encode(), depth="1")
    assert answer.status == 207
    return set(answer.hrefs(f"{DAV}response")), answer.xml.findtext(f"{DAV}sync-token", "")


def path_of(url: str, uid: str, kind: Kind) -> str:
    return f"{urllib.parse.urlsplit(url).path}{urllib.parse.quote(uid)}.{SUFFIXES[kind]}"


def unquoted(hrefs: set[str]) -> set[str]:
    """Return hrefs as one spelling: servers differ in whether they encode the @."""
    return {urllib.parse.unquote(href) for href in hrefs}


@pytest.mark.parametrize("kind", KINDS)
class TestOfEachKind:
    def test_it_is_of_its_kind_and_has_its_title(self, server: DavServer, name: str, kind: Kind) -> None:
        url = fill(server, name, MAKERS[kind](2), kind=kind, title="Ana – Privé & Büro")
        answer = propfind(server, url, f"{DAV}resourcetype", f"{DAV}displayname")
        assert answer.xml.find(f".//{TYPES[kind]}") is not None
        assert answer.xml.findtext(f".//{DAV}displayname") == "Ana – Privé & Büro"

    def test_without_a_title_it_is_called_by_its_name(self, server: DavServer, name: str, kind: Kind) -> None:
        url = fill(server, name, MAKERS[kind](1), kind=kind)
        assert propfind(server, url, f"{DAV}displayname").xml.findtext(f".//{DAV}displayname") == name

    def test_the_home_lists_it(self, server: DavServer, name: str, kind: Kind) -> None:
        url = fill(server, name, MAKERS[kind](1), kind=kind)
        home = server.calendars_home if kind == "calendar" else server.contacts_home
        listed = propfind(server, home, f"{DAV}resourcetype", depth="1").hrefs(f"{DAV}response")
        assert urllib.parse.urlsplit(url).path in listed

    def test_every_item_is_listed_and_holds_its_uid(self, server: DavServer, name: str, kind: Kind) -> None:
        items = list(MAKERS[kind](12, seed=5))
        url = fill(server, name, items, kind=kind)
        listed, _ = changes(server, url)
        assert unquoted(listed) == unquoted({path_of(url, uid, kind) for uid, _ in items})
        for uid, _ in items[:4]:
            body = ask(server, "GET", urllib.parse.urljoin(url, path_of(url, uid, kind))).body
            assert f"UID:{uid}".encode() in re.sub(rb"\r?\n ", b"", body)

    def test_what_changes_afterwards_is_all_a_token_tells(self, server: DavServer, name: str, kind: Kind) -> None:
        items = dict(MAKERS[kind](6))
        url = fill(server, name, items.items(), kind=kind)
        _, token = changes(server, url)
        assert changes(server, url, token)[0] == set()
        edited, removed, *_ = items
        body = pimdata.edited(items[edited], 1)
        assert ask(server, "PUT", urllib.parse.urljoin(url, path_of(url, edited, kind)), body).status in {201, 204}
        assert ask(server, "DELETE", urllib.parse.urljoin(url, path_of(url, removed, kind))).status in {200, 204}
        listed, _ = changes(server, url, token)
        assert unquoted(listed) == unquoted({path_of(url, edited, kind), path_of(url, removed, kind)})

    def test_an_empty_collection_is_one_too(self, server: DavServer, name: str, kind: Kind) -> None:
        url = fill(server, name, [], kind=kind)
        assert changes(server, url)[0] == set()

    def test_a_name_taken_is_refused(self, server: DavServer, name: str, kind: Kind) -> None:
        fill(server, name, MAKERS[kind](1), kind=kind)
        with pytest.raises(FileExistsError):
            fill(server, name, MAKERS[kind](1), kind=kind)


def test_tasks_and_diaries_share_a_calendar_with_events(server: DavServer, name: str) -> None:
    items = [*pimdata.events(3), *pimdata.todos(3), *pimdata.journals(3)]
    url = fill(server, name, items, kind="calendar")
    listed, _ = changes(server, url)
    assert len(listed) == 9
    for uid, _ in items:
        answer = ask(server, "GET", urllib.parse.urljoin(url, path_of(url, uid, "calendar")))
        assert answer.status == 200
