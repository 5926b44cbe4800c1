"""Property by property: which ways of writing say the same, and which say something else."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mappings.canonical import canonical_digest, differences
from mappings.contentlines import ContentLine, Parameter, make_line
from mappings.escapes import escape_text
from mappings.meanings import meanings
from tests.mappings.samples import CALENDAR, CARD, PLAIN, TEXTS, calendar, card, event

SAME_IN_EVENTS: dict[str, tuple[str, ...]] = {
    "status": ("STATUS:CONFIRMED", "STATUS:confirmed", "status:Confirmed", "STATUS: CONFIRMED "),
    "class": ("CLASS:PRIVATE", "CLASS:private"),
    "transp": ("TRANSP:OPAQUE", "TRANSP:opaque"),
    "duration": ("DURATION:PT90M", "DURATION:PT1H30M", "DURATION:pt5400s", "DURATION:+PT1H30M"),
    "weeks": ("DURATION:P2W", "DURATION:P14D", "DURATION:P1W7D"),
    "nothing": ("DURATION:PT0S", "DURATION:-PT0S", "DURATION:P0D", "DURATION:P0W"),
    "rule": ("RRULE:FREQ=WEEKLY;BYDAY=MO,WE", "RRULE:BYDAY=WE,MO;FREQ=WEEKLY",
             "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;INTERVAL=1"),
    "exrule": ("EXRULE:FREQ=DAILY;COUNT=3", "EXRULE:count=3;freq=daily;WKST=MO"),
    "exdate": ("EXDATE:20260301,20260302", "EXDATE:20260302,20260301", "EXDATE:20260301\r\nEXDATE:20260302"),
    "categories": ("CATEGORIES:a,b", "CATEGORIES:b, a", "CATEGORIES:a\r\nCATEGORIES:b"),
    "resources": ("RESOURCES:x,y", "RESOURCES:y\r\nRESOURCES:x"),
    "attendee": ("ATTENDEE:mailto:a@b", "ATTENDEE:MAILTO:a@b", "ATTENDEE;ROLE=REQ-PARTICIPANT:mailto:a@b",
                 "ATTENDEE;CUTYPE=individual;RSVP=false;PARTSTAT=needs-action:mailto:a@b"),
    "organizer": ("ORGANIZER;CN=A:mailto:a@b", 'ORGANIZER;CN="A":mailto:a@b',
                  "ORGANIZER;SCHEDULE-AGENT=NONE;CN=A:mailto:a@b"),
    "related": ("RELATED-TO:x", "RELATED-TO;RELTYPE=PARENT:x", "RELATED-TO;reltype=parent:x"),
    "trigger": ("TRIGGER:-PT15M", "TRIGGER;RELATED=START:-PT900S", "TRIGGER;VALUE=DURATION:-PT15M"),
    "url": ("URL:https://x/", "URL;VALUE=URI:https://x/", "URL;VALUE=uri:https://x/"),
    "text": ("SUMMARY:a\\, b", "SUMMARY:a, b", "SUMMARY;VALUE=TEXT:a\\, b", "SUMMARY;CHARSET=UTF-8:a\\, b"),
    "geo": ("GEO:1.0;2.0", "GEO:1.0;2.0;"),
    "freebusy": ("FREEBUSY;FBTYPE=BUSY:20260301T000000Z/PT1H", "FREEBUSY:20260301T000000Z/PT1H"),
    "date": ("RECURRENCE-ID;VALUE=DATE:20260301", "RECURRENCE-ID:20260301"),
}  # fmt: skip

OTHER_IN_EVENTS: tuple[tuple[str, str], ...] = (
    ("STATUS:CONFIRMED", "STATUS:TENTATIVE"),
    ("CLASS:PRIVATE", "CLASS:CONFIDENTIAL"),
    ("DURATION:PT1H", "DURATION:-PT1H"),
    ("DURATION:P1D", "DURATION:PT24H"),
    ("DURATION:PT1H", "DURATION:PT1M"),
    ("RRULE:FREQ=DAILY", "RRULE:FREQ=DAILY;INTERVAL=2"),
    ("RRULE:FREQ=DAILY", "RRULE:FREQ=DAILY;WKST=SU"),
    ("RRULE:FREQ=DAILY", "EXRULE:FREQ=DAILY"),
    ("RRULE:FREQ=DAILY;BYHOUR=1,2", "RRULE:FREQ=DAILY;BYHOUR=1"),
    ("EXDATE:20260301", "EXDATE:20260302"),
    ("EXDATE;TZID=A:20260301T080000", "EXDATE;TZID=B:20260301T080000"),
    ("CATEGORIES:a,b", "CATEGORIES:a\\,b"),
    ("CATEGORIES:a", "CATEGORIES:A"),
    ("ATTENDEE:mailto:a@b", "ATTENDEE:mailto:A@b"),
    ("ATTENDEE;CN=a:mailto:a@b", "ATTENDEE;CN=A:mailto:a@b"),
    ("ATTENDEE;ROLE=CHAIR:mailto:a@b", "ATTENDEE:mailto:a@b"),
    ("ATTENDEE;RSVP=TRUE:mailto:a@b", "ATTENDEE:mailto:a@b"),
    ("ATTENDEE;PARTSTAT=DECLINED:mailto:a@b", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b"),
    ("RELATED-TO;RELTYPE=CHILD:x", "RELATED-TO:x"),
    ("TRIGGER;RELATED=END:-PT15M", "TRIGGER:-PT15M"),
    ("TRIGGER;VALUE=DATE-TIME:20260301T000000Z", "TRIGGER:20260301T000000Z"),
    ("URL:https://x/", "URL:https://X/"),
    ("SUMMARY:a", "SUMMARY: a"),
    ("SUMMARY:a", "SUMMARY:a "),
    ("SUMMARY;LANGUAGE=de:a", "SUMMARY:a"),
    ("SUMMARY;LANGUAGE=de:a", "SUMMARY;LANGUAGE=en:a"),
    ('DESCRIPTION;ALTREP="cid:1":a', "DESCRIPTION:a"),
    ("X-A;X-B=1:c", "X-A;X-B=2:c"),
    ("X-A:1", "X-A:1\r\nX-A:1"),
    ("SEQUENCE:1", "SEQUENCE:01"),
    ("PRIORITY:1", "PRIORITY:2"),
    ("ATTACH:cid:1", "ATTACH;FMTTYPE=text/plain:cid:1"),
    ("ATTACH;ENCODING=BASE64;VALUE=BINARY:AAEC", "ATTACH;ENCODING=BASE64;VALUE=BINARY:AAED"),
    ("GEO:1;2", "GEO:2;1"),
    ("FREEBUSY;FBTYPE=FREE:20260301T000000Z/PT1H", "FREEBUSY:20260301T000000Z/PT1H"),
    ("DTSTART;VALUE=DATE:20260301", "DTSTART:20260302"),
    ("DTEND:20260301T100000", "DTEND:20260301T100000Z"),
)  # fmt: skip

SAME_IN_CARDS: dict[str, tuple[str, ...]] = {
    "name": ("N:Doe;Jane", "N:Doe;Jane;;;", "N:Doe;Jane;"),
    "types": ("TEL;TYPE=HOME;TYPE=CELL:1", "TEL;TYPE=cell,home:1", "TEL;CELL;HOME:1", 'TEL;TYPE="home","cell":1'),
    "org": ("ORG:A;B", "ORG:A;B;;"),
    "nickname": ("NICKNAME:a,b", "NICKNAME:b\r\nNICKNAME:a"),
    "photo": ("PHOTO;ENCODING=b:AAEC", "PHOTO;ENCODING=B:AAEC", "PHOTO;BASE64:AA EC", "PHOTO;ENCODING=BASE64:AAEC"),
    "kind": ("KIND:group", "KIND:GROUP"),
    "printable": ("NOTE;ENCODING=QUOTED-PRINTABLE:=41=42", "NOTE:AB"),
    "charset": ("NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:=E9", "NOTE:é"),
    "group": ("a.TEL:1\r\na.X-ABLabel:x", "b.X-ABLabel:x\r\nb.TEL:1"),
}  # fmt: skip


@pytest.mark.parametrize("forms", SAME_IN_EVENTS.values(), ids=SAME_IN_EVENTS.keys())
def test_forms_of_an_events_line_that_say_the_same(forms: tuple[str, ...]) -> None:
    digests = {form: canonical_digest(CALENDAR, event(form)) for form in forms}
    assert len(set(digests.values())) == 1, digests
    for one, other in itertools.pairwise(forms):
        assert differences(CALENDAR, event(one), event(other)) == ()


@pytest.mark.parametrize("forms", SAME_IN_CARDS.values(), ids=SAME_IN_CARDS.keys())
def test_forms_of_a_cards_line_that_say_the_same(forms: tuple[str, ...]) -> None:
    assert len({canonical_digest(CARD, card(form)) for form in forms}) == 1


@pytest.mark.parametrize(("one", "other"), OTHER_IN_EVENTS)
def test_forms_that_say_something_else(one: str, other: str) -> None:
    assert canonical_digest(CALENDAR, event(one)) != canonical_digest(CALENDAR, event(other))
    names = {line.name for form in (one, other) for line in map(ContentLine, form.encode().split(b"\r\n"))}
    assert set(differences(CALENDAR, event(one), event(other))) == names


@pytest.mark.parametrize("line", [forms[0] for forms in SAME_IN_EVENTS.values()])
def test_a_property_that_goes_is_always_named(line: str) -> None:
    name = ContentLine(line.encode()).name
    assert differences(CALENDAR, event(line), event()) == (name,)
    assert differences(CALENDAR, event(), event(line)) == (name,)


@given(name=st.sampled_from(["SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "X-OWN", "UID"]), one=PLAIN, other=PLAIN)
@settings(max_examples=200, deadline=None)
def test_any_two_texts_are_told_apart(name: str, one: str, other: str) -> None:
    lines = [make_line(name, escape_text(text)).raw.decode().removesuffix("\r\n") for text in (one, other)]
    first, second = (calendar("BEGIN:VEVENT", line, "END:VEVENT") for line in lines)
    assert (canonical_digest(CALENDAR, first) == canonical_digest(CALENDAR, second)) is (one == other)


@given(
    names=st.lists(st.sampled_from(["X-ONE", "X-TWO", "CN", "LANGUAGE", "DIR"]), min_size=2, max_size=4, unique=True),
    values=st.lists(PLAIN, min_size=4, max_size=4),
    data=st.data(),
)
@settings(max_examples=100, deadline=None)
def test_the_order_of_parameters_says_nothing(names: list[str], values: list[str], data: st.DataObject) -> None:
    params = [Parameter(name, (value,)) for name, value in zip(names, values, strict=False)]
    line = make_line("ATTENDEE", "mailto:a@b", params=params)
    other = make_line("ATTENDEE", "mailto:a@b", params=data.draw(st.permutations(params)))
    assert list(meanings(line)) == list(meanings(other))


@given(name=st.sampled_from(["X-ONE", "CN", "LANGUAGE"]), one=TEXTS, other=TEXTS)
@settings(max_examples=200, deadline=None)
def test_parameters_with_other_values_are_told_apart(name: str, one: str, other: str) -> None:
    assume(one.strip() != other.strip())
    lines = [make_line("ATTENDEE", "mailto:a@b", params=[Parameter(name, (value,))]) for value in (one, other)]
    assert list(meanings(lines[0])) != list(meanings(lines[1]))


@given(days=st.integers(0, 400), hours=st.integers(0, 99), minutes=st.integers(0, 99), seconds=st.integers(0, 99))
@settings(max_examples=200, deadline=None)
def test_a_duration_is_days_and_seconds(days: int, hours: int, minutes: int, seconds: int) -> None:
    line = ContentLine(f"DURATION:P{days}DT{hours}H{minutes}M{seconds}S\r\n".encode())
    ((_, _, said),) = meanings(line)
    assert said == (f"P{days}D{(hours * 60 + minutes) * 60 + seconds}S",)


@given(members=st.lists(TEXTS.filter(lambda text: bool(text.strip())), min_size=1, max_size=5), data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_list_is_a_bag_of_its_elements(members: list[str], data: st.DataObject) -> None:
    joined = make_line("CATEGORIES", ",".join(map(escape_text, members)))
    shuffled = data.draw(st.permutations(members))
    apart = [meaning for text in shuffled for meaning in meanings(make_line("CATEGORIES", escape_text(text)))]
    assert sorted(meanings(joined)) == sorted(apart)
    assert len(list(meanings(joined))) == len(members)


@pytest.mark.parametrize("name", ["CATEGORIES", "EXDATE", "RDATE", "NICKNAME", "RESOURCES", "FREEBUSY"])
def test_an_empty_list_says_one_empty_thing(name: str) -> None:
    assert [value for _, _, value in meanings(ContentLine(f"{name}:\r\n".encode()))] == [("",)]


@given(octets=st.binary(max_size=80))
@settings(max_examples=300, deadline=None)
def test_every_line_means_something_and_always_the_same(octets: bytes) -> None:
    line = ContentLine(octets.translate(None, b"\r\n") + b"\r\n")
    said = list(meanings(line))
    assert said
    assert said == list(meanings(ContentLine(line.raw)))
    assert all(isinstance(part, str) for _, _, value in said for part in value)
