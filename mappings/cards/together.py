"""Between vCard 3.0 and 4.0: lines that are two in one and one in the other, and the steps of whole cards."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from mappings.cards.names import MIDDLE, NEW, RELATIONS
from mappings.cards.new import down, preference_down, up, without
from mappings.cards.step import Step, Unit, attempt
from mappings.cards.values import is_whole_date, yearless
from mappings.contentlines import ContentLine, Parameter, make_line
from mappings.errors import Unwritable
from mappings.escapes import escape_text
from mappings.folding import line_end

_LABELS = {word: label for label, word in RELATIONS.items()}


def rewrite_up(lines: Sequence[ContentLine]) -> list[Unit]:
    """Put every line of a 3.0 card into a unit: pairs that are one property in 4.0 first, the rest one by one."""
    pairs = {id(first): (first, second, joined) for first, second, joined in _pairs(lines)}
    seconds = {id(second) for _, second, _ in pairs.values()}
    units = []
    for line in lines:
        if id(line) in pairs:
            first, second, joined = pairs[id(line)]
            units.append(Unit((first, second), (attempt(joined, up),)))
        elif id(line) not in seconds:
            units.append(Unit((line,), (attempt(line, up),)))
    return units


def _pairs(lines: Sequence[ContentLine]) -> Iterator[tuple[ContentLine, ContentLine, ContentLine]]:
    yield from _addresses(lines)
    names = [line for line in lines if line.name == "N"]
    sorts = [line for line in lines if line.name == "SORT-STRING"]
    if len(names) == len(sorts) == 1 and not (sorts[0].params or names[0].param("SORT-AS")):
        params = [*names[0].params, Parameter("SORT-AS", (sorts[0].text(),))]
        yield names[0], sorts[0], names[0].with_params(params)
    yield from _relations(lines)


def _addresses(lines: Sequence[ContentLine]) -> Iterator[tuple[ContentLine, ContentLine, ContentLine]]:
    waiting: dict[object, list[ContentLine]] = defaultdict(list)
    for line in lines:
        if line.name == "LABEL" and all(param.name == "TYPE" for param in line.params):
            waiting[line.group.upper(), frozenset(line.types())].append(line)
    for line in lines:
        found = waiting.get((line.group.upper(), frozenset(line.types()))) if line.name == "ADR" else None
        if found and not line.param("LABEL"):
            label = found.pop(0)
            yield line, label, line.with_params([*line.params, Parameter("LABEL", (label.text(),))])


def _relations(lines: Sequence[ContentLine]) -> Iterator[tuple[ContentLine, ContentLine, ContentLine]]:
    groups: dict[str, list[ContentLine]] = defaultdict(list)
    for line in lines:
        if line.group:
            groups[line.group.upper()].append(line)
    for members in groups.values():
        by_name = {line.name: line for line in members}
        person, label = by_name.get("X-ABRELATEDNAMES"), by_name.get("X-ABLABEL")
        if len(members) != len(by_name) or by_name.keys() != {"X-ABRELATEDNAMES", "X-ABLABEL"}:
            continue
        word = RELATIONS.get(label.text()) if label and not label.params else None
        if person and label and word and not (set(person.types()) - {"pref"}) and not person.param("VALUE"):
            types = Parameter("TYPE", (word, *person.param("TYPE")))
            params = [types, Parameter("VALUE", ("text",)), *without(person, "TYPE")]
            value = person.value.decode("utf-8", "surrogateescape")
            yield person, label, make_line("RELATED", value, params=params, end=line_end(person.raw) or b"\r\n")


def rewrite_down(lines: Sequence[ContentLine]) -> list[Unit]:
    """Put every line of a 4.0 card into a unit, with the two lines of 3.0 where there it takes two."""
    names = Counter(line.name for line in lines)
    taken = {line.group.upper() for line in lines}
    free = (group for n in range(1, len(lines) + 2) if (group := f"item{n}").upper() not in taken)
    return [Unit((line,), tuple(_apart(line, names, free))) for line in lines]


def _apart(line: ContentLine, names: Counter[str], free: Iterator[str]) -> list[ContentLine]:
    if line.blank or line.junk:
        return [line]
    try:
        if line.name == "ADR" and len(label := line.param("LABEL")) == 1:
            types = [Parameter("TYPE", param.values) for param in preference_down(line).params if param.name == "TYPE"]
            second = make_line("LABEL", escape_text(label[0]), params=types, group=line.group, end=_end(line))
            return [down(line.with_params(without(line, "LABEL"))), second]
        if (
            line.name == "N"
            and names["N"] == 1
            and len(sort := line.param("SORT-AS")) == 1
            and not names["SORT-STRING"]
        ):
            return [
                line.with_params(without(line, "SORT-AS")),
                make_line("SORT-STRING", escape_text(sort[0]), end=_end(line)),
            ]
        if line.name == "RELATED" and not line.group and (label_text := _label_of(line)):
            return _related_names(line, label_text, next(free))
        return [] if _has_no_form(line) else [down(line)]
    except Unwritable:
        return [line]


def _has_no_form(line: ContentLine) -> bool:
    """Say whether a date is only a part of one (``1990``, ``---15``): 3.0 has whole dates only (RFC 2426 §3.1.5)."""
    if line.name not in {"BDAY", "ANNIVERSARY"} or "text" in (word.lower() for word in line.param("VALUE")):
        return False
    value = line.decoded().strip()
    return bool(value) and not (is_whole_date(value) or yearless(value))


def _label_of(line: ContentLine) -> str:
    """Return Apple's label for a relation that is one word and a name, else an empty text."""
    types = [word for word in line.types() if word != "pref"]
    is_text = [word.lower() for word in line.param("VALUE")] == ["text"]
    return _LABELS.get(types[0], "") if len(types) == 1 and is_text else ""


def _related_names(line: ContentLine, label: str, group: str) -> list[ContentLine]:
    words = {"TYPE": ("PREF",)} if line.param("PREF") == ("1",) else {}
    params = [*(Parameter(name, values) for name, values in words.items()), *without(line, "TYPE", "VALUE", "PREF")]
    value = line.value.decode("utf-8", "surrogateescape")
    person = make_line("X-ABRELATEDNAMES", value, params=params, group=group, end=_end(line))
    return [person, make_line("X-ABLabel", label, group=group, end=_end(line))]


def _end(line: ContentLine) -> bytes:
    return line_end(line.raw) or b"\r\n"


UP = Step(MIDDLE, NEW, rewrite_up, needed=("FN",))
DOWN = Step(NEW, MIDDLE, rewrite_down, needed=("N", "FN"))
