"""Cases 104 to 111: colours, labels, conferences, attachments, descriptions, properties of other programs."""

from __future__ import annotations

import pytest

from mappings.calendars.colors import EVENT_COLORS
from mappings.calendars.patches import creation, patch
from mappings.calendars.texts import plain
from mappings.documents import Component
from mappings.mediatypes import CALENDAR
from tests.mappings.calendars.making import (
    TO_CALENDAR,
    TO_EVENTS,
    Json,
    assert_kept,
    assert_returns,
    calendar_of,
    document,
    event,
    fate_of,
    ics,
    item,
    line,
    octets,
    to_ics,
    to_json,
    vevent,
    written,
)
from tests.mappings.test_servers import through_radicale, through_xandikos

HTML = 'Join <a href="https://x.example/?a=1&amp;b=2">here</a>&nbsp;please<br>second<br/>line <b>now</b> &lt;3'
MEET: Json = {
    "conferenceId": "abc-defg-hij",
    "conferenceSolution": {"key": {"type": "hangoutsMeet"}, "name": "Google Meet", "iconUri": "https://i.example/m.png"},
    "signature": "AJ7Xy,+/==",
    "entryPoints": [
        {"entryPointType": "video", "uri": "https://meet.google.com/abc-defg-hij", "label": "meet.google.com/abc"},
        {"entryPointType": "phone", "uri": "tel:+41-44,,,123#", "label": "+41 44", "pin": "8842", "regionCode": "CH"},
        {"entryPointType": "more", "uri": "https://tel.meet/abc?pin=1,2;3"},
    ],
}  # fmt: skip


@pytest.mark.parametrize("color", sorted(EVENT_COLORS))
def test_case_104_each_colour_has_a_name_of_its_own(color: str) -> None:
    body = assert_returns(document(event(colorId=color)))
    assert b"colorId" not in body, "the name alone is exact"


def test_case_104_the_name_is_the_nearest() -> None:
    assert line(document(event(colorId="7")), "COLOR") == "COLOR:mediumturquoise"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("turquoise", "7"),
        ("Turquoise", "7"),
        ("red", "11"),
        ("gray", "8"),
        ("gold", "5"),
        ("green", "10"),
        ("blue", "9"),
    ],
)
def test_case_104_a_name_of_another_program_is_the_nearest_colour(name: str, expected: str) -> None:
    assert item(ics(f"COLOR:{name}"))["colorId"] == expected
    assert written(vevent(assert_kept(ics(f"COLOR:{name}"))), "COLOR") == [f"COLOR:{name}"]


@pytest.mark.parametrize("name", ["#ff0000", "nocolour", ""])
def test_case_104_what_is_no_name_is_kept_only(name: str) -> None:
    assert "colorId" not in item(ics(f"COLOR:{name}"))
    assert_kept(ics(f"COLOR:{name}"))


@pytest.mark.parametrize("color", ["12", "", "x", 7, None])
def test_case_104_ids_that_are_no_event_colour_come_back(color: object) -> None:
    assert_returns(document({**event(), **({"colorId": color} if color is not None else {})}))


def test_case_105_a_label_survives_an_edit_of_the_title() -> None:
    before = event(eventLabelId="6f1ed002", colorId="3")
    edited = to_ics(document(before)).replace(b"SUMMARY:Besprechung", b"SUMMARY:Sitzung")
    after = to_json(edited)["items"][0]
    assert after["eventLabelId"] == "6f1ed002"
    call = patch(before, after)
    assert call is not None
    assert call.body == {"summary": "Sitzung"}
    assert "eventLabelVersion" not in call.parameters


def test_case_105_setting_a_label_says_so() -> None:
    call = patch(event(), event(eventLabelId="6f1ed002"))
    assert call is not None
    assert call.body == {"eventLabelId": "6f1ed002"}
    assert call.parameters == {"sendUpdates": "none", "eventLabelVersion": 1}


def test_case_106_each_entry_point_is_a_conference_line() -> None:
    body = assert_returns(document(event(conferenceData=MEET)))
    found = written(vevent(body), "CONFERENCE")
    assert found[0] == (
        "CONFERENCE;VALUE=URI;FEATURE=VIDEO;LABEL=meet.google.com/abc:https://meet.google.com/abc-defg-hij"
    )
    assert "X-GOOGLE-PIN=8842" in found[1]
    assert found[1].endswith(":tel:+41-44%2C%2C%2C123#"), "a comma would be cut off by servers"
    assert len(found) == 3


@pytest.mark.parametrize("store", [through_radicale, through_xandikos])
@pytest.mark.filterwarnings("ignore")
def test_case_106_comes_back_through_servers(store: object) -> None:
    said = document(event(conferenceData=MEET, hangoutLink="https://meet.google.com/a,b;c"))
    stored = store(CALENDAR, to_ics(said))  # type: ignore[operator]  # a column of functions
    assert TO_CALENDAR.prove(octets(said), stored).lossless
    assert to_json(stored)["items"][0]["conferenceData"] == MEET


