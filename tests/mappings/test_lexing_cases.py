"""The project's numbered cases of the lexical layer, each by its number."""

from __future__ import annotations

import pytest

from mappings.canonical import differences
from mappings.contentlines import ContentLine, Parameter, make_line
from mappings.documents import parse
from mappings.folding import BOM, FOLD_OCTETS
from mappings.inspect import inspect
from mappings.meetings import quiet
from tests.mappings.samples import CALENDAR, CARD, calendar, card, event, lines, zone


def only(body: bytes, name: str) -> ContentLine:
    """Return the one line *name* of the first item in *body*."""
    outer = next(parse(body).components())
    item = outer if outer.name == "VCARD" else next(outer.components("VEVENT", "VTODO"))
    (line,) = item.lines(name)
    return line


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_case_01_a_fold_inside_a_utf8_sequence_keeps_the_character(cut: int) -> None:
    octets = "😀".encode()
    body = card("NOTE:a@b").replace(b"@", octets[:cut] + b"\r\n " + octets[cut:])
    assert only(body, "NOTE").text() == "a😀b"
    assert parse(body).to_bytes() == body


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_case_02_every_kind_of_line_end_gives_the_same_tree(end: str) -> None:
    body = event("SUMMARY:one" + end + " two", end=end)
    document = parse(body)
    assert [component.name for component in document.components()] == ["VCALENDAR"]
    assert only(body, "SUMMARY").text() == "onetwo"
    assert not document.problems
    assert document.to_bytes() == body


def test_case_03_a_byte_order_mark_is_not_read_and_not_written_on_request() -> None:
    body = BOM + card("FN:x")
    document = parse(body)
    assert next(document.components()).name == "VCARD"
    assert document.to_bytes() == body
    assert document.to_bytes(bom=False) == body[3:]


def test_case_04_delimiters_within_quotes_belong_to_the_parameter() -> None:
    line = ContentLine(b'N;P="a:b;c,d":v:w\r\n')
    assert line.param("P") == ("a:b;c,d",)
    assert line.value == b"v:w"


def test_case_05_carets_are_decoded_and_written_back() -> None:
    line = ContentLine(b"X;P=^n^'^^:v\r\n")
    assert line.param("P") == ('\n"^',)
    assert line.with_params(line.params).raw == line.raw


def test_case_06_an_empty_value_is_a_line() -> None:
    body = card("NOTE:", "FN:x")
    assert only(body, "NOTE").text() == ""
    assert parse(body).to_bytes() == body


def test_case_07_a_name_in_lower_case_is_the_same_property_and_written_as_read() -> None:
    line = only(card("note;language=de:x"), "NOTE")
    assert line.param("LANGUAGE") == ("de",)
    assert line.with_text("y").raw == b"note;language=de:y\r\n"


def test_case_08_a_junk_line_stays_in_place_and_is_reported() -> None:
    body = event("this is no property", "SUMMARY:x")
    document = parse(body)
    assert [(problem.code, problem.line, problem.breaks) for problem in document.problems] == [("junk", 7, False)]
    assert only(body, "SUMMARY").text() == "x"
    assert document.to_bytes() == body
    assert inspect(CALENDAR, body).complete


def test_case_09_75_octets_are_not_folded_76_are() -> None:
    assert make_line("NOTE", "x" * (FOLD_OCTETS - 5)).raw.count(b"\r\n") == 1
    assert make_line("NOTE", "x" * (FOLD_OCTETS - 4)).raw.count(b"\r\n") == 2
    folded = make_line("NOTE", "ä" * 200)
    for physical in folded.raw.split(b"\r\n"):
        assert len(physical) <= FOLD_OCTETS
        physical.decode()
    assert folded.text() == "ä" * 200


def test_case_10_one_broken_card_does_not_hide_the_good_one() -> None:
    body = lines("BEGIN:VCARD", "FN:broken") + card("FN:good")
    document = parse(body)
    broken, good = document.components()
    assert (broken.text("FN"), broken.end) == ("broken", b"")
    assert good.text("FN") == "good"
    assert good.end
    assert [(problem.code, problem.line) for problem in document.problems] == [("unclosed", 1)]


def test_case_11_a_card_nested_in_agent_is_a_nested_component() -> None:
    body = card("AGENT:", "BEGIN:VCARD", "UID:inner", "FN:Agent", "END:VCARD", "UID:outer", version="2.1")
    document = parse(body)
    (outer,) = document.components()
    assert [inner.text("FN") for inner in outer.components("VCARD")] == ["Agent"]
    assert not document.problems
    assert inspect(CARD, body).uid == "outer"
    assert inspect(CARD, body).uids == 1


