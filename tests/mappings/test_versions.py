"""Each line of vCard 2.1, 3.0 and 4.0 as it stands in the others, and what is kept where one has no form for it."""

from __future__ import annotations

import pytest

from mappings.canonical import differences
from mappings.cards.proof import NOT_REVERSIBLE, OUTDATED
from mappings.cards.versions import convert, version_of
from mappings.carriers import LEAF_OCTETS, LEAF_TOO_LARGE
from mappings.documents import parse
from mappings.errors import Malformed, TooLarge, UnknownType
from mappings.folding import BOM, unfold
from mappings.limits import Limits
from mappings.loss import Fate
from tests.mappings.samples import CARD, card, lines

PERSON = ("FN:Jane Doe", "N:Doe;Jane;;;")
LARGE = "A" * LEAF_OCTETS


def contents(body: bytes) -> list[str]:
    """Return the unfolded lines between VERSION and END, but for the names every sample has."""
    (component,) = parse(body).components()
    found = [line.content.decode() for line in component.lines()]
    assert found[0].startswith("VERSION:")
    return [line for line in found[1:] if line not in PERSON]


def there(version: str, to: str, *content: str) -> list[str]:
    """Convert one card of *content* and return the lines without carriers."""
    body = card(*PERSON, *content, version=version)
    mapped = convert(body, to)
    back = convert(mapped.body, version)
    assert differences(CARD, body, back.body) == ()
    assert mapped.losses.lossless
    assert mapped.media_type == f"text/vcard;version={to}"
    return [line for line in contents(mapped.body) if not line.startswith("JSPROP")]


@pytest.mark.parametrize(
    ("middle", "new"),
    [
        (["TEL;TYPE=PREF,HOME:1"], ["TEL;TYPE=HOME;PREF=1:1"]),
        (["EMAIL;TYPE=INTERNET;TYPE=PREF:a@b"], ["EMAIL;TYPE=INTERNET;PREF=1:a@b"]),
        (["PHOTO;ENCODING=b;TYPE=JPEG:AAEC"], ["PHOTO:data:image/jpeg;base64,AAEC"]),
        (["PHOTO;ENCODING=B:AAEC"], ["PHOTO:data:application/octet-stream;base64,AAEC"]),
        (["PHOTO;VALUE=binary;ENCODING=b;TYPE=png:AAEC"], ["PHOTO:data:image/png;base64,AAEC"]),
        (["PHOTO;VALUE=uri:http://a/b.jpg"], ["PHOTO:http://a/b.jpg"]),
        (["LOGO;ENCODING=b;TYPE=GIF,WORK:AAEC"], ["LOGO;TYPE=WORK:data:image/gif;base64,AAEC"]),
        (["SOUND;ENCODING=b;TYPE=BASIC:AAEC"], ["SOUND:data:audio/basic;base64,AAEC"]),
        (["KEY;ENCODING=b;TYPE=PGP:AAEC"], ["KEY:data:application/pgp-keys;base64,AAEC"]),
        (["KEY;ENCODING=b;TYPE=X509:AAEC"], ["KEY:data:application/pkix-cert;base64,AAEC"]),
        (["ADR;TYPE=home:;;a;;;;", "LABEL;TYPE=home:a\\nb"], ["ADR;TYPE=home;LABEL=a^nb:;;a;;;;"]),
        (["GEO:37.38;-122.08"], ["GEO:geo:37.38,-122.08"]),
        (["TZ:-05:00"], ["TZ;VALUE=utc-offset:-0500"]),
        (["BDAY:1996-04-15"], ["BDAY:19960415"]),
        (["BDAY;VALUE=date:1996-04-15"], ["BDAY:19960415"]),
        (["BDAY:1953-10-15T23:10:00Z"], ["BDAY:19531015T231000Z"]),
        (["BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-15"], ["BDAY:--0415"]),
        (["X-ANNIVERSARY:2001-02-03"], ["ANNIVERSARY:20010203"]),
        (["X-GENDER:F"], ["GENDER:F"]),
        (["X-ADDRESSBOOKSERVER-KIND:group"], ["KIND:group"]),
        (["X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:1"], ["MEMBER:urn:uuid:1"]),
        (["AGENT;VALUE=uri:http://a/b"], ["RELATED;TYPE=agent:http://a/b"]),
        (
            ["item1.X-ABRELATEDNAMES:Jo", "item1.X-ABLabel:_$!<Spouse>!$_"],
            ["RELATED;TYPE=spouse;VALUE=text:Jo"],
        ),
    ],
)
def test_three_and_four_have_the_same_in_other_words(middle: list[str], new: list[str]) -> None:
    """Case 26 among them. Both ways; what comes back from there may only be written otherwise."""
    assert there("3.0", "4.0", *middle) == new
    assert there("4.0", "3.0", *there("3.0", "4.0", *middle)) != []
    assert differences(CARD, card(*PERSON, *middle), card(*PERSON, *there("4.0", "3.0", *new))) == ()
    exact = convert(card(*PERSON, *middle), "4.0").losses
    assert exact.worst is Fate.EXACT


