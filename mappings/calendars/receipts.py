"""Fidelity receipts: what of an original comes back from where it went, leaf by leaf."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from mappings.calendars import carrying
from mappings.calendars.keeping import KEPT, restore, spelled
from mappings.calendars.leaves import BRANCHES, HOMELESS, LEAF, MAPS, Home
from mappings.calendars.moments import Place, moment_of, stamp_of
from mappings.calendars.series import calendar_of, events_of, load, read_series, write_series
from mappings.carriers import read_carriers
from mappings.errors import MappingError
from mappings.loss import Fate, LeafFate, LossReport

if TYPE_CHECKING:
    from mappings.carriers import JSON
    from mappings.documents import Component

TOO_LARGE = "too-large"
"""The reason of a leaf that no line can carry: it is over the size that carriers have."""
NO_PLACE = "no-place"
"""The reason of a property that Google's events have no leaf for."""

Leaves = dict[str, tuple[str, "JSON"]]


def leaves_of(event: Mapping[str, JSON]) -> Leaves:
    """Return the leaves of an event: where each stands -> its path in the table, and its value."""
    return {where: (path, value) for where, path, value in _flat({**event}, "", "") if path not in HOMELESS}


def _flat(said: JSON, path: str, where: str) -> Iterator[tuple[str, str, JSON]]:
    if isinstance(said, dict) and path in MAPS:
        yield from ((f"{where}/{key}", path + "{}", value) for key, value in said.items())
    elif isinstance(said, dict) and said and (not path or path in BRANCHES or path.endswith("[]") or path in _MOMENTS):
        for name, value in said.items():
            yield from _flat(value, f"{path}.{name}" if path else name, f"{where}/{name}")
    elif isinstance(said, list) and path in _LISTS:
        for number, value in enumerate(said):
            yield from _flat(value, path + "[]", f"{where}/{number}")
    elif path.endswith(".dateTime") and isinstance(said, str):
        yield where, path, carrying.instant(said)
    elif said is not None and (said not in ([], {}) or path in LEAF):
        yield where, path, said


_MOMENTS = frozenset({"start", "end", "originalStartTime"})
_LISTS = frozenset(path[:at] for path in LEAF for at in range(len(path)) if path.startswith("[]", at))


def prove_calendar(original: bytes, stored: bytes) -> LossReport:
    """Return what a calendar *stored* gives back of an Events resource.

    Raises:
        MappingError: one of them is no such object.
    """
    document, calendar = load(original), calendar_of(stored)
    wanted, theirs = _keyed(document), _keyed(read_series(calendar))
    carriers = _carriers(calendar)
    lacking = any(not _is(theirs.get(key), one) for key, one in wanted.items())
    sent = _keyed(read_series(write_series(document))) if lacking else theirs
    return LossReport.of(_fates(wanted, theirs, sent, carriers))


def foresee(document: Mapping[str, JSON], written: Component) -> LossReport:
    """Return what became of the leaves of *document* in the calendar that was *written* of it."""
    wanted, theirs = _keyed(document), _keyed(read_series(written))
    return LossReport.of(_fates(wanted, theirs, theirs, _carriers(written)))


def _fates(
    wanted: Mapping[str, Leaves],
    theirs: Mapping[str, Leaves],
    sent: Mapping[str, Leaves],
    carriers: frozenset[str],
) -> Iterator[LeafFate]:
    for key, leaves in wanted.items():
        back, given = theirs.get(key, {}), sent.get(key, {})
        for where, (path, value) in leaves.items():
            if _says(back, where, value):
                yield LeafFate(path, _home(path, carriers))
            elif _says(given, where, value):
                yield LeafFate(path, Fate.REFUSED, "not-kept")
            else:
                yield LeafFate(path, Fate.LOST, TOO_LARGE)


def _home(path: str, carriers: frozenset[str]) -> Fate:
    """Say how a leaf that came back was kept; one in a carrier or with a correction is an extension."""
    leaf = LEAF.get(path)
    if leaf is None or leaf.home is not Home.STANDARD:
        return Fate.EXTENSION
    parts = path.replace("[]", "").split(".")
    carried = any(".".join(parts[: end + 1]) in carriers for end in range(len(parts)))
    return Fate.EXTENSION if carried else Fate.EXACT


def _carriers(calendar: Component) -> frozenset[str]:
    """Return the paths of the leaves that carriers in *calendar* hold or correct."""
    lines = (line for event in calendar.components("VEVENT") for line in event.lines("JSPROP"))
    pointers = (one.pointer.partition("/") for one in read_carriers(lines))
    return frozenset(path.replace("/", ".") for root, _, path in pointers if root in {carrying.ROOT, carrying.INSTEAD})


def _keyed(document: Mapping[str, JSON]) -> dict[str, Leaves]:
    """Return the leaves of each event, named by when it would have started in its series."""
    place = Place()
    found: dict[str, Leaves] = {}
    for event in events_of(document):
        original = moment_of(event.get("originalStartTime"), place)
        key = stamp_of(original) if original else ""
        while key in found:
            key += "+"
        found[key] = leaves_of(event)
    return found


def _is(theirs: Leaves | None, ours: Leaves) -> bool:
    return theirs is not None and all(_says(theirs, where, value) for where, (_, value) in ours.items())


def _says(leaves: Leaves, where: str, value: JSON) -> bool:
    return where in leaves and carrying.same(leaves[where][1], value)


def prove_events(original: bytes, stored: bytes) -> LossReport:
    """Return what an Events resource *stored* gives back of a calendar, property by property.

    Raises:
        MappingError: one of them is no such object.
    """
    calendar, document = calendar_of(original), load(stored)
    return LossReport.of(_lines(calendar, document))


def foresee_events(calendar: Component, document: Mapping[str, JSON]) -> LossReport:
    """Return what became of the properties of *calendar* in the *document* that was made of it."""
    return LossReport.of(_lines(calendar, document))


def _lines(calendar: Component, document: Mapping[str, JSON]) -> Iterator[LeafFate]:
    """Yield the fate of each property: as a leaf, kept beside the events, or not there at all."""
    alone = {name: said for name, said in document.items() if name != KEPT}
    try:
        leaves = Counter(spelled(write_series(alone)))
    except MappingError:
        leaves = Counter()
    whole = Counter(spelled(restore(write_series(document), document.get(KEPT))))
    for said, count in Counter(spelled(calendar)).items():
        name = said[0]
        exact = min(count, leaves[said])
        kept = min(count - exact, max(whole[said] - exact, 0))
        if exact:
            yield LeafFate(name, Fate.EXACT, count=exact)
        if kept:
            yield LeafFate(name, Fate.EXTENSION, count=kept)
        if count - exact - kept:
            yield LeafFate(name, Fate.LOST if KEPT not in document else Fate.REFUSED, NO_PLACE, count - exact - kept)
