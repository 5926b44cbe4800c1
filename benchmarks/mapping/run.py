"""Measure the libraries by turns: a block of items each, in an order that rotates, until all items are through."""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.mapping.contestants import CONTESTANTS, Contestant, plain
from benchmarks.mapping.items import cards, events
from mappings.mediatypes import CALENDAR, CARD, EVENTS, PERSON
from mappings.registry import bridge

KINDS: Mapping[str, Callable[[int], Iterator[bytes]]] = {"events": events, "cards": cards}
TASKS = ("copy", "fields")
"""``copy`` reads and writes; ``fields`` looks at ten fields in between."""
BLOCK = 50
WEIGHED = 200
"""Items held at once to weigh one."""


class WrongResult(RuntimeError):
    """A library did not give back what it was given; its speed means nothing."""


@dataclass(frozen=True, slots=True)
class Turn:
    """CPU seconds per item of one block."""

    kind: str
    task: str
    contestant: str
    seconds: float


def turns(items: int, *, repeat: int) -> Iterator[Turn]:
    """Yield every library's turn on every block, *repeat* times over."""
    for kind, make in KINDS.items():
        bodies = list(make(items))
        players = [each for each in CONTESTANTS if kind in each.kinds]
        blocks = [bodies[start : start + BLOCK] for start in range(0, len(bodies), BLOCK)]
        for number, block in enumerate(blocks * repeat):
            shift = number % len(players)
            for player in (*players[shift:], *players[:shift]):
                for task in TASKS:
                    yield Turn(kind, task, player.name, _timed(player, kind, task, block))


def _timed(player: Contestant, kind: str, task: str, block: Sequence[bytes]) -> float:
    gc.collect()
    start = time.process_time()
    if task == "copy":
        for body in block:
            player.write(kind, player.read(kind, body))
    else:
        for body in block:
            item = player.read(kind, body)
            player.fields(kind, item)
            player.write(kind, item)
    return (time.process_time() - start) / len(block)


def check(items: int) -> None:
    """See that what is measured is right: our bytes are the bytes, and the fields are those of the others.

    Raises:
        WrongResult: they are not.
    """
    ours = CONTESTANTS[0]
    for kind, make in KINDS.items():
        for body in make(items):
            item = ours.read(kind, body)
            if ours.write(kind, item) != body:
                raise WrongResult(kind)
            if kind == "events":
                _compare(ours.fields(kind, item), body)


def _compare(ours: Mapping[str, object], body: bytes) -> None:
    for other in CONTESTANTS[1:]:
        theirs = other.fields("events", other.read("events", body))
        for name, value in ours.items():
            if plain(theirs[name]) != plain(value):
                raise WrongResult(f"{other.name}: {name}: {theirs[name]!r} instead of {value!r}")


def weights(count: int = WEIGHED) -> dict[str, float]:
    """Return what one item holds in memory once read, in kB, by ``<kind>.held.<contestant>.kb``."""
    found = {}
    for kind, make in KINDS.items():
        bodies = list(make(count))
        for player in (each for each in CONTESTANTS if kind in each.kinds):
            for body in bodies[:20]:
                player.read(kind, body)
            gc.collect()
            tracemalloc.start()
            held = [player.read(kind, bytes(bytearray(body))) for body in bodies]
            gc.collect()
            size, _ = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            found[f"{kind}.held.{player.name}.kb"] = round(size / len(held) / 1000, 2)
    return found


def figures(measured: Sequence[Turn]) -> dict[str, float]:
    """Return items per CPU second by ``<kind>.<task>.<contestant>.items_per_s``, and how often the others' we are."""
    seconds: dict[tuple[str, str, str], list[float]] = {}
    for turn in measured:
        seconds.setdefault((turn.kind, turn.task, turn.contestant), []).append(turn.seconds)
    medians = {key: statistics.median(each) for key, each in seconds.items()}
    found: dict[str, float] = {}
    for (kind, task, name), median in medians.items():
        found[f"{kind}.{task}.{name}.items_per_s"] = round(1 / median, 1)
        ours = medians[kind, task, CONTESTANTS[0].name]
        if name != CONTESTANTS[0].name:
            found[f"{kind}.{task}.wherry_to_{name}.times"] = round(median / ours, 2)
    return found


def bridges(items: int) -> dict[str, float]:
    """Return items per CPU second and CPU ms per item of each way from Google's JSON, by ``<kind>.bridge.*``.

    What is mapped comes from our own lines by the way back, so that it has what such items have.
    A bridge that is not built yet is left out.
    """
    found: dict[str, float] = {}
    for kind, target, source in (("events", CALENDAR, EVENTS), ("cards", CARD, PERSON)):
        try:
            there, back = bridge(target, [source]), bridge(source, [target])
        except (ImportError, AttributeError):
            continue
        if not there or not back:
            continue
        originals = [there.convert(body).body for body in KINDS[kind](items)]
        spent = []
        for start in range(0, len(originals), BLOCK):
            block = originals[start : start + BLOCK]
            gc.collect()
            began = time.process_time()
            for body in block:
                back.convert(body)
            spent.append((time.process_time() - began) / len(block))
        median = statistics.median(spent)
        found[f"{kind}.bridge.items_per_s"] = round(1 / median, 1)
        found[f"{kind}.bridge.cpu_ms"] = round(median * 1000, 3)
    return found
