"""The XML a stand-in DAV server writes, with the oddities that were asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from simulators.dav_faults import Faults

XMLNS = (
    'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:A="urn:ietf:params:xml:ns:carddav" '
    'xmlns:S="http://calendarserver.org/ns/" xmlns:I="http://apple.com/ns/ical/"'
)
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
XHTML = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Login</title></head><body><p>Hi</p></body></html>'
PORTALS: dict[str, tuple[int, str, str]] = {
    "html": (200, "text/html", "<!DOCTYPE html><html><head><title>Wi-Fi login<br></head></html>"),
    "html-207": (207, "text/html", "<!DOCTYPE html><html><head><title>Wi-Fi login<br></head></html>"),
    "xhtml": (200, "application/xhtml+xml", f"{HEAD}{XHTML}"),
    "xhtml-207": (207, "application/xml", f"{HEAD}{XHTML}"),
    "foreign": (207, "application/xml", f'{HEAD}<multistatus xmlns="urn:elsewhere"><response/></multistatus>'),
    "bare": (207, "application/xml", f"{HEAD}<multistatus><response><href>/x</href></response></multistatus>"),
    "empty": (207, "application/xml", f'{HEAD}<D:multistatus xmlns:D="DAV:"/>'),
    "nothing": (207, "application/xml", ""),
    "plain": (207, "text/plain", "It works!"),
}


@dataclass(slots=True)
class Entry:
    """One response: properties as XML by prefixed name, those not found, or a status for the whole."""

    path: str
    props: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    status: int = 0
    error: str = ""


def element(name: str, content: str = "") -> str:
    """Return an element with ready XML inside."""
    return f"<{name}>{content}</{name}>" if content else f"<{name}/>"


def spell(path: str, spelling: str, origin: str) -> str:
    """Return *path* (decoded) as the server spells hrefs."""
    plain = quote(path, safe="/")
    head, _, name = plain.rpartition("/")
    if spelling == "lower":
        return "".join(f"%{part[:2].lower()}{part[2:]}" if at else part for at, part in enumerate(plain.split("%")))
    return {
        "absolute": f"{origin}{plain}",
        "http": f"{origin}{plain}",
        "raw": quote(path, safe="/@:+,;=!$&'()*~ "),
        "double": f"{head}/{quote(name)}",
        "semicolon": f"{plain};" if name else plain,
        "relative": name or plain,
        "off-origin": f"https://elsewhere.example{plain}",
    }.get(spelling, plain)


def multistatus(entries: list[Entry], faults: Faults, origin: str, token: str | None = None) -> bytes:
    """Write a multistatus."""
    spelling = str(faults.value("spelling") or "")
    written = [_response(entry, faults, spell(entry.path, spelling, origin)) for entry in entries]
    if "duplicates" in faults:
        written += written
    tail = f"<D:sync-token>{escape(token)}</D:sync-token>" if token is not None else ""
    return f"{HEAD}<D:multistatus {XMLNS}>{''.join(written)}{tail}</D:multistatus>".encode()


def _response(entry: Entry, faults: Faults, href: str) -> str:
    inside = f"<D:href>{escape(href)}</D:href>"
    if entry.status:
        line = _status(entry.status)
        odd = "propstat-status" in faults and entry.status == 404
        inside += f"<D:propstat><D:prop/>{line}</D:propstat>" if odd else line
        if entry.error:
            inside += f"<D:error>{entry.error}</D:error>"
        return f"<D:response>{inside}</D:response>\n"
    found = [element(name, content) for name, content in entry.props.items()]
    groups = [[one] for one in found] if "split" in faults else [found]
    for group in groups:
        inside += f"<D:propstat><D:prop>{''.join(group)}</D:prop>{_status(200)}</D:propstat>"
    if entry.missing:
        names = "".join(f"<{name}/>" for name in entry.missing)
        inside += f"<D:propstat><D:prop>{names}</D:prop>{_status(404)}</D:propstat>"
    return f"<D:response>{inside}</D:response>\n"


def _status(code: int) -> str:
    return f"<D:status>HTTP/1.1 {code} Said so</D:status>"


def error(content: str) -> bytes:
    """Write an error body around ready XML."""
    return f"{HEAD}<D:error {XMLNS}>{content}</D:error>".encode() if content else b""


def data(body: bytes, faults: Faults, name: str) -> str:
    """Return an item's body as it stands inside XML."""
    text = body.decode("utf-8", "replace").replace("\r\n", "\n")
    spoilt = faults.value("control")
    if spoilt is not None and (spoilt == name or (not isinstance(spoilt, str) and name in spoilt)):
        return escape(text).replace("END:V", f"X-ODD:{faults.value('control-as') or chr(11)}\nEND:V", 1)
    return f"<![CDATA[{text}]]>" if "cdata" in faults else escape(text)


def decoded(path: str) -> str:
    """Return the path a request or an href in one means."""
    if "://" in path:
        path = "/" + path.partition("://")[2].partition("/")[2]
    return unquote(path)
