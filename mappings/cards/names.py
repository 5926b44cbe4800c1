"""What the versions of vCard call things: their properties, and how their values are read."""

from __future__ import annotations

from collections.abc import Mapping

OLD, MIDDLE, NEW = "2.1", "3.0", "4.0"
VERSIONS = (OLD, MIDDLE, NEW)

_ALL = frozenset(
    {"N", "FN", "PHOTO", "BDAY", "ADR", "TEL", "EMAIL", "TZ", "GEO", "TITLE", "ROLE", "LOGO", "ORG"}
    | {"REV", "SOUND", "URL", "UID", "KEY", "NOTE"}
)
_UNTIL_3 = frozenset({"LABEL", "MAILER", "AGENT"})
STANDARD: Mapping[str, frozenset[str]] = {
    OLD: _ALL | _UNTIL_3,
    MIDDLE: _ALL
    | _UNTIL_3
    | {"NAME", "PROFILE", "SOURCE", "NICKNAME", "CATEGORIES", "PRODID", "SORT-STRING", "CLASS"}
    | {"IMPP", "CALURI", "FBURL", "CALADRURI", "CAPURI"},
    NEW: _ALL
    | {"SOURCE", "KIND", "XML", "NICKNAME", "ANNIVERSARY", "GENDER", "IMPP", "LANG", "MEMBER", "RELATED"}
    | {"CATEGORIES", "PRODID", "CLIENTPIDMAP", "FBURL", "CALADRURI", "CALURI", "JSPROP", "CONTACT-URI"}
    | {"BIRTHPLACE", "DEATHPLACE", "DEATHDATE", "EXPERTISE", "HOBBY", "INTEREST", "ORG-DIRECTORY"}
    | {"CREATED", "GRAMGENDER", "LANGUAGE", "PRONOUNS", "SOCIALPROFILE"},
}
"""vCard 2.1 §2; RFC 2426 with RFC 2739 and RFC 4770; RFC 6350 with RFC 6474, 6715, 8605, 9554 and 9555."""

TEXTS = frozenset({"FN", "NOTE", "TITLE", "ROLE", "LABEL", "MAILER", "NAME", "SORT-STRING", "CLASS"})
"""Properties whose value is one text."""

FIELDS = frozenset({"N", "ADR", "ORG"})
"""Properties whose value is fields with ``;`` between them."""

RENAMED: Mapping[str, str] = {
    "X-ANNIVERSARY": "ANNIVERSARY",
    "X-GENDER": "GENDER",
    "X-ADDRESSBOOKSERVER-KIND": "KIND",
    "X-ADDRESSBOOKSERVER-MEMBER": "MEMBER",
}
"""How address books write in 3.0 what became a property in 4.0."""

RELATIONS: Mapping[str, str] = {
    "_$!<Spouse>!$_": "spouse",
    "_$!<Child>!$_": "child",
    "_$!<Parent>!$_": "parent",
    "_$!<Friend>!$_": "friend",
}
"""Apple's labels of a relation that RFC 6350 §6.6.6 has the same word for; of "Mother" it has none."""

MEDIA: Mapping[str, Mapping[str, str]] = {
    "KEY": {"PGP": "application/pgp-keys", "X509": "application/pkix-cert"},
    "SOUND": {"WAVE": "audio/x-wav", "WAV": "audio/wav"},
}
"""TYPE of an inline value in 3.0 -> media type in 4.0, where one is not made of the other."""

MEDIA_FAMILY: Mapping[str, str] = {"PHOTO": "image/", "LOGO": "image/", "SOUND": "audio/", "KEY": "application/"}
