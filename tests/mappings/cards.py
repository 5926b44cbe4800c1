"""Strategies that make cards of each version: of its grammar, and of anything that may stand in a file."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from mappings.escapes import encode_parameter, escape_text
from mappings.folding import fold

VERSIONS = ("2.1", "3.0", "4.0")
WORDS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=40)
SPOKEN = WORDS.map(lambda text: text.replace("\u2028", " ")) | st.sampled_from(
    ["a\nb", "a, b; c", "C:\\new\\", "x" * 120]
)
BASE64 = st.sampled_from(["AAECAwQFBgc=", "iVBORw0KGgo=", "AAEC", ""])
LINKS = st.sampled_from(["http://example.org/a?b=c,d", "urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af", "mailto:a@b.c"])
DATES_3 = st.sampled_from(["1996-04-15", "19960415", "1953-10-15T23:10:00Z", "1996-04-15T00:00:00+01:00"])
DATES_4 = st.sampled_from(["19960415", "--0415", "1990", "1990-04", "---15", "19531015T231000Z", "T102200", "--0229"])
TYPES = st.lists(st.sampled_from(["home", "WORK", "cell", "FAX", "voice", "PREF"]), max_size=3, unique_by=str.lower)


def _typed(types: Sequence[str]) -> str:
    return ";TYPE=" + ",".join(types) if types else ""


def _fields(count: int) -> st.SearchStrategy[str]:
    field = st.lists(SPOKEN.map(escape_text), min_size=1, max_size=2).map(",".join)
    return st.lists(field, min_size=count, max_size=count).map(";".join)


TEXT_LINES = st.builds(
    lambda name, text: f"{name}:{escape_text(text)}",
    st.sampled_from(["NOTE", "TITLE", "ROLE", "X-Odd", "CLASS", "MAILER", "NICKNAME"]),
    SPOKEN,
)
COMMON = (
    TEXT_LINES
    | st.builds(lambda text: f"ORG:{text}", _fields(2))
    | st.builds(
        lambda texts: "CATEGORIES:" + ",".join(map(escape_text, texts)), st.lists(SPOKEN, min_size=1, max_size=3)
    )
    | st.builds(lambda link: f"URL:{link}", LINKS)
    | st.builds(lambda link: f"item3.URL:{link}\nitem3.X-ABLabel:_$!<HomePage>!$_", LINKS)
    | st.builds(lambda text: f"X-With;X-P={encode_parameter(text)}:1", WORDS.filter(str.isprintable))
)
OF_3 = (
    COMMON
    | st.builds(lambda types, text: f"TEL{_typed(types)}:{escape_text(text)}", TYPES, SPOKEN)
    | st.builds(lambda types, value: f"ADR{_typed(types)}:{value}", TYPES, _fields(7))
    | st.builds(lambda types, text: f"LABEL{_typed(types)}:{escape_text(text)}", TYPES, SPOKEN)
    | st.builds(lambda word, data: f"PHOTO;ENCODING=b;TYPE={word}:{data}", st.sampled_from(["JPEG", "png"]), BASE64)
    | st.builds(lambda link: f"LOGO;VALUE=uri:{link}", LINKS)
    | st.builds(lambda data: f"KEY;TYPE=PGP;ENCODING=b:{data}", BASE64)
    | st.builds(lambda date: f"BDAY:{date}", DATES_3)
    | st.sampled_from(["BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29", "BDAY;VALUE=date:1996-04-15"])
    | st.builds(lambda date: f"X-ANNIVERSARY:{date}", DATES_3)
    | st.sampled_from(["GEO:37.386013;-122.082932", "TZ:-05:00", "TZ;VALUE=text:-05:00\\; EST", "SORT-STRING:Doe"])
    | st.sampled_from(["AGENT;VALUE=uri:http://example.org/a", "AGENT:BEGIN:VCARD\\nFN:Jo\\nEND:VCARD\\n", "X-AIM:jo"])
    | st.sampled_from(["X-ADDRESSBOOKSERVER-KIND:group", "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:1", "X-GENDER:F"])
    | st.builds(
        lambda text, label: f"item1.X-ABRELATEDNAMES:{escape_text(text)}\nitem1.X-ABLabel:{label}",
        SPOKEN,
        st.sampled_from(["_$!<Spouse>!$_", "_$!<Mother>!$_", "Gotti"]),
    )
)
OF_4 = (
    COMMON
    | st.builds(
        lambda types, text: f"TEL{_typed(types)}:{escape_text(text)}", TYPES.filter(lambda t: "PREF" not in t), SPOKEN
    )
    | st.builds(lambda pref, text: f"EMAIL;PREF={pref}:{escape_text(text)}", st.integers(1, 3), SPOKEN)
    | st.sampled_from(["TEL;VALUE=uri;PREF=1;TYPE=voice:tel:+1-555", "TEL;VALUE=uri:tel:+1;ext=5"])
    | st.builds(lambda label, value: f"ADR;LABEL={encode_parameter(label)}:{value}", SPOKEN, _fields(7))
    | st.builds(
        lambda media, data: f"PHOTO:data:{media};base64,{data}",
        st.sampled_from(["image/jpeg", "image/svg+xml", "text/plain", "image/PNG"]),
        BASE64,
    )
    | st.builds(lambda link: f"LOGO;MEDIATYPE=image/png:{link}", LINKS)
    | st.builds(lambda name, date: f"{name}:{date}", st.sampled_from(["BDAY", "ANNIVERSARY", "DEATHDATE"]), DATES_4)
    | st.sampled_from(["BDAY;VALUE=text:circa 1800", "GENDER:M;x", "KIND:group", "MEMBER:urn:uuid:1", "LANG;PREF=2:fr"])
    | st.sampled_from(["GEO:geo:37.38,-122.08", "GEO:geo:1,2;u=10", "TZ:Europe/Zurich", "TZ;VALUE=utc-offset:-0500"])
    | st.sampled_from(
        ["RELATED;TYPE=spouse;VALUE=text:Jo\\, the other", "RELATED;TYPE=agent:urn:uuid:2", "RELATED:urn:x:1"]
    )
    | st.sampled_from(
        ["CLIENTPIDMAP:1;urn:uuid:3", "EMAIL;PID=1.1;PROP-ID=e1:a@b", "XML:<a xmlns='urn:x'/>", "HOBBY;LEVEL=high:tea"]
    )
)
OF_2 = (
    st.builds(
        lambda types, text: "TEL" + "".join(f";{one}" for one in types) + f":{text}",
        TYPES,
        st.sampled_from(["+1", "1 2"]),
    )
    | st.sampled_from(["NOTE;QUOTED-PRINTABLE:a=0D=0Ab; c, d", "FN;CHARSET=UTF-8:M\u00fcller, Jo", "NOTE:C:\\new, x"])
    | st.sampled_from(
        ["LABEL;HOME;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Stra=C3=9Fe 1=0D=0AZ=C3=BCrich", "X-Odd;BAR:a,b;c"]
    )
    | st.sampled_from(
        ["ADR;HOME:;;1 Main St, apt 2;Town;;12;CH", "ORG:A\\;B;C", "URL;HOME:http://example.org/a,b", "BDAY:19960415"]
    )
    | st.sampled_from(
        [
            "AGENT:\nBEGIN:VCARD\nVERSION:2.1\nN:Jo\nTEL;WORK:1\nEND:VCARD",
            "SOUND;WAVE;BASE64:UklG",
            "KEY;X509;BASE64:MIIC",
        ]
    )
    | st.builds(lambda word, data: f"PHOTO;{word};ENCODING=BASE64:{data}", st.sampled_from(["JPEG", "GIF"]), BASE64)
)

NAMES = {"2.1": "N:Doe;Jane", "3.0": "FN:Jane Doe\nN:Doe;Jane;Ann,Mary;;", "4.0": "FN:Jane Doe"}


def make(version: str, lines: Sequence[str]) -> bytes:
    """Make one card; a line may be several, with a line feed between them. Lines are folded but in 2.1."""
    content = ["BEGIN:VCARD", f"VERSION:{version}", *NAMES[version].split("\n")]
    content += [each for line in lines for each in line.split("\n")]
    encoded = [line.encode() for line in [*content, "END:VCARD"]]
    return b"".join(line + b"\r\n" if version == "2.1" else fold(line) for line in encoded)


def cards(version: str) -> st.SearchStrategy[bytes]:
    """Make cards of a version's grammar; each group and each property that stands once stands once."""
    line = {"2.1": OF_2, "3.0": OF_3, "4.0": OF_4}[version]
    once = st.lists(line, max_size=9, unique_by=lambda text: text.partition(":")[0].partition(";")[0])
    return once.map(lambda lines: make(version, lines))


