"""PUT, DELETE, MKCALENDAR, MKCOL and PROPPATCH of a stand-in DAV server."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from simulators.dav_answers import error
from simulators.dav_reading import Reply, prefixed
from simulators.dav_store import CALENDAR, CONTACTS, ENDINGS, Shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulators.dav_serving import Serving

RESET = -1
"""A status that stands for "reset the connection now"."""

_READ_ONLY: Reply = (403, {}, error("<D:need-privileges><D:resource/></D:need-privileges>"))


def put(server: Serving, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
    """Answer a PUT."""
    shelf, name = server.store.locate(path)
    if shelf is None or not name:
        return 409, {}, b""
    refused = _put_refused(server, shelf, name, body) or _unmet(server, shelf, name, headers)
    if refused is not None:
        return refused
    faults = server.faults
    lost = faults.value("put-lost")
    if lost is not None:
        return (RESET if lost == "reset" else int(lost)), {}, b""
    created = name not in shelf.items
    renamed = faults.value("put-rename") if created else None
    if renamed:
        name = f"server-{shelf.version + 1}{ENDINGS[shelf.kind]}"
    if (rewrite := faults.value("put-rewrite")) is not None:
        body = body.replace(b"\r\nUID", b"\r\nX-SERVER-SAW:yes\r\nUID", 1) if rewrite == "add" else reorder(body)
    if (uid := faults.value("put-uid")) is not None:
        body = body.replace(b"\r\nUID:", f"\r\nUID:{uid}-".encode())
    item = shelf.put(name, body)
    stored = faults.value("put-stored")
    if stored is not None:
        return (RESET if stored == "reset" else int(stored)), {}, b""
    answer = {} if "put-no-etag" in faults else {"ETag": server.etag(item)}
    if "schedule-tags" in faults:
        answer = {"Schedule-Tag": f'"s{shelf.version}"'}
    if renamed == "location":
        answer["Location"] = shelf.path + name
    return (201 if created else 204), answer, b""


def reorder(body: bytes) -> bytes:
    """Return the same lines with neighbours swapped where that changes no structure."""
    lines = body.split(b"\r\n")
    for at in range(len(lines) - 1):
        if not any(line.startswith((b"BEGIN", b"END", b"VERSION", b" ")) for line in lines[at : at + 3]):
            lines[at], lines[at + 1] = lines[at + 1], lines[at]
            break
    return b"\r\n".join(lines)


def _put_refused(server: Serving, shelf: Shelf, name: str, body: bytes) -> Reply | None:
    faults = server.faults
    if "read-only" in faults:
        return _READ_ONLY
    for text, (status, content) in (faults.value("put-status") or {}).items():
        if text.encode() in body:
            return status, {}, error(content)
    most = faults.value("put-most")
    if most is not None and len(body) > most:
        return 403, {}, error("<C:max-resource-size/>" if shelf.kind == CALENDAR else "<A:max-resource-size/>")
    uid = next((line[4:].decode() for line in body.split(b"\r\n") if line.startswith(b"UID:")), "")
    prefix = "C" if shelf.kind == CALENDAR else "A"
    fixed = faults.value("uid-fixed")
    if fixed is not None and name in shelf.items and shelf.items[name].uid != uid:
        return fixed, {}, error(f"<{prefix}:no-uid-conflict>{_href(shelf.path + name)}</{prefix}:no-uid-conflict>")
    conflict = faults.value("uid-conflict")
    other = shelf.with_uid(uid, besides=name)
    if conflict is not None and other:
        status, named = conflict if isinstance(conflict, tuple) else (conflict, True)
        href = _href(shelf.path + other) if named else ""
        return status, {}, error(f"<{prefix}:no-uid-conflict>{href}</{prefix}:no-uid-conflict>")
    return None


def _href(path: str) -> str:
    return f"<D:href>{path}</D:href>"


def _unmet(server: Serving, shelf: Shelf, name: str, headers: Mapping[str, str]) -> Reply | None:
    """Return 412 when a condition does not hold (RFC 9110 section 13.1)."""
    item = shelf.items.get(name)
    wanted, unwanted = headers.get("If-Match"), headers.get("If-None-Match")
    if unwanted == "*" and item is not None and "no-if-none-match" not in server.faults:
        return 412, {}, b""
    if wanted is not None and (item is None or not _matches(server, wanted, server.etag(item))):
        return 412, {}, b""
    return None


def _matches(server: Serving, wanted: str, etag: str) -> bool:
    return wanted == "*" or (wanted == etag and "weak-etags" not in server.faults)


def delete(server: Serving, path: str, headers: Mapping[str, str]) -> Reply:
    """Answer a DELETE."""
    shelf, name = server.store.locate(path)
    if shelf is None or name not in shelf.items:
        return 404, {}, b""
    if "read-only" in server.faults:
        return _READ_ONLY
    refused = _unmet(server, shelf, name, headers)
    if refused is not None:
        return refused
    for text, (status, content) in (server.faults.value("delete-status") or {}).items():
        if text.encode() in shelf.items[name].body:
            return status, {}, error(content)
    lost = server.faults.value("put-lost")
    if lost is not None:
        return (RESET if lost == "reset" else int(lost)), {}, b""
    shelf.delete(name)
    if (stored := server.faults.value("put-stored")) is not None:
        return (RESET if stored == "reset" else int(stored)), {}, b""
    return 204, {}, b""


def make(server: Serving, method: str, path: str, body: bytes) -> Reply:
    """Answer MKCALENDAR and extended MKCOL (RFC 4791 section 5.3.1, RFC 5689)."""
    store, faults = server.store, server.faults
    if "read-only" in faults:
        return _READ_ONLY
    if method in (faults.value("mk-refused") or ()):
        return 403, {}, error("<D:resource-must-be-null-not/>")
    path = f"{path.rstrip('/')}/"
    if path in store.shelves:
        return 405, {}, error("<D:resource-must-be-null/>")
    root = ET.fromstring(body) if body else ET.Element("none")
    names = {prefixed(one.tag): one for one in root.iterfind("{DAV:}set/{DAV:}prop/*")}
    if names.keys() & set(faults.value("mk-props") or ()):
        return 403, {}, b""
    types = {prefixed(one.tag) for one in names.pop("D:resourcetype", ET.Element("none"))}
    if method == "MKCOL" and not types & {"C:calendar", "A:addressbook"}:
        return 403, {}, error("<D:valid-resourcetype/>")
    allowed = names.pop("C:supported-calendar-component-set", ET.Element("none"))
    components = tuple(one.get("name", "") for one in allowed)
    kind = CONTACTS if "A:addressbook" in types else CALENDAR
    store.make_at(path, kind, {name: one.text or "" for name, one in names.items()}, components)
    if (late := faults.value("mk-late")) is not None:
        store.hidden[path] = int(late)
    return 201, {}, b""


def proppatch(server: Serving, path: str, body: bytes) -> Reply:
    """Answer a PROPPATCH that sets texts."""
    shelf, name = server.store.locate(path)
    if shelf is None or name:
        return 404, {}, b""
    for one in ET.fromstring(body).iterfind("{DAV:}set/{DAV:}prop/*"):
        shelf.props[prefixed(one.tag)] = one.text or ""
    return 207, {"Content-Type": "application/xml"}, b'<multistatus xmlns="DAV:"/>'
