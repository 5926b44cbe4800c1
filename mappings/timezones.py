r"""Time zones of one document: what each TZID in it means. Nothing is remembered from one document to the next.

>>> from mappings.documents import parse
>>> body = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
>>> zones = Zones.of(next(parse(body).components()))
>>> zones.resolve("W. Europe Standard Time").iana
'Europe/Berlin'

vobject and icalendar keep TZIDs in a registry of the whole process, so that one file's
"Customized Time Zone" decides about the next one's (``docs/adr`` has the figures). Here a
document's rules live in its ``Zones`` and die with it. What is cached below (the IANA
database, names, VTIMEZONEs by their octets) is a function of the package or of the very octets,
so nobody can put a wrong answer there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import lru_cache

from mappings.documents import Component, parse
from mappings.folding import without_folds
from mappings.limits import Limits
from mappings.zones.iana import names, zone_info
from mappings.zones.matching import match, same_offsets
from mappings.zones.names import LONGEST, How, find_name
from mappings.zones.observances import Unusable, read_observances, read_time
from mappings.zones.rulezone import RuleZone

MOST_MATCHES = 16
"""Zones of one document that are looked for by their rules; a file with more is made to keep us busy."""
MOST_TIMES = 200
"""Times in a zone that are compared with its own rules."""
AHEAD = 5
"""Years that an endless recurrence is compared for beyond the last date in the document."""
LARGEST = 1024 * 1024
"""Octets of a VTIMEZONE that is read; the fattest real one has 30 kB."""
SMALL = 16 * 1024
"""Octets of a VTIMEZONE up to which what it says is remembered for the next document with the same octets."""

_USED = re.compile(rb";TZID=(\"[^\"]*+\"|[^;:,\r\n]*+)[^:\r\n]*+:(\d{8}T\d{6})", re.IGNORECASE)
_RULE = re.compile(rb"\nRRULE(?=[^\r\n]*?UNTIL=(\d{4})|)(?=[^\r\n]*?(COUNT=)|)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Zone:
    """What a TZID means in one document.

    *iana* is the zone's name there, ``None`` if it is no zone of the database.
    *tzinfo* is ``None`` only if nothing is known: such a time stays floating.
    *problem* is empty, or a stable word:

    ``zone-contradicted``  the document's VTIMEZONE has other offsets than the zone it is named after; the name won
    ``zone-own``  no zone of the database has these rules: the document's own are used, its offsets kept
    ``zone-unknown``  neither the name nor the document says anything
    ``zone-offset``, ``zone-start``, ``zone-rule``, ``zone-count``, ``zone-bounds``  a part of the VTIMEZONE
        could not be followed (``mappings.zones.observances``); what is left of it was used if nothing else was known
    """

    tzid: str
    iana: str | None
    tzinfo: tzinfo | None
    how: How
    problem: str = ""


UTC_ZONE = Zone("UTC", "UTC", zone_info("UTC"), How.IANA)


class Zones:
    """The time zones of one document: by TZID, found when first asked for."""

    def __init__(self, component: Component | None = None) -> None:
        self._component = component
        self._known: dict[str, Zone] = {}
        self._uses: dict[str, _Use] | None = None
        self._matches = 0
        self._definitions: dict[str, Component] = {}
        for zone in component.components("VTIMEZONE") if component else ():
            # One that a file names twice is what it says first, as everywhere.
            self._definitions.setdefault((zone.text("TZID") or "").strip(), zone)

    @classmethod
    def of(cls, component: Component) -> Zones:
        """Return the zones of a VCALENDAR. Its VTIMEZONEs may be anything; they count for it alone."""
        return cls(component)

    def resolve(self, tzid: str) -> Zone:
        """Return what *tzid* means here; always an answer, the same each time."""
        written = tzid.strip().strip('"').strip()
        found = self._known.get(written)
        if found is None:
            found = self._known[written] = self._resolve(written)
        return found

    def _resolve(self, tzid: str) -> Zone:
        definition = self._definitions.get(tzid)
        rules, problem, location = _read(definition) if definition else (None, "", "")
        named = find_name(tzid)
        if not named or named[1] is not How.IANA:
            known = names().get(location.lower())
            named = (known, How.LOCATION) if known else named
        if named:
            name, how = named
            zone = zone_info(name)
            if rules and not self._agree(tzid, rules, name):
                problem = "zone-contradicted"
            return Zone(tzid, name, zone, how, problem)
        if rules is None:
            return Zone(tzid, None, None, How.UNKNOWN, problem or "zone-unknown")
        self._matches += 1
        # Rules of which a part is missing are nobody else's.
        whole = not problem and self._matches <= MOST_MATCHES
        name = match(rules, tzid, self._use_of(tzid).years) if whole else ""
        if name:
            return Zone(tzid, name, zone_info(name), How.RULES, problem)
        return Zone(tzid, None, rules, How.OWN, problem or "zone-own")

    def _agree(self, tzid: str, rules: RuleZone, name: str) -> bool:
        """Say whether a document's rules show the same as the zone *name*: where they are used, that is."""
        use, zone = self._use_of(tzid), zone_info(name)
        if use.repeats:
            return same_offsets(rules, name, use.years)
        return all(rules.utcoffset(time) == time.replace(tzinfo=zone).utcoffset() for time in use.times)

    def _use_of(self, tzid: str) -> _Use:
        if self._uses is None:
            self._uses = _uses(self._component) if self._component else {}
        return self._uses.get(tzid) or _Use()