def test_case_106_a_copy_asks_for_a_meet_of_its_own() -> None:
    call = creation(event(conferenceData=MEET))
    request = call.body["conferenceData"]
    assert isinstance(request, dict)
    assert set(request) == {"createRequest"}
    assert "abc-defg-hij" not in str(call.body)
    assert call.parameters == {"conferenceDataVersion": 1}
    assert creation(event(conferenceData=MEET)) == call, "the same request for the same event"


def test_case_106_conferences_of_others_are_copied() -> None:
    other = {
        **MEET,
        "conferenceSolution": {"key": {"type": "addOn"}, "name": "Other"},
        "createRequest": {"requestId": "1"},
    }
    copied = creation(event(conferenceData=other)).body["conferenceData"]
    assert copied == {name: said for name, said in other.items() if name != "createRequest"}


@pytest.mark.parametrize(
    ("line_", "expected"),
    [
        (
            "CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO;LABEL=x:https://zoom.example/1",
            {"uri": "https://zoom.example/1", "entryPointType": "video", "label": "x"},
        ),
        ("CONFERENCE;VALUE=URI;FEATURE=PHONE,MODERATOR:tel:+1", {"uri": "tel:+1", "entryPointType": "phone"}),
        ("CONFERENCE;VALUE=URI:tel:+1", {"uri": "tel:+1", "entryPointType": "phone"}),
        ("CONFERENCE;VALUE=URI;FEATURE=CHAT:xmpp:a@b", {"uri": "xmpp:a@b"}),
    ],
)
def test_case_106_conferences_of_other_programs_are_entry_points(line_: str, expected: Json) -> None:
    assert item(ics(line_))["conferenceData"] == {"entryPoints": [expected]}
    assert written(vevent(assert_kept(ics(line_))), "CONFERENCE") == [line_]


def test_case_107_a_file_is_a_link_with_name_and_type() -> None:
    file = {
        "fileUrl": "https://drive.google.com/open?id=1X",
        "title": "Plan, v2.pdf",
        "mimeType": "application/pdf",
        "iconLink": "https://i.example/pdf.png",
        "fileId": "1X",
    }
    body = assert_returns(document(event(attachments=[file, {"fileUrl": "https://x.example/"}])))
    assert written(vevent(body), "ATTACH")[0] == (
        'ATTACH;FILENAME="Plan, v2.pdf";FMTTYPE=application/pdf;X-GOOGLE-ICON-LINK="https://i.example/pdf.png";'
        "X-GOOGLE-FILE-ID=1X:https://drive.google.com/open?id=1X"
    )


def test_case_107_an_edit_elsewhere_does_not_touch_the_files() -> None:
    before = event(attachments=[{"fileUrl": "https://drive.google.com/open?id=1X", "fileId": "1X"}])
    call = patch(before, {**before, "summary": "x"})
    assert call is not None
    assert set(call.body) == {"summary"}
    assert "supportsAttachments" not in call.parameters


def test_case_107_a_new_file_is_a_link_beside_the_old_ones() -> None:
    old = {"fileUrl": "https://drive.google.com/open?id=1X", "fileId": "1X", "iconLink": "https://i.example/"}
    new = {"fileUrl": "https://drive.google.com/open?id=2Y", "title": "two"}
    call = patch(event(attachments=[old]), event(attachments=[{"fileUrl": old["fileUrl"]}, new]))
    assert call is not None
    assert call.body == {"attachments": [old, new]}
    assert call.parameters == {"sendUpdates": "none", "supportsAttachments": True}


@pytest.mark.parametrize(
    "inline",
    [
        "ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY:SGVsbG8=",
        "ATTACH:data:text/plain;base64,SGVsbG8=",
        "ATTACH:CID:part1@example.org",
    ],
)
def test_case_108_a_file_within_the_line_is_kept_and_reported(inline: str) -> None:
    body = ics(inline, "ATTACH:https://x.example/a")
    assert item(body)["attachments"] == [{"fileUrl": "https://x.example/a"}]
    report = TO_EVENTS.convert(body).losses
    assert ("extension", "") in fate_of(report, "ATTACH")
    assert inline in written(vevent(assert_kept(body)), "ATTACH")


def test_case_108_without_what_is_kept_beside_the_events_it_is_not_representable() -> None:
    body = ics("ATTACH;ENCODING=BASE64;VALUE=BINARY:SGVsbG8=")
    document_ = to_json(body)
    del document_["iCalendar"]
    assert fate_of(TO_EVENTS.prove(body, octets(document_)), "ATTACH") == [("not-representable", "no-place")]


