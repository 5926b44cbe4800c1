"""Cards from one version of vCard to another, and back, without losing a line.

Every step is proven on the card itself: what was written is taken back, and where a line does
not return as it was, it is kept in a carrier beside what stands in its place. So it does not
matter how odd a card is, only how much of it has a home of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mappings.cards import old, together
from mappings.cards.agents import Change, inline_agents, nest_agents
from mappings.cards.keeping import restore
from mappings.cards.names import MIDDLE, NEW, OLD, VERSIONS
from mappings.cards.proof import Proof
from mappings.contentlines import ContentLine, make_line
from mappings.documents import Component, parse
from mappings.errors import Malformed, UnknownType
from mappings.folding import line_end
from mappings.inspect import inspect
from mappings.limits import DEFAULT_LIMITS, Limits
from mappings.loss import Fate, LeafFate, LossReport
from mappings.mediatypes import CARD
from mappings.registry import Mapped

if TYPE_CHECKING:
    from mappings.cards.step import Step

_STEPS: Mapping[tuple[str, str], Step] = {
    (step.source, step.target): step for step in (old.UP, old.DOWN, together.UP, together.DOWN)
}


def convert(body: bytes, version: str, *, limits: Limits = DEFAULT_LIMITS) -> Mapped:
    """Return the cards of *body* in *version* (``2.1``, ``3.0`` or ``4.0``), with the fate of each line.

    A leaf is named by its property. A card that is of the version already stays octet for octet.

    Raises:
        UnknownType: there is no such version.
        Malformed: *body* is no whole card (or several).
        TooLarge, TooDeep: it is over *limits*.
    """
    if version not in VERSIONS:
        raise UnknownType(f"{CARD};version={version}")
    problem = inspect(CARD, body, limits=limits).problem
    document = parse(body, limits=limits)
    if problem:
        raise Malformed(problem)
    fates: list[LeafFate] = []
    pieces = []
    for item in document.items:
        if isinstance(item, Component):
            pieces.append(_card(item, version, fates, limits))
        elif not item.isspace():
            pieces.append(item)
    return Mapped(b"".join(pieces), f"{CARD};version={version}", LossReport.of(fates))


def version_of(card: Component) -> str:
    """Return a card's version; one that says none, or none we know, counts as 3.0, or as 4.0 if it says more."""
    written = (card.text("VERSION") or "").strip()
    if written in VERSIONS:
        return written
    return NEW if written[:1].isdigit() and written[:1] > "3" else OLD if written[:2] in {"1.", "2."} else MIDDLE


def _card(card: Component, version: str, fates: list[LeafFate], limits: Limits) -> bytes:
    """Write *card* in *version*, step by step, and add what became of its lines to *fates*."""
    now = version_of(card)
    body = card.to_bytes()
    own: list[LeafFate] = []
    while now != version:
        above = VERSIONS.index(version) > VERSIONS.index(now)
        following = VERSIONS[VERSIONS.index(now) + (1 if above else -1)]
        (component,) = parse(body, limits=limits).components()
        body, then = _one_step(component, _STEPS[now, following], _STEPS[following, now], limits)
        own = _followed(own, then) if own else then
        now = following
    fates.extend(own)
    return body


def _followed(first: list[LeafFate], then: list[LeafFate]) -> list[LeafFate]:
    """Return the fates after two steps: those of the first, worse where the second did worse."""
    extended = {one.leaf for one in then if one.fate is Fate.EXTENSION}
    after = [
        replace(one, fate=Fate.EXTENSION) if one.fate is Fate.EXACT and one.leaf in extended else one for one in first
    ]
    return [*after, *(one for one in then if one.fate is Fate.LOST)]


def _one_step(card: Component, step: Step, opposite: Step, limits: Limits) -> tuple[bytes, list[LeafFate]]:
    end = line_end(card.begin) or b"\r\n"

    def inner(version: str) -> Change:
        return lambda agent: _card(agent, version, [], limits)

    lines, others = inline_agents(card, inner(MIDDLE)) if step.source == OLD else _plain(card)
    lines = [_ended(line, end) for line in lines if line.name != "VERSION" and not line.blank]
    found = restore(step, lines)
    proof = Proof(step, opposite, found, lines, end)
    proof.settle()
    written = proof.written()
    if step.target == OLD:
        raws = list(nest_agents(written, inner(OLD), inner(MIDDLE)))
    else:
        raws = [line.raw for line in written]
    head = card.begin + make_line("VERSION", step.target, end=end).raw
    return b"".join([head, *raws, *others, card.end]), proof.fates()


def _plain(card: Component) -> tuple[list[ContentLine], list[bytes]]:
    return list(card.lines()), [item.to_bytes() for item in card.components()]


def _ended(line: ContentLine, end: bytes) -> ContentLine:
    return line if line_end(line.raw) else ContentLine(line.raw + end)
