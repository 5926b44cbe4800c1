"""The request bodies we send. All names and texts in them are escaped here and nowhere else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from connectors.dav.names import APPLE, CALDAV, CARDDAV, DAV, SERVER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TYPE: Final = {"Content-Type": 'application/xml; charset="utf-8"'}

_PREFIXES: Final = {DAV: "D", CALDAV: "C", CARDDAV: "A", SERVER: "S", APPLE: "I"}
_XMLNS: Final = " ".join(f'xmlns:{prefix}="{uri}"' for uri, prefix in _PREFIXES.items())
_HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>\n'


_UNSPEAKABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot carry, not even escaped (section 2.2)."""


def escape(text: str) -> str:
    """Return *text* as it may stand in an element or a quoted attribute."""
    text = _UNSPEAKABLE.sub("", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("\r", "&#13;")


def tag(name: str) -> str:
    """Return the prefixed spelling of a Clark name."""
    uri, _, local = name.partition("}")
    return f"{_PREFIXES[uri]}:{local}"


def _properties(names: Iterable[str]) -> str:
    return "".join([f"<{tag(name)}/>" for name in names])


def _document(root: str, content: str) -> bytes:
    return f"{_HEAD}<{root} {_XMLNS}>{content}</{root}>".encode()


def propfind(names: Iterable[str]) -> bytes:
    """Ask for properties (RFC 4918 section 9.1)."""
    return _document("D:propfind", f"<D:prop>{_properties(names)}</D:prop>")


def sync(token: str, names: Iterable[str]) -> bytes:
    """Ask what changed since *token*, empty for everything (RFC 6578 section 3.2). Never with a limit."""
    return _document(
        "D:sync-collection",
        f"<D:sync-token>{escape(token)}</D:sync-token><D:sync-level>1</D:sync-level>"
        f"<D:prop>{_properties(names)}</D:prop>",
    )


def multiget(data: str, hrefs: Sequence[str]) -> bytes:
    """Ask for the bodies (*data*: the property they come in) and etags of *hrefs* (RFC 4791 7.9, RFC 6352 8.7)."""
    uri = data.partition("}")[0]
    root = f"{_PREFIXES[uri]}:{'calendar' if uri == CALDAV else 'addressbook'}-multiget"
    asked = "".join([f"<D:href>{escape(href)}</D:href>" for href in hrefs])
    return _document(root, f"<D:prop><D:getetag/><{tag(data)}/></D:prop>{asked}")


def with_uid(data: str, uid: str, component: str) -> bytes:
    """Ask for the items with this UID (RFC 4791 section 7.8.6, RFC 6352 section 8.6)."""
    props = "<D:prop><D:getetag/></D:prop>"
    text = escape(uid)
    if data.startswith(CARDDAV):
        found = f'<A:prop-filter name="UID"><A:text-match match-type="equals">{text}</A:text-match></A:prop-filter>'
        return _document("A:addressbook-query", f"{props}<A:filter>{found}</A:filter>")
    match = f'<C:prop-filter name="UID"><C:text-match collation="i;octet">{text}</C:text-match></C:prop-filter>'
    inside = f'<C:comp-filter name="{component}">{match}</C:comp-filter>'
    calendar = f'<C:comp-filter name="VCALENDAR">{inside}</C:comp-filter>'
    return _document("C:calendar-query", f"{props}<C:filter>{calendar}</C:filter>")


def properties(values: Mapping[str, str], components: Iterable[str] = ()) -> str:
    """Return the elements that set *values* (text by Clark name) and the allowed *components*."""
    texts = "".join([f"<{tag(name)}>{escape(value)}</{tag(name)}>" for name, value in values.items()])
    allowed = "".join([f'<C:comp name="{escape(name)}"/>' for name in components])
    wrap = "C:supported-calendar-component-set"
    return texts + (f"<{wrap}>{allowed}</{wrap}>" if allowed else "")


def mkcalendar(content: str) -> bytes:
    """Create a calendar (RFC 4791 section 5.3.1); *content* from ``properties``."""
    return _document("C:mkcalendar", f"<D:set><D:prop>{content}</D:prop></D:set>") if content else b""


def mkcol(kind: str, content: str) -> bytes:
    """Create a collection of the type *kind*, a Clark name (RFC 5689)."""
    types = f"<D:resourcetype><D:collection/><{tag(kind)}/></D:resourcetype>"
    return _document("D:mkcol", f"<D:set><D:prop>{types}{content}</D:prop></D:set>")


def proppatch(content: str) -> bytes:
    """Set properties (RFC 4918 section 9.2)."""
    return _document("D:propertyupdate", f"<D:set><D:prop>{content}</D:prop></D:set>")