def test_case_109_html_is_plain_text_and_comes_back_untouched() -> None:
    body = assert_returns(document(event(description=HTML)))
    found = vevent(body)
    assert found.text("DESCRIPTION") == "Join here\u00a0please\nsecond\nline now <3"
    assert found.text("STYLED-DESCRIPTION") == HTML


def test_case_109_editing_the_plain_text_wins_over_the_html() -> None:
    body = to_ics(document(event(description=HTML)))
    edited = body.replace(b"DESCRIPTION:Join here", b"DESCRIPTION:Come here")
    assert to_json(edited)["items"][0]["description"] == "Come here\u00a0please\nsecond\nline now <3"


def test_case_109_plain_text_needs_no_html() -> None:
    body = assert_returns(document(event(description="a < b & c > d; x@y.example")))
    assert written(vevent(body), "STYLED-DESCRIPTION") == []


def test_case_109_html_of_another_program_without_plain_text_is_read() -> None:
    body = ics("STYLED-DESCRIPTION;VALUE=TEXT;FMTTYPE=text/html:<b>x</b>")
    assert item(body)["description"] == "<b>x</b>"
    assert_kept(body)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a<br>b", "a\nb"),
        ("<p>a</p><p>b</p>", "a\nb"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("&lt;b&gt; &amp;amp;", "<b> &amp;"),
        ("1 < 2 <b>x</b> > y", "1 < 2 x > y"),
        ("<a href='https://x'>y</a>", "y"),
        ("<", "<"),
        ("a & b", "a & b"),
        ("", ""),
    ],
)
def test_case_109_html_as_text(html: str, text: str) -> None:
    assert plain(html) == text


def test_case_110_a_long_description_is_not_cut() -> None:
    text = "ä,;\\\n<b>" * 20_000
    body = assert_returns(document(event(description=text)))
    assert to_json(body)["items"][0]["description"] == text


@pytest.mark.parametrize("size", [8191, 8192, 8193, 1_600_000])
def test_case_110_of_any_length(size: int) -> None:
    text = "x" * size
    assert to_json(to_ics(document(event(description=text))))["items"][0]["description"] == text


def test_case_110_what_is_too_long_for_a_carrier_is_reported_not_cut() -> None:
    said = document(event(extendedProperties={"private": {"big": "x" * 70_000, "small": "y"}}))
    converted = TO_CALENDAR.convert(octets(said))
    assert ("not-representable", "too-large") in fate_of(converted.losses, "extendedProperties.private{}")
    assert to_json(converted.body)["items"][0]["extendedProperties"] == {"private": {"small": "y"}}
    assert ("not-representable", "too-large") in fate_of(
        TO_CALENDAR.prove(octets(said), converted.body), "extendedProperties.private{}"
    )


def test_case_111_properties_of_another_program_are_unchanged_after_our_edit() -> None:
    properties = {"private": {"app.key": "v, 1", "odd /~ key": "\n\0"}, "shared": {"": "empty", "k": "v"}}
    before = event(extendedProperties=properties)
    edited = to_ics(document(before)).replace(b"SUMMARY:Besprechung", b"SUMMARY:Sitzung")
    after = to_json(edited)["items"][0]
    assert after["extendedProperties"] == properties
    call = patch(before, after)
    assert call is not None
    assert set(call.body) == {"summary"}


def test_case_111_only_the_keys_that_changed_are_sent() -> None:
    before = event(extendedProperties={"private": {"mine": "1", "theirs": "2"}, "shared": {"k": "v"}})
    after = event(extendedProperties={"private": {"mine": "3", "theirs": "2", "new": "4"}})
    call = patch(before, after)
    assert call is not None
    assert call.body == {"extendedProperties": {"private": {"mine": "3", "new": "4"}, "shared": None}}


def test_case_111_a_line_of_one_key_taken_away_leaves_the_others() -> None:
    body = to_ics(document(event(extendedProperties={"private": {"a": "1", "b": "2"}})))
    calendar = calendar_of(body)
    found = next(calendar.components("VEVENT"))
    found.items[:] = [one for one in found.items if isinstance(one, Component) or b'{"a"' not in one]
    assert to_json(calendar.to_bytes())["items"][0]["extendedProperties"] == {"private": {"b": "2"}}


@pytest.mark.parametrize(
    "source",
    [
        {"url": "https://x.example/a,b;c", "title": "A page, of x"},
        {"url": "https://x.example/"},
        {"title": "no link"},
        {"url": "", "title": "x"},
        {"url": "mailto:x@example.org"},
        "x",
    ],
)
def test_the_source_is_the_url(source: object) -> None:
    assert_returns(document(event(source=source)))


@pytest.mark.parametrize("url", ["message:%3C1@x%3E", "ftp://x.example/", "x"])
def test_an_url_google_does_not_take_is_kept_only(url: str) -> None:
    assert "source" not in item(ics(f"URL:{url}"))
    assert_kept(ics(f"URL:{url}"))