@pytest.mark.parametrize(
    ("old", "middle"),
    [
        ("TEL;HOME;VOICE:1", "TEL;TYPE=HOME,VOICE:1"),
        ("TEL;PREF;TYPE=CELL:1", "TEL;TYPE=PREF,CELL:1"),
        ("NOTE;QUOTED-PRINTABLE:a=0D=0Ab; c, d", "NOTE:a\\nb\\; c\\, d"),
        ("NOTE;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:caf=E9=\r\n=20au lait", "NOTE:café au lait"),
        ("NOTE:C:\\temp, x", "NOTE:C:\\\\temp\\, x"),
        ("LABEL;HOME;QUOTED-PRINTABLE:Stra=C3=9Fe=0D=0AZ", "LABEL;TYPE=HOME:Straße\\nZ"),
        ("ADR;WORK:;;1 Main St, apt 2;Town;;12;CH", "ADR;TYPE=WORK:;;1 Main St\\, apt 2;Town;;12;CH"),
        ("ORG:A\\;B;C", "ORG:A\\;B;C"),
        ("PHOTO;JPEG;BASE64:AAEC", "PHOTO;TYPE=JPEG;ENCODING=b:AAEC"),
        ("PHOTO;ENCODING=BASE64;TYPE=GIF:\r\n AA\r\n  EC\r\n", "PHOTO;TYPE=GIF;ENCODING=b:AAEC"),
        ("SOUND;WAVE;BASE64:AAEC", "SOUND;TYPE=WAVE;ENCODING=b:AAEC"),
        ("URL;VALUE=URL:http://a/b", "URL;VALUE=uri:http://a/b"),
        ("EMAIL;INTERNET:a@b", "EMAIL;TYPE=INTERNET:a@b"),
        ("X-Odd;BAR;QUOTED-PRINTABLE:=41;b,c=0Ad", "X-Odd;TYPE=BAR:A;b,c\\nd"),
    ],
)
def test_case_12_and_19_two_and_three(old: str, middle: str) -> None:
    assert there("2.1", "3.0", old) == [middle]
    body = card(*PERSON, middle)
    assert differences(CARD, body, convert(convert(body, "2.1").body, "3.0").body) == ()


@pytest.mark.parametrize(
    ("middle", "old"),
    [
        ("NOTE:ä\\nb\\, c", "NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=A4=0D=0Ab, c"),
        ("TEL;TYPE=home,voice:1", "TEL;home;voice:1"),
        ("TEL;TYPE=URL:1", "TEL;TYPE=URL:1"),
        ("KEY;ENCODING=b;TYPE=PGP:AAEC", "KEY;PGP;ENCODING=BASE64:AAEC"),
        ("LOGO;VALUE=uri:http://a/b", "LOGO;VALUE=URL:http://a/b"),
        ('X-ABC;X-P="a;b":c\\,d', 'X-ABC;X-P="a;b":c\\,d'),
        ("TITLE:ends with a backslash\\\\", "TITLE:ends with a backslash\\\\"),
    ],
)  # fmt: skip
def test_three_written_as_two(middle: str, old: str) -> None:
    assert there("3.0", "2.1", middle) == [old]


def test_long_quoted_printable_breaks_softly() -> None:
    text = "Zürich " * 60
    body = convert(card(*PERSON, f"NOTE:{text}x"), "2.1").body
    assert all(len(piece) <= 76 for piece in body.split(b"\r\n"))
    (component,) = parse(body).components()
    assert component.text("NOTE") == text + "x"
    assert b"=\r\n " not in body


@pytest.mark.parametrize(
    "line",
    [
        "item7.X-ABLabel:alone",
        'X-Unknown;A=1;B="x:y":V\\,alue;\\;',
        "EMAIL;ALTID=1;PID=1.1;PROP-ID=e1:a@b",
        "CLIENTPIDMAP:1;urn:uuid:3",
        "LANG;PREF=2:fr",
        "XML:<a/>",
        "MAILER:m",
        "CLASS:PRIVATE",
        "NAME:n",
        "SOURCE:http://a/b",
        "X-AIM:jo",
        "IMPP;X-SERVICE-TYPE=matrix:matrix:u/jo",
        "RELATED;TYPE=friend:urn:uuid:1",
        "this line has no colon",
    ],
)
def test_what_the_other_version_does_not_know_is_kept_line_for_line(line: str) -> None:
    """Cases 8, 25 and 57."""
    assert there("3.0", "4.0", line) == [line]
    assert there("4.0", "3.0", line) == [line]


