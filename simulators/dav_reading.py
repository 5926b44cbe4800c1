"""PROPFIND and REPORT of a stand-in DAV server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from simulators.dav_answers import Entry, data, decoded, element, error, multistatus
from simulators.dav_store import CALENDAR, TYPES, Shelf

if TYPE_CHECKING:
    from simulators.dav_serving import Serving

Reply = tuple[int, dict[str, str], bytes]
NAMESPACES = {
    "DAV:": "D",
    "urn:ietf:params:xml:ns:caldav": "C",
    "urn:ietf:params:xml:ns:carddav": "A",
    "http://calendarserver.org/ns/": "S",
    "http://apple.com/ns/ical/": "I",
}
LIMIT = "<D:number-of-matches-within-limits/>"
REFUSED_REPORT: Reply = (403, {}, error("<D:supported-report/>"))


def prefixed(name: str) -> str:
    """Return ElementTree's ``{uri}local`` with our prefix."""
    uri, _, local = name.removeprefix("{").rpartition("}")
    return f"{NAMESPACES.get(uri, 'X')}:{local}"


def xml_reply(server: Serving, entries: list[Entry], token: str | None = None) -> Reply:
    """Return a multistatus."""
    body = multistatus(entries, server.faults, server.origin, token)
    return 207, {"Content-Type": 'application/xml; charset="utf-8"'}, body


def propfind(server: Serving, path: str, depth: str, body: bytes) -> Reply:
    """Answer a PROPFIND."""
    asked = [prefixed(one.tag) for one in ET.fromstring(body).iterfind("{DAV:}prop/*")]
    store = server.store
    shelf, name = store.locate(path)
    if shelf and not name and not server.shown(shelf.path):
        return 404, {}, b""
    if shelf and not name:
        entries = [_entry(shelf.path, _shelf_props(server, shelf), asked)]
        if depth == "1" and (refused := _too_many(server, len(shelf.items))):
            return refused
        return xml_reply(server, entries + (_members(server, shelf, asked) if depth == "1" else []))
    if path in {store.calendars_home, store.contacts_home}:
        inside = [one for one in store.shelves.values() if one.path.startswith(path) and server.shown(one.path)]
        entries = [_entry(path, {"D:resourcetype": "<D:collection/>", **_principal(server)}, asked)]
        if depth == "1":
            entries += [_entry(one.path, _shelf_props(server, one), asked) for one in inside]
        return xml_reply(server, entries)
    if path in {"/", store.principal}:
        props = _principal(server) | {"D:displayname": "Ana Example", "D:resourcetype": "<D:collection/>"}
        if path == store.principal:
            props |= _homes(server)
        return xml_reply(server, [_entry(path, props, asked)])
    return 404, {}, b""


def _too_many(server: Serving, count: int) -> Reply | None:
    """Refuse a listing of more members than the server can count to."""
    most = server.faults.value("listing-most")
    return (most[1], {}, error(LIMIT)) if most is not None and count > most[0] else None


def _entry(path: str, props: dict[str, str], asked: list[str]) -> Entry:
    return Entry(path, {n: props[n] for n in asked if n in props}, [n for n in asked if n not in props])


def _principal(server: Serving) -> dict[str, str]:
    if "no-principal" in server.faults:
        return {}
    return {"D:current-user-principal": element("D:href", server.store.principal), "D:quota-available-bytes": "123456"}


def _homes(server: Serving) -> dict[str, str]:
    if "no-principal" in server.faults:
        return {}
    base = str(server.faults.value("home-url") or "")
    return {
        "C:calendar-home-set": element("D:href", base + server.store.calendars_home),
        "A:addressbook-home-set": element("D:href", base + server.store.contacts_home),
    }


def _shelf_props(server: Serving, shelf: Shelf) -> dict[str, str]:
    faults, event = server.faults, shelf.kind == CALENDAR
    props = {name: escape(value) for name, value in shelf.props.items()}
    props["D:resourcetype"] = f"<D:collection/>{'<C:calendar/>' if event else '<A:addressbook/>'}"
    reports = ["C:calendar-multiget" if event else "A:addressbook-multiget"]
    if "no-sync" not in faults:
        reports.append("D:sync-collection")
        props["D:sync-token"] = server.token(shelf)
    if "sync-hidden" not in faults:
        wrapped = "".join(element("D:supported-report", element("D:report", element(one))) for one in reports)
        props["D:supported-report-set"] = wrapped
    if "no-ctag" not in faults:
        props["S:getctag"] = f"ctag-{shelf.version}"
    if "read-only" in faults:
        props["D:current-user-privilege-set"] = "<D:privilege><D:read/></D:privilege>"
    if shelf.components:
        comps = "".join(f'<C:comp name="{one}"/>' for one in shelf.components)
        props["C:supported-calendar-component-set"] = comps
    return props