ODD_NAMES = [
    *(
        "FN",
        "N",
        "n",
        "ADR",
        "LABEL",
        "TEL",
        "EMAIL",
        "PHOTO",
        "LOGO",
        "KEY",
        "SOUND",
        "BDAY",
        "ANNIVERSARY",
        "GEO",
        "TZ",
    ),
    *("X-ANNIVERSARY", "AGENT", "SORT-STRING", "GENDER", "X-GENDER", "KIND", "MEMBER", "RELATED", "X-ABRELATEDNAMES"),
    *("X-ABLabel", "NOTE", "ORG", "CATEGORIES", "NICKNAME", "X-FOO", "JSPROP", "REV", "UID", "IMPP", "XML", "VERSION"),
]
ODD_VALUES = [
    *("", "a", "a,b", "a\\,b;c", "Doe;Jane;;;", "Doe;A,B;;;", "1996-04-15", "--0415", "1990", "1604-04-15", "geo:1,2"),
    *("1.5;-2", "-05:00", "-0500", "AAECAwQ=", "data:image/jpeg;base64,AAEC", "data:image/JPEG;base64,AAEC", "data:,x"),
    *("http://a/b", "tel:+1", "_$!<Spouse>!$_", "\u00e4\\n\u20ac", "x" * 100, "\u00fc" * 80, "a\\\\b\\", "=41=0D=0A"),
    *("BEGIN:VCARD\\nFN:x\\nEND:VCARD\\n", "a  b ", " lead", "\x01"),
]
ODD_PARAMS = [
    *("TYPE=home", "TYPE=PREF", "TYPE=home,pref", "PREF=1", "PREF=2", "VALUE=uri", "VALUE=text", "VALUE=date", "TYPE="),
    *(
        "ENCODING=b",
        "ENCODING=BASE64",
        "ENCODING=QUOTED-PRINTABLE",
        "CHARSET=UTF-8",
        "CHARSET=ISO-8859-1",
        "HOME",
        "PREF",
    ),
    *("BASE64", "JPEG", "TYPE=JPEG", "TYPE=spouse", "TYPE=agent", 'LABEL="a^nb"', "SORT-AS=x", "ALTID=1", "URL", "=x"),
    *(
        'X-P="a;b,c:d"',
        "X-APPLE-OMIT-YEAR=1604",
        "MEDIATYPE=image/png",
        'TYPE="a,b"',
        "VALUE=URL",
        "X Y=1",
        "TYPE=f\u00fcrst",
    ),
]
ODD_LINES = st.builds(
    lambda group, name, params, value: group + name + "".join(f";{one}" for one in params) + f":{value}",
    st.sampled_from(["", "", "item1.", "item2.", "ITEM1."]),
    st.sampled_from(ODD_NAMES),
    st.lists(st.sampled_from(ODD_PARAMS), max_size=3),
    st.sampled_from(ODD_VALUES),
) | st.sampled_from(["junk", "", ";X=1:v", "END:VEVENT"])
ODD_CARDS = st.builds(
    lambda version, lines: "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""]).encode(),
    st.sampled_from(VERSIONS),
    st.lists(ODD_LINES, max_size=8),
)
"""Any property with any parameters of any version, whether they may stand together or not."""