@pytest.mark.parametrize("date", ["1990", "1990-04", "---15", "--04", "T102200"])
def test_case_29_a_part_of_a_date_is_carried(date: str) -> None:
    body = card(*PERSON, f"BDAY:{date}", version="4.0")
    mapped = convert(body, "3.0")
    assert b"\nBDAY" not in mapped.body
    assert [(one.leaf, one.fate) for one in mapped.losses.only(Fate.EXTENSION)] == [("BDAY", Fate.EXTENSION)]
    assert convert(mapped.body, "4.0").body.endswith(f"BDAY:{date}\r\nEND:VCARD\r\n".encode())


def test_case_27_and_28_a_leap_day_and_a_text() -> None:
    assert there("4.0", "3.0", "BDAY:--0229") == ["BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29"]
    assert there("4.0", "3.0", "BDAY;VALUE=text:around Easter") == ["BDAY;VALUE=text:around Easter"]


def test_a_name_and_how_it_is_sorted() -> None:
    body = card("FN:x", "N:van Dyck;Jo;;;", "SORT-STRING:Dyck\\, Jo")
    new = convert(body, "4.0").body
    assert b'N;SORT-AS="Dyck, Jo":van Dyck;Jo;;;\r\n' in new
    assert differences(CARD, body, convert(new, "3.0").body) == ()


def test_two_addresses_of_one_type_keep_each_its_label() -> None:
    body = card(*PERSON, "ADR:;;first;;;;", "ADR;LABEL=Second:;;second;;;;", version="4.0")
    assert differences(CARD, body, convert(convert(body, "3.0").body, "4.0").body) == ()


def test_several_values_of_a_field_are_not_one_with_a_comma() -> None:
    """Case 35 in both directions: 2.1 cannot tell them apart, so what it had is kept beside it."""
    body = card("FN:x", "N:Doe;Jane;Ann,Mary;Dr\\, med;")
    returned = convert(convert(body, "2.1").body, "3.0").body
    assert b"\nN:Doe;Jane;Ann,Mary;Dr\\, med;\r\n" in returned


def test_an_edit_in_the_other_version_counts() -> None:
    """What was kept of the line is history then, and the report says so."""
    mapped = convert(card(*PERSON, "TEL;VALUE=uri:tel:+1-555", version="4.0"), "3.0")
    assert b"TEL:+1-555\r\n" in mapped.body
    edited = mapped.body.replace(b"TEL:+1-555", b"TEL:+1-777")
    back = convert(edited, "4.0")
    assert contents(back.body) == ["TEL:+1-777"]
    assert [(one.leaf, one.reason) for one in back.losses.only(Fate.LOST)] == [("JSPROP", OUTDATED)]


def test_a_line_that_was_carried_away_is_not_brought_back() -> None:
    mapped = convert(card(*PERSON, "TEL;VALUE=uri:tel:+1-555", version="4.0"), "3.0")
    deleted = mapped.body.replace(b"TEL:+1-555\r\n", b"")
    assert contents(convert(deleted, "4.0").body) == []


def test_a_hostile_carrier_brings_no_structure_in() -> None:
    bad = [
        '{"from":"4.0","to":"3.0","lines":["X:1\\r\\nEND:VCARD"],"as":[]}',
        '{"from":"4.0","to":"3.0","lines":["X:\\ud800"],"as":[]}',
        '{"from":"4.0","to":"3.0","lines":7,"as":{}}',
        '{"from":"4.0","to":"3.0"}',
        "[]",
        "7",
    ]
    lines_in = [f'JSPROP;JSPTR="/wherry:vcard":{value}'.replace(",", "\\,") for value in bad]
    found = convert(card(*PERSON, *lines_in), "4.0").body
    assert len(list(parse(found).components())) == 1
    assert b"\nEND:VCARD\r\n" in found
    assert found.count(b"END:VCARD\r\n") == 1


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (["N:Doe;Jane;Ann;Dr.;Jr."], "Dr. Jane Ann Doe Jr."),
        (["ORG:Acme\\, Inc.;Sales"], "Acme, Inc. Sales"),
        (["EMAIL:a@b"], "a@b"),
        (["NOTE:x"], ""),
    ],
)
def test_case_31_and_32_a_card_without_a_name_gets_one_and_loses_it_again(content: list[str], name: str) -> None:
    body = card(*content, version="2.1")
    mapped = convert(body, "3.0")
    (component,) = parse(mapped.body).components()
    assert component.text("FN") == name
    assert differences(CARD, body, convert(mapped.body, "2.1").body) == ()


