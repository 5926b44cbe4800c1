"""Cases 90 to 95: reminders and alarms."""

from __future__ import annotations

from typing import Any

import pytest

from mappings.contentlines import ContentLine
from mappings.documents import Component
from tests.mappings.calendars.making import (
    TO_EVENTS,
    ZURICH,
    alarms,
    all_day,
    assert_kept,
    assert_returns,
    calendar_of,
    document,
    event,
    fate_of,
    ics,
    item,
    to_ics,
    to_json,
    vevent,
    written,
)

TEN = {"method": "popup", "minutes": 10}
DAY = {"method": "email", "minutes": 1440}
DEFAULT = {"useDefault": True}


def alarm(trigger: str, *more: str, action: str = "DISPLAY") -> tuple[str, ...]:
    """Make the lines of a VALARM."""
    return ("BEGIN:VALARM", f"ACTION:{action}", "DESCRIPTION:x", trigger, *more, "END:VALARM")


def reminders(*content: str, start: str = "DTSTART:20260303T080000Z") -> Any:
    """Return the reminders that a VEVENT of another program has."""
    body = ics("DTEND:20260303T090000Z", *content, start=start)
    assert_kept(body)
    return item(body)["reminders"]


def lines_of(ring: Component) -> list[bytes]:
    """Return the raw lines of a VALARM."""
    return [raw for raw in ring.items if isinstance(raw, bytes)]


def edited(body: bytes, **change: Any) -> Any:
    """Return the reminders after somebody edited the alarms: *take* so many away, or write a trigger anew."""
    calendar = calendar_of(body)
    found = next(calendar.components("VEVENT"))
    rings = [one for one in found.items if isinstance(one, Component)]
    for one in rings[: change.get("take", 0)]:
        found.items.remove(one)
    for one in rings if "trigger" in change else ():
        one.items[:] = [change["trigger"] if ContentLine(raw).name == "TRIGGER" else raw for raw in lines_of(one)]
    return to_json(calendar.to_bytes())["items"][0]["reminders"]


def test_case_90_default_reminders_ring_and_come_back_as_default() -> None:
    said = document(event(reminders=DEFAULT), defaultReminders=[TEN])
    body = assert_returns(said)
    (ring,) = alarms(vevent(body))
    assert written(ring, "ACTION", "TRIGGER") == ["ACTION:DISPLAY", "TRIGGER:-PT10M"]
    assert any("defaultReminders" in one for one in written(ring, "JSPROP"))
    assert to_json(body)["defaultReminders"] == [TEN]


def test_case_90_several_of_them() -> None:
    said = document(event(reminders=DEFAULT), defaultReminders=[TEN, DAY])
    body = assert_returns(said)
    assert [written(one, "ACTION") for one in alarms(vevent(body))] == [["ACTION:DISPLAY"], ["ACTION:EMAIL"]]


def test_case_90_an_empty_list_of_defaults_is_a_mark_of_the_event() -> None:
    body = assert_returns(document(event(reminders=DEFAULT)))
    assert alarms(vevent(body)) == []


def test_case_91_deleting_that_alarm_means_no_reminder() -> None:
    body = to_ics(document(event(reminders=DEFAULT), defaultReminders=[TEN]))
    assert edited(body, take=1) == {"useDefault": False}


def test_case_91_deleting_one_of_two_leaves_the_other() -> None:
    body = to_ics(document(event(reminders=DEFAULT), defaultReminders=[TEN, {"method": "popup", "minutes": 30}]))
    assert edited(body, take=1) == {"useDefault": False, "overrides": [{"method": "popup", "minutes": 30}]}


def test_case_91_moving_that_alarm_means_an_own_reminder() -> None:
    body = to_ics(document(event(reminders=DEFAULT), defaultReminders=[TEN]))
    assert edited(body, trigger=b"TRIGGER:-PT5M\r\n") == {
        "useDefault": False,
        "overrides": [{"method": "popup", "minutes": 5}],
    }


def test_case_91_writing_it_another_way_changes_nothing() -> None:
    body = to_ics(document(event(reminders=DEFAULT), defaultReminders=[TEN]))
    assert edited(body, trigger=b"TRIGGER;RELATED=START:-PT600S\r\n") == DEFAULT