def test_case_12_quoted_printable_with_soft_breaks_and_a_charset() -> None:
    body = card("NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:caf=E9=", "=20au lait=0D=0Aend", version="2.1")
    line = only(body, "NOTE")
    assert line.text() == "café au lait\r\nend"
    assert line.with_text("café").raw == "NOTE:café\r\n".encode()
    assert parse(body).to_bytes() == body


def test_case_14_control_characters_are_kept_and_reported() -> None:
    body = card("NOTE:a\0b\x07c")
    document = parse(body)
    assert document.to_bytes() == body
    assert only(body, "NOTE").text() == "a\0b\x07c"
    assert [problem.code for problem in document.problems] == ["control"]
    assert inspect(CARD, body).complete


@pytest.mark.parametrize(
    ("line", "text"),
    [
        pytest.param("NOTE:a, b", "a, b", id="case-15"),
        pytest.param("FN:Mr. John Richter, James Doe Sr.", "Mr. John Richter, James Doe Sr.", id="case-16"),
        pytest.param("URL:http\\://example.org/", "http://example.org/", id="colon-escaped-by-exporters"),
        pytest.param("NOTE:C:\\temp\\x", "C:\\temp\\x", id="backslash-that-is-no-escape"),
        pytest.param("NOTE:a\\\\nb", "a\\nb", id="escaped-backslash-before-n"),
        pytest.param("NOTE:a\\Nb\\nc", "a\nb\nc", id="both-newlines"),
    ],
)
def test_text_is_read_whole(line: str, text: str) -> None:
    assert only(card(line), line.partition(":")[0]).text() == text


@pytest.mark.parametrize(
    "photo",
    [
        pytest.param(b"PHOTO:data:image/png;base64,AAECAwQFBgc=\r\n", id="case-17"),
        pytest.param(b"PHOTO;ENCODING=b;TYPE=JPEG:AAECAwQFBgc=\r\n", id="case-18-b"),
        pytest.param(b"PHOTO;BASE64:AAECA\r\n  wQFBgc=\r\n\r\n", id="case-18-bare"),
        pytest.param(b"PHOTO;ENCODING=BASE64;TYPE=JPEG:\r\n AAECA\r\n wQFBgc=\r\n", id="case-18-below"),
        pytest.param(b"PHOTO;X-INLINE=1;ENCODING=B:AAEC AwQF Bgc\r\n", id="blanks-and-no-padding"),
    ],
)
def test_a_picture_comes_back_octet_for_octet(photo: bytes) -> None:
    body = b"BEGIN:VCARD\r\nVERSION:3.0\r\n" + photo + b"END:VCARD\r\n"
    assert only(body, "PHOTO").data() == bytes(range(8))
    assert parse(body).to_bytes() == body
    assert inspect(CARD, body).complete


@pytest.mark.parametrize(
    ("line", "types"),
    [
        pytest.param(b"TEL;HOME;VOICE:1\r\n", ("home", "voice"), id="case-19"),
        pytest.param(b"EMAIL;TYPE=INTERNET;TYPE=HOME:a@b\r\n", ("internet", "home"), id="case-20"),
        pytest.param(b'TEL;TYPE="voice,home":1\r\n', ("voice", "home"), id="case-21"),
        pytest.param(b"TEL;type=HOME,FAX:1\r\n", ("home", "fax"), id="case-22"),
        pytest.param(b"NOTE;QUOTED-PRINTABLE;WORK:=41\r\n", ("work",), id="an-encoding-is-no-type"),
    ],
)
def test_types_survive_however_they_are_written(line: bytes, types: tuple[str, ...]) -> None:
    assert ContentLine(line).types() == types


def test_case_25_a_label_whose_group_has_no_other_line_is_kept() -> None:
    body = card("FN:x", "item7.X-ABLabel:alone")
    assert only(body, "X-ABLABEL").group == "item7"
    assert differences(CARD, body, card("FN:x")) == ("X-ABLABEL",)


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        pytest.param("N:Doe;John", ("Doe", "John"), id="case-34"),
        pytest.param("N:Doe;Jane;Ann,Mary;;", ("Doe", "Jane", "Ann,Mary", "", ""), id="case-35"),
        pytest.param("ADR:;;12\\nRue du Lac;Genève;;1200;CH", ("", "", "12\nRue du Lac", "Genève", "", "1200", "CH"),
                     id="case-37"),
        pytest.param("ORG:A\\;B;C", ("A;B", "C"), id="case-42"),
    ],
)  # fmt: skip
def test_structured_values_split_only_at_bare_semicolons(line: str, fields: tuple[str, ...]) -> None:
    assert only(card(line), line.partition(":")[0]).fields() == fields