def _members(server: Serving, shelf: Shelf, asked: list[str]) -> list[Entry]:
    faults = server.faults
    no_etag, states = faults.value("listing-no-etag") or 0, faults.value("listing-member") or {}
    entries: list[Entry] = []
    for name, item in sorted(shelf.items.items()):
        props = {"D:getetag": escape(server.etag(item)), "D:resourcetype": "", "D:getcontenttype": TYPES[shelf.kind]}
        if len(entries) < no_etag:
            del props["D:getetag"]
        status = states.get(name, 0)
        entries.append(Entry(shelf.path + name, status=status) if status else _entry(shelf.path + name, props, asked))
    short, cut = faults.value("listing-short"), faults.value("listing-507")
    if short is not None:
        entries = entries[:short]
    if cut is not None:
        entries = [*entries[:cut], Entry(shelf.path, status=507, error=LIMIT)]
    if "listing-extra" in faults:
        folder = {"D:resourcetype": "<D:collection/>", "D:getetag": '"f"'}
        entries += [_entry(f"{shelf.path}folder/", folder, asked), _entry(f"{shelf.path}folder2", folder, asked)]
        for name, type_ in (("me.png", "image/png"), ("index.html", "text/html")):
            entries.append(_entry(shelf.path + name, {"D:getcontenttype": type_, "D:getetag": '"x"'}, asked))
    for number in range(faults.value("listing-foreign") or 0):
        entries.append(_entry(f"/elsewhere/{number}.ics", {"D:getetag": '"x"'}, asked))
    return entries


def report(server: Serving, path: str, body: bytes) -> Reply:
    """Answer a REPORT."""
    root = ET.fromstring(body)
    shelf, name = server.store.locate(path)
    if shelf is None or name or not server.shown(shelf.path):
        return 404, {}, b""
    kind = prefixed(root.tag)
    asked = [prefixed(one.tag) for one in root.iterfind("{DAV:}prop/*")]
    if kind == "D:sync-collection":
        return REFUSED_REPORT if "no-sync" in server.faults else _sync(server, shelf, root, asked)
    if kind.endswith("-multiget"):
        hrefs = [one.text or "" for one in root.findall("{DAV:}href")]
        return _multiget(server, shelf, hrefs, asked)
    if kind.endswith("-query"):
        uid = next((one.text or "" for one in root.iter() if prefixed(one.tag).endswith(":text-match")), "")
        found = shelf.with_uid(uid)
        return xml_reply(server, [_item(server, shelf, found, asked)] if found else [])
    return REFUSED_REPORT


def _sync(server: Serving, shelf: Shelf, root: ET.Element, asked: list[str]) -> Reply:
    faults, token = server.faults, root.findtext("{DAV:}sync-token") or ""
    refused = faults.value("token-invalid" if token else "empty-token")
    if refused is not None:
        status, content = refused if isinstance(refused, tuple) else (refused, "<D:valid-sync-token/>")
        return status, {}, error(content)
    since = server.version_of(token)
    if since is None or since > shelf.version:
        return 403, {}, error("<D:valid-sync-token/>")
    with shelf.lock:
        touched = shelf.since(since)
        reached = shelf.version
    if not token and (too_many := _too_many(server, len(shelf.items))):
        return too_many
    if not token and "sync-old-deletions" not in faults:
        touched = {name: here for name, here in touched.items() if here}
    if "sync-no-deletions" in faults:
        touched = {name: here for name, here in touched.items() if here}
    cut = faults.value("sync-507")
    entries: list[Entry] = []
    if cut is not None and len(touched) > cut:
        last = {name: number for number, (name, _) in enumerate(shelf.history, 1)}
        touched = dict(sorted(touched.items(), key=lambda pair: last[pair[0]])[:cut])
        reached = max((last[name] for name in touched), default=since)
        entries.append(Entry(shelf.path, status=507, error=LIMIT))
    if "sync-stuck" in faults:
        reached = since
        entries.append(Entry(shelf.path, status=507, error=LIMIT))
    if "no-inline" in faults:
        asked = [name for name in asked if not name.endswith("-data")]
    for name, here in touched.items():
        path = shelf.path + name
        entries.append(_item(server, shelf, name, asked) if here else Entry(path, status=404))
    answered = None if "sync-no-token" in faults else server.token(shelf, reached, since=since)
    return xml_reply(server, entries, answered)


def _multiget(server: Serving, shelf: Shelf, hrefs: list[str], asked: list[str]) -> Reply:
    faults = server.faults
    most = faults.value("multiget-most")
    if most is not None and len(hrefs) > most[0]:
        return most[1], {}, b""
    left_out, gone = faults.value("multiget-left-out") or (), faults.value("multiget-gone") or ()
    cut = faults.value("multiget-507")
    entries: list[Entry] = []
    for href in hrefs:
        if cut is not None and len(entries) >= cut:
            entries.append(Entry(shelf.path, status=507, error=LIMIT))
            break
        name = decoded(href).rpartition("/")[2]
        if name in left_out:
            continue
        if name not in shelf.items or name in gone:
            entries.append(Entry(shelf.path + name, status=404))
        else:
            entries.append(_item(server, shelf, name, asked))
    return xml_reply(server, entries)


def _item(server: Serving, shelf: Shelf, name: str, asked: list[str]) -> Entry:
    item = shelf.items[name]
    body = item.body
    if size := server.faults.value("huge"):
        body += b"X" * size
    props = {"D:getetag": escape(server.etag(item)), "D:getcontenttype": TYPES[shelf.kind], "D:resourcetype": ""}
    props["C:calendar-data" if shelf.kind == CALENDAR else "A:address-data"] = data(body, server.faults, name)
    return _entry(shelf.path + name, props, asked)


def token_number(token: str) -> int | None:
    """Return the number at a token's end."""
    found = re.search(r"(\d+)$", unquote(token))
    return int(found[1]) if found else None
