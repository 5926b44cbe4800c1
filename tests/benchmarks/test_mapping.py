"""The benchmark of mappings in small: its items are what it says, its participants right, its figures named."""

from __future__ import annotations

import json
import statistics
from datetime import UTC, datetime

import pytest

from benchmarks.mapping import run
from benchmarks.mapping.__main__ import main, table
from benchmarks.mapping.contestants import (
    CARD_FIELDS,
    CONTESTANTS,
    EVENT_FIELDS,
    ICalendar,
    Vobject,
    Wherry,
    plain,
)
from benchmarks.mapping.items import cards, events
from benchmarks.mapping.run import KINDS, TASKS, Turn, WrongResult, bridges, check, figures, turns, weights
from mappings.inspect import inspect
from mappings.mediatypes import CALENDAR, CARD

EVENTS, CARDS = list(events(300)), list(cards(300))


def test_items_are_the_same_each_time() -> None:
    assert list(events(300)) == EVENTS
    assert list(cards(20)) == CARDS[:20]
    assert next(events(1, seed=2)) != EVENTS[0]


def test_items_are_of_the_size_it_says() -> None:
    assert 1_850 < statistics.mean(map(len, EVENTS)) < 2_200
    assert 2_050 < statistics.mean(map(len, CARDS)) < 2_550


def test_items_are_whole_and_folded() -> None:
    for media_type, bodies in ((CALENDAR, EVENTS), (CARD, CARDS)):
        for body in bodies:
            assert inspect(media_type, body).complete
            assert all(len(line) <= 75 for line in body.split(b"\r\n"))


def test_events_are_realistic() -> None:
    guests = [body.count(b"\r\nATTENDEE;") for body in EVENTS]
    assert set(guests) == {0, 1, 2, 3, 4, 5}
    assert all(body.count(b"BEGIN:VTIMEZONE") == 1 and b"BEGIN:VALARM" in body for body in EVENTS)
    assert 0.2 < sum(b"\r\nRRULE:FREQ=WEEKLY" in body for body in EVENTS) / len(EVENTS) < 0.4
    assert sum(not body.isascii() for body in EVENTS) / len(EVENTS) > 0.8


def test_a_fifth_of_the_cards_has_a_photo() -> None:
    assert 0.14 < sum(b"\r\nPHOTO;" in body for body in CARDS) / len(CARDS) < 0.26


@pytest.mark.parametrize("player", CONTESTANTS, ids=lambda player: player.name)
def test_participants_give_the_ten_fields_of_events(player: Wherry | Vobject | ICalendar) -> None:
    for body in EVENTS[:20]:
        assert set(player.fields("events", player.read("events", body))) == set(EVENT_FIELDS)


@pytest.mark.parametrize("player", [Wherry(), Vobject()], ids=lambda player: player.name)
def test_participants_give_the_ten_fields_of_cards(player: Wherry | Vobject) -> None:
    for body in CARDS[:20]:
        assert set(player.fields("cards", player.read("cards", body))) == {*CARD_FIELDS, "TYPES"}


def test_participants_say_the_same_of_events() -> None:
    check(60)


def test_our_cards_say_what_stands_there() -> None:
    ours = Wherry()
    for body in CARDS[:60]:
        found = ours.fields("cards", ours.read("cards", body))
        assert f"\r\nUID:{found['UID']}\r\n".encode() in body
        assert f"\r\nBDAY:{found['BDAY']}\r\n".encode() in body
        assert found["TYPES"] == [
            ("internet", "home"), ("internet", "work"), ("cell", "voice"), ("home", "voice"), ("work", "voice"),
        ]  # fmt: skip
        assert isinstance(found["ADR"], list)
        assert (len(found["ADR"]), found["ADR"][-1]) == (7, "Switzerland")


def test_what_we_write_is_what_we_read() -> None:
    ours = Wherry()
    for kind, bodies in (("events", EVENTS), ("cards", CARDS)):
        assert [ours.write(kind, ours.read(kind, body)) for body in bodies] == bodies


class Forgetful(Wherry):
    """Loses the last line of what it writes."""

    def write(self, kind: str, item: object) -> bytes:
        return super().write(kind, item)[:-20]  # type: ignore[arg-type] # it is a component, as its reader made it


class Mistaken(ICalendar):
    """Has its own idea of titles."""

    def fields(self, kind: str, item: object) -> dict[str, object]:
        return {**super().fields(kind, item), "SUMMARY": "something else"}


@pytest.mark.parametrize("players", [(Forgetful(),), (Wherry(), Mistaken())])
def test_a_wrong_result_ends_the_run(players: tuple[Wherry, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "CONTESTANTS", players)
    with pytest.raises(WrongResult):
        check(3)


def test_everybody_has_a_turn_on_every_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "BLOCK", 5)
    measured = list(turns(10, repeat=2))
    assert all(turn.seconds >= 0 for turn in measured)
    counted = {(turn.kind, turn.task, turn.contestant) for turn in measured}
    assert len(counted) == 3 * 2 + 2 * 2
    assert len(measured) == len(counted) * 2 * 2
    first = [turn.contestant for turn in measured if turn.kind == "events" and turn.task == "copy"]
    assert [first[n] for n in range(0, 12, 3)] == ["wherry", "vobject", "icalendar", "wherry"]


def test_figures_are_medians_and_ratios() -> None:
    measured = [Turn("cards", "copy", name, seconds) for name, seconds in (
        ("wherry", 0.001), ("wherry", 0.002), ("wherry", 0.1), ("vobject", 0.02), ("vobject", 0.04),
    )]  # fmt: skip
    assert figures(measured) == {
        "cards.copy.wherry.items_per_s": 500.0,
        "cards.copy.vobject.items_per_s": 33.3,
        "cards.copy.wherry_to_vobject.times": 15.0,
    }


def test_weights_are_told_for_each() -> None:
    found = weights(10)
    assert set(found) == {
        *(f"events.held.{name}.kb" for name in ("wherry", "vobject", "icalendar")),
        *(f"cards.held.{name}.kb" for name in ("wherry", "vobject")),
    }
    assert all(value > 1 for value in found.values())


def test_bridges_are_measured_where_they_are_built() -> None:
    found = bridges(5)
    assert {name.rpartition(".")[2] for name in found} <= {"items_per_s", "cpu_ms"}
    assert all(value > 0 for value in found.values())


def test_the_run_ends_with_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--items", "10"])
    *rows, last = capsys.readouterr().out.splitlines()
    line = json.loads(last)
    assert (line["benchmark"], line["items"], line["repeat"]) == ("mapping", 10, 1)
    for kind in KINDS:
        for task in TASKS:
            assert line[f"{kind}.{task}.wherry_to_vobject.times"] > 0
    assert rows[0].split() == ["kind", "task", "library", "items/s", "wherry", "is", "held", "kB"]
    assert sum("vobject" in row for row in rows) == 4


def test_the_table_has_a_row_for_each_library() -> None:
    found = {"cards.copy.wherry.items_per_s": 500.0, "cards.held.wherry.kb": 3.5}
    assert [row.split() for row in table(found)[1:]] == [["cards", "copy", "wherry", "500", "3.5"]]


def test_instants_are_compared_by_their_number() -> None:
    assert plain(datetime(2026, 1, 1, tzinfo=UTC)) == 1767225600.0
    assert plain(datetime(2026, 1, 1, tzinfo=UTC).date()) == "2026-01-01"
    assert plain(["a"]) == ["a"]
