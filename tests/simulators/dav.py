"""The few DAV requests these tests send, with the standard library alone."""

from __future__ import annotations

import base64
import http.client
import urllib.parse
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from simulators.davservers import DavServer

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CARDDAV = "{urn:ietf:params:xml:ns:carddav}"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    @property
    def xml(self) -> ET.Element:
        return ET.fromstring(self.body)

    def hrefs(self, name: str) -> list[str]:
        """Return the hrefs inside each element `name`."""
        return [href.text or "" for element in self.xml.iter(name) for href in element.iter(f"{DAV}href")]


def ask(
    server: DavServer,
    method: str,
    url: str,
    body: bytes = b"",
    *,
    login: tuple[str, str] | None = None,
    depth: str = "0",
) -> Answer:
    """Send one request; `login` None means the server's own account, ("", "") none at all."""
    address = urllib.parse.urlsplit(url)
    username, password = (server.username, server.password) if login is None else login
    headers = {"Depth": depth, "Content-Type": "text/xml; charset=utf-8"}
    if username:
        headers["Authorization"] = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
    connection = http.client.HTTPConnection(address.netloc, timeout=60)
    try:
        connection.request(method, address.path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.read())
    finally:
        connection.close()


def propfind(server: DavServer, url: str, *names: str, depth: str = "0") -> Answer:
    """Ask for properties by their Clark names, "{namespace}local"."""
    properties = "".join('<{1} xmlns="{0}"/>'.format(*name[1:].split("}")) for name in names)
    body = f'<propfind xmlns="DAV:"><prop>{properties}</prop></propfind>'
    return ask(server, "PROPFIND", url, body.encode(), depth=depth)
