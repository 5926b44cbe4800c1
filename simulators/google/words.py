"""Names and texts that break programs: separators, escapes, scripts, directions, and other formats' syntax.

No control characters but tab and line breaks: XML 1.0 §2.2 has no way to say the others, so a DAV server
could not hand them out again. Tests put those in by hand.
"""

from __future__ import annotations

GIVEN = (
    *(
        "Ana",
        "Björn",
        "Chloé",
        "Jean-Luc",
        "O'Brien",
        "Łukasz",
        "Μαρία",
        "Ольга",
        "さくら",
        "小明",
        "민준",
        "नेहा",
        "يوسف",
    ),
    *(
        "Zoë 🌈",
        "Dr. Dr.",
        "Name, with comma",
        "semi;colon",
        "back\\slash",
        'the "quoted"',
        "a\u0301 combining",
        "👩‍👩‍👧‍👦",
    ),
    *(
        " leading and trailing ",
        "BEGIN:VCARD",
        "\u202eright to left\u202c",
        "tab\there",
        "ﬁ ligature",
        "İstanbul ı",
        "=3D=0A",
    ),
)
FAMILY = (
    *(
        "Silva",
        "Müller",
        "Çelik",
        "García Márquez",
        "Szczęsny",
        "Παπαδοπούλου",
        "鈴木",
        "王",
        "김",
        "शर्मा",
        "حداد",
        "כהן",
    ),
    *(
        "von und zu, Graf",
        "Smith;Jones",
        "a\\,b",
        "\u200fעברית",
        "N:;;;;",
        "X" * 120,
        "<b>bold</b>",
        "%2F..%2F",
        "&amp;",
    ),
)
TEXTS = (
    "Plain words, with a comma; and a semicolon: and a colon.",
    "Two lines\nand\r\nthree",
    "\\n is not a line break, \\, is no comma",
    "END:VCARD\nBEGIN:VCARD\nVERSION:3.0\nFN:injected",
    "END:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:injected",
    "Emoji 👨‍👩‍👧 🇨🇭 🏳️‍🌈 and e\u0301 beside é",
    "עברית ואנגלית English ועברית, \u202bembedded\u202c",
    "日本語の長い説明文。" * 12,
    "Grüße: " + "ä" * 74,
    " a leading blank, and a trailing one ",
    "line separator\u2028paragraph separator\u2029next line\u0085end",
    "=?utf-8?Q?looks_encoded=3F?= =E2=82=AC",
    "quotes \" ' ^n ^' ^^ and { } [ ] | ~ `",
    "https://example.org/a,b;c?d=e&f=g#h",
    "Zero\u200bwidth\u200djoiner\ufeffBOM",
    "Key: value\nOther key: other value",
)
LONG = "A note of eight thousand letters, with an end. " * 180 + "THE END"
HTML = (
    "<p>Agenda:<br>1. <b>Budget &amp; plan</b></p><ul><li>a, b; c</li><li>&lt;none&gt;</li></ul>",
    'Join <a href="https://example.org/?a=1&amp;b=2">here</a>&nbsp;<i>please</i>\nsecond line',
)
PLACES = (
    "Room 3.14, 2nd floor; east",
    "Café de la Gare\nGenève",
    "渋谷区道玄坂1-2-3",
    "🏖 Beach",
    "C:\\temp\\new",
    "Online",
)
COMPANIES = ("Example Ltd", "Müller & Söhne AG, Zürich", "A;B", "株式会社例", "Ромашка\n(ООО)", "شركة المثال")
LABELS = ("Ferienhaus", "x,y;z", "学校", "_$!<Anniversary>!$_", "emoji 🏠", 'say "hi"', "עבודה")
GROUP_NAMES = (
    *("Family, friends", "Work; important", "🎉 Party", "עברית", "two\nlines", "back\\slash", "Ångström", "a" * 200),
    *("contactGroups/all", " spaces ", "\u202emirrored\u202c", "100% <b>", "name:colon", "日本", "Ünïcödé", '"quoted"'),
)
ZONES = (
    "Europe/Zurich",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Pacific/Auckland",
    "America/St_Johns",
    "UTC",
)
"""Offsets of halves and quarters, both hemispheres' summers, and none."""