def test_case_11_an_agent_is_a_text_in_three_and_a_card_in_two() -> None:
    body = card(
        "N:a", "FN:a", "AGENT:", "BEGIN:VCARD", "VERSION:2.1", "N:In\\;ner;x", "TEL;WORK:1", "END:VCARD", version="2.1"
    )
    mapped = convert(body, "3.0")
    (outer,) = parse(mapped.body).components()
    assert list(outer.components()) == []
    assert "\nTEL;TYPE=WORK:1\n" in (outer.text("AGENT") or "")
    assert differences(CARD, body, convert(mapped.body, "2.1").body) == ()
    assert differences(CARD, body, convert(convert(body, "4.0").body, "2.1").body) == ()


def test_an_agent_of_an_agent_stays_where_it_is() -> None:
    """Escapes of escapes double with each level: fifteen levels would be 32,768 times as long."""
    nested = [line for _ in range(14) for line in ("AGENT:", "BEGIN:VCARD", "FN:x")]
    body = card("N:a", "FN:a", *nested, *["END:VCARD"] * 14, version="2.1")
    mapped = convert(body, "4.0")
    assert len(mapped.body) < 2 * len(body)
    assert differences(CARD, body, convert(mapped.body, "2.1").body) == ()


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_line_ends_are_the_cards_own(end: str) -> None:
    body = card("FN:x", "N:x;;;;", "TEL;HOME:1", "NOTE;QUOTED-PRINTABLE:" + "=41" * 40, version="2.1", end=end)
    written = convert(body, "3.0").body
    assert written.decode().split(end)[-2] == "END:VCARD"
    assert written == convert(body.replace(end.encode(), b"\r\n"), "3.0").body.replace(b"\r\n", end.encode())


def test_several_cards_of_several_versions_are_converted_one_by_one() -> None:
    body = (
        BOM
        + card("FN:a", "TEL;HOME:1", version="2.1")
        + card("FN:b", "N:b;;;;")
        + b"\r\n"
        + card("FN:c", version="4.0")
    )
    mapped = convert(body, "4.0")
    assert [version_of(one) for one in parse(mapped.body).components()] == ["4.0"] * 3
    assert [one.text("FN") for one in parse(mapped.body).components()] == ["a", "b", "c"]
    assert mapped.body.endswith(card("FN:c", version="4.0"))
    assert not mapped.body.startswith(BOM)


@pytest.mark.parametrize(
    ("written", "version"),
    [
        ("2.1", "2.1"),
        ("3.0", "3.0"),
        (" 4.0 ", "4.0"),
        ("4.1", "4.0"),
        ("5", "4.0"),
        ("", "3.0"),
        ("x", "3.0"),
        ("1.0", "2.1"),
    ],
)
def test_versions_nobody_wrote_a_standard_for(written: str, version: str) -> None:
    (component,) = parse(card("FN:x", version=written)).components()
    assert version_of(component) == version


def test_a_picture_too_large_for_a_carrier_stays_as_it_stands() -> None:
    body = card(*PERSON, f"PHOTO;ENCODING=b;TYPE=JPEG;TYPE=odd:{LARGE}")
    mapped = convert(body, "4.0")
    assert mapped.losses.lossless
    assert differences(CARD, body, convert(mapped.body, "3.0").body) == ()


def test_case_49_what_does_not_fit_and_cannot_return_is_reported() -> None:
    body = card(*PERSON, f"ANNIVERSARY:{LARGE}")
    mapped = convert(body, "4.0")
    (lost,) = mapped.losses.only(Fate.LOST)
    assert (lost.leaf, lost.reason) == ("ANNIVERSARY", LEAF_TOO_LARGE)
    assert LARGE in unfold(mapped.body.replace(b"\r\n ", b"")).decode()
    assert NOT_REVERSIBLE != LEAF_TOO_LARGE


def test_only_whole_cards_and_known_versions() -> None:
    with pytest.raises(UnknownType):
        convert(card("FN:x"), "3.1")
    for body in (b"", card("FN:x")[:-8], lines("BEGIN:VCALENDAR", "END:VCALENDAR"), b"FN:x\r\n"):
        with pytest.raises(Malformed):
            convert(body, "4.0")
    with pytest.raises(TooLarge):
        convert(card("FN:x"), "4.0", limits=Limits(line_octets=5))
