"""The database as we read it is the database as ``zoneinfo`` reads it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mappings.zones.iana import HORIZON, history, names, places, zone_info

ALL = sorted(set(names().values()))
CHUNKS = [ALL[n::8] for n in range(8)]


def shown(zone: ZoneInfo, instant: int) -> tuple[int, str]:
    local = datetime.fromtimestamp(instant, UTC).astimezone(zone)
    offset = local.utcoffset()
    assert offset is not None
    return int(offset.total_seconds()), local.tzname() or ""


def test_all_names_are_there() -> None:
    assert len(ALL) > 590
    assert names()["europe/zurich"] == "Europe/Zurich"
    assert names()["us/eastern"] == "US/Eastern"
    assert "factory" not in names()
    assert all(lower == name.lower() for lower, name in names().items())


def test_places_have_countries() -> None:
    assert places()["Europe/Zurich"] == "CH"
    assert places()["America/Sao_Paulo"] == "BR"
    assert set(places()) <= set(ALL)


@pytest.mark.parametrize("chunk", CHUNKS, ids=range(len(CHUNKS)))
def test_every_zone_shows_what_zoneinfo_shows(chunk: list[str]) -> None:
    chance = random.Random(len(chunk))
    end = int(datetime(HORIZON, 12, 31, tzinfo=UTC).timestamp())
    for name in chunk:
        past, zone = history(name), zone_info(name)
        for instant in (chance.randrange(-4_000_000_000, end) for _ in range(60)):
            offset = past.at(instant)
            assert (offset.seconds, offset.name) == shown(zone, instant), (name, instant)


@pytest.mark.parametrize("chunk", CHUNKS, ids=range(len(CHUNKS)))
def test_every_step_is_where_the_clock_changes(chunk: list[str]) -> None:
    for name in chunk:
        past, zone = history(name), zone_info(name)
        assert list(past.steps) == sorted(past.steps, key=lambda step: step.at)
        for step in past.steps[-6:] + past.steps[:3]:
            assert (step.before.seconds, step.before.name) == shown(zone, step.at - 1), name
            assert (step.after.seconds, step.after.name) == shown(zone, step.at), name


def test_footers_go_on_where_the_list_ends() -> None:
    """The files list steps up to 2037; what comes after is a rule in the last line."""
    assert history("Europe/Berlin").steps[-1].at == int(datetime(2120, 10, 27, 1, tzinfo=UTC).timestamp())
    assert history("America/Nuuk").steps[-1].at > int(datetime(HORIZON, 1, 1, tzinfo=UTC).timestamp())
    assert history("UTC").steps == ()


def test_zones_come_from_the_package_and_not_from_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONTZPATH", "/nonexistent")
    zone = zone_info("Pacific/Chatham")
    assert str(zone) == "Pacific/Chatham"
    assert datetime(2026, 1, 1, tzinfo=zone).utcoffset() == timedelta(hours=13, minutes=45)


@pytest.mark.parametrize("name", ["", "Europe/Nowhere", "../../etc/passwd", "/etc/localtime", "Europe", "Factory"])
def test_only_listed_names_are_opened(name: str) -> None:
    with pytest.raises(KeyError):
        zone_info(name)
    with pytest.raises(KeyError):
        history(name)