def test_case_91_an_own_alarm_beside_an_empty_list_of_defaults_counts() -> None:
    body = to_ics(document(event(reminders=DEFAULT)))
    more = body.replace(b"END:VEVENT", "\r\n".join(alarm("TRIGGER:-PT7M")).encode() + b"\r\nEND:VEVENT")
    assert to_json(more)["items"][0]["reminders"] == {
        "useDefault": False,
        "overrides": [{"method": "popup", "minutes": 7}],
    }


@pytest.mark.parametrize(
    ("trigger", "minutes"),
    [
        ("TRIGGER:-PT10M", 10),
        ("TRIGGER;VALUE=DURATION;RELATED=START:-PT10M", 10),
        ("TRIGGER:-P1W", 10080),
        ("TRIGGER:-P1DT1H", 1500),
        ("TRIGGER:-PT600S", 10),
        ("TRIGGER:PT0S", 0),
        ("TRIGGER:-P28D", 40320),
        ("TRIGGER;RELATED=END:-PT75M", 15),
        ("TRIGGER;RELATED=END:-PT60M", 0),
        ("TRIGGER;VALUE=DATE-TIME:20260303T073000Z", 30),
        ("TRIGGER;VALUE=DATE-TIME:20260301T080000Z", 2880),
    ],
)
def test_case_92_triggers_are_minutes_before_the_start(trigger: str, minutes: int) -> None:
    assert reminders(*alarm(trigger)) == {"useDefault": False, "overrides": [{"method": "popup", "minutes": minutes}]}


@pytest.mark.parametrize(
    "trigger",
    [
        "TRIGGER:PT10M",
        "TRIGGER:-P28DT1M",
        "TRIGGER:-PT90S",
        "TRIGGER;RELATED=END:PT0S",
        "TRIGGER;VALUE=DATE-TIME:20260303T090000Z",
        "TRIGGER;VALUE=DATE-TIME:19760401T005545Z",
        "TRIGGER:nonsense",
        "TRIGGER:-P999999999D",
        "X-NO-TRIGGER:1",
    ],
)
def test_case_92_what_google_cannot_say_is_kept_and_reported(trigger: str) -> None:
    assert reminders(*alarm(trigger)) == {"useDefault": False}
    report = TO_EVENTS.convert(ics(*alarm(trigger))).losses
    assert fate_of(report, "VALARM") == [("extension", "")]


def test_case_92_a_fixed_time_of_a_series_is_no_reminder() -> None:
    body = ics("RRULE:FREQ=DAILY", *alarm("TRIGGER;VALUE=DATE-TIME:20260303T073000Z"))
    assert item(body)["reminders"] == {"useDefault": False}
    assert_kept(body)


def test_case_93_the_five_that_ring_first_go_to_google() -> None:
    minutes = (5, 60, 10, 120, 30, 1, 15)
    found = reminders(*(part for each in minutes for part in alarm(f"TRIGGER:-PT{each}M")))
    assert [one["minutes"] for one in found["overrides"]] == [60, 10, 120, 30, 15]


def test_case_93_more_than_five_of_google_come_back() -> None:
    overrides = [{"method": "popup", "minutes": each} for each in (5, 60, 10, 120, 30, 1, 15)]
    body = assert_returns(document(event(reminders={"useDefault": False, "overrides": overrides})))
    assert len(alarms(vevent(body))) == 7


def test_case_94_an_audio_alarm_is_a_popup_at_google_and_audio_again_on_return() -> None:
    body = ics(*alarm("TRIGGER:-PT10M", "ATTACH;VALUE=URI:Basso", action="AUDIO"))
    assert item(body)["reminders"] == {"useDefault": False, "overrides": [TEN]}
    (ring,) = alarms(vevent(assert_kept(body)))
    assert written(ring, "ACTION", "ATTACH") == ["ACTION:AUDIO", "ATTACH;VALUE=URI:Basso"]


@pytest.mark.parametrize("action", ["PROCEDURE", "NONE", "X-SMS", ""])
def test_case_94_other_actions_are_kept_only(action: str) -> None:
    assert reminders(*alarm("TRIGGER:-PT10M", action=action)) == {"useDefault": False}