@dataclass(slots=True)
class _Use:
    """Where in time a document uses a zone: its *times* (some), its *years*, and whether a rule *repeats* them."""

    years: range = range(1970, 1971)
    times: list[datetime] = field(default_factory=list)
    repeats: bool = False


def _read(definition: Component) -> tuple[RuleZone | None, str, str]:
    raw = definition.to_bytes()
    if len(raw) > LARGEST:
        return None, "zone-bounds", ""
    return _remembered(raw) if len(raw) <= SMALL else _read_octets(raw)


def _read_octets(raw: bytes) -> tuple[RuleZone | None, str, str]:
    """Return a VTIMEZONE's rules, the first problem of them, and its X-LIC-LOCATION: of these octets alone."""
    zone = next(parse(raw, limits=Limits()).components("VTIMEZONE"))
    observances = read_observances(zone)
    location = (zone.text("X-LIC-LOCATION") or "").strip()[:LONGEST]
    problem = next(iter(observances.problems), "")
    if not observances.parts:
        return None, problem or "zone-start", location
    return RuleZone((zone.text("TZID") or "").strip()[:LONGEST], observances), problem, location


_remembered = lru_cache(256)(_read_octets)
"""By the very octets: the same VTIMEZONE stands in thousands of a client's events."""


def _uses(calendar: Component) -> dict[str, _Use]:
    """Return by TZID where it is used; an endless rule goes on for some years."""
    uses: dict[str, _Use] = {}
    for component in calendar.components():
        if component.name == "VTIMEZONE":
            continue
        text = without_folds(component.to_bytes())
        rules = _RULE.findall(text)
        for written, digits in _USED.findall(text):
            time = _local(digits.decode("ascii"))
            if not time:
                continue
            tzid = written.decode("utf-8", "replace").strip('" ')
            use = uses.get(tzid)
            if use is None:
                use = uses[tzid] = _Use(range(time.year, time.year + 1))
            if len(use.times) < MOST_TIMES:
                use.times.append(time)
            use.repeats = use.repeats or bool(rules)
            ends = (int(until) if until else time.year + (0 if count else AHEAD) for until, count in rules)
            use.years = range(min(use.years[0], time.year), max(use.years[-1], time.year, *ends, 0) + 1)
    return uses


def _local(digits: str) -> datetime | None:
    try:
        return read_time(digits, 0)
    except Unusable:
        return None
