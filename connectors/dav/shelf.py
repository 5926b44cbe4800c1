"""What a home holds: its calendars and address books, read from one PROPFIND."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from connectors.base import Collection, Kind
from connectors.dav import names
from connectors.dav.hrefs import absolute, canonical, last_part, origin_and_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.dav.multistatus import Node, Response

ASKED: Final = (
    names.RESOURCETYPE,
    names.DISPLAYNAME,
    names.COMPONENTS,
    names.SUPPORTED_ADDRESS_DATA,
    names.CALENDAR_COLOUR,
    names.CALENDAR_ORDER,
    names.CALENDAR_DESCRIPTION,
    names.ADDRESSBOOK_DESCRIPTION,
    names.CALENDAR_TIMEZONE,
    names.REPORTS,
    names.PRIVILEGES,
    names.SYNC_TOKEN,
)
"""Asked of every collection. ``getctag`` only where no sync-token is given: some servers compute both."""

TYPES: Final = {Kind.EVENT: names.CALENDAR, Kind.CONTACT: names.ADDRESSBOOK}

_NOT_FOR_ITEMS: Final = frozenset(
    {"schedule-inbox", "schedule-outbox", "notification", "dropbox-home", "trash-bin", "deleted-calendar"},
)
_WRITING: Final = frozenset({f"{names.DAV}}}{word}" for word in ("all", "write", "write-content", "bind")})
_DEFAULT_VCARD: Final = ("text/vcard;version=3.0",)
"""What a server takes that does not say (RFC 6352 section 6.2.2)."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """A collection, where it stands, and what its server can do there."""

    collection: Collection
    url: str
    syncs: bool
    """Whether ``sync-collection`` is offered; true as well where the server does not say."""
    has_token: bool
    """Whether its state is a sync-token."""


def shelved(response: Response, base: str, kinds: frozenset[Kind]) -> Shelved | str | None:
    """Return the collection *response* describes, why it is left out, or ``None`` if it is none at all."""
    types = response.inside(names.RESOURCETYPE)
    kind = next((kind for kind, type_ in TYPES.items() if type_ in types), None)
    special = {names.local(name) for name in types} & _NOT_FOR_ITEMS
    if special:
        return f"holds no items of its own ({', '.join(sorted(special))})"
    if kind is None or response.status >= 400:
        return None
    if kind not in kinds:
        return "not among the kinds selected"
    url = absolute(base, response.href)
    has_token = bool(response.props.get(names.SYNC_TOKEN, "").strip())
    return Shelved(_collection(response, kind, origin_and_path(url)[1]), url, _syncs(response), has_token)


def _collection(response: Response, kind: Kind, path: str) -> Collection:
    props = response.props
    id_ = canonical(path if path.endswith("/") else f"{path}/")
    slug = last_part(id_)
    return Collection(
        id=id_,
        kind=kind,
        name=props.get(names.DISPLAYNAME, "").strip() or slug,
        slug=slug,
        colour=_text(props.get(names.CALENDAR_COLOUR)),
        description=_text(props.get(names.CALENDAR_DESCRIPTION) or props.get(names.ADDRESSBOOK_DESCRIPTION)),
        order=_whole(props.get(names.CALENDAR_ORDER)),
        timezone=_text(props.get(names.CALENDAR_TIMEZONE)),
        components=_components(response, kind),
        media_types=_media_types(response, kind),
        writable=may_write(response),
        state=state(response),
    )


def state(response: Response) -> str | None:
    """Return the word that changes with the collection: its sync-token, else its ctag."""
    token = response.props.get(names.SYNC_TOKEN, "").strip()
    return token or response.props.get(names.CTAG, "").strip() or None


def _components(response: Response, kind: Kind) -> frozenset[str]:
    """Return the component types allowed; none said means all (RFC 4791 section 5.2.3)."""
    if kind is Kind.CONTACT:
        return frozenset({"VCARD"})
    said = response.trees.get(names.COMPONENTS, ())
    return frozenset([node.attributes.get("name", "").upper() for node in said if node.name == names.COMPONENT]) - {""}


def _media_types(response: Response, kind: Kind) -> tuple[str, ...]:
    if kind is Kind.EVENT:
        return ("text/calendar",)
    said = response.trees.get(names.SUPPORTED_ADDRESS_DATA, ())
    types = [_media_type(node) for node in said if node.name == names.ADDRESS_TYPE]
    return tuple(sorted({type_ for type_ in types if type_.startswith("text/vcard")}, reverse=True)) or _DEFAULT_VCARD


def _media_type(node: Node) -> str:
    type_, version = node.attributes.get("content-type", "").lower(), node.attributes.get("version", "")
    return f"{type_};version={version}" if version else type_


def may_write(response: Response) -> bool:
    """Say whether items may be written; a server that does not say is believed to allow it."""
    if names.PRIVILEGES not in response.trees and names.PRIVILEGES not in response.props:
        return True
    return bool(response.inside(names.PRIVILEGES) & _WRITING)


def _syncs(response: Response) -> bool:
    return names.REPORTS not in response.trees or names.SYNC_COLLECTION in response.inside(names.REPORTS)


def _text(value: str | None) -> str | None:
    return (value or "").strip() or None


def _whole(value: str | None) -> int | None:
    found = re.fullmatch(r"\s*(-?\d{1,9})(\.0*)?\s*", value or "")
    return int(found[1]) if found else None


def selected(found: Iterator[Shelved], path: str) -> Iterator[Shelved]:
    """Keep the collections that *path* names by id, slug or name; all if it is empty."""
    wanted = path.strip()
    for one in found:
        collection = one.collection
        if not wanted or wanted in {collection.slug, collection.name} or _same_path(wanted, collection.id):
            yield one


def _same_path(wanted: str, id_: str) -> bool:
    return canonical(wanted).rstrip("/") == id_.rstrip("/")
