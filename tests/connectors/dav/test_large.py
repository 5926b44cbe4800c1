"""An event of three megabytes (case 27), as a person with an attachment has it, on real servers."""

from __future__ import annotations

import base64
import random
from typing import TYPE_CHECKING

from connectors.base import Item, ItemRef, Kind, Put, Result
from connectors.dav.place import Dav
from mappings.canonical import canonical_digest
from tests.connectors.dav.behind import DavBackstage, context, http

if TYPE_CHECKING:
    from simulators.davservers import DavServer

TYPE = "text/calendar"


def with_attachment(size: int) -> bytes:
    """Return an event with an inline attachment, about *size* bytes as it stands."""
    data = base64.b64encode(random.Random(27).randbytes(size * 3 // 4)).decode()
    line = f"ATTACH;ENCODING=BASE64;VALUE=BINARY:{data}"
    folded = "\r\n ".join(line[at : at + 74] for at in range(0, len(line), 74))
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//wherry//tests//EN\r\nBEGIN:VEVENT\r\nUID:large\r\n"
        "DTSTAMP:20260101T000000Z\r\nDTSTART:20260101T100000Z\r\nSUMMARY:With a film\r\n"
        f"{folded}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()


def test_case_27_three_megabytes_are_written_once_and_read_whole(real: DavServer) -> None:
    """The transport is the one people have, but for the loopback: its patience has to be enough."""
    backstage = DavBackstage(real, Kind.EVENT, "large")
    home, large = backstage.create(Kind.EVENT), with_attachment(3_000_000)
    transport = http(real.url)
    place = Dav(backstage.endpoint, context(transport))
    (collection,) = [one for one in place.collections() if one.id == home]
    put = Put("large", Item(ItemRef("x"), TYPE, large))
    (receipt,) = place.put(collection, [put])
    assert receipt.result is Result.CREATED, receipt.error
    assert receipt.target is not None
    (found,) = place.fetch(collection, [receipt.target])
    assert isinstance(found, Item)
    assert canonical_digest(TYPE, found.body) == canonical_digest(TYPE, large)
    assert transport.meter.sent < 2 * len(large), "it went out once"