def test_case_57_an_unknown_line_is_identical_after_an_edit_of_another() -> None:
    odd = b'item3.X-Odd;a=1;B="x:y";c:V\\,alue;\xff\r\n'
    body = b"BEGIN:VCARD\r\n" + odd + b"FN:old\r\nEND:VCARD\r\n"
    document = parse(body)
    whole = next(document.components())
    place = next(n for n, item in enumerate(whole.items) if item == b"FN:old\r\n")
    whole.items[place] = only(body, "FN").with_text("new").raw
    assert document.to_bytes() == body.replace(b"old", b"new")
    assert odd in document.to_bytes()


@pytest.mark.parametrize("text", ["👨‍👩‍👧", "e\u0301", "é", "שלום", "\u200fa\u200e", "한국", "\u2028"])
def test_case_63_text_is_never_normalised(text: str) -> None:
    line = only(card("FN:x"), "FN").with_text(text)
    assert line.value == text.encode()
    assert line.text() == text


@pytest.mark.parametrize(
    ("start", "day"),
    [
        pytest.param("DTSTART;VALUE=DATE:20260301", 20513, id="case-64"),
        pytest.param("DTSTART:20260301", 20513, id="case-65"),
        pytest.param("DTSTART;VALUE=DATE:19700101", 0, id="case-66"),
        pytest.param("DTSTART:19691231T235959Z", -1, id="before-1970"),
        pytest.param('DTSTART;TZID="W. Europe Standard Time":20260301T080000', 20513, id="case-70"),
        pytest.param("DTSTART;TZID=/freeassociation.sourceforge.net/America/New_York:20260301T080000", 20513,
                     id="case-73"),
    ],
)  # fmt: skip
def test_dates_are_read_from_the_line_as_it_stands(start: str, day: int) -> None:
    body = event(start=start)
    assert inspect(CALENDAR, body).day == day
    assert only(body, "DTSTART").raw == start.encode() + b"\r\n"


def test_case_71_each_document_keeps_its_own_zone_of_the_same_name() -> None:
    name = "Customized Time Zone"
    start = f"DTSTART;TZID={name}:20260301T080000"
    west, east = (
        calendar(*zone(name, offset), "BEGIN:VEVENT", "UID:1", start, "END:VEVENT") for offset in ("-0500", "+0500")
    )
    assert differences(CALENDAR, west, east) == ("VTIMEZONE",)
    assert differences(CALENDAR, west, west) == ()


def test_case_72_a_lying_zone_of_a_known_name_changes_nothing() -> None:
    start = "DTSTART;TZID=Europe/Zurich:20260301T080000"
    lying, honest = (
        calendar(*zone("Europe/Zurich", offset), "BEGIN:VEVENT", "UID:1", start, "END:VEVENT")
        for offset in ("+0500", "+0100")
    )
    bare = calendar("BEGIN:VEVENT", "UID:1", start, "END:VEVENT")
    assert differences(CALENDAR, lying, honest) == ()
    assert differences(CALENDAR, bare, honest) == ()


def test_case_118_method_is_taken_off() -> None:
    body = calendar("METHOD:REQUEST", "BEGIN:VEVENT", "UID:1", "END:VEVENT")
    assert inspect(CALENDAR, body).method
    assert quiet(body) == body.replace(b"METHOD:REQUEST\r\n", b"")


def test_case_119_the_same_uid_in_two_calendars_is_two_bodies_that_compare_equal() -> None:
    assert differences(CALENDAR, event(uid="same"), event(uid="same")) == ()


def test_case_120_apple_extensions_are_identical_after_an_edit() -> None:
    apple = 'X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-ADDRESS="Lac 1\\, 1200";X-APPLE-RADIUS=70;X-TITLE=Lac:geo:46.2,6.1'
    body = event(apple, "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT15M", "SUMMARY:x")
    document = parse(body)
    item = next(next(document.components()).components("VEVENT"))
    item.items = [line.with_text("y").raw if line.name == "SUMMARY" else line.raw for line in item.lines()]
    assert document.to_bytes() == body.replace(b"SUMMARY:x", b"SUMMARY:y")


def test_case_98_names_with_commas_are_read_and_left_as_written() -> None:
    line = ContentLine(b'ATTENDEE;cn="Doe, Jane";Role=CHAIR;X-Y=1,"2,3":mailto:j@x\r\n')
    assert line.params == (
        Parameter("CN", ("Doe, Jane",)),
        Parameter("ROLE", ("CHAIR",)),
        Parameter("X-Y", ("1", "2,3")),
    )
    edited = line.with_param("PARTSTAT", "ACCEPTED")
    assert edited.raw == b'ATTENDEE;PARTSTAT=ACCEPTED;cn="Doe, Jane";Role=CHAIR;X-Y=1,"2,3":mailto:j@x\r\n'
    quoted = edited.with_param("CN", 'Jane "JJ" Doe')
    assert b";CN=Jane ^'JJ^' Doe;" in quoted.content
    assert quoted.param("CN") == ('Jane "JJ" Doe',)