@pytest.mark.parametrize(
    "more",
    [
        ("ACKNOWLEDGED:20260303T075000Z",),
        ("RELATED-TO;RELTYPE=SNOOZE:uid-of-the-first",),
        ("UID:a", "ACKNOWLEDGED:20260303T075000Z", "X-MOZ-LASTACK:20260303T075000Z"),
    ],
)
def test_case_95_acknowledged_and_snoozed_alarms_never_go_to_google(more: tuple[str, ...]) -> None:
    assert reminders(*alarm("TRIGGER:-PT10M", *more)) == {"useDefault": False}


def test_case_95_a_series_rings_again_whatever_was_acknowledged() -> None:
    body = ics("RRULE:FREQ=DAILY", *alarm("TRIGGER:-PT10M", "ACKNOWLEDGED:20260303T075000Z"))
    assert item(body)["reminders"] == {"useDefault": False, "overrides": [TEN]}
    assert_kept(body)


def test_a_mail_goes_to_whose_calendar_it_is() -> None:
    body = assert_returns(document(event(reminders={"useDefault": False, "overrides": [DAY]})))
    (ring,) = alarms(vevent(body))
    assert written(ring, "ACTION", "ATTENDEE", "SUMMARY") == [
        "ACTION:EMAIL",
        "SUMMARY:Besprechung",
        "ATTENDEE:mailto:ana@example.org",
    ]


def test_a_mail_to_nobody_known_is_shown_and_returns_as_mail() -> None:
    said = document(
        event(reminders={"useDefault": False, "overrides": [DAY]}, creator=None, organizer={"email": "x@example.org"}),
    )
    body = assert_returns(said)
    assert written(alarms(vevent(body))[0], "ACTION") == ["ACTION:DISPLAY"]


@pytest.mark.parametrize(
    "override",
    [
        {"method": "popup", "minutes": -5},
        {"method": "popup", "minutes": 40321},
        {"method": "popup", "minutes": 10**30},
        {"method": "sms", "minutes": 10},
        {"method": "popup"},
        {"minutes": 10},
        {"method": "popup", "minutes": "10"},
        {"method": "popup", "minutes": True},
        {"method": "popup", "minutes": 1.5},
        {"method": None, "minutes": None},
        {"method": "popup", "minutes": 10, "newField": ["x"]},
        {},
        "ten minutes",
    ],
)
def test_odd_overrides_come_back(override: object) -> None:
    assert_returns(document(event(reminders={"useDefault": False, "overrides": [override]})))


@pytest.mark.parametrize(
    "said",
    [
        None,
        {},
        {"useDefault": True, "overrides": [TEN]},
        {"overrides": [TEN]},
        {"useDefault": "yes"},
        "none",
        [1],
    ],
)
@pytest.mark.parametrize("defaults", [[], [TEN], ["x"], "x"])
def test_odd_reminders_come_back(said: object, defaults: object) -> None:
    whole = document(event(), defaultReminders=defaults)
    whole["items"][0]["reminders"] = said
    if said is None:
        del whole["items"][0]["reminders"]
    body = to_ics(whole)
    found = to_json(body)["items"][0].get("reminders")
    assert (found or None) == (said or None)


def test_alarms_of_days_count_from_midnight() -> None:
    said = document(all_day("2026-03-03", "2026-03-04", reminders={"useDefault": False, "overrides": [DAY]}))
    assert written(alarms(vevent(assert_returns(said)))[0], "TRIGGER") == ["TRIGGER:-PT1440M"]


def test_an_alarm_has_the_words_of_its_event() -> None:
    said = document(event(summary="a, b\nc", reminders={"useDefault": False, "overrides": [TEN]}))
    assert written(alarms(vevent(to_ics(said)))[0], "DESCRIPTION") == ["DESCRIPTION:a\\, b\\nc"]
    untitled = document(event(summary=None, reminders={"useDefault": False, "overrides": [TEN]}))
    assert written(alarms(vevent(to_ics(untitled)))[0], "DESCRIPTION") == ["DESCRIPTION:Reminder"]


def test_end_alarms_follow_real_time_over_a_change_of_the_clock() -> None:
    body = ics(
        "DURATION:P1D",
        *alarm("TRIGGER;RELATED=END:-P1D"),
        start=f"DTSTART;TZID={ZURICH}:20260328T120000",
    )
    found = item(body)["reminders"]
    assert found == {"useDefault": False, "overrides": [{"method": "popup", "minutes": 0}]}, "a day of 23 hours"
