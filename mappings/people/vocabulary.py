"""What types of elements are called at Google and on cards: two-way tables.

Google's types: the descriptions in the discovery document people.v1. TYPE words: RFC 2426
§3.2, RFC 4770, RFC 6350 §6. Labels in ``_$!<...>!$_`` are those that Apple's address book
translates; a type that has neither is its own label, and never a TYPE of free text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_APPLE = re.compile(r"_\$!<(.*)>!\$_")
_NEUTRAL = frozenset({"pref", "voice", "internet", "x-internet", "iphone", "postal", "parcel", "dom", "intl", "msg"})
"""Words that say nothing of a type Google knows: defaults, preferences, makes of a telephone."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The types of one field: their TYPE words in order of preference, and their labels."""

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    _by_words: dict[frozenset[str], str] = field(init=False, default_factory=dict)
    _by_label: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_words.update({frozenset(word.lower() for word in words): name for name, words in self.words.items()})
        self._by_label.update({label: name for name, label in self.labels.items()})

    def write(self, name: str) -> tuple[tuple[str, ...], str]:
        """Return the TYPE words of a type, or no word and its label."""
        words = self.words.get(name)
        return (words, "") if words else ((), self.labels.get(name, name))

    def read(self, words: tuple[str, ...], label: str) -> str | None:
        """Return the type that TYPE *words* (lower case) and a *label* stand for; the label is the more exact one."""
        if label:
            known = self._by_label.get(label)
            if known:
                return known
            apple = _APPLE.fullmatch(label)
            return apple[1] if apple else label
        said = frozenset(words) - _NEUTRAL
        if not said:
            return None
        known = self._by_words.get(said)
        if known:
            return known
        for count in (2, 1):
            for each, name in self._by_words.items():
                if len(each) == count and each <= said:
                    return name
        return next(word for word in words if word in said).removeprefix("x-")


def _apple(*names: str) -> dict[str, str]:
    return {name: f"_$!<{name[0].upper()}{name[1:]}>!$_" for name in names}


_PLACE = {"home": ("HOME",), "work": ("WORK",)}
_OTHER = _apple("other")

VOCABULARIES: Mapping[str, Vocabulary] = {
    "emailAddresses": Vocabulary(_PLACE, _OTHER),
    "phoneNumbers": Vocabulary(
        {
            "mobile": ("CELL",),
            **_PLACE,
            "homeFax": ("HOME", "FAX"),
            "workFax": ("WORK", "FAX"),
            "otherFax": ("FAX",),
            "workMobile": ("WORK", "CELL"),
            "workPager": ("WORK", "PAGER"),
            "pager": ("PAGER",),
            "main": ("MAIN",),
        },
        _OTHER,
    ),
    "addresses": Vocabulary(_PLACE, _OTHER),
    "organizations": Vocabulary({"work": ("WORK",)}, {"school": "_$!<School>!$_"}),
    "events": Vocabulary({}, _apple("anniversary", "other")),
    "relations": Vocabulary(
        {},
        _apple(
            *("spouse", "child", "mother", "father", "parent", "brother", "sister", "friend"),
            *("manager", "assistant", "partner"),
        ),
    ),
    "imClients": Vocabulary(_PLACE, _OTHER),
    "sipAddresses": Vocabulary({**_PLACE, "mobile": ("MOBILE",)}, _OTHER),
    "urls": Vocabulary(_PLACE, {**_OTHER, "homePage": "_$!<HomePage>!$_"}),
    "calendarUrls": Vocabulary(_PLACE, _OTHER),
}

RELATED_4 = Vocabulary(
    {name: (name.upper(),) for name in ("spouse", "child", "parent", "friend")},
    VOCABULARIES["relations"].labels,
)
"""In vCard 4.0 four of Google's relations have a TYPE of their own (RFC 6350 §6.6.6)."""

SERVICES: Mapping[str, str] = {
    "aim": "AIM",
    "msn": "MSN",
    "yahoo": "Yahoo",
    "skype": "Skype",
    "qq": "QQ",
    "googleTalk": "GoogleTalk",
    "icq": "ICQ",
    "jabber": "Jabber",
    "netMeeting": "NetMeeting",
}
"""Google's protocol -> SERVICE-TYPE as Apple and RFC 9554 §4.8 write it."""

SCHEMES: Mapping[str, str] = {
    "aim": "aim",
    "msn": "msnim",
    "yahoo": "ymsgr",
    "skype": "skype",
    "googleTalk": "xmpp",
    "jabber": "xmpp",
    "icq": "icq",
    "qq": "qq",
    "netMeeting": "callto",
}
PROTOCOL_OF_SERVICE = {service.lower(): name for name, service in SERVICES.items()}
PROTOCOL_OF_SCHEME = {scheme: name for name, scheme in SCHEMES.items() if name != "googleTalk"}
