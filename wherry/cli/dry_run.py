"""What a run would do, found by looking and nothing else: nothing is written anywhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Self, cast

from wherry.cli.result import KIND_WORDS
from wherry.cli.session import place_words
from wherry.cli.trouble import tell_stopped
from wherry.exits import Exit
from wherry.explain import reason_words
from wherry.places import VIEWS, parse_place
from wherry.showing import count, padded, show, size
from wherry.stopping import Stopper
from wherry.wiring import Wiring, open_database

if TYPE_CHECKING:
    from connectors.base import ChangePage, Collection, Place, Source
    from sync_engine.ledger import Ledger
    from sync_engine.model import CollectionRow, ItemRow, JobSpec
    from wherry.cli.flags import Flags
    from wherry.settings import Settings


BATCH = 200
"""Items read at once where only their bytes can tell."""


@dataclass(slots=True)
class Plan:
    """What would happen to one collection. *octets* is known only where the source says sizes.

    *mapped* is the media type its items would be written in, empty where bytes are carried as they
    are; *refused* says why nothing of it could be copied: new and changed items then stay behind.
    """

    name: str
    kind: str
    new: int = 0
    changed: int = 0
    same: int = 0
    unreadable: int = 0
    gone: int = 0
    octets: int = 0
    mapped: str = ""
    refused: str = ""

    @property
    def present(self) -> int:
        """Items at the source."""
        return self.new + self.changed + self.same + self.unreadable


def show_plan(flags: Flags, settings: Settings, spec: JobSpec) -> int:
    """List what running *spec* would copy; return the exit code."""
    from connectors.errors import ConnectorError

    plans: list[Plan] = []
    with Stopper(announce=False) as stop:
        wiring = Wiring(settings, stop=stop)
        try:
            plans += make_plans(settings, wiring, spec)
        except ConnectorError:
            if stop.code is None:  # otherwise the signal broke off a wait
                raise
        finally:
            wiring.close()
        if stop.code is not None:
            return tell_stopped(stop.code, "Nothing was changed (dry run).", flags)
    _show(flags, spec, plans)
    return Exit.DONE


def make_plans(settings: Settings, wiring: Wiring, spec: JobSpec) -> Iterator[Plan]:
    """Yield the plan of each collection. Raises ``ConnectorError``."""
    source = cast("Source", wiring.open_place(spec.source, spec, {}))
    try:
        accepted = accepts(settings, spec.destination)
        with _Known(settings, spec) as known:
            for collection in source.collections():
                plan = known.plan(collection, source)
                foresee(plan, collection, accepted)
                yield plan
    finally:
        source.close()


def accepts(settings: Settings, destination: str) -> tuple[str, ...]:
    """Return the media types the *destination* of a job takes, without asking it; none if it does not say."""
    from connectors.registry import load

    place = parse_place(destination, extra=settings.connectors)
    kind = VIEWS.get(place.kind, (place.kind, ""))[0]
    connector = load(kind, enabled=frozenset(settings.connectors))
    return cast("Place", connector).manifest.accepts


def foresee(plan: Plan, collection: Collection, accepted: tuple[str, ...]) -> None:
    """Say in *plan* how the items get across, as far as media types tell."""
    from sync_engine.outgoing import NO_MAPPING, find_way_for

    way = find_way_for(collection.media_types, accepted)
    if way is None:
        plan.refused = NO_MAPPING
    elif way.bridge is not None:
        plan.mapped = way.bridge.target


class _Known:
    """The ledger of the job, if there is one already. A database that is not there is not made."""

    def __init__(self, settings: Settings, spec: JobSpec) -> None:
        self._ledger: Ledger | None = None
        self._rows: dict[str, CollectionRow] = {}
        self._close: Callable[[], None] = _nothing
        file = settings.database.removeprefix("sqlite:///")
        if file == settings.database or _exists(file):
            self._open(settings, spec)

    def _open(self, settings: Settings, spec: JobSpec) -> None:
        from sync_engine.jobs import Jobs
        from sync_engine.ledger import Ledger

        database = open_database(settings)
        self._close = database.close
        wanted = (spec.kind, spec.source, spec.destination)
        for job in Jobs(database).list():
            if (job.spec.kind, job.spec.source, job.spec.destination) == wanted:
                self._ledger = Ledger(database)
                self._rows = {row.source_id: row for row in self._ledger.collections(job.id)}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._close()

    def plan(self, collection: Collection, source: Source) -> Plan:
        """Return what would happen to *collection*, from a full listing of it."""
        row = self._rows.get(collection.id)
        plan = Plan(collection.name or collection.id, collection.kind.value)
        if collection.problem is not None:
            plan.unreadable = 1
            return plan
        for page in source.changes(collection, None):
            settle(plan, collection, source, self._count(plan, page, row))
        if row is not None:
            plan.gone = max(0, row.present - plan.changed - plan.same - plan.unreadable)
        return plan

    def _count(self, plan: Plan, page: ChangePage, row: CollectionRow | None) -> dict[str, ItemRow]:
        """Count *page*; return the items whose revision says that they may have changed."""
        ids = [change.ref.id for change in page.changes if not change.gone]
        known = self._ledger.items(row.id, ids) if self._ledger is not None and row is not None else {}
        doubtful = {}
        for change in page.changes:
            base = known.get(change.ref.id)
            if change.gone:
                continue
            if change.problem is not None:
                plan.unreadable += 1
            elif base is None:
                plan.new += 1
                plan.octets += change.ref.size or 0
            elif base.revision is not None and base.revision == change.ref.revision:
                plan.same += 1
            else:
                doubtful[change.ref.id] = base
        return doubtful


def settle(plan: Plan, collection: Collection, source: Source, doubtful: Mapping[str, ItemRow]) -> None:
    """Read the items in doubt, as a run would: a file that was only touched has not changed."""
    from connectors.base import Failed, ItemRef

    refs = [ItemRef(name) for name in doubtful]
    for start in range(0, len(refs), BATCH):
        for item in source.fetch(collection, refs[start : start + BATCH]):
            if isinstance(item, Failed):
                plan.unreadable += 1
            elif sha256(item.body).hexdigest() == doubtful[item.ref.id].digest:
                plan.same += 1
            else:
                plan.changed += 1
                plan.octets += len(item.body)


def _nothing() -> None:
    """Close nothing."""


def _exists(file: str) -> bool:
    import os

    return os.path.exists(file)


def _show(flags: Flags, spec: JobSpec, plans: list[Plan]) -> None:
    if flags.json:
        for plan in plans:
            sys.stdout.write(json.dumps({"v": 1, "type": "plan", **_line(plan)}) + "\n")
        return
    total = Plan("All", "")
    lines = [f"{place_words(spec.source)} -> {place_words(spec.destination)}"]
    for plan in plans:
        for name in ("new", "changed", "same", "unreadable", "gone", "octets"):
            setattr(total, name, getattr(total, name) + getattr(plan, name))
        kind = KIND_WORDS.get(plan.kind, plan.kind)
        lines.append(f"  {kind:<10}{padded(show(plan.name, limit=40), 26)}  {_words(plan)}")
    lines.append(f"  {'All':<38}{_words(total)}" + (f", {size(total.octets)}" if total.octets else ""))
    if total.gone:
        then = "would leave the copy too" if spec.mirror else "would stay in the copy"
        lines.append(f"{count(total.gone, 'item')} gone at the source {then}.")
    sys.stdout.write("\n".join([*lines, "Nothing was changed (dry run)."]) + "\n")


def _words(plan: Plan) -> str:
    words = [f"+ {count(plan.new)} new"]
    for sign, number, word in (
        ("*", plan.changed, "changed"),
        ("=", plan.same, "as they were"),
        ("!", plan.unreadable, "unreadable"),
        ("-", plan.gone, "gone"),
    ):
        if number:
            words.append(f"{sign} {count(number)} {word}")
    if plan.refused:
        words.append(f"none could be copied: {reason_words(plan.refused)}")
    elif plan.mapped:
        words.append(f"written as {plan.mapped}")
    return "  ".join(words)


def _line(plan: Plan) -> dict[str, object]:
    return {
        "collection": plan.name,
        "kind": plan.kind,
        "present": plan.present,
        "new": plan.new,
        "changed": plan.changed,
        "same": plan.same,
        "unreadable": plan.unreadable,
        "gone": plan.gone,
        "bytes": plan.octets or None,
        "mapped_to": plan.mapped or None,
        "refused": plan.refused or None,
    }
