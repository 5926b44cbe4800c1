"""The raw lower bound: the least a client can do to mirror a collection into a folder.

It knows the collections' URLs, asks sync-collection (RFC 6578) for what changed, reads bodies by
multiget of 100 and writes them to files. Its only state is the sync-token. It recovers from
nothing, checks nothing and syncs nothing to disk: a yardstick, not a tool.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import http.client
import sys
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BATCH = 100
_MULTI_STATUS = 207
_DAV = "{DAV:}"
# Of each kind: the namespace, the multiget REPORT and the property that holds a body.
_NAMES = {
    "calendar": ("urn:ietf:params:xml:ns:caldav", "calendar-multiget", "calendar-data"),
    "contacts": ("urn:ietf:params:xml:ns:carddav", "addressbook-multiget", "address-data"),
}


class RawClient:
    """One connection to one server."""

    def __init__(self, host: str, username: str, password: str) -> None:
        """Connect to `host` ("name:port") on first use."""
        self._connection = http.client.HTTPConnection(host)
        secret = base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
        self._headers = {"Authorization": f"Basic {secret}", "Content-Type": "text/xml; charset=utf-8", "Depth": "1"}

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def changes(self, path: str, token: str) -> tuple[list[str], list[str], str]:
        """Return (hrefs changed, hrefs gone, next token) since `token`; "" means since ever."""
        body = (
            f'<sync-collection xmlns="DAV:"><sync-token>{escape(token)}</sync-token>'
            "<sync-level>1</sync-level><prop><getetag/></prop></sync-collection>"
        )
        tree = self._report(path, body)
        changed: list[str] = []
        gone: list[str] = []
        for response in tree.iter(f"{_DAV}response"):
            href = response.findtext(f"{_DAV}href", "")
            (gone if " 404 " in (response.findtext(f"{_DAV}status") or "") else changed).append(href)
        return [href for href in changed if href != path], gone, tree.findtext(f"{_DAV}sync-token", "")

    def bodies(self, path: str, kind: str, hrefs: list[str]) -> Iterator[tuple[str, str]]:
        """Yield (href, text) of the members, in batches of 100."""
        space, report, data = _NAMES[kind]
        for start in range(0, len(hrefs), BATCH):
            wanted = "".join(f"<href>{escape(href)}</href>" for href in hrefs[start : start + BATCH])
            head = f'<c:{report} xmlns="DAV:" xmlns:c="{space}"><prop><getetag/><c:{data}/></prop>'
            tree = self._report(path, f"{head}{wanted}</c:{report}>")
            for response in tree.iter(f"{_DAV}response"):
                text = response.findtext(f".//{{{space}}}{data}")
                if text is not None:
                    yield response.findtext(f"{_DAV}href", ""), text

    def _report(self, path: str, body: str) -> ET.Element:
        self._connection.request("REPORT", path, body.encode(), self._headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status != _MULTI_STATUS:
            msg = f"{response.status} {response.reason} for {path}: {content[:500]!r}"
            raise RuntimeError(msg)
        return ET.fromstring(content)


def mirror(client: RawClient, path: str, kind: str, folder: Path) -> None:
    """Bring `folder` up to date with the collection at `path`."""
    folder.mkdir(parents=True, exist_ok=True)
    memory = folder / ".token"
    token = memory.read_text(encoding="utf-8") if memory.exists() else ""
    changed, gone, token = client.changes(path, token)
    for href, text in client.bodies(path, kind, changed):
        with (folder / _file_name(href)).open("w", encoding="utf-8", newline="") as file:
            file.write(text)
    for href in gone:
        (folder / _file_name(href)).unlink(missing_ok=True)
    memory.write_text(token, encoding="utf-8")


def _file_name(href: str) -> str:
    return urllib.parse.unquote(href.rpartition("/")[2]).replace("/", "_")


def main(arguments: Iterable[str]) -> None:
    """Mirror one calendar and one address book."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dav.raw")
    for name in ("--calendar", "--contacts", "--username", "--password"):
        parser.add_argument(name, required=True)
    parser.add_argument("--to", type=Path, required=True)
    options = parser.parse_args(list(arguments))
    host = urllib.parse.urlsplit(options.calendar).netloc
    with contextlib.closing(RawClient(host, options.username, options.password)) as client:
        for kind in _NAMES:
            mirror(client, urllib.parse.urlsplit(getattr(options, kind)).path, kind, options.to / kind)


if __name__ == "__main__":
    main(sys.argv[1:])
